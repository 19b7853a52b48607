/* rrelu.c: leaky relu whose slopes are drawn. */
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "ops/composed.h"
#include "tensor/iterate.h"
#include <corrie/activation.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_rrelu_options, COR_RRELU_OPTIONS)

static int check_bounds(const cor_rrelu_options *o) {
    const double values[] = {o->lower, o->upper};
    for (int i = 0; i < 2; i++) {
        if (isfinite(values[i])) continue;
        return cor__fail(COR_EVALUE, "rrelu: %s bound must be finite, got %g", i == 0 ? "lower" : "upper", values[i]);
    }
    if (o->lower <= o->upper) return COR_OK;
    return cor__fail(COR_EVALUE, "Lower bound should be less than or equal to the upper bound");
}

/* Slopes of n elements in row-major order: 1 for positive ones, drawn for the others. */
static int draw(const double *x, double *slopes, int64_t n, const cor_rrelu_options *o) {
    int64_t drawn = 0;
    for (int64_t i = 0; i < n; i++) drawn += x[i] <= 0;
    if (cor__random_uniform(NULL, slopes, drawn, COR_FLOAT64, o->lower, o->upper) != COR_OK) return cor_error();
    for (int64_t i = n - 1; i >= 0; i--) slopes[i] = x[i] <= 0 ? slopes[--drawn] : 1;
    return COR_OK;
}

static cor_tensor *slopes_of(const cor_tensor *x, const cor_rrelu_options *o) {
    cor_tensor *slopes = cor__scope_add(cor__empty(COR_FLOAT64, x->sizes, x->ndim));
    cor_tensor *values = slopes == NULL ? NULL : cor__contiguous_as(x, COR_FLOAT64);
    if (values == NULL) return NULL;
    const int code = draw(cor__data(values), cor__data(slopes), x->numel, o);
    cor__release(values);
    return code == COR_OK ? cor_to(slopes, cor__compute_dtype(x->dtype)) : NULL;
}

static cor_tensor *rrelu(cor_tensor *x, const cor_rrelu_options *options, bool in_place) {
    COR__READ_OPTIONS(cor_rrelu_options, "rrelu")
    if (!cor__given(x, "rrelu") || check_bounds(o) != COR_OK) return NULL;
    if (!cor_dtype_is_floating(x->dtype))
        return cor__fail_null(COR_EDTYPE, "\"%s\" not implemented for '%s'",
                              o->training ? "rrelu_with_noise_out_cpu" : "leaky_relu_cpu",
                              cor__scalar_type_name(x->dtype));
    const char *node = !in_place         ? "RreluWithNoiseBackward0"
                       : cor__is_view(x) ? NULL /* the node is that of the view */
                                         : "RreluWithNoiseBackward1";
    const double middle = (o->lower + o->upper) / 2;
    if (!o->training && in_place) return cor__made_by(cor_leaky_relu_(x, .negative_slope = middle), node);
    if (!o->training) return cor__made_by(cor_leaky_relu(x, .negative_slope = middle), node);
    cor_scope();
    cor_tensor *slopes = slopes_of(x, o);
    if (in_place) return cor__made_by(cor_mul_(x, slopes), node);
    return cor_keep(cor__made_by(cor_to(cor_mul(x, slopes), x->dtype), node));
}

cor_tensor *cor_rrelu_with(cor_tensor *t, const cor_rrelu_options *options) { return rrelu(t, options, false); }
cor_tensor *cor_rrelu_with_(cor_tensor *t, const cor_rrelu_options *options) { return rrelu(t, options, true); }
