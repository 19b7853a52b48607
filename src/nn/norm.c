/* norm.c: BatchNorm1d to BatchNorm3d and InstanceNorm1d to InstanceNorm3d, which have the same entries. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/creation.h>
#include <corrie/math.h>
#include <corrie/norm.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_nn_batch_norm_options, COR_NN_BATCH_NORM_OPTIONS)
COR__DEFINE_OPTIONS(cor_nn_instance_norm_options, COR_NN_INSTANCE_NORM_OPTIONS)

typedef struct batch_norm {
    cor_module base;
    cor_tensor *weight, *bias, *running_mean, *running_var, *num_batches_tracked;
    int64_t num_features;
    int spatial;
    cor_nn_batch_norm_options o;
} batch_norm;

static cor_tensor *or_none(cor_tensor *t) { return t == NULL ? COR_NONE : t; }

/* A BatchNorm1d takes (N, C) too. */
static int check_input(const batch_norm *self, const cor_tensor *x) {
    if (x == NULL || x == COR_NONE) return COR_OK;
    if (self->spatial == 1 && cor_dim(x) != 2 && cor_dim(x) != 3)
        return cor__fail(COR_ESHAPE, "expected 2D or 3D input (got %dD input)", cor_dim(x));
    if (self->spatial > 1 && cor_dim(x) != self->spatial + 2)
        return cor__fail(COR_ESHAPE, "expected %dD input (got %dD input)", self->spatial + 2, cor_dim(x));
    return COR_OK;
}

static cor_tensor *batch_norm_forward(cor_module *m, cor_tensor *x) {
    const batch_norm *self = (const batch_norm *)m;
    const bool training = cor_is_training(m), tracked = self->running_mean != NULL;
    double momentum = isnan(self->o.momentum) ? 0 : self->o.momentum;
    if (check_input(self, x) != COR_OK) return NULL;
    if (training && self->num_batches_tracked != NULL) {
        cor_no_grad();
        if (cor_add_(self->num_batches_tracked, 1) == NULL) return NULL;
        if (isnan(self->o.momentum)) momentum = 1 / (double)cor_item_int(self->num_batches_tracked);
    }
    return cor_batch_norm(x, or_none(self->running_mean), or_none(self->running_var), .weight = or_none(self->weight),
                          .bias = or_none(self->bias), .training = training || !tracked, .momentum = momentum,
                          .eps = self->o.eps);
}

/* Checkpoints older than version 2 have no num_batches_tracked: the one in place is kept. */
static int before_load(cor_module *m, cor_loading *loading) {
    const batch_norm *self = (const batch_norm *)m;
    char name[COR__PATH];
    cor__format(name, sizeof name, "%snum_batches_tracked", loading->prefix);
    if (self->num_batches_tracked == NULL || loading->version >= 2 || cor_dict_contains(loading->dict, name))
        return COR_OK;
    cor_scope();
    return cor_dict_set(loading->dict, name, cor_detach(self->num_batches_tracked));
}

static void batch_norm_init(cor_module *m) {
    batch_norm *self = (batch_norm *)m;
    const batch_norm *given = cor_module_arguments(m);
    const int64_t *features = &given->num_features;
    self->num_features = given->num_features;
    self->spatial = given->spatial;
    self->o = given->o;
    const bool has_bias = self->o.affine && self->o.bias;
    cor_set_parameter(m, batch_norm, weight, self->o.affine ? cor__new_parameter(features, 1) : COR_NONE);
    cor_set_parameter(m, batch_norm, bias, has_bias ? cor__new_parameter(features, 1) : COR_NONE);
    if (self->o.affine) cor__init_constant(self->weight, 1);
    if (has_bias) cor__init_constant(self->bias, 0);
    const bool track = self->o.track_running_stats;
    cor_set_buffer(m, batch_norm, running_mean, track ? cor_zeros_sized(COR_FLOAT32, features, 1) : COR_NONE);
    cor_set_buffer(m, batch_norm, running_var, track ? cor_ones_sized(COR_FLOAT32, features, 1) : COR_NONE);
    cor_set_buffer(m, batch_norm, num_batches_tracked, track ? cor_scalar(0) : COR_NONE);
    cor__state(m)->before_load = before_load;
    cor__state(m)->version = 2;
}

