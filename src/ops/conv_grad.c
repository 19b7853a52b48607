/* conv_grad.c: the gradients of a convolution with respect to its input, weight and bias. The gradient of the input is
 * a convolution itself, the transposed one (conv/problem.h); that of the weight has kernels of its own
 * (conv/weights.h). */
#include "ops/conv_grad.h"
#include "base/error.h"
#include "base/text.h"
#include "conv/check.h"
#include "conv/plan.h"
#include "conv/weights.h"
#include "ops/backward.h"
#include "ops/conv_product.h"
#include "ops/pool.h"
#include "tensor/iterate.h"
#include <corrie/conv_grad.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_conv_grad_options, COR_CONV_GRAD_OPTIONS)

enum { GRAD_OUTPUT = 0, WEIGHT = 1, INPUT = 1 };

/* What the convolution is, of which a call computes a gradient. */
typedef struct convolution {
    cor__conv_problem problem;
    cor__conv_output output;
    bool empty; /* no images or no channels: its gradients are zeros, whatever grad_output is */
} convolution;

/* ---- checks ----------------------------------------------------------------------------------------------------- */

static int check_grad_output(const convolution *c, const cor_tensor *grad) {
    for (int i = 0; i < c->output.ndim; i++)
        if (grad->sizes[i] != c->output.sizes[i])
            return cor__fail(COR_ESHAPE,
                             "Expected a tensor of dimension %d and tensor.size[%d] == %lld but got: dimension %d and "
                             "tensor.size[%d] = %lld",
                             c->output.ndim, i, (long long)c->output.sizes[i], grad->ndim, i,
                             (long long)grad->sizes[i]);
    return COR_OK;
}

/* Checks the convolution and the gradient of its output. The sizes of input and weight are one a tensor's, the call's
 * second, and one those of the result. */
static int check(const cor__call *call, cor__conv_list input, cor__conv_list weight, convolution *c) {
    const cor__conv_grad *o = call->options;
    const cor_tensor *grad = call->inputs[GRAD_OUTPUT], *other = call->inputs[1];
    const bool of_input = input.at == o->sizes.at;
    if (o->groups <= 0)
        return cor__fail(COR_EVALUE, "expected groups to be greater than 0, but got groups=%lld", (long long)o->groups);
    if (input.n != grad->ndim)
        return cor__fail(COR_ESHAPE,
                         "Expected input and grad_output to have the same number of dimensions, but got: %d and %d",
                         input.n, grad->ndim);
    const cor__conv_call described = {.transposed = o->transposed,
                                      .spatial = o->spatial,
                                      .input = input,
                                      .weight = weight,
                                      .input_strides = of_input ? NULL : other->strides,
                                      .input_dtype = of_input ? grad->dtype : other->dtype,
                                      .weight_dtype = of_input ? other->dtype : grad->dtype,
                                      .bias_dtype = grad->dtype,
                                      .stride = {o->stride, o->spatial},
                                      .padding = {o->padding, o->spatial},
                                      .dilation = {o->dilation, o->spatial},
                                      .output_padding = {o->output_padding, o->spatial},
                                      .padding_text = o->same ? "same" : NULL,
                                      .groups = o->groups};
    if (cor__conv_check(&described, &c->problem, &c->output) != COR_OK) return cor_error();
    c->problem.highest =
        (o->precision == COR_PRECISION_DEFAULT ? cor_precision_now() : o->precision) != COR_PRECISION_HIGH;
    c->empty = c->problem.n == 0 || c->problem.c == 0;
    return c->empty ? COR_OK : check_grad_output(c, grad);
}

static int make_output(cor__call *call, int i, const int64_t *sizes, int n, const convolution *c) {
    cor_tensor *made = call->outputs[i] = cor__empty(call->inputs[GRAD_OUTPUT]->dtype, sizes, n);
    if (made == NULL) return cor_error();
    if (c->empty && made->numel > 0) memset(cor__data(made), 0, (size_t)(made->numel * cor_dtype_size(made->dtype)));
    return COR_OK;
}

/* ---- the gradient of the input ---------------------------------------------------------------------------------- */

/* The gradient is read where it lies. */
static void set_strides(cor__conv_problem *back, const cor_tensor *grad, int spatial) {
    const bool batched = grad->ndim == spatial + 2;
    const int missing = COR__CONV_AXES - spatial;
    back->input_strides[0] = batched ? grad->strides[0] : 0;
    back->input_strides[1] = grad->strides[batched];
    for (int axis = missing; axis < COR__CONV_AXES; axis++)
        back->input_strides[2 + axis] = grad->strides[1 + batched + axis - missing];
}

