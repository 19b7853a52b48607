/* resize.inc.c: linear interpolation of a line, and its gradient, in float32 and float64. */
#include "kernels/resize.h"
#include "kernels/resize_bytes.inc.c"
#include <math.h>

#define LERP(suffix, T, FMA)                                                                                           \
    static inline T mix_##suffix(T a, T low, T b, T high) { return FMA(a, low, b * high); }                            \
    static void lerp_##suffix(const cor__lerp *l) {                                                                    \
        const T *low = l->width.low_weight, *high = l->width.high_weight;                                              \
        const T h0 = (T)l->height[0], h1 = (T)l->height[1], d0 = (T)l->depth[0], d1 = (T)l->depth[1];                  \
        T *out = l->out;                                                                                               \
        for (int64_t i = 0; i < l->n; i++) {                                                                           \
            T value[4] = {0};                                                                                          \
            for (int j = 0; j < l->lines; j++) {                                                                       \
                const T *line = l->line[j];                                                                            \
                value[j] = mix_##suffix(line[l->width.low[i]], low[i], line[l->width.high[i]], high[i]);               \
            }                                                                                                          \
            if (l->lines > 1) value[0] = mix_##suffix(value[0], h0, value[1], h1);                                     \
            if (l->lines > 2) value[0] = mix_##suffix(value[0], d0, mix_##suffix(value[2], h0, value[3], h1), d1);     \
            out[i] = value[0];                                                                                         \
        }                                                                                                              \
    }                                                                                                                  \
    static void back_##suffix(const cor__lerp_back *l) {                                                               \
        const T *from = l->from, *low = l->width.low_weight, *high = l->width.high_weight;                             \
        for (int j = 0; j < l->lines; j++) {                                                                           \
            T *line = l->line[j];                                                                                      \
            const T height = l->lines > 1 ? (T)l->height[j & 1] : 1, depth = l->lines > 2 ? (T)l->depth[j >> 1] : 1;   \
            for (int64_t i = 0; i < l->n; i++) {                                                                       \
                const T value = from[i] * (height * depth);                                                            \
                if (l->width.high == NULL) {                                                                           \
                    line[l->width.low[i]] += value;                                                                    \
                    continue;                                                                                          \
                }                                                                                                      \
                line[l->width.low[i]] += value * low[i];                                                               \
                line[l->width.high[i]] += value * high[i];                                                             \
            }                                                                                                          \
        }                                                                                                              \
    }

LERP(float32, float, fmaf)
LERP(float64, double, fma)

static const cor__resize_kernels resize_kernels = {.lerp = {[COR_FLOAT32] = lerp_float32, [COR_FLOAT64] = lerp_float64},
                                                   .back = {[COR_FLOAT32] = back_float32, [COR_FLOAT64] = back_float64},
                                                   .rows = resize_rows,
                                                   .columns = resize_columns};

#undef LERP
