/* random_int.c: the fills with integers: random_, randint and randperm. */
#include "base/error.h"
#include "base/random_engine.h"
#include "base/sizes.h"
#include <string.h>

/* ---- random_ ---------------------------------------------------------------------------------------------------- */

/* base + w % range, where w is a pair of words or, for a range below 2^32, one. */
static void draw_range(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, int64_t base, uint64_t range,
                       bool pairs) {
    uint64_t wide[COR__CHUNK];
    uint32_t words[COR__CHUNK];
    generator = cor__random_lock(generator);
    for (int64_t done = 0; done < n; done += COR__CHUNK) {
        int64_t count = cor__min(n - done, COR__CHUNK);
        if (pairs) cor__random_pairs(generator, wide, count);
        else cor__random_words(generator, words, count);
        for (int64_t i = 0; i < count; i++) {
            uint64_t drawn = pairs ? wide[i] % range : words[i] % (uint32_t)range;
            cor__put_int(out, done + i, dtype, (int64_t)(drawn + (uint64_t)base));
        }
    }
    cor__random_unlock(generator);
}

/* Bits of a floating dtype's mantissa, with the hidden one. */
static int digits_of(cor_dtype dtype) {
    switch (dtype) {
    case COR_FLOAT16:
        return 11;
    case COR_BFLOAT16:
        return 8;
    case COR_FLOAT32:
        return 24;
    default:
        return 53;
    }
}

int cor__random_integers(cor_generator *generator, void *out, int64_t n, cor_dtype dtype) {
    static const int integer_bits[] = {
        [COR_BOOL] = 1, [COR_UINT8] = 8, [COR_INT8] = 7, [COR_INT16] = 15, [COR_INT32] = 31, [COR_INT64] = 63};
    bool real = cor__is_real(dtype);
    int bits = real ? digits_of(dtype) : integer_bits[dtype];
    uint64_t range = ((uint64_t)1 << bits) + real;
    draw_range(generator, out, n, dtype, 0, range, dtype == COR_INT64 || dtype == COR_FLOAT64);
    return COR_OK;
}

/* ---- random_(from, to) ------------------------------------------------------------------------------------------ */

/* The number as an element of a floating dtype, back as an integer. */
static int64_t through(cor_dtype dtype, int64_t value) {
    float narrow = (float)value;
    switch (dtype) {
    case COR_FLOAT16:
        return cor__to_int64((double)cor__half_to_float(cor__float_to_half(narrow)));
    case COR_BFLOAT16:
        return cor__to_int64((double)cor__bfloat16_to_float(cor__float_to_bfloat16(narrow)));
    case COR_FLOAT32:
        return cor__to_int64((double)narrow);
    default:
        return cor__to_int64((double)value);
    }
}

/* The distance of a floating dtype's elements around a number that it cannot hold. */
static uint64_t spacing(cor_dtype dtype, int64_t value) {
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    return (uint64_t)1 << (63 - __builtin_clzll(magnitude) - digits_of(dtype) + 1);
}

/* Moves the ends inwards to numbers from which rounding does not leave [from, to). */
static void fit_ends(cor_dtype dtype, int64_t *from, int64_t *to) {
    int64_t low = through(dtype, *from + 1), high = through(dtype, *to - 1);
    if (low < *from) *from = (int64_t)((uint64_t)low + spacing(dtype, *from + 1));
    if (high >= *to) *to = (int64_t)((uint64_t)high - spacing(dtype, *to - 1));
}

/* What an end may be; the other floating dtypes hold every int64_t. */
static bool in_bounds(cor_dtype dtype, int64_t value) {
    switch (dtype) {
    case COR_BOOL:
        return value >= 0 && value <= 1;
    case COR_UINT8:
        return value >= 0 && value <= UINT8_MAX;
    case COR_INT8:
        return value >= INT8_MIN && value <= INT8_MAX;
    case COR_INT16:
        return value >= INT16_MIN && value <= INT16_MAX;
    case COR_INT32:
        return value >= INT32_MIN && value <= INT32_MAX;
    case COR_FLOAT16:
        return value >= -65504 && value <= 65504;
    default:
        return true;
    }
}

int cor__random_from_to(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, int64_t from, int64_t to) {
    if (from >= to)
        return cor__fail(COR_EVALUE, "random_ expects 'from' to be less than 'to', but got from=%lld >= to=%lld",
                         (long long)from, (long long)to);
    if (cor__is_real(dtype)) fit_ends(dtype, &from, &to);
    if (from >= to)
        return cor__fail(COR_EVALUE,
                         "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got "
                         "from=%lld >= to=%lld",
                         (long long)from, (long long)to);
    const char *name = cor__random_type_name(dtype);
    if (!in_bounds(dtype, from)) return cor__fail(COR_EVALUE, "from is out of bounds for %s", name);
    if (!in_bounds(dtype, to - 1)) return cor__fail(COR_EVALUE, "to - 1 is out of bounds for %s", name);
    uint64_t range = (uint64_t)to - (uint64_t)from;
    draw_range(generator, out, n, dtype, from, range, range >= (uint64_t)1 << 28);
    return COR_OK;
}

