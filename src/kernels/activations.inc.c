/* activations.inc.c: the activation functions of float32 and float64, as PyTorch defines them.
 * The parameters of a function are listed in elementwise.h. */
#include "kernels/elementwise.h"
#include "kernels/elementwise_loops.h"
#include "kernels/functions.inc.c"

/* ---- exact, one element at a time ------------------------------------------------------------------------------- */

/* x + 3 between 0 and 6; NaN stays. */
#define SIX(x) ((x) < -3 ? 0 : (x) > 3 ? 6 : (x) + 3)

/* Towards zero by lambda, and 0 between; NaN stays. */
#define SOFTENED(x, lambda) ((x) > (lambda) ? (x) - (lambda) : (x) < -(lambda) ? (x) + (lambda) : (x) != (x) ? (x) : 0)

#define EXACT_LOOPS(type)                                                                                              \
    COR__UNARY(relu, type, type, type, a < 0 ? 0 : a)                                                                  \
    COR__UNARY(threshold, type, type, type, a <= COR__PARAM(type, 0) ? COR__PARAM(type, 1) : a)                        \
    COR__UNARY(leaky_relu, type, type, type, a > 0 ? a : a * COR__PARAM(type, 0))                                      \
    COR__UNARY(hardswish, type, type, type, a *SIX(a) / 6)                                                             \
    COR__UNARY(hardsigmoid, type, type, type, SIX(a) / 6)                                                              \
    COR__UNARY(hardshrink, type, type, type, ((a >= -COR__PARAM(type, 0)) & (a <= COR__PARAM(type, 0))) ? 0 : a)       \
    COR__UNARY(softshrink, type, type, type, SOFTENED(a, COR__PARAM(type, 0)))                                         \
    COR__BINARY(prelu, type, type, type, a > 0 ? a : b * a)
EXACT_LOOPS(float)
EXACT_LOOPS(double)

/* ---- with real functions, in vectors ---------------------------------------------------------------------------- */

/* x times the normal distribution at x, which is exp(-x^2 / 2) / 2 times a smooth function at -|x|. That is here a
 * quotient of polynomials, fitted to within 3e-10 of the distribution; their coefficients are positive, so nothing
 * cancels. At 15 the exponential is 0. */
static inline vec_float gelu_erf_of_float(vec_float x) {
    const vec_float size = choose_float(x < 0, -x, x);
    const vec_float a = choose_float(size > 15, 15 - (vec_float){0}, size);
    const vec_float over = ((0.009936446f * a + 0.08646614f) * a + 0.297785f) * a + 0.5f;
    const vec_float under = (((0.024988294f * a + 0.21524005f) * a + 0.7847491f) * a + 1.3934546f) * a + 1;
    const vec_float tail = vec_exp_float(-0.5f * (a * a)) * over / under;
    return x * choose_float(x > 0, 1 - tail, tail);
}

static inline vec_double gelu_erf_of_double(vec_double x) {
    return x * 0.5 * (1 + vec_erf_double(x * 0.70710678118654752440));
}

#define FUNCTIONS_OF(type)                                                                                             \
    static inline vec_##type elu_of_##type(vec_##type x, const type *p) {                                              \
        return choose_##type(x > 0, x * p[1], vec_expm1_##type(x * p[2]) * p[0]);                                      \
    }                                                                                                                  \
    static inline vec_##type gelu_tanh_of_##type(vec_##type x) {                                                       \
        const type root = (type)0.79788456080286535588; /* sqrt(2 / pi) */                                             \
        return x * (type)0.5 * (1 + vec_tanh_##type(root * (x + (type)0.044715 * (x * x * x))));                       \
    }                                                                                                                  \
    static inline vec_##type softplus_of_##type(vec_##type x, const type *p) {                                         \
        vec_##type scaled = x * p[0];                                                                                  \
        return choose_##type(scaled > p[1], x, vec_log1p_##type(vec_exp_##type(scaled)) / p[0]);                       \
    }                                                                                                                  \
    static inline vec_##type log_sigmoid_of_##type(vec_##type x) {                                                     \
        mask_##type negative = x < 0;                                                                                  \
        vec_##type minus_size = choose_##type(negative, x, -x);                                                        \
        return choose_##type(negative, x, (vec_##type){0}) - vec_log1p_##type(vec_exp_##type(minus_size));             \
    }                                                                                                                  \
    VECTOR_UNARY(elu, type, elu_of_##type(x, params))                                                                  \
    VECTOR_UNARY(gelu_erf, type, gelu_erf_of_##type(x))                                                                \
    VECTOR_UNARY(gelu_tanh, type, gelu_tanh_of_##type(x))                                                              \
    VECTOR_UNARY(silu, type, x / (1 + vec_exp_##type(-x)))                                                             \
    VECTOR_UNARY(mish, type, x *vec_tanh_##type(vec_log1p_##type(vec_exp_##type(x))))                                  \
    VECTOR_UNARY(softplus, type, softplus_of_##type(x, params))                                                        \
    VECTOR_UNARY(log_sigmoid, type, log_sigmoid_of_##type(x))                                                          \
    VECTOR_BINARY(glu, type, x *vec_sigmoid_##type(y))
FUNCTIONS_OF(float)
FUNCTIONS_OF(double)
