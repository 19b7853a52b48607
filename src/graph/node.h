/* node.h: the record of what was computed. A node is one operation that took part in a result that requires grad: its
 * edges say where each input came from, and it keeps what its formula, the gradient, needs. Running the record backward
 * is the autograd folder's business. */
#ifndef COR_GRAPH_NODE_H
#define COR_GRAPH_NODE_H

#include "tensor/tensor.h"

typedef struct cor__node cor__node;
typedef struct cor__backward cor__backward;

/* A gradient: reads pass->grads, those of the outputs, and puts borrowed tensors, of the sizes that the inputs
 * broadcast to, into pass->results where cor__needs says so. Returns COR_OK or a code. */
typedef int (*cor__formula)(cor__backward *pass);

/* A tensor kept for a formula: another window on its memory, and the version that the memory had. */
typedef struct cor__saved {
    cor_tensor *tensor; /* owned; NULL when nothing is kept */
    int64_t version;
} cor__saved;

/* One input: output `output` of `node`, or the leaf itself. Both NULL: it needs no gradient. */
typedef struct cor__edge {
    cor__node *node;  /* owned */
    cor_tensor *leaf; /* owned */
    int output;
    int ndim; /* of the input, -1 for COR_NONE */
    cor_dtype dtype;
    int64_t *sizes; /* inside the node */
    cor__saved saved;
} cor__edge;

/* One output. */
typedef struct cor__result {
    cor_dtype dtype;
    int ndim;
    int64_t *sizes; /* inside the node */
    cor__saved saved;
} cor__result;

/* A tensor that a user's function keeps: an input, an output of the node itself (own), or any other; saved.tensor NULL:
 * COR_NONE. */
typedef struct cor__keepsake {
    cor__saved saved;
    cor__node *maker; /* owned; NULL when it has no history, or is the node's own */
    int output;       /* of the maker or of the node itself */
    bool own;
} cor__keepsake;

typedef struct cor__tensor_hook cor__tensor_hook;

struct cor__node {
    cor__object object;
    const char *name;     /* what grad_fn prints: "AddBackward0" */
    const char *op;       /* the operation's name: "add" */
    cor__formula formula; /* NULL: it has none */
    uint64_t number;      /* nodes are numbered in the order they are made: an edge leads to a smaller number */
    void *options;        /* the operation's, copied inside the node; NULL when the formula reads none */
    cor__node *written;   /* of CopySlices: the operation that wrote into a view; owned */
    int view;             /* of CopySlices: which input of that operation the view was */
    cor__object *user;    /* what the formula of a user's function reads; owned, or NULL */
    cor__keepsake *more;  /* what such a function keeps; owned */
    cor__tensor_hook *hooks;
    size_t bytes;
    int n_edges, n_results, n_more;
    bool keeps, released; /* keeps tensors; kept them */
    cor__result *results;
    cor__edge edges[];
};

/* What is to be recorded of a call. */
typedef struct cor__record {
    const char *name, *op;
    cor__formula formula;
    cor_tensor *const *inputs; /* NULL and COR_NONE give empty edges */
    int n_inputs;
    cor_tensor *const *outputs;
    int n_outputs;
    const unsigned char *keeps_inputs; /* of the first COR__MAX_KEPT inputs: bit g of [i] when the gradient of input g
                                          reads input i; NULL: none is read */
    unsigned keeps_outputs;            /* bit k: output k is read */
    const void *options;
    size_t options_size; /* 0: the formula reads none */
    bool in_place;       /* input 0 will be written over: a copy is kept */
} cor__record;

enum { COR__MAX_KEPT = 8 };

/* Whether operations on t are to be recorded, and the node that made t, brought up to date: a view whose base was
 * changed in place gets a new one. On a failed allocation NULL with an error pending. */
bool cor__requires_grad(const cor_tensor *t);
cor__node *cor__grad_fn(cor_tensor *t);

/* Makes the node of a call. NULL with COR_ENOMEM pending. */
cor__node *cor__node_new(const cor__record *record);

/* Lets go of what the node keeps for its formula. */
void cor__node_release_saved(cor__node *node);

/* Makes `node` the history of t as its output number `output`. */
void cor__set_history(cor_tensor *t, cor__node *node, int output);

/* Whether t may be told to require grad now: no inference tensor outside inference mode. */
int cor__check_may_require_grad(const cor_tensor *t);

/* Whether t may be changed in place now, by an operation that is recorded or not; PyTorch's errors otherwise. */
int cor__check_in_place(cor_tensor *t, bool recorded);

/* PyTorch's name of an operation in its errors: its node's without "Backward0". Returns `name`. */
enum { COR__OPERATION_TEXT = 64 };
const char *cor__operation_of(const char *node, char name[COR__OPERATION_TEXT]);

/* Before t is changed in place by an operation with history `node`, whose input number `input` it is: makes the node
 * that t's history, or its base's when t is a view (CopySlices), becomes. NULL with COR_ENOMEM pending. */
cor__node *cor__in_place_node(cor_tensor *t, cor__node *node, int input);

/* After the change: bumps the version and, unless `placed` is NULL, puts the node of cor__in_place_node in its place;
 * `node`, the operation's own, keeps the outputs as they now are. A view's own node follows when it is asked for. */
void cor__record_in_place(cor_tensor *t, cor__node *placed, cor__node *node);

/* Makes the node of a user's function keep n tensors (COR_NONE among them) for its formula, once, before its outputs
 * get their history; outputs: those that will, NULL in the places of others. COR_OK or a code: COR_ESTATE for inference
 * tensors. */
int cor__node_keep(cor__node *node, cor_tensor *const *tensors, int n, cor_tensor *const *outputs);

/* Marks `view` as a view of t (or of the tensor t is a view of). Views of inference tensors need no mark. */
void cor__set_base(cor_tensor *view, cor_tensor *t);

/* ---- for formulas ----------------------------------------------------------------------------------------------- */

/* A node's turn in a backward pass. */
struct cor__backward {
    cor__node *node;
    const void *options;
    cor_tensor *const *grads; /* of the outputs; NULL where none came */
    cor_tensor **results;     /* of the inputs; NULL at first */
    bool create_graph;
};

/* Whether the gradient of input i is wanted. */
static inline bool cor__needs(const cor__backward *pass, int i) {
    return i < pass->node->n_edges && (pass->node->edges[i].node != NULL || pass->node->edges[i].leaf != NULL);
}

/* What the node kept: borrowed tensors, with their history where the pass creates a graph. NULL with PyTorch's error
 * pending when it was released, or changed in place since. */
cor_tensor *cor__kept_input(cor__backward *pass, int i);
cor_tensor *cor__kept_output(cor__backward *pass, int k);
/* The same of what a user's function kept, always with its history; COR_NONE where it kept that. */
cor_tensor *cor__kept_more(cor__backward *pass, int i);

/* The windows that the two nodes have which the record itself makes; their options. */
typedef struct cor__geometry {
    int ndim;
    int64_t offset, sizes[COR_MAX_DIMS], strides[COR_MAX_DIMS];
} cor__geometry;
typedef struct cor__view_of_base {
    cor__geometry view, base;
} cor__view_of_base;

/* Their formulas, which the view operations define: of as_strided, and of a write through a view (edge 0 is the base;
 * the others are those of node->written, whose input 0 is the view). */
int cor__as_strided_backward(cor__backward *pass);
int cor__copy_slices_backward(cor__backward *pass);

#endif
