/* init.c: torch.nn.init. What is evaluated in double is so in PyTorch's order: another order gives other last bits. */
#include <corrie/init.h>

#include "base/error.h"
#include "base/sizes.h"
#include "ops/op.h"
#include "tensor/iterate.h"
#include <corrie/math.h>
#include <corrie/reduce.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_init_uniform_options, COR_INIT_UNIFORM_OPTIONS)
COR__DEFINE_OPTIONS(cor_init_trunc_normal_options, COR_INIT_TRUNC_NORMAL_OPTIONS)
COR__DEFINE_OPTIONS(cor_init_gain_options, COR_INIT_GAIN_OPTIONS)
COR__DEFINE_OPTIONS(cor_init_kaiming_options, COR_INIT_KAIMING_OPTIONS)
COR__DEFINE_OPTIONS(cor_init_sparse_options, COR_INIT_SPARSE_OPTIONS)

/* Whether t is a tensor, the options are of this library and nothing is pending. */
static bool ready(const cor_tensor *t, const void *options, size_t size, const char *name) {
    if (cor_error() != COR_OK || cor__check_options(options, size, name) != COR_OK) return false;
    if (t != NULL && t != COR_NONE) return true;
    cor__fail(COR_EVALUE, "%s: input 0 is NULL, a failed or missing tensor", name);
    return false;
}

double cor_init_calculate_gain(cor_nonlinearity nonlinearity, double param) {
    const double slope = isnan(param) ? 0.01 : param;
    switch (nonlinearity) {
    case COR_NONLINEARITY_LINEAR:
    case COR_NONLINEARITY_SIGMOID:
        return 1;
    case COR_NONLINEARITY_TANH:
        return 5.0 / 3;
    case COR_NONLINEARITY_RELU:
        return sqrt(2.0);
    case COR_NONLINEARITY_LEAKY_RELU:
        return sqrt(2.0 / (1 + slope * slope));
    case COR_NONLINEARITY_SELU:
        return 3.0 / 4;
    }
    cor__fail(COR_EVALUE, "Unsupported nonlinearity %d", (int)nonlinearity);
    return (double)NAN;
}

/* ---- random numbers --------------------------------------------------------------------------------------------- */

static cor_tensor *uniform(cor_tensor *t, double a, double b, cor_generator *generator) {
    cor_no_grad();
    return cor_uniform_(t, .from = a, .to = b, .generator = generator);
}

static cor_tensor *normal(cor_tensor *t, double mean, double std, cor_generator *generator) {
    cor_no_grad();
    return cor_normal_(t, .mean = mean, .std = std, .generator = generator);
}

cor_tensor *cor_init_uniform_with_(cor_tensor *t, const cor_init_uniform_options *options) {
    cor_init_uniform_options room;
    if (!ready(t, options, sizeof room, "uniform_")) return NULL;
    const cor_init_uniform_options *o = cor_init_uniform_options_or_defaults(options, &room);
    return uniform(t, o->a, o->b, o->generator);
}

cor_tensor *cor_init_normal_with_(cor_tensor *t, const cor_normal_options *options) {
    cor_no_grad();
    return cor_normal_with_(t, options);
}

/* ---- the truncated normal distribution -------------------------------------------------------------------------- */

/* Draws all again where some are outside, until none is. */
static void reject(cor_tensor *t, const cor_init_trunc_normal_options *o) {
    const double low = cor_item(cor_full_of(t->dtype, o->a)), high = cor_item(cor_full_of(t->dtype, o->b));
    cor_tensor *result = normal(t, o->mean, o->std, o->generator);
    while (cor_error() == COR_OK) {
        cor_tensor *outside = cor_bitwise_or(cor_lt(result, low), cor_gt(result, high));
        if (cor_item(cor_any(outside)) == 0) break;
        result = cor_where(outside, normal(cor_empty_like(result), o->mean, o->std, o->generator), result);
    }
    if (result != t) cor_copy_(t, result);
}

/* log of the density less that of its peak, in place. */
static cor_tensor *log_density_(cor_tensor *t, const cor_init_trunc_normal_options *o, double log_peak) {
    cor_sub_(t, o->mean);
    cor_div_(t, o->std);
    cor_mul_(t, t);
    cor_mul_(t, -0.5);
    return cor_sub_(t, log_peak);
}

