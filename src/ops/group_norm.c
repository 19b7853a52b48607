/* group_norm.c: group_norm, and instance_norm, which is batch normalisation of every image alone. */
#include "base/error.h"
#include "base/text.h"
#include "ops/backward.h"
#include "ops/norm.h"
#include "tensor/iterate.h"
#include <corrie/norm.h>
#include <corrie/reduce.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_group_norm_options, COR_GROUP_NORM_OPTIONS)
COR__DEFINE_OPTIONS(cor_instance_norm_options, COR_INSTANCE_NORM_OPTIONS)

/* ---- group_norm ------------------------------------------------------------------------------------------------- */

/* PyTorch looks whether a group has more than one value, and says it with sizes of its own. */
static int check_values(const cor_tensor *x, int64_t groups) {
    int64_t sizes[COR_MAX_DIMS], values;
    char text[COR__SIZES_TEXT];
    if (x->ndim < 2)
        return cor__fail(COR_ESHAPE, "Expected at least 2 dimensions for input tensor but received %d", x->ndim);
    if (groups == 0) return cor__fail(COR_EVALUE, "integer division or modulo by zero");
    memcpy(sizes, x->sizes, sizeof(int64_t) * (size_t)x->ndim);
    values = sizes[0] = x->sizes[0] * x->sizes[1] / groups;
    sizes[1] = groups;
    for (int d = 2; d < x->ndim; d++) values *= sizes[d];
    if (values != 1) return COR_OK;
    return cor__fail(COR_EVALUE, "Expected more than 1 value per channel when training, got input size %s",
                     cor__sizes_text(text, sizes, x->ndim));
}

static int check_parameter(const cor__call *call, int i, const char *name) {
    const cor_tensor *x = call->inputs[COR__NORM_X], *t = call->inputs[i], *weight = call->inputs[COR__NORM_WEIGHT];
    char own[COR__SIZES_TEXT] = "[0]", sizes[COR__SIZES_TEXT];
    if (t == COR_NONE || (t->ndim == 1 && t->numel == x->sizes[1])) return COR_OK;
    /* PyTorch's text shows the weight's shape for the bias too. */
    if (weight != COR_NONE) cor__sizes_text(own, weight->sizes, weight->ndim);
    return cor__fail(COR_ESHAPE,
                     "Expected %s to be a vector of size equal to the number of channels in input, but got %s of "
                     "shape %s and input of shape %s",
                     name, name, own, cor__sizes_text(sizes, x->sizes, x->ndim));
}

static int group_norm_check(cor__call *call) {
    const int64_t groups = ((const cor__group_norm_call *)call->options)->num_groups;
    const cor_tensor *x = call->inputs[COR__NORM_X];
    char text[COR__SIZES_TEXT];
    if (check_values(x, groups) != COR_OK) return cor_error();
    if (groups < 0)
        return cor__fail(COR_EVALUE, "Expected num groups to be greater than 0, got %lld", (long long)groups);
    if (x->sizes[1] % groups != 0)
        return cor__fail(COR_ESHAPE,
                         "Expected number of channels in input to be divisible by num_groups, but got input of shape "
                         "%s and num_groups=%lld",
                         cor__sizes_text(text, x->sizes, x->ndim), (long long)groups);
    if (check_parameter(call, COR__NORM_WEIGHT, "weight") != COR_OK ||
        check_parameter(call, COR__NORM_BIAS, "bias") != COR_OK)
        return cor_error();
    if (!cor_dtype_is_floating(x->dtype))
        return cor__fail(COR_EDTYPE, "\"GroupNormKernelImpl\" not implemented for '%s'",
                         cor__scalar_type_name(x->dtype));
    if (cor__check_norm_dtypes(call, COR__NORM_INPUTS) != COR_OK) return cor_error();
    const cor_dtype compute = cor__compute_dtype(x->dtype);
    const cor__meta statistics = {.dtype = compute, .ndim = 2, .sizes = {x->sizes[0], groups}};
    call->out[COR__NORM_Y] = (cor__meta){.dtype = x->dtype, .ndim = x->ndim};
    memcpy(call->out[COR__NORM_Y].sizes, x->sizes, sizeof(int64_t) * (size_t)x->ndim);
    call->out[COR__NORM_MEAN] = call->out[COR__NORM_RSTD] = statistics;
    return COR_OK;
}

static int group_norm_forward(cor__call *call) {
    const cor__group_norm_call *o = call->options;
    const cor_tensor *x = call->inputs[COR__NORM_X];
    cor__norm_plan plan = {.count = x->sizes[0] * o->num_groups,
                           .groups = o->num_groups,
                           .channels = x->sizes[1] / o->num_groups,
                           .eps = o->eps,
                           .centred = true};
    plan.length = plan.channels;
    for (int d = 2; d < x->ndim; d++) plan.length *= x->sizes[d];
    return cor__norm_lines(call, &plan);
}

static const cor__option *describe(int *n) {
    static const cor__option rows[] = {
        {"num_groups", COR__INTEGER, offsetof(cor__group_norm_call, num_groups), sizeof(int64_t)},
        {"eps", COR__REAL, offsetof(cor__group_norm_call, eps), sizeof(double)}};
    *n = 2;
    return rows;
}

