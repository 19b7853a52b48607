/* blend.c: functions of elements made of others: blends, comparisons within a tolerance, clean numbers. */
#include "base/error.h"
#include "ops/composed.h"
#include <corrie/creation.h>
#include <corrie/math.h>
#include <corrie/reduce.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_addcmul_options, COR_ADDCMUL_OPTIONS)
COR__DEFINE_OPTIONS(cor_isclose_options, COR_ISCLOSE_OPTIONS)
COR__DEFINE_OPTIONS(cor_nan_to_num_options, COR_NAN_TO_NUM_OPTIONS)

/* C++'s names of types, which PyTorch's text has here. */
static const char *cpp_name(cor_dtype dtype) {
    static const char *const names[COR_DTYPES] = {[COR_FLOAT16] = "c10::Half",
                                                  [COR_BFLOAT16] = "c10::BFloat16",
                                                  [COR_FLOAT32] = "float",
                                                  [COR_FLOAT64] = "double"};
    return names[dtype] != NULL ? names[dtype] : cor__scalar_type_name(dtype);
}

/* From the end that is nearer, so that both ends are reached exactly. */
cor_tensor *cor_lerp_of(cor_tensor *start, cor_tensor *end, cor_operand weight) {
    if (!cor__given(start, "lerp") || !cor__given(end, "lerp")) return NULL;
    if (start->dtype != end->dtype)
        return cor__fail_null(COR_EDTYPE, "expected dtype %s for `end` but got dtype %s", cpp_name(start->dtype),
                              cpp_name(end->dtype));
    cor_scope();
    cor_tensor *w = cor__operand_as_tensor(weight);
    if (!cor__given(w, "lerp")) return NULL;
    if (!cor_dtype_is_floating(start->dtype))
        return cor__fail_null(COR_EDTYPE, "\"lerp_kernel_%s\" not implemented for '%s'",
                              cor__is_number(w) ? "scalar" : "tensor", cor__scalar_type_name(start->dtype));
    if (w->ndim > 0 && w->dtype != start->dtype)
        return cor__fail_null(COR_EDTYPE, "expected dtype %s for `weight` but got dtype %s", cpp_name(start->dtype),
                              cpp_name(w->dtype));
    cor_tensor *way = cor_sub(end, start);
    cor_tensor *from_start = cor_add(start, cor_mul(w, way)), *from_end = cor_sub(end, cor_mul(way, cor_sub(1, w)));
    cor_tensor *mixed = cor_where(cor_lt(cor_abs(w), 0.5), from_start, from_end);
    return cor_keep(cor__made_by(mixed, cor__is_number(w) ? "LerpBackward0" : "LerpBackward1"));
}

cor_tensor *cor_addcmul_with(cor_tensor *input, cor_tensor *a, cor_tensor *b, const cor_addcmul_options *options) {
    COR__READ_OPTIONS(cor_addcmul_options, "addcmul")
    cor_scope();
    return cor_keep(cor__made_by(cor_add(input, cor_mul(a, b), .alpha = o->value), "AddcmulBackward0"));
}

cor_tensor *cor_addcdiv_with(cor_tensor *input, cor_tensor *a, cor_tensor *b, const cor_addcmul_options *options) {
    COR__READ_OPTIONS(cor_addcmul_options, "addcdiv")
    if (!cor__given(a, "addcdiv") || !cor__given(b, "addcdiv")) return NULL;
    if (!cor_dtype_is_floating(a->dtype) && !cor_dtype_is_floating(b->dtype))
        return cor__fail_null(
            COR_EDTYPE,
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a "
            "true "
            "division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * "
            "torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / "
            "tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value "
            "* "
            "tensor1 / tensor2), for all dtypes.");
    cor_scope();
    return cor_keep(cor__made_by(cor_add(input, cor_div(a, b), .alpha = o->value), "AddcdivBackward0"));
}

cor_tensor *cor_frac(cor_tensor *t) {
    if (!cor__given(t, "frac")) return NULL;
    if (!cor_dtype_is_floating(t->dtype))
        return cor__fail_null(COR_EDTYPE, "\"frac_cpu\" not implemented for '%s'", cor__scalar_type_name(t->dtype));
    cor_scope();
    return cor_keep(cor__made_by(cor_sub(t, cor_trunc(t)), "FracBackward0"));
}

