/* edges.c: looking at the graph. */
#include "base/error.h"
#include "graph/hooks.h"

static cor_grad_edge edge_to(cor__node *node, cor_tensor *leaf, int output) {
    if (node != NULL) return (cor_grad_edge){.name = node->name, .node = node, .output = output};
    return (cor_grad_edge){.name = leaf == NULL ? NULL : "AccumulateGrad", .leaf = leaf};
}

cor_grad_edge cor_grad_edge_of(cor_tensor *t) {
    const cor_grad_edge none = {NULL, NULL, NULL, 0};
    if (cor_error() != COR_OK) return none;
    if (!cor__is_given(t)) return cor__fail(COR_EVALUE, "get_gradient_edge: the tensor is NULL"), none;
    if (!cor__requires_grad(t)) {
        cor__fail(COR_ESTATE,
                  "It is not possible to get the gradient edge for a Tensor that does not require gradients");
        return none;
    }
    cor__node *node = cor__grad_fn(t);
    return cor_error() != COR_OK ? none : edge_to(node, t, t->output);
}

int cor_next_functions(cor_grad_edge edge, cor_grad_edge *next, int room) {
    const cor__node *node = edge.node;
    if (cor_error() != COR_OK) return cor_error();
    if (next == NULL && room > 0) return cor__fail(COR_EVALUE, "next_functions: the array of edges is NULL");
    for (int i = 0; node != NULL && i < node->n_edges && i < room; i++)
        next[i] = edge_to(node->edges[i].node, node->edges[i].leaf, node->edges[i].output);
    return node == NULL ? 0 : node->n_edges;
}
