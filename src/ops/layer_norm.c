/* layer_norm.c: layer_norm and rms_norm, which normalise over the last dimensions. */
#include "base/error.h"
#include "base/text.h"
#include "ops/backward.h"
#include "ops/norm.h"
#include "tensor/iterate.h"
#include <corrie/norm.h>
#include <float.h>
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_layer_norm_options, COR_LAYER_NORM_OPTIONS)
COR__DEFINE_OPTIONS(cor_rms_norm_options, COR_RMS_NORM_OPTIONS)

static bool has_shape(const cor_tensor *t, const cor_dims *shape) {
    return t->ndim == shape->n && memcmp(t->sizes, shape->at, sizeof(int64_t) * (size_t)shape->n) == 0;
}

static int check_parameter(const cor__call *call, int i, const char *name, const cor_dims *shape) {
    char own[COR__SIZES_TEXT], wanted[COR__SIZES_TEXT];
    const cor_tensor *t = i < call->n_inputs ? call->inputs[i] : COR_NONE;
    if (t == COR_NONE || has_shape(t, shape)) return COR_OK;
    return cor__fail(COR_ESHAPE,
                     "Expected %s to be of same shape as normalized_shape, but got %s of shape %s and "
                     "normalized_shape = %s",
                     name, name, cor__sizes_text(own, t->sizes, t->ndim),
                     cor__sizes_text(wanted, shape->at, (int)shape->n));
}

/* The input must end in the shape; `comma` is what PyTorch writes between the star and the shape. */
static int check_input(const cor_tensor *x, const cor_dims *shape, const char *comma) {
    char own[COR__SIZES_TEXT], wanted[COR__SIZES_TEXT];
    const int64_t first = x->ndim - shape->n;
    if (first >= 0 && memcmp(x->sizes + first, shape->at, sizeof(int64_t) * (size_t)shape->n) == 0) return COR_OK;
    cor__sizes_text(wanted, shape->at, (int)shape->n);
    return cor__fail(COR_ESHAPE, "Given normalized_shape=%s, expected input with shape [*%s%s, but got input of size%s",
                     wanted, comma, wanted + 1, cor__sizes_text(own, x->sizes, x->ndim));
}

static int check_shape(const cor_dims *shape) {
    if (shape->n > COR_MAX_DIMS) return cor__fail(COR_ELIMIT, "%lld dimensions are too many", (long long)shape->n);
    if (shape->n >= 1) return COR_OK;
    return cor__fail(COR_ESHAPE,
                     "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
                     "element, but got normalized_shape = []");
}

/* Output 0 is like the input; the others have its sizes with those normalised over as 1. */
static void describe_outputs(cor__call *call, const cor_dims *shape) {
    const cor_tensor *x = call->inputs[COR__NORM_X];
    for (int i = 0; i < call->n_outputs; i++) {
        cor__meta *out = &call->out[i];
        out->dtype = i == 0 ? x->dtype : cor__compute_dtype(x->dtype);
        out->ndim = x->ndim;
        for (int d = 0; d < x->ndim; d++) out->sizes[d] = i > 0 && d >= x->ndim - shape->n ? 1 : x->sizes[d];
    }
}

static int forward(cor__call *call, bool centred) {
    const cor__layer_norm_call *o = call->options;
    cor__norm_plan plan = {.count = call->outputs[1]->numel, .length = 1, .eps = o->eps, .centred = centred};
    for (int64_t i = 0; i < o->normalized_shape.n; i++) plan.length *= o->normalized_shape.at[i];
    return cor__norm_lines(call, &plan);
}

static const cor__option *describe(int *n) {
    static const cor__option rows[] = {
        {"normalized_shape", COR__DIMS, offsetof(cor__layer_norm_call, normalized_shape), sizeof(cor_dims)},
        {"eps", COR__REAL, offsetof(cor__layer_norm_call, eps), sizeof(double)}};
    *n = 2;
    return rows;
}

/* The weight and the bias broadcast over the first dimensions, over which the pass sums their gradients. */
static int backward(cor__backward *pass, bool centred) {
    const cor__layer_norm_call *o = pass->options;
    cor_tensor *g = pass->grads[COR__NORM_Y], *x = cor__kept_input(pass, COR__NORM_X);
    cor_dims last = {.n = o->normalized_shape.n};
    for (int64_t i = 0; i < last.n; i++) last.at[i] = i - last.n;
    const cor__normal normal = cor__normalised(x, &last, o->eps, centred);
    if (cor__needs(pass, COR__NORM_WEIGHT)) pass->results[COR__NORM_WEIGHT] = cor_mul(g, normal.value);
    if (cor__needs(pass, COR__NORM_BIAS)) pass->results[COR__NORM_BIAS] = g;
    if (!cor__needs(pass, COR__NORM_X)) return cor_error();
    if (pass->node->edges[COR__NORM_WEIGHT].ndim >= 0) g = cor_mul(g, cor__kept_input(pass, COR__NORM_WEIGHT));
    pass->results[COR__NORM_X] = cor__normal_backward(&normal, g);
    return cor_error();
}

