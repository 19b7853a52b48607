/* random_fused.c: the loops that consist of fused multiply-adds. Where the compiler may not assume the instruction,
 * fmaf is a call of the C library: so on x86-64 they are compiled a second time, for CPUs that have it. The results are
 * the same. */
#include "base/random_engine.h"
#include <math.h>

/* A loop is written once as INLINE, which takes on the instructions of the function that it becomes part of. */
#define INLINE static inline __attribute__((always_inline))
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
static bool have_avx2(void) {
    cor_isa isa = cor_isa_chosen();
    return isa == COR_ISA_AVX2 || isa == COR_ISA_AVX512;
}
#else
#define AVX2
static bool have_avx2(void) { return false; }
#endif

enum { HALF_BLOCK = COR__BLOCK / 2 };

/* ---- stretching ------------------------------------------------------------------------------------------------- */

INLINE void stretch_floats(float *values, int64_t n, float scale, float shift) {
    for (int64_t i = 0; i < n; i++) values[i] = fmaf(values[i], scale, shift);
}

AVX2 static void stretch_floats_avx2(float *values, int64_t n, float scale, float shift) {
    stretch_floats(values, n, scale, shift);
}

void cor__random_stretch_floats(float *values, int64_t n, float scale, float shift) {
    if (have_avx2()) stretch_floats_avx2(values, n, scale, shift);
    else stretch_floats(values, n, scale, shift);
}

INLINE void stretch_doubles(double *values, int64_t n, double scale, double shift) {
    for (int64_t i = 0; i < n; i++) values[i] = fma(values[i], scale, shift);
}

AVX2 static void stretch_doubles_avx2(double *values, int64_t n, double scale, double shift) {
    stretch_doubles(values, n, scale, shift);
}

void cor__random_stretch_doubles(double *values, int64_t n, double scale, double shift) {
    if (have_avx2()) stretch_doubles_avx2(values, n, scale, shift);
    else stretch_doubles(values, n, scale, shift);
}

/* ---- normal samples --------------------------------------------------------------------------------------------- */

/* log of u in [2^-24, 1]: Cephes' logf, with these fused operations. */
INLINE float log_of(float u) {
    uint32_t bits = cor__float_to_bits(u);
    float exponent = (float)((int32_t)(bits >> 23) - 126);
    float mantissa = cor__bits_to_float((bits & 0x007fffff) | 0x3f000000);
    bool low = mantissa < 0.707106781186547524f;
    exponent -= low ? 1.0f : 0.0f;
    float x = mantissa - 1 + (low ? mantissa : 0.0f), square = x * x;
    float y = fmaf(7.0376836292e-2f, x, -1.1514610310e-1f);
    y = fmaf(y, x, 1.1676998740e-1f);
    y = fmaf(y, x, -1.2420140846e-1f);
    y = fmaf(y, x, 1.4249322787e-1f);
    y = fmaf(y, x, -1.6668057665e-1f);
    y = fmaf(y, x, 2.0000714765e-1f);
    y = fmaf(y, x, -2.4999993993e-1f);
    y = fmaf(y, x, 3.3333331174e-1f);
    y *= x;
    y = fmaf(y, square, exponent * -2.12194440e-4f);
    y = fmaf(square, -0.5f, y);
    return fmaf(exponent, 0.693359375f, x + y);
}

/* The value with its sign changed when bit 2 of `octant` is set. */
INLINE float signed_by(float value, int32_t octant) {
    return cor__bits_to_float(cor__float_to_bits(value) ^ (uint32_t)(octant & 4) << 29);
}

/* sin and cos of an angle in [0, 2 pi]: Cephes' sinf and cosf. j counts the eighths of a turn up to the angle, rounded
 * to an even number, and these are taken off the angle with pi/4 in three parts. j then says which polynomial is which
 * function's, and the signs. */
INLINE void sin_cos_of(float angle, float *sine, float *cosine) {
    int32_t j = ((int32_t)(angle * 1.27323954473516f) + 1) & ~1;
    float eighths = (float)j;
    float x = fmaf(eighths, -0.78515625f, angle);
    x = fmaf(eighths, -2.4187564849853515625e-4f, x);
    x = fmaf(eighths, -3.77489497744594108e-8f, x);
    float square = x * x;
    float c = fmaf(2.443315711809948e-5f, square, -1.388731625493765e-3f);
    c = fmaf(c, square, 4.166664568298827e-2f);
    c *= square;
    c = fmaf(c, square, -(square * 0.5f)) + 1;
    float s = fmaf(-1.9515295891e-4f, square, 8.3321608736e-3f);
    s = fmaf(s, square, -1.6666654611e-1f);
    s *= square;
    s = fmaf(s, x, x);
    bool swapped = (j & 2) != 0;
    *sine = signed_by(swapped ? c : s, j);
    *cosine = signed_by(swapped ? s : c, j + 2);
}

INLINE void polynomial_block(float *data, float mean, float std) {
    for (int i = 0; i < HALF_BLOCK; i++) {
        float radius = sqrtf(-2 * log_of(1 - data[i])), sine, cosine;
        sin_cos_of((float)COR__TWO_PI * data[i + HALF_BLOCK], &sine, &cosine);
        data[i] = fmaf(radius * cosine, std, mean);
        data[i + HALF_BLOCK] = fmaf(radius * sine, std, mean);
    }
}

INLINE void polynomial_blocks(float *data, int64_t n, float mean, float std) {
    for (int64_t i = 0; i < n; i += COR__BLOCK) polynomial_block(data + i, mean, std);
}

AVX2 static void polynomial_blocks_avx2(float *data, int64_t n, float mean, float std) {
    polynomial_blocks(data, n, mean, std);
}

void cor__random_polynomial_blocks(float *data, int64_t n, float mean, float std) {
    if (have_avx2()) polynomial_blocks_avx2(data, n, mean, std);
    else polynomial_blocks(data, n, mean, std);
}
