/* elementwise.h: the arithmetic of single elements. A NULL loop means that the operation is not defined for the dtype.
 * float16 and bfloat16 have no loops of their own: they are computed as float32. */
#ifndef COR_KERNELS_ELEMENTWISE_H
#define COR_KERNELS_ELEMENTWISE_H

#include "kernels/loops.h"

typedef enum cor__binary { COR__ADD, COR__SUB, COR__ADD_SCALED, COR__MUL, COR__DIV, COR__BINARIES } cor__binary;

/* The parameter of COR__ADD_SCALED, a + scale * b: real for the floating dtypes (fused), integer for the others. */
typedef struct cor__scale {
    double real;
    int64_t integer;
} cor__scale;

typedef struct cor__elementwise_kernels {
    cor__loop binary[COR__BINARIES][COR_DTYPES];
} cor__elementwise_kernels;

#endif
