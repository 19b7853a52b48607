/* layer_norm.c: LayerNorm, RMSNorm and GroupNorm: a weight of ones and a bias of zeros beside a function. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/norm.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_nn_layer_norm_options, COR_NN_LAYER_NORM_OPTIONS)
COR__DEFINE_OPTIONS(cor_nn_rms_norm_options, COR_NN_RMS_NORM_OPTIONS)
COR__DEFINE_OPTIONS(cor_nn_group_norm_options, COR_NN_GROUP_NORM_OPTIONS)

typedef struct norm {
    cor_module base;
    cor_tensor *weight, *bias;
    cor_dims shape; /* of the weight: normalized_shape, or the channels */
    int64_t groups; /* of a GroupNorm */
    double eps;
    bool affine, has_bias;
} norm;

static cor_tensor *or_none(cor_tensor *t) { return t == NULL ? COR_NONE : t; }

static void norm_init(cor_module *m) {
    norm *self = (norm *)m;
    const norm *given = cor_module_arguments(m);
    const int n = (int)given->shape.n;
    self->shape = given->shape;
    self->groups = given->groups;
    self->eps = given->eps;
    self->affine = given->affine;
    self->has_bias = given->affine && given->has_bias;
    cor_set_parameter(m, norm, weight, self->affine ? cor__new_parameter(self->shape.at, n) : COR_NONE);
    if (self->affine) cor__init_constant(self->weight, 1);
}

static void norm_init_with_bias(cor_module *m) {
    norm *self = (norm *)m;
    norm_init(m);
    cor_set_parameter(m, norm, bias,
                      self->has_bias ? cor__new_parameter(self->shape.at, (int)self->shape.n) : COR_NONE);
    if (self->has_bias) cor__init_constant(self->bias, 0);
}

static int check_shape(const char *name, const cor_dims *shape) {
    if (shape->n >= 0 && shape->n <= COR_MAX_DIMS) return COR_OK;
    return cor__fail(COR_ESHAPE, "%s: the sizes must be at most %d", name, COR_MAX_DIMS);
}

/* "(3, 4), eps=1e-05, elementwise_affine=True", and the bias where there may be one. */
static int shaped_extra(cor_module *m, char *buffer, size_t n, bool with_bias) {
    const norm *self = (const norm *)m;
    cor__text text = {0};
    cor__text_tuple(&text, self->shape.at, (int)self->shape.n);
    cor__text_append(&text, ", eps=");
    if (isnan(self->eps)) cor__text_append(&text, "None");
    else cor__text_double(&text, self->eps);
    cor__text_format(&text, ", elementwise_affine=%s", self->affine ? "True" : "False");
    if (with_bias) cor__text_format(&text, ", bias=%s", self->has_bias ? "True" : "False");
    return cor__extra_end(&text, buffer, n);
}

/* ---- LayerNorm -------------------------------------------------------------------------------------------------- */

static cor_tensor *layer_norm_forward(cor_module *m, cor_tensor *x) {
    const norm *self = (const norm *)m;
    return cor_layer_norm_with(x, self->shape,
                               &(const cor_layer_norm_options){sizeof(cor_layer_norm_options), or_none(self->weight),
                                                               or_none(self->bias), self->eps});
}

static int layer_norm_extra(cor_module *m, char *buffer, size_t n) { return shaped_extra(m, buffer, n, true); }

cor_module *cor_nn_layer_norm_with(cor_dims normalized_shape, const cor_nn_layer_norm_options *options) {
    cor_nn_layer_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "LayerNorm") != COR_OK ||
        check_shape("LayerNorm", &normalized_shape) != COR_OK)
        return NULL;
    const cor_nn_layer_norm_options *o = cor_nn_layer_norm_options_or_defaults(options, &room);
    norm given = {.shape = normalized_shape, .eps = o->eps, .affine = o->elementwise_affine, .has_bias = o->bias};
    return cor__layer_new(sizeof given, "LayerNorm", layer_norm_forward, norm_init_with_bias, &given, layer_norm_extra);
}

/* ---- RMSNorm ---------------------------------------------------------------------------------------------------- */

static cor_tensor *rms_norm_forward(cor_module *m, cor_tensor *x) {
    const norm *self = (const norm *)m;
    return cor_rms_norm_with(
        x, self->shape, &(const cor_rms_norm_options){sizeof(cor_rms_norm_options), or_none(self->weight), self->eps});
}

static int rms_norm_extra(cor_module *m, char *buffer, size_t n) { return shaped_extra(m, buffer, n, false); }

cor_module *cor_nn_rms_norm_with(cor_dims normalized_shape, const cor_nn_rms_norm_options *options) {
    cor_nn_rms_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "RMSNorm") != COR_OK ||
        check_shape("RMSNorm", &normalized_shape) != COR_OK)
        return NULL;
    const cor_nn_rms_norm_options *o = cor_nn_rms_norm_options_or_defaults(options, &room);
    norm given = {.shape = normalized_shape, .eps = o->eps, .affine = o->elementwise_affine};
    return cor__layer_new(sizeof given, "RMSNorm", rms_norm_forward, norm_init, &given, rms_norm_extra);
}

/* ---- GroupNorm -------------------------------------------------------------------------------------------------- */

static cor_tensor *group_norm_forward(cor_module *m, cor_tensor *x) {
    const norm *self = (const norm *)m;
    return cor_group_norm_with(x, self->groups,
                               &(const cor_group_norm_options){sizeof(cor_group_norm_options), or_none(self->weight),
                                                               or_none(self->bias), self->eps});
}

static int group_norm_extra(cor_module *m, char *buffer, size_t n) {
    const norm *self = (const norm *)m;
    cor__text text = {0};
    cor__text_format(&text, "%lld, %lld, eps=", (long long)self->groups, (long long)self->shape.at[0]);
    cor__text_double(&text, self->eps);
    cor__text_format(&text, ", affine=%s, bias=%s", self->affine ? "True" : "False", self->has_bias ? "True" : "False");
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_group_norm_with(int64_t num_groups, int64_t num_channels, const cor_nn_group_norm_options *options) {
    cor_nn_group_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "GroupNorm") != COR_OK) return NULL;
    const cor_nn_group_norm_options *o = cor_nn_group_norm_options_or_defaults(options, &room);
    if (num_groups == 0) return cor__fail_null(COR_EVALUE, "integer modulo by zero");
    if (num_channels % num_groups != 0)
        return cor__fail_null(COR_EVALUE, "num_channels (%lld) must be divisible by num_groups (%lld)",
                              (long long)num_channels, (long long)num_groups);
    norm given = {.shape = {.n = 1, .at = {num_channels}},
                  .groups = num_groups,
                  .eps = o->eps,
                  .affine = o->affine,
                  .has_bias = o->bias};
    return cor__layer_new(sizeof given, "GroupNorm", group_norm_forward, norm_init_with_bias, &given, group_norm_extra);
}
