/* function.h: the inside of a user's function, torch.autograd.Function. */
#ifndef COR_AUTOGRAD_FUNCTION_H
#define COR_AUTOGRAD_FUNCTION_H

#include "graph/node.h"
#include <corrie/autograd.h>

/* What the node of a function holds. */
typedef struct cor__user_function {
    cor__object object;
    cor_function function;
    bool materialize;
    void *data;
    cor_function_destroy destroy;
    size_t bytes;
    char grad_fn[]; /* "<name>Backward" */
} cor__user_function;

/* Tensors that a forward named, held until it is recorded. */
typedef struct cor__named {
    cor_tensor **at;
    int n;
} cor__named;

struct cor_function_context {
    cor__user_function *user;
    cor__backward *pass; /* while a backward runs, else NULL */
    cor_list inputs;     /* while a forward runs */
    cor__named kept, dirty, not_differentiable;
};

/* The formula of a function's node. */
int cor__function_backward(cor__backward *pass);

/* Gives the outputs of a forward their history: makes the node where the call is recorded. outputs, owned, may become
 * views of themselves. COR_OK or a code. */
int cor__function_record(const cor_function_context *ctx, cor_tensor **outputs, int n_outputs, bool recorded);

#endif
