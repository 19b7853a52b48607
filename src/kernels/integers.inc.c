/* integers.inc.c: the arithmetic of bools and integers. It is computed unsigned, so that wrapping is defined; what does
 * not depend on the sign is one loop for both types of a width. Built for generic and AVX2 only: the AVX-512
 * set has AVX2's (select.c): memory is the limit there, and code is not free. */
#include "kernels/elementwise.h"
#include "kernels/elementwise_loops.h"

/* ---- what does not depend on the sign --------------------------------------------------------------------------- */

#define UNSIGNED_UNARY(name, expression)                                                                               \
    COR__UNARY(name, uint8_t, uint32_t, uint8_t, expression)                                                           \
    COR__UNARY(name, uint16_t, uint32_t, uint16_t, expression)                                                         \
    COR__UNARY(name, uint32_t, uint32_t, uint32_t, expression)                                                         \
    COR__UNARY(name, uint64_t, uint64_t, uint64_t, expression)
#define UNSIGNED_BINARY(name, expression)                                                                              \
    COR__BINARY(name, uint8_t, uint32_t, uint8_t, expression)                                                          \
    COR__BINARY(name, uint16_t, uint32_t, uint16_t, expression)                                                        \
    COR__BINARY(name, uint32_t, uint32_t, uint32_t, expression)                                                        \
    COR__BINARY(name, uint64_t, uint64_t, uint64_t, expression)
#define UNSIGNED_TEST(name, expression)                                                                                \
    COR__BINARY(name, uint8_t, uint8_t, truth, expression)                                                             \
    COR__BINARY(name, uint16_t, uint16_t, truth, expression)                                                           \
    COR__BINARY(name, uint32_t, uint32_t, truth, expression)                                                           \
    COR__BINARY(name, uint64_t, uint64_t, truth, expression)

UNSIGNED_UNARY(neg, 0 - a)
UNSIGNED_UNARY(square, a *a)
UNSIGNED_UNARY(bitwise_not, ~a)
UNSIGNED_BINARY(add, a + b)
UNSIGNED_BINARY(sub, a - b)
UNSIGNED_BINARY(add_scaled, a + (uint64_t)((const cor__scale *)params)->integer * b)
UNSIGNED_BINARY(mul, a *b)
UNSIGNED_BINARY(bitwise_and, a &b)
UNSIGNED_BINARY(bitwise_or, a | b)
UNSIGNED_BINARY(bitwise_xor, a ^ b)
UNSIGNED_TEST(eq, a == b)
UNSIGNED_TEST(ne, a != b)
UNSIGNED_TEST(logical_and, (a != 0) & (b != 0))
UNSIGNED_TEST(logical_or, (a | b) != 0)
UNSIGNED_TEST(logical_xor, (a != 0) ^ (b != 0))
COR__UNARY(logical_not, uint8_t, uint8_t, truth, a == 0)
COR__UNARY(logical_not, uint16_t, uint16_t, truth, a == 0)
COR__UNARY(logical_not, uint32_t, uint32_t, truth, a == 0)
COR__UNARY(logical_not, uint64_t, uint64_t, truth, a == 0)
COR__TERNARY(where, uint8_t, c ? a : b)
COR__TERNARY(where, uint16_t, c ? a : b)
COR__TERNARY(where, uint32_t, c ? a : b)
COR__TERNARY(where, uint64_t, c ? a : b)
COR__BINARY(add_scaled, truth, truth, truth, a | (b & (((const cor__scale *)params)->integer != 0)))

/* ---- what does -------------------------------------------------------------------------------------------------- */

/* Division cannot be vectorised. A zero divisor is told in params, and gives 0. */
#define DIVISION(name, type, as, expression)                                                                           \
    static void name##_##type(int64_t n, void *out, const void *const *in, const void *params) {                       \
        const type *pa = in[0], *pb = in[1];                                                                           \
        type *po = out;                                                                                                \
        bool by_zero = false;                                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            as a = pa[i], b = pb[i];                                                                                   \
            by_zero |= b == 0;                                                                                         \
            po[i] = (type)(b == 0 ? 0 : expression(a, b));                                                             \
        }                                                                                                              \
        if (by_zero) atomic_store(((const cor__division *)params)->by_zero, true);                                     \
    }

