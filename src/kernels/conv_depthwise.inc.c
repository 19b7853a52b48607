/* conv_depthwise.inc.c: depthwise convolution in float32 and float64. */
#include "kernels/conv_depthwise.h"
#include "kernels/pairs.h"
#include "kernels/vec.h"
#include "kernels/words.h"

/* Of two vectors of n lanes in a row, the n from lane 1 on, and from lane n - 1 on. */
#if COR__VEC_BYTES == 16
#define COR__FIRST_F32 1, 2, 3, 4
#define COR__LAST_F32 3, 4, 5, 6
#define COR__FIRST_F64 1, 2
#define COR__LAST_F64 1, 2
#elif COR__VEC_BYTES == 32
#define COR__FIRST_F32 1, 2, 3, 4, 5, 6, 7, 8
#define COR__LAST_F32 7, 8, 9, 10, 11, 12, 13, 14
#define COR__FIRST_F64 1, 2, 3, 4
#define COR__LAST_F64 3, 4, 5, 6
#elif COR__VEC_BYTES == 64
#define COR__FIRST_F32 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
#define COR__LAST_F32 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
#define COR__FIRST_F64 1, 2, 3, 4, 5, 6, 7, 8
#define COR__LAST_F64 7, 8, 9, 10, 11, 12, 13, 14
#endif

#define COR__S float
#define COR__V cor__f32v
#define COR__U cor__u32v
#define COR__LANES (COR__VEC_BYTES / 4)
#define COR__ID(name) depthwise_##name##_f32
#define COR__PAIRS(name) cor__##name##_f32
#define COR__FIRST COR__FIRST_F32
#define COR__LAST COR__LAST_F32
#include "kernels/conv_depthwise_channels.inc.c"
#include "kernels/conv_depthwise_merge.inc.c"
#include "kernels/conv_depthwise_rows.inc.c"
#include "kernels/conv_depthwise_threes.inc.c"
#include "kernels/conv_depthwise_window.inc.c"
#undef COR__S
#undef COR__V
#undef COR__U
#undef COR__LANES
#undef COR__ID
#undef COR__PAIRS
#undef COR__FIRST
#undef COR__LAST

#define COR__S double
#define COR__V cor__f64v
#define COR__U cor__u64v
#define COR__LANES (COR__VEC_BYTES / 8)
#define COR__ID(name) depthwise_##name##_f64
#define COR__PAIRS(name) cor__##name##_f64
#define COR__FIRST COR__FIRST_F64
#define COR__LAST COR__LAST_F64
#include "kernels/conv_depthwise_channels.inc.c"
#include "kernels/conv_depthwise_merge.inc.c"
#include "kernels/conv_depthwise_rows.inc.c"
#include "kernels/conv_depthwise_threes.inc.c"
#include "kernels/conv_depthwise_window.inc.c"
#undef COR__S
#undef COR__V
#undef COR__U
#undef COR__LANES
#undef COR__ID
#undef COR__PAIRS
#undef COR__FIRST
#undef COR__LAST

static const cor__depthwise_kernels depthwise_kernels = {.f32 = {.size = 4,
                                                                 .lanes = COR__VEC_BYTES / 4,
                                                                 .fill = depthwise_fill_f32,
                                                                 .band = depthwise_band_f32,
                                                                 .plane = depthwise_plane_f32,
                                                                 .merge = depthwise_merge_f32,
                                                                 .gather = depthwise_gather_f32,
                                                                 .scatter = depthwise_scatter_f32,
                                                                 .map = depthwise_map_f32},
                                                         .f64 = {.size = 8,
                                                                 .lanes = COR__VEC_BYTES / 8,
                                                                 .fill = depthwise_fill_f64,
                                                                 .band = depthwise_band_f64,
                                                                 .plane = depthwise_plane_f64,
                                                                 .merge = depthwise_merge_f64,
                                                                 .gather = depthwise_gather_f64,
                                                                 .scatter = depthwise_scatter_f64,
                                                                 .map = depthwise_map_f64}};
#undef COR__FIRST_F32
#undef COR__LAST_F32
#undef COR__FIRST_F64
#undef COR__LAST_F64
