/* softmax.h: softmax of one line. */
#ifndef COR_KERNELS_SOFTMAX_H
#define COR_KERNELS_SOFTMAX_H

#include <corrie/dtype.h>

/* out[i] = exp(x[i] - max) / sum, or x[i] - max - log(sum), for i < n; out may be x. */
typedef void (*cor__softmax_loop)(int64_t n, void *out, const void *x);

typedef struct cor__softmax_kernels {
    cor__softmax_loop softmax[COR_DTYPES], log_softmax[COR_DTYPES]; /* float32 and float64; NULL for the others */
} cor__softmax_kernels;

#endif
