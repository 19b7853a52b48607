/* random_engine.h: the Mersenne twister behind a generator, and what the fills share. */
#ifndef COR_BASE_RANDOM_ENGINE_H
#define COR_BASE_RANDOM_ENGINE_H

#include "base/half.h"
#include "base/object.h"
#include "base/random.h"
#include <pthread.h>

/* The words of the twister's state; the elements that normal_ makes together; how many a fill handles at a time (a
 * multiple of that). */
enum { COR__TWISTER = 624, COR__BLOCK = 16, COR__CHUNK = 256 };

#define COR__TWO_PI 6.283185307179586476925286766559

struct cor_generator {
    cor__object object;
    pthread_mutex_t lock;
    uint64_t seed;
    uint32_t left; /* one more than the words that can be drawn before the next twist */
    uint32_t next; /* where in state these begin */
    uint32_t state[COR__TWISTER];
    bool has_normal;
    double normal; /* the second of two normal samples, when has_normal */
    bool has_float_normal;
    float float_normal; /* likewise; PyTorch keeps one in the state that no draw on CPU uses */
};

/* Locks the generator, or the default one for NULL, and returns it. */
cor_generator *cor__random_lock(cor_generator *generator);
void cor__random_unlock(cor_generator *generator);

/* The next n words of a locked generator. */
void cor__random_words(cor_generator *generator, uint32_t *words, int64_t n);

/* The next n numbers of two words each, and the next n uniform numbers of [0, 1), of a locked generator. */
void cor__random_pairs(cor_generator *generator, uint64_t *pairs, int64_t n);
void cor__random_floats(cor_generator *generator, float *units, int64_t n);
void cor__random_doubles(cor_generator *generator, double *units, int64_t n);

/* Each value becomes fma(value, scale, shift). */
void cor__random_stretch_floats(float *values, int64_t n, float scale, float shift);
void cor__random_stretch_doubles(double *values, int64_t n, double scale, double shift);

/* Turns n uniform floats of [0, 1), whole blocks of COR__BLOCK, into normal samples as PyTorch's AVX2 kernel does: with
 * polynomials for logarithm, sine and cosine. */
void cor__random_polynomial_blocks(float *data, int64_t n, float mean, float std);

/* ---- elements --------------------------------------------------------------------------------------------------- */

static inline bool cor__is_real(cor_dtype dtype) { return dtype >= COR_FLOAT16; }

/* A double as int32_t and int64_t: towards zero, and the smallest number for what does not fit, as x86 converts. */
static inline int32_t cor__to_int32(double value) {
    return value > -0x1p31 - 1 && value < 0x1p31 ? (int32_t)value : INT32_MIN;
}

static inline int64_t cor__to_int64(double value) {
    return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN;
}

/* Element i of a tensor of float16, bfloat16 or float32 becomes the value, rounded. */
static inline void cor__put_float(void *out, int64_t i, cor_dtype dtype, float value) {
    if (dtype == COR_FLOAT32) ((float *)out)[i] = value;
    else if (dtype == COR_FLOAT16) ((uint16_t *)out)[i] = cor__float_to_half(value);
    else ((uint16_t *)out)[i] = cor__float_to_bfloat16(value);
}

/* Element i becomes the value: rounded to float32 first for the 16-bit dtypes, cut for the integers. */
static inline void cor__put_double(void *out, int64_t i, cor_dtype dtype, double value) {
    switch (dtype) {
    case COR_BOOL:
        ((uint8_t *)out)[i] = value != 0;
        break;
    case COR_UINT8:
    case COR_INT8:
        ((uint8_t *)out)[i] = (uint8_t)cor__to_int32(value);
        break;
    case COR_INT16:
        ((uint16_t *)out)[i] = (uint16_t)cor__to_int32(value);
        break;
    case COR_INT32:
        ((int32_t *)out)[i] = cor__to_int32(value);
        break;
    case COR_INT64:
        ((int64_t *)out)[i] = cor__to_int64(value);
        break;
    case COR_FLOAT64:
        ((double *)out)[i] = value;
        break;
    default:
        cor__put_float(out, i, dtype, (float)value);
    }
}

/* Element i becomes the integer, cut to the width of an integer dtype. */
static inline void cor__put_int(void *out, int64_t i, cor_dtype dtype, int64_t value) {
    switch (dtype) {
    case COR_BOOL:
        ((uint8_t *)out)[i] = value != 0;
        break;
    case COR_UINT8:
    case COR_INT8:
        ((uint8_t *)out)[i] = (uint8_t)value;
        break;
    case COR_INT16:
        ((uint16_t *)out)[i] = (uint16_t)value;
        break;
    case COR_INT32:
        ((uint32_t *)out)[i] = (uint32_t)value;
        break;
    case COR_INT64:
        ((int64_t *)out)[i] = value;
        break;
    case COR_FLOAT64:
        ((double *)out)[i] = (double)value;
        break;
    default:
        cor__put_float(out, i, dtype, (float)value);
    }
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

/* PyTorch's two names of a dtype in the errors of these operations: "Long" and "long int". */
const char *cor__random_scalar_name(cor_dtype dtype);
const char *cor__random_type_name(cor_dtype dtype);

/* Raises PyTorch's error for a kernel that lacks a dtype; returns the code. */
#define cor__random_not_implemented(kernel, dtype)                                                                     \
    cor__fail(COR_EDTYPE, "\"%s\" not implemented for '%s'", kernel, cor__random_scalar_name(dtype))

#endif
