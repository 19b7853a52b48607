/* norm.h: the inner loops of normalisation. */
#ifndef COR_KERNELS_NORM_H
#define COR_KERNELS_NORM_H

#include <corrie/dtype.h>

/* Loops over n contiguous elements of float32 or float64; NULL for other dtypes. */
typedef struct cor__norm_kernels {
    /* y = x * scale + shift, in one rounding. y may be x. */
    void (*affine[COR_DTYPES])(int64_t n, void *y, const void *x, double scale, double shift);
    /* The sum of x, and of (x - mean)^2, in float64, in one order on every instruction set. */
    double (*sum[COR_DTYPES])(int64_t n, const void *x);
    double (*squares[COR_DTYPES])(int64_t n, const void *x, double mean);
    /* Faster, for lines that are read again at once: in the dtype, by blocks and lanes. The sum of x; and the sums of
     * x - centre and of its square, where centre is rounded to the dtype: with the mean for centre the first corrects
     * what that rounding does to the second. */
    double (*line_sum[COR_DTYPES])(int64_t n, const void *x);
    void (*deviations[COR_DTYPES])(int64_t n, const void *x, double centre, double *sum, double *squares);
    /* y = (x - mean) * scale * weight + bias, each step rounded; weight and bias have n elements or are NULL. y may be
     * x. */
    void (*normalise[COR_DTYPES])(int64_t n, void *y, const void *x, double mean, double scale, const void *weight,
                                  const void *bias);
    /* y = (x - mean) * scale + shift, each step rounded. y may be x. */
    void (*shifted[COR_DTYPES])(int64_t n, void *y, const void *x, double mean, double scale, double shift);
} cor__norm_kernels;

#endif
