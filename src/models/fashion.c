/* fashion.c: a small network for pictures of 28x28: two convolutions with batch normalisation, and dropout. */
#include "models/models.h"
#include <corrie.h>

typedef struct Fashion {
    cor_module base;
    cor_module *features, *classifier;
} Fashion;

static void Fashion_init(cor_module *m) {
    const cor__model_plan *plan = cor_module_arguments(m);
    cor_set_module(m, Fashion, features,
                   cor_nn_sequential(cor_nn_conv2d(plan->in_channels, 32, 3, .padding = 1), cor_nn_batch_norm2d(32),
                                     cor_nn_relu(.inplace = true), cor_nn_max_pool2d(2),
                                     cor_nn_conv2d(32, 64, 3, .padding = 1), cor_nn_batch_norm2d(64),
                                     cor_nn_relu(.inplace = true), cor_nn_max_pool2d(2)));
    cor_set_module(m, Fashion, classifier,
                   cor_nn_sequential(cor_nn_flatten(), cor_nn_dropout(.p = plan->dropout),
                                     cor_nn_linear(64 * 7 * 7, 128), cor_nn_relu(.inplace = true),
                                     cor_nn_dropout(.p = plan->dropout), cor_nn_linear(128, plan->num_classes)));
}

static cor_tensor *Fashion_forward(cor_module *m, cor_tensor *x) {
    const Fashion *self = (const Fashion *)m;
    return cor_call(self->classifier, cor_call(self->features, x));
}

cor_module *cor__fashion(const cor__model_plan *plan) {
    return COR_MODULE(cor_module_new(Fashion, Fashion_forward, .init = Fashion_init, .arguments = plan));
}
