/* Batch normalisation and dropout: PyTorch's results, bit for bit, and errors, and the nodes. */
#include "support/elementwise.h"
#include "support/slide.h"
#include "support/tensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static cor_tensor *operand(const golden_record *record, const char *key) {
    const char *value = golden_get(record, key);
    return value == NULL ? COR_NONE : tensor_from_text(value);
}

static void run_batch_norm(const golden_record *record, cor_tensor *out[3]) {
    const char *options = golden_get(record, "options");
    out[1] = operand(record, "mean");
    out[2] = operand(record, "var");
    out[0] = cor_batch_norm(operand(record, "input"), out[1], out[2], .weight = operand(record, "weight"),
                            .bias = operand(record, "bias"), .training = golden_option_bool(options, "training", false),
                            .momentum = golden_option_double(options, "momentum", 0.1),
                            .eps = golden_option_double(options, "eps", 1e-5));
}

static void run_dropout(const golden_record *record, cor_tensor *out[3]) {
    static const struct {
        const char *name;
        cor_tensor *(*function)(cor_tensor *, const cor_dropout_options *);
    } functions[] = {{"dropout", cor_dropout_with},
                     {"dropout1d", cor_dropout1d_with},
                     {"dropout2d", cor_dropout2d_with},
                     {"dropout3d", cor_dropout3d_with},
                     {"alpha_dropout", cor_alpha_dropout_with}};
    const char *options = golden_get(record, "options"), *seed = golden_get(record, "seed");
    cor_dropout_options o;
    cor_dropout_options_init(&o);
    o.p = golden_option_double(options, "p", 0.5);
    o.training = golden_option_bool(options, "training", false);
    if (seed != NULL) cor_manual_seed(strtoull(seed, NULL, 10));
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (strcmp(record->name, functions[i].name) == 0) out[0] = functions[i].function(operand(record, "input"), &o);
}

static cor_dims normalized_shape(const char *options) {
    cor_dims shape = {.n = 0};
    int64_t values[GOLDEN_DIMS];
    const int n = golden_option_ints(options, "normalized_shape", values);
    for (int i = 0; i < n; i++) shape.at[shape.n++] = values[i];
    return shape;
}

static void run_norm(const golden_record *record, cor_tensor *out[3]) {
    const char *options = golden_get(record, "options"), *name = record->name;
    cor_tensor *x = operand(record, "input"), *weight = operand(record, "weight"), *bias = operand(record, "bias");
    const double eps = golden_option_double(options, "eps", strcmp(name, "rms_norm") == 0 ? (double)NAN : 1e-5);
    if (strcmp(name, "layer_norm") == 0)
        out[0] = cor_layer_norm(x, normalized_shape(options), .weight = weight, .bias = bias, .eps = eps);
    else if (strcmp(name, "rms_norm") == 0)
        out[0] = cor_rms_norm(x, normalized_shape(options), .weight = weight, .eps = eps);
    else if (strcmp(name, "group_norm") == 0)
        out[0] =
            cor_group_norm(x, golden_option_int(options, "num_groups", 1), .weight = weight, .bias = bias, .eps = eps);
    else
        out[0] =
            cor_instance_norm(x, out[1] = operand(record, "mean"), out[2] = operand(record, "var"), .weight = weight,
                              .bias = bias, .eps = eps, .momentum = golden_option_double(options, "momentum", 0.1),
                              .use_input_stats = golden_option_bool(options, "use_input_stats", true));
}

static void run_record(const golden_record *record, cor_tensor *out[3]) {
    const size_t length = strlen(record->name);
    if (strcmp(record->name, "batch_norm") == 0) run_batch_norm(record, out);
    else if (length > 5 && strcmp(record->name + length - 5, "_norm") == 0) run_norm(record, out);
    else run_dropout(record, out);
}

static void check_record(const golden_record *record) {
    static const char *const keys[] = {"out0", "out1", "out2"};
    cor_scope();
    cor_tensor *out[3] = {NULL, NULL, NULL};
    run_record(record, out);
    if (record->text != NULL) {
        assert_null(out[0]);
        assert_string_equal(cor_error_message(), record->text);
        cor_error_clear();
        return;
    }
    if (golden_get(record, "ref0") != NULL) {
        if (!result_is_right(out[0], record))
            fail_msg("line %d: %s: %s", record->line, record->name, cor_error_message());
        return;
    }
    for (int i = 0; i < 3; i++) {
        golden_tensor expected;
        const char *value = golden_get(record, keys[i]);
        if (value == NULL) continue;
        assert_true(golden_parse_tensor(value, &expected));
        if (!tensor_matches(out[i], &expected))
            fail_msg("line %d: %s differs %s", record->line, keys[i], cor_error_message());
    }
}

