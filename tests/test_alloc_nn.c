/* Every layer with every one of its allocations failing: making it, printing it, and calling it in both modes. */
#include "support/modules.h"
#include "support/scenario.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROW, SEQUENCE, IMAGE, VOLUME, INPUTS };
static cor_tensor *inputs[INPUTS];

typedef struct layer_case {
    const char *notation;
    int input;
} layer_case;

/* Recorded or not, the mode decides how a layer computes. */
static void call_in_mode(cor_module *m, const layer_case *the, bool training, scenario_hash *result) {
    cor_tensor *input = cor_clone(inputs[the->input]);
    if (cor_train_with(m, training) != COR_OK || input == NULL) return;
    cor_tensor *output = cor_call(m, input);
    if ((output == NULL) == (cor_error() == COR_OK)) fail_msg("%s: a result and an error, or neither", the->notation);
    scenario_feed_tensor(result, output);
    scenario_feed_tensor(result, input);
}

static int body(void *context, scenario_hash *result) {
    const layer_case *the = context;
    cor_manual_seed(3);
    cor_module *m = module_from_text(the->notation);
    if ((m == NULL) == (cor_error() == COR_OK)) fail_msg("%s: a module and an error, or neither", the->notation);
    scenario_feed_module(result, m);
    if (m != NULL && cor_error() == COR_OK) call_in_mode(m, the, true, result);
    if (m != NULL && cor_error() == COR_OK) call_in_mode(m, the, false, result);
    if (cor_error() == COR_OK) scenario_feed_module(result, m); /* running statistics */
    return cor_error();
}

static void run_layers(const layer_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        layer_case the = cases[i];
        assert_true(scenario_run(the.notation, body, &the) > 0);
    }
}

#define RUN(...)                                                                                                       \
    {                                                                                                                  \
        const layer_case cases[] = {__VA_ARGS__};                                                                      \
        run_layers(cases, sizeof cases / sizeof *cases);                                                               \
    }

static void linear_and_convolutions(void **state) {
    (void)state;
    RUN({"Linear(6, 5)", SEQUENCE}, {"Linear(4, 3, bias=False)", ROW}, {"Conv1d(4, 6, 3)", SEQUENCE},
        {"Conv2d(4, 6, 3, stride=2, padding=1)", IMAGE}, {"Conv3d(4, 2, 2)", VOLUME},
        {"Conv2d(4, 4, 3, groups=4, dilation=2, bias=False)", IMAGE}, {"Conv2d(4, 2, 4, padding=same)", IMAGE},
        {"Conv1d(4, 2, 3, padding=2, padding_mode=circular)", SEQUENCE},
        {"Conv2d(4, 2, 3, padding=same, padding_mode=reflect)", IMAGE},
        {"Conv3d(4, 2, 2, padding=1, padding_mode=replicate)", VOLUME}, {"ConvTranspose1d(4, 3, 3)", SEQUENCE},
        {"ConvTranspose2d(4, 4, 3, stride=2, output_padding=1)", IMAGE}, {"ConvTranspose3d(4, 2, 2)", VOLUME});
}

static void pools(void **state) {
    (void)state;
    RUN({"MaxPool1d(2)", SEQUENCE}, {"MaxPool2d(3, stride=2, padding=1)", IMAGE},
        {"MaxPool3d(2, ceil_mode=True)", VOLUME}, {"AvgPool1d(2)", SEQUENCE},
        {"AvgPool2d(2, count_include_pad=False)", IMAGE}, {"AvgPool3d(2, divisor_override=3)", VOLUME},
        {"AdaptiveAvgPool1d(4)", SEQUENCE}, {"AdaptiveAvgPool2d((3,2))", IMAGE}, {"AdaptiveAvgPool3d(2)", VOLUME},
        {"AdaptiveMaxPool1d(4)", SEQUENCE}, {"AdaptiveMaxPool2d((None,2))", IMAGE}, {"AdaptiveMaxPool3d(2)", VOLUME});
}

static void norms_and_dropouts(void **state) {
    (void)state;
    RUN({"BatchNorm1d(4)", ROW}, {"BatchNorm1d(4)", SEQUENCE}, {"BatchNorm2d(4, eps=0.1, momentum=0.25)", IMAGE},
        {"BatchNorm3d(4)", VOLUME}, {"BatchNorm2d(4, affine=False)", IMAGE},
        {"BatchNorm2d(4, track_running_stats=False)", IMAGE}, {"InstanceNorm1d(4)", SEQUENCE},
        {"InstanceNorm2d(4, affine=True, track_running_stats=True)", IMAGE}, {"LayerNorm(6)", SEQUENCE},
        {"LayerNorm((6,6), bias=False)", IMAGE}, {"RMSNorm(4)", ROW}, {"GroupNorm(2, 4)", IMAGE},
        {"Dropout(0.25)", ROW}, {"Dropout(0.5, True)", IMAGE}, {"Dropout1d(0.5)", SEQUENCE}, {"Dropout2d(0.5)", IMAGE},
        {"Dropout3d(0.5, True)", VOLUME}, {"AlphaDropout(0.5)", IMAGE});
}