static int batch_norm_extra(cor_module *m, char *buffer, size_t n) {
    const batch_norm *self = (const batch_norm *)m;
    cor__text text = {0};
    cor__text_format(&text, "%lld, eps=", (long long)self->num_features);
    cor__text_double(&text, self->o.eps);
    cor__text_append(&text, ", momentum=");
    if (isnan(self->o.momentum)) cor__text_append(&text, "None");
    else cor__text_double(&text, self->o.momentum);
    cor__text_format(&text, ", affine=%s, bias=%s, track_running_stats=%s", self->o.affine ? "True" : "False",
                     self->o.affine && self->o.bias ? "True" : "False", self->o.track_running_stats ? "True" : "False");
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_batch_norm_with(int spatial, int64_t num_features, const cor_nn_batch_norm_options *options) {
    static const char *const names[] = {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d"};
    batch_norm given = {.num_features = num_features, .spatial = spatial};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "BatchNorm") != COR_OK) return NULL;
    if (spatial < 1 || spatial > 3) return cor__fail_null(COR_EVALUE, "BatchNorm: %d spatial dimensions", spatial);
    given.o = *cor_nn_batch_norm_options_or_defaults(options, &given.o);
    return cor__layer_new(sizeof given, names[spatial - 1], batch_norm_forward, batch_norm_init, &given,
                          batch_norm_extra);
}

/* ---- InstanceNorm ----------------------------------------------------------------------------------------------- */

/* Inputs have a batch or, one dimension less, none. */
static int check_instances(const batch_norm *self, const cor_tensor *x) {
    const int dims = self->spatial + 1, channel = cor_dim(x) - dims;
    if (channel != 0 && channel != 1)
        return cor__fail(COR_ESHAPE, "expected %dD or %dD input (got %dD input)", dims, dims + 1, cor_dim(x));
    if (self->o.affine && cor_size(x, channel) != self->num_features)
        return cor__fail(COR_EVALUE, "expected input's size at dim=%d to match num_features (%lld), but got: %lld.",
                         channel, (long long)self->num_features, (long long)cor_size(x, channel));
    return COR_OK;
}

static cor_tensor *instance_norm_forward(cor_module *m, cor_tensor *x) {
    const batch_norm *self = (const batch_norm *)m;
    if (x != NULL && x != COR_NONE && check_instances(self, x) != COR_OK) return NULL;
    const bool batched = cor_dim(x) == self->spatial + 2, tracked = self->o.track_running_stats;
    cor_tensor *y = cor_instance_norm(batched ? x : cor_unsqueeze(x, 0), or_none(self->running_mean),
                                      or_none(self->running_var), .weight = or_none(self->weight),
                                      .bias = or_none(self->bias), .use_input_stats = cor_is_training(m) || !tracked,
                                      .momentum = isnan(self->o.momentum) ? 0 : self->o.momentum, .eps = self->o.eps);
    return batched ? y : cor_squeeze(y, .dim = 0);
}

cor_module *cor_nn_instance_norm_with(int spatial, int64_t num_features, const cor_nn_instance_norm_options *options) {
    static const char *const names[] = {"InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"};
    cor_nn_instance_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "InstanceNorm") != COR_OK) return NULL;
    if (spatial < 1 || spatial > 3) return cor__fail_null(COR_EVALUE, "InstanceNorm: %d spatial dimensions", spatial);
    const cor_nn_instance_norm_options *o = cor_nn_instance_norm_options_or_defaults(options, &room);
    batch_norm given = {.num_features = num_features, .spatial = spatial};
    given.o =
        (cor_nn_batch_norm_options){sizeof given.o, o->eps, o->momentum, o->affine, o->bias, o->track_running_stats};
    return cor__layer_new(sizeof given, names[spatial - 1], instance_norm_forward, batch_norm_init, &given,
                          batch_norm_extra);
}