/* The larger, and what the smaller adds to it; where both are the same infinity their difference says nothing. */
cor_tensor *cor_logaddexp(cor_tensor *a, cor_tensor *b) {
    if (!cor__given(a, "logaddexp") || !cor__given(b, "logaddexp")) return NULL;
    cor_tensor *const both[] = {a, b};
    const cor_dtype dtype = cor__result_type(both, 2);
    if (!cor_dtype_is_floating(dtype))
        return cor__fail_null(COR_EDTYPE, "\"logaddexp_cpu\" not implemented for '%s'", cor__scalar_type_name(dtype));
    cor_scope();
    cor_tensor *same = cor_logical_and(cor_eq(a, b), cor_isinf(a));
    cor_tensor *apart = cor_where(same, 0.0, cor_sub(a, b));
    cor_tensor *sum = cor_add(cor_maximum(a, b), cor_log1p(cor_exp(cor_neg(cor_abs(apart)))));
    return cor_keep(cor__made_by(sum, "LogaddexpBackward0"));
}

/* The largest number of a floating dtype. */
static double largest_of(cor_dtype dtype) {
    return dtype == COR_FLOAT16    ? 65504
           : dtype == COR_BFLOAT16 ? 0x1.fep+127
           : dtype == COR_FLOAT32  ? (double)__FLT_MAX__
                                   : __DBL_MAX__;
}

cor_tensor *cor_nan_to_num_with(cor_tensor *t, const cor_nan_to_num_options *options) {
    COR__READ_OPTIONS(cor_nan_to_num_options, "nan_to_num")
    if (!cor__given(t, "nan_to_num")) return NULL;
    if (!cor_dtype_is_floating(t->dtype)) return cor_clone(t);
    cor_scope();
    const double most = largest_of(t->dtype), up = isnan(o->posinf) ? most : o->posinf;
    const double down = isnan(o->neginf) ? -most : o->neginf;
    cor_tensor *clean = cor_where(cor_isnan(t), o->nan, t);
    clean = cor_where(cor_eq(t, (double)INFINITY), up, clean);
    clean = cor_where(cor_eq(t, -(double)INFINITY), down, clean);
    return cor_keep(cor__made_by(clean, "NanToNumBackward0"));
}

/* ---- comparisons ------------------------------------------------------------------------------------------------ */

static int check_tolerance(const cor_tensor *a, const cor_tensor *b, const cor_isclose_options *o) {
    if (!cor__given(a, "isclose") || !cor__given(b, "isclose")) return cor_error();
    if (a->dtype != b->dtype)
        return cor__fail(COR_EDTYPE, "%s did not match %s", cor__scalar_type_name(a->dtype),
                         cor__scalar_type_name(b->dtype));
    if (!(o->rtol >= 0))
        return cor__fail(COR_EVALUE, "rtol must be greater than or equal to zero, but got %g", o->rtol);
    if (o->atol >= 0) return COR_OK;
    return cor__fail(COR_EVALUE, "atol must be greater than or equal to zero, but got %g", o->atol);
}

cor_tensor *cor_isclose_with(cor_tensor *a, cor_tensor *b, const cor_isclose_options *options) {
    COR__READ_OPTIONS(cor_isclose_options, "isclose")
    if (check_tolerance(a, b, o) != COR_OK) return NULL;
    cor_scope();
    cor_no_grad();
    cor_tensor *close = cor_eq(a, b);
    if (o->equal_nan && cor_dtype_is_floating(a->dtype))
        close = cor_logical_or(close, cor_logical_and(cor_isnan(a), cor_isnan(b)));
    if (o->rtol == 0 && o->atol == 0) return cor_keep(close);
    if (a->dtype == COR_BOOL) a = cor_to(a, COR_INT64), b = cor_to(b, COR_INT64);
    cor_tensor *allowed = cor_add(cor_abs(cor_mul(b, o->rtol)), o->atol), *apart = cor_abs(cor_sub(a, b));
    return cor_keep(cor_logical_or(close, cor_logical_and(cor_isfinite(apart), cor_le(apart, allowed))));
}

bool cor_allclose_with(cor_tensor *a, cor_tensor *b, const cor_isclose_options *options) {
    if (cor_error() != COR_OK) return false;
    cor_scope();
    cor_tensor *all = cor_all(cor_isclose_with(a, b, options));
    return all != NULL && cor_item(all) != 0;
}

bool cor_equal(cor_tensor *a, cor_tensor *b) {
    if (!cor__given(a, "equal") || !cor__given(b, "equal") || !cor__has_sizes(a, b->sizes, b->ndim)) return false;
    cor_scope();
    cor_no_grad();
    cor_tensor *all = cor_all(cor_eq(a, b));
    return all != NULL && cor_item(all) != 0;
}
