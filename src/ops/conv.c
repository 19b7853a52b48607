/* conv.c: convolution and transposed convolution of one to three dimensions, on the problems of the conv folder. */
#include "ops/conv.h"
#include "base/error.h"
#include "base/thread.h"
#include "conv/check.h"
#include "conv/plan.h"
#include "ops/backward.h"
#include "ops/conv_grad.h"
#include "ops/conv_product.h"
#include "ops/pool.h"
#include "tensor/iterate.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_conv_options, COR_CONV_OPTIONS)
COR__DEFINE_OPTIONS(cor_conv_transpose_options, COR_CONV_TRANSPOSE_OPTIONS)

enum { INPUT = 0, WEIGHT = 1, BIAS = 2 };

/* Weight and bias must be contiguous, the input is read where it lies. Of a weight that is being trained no form is
 * kept, since it changes before it is read again. */
int cor__conv_compute(const cor__call *call, const cor__conv_problem *problem, const cor__conv_epilogue *epilogue) {
    const cor_tensor *input = call->inputs[INPUT], *bias = call->inputs[BIAS];
    cor_tensor *weight = cor__contiguous_as(call->inputs[WEIGHT], input->dtype);
    cor_tensor *added = bias == COR_NONE ? NULL : cor__contiguous_as(bias, input->dtype);
    int code = weight == NULL || (problem->bias && added == NULL) ? cor_error() : COR_OK;
    const bool trained = cor__requires_grad(call->inputs[WEIGHT]) && !cor__self()->no_grad;
    if (code == COR_OK && trained && epilogue == NULL && cor__conv_is_product(problem)) {
        code = cor__conv_product(problem, cor__data(input), cor__data(weight), added == NULL ? NULL : cor__data(added),
                                 cor__data(call->outputs[0]));
    } else if (code == COR_OK) {
        const cor__conv_operands operands = {.input = cor__data(input),
                                             .weight = cor__data(weight),
                                             .bias = added == NULL ? NULL : cor__data(added),
                                             .output = cor__data(call->outputs[0]),
                                             .storage = trained ? NULL : weight->storage,
                                             .epilogue = epilogue};
        code = cor__conv_run_fused(problem, &operands);
    }
    cor__release(weight);
    cor__release(added);
    return code;
}

int cor__conv_describe(cor__call *call, const cor__conv_numbers *o, cor__conv_problem *problem) {
    const cor_tensor *input = call->inputs[INPUT], *weight = call->inputs[WEIGHT], *bias = call->inputs[BIAS];
    const bool has_bias = bias != COR_NONE;
    const cor__conv_call c = {.transposed = o->transposed,
                              .spatial = o->spatial,
                              .input = {input->sizes, input->ndim},
                              .weight = {weight->sizes, weight->ndim},
                              .bias = {has_bias ? bias->sizes : NULL, has_bias ? bias->ndim : 0},
                              .input_strides = input->strides,
                              .has_bias = has_bias,
                              .input_dtype = input->dtype,
                              .weight_dtype = weight->dtype,
                              .bias_dtype = has_bias ? bias->dtype : input->dtype,
                              .stride = {o->stride, o->spatial},
                              .padding = {o->padding, o->spatial},
                              .dilation = {o->dilation, o->spatial},
                              .output_padding = {o->output_padding, o->spatial},
                              .padding_text = o->same ? "same" : NULL,
                              .groups = o->groups};
    cor__conv_output out;
    if (cor__conv_check(&c, problem, &out) != COR_OK) return cor_error();
    problem->highest =
        (o->precision == COR_PRECISION_DEFAULT ? cor_precision_now() : o->precision) != COR_PRECISION_HIGH;
    call->outputs[0] = cor__empty(problem->dtype, out.sizes, out.ndim);
    return call->outputs[0] == NULL ? cor_error() : COR_OK;
}

