/* node.h: the record of what was computed. A node is one operation that took part in a result that requires grad; its
 * edges say where each input came from. Running the record backward is the autograd folder's business. */
#ifndef COR_GRAPH_NODE_H
#define COR_GRAPH_NODE_H

#include "tensor/tensor.h"

typedef struct cor__node cor__node;

/* Where one input came from: output `output` of `node`, or the leaf itself. Both NULL: it needs no gradient. */
typedef struct cor__edge {
    cor__node *node;  /* owned */
    cor_tensor *leaf; /* owned */
    int output;
} cor__edge;

struct cor__node {
    cor__object object;
    const char *name; /* what grad_fn prints: "AddBackward0" */
    uint64_t number;  /* nodes are numbered in the order they are made */
    int n_edges;
    cor__edge edges[];
};

/* Whether operations on t are to be recorded, and the node that made t, brought up to date: a view whose base was
 * changed in place gets a new one. On a failed allocation NULL with an error pending. */
bool cor__requires_grad(const cor_tensor *t);
cor__node *cor__grad_fn(cor_tensor *t);

/* Makes a node with an edge for each input (NULL and COR_NONE give empty edges). NULL with COR_ENOMEM pending. */
cor__node *cor__node_new(const char *name, cor_tensor *const *inputs, int n);

/* Makes `node` the history of t as its output number `output`. */
void cor__set_history(cor_tensor *t, cor__node *node, int output);

/* Whether t may be changed in place now; PyTorch's errors otherwise. `name` is the operation's. */
int cor__check_in_place(cor_tensor *t);

/* Before t is changed in place by an operation with history `node`: makes the node that t's history, or its base's when
 * t is a view (CopySlices), becomes. NULL with COR_ENOMEM pending. */
cor__node *cor__in_place_node(cor_tensor *t, cor__node *node);

/* After the change: bumps the version and, unless it is NULL, puts the node of cor__in_place_node in its place. A
 * view's own node follows when it is asked for. */
void cor__record_in_place(cor_tensor *t, cor__node *node);

/* Marks `view` as a view of t (or of the tensor t is a view of). */
void cor__set_base(cor_tensor *view, cor_tensor *t);

#endif
