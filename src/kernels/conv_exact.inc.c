/* conv_exact.inc.c: integers to floating point and back, in loops that compilers turn into vectors. */
#include "kernels/conv_exact.h"
#include <stdint.h>

/* `carrier` is what a number is taken as, `wide` the same for its bits. int64 becomes int32 for the conversion, for
 * which there are instructions. */
#define READ(name, type, carrier, wide)                                                                                \
    static uint64_t name(float *restrict to, const type *restrict from, int64_t step, int64_t n) {                     \
        wide bits = 0;                                                                                                 \
        if (step == 1)                                                                                                 \
            for (int64_t i = 0; i < n; i++) {                                                                          \
                const carrier x = from[i];                                                                             \
                bits |= (wide)(x < 0 ? ~x : x);                                                                        \
                to[i] = (float)(int32_t)x;                                                                             \
            }                                                                                                          \
        else                                                                                                           \
            for (int64_t i = 0; i < n; i++) {                                                                          \
                const carrier x = from[i * step];                                                                      \
                bits |= (wide)(x < 0 ? ~x : x);                                                                        \
                to[i] = (float)(int32_t)x;                                                                             \
            }                                                                                                          \
        return bits;                                                                                                   \
    }

READ(read_u8, uint8_t, int32_t, uint32_t)
READ(read_s8, int8_t, int32_t, uint32_t)
READ(read_s16, int16_t, int32_t, uint32_t)
READ(read_s32, int32_t, int32_t, uint32_t)
READ(read_s64, int64_t, int64_t, uint64_t)
#undef READ

static uint64_t exact_to_f32(void *to, const void *from, int64_t step, int64_t n, cor_dtype dtype) {
    switch (dtype) {
    case COR_UINT8:
        return read_u8(to, from, step, n);
    case COR_INT8:
        return read_s8(to, from, step, n);
    case COR_INT16:
        return read_s16(to, from, step, n);
    case COR_INT32:
        return read_s32(to, from, step, n);
    default:
        return read_s64(to, from, step, n);
    }
}

#define WRITE(name, type)                                                                                              \
    static void name(type *restrict to, const float *restrict from, int64_t n, type add) {                             \
        for (int64_t i = 0; i < n; i++) to[i] = (type)((type)(int32_t)from[i] + add);                                  \
    }

WRITE(write_8, uint8_t)
WRITE(write_16, uint16_t)
WRITE(write_32, uint32_t)
WRITE(write_64, uint64_t)
#undef WRITE

static void exact_from_f32(void *to, const void *from, int64_t n, uint64_t add, cor_dtype dtype) {
    switch (dtype) {
    case COR_UINT8:
    case COR_INT8:
        write_8(to, from, n, (uint8_t)add);
        break;
    case COR_INT16:
        write_16(to, from, n, (uint16_t)add);
        break;
    case COR_INT32:
        write_32(to, from, n, (uint32_t)add);
        break;
    default:
        write_64(to, from, n, add);
        break;
    }
}

/* 1.5 * 2^52 plus a whole number of at most 2^51 has that number in its lowest bits, as an integer. */
#define COR__ALIGNING 0x1.8p52

typedef union both {
    double real;
    uint64_t bits;
} both;

static uint64_t exact_to_f64(void *to, const void *from, int64_t step, int64_t n, cor_dtype dtype) {
    const both aligning = {.real = COR__ALIGNING};
    const int64_t *const numbers = from;
    double *const reals = to;
    uint64_t bits = 0;
    (void)dtype;
    for (int64_t i = 0; i < n; i++) {
        const int64_t x = numbers[i * step];
        const both sum = {.bits = (uint64_t)x + aligning.bits};
        bits |= (uint64_t)(x < 0 ? ~x : x);
        reals[i] = sum.real - COR__ALIGNING;
    }
    return bits;
}

static void exact_from_f64(void *to, const void *from, int64_t n, uint64_t add, cor_dtype dtype) {
    const both aligning = {.real = COR__ALIGNING};
    const double *const reals = from;
    uint64_t *const numbers = to;
    (void)dtype;
    for (int64_t i = 0; i < n; i++) {
        const both sum = {.real = reals[i] + COR__ALIGNING};
        numbers[i] = sum.bits - aligning.bits + add;
    }
}
#undef COR__ALIGNING

static const cor__conv_exact_kernels conv_exact_kernels = {exact_to_f32, exact_to_f64, exact_from_f32, exact_from_f64};