/* The check derives the problem that the computation needs, so both are done here. */
static int conv_forward(cor__call *call) {
    const cor__conv_numbers *o = call->options;
    cor__conv_problem problem;
    if (cor__conv_describe(call, o, &problem) != COR_OK) return cor_error();
    const cor_tensor *out = call->outputs[0];
    if (out->ndim == o->spatial + 1)
        call->grad_fn = "SqueezeBackward1"; /* PyTorch adds a batch of one and removes it */
    return out->numel == 0 ? COR_OK : cor__conv_compute(call, &problem, NULL);
}

static cor__conv_grad grad_numbers(const cor__conv_numbers *o, const cor__edge *of) {
    cor__conv_grad numbers = {.sizes = {.n = of->ndim},
                              .groups = o->groups,
                              .same = o->same,
                              .transposed = o->transposed,
                              .precision = o->precision,
                              .spatial = o->spatial};
    memcpy(numbers.sizes.at, of->sizes, sizeof(int64_t) * (size_t)of->ndim);
    memcpy(numbers.stride, o->stride, sizeof o->stride);
    memcpy(numbers.padding, o->padding, sizeof o->padding);
    memcpy(numbers.output_padding, o->output_padding, sizeof o->output_padding);
    memcpy(numbers.dilation, o->dilation, sizeof o->dilation);
    return numbers;
}

static int conv_backward(cor__backward *pass) {
    const cor__conv_numbers *o = pass->options;
    cor_tensor *g = pass->grads[0], *bias = NULL;
    if (cor__needs(pass, INPUT)) {
        const cor__conv_grad numbers = grad_numbers(o, &pass->node->edges[INPUT]);
        pass->results[INPUT] = cor__conv_grad_input(&numbers, g, cor__kept_input(pass, WEIGHT));
    }
    if (cor__needs(pass, WEIGHT)) {
        const cor__conv_grad numbers = grad_numbers(o, &pass->node->edges[WEIGHT]);
        pass->results[WEIGHT] =
            cor__conv_grad_weight(&numbers, g, cor__kept_input(pass, INPUT), cor__needs(pass, BIAS) ? &bias : NULL);
    }
    if (cor__needs(pass, BIAS)) pass->results[BIAS] = bias != NULL ? bias : cor__conv_grad_bias(g, o->spatial);
    return cor_error();
}

#define CONV_BACKWARD                                                                                                  \
    .backward = conv_backward, .reads_options = sizeof(cor__conv_numbers), .reads_inputs = {1 << WEIGHT, 1 << INPUT}

#define CONV_ROWS(dims)                                                                                                \
    static const cor__option *describe_conv##dims(int *n) {                                                            \
        static const cor__option rows[] = {COR__CONV_OPTION_ROWS(dims)};                                               \
        *n = (int)(sizeof rows / sizeof rows[0]);                                                                      \
        return rows;                                                                                                   \
    }                                                                                                                  \
    const cor__op cor__op_conv##dims##d = {.name = "conv" #dims "d",                                                   \
                                           .grad_fn = "ConvolutionBackward0",                                          \
                                           .optional = 1 << BIAS,                                                      \
                                           .forward = conv_forward,                                                    \
                                           .describe = describe_conv##dims,                                            \
                                           CONV_BACKWARD};                                                             \
    const cor__op cor__op_conv_transpose##dims##d = {.name = "conv_transpose" #dims "d",                               \
                                                     .grad_fn = "ConvolutionBackward0",                                \
                                                     .optional = 1 << BIAS,                                            \
                                                     .forward = conv_forward,                                          \
                                                     .describe = describe_conv##dims,                                  \
                                                     CONV_BACKWARD};

CONV_ROWS(1)
CONV_ROWS(2)
CONV_ROWS(3)

