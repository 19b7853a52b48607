/* Layers made or called wrongly: PyTorch's error texts; and transposed convolutions called for a size. */
#include "support/doings.h"
#include "support/modules.h"
#include "support/tensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is_layer(const golden_record *record) {
    static const char *const others[] = {"Net",        "NoInit",        "Sequential",   "ModuleList",
                                         "ModuleDict", "ParameterList", "ParameterDict"};
    for (int i = 0; i < 7; i++)
        if (doings_is(golden_get(record, "module"), others[i])) return false;
    return true;
}

/* ---- statements ------------------------------------------------------------------------------------------------- */

/* The numbers of "m(torch.zeros(2, 3))". */
static cor_tensor *zeros(const char *python) {
    int64_t sizes[8];
    int n = 0;
    const char *at = strstr(python, "zeros(") + strlen("zeros(");
    for (char *end; *at != ')'; at = *end == ',' ? end + 1 : end) sizes[n++] = strtoll(at, &end, 10);
    return cor_zeros_sized(COR_FLOAT32, sizes, n);
}

#define STATEMENT(name) static void name(cor_module *m, const doing *d, char *out)
#define UNUSED (void)m, (void)d, (void)out

/* clang-format off */
STATEMENT(call) { UNUSED; cor_call(m, zeros(d->python)); }
STATEMENT(call_t) { UNUSED; cor_call(m, cor_zeros(2)); }
STATEMENT(construct) { UNUSED; module_from_text(d->name); }
/* clang-format on */

/* Two batches go into the average of all batches. */
STATEMENT(average) {
    UNUSED;
    float first[2][2] = {{1, 2}, {3, 6}}, second[2][2] = {{3, 1}, {4, 1}};
    cor_call(m, cor_from(first, 2, 2));
    cor_call(m, cor_from(second, 2, 2));
    doings_show_tensor(out, cor_get_buffer(m, d->name));
}

#define CALL(sizes)                                                                                                    \
    { NULL, "m(torch.zeros(" sizes "))", call, 0, NULL }
#define MADE(arguments)                                                                                                \
    { NULL, "nn." arguments, construct, 0, arguments }
#define BATCHES "m(torch.tensor([[1., 2.], [3., 6.]])); m(torch.tensor([[3., 1.], [4., 1.]])); "

static const doing rows[] = {
    {NULL, "m(T)", call_t, 0, NULL},
    {"Upsample", "m(torch.zeros(2, 6, 3))", NULL, 0, "C's option .sizes has no length to be told"},
    {"Upsample(scale_factor=2, mode=foo)", "m(torch.zeros(1, 2, 6, 3))", NULL, 0, "C's modes are an enum"},
    CALL("4, 5"),
    CALL("5"),
    CALL("2"),
    CALL("2, 3"),
    CALL("2, 3, 4, 5"),
    CALL("2, 3, 4, 5, 6, 7"),
    CALL("1, 4, 2, 2"),
    CALL("1, 3"),
    CALL("1, 3, 1, 1"),
    CALL("3, 3"),
    CALL("2, 7"),
    CALL("2, 6"),
    CALL("2, 6, 3"),
    CALL("1, 2, 6, 3"),
    MADE("Dropout(-0.1)"),
    MADE("Dropout(1.5)"),
    MADE("Dropout2d(-0.1)"),
    MADE("Dropout2d(1.5)"),
    MADE("AlphaDropout(-0.1)"),
    MADE("AlphaDropout(1.5)"),
    {NULL, "nn.Hardtanh(1, -1)", NULL, 0, "an int where C has a double"},
    MADE("Hardtanh(1.5, -1.5)"),
    MADE("Hardtanh(0.5, 0.5)"),
    {NULL, "nn.Unflatten(1, 2)", NULL, 0, "C's types say what a value is"},
    MADE("Conv2d(4, 6, 3, groups=0)"),
    MADE("Conv2d(4, 6, 3, groups=-1)"),
    MADE("Conv1d(4, 6, 3, groups=3)"),
    MADE("Conv3d(6, 4, 3, groups=3)"),
    {NULL, "nn.Conv2d(1, 1, 3, stride=2, padding='same')", construct, 0, "Conv2d(1, 1, 3, stride=2, padding=same)"},
    {NULL, "nn.Conv2d(1, 1, 3, stride=(1, 2), padding='same')", construct, 0,
     "Conv2d(1, 1, 3, stride=(1,2), padding=same)"},
    MADE("ConvTranspose1d(4, 6, 3, groups=0)"),
    {NULL, "nn.ConvTranspose2d(1, 1, 3, padding_mode='reflect')", construct, 0,
     "ConvTranspose2d(1, 1, 3, padding_mode=reflect)"},
    {NULL, "nn.ConvTranspose3d(1, 1, 3, groups=0, padding_mode='circular')", construct, 0,
     "ConvTranspose3d(1, 1, 3, groups=0, padding_mode=circular)"},
    MADE("Conv2d(-1, 1, 3)"),
    MADE("Conv2d(1, 1, -3)"),
    MADE("ConvTranspose2d(1, -1, 3)"),
    MADE("Linear(-1, 2)"),
    MADE("BatchNorm2d(-1)"),
    {NULL, BATCHES "m.running_mean", average, 0, "running_mean"},
    {NULL, BATCHES "m.running_var", average, 0, "running_var"},
    {NULL, BATCHES "m.num_batches_tracked", average, 0, "num_batches_tracked"},
};

