/* conv_exact.h: integers to floating point and back, for convolutions of integers that floating point computes exactly.
 */
#ifndef COR_KERNELS_CONV_EXACT_H
#define COR_KERNELS_CONV_EXACT_H

#include <corrie/base.h>
#include <corrie/dtype.h>

/* Magnitudes that the functions bear: past them they give wrong numbers, but the right bits. */
#define COR__EXACT_F32 0x1p24
#define COR__EXACT_F64 0x1p51

typedef struct cor__conv_exact_kernels {
    /* Writes n integers of dtype, `step` elements apart, as floating point; float64 is for int64 alone. Returns the
     * bits of all, those of negative ones inverted: every magnitude is at most the result and 1. */
    uint64_t (*to_f32)(void *to, const void *from, int64_t step, int64_t n, cor_dtype dtype);
    uint64_t (*to_f64)(void *to, const void *from, int64_t step, int64_t n, cor_dtype dtype);

    /* Writes n whole numbers, each plus `add`, as integers of dtype, which wrap. */
    void (*from_f32)(void *to, const void *from, int64_t n, uint64_t add, cor_dtype dtype);
    void (*from_f64)(void *to, const void *from, int64_t n, uint64_t add, cor_dtype dtype);
} cor__conv_exact_kernels;

#endif
