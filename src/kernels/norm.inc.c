/* norm.inc.c: the loops of normalisation for float32 and float64. */
#include "kernels/norm.h"
#include "kernels/vec.h"
#include <math.h>

#define NORM(name) name##_float32
#define NORM_T float
#define NORM_V cor__f32v
#include "kernels/norm_line.inc.c"
#undef NORM
#undef NORM_T
#undef NORM_V
#define NORM(name) name##_float64
#define NORM_T double
#define NORM_V cor__f64v
#include "kernels/norm_line.inc.c"
#undef NORM
#undef NORM_T
#undef NORM_V

/* Sixteen sums side by side, so that they add in vectors; then the rest. TERM may use the element x. */
#define NORM_SUM(T, TERM)                                                                                              \
    const T *in = p;                                                                                                   \
    const int64_t whole = n - n % 16;                                                                                  \
    double sums[16] = {0}, total = 0;                                                                                  \
    for (int64_t i = 0; i < whole; i += 16)                                                                            \
        for (int j = 0; j < 16; j++) {                                                                                 \
            const double x = (double)in[i + j];                                                                        \
            sums[j] += TERM;                                                                                           \
        }                                                                                                              \
    for (int j = 0; j < 16; j++) total += sums[j];                                                                     \
    for (int64_t i = whole; i < n; i++) {                                                                              \
        const double x = (double)in[i];                                                                                \
        total += TERM;                                                                                                 \
    }                                                                                                                  \
    return total;

#define NORM_LOOPS(suffix, T, FMA)                                                                                     \
    static void affine_##suffix(int64_t n, void *y, const void *x, double scale, double shift) {                       \
        const T *in = x, a = (T)scale, b = (T)shift;                                                                   \
        T *out = y;                                                                                                    \
        for (int64_t i = 0; i < n; i++) out[i] = FMA(in[i], a, b);                                                     \
    }                                                                                                                  \
    static double norm_sum_##suffix(int64_t n, const void *p) { NORM_SUM(T, x) }                                       \
    static double norm_squares_##suffix(int64_t n, const void *p, double mean) { NORM_SUM(T, (x - mean) * (x - mean)) }

NORM_LOOPS(float32, float, fmaf)
NORM_LOOPS(float64, double, fma)

static const cor__norm_kernels norm_kernels = {
    .affine = {[COR_FLOAT32] = affine_float32, [COR_FLOAT64] = affine_float64},
    .sum = {[COR_FLOAT32] = norm_sum_float32, [COR_FLOAT64] = norm_sum_float64},
    .squares = {[COR_FLOAT32] = norm_squares_float32, [COR_FLOAT64] = norm_squares_float64},
    .line_sum = {[COR_FLOAT32] = line_sum_float32, [COR_FLOAT64] = line_sum_float64},
    .deviations = {[COR_FLOAT32] = deviations_float32, [COR_FLOAT64] = deviations_float64},
    .gradient_sums = {[COR_FLOAT32] = gradient_sums_float32, [COR_FLOAT64] = gradient_sums_float64},
    .combine = {[COR_FLOAT32] = combine_float32, [COR_FLOAT64] = combine_float64},
    .normalise = {[COR_FLOAT32] = normalise_float32, [COR_FLOAT64] = normalise_float64},
    .shifted = {[COR_FLOAT32] = shifted_float32, [COR_FLOAT64] = shifted_float64}};

#undef NORM_SUM
#undef NORM_LOOPS
