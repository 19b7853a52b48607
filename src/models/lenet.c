/* lenet.c: LeNet-5 for pictures of 28x28, with ReLU and max pooling in the place of those of
 * Gradient-Based Learning Applied to Document Recognition, 1998. */
#include "models/models.h"
#include <corrie.h>

typedef struct LeNet {
    cor_module base;
    cor_module *conv1, *conv2, *fc1, *fc2, *fc3;
} LeNet;

static void LeNet_init(cor_module *m) {
    const cor__model_plan *plan = cor_module_arguments(m);
    cor_set_module(m, LeNet, conv1, cor_nn_conv2d(plan->in_channels, 6, 5, .padding = 2));
    cor_set_module(m, LeNet, conv2, cor_nn_conv2d(6, 16, 5));
    cor_set_module(m, LeNet, fc1, cor_nn_linear(16 * 5 * 5, 120));
    cor_set_module(m, LeNet, fc2, cor_nn_linear(120, 84));
    cor_set_module(m, LeNet, fc3, cor_nn_linear(84, plan->num_classes));
}

static cor_tensor *LeNet_forward(cor_module *m, cor_tensor *x) {
    const LeNet *self = (const LeNet *)m;
    x = cor_max_pool2d(cor_relu(cor_call(self->conv1, x)), 2);
    x = cor_max_pool2d(cor_relu(cor_call(self->conv2, x)), 2);
    x = cor_flatten(x, .start_dim = 1);
    x = cor_relu(cor_call(self->fc1, x));
    x = cor_relu(cor_call(self->fc2, x));
    return cor_call(self->fc3, x);
}

cor_module *cor__lenet(const cor__model_plan *plan) {
    return COR_MODULE(cor_module_new(LeNet, LeNet_forward, .init = LeNet_init, .arguments = plan));
}
