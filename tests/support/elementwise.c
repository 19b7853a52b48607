/* elementwise.c: calling an elementwise operation by its name, for the golden files. */
#include "support/elementwise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef cor_tensor *one_function(cor_tensor *t);
typedef cor_tensor *two_function(cor_operand a, cor_operand b);
typedef cor_tensor *two_in_place(cor_tensor *a, cor_operand b);

static cor_tensor *add(cor_operand a, cor_operand b) { return cor_add(a, b); }
static cor_tensor *sub(cor_operand a, cor_operand b) { return cor_sub(a, b); }
static cor_tensor *add_(cor_tensor *a, cor_operand b) { return cor_add_(a, b); }
static cor_tensor *sub_(cor_tensor *a, cor_operand b) { return cor_sub_(a, b); }
static cor_tensor *div_true_(cor_tensor *a, cor_operand b) { return cor_div_(a, b); }
static cor_tensor *div_true(cor_operand a, cor_operand b) { return cor_div(a, b); }
static cor_tensor *div_trunc(cor_operand a, cor_operand b) { return cor_div(a, b, .rounding_mode = COR_ROUND_TRUNC); }
static cor_tensor *div_floor(cor_operand a, cor_operand b) { return cor_div(a, b, .rounding_mode = COR_ROUND_FLOOR); }
static cor_tensor *prelu(cor_operand a, cor_operand b) { return cor_prelu(a.tensor, b.tensor); }

