/* linear.c: x W^T + bias. */
#include "base/error.h"
#include "base/text.h"
#include "ops/backward.h"
#include "ops/matmul.h"
#include <corrie/matmul.h>

COR__DEFINE_OPTIONS(cor_linear_options, COR_LINEAR_OPTIONS)

static int check_bias_dtype(const cor_tensor *x, const cor_tensor *weight, const cor_tensor *bias) {
    bool first = bias->dtype != weight->dtype;
    if (!first && x->dtype == weight->dtype) return COR_OK;
    return cor__fail(COR_EDTYPE, "%s and mat2 must have the same dtype, but got %s and %s", first ? "self" : "mat1",
                     cor__scalar_type_name(first ? bias->dtype : x->dtype), cor__scalar_type_name(weight->dtype));
}

/* The bias must broadcast to the output seen as a matrix, or, with more than one dimension, to the output itself. */
static int check_bias_sizes(const cor__meta *out, const cor_tensor *bias) {
    int64_t flat[2] = {1, out->ndim > 0 ? out->sizes[out->ndim - 1] : 1};
    char target[COR__SIZES_TEXT], own[COR__SIZES_TEXT];
    for (int d = 0; d + 1 < out->ndim; d++) flat[0] *= out->sizes[d];
    const int64_t *sizes = bias->ndim > 1 ? out->sizes : flat;
    int n = bias->ndim > 1 ? out->ndim : 2;
    if (bias->ndim > n)
        return cor__fail(COR_ESHAPE, "linear: a bias of size %s does not broadcast to %s",
                         cor__sizes_text(own, bias->sizes, bias->ndim), cor__sizes_text(target, sizes, n));
    for (int d = n - 1, b = bias->ndim - 1; b >= 0; d--, b--)
        if (bias->sizes[b] != sizes[d] && bias->sizes[b] != 1)
            return cor__fail(COR_ESHAPE,
                             "The expanded size of the tensor (%lld) must match the existing size (%lld) at "
                             "non-singleton dimension %d.  Target sizes: %s.  Tensor sizes: %s",
                             (long long)sizes[d], (long long)bias->sizes[b], d, cor__sizes_text(target, sizes, n),
                             cor__sizes_text(own, bias->sizes, bias->ndim));
    return COR_OK;
}

static int linear_check(cor__call *call) {
    const cor_tensor *x = call->inputs[0], *weight = call->inputs[1], *bias = call->inputs[2];
    if (weight->ndim > 2)
        return cor__fail(COR_ESHAPE, "t() expects a tensor with <= 2 dimensions, but self is %dD", weight->ndim);
    if (bias != COR_NONE && x->ndim > 0 && check_bias_dtype(x, weight, bias) != COR_OK) return cor_error();
    if (cor__matmul_describe(call, true) != COR_OK) return cor_error();
    if (bias == COR_NONE) return COR_OK;
    if (check_bias_sizes(&call->out[0], bias) != COR_OK) return cor_error();
    bool viewed = weight->ndim == 2 && bias->ndim <= 1 && (x->ndim == 1 || cor_is_contiguous(x));
    call->grad_fn = x->ndim == 2 && weight->ndim == 2 ? "AddmmBackward0" : viewed ? "ViewBackward0" : "AddBackward0";
    return COR_OK;
}

static int linear_forward(cor__call *call) {
    return cor__matmul_into(call->outputs[0], call->inputs[0], call->inputs[1], true, call->inputs[2]);
}

/* g W; g^T x, of all rows of x as one matrix; and the sum of g. A weight of one dimension is a row. */
static int linear_backward(cor__backward *pass) {
    const cor__edge *x = &pass->node->edges[0], *weight = &pass->node->edges[1];
    cor_tensor *g = pass->grads[0], *high = g;
    if (weight->ndim == 1) high = cor_unsqueeze(g, -1);
    if (cor__needs(pass, 0)) {
        cor_tensor *w = cor__kept_input(pass, 1);
        pass->results[0] = cor_matmul(high, weight->ndim == 1 ? cor_unsqueeze(w, 0) : w);
    }
    if (cor__needs(pass, 1) && high != NULL) {
        cor_tensor *rows = cor_reshape(high, -1, high->sizes[high->ndim - 1]);
        if (rows == NULL) return cor_error();
        cor_tensor *flat = cor_reshape(cor__kept_input(pass, 0), rows->sizes[0], x->sizes[x->ndim - 1]);
        cor_tensor *grad = cor_mm(cor_t(rows), flat);
        pass->results[1] = weight->ndim == 1 ? cor_squeeze(grad, .dim = 0) : grad;
    }
    if (cor__needs(pass, 2)) pass->results[2] = g;
    return cor_error();
}

const cor__op cor__op_linear = {.name = "linear",
                                .grad_fn = "AddmmBackward0",
                                .optional = 1u << 2,
                                .check = linear_check,
                                .forward = linear_forward,
                                .backward = linear_backward,
                                .reads_inputs = {1 << 1, 1 << 0}};

cor_tensor *cor_linear_with(cor_tensor *x, cor_tensor *weight, const cor_linear_options *options) {
    cor_linear_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "linear") != COR_OK) return NULL;
    cor_tensor *inputs[] = {x, weight, cor_linear_options_or_defaults(options, &room)->bias};
    return cor__apply1(&cor__op_linear, inputs, 3, NULL);
}