/* ---- layer_norm ------------------------------------------------------------------------------------------------- */

static int layer_norm_check(cor__call *call) {
    const cor_dims *shape = &((const cor__layer_norm_call *)call->options)->normalized_shape;
    const cor_tensor *x = call->inputs[COR__NORM_X];
    if (check_shape(shape) != COR_OK || check_parameter(call, COR__NORM_WEIGHT, "weight", shape) != COR_OK ||
        check_parameter(call, COR__NORM_BIAS, "bias", shape) != COR_OK || check_input(x, shape, ", ") != COR_OK)
        return cor_error();
    if (!cor_dtype_is_floating(x->dtype))
        return cor__fail(COR_EDTYPE, "\"LayerNormKernelImpl\" not implemented for '%s'",
                         cor__scalar_type_name(x->dtype));
    if (cor__check_norm_dtypes(call, COR__NORM_INPUTS) != COR_OK) return cor_error();
    describe_outputs(call, shape);
    return COR_OK;
}

static int layer_norm_forward(cor__call *call) { return forward(call, true); }
static int layer_norm_backward(cor__backward *pass) { return backward(pass, true); }

const cor__op cor__op_layer_norm = {.name = "layer_norm",
                                    .grad_fn = "NativeLayerNormBackward0",
                                    .optional = 1 << COR__NORM_WEIGHT | 1 << COR__NORM_BIAS,
                                    .check = layer_norm_check,
                                    .forward = layer_norm_forward,
                                    .describe = describe,
                                    .backward = layer_norm_backward,
                                    .reads_options = sizeof(cor__layer_norm_call),
                                    .reads_inputs = COR__NORM_READS};

cor_tensor *cor_layer_norm_with(cor_tensor *x, cor_dims normalized_shape, const cor_layer_norm_options *options) {
    cor_layer_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "layer_norm") != COR_OK) return NULL;
    const cor_layer_norm_options *o = cor_layer_norm_options_or_defaults(options, &room);
    cor__layer_norm_call call = {normalized_shape, o->eps};
    cor_tensor *inputs[] = {x, o->weight, o->bias}, *outputs[COR__NORM_OUTPUTS];
    cor_scope();
    cor__apply(&cor__op_layer_norm, inputs, COR__NORM_INPUTS, &call, outputs, COR__NORM_OUTPUTS);
    return cor_keep(outputs[COR__NORM_Y]);
}

/* ---- rms_norm --------------------------------------------------------------------------------------------------- */

static int rms_norm_check(cor__call *call) {
    const cor_dims *shape = &((const cor__layer_norm_call *)call->options)->normalized_shape;
    const cor_tensor *x = call->inputs[COR__NORM_X];
    if (check_shape(shape) != COR_OK || check_parameter(call, COR__NORM_WEIGHT, "weight", shape) != COR_OK)
        return cor_error();
    if (x->ndim < shape->n)
        return cor__fail(COR_ESHAPE, "Input tensor must have at least %lld dimensions, but got %d", (long long)shape->n,
                         x->ndim);
    if (check_input(x, shape, "") != COR_OK) return cor_error();
    if (!cor_dtype_is_floating(x->dtype))
        return cor__fail(COR_EDTYPE, "\"rms_norm\" not implemented for '%s'", cor__scalar_type_name(x->dtype));
    if (cor__compute_dtype(x->dtype) != x->dtype) call->grad_fn = "ToCopyBackward0";
    describe_outputs(call, shape);
    return COR_OK;
}

static int rms_norm_forward(cor__call *call) { return forward(call, false); }
static int rms_norm_backward(cor__backward *pass) { return backward(pass, false); }

const cor__op cor__op_rms_norm = {.name = "rms_norm",
                                  .grad_fn = "MulBackward0",
                                  .optional = 1 << COR__NORM_WEIGHT,
                                  .check = rms_norm_check,
                                  .forward = rms_norm_forward,
                                  .describe = describe,
                                  .backward = rms_norm_backward,
                                  .reads_options = sizeof(cor__layer_norm_call),
                                  .reads_inputs = COR__NORM_READS};

cor_tensor *cor_rms_norm_with(cor_tensor *x, cor_dims normalized_shape, const cor_rms_norm_options *options) {
    cor_rms_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "rms_norm") != COR_OK) return NULL;
    const cor_rms_norm_options *o = cor_rms_norm_options_or_defaults(options, &room);
    cor__layer_norm_call call = {normalized_shape, o->eps};
    if (isnan(o->eps)) call.eps = cor_dtype_of(x) == COR_FLOAT64 ? DBL_EPSILON : (double)FLT_EPSILON;
    cor_tensor *inputs[] = {x, o->weight}, *outputs[2];
    cor_scope();
    cor__apply(&cor__op_rms_norm, inputs, 2, &call, outputs, 2);
    return cor_keep(outputs[0]);
}
