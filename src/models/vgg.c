/* vgg.c: VGG with 11 to 19 layers, with batch normalisation or without (Very Deep Convolutional Networks for
 * Large-Scale Image Recognition, 2014). */
#include "models/models.h"
#include <corrie.h>
#include <string.h>

typedef struct VGG {
    cor_module base;
    cor_module *features, *avgpool, *classifier;
} VGG;

static cor_module *VGG_features(const cor__model_plan *plan) {
    static const int64_t channels[] = {64, 128, 256, 512, 512};
    cor_module *features = cor_nn_sequential();
    int64_t in = plan->in_channels;
    for (int stage = 0; stage < 5; stage++) {
        for (int64_t i = 0; i < plan->stages[stage]; i++) {
            cor_module_append(features, cor_nn_conv2d(in, channels[stage], 3, .padding = 1));
            if (plan->batch_norm) cor_module_append(features, cor_nn_batch_norm2d(channels[stage]));
            cor_module_append(features, cor_nn_relu(.inplace = true));
            in = channels[stage];
        }
        cor_module_append(features, cor_nn_max_pool2d(2, .stride = 2));
    }
    return features;
}

static int VGG_init_weights(cor_module *m, void *context) {
    (void)context;
    const bool is_conv = strcmp(cor_module_name(m), "Conv2d") == 0,
               is_linear = strcmp(cor_module_name(m), "Linear") == 0;
    if (is_conv)
        cor_init_kaiming_normal_(cor_get_parameter(m, "weight"), .fan_out = true,
                                 .nonlinearity = COR_NONLINEARITY_RELU);
    if (is_linear) cor_init_normal_(cor_get_parameter(m, "weight"), .std = 0.01);
    if (is_conv || is_linear) cor_init_zeros_(cor_get_parameter(m, "bias"));
    return cor_error();
}

static void VGG_init(cor_module *m) {
    const cor__model_plan *plan = cor_module_arguments(m);
    cor_set_module(m, VGG, features, VGG_features(plan));
    cor_set_module(m, VGG, avgpool, cor_nn_adaptive_avg_pool2d(.sizes = {7, 7}));
    cor_set_module(m, VGG, classifier,
                   cor_nn_sequential(cor_nn_linear(512 * 7 * 7, 4096), cor_nn_relu(.inplace = true),
                                     cor_nn_dropout(.p = plan->dropout), cor_nn_linear(4096, 4096),
                                     cor_nn_relu(.inplace = true), cor_nn_dropout(.p = plan->dropout),
                                     cor_nn_linear(4096, plan->num_classes)));
    cor_module_apply(m, VGG_init_weights, NULL);
}

static cor_tensor *VGG_forward(cor_module *m, cor_tensor *x) {
    const VGG *self = (const VGG *)m;
    x = cor_call(self->avgpool, cor_call(self->features, x));
    return cor_call(self->classifier, cor_flatten(x, .start_dim = 1));
}

cor_module *cor__vgg(const cor__model_plan *plan) {
    return COR_MODULE(cor_module_new(VGG, VGG_forward, .init = VGG_init, .arguments = plan));
}
