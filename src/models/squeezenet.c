/* squeezenet.c: SqueezeNet 1.1 (AlexNet-Level Accuracy with 50x Fewer Parameters and <0.5MB Model Size, 2016). */
#include "models/models.h"
#include <corrie.h>
#include <string.h>

/* ---- the block -------------------------------------------------------------------------------------------------- */

typedef struct Fire {
    cor_module base;
    cor_module *squeeze, *squeeze_activation, *expand1x1, *expand1x1_activation, *expand3x3, *expand3x3_activation;
} Fire;

typedef struct fire_plan {
    int64_t in, squeeze, expand; /* each of the two expansions has `expand` channels */
} fire_plan;

static void Fire_init(cor_module *m) {
    const fire_plan *f = cor_module_arguments(m);
    cor_set_module(m, Fire, squeeze, cor_nn_conv2d(f->in, f->squeeze, 1));
    cor_set_module(m, Fire, squeeze_activation, cor_nn_relu(.inplace = true));
    cor_set_module(m, Fire, expand1x1, cor_nn_conv2d(f->squeeze, f->expand, 1));
    cor_set_module(m, Fire, expand1x1_activation, cor_nn_relu(.inplace = true));
    cor_set_module(m, Fire, expand3x3, cor_nn_conv2d(f->squeeze, f->expand, 3, .padding = 1));
    cor_set_module(m, Fire, expand3x3_activation, cor_nn_relu(.inplace = true));
}

static cor_tensor *Fire_forward(cor_module *m, cor_tensor *x) {
    const Fire *self = (const Fire *)m;
    x = cor_call(self->squeeze_activation, cor_call(self->squeeze, x));
    cor_tensor *a = cor_call(self->expand1x1_activation, cor_call(self->expand1x1, x));
    cor_tensor *b = cor_call(self->expand3x3_activation, cor_call(self->expand3x3, x));
    return cor_cat(COR_TENSORS(a, b), .dim = 1);
}

static cor_module *fire(int64_t in, int64_t squeeze, int64_t expand) {
    const fire_plan plan = {in, squeeze, expand};
    return COR_MODULE(cor_module_new(Fire, Fire_forward, .init = Fire_init, .arguments = &plan));
}

/* ---- the network ------------------------------------------------------------------------------------------------ */

typedef struct SqueezeNet {
    cor_module base;
    cor_module *features, *classifier;
} SqueezeNet;

/* The last convolution, the context, begins in another way than the others. */
static int SqueezeNet_init_weights(cor_module *m, void *context) {
    if (strcmp(cor_module_name(m), "Conv2d") != 0) return cor_error();
    if (m == context) cor_init_normal_(cor_get_parameter(m, "weight"), .std = 0.01);
    else cor_init_kaiming_uniform_(cor_get_parameter(m, "weight"));
    cor_init_zeros_(cor_get_parameter(m, "bias"));
    return cor_error();
}

static cor_module *pool(void) { return cor_nn_max_pool2d(3, .stride = 2, .ceil_mode = true); }

static void SqueezeNet_init(cor_module *m) {
    const cor__model_plan *plan = cor_module_arguments(m);
    cor_set_module(m, SqueezeNet, features,
                   cor_nn_sequential(cor_nn_conv2d(plan->in_channels, 64, 3, .stride = 2), cor_nn_relu(.inplace = true),
                                     pool(), fire(64, 16, 64), fire(128, 16, 64), pool(), fire(128, 32, 128),
                                     fire(256, 32, 128), pool(), fire(256, 48, 192), fire(384, 48, 192),
                                     fire(384, 64, 256), fire(512, 64, 256)));
    cor_module *last = cor_nn_conv2d(512, plan->num_classes, 1);
    cor_set_module(m, SqueezeNet, classifier,
                   cor_nn_sequential(cor_nn_dropout(.p = plan->dropout), last, cor_nn_relu(.inplace = true),
                                     cor_nn_adaptive_avg_pool2d(.sizes = {1, 1})));
    cor_module_apply(m, SqueezeNet_init_weights, last);
}

static cor_tensor *SqueezeNet_forward(cor_module *m, cor_tensor *x) {
    const SqueezeNet *self = (const SqueezeNet *)m;
    return cor_flatten(cor_call(self->classifier, cor_call(self->features, x)), .start_dim = 1);
}

cor_module *cor__squeezenet(const cor__model_plan *plan) {
    return COR_MODULE(cor_module_new(SqueezeNet, SqueezeNet_forward, .init = SqueezeNet_init, .arguments = plan));
}
