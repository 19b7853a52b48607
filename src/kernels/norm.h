/* norm.h: the inner loops of normalisation. */
#ifndef COR_KERNELS_NORM_H
#define COR_KERNELS_NORM_H

#include <corrie/dtype.h>

/* Loops over n contiguous elements of float32 or float64; NULL for other dtypes. Sums are formed in float64, in one
 * order on every instruction set. */
typedef struct cor__norm_kernels {
    /* y = x * scale + shift, in one rounding. y may be x. */
    void (*affine[COR_DTYPES])(int64_t n, void *y, const void *x, double scale, double shift);
    /* The sum of x, and of (x - mean)^2. */
    double (*sum[COR_DTYPES])(int64_t n, const void *x);
    double (*squares[COR_DTYPES])(int64_t n, const void *x, double mean);
} cor__norm_kernels;

#endif
