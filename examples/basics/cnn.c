/* A network with a constructor: a convolution, a pool and a linear layer, printed and called on a batch of images. */
#include <corrie.h>

typedef struct {
    cor_module base;
    cor_module *conv, *fc;
} Net;

static void Net_init(cor_module *m) {
    cor_set_module(m, Net, conv, cor_nn_conv2d(3, 8, 5, .padding = 2));
    cor_set_module(m, Net, fc, cor_nn_linear(8 * 16 * 16, 10));
}

static cor_tensor *Net_forward(cor_module *m, cor_tensor *x) {
    Net *self = (Net *)m;
    x = cor_max_pool2d(cor_relu(cor_call(self->conv, x)), 2);
    return cor_call(self->fc, cor_flatten(x, .start_dim = 1));
}

int main(void) {
    cor_manual_seed(0);
    Net *net = cor_module_new(Net, Net_forward, .init = Net_init);
    cor_eval(net);
    cor_print_module(net);
    cor_print_shape(cor_call(net, cor_ones(4, 3, 32, 32)));
    cor_print(cor_argmax(cor_call(net, cor_ones(4, 3, 32, 32)), .dim = 1));
    return cor_report();
}
