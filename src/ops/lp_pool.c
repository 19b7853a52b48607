/* lp_pool.c: norms of windows, and local response normalisation. Made of other operations, as PyTorch makes them. */
#include "base/error.h"
#include "ops/composed.h"
#include <corrie/activation.h>
#include <corrie/conv.h>
#include <corrie/math.h>
#include <corrie/norm.h>
#include <corrie/windows.h>
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_lp_pool_options, COR_LP_POOL_OPTIONS)
COR__DEFINE_OPTIONS(cor_local_response_norm_options, COR_LOCAL_RESPONSE_NORM_OPTIONS)

static cor_tensor *extreme(cor_tensor *x, int spatial, double p, int64_t kernel, const cor_lp_pool_options *o) {
    cor_max_pool_options max;
    cor_max_pool_options_init(&max);
    memcpy(max.kernels, o->kernels, sizeof max.kernels);
    memcpy(max.strides, o->strides, sizeof max.strides);
    max.stride = o->stride;
    max.ceil_mode = o->ceil_mode;
    x = p > 0 ? cor_abs(x) : cor_neg(cor_abs(x));
    x = spatial == 1   ? cor_max_pool1d_with(x, kernel, &max)
        : spatial == 2 ? cor_max_pool2d_with(x, kernel, &max)
                       : cor_max_pool3d_with(x, kernel, &max);
    return p > 0 ? x : cor_neg(x);
}

static cor_tensor *lp_pool(cor_tensor *x, int spatial, double p, int64_t kernel, const cor_lp_pool_options *options) {
    COR__READ_OPTIONS(cor_lp_pool_options, "lp_pool")
    cor_scope();
    if (isinf(p)) return cor_keep(extreme(x, spatial, p, kernel, o));
    cor_avg_pool_options avg;
    cor_avg_pool_options_init(&avg);
    memcpy(avg.kernels, o->kernels, sizeof avg.kernels);
    memcpy(avg.strides, o->strides, sizeof avg.strides);
    avg.stride = o->stride;
    avg.ceil_mode = o->ceil_mode;
    x = cor_pow(x, p);
    x = spatial == 1   ? cor_avg_pool1d_with(x, kernel, &avg)
        : spatial == 2 ? cor_avg_pool2d_with(x, kernel, &avg)
                       : cor_avg_pool3d_with(x, kernel, &avg);
    double area = 1;
    for (int d = 0; d < spatial; d++) area *= (double)(o->kernels[0] == COR_UNSET ? kernel : o->kernels[d]);
    return cor_keep(cor_pow(cor_mul(cor_mul(cor_sign(x), cor_relu(cor_abs(x))), area), 1 / p));
}

cor_tensor *cor_lp_pool1d_with(cor_tensor *input, double norm_type, int64_t kernel, const cor_lp_pool_options *o) {
    return lp_pool(input, 1, norm_type, kernel, o);
}
cor_tensor *cor_lp_pool2d_with(cor_tensor *input, double norm_type, int64_t kernel, const cor_lp_pool_options *o) {
    return lp_pool(input, 2, norm_type, kernel, o);
}
cor_tensor *cor_lp_pool3d_with(cor_tensor *input, double norm_type, int64_t kernel, const cor_lp_pool_options *o) {
    return lp_pool(input, 3, norm_type, kernel, o);
}

/* The channels of any image are an axis of a plane: (N, 1, C, pixels), or (1, N, C, pixels) of an image alone. */
cor_tensor *cor_local_response_norm_with(cor_tensor *x, int64_t size, const cor_local_response_norm_options *options) {
    static const char name[] = "local_response_norm";
    COR__READ_OPTIONS(cor_local_response_norm_options, name)
    if (!cor__given(x, name)) return NULL;
    if (x->ndim < 3)
        return cor__fail_null(COR_ESHAPE,
                              "Expected 3D or higher dimensionality                          input (got %d dimensions)",
                              x->ndim);
    if (x->numel == 0) return x;
    cor_scope();
    const int64_t sizes[] = {x->sizes[0], 1, x->sizes[1], x->numel / (x->sizes[0] * x->sizes[1])};
    cor_tensor *squares = cor_pad(cor_reshape_to(cor_mul(x, x), sizes, 4), COR_DIMS(0, 0, size / 2, (size - 1) / 2));
    squares = cor_avg_pool2d(squares, size, .kernels = {size, 1}, .stride = 1);
    cor_tensor *divisor =
        cor_pow(cor_add(cor_mul(cor_reshape_to(squares, x->sizes, x->ndim), o->alpha), o->k), o->beta);
    return cor_keep(cor_div(x, divisor));
}
