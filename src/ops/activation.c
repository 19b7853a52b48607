/* activation.c: activation functions of one tensor; glu and prelu are in gates.c. */
#include <corrie/activation.h>

#include "base/error.h"
#include "ops/elementwise.h"
#include <float.h>

COR__DEFINE_OPTIONS(cor_leaky_relu_options, COR_LEAKY_RELU_OPTIONS)
COR__DEFINE_OPTIONS(cor_elu_options, COR_ELU_OPTIONS)
COR__DEFINE_OPTIONS(cor_gelu_options, COR_GELU_OPTIONS)
COR__DEFINE_OPTIONS(cor_softplus_options, COR_SOFTPLUS_OPTIONS)
COR__DEFINE_OPTIONS(cor_hardtanh_options, COR_HARDTANH_OPTIONS)
COR__DEFINE_OPTIONS(cor_shrink_options, COR_SHRINK_OPTIONS)

/* Public functions of a row: without options, and with the struct T of them. The in-place form is apart, since not
 * every function has one. */
#define PLAIN(op_name)                                                                                                 \
    cor_tensor *cor_##op_name(cor_tensor *t) { return cor__apply1(&cor__op_##op_name, &t, 1, NULL); }
#define PLAIN_IN_PLACE(op_name)                                                                                        \
    cor_tensor *cor_##op_name##_(cor_tensor *t) { return cor__apply_in_place(&cor__op_##op_name, &t, 1, NULL); }
#define WITH_OPTIONS(op_name, T)                                                                                       \
    cor_tensor *cor_##op_name##_with(cor_tensor *t, const T *options) {                                                \
        T room;                                                                                                        \
        if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, #op_name) != COR_OK) return NULL;    \
        return cor__apply1(&cor__op_##op_name, &t, 1, T##_or_defaults(options, &room));                                \
    }
#define WITH_OPTIONS_IN_PLACE(op_name, T)                                                                              \
    cor_tensor *cor_##op_name##_with_(cor_tensor *t, const T *options) {                                               \
        T room;                                                                                                        \
        if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, #op_name "_") != COR_OK)             \
            return NULL;                                                                                               \
        return cor__apply_in_place(&cor__op_##op_name, &t, 1, T##_or_defaults(options, &room));                        \
    }

/* Runs the row's kernel with up to three numbers, which PyTorch keeps in float32 for half types, or rounds to them. */
static int run(cor__call *call, const double *numbers, int n, bool rounded) {
    cor__numbers params;
    for (int i = 0; i < n; i++) cor__set_number(&params, i, call, cor__double_operand(numbers[i]), rounded);
    return cor__run_kernel(call, call->op->kernel, call->inputs, 1, &params);
}

static int check_numbers(const cor__call *call, const double *numbers, int n) {
    for (int i = 0; i < n; i++)
        if (cor__check_number(cor__double_operand(numbers[i]), call->compute) != COR_OK) return cor_error();
    return COR_OK;
}

/* ---- relu, threshold, hardtanh: the ones that integers have too ---------------------------------------------------
 */

static int relu_check(cor__call *call) {
    if (call->inputs[0]->dtype == COR_BOOL) return cor__fail(COR_EDTYPE, "Boolean inputs not supported for relu");
    return cor__elementwise_check(call);
}

const cor__op cor__op_relu = {.name = "relu",
                              .grad_fn = "ReluBackward0",
                              .check = relu_check,
                              .forward = cor__elementwise_forward,
                              .kernel = COR__RELU,
                              .kernel_name = "relu_cpu"};
PLAIN(relu)
PLAIN_IN_PLACE(relu)

static int threshold_forward(cor__call *call) {
    if (call->compute != COR_BOOL && check_numbers(call, call->options, 2) != COR_OK) return cor_error();
    return run(call, call->options, 2, true);
}

/* Its options are an array: the threshold and the value. */
const cor__op cor__op_threshold = {.name = "threshold",
                                   .grad_fn = "ThresholdBackward0",
                                   .grad_fn_in_place = "ThresholdBackward1",
                                   .check = cor__elementwise_check,
                                   .forward = threshold_forward,
                                   .kernel = COR__THRESHOLD,
                                   .kernel_name = "threshold_cpu"};

cor_tensor *cor_threshold(cor_tensor *t, double threshold, double value) {
    const double numbers[] = {threshold, value};
    return cor__apply1(&cor__op_threshold, &t, 1, numbers);
}

cor_tensor *cor_threshold_(cor_tensor *t, double threshold, double value) {
    const double numbers[] = {threshold, value};
    return cor__apply_in_place(&cor__op_threshold, &t, 1, numbers);
}