static void check_all(void *context) {
    int *seen = context;
    golden_file *file = golden_open("norm.txt");
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
    assert_int_equal(seen, 447);
}

/* Training on real data: the mean of the result is 0 and its variance n / (n + n * eps / var), within what rounding the
 * result to float32 can do to them. */
static void check_statistics(void *context) {
    (void)context;
    cor_scope();
    enum { N = 6, C = 5, PLANE = 37 };
    cor_manual_seed(3);
    cor_tensor *x = cor_add(cor_mul(cor_randn(N, C, PLANE), 3), 100);
    const cor_tensor *y = cor_batch_norm(x, COR_NONE, COR_NONE, .training = true, .eps = 0);
    const float *value = cor_data_const(y);
    assert_non_null(value);
    for (int c = 0; c < C; c++) {
        double sum = 0, squares = 0, largest = 0;
        for (int i = 0; i < N * PLANE; i++) {
            const double v = (double)value[(i / PLANE * C + c) * PLANE + i % PLANE];
            sum += v;
            squares += v * v;
            largest = fmax(largest, fabs(v));
        }
        /* x * alpha + beta: alpha and the mean are rounded once, each up to 2^-24, where |x * alpha| is at most 50 */
        const double shift = 3 * 0x1p-24 * 50 + 0x1p-24 * largest;
        assert_true(fabs(sum / (N * PLANE)) <= shift);
        assert_true(fabs(squares / (N * PLANE) - 1) <= 2 * largest * shift + shift * shift);
    }
}

static void test_statistics(void **state) {
    (void)state;
    slide_everywhere(check_statistics, NULL);
}

static void test_nodes(void **state) {
    (void)state;
    cor_scope();
    float zeros[24] = {0};
    cor_tensor *x = cor_requires_grad_(cor_from_data(zeros, COR_FLOAT32, 2, 3, 4), true);
    cor_tensor *mean = cor_from_data(zeros, COR_FLOAT32, 3), *var = cor_from_data(zeros, COR_FLOAT32, 3);
    assert_string_equal(cor_grad_fn(cor_batch_norm(x, mean, var)), "NativeBatchNormBackward0");
    assert_null(cor_grad_fn(cor_batch_norm(cor_detach(x), mean, var)));
    assert_string_equal(cor_grad_fn(cor_dropout(x)), "MulBackward0");
    assert_string_equal(cor_grad_fn(cor_dropout(x, .p = 1)), "MulBackward0");
    assert_string_equal(cor_grad_fn(cor_dropout1d(x)), "MulBackward0");
    assert_string_equal(cor_grad_fn(cor_dropout3d(x)), "SqueezeBackward1");
    assert_string_equal(cor_grad_fn(cor_layer_norm(x, COR_DIMS(4))), "NativeLayerNormBackward0");
    assert_string_equal(cor_grad_fn(cor_rms_norm(x, COR_DIMS(4))), "MulBackward0");
    assert_string_equal(cor_grad_fn(cor_rms_norm(cor_to(x, COR_FLOAT16), COR_DIMS(4))), "ToCopyBackward0");
    assert_string_equal(cor_grad_fn(cor_group_norm(x, 3)), "NativeGroupNormBackward0");
    assert_string_equal(cor_grad_fn(cor_instance_norm(x, COR_NONE, COR_NONE)), "ViewBackward0");
    assert_string_equal(cor_grad_fn(cor_instance_norm(x, mean, var)), "ViewBackward0");
    assert_ptr_equal(cor_dropout(x, .training = false), x);
    assert_ptr_equal(cor_dropout(x, .p = 0), x);
    assert_ptr_equal(cor_alpha_dropout(x, .training = false), x);
}

/* The running statistics are changed in place, which their version tells; evaluation leaves them alone. */
static void test_running(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *x = cor_ones(2, 3, 4), *mean = cor_zeros(3), *var = cor_ones(3);
    assert_non_null(cor_batch_norm(x, mean, var));
    assert_int_equal(cor_version_of(mean), 0);
    assert_non_null(cor_batch_norm(x, mean, var, .training = true, .momentum = 0.5));
    assert_int_equal(cor_version_of(mean), 1);
    assert_int_equal(cor_version_of(var), 1);
    assert_true(cor_item(cor_select(mean, 0, 1)) == 0.5);
    assert_true(cor_item(cor_select(var, 0, 1)) == 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records), cmocka_unit_test(test_statistics),
                                       cmocka_unit_test(test_nodes), cmocka_unit_test(test_running)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