static int group_norm_backward(cor__backward *pass) {
    const cor__group_norm_call *o = pass->options;
    const cor_dims last = COR_DIMS(2);
    cor_tensor *g = pass->grads[COR__NORM_Y], *x = cor__kept_input(pass, COR__NORM_X);
    if (x == NULL || g == NULL) return cor_error();
    const int64_t lines = x->sizes[0] * o->num_groups;
    const int64_t grouped[] = {x->sizes[0], o->num_groups, lines == 0 ? 0 : x->numel / lines};
    const cor__normal normal = cor__normalised(cor_reshape_to(x, grouped, 3), &last, o->eps, true);
    const cor_dims others = cor__all_but_channels(x);
    if (cor__needs(pass, COR__NORM_WEIGHT))
        pass->results[COR__NORM_WEIGHT] =
            cor_sum(cor_mul(g, cor_reshape_to(normal.value, x->sizes, x->ndim)), .dims = others);
    if (cor__needs(pass, COR__NORM_BIAS)) pass->results[COR__NORM_BIAS] = cor_sum(g, .dims = others);
    if (!cor__needs(pass, COR__NORM_X)) return cor_error();
    if (pass->node->edges[COR__NORM_WEIGHT].ndim >= 0)
        g = cor_mul(g, cor__by_channel(cor__kept_input(pass, COR__NORM_WEIGHT), x));
    cor_tensor *own = cor__normal_backward(&normal, cor_reshape_to(g, grouped, 3));
    pass->results[COR__NORM_X] = cor_reshape_to(own, x->sizes, x->ndim);
    return cor_error();
}

const cor__op cor__op_group_norm = {.name = "group_norm",
                                    .grad_fn = "NativeGroupNormBackward0",
                                    .optional = 1 << COR__NORM_WEIGHT | 1 << COR__NORM_BIAS,
                                    .check = group_norm_check,
                                    .forward = group_norm_forward,
                                    .describe = describe,
                                    .backward = group_norm_backward,
                                    .reads_options = sizeof(cor__group_norm_call),
                                    .reads_inputs = COR__NORM_READS};

cor_tensor *cor_group_norm_with(cor_tensor *x, int64_t num_groups, const cor_group_norm_options *options) {
    cor_group_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "group_norm") != COR_OK) return NULL;
    const cor_group_norm_options *o = cor_group_norm_options_or_defaults(options, &room);
    cor__group_norm_call call = {num_groups, o->eps};
    cor_tensor *inputs[] = {x, o->weight, o->bias}, *outputs[COR__NORM_OUTPUTS];
    cor_scope();
    cor__apply(&cor__op_group_norm, inputs, COR__NORM_INPUTS, &call, outputs, COR__NORM_OUTPUTS);
    return cor_keep(outputs[COR__NORM_Y]);
}

/* ---- instance_norm ---------------------------------------------------------------------------------------------- */

/* A vector over the channels, once for each image. */
static cor_tensor *repeated(cor_tensor *t, int64_t times) {
    if (t == COR_NONE) return t;
    if (t->ndim != 1)
        return cor__fail_null(COR_ESHAPE, "instance_norm: expected a vector over the channels, not %d dimensions",
                              t->ndim);
    return cor_reshape(cor_expand(t, times, t->numel), times * t->numel);
}

/* A running statistic becomes the mean of what it became in each image. */
static void gather(cor_tensor *running, cor_tensor *images, int64_t times) {
    cor_no_grad();
    if (running != COR_NONE) cor_copy_(running, cor_mean(cor_view(images, times, running->numel), .dim = 0));
}

static int check_given(const cor_tensor *const *inputs, int n) {
    for (int i = 0; i < n; i++)
        if (inputs[i] == NULL)
            return cor__fail(COR_EVALUE, "instance_norm: input %d is NULL, a failed or missing tensor", i);
    return COR_OK;
}

static int check_instances(const cor_tensor *x, const cor_tensor *mean, const cor_tensor *var, bool use_input_stats) {
    char text[COR__SIZES_TEXT];
    int64_t spatial = 1;
    if (x == COR_NONE) return cor__fail(COR_EVALUE, "instance_norm: input 0 must be a tensor, not COR_NONE");
    for (int d = 2; d < x->ndim; d++) spatial *= x->sizes[d];
    if (use_input_stats && spatial == 1)
        return cor__fail(COR_EVALUE,
                         "Expected more than 1 spatial element when training, got input size torch.Size(%s)",
                         cor__sizes_text(text, x->sizes, x->ndim));
    if (!use_input_stats && (mean == COR_NONE || var == COR_NONE))
        return cor__fail(COR_EVALUE,
                         "Expected running_mean and running_var to be defined when use_input_stats is false");
    if (x->ndim < 2) return cor__fail(COR_ESHAPE, "instance_norm: expected at least 2 dimensions, not %d", x->ndim);
    return COR_OK;
}

cor_tensor *cor_instance_norm_with(cor_tensor *x, cor_tensor *running_mean, cor_tensor *running_var,
                                   const cor_instance_norm_options *options) {
    cor_instance_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "instance_norm") != COR_OK) return NULL;
    const cor_instance_norm_options *o = cor_instance_norm_options_or_defaults(options, &room);
    const cor_tensor *const given[] = {x, running_mean, running_var, o->weight, o->bias};
    if (check_given(given, 5) != COR_OK || check_instances(x, running_mean, running_var, o->use_input_stats) != COR_OK)
        return NULL;
    int64_t sizes[COR_MAX_DIMS], n = x->sizes[0];
    memcpy(sizes, x->sizes, sizeof sizes);
    sizes[0] = 1;
    sizes[1] = n * x->sizes[1];
    cor_scope();
    cor_tensor *mean = repeated(running_mean, n), *var = repeated(running_var, n);
    cor_tensor *y = cor_batch_norm(cor_view_to(cor_contiguous(x), sizes, x->ndim), mean, var,
                                   .weight = repeated(o->weight, n), .bias = repeated(o->bias, n),
                                   .training = o->use_input_stats, .momentum = o->momentum, .eps = o->eps);
    if (y != NULL && o->use_input_stats) {
        gather(running_mean, mean, n);
        gather(running_var, var, n);
    }
    return cor_keep(cor_view_to(y, x->sizes, x->ndim));
}
