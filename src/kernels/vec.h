/* vec.h: vectors of COR__VEC_BYTES bytes in GNU vector extensions, for the kernels that are compiled once per
 * instruction set. No lane is ever subscripted: that makes compilers keep vectors in memory. */
#ifndef COR_KERNELS_VEC_H
#define COR_KERNELS_VEC_H

#include <stdint.h>
#include <string.h>

#ifndef COR__VEC_BYTES
#error "the file that includes this sets the width of its vectors"
#endif

#define COR__INLINE static inline __attribute__((always_inline, unused))

/* A vector type, and its twin that may lie anywhere in memory of any type. */
#define COR__VECTOR(scalar, name, bytes)                                                                               \
    typedef scalar name __attribute__((vector_size(bytes)));                                                           \
    typedef scalar name##_at __attribute__((vector_size(bytes), aligned(1), may_alias));

COR__VECTOR(float, cor__f32v, COR__VEC_BYTES)
COR__VECTOR(double, cor__f64v, COR__VEC_BYTES)
COR__VECTOR(uint32_t, cor__u32v, COR__VEC_BYTES)
COR__VECTOR(int32_t, cor__i32v, COR__VEC_BYTES)
COR__VECTOR(uint64_t, cor__u64v, COR__VEC_BYTES)

/* As many narrow elements as a vector has 32-bit ones. */
COR__VECTOR(uint16_t, cor__u16h, COR__VEC_BYTES / 2)
COR__VECTOR(int16_t, cor__i16h, COR__VEC_BYTES / 2)
COR__VECTOR(uint8_t, cor__u8q, COR__VEC_BYTES / 4)
COR__VECTOR(int8_t, cor__i8q, COR__VEC_BYTES / 4)

#define COR__AT(type) COR__AT_(type)
#define COR__AT_(type) type##_at
#define COR__LOAD(type, pointer) ((type) * (const COR__AT(type) *)(pointer))
#define COR__STORE(type, pointer, value) (*(COR__AT(type) *)(pointer) = (value))

/* All lanes s, exactly: also for s = -0, which 0 + s would lose. */
#define COR__ALL(type, s) ((s) - (type){0})

/* Keeps the vector in a register: for one with several uses gcc 12 may read memory again at each. */
#if defined(__AVX512F__)
#define COR__HOLD(vector) __asm__("" : "+v"(vector))
#elif defined(__SSE__)
#define COR__HOLD(vector) __asm__("" : "+x"(vector))
#elif defined(__aarch64__)
#define COR__HOLD(vector) __asm__("" : "+w"(vector))
#else
#define COR__HOLD(vector) ((void)0)
#endif

/* In the body of a loop of a few elements: keeps it from being vectorised, which would only make it long. */
#define COR__FEW __asm__ volatile("")

/* mask is all ones or all zeros in each lane. */
COR__INLINE cor__u32v cor__choose(cor__u32v mask, cor__u32v yes, cor__u32v no) { return (mask & yes) | (~mask & no); }

#if defined(__F16C__)
#if defined(__AVX512F__)
#define COR__REGISTER "v"
#else
#define COR__REGISTER "x"
#endif

/* float16 to float32, exact; a NaN becomes quiet. */
COR__INLINE cor__f32v cor__from_half(cor__u16h half) {
    cor__f32v value;
    __asm__("vcvtph2ps %1, %0" : "=" COR__REGISTER(value) : COR__REGISTER(half));
    return value;
}

/* float32 to float16, rounded to nearest even. */
COR__INLINE cor__u16h cor__to_half(cor__f32v value) {
    cor__u16h half;
    __asm__("vcvtps2ph $0, %1, %0" : "=" COR__REGISTER(half) : COR__REGISTER(value));
    return half;
}
#else
/* float16 to float32, exact; a NaN becomes quiet. Computed without denormal operands, so that it holds when these are
 * flushed. */
COR__INLINE cor__f32v cor__from_half(cor__u16h half) {
    const cor__u32v bits = __builtin_convertvector(half, cor__u32v);
    const cor__u32v sign = (bits & 0x8000u) << 16, rest = (bits & 0x7fffu) << 13;
    const cor__u32v normal = rest + (112u << 23), quiet = (cor__u32v)(rest > (31u << 23)) & (1u << 22),
                    special = (rest + (224u << 23)) | quiet;
    /* The fraction as 2^-14 * (1 + fraction), less the 2^-14. */
    const cor__u32v subnormal = (cor__u32v)((cor__f32v)(rest + (113u << 23)) - 0x1p-14f);
    const cor__u32v value = cor__choose((cor__u32v)(rest >= (31u << 23)), special,
                                        cor__choose((cor__u32v)(rest < (1u << 23)), subnormal, normal));
    return (cor__f32v)(value | sign);
}

/* float32 to float16, rounded to nearest even. */
COR__INLINE cor__u16h cor__to_half(cor__f32v value) {
    const cor__u32v bits = (cor__u32v)value, sign = bits & 0x80000000u, rest = bits ^ sign;
    /* Normal results: move the exponent and round away 13 bits. */
    const cor__u32v odd = (rest >> 13) & 1u, normal = (rest - (112u << 23) + 0xfffu + odd) >> 13;
    /* Subnormal ones: adding 1/2 leaves the fraction in the last bits, rounded by the addition. */
    const cor__u32v subnormal = (cor__u32v)((cor__f32v)rest + 0.5f) - (126u << 23);
    const cor__u32v special =
        ((cor__u32v)(rest > (255u << 23)) & (0x200u | (rest >> 13 & 0x1ffu))) | COR__ALL(cor__u32v, 0x7c00u);
    const cor__u32v finite = cor__choose((cor__u32v)(rest < (113u << 23)), subnormal, normal);
    const cor__u32v narrow = cor__choose((cor__u32v)(rest >= (143u << 23)), special, finite);
    return __builtin_convertvector(narrow | (sign >> 16), cor__u16h);
}
#endif

/* bfloat16 to float32, exact. */
COR__INLINE cor__f32v cor__from_bfloat(cor__u16h bfloat) {
    return (cor__f32v)(__builtin_convertvector(bfloat, cor__u32v) << 16);
}

/* float32 to bfloat16, rounded to nearest even. */
COR__INLINE cor__u16h cor__to_bfloat(cor__f32v value) {
    const cor__u32v bits = (cor__u32v)value, rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    const cor__u32v nan = (cor__u32v)((bits & 0x7fffffffu) > 0x7f800000u);
    return __builtin_convertvector(cor__choose(nan, COR__ALL(cor__u32v, 0x7fc0u), rounded), cor__u16h);
}

#endif