/* Accepts uniform candidates with the probability of their density: for bounds that the distribution seldom meets. */
static void accept(cor_tensor *t, const cor_init_trunc_normal_options *o) {
    const double mode = fmax(o->a, fmin(o->mean, o->b)), off = (mode - o->mean) / o->std, log_peak = -0.5 * (off * off);
    cor_tensor *candidates = cor_empty_like(t), *chance = cor_empty_like(t), *result = t;
    cor_copy_(candidates, uniform(t, o->a, o->b, o->generator));
    log_density_(candidates, o, log_peak);
    cor_tensor *pending = cor_gt(cor_log_(uniform(chance, 0, 1, o->generator)), candidates);
    while (cor_error() == COR_OK && cor_item(cor_any(pending)) != 0) {
        result = cor_where(pending, uniform(candidates, o->a, o->b, o->generator), result);
        log_density_(candidates, o, log_peak);
        pending = cor_where(pending, cor_gt(cor_log_(uniform(chance, 0, 1, o->generator)), candidates), pending);
    }
    if (result != t) cor_copy_(t, result);
}

static double below(double x) { return (1.0 + erf(x / sqrt(2.0))) / 2.0; }

cor_tensor *cor_init_trunc_normal_with_(cor_tensor *t, const cor_init_trunc_normal_options *options) {
    cor_init_trunc_normal_options room;
    if (!ready(t, options, sizeof room, "trunc_normal_")) return NULL;
    const cor_init_trunc_normal_options *o = cor_init_trunc_normal_options_or_defaults(options, &room);
    if (!(o->std > 0) || !(o->a < o->b))
        return cor__fail_null(COR_EVALUE, "trunc_normal_: a positive std and bounds a < b are needed");
    const double share = below((o->b - o->mean) / o->std) - below((o->a - o->mean) / o->std);
    cor_no_grad();
    cor_scope();
    if (share > 0.3) reject(t, o);
    else accept(t, o);
    return cor_error() == COR_OK ? t : NULL;
}

/* ---- fixed values ----------------------------------------------------------------------------------------------- */

cor_tensor *cor_init_constant_(cor_tensor *t, double value) {
    cor_no_grad();
    return cor_fill_(t, value);
}

cor_tensor *cor_init_ones_(cor_tensor *t) { return cor_init_constant_(t, 1); }
cor_tensor *cor_init_zeros_(cor_tensor *t) { return cor_init_constant_(t, 0); }

cor_tensor *cor_init_eye_(cor_tensor *t) {
    if (!ready(t, NULL, 0, "eye_")) return NULL;
    if (t->ndim != 2) return cor__fail_null(COR_ESHAPE, "Only tensors with 2 dimensions are supported");
    cor_no_grad();
    cor_scope();
    return cor_copy_(t, cor_eye(t->sizes[0], .m = t->sizes[1], .dtype = t->dtype));
}

cor_tensor *cor_init_dirac_(cor_tensor *t, int64_t groups) {
    if (!ready(t, NULL, 0, "dirac_")) return NULL;
    if (t->ndim < 3 || t->ndim > 5)
        return cor__fail_null(COR_ESHAPE, "Only tensors with 3, 4, or 5 dimensions are supported");
    if (groups <= 0 || t->sizes[0] % groups != 0)
        return cor__fail_null(COR_EVALUE, "dim 0 must be divisible by groups");
    const int64_t each = t->sizes[0] / groups;
    cor_no_grad();
    cor_zero_(t);
    for (int64_t i = 0; i < groups * each && cor_error() == COR_OK; i++) {
        if (i % each >= t->sizes[1]) continue;
        cor_scope();
        cor_tensor *tap = cor_select(cor_select(t, 0, i), 0, i % each);
        for (int d = 2; d < t->ndim; d++) tap = cor_select(tap, 0, t->sizes[d] / 2);
        cor_fill_(tap, 1);
    }
    return cor_error() == COR_OK ? t : NULL;
}

/* ---- by the fans ------------------------------------------------------------------------------------------------ */

