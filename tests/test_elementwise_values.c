/* What elementwise kernels compute, element by element: every half and every pair of bytes against plain C, real
 * functions against the C library in double, and the same bits wherever an element lies and whichever set computes it.
 */
#include "base/half.h"
#include "support/elementwise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const cor_isa ISAS[] = {COR_ISA_GENERIC, COR_ISA_AVX2, COR_ISA_AVX512, COR_ISA_NEON};
enum { N_ISAS = sizeof ISAS / sizeof ISAS[0] };

static cor_tensor *call_one(const char *name, cor_tensor *t) {
    cor_operand in = COR_OPERAND(t);
    cor_tensor *result = call_elementwise(name, &in, 1, NULL);
    if (result == NULL) fail_msg("%s: %s", name, cor_error_message());
    return result;
}

static cor_tensor *call_two(const char *name, cor_tensor *a, cor_tensor *b) {
    cor_operand in[] = {COR_OPERAND(a), COR_OPERAND(b)};
    cor_tensor *result = call_elementwise(name, in, 2, NULL);
    if (result == NULL) fail_msg("%s: %s", name, cor_error_message());
    return result;
}

/* Runs a test once on each instruction set of the machine. */
static void on_every_isa(void (*test)(void)) {
    cor_isa before = cor_isa_chosen();
    for (int i = 0; i < N_ISAS; i++) {
        if (!cor_isa_available(ISAS[i])) continue;
        assert_int_equal(cor_set_isa(ISAS[i]), COR_OK);
        test();
    }
    assert_int_equal(cor_set_isa(before), COR_OK);
}

/* ---- all halves ---------------------------------------------------------------------------------------------------
 */

static float sign_of(float x) { return (float)((x > 0) - (x < 0)); }
static float rsqrt_of(float x) { return 1 / sqrtf(x); }
static float reciprocal_of(float x) { return 1 / x; }
static float square_of(float x) { return x * x; }
static float negative_of(float x) { return -x; }
static float relu_of(float x) { return x < 0 ? 0 : x; }
static float relu6_of(float x) { return x < 0 ? 0 : x > 6 ? 6 : x; }
static float hardsigmoid_of(float x) { return relu6_of(x + 3) / 6; }
static float hardswish_of(float x) { return x * relu6_of(x + 3) / 6; }
static float leaky_relu_of(float x) { return x > 0 ? x : x * 0.01f; }
static float hardshrink_of(float x) { return x >= -0.5f && x <= 0.5f ? 0 : x; }
static float softshrink_of(float x) { return isnan(x) ? x : x > 0.5f ? x - 0.5f : x < -0.5f ? x + 0.5f : 0; }

static const struct {
    const char *name;
    float (*of)(float x);
} EXACT[] = {{"leaky_relu", leaky_relu_of},
             {"hardshrink", hardshrink_of},
             {"softshrink", softshrink_of},
             {"neg", negative_of},
             {"abs", fabsf},
             {"sign", sign_of},
             {"ceil", ceilf},
             {"floor", floorf},
             {"round", rintf},
             {"trunc", truncf},
             {"sqrt", sqrtf},
             {"rsqrt", rsqrt_of},
             {"relu", relu_of},
             {"square", square_of},
             {"reciprocal", reciprocal_of},
             {"relu6", relu6_of},
             {"hardsigmoid", hardsigmoid_of},
             {"hardswish", hardswish_of}};
enum { N_EXACT = sizeof EXACT / sizeof EXACT[0] };

static float from_half(uint16_t bits, cor_dtype dtype) {
    return dtype == COR_FLOAT16 ? cor__half_to_float(bits) : cor__bfloat16_to_float(bits);
}
static uint16_t to_half(float value, cor_dtype dtype) {
    return dtype == COR_FLOAT16 ? cor__float_to_half(value) : cor__float_to_bfloat16(value);
}

