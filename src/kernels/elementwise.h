/* elementwise.h: the arithmetic of single elements. A NULL loop means that the operation is not defined for the dtype.
 * float16 and bfloat16 have no loops of their own: they are computed as float32. */
#ifndef COR_KERNELS_ELEMENTWISE_H
#define COR_KERNELS_ELEMENTWISE_H

#include "kernels/loops.h"
#include <stdatomic.h>

typedef enum cor__binary {
    COR__ADD,
    COR__SUB,
    COR__ADD_SCALED, /* params: cor__scale */
    COR__MUL,
    COR__DIV,
    COR__DIV_FLOOR, /* these four: params cor__division, for integers */
    COR__DIV_TRUNC,
    COR__REMAINDER,
    COR__FMOD,
    COR__POW,
    COR__MAXIMUM,
    COR__MINIMUM,
    COR__BITWISE_AND,
    COR__BITWISE_OR,
    COR__BITWISE_XOR,
    COR__PRELU,      /* of x and weight */
    COR__GLU,        /* of the two halves */
    COR__GATE,       /* of a value and x; params: low, high, of the computed type */
    COR__FIRST_TEST, /* from here on the result is a bool */
    COR__EQ = COR__FIRST_TEST,
    COR__NE,
    COR__LT,
    COR__LE,
    COR__LOGICAL_AND,
    COR__LOGICAL_OR,
    COR__LOGICAL_XOR,
    COR__BINARIES
} cor__binary;

typedef enum cor__unary {
    COR__NEG,
    COR__ABS,
    COR__SIGN,
    COR__CEIL,
    COR__FLOOR,
    COR__ROUND,
    COR__TRUNC,
    COR__SQRT,
    COR__RSQRT,
    COR__RECIPROCAL,
    COR__SQUARE,
    COR__CUBE,
    COR__BITWISE_NOT,
    COR__EXP,
    COR__LOG,
    COR__LOG1P,
    COR__EXPM1,
    COR__LOG2,
    COR__LOG10,
    COR__SIN,
    COR__COS,
    COR__TAN,
    COR__TANH,
    COR__SIGMOID,
    COR__ERF,
    /* Activations. Their params are an array of the computed type, named here. */
    COR__RELU,
    COR__CLAMP,      /* low, high */
    COR__THRESHOLD,  /* threshold, value */
    COR__LEAKY_RELU, /* slope */
    COR__ELU,        /* factor of expm1, factor of positive x, factor of x in expm1 */
    COR__GELU_ERF,
    COR__GELU_TANH,
    COR__SILU,
    COR__MISH,
    COR__SOFTPLUS, /* beta, threshold */
    COR__LOG_SIGMOID,
    COR__HARDSWISH,
    COR__HARDSIGMOID,
    COR__HARDSHRINK,  /* lambda */
    COR__SOFTSHRINK,  /* lambda */
    COR__LOGICAL_NOT, /* from here on the result is a bool */
    COR__ISNAN,
    COR__ISINF,
    COR__ISFINITE,
    COR__UNARIES
} cor__unary;

/* COR__WHERE(a, b, condition) moves bits: a float dtype uses the loop of the integer of its size. */
typedef enum cor__ternary { COR__WHERE, COR__CLAMP_BETWEEN, COR__TERNARIES } cor__ternary;

/* The parameter of COR__ADD_SCALED, a + scale * b: real for the floating dtypes (fused), integer for the others. */
typedef struct cor__scale {
    double real;
    int64_t integer;
} cor__scale;

/* Where integer divisions tell that a divisor was zero. */
typedef struct cor__division {
    atomic_bool *by_zero;
} cor__division;

typedef struct cor__elementwise_kernels {
    cor__loop unary[COR__UNARIES][COR_DTYPES];
    cor__loop binary[COR__BINARIES][COR_DTYPES];
    cor__loop ternary[COR__TERNARIES][COR_DTYPES];
} cor__elementwise_kernels;

#endif
