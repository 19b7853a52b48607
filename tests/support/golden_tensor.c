/* golden_tensor.c: the notation of tensors, its data, and the comparison with expected results. */
#include "support/golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} DTYPES[GOLDEN_DTYPES] = {{"bool", 1},  {"uint8", 1},   {"int8", 1},     {"int16", 2},   {"int32", 4},
                           {"int64", 8}, {"float16", 2}, {"bfloat16", 2}, {"float32", 4}, {"float64", 8}};

const char *golden_dtype_name(golden_dtype dtype) { return DTYPES[dtype].name; }

size_t golden_dtype_size(golden_dtype dtype) { return DTYPES[dtype].size; }

bool golden_parse_dtype(const char *name, golden_dtype *dtype) {
    for (int i = 0; i < GOLDEN_DTYPES; i++)
        if (strcmp(DTYPES[i].name, name) == 0) {
            *dtype = (golden_dtype)i;
            return true;
        }
    return false;
}

/* Reads integers separated by commas up to `close`; returns how many, -1 if there are too many or it is broken. */
static int parse_integers(const char *at, char close, int64_t *values, int most) {
    int count = 0;
    while (*at && *at != close) {
        char *end;
        if (count == most) return -1;
        values[count++] = strtoll(at, &end, 10);
        if (end == at) return -1;
        at = *end == ',' ? end + 1 : end;
    }
    return *at == close ? count : -1;
}

static bool parse_sizes(const char *word, golden_tensor *tensor) {
    if (word[0] != '[') return false;
    tensor->ndim = parse_integers(word + 1, ']', tensor->sizes, GOLDEN_DIMS);
    tensor->count = 1;
    for (int i = 0; i < tensor->ndim; i++) tensor->count *= tensor->sizes[i];
    return tensor->ndim >= 0;
}

/* Reads the fill, which begins at `word` inside the borrowed value. */
static bool parse_fill(const char *word, golden_tensor *tensor) {
    if (strncmp(word, "hex:", 4) == 0) {
        tensor->fill = GOLDEN_HEX;
        tensor->hex = word + 4;
        return strcspn(tensor->hex, " ") == 2 * (size_t)tensor->count * golden_dtype_size(tensor->dtype);
    }
    if (strncmp(word, "fnv:", 4) == 0) {
        char *end;
        tensor->fill = GOLDEN_FNV;
        tensor->hash = strtoull(word + 4, &end, 16);
        tensor->hex = end + strlen(" first:");
        return strncmp(end, " first:", 7) == 0;
    }
    char numbers[128];
    if (sscanf(word, "formula:%127s", numbers) == 1) {
        tensor->fill = GOLDEN_FORMULA;
        int count = parse_integers(numbers, '\0', tensor->formula, 5);
        tensor->divided = count == 5;
        return count >= 4;
    }
    if (sscanf(word, "arange:%127s", numbers) != 1) return false;
    char *comma = strchr(numbers, ',');
    tensor->fill = GOLDEN_ARANGE;
    if (!comma) return false;
    tensor->start = strtod(numbers, NULL);
    tensor->step = strtod(comma + 1, NULL);
    tensor->formula[0] = strtoll(numbers, NULL, 10);
    tensor->formula[1] = strtoll(comma + 1, NULL, 10);
    return true;
}

static bool parse_step(const char *word, golden_tensor *tensor) {
    size_t name = strcspn(word, "(");
    if (tensor->n_steps == GOLDEN_STEPS || name >= sizeof tensor->steps[0].name) return false;
    golden_step *step = &tensor->steps[tensor->n_steps++];
    memcpy(step->name, word, name);
    step->count = parse_integers(word + name + 1, ')', step->arguments, GOLDEN_DIMS);
    return step->count >= 0;
}

static const char *next_word(const char *at) {
    at += strcspn(at, " ");
    return at + strspn(at, " ");
}

bool golden_parse_tensor(const char *value, golden_tensor *tensor) {
    char dtype[16], sizes[128], word[128];
    memset(tensor, 0, sizeof *tensor);
    if (sscanf(value, "%15s %127s", dtype, sizes) != 2 || !golden_parse_dtype(dtype, &tensor->dtype)) return false;
    const char *at = next_word(next_word(value));
    if (!parse_sizes(sizes, tensor) || !parse_fill(at, tensor)) return false;
    if (tensor->fill == GOLDEN_FNV) return true;
    for (at = next_word(at); sscanf(at, "%127s", word) == 1; at = next_word(at)) {
        if (strcmp(word, "requires_grad") == 0) tensor->requires_grad = true;
        else if (strcmp(word, "parameter") == 0) tensor->parameter = true;
        else if (!strchr(word, '(') || !parse_step(word, tensor)) return false;
    }
    return true;
}

