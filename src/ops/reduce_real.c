/* reduce_real.c: variances and norms. Both are computed in double and rounded once. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "ops/backward.h"
#include "ops/reduce.h"
#include <corrie/reduce.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_var_options, COR_VAR_OPTIONS)
COR__DEFINE_OPTIONS(cor_norm_options, COR_NORM_OPTIONS)

/* ---- var and std ------------------------------------------------------------------------------------------------ */

/* What is known of some elements: how many, their mean, and the sum of squared deviations from it. */
typedef struct moments {
    double count, mean, squares;
} moments;

typedef struct moments_job {
    const cor__reduce_kernels *kernels;
    cor__lines lines;
    int64_t blocks;
    moments *partial; /* [lines][blocks] */
} moments_job;

/* Items are blocks of lines: item i is block i % blocks of line i / blocks. */
static void run_moments(int64_t begin, int64_t end, void *context) {
    const moments_job *j = context;
    cor__block_loop sum = j->kernels->block[COR__FOLD_SUM][COR_FLOAT64];
    _Alignas(64) double room[COR__BLOCK];
    for (int64_t i = begin; i < end; i++) {
        int64_t at = i % j->blocks * COR__BLOCK, n = cor__min(COR__BLOCK, j->lines.length - at);
        const double *x = cor__line_read(&j->lines, i / j->blocks, at, n, room);
        moments m = {.count = (double)n};
        sum(n, x, &m.mean);
        m.mean /= m.count;
        j->kernels->map[COR__MAP_DEVIATION](n, room, x, m.mean);
        sum(n, room, &m.squares);
        j->partial[i] = m;
    }
}

/* The moments of two sets of elements together (Updating Formulae and a Pairwise Algorithm for Computing
 * Sample Variances, 1979). */
static moments join(moments a, moments b) {
    double count = a.count + b.count, apart = b.mean - a.mean;
    return (moments){.count = count,
                     .mean = a.mean + apart * (b.count / count),
                     .squares = a.squares + b.squares + apart * apart * (a.count * b.count / count)};
}

static double variance(moments *parts, int64_t n, double correction) {
    while (n > 1) {
        int64_t half = (n + 1) / 2;
        for (int64_t i = 0; i + half < n; i++) parts[i] = join(parts[i], parts[i + half]);
        n = half;
    }
    return n == 0 ? NAN : parts[0].squares / fmax(parts[0].count - correction, 0);
}

static int var_check(cor__call *call) {
    const cor_var_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (!cor_dtype_is_floating(call->inputs[0]->dtype))
        return cor__fail(COR_EDTYPE, "std and var only support floating point and complex dtypes");
    if (cor__mark_dims(call->inputs[0], o->dim, &o->dims, true, marks) != COR_OK) return cor_error();
    cor__describe_reduced(call, 0, call->inputs[0]->dtype, marks, o->keepdim);
    return COR_OK;
}

static int spread(cor__call *call, bool root) {
    const cor_var_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (cor__mark_dims(call->inputs[0], o->dim, &o->dims, true, marks) != COR_OK) return cor_error();
    moments_job j = {.kernels = cor__kernels_now()->exact->reduce,
                     .lines = cor__lines_of(call->inputs[0], marks, COR_FLOAT64)};
    int64_t lines = j.lines.count, bytes;
    j.blocks = cor__ceil_div(j.lines.length, COR__BLOCK);
    if (lines == 0) return COR_OK;
    if (!cor__mul_ok(cor__max(j.blocks, 1) * lines, sizeof(moments), &bytes))
        return cor__fail(COR_ELIMIT, "the reduction is too large");
    j.partial = cor__alloc((size_t)bytes, "the partial results of a variance");
    if (j.partial == NULL) return cor_error();
    int64_t grain = 16384 / cor__max(1, cor__min(j.lines.length, COR__BLOCK));
    int code = cor_parallel_for(lines * j.blocks, cor__max(1, grain), run_moments, &j);
    double *results = (double *)(void *)j.partial; /* a line's result is written when its moments have been read */
    for (int64_t i = 0; code == COR_OK && i < lines; i++) {
        double value = variance(j.partial + i * j.blocks, j.blocks, o->correction);
        results[i] = root ? sqrt(value) : value;
    }
    if (code == COR_OK) cor__write_results(call->outputs[0], results, COR_FLOAT64);
    cor__free(j.partial, (size_t)bytes);
    return code;
}

