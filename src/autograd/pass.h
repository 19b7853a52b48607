/* pass.h: one backward pass, from roots to leaves and to the tensors whose gradients the caller asked for. */
#ifndef COR_AUTOGRAD_PASS_H
#define COR_AUTOGRAD_PASS_H

#include "graph/node.h"

/* The gradient of one tensor, asked for by the caller. */
typedef struct cor__capture {
    cor_tensor *of;   /* borrowed */
    cor__node *node;  /* that made it; NULL for a leaf */
    cor_tensor *grad; /* owned; NULL while none came */
} cor__capture;

typedef struct cor__pass_options {
    bool retain_graph, create_graph;
    cor__capture *captures; /* NULL: all leaves get their gradients added */
    int n_captures;
} cor__pass_options;

/* Runs the pass from n roots with their gradients. What is captured is the caller's; leaves' gradients are added when
 * nothing is captured. COR_OK or a code; on failure no leaf's gradient has changed, and nothing is captured. */
int cor__pass_run(cor_tensor *const *roots, cor_tensor *const *grads, int n, const cor__pass_options *options);

#endif
