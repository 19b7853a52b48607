/* net.h: the network of chapters 22 to 32, for pictures of (3, 32, 32) and 10 classes. */
#ifndef COURSE_NET_H
#define COURSE_NET_H

#include <corrie.h>

typedef struct {
    cor_module base;
    cor_module *model;
} Net;

static void Net_init(cor_module *m) {
    cor_set_module(m, Net, model,
                   cor_nn_sequential(cor_nn_conv2d(3, 32, 5, .padding = 2), cor_nn_max_pool2d(2),
                                     cor_nn_conv2d(32, 32, 5, .padding = 2), cor_nn_max_pool2d(2),
                                     cor_nn_conv2d(32, 64, 5, .padding = 2), cor_nn_max_pool2d(2), cor_nn_flatten(),
                                     cor_nn_linear(64 * 4 * 4, 64), cor_nn_linear(64, 10)));
}

static cor_tensor *Net_forward(cor_module *m, cor_tensor *x) { return cor_call(((Net *)m)->model, x); }

static inline Net *Net_new(void) { return cor_module_new(Net, Net_forward, .init = Net_init); }

#endif
