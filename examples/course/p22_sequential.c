/* Chapter 22: a network layer by layer, and the same one as a Sequential (net.h). Look at how much shorter its forward
 * is, and that both compute the same from the same seed.
 *
 * usage: p22_sequential [LOGS] */
#include "net.h"
#include <corrie/summary.h>
#include <stdio.h>

typedef struct {
    cor_module base;
    cor_module *conv1, *maxpool1, *conv2, *maxpool2, *conv3, *maxpool3, *flatten, *linear1, *linear2;
} Layers;

static void Layers_init(cor_module *m) {
    cor_set_module(m, Layers, conv1, cor_nn_conv2d(3, 32, 5, .padding = 2));
    cor_set_module(m, Layers, maxpool1, cor_nn_max_pool2d(2));
    cor_set_module(m, Layers, conv2, cor_nn_conv2d(32, 32, 5, .padding = 2));
    cor_set_module(m, Layers, maxpool2, cor_nn_max_pool2d(2));
    cor_set_module(m, Layers, conv3, cor_nn_conv2d(32, 64, 5, .padding = 2));
    cor_set_module(m, Layers, maxpool3, cor_nn_max_pool2d(2));
    cor_set_module(m, Layers, flatten, cor_nn_flatten());
    cor_set_module(m, Layers, linear1, cor_nn_linear(1024, 64));
    cor_set_module(m, Layers, linear2, cor_nn_linear(64, 10));
}

static cor_tensor *Layers_forward(cor_module *m, cor_tensor *x) {
    Layers *self = (Layers *)m;
    x = cor_call(self->conv1, x);
    x = cor_call(self->maxpool1, x);
    x = cor_call(self->conv2, x);
    x = cor_call(self->maxpool2, x);
    x = cor_call(self->conv3, x);
    x = cor_call(self->maxpool3, x);
    x = cor_call(self->flatten, x);
    x = cor_call(self->linear1, x);
    return cor_call(self->linear2, x);
}

int main(int argc, char **argv) {
    const char *logs = argc > 1 ? argv[1] : "build/course/p22";
    cor_manual_seed(0);
    Layers *layers = cor_module_new(Layers, Layers_forward, .init = Layers_init);
    cor_manual_seed(0);
    Net *net = Net_new();
    cor_print_module(net);
    cor_tensor *input = cor_ones(64, 3, 32, 32), *output = cor_call(net, input);
    cor_print_shape(output);
    cor_print(cor_select(cor_detach(output), 0, 0));
    cor_print(cor_all(cor_eq(output, cor_call(layers, input))));

    cor_summary_writer *writer = cor_summary_writer_new(logs);
    cor_summary_add_graph(writer, net);
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