static void check_all_halves(cor_dtype dtype) {
    static uint16_t all[65536];
    cor_scope();
    for (int i = 0; i < 65536; i++) all[i] = (uint16_t)i;
    cor_tensor *t = cor_from_data(all, dtype, 65536);
    for (int k = 0; k < N_EXACT; k++) {
        cor_scope();
        const uint16_t *got = cor_data_const(call_one(EXACT[k].name, t));
        for (int i = 0; i < 65536; i++) {
            uint16_t want = to_half(EXACT[k].of(from_half(all[i], dtype)), dtype);
            if (isnan(from_half(want, dtype)) && isnan(from_half(got[i], dtype))) continue;
            if (got[i] != want)
                fail_msg("%s of %s %#x: %#x, not %#x", EXACT[k].name, cor_dtype_name(dtype), i, got[i], want);
        }
    }
}

static void all_halves(void) {
    check_all_halves(COR_FLOAT16);
    check_all_halves(COR_BFLOAT16);
}

static void test_all_halves(void **state) {
    (void)state;
    on_every_isa(all_halves);
}

/* ---- all pairs of bytes -------------------------------------------------------------------------------------------
 */

static int floor_of(int a, int b) { return (int)floor((double)a / b); }
static int trunc_of(int a, int b) { return a / b; }
static int remainder_of(int a, int b) { return a - b * floor_of(a, b); }
static int fmod_of(int a, int b) { return a % b; }
static int add_of(int a, int b) { return a + b; }
static int sub_of(int a, int b) { return a - b; }
static int mul_of(int a, int b) { return a * b; }
static int max_of(int a, int b) { return a > b ? a : b; }
static int min_of(int a, int b) { return a < b ? a : b; }
static int and_of(int a, int b) { return a & b; }
static int or_of(int a, int b) { return a | b; }
static int xor_of(int a, int b) { return a ^ b; }
static int less_of(int a, int b) { return a < b; }
static int at_most_of(int a, int b) { return a <= b; }
static int more_of(int a, int b) { return a > b; }
static int at_least_of(int a, int b) { return a >= b; }
static int equal_of(int a, int b) { return a == b; }
static int both_of(int a, int b) { return a && b; }
static int either_of(int a, int b) { return a || b; }
static int one_of(int a, int b) { return !a != !b; }

/* By repeated multiplication modulo 256; negative powers are 0 but for 1 and -1. */
static int power_of(int a, int b) {
    int result = 1;
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
    for (int i = 0; i < b; i++) result = result * a % 256;
    return result;
}

static const struct {
    const char *name;
    int (*of)(int a, int b);
} OF_BYTES[] = {{"floor_divide", floor_of},
                {"div_trunc", trunc_of},
                {"remainder", remainder_of},
                {"fmod", fmod_of},
                {"add", add_of},
                {"sub", sub_of},
                {"mul", mul_of},
                {"pow", power_of},
                {"maximum", max_of},
                {"minimum", min_of},
                {"bitwise_and", and_of},
                {"bitwise_or", or_of},
                {"bitwise_xor", xor_of},
                {"lt", less_of},
                {"le", at_most_of},
                {"gt", more_of},
                {"ge", at_least_of},
                {"eq", equal_of},
                {"logical_and", both_of},
                {"logical_or", either_of},
                {"logical_xor", one_of}};
enum { N_OF_BYTES = sizeof OF_BYTES / sizeof OF_BYTES[0] };

