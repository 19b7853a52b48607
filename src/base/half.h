/* half.h: float16 (IEEE binary16) and bfloat16 as bit patterns: exact one way, rounded to nearest even the other. */
#ifndef COR_BASE_HALF_H
#define COR_BASE_HALF_H

#include <stdint.h>
#include <string.h>

static inline float cor__bits_to_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t cor__float_to_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float cor__bfloat16_to_float(uint16_t bits) { return cor__bits_to_float((uint32_t)bits << 16); }

static inline uint16_t cor__float_to_bfloat16(float value) {
    uint32_t bits = cor__float_to_bits(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fc0; /* NaN, as PyTorch writes it */
    return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

/* A NaN becomes quiet, as processors make it. The exponent is moved by a multiplication, which also makes subnormal
 * halves normal floats. */
static inline float cor__half_to_float(uint16_t bits) {
    uint32_t sign = (uint32_t)(bits & 0x8000u) << 16, rest = (uint32_t)(bits & 0x7fffu) << 13;
    if (rest > 0x7c00u << 13) rest |= 1u << 22;
    if (rest >= 0x7c00u << 13) return cor__bits_to_float(sign | 0x7f800000u | (rest & 0x7fffffu));
    float magnitude = cor__bits_to_float(rest) * 0x1p112f;
    return cor__bits_to_float(sign | cor__float_to_bits(magnitude));
}

/* Adding a power of two whose last place is the half's last place rounds as the half must be rounded. */
static inline uint16_t cor__float_to_half(float value) {
    uint32_t bits = cor__float_to_bits(value), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | (magnitude >> 13 & 0x1ffu)); /* a quiet NaN */
    if (magnitude >= 0x47800000u) return (uint16_t)(sign | 0x7c00u);                             /* 65536 and above */
    if (magnitude < 0x38800000u) { /* below 2^-14: a subnormal half */
        uint32_t rounded = cor__float_to_bits(cor__bits_to_float(magnitude) + 0.5f);
        return (uint16_t)(sign | (rounded - 0x3f000000u));
    }
    return (uint16_t)(sign | ((magnitude + 0xfffu + ((magnitude >> 13) & 1) - 0x38000000u) >> 13));
}

#endif