static void statements(void **state) {
    (void)state;
    int n = (int)(sizeof rows / sizeof rows[0]);
    assert_true(doings_check(golden_open("module_errors.txt"), rows, n, is_layer, module_from_text) >= 40);
}

/* ---- output_size ------------------------------------------------------------------------------------------------ */

static cor_dims list(const char *text) {
    cor_dims dims = {0};
    for (char *end; *text != ']'; text = end) dims.at[dims.n++] = strtoll(text + 1, &end, 10);
    return dims;
}

static void check_size(const golden_record *record) {
    char shape[128] = "[";
    cor_scope();
    cor_module *m = module_from_text(golden_get(record, "module"));
    cor_tensor *in = tensor_from_text(golden_get(record, "in0"));
    cor_tensor *out = cor_nn_conv_transpose_call_with(m, in, list(golden_get(record, "output_size")));
    if ((out == NULL) != (golden_get(record, "error") != NULL))
        fail_msg("record %d: %s", record->number, out == NULL ? cor_error_message() : "is accepted");
    for (int i = 0; i < cor_dim(out); i++) {
        size_t used = strlen(shape);
        snprintf(shape + used, sizeof shape - used, "%s%lld", i > 0 ? ", " : "", (long long)cor_size(out, i));
    }
    strcat(shape, "]");
    const char *got = out == NULL ? cor_error_message() : shape;
    if (strcmp(got, record->text) != 0) fail_msg("record %d: expected\n%s\ngot\n%s", record->number, record->text, got);
    cor_error_clear();
}

static void output_sizes(void **state) {
    (void)state;
    golden_file *file = golden_open("module_errors.txt");
    golden_record record;
    int checked = 0;
    while (golden_next(file, &record) == 1) {
        if (strcmp(record.name, "output_size") != 0) continue;
        check_size(&record);
        checked++;
    }
    golden_close(file);
    printf("%d output sizes\n", checked);
    assert_true(checked >= 25);
}

static int double_input(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)n, (void)context;
    inputs[0] = cor_mul(inputs[0], 2);
    return inputs[0] == NULL ? cor_error() : COR_OK;
}

/* The larger output has the smaller one in its corner, and the hooks run. */
static void a_sized_call_is_a_call(void **state) {
    (void)state;
    cor_scope();
    cor_module *m = cor_nn_conv_transpose2d(1, 1, 3, .stride = 2, .bias = false);
    cor_tensor *x = cor_randn(1, 1, 4, 4), *small = cor_call(m, cor_mul(x, 2));
    assert_true(cor_register_forward_pre_hook(m, double_input, NULL) > 0);
    cor_tensor *large = cor_nn_conv_transpose_call(m, x, COR_DIMS(10, 9));
    assert_int_equal(cor_size(large, 2), 10);
    cor_tensor *corner = cor_contiguous(cor_slice(large, 2, .end = 9));
    assert_memory_equal(cor_data_const(corner), cor_data_const(small), 9 * 9 * sizeof(float));
    assert_null(cor_nn_conv_transpose_call(cor_nn_relu(), x, COR_DIMS(10, 9)));
    assert_string_equal(cor_error_message(), "conv_transpose_call: 'ReLU' is not a transposed convolution");
    cor_error_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(statements), cmocka_unit_test(output_sizes),
                                       cmocka_unit_test(a_sized_call_is_a_call)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