/* ---- randperm --------------------------------------------------------------------------------------------------- */

enum { MANY = UINT32_MAX / 20 }; /* elements from which on single words would be too biased */

static int check_permutation(int64_t n, cor_dtype dtype) {
    static const struct {
        int64_t most;
        const char *text;
    } limits[COR_FLOAT64 + 1] = {
        [COR_UINT8] = {INT64_C(1) << 8, "value cannot be converted to type uint8_t without overflow"},
        [COR_INT8] = {INT64_C(1) << 7, "value cannot be converted to type int8_t without overflow"},
        [COR_INT16] = {INT64_C(1) << 15, "value cannot be converted to type int16_t without overflow"},
        [COR_INT32] = {INT64_C(1) << 31, "value cannot be converted to type int without overflow"},
        [COR_FLOAT16] = {(1 << 11) + 1, "n cannot be greater than 2049 for Half type."},
        [COR_FLOAT32] = {(1 << 24) + 1, "n cannot be greater than 2^24+1 for Float type."},
        [COR_FLOAT64] = {(INT64_C(1) << 53) + 1, "n cannot be greater than 2^53+1 for Double type."},
    };
    if (n < 0)
        return cor__fail(COR_EVALUE, "Trying to create tensor with negative dimension %lld: [%lld]", (long long)n,
                         (long long)n);
    if (dtype == COR_BOOL) return cor__random_not_implemented("randperm", dtype);
    if (limits[dtype].text != NULL && n > limits[dtype].most) return cor__fail(COR_EVALUE, "%s", limits[dtype].text);
    return COR_OK;
}

/* Swaps two elements; inlined with a size that is known then. */
static inline void swap(char *a, char *b, size_t size) {
    uint64_t first = 0, second = 0;
    memcpy(&first, a, size);
    memcpy(&second, b, size);
    memcpy(a, &second, size);
    memcpy(b, &first, size);
}

/* The shuffle of Fisher and Yates from the front: element i changes places with one of those from i on. */
static inline void shuffle(cor_generator *generator, char *out, int64_t n, size_t size) {
    uint32_t words[COR__CHUNK];
    for (int64_t done = 0; done < n - 1; done += COR__CHUNK) {
        int64_t end = cor__min(n - 1, done + COR__CHUNK);
        cor__random_words(generator, words, end - done);
        for (int64_t i = done; i < end; i++) {
            int64_t other = i + words[i - done] % (uint32_t)(n - i);
            swap(out + (size_t)i * size, out + (size_t)other * size, size);
        }
    }
}

/* The same from the inside out: element i, which holds i, changes places with one of those up to i. */
static inline void shuffle_many(cor_generator *generator, char *out, int64_t n, size_t size) {
    uint64_t pairs[COR__CHUNK];
    for (int64_t done = 0; done < n; done += COR__CHUNK) {
        int64_t end = cor__min(n, done + COR__CHUNK);
        cor__random_pairs(generator, pairs, end - done);
        for (int64_t i = done; i < end; i++) {
            size_t other = (size_t)(pairs[i - done] % (uint64_t)(i + 1));
            swap(out + (size_t)i * size, out + other * size, size);
        }
    }
}

static inline void permute(cor_generator *generator, char *out, int64_t n, size_t size) {
    if (n < MANY) shuffle(generator, out, n, size);
    else shuffle_many(generator, out, n, size);
}

int cor__random_permutation(cor_generator *generator, void *out, int64_t n, cor_dtype dtype) {
    int code = check_permutation(n, dtype);
    if (code != COR_OK) return code;
    for (int64_t i = 0; i < n; i++) cor__put_int(out, i, dtype, i);
    generator = cor__random_lock(generator);
    switch (dtype) {
    case COR_UINT8:
    case COR_INT8:
        permute(generator, out, n, 1);
        break;
    case COR_INT16:
    case COR_FLOAT16:
    case COR_BFLOAT16:
        permute(generator, out, n, 2);
        break;
    case COR_INT32:
    case COR_FLOAT32:
        permute(generator, out, n, 4);
        break;
    default:
        permute(generator, out, n, 8);
    }
    cor__random_unlock(generator);
    return COR_OK;
}