/* ---- data ---- */

static uint16_t half_bits(float value) {
    uint32_t bits, sign;
    memcpy(&bits, &value, sizeof bits);
    sign = (bits >> 16) & 0x8000;
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) return (uint16_t)(sign | 0x7e00);
    if (bits >= 0x47800000) return (uint16_t)(sign | 0x7c00); /* 65536 and above */
    if (bits < 0x38800000)                                    /* subnormal: a multiple of 2^-24 */
        return (uint16_t)(sign | (uint32_t)nearbyintf(ldexpf(fabsf(value), 24)));
    return (uint16_t)(sign | ((bits + 0xfff + ((bits >> 13) & 1) - (112u << 23)) >> 13));
}

static uint16_t bfloat16_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/* Stores one element at `to`: the integer for integer dtypes, else the real. */
static void store(golden_dtype dtype, int64_t integer, double real, void *to) {
    float single = (float)real;
    uint16_t bits = 0;
    switch (dtype) {
    case GOLDEN_BOOL:
        *(uint8_t *)to = integer != 0;
        return;
    case GOLDEN_FLOAT64:
        memcpy(to, &real, sizeof real);
        return;
    case GOLDEN_FLOAT32:
        memcpy(to, &single, sizeof single);
        return;
    case GOLDEN_FLOAT16:
        bits = half_bits(single);
        break;
    case GOLDEN_BFLOAT16:
        bits = bfloat16_bits(single);
        break;
    default:
        memcpy(to, &integer, golden_dtype_size(dtype));
        return; /* little-endian: the low bytes come first */
    }
    memcpy(to, &bits, sizeof bits);
}

static int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

static void unhex(const char *hex, size_t n, uint8_t *bytes) {
    for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)(16 * digit(hex[2 * i]) + digit(hex[2 * i + 1]));
}

void golden_fill(const golden_tensor *tensor, void *bytes) {
    size_t size = golden_dtype_size(tensor->dtype);
    const int64_t *f = tensor->formula;
    if (tensor->fill == GOLDEN_HEX) unhex(tensor->hex, (size_t)tensor->count * size, bytes);
    if (tensor->fill == GOLDEN_HEX || tensor->fill == GOLDEN_FNV) return;
    for (int64_t i = 0; i < tensor->count; i++) {
        int64_t integer;
        double real;
        if (tensor->fill == GOLDEN_ARANGE) {
            integer = f[0] + i * f[1];
            real = tensor->start + (double)i * tensor->step;
        } else {
            integer = (i * f[0] + f[1]) % f[2] - f[3];
            real = tensor->divided ? (double)integer / (double)f[4] : (double)integer;
        }
        store(tensor->dtype, integer, real, (uint8_t *)bytes + (size_t)i * size);
    }
}

/* ---- comparison ---- */

uint64_t golden_fnv1a(const void *bytes, size_t n) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
    return hash;
}

/* Whether the element is a NaN: its exponent is all ones and its fraction is not zero. */
static bool is_nan(golden_dtype dtype, const uint8_t *element) {
    uint64_t bits = 0, infinity;
    memcpy(&bits, element, golden_dtype_size(dtype));
    switch (dtype) {
    case GOLDEN_FLOAT16:
        infinity = 0x7c00;
        break;
    case GOLDEN_BFLOAT16:
        infinity = 0x7f80;
        break;
    case GOLDEN_FLOAT32:
        infinity = 0x7f800000;
        break;
    case GOLDEN_FLOAT64:
        infinity = 0x7ff0000000000000;
        break;
    default:
        return false;
    }
    uint64_t sign = (uint64_t)1 << (8 * golden_dtype_size(dtype) - 1);
    return (bits & ~sign) > infinity;
}

bool golden_matches(const golden_tensor *expected, const void *bytes) {
    size_t size = golden_dtype_size(expected->dtype);
    if (expected->fill == GOLDEN_FNV) return golden_fnv1a(bytes, (size_t)expected->count * size) == expected->hash;
    for (int64_t i = 0; i < expected->count; i++) {
        uint8_t element[8];
        const uint8_t *actual = (const uint8_t *)bytes + (size_t)i * size;
        unhex(expected->hex + 2 * (size_t)i * size, size, element);
        bool both_nan = is_nan(expected->dtype, element) && is_nan(expected->dtype, actual);
        if (!both_nan && memcmp(element, actual, size) != 0) return false;
    }
    return true;
}
