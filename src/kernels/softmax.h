/* softmax.h: softmax of one line, and of lines that lie side by side. */
#ifndef COR_KERNELS_SOFTMAX_H
#define COR_KERNELS_SOFTMAX_H

#include <corrie/dtype.h>

/* out[i] = exp(x[i] - max) / sum, or x[i] - max - log(sum), for i < n; out may be x. */
typedef void (*cor__softmax_loop)(int64_t n, void *out, const void *x);

/* The same of `lines` lines of n elements, with the same bits: element i of line l is at i * stride + l. */
typedef void (*cor__softmax_columns)(int64_t n, int64_t lines, void *out, int64_t out_stride, const void *x,
                                     int64_t stride);

/* For float32 and float64; NULL for the others. */
typedef struct cor__softmax_kernels {
    cor__softmax_loop softmax[COR_DTYPES], log_softmax[COR_DTYPES];
    cor__softmax_columns softmax_columns[COR_DTYPES], log_softmax_columns[COR_DTYPES];
} cor__softmax_kernels;

#endif
