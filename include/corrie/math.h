/* corrie/math.h: arithmetic on tensors and numbers.
 *
 * The arguments of a binary operation are tensors or C numbers, in either place: cor_add(x, 1), cor_sub(1, x). Shapes
 * broadcast and dtypes promote as PyTorch's do. The names that end in _ change their first argument in place and return
 * it, borrowed. Errors: COR_ESHAPE when sizes do not broadcast, COR_EDTYPE when the dtype has no such operation,
 * COR_ESTATE for an in-place change that autograd forbids, COR_ENOMEM.
 */
#ifndef CORRIE_MATH_H
#define CORRIE_MATH_H

#include <corrie/tensor.h>
#include <math.h>

COR_BEGIN

#define COR_ADD_OPTIONS(_) _(double, alpha, 1)
COR_DECLARE_OPTIONS(cor_add_options, COR_ADD_OPTIONS)

/* Returns a + alpha * b and a - alpha * b (torch.add, torch.sub). alpha must be an integer for integer results. */
COR_API cor_tensor *cor_add_with(cor_operand a, cor_operand b, const cor_add_options *options);
COR_API cor_tensor *cor_sub_with(cor_operand a, cor_operand b, const cor_add_options *options);
COR_API cor_tensor *cor_add_with_(cor_tensor *a, cor_operand b, const cor_add_options *options);
COR_API cor_tensor *cor_sub_with_(cor_tensor *a, cor_operand b, const cor_add_options *options);
#define cor_add(a, b, ...)                                                                                             \
    COR__CALL(                                                                                                         \
        cor_add_with(COR_OPERAND(a), COR_OPERAND(b), COR__OPTIONS(cor_add_options, COR_ADD_OPTIONS, ##__VA_ARGS__)))
#define cor_sub(a, b, ...)                                                                                             \
    COR__CALL(                                                                                                         \
        cor_sub_with(COR_OPERAND(a), COR_OPERAND(b), COR__OPTIONS(cor_add_options, COR_ADD_OPTIONS, ##__VA_ARGS__)))
#define cor_add_(a, b, ...)                                                                                            \
    COR__CALL(cor_add_with_((a), COR_OPERAND(b), COR__OPTIONS(cor_add_options, COR_ADD_OPTIONS, ##__VA_ARGS__)))
#define cor_sub_(a, b, ...)                                                                                            \
    COR__CALL(cor_sub_with_((a), COR_OPERAND(b), COR__OPTIONS(cor_add_options, COR_ADD_OPTIONS, ##__VA_ARGS__)))

/* Returns a * b (torch.mul). */
COR_API cor_tensor *cor_mul_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_mul_of_(cor_tensor *a, cor_operand b);
#define cor_mul(a, b) cor_mul_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_mul_(a, b) cor_mul_of_((a), COR_OPERAND(b))

/* Which way cor_div rounds. */
typedef enum cor_rounding { COR_ROUND_NONE, COR_ROUND_TRUNC, COR_ROUND_FLOOR } cor_rounding;

#define COR_DIV_OPTIONS(_) _(cor_rounding, rounding_mode, COR_ROUND_NONE)
COR_DECLARE_OPTIONS(cor_div_options, COR_DIV_OPTIONS)

/* Returns a / b in floating point, or with .rounding_mode rounded towards zero or down, in the operands' dtype
 * (torch.div). An integer divided by 0 so is COR_EVALUE, "ZeroDivisionError". */
COR_API cor_tensor *cor_div_with(cor_operand a, cor_operand b, const cor_div_options *options);
COR_API cor_tensor *cor_div_with_(cor_tensor *a, cor_operand b, const cor_div_options *options);
#define cor_div(a, b, ...)                                                                                             \
    COR__CALL(                                                                                                         \
        cor_div_with(COR_OPERAND(a), COR_OPERAND(b), COR__OPTIONS(cor_div_options, COR_DIV_OPTIONS, ##__VA_ARGS__)))
#define cor_div_(a, b, ...)                                                                                            \
    COR__CALL(cor_div_with_((a), COR_OPERAND(b), COR__OPTIONS(cor_div_options, COR_DIV_OPTIONS, ##__VA_ARGS__)))

/* Returns the quotient rounded down (torch.floor_divide), the remainder with the divisor's sign (torch.remainder,
 * Python's
 * %), and the remainder with the dividend's (torch.fmod, C's). Integers divided by 0 are COR_EVALUE,
 * "ZeroDivisionError". */
COR_API cor_tensor *cor_floor_divide_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_remainder_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_fmod_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_floor_divide_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_remainder_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_fmod_of_(cor_tensor *a, cor_operand b);
#define cor_floor_divide(a, b) cor_floor_divide_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_remainder(a, b) cor_remainder_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_fmod(a, b) cor_fmod_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_floor_divide_(a, b) cor_floor_divide_of_((a), COR_OPERAND(b))
#define cor_remainder_(a, b) cor_remainder_of_((a), COR_OPERAND(b))
#define cor_fmod_(a, b) cor_fmod_of_((a), COR_OPERAND(b))

/* Returns a to the power b (torch.pow). COR_EVALUE for a negative number as the exponent of integers. */
COR_API cor_tensor *cor_pow_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_pow_of_(cor_tensor *a, cor_operand b);
#define cor_pow(a, b) cor_pow_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_pow_(a, b) cor_pow_of_((a), COR_OPERAND(b))

/* Returns the larger and the smaller of a and b; NaN if either is (torch.maximum, torch.minimum). */
COR_API cor_tensor *cor_maximum_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_minimum_of(cor_operand a, cor_operand b);
#define cor_maximum(a, b) cor_maximum_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_minimum(a, b) cor_minimum_of(COR_OPERAND(a), COR_OPERAND(b))

/* Returns where a is equal to b, not equal, less, less or equal, greater, greater or equal, as a bool tensor. The
 * in-place forms write 0 and 1. */
COR_API cor_tensor *cor_eq_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_ne_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_lt_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_le_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_gt_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_ge_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_eq_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_ne_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_lt_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_le_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_gt_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_ge_of_(cor_tensor *a, cor_operand b);
#define cor_eq(a, b) cor_eq_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_ne(a, b) cor_ne_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_lt(a, b) cor_lt_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_le(a, b) cor_le_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_gt(a, b) cor_gt_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_ge(a, b) cor_ge_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_eq_(a, b) cor_eq_of_((a), COR_OPERAND(b))
#define cor_ne_(a, b) cor_ne_of_((a), COR_OPERAND(b))
#define cor_lt_(a, b) cor_lt_of_((a), COR_OPERAND(b))
#define cor_le_(a, b) cor_le_of_((a), COR_OPERAND(b))
#define cor_gt_(a, b) cor_gt_of_((a), COR_OPERAND(b))
#define cor_ge_(a, b) cor_ge_of_((a), COR_OPERAND(b))

/* Returns where both, any, exactly one of a and b are not zero, as a bool tensor. */
COR_API cor_tensor *cor_logical_and_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_logical_or_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_logical_xor_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_logical_and_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_logical_or_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_logical_xor_of_(cor_tensor *a, cor_operand b);
#define cor_logical_and(a, b) cor_logical_and_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_logical_or(a, b) cor_logical_or_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_logical_xor(a, b) cor_logical_xor_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_logical_and_(a, b) cor_logical_and_of_((a), COR_OPERAND(b))
#define cor_logical_or_(a, b) cor_logical_or_of_((a), COR_OPERAND(b))
#define cor_logical_xor_(a, b) cor_logical_xor_of_((a), COR_OPERAND(b))

/* Returns the bits of bools or integers combined; COR_EDTYPE for the floating dtypes. */
COR_API cor_tensor *cor_bitwise_and_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_bitwise_or_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_bitwise_xor_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_bitwise_and_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_bitwise_or_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_bitwise_xor_of_(cor_tensor *a, cor_operand b);
#define cor_bitwise_and(a, b) cor_bitwise_and_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_bitwise_or(a, b) cor_bitwise_or_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_bitwise_xor(a, b) cor_bitwise_xor_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_bitwise_and_(a, b) cor_bitwise_and_of_((a), COR_OPERAND(b))
#define cor_bitwise_or_(a, b) cor_bitwise_or_of_((a), COR_OPERAND(b))
#define cor_bitwise_xor_(a, b) cor_bitwise_xor_of_((a), COR_OPERAND(b))

/* Returns where t is zero, as a bool tensor; and the inverted bits of bools or integers. */
COR_API cor_tensor *cor_logical_not(cor_tensor *t);
COR_API cor_tensor *cor_logical_not_(cor_tensor *t);
COR_API cor_tensor *cor_bitwise_not(cor_tensor *t);
COR_API cor_tensor *cor_bitwise_not_(cor_tensor *t);

/* Returns -t (COR_EDTYPE for bool), |t|, the sign of t as -1, 0 or 1 (0 for NaN), and t * t. Integers wrap. */
COR_API cor_tensor *cor_neg(cor_tensor *t);
COR_API cor_tensor *cor_neg_(cor_tensor *t);
COR_API cor_tensor *cor_abs(cor_tensor *t);
COR_API cor_tensor *cor_abs_(cor_tensor *t);
COR_API cor_tensor *cor_sign(cor_tensor *t);
COR_API cor_tensor *cor_sign_(cor_tensor *t);
COR_API cor_tensor *cor_square(cor_tensor *t);
COR_API cor_tensor *cor_square_(cor_tensor *t);

/* Returns t rounded up, down, to the nearest (half to even) and towards zero; integers stay. */
COR_API cor_tensor *cor_ceil(cor_tensor *t);
COR_API cor_tensor *cor_ceil_(cor_tensor *t);
COR_API cor_tensor *cor_floor(cor_tensor *t);
COR_API cor_tensor *cor_floor_(cor_tensor *t);
COR_API cor_tensor *cor_round(cor_tensor *t);
COR_API cor_tensor *cor_round_(cor_tensor *t);
COR_API cor_tensor *cor_trunc(cor_tensor *t);
COR_API cor_tensor *cor_trunc_(cor_tensor *t);

/* Real functions. The result of bools and integers is float32, which an in-place form refuses. sqrt and reciprocal are
 * rounded correctly, rsqrt is the reciprocal of the rounded square root; the others are within 1 ulp in float32 and
 * float64, sigmoid within 4. */
COR_API cor_tensor *cor_sqrt(cor_tensor *t);
COR_API cor_tensor *cor_sqrt_(cor_tensor *t);
COR_API cor_tensor *cor_rsqrt(cor_tensor *t);
COR_API cor_tensor *cor_rsqrt_(cor_tensor *t);
COR_API cor_tensor *cor_reciprocal(cor_tensor *t);
COR_API cor_tensor *cor_reciprocal_(cor_tensor *t);
COR_API cor_tensor *cor_exp(cor_tensor *t);
COR_API cor_tensor *cor_exp_(cor_tensor *t);
COR_API cor_tensor *cor_expm1(cor_tensor *t);
COR_API cor_tensor *cor_expm1_(cor_tensor *t);
COR_API cor_tensor *cor_log(cor_tensor *t);
COR_API cor_tensor *cor_log_(cor_tensor *t);
COR_API cor_tensor *cor_log1p(cor_tensor *t);
COR_API cor_tensor *cor_log1p_(cor_tensor *t);
COR_API cor_tensor *cor_log2(cor_tensor *t);
COR_API cor_tensor *cor_log2_(cor_tensor *t);
COR_API cor_tensor *cor_log10(cor_tensor *t);
COR_API cor_tensor *cor_log10_(cor_tensor *t);
COR_API cor_tensor *cor_sin(cor_tensor *t);
COR_API cor_tensor *cor_sin_(cor_tensor *t);
COR_API cor_tensor *cor_cos(cor_tensor *t);
COR_API cor_tensor *cor_cos_(cor_tensor *t);
COR_API cor_tensor *cor_tan(cor_tensor *t);
COR_API cor_tensor *cor_tan_(cor_tensor *t);
COR_API cor_tensor *cor_tanh(cor_tensor *t);
COR_API cor_tensor *cor_tanh_(cor_tensor *t);
COR_API cor_tensor *cor_sigmoid(cor_tensor *t);
COR_API cor_tensor *cor_sigmoid_(cor_tensor *t);
COR_API cor_tensor *cor_erf(cor_tensor *t);
COR_API cor_tensor *cor_erf_(cor_tensor *t);

/* Returns where t is NaN, infinite, neither, as a bool tensor. */
COR_API cor_tensor *cor_isnan(cor_tensor *t);
COR_API cor_tensor *cor_isinf(cor_tensor *t);
COR_API cor_tensor *cor_isfinite(cor_tensor *t);

/* Returns a where condition (bool, or uint8) is true, else b, all broadcast (torch.where). */
COR_API cor_tensor *cor_where_of(cor_tensor *condition, cor_operand a, cor_operand b);
#define cor_where(condition, a, b) cor_where_of((condition), COR_OPERAND(a), COR_OPERAND(b))

/* Returns t, but at least min and at most max, tensors or numbers of which one may be COR_NONE; max where they cross
 * (torch.clamp). A NaN anywhere gives NaN. */
COR_API cor_tensor *cor_clamp_of(cor_tensor *t, cor_operand min, cor_operand max);
COR_API cor_tensor *cor_clamp_of_(cor_tensor *t, cor_operand min, cor_operand max);
#define cor_clamp(t, min, max) cor_clamp_of((t), COR_OPERAND(min), COR_OPERAND(max))
#define cor_clamp_(t, min, max) cor_clamp_of_((t), COR_OPERAND(min), COR_OPERAND(max))

/* Sets every element of t to a number, or to the element of a tensor of no dimensions (Tensor.fill_), and to 0.
 * COR_EVALUE for a number that the dtype cannot hold. Returns t, borrowed. */
COR_API cor_tensor *cor_fill_of_(cor_tensor *t, cor_operand value);
COR_API cor_tensor *cor_zero_(cor_tensor *t);
#define cor_fill_(t, value) cor_fill_of_((t), COR_OPERAND(value))

/* Another name of cor_clamp (torch.clip). */
#define cor_clip(t, min, max) cor_clamp(t, min, max)

/* Returns start + weight * (end - start), for a number or a tensor of weights, all broadcast (torch.lerp). COR_EDTYPE
 * for two dtypes. */
COR_API cor_tensor *cor_lerp_of(cor_tensor *start, cor_tensor *end, cor_operand weight);
#define cor_lerp(start, end, weight) cor_lerp_of((start), (end), COR_OPERAND(weight))

#define COR_ADDCMUL_OPTIONS(_) _(double, value, 1)
COR_DECLARE_OPTIONS(cor_addcmul_options, COR_ADDCMUL_OPTIONS)
/* Returns input + value * a * b, and input + value * a / b, all broadcast (torch.addcmul, torch.addcdiv). */
COR_API cor_tensor *cor_addcmul_with(cor_tensor *input, cor_tensor *a, cor_tensor *b,
                                     const cor_addcmul_options *options);
COR_API cor_tensor *cor_addcdiv_with(cor_tensor *input, cor_tensor *a, cor_tensor *b,
                                     const cor_addcmul_options *options);
#define COR__ADDCMUL(function, input, a, b, ...)                                                                       \
    COR__CALL(function((input), (a), (b), COR__OPTIONS(cor_addcmul_options, COR_ADDCMUL_OPTIONS, ##__VA_ARGS__)))
#define cor_addcmul(input, a, b, ...) COR__ADDCMUL(cor_addcmul_with, input, a, b, ##__VA_ARGS__)
#define cor_addcdiv(input, a, b, ...) COR__ADDCMUL(cor_addcdiv_with, input, a, b, ##__VA_ARGS__)

/* Returns t - trunc(t) of a floating dtype (torch.frac), and log(exp(a) + exp(b)) (torch.logaddexp). */
COR_API cor_tensor *cor_frac(cor_tensor *t);
COR_API cor_tensor *cor_logaddexp(cor_tensor *a, cor_tensor *b);

#define COR_NAN_TO_NUM_OPTIONS(_)                                                                                      \
    _(double, nan, 0)                                                                                                  \
    _(double, posinf, (double)NAN) /* NAN: the largest number of the dtype */                                          \
    _(double, neginf, (double)NAN) /* NAN: the smallest */
COR_DECLARE_OPTIONS(cor_nan_to_num_options, COR_NAN_TO_NUM_OPTIONS)
/* Returns t with numbers in the place of NaN and the infinities (torch.nan_to_num). */
COR_API cor_tensor *cor_nan_to_num_with(cor_tensor *t, const cor_nan_to_num_options *options);
#define cor_nan_to_num(t, ...)                                                                                         \
    COR__CALL(cor_nan_to_num_with((t), COR__OPTIONS(cor_nan_to_num_options, COR_NAN_TO_NUM_OPTIONS, ##__VA_ARGS__)))

#define COR_ISCLOSE_OPTIONS(_)                                                                                         \
    _(double, rtol, 1e-5)                                                                                              \
    _(double, atol, 1e-8)                                                                                              \
    _(bool, equal_nan, false)
COR_DECLARE_OPTIONS(cor_isclose_options, COR_ISCLOSE_OPTIONS)
/* Returns where |a - b| <= atol + rtol * |b|, as a bool tensor; and whether that is so everywhere (torch.isclose,
 * torch.allclose). allclose is false, with an error pending, when it fails. COR_EDTYPE for two dtypes, COR_EVALUE for a
 * negative tolerance. */
COR_API cor_tensor *cor_isclose_with(cor_tensor *a, cor_tensor *b, const cor_isclose_options *options);
COR_API bool cor_allclose_with(cor_tensor *a, cor_tensor *b, const cor_isclose_options *options);
#define COR__ISCLOSE(function, a, b, ...)                                                                              \
    COR__CALL(function((a), (b), COR__OPTIONS(cor_isclose_options, COR_ISCLOSE_OPTIONS, ##__VA_ARGS__)))
#define cor_isclose(a, b, ...) COR__ISCLOSE(cor_isclose_with, a, b, ##__VA_ARGS__)
#define cor_allclose(a, b, ...) COR__ISCLOSE(cor_allclose_with, a, b, ##__VA_ARGS__)
/* Returns whether both have the same sizes and elements (torch.equal); false, with an error pending, when it fails. */
COR_API bool cor_equal(cor_tensor *a, cor_tensor *b);

COR_END
#endif
