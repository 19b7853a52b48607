/* Chapters 10 and 11: ToTensor. Look at what it changes: the order of the dimensions, the dtype, and the range of the
 * values, from 0..255 to 0..1.
 *
 * usage: p10_to_tensor [PICTURE [LOGS]] */
#include <corrie.h>
#include <corrie/io.h>
#include <corrie/summary.h>
#include <stdio.h>

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "examples/data/cat.png", *logs = argc > 2 ? argv[2] : "build/course/p10";
    cor_tensor *array = cor_permute(cor_load_image(path), 1, 2, 0); /* as other programs give a picture */
    cor_tensor *tensor = cor_to_tensor(array);
    cor_print_shape(array);
    cor_print_shape(tensor);
    cor_print(cor_select(cor_select(array, 0, 0), 0, 0));  /* array[0][0], the first pixel */
    cor_print(cor_select(cor_select(tensor, 1, 0), 1, 0)); /* tensor[:, 0, 0], the same one */
    cor_summary_writer *writer = cor_summary_writer_new(logs);
    cor_summary_add_image(writer, "tensor", tensor, 0);
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
