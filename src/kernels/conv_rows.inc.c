/* conv_rows.inc.c: copying rows of images into strips, for elements that stay as they are. Rows are often short, so a
 * row is moved in whole vectors, the last of which overlaps the one before it. */
#ifndef COR_KERNELS_CONV_ROWS
#define COR_KERNELS_CONV_ROWS
#include "kernels/conv.h"
#include "kernels/vec.h"
#include "kernels/words.h"

/* Of a vector of elements 0, 1, ... and one of elements n - 1, n, ..., those at even positions, by n. */
#define COR__SECOND_2 0, 3
#define COR__SECOND_4 0, 2, 5, 7
#define COR__SECOND_8 0, 2, 4, 6, 9, 11, 13, 15
#define COR__SECOND_16 0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31
#if COR__VEC_BYTES == 64
#define COR__SECOND_32_BITS COR__SECOND_16
#define COR__SECOND_64_BITS COR__SECOND_8
#elif COR__VEC_BYTES == 32
#define COR__SECOND_32_BITS COR__SECOND_8
#define COR__SECOND_64_BITS COR__SECOND_4
#else
#define COR__SECOND_32_BITS COR__SECOND_4
#define COR__SECOND_64_BITS COR__SECOND_2
#endif

COR__VECTOR(uint32_t, cor__u32x4, 16)
COR__VECTOR(uint64_t, cor__u64x4, 32)

#define COR__S uint32_t
#define COR__V cor__u32v
#define COR__QUAD cor__u32x4
#define COR__SECOND COR__SECOND_32_BITS
#define COR__ID(name) name##_32
#include "kernels/conv_rows_type.inc.c"

#define COR__S uint64_t
#define COR__V cor__u64v
#define COR__QUAD cor__u64x4
#define COR__SECOND COR__SECOND_64_BITS
#define COR__ID(name) name##_64
#include "kernels/conv_rows_type.inc.c"

#endif