static int hardtanh_check(cor__call *call) {
    const cor_hardtanh_options *o = call->options;
    const double bounds[] = {o->min_val, o->max_val};
    cor_dtype dtype = call->inputs[0]->dtype;
    if (!call->in_place && o->min_val > o->max_val)
        return cor__fail(COR_EVALUE, "min_val cannot be greater than max_val");
    if (dtype == COR_BOOL) return cor__fail(COR_EDTYPE, "Bool inputs not supported for hardtanh");
    if (dtype == COR_UINT8 && (o->min_val < 0 || o->max_val < 0))
        return cor__fail(COR_EVALUE, "cannot do hardtanh on an unsigned type with negative limits");
    if (cor__elementwise_check(call) != COR_OK) return cor_error();
    return check_numbers(call, bounds, 2);
}

static int hardtanh_forward(cor__call *call) {
    const cor_hardtanh_options *o = call->options;
    return run(call, (const double[]){o->min_val, o->max_val}, 2, true);
}

const cor__op cor__op_hardtanh = {.name = "hardtanh",
                                  .grad_fn = "HardtanhBackward0",
                                  .check = hardtanh_check,
                                  .forward = hardtanh_forward,
                                  .describe = cor_hardtanh_options_describe,
                                  .kernel = COR__CLAMP,
                                  .kernel_name = "hardtanh_cpu"};
WITH_OPTIONS(hardtanh, cor_hardtanh_options)
WITH_OPTIONS_IN_PLACE(hardtanh, cor_hardtanh_options)

cor_tensor *cor_relu6(cor_tensor *t) { return cor_hardtanh(t, .min_val = 0, .max_val = 6); }
cor_tensor *cor_relu6_(cor_tensor *t) { return cor_hardtanh_(t, .min_val = 0, .max_val = 6); }

/* ---- without options ----------------------------------------------------------------------------------------------
 */

#define ROW(op_name, node, index, text)                                                                                \
    const cor__op cor__op_##op_name = {.name = #op_name,                                                               \
                                       .grad_fn = node,                                                                \
                                       .check = cor__elementwise_check,                                                \
                                       .forward = cor__elementwise_forward,                                            \
                                       .kernel = index,                                                                \
                                       .kernel_name = text};                                                           \
    PLAIN(op_name)

ROW(silu, "SiluBackward0", COR__SILU, "silu_cpu")
PLAIN_IN_PLACE(silu)
ROW(mish, "MishBackward0", COR__MISH, "mish_cpu")
PLAIN_IN_PLACE(mish)
ROW(hardswish, "HardswishBackward0", COR__HARDSWISH, "hardswish_cpu")
PLAIN_IN_PLACE(hardswish)
ROW(hardsigmoid, "HardsigmoidBackward0", COR__HARDSIGMOID, "hardsigmoid_cpu")
PLAIN_IN_PLACE(hardsigmoid)
ROW(logsigmoid, "LogSigmoidBackward0", COR__LOG_SIGMOID, "log_sigmoid_cpu")

cor_tensor *cor_softsign(cor_tensor *t) {
    cor_scope();
    return cor_keep(cor_div(t, cor_add(cor_abs(t), 1)));
}

cor_tensor *cor_tanhshrink(cor_tensor *t) {
    cor_scope();
    return cor_keep(cor_sub(t, cor_tanh(t)));
}

/* ---- with options -------------------------------------------------------------------------------------------------
 */

static int leaky_relu_forward(cor__call *call) {
    return run(call, &((const cor_leaky_relu_options *)call->options)->negative_slope, 1, false);
}

const cor__op cor__op_leaky_relu = {.name = "leaky_relu",
                                    .grad_fn = "LeakyReluBackward0",
                                    .grad_fn_in_place = "LeakyReluBackward1",
                                    .check = cor__elementwise_check,
                                    .forward = leaky_relu_forward,
                                    .describe = cor_leaky_relu_options_describe,
                                    .kernel = COR__LEAKY_RELU,
                                    .kernel_name = "leaky_relu_cpu"};
WITH_OPTIONS(leaky_relu, cor_leaky_relu_options)
WITH_OPTIONS_IN_PLACE(leaky_relu, cor_leaky_relu_options)

static int elu_forward(cor__call *call) {
    return run(call, (const double[]){((const cor_elu_options *)call->options)->alpha, 1, 1}, 3, false);
}

static int celu_check(cor__call *call) {
    if (((const cor_elu_options *)call->options)->alpha == 0)
        return cor__fail(COR_EVALUE, "ZeroDivisionError: alpha cannot be 0 for CELU");
    return cor__elementwise_check(call);
}

static int celu_forward(cor__call *call) {
    double alpha = ((const cor_elu_options *)call->options)->alpha;
    return run(call, (const double[]){alpha, 1, 1 / alpha}, 3, false);
}

/* Klambauer et al., Self-Normalizing Neural Networks. */
static int selu_forward(cor__call *call) {
    const double alpha = 1.6732632423543772848170429916717, scale = 1.0507009873554804934193349852946;
    /* The factor of the negative side is a product in the type computed in. */
    double factor = call->compute == COR_FLOAT64 ? alpha * scale : (double)((float)alpha * (float)scale);
    return run(call, (const double[]){factor, scale, 1}, 3, false);
}