/* The bytes of `dtype` in a wider one too, so that each width's loops see them. */
static void check_all_bytes(cor_dtype dtype, bool is_signed) {
    static uint8_t first[65536], second[65536];
    cor_scope();
    int n = 0;
    for (int a = 0; a < 256; a++)
        for (int b = 1; b < 256; b++, n++) first[n] = (uint8_t)a, second[n] = (uint8_t)b;
    cor_dtype bytes = is_signed ? COR_INT8 : COR_UINT8;
    cor_tensor *a = cor_to(cor_from_data(first, bytes, n), dtype), *b = cor_to(cor_from_data(second, bytes, n), dtype);
    for (int k = 0; k < N_OF_BYTES; k++) {
        cor_scope();
        const uint8_t *got = cor_data_const(cor_to(call_two(OF_BYTES[k].name, a, b), COR_UINT8));
        for (int i = 0; i < n; i++) {
            int x = is_signed ? (int8_t)first[i] : first[i], y = is_signed ? (int8_t)second[i] : second[i];
            if (got[i] != (uint8_t)OF_BYTES[k].of(x, y))
                fail_msg("%s(%d, %d) of %s: %d", OF_BYTES[k].name, x, y, cor_dtype_name(dtype), got[i]);
        }
    }
}

static void all_bytes(void) {
    check_all_bytes(COR_UINT8, false);
    check_all_bytes(COR_INT8, true);
    check_all_bytes(COR_INT16, true);
    check_all_bytes(COR_INT32, true);
    check_all_bytes(COR_INT64, true);
}

static void test_all_bytes(void **state) {
    (void)state;
    on_every_isa(all_bytes);
}

/* ---- real functions -----------------------------------------------------------------------------------------------
 */

static double sigmoid_of(double x) { return 1 / (1 + exp(-x)); }
static double silu_of(double x) { return x / (1 + exp(-x)); }
static double mish_of(double x) { return x * tanh(log1p(exp(x))); }
static double softplus_of(double x) { return x > 20 ? x : log1p(exp(x)); }
static double logsigmoid_of(double x) { return (x < 0 ? x : 0) - log1p(exp(-fabs(x))); }
static double elu_of(double x) { return x > 0 ? x : expm1(x); }
static double gelu_of(double x) { return x * 0.5 * erfc(-x * M_SQRT1_2); }

/* The bound is relative, in units u = 2^-24, and beside it absolute, in units of u |x|. SLEEF's functions are within
 * 1 ulp, 2 u; every further rounding is 1 u. The condition numbers of log1p after exp and of tanh are at most 1:
 * Subnormal results may be two of their spacings off. sigmoid, silu: exp 2, sum 1, division 1; softplus, logsigmoid:
 * exp 2, log1p 2, one more; mish: exp 2, log1p 2, tanh 2, product 1; elu: 2 and 1. gelu cancels in 1 + erf, whose
 * absolute error is 2 u of erf, 1 u of the sum and under 1 u from the argument's two roundings (z erf'(z) < 0.49), all
 * times |x| / 2; and two products. */
static const struct {
    const char *name;
    double (*of)(double x);
    double relative, absolute, least, most;
} REAL[] = {{"exp", exp, 2, 0, -87, 88},
            {"expm1", expm1, 2, 0, -87, 88},
            {"log", log, 2, 0, 1e-37, 3e38},
            {"log1p", log1p, 2, 0, -0.999, 3e38},
            {"log2", log2, 2, 0, 1e-37, 3e38},
            {"log10", log10, 2, 0, 1e-37, 3e38},
            {"sin", sin, 2, 0, -1e30, 1e30},
            {"cos", cos, 2, 0, -1e30, 1e30},
            {"tan", tan, 2, 0, -1e30, 1e30},
            {"tanh", tanh, 2, 0, -3e38, 3e38},
            {"erf", erf, 2, 0, -3e38, 3e38},
            {"sigmoid", sigmoid_of, 4, 0, -87, 3e38},
            {"silu", silu_of, 4, 0, -80, 3e38},
            {"mish", mish_of, 7, 0, -80, 88},
            {"softplus", softplus_of, 5, 0, -87, 3e38},
            {"logsigmoid", logsigmoid_of, 5, 0, -3e38, 87},
            {"elu", elu_of, 3, 0, -3e38, 3e38},
            {"gelu", gelu_of, 2, 2, -3e38, 3e38}};
enum { N_REAL = sizeof REAL / sizeof REAL[0], N_FLOATS = 200000 };

