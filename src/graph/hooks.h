/* hooks.h: what users hang on gradients. The hooks of a leaf stand in the tensor, those of another tensor in the node
 * that made it. */
#ifndef COR_GRAPH_HOOKS_H
#define COR_GRAPH_HOOKS_H

#include "graph/node.h"
#include <corrie/autograd.h>

typedef enum cor__tensor_hook_kind {
    COR__HOOK_GRADIENT,    /* before a gradient is used */
    COR__HOOK_ACCUMULATED, /* after it was added to a leaf's */
    COR__HOOK_RETAIN       /* keeps it in the tensor, which the list does not own */
} cor__tensor_hook_kind;

struct cor__tensor_hook {
    cor__tensor_hook *next; /* ids rise along the list */
    int64_t id;
    int output; /* of the node */
    cor__tensor_hook_kind kind;
    cor_tensor_hook gradient;
    cor_accumulate_hook accumulated;
    cor_tensor *retained;
    void *context;
};

/* Frees a list, and the flags of the tensors whose gradients it retains. */
void cor__hooks_free(cor__tensor_hook **list);

/* The first hook of a kind, on an output, after the one with that id (0: from the start): hooks may remove themselves
 * and others while they run, so no pointer is held over one. */
const cor__tensor_hook *cor__hooks_next(const cor__tensor_hook *list, cor__tensor_hook_kind kind, int output,
                                        int64_t id);

/* Whether a hook may put `after` in the place of `before`: a tensor of its sizes and dtype. COR_OK or a code. */
int cor__hooks_check(const cor_tensor *before, const cor_tensor *after);

/* Runs the hooks on the gradient of an output, in the order they were registered: *grad, owned, may become another of
 * its sizes and dtype. COR_OK or a code. */
int cor__hooks_run(cor__tensor_hook *const *list, int output, cor_tensor **grad);

/* Runs those of register_post_accumulate_grad_hook. COR_OK or a code. */
int cor__hooks_accumulated(cor_tensor *leaf);

/* t gets another history: its retained gradient will be that of the new one. */
void cor__hooks_move_retained(cor_tensor *t, cor__node *node, int output);

/* t loses its history: its gradient is retained no more. */
void cor__hooks_drop_retained(cor_tensor *t);

/* t is about to be destroyed. */
void cor__hooks_forget(cor_tensor *t);

#endif