const cor__op cor__op_elu = {.name = "elu",
                             .grad_fn = "EluBackward0",
                             .grad_fn_in_place = "EluBackward1",
                             .check = cor__elementwise_check,
                             .forward = elu_forward,
                             .describe = cor_elu_options_describe,
                             .kernel = COR__ELU,
                             .kernel_name = "elu_cpu"};
const cor__op cor__op_selu = {.name = "selu",
                              .grad_fn = "EluBackward0",
                              .grad_fn_in_place = "EluBackward1",
                              .check = cor__elementwise_check,
                              .forward = selu_forward,
                              .kernel = COR__ELU,
                              .kernel_name = "elu_cpu"};
const cor__op cor__op_celu = {.name = "celu",
                              .grad_fn = "CeluBackward0",
                              .grad_fn_in_place = "CeluBackward1",
                              .check = celu_check,
                              .forward = celu_forward,
                              .describe = cor_elu_options_describe,
                              .kernel = COR__ELU,
                              .kernel_name = "elu_cpu"};
WITH_OPTIONS(elu, cor_elu_options)
WITH_OPTIONS_IN_PLACE(elu, cor_elu_options)
WITH_OPTIONS(celu, cor_elu_options)
WITH_OPTIONS_IN_PLACE(celu, cor_elu_options)
PLAIN(selu)
PLAIN_IN_PLACE(selu)

static int gelu_forward(cor__call *call) {
    bool tanh_form = ((const cor_gelu_options *)call->options)->tanh;
    return cor__run_kernel(call, tanh_form ? COR__GELU_TANH : COR__GELU_ERF, call->inputs, 1, NULL);
}

const cor__op cor__op_gelu = {.name = "gelu",
                              .grad_fn = "GeluBackward0",
                              .check = cor__elementwise_check,
                              .forward = gelu_forward,
                              .describe = cor_gelu_options_describe,
                              .kernel_name = "GeluKernelImpl"};
WITH_OPTIONS(gelu, cor_gelu_options)

static int softplus_forward(cor__call *call) {
    const cor_softplus_options *o = call->options;
    return run(call, (const double[]){o->beta, o->threshold}, 2, false);
}

const cor__op cor__op_softplus = {.name = "softplus",
                                  .grad_fn = "SoftplusBackward0",
                                  .check = cor__elementwise_check,
                                  .forward = softplus_forward,
                                  .describe = cor_softplus_options_describe,
                                  .kernel = COR__SOFTPLUS,
                                  .kernel_name = "softplus_cpu"};
WITH_OPTIONS(softplus, cor_softplus_options)

/* ---- shrinking ----------------------------------------------------------------------------------------------------
 */

static int hardshrink_forward(cor__call *call) {
    const double *lambd = &((const cor_shrink_options *)call->options)->lambd;
    if (cor_dtype_is_floating(call->compute) && check_numbers(call, lambd, 1) != COR_OK) return cor_error();
    return run(call, lambd, 1, true);
}

static int softshrink_check(cor__call *call) {
    double lambd = ((const cor_shrink_options *)call->options)->lambd;
    cor_dtype dtype = call->inputs[0]->dtype;
    double largest = dtype == COR_FLOAT16    ? 65504
                     : dtype == COR_BFLOAT16 ? 0x1.fep127
                     : dtype == COR_FLOAT32  ? (double)FLT_MAX
                                             : DBL_MAX;
    if (cor_dtype_is_floating(dtype) && !(lambd >= 0 && lambd <= largest))
        return cor__fail(COR_EVALUE, "lambda must be in range [0, %g] for input dtype %s, but found %g", largest,
                         cor__scalar_type_name(dtype), lambd);
    return cor__elementwise_check(call);
}

static int softshrink_forward(cor__call *call) {
    return run(call, &((const cor_shrink_options *)call->options)->lambd, 1, true);
}

const cor__op cor__op_hardshrink = {.name = "hardshrink",
                                    .grad_fn = "HardshrinkBackward0",
                                    .check = cor__elementwise_check,
                                    .forward = hardshrink_forward,
                                    .describe = cor_shrink_options_describe,
                                    .kernel = COR__HARDSHRINK,
                                    .kernel_name = "hardshrink_cpu"};
const cor__op cor__op_softshrink = {.name = "softshrink",
                                    .grad_fn = "SoftshrinkBackward0",
                                    .check = softshrink_check,
                                    .forward = softshrink_forward,
                                    .describe = cor_shrink_options_describe,
                                    .kernel = COR__SOFTSHRINK,
                                    .kernel_name = "softshrink_check"};
WITH_OPTIONS(hardshrink, cor_shrink_options)
WITH_OPTIONS(softshrink, cor_shrink_options)
