/* activation.c: activation functions of one tensor; glu and prelu are in gates.c. */
#include <corrie/activation.h>

#include "base/error.h"
#include "ops/backward.h"
#include "ops/elementwise.h"
#include <float.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_leaky_relu_options, COR_LEAKY_RELU_OPTIONS)
COR__DEFINE_OPTIONS(cor_elu_options, COR_ELU_OPTIONS)
COR__DEFINE_OPTIONS(cor_gelu_options, COR_GELU_OPTIONS)
COR__DEFINE_OPTIONS(cor_softplus_options, COR_SOFTPLUS_OPTIONS)
COR__DEFINE_OPTIONS(cor_hardtanh_options, COR_HARDTANH_OPTIONS)
COR__DEFINE_OPTIONS(cor_shrink_options, COR_SHRINK_OPTIONS)

/* Self-Normalizing Neural Networks, 2017. */
static const double SELU_ALPHA = 1.6732632423543772848170429916717, SELU_SCALE = 1.0507009873554804934193349852946;

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

/* ---- gradients: x is the input, y the output ----------------------------------------------------------------------
 */

#define X cor__kept_input(pass, 0)
#define Y cor__kept_output(pass, 0)
#define OPTION(T, field) (((const T *)pass->options)->field)

/* Zero where the condition holds. */
static cor_tensor *blocked(cor_tensor *condition, cor_tensor *g) { return cor_where(condition, 0.0, g); }

COR__FORMULA(relu, cor__gate(g, Y, 0, (double)NAN))
COR__FORMULA(threshold, cor__gate(g, X, *(const double *)pass->options, (double)NAN))

COR__FORMULA(hardtanh, cor__gate(g, X, OPTION(cor_hardtanh_options, min_val), OPTION(cor_hardtanh_options, max_val)))

/* s + x s (1 - s) for the sigmoid s. */
static int silu_backward(cor__backward *pass) {
    cor_tensor *x = X, *s = cor_sigmoid(x);
    cor_tensor *slope = cor_mul(s, cor_add(cor_mul(x, cor_sub(1, s)), 1));
    pass->results[0] = cor_mul(pass->grads[0], slope);
    return cor_error();
}

/* t + x s (1 - t^2) for t, the tanh of softplus, and the sigmoid s. */
static int mish_backward(cor__backward *pass) {
    cor_tensor *x = X, *t = cor_tanh(cor_softplus(x)), *s = cor_sigmoid(x);
    cor_tensor *slope = cor_add(t, cor_mul(cor_mul(x, s), cor_sub(1, cor_square(t))));
    pass->results[0] = cor_mul(pass->grads[0], slope);
    return cor_error();
}

static int hardswish_backward(cor__backward *pass) {
    cor_tensor *x = X, *g = pass->grads[0];
    cor_tensor *between = cor_mul(g, cor_add(cor_div(x, 3), 0.5));
    pass->results[0] = blocked(cor_le(x, -3), cor_where(cor_lt(x, 3), between, g));
    return cor_error();
}

static int hardsigmoid_backward(cor__backward *pass) {
    cor_tensor *x = X;
    pass->results[0] = blocked(cor_logical_or(cor_le(x, -3), cor_ge(x, 3)), cor_div(pass->grads[0], 6));
    return cor_error();
}

COR__FORMULA(logsigmoid, cor_mul(g, cor_sigmoid(cor_neg(X))))
COR__FORMULA(leaky_relu, cor_where(cor_gt(X, 0), g, cor_mul(g, OPTION(cor_leaky_relu_options, negative_slope))))

/* Of `scale` x above 0 and `factor` (exp(`inner` x) - 1) below. */
static int elu_slope(cor__backward *pass, double factor, double scale, double inner) {
    cor_tensor *x = X, *g = pass->grads[0];
    cor_tensor *below = cor_mul(cor_exp(cor_mul(x, inner)), factor * inner);
    pass->results[0] = cor_where(cor_gt(x, 0), cor_mul(g, scale), cor_mul(g, below));
    return cor_error();
}

static int elu_backward(cor__backward *pass) { return elu_slope(pass, OPTION(cor_elu_options, alpha), 1, 1); }
static int celu_backward(cor__backward *pass) {
    const double alpha = OPTION(cor_elu_options, alpha);
    return elu_slope(pass, alpha, 1, 1 / alpha);
}
static int selu_backward(cor__backward *pass) { return elu_slope(pass, SELU_ALPHA * SELU_SCALE, SELU_SCALE, 1); }