static void shapes(void **state) {
    (void)state;
    RUN({"PixelShuffle(2)", IMAGE}, {"PixelUnshuffle(3)", IMAGE}, {"ChannelShuffle(2)", IMAGE}, {"Flatten()", IMAGE},
        {"Unflatten(1, (2,2))", IMAGE}, {"Identity()", ROW}, {"ZeroPad1d(1)", SEQUENCE},
        {"ZeroPad2d((1,2,0,1))", IMAGE}, {"ZeroPad3d(1)", VOLUME}, {"ConstantPad1d(2, 1.5)", SEQUENCE},
        {"ConstantPad2d((1,2,3,4), 1.5)", IMAGE}, {"ConstantPad3d(1, 0.5)", VOLUME}, {"ReflectionPad1d(2)", SEQUENCE},
        {"ReflectionPad2d((1,2,0,1))", IMAGE}, {"ReflectionPad3d(1)", VOLUME}, {"ReplicationPad1d(2)", SEQUENCE},
        {"ReplicationPad2d(1)", IMAGE}, {"ReplicationPad3d(1)", VOLUME}, {"CircularPad1d((2,1))", SEQUENCE},
        {"CircularPad2d(1)", IMAGE}, {"CircularPad3d(1)", VOLUME}, {"Upsample(scale_factor=2)", IMAGE},
        {"Upsample(size=(3,4), mode=bilinear)", IMAGE}, {"Upsample(scale_factor=(1.5,2.0), mode=nearest-exact)", IMAGE},
        {"Upsample(size=9, mode=linear, align_corners=True)", SEQUENCE}, {"Upsample(size=3, mode=trilinear)", VOLUME});
}

static void activations(void **state) {
    (void)state;
    RUN({"ReLU()", ROW}, {"ReLU(inplace=True)", ROW}, {"ReLU6()", ROW}, {"LeakyReLU(0.1)", ROW},
        {"LeakyReLU(inplace=True)", ROW}, {"ELU(0.5)", ROW}, {"CELU(1.5)", ROW}, {"SELU(inplace=True)", ROW},
        {"GELU()", ROW}, {"GELU(tanh)", ROW}, {"SiLU()", ROW}, {"Mish()", ROW}, {"Sigmoid()", ROW}, {"Tanh()", ROW},
        {"Softplus(2.0, 1.0)", ROW}, {"Softsign()", ROW}, {"Hardtanh(-0.5, 0.5)", ROW}, {"Hardswish()", ROW},
        {"Hardsigmoid()", ROW}, {"Hardshrink(0.1)", ROW}, {"Softshrink(0.1)", ROW}, {"Tanhshrink()", ROW},
        {"Threshold(0.1, 2.0)", ROW}, {"LogSigmoid()", ROW}, {"GLU()", ROW}, {"Softmax(1)", ROW},
        {"LogSoftmax(1)", ROW}, {"Softmin(0)", ROW}, {"Softmax2d()", IMAGE}, {"PReLU()", ROW},
        {"PReLU(4, 0.5)", IMAGE});
}

static void sequences(void **state) {
    (void)state;
    RUN({"RNN(6, 3, batch_first=True)", SEQUENCE}, {"LSTM(6, 3, 2, proj_size=2, bidirectional=True)", SEQUENCE},
        {"GRU(6, 3, 2, dropout=0.5)", SEQUENCE}, {"LSTMCell(4, 3)", ROW}, {"GRUCell(4, 3)", ROW},
        {"TransformerEncoder(TransformerEncoderLayer(6, 2, 5), 1)", SEQUENCE});
}

static void containers(void **state) {
    (void)state;
    RUN({"Sequential()", ROW}, {"Sequential(Linear(4, 3), ReLU(inplace=True), Linear(3, 2))", ROW},
        {"Sequential(Conv2d(4, 3, 3), BatchNorm2d(3), ReLU(), MaxPool2d(2), Dropout(0.5), Flatten(), Linear(12, 5), "
         "Softmax(1))",
         IMAGE},
        {"Sequential(Sequential(Identity(), Sequential(Tanh())), Identity())", ROW});
}

int main(void) {
    scenario_install();
    if (cor_set_num_threads(1) != COR_OK) return cor_report();
    cor_scope();
    cor_manual_seed(1);
    inputs[ROW] = cor_randn(2, 4);
    inputs[SEQUENCE] = cor_randn(2, 4, 6);
    inputs[IMAGE] = cor_randn(1, 4, 6, 6);
    inputs[VOLUME] = cor_randn(1, 4, 4, 4, 4);
    if (cor_error() != COR_OK) return cor_report();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_and_convolutions),
        cmocka_unit_test(pools),
        cmocka_unit_test(norms_and_dropouts),
        cmocka_unit_test(shapes),
        cmocka_unit_test(activations),
        cmocka_unit_test(sequences),
        cmocka_unit_test(containers),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