static int var_forward(cor__call *call) { return spread(call, false); }
static int std_forward(cor__call *call) { return spread(call, true); }

/* 2 (x - mean) / (n - correction) for the variance; over twice the deviation for that, 0 where it is 0. */
static int spread_backward(cor__backward *pass, bool root) {
    const cor_var_options *o = pass->options;
    cor_tensor *x = cor__kept_input(pass, 0);
    cor_tensor *g = cor__unreduce(pass, pass->grads[0], o->dim, &o->dims, o->keepdim, false);
    if (x == NULL || g == NULL) return cor_error();
    double n = (double)x->numel / (double)cor__max(pass->grads[0]->numel, 1);
    cor_tensor *mean = x->ndim == 0 ? x : cor_mean(x, .dim = o->dim, .dims = o->dims, .keepdim = true);
    if (root) {
        cor_tensor *y = cor__unreduce(pass, cor__kept_output(pass, 0), o->dim, &o->dims, o->keepdim, false);
        g = cor_where(cor_eq(y, 0), 0.0, cor_div(g, cor_mul(y, 2)));
    }
    pass->results[0] = cor_mul(cor_mul(g, 2 / (n - o->correction)), cor_sub(x, mean));
    return cor_error();
}

static int var_backward(cor__backward *pass) { return spread_backward(pass, false); }
static int std_backward(cor__backward *pass) { return spread_backward(pass, true); }

const cor__op cor__op_var = {.name = "var",
                             .grad_fn = "VarBackward0",
                             .check = var_check,
                             .forward = var_forward,
                             .describe = cor_var_options_describe,
                             .backward = var_backward,
                             .reads_options = sizeof(cor_var_options),
                             .reads_inputs = {1}};
const cor__op cor__op_std = {.name = "std",
                             .grad_fn = "StdBackward0",
                             .check = var_check,
                             .forward = std_forward,
                             .describe = cor_var_options_describe,
                             .backward = std_backward,
                             .reads_options = sizeof(cor_var_options),
                             .reads_inputs = {1},
                             .reads_outputs = 1};

static cor_tensor *apply_var(const cor__op *op, cor_tensor *t, const cor_var_options *options) {
    cor_var_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, op->name) != COR_OK) return NULL;
    return cor__apply1(op, &t, 1, cor_var_options_or_defaults(options, &room));
}

cor_tensor *cor_var_with(cor_tensor *t, const cor_var_options *options) { return apply_var(&cor__op_var, t, options); }
cor_tensor *cor_std_with(cor_tensor *t, const cor_var_options *options) { return apply_var(&cor__op_std, t, options); }

/* ---- norm ------------------------------------------------------------------------------------------------------- */

static int check_norm_dtype(cor_dtype dtype, cor_dtype wanted) {
    if (!cor_dtype_is_floating(dtype))
        return cor__fail(COR_EDTYPE, "linalg.vector_norm: Expected a floating point or complex tensor as input. Got %s",
                         cor__scalar_type_name(dtype));
    if (wanted == COR_DTYPE_UNSET) return COR_OK;
    if (!cor_dtype_is_floating(wanted))
        return cor__fail(COR_EDTYPE, "linalg.vector_norm: dtype should be floating point or complex, but got %s",
                         cor__scalar_type_name(wanted));
    if (cor_promote_types(dtype, wanted) != wanted)
        return cor__fail(COR_EDTYPE,
                         "linalg.vector_norm: the dtype of the input (%s) should be convertible without narrowing to "
                         "the specified dtype (%s)",
                         cor__scalar_type_name(dtype), cor__scalar_type_name(wanted));
    return COR_OK;
}

/* Norms of p < 0 and of infinite p have no value for no elements. */
static int check_norm_empty(const cor_tensor *t, const cor_norm_options *o, const bool *marks) {
    if (t->numel > 0 || (o->p >= 0 && !isinf(o->p))) return COR_OK;
    if (o->dim == COR_UNSET && o->dims.n <= 0)
        return cor__fail(COR_EVALUE,
                         "linalg.vector_norm cannot compute the %g norm on an empty tensor because the operation does "
                         "not have an identity",
                         o->p);
    for (int d = 0; d < t->ndim; d++)
        if (marks[d] && t->sizes[d] == 0)
            return cor__fail(COR_EVALUE,
                             "linalg.vector_norm cannot compute the %g norm on the dimension %dbecause this dimension "
                             "is empty and the operation does not have an identity",
                             o->p, d);
    return COR_OK;
}

