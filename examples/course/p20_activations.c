/* Chapter 20: activations, which bend what layers compute. Look at the negative numbers.
 *
 * usage: p20_activations [FOLDER [LOGS]], a folder with the binary version of CIFAR-10 */
#include "pictures.h"
#include <corrie/summary.h>

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "data/digits", *logs = argc > 2 ? argv[2] : "build/course/p20";
    float numbers[2][2] = {{1, -0.5F}, {-1, 3}};
    cor_tensor *input = cor_reshape(cor_from(numbers, 2, 2), -1, 1, 2, 2);
    cor_module *relu = cor_nn_relu(), *sigmoid = cor_nn_sigmoid();
    cor_print(cor_call(relu, input));
    cor_print(cor_call(sigmoid, input));

    cor_loader *loader = cor_data_loader(course_pictures(folder, false), .batch_size = 64);
    cor_summary_writer *writer = cor_summary_writer_new(logs);
    cor_tensor *imgs;
    for (int step = 0; cor_next_batch(loader, &imgs, NULL); step++) {
        cor_scope();
        cor_summary_add_images(writer, "input", imgs, step);
        cor_summary_add_images(writer, "output", cor_call(sigmoid, imgs), step);
    }
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