/* Of a weight that is being trained no form is kept: it changes before it is read again. */
static int run_input(const cor__call *call, const cor__conv_problem *forward, const cor__conv_problem *back,
                     const cor_tensor *weight) {
    const cor_tensor *grad = call->inputs[GRAD_OUTPUT];
    void *output = cor__data(call->outputs[0]);
    const bool trained = cor__requires_grad(call->inputs[WEIGHT]);
    if (trained && cor_is_contiguous(grad) && cor__conv_is_product(forward))
        return cor__conv_product_input(forward, cor__data(grad), cor__data(weight), output);
    return cor__conv_run_kept(back, cor__data(grad), cor__data(weight), NULL, output, trained ? NULL : weight->storage);
}

static int input_forward(cor__call *call) {
    const cor__conv_grad *o = call->options;
    const cor_tensor *grad = call->inputs[GRAD_OUTPUT], *weight = call->inputs[WEIGHT];
    const cor__conv_list sizes = {o->sizes.at, (int)o->sizes.n}, kernel = {weight->sizes, weight->ndim};
    convolution c;
    if (check(call, sizes, kernel, &c) != COR_OK || make_output(call, 0, sizes.at, sizes.n, &c) != COR_OK)
        return cor_error();
    if (c.empty || call->outputs[0]->numel == 0) return COR_OK;
    cor__conv_problem back = cor__conv_problem_backward_data(&c.problem);
    set_strides(&back, grad, o->spatial);
    cor_tensor *packed = cor__contiguous_as(weight, weight->dtype);
    if (packed == NULL) return cor_error();
    const int code = run_input(call, &c.problem, &back, packed);
    cor__release(packed);
    return code;
}

/* ---- the gradients of weight and bias --------------------------------------------------------------------------- */

static int run_weight(const cor__call *call, const convolution *c) {
    cor_tensor *input = call->inputs[INPUT];
    cor_tensor *grad = cor__contiguous_as(call->inputs[GRAD_OUTPUT], input->dtype), *packed = NULL;
    if (grad != NULL && c->problem.transposed) input = packed = cor__contiguous_as(input, input->dtype);
    int code = grad == NULL || input == NULL ? cor_error() : COR_OK;
    void *weight = cor__data(call->outputs[0]), *bias = call->n_outputs > 1 ? cor__data(call->outputs[1]) : NULL;
    if (code == COR_OK && cor__conv_is_product_weight(&c->problem)) {
        code = cor__conv_product_weight(&c->problem, cor__data(input), cor__data(grad), weight);
        if (code == COR_OK && bias != NULL) code = cor__conv_bias_run(&c->problem, cor__data(grad), bias);
    } else if (code == COR_OK) {
        code = cor__conv_weights_run(&c->problem, cor__data(input), cor__data(grad), weight, bias);
    }
    cor__release(grad);
    cor__release(packed);
    return code;
}

static int weight_forward(cor__call *call) {
    const cor__conv_grad *o = call->options;
    const cor_tensor *input = call->inputs[INPUT];
    const cor__conv_list sizes = {input->sizes, input->ndim}, kernel = {o->sizes.at, (int)o->sizes.n};
    convolution c;
    if (check(call, sizes, kernel, &c) != COR_OK || make_output(call, 0, kernel.at, kernel.n, &c) != COR_OK)
        return cor_error();
    const int64_t outputs[1] = {o->transposed ? kernel.at[1] * o->groups : kernel.at[0]};
    if (call->n_outputs > 1 && make_output(call, 1, outputs, 1, &c) != COR_OK) return cor_error();
    return c.empty ? COR_OK : run_weight(call, &c);
}

/* ---- their own gradients ---------------------------------------------------------------------------------------- */

/* The numbers with other sizes. */
static cor__conv_grad resized(const cor__conv_grad *numbers, const cor__edge *of) {
    cor__conv_grad other = *numbers;
    other.sizes.n = of->ndim;
    memcpy(other.sizes.at, of->sizes, sizeof(int64_t) * (size_t)of->ndim);
    return other;
}

