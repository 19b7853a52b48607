/* conv_depthwise.inc.c: depthwise convolution in float32 and float64. */
#include "kernels/conv_depthwise.h"
#include "kernels/pairs.h"
#include "kernels/vec.h"
#include "kernels/words.h"

#define COR__S float
#define COR__V cor__f32v
#define COR__LANES (COR__VEC_BYTES / 4)
#define COR__ID(name) depthwise_##name##_f32
#define COR__PAIRS(name) cor__##name##_f32
#include "kernels/conv_depthwise_channels.inc.c"
#include "kernels/conv_depthwise_merge.inc.c"
#include "kernels/conv_depthwise_rows.inc.c"
#include "kernels/conv_depthwise_window.inc.c"
#undef COR__S
#undef COR__V
#undef COR__LANES
#undef COR__ID
#undef COR__PAIRS

#define COR__S double
#define COR__V cor__f64v
#define COR__LANES (COR__VEC_BYTES / 8)
#define COR__ID(name) depthwise_##name##_f64
#define COR__PAIRS(name) cor__##name##_f64
#include "kernels/conv_depthwise_channels.inc.c"
#include "kernels/conv_depthwise_merge.inc.c"
#include "kernels/conv_depthwise_rows.inc.c"
#include "kernels/conv_depthwise_window.inc.c"
#undef COR__S
#undef COR__V
#undef COR__LANES
#undef COR__ID
#undef COR__PAIRS

static const cor__depthwise_kernels depthwise_kernels = {.f32 = {.size = 4,
                                                                 .lanes = COR__VEC_BYTES / 4,
                                                                 .fill = depthwise_fill_f32,
                                                                 .band = depthwise_band_f32,
                                                                 .merge = depthwise_merge_f32,
                                                                 .gather = depthwise_gather_f32,
                                                                 .scatter = depthwise_scatter_f32,
                                                                 .map = depthwise_map_f32},
                                                         .f64 = {.size = 8,
                                                                 .lanes = COR__VEC_BYTES / 8,
                                                                 .fill = depthwise_fill_f64,
                                                                 .band = depthwise_band_f64,
                                                                 .merge = depthwise_merge_f64,
                                                                 .gather = depthwise_gather_f64,
                                                                 .scatter = depthwise_scatter_f64,
                                                                 .map = depthwise_map_f64}};