#define ONE(name)                                                                                                      \
    { #name, cor_##name, cor_##name##_ }
static const struct {
    const char *name;
    one_function *call, *in_place;
} ONES[] = {ONE(neg),
            ONE(abs),
            ONE(sign),
            ONE(square),
            ONE(ceil),
            ONE(floor),
            ONE(round),
            ONE(trunc),
            ONE(sqrt),
            ONE(rsqrt),
            ONE(reciprocal),
            ONE(exp),
            ONE(expm1),
            ONE(log),
            ONE(log1p),
            ONE(log2),
            ONE(log10),
            ONE(sin),
            ONE(cos),
            ONE(tan),
            ONE(tanh),
            ONE(sigmoid),
            ONE(erf),
            ONE(logical_not),
            ONE(bitwise_not),
            ONE(relu),
            ONE(relu6),
            ONE(selu),
            ONE(silu),
            ONE(mish),
            ONE(hardswish),
            ONE(hardsigmoid),
            {"zero", NULL, cor_zero_},
            {"isnan", cor_isnan, NULL},
            {"isinf", cor_isinf, NULL},
            {"isfinite", cor_isfinite, NULL},
            {"logsigmoid", cor_logsigmoid, NULL},
            {"softsign", cor_softsign, NULL},
            {"tanhshrink", cor_tanhshrink, NULL}};

#define TWO(name)                                                                                                      \
    { #name, cor_##name##_of, cor_##name##_of_ }
static const struct {
    const char *name;
    two_function *call;
    two_in_place *in_place;
} TWOS[] = {{"add", add, add_},
            {"sub", sub, sub_},
            {"div", div_true, div_true_},
            {"true_divide", div_true, div_true_},
            {"div_trunc", div_trunc, NULL},
            {"div_floor", div_floor, NULL},
            TWO(mul),
            TWO(floor_divide),
            TWO(remainder),
            TWO(fmod),
            TWO(pow),
            TWO(eq),
            TWO(ne),
            TWO(lt),
            TWO(le),
            TWO(gt),
            TWO(ge),
            TWO(logical_and),
            TWO(logical_or),
            TWO(logical_xor),
            TWO(bitwise_and),
            TWO(bitwise_or),
            TWO(bitwise_xor),
            {"maximum", cor_maximum_of, NULL},
            {"minimum", cor_minimum_of, NULL},
            {"prelu", prelu, NULL},
            {"fill", NULL, cor_fill_of_}};

enum { N_ONES = sizeof ONES / sizeof ONES[0], N_TWOS = sizeof TWOS / sizeof TWOS[0] };

/* The operations whose options the records give. */
static const char *const WITH_OPTIONS[] = {"where",     "clamp",      "clamp_",   "leaky_relu", "elu",
                                           "celu",      "hardshrink", "softplus", "hardtanh",   "softshrink",
                                           "threshold", "glu",        "gelu"};
enum { N_WITH_OPTIONS = sizeof WITH_OPTIONS / sizeof WITH_OPTIONS[0] };

/* Whether `name` is `base`, or with an underscore its in-place form. */
static bool names(const char *name, const char *base, bool in_place) {
    size_t n = strlen(base);
    return strncmp(name, base, n) == 0 && strcmp(name + n, in_place ? "_" : "") == 0;
}

bool is_elementwise(const char *name) {
    bool in_place = name[strlen(name) - 1] == '_';
    for (int i = 0; i < N_ONES; i++)
        if (names(name, ONES[i].name, in_place) && (in_place ? ONES[i].in_place : ONES[i].call) != NULL) return true;
    for (int i = 0; i < N_TWOS; i++)
        if (names(name, TWOS[i].name, in_place)) return in_place ? TWOS[i].in_place != NULL : TWOS[i].call != NULL;
    for (int i = 0; i < N_WITH_OPTIONS; i++)
        if (strcmp(name, WITH_OPTIONS[i]) == 0) return true;
    return false;
}

cor_operand operand_from_text(const char *notation) {
    golden_number number;
    if (!golden_parse_number(notation, &number)) return COR_OPERAND(tensor_from_text(notation));
    if (number.kind == 'f') return COR_OPERAND(number.real);
    return number.kind == 'b' ? COR_OPERAND((bool)number.integer) : COR_OPERAND(number.integer);
}

/* An option that is a number, with its Python type; COR_NONE if it is absent. */
static cor_operand number_option(const char *options, const char *name) {
    golden_pair pair;
    if (!golden_option(options, name, &pair)) return COR_OPERAND(COR_NONE);
    if (strpbrk(pair.value, ".e") == NULL) return COR_OPERAND(strtoll(pair.value, NULL, 10));
    return COR_OPERAND(strtod(pair.value, NULL));
}

static cor_tensor *call_with_options(const char *name, const cor_operand *in, const char *options) {
#define NUMBER(option, otherwise) golden_option_double(options, option, otherwise)
    cor_tensor *t = in[0].tensor;
    if (strcmp(name, "where") == 0) return cor_where(t, in[1], in[2]);
    if (strcmp(name, "clamp") == 0) return cor_clamp(t, number_option(options, "min"), number_option(options, "max"));
    if (strcmp(name, "clamp_") == 0) return cor_clamp_(t, number_option(options, "min"), number_option(options, "max"));
    if (strcmp(name, "leaky_relu") == 0) return cor_leaky_relu(t, .negative_slope = NUMBER("negative_slope", 0.01));
    if (strcmp(name, "elu") == 0) return cor_elu(t, .alpha = NUMBER("alpha", 1));
    if (strcmp(name, "celu") == 0) return cor_celu(t, .alpha = NUMBER("alpha", 1));
    if (strcmp(name, "hardshrink") == 0) return cor_hardshrink(t, .lambd = NUMBER("lambd", 0.5));
    if (strcmp(name, "softshrink") == 0) return cor_softshrink(t, .lambd = NUMBER("lambd", 0.5));
    if (strcmp(name, "threshold") == 0) return cor_threshold(t, NUMBER("threshold", 0), NUMBER("value", 0));
    golden_pair pair;
    if (strcmp(name, "gelu") == 0) return cor_gelu(t, .tanh = golden_option(options, "approximate", &pair));
    if (strcmp(name, "glu") == 0) return cor_glu(t, .dim = golden_option_int(options, "dim", -1));
    if (strcmp(name, "softplus") == 0)
        return cor_softplus(t, .beta = NUMBER("beta", 1), .threshold = NUMBER("threshold", 20));
    if (strcmp(name, "hardtanh") == 0)
        return cor_hardtanh(t, .min_val = NUMBER("min_val", -1), .max_val = NUMBER("max_val", 1));
    fail_msg("no such operation: %s", name);
    return NULL;
#undef NUMBER
}

static cor_tensor *scaled(const char *name, const cor_operand *in, double alpha) {
    if (strcmp(name, "add") == 0) return cor_add(in[0], in[1], .alpha = alpha);
    if (strcmp(name, "sub") == 0) return cor_sub(in[0], in[1], .alpha = alpha);
    if (strcmp(name, "add_") == 0) return cor_add_(in[0].tensor, in[1], .alpha = alpha);
    return cor_sub_(in[0].tensor, in[1], .alpha = alpha);
}

cor_tensor *call_elementwise(const char *name, const cor_operand *in, int n, const char *options) {
    bool in_place = name[strlen(name) - 1] == '_';
    golden_pair pair;
    if (n == 2 && golden_option(options, "alpha", &pair)) return scaled(name, in, strtod(pair.value, NULL));
    if (n == 2 && strcmp(name, "div") == 0 && golden_option(options, "rounding_mode", &pair))
        return strcmp(pair.value, "trunc") == 0 ? div_trunc(in[0], in[1]) : div_floor(in[0], in[1]);
    for (int i = 0; n == 1 && i < N_ONES; i++)
        if (names(name, ONES[i].name, in_place)) return (in_place ? ONES[i].in_place : ONES[i].call)(in[0].tensor);
    for (int i = 0; n == 2 && i < N_TWOS; i++) {
        if (!names(name, TWOS[i].name, in_place)) continue;
        return in_place ? TWOS[i].in_place(in[0].tensor, in[1]) : TWOS[i].call(in[0], in[1]);
    }
    return call_with_options(name, in, options);
}

/* ---- distance in representable values -----------------------------------------------------------------------------
 */

static int64_t ordered(const void *element, size_t size) {
    uint64_t bits = 0, sign = (uint64_t)1 << (8 * size - 1);
    memcpy(&bits, element, size);
    return bits & sign ? -(int64_t)(bits & ~sign) : (int64_t)bits;
}

static bool is_nan_of(const void *element, cor_dtype dtype) {
    cor_scope();
    return isnan(cor_item(cor_from_pointer(element, dtype, NULL, 0)));
}

bool is_within_ulps(cor_tensor *t, const golden_tensor *expected, int64_t ulps) {
    size_t size = golden_dtype_size(expected->dtype);
    if (t == NULL || cor_dtype_of(t) != (cor_dtype)expected->dtype || cor_numel(t) != expected->count) return false;
    char *wanted = malloc(size * (size_t)expected->count + 1);
    assert_non_null(wanted);
    golden_fill(expected, wanted);
    const char *got = cor_data_const(cor_contiguous(t));
    bool within = true;
    for (int64_t i = 0; within && i < expected->count; i++, got += size) {
        const char *want = wanted + (size_t)i * size;
        if (is_nan_of(want, cor_dtype_of(t)) || is_nan_of(got, cor_dtype_of(t)))
            within = is_nan_of(want, cor_dtype_of(t)) && is_nan_of(got, cor_dtype_of(t));
        else within = llabs(ordered(got, size) - ordered(want, size)) <= ulps;
    }
    free(wanted);
    return within;
}

/* Whether every element is within n spacings of the dtype at max(|expected|, 1). */
static bool is_within_spacings(cor_tensor *t, const golden_tensor *expected, double n) {
    static const int digits[COR_DTYPES] = {
        [COR_FLOAT16] = 10, [COR_BFLOAT16] = 7, [COR_FLOAT32] = 23, [COR_FLOAT64] = 52};
    if (t == NULL || cor_dtype_of(t) != (cor_dtype)expected->dtype || cor_numel(t) != expected->count) return false;
    cor_scope();
    cor_tensor *like = tensor_from_golden(expected);
    if (cor_dim(t) != cor_dim(like)) return false;
    for (int d = 0; d < cor_dim(t); d++)
        if (cor_size(t, d) != cor_size(like, d)) return false;
    const double *wanted = cor_data_const(cor_contiguous(cor_to(like, COR_FLOAT64)));
    const double *got = cor_data_const(cor_contiguous(cor_to(t, COR_FLOAT64)));
    for (int64_t i = 0; i < expected->count; i++) {
        double spacing = ldexp(1, ilogb(fmax(fabs(wanted[i]), 1)) - digits[expected->dtype]);
        if (isinf(wanted[i]) && got[i] != wanted[i]) return false;
        if (isnan(wanted[i]) != isnan(got[i]) || fabs(got[i] - wanted[i]) > n * spacing) return false;
    }
    return true;
}

bool output_is_right(cor_tensor *t, const golden_record *record, int i) {
    char key[32];
    snprintf(key, sizeof key, "ref%d", i);
    const char *reference = golden_get(record, key), *spacings = golden_get(record, "spacings");
    golden_tensor expected;
    if (reference == NULL) snprintf(key, sizeof key, "out%d", i);
    assert_true(golden_parse_tensor(golden_get(record, key), &expected));
    if (reference == NULL) return tensor_matches(t, &expected);
    if (spacings != NULL) return is_within_spacings(t, &expected, strtod(spacings, NULL));
    return is_within_ulps(t, &expected, strtoll(golden_get(record, "ulps"), NULL, 10));
}

bool result_is_right(cor_tensor *t, const golden_record *record) { return output_is_right(t, record, 0); }
