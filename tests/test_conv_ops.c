/* Convolution as an operation: PyTorch's results and errors, the nodes, options, and inputs that lie anyhow. What the
 * implementations compute is the business of test_conv_random.c. */
#include "support/slide.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {
    "conv1d",           "conv2d",      "conv3d",      "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "conv1d_mode", "conv2d_mode", "conv3d_mode",      NULL};

static void test_results(void **state) {
    (void)state;
    slide_check_results(COR_SOURCE_DIR, names, 2704);
}

static void test_errors(void **state) {
    (void)state;
    slide_check_errors(COR_SOURCE_DIR, names, 150);
}

/* The course's image and kernel. */
static cor_tensor *course_image(void) {
    static const int64_t image[25] = {1, 2, 0, 3, 1, 0, 1, 2, 3, 1, 1, 2, 1, 0, 0, 5, 2, 3, 1, 1, 2, 1, 0, 1, 1};
    return cor_from_data(image, COR_INT64, 1, 1, 5, 5);
}

static cor_tensor *course_kernel(void) {
    static const int64_t kernel[9] = {1, 2, 1, 0, 1, 0, 2, 1, 0};
    return cor_from_data(kernel, COR_INT64, 1, 1, 3, 3);
}

static void expect_values(const cor_tensor *t, const int64_t *values, int64_t n) {
    assert_non_null(t);
    assert_int_equal(cor_numel(t), n);
    assert_memory_equal(cor_data_const(t), values, sizeof *values * (size_t)n);
}

static void test_course(void **state) {
    (void)state;
    cor_scope();
    const int64_t plain[9] = {10, 12, 12, 18, 16, 16, 13, 9, 3}, strided[4] = {10, 12, 13, 3};
    const int64_t padded[25] = {1, 3, 4, 10, 8, 5, 10, 12, 12, 6, 7, 18, 16, 16, 8, 11, 13, 9, 3, 4, 14, 13, 9, 7, 4};
    expect_values(cor_conv2d(course_image(), course_kernel()), plain, 9);
    expect_values(cor_conv2d(course_image(), course_kernel(), .stride = 2), strided, 4);
    expect_values(cor_conv2d(course_image(), course_kernel(), .padding = 1), padded, 25);
    expect_values(cor_conv2d(course_image(), course_kernel(), .paddings = {1, 1}), padded, 25);
    expect_values(cor_conv2d(course_image(), course_kernel(), .same = true), padded, 25);
}

/* Any layout of input, weight and bias gives the bits of the contiguous ones. */
static void check_layouts(void *context) {
    (void)context;
    cor_scope();
    static float numbers[2 * 4 * 9 * 11];
    for (int i = 0; i < 2 * 4 * 9 * 11; i++) numbers[i] = (float)(i * 31 % 19 - 9);
    cor_tensor *x = cor_from_data(numbers, COR_FLOAT32, 2, 11, 9, 4),
               *w = cor_from_data(numbers, COR_FLOAT32, 3, 3, 4, 6);
    cor_tensor *b = cor_slice(cor_from_data(numbers, COR_FLOAT32, 12), 0, .step = 2);
    x = cor_slice(cor_permute(x, 0, 3, 2, 1), 3, .step = 2);
    w = cor_permute(w, 3, 2, 1, 0);
    const cor_tensor *mixed = cor_conv2d(x, w, .bias = b, .padding = 1);
    const cor_tensor *plain = cor_conv2d(cor_contiguous(x), cor_contiguous(w), .bias = cor_contiguous(b), .padding = 1);
    assert_non_null(plain);
    assert_int_equal(cor_size(plain, 1), 6);
    assert_memory_equal(cor_data_const(mixed), cor_data_const(plain), sizeof(float) * (size_t)cor_numel(plain));
    const cor_tensor *spread = cor_conv2d(cor_expand(cor_narrow(x, 0, 0, 1), 3, -1, -1, -1), w);
    const cor_tensor *repeated = cor_conv2d(cor_contiguous(cor_expand(cor_narrow(x, 0, 0, 1), 3, -1, -1, -1)), w);
    assert_memory_equal(cor_data_const(spread), cor_data_const(repeated), sizeof(float) * (size_t)cor_numel(spread));
}