/* Every 21475th float, so that all exponents and both signs occur. */
static void real_functions(void) {
    static float x[N_FLOATS];
    for (uint32_t i = 0; i < N_FLOATS; i++) x[i] = cor__bits_to_float(i * 21475u);
    for (int k = 0; k < N_REAL; k++) {
        cor_scope();
        const float *got = cor_data_const(call_one(REAL[k].name, cor_from_data(x, COR_FLOAT32, N_FLOATS)));
        for (int i = 0; i < N_FLOATS; i++) {
            if (!(x[i] >= (float)REAL[k].least && x[i] <= (float)REAL[k].most)) continue;
            double want = REAL[k].of((double)x[i]);
            double bound = 0x1p-24 * (REAL[k].relative * fabs(want) + REAL[k].absolute * fabs((double)x[i])) + 0x1p-148;
            if (!(fabs((double)got[i] - want) <= bound))
                fail_msg("%s(%a) is %a, not %a (%s)", REAL[k].name, (double)x[i], (double)got[i], want,
                         cor_isa_name(cor_isa_chosen()));
        }
    }
}

static void test_real_functions(void **state) {
    (void)state;
    on_every_isa(real_functions);
}

/* NaN stays NaN, and the ends of the line have their limits. */
static void test_limits(void **state) {
    (void)state;
    static const struct {
        const char *name;
        float at_minus_inf, at_inf;
    } LIMITS[] = {
        {"exp", 0, INFINITY},    {"tanh", -1, 1},         {"sigmoid", 0, 1},         {"relu", 0, INFINITY},
        {"silu", NAN, INFINITY}, {"mish", NAN, INFINITY}, {"softplus", 0, INFINITY}, {"logsigmoid", -INFINITY, 0},
        {"elu", -1, INFINITY},   {"erf", -1, 1},          {"log", NAN, INFINITY}};
    for (size_t k = 0; k < sizeof LIMITS / sizeof LIMITS[0]; k++) {
        cor_scope();
        const float x[] = {-INFINITY, INFINITY, NAN}, want[] = {LIMITS[k].at_minus_inf, LIMITS[k].at_inf, NAN};
        const float *got = cor_data_const(call_one(LIMITS[k].name, cor_from(x, 3)));
        for (int i = 0; i < 3; i++)
            if (!(isnan(want[i]) ? isnan(got[i]) : got[i] == want[i]))
                fail_msg("%s(%g) is %g", LIMITS[k].name, (double)x[i], (double)got[i]);
    }
}

/* ---- where an element lies ----------------------------------------------------------------------------------------
 */

static const char *const ONES[] = {"neg",   "sqrt",  "rsqrt",    "exp",       "expm1",   "log",  "log1p",
                                   "log2",  "log10", "sin",      "cos",       "tan",     "tanh", "erf",
                                   "gelu",  "silu",  "softplus", "mish",      "sigmoid", "elu",  "isnan",
                                   "round", "sign",  "relu",     "logsigmoid"};
static const char *const TWOS[] = {"add", "sub", "mul",       "div",  "maximum", "minimum", "lt",
                                   "eq",  "pow", "remainder", "fmod", "ge",      "prelu",   "floor_divide"};
enum { N_ONES = sizeof ONES / sizeof ONES[0], N_TWOS = sizeof TWOS / sizeof TWOS[0], LONG = 4096 };

/* Positive and negative values of all sizes, with some special ones. */
static cor_tensor *mixed_values(cor_dtype dtype, unsigned seed) {
    static const double special[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 1.0, -1.0, 0x1p-149, 3.0};
    static double x[LONG];
    srand(seed);
    for (int i = 0; i < LONG; i++) {
        x[i] = ldexp((double)rand() / RAND_MAX - 0.5, rand() % 16 - 6);
        if (rand() % 16 == 0) x[i] = special[(size_t)rand() % (sizeof special / sizeof special[0])];
    }
    return cor_to(cor_from(x, LONG), dtype);
}