cor_tensor *cor__conv_again(const cor__conv_grad *n, cor_tensor *input, cor_tensor *weight) {
    static const cor__op *const ops[2][COR__CONV_AXES] = {
        {&cor__op_conv1d, &cor__op_conv2d, &cor__op_conv3d},
        {&cor__op_conv_transpose1d, &cor__op_conv_transpose2d, &cor__op_conv_transpose3d}};
    cor__conv_numbers o = {.groups = n->groups,
                           .same = n->same,
                           .transposed = n->transposed,
                           .precision = n->precision,
                           .spatial = n->spatial};
    memcpy(o.stride, n->stride, sizeof o.stride);
    memcpy(o.padding, n->padding, sizeof o.padding);
    memcpy(o.output_padding, n->output_padding, sizeof o.output_padding);
    memcpy(o.dilation, n->dilation, sizeof o.dilation);
    return cor__apply1(ops[n->transposed][n->spatial - 1], (cor_tensor *[]){input, weight, COR_NONE}, 3, &o);
}

int cor__check_precision(cor_precision precision) {
    if ((unsigned)precision <= COR_PRECISION_HIGHEST) return COR_OK;
    return cor__fail(COR_EVALUE, "precision must be one of the cor_precision values, but got %d", (int)precision);
}

int cor__conv_numbers_of(const cor_conv_options *o, int spatial, cor__conv_numbers *numbers) {
    if (cor__check_precision(o->precision) != COR_OK) return cor_error();
    *numbers = (cor__conv_numbers){.groups = o->groups, .same = o->same, .precision = o->precision, .spatial = spatial};
    if (cor__spread("stride", o->stride, o->strides, spatial, numbers->stride) != COR_OK ||
        cor__spread("padding", o->padding, o->paddings, spatial, numbers->padding) != COR_OK)
        return cor_error();
    return cor__spread("dilation", o->dilation, o->dilations, spatial, numbers->dilation);
}

static cor_tensor *convolve(const cor__op *op, int spatial, cor_tensor *input, cor_tensor *weight,
                            const cor_conv_options *options) {
    cor_conv_options room;
    cor__conv_numbers numbers;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, op->name) != COR_OK) return NULL;
    const cor_conv_options *o = cor_conv_options_or_defaults(options, &room);
    if (cor__conv_numbers_of(o, spatial, &numbers) != COR_OK) return NULL;
    return cor__apply1(op, (cor_tensor *[]){input, weight, o->bias}, 3, &numbers);
}

static cor_tensor *convolve_transposed(const cor__op *op, int spatial, cor_tensor *input, cor_tensor *weight,
                                       const cor_conv_transpose_options *options) {
    cor_conv_transpose_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, op->name) != COR_OK) return NULL;
    const cor_conv_transpose_options *o = cor_conv_transpose_options_or_defaults(options, &room);
    if (cor__check_precision(o->precision) != COR_OK) return NULL;
    cor__conv_numbers numbers = {
        .groups = o->groups, .transposed = true, .precision = o->precision, .spatial = spatial};
    if (cor__spread("stride", o->stride, o->strides, spatial, numbers.stride) != COR_OK ||
        cor__spread("padding", o->padding, o->paddings, spatial, numbers.padding) != COR_OK ||
        cor__spread("output_padding", o->output_padding, o->output_paddings, spatial, numbers.output_padding) !=
            COR_OK ||
        cor__spread("dilation", o->dilation, o->dilations, spatial, numbers.dilation) != COR_OK)
        return NULL;
    return cor__apply1(op, (cor_tensor *[]){input, weight, o->bias}, 3, &numbers);
}

#define PUBLIC_CONVS(dims)                                                                                             \
    cor_tensor *cor_conv##dims##d_with(cor_tensor *input, cor_tensor *weight, const cor_conv_options *options) {       \
        return convolve(&cor__op_conv##dims##d, dims, input, weight, options);                                         \
    }                                                                                                                  \
    cor_tensor *cor_conv_transpose##dims##d_with(cor_tensor *input, cor_tensor *weight,                                \
                                                 const cor_conv_transpose_options *options) {                          \
        return convolve_transposed(&cor__op_conv_transpose##dims##d, dims, input, weight, options);                    \
    }

PUBLIC_CONVS(1)
PUBLIC_CONVS(2)
PUBLIC_CONVS(3)