static bool fans(const cor_tensor *t, double *in, double *out) {
    double field = 1;
    if (t->ndim < 2) {
        cor__fail(COR_ESHAPE, "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
        return false;
    }
    for (int d = 2; d < t->ndim; d++) field *= (double)t->sizes[d];
    *in = (double)t->sizes[1] * field;
    *out = (double)t->sizes[0] * field;
    return true;
}

static cor_tensor *xavier(cor_tensor *t, const cor_init_gain_options *options, const char *name, bool is_uniform) {
    cor_init_gain_options room;
    double in, out;
    if (!ready(t, options, sizeof room, name) || !fans(t, &in, &out)) return NULL;
    const cor_init_gain_options *o = cor_init_gain_options_or_defaults(options, &room);
    if (in + out == 0) return cor__fail_null(COR_EVALUE, "float division by zero");
    const double std = o->gain * sqrt(2.0 / (in + out)), bound = sqrt(3.0) * std;
    return is_uniform ? uniform(t, -bound, bound, o->generator) : normal(t, 0, std, o->generator);
}

cor_tensor *cor_init_xavier_uniform_with_(cor_tensor *t, const cor_init_gain_options *options) {
    return xavier(t, options, "xavier_uniform_", true);
}

cor_tensor *cor_init_xavier_normal_with_(cor_tensor *t, const cor_init_gain_options *options) {
    return xavier(t, options, "xavier_normal_", false);
}

static cor_tensor *kaiming(cor_tensor *t, const cor_init_kaiming_options *options, const char *name, bool is_uniform) {
    cor_init_kaiming_options room;
    double in, out;
    if (!ready(t, options, sizeof room, name)) return NULL;
    const cor_init_kaiming_options *o = cor_init_kaiming_options_or_defaults(options, &room);
    if (t->numel == 0) return t;
    if (!fans(t, &in, &out)) return NULL;
    const double gain = cor_init_calculate_gain(o->nonlinearity, o->a);
    if (cor_error() != COR_OK) return NULL;
    const double std = gain / sqrt(o->fan_out ? out : in), bound = sqrt(3.0) * std;
    return is_uniform ? uniform(t, -bound, bound, o->generator) : normal(t, 0, std, o->generator);
}

cor_tensor *cor_init_kaiming_uniform_with_(cor_tensor *t, const cor_init_kaiming_options *options) {
    return kaiming(t, options, "kaiming_uniform_", true);
}

cor_tensor *cor_init_kaiming_normal_with_(cor_tensor *t, const cor_init_kaiming_options *options) {
    return kaiming(t, options, "kaiming_normal_", false);
}

/* ---- orthogonal and sparse matrices ------------------------------------------------------------------------------ */

/* Makes n vectors of m elements orthonormal, each the direction of what it has that those before it have not: the
 * factor Q of a factorisation whose R has a positive diagonal. Twice, so that rounding leaves nothing over. */
static void orthonormalise(double *v, int64_t n, int64_t m) {
    for (int64_t i = 0; i < n; i++) {
        double *own = v + i * m, squares = 0;
        for (int64_t k = 0; k < 2 * i; k++) {
            const double *before = v + k % i * m;
            double dot = 0;
            for (int64_t j = 0; j < m; j++) dot += own[j] * before[j];
            for (int64_t j = 0; j < m; j++) own[j] -= dot * before[j];
        }
        for (int64_t j = 0; j < m; j++) squares += own[j] * own[j];
        for (int64_t j = 0; j < m; j++) own[j] /= sqrt(squares);
    }
}

cor_tensor *cor_init_orthogonal_with_(cor_tensor *t, const cor_init_gain_options *options) {
    cor_init_gain_options room;
    if (!ready(t, options, sizeof room, "orthogonal_")) return NULL;
    const cor_init_gain_options *o = cor_init_gain_options_or_defaults(options, &room);
    if (t->ndim < 2) return cor__fail_null(COR_ESHAPE, "Only tensors with 2 or more dimensions are supported");
    if (t->numel == 0) return t;
    const int64_t rows = t->sizes[0], columns = t->numel / rows;
    const bool wide = rows < columns;
    cor_no_grad();
    cor_scope();
    cor_tensor *drawn = cor_normal_(cor_empty_of(t->dtype, rows, columns), .generator = o->generator);
    cor_tensor *vectors = cor_clone(cor_contiguous(cor_to(wide ? drawn : cor_t(drawn), COR_FLOAT64)));
    if (vectors == NULL) return NULL;
    orthonormalise(cor__data(vectors), cor__min(rows, columns), cor__max(rows, columns));
    cor_copy_(t, cor_reshape_to(wide ? vectors : cor_t(vectors), t->sizes, t->ndim));
    return cor_mul_(t, o->gain);
}

cor_tensor *cor_init_sparse_with_(cor_tensor *t, double sparsity, const cor_init_sparse_options *options) {
    cor_init_sparse_options room;
    if (!ready(t, options, sizeof room, "sparse_")) return NULL;
    const cor_init_sparse_options *o = cor_init_sparse_options_or_defaults(options, &room);
    if (t->ndim != 2) return cor__fail_null(COR_ESHAPE, "Only tensors with 2 dimensions are supported");
    const int64_t rows = t->sizes[0];
    const double part = ceil(sparsity * (double)rows);
    if (!(part >= 0 && part <= (double)rows))
        return cor__fail_null(COR_EVALUE, "sparse_: the sparsity has to be between 0 and 1, but got %g", sparsity);
    cor_no_grad();
    normal(t, 0, o->std, o->generator);
    for (int64_t column = 0; column < t->sizes[1] && cor_error() == COR_OK; column++) {
        cor_scope();
        const cor_tensor *order = cor_randperm(rows);
        for (int64_t i = 0; order != NULL && i < (int64_t)part; i++)
            cor_zero_(cor_select(cor_select(t, 1, column), 0, ((const int64_t *)cor__data(order))[i]));
    }
    return cor_error() == COR_OK ? t : NULL;
}
