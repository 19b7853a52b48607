/* Padding: PyTorch's results and errors, the nodes, and what the golden files leave out. */
#include "support/slide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *const names[] = {"pad", NULL};

static void test_results(void **state) {
    (void)state;
    slide_check_results(COR_SOURCE_DIR, names, 220);
}

static void test_errors(void **state) {
    (void)state;
    slide_check_errors(COR_SOURCE_DIR, names, 34);
}

static void test_nodes(void **state) {
    (void)state;
    cor_scope();
    float zeros[64] = {0};
    cor_tensor *x3 = cor_requires_grad_(cor_from_data(zeros, COR_FLOAT32, 1, 1, 4, 4, 4), true);
    cor_tensor *x2 = cor_select(x3, 2, 0), *x1 = cor_select(x2, 2, 0);
    assert_string_equal(cor_grad_fn(cor_pad(x1, COR_DIMS(1, 1))), "ConstantPadNdBackward0");
    assert_string_equal(cor_grad_fn(cor_pad(x1, COR_DIMS(1, 1), .mode = COR_PAD_REFLECT)), "ReflectionPad1DBackward0");
    assert_string_equal(cor_grad_fn(cor_pad(x2, COR_DIMS(1, 1, 1, 1), .mode = COR_PAD_REFLECT)),
                        "ReflectionPad2DBackward0");
    assert_string_equal(cor_grad_fn(cor_pad(x3, COR_DIMS(1, 1, 1, 1, 1, 1), .mode = COR_PAD_REPLICATE)),
                        "ReplicationPad3DBackward0");
    assert_string_equal(cor_grad_fn(cor_pad(x2, COR_DIMS(1, 1, 1, 1), .mode = COR_PAD_CIRCULAR)), "CopySlices");
}

/* All eight dimensions that a list of pads can name, and lines that are units of several dimensions. */
static void test_many_dimensions(void **state) {
    (void)state;
    cor_scope();
    int64_t numbers[6] = {1, 2, 3, 4, 5, 6};
    cor_tensor *x = cor_from_data(numbers, COR_INT64, 1, 1, 1, 1, 1, 3, 1, 2);
    cor_tensor *y = cor_pad(x, COR_DIMS(0, 0, 0, 0, -1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0), .value = 9);
    const int64_t expected[12] = {9, 9, 9, 9, 9, 9, 3, 4, 5, 6, 9, 9};
    assert_non_null(y);
    assert_int_equal(cor_size(y, 0), 2);
    assert_int_equal(cor_numel(y), 12);
    assert_memory_equal(cor_data_const(y), expected, sizeof expected);
}

static void expect_error(cor_tensor *result, int code, const char *text) {
    assert_null(result);
    assert_int_equal(cor_error(), code);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

static void test_refusals(void **state) {
    (void)state;
    cor_scope();
    float zeros[4] = {0};
    cor_tensor *x = cor_from_data(zeros, COR_FLOAT32, 1, 1, 4);
    cor_dims many = {.n = COR_MAX_DIMS + 2};
    cor_pad_options mode;
    cor_pad_options_init(&mode);
    mode.mode = (cor_pad_mode)7;
    expect_error(cor_pad_with(x, many, NULL), COR_EVALUE, "pad: expected 0 to 16 amounts, but got 18");
    expect_error(cor_pad_with(x, (cor_dims)COR_DIMS(1, 1), &mode), COR_EUNSUPPORTED, "Unrecognised padding mode 7");
    expect_error(cor_pad(x, COR_DIMS(0, INT64_MAX)), COR_ELIMIT, "pad: the sizes overflow");
    expect_error(cor_pad(x, COR_DIMS(-3, 4), .mode = COR_PAD_CIRCULAR), COR_EVALUE,
                 "Padding value causes wrapping around more than once.");
    expect_error(cor_pad(NULL, COR_DIMS(1, 1)), COR_EVALUE, "pad: input 0 is NULL, a failed or missing tensor");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_results), cmocka_unit_test(test_errors),
                                       cmocka_unit_test(test_nodes), cmocka_unit_test(test_many_dimensions),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
