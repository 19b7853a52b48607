/* gates.c: glu and prelu, activation functions of two operands, and the gradient of those that only let through. */
#include <corrie/activation.h>

#include "base/error.h"
#include "ops/backward.h"
#include "ops/elementwise.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_glu_options, COR_GLU_OPTIONS)

/* ---- glu: the first half times the sigmoid of the second -------------------------------------------------------- */

static int glu_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    if (t->ndim == 0) return cor__fail(COR_ESHAPE, "glu does not support scalars because halving size must be even");
    int dim = cor__wrap_dim(((const cor_glu_options *)call->options)->dim, t->ndim);
    if (dim < 0) return cor_error();
    if (t->sizes[dim] % 2 != 0)
        return cor__fail(COR_ESHAPE, "Halving dimension must be even, but dimension %d is size %lld", dim,
                         (long long)t->sizes[dim]);
    if (cor__describe_elementwise(call, t->dtype, t->dtype) != COR_OK) return cor_error();
    call->out[0].sizes[dim] /= 2;
    return COR_OK;
}

static int glu_forward(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    const cor__meta *out = &call->out[0];
    int dim = cor__wrap_dim(((const cor_glu_options *)call->options)->dim, t->ndim);
    cor_tensor *halves[2] = {NULL};
    int code = COR_OK;
    for (int i = 0; i < 2; i++) {
        int64_t offset = t->offset + i * out->sizes[dim] * t->strides[dim];
        halves[i] = cor__tensor_over(t->storage, t->dtype, out->sizes, t->strides, t->ndim, offset);
        if (halves[i] == NULL) code = cor_error();
    }
    if (code == COR_OK) code = cor__run_kernel(call, COR__GLU, halves, 2, NULL);
    cor__release(halves[0]);
    cor__release(halves[1]);
    return code;
}

static int glu_backward(cor__backward *pass) {
    const cor_glu_options *o = pass->options;
    cor_tensor *x = cor__kept_input(pass, 0), *g = pass->grads[0];
    if (x == NULL) return cor_error();
    const int64_t half = x->sizes[cor__wrap_dim(o->dim, x->ndim)] / 2;
    cor_tensor *a = cor_narrow(x, o->dim, 0, half), *s = cor_sigmoid(cor_narrow(x, o->dim, half, half));
    cor_tensor *first = cor_mul(g, s), *second = cor_mul(cor_mul(first, a), cor_sub(1, s));
    pass->results[0] = cor_cat(COR_TENSORS(first, second), .dim = o->dim);
    return cor_error();
}

const cor__op cor__op_glu = {.name = "glu",
                             .grad_fn = "GluBackward0",
                             .check = glu_check,
                             .forward = glu_forward,
                             .describe = cor_glu_options_describe,
                             .kernel_name = "glu_cpu",
                             .backward = glu_backward,
                             .reads_options = sizeof(cor_glu_options),
                             .reads_inputs = {1}};

cor_tensor *cor_glu_with(cor_tensor *t, const cor_glu_options *options) {
    cor_glu_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "glu") != COR_OK) return NULL;
    return cor__apply1(&cor__op_glu, &t, 1, cor_glu_options_or_defaults(options, &room));
}

/* ---- prelu: a slope, or one for each channel, for what is negative ----------------------------------------------- */

static int check_slopes(const cor_tensor *t, const cor_tensor *weight) {
    if (weight->ndim > 1)
        return cor__fail(COR_ESHAPE, "prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = %d",
                         weight->ndim);
    if (weight->dtype != t->dtype)
        return cor__fail(COR_EDTYPE, "prelu: Type promoting not supported. Got %s and %s",
                         cor__scalar_type_name(t->dtype), cor__scalar_type_name(weight->dtype));
    if (weight->numel == 1) return COR_OK;
    if (t->ndim == 0) return cor__fail(COR_ESHAPE, "Not allow zero-dim input tensor.");
    int64_t channels = t->ndim > 1 ? t->sizes[1] : 1;
    if (channels == weight->numel) return COR_OK;
    return cor__fail(COR_ESHAPE,
                     "Mismatch of parameter numbers and input channel size. Found parameter numbers = %lld and channel "
                     "size = %lld.",
                     (long long)weight->numel, (long long)channels);
}

