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
    /* For the gradient g of what x was normalised to: adds to sums those of x - centre, of its square, of g and of
     * g * (x - centre), formed as by deviations. And y = g * a + (x - centre) * b + c, each step rounded; y may be g.
     */
    void (*gradient_sums[COR_DTYPES])(int64_t n, const void *x, const void *g, double centre, double sums[4]);
    void (*combine[COR_DTYPES])(int64_t n, void *y, const void *x, const void *g, double centre, double a, double b,
                                double c);
    /* y = (x - mean) * scale * weight + bias, each step rounded; weight and bias have n elements or are NULL. y may be
     * x. */
    void (*normalise[COR_DTYPES])(int64_t n, void *y, const void *x, double mean, double scale, const void *weight,
                                  const void *bias);
    /* y = (x - mean) * scale + shift, each step rounded. y may be x. */
    void (*shifted[COR_DTYPES])(int64_t n, void *y, const void *x, double mean, double scale, double shift);
} cor__norm_kernels;

#endif
