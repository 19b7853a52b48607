/* test_half.c: float16 and bfloat16 to and from float32, against a reference that computes with powers of two. */
#include "base/half.h"
#include <corrie.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

/* A 16-bit format: bits of the exponent and of the fraction, and the two conversions under test. */
typedef struct format {
    int exponent_bits, fraction_bits;
    float (*widen)(uint16_t bits);
    uint16_t (*narrow)(float value);
} format;

static const format half = {5, 10, cor__half_to_float, cor__float_to_half};
static const format bfloat16 = {8, 7, cor__bfloat16_to_float, cor__float_to_bfloat16};

static unsigned fraction_of(const format *f, unsigned bits) { return bits & ((1u << f->fraction_bits) - 1); }
static unsigned exponent_of(const format *f, unsigned bits) {
    return bits >> f->fraction_bits & ((1u << f->exponent_bits) - 1);
}
static bool is_special(const format *f, unsigned bits) { return exponent_of(f, bits) == (1u << f->exponent_bits) - 1; }

/* The value of a finite pattern, by the definition of the format. */
static double value_of(const format *f, unsigned bits) {
    int exponent = (int)exponent_of(f, bits), bias = (1 << (f->exponent_bits - 1)) - 1;
    double fraction = fraction_of(f, bits);
    if (exponent > 0) fraction += 1 << f->fraction_bits;
    double magnitude = ldexp(fraction, (exponent > 0 ? exponent : 1) - bias - f->fraction_bits);
    return bits & 0x8000 ? -magnitude : magnitude;
}

static void check_pattern(const format *f, unsigned bits) {
    float wide = f->widen((uint16_t)bits);
    assert_int_equal(signbit(wide) != 0, bits >> 15);
    uint16_t back = f->narrow(wide);
    if (!is_special(f, bits)) {
        assert_true((double)wide == value_of(f, bits));
        assert_int_equal(back, bits);
    } else if (fraction_of(f, bits) == 0) {
        assert_true(isinf(wide));
        assert_int_equal(back, bits);
    } else {
        assert_true(isnan(wide));
        assert_true(is_special(f, back) && fraction_of(f, back) != 0);
    }
}

/* Between two neighbours: what is nearer wins, in the middle the even one. Infinity counts as the number that would
 * come after the largest. Three float32 around the middle are exact in both. */
static void check_rounding(const format *f, unsigned low) {
    unsigned high = low + 1;
    double a = value_of(f, low), b = is_special(f, high) ? a + (a - value_of(f, low - 1)) : value_of(f, high);
    float middle = (float)((a + b) / 2);
    assert_true((double)middle == (a + b) / 2);
    unsigned even = low & 1 ? high : low;
    for (unsigned sign = 0; sign <= 0x8000; sign += 0x8000) {
        float s = sign ? -1.0f : 1.0f;
        assert_int_equal(f->narrow(s * middle), sign | even);
        assert_int_equal(f->narrow(s * nextafterf(middle, 0)), sign | low);
        assert_int_equal(f->narrow(s * nextafterf(middle, INFINITY)), sign | high);
    }
}

static void check_format(const format *f) {
    for (unsigned bits = 0; bits <= 0xffff; bits++) check_pattern(f, bits);
    for (unsigned low = 0; !is_special(f, low); low++) check_rounding(f, low);
}

static void test_half(void **unused) {
    (void)unused;
    check_format(&half);
    assert_int_equal(cor__float_to_half(65519), 0x7bff);
    assert_int_equal(cor__float_to_half(65520), 0x7c00);
    assert_int_equal(cor__float_to_half(1e30f), 0x7c00);
    assert_int_equal(cor__float_to_half(-1e-30f), 0x8000);
}

static void test_bfloat16(void **unused) {
    (void)unused;
    check_format(&bfloat16);
}

/* A NaN whose payload lies in the bits that are cut off does not turn into infinity. */
static void test_low_payload(void **unused) {
    (void)unused;
    float nan = cor__bits_to_float(0x7f800001);
    assert_true(isnan(cor__half_to_float(cor__float_to_half(nan))));
    assert_true(isnan(cor__bfloat16_to_float(cor__float_to_bfloat16(nan))));
}

/* A NaN becomes quiet and keeps what fits of its payload, as PyTorch has it. */
static void test_payload(void **unused) {
    (void)unused;
    assert_int_equal(cor__float_to_half(cor__bits_to_float(0x7fc12345)), 0x7e09);
    assert_int_equal(cor__float_to_half(cor__bits_to_float(0xff802000)), 0xfe01);
    assert_int_equal(cor__float_to_bits(cor__half_to_float(0x7c01)), 0x7fc02000);
    assert_int_equal(cor__float_to_bits(cor__half_to_float(0xfd00)), 0xffe00000);
}

/* Tensors are converted in vectors, but for the last elements: the bits are those of single conversions. */
static void test_tensors(void **unused) {
    enum { N = 65536 - 3 };
    static uint16_t halves[N];
    static float floats[N];
    (void)unused;
    cor_scope();
    for (uint32_t i = 0; i < N; i++) {
        halves[i] = (uint16_t)i;
        floats[i] = cor__bits_to_float(i * 0x10001u + (i & 0x1fffu)); /* all exponents, and around ties */
    }
    const float *wide = cor_data(cor_to(cor_from_data(halves, COR_FLOAT16, N), COR_FLOAT32));
    const uint16_t *narrow = cor_data(cor_to(cor_from_data(floats, COR_FLOAT32, N), COR_FLOAT16));
    assert_non_null(wide);
    assert_non_null(narrow);
    for (int i = 0; i < N; i++) {
        assert_int_equal(cor__float_to_bits(wide[i]), cor__float_to_bits(cor__half_to_float(halves[i])));
        assert_int_equal(narrow[i], cor__float_to_half(floats[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half),    cmocka_unit_test(test_bfloat16), cmocka_unit_test(test_low_payload),
        cmocka_unit_test(test_payload), cmocka_unit_test(test_tensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
