/* Chapter 21: a linear layer. Look at the shapes: a whole batch becomes one line of 64 x 3 x 32 x 32 numbers. The last
 * batch is smaller and would not fit, so .drop_last leaves it out.
 *
 * usage: p21_linear [FOLDER], a folder with the binary version of CIFAR-10 */
#include "pictures.h"

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "data/digits";
    cor_loader *loader = cor_data_loader(course_pictures(folder, false), .batch_size = 64, .drop_last = true);
    cor_module *linear = cor_nn_linear(196608, 10);
    cor_tensor *imgs;
    while (cor_next_batch(loader, &imgs, NULL)) {
        cor_scope();
        cor_tensor *line = cor_flatten(imgs), *output = cor_call(linear, line);
        cor_print_shape(imgs);
        cor_print_shape(line);
        cor_print_shape(output);
    }
    return cor_report();
}
