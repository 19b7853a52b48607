/* range.c: arange and linspace, with the bits of PyTorch's kernels: which of an element's operations are fused, and
 * where they are rounded, is theirs. */
#include "base/error.h"
#include "ops/creation.h"
#include <math.h>

COR__DEFINE_OPTIONS(cor_arange_options, COR_ARANGE_OPTIONS)
COR__DEFINE_OPTIONS(cor_linspace_options, COR_LINSPACE_OPTIONS)

static double real_of(cor_operand number) {
    return number.kind == COR_OPERAND_DOUBLE ? number.number.real : (double)number.number.integer;
}

/* Truncated; what int64 does not hold is its smallest, as everywhere. */
static int64_t integer_of(cor_operand number) {
    int64_t value;
    cor__store_number(&value, COR_INT64, number);
    return value;
}

static int not_implemented(const char *kernel, cor_dtype dtype) {
    return cor__fail(COR_EDTYPE, "\"%s\" not implemented for '%s'", kernel, cor__scalar_type_name(dtype));
}

/* A number as an element of the dtype holds it. */
static double rounded(double value, cor_dtype dtype) {
    _Alignas(8) unsigned char element[8];
    cor__store_number(element, dtype, cor__operand_double(value));
    return cor__load_double(element, dtype);
}

static void *element(const cor_tensor *t, int64_t i) { return (char *)cor__data(t) + i * cor_dtype_size(t->dtype); }

/* ---- arange ----------------------------------------------------------------------------------------------------- */

typedef struct range {
    cor_operand start, end, step;
    cor_dtype dtype;
} range;

static bool is_half(cor_dtype dtype) { return dtype == COR_FLOAT16 || dtype == COR_BFLOAT16; }

static int check_bounds(const range *r) {
    double start = real_of(r->start), end = real_of(r->end), step = real_of(r->step);
    if (!(step > 0 || step < 0)) return cor__fail(COR_EVALUE, "step must be nonzero");
    if (!isfinite(start) || !isfinite(end)) return cor__fail(COR_EVALUE, "unsupported range: %g -> %g", start, end);
    if (step > 0 ? end < start : end > start)
        return cor__fail(COR_EVALUE, "upper bound and lower bound inconsistent with step sign");
    if (r->dtype == COR_BOOL) return not_implemented("arange_cpu", r->dtype);
    /* The elements are computed in a dtype that must hold start and step; only the count of int64 needs the end. */
    cor_dtype compute = !cor_dtype_is_floating(r->dtype) ? COR_INT64 : is_half(r->dtype) ? COR_FLOAT32 : COR_FLOAT64;
    if (cor__check_number(r->start, compute) != COR_OK) return cor_error();
    if (r->dtype == COR_INT64 && cor__check_number(r->end, compute) != COR_OK) return cor_error();
    return cor__check_number(r->step, compute);
}

/* How many numbers int64 arithmetic finds, which wraps. */
static double count_integers(const range *r) {
    int64_t step = integer_of(r->step);
    uint64_t span = (uint64_t)integer_of(r->end) - (uint64_t)integer_of(r->start);
    int64_t padded = (int64_t)(span + (uint64_t)step - (uint64_t)(step > 0 ? 1 : -1));
    return step == -1 ? -(double)padded : (double)(padded / step);
}

static int count(const range *r, int64_t *n) {
    if (r->dtype == COR_INT64 && integer_of(r->step) == 0) return cor__fail(COR_EVALUE, "step must be nonzero");
    double size =
        r->dtype == COR_INT64 ? count_integers(r) : ceil((real_of(r->end) - real_of(r->start)) / real_of(r->step));
    if (!(size >= 0 && size < 0x1p63)) return cor__fail(COR_EVALUE, "invalid size, possible overflow?");
    *n = (int64_t)size;
    return COR_OK;
}

static void arange_integers(cor_tensor *t, const range *r) {
    uint64_t value = (uint64_t)integer_of(r->start), step = (uint64_t)integer_of(r->step);
    for (int64_t i = 0; i < t->numel; i++, value += step)
        cor__store_number(element(t, i), t->dtype, cor__operand_int((int64_t)value));
}

static double multiply_add(double k, double step, double base, bool narrow) {
    return narrow ? (double)fmaf((float)k, (float)step, (float)base) : fma(k, step, base);
}

/* Counting on within a vector: fused, but for bfloat16, whose multiples of the step PyTorch rounds on their own. */
static double lane_of(int64_t lane, double step, double base, cor_dtype dtype) {
    if (dtype == COR_BFLOAT16) return (double)((float)base + (float)lane * (float)step);
    return multiply_add((double)lane, step, base, dtype == COR_FLOAT16);
}

/* PyTorch's loop takes two vectors at a time. Each begins with its first element, rounded to the dtype, and counts on
 * from there; what is left over is computed from the start. So the last bits depend on the vectors' width, which is
 * that of the build that the random streams follow too. */
