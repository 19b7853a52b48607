/* convert.inc.c: one loop for each pair of dtypes, from one template. */
#include "kernels/convert.h"
#include "base/half.h"
#include "kernels/elementwise_loops.h"
#include "kernels/vec.h"

typedef struct {
    uint16_t bits;
} half;
typedef struct {
    uint16_t bits;
} bhalf;

static inline int64_t to_int64(double value) { return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN; }

/* Reading an element of each type as one of three carriers, and making an element from them. */
#define LOAD_truth(x) ((x) != 0)
#define LOAD_uint8_t(x) (x)
#define LOAD_int8_t(x) (x)
#define LOAD_int16_t(x) (x)
#define LOAD_int32_t(x) (x)
#define LOAD_int64_t(x) (x)
#define LOAD_half(x) cor__half_to_float((x).bits)
#define LOAD_bhalf(x) cor__bfloat16_to_float((x).bits)
#define LOAD_float(x) (x)
#define LOAD_double(x) (x)

#define IS_REAL(x) _Generic((x), float : 1, double : 1, default : 0)
#define AS_INT(x) (IS_REAL(x) ? to_int64((double)(x)) : (int64_t)(x))
#define MAKE_truth(x) ((x) != 0)
#define MAKE_uint8_t(x) ((uint8_t)AS_INT(x))
#define MAKE_int8_t(x) ((int8_t)AS_INT(x))
#define MAKE_int16_t(x) ((int16_t)AS_INT(x))
#define MAKE_int32_t(x) ((int32_t)AS_INT(x))
#define MAKE_int64_t(x) AS_INT(x)
#define MAKE_half(x) ((half){cor__float_to_half((float)(x))})
#define MAKE_bhalf(x) ((bhalf){cor__float_to_bfloat16((float)(x))})
#define MAKE_float(x) ((float)(x))
#define MAKE_double(x) ((double)(x))

/* The contiguous case stands apart so that the compiler can vectorise it. */
#define CONVERT(to, from)                                                                                              \
    static void convert_##to##_##from(int64_t n, void *dst, int64_t dst_stride, const void *src, int64_t src_stride) { \
        if (dst_stride == (int64_t)sizeof(to) && src_stride == (int64_t)sizeof(from)) {                                \
            to *restrict d = dst;                                                                                      \
            const from *restrict s = src;                                                                              \
            for (int64_t i = 0; i < n; i++) d[i] = MAKE_##to(LOAD_##from(s[i]));                                       \
        } else {                                                                                                       \
            char *d = dst;                                                                                             \
            const char *s = src;                                                                                       \
            for (int64_t i = 0; i < n; i++, d += dst_stride, s += src_stride)                                          \
                *(to *)(void *)d = MAKE_##to(LOAD_##from(*(const from *)(const void *)s));                             \
        }                                                                                                              \
    }

#define CONVERT_TO(to)                                                                                                 \
    CONVERT(to, truth)                                                                                                 \
    CONVERT(to, uint8_t)                                                                                               \
    CONVERT(to, int8_t)                                                                                                \
    CONVERT(to, int16_t)                                                                                               \
    CONVERT(to, int32_t)                                                                                               \
    CONVERT(to, int64_t)                                                                                               \
    CONVERT(to, half)                                                                                                  \
    CONVERT(to, bhalf)                                                                                                 \
    CONVERT(to, float)                                                                                                 \
    CONVERT(to, double)

CONVERT_TO(truth)
CONVERT_TO(uint8_t)
CONVERT_TO(int8_t)
CONVERT_TO(int16_t)
CONVERT_TO(int32_t)
CONVERT_TO(int64_t)
CONVERT_TO(half)
CONVERT_TO(bhalf)
CONVERT_TO(float)
CONVERT_TO(double)

/* Between float32 and float16, in vectors. */
#define CONVERT_WIDE(to, from, to_vector, from_vector, function)                                                       \
    static void wide_##to##_##from(int64_t n, void *dst, int64_t dst_stride, const void *src, int64_t src_stride) {    \
        enum { WIDE = sizeof(cor__f32v) / sizeof(float) };                                                             \
        int64_t i = 0;                                                                                                 \
        if (dst_stride == (int64_t)sizeof(to) && src_stride == (int64_t)sizeof(from))                                  \
            for (; i + WIDE <= n; i += WIDE)                                                                           \
                COR__STORE(to_vector, (to *)dst + i, function(COR__LOAD(from_vector, (const from *)src + i)));         \
        convert_##to##_##from(n - i, (to *)dst + i, dst_stride, (const from *)src + i, src_stride);                    \
    }

CONVERT_WIDE(half, float, cor__u16h, cor__f32v, cor__to_half)
CONVERT_WIDE(float, half, cor__f32v, cor__u16h, cor__from_half)

#define CONVERT_ROW(to, to_float, from_half)                                                                           \
    {                                                                                                                  \
        convert_##to##_truth, convert_##to##_uint8_t, convert_##to##_int8_t, convert_##to##_int16_t,                   \
            convert_##to##_int32_t, convert_##to##_int64_t, from_half, convert_##to##_bhalf, to_float,                 \
            convert_##to##_double                                                                                      \
    }
#define CONVERT_PLAIN(to) CONVERT_ROW(to, convert_##to##_float, convert_##to##_half)

static const cor__convert_kernels convert_kernels = {
    .loop = {CONVERT_PLAIN(truth), CONVERT_PLAIN(uint8_t), CONVERT_PLAIN(int8_t), CONVERT_PLAIN(int16_t),
             CONVERT_PLAIN(int32_t), CONVERT_PLAIN(int64_t), CONVERT_ROW(half, wide_half_float, convert_half_half),
             CONVERT_PLAIN(bhalf), CONVERT_ROW(float, convert_float_float, wide_float_half), CONVERT_PLAIN(double)}};
