/* functions.inc.c: the real functions of float32 and float64: exp, log, sin, ... */
#include "kernels/elementwise.h"
#include "kernels/vecmath.h"

#define FUNCTION_LOOPS(name)                                                                                           \
    VECTOR_UNARY(name, float, vec_##name##_float(x))                                                                   \
    VECTOR_UNARY(name, double, vec_##name##_double(x))

FUNCTION_LOOPS(exp)
FUNCTION_LOOPS(log)
FUNCTION_LOOPS(log1p)
FUNCTION_LOOPS(expm1)
FUNCTION_LOOPS(log2)
FUNCTION_LOOPS(log10)
FUNCTION_LOOPS(sin)
FUNCTION_LOOPS(cos)
FUNCTION_LOOPS(tan)
FUNCTION_LOOPS(tanh)
FUNCTION_LOOPS(erf)
VECTOR_BINARY(pow, float, vec_pow_float(x, y))
VECTOR_BINARY(pow, double, vec_pow_double(x, y))

/* exp may overflow to infinity here, and the quotient is then the right 0. */
static inline vec_float vec_sigmoid_float(vec_float x) { return 1 / (1 + vec_exp_float(-x)); }
static inline vec_double vec_sigmoid_double(vec_double x) { return 1 / (1 + vec_exp_double(-x)); }
FUNCTION_LOOPS(sigmoid)
