/* linear.c: Linear. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/matmul.h>

COR__DEFINE_OPTIONS(cor_nn_linear_options, COR_NN_LINEAR_OPTIONS)

typedef struct linear {
    cor_module base;
    cor_tensor *weight, *bias;
    int64_t in_features, out_features;
} linear;

typedef struct arguments {
    int64_t in_features, out_features;
    bool bias;
} arguments;

static cor_tensor *linear_forward(cor_module *m, cor_tensor *input) {
    const linear *self = (const linear *)m;
    return cor_linear(input, self->weight, .bias = self->bias == NULL ? COR_NONE : self->bias);
}

static void linear_init(cor_module *m) {
    linear *self = (linear *)m;
    const arguments *a = cor_module_arguments(m);
    const int64_t sizes[] = {a->out_features, a->in_features};
    self->in_features = a->in_features;
    self->out_features = a->out_features;
    cor_set_parameter(m, linear, weight, cor__new_parameter(sizes, 2));
    cor_set_parameter(m, linear, bias, a->bias ? cor__new_parameter(sizes, 1) : COR_NONE);
    cor__init_layer(self->weight, self->bias == NULL ? COR_NONE : self->bias);
}

static int linear_extra(cor_module *m, char *buffer, size_t n) {
    const linear *self = (const linear *)m;
    cor__text text = {0};
    cor__text_format(&text, "in_features=%lld, out_features=%lld, bias=%s", (long long)self->in_features,
                     (long long)self->out_features, self->bias == NULL ? "False" : "True");
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor__linear_new(const char *name, int64_t in_features, int64_t out_features, bool bias) {
    const arguments a = {in_features, out_features, bias};
    return cor__layer_new(sizeof(linear), name, linear_forward, linear_init, &a, linear_extra);
}

cor_module *cor_nn_linear_with(int64_t in_features, int64_t out_features, const cor_nn_linear_options *options) {
    cor_nn_linear_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "Linear") != COR_OK) return NULL;
    return cor__linear_new("Linear", in_features, out_features,
                           cor_nn_linear_options_or_defaults(options, &room)->bias);
}