static void arange_reals(cor_tensor *t, const range *r) {
    double start = real_of(r->start), step = real_of(r->step), base = start;
    bool narrow = is_half(t->dtype);
    int64_t lanes = (cor_rng_flavour() == COR_RNG_AVX2 ? 32 : 64) / cor_dtype_size(t->dtype);
    int64_t vectors_end = t->numel - t->numel % (2 * lanes);
    for (int64_t i = 0; i < t->numel; i++) {
        int64_t lane = i < vectors_end ? i % lanes : 0;
        double value = multiply_add((double)i, step, start, narrow);
        if (lane == 0) base = rounded(value, t->dtype);
        else value = lane_of(lane, step, base, t->dtype);
        cor__store_number(element(t, i), t->dtype, cor__operand_double(value));
    }
}

cor_tensor *cor_arange_with(cor_operand start, cor_operand end, const cor_arange_options *options) {
    cor_arange_options room;
    range r;
    int64_t n;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "arange") != COR_OK) return NULL;
    if (cor__operand_number(start, "arange", "start", &r.start) != COR_OK) return NULL;
    if (cor__operand_number(end, "arange", "end", &r.end) != COR_OK) return NULL;
    options = cor_arange_options_or_defaults(options, &room);
    bool whole = options->step == floor(options->step) && fabs(options->step) < 0x1p63;
    r.step = whole ? cor__operand_int((int64_t)options->step) : cor__operand_double(options->step);
    bool real = !whole || r.start.kind == COR_OPERAND_DOUBLE || r.end.kind == COR_OPERAND_DOUBLE;
    r.dtype = options->dtype != COR_DTYPE_UNSET ? options->dtype : real ? COR_FLOAT32 : COR_INT64;
    if (check_bounds(&r) != COR_OK || count(&r, &n) != COR_OK) return NULL;
    cor_tensor *t = cor__empty(r.dtype, &n, 1);
    if (t == NULL) return NULL;
    if (cor_dtype_is_floating(r.dtype)) arange_reals(t, &r);
    else arange_integers(t, &r);
    return cor__scope_add(t);
}

/* ---- linspace --------------------------------------------------------------------------------------------------- */

/* The first half counts up from the start and the second down from the end, so that both are met exactly. */
static double linspace_at(int64_t i, int64_t n, double start, double end, double step, cor_dtype dtype) {
    bool first = i < n / 2;
    double from = first ? start : end, k = (double)(first ? i : n - i - 1), by = first ? step : -step;
    if (is_half(dtype)) return from + rounded(by * rounded(k, dtype), dtype);
    return multiply_add(k, by, from, dtype == COR_FLOAT32);
}

static void linspace_fill(cor_tensor *t, double start, double end) {
    cor_dtype dtype = t->dtype, step_dtype = cor_dtype_is_floating(dtype) ? dtype : COR_FLOAT64;
    double gaps = rounded((double)(t->numel - 1), step_dtype);
    double step = rounded(rounded(end - start, step_dtype) / gaps, step_dtype);
    for (int64_t i = 0; i < t->numel; i++) {
        double value = linspace_at(i, t->numel, start, end, step, dtype);
        cor__store_number(element(t, i), dtype, cor__operand_double(value));
    }
}

/* The number of a bound, with PyTorch's own text for a tensor that is not one. */
static int linspace_bound(cor_operand bound, const char *name, cor_operand *number) {
    int ndim = bound.kind == COR_OPERAND_TENSOR ? cor_dim(bound.tensor) : 0;
    if (ndim != 0)
        return cor__fail(COR_ESHAPE,
                         "linspace only supports 0-dimensional start and end tensors, but got %s with %d dimension(s).",
                         name, ndim);
    return cor__operand_number(bound, "linspace", name, number);
}

/* Checks a bound and gives it as the dtype holds it. */
static int bound(cor_operand number, cor_dtype dtype, double *value) {
    if (cor__check_number(number, dtype) != COR_OK) return cor_error();
    _Alignas(8) unsigned char held[8];
    cor__store_number(held, dtype, number);
    *value = cor__load_double(held, dtype);
    return COR_OK;
}

static int linspace_into(cor_tensor *t, cor_operand start, cor_operand end) {
    double first = 0, last = 0;
    if (t->numel == 0) return COR_OK;
    if (bound(start, t->dtype, &first) != COR_OK) return cor_error();
    if (t->numel == 1) {
        cor__store_number(cor__data(t), t->dtype, start);
        return COR_OK;
    }
    if (t->dtype == COR_BOOL) return not_implemented("linspace_cpu", t->dtype);
    if (bound(end, t->dtype, &last) != COR_OK) return cor_error();
    linspace_fill(t, first, last);
    return COR_OK;
}

cor_tensor *cor_linspace_with(cor_operand start, cor_operand end, int64_t steps, const cor_linspace_options *options) {
    cor_linspace_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "linspace") != COR_OK) return NULL;
    if (linspace_bound(start, "start", &start) != COR_OK) return NULL;
    if (linspace_bound(end, "end", &end) != COR_OK) return NULL;
    if (steps < 0) return cor__fail_null(COR_EVALUE, "number of steps must be non-negative");
    options = cor_linspace_options_or_defaults(options, &room);
    cor_tensor *t = cor__empty(options->dtype, &steps, 1);
    if (t == NULL) return NULL;
    if (linspace_into(t, start, end) == COR_OK) return cor__scope_add(t);
    cor__release(t);
    return NULL;
}
