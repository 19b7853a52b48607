/* Chapter 9: pictures in TensorBoard. Look at the order of the dimensions: Corrie reads a picture as (C, H, W), other
 * programs have (H, W, C), and add_image must be told.
 *
 * usage: p09_tensorboard_images [PICTURE [LOGS]] */
#include <corrie.h>
#include <corrie/io.h>
#include <corrie/summary.h>
#include <stdio.h>

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "examples/data/cat.png", *logs = argc > 2 ? argv[2] : "build/course/p09";
    cor_summary_writer *writer = cor_summary_writer_new(logs);
    cor_tensor *image = cor_load_image(path), *array = cor_permute(image, 1, 2, 0);
    cor_print_shape(image);
    cor_print_shape(array);
    cor_summary_add_image(writer, "picture", image, 1);
    cor_summary_add_image(writer, "picture", array, 2, .dataformats = "HWC");
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
