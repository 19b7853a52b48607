/* reals.inc.c: the arithmetic of float32 and float64 that has one right answer. What NaN does follows from which way a
 * comparison is written: every comparison with NaN is false. */
#include "kernels/elementwise.h"
#include "kernels/elementwise_loops.h"

#define REAL_UNARY(name, expression_f, expression_d)                                                                   \
    COR__UNARY(name, float, float, float, expression_f)                                                                \
    COR__UNARY(name, double, double, double, expression_d)
#define REAL_BINARY(name, expression_f, expression_d)                                                                  \
    COR__BINARY(name, float, float, float, expression_f)                                                               \
    COR__BINARY(name, double, double, double, expression_d)
#define REAL_TEST(name, expression)                                                                                    \
    COR__BINARY(name, float, float, truth, expression)                                                                 \
    COR__BINARY(name, double, double, truth, expression)

REAL_UNARY(neg, -a, -a)
REAL_UNARY(abs, __builtin_fabsf(a), __builtin_fabs(a))
REAL_UNARY(sign, (float)((a > 0) - (a < 0)), (double)((a > 0) - (a < 0)))
REAL_UNARY(ceil, __builtin_ceilf(a), __builtin_ceil(a))
REAL_UNARY(floor, __builtin_floorf(a), __builtin_floor(a))
REAL_UNARY(round, __builtin_rintf(a), __builtin_rint(a)) /* half to even */
REAL_UNARY(trunc, __builtin_truncf(a), __builtin_trunc(a))
REAL_UNARY(sqrt, __builtin_sqrtf(a), __builtin_sqrt(a))
REAL_UNARY(rsqrt, 1 / __builtin_sqrtf(a), 1 / __builtin_sqrt(a))
REAL_UNARY(reciprocal, 1 / a, 1 / a)
REAL_UNARY(square, a *a, a *a)
REAL_UNARY(cube, a *a *a, a *a *a)

COR__UNARY(logical_not, float, float, truth, a == 0)
COR__UNARY(logical_not, double, double, truth, a == 0)
COR__UNARY(isnan, float, float, truth, a != a)
COR__UNARY(isnan, double, double, truth, a != a)
COR__UNARY(isinf, float, float, truth, __builtin_fabsf(a) == __builtin_inff())
COR__UNARY(isinf, double, double, truth, __builtin_fabs(a) == __builtin_inf())
COR__UNARY(isfinite, float, float, truth, __builtin_fabsf(a) < __builtin_inff())
COR__UNARY(isfinite, double, double, truth, __builtin_fabs(a) < __builtin_inf())

REAL_BINARY(add, a + b, a + b)
REAL_BINARY(sub, a - b, a - b)
REAL_BINARY(mul, a *b, a *b)
REAL_BINARY(div, a / b, a / b)
/* In one rounding, as PyTorch's vector code has it. */
REAL_BINARY(add_scaled, __builtin_fmaf((float)((const cor__scale *)params)->real, b, a),
            __builtin_fma(((const cor__scale *)params)->real, b, a))
REAL_BINARY(div_trunc, __builtin_truncf(a / b), __builtin_trunc(a / b))
REAL_BINARY(fmod, __builtin_fmodf(a, b), __builtin_fmod(a, b))

/* A NaN on either side wins; of two zeros the first. */
REAL_BINARY(maximum, ((a < b) | (b != b)) ? b : a, ((a < b) | (b != b)) ? b : a)
REAL_BINARY(minimum, ((b < a) | (b != b)) ? b : a, ((b < a) | (b != b)) ? b : a)

REAL_TEST(eq, a == b)
REAL_TEST(ne, a != b)
REAL_TEST(lt, a < b)
REAL_TEST(le, a <= b)
REAL_TEST(logical_and, (a != 0) & (b != 0))
REAL_TEST(logical_or, (a != 0) | (b != 0))
REAL_TEST(logical_xor, (a != 0) ^ (b != 0))

/* The first where the second lies between the bounds or is NaN; a bound of NaN bounds nothing. */
REAL_BINARY(gate, ((b <= COR__PARAM(float, 0)) | (b >= COR__PARAM(float, 1))) ? 0 : a,
            ((b <= COR__PARAM(double, 0)) | (b >= COR__PARAM(double, 1))) ? 0 : a)

/* Python's rules: a remainder has the divisor's sign, and the quotient is the floor of the exact one, found from the
 * exact remainder because a / b may have been rounded up to an integer. */
static inline double remainder_of(double a, double b) {
    double rest = __builtin_fmod(a, b);
    return rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest;
}

static inline float remainder_of_float(float a, float b) {
    float rest = __builtin_fmodf(a, b);
    return rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest;
}

#define FLOORED(type, suffix)                                                                                          \
    static inline type floored_##type(type a, type b) {                                                                \
        if (b == 0) return a / b;                                                                                      \
        type rest = __builtin_fmod##suffix(a, b), quotient = (a - rest) / b;                                           \
        if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;                                                         \
        if (quotient == 0) return __builtin_copysign##suffix(0, a / b);                                                \
        type below = __builtin_floor##suffix(quotient);                                                                \
        return quotient - below > (type)0.5 ? below + 1 : below;                                                       \
    }
FLOORED(float, f)
FLOORED(double, )
REAL_BINARY(remainder, remainder_of_float(a, b), remainder_of(a, b))
REAL_BINARY(div_floor, floored_float(a, b), floored_double(a, b))

#define CLAMP_LOOPS(type)                                                                                              \
    static inline type clamped_##type(type x, type low, type high) {                                                   \
        type above = ((x < low) | (low != low)) ? low : x;                                                             \
        return ((high < above) | (high != high)) ? high : above;                                                       \
    }                                                                                                                  \
    COR__UNARY(clamp, type, type, type, clamped_##type(a, COR__PARAM(type, 0), COR__PARAM(type, 1)))                   \
    COR__TERNARY(clamp_between, type, clamped_##type(a, b, c))
CLAMP_LOOPS(float)
CLAMP_LOOPS(double)
