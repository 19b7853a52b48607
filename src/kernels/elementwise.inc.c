/* elementwise.inc.c: loops over contiguous arrays that the compiler vectorises for the set it builds for. Integers are
 * computed unsigned, so that wrapping is defined. */
#include "kernels/elementwise.h"

#define BINARY(name, type, as, expression)                                                                             \
    static void name##_##type(int64_t n, void *out, const void *const *in, const void *params) {                       \
        const type *pa = in[0], *pb = in[1];                                                                           \
        type *po = out;                                                                                                \
        (void)params;                                                                                                  \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            as a = (as)pa[i], b = (as)pb[i];                                                                           \
            po[i] = (type)(expression);                                                                                \
        }                                                                                                              \
    }

#define BINARY_NUMBERS(name, expression)                                                                               \
    BINARY(name, uint8_t, uint32_t, expression)                                                                        \
    BINARY(name, int8_t, uint32_t, expression)                                                                         \
    BINARY(name, int16_t, uint32_t, expression)                                                                        \
    BINARY(name, int32_t, uint32_t, expression)                                                                        \
    BINARY(name, int64_t, uint64_t, expression)                                                                        \
    BINARY(name, float, float, expression)                                                                             \
    BINARY(name, double, double, expression)

BINARY_NUMBERS(add, a + b)
BINARY_NUMBERS(sub, a - b)
BINARY_NUMBERS(mul, a *b)
BINARY(add, truth, truth, a || b)
BINARY(mul, truth, truth, a &&b)
BINARY(div, float, float, a / b)
BINARY(div, double, double, a / b)

/* a + scale * b, in one rounding as PyTorch's vector code has it. */
#define SCALED(type, as, field, expression)                                                                            \
    static void add_scaled_##type(int64_t n, void *out, const void *const *in, const void *params) {                   \
        const type *pa = in[0], *pb = in[1];                                                                           \
        type *po = out;                                                                                                \
        as scale = (as)((const cor__scale *)params)->field;                                                            \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            as a = (as)pa[i], b = (as)pb[i];                                                                           \
            po[i] = (type)(expression);                                                                                \
        }                                                                                                              \
    }
SCALED(truth, uint32_t, integer, a || (scale && b))
SCALED(uint8_t, uint32_t, integer, a + scale * b)
SCALED(int8_t, uint32_t, integer, a + scale * b)
SCALED(int16_t, uint32_t, integer, a + scale * b)
SCALED(int32_t, uint32_t, integer, a + scale * b)
SCALED(int64_t, uint64_t, integer, a + scale * b)
SCALED(float, float, real, __builtin_fmaf(scale, b, a))
SCALED(double, double, real, __builtin_fma(scale, b, a))

#define NUMBERS_ROW(name)                                                                                              \
    [COR_UINT8] = name##_uint8_t, [COR_INT8] = name##_int8_t, [COR_INT16] = name##_int16_t,                            \
    [COR_INT32] = name##_int32_t, [COR_INT64] = name##_int64_t, [COR_FLOAT32] = name##_float,                          \
    [COR_FLOAT64] = name##_double

static const cor__elementwise_kernels elementwise_kernels = {
    .binary = {[COR__ADD] = {[COR_BOOL] = add_truth, NUMBERS_ROW(add)},
               [COR__SUB] = {NUMBERS_ROW(sub)},
               [COR__ADD_SCALED] = {[COR_BOOL] = add_scaled_truth, NUMBERS_ROW(add_scaled)},
               [COR__MUL] = {[COR_BOOL] = mul_truth, NUMBERS_ROW(mul)},
               [COR__DIV] = {[COR_FLOAT32] = div_float, [COR_FLOAT64] = div_double}},
};