static cor_tensor *call_any(int k, cor_tensor *a, cor_tensor *b) {
    return k < N_ONES ? call_one(ONES[k], a)
           : strcmp(TWOS[k - N_ONES], "prelu") == 0
               ? cor_where(cor_gt(a, 0), a, cor_mul(a, b)) /* prelu takes no weight of a's sizes */
               : call_two(TWOS[k - N_ONES], a, b);
}

static void check_same(int k, cor_tensor *got, cor_tensor *want, const char *what) {
    cor_tensor *x = cor_contiguous(got), *y = cor_contiguous(want);
    assert_int_equal(cor_numel(x), cor_numel(y));
    if (memcmp(cor_data_const(x), cor_data_const(y), (size_t)(cor_numel(x) * cor_dtype_size(cor_dtype_of(x)))) != 0)
        fail_msg("%s: other bits for %s", k < N_ONES ? ONES[k] : TWOS[k - N_ONES], what);
}

/* Every length to 67 at every offset to 16, and strided, gives the bits of the long run. */
static void positions(void) {
    for (int k = 0; k < N_ONES + N_TWOS; k++) {
        for (int d = 0; d < 2; d++) {
            cor_scope();
            cor_dtype dtype = d == 0 ? COR_FLOAT32 : COR_FLOAT64;
            cor_tensor *a = mixed_values(dtype, 1), *b = mixed_values(dtype, 2), *whole = call_any(k, a, b);
            for (int64_t n = 1; n <= 67; n++) {
                cor_scope();
                int64_t at = n % 17;
                cor_tensor *part = call_any(k, cor_narrow(a, 0, at, n), cor_narrow(b, 0, at, n));
                check_same(k, part, cor_narrow(whole, 0, at, n), "a part");
            }
            for (int64_t at = 0; at < 17; at++) {
                cor_scope();
                cor_tensor *part = call_any(k, cor_narrow(a, 0, at, 37), cor_narrow(b, 0, at, 37));
                check_same(k, part, cor_narrow(whole, 0, at, 37), "an offset");
            }
            cor_tensor *thirds = call_any(k, cor_slice(a, 0, .step = 3), cor_slice(b, 0, .step = 3));
            check_same(k, thirds, cor_slice(whole, 0, .step = 3), "every third element");
        }
    }
}

static void test_positions(void **state) {
    (void)state;
    on_every_isa(positions);
}

static void test_threads(void **state) {
    (void)state;
    int before = cor_num_threads();
    cor_scope();
    cor_tensor *a = cor_reshape(cor_expand(mixed_values(COR_FLOAT32, 1), 40, LONG), -1);
    cor_tensor *b = cor_reshape(cor_expand(mixed_values(COR_FLOAT32, 2), 40, LONG), -1);
    for (int k = 0; k < N_ONES + N_TWOS; k++) {
        cor_scope();
        assert_int_equal(cor_set_num_threads(1), COR_OK);
        cor_tensor *alone = call_any(k, a, b);
        assert_int_equal(cor_set_num_threads(3), COR_OK);
        check_same(k, call_any(k, a, b), alone, "three threads");
    }
    assert_int_equal(cor_set_num_threads(before), COR_OK);
}

