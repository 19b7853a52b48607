/* conv_float.inc.c: direct convolution in float32 (for float16, bfloat16 and float32) and float64. */
#include "kernels/conv.h"
#include "kernels/conv_rows.inc.c"
#include "kernels/vec.h"
#include "kernels/words.h"

/* Measured on Zen 3, 4 by 3 vectors are faster than 6 by 2; on aarch64 gcc 12 keeps part of 6 by 4 in memory. */
#if COR__VEC_BYTES == 64
#define COR__TILE_ROWS 6
#define COR__TILE_REGISTERS 32
#elif defined(__aarch64__)
#define COR__TILE_ROWS 4
#define COR__TILE_REGISTERS 32
#else
#define COR__TILE_ROWS 4
#define COR__TILE_REGISTERS (COR__VEC_BYTES > 16 ? 16 : 14) /* a product that is not fused with its sum takes one */
#endif

enum { FLOAT_LANES = COR__VEC_BYTES / 4 };

/* ---- float32 ---------------------------------------------------------------------------------------------------- */

COR__INLINE cor__f32v from_16(cor__u16h bits, cor_dtype dtype) {
    return dtype == COR_FLOAT16 ? cor__from_half(bits) : cor__from_bfloat(bits);
}

COR__INLINE cor__u16h to_16(cor__f32v value, cor_dtype dtype) {
    return dtype == COR_FLOAT16 ? cor__to_half(value) : cor__to_bfloat(value);
}

/* n elements of 16 bits to float32; a last part of a vector goes through one in memory. */
static void widen(float *to, const uint16_t *from, int64_t step, int64_t n, cor_dtype dtype) {
    uint16_t bits[FLOAT_LANES] = {0};
    float values[FLOAT_LANES];
    for (int64_t i = 0; i < n; i += FLOAT_LANES) {
        const int64_t length = n - i < FLOAT_LANES ? n - i : FLOAT_LANES;
        for (int64_t k = 0; k < length; k++) bits[k] = from[(i + k) * step];
        COR__STORE(cor__f32v, values, from_16(COR__LOAD(cor__u16h, bits), dtype));
        memcpy(to + i, values, (size_t)length * sizeof *to);
    }
}

static void narrow(uint16_t *to, int64_t step, const float *from, int64_t n, cor_dtype dtype) {
    uint16_t bits[FLOAT_LANES];
    float values[FLOAT_LANES] = {0};
    for (int64_t i = 0; i < n; i += FLOAT_LANES) {
        const int64_t length = n - i < FLOAT_LANES ? n - i : FLOAT_LANES;
        memcpy(values, from + i, (size_t)length * sizeof *from);
        COR__STORE(cor__u16h, bits, to_16(COR__LOAD(cor__f32v, values), dtype));
        for (int64_t k = 0; k < length; k++) to[(i + k) * step] = bits[k];
    }
}

static void load_f32(void *to, const void *from, int64_t step, int64_t n, cor_dtype dtype) {
    float *const values = to;
    if (dtype != COR_FLOAT32) widen(values, from, step, n, dtype);
    else if (step == 1) cor__copy_words(to, from, n * (int64_t)sizeof *values);
    else
        for (int64_t i = 0; i < n; i++) values[i] = ((const float *)from)[i * step];
}

COR__INLINE int64_t element_f32(cor_dtype dtype) { return dtype == COR_FLOAT32 ? 4 : 2; }

static void store_row_f32(void *to, int64_t step, const float *from, int64_t n, cor_dtype dtype) {
    if (dtype != COR_FLOAT32) narrow(to, step, from, n, dtype);
    else if (step == 1) cor__copy_words(to, (const char *)from, n * (int64_t)sizeof *from);
    else
        for (int64_t i = 0; i < n; i++) ((float *)to)[i * step] = from[i];
}

#define COR__S float
#define COR__V cor__f32v
#define COR__ID(name) name##_f32
#include "kernels/conv_tile.inc.c"
#undef COR__S
#undef COR__V
#undef COR__ID

/* ---- float64 ---------------------------------------------------------------------------------------------------- */

static void load_f64(void *to, const void *from, int64_t step, int64_t n, cor_dtype dtype) {
    (void)dtype;
    double *const values = to;
    if (step == 1) cor__copy_words(to, from, n * (int64_t)sizeof *values);
    else
        for (int64_t i = 0; i < n; i++) values[i] = ((const double *)from)[i * step];
}

COR__INLINE int64_t element_f64(cor_dtype dtype) { return (void)dtype, 8; }

static void store_row_f64(void *to, int64_t step, const double *from, int64_t n, cor_dtype dtype) {
    (void)dtype;
    if (step == 1) cor__copy_words(to, (const char *)from, n * (int64_t)sizeof *from);
    else
        for (int64_t i = 0; i < n; i++) ((double *)to)[i * step] = from[i];
}

#define COR__S double
#define COR__V cor__f64v
#define COR__ID(name) name##_f64
#include "kernels/conv_tile.inc.c"
#undef COR__S
#undef COR__V
#undef COR__ID

static const cor__conv_kernels conv_kernels = {.f32 = {.size = 4,
                                                       .rows = COR__TILE_ROWS,
                                                       .widest = 4 * LANES_f32,
                                                       .block = block_f32,
                                                       .load = load_f32,
                                                       .copy = copy_32,
                                                       .pack = pack_f32},
                                               .f64 = {.size = 8,
                                                       .rows = COR__TILE_ROWS,
                                                       .widest = 4 * LANES_f64,
                                                       .block = block_f64,
                                                       .load = load_f64,
                                                       .copy = copy_64,
                                                       .pack = pack_f64}};
#undef COR__TILE_ROWS
#undef COR__TILE_REGISTERS
