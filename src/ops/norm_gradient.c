/* norm_gradient.c: what the gradients of normalisation share: the statistics again, by public operations. */
#include "ops/backward.h"
#include "ops/norm.h"
#include "tensor/iterate.h"

cor_tensor *cor__by_channel(cor_tensor *t, const cor_tensor *x) {
    int64_t sizes[COR_MAX_DIMS];
    if (t == NULL) return NULL;
    for (int d = 0; d < x->ndim; d++) sizes[d] = d == 1 ? x->sizes[1] : 1;
    return cor_reshape_to(t, sizes, x->ndim);
}

cor_dims cor__all_but_channels(const cor_tensor *x) {
    cor_dims dims = {0};
    for (int d = 0; d < x->ndim; d++)
        if (d != 1) dims.at[dims.n++] = d;
    return dims;
}

cor__normal cor__normalised(cor_tensor *x, const cor_dims *dims, double eps, bool centred) {
    if (x == NULL) return (cor__normal){0};
    x = cor_to(x, cor__compute_dtype(x->dtype));
    if (centred) x = cor_sub(x, cor_mean(x, .dims = *dims, .keepdim = true));
    cor_tensor *inverse = cor_rsqrt(cor_add(cor_mean(cor_square(x), .dims = *dims, .keepdim = true), eps));
    return (cor__normal){.value = cor_mul(x, inverse), .inverse = inverse, .dims = *dims, .centred = centred};
}

cor_tensor *cor__normal_backward(const cor__normal *normal, cor_tensor *g) {
    cor_tensor *along = cor_mean(cor_mul(g, normal->value), .dims = normal->dims, .keepdim = true);
    cor_tensor *across = cor_sub(g, cor_mul(normal->value, along));
    if (normal->centred) across = cor_sub(across, cor_mean(g, .dims = normal->dims, .keepdim = true));
    return cor_mul(across, normal->inverse);
}