/* What is exact has the same bits on every set; only the sign and payload of a NaN are free. */
static void test_sets_agree(void **state) {
    (void)state;
    static const char *const exact[] = {"neg", "sqrt", "rsqrt",   "round",   "sign",      "relu", "add",         "sub",
                                        "mul", "div",  "maximum", "minimum", "remainder", "fmod", "floor_divide"};
    cor_isa before = cor_isa_chosen();
    for (size_t e = 0; e < sizeof exact / sizeof exact[0]; e++) {
        for (int i = 0; i < N_ISAS; i++) {
            cor_scope();
            bool two = e >= 6;
            cor_tensor *a = mixed_values(COR_FLOAT32, 3), *b = mixed_values(COR_FLOAT32, 4);
            if (!cor_isa_available(ISAS[i])) continue;
            assert_int_equal(cor_set_isa(COR_ISA_GENERIC), COR_OK);
            cor_tensor *plain = two ? call_two(exact[e], a, b) : call_one(exact[e], a);
            assert_int_equal(cor_set_isa(ISAS[i]), COR_OK);
            cor_tensor *wide = two ? call_two(exact[e], a, b) : call_one(exact[e], a);
            plain = cor_where(cor_isnan(plain), NAN, plain);
            wide = cor_where(cor_isnan(wide), NAN, wide);
            if (memcmp(cor_data_const(plain), cor_data_const(wide), LONG * 4) != 0)
                fail_msg("%s: %s and generic differ", exact[e], cor_isa_name(ISAS[i]));
        }
    }
    assert_int_equal(cor_set_isa(before), COR_OK);
}

/* ---- in place, and memory that overlaps ---------------------------------------------------------------------------
 */

static void test_in_place(void **state) {
    (void)state;
    cor_scope();
    float x[] = {1, 2, 3, 4, 5, 6};
    cor_tensor *t = cor_from(x, 6), *same = t;
    assert_ptr_equal(cor_mul_(t, 2), t);
    assert_int_equal(cor_version_of(t), 1);
    assert_ptr_equal(cor_add_(t, same), t); /* an input that is the output */
    assert_float_equal(cor_item(cor_select(t, 0, 5)), 24, 0);
    /* An input that is part of the output is read as it was before: 4 8 12 16 20 24 */
    cor_add_(cor_narrow(t, 0, 1, 5), cor_narrow(t, 0, 0, 5));
    const float sums[] = {4, 12, 20, 28, 36, 44};
    assert_memory_equal(cor_data_const(t), sums, sizeof sums);
    cor_gt_(t, 20);
    const float greater[] = {0, 0, 0, 1, 1, 1};
    assert_memory_equal(cor_data_const(t), greater, sizeof greater);
    cor_fill_(cor_slice(t, 0, .step = 2), 7.5);
    const float filled[] = {7.5f, 0, 7.5f, 1, 7.5f, 1};
    assert_memory_equal(cor_data_const(t), filled, sizeof filled);
    assert_null(cor_exp_(cor_expand(cor_narrow(t, 0, 0, 1), 4)));
    assert_string_equal(cor_error_message(),
                        "unsupported operation: more than one element of the written-to tensor refers to a single "
                        "memory location. Please clone() the tensor before performing the operation.");
    cor_error_clear();
}