static int norm_check(cor__call *call) {
    const cor_norm_options *o = call->options;
    const cor_tensor *t = call->inputs[0];
    bool marks[COR_MAX_DIMS];
    if (check_norm_dtype(t->dtype, o->dtype) != COR_OK) return cor_error();
    if (cor__mark_dims(t, o->dim, &o->dims, true, marks) != COR_OK) return cor_error();
    if (check_norm_empty(t, o, marks) != COR_OK) return cor_error();
    cor__describe_reduced(call, 0, o->dtype == COR_DTYPE_UNSET ? t->dtype : o->dtype, marks, o->keepdim);
    return COR_OK;
}

static void square_root(int64_t n, void *results, double unused) {
    double *p = results;
    (void)unused;
    for (int64_t i = 0; i < n; i++) p[i] = sqrt(p[i]);
}

static void power(int64_t n, void *results, double exponent) {
    double *p = results;
    for (int64_t i = 0; i < n; i++) p[i] = pow(p[i], exponent);
}

static int norm_forward(cor__call *call) {
    const cor_norm_options *o = call->options;
    const cor__map_loop *maps = cor__kernels_now()->exact->reduce->map;
    bool marks[COR_MAX_DIMS];
    if (cor__mark_dims(call->inputs[0], o->dim, &o->dims, true, marks) != COR_OK) return cor_error();
    cor__reduction r = {.lines = cor__lines_of(call->inputs[0], marks, COR_FLOAT64), .parameter = o->p};
    if (isinf(o->p)) {
        r.fold = o->p > 0 ? COR__FOLD_MAX : COR__FOLD_MIN;
        r.map = maps[COR__MAP_ABS];
        return cor__reduce_into(call->outputs[0], &r, NULL, 0);
    }
    r.map = maps[o->p == 0   ? COR__MAP_NONZERO
                 : o->p == 1 ? COR__MAP_ABS
                 : o->p == 2 ? COR__MAP_SQUARE
                             : COR__MAP_POWER];
    return cor__reduce_into(call->outputs[0], &r,
                            o->p == 0 || o->p == 1 ? NULL
                            : o->p == 2            ? square_root
                                                   : power,
                            1 / o->p);
}

/* sign(x) (|x| / norm)^(p - 1), 0 where the norm is 0; for infinite p the elements that reach it share. */
static int norm_backward(cor__backward *pass) {
    const cor_norm_options *o = pass->options;
    cor_tensor *x = cor__kept_input(pass, 0);
    cor_tensor *y = cor__unreduce(pass, cor__kept_output(pass, 0), o->dim, &o->dims, o->keepdim, false);
    cor_tensor *g = cor__unreduce(pass, pass->grads[0], o->dim, &o->dims, o->keepdim, false), *slope;
    if (x == NULL || y == NULL || g == NULL) return cor_error();
    if (o->p == 0) {
        slope = cor_zeros_like(x);
    } else if (o->p == 1) {
        slope = cor_sign(x);
    } else if (isinf(o->p)) {
        cor_tensor *reached = cor_to(cor_eq(cor_abs(x), y), y->dtype);
        cor_tensor *count = x->ndim == 0 ? reached : cor_sum(reached, .dim = o->dim, .dims = o->dims, .keepdim = true);
        slope = cor_mul(cor_sign(x), cor_div(reached, count));
    } else if (o->p == 2) {
        slope = cor_where(cor_eq(y, 0), 0.0, cor_div(x, y));
    } else {
        cor_tensor *share = cor_mul(cor_sign(x), cor_pow(cor_div(cor_abs(x), y), o->p - 1));
        slope = cor_where(cor_logical_or(cor_eq(y, 0), cor_eq(x, 0)), 0.0, share);
    }
    pass->results[0] = cor_mul(g, slope);
    return cor_error();
}

const cor__op cor__op_norm = {.name = "norm",
                              .grad_fn = "LinalgVectorNormBackward0",
                              .check = norm_check,
                              .forward = norm_forward,
                              .describe = cor_norm_options_describe,
                              .backward = norm_backward,
                              .reads_options = sizeof(cor_norm_options),
                              .reads_inputs = {1},
                              .reads_outputs = 1};

cor_tensor *cor_norm_with(cor_tensor *t, const cor_norm_options *options) {
    cor_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "norm") != COR_OK) return NULL;
    return cor__apply1(&cor__op_norm, &t, 1, cor_norm_options_or_defaults(options, &room));
}