/* The gradient of an input is linear in grad_output, by the convolution itself, and in the weight. */
static int input_backward(cor__backward *pass) {
    const cor__conv_grad *o = pass->options;
    cor_tensor *g = pass->grads[0];
    if (cor__needs(pass, 0)) pass->results[0] = cor__conv_again(o, g, cor__kept_input(pass, WEIGHT));
    if (cor__needs(pass, 1)) {
        const cor__conv_grad numbers = resized(o, &pass->node->edges[WEIGHT]);
        pass->results[1] = cor__conv_grad_weight(&numbers, cor__kept_input(pass, GRAD_OUTPUT), g, NULL);
    }
    return cor_error();
}

/* That of a weight is linear in grad_output and in the input; that of a bias, output 1, sums grad_output. */
static int weight_backward(cor__backward *pass) {
    const cor__conv_grad *o = pass->options;
    const cor__edge *output = &pass->node->edges[GRAD_OUTPUT];
    cor_tensor *g = cor__grad_of(pass, 0), *sum = NULL;
    if (cor__needs(pass, 0)) {
        sum = cor__conv_again(o, cor__kept_input(pass, INPUT), g);
        if (pass->node->n_results > 1 && pass->grads[1] != NULL) {
            int64_t sizes[COR_MAX_DIMS];
            for (int d = 0; d < output->ndim; d++) sizes[d] = d == output->ndim - o->spatial - 1 ? output->sizes[d] : 1;
            sum = cor_add(sum, cor_reshape_to(pass->grads[1], sizes, output->ndim));
        }
        pass->results[0] = sum;
    }
    if (cor__needs(pass, 1)) {
        const cor__conv_grad numbers = resized(o, &pass->node->edges[INPUT]);
        pass->results[1] = cor__conv_grad_input(&numbers, cor__kept_input(pass, GRAD_OUTPUT), g);
    }
    return cor_error();
}

cor_tensor *cor__conv_grad_bias(cor_tensor *grad_output, int spatial) {
    cor_dims dims = {0};
    if (grad_output == NULL) return NULL;
    for (int d = 0; d < grad_output->ndim; d++)
        if (d != grad_output->ndim - spatial - 1) dims.at[dims.n++] = d;
    return cor_sum(grad_output, .dims = dims);
}

#define READS .reads_options = sizeof(cor__conv_grad), .reads_inputs = {1 << 1, 1 << 0}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

#define LIST(name)                                                                                                     \
    { #name, COR__INTEGERS, offsetof(cor__conv_grad, name), sizeof(int64_t[COR__CONV_AXES]) }

static const cor__option *describe(int *n) {
    static const cor__option rows[] = {
        {"sizes", COR__DIMS, offsetof(cor__conv_grad, sizes), sizeof(cor_dims)},
        LIST(stride),
        LIST(padding),
        LIST(output_padding),
        LIST(dilation),
        {"groups", COR__INTEGER, offsetof(cor__conv_grad, groups), sizeof(int64_t)},
        {"same", COR__BOOLEAN, offsetof(cor__conv_grad, same), sizeof(bool)},
        {"transposed", COR__BOOLEAN, offsetof(cor__conv_grad, transposed), sizeof(bool)},
        {"precision", COR__OTHER, offsetof(cor__conv_grad, precision), sizeof(cor_precision)}};
    *n = (int)(sizeof rows / sizeof rows[0]);
    return rows;
}

const cor__op cor__op_conv_input = {.name = "conv_input",
                                    .grad_fn = "ConvolutionBackwardBackward0",
                                    .forward = input_forward,
                                    .describe = describe,
                                    .backward = input_backward,
                                    READS};
const cor__op cor__op_conv_weight = {.name = "conv_weight",
                                     .grad_fn = "ConvolutionBackwardBackward0",
                                     .forward = weight_forward,
                                     .describe = describe,
                                     .backward = weight_backward,
                                     READS};

cor_tensor *cor__conv_grad_input(const cor__conv_grad *numbers, cor_tensor *grad_output, cor_tensor *weight) {
    return cor__apply1(&cor__op_conv_input, (cor_tensor *[]){grad_output, weight}, 2, numbers);
}

cor_tensor *cor__conv_grad_weight(const cor__conv_grad *numbers, cor_tensor *grad_output, cor_tensor *input,
                                  cor_tensor **bias) {
    cor_tensor *outputs[2] = {NULL};
    cor_tensor *const inputs[] = {grad_output, input};
    cor__apply(&cor__op_conv_weight, inputs, 2, numbers, outputs, bias == NULL ? 1 : 2);
    if (bias != NULL) *bias = outputs[1];
    return outputs[0];
}

/* ---- the public functions --------------------------------------------------------------------------------------- */

/* Those take batches only, as PyTorch's do. */
static int check_batched(int spatial, const int64_t *input, int n_input, const int64_t *weight, int n_weight) {
    char input_text[COR__SIZES_TEXT], weight_text[COR__SIZES_TEXT];
    if (n_weight != spatial + 2 || n_input == spatial + 2) return COR_OK;
    return cor__fail(COR_ESHAPE,
                     "Expected %d-dimensional input for %d-dimensional weight %s, but got %d-dimensional input of size "
                     "%s instead",
                     n_weight, n_weight, cor__sizes_text(weight_text, weight, n_weight), n_input,
                     cor__sizes_text(input_text, input, n_input));
}

/* The numbers of the call, spread over the dimensions. */
static int read_numbers(int spatial, cor_dims sizes, const cor_conv_grad_options *options, cor__conv_grad *numbers) {
    cor_conv_grad_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "conv_grad") != COR_OK)
        return cor_error();
    const cor_conv_grad_options *o = cor_conv_grad_options_or_defaults(options, &room);
    *numbers = (cor__conv_grad){.sizes = sizes, .groups = o->groups, .precision = o->precision, .spatial = spatial};
    if (cor__check_precision(o->precision) != COR_OK) return cor_error();
    if (sizes.n < 0 || sizes.n > COR_MAX_DIMS)
        return cor__fail(COR_EVALUE, "a tensor cannot have %lld dimensions", (long long)sizes.n);
    int status = cor__spread("stride", o->stride, o->strides, spatial, numbers->stride);
    if (status == COR_OK) status = cor__spread("padding", o->padding, o->paddings, spatial, numbers->padding);
    return status == COR_OK ? cor__spread("dilation", o->dilation, o->dilations, spatial, numbers->dilation) : status;
}

