/* digits.c: a small network for pictures of 8x8. */
#include "models/models.h"
#include <corrie.h>

cor_module *cor__digits(const cor__model_plan *plan) {
    return cor_nn_sequential(cor_nn_conv2d(plan->in_channels, 16, 3, .padding = 1), cor_nn_relu(),
                             cor_nn_conv2d(16, 32, 3, .padding = 1), cor_nn_relu(), cor_nn_max_pool2d(2),
                             cor_nn_conv2d(32, 32, 3, .padding = 1), cor_nn_relu(), cor_nn_max_pool2d(2),
                             cor_nn_flatten(), cor_nn_linear(32 * 2 * 2, 64), cor_nn_relu(),
                             cor_nn_linear(64, plan->num_classes));
}
