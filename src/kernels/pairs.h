/* pairs.h: the even and the odd elements of two vectors in a row, and the two vectors of elements taken in turns. */
#ifndef COR_KERNELS_PAIRS_H
#define COR_KERNELS_PAIRS_H

#include "kernels/vec.h"

#if COR__VEC_BYTES == 16
#define COR__EVEN_F32 0, 2, 4, 6
#define COR__ODD_F32 1, 3, 5, 7
#define COR__LOW_F32 0, 4, 1, 5
#define COR__HIGH_F32 2, 6, 3, 7
#define COR__EVEN_F64 0, 2
#define COR__ODD_F64 1, 3
#define COR__LOW_F64 0, 2
#define COR__HIGH_F64 1, 3
#elif COR__VEC_BYTES == 32
#define COR__EVEN_F32 0, 2, 4, 6, 8, 10, 12, 14
#define COR__ODD_F32 1, 3, 5, 7, 9, 11, 13, 15
#define COR__LOW_F32 0, 8, 1, 9, 2, 10, 3, 11
#define COR__HIGH_F32 4, 12, 5, 13, 6, 14, 7, 15
#define COR__EVEN_F64 0, 2, 4, 6
#define COR__ODD_F64 1, 3, 5, 7
#define COR__LOW_F64 0, 4, 1, 5
#define COR__HIGH_F64 2, 6, 3, 7
#elif COR__VEC_BYTES == 64
#define COR__EVEN_F32 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define COR__ODD_F32 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define COR__LOW_F32 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define COR__HIGH_F32 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define COR__EVEN_F64 0, 2, 4, 6, 8, 10, 12, 14
#define COR__ODD_F64 1, 3, 5, 7, 9, 11, 13, 15
#define COR__LOW_F64 0, 8, 1, 9, 2, 10, 3, 11
#define COR__HIGH_F64 4, 12, 5, 13, 6, 14, 7, 15
#endif

COR__INLINE cor__f32v cor__evens_f32(cor__f32v a, cor__f32v b) { return __builtin_shufflevector(a, b, COR__EVEN_F32); }
COR__INLINE cor__f32v cor__odds_f32(cor__f32v a, cor__f32v b) { return __builtin_shufflevector(a, b, COR__ODD_F32); }
COR__INLINE cor__f64v cor__evens_f64(cor__f64v a, cor__f64v b) { return __builtin_shufflevector(a, b, COR__EVEN_F64); }
COR__INLINE cor__f64v cor__odds_f64(cor__f64v a, cor__f64v b) { return __builtin_shufflevector(a, b, COR__ODD_F64); }
COR__INLINE cor__f32v cor__low_f32(cor__f32v a, cor__f32v b) { return __builtin_shufflevector(a, b, COR__LOW_F32); }
COR__INLINE cor__f32v cor__high_f32(cor__f32v a, cor__f32v b) { return __builtin_shufflevector(a, b, COR__HIGH_F32); }
COR__INLINE cor__f64v cor__low_f64(cor__f64v a, cor__f64v b) { return __builtin_shufflevector(a, b, COR__LOW_F64); }
COR__INLINE cor__f64v cor__high_f64(cor__f64v a, cor__f64v b) { return __builtin_shufflevector(a, b, COR__HIGH_F64); }

#undef COR__EVEN_F32
#undef COR__ODD_F32
#undef COR__LOW_F32
#undef COR__HIGH_F32
#undef COR__EVEN_F64
#undef COR__ODD_F64
#undef COR__LOW_F64
#undef COR__HIGH_F64

#endif