static bool is_tensor(const cor_tensor *t) { return t != NULL && t != COR_NONE; } /* cor__apply refuses the others */

static cor_tensor *grad_input(int spatial, cor_dims sizes, cor_tensor *weight, cor_tensor *grad_output,
                              const cor_conv_grad_options *options) {
    cor__conv_grad numbers;
    if (read_numbers(spatial, sizes, options, &numbers) != COR_OK) return NULL;
    if (options != NULL && options->bias != NULL)
        return cor__fail(COR_EVALUE, "the gradient of an input has no bias beside it"), NULL;
    if (is_tensor(weight) && is_tensor(grad_output) &&
        check_batched(spatial, sizes.at, (int)sizes.n, weight->sizes, weight->ndim) != COR_OK)
        return NULL;
    return cor__conv_grad_input(&numbers, grad_output, weight);
}

static cor_tensor *grad_weight(int spatial, cor_tensor *input, cor_dims sizes, cor_tensor *grad_output,
                               const cor_conv_grad_options *options) {
    cor__conv_grad numbers;
    if (options != NULL && options->struct_size == sizeof *options && options->bias != NULL) *options->bias = NULL;
    if (read_numbers(spatial, sizes, options, &numbers) != COR_OK) return NULL;
    if (is_tensor(input) && is_tensor(grad_output) &&
        check_batched(spatial, input->sizes, input->ndim, sizes.at, (int)sizes.n) != COR_OK)
        return NULL;
    return cor__conv_grad_weight(&numbers, grad_output, input, options != NULL ? options->bias : NULL);
}

#define PUBLIC_GRADS(dims)                                                                                             \
    cor_tensor *cor_conv##dims##d_input_with(cor_dims input_sizes, cor_tensor *weight, cor_tensor *grad_output,        \
                                             const cor_conv_grad_options *options) {                                   \
        return grad_input(dims, input_sizes, weight, grad_output, options);                                            \
    }                                                                                                                  \
    cor_tensor *cor_conv##dims##d_weight_with(cor_tensor *input, cor_dims weight_sizes, cor_tensor *grad_output,       \
                                              const cor_conv_grad_options *options) {                                  \
        return grad_weight(dims, input, weight_sizes, grad_output, options);                                           \
    }

PUBLIC_GRADS(1)
PUBLIC_GRADS(2)
PUBLIC_GRADS(3)