/* The distribution function and x times the density, of the normal distribution or of its approximation by tanh. */
static int gelu_backward(cor__backward *pass) {
    cor_tensor *x = X, *slope;
    if (OPTION(cor_gelu_options, tanh)) {
        const double a = 0.7978845608028654, b = 0.044715; /* sqrt(2 / pi) */
        cor_tensor *cube = cor_mul(cor_square(x), x);
        cor_tensor *t = cor_tanh(cor_mul(cor_add(x, cor_mul(cube, b)), a));
        cor_tensor *inner = cor_mul(cor_add(cor_mul(cor_square(x), 3 * b), 1), a);
        cor_tensor *density = cor_mul(cor_sub(1, cor_square(t)), inner);
        slope = cor_mul(cor_add(cor_add(t, 1), cor_mul(x, density)), 0.5);
    } else {
        cor_tensor *below = cor_mul(cor_add(cor_erf(cor_mul(x, 0.7071067811865476)), 1), 0.5);    /* sqrt(1 / 2) */
        cor_tensor *density = cor_mul(cor_exp(cor_mul(cor_square(x), -0.5)), 0.3989422804014327); /* 1 / sqrt(2 pi) */
        slope = cor_add(below, cor_mul(x, density));
    }
    pass->results[0] = cor_mul(pass->grads[0], slope);
    return cor_error();
}

static int softplus_backward(cor__backward *pass) {
    const cor_softplus_options *o = pass->options;
    cor_tensor *scaled = cor_mul(X, o->beta), *g = pass->grads[0];
    pass->results[0] = cor_where(cor_gt(scaled, o->threshold), g, cor_mul(g, cor_sigmoid(scaled)));
    return cor_error();
}

COR__FORMULA(shrink, blocked(cor_le(cor_abs(X), OPTION(cor_shrink_options, lambd)), g))

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
                              .kernel_name = "relu_cpu",
                              .backward = relu_backward,
                              .reads_outputs = 1};
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
                                   .kernel_name = "threshold_cpu",
                                   .backward = threshold_backward,
                                   .reads_options = 2 * sizeof(double),
                                   .reads_inputs = {1}};

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
                                  .kernel_name = "hardtanh_cpu",
                                  .backward = hardtanh_backward,
                                  .reads_options = sizeof(cor_hardtanh_options),
                                  .reads_inputs = {1}};
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
                                       .kernel_name = text,                                                            \
                                       .backward = op_name##_backward,                                                 \
                                       .reads_inputs = {1}};                                                           \
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
                                    .kernel_name = "leaky_relu_cpu",
                                    .backward = leaky_relu_backward,
                                    .reads_options = sizeof(cor_leaky_relu_options),
                                    .reads_inputs = {1}};
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

static int selu_forward(cor__call *call) {
    const double alpha = SELU_ALPHA, scale = SELU_SCALE;
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
                             .kernel_name = "elu_cpu",
                             .backward = elu_backward,
                             .reads_options = sizeof(cor_elu_options),
                             .reads_inputs = {1}};
const cor__op cor__op_selu = {.name = "selu",
                              .grad_fn = "EluBackward0",
                              .grad_fn_in_place = "EluBackward1",
                              .check = cor__elementwise_check,
                              .forward = selu_forward,
                              .kernel = COR__ELU,
                              .kernel_name = "elu_cpu",
                              .backward = selu_backward,
                              .reads_inputs = {1}};
const cor__op cor__op_celu = {.name = "celu",
                              .grad_fn = "CeluBackward0",
                              .grad_fn_in_place = "CeluBackward1",
                              .check = celu_check,
                              .forward = celu_forward,
                              .describe = cor_elu_options_describe,
                              .kernel = COR__ELU,
                              .kernel_name = "elu_cpu",
                              .backward = celu_backward,
                              .reads_options = sizeof(cor_elu_options),
                              .reads_inputs = {1}};
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
                              .kernel_name = "GeluKernelImpl",
                              .backward = gelu_backward,
                              .reads_options = sizeof(cor_gelu_options),
                              .reads_inputs = {1}};
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
                                  .kernel_name = "softplus_cpu",
                                  .backward = softplus_backward,
                                  .reads_options = sizeof(cor_softplus_options),
                                  .reads_inputs = {1}};
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
                                    .kernel_name = "hardshrink_cpu",
                                    .backward = shrink_backward,
                                    .reads_options = sizeof(cor_shrink_options),
                                    .reads_inputs = {1}};
const cor__op cor__op_softshrink = {.name = "softshrink",
                                    .grad_fn = "SoftshrinkBackward0",
                                    .check = softshrink_check,
                                    .forward = softshrink_forward,
                                    .describe = cor_shrink_options_describe,
                                    .kernel = COR__SOFTSHRINK,
                                    .kernel_name = "softshrink_check",
                                    .backward = shrink_backward,
                                    .reads_options = sizeof(cor_shrink_options),
                                    .reads_inputs = {1}};
WITH_OPTIONS(hardshrink, cor_shrink_options)
WITH_OPTIONS(softshrink, cor_shrink_options)