/* The smallest integer has no negative: dividing by -1 is negation, which wraps. */
static inline int64_t div_trunc(int64_t a, int64_t b) { return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b; }
static inline int64_t fmod_int(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }
static inline bool rounds_down(int64_t a, int64_t b) { return fmod_int(a, b) != 0 && (a < 0) != (b < 0); }
static inline int64_t div_floor(int64_t a, int64_t b) { return div_trunc(a, b) - rounds_down(a, b); }
static inline int64_t remainder_int(int64_t a, int64_t b) { return fmod_int(a, b) + (rounds_down(a, b) ? b : 0); }

/* By squaring; a negative power of an integer is 0 but for 1 and -1. */
static inline int64_t power(int64_t base, int64_t exponent) {
    if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : 0;
    uint64_t result = 1, square = (uint64_t)base;
    for (; exponent > 0; exponent >>= 1, square *= square)
        if (exponent & 1) result *= square;
    return (int64_t)result;
}

#define POWER(type)                                                                                                    \
    static void pow_##type(int64_t n, void *out, const void *const *in, const void *params) {                          \
        const type *pa = in[0], *pb = in[1];                                                                           \
        type *po = out;                                                                                                \
        (void)params;                                                                                                  \
        for (int64_t i = 0; i < n; i++) po[i] = (type)power(pa[i], pb[i]);                                             \
    }

