/* pairs.h: the even and the odd elements of two vectors in a row. */
#ifndef COR_KERNELS_PAIRS_H
#define COR_KERNELS_PAIRS_H

#include "kernels/vec.h"

#if COR__VEC_BYTES == 16
#define COR__EVEN_F32 0, 2, 4, 6
#define COR__ODD_F32 1, 3, 5, 7
#define COR__EVEN_F64 0, 2
#define COR__ODD_F64 1, 3
#elif COR__VEC_BYTES == 32
#define COR__EVEN_F32 0, 2, 4, 6, 8, 10, 12, 14
#define COR__ODD_F32 1, 3, 5, 7, 9, 11, 13, 15
#define COR__EVEN_F64 0, 2, 4, 6
#define COR__ODD_F64 1, 3, 5, 7
#elif COR__VEC_BYTES == 64
#define COR__EVEN_F32 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define COR__ODD_F32 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define COR__EVEN_F64 0, 2, 4, 6, 8, 10, 12, 14
#define COR__ODD_F64 1, 3, 5, 7, 9, 11, 13, 15
#endif

COR__INLINE cor__f32v cor__evens_f32(cor__f32v a, cor__f32v b) { return __builtin_shufflevector(a, b, COR__EVEN_F32); }
COR__INLINE cor__f32v cor__odds_f32(cor__f32v a, cor__f32v b) { return __builtin_shufflevector(a, b, COR__ODD_F32); }
COR__INLINE cor__f64v cor__evens_f64(cor__f64v a, cor__f64v b) { return __builtin_shufflevector(a, b, COR__EVEN_F64); }
COR__INLINE cor__f64v cor__odds_f64(cor__f64v a, cor__f64v b) { return __builtin_shufflevector(a, b, COR__ODD_F64); }

#undef COR__EVEN_F32
#undef COR__ODD_F32
#undef COR__EVEN_F64
#undef COR__ODD_F64

#endif
