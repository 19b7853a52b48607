/* conv_weights.inc.c: the gradient of convolution weights in float32 and float64. It follows conv_float.inc.c, whose
 * loads and stores it uses. */
#include "kernels/conv_weights.h"
#include "kernels/vec.h"

/* How large a tile the registers hold: of `outer` rows by vectors, of `inner` output channels by rows. */
#if COR__VEC_BYTES == 64
#define COR__OUTER_ROWS 6
#define COR__OUTER_VECTORS 4
#define COR__INNER_OUTPUTS 6
#define COR__INNER_ROWS 4
#elif defined(__aarch64__)
#define COR__OUTER_ROWS 4
#define COR__OUTER_VECTORS 4
#define COR__INNER_OUTPUTS 4
#define COR__INNER_ROWS 4
#elif COR__VEC_BYTES == 32
#define COR__OUTER_ROWS 6
#define COR__OUTER_VECTORS 2
#define COR__INNER_OUTPUTS 4
#define COR__INNER_ROWS 3
#else
#define COR__OUTER_ROWS 4
#define COR__OUTER_VECTORS 2
#define COR__INNER_OUTPUTS 3
#define COR__INNER_ROWS 3
#endif

/* Lanes 0, 2, 4, ... of two vectors behind each other, and lanes 1, 3, 5, ..., by the lanes of one. */
#define COR__EVEN_2 0, 2
#define COR__ODD_2 1, 3
#define COR__EVEN_4 0, 2, 4, 6
#define COR__ODD_4 1, 3, 5, 7
#define COR__EVEN_8 COR__EVEN_4, 8, 10, 12, 14
#define COR__ODD_8 COR__ODD_4, 9, 11, 13, 15
#define COR__EVEN_16 COR__EVEN_8, 16, 18, 20, 22, 24, 26, 28, 30
#define COR__ODD_16 COR__ODD_8, 17, 19, 21, 23, 25, 27, 29, 31
#if COR__VEC_BYTES == 64
#define COR__EVEN_f32 COR__EVEN_16
#define COR__ODD_f32 COR__ODD_16
#define COR__EVEN_f64 COR__EVEN_8
#define COR__ODD_f64 COR__ODD_8
#elif COR__VEC_BYTES == 32
#define COR__EVEN_f32 COR__EVEN_8
#define COR__ODD_f32 COR__ODD_8
#define COR__EVEN_f64 COR__EVEN_4
#define COR__ODD_f64 COR__ODD_4
#else
#define COR__EVEN_f32 COR__EVEN_4
#define COR__ODD_f32 COR__ODD_4
#define COR__EVEN_f64 COR__EVEN_2
#define COR__ODD_f64 COR__ODD_2
#endif

COR__VECTOR(float, cor__f32x4, 16)
COR__VECTOR(double, cor__f64x4, 32)

#define COR__S float
#define COR__V cor__f32v
#define COR__QUAD cor__f32x4
#define COR__ID(name) name##_f32
#define COR__EVEN COR__EVEN_f32
#define COR__ODD COR__ODD_f32
#include "kernels/conv_weights_type.inc.c"

#define COR__S double
#define COR__V cor__f64v
#define COR__QUAD cor__f64x4
#define COR__ID(name) name##_f64
#define COR__EVEN COR__EVEN_f64
#define COR__ODD COR__ODD_f64
#include "kernels/conv_weights_type.inc.c"

static const cor__weights_kernels weights_kernels = {.f32 = {.size = 4,
                                                             .lanes = LANES_f32,
                                                             .vectors = COR__OUTER_VECTORS,
                                                             .outer = outer_f32,
                                                             .inner = inner_f32,
                                                             .lanewise = lanewise_f32,
                                                             .transpose = transpose_f32,
                                                             .sum = sum_f32,
                                                             .finish = finish_f32},
                                                     .f64 = {.size = 8,
                                                             .lanes = LANES_f64,
                                                             .vectors = COR__OUTER_VECTORS,
                                                             .outer = outer_f64,
                                                             .inner = inner_f64,
                                                             .lanewise = lanewise_f64,
                                                             .transpose = transpose_f64,
                                                             .sum = sum_f64,
                                                             .finish = finish_f64}};
