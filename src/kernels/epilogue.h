/* epilogue.h: what follows a convolution, on outputs that are in the cache. */
#ifndef COR_KERNELS_EPILOGUE_H
#define COR_KERNELS_EPILOGUE_H

#include <corrie/base.h>
#include <corrie/dtype.h>

/* Of one output channel. */
typedef struct cor__epilogue_terms {
    bool scaled; /* otherwise scale and shift are not read */
    double scale, shift;
    double low, high; /* bounds of the result; infinite ones are none */
} cor__epilogue_terms;

/* out = x * scale + shift, in one rounding, then + residual unless that is NULL, then held between the bounds: for n
 * contiguous elements x that lie in out. A NaN stays. */
typedef void (*cor__epilogue_loop)(int64_t n, void *out, const void *residual, const cor__epilogue_terms *terms);

/* For float32 and float64; NULL for other dtypes. The same bits on every instruction set. */
typedef struct cor__epilogue_kernels {
    cor__epilogue_loop loop[COR_DTYPES];
} cor__epilogue_kernels;

#endif
