/* alexnet.c: AlexNet as torchvision has it (One Weird Trick for Parallelizing Convolutional Neural
 * Networks, 2014). */
#include "models/models.h"
#include <corrie.h>

typedef struct AlexNet {
    cor_module base;
    cor_module *features, *avgpool, *classifier;
} AlexNet;

static void AlexNet_init(cor_module *m) {
    const cor__model_plan *plan = cor_module_arguments(m);
    cor_set_module(m, AlexNet, features,
                   cor_nn_sequential(cor_nn_conv2d(plan->in_channels, 64, 11, .stride = 4, .padding = 2),
                                     cor_nn_relu(.inplace = true), cor_nn_max_pool2d(3, .stride = 2),
                                     cor_nn_conv2d(64, 192, 5, .padding = 2), cor_nn_relu(.inplace = true),
                                     cor_nn_max_pool2d(3, .stride = 2), cor_nn_conv2d(192, 384, 3, .padding = 1),
                                     cor_nn_relu(.inplace = true), cor_nn_conv2d(384, 256, 3, .padding = 1),
                                     cor_nn_relu(.inplace = true), cor_nn_conv2d(256, 256, 3, .padding = 1),
                                     cor_nn_relu(.inplace = true), cor_nn_max_pool2d(3, .stride = 2)));
    cor_set_module(m, AlexNet, avgpool, cor_nn_adaptive_avg_pool2d(.sizes = {6, 6}));
    cor_set_module(m, AlexNet, classifier,
                   cor_nn_sequential(cor_nn_dropout(.p = plan->dropout), cor_nn_linear(256 * 6 * 6, 4096),
                                     cor_nn_relu(.inplace = true), cor_nn_dropout(.p = plan->dropout),
                                     cor_nn_linear(4096, 4096), cor_nn_relu(.inplace = true),
                                     cor_nn_linear(4096, plan->num_classes)));
}

static cor_tensor *AlexNet_forward(cor_module *m, cor_tensor *x) {
    const AlexNet *self = (const AlexNet *)m;
    x = cor_call(self->avgpool, cor_call(self->features, x));
    return cor_call(self->classifier, cor_flatten(x, .start_dim = 1));
}

cor_module *cor__alexnet(const cor__model_plan *plan) {
    return COR_MODULE(cor_module_new(AlexNet, AlexNet_forward, .init = AlexNet_init, .arguments = plan));
}