static void test_layouts(void **state) {
    (void)state;
    slide_everywhere(check_layouts, NULL);
}

/* A NaN or infinity reaches exactly the outputs whose windows hold it. */
static void check_specials(void *context) {
    (void)context;
    cor_scope();
    static float image[32 * 16 * 16], weight[16 * 32 * 9];
    const int row = 5, column = 9;
    for (size_t i = 0; i < sizeof image / sizeof *image; i++) image[i] = (float)(i % 7) - 3;
    for (size_t i = 0; i < sizeof weight / sizeof *weight; i++) weight[i] = (float)(i % 5) + 1;
    for (int infinite = 0; infinite < 2; infinite++) {
        image[row * 16 + column] = infinite ? INFINITY : NAN;
        const cor_tensor *y = cor_conv2d(cor_from_data(image, COR_FLOAT32, 1, 32, 16, 16),
                                         cor_from_data(weight, COR_FLOAT32, 16, 32, 3, 3), .padding = 1);
        const float *value = cor_data_const(y);
        assert_non_null(value);
        for (int i = 0; i < 16 * 256; i++) {
            const int r = i % 256 / 16, c = i % 16;
            const bool reached = abs(r - row) <= 1 && abs(c - column) <= 1;
            assert_true(reached ? (infinite ? value[i] == INFINITY : isnan(value[i])) : isfinite(value[i]));
        }
    }
}

static void test_specials(void **state) {
    (void)state;
    slide_everywhere(check_specials, NULL);
}

static void test_nodes(void **state) {
    (void)state;
    cor_scope();
    float zeros[64] = {0};
    cor_tensor *x = cor_from_data(zeros, COR_FLOAT32, 1, 1, 4, 4);
    cor_tensor *w = cor_requires_grad_(cor_from_data(zeros, COR_FLOAT32, 1, 1, 2, 2), true);
    assert_string_equal(cor_grad_fn(cor_conv2d(x, w)), "ConvolutionBackward0");
    assert_string_equal(cor_grad_fn(cor_conv2d(x, w, .same = true)), "ConvolutionBackward0");
    assert_string_equal(cor_grad_fn(cor_conv2d(cor_select(x, 0, 0), w)), "SqueezeBackward1");
    assert_string_equal(cor_grad_fn(cor_conv_transpose2d(x, w)), "ConvolutionBackward0");
    assert_null(cor_grad_fn(cor_conv2d(x, cor_detach(w))));
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
    cor_tensor *x = course_image(), *w = course_kernel();
    expect_error(cor_conv2d(x, w, .bias = NULL), COR_EVALUE, "conv2d: input 2 is NULL, a failed or missing tensor");
    expect_error(cor_conv2d(x, COR_NONE), COR_EVALUE, "conv2d: input 1 must be a tensor, not COR_NONE");
    expect_error(cor_conv2d(x, w, .strides = {1, 1, 2}), COR_EVALUE,
                 "stride must be a single int or 2 of them, but got [1, 1, 2]");
    expect_error(cor_conv2d(x, w, .stride = 0), COR_EVALUE, "non-positive stride is not supported");
    cor_conv_options old;
    cor_conv_options_init(&old);
    old.struct_size -= 8;
    assert_null(cor_conv2d_with(x, w, &old));
    assert_int_equal(cor_error(), COR_EVALUE);
    cor_error_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_results),  cmocka_unit_test(test_errors),
                                       cmocka_unit_test(test_course),   cmocka_unit_test(test_layouts),
                                       cmocka_unit_test(test_specials), cmocka_unit_test(test_nodes),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