static int prelu_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    if (check_slopes(t, call->inputs[1]) != COR_OK) return cor_error();
    call->compute = call->out[0].dtype = t->dtype;
    call->out[0].ndim = t->ndim;
    memcpy(call->out[0].sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    return COR_OK;
}

/* The slopes stand along dimension 1; a single one fits everywhere. */
static int prelu_forward(cor__call *call) {
    cor_tensor *t = call->inputs[0], *weight = call->inputs[1];
    int64_t sizes[COR_MAX_DIMS], strides[COR_MAX_DIMS] = {0};
    for (int i = 0; i < t->ndim; i++) sizes[i] = 1;
    if (weight->numel > 1) {
        sizes[1] = weight->numel;
        strides[1] = weight->strides[0];
    }
    cor_tensor *slopes = cor__tensor_over(weight->storage, weight->dtype, sizes, strides, t->ndim, weight->offset);
    if (slopes == NULL) return cor_error();
    cor_tensor *inputs[] = {t, slopes};
    int code = cor__run_kernel(call, COR__PRELU, inputs, 2, NULL);
    cor__release(slopes);
    return code;
}

/* A slope's gradient sums over what it is the slope of. */
static int prelu_backward(cor__backward *pass) {
    cor_tensor *x = cor__kept_input(pass, 0), *weight = cor__kept_input(pass, 1), *g = pass->grads[0];
    if (x == NULL || weight == NULL) return cor_error();
    const bool one = weight->numel == 1;
    int64_t sizes[COR_MAX_DIMS] = {1};
    cor_dims others = {0};
    for (int d = 0; d < x->ndim; d++) {
        sizes[d] = d == 1 && !one ? weight->numel : 1;
        if (d != 1 || one) others.at[others.n++] = d;
    }
    cor_tensor *positive = cor_gt(x, 0);
    if (cor__needs(pass, 0))
        pass->results[0] = cor_where(positive, g, cor_mul(g, cor_reshape_to(weight, sizes, x->ndim)));
    if (cor__needs(pass, 1)) {
        cor_tensor *each = cor_where(positive, 0.0, cor_mul(g, x));
        cor_tensor *sum = others.n > 0 ? cor_sum(each, .dims = others) : each;
        pass->results[1] = cor_reshape_to(sum, weight->sizes, weight->ndim);
    }
    return cor_error();
}

const cor__op cor__op_prelu = {.name = "prelu",
                               .grad_fn = "PreluKernelBackward0",
                               .check = prelu_check,
                               .forward = prelu_forward,
                               .kernel_name = "prelu_cpu",
                               .backward = prelu_backward,
                               .reads_inputs = {3, 3}};

cor_tensor *cor_prelu(cor_tensor *t, cor_tensor *weight) {
    cor_tensor *inputs[] = {t, weight};
    return cor__apply1(&cor__op_prelu, inputs, 2, NULL);
}

/* ---- gate: the gradient of relu and its like --------------------------------------------------------------------- */

typedef struct bounds {
    double low, high;
} bounds;

static int gate_forward(cor__call *call) {
    const bounds *o = call->options;
    cor__numbers params;
    cor__set_number(&params, 0, call, cor__double_operand(o->low), true);
    cor__set_number(&params, 1, call, cor__double_operand(o->high), true);
    return cor__run_kernel(call, COR__GATE, call->inputs, 2, &params);
}

static int gate_backward(cor__backward *pass) {
    const bounds *o = pass->options;
    if (cor__needs(pass, 0)) pass->results[0] = cor__gate(pass->grads[0], cor__kept_input(pass, 1), o->low, o->high);
    return cor_error();
}

const cor__op cor__op_gate = {.name = "threshold_backward",
                              .grad_fn = "ThresholdBackwardBackward0",
                              .check = cor__elementwise_check,
                              .forward = gate_forward,
                              .kernel_name = "threshold_cpu",
                              .backward = gate_backward,
                              .reads_options = sizeof(bounds),
                              .reads_inputs = {0, 1}};

cor_tensor *cor__gate(cor_tensor *grad, cor_tensor *x, double low, double high) {
    return cor__apply1(&cor__op_gate, (cor_tensor *[]){grad, x}, 2, &(bounds){low, high});
}
