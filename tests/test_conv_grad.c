/* The gradients of convolutions as operations: PyTorch's results and refusals, nodes, options, layouts and failing
 * allocations. What the implementations compute is the business of test_conv_weights.c. */
#include "ops/conv_grad.h"
#include "support/scenario.h"
#include "support/slide.h"
#include "support/tensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- PyTorch's records ------------------------------------------------------------------------------------------ */

static cor_tensor *operand(const golden_record *record, const char *key) {
    const char *value = golden_get(record, key);
    return value == NULL ? NULL : tensor_from_text(value);
}

static void read_list(const golden_record *record, const char *key, int spatial, int64_t otherwise, int64_t *to) {
    int64_t values[GOLDEN_DIMS];
    const int n = golden_option_ints(golden_get(record, "options"), key, values);
    for (int i = 0; i < spatial; i++) to[i] = n <= 0 ? otherwise : values[n == 1 ? 0 : i];
}

static cor__conv_grad read_numbers(const golden_record *record) {
    cor__conv_grad c = {.groups = golden_option_int(golden_get(record, "options"), "groups", 1),
                        .transposed = strstr(record->name, "transpose") != NULL,
                        .spatial = *strpbrk(record->name, "123") - '0'};
    read_list(record, "stride", c.spatial, 1, c.stride);
    read_list(record, "padding", c.spatial, 0, c.padding);
    read_list(record, "output_padding", c.spatial, 0, c.output_padding);
    read_list(record, "dilation", c.spatial, 1, c.dilation);
    return c;
}

static cor_conv_grad_options options_of(const cor__conv_grad *numbers) {
    cor_conv_grad_options o;
    const size_t bytes = sizeof(int64_t) * (size_t)numbers->spatial;
    cor_conv_grad_options_init(&o);
    memcpy(o.strides, numbers->stride, bytes);
    memcpy(o.paddings, numbers->padding, bytes);
    memcpy(o.dilations, numbers->dilation, bytes);
    o.groups = numbers->groups;
    return o;
}

static cor_dims sizes_of(const cor_tensor *t) {
    cor_dims sizes = {.n = t->ndim};
    memcpy(sizes.at, t->sizes, sizeof *t->sizes * (size_t)t->ndim);
    return sizes;
}

