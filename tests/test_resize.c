/* Interpolation: PyTorch's results and errors, and the nodes. */
#include "support/slide.h"
#include "support/tensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static cor_interpolation mode_of(const char *options) {
    static const char *const names[] = {"nearest", "nearest-exact", "linear", "bilinear", "trilinear"};
    golden_pair pair;
    if (!golden_option(options, "mode", &pair)) return COR_NEAREST;
    for (int i = 0; i < 5; i++)
        if (strcmp(pair.value, names[i]) == 0) return (cor_interpolation)i;
    fail_msg("no such mode: %s", pair.value);
    return COR_NEAREST;
}

/* One factor, or a list of one for each dimension. */
static void read_factors(const char *options, cor_interpolate_options *o) {
    golden_pair pair;
    if (!golden_option(options, "scale_factor", &pair)) return;
    if (pair.value[0] != '[') {
        o->scale_factor = strtod(pair.value, NULL);
        return;
    }
    char *at = pair.value + 1;
    for (int i = 0; i < 3 && *at != '\0'; i++) {
        o->scale_factors[i] = strtod(at, &at);
        at += strspn(at, ",]");
    }
}

static cor_tensor *run(const golden_record *record) {
    const char *options = golden_get(record, "options");
    cor_interpolate_options o;
    int64_t sizes[GOLDEN_DIMS];
    cor_interpolate_options_init(&o);
    o.mode = mode_of(options);
    o.align_corners = golden_option_bool(options, "align_corners", false);
    o.recompute_scale_factor = golden_option_bool(options, "recompute_scale_factor", false);
    read_factors(options, &o);
    const int n = golden_option_ints(options, "size", sizes);
    if (n == 1) o.size = sizes[0];
    if (n > 1) memcpy(o.sizes, sizes, sizeof *sizes * (size_t)n);
    return cor_interpolate_with(tensor_from_text(golden_get(record, "input")), &o);
}

static void check_record(const golden_record *record) {
    cor_scope();
    golden_tensor expected;
    cor_tensor *out = run(record);
    if (record->text != NULL) {
        assert_null(out);
        assert_string_equal(cor_error_message(), record->text);
        cor_error_clear();
        return;
    }
    assert_true(golden_parse_tensor(golden_get(record, "out0"), &expected));
    if (!tensor_matches(out, &expected)) fail_msg("line %d: out0 differs %s", record->line, cor_error_message());
}

static void check_all(void *context) {
    int *seen = context;
    golden_file *file = golden_open("resize.txt");
    golden_record record;
    assert_non_null(file);
    *seen = 0;
    for (; golden_next(file, &record) > 0; ++*seen) check_record(&record);
    golden_close(file);
}

static void test_records(void **state) {
    (void)state;
    int seen;
    slide_everywhere(check_all, &seen);
    assert_int_equal(seen, 613);
}

/* What PyTorch has no kernel for: the nearest modes move elements of any dtype. */
static void test_integers(void **state) {
    (void)state;
    cor_scope();
    const int64_t numbers[4] = {1, INT64_MAX, -3, 4}, expected[6] = {1, 1, INT64_MAX, -3, -3, 4};
    const bool truths[3] = {true, false, true}, doubled[6] = {true, true, false, false, true, true};
    const cor_tensor *n = cor_interpolate(cor_from_data(numbers, COR_INT64, 1, 1, 4), .size = 6);
    const cor_tensor *b = cor_interpolate(cor_from_data(truths, COR_BOOL, 1, 1, 3), .scale_factor = 2);
    assert_memory_equal(cor_data_const(n), expected, sizeof expected);
    assert_memory_equal(cor_data_const(b), doubled, sizeof doubled);
}

static void test_nodes(void **state) {
    (void)state;
    cor_scope();
    float zeros[8] = {0};
    cor_tensor *x = cor_requires_grad_(cor_from_data(zeros, COR_FLOAT32, 1, 1, 2, 2, 2), true);
    cor_tensor *x2 = cor_select(x, 2, 0), *x1 = cor_select(x2, 2, 0);
    assert_string_equal(cor_grad_fn(cor_interpolate(x1, .size = 3)), "UpsampleNearest1DBackward0");
    assert_string_equal(cor_grad_fn(cor_interpolate(x2, .size = 3)), "UpsampleNearest2DBackward0");
    assert_string_equal(cor_grad_fn(cor_interpolate(x, .size = 3)), "UpsampleNearest3DBackward0");
    assert_string_equal(cor_grad_fn(cor_interpolate(x2, .size = 3, .mode = COR_NEAREST_EXACT)),
                        "UpsampleNearestExact2DBackward0");
    assert_string_equal(cor_grad_fn(cor_interpolate(x1, .size = 3, .mode = COR_LINEAR)), "UpsampleLinear1DBackward0");
    assert_string_equal(cor_grad_fn(cor_interpolate(x2, .sizes = {3, 4}, .mode = COR_BILINEAR)),
                        "UpsampleBilinear2DBackward0");
    assert_string_equal(cor_grad_fn(cor_interpolate(x, .size = 3, .mode = COR_TRILINEAR)),
                        "UpsampleTrilinear3DBackward0");
}

static void test_refusals(void **state) {
    (void)state;
    cor_scope();
    float zeros[4] = {0};
    cor_tensor *x = cor_from_data(zeros, COR_FLOAT32, 1, 1, 4);
    assert_null(cor_interpolate(NULL, .size = 2));
    assert_string_equal(cor_error_message(), "interpolate: input 0 is NULL, a failed or missing tensor");
    cor_error_clear();
    assert_null(cor_interpolate(x, .scale_factor = 1e300));
    assert_int_equal(cor_error(), COR_ELIMIT);
    cor_error_clear();
    assert_null(cor_interpolate(x, .sizes = {2, 3}));
    assert_string_equal(cor_error_message(), "size must be a single int or 1 of them, but got [2, 3, 0]");
    cor_error_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records), cmocka_unit_test(test_integers),
                                       cmocka_unit_test(test_nodes), cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
