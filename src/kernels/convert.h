/* convert.h: copying elements between strides and dtypes. */
#ifndef COR_KERNELS_CONVERT_H
#define COR_KERNELS_CONVERT_H

#include <corrie/dtype.h>

/* dst[i * dst_stride] = (to)src[i * src_stride] for i < n; strides in bytes. A float becomes an integer by truncation
 * (what does not fit is the smallest int64, cut to the type), an integer wraps, a half type is rounded once from the
 * float32 or float64 nearest to the value; anything but zero is true. */
typedef void (*cor__convert_loop)(int64_t n, void *dst, int64_t dst_stride, const void *src, int64_t src_stride);

typedef struct cor__convert_kernels {
    cor__convert_loop loop[COR_DTYPES][COR_DTYPES]; /* [to][from] */
} cor__convert_kernels;

#endif
