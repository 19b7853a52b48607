/* backward.c: what the formulas of gradients share. */
#include "ops/backward.h"
#include "base/sizes.h"
#include "ops/scatter.h"

cor_tensor *cor__grad_of(const cor__backward *pass, int k) {
    const cor__result *r = &pass->node->results[k];
    return pass->grads[k] != NULL ? pass->grads[k] : cor_zeros_sized(r->dtype, r->sizes, r->ndim);
}

cor_tensor *cor__unreduce(const cor__backward *pass, cor_tensor *grad, int64_t dim, const cor_dims *dims, bool keepdim,
                          bool expand) {
    const cor__edge *input = &pass->node->edges[0];
    int64_t sizes[COR_MAX_DIMS];
    bool reduced[COR_MAX_DIMS] = {false};
    const bool all = dim == COR_UNSET && dims->n <= 0;
    if (grad == NULL) return NULL;
    if (dim != COR_UNSET) reduced[dim < 0 ? dim + cor__max(input->ndim, 1) : dim] = true;
    for (int64_t i = 0; dim == COR_UNSET && i < dims->n; i++)
        reduced[dims->at[i] < 0 ? dims->at[i] + cor__max(input->ndim, 1) : dims->at[i]] = true;
    for (int d = 0; d < input->ndim; d++) sizes[d] = all || reduced[d] ? 1 : input->sizes[d];
    if (!keepdim && input->ndim > 0) grad = cor_reshape_to(grad, sizes, input->ndim);
    return expand ? cor_expand_to(grad, input->sizes, input->ndim) : grad;
}

int cor__extreme_backward(cor__backward *pass, int64_t dim, const cor_dims *dims, bool keepdim) {
    cor_tensor *x = cor__kept_input(pass, 0);
    cor_tensor *y = cor__unreduce(pass, cor__kept_output(pass, 0), dim, dims, keepdim, false);
    cor_tensor *g = cor__unreduce(pass, pass->grads[0], dim, dims, keepdim, false);
    if (x == NULL || y == NULL || g == NULL) return cor_error();
    cor_tensor *chosen = cor_to(cor_eq(x, y), x->dtype);
    cor_tensor *count = cor_sum(chosen, .dim = dim, .dims = *dims, .keepdim = true);
    pass->results[0] = cor_mul(chosen, cor_div(g, x->ndim == 0 ? chosen : count));
    return cor_error();
}

cor_tensor *cor__put_back(const cor__backward *pass, cor_tensor *grad, cor_tensor *indices, int64_t dim) {
    const cor__edge *input = &pass->node->edges[0];
    int64_t sizes[COR_MAX_DIMS];
    if (grad == NULL || indices == NULL) return NULL;
    if (input->ndim == 0) return cor_reshape(grad);
    const int d = cor__wrap_dim(dim, input->ndim), last = input->ndim - 1;
    for (int i = 0; i < input->ndim; i++) sizes[i] = input->sizes[i];
    sizes[d] = input->sizes[last];
    sizes[last] = input->sizes[d];
    cor_tensor *back =
        cor__plane_scatter(cor_transpose(grad, d, last), cor_transpose(indices, d, last), sizes, input->ndim, 1);
    return cor_transpose(back, d, last);
}

int cor__zero_backward(cor__backward *pass) {
    for (int i = 0; i < pass->node->n_edges; i++)
        if (cor__needs(pass, i))
            pass->results[i] =
                cor_zeros_sized(pass->node->edges[i].dtype, pass->node->edges[i].sizes, pass->node->edges[i].ndim);
    return cor_error();
}

int cor__same_backward(cor__backward *pass) {
    pass->results[0] = pass->grads[0];
    return COR_OK;
}
