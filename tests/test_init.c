/* torch.nn.init: PyTorch's bits after a seed, its errors, and where the stream stands after. */
#include "support/slide.h"
#include "support/tensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static cor_nonlinearity nonlinearity_of(const char *options) {
    static const char *const names[] = {"linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"};
    golden_pair pair;
    for (int i = 0; golden_option(options, "nonlinearity", &pair) && i < 6; i++)
        if (strcmp(pair.value, names[i]) == 0) return (cor_nonlinearity)i;
    return COR_NONLINEARITY_LEAKY_RELU;
}

static cor_tensor *run_kaiming(const golden_record *record, cor_tensor *t) {
    const char *options = golden_get(record, "options");
    golden_pair mode;
    cor_init_kaiming_options o;
    cor_init_kaiming_options_init(&o);
    o.a = golden_option_double(options, "a", 0);
    o.fan_out = golden_option(options, "mode", &mode) && strcmp(mode.value, "fan_out") == 0;
    o.nonlinearity = nonlinearity_of(options);
    return strcmp(record->name, "kaiming_normal_") == 0 ? cor_init_kaiming_normal_with_(t, &o)
                                                        : cor_init_kaiming_uniform_with_(t, &o);
}

static cor_tensor *run(const golden_record *record, cor_tensor *t) {
    const char *name = record->name, *options = golden_get(record, "options");
    const double std = golden_option_double(options, "std", 1), mean = golden_option_double(options, "mean", 0);
    const double gain = golden_option_double(options, "gain", 1);
    if (strncmp(name, "kaiming", 7) == 0) return run_kaiming(record, t);
    if (strcmp(name, "uniform_") == 0)
        return cor_init_uniform_(t, .a = golden_option_double(options, "a", 0),
                                 .b = golden_option_double(options, "b", 1));
    if (strcmp(name, "normal_") == 0) return cor_init_normal_(t, .mean = mean, .std = std);
    if (strcmp(name, "trunc_normal_") == 0)
        return cor_init_trunc_normal_(t, .mean = mean, .std = std, .a = golden_option_double(options, "a", -2),
                                      .b = golden_option_double(options, "b", 2));
    if (strcmp(name, "constant_") == 0) return cor_init_constant_(t, golden_option_double(options, "val", 0));
    if (strcmp(name, "ones_") == 0) return cor_init_ones_(t);
    if (strcmp(name, "zeros_") == 0) return cor_init_zeros_(t);
    if (strcmp(name, "eye_") == 0) return cor_init_eye_(t);
    if (strcmp(name, "dirac_") == 0) return cor_init_dirac_(t, golden_option_int(options, "groups", 1));
    if (strcmp(name, "xavier_uniform_") == 0) return cor_init_xavier_uniform_(t, .gain = gain);
    if (strcmp(name, "xavier_normal_") == 0) return cor_init_xavier_normal_(t, .gain = gain);
    if (strcmp(name, "orthogonal_") == 0) return cor_init_orthogonal_(t, .gain = gain);
    assert_string_equal(name, "sparse_");
    return cor_init_sparse_(t, golden_option_double(options, "sparsity", 0),
                            .std = golden_option_double(options, "std", 0.01));
}

static void check_near(const golden_record *record, cor_tensor *t) {
    const cor_tensor *expected = tensor_from_text(golden_get(record, "out0"));
    assert_non_null(t);
    const float *got = cor_data_const(t), *want = cor_data_const(expected);
    for (int64_t i = 0; i < cor_numel(expected); i++)
        if (!(fabs((double)got[i] - (double)want[i]) <= 1e-6))
            fail_msg("record %d: %g, not %g", record->number, (double)got[i], (double)want[i]);
}

static void check_fill(const golden_record *record) {
    cor_scope();
    cor_tensor *t = tensor_from_text(golden_get(record, "in0"));
    cor_manual_seed(strtoull(golden_get(record, "seed"), NULL, 10));
    cor_tensor *filled = run(record, t);
    if (strcmp(record->name, "orthogonal_") == 0 && record->text == NULL) check_near(record, filled);
    else tensor_check("init_functions.txt", record, filled);
    if (record->text != NULL) return;
    assert_ptr_equal(filled, t);
    cor_tensor *next = cor_random_(cor_empty_of(COR_INT64, 1));
    if (cor_item_int(next) != strtoll(golden_get(record, "next"), NULL, 10))
        fail_msg("record %d: %s leaves the stream elsewhere", record->number, record->name);
}

static void check_gain(const golden_record *record) {
    const char *options = golden_get(record, "options");
    golden_pair param;
    const bool given = golden_option(options, "param", &param) && strcmp(param.value, "none") != 0;
    const double gain =
        cor_init_calculate_gain(nonlinearity_of(options), given ? strtod(param.value, NULL) : (double)NAN);
    assert_true(gain == strtod(golden_get(record, "gain"), NULL));
}

static void check_all(void *context) {
    int *seen = context;
    golden_file *file = golden_open("init_functions.txt");
    golden_record record;
    assert_non_null(file);
    *seen = 0;
    for (; golden_next(file, &record) > 0; ++*seen) {
        if (strcmp(record.name, "calculate_gain") == 0) check_gain(&record);
        else check_fill(&record);
    }
    golden_close(file);
}

static void test_records(void **state) {
    (void)state;
    int seen;
    const cor_rng flavour = cor_rng_flavour(); /* the file was made by PyTorch's kernels for AVX2 */
    assert_int_equal(cor_set_rng_flavour(COR_RNG_AVX2), COR_OK);
    slide_everywhere(check_all, &seen);
    assert_int_equal(cor_set_rng_flavour(flavour), COR_OK);
    assert_int_equal(seen, 200);
}

static void test_refusals(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_zeros(2, 3);
    assert_null(cor_init_trunc_normal_(t, .std = 0));
    cor_error_clear();
    assert_null(cor_init_trunc_normal_(t, .a = 1, .b = 1));
    cor_error_clear();
    assert_null(cor_init_sparse_(t, 1.5));
    cor_error_clear();
    assert_true(isnan(cor_init_calculate_gain((cor_nonlinearity)9, 0)));
    cor_error_clear();
}

/* A parameter is filled although it requires grad, and stays a leaf. */
static void test_parameter(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *p = cor_parameter(cor_zeros(2, 3));
    assert_ptr_equal(cor_init_orthogonal_(p), p);
    assert_ptr_equal(cor_init_trunc_normal_(p), p);
    assert_true(cor_is_leaf(p) && cor_requires_grad(p));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records), cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_parameter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
