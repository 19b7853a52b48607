/* Chapter 18: a layer that convolves, on batches of pictures. Look at the shapes: 3 channels become 6, and without
 * padding 32 pixels become 30. TensorBoard shows 3 channels, so the output is reshaped.
 *
 * usage: p18_conv2d [FOLDER [LOGS]], a folder with the binary version of CIFAR-10 */
#include "pictures.h"
#include <corrie/summary.h>

typedef struct {
    cor_module base;
    cor_module *conv1;
} Net;

static void Net_init(cor_module *m) {
    cor_set_module(m, Net, conv1, cor_nn_conv2d(3, 6, 3, .stride = 1, .padding = 0));
}

static cor_tensor *Net_forward(cor_module *m, cor_tensor *x) { return cor_call(((Net *)m)->conv1, x); }

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "data/digits", *logs = argc > 2 ? argv[2] : "build/course/p18";
    cor_loader *loader = cor_data_loader(course_pictures(folder, false), .batch_size = 64);
    Net *net = cor_module_new(Net, Net_forward, .init = Net_init);
    cor_print_module(net);
    cor_summary_writer *writer = cor_summary_writer_new(logs);
    cor_tensor *imgs;
    for (int step = 0; cor_next_batch(loader, &imgs, NULL); step++) {
        cor_scope();
        cor_tensor *output = cor_call(net, imgs);
        cor_print_shape(imgs);
        cor_print_shape(output);
        cor_summary_add_images(writer, "input", imgs, step);
        cor_summary_add_images(writer, "output", cor_reshape(output, -1, 3, 30, 30), step);
    }
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