#define SIGNED_LOOPS(type)                                                                                             \
    DIVISION(div_floor, type, int64_t, div_floor)                                                                      \
    DIVISION(div_trunc, type, int64_t, div_trunc)                                                                      \
    DIVISION(remainder, type, int64_t, remainder_int)                                                                  \
    DIVISION(fmod, type, int64_t, fmod_int)                                                                            \
    POWER(type)                                                                                                        \
    COR__BINARY(maximum, type, type, type, a < b ? b : a)                                                              \
    COR__BINARY(minimum, type, type, type, b < a ? b : a)                                                              \
    COR__BINARY(lt, type, type, truth, a < b)                                                                          \
    COR__BINARY(le, type, type, truth, a <= b)                                                                         \
    COR__UNARY(clamp, type, type, type, clamped_##type(a, COR__PARAM(type, 0), COR__PARAM(type, 1)))                   \
    COR__UNARY(threshold, type, type, type, a <= COR__PARAM(type, 0) ? COR__PARAM(type, 1) : a)                        \
    COR__TERNARY(clamp_between, type, clamped_##type(a, b, c))

/* The upper bound wins when the two cross. */
#define CLAMPED(type)                                                                                                  \
    static inline type clamped_##type(type x, type low, type high) {                                                   \
        type above = x < low ? low : x;                                                                                \
        return high < above ? high : above;                                                                            \
    }
CLAMPED(uint8_t)
CLAMPED(int8_t)
CLAMPED(int16_t)
CLAMPED(int32_t)
CLAMPED(int64_t)
SIGNED_LOOPS(uint8_t)
SIGNED_LOOPS(int8_t)
SIGNED_LOOPS(int16_t)
SIGNED_LOOPS(int32_t)
SIGNED_LOOPS(int64_t)

COR__UNARY(abs, int8_t, int32_t, int8_t, a < 0 ? -a : a)
COR__UNARY(abs, int16_t, int32_t, int16_t, a < 0 ? -a : a)
COR__UNARY(abs, int32_t, uint32_t, uint32_t, a >> 31 ? 0 - a : a)
COR__UNARY(abs, int64_t, uint64_t, uint64_t, a >> 63 ? 0 - a : a)
COR__UNARY(abs, uint8_t, uint8_t, uint8_t, a)
COR__UNARY(sign, uint8_t, uint8_t, uint8_t, a != 0)
COR__UNARY(sign, int8_t, int8_t, int8_t, (a > 0) - (a < 0))
COR__UNARY(sign, int16_t, int16_t, int16_t, (a > 0) - (a < 0))
COR__UNARY(sign, int32_t, int32_t, int32_t, (a > 0) - (a < 0))
COR__UNARY(sign, int64_t, int64_t, int64_t, (a > 0) - (a < 0))
COR__UNARY(relu, int8_t, int8_t, int8_t, a < 0 ? 0 : a)
COR__UNARY(relu, int16_t, int16_t, int16_t, a < 0 ? 0 : a)
COR__UNARY(relu, int32_t, int32_t, int32_t, a < 0 ? 0 : a)
COR__UNARY(relu, int64_t, int64_t, int64_t, a < 0 ? 0 : a)
COR__UNARY(logical_not, truth, truth, truth, a ^ 1)

/* ---- the table -------------------------------------------------------------------------------------------------- */

#define BY_WIDTH(name)                                                                                                 \
    [COR_UINT8] = name##_uint8_t, [COR_INT8] = name##_uint8_t, [COR_INT16] = name##_uint16_t,                          \
    [COR_INT32] = name##_uint32_t, [COR_INT64] = name##_uint64_t
#define BY_TYPE(name)                                                                                                  \
    [COR_UINT8] = name##_uint8_t, [COR_INT8] = name##_int8_t, [COR_INT16] = name##_int16_t,                            \
    [COR_INT32] = name##_int32_t, [COR_INT64] = name##_int64_t

static const cor__elementwise_kernels integer_kernels = {
    .unary = {[COR__NEG] = {BY_WIDTH(neg)},
              [COR__ABS] = {BY_TYPE(abs)},
              [COR__SIGN] = {[COR_BOOL] = abs_uint8_t, BY_TYPE(sign)},
              [COR__SQUARE] = {BY_WIDTH(square)},
              [COR__BITWISE_NOT] = {[COR_BOOL] = logical_not_truth, BY_WIDTH(bitwise_not)},
              [COR__RELU] = {[COR_UINT8] = abs_uint8_t,
                             [COR_INT8] = relu_int8_t,
                             [COR_INT16] = relu_int16_t,
                             [COR_INT32] = relu_int32_t,
                             [COR_INT64] = relu_int64_t},
              [COR__CLAMP] = {[COR_BOOL] = clamp_uint8_t, BY_TYPE(clamp)},
              [COR__THRESHOLD] = {BY_TYPE(threshold)},
              [COR__LOGICAL_NOT] = {[COR_BOOL] = logical_not_truth, BY_WIDTH(logical_not)}},
    .binary = {[COR__ADD] = {[COR_BOOL] = bitwise_or_uint8_t, BY_WIDTH(add)},
               [COR__SUB] = {BY_WIDTH(sub)},
               [COR__ADD_SCALED] = {[COR_BOOL] = add_scaled_truth, BY_WIDTH(add_scaled)},
               [COR__MUL] = {[COR_BOOL] = bitwise_and_uint8_t, BY_WIDTH(mul)},
               [COR__DIV_FLOOR] = {BY_TYPE(div_floor)},
               [COR__DIV_TRUNC] = {BY_TYPE(div_trunc)},
               [COR__REMAINDER] = {BY_TYPE(remainder)},
               [COR__FMOD] = {BY_TYPE(fmod)},
               [COR__POW] = {BY_TYPE(pow)},
               [COR__MAXIMUM] = {[COR_BOOL] = bitwise_or_uint8_t, BY_TYPE(maximum)},
               [COR__MINIMUM] = {[COR_BOOL] = bitwise_and_uint8_t, BY_TYPE(minimum)},
               [COR__BITWISE_AND] = {[COR_BOOL] = bitwise_and_uint8_t, BY_WIDTH(bitwise_and)},
               [COR__BITWISE_OR] = {[COR_BOOL] = bitwise_or_uint8_t, BY_WIDTH(bitwise_or)},
               [COR__BITWISE_XOR] = {[COR_BOOL] = bitwise_xor_uint8_t, BY_WIDTH(bitwise_xor)},
               [COR__EQ] = {[COR_BOOL] = eq_uint8_t, BY_WIDTH(eq)},
               [COR__NE] = {[COR_BOOL] = ne_uint8_t, BY_WIDTH(ne)},
               [COR__LT] = {[COR_BOOL] = lt_uint8_t, BY_TYPE(lt)},
               [COR__LE] = {[COR_BOOL] = le_uint8_t, BY_TYPE(le)},
               [COR__LOGICAL_AND] = {[COR_BOOL] = logical_and_uint8_t, BY_WIDTH(logical_and)},
               [COR__LOGICAL_OR] = {[COR_BOOL] = logical_or_uint8_t, BY_WIDTH(logical_or)},
               [COR__LOGICAL_XOR] = {[COR_BOOL] = logical_xor_uint8_t, BY_WIDTH(logical_xor)}},
    .ternary = {[COR__WHERE] = {[COR_BOOL] = where_uint8_t, BY_WIDTH(where)},
                [COR__CLAMP_BETWEEN] = {[COR_BOOL] = clamp_between_uint8_t, BY_TYPE(clamp_between)}},
};
