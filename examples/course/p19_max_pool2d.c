/* Chapter 19: max pooling keeps the largest element of each window. Look at .ceil_mode: whether windows count that
 * reach beyond the edge. The stride is the kernel's size when it is not given.
 *
 * usage: p19_max_pool2d [FOLDER [LOGS]], a folder with the binary version of CIFAR-10 */
#include "pictures.h"
#include <corrie/summary.h>

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "data/digits", *logs = argc > 2 ? argv[2] : "build/course/p19";
    float image[5][5] = {{1, 2, 0, 3, 1}, {0, 1, 2, 3, 1}, {1, 2, 1, 0, 0}, {5, 2, 3, 1, 1}, {2, 1, 0, 1, 1}};
    cor_tensor *input = cor_reshape(cor_from(image, 5, 5), -1, 1, 5, 5);
    cor_module *ceil_pool = cor_nn_max_pool2d(3, .ceil_mode = true), *floor_pool = cor_nn_max_pool2d(3);
    cor_print(cor_call(ceil_pool, input));
    cor_print(cor_call(floor_pool, input));

    cor_loader *loader = cor_data_loader(course_pictures(folder, false), .batch_size = 64);
    cor_summary_writer *writer = cor_summary_writer_new(logs);
    cor_tensor *imgs;
    for (int step = 0; cor_next_batch(loader, &imgs, NULL); step++) {
        cor_scope();
        cor_summary_add_images(writer, "input", imgs, step);
        cor_summary_add_images(writer, "output", cor_call(ceil_pool, imgs), step);
    }
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