#define OF_DIMENSIONS(of, spatial, ...)                                                                                \
    ((spatial) == 1   ? cor_conv1d_##of##_with(__VA_ARGS__)                                                            \
     : (spatial) == 2 ? cor_conv2d_##of##_with(__VA_ARGS__)                                                            \
                      : cor_conv3d_##of##_with(__VA_ARGS__))

static void compare(const golden_record *record, const char *key, cor_tensor *out) {
    golden_tensor expected;
    assert_true(golden_parse_tensor(golden_get(record, key), &expected));
    if (out != NULL) out = cor_add(out, 0); /* the file has 0 for -0 */
    if (!tensor_matches(out, &expected))
        fail_msg("line %d: %s differs: %s", record->line, key, out == NULL ? cor_error_message() : cor_repr(out, NULL));
}

static void check_record(const golden_record *record) {
    cor_scope();
    cor_tensor *x = operand(record, "input"), *w = operand(record, "weight"), *gy = operand(record, "grad_output");
    cor_tensor *bias = NULL, *of_input, *of_weight;
    cor__conv_grad numbers = read_numbers(record);
    if (numbers.transposed) {
        numbers.sizes = sizes_of(x);
        of_input = cor__conv_grad_input(&numbers, gy, w);
        numbers.sizes = sizes_of(w);
        of_weight = cor__conv_grad_weight(&numbers, gy, x, &bias);
    } else {
        cor_conv_grad_options o = options_of(&numbers);
        of_input = OF_DIMENSIONS(input, numbers.spatial, sizes_of(x), w, gy, &o);
        o.bias = &bias;
        of_weight = OF_DIMENSIONS(weight, numbers.spatial, x, sizes_of(w), gy, &o);
    }
    compare(record, "grad_input", of_input);
    compare(record, "grad_weight", of_weight);
    compare(record, "grad_bias", bias);
}

static void check_refusal(const golden_record *record) {
    cor_scope();
    const cor__conv_grad numbers = read_numbers(record);
    const cor_conv_grad_options o = options_of(&numbers);
    char text[GOLDEN_WORD];
    cor_dims sizes = {.n = 0};
    snprintf(text, sizeof text, "sizes=%s", golden_get(record, "sizes"));
    sizes.n = golden_option_ints(text, "sizes", sizes.at);
    cor_tensor *x = operand(record, "input"), *w = operand(record, "weight"), *gy = operand(record, "grad_output");
    const cor_tensor *out = x == NULL ? OF_DIMENSIONS(input, numbers.spatial, sizes, w, gy, &o)
                                      : OF_DIMENSIONS(weight, numbers.spatial, x, sizes, gy, &o);
    if (out != NULL) fail_msg("line %d: no error, but %s", record->line, record->text);
    if (strcmp(cor_error_message(), record->text) != 0)
        fail_msg("line %d: got \"%s\", expected \"%s\"", record->line, cor_error_message(), record->text);
    cor_error_clear();
}

/* Counts what it has checked in context[0] and context[1]. */
static void check_all(void *context) {
    int *seen = context;
    golden_file *file = golden_open("conv_grad.txt");
    golden_record record;
    assert_non_null(file);
    seen[0] = seen[1] = 0;
    while (golden_next(file, &record) > 0) {
        const bool refused = record.text != NULL;
        if (refused) check_refusal(&record);
        else check_record(&record);
        seen[refused]++;
    }
    golden_close(file);
}

static void test_records(void **state) {
    (void)state;
    int seen[2];
    slide_everywhere(check_all, seen);
    print_message("%d gradients of input, weight and bias, %d refusals\n", seen[0], seen[1]);
    assert_int_equal(seen[0], 560);
    assert_int_equal(seen[1], 76);
}

/* ---- the operations --------------------------------------------------------------------------------------------- */

static cor_tensor *counting(cor_dtype dtype, int64_t a, int64_t b, int64_t c, int64_t d) {
    cor_tensor *numbers = cor_sub(cor_remainder(cor_mul(cor_arange(0, a * b * c * d), 7), 5), 2);
    return cor_reshape(cor_to(numbers, dtype), a, b, c, d);
}

static void expect_same(const cor_tensor *a, const cor_tensor *b) {
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(a->numel, b->numel);
    assert_memory_equal(cor_data_const(a), cor_data_const(b), (size_t)(a->numel * cor_dtype_size(a->dtype)));
}

static void test_nodes(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *x = counting(COR_FLOAT32, 2, 4, 8, 8), *gy = counting(COR_FLOAT32, 2, 6, 6, 6), *bias;
    cor_tensor *w = cor_requires_grad_(counting(COR_FLOAT32, 6, 4, 3, 3), true);
    assert_string_equal(cor_grad_fn(cor_conv2d_input(COR_DIMS(2, 4, 8, 8), w, gy)), "ConvolutionBackwardBackward0");
    assert_null(cor_grad_fn(cor_conv2d_weight(x, COR_DIMS(6, 4, 3, 3), gy)));
    cor_requires_grad_(x, true);
    assert_string_equal(cor_grad_fn(cor_conv2d_weight(x, COR_DIMS(6, 4, 3, 3), gy, .bias = &bias)),
                        "ConvolutionBackwardBackward0");
    assert_string_equal(cor_grad_fn(bias), "ConvolutionBackwardBackward0");
}

/* Operands that lie anyhow, and integers, which PyTorch refuses. */
static void test_layouts(void **state) {
    (void)state;
    cor_scope();
    const cor_dtype types[] = {COR_FLOAT32, COR_FLOAT64, COR_BFLOAT16, COR_INT32, COR_INT64, COR_UINT8};
    for (int i = 0; i < 6; i++) {
        cor_tensor *x = cor_permute(counting(types[i], 8, 2, 7, 4), 1, 3, 0, 2);
        cor_tensor *w = cor_permute(counting(types[i], 3, 3, 4, 6), 3, 2, 1, 0);
        cor_tensor *gy = cor_slice(cor_permute(counting(types[i], 6, 5, 6, 4), 3, 0, 2, 1), 0, .step = 2), *bias[2];
        expect_same(cor_conv2d_input(COR_DIMS(2, 4, 8, 7), w, gy),
                    cor_conv2d_input(COR_DIMS(2, 4, 8, 7), cor_contiguous(w), cor_contiguous(gy)));
        cor_tensor *mixed = cor_conv2d_weight(x, COR_DIMS(6, 4, 3, 3), gy, .bias = &bias[0]);
        expect_same(mixed,
                    cor_conv2d_weight(cor_contiguous(x), COR_DIMS(6, 4, 3, 3), cor_contiguous(gy), .bias = &bias[1]));
        expect_same(bias[0], bias[1]);
        cor_tensor *exact = cor_conv2d_weight(cor_to(x, COR_INT64), COR_DIMS(6, 4, 3, 3), cor_to(gy, COR_INT64));
        expect_same(mixed, cor_to(exact, types[i]));
        expect_same(bias[0], cor_to(cor_sum(gy, .dims = COR_DIMS(0, 2, 3), .dtype = COR_INT64), types[i]));
    }
}

/* The operation takes inputs without a batch, which the public functions refuse. */
static void test_unbatched(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *x = counting(COR_FLOAT32, 1, 4, 8, 8), *w = counting(COR_FLOAT32, 6, 4, 3, 3);
    cor_tensor *gy = counting(COR_FLOAT32, 1, 6, 8, 8), *bias;
    cor__conv_grad numbers = {
        .sizes = COR_DIMS(4, 8, 8), .stride = {1, 1}, .dilation = {1, 1}, .groups = 1, .same = true, .spatial = 2};
    expect_same(cor__conv_grad_input(&numbers, cor_select(gy, 0, 0), w),
                cor_conv2d_input(COR_DIMS(1, 4, 8, 8), w, gy, .padding = 1));
    numbers.sizes = (cor_dims)COR_DIMS(6, 4, 3, 3);
    expect_same(cor__conv_grad_weight(&numbers, cor_select(gy, 0, 0), cor_select(x, 0, 0), &bias),
                cor_conv2d_weight(x, COR_DIMS(6, 4, 3, 3), gy, .padding = 1));
    expect_same(bias, cor_sum(gy, .dims = COR_DIMS(0, 2, 3)));
}

static void expect_error(const cor_tensor *result, int code, const char *text) {
    assert_null(result);
    assert_int_equal(cor_error(), code);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

static void test_refusals(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *x = counting(COR_FLOAT32, 2, 4, 8, 8), *w = counting(COR_FLOAT32, 6, 4, 3, 3);
    cor_tensor *gy = counting(COR_FLOAT32, 2, 6, 6, 6), *bias = x;
    expect_error(cor_conv2d_weight(x, COR_DIMS(6, 4, 3, 3), COR_NONE, .bias = &bias), COR_EVALUE,
                 "conv_weight: input 0 must be a tensor, not COR_NONE");
    assert_null(bias);
    expect_error(cor_conv2d_input(COR_DIMS(2, 4, 8, 8), NULL, gy), COR_EVALUE,
                 "conv_input: input 1 is NULL, a failed or missing tensor");
    expect_error(cor_conv2d_weight(cor_to(x, COR_FLOAT64), COR_DIMS(6, 4, 3, 3), gy), COR_EDTYPE,
                 "expected scalar type Double but found Float");
    expect_error(cor_conv2d_input(COR_DIMS(2, 4, 8, 8), w, gy, .strides = {1, 1, 2}), COR_EVALUE,
                 "stride must be a single int or 2 of them, but got [1, 1, 2]");
    expect_error(cor_conv2d_input(COR_DIMS(2, 4, 8, 8), w, gy, .bias = &bias), COR_EVALUE,
                 "the gradient of an input has no bias beside it");
    cor_conv_grad_options old;
    cor_conv_grad_options_init(&old);
    old.struct_size -= 8;
    assert_null(cor_conv2d_input_with((cor_dims)COR_DIMS(2, 4, 8, 8), w, gy, &old));
    assert_int_equal(cor_error(), COR_EVALUE);
    cor_error_clear();
}

/* ---- failing allocations ---------------------------------------------------------------------------------------- */

static int gradients(void *context, scenario_hash *result) {
    const cor_dtype dtype = *(const cor_dtype *)context;
    cor_tensor *x = cor_permute(counting(dtype, 4, 2, 8, 8), 1, 0, 2, 3), *bias = NULL;
    cor_tensor *w = cor_permute(counting(dtype, 4, 6, 3, 3), 1, 0, 2, 3);
    cor_tensor *gy = cor_permute(counting(dtype, 6, 2, 8, 8), 1, 0, 2, 3);
    if (cor_dtype_is_floating(dtype)) x = cor_requires_grad_(cor_clone(x), true);
    scenario_feed_tensor(result, cor_conv2d_input(COR_DIMS(2, 4, 8, 8), w, gy, .padding = 1));
    scenario_feed_tensor(result, cor_conv2d_weight(x, COR_DIMS(6, 4, 3, 3), gy, .padding = 1, .bias = &bias));
    scenario_feed_tensor(result, bias);
    return cor_error();
}

static int transposed_gradients(void *context, scenario_hash *result) {
    const cor_dtype dtype = *(const cor_dtype *)context;
    cor_tensor *x = cor_permute(counting(dtype, 4, 2, 4, 4), 1, 0, 2, 3), *w = counting(dtype, 4, 6, 3, 3);
    cor_tensor *gy = counting(dtype, 2, 6, 9, 9), *bias = NULL;
    cor__conv_grad numbers = {.sizes = COR_DIMS(2, 4, 4, 4),
                              .stride = {2, 2},
                              .dilation = {1, 1},
                              .groups = 1,
                              .transposed = true,
                              .spatial = 2};
    scenario_feed_tensor(result, cor__conv_grad_input(&numbers, gy, w));
    numbers.sizes = (cor_dims)COR_DIMS(4, 6, 3, 3);
    scenario_feed_tensor(result, cor__conv_grad_weight(&numbers, gy, x, &bias));
    scenario_feed_tensor(result, bias);
    return cor_error();
}

static void test_allocations(void **state) {
    (void)state;
    const cor_dtype types[] = {COR_FLOAT32, COR_FLOAT64, COR_FLOAT16, COR_INT32};
    for (int i = 0; i < 4; i++) {
        cor_dtype dtype = types[i];
        scenario_run("gradients of conv2d", gradients, &dtype);
        scenario_run("gradients of conv_transpose2d", transposed_gradients, &dtype);
    }
    scenario_print_total();
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records),  cmocka_unit_test(test_nodes),
                                       cmocka_unit_test(test_layouts),  cmocka_unit_test(test_unbatched),
                                       cmocka_unit_test(test_refusals), cmocka_unit_test(test_allocations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