/* The texts that no golden file has; each is what PyTorch 2.13 says. */
static void expect(cor_tensor *t, const char *text) {
    assert_null(t);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

static void test_texts(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = tensor_from_text("float32 [3] arange:1,1"), *bytes = tensor_from_text("uint8 [2] arange:1,1");
    cor_tensor *bools = tensor_from_text("bool [2] arange:1,0"), *longs = tensor_from_text("int64 [2] arange:1,1");
    cor_tensor *row = tensor_from_text("float32 [1,2] arange:1,1");
    const char *byte_overflow = "value cannot be converted to type uint8_t without overflow";
    expect(cor_clamp(bytes, 300, COR_NONE), byte_overflow);
    expect(cor_pow(bytes, 300), byte_overflow);
    expect(cor_fill_(bytes, -300), byte_overflow);
    expect(cor_where(bools, bytes, 300), byte_overflow);
    expect(cor_fill_(longs, NAN), "value cannot be converted to type int64_t without overflow");
    expect(cor_fill_(t, 1e40), "value cannot be converted to type float without overflow");
    expect(cor_fill_(t, t), "fill_ only supports 0-dimension value tensor but got tensor with 1 dimensions.");
    expect(cor_clamp_(longs, 0.5, 1), "result type Float can't be cast to the desired output type long int");
    expect(cor_relu(bools), "Boolean inputs not supported for relu");
    expect(cor_hardtanh(bools), "Bool inputs not supported for hardtanh");
    expect(cor_hardtanh(bytes), "cannot do hardtanh on an unsigned type with negative limits");
    expect(cor_hardtanh(t, .min_val = 2, .max_val = 1), "min_val cannot be greater than max_val");
    expect(cor_gelu(longs), "\"GeluKernelImpl\" not implemented for 'Long'");
    expect(cor_threshold(bools, 0, 1), "\"threshold_cpu\" not implemented for 'Bool'");
    expect(cor_celu(t, .alpha = 0), "ZeroDivisionError: alpha cannot be 0 for CELU");
    expect(cor_softshrink(t, .lambd = -1),
           "lambda must be in range [0, 3.40282e+38] for input dtype Float, but found -1");
    expect(cor_glu(t), "Halving dimension must be even, but dimension 0 is size 3");
    expect(cor_glu(cor_scalar(1.0)), "glu does not support scalars because halving size must be even");
    expect(cor_glu(row, .dim = 5), "Dimension out of range (expected to be in range of [-2, 1], but got 5)");
    expect(cor_prelu(row, t),
           "Mismatch of parameter numbers and input channel size. Found parameter numbers = 3 and channel size = 2.");
    expect(cor_prelu(row, row), "prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = 2");
    expect(cor_prelu(cor_scalar(1.0), t), "Not allow zero-dim input tensor.");
    expect(cor_prelu(longs, t), "prelu: Type promoting not supported. Got Long and Float");
    expect(cor_div(longs, 0, .rounding_mode = COR_ROUND_TRUNC), "ZeroDivisionError");
}

/* A number beside a half: a factor or divisor keeps its float32 value, every other is rounded to the half first. */
static void test_numbers_beside_halves(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_to(tensor_from_text("float32 [1] arange:1000,0"), COR_FLOAT16);
    assert_float_equal(cor_item(cor_mul(t, 1.0005)), 1000.5, 0);
    assert_float_equal(cor_item(cor_mul(1.0005, t)), 1000.5, 0);
    assert_float_equal(cor_item(cor_div(t, 1.0005)), 999.5, 0);
    assert_float_equal(cor_item(cor_remainder(t, 1.0005)), 0.0244140625, 0);
    assert_true(cor_item(cor_eq(cor_add(t, 1000), 2000.4)) == 1);
}

/* Copies into another order of the dimensions, of elements of every size, in whole tiles and parts of them. */
static void test_turned_copies(void **state) {
    (void)state;
    static const cor_dtype DTYPES[] = {COR_UINT8, COR_INT16, COR_INT32, COR_INT64};
    enum { A = 2, B = 70, C = 3, D = 45 };
    for (int k = 0; k < 4; k++) {
        cor_scope();
        cor_tensor *x = cor_to(cor_reshape(cor_arange(0, A * B * C * D), A, B, C, D), DTYPES[k]);
        cor_tensor *turned = cor_to(cor_contiguous(cor_permute(x, 2, 0, 3, 1)), COR_INT64);
        const int64_t *got = cor_data_const(turned), *want = cor_data_const(cor_to(x, COR_INT64));
        assert_int_equal(cor_error(), COR_OK);
        for (int64_t c = 0; c < C; c++)
            for (int64_t a = 0; a < A; a++)
                for (int64_t d = 0; d < D; d++)
                    for (int64_t b = 0; b < B; b++) assert_int_equal(*got++, want[((a * B + b) * C + c) * D + d]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_turned_copies),
                                       cmocka_unit_test(test_all_halves),
                                       cmocka_unit_test(test_all_bytes),
                                       cmocka_unit_test(test_real_functions),
                                       cmocka_unit_test(test_limits),
                                       cmocka_unit_test(test_positions),
                                       cmocka_unit_test(test_threads),
                                       cmocka_unit_test(test_sets_agree),
                                       cmocka_unit_test(test_in_place),
                                       cmocka_unit_test(test_texts),
                                       cmocka_unit_test(test_numbers_beside_halves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
