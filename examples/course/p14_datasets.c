/* Chapter 14: a well-known set of pictures, here with a transform that makes tensors of them. Look at a sample, its
 * label, and the class that the label stands for.
 *
 * usage: p14_datasets [FOLDER [LOGS]], a folder with the binary version of CIFAR-10 */
#include "pictures.h"
#include <corrie/summary.h>

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "data/digits", *logs = argc > 2 ? argv[2] : "build/course/p14";
    cor_dataset *train_set = course_pictures(folder, true), *test_set = course_pictures(folder, false);
    cor_tensor *sample[2];
    printf("%d pictures for training, %d for testing\n", (int)cor_dataset_size(train_set),
           (int)cor_dataset_size(test_set));
    for (int64_t i = 0; i < cor_dataset_class_count(test_set); i++)
        printf("class %d: %s\n", (int)i, cor_dataset_class_name(test_set, i));
    cor_summary_writer *writer = cor_summary_writer_new(logs);
    for (int64_t i = 0; i < 10 && cor_dataset_get(test_set, i, sample, 2) == 2; i++) {
        if (i == 0) cor_print_shape(sample[0]);
        if (i == 0) printf("%s\n", cor_dataset_class_name(test_set, cor_item_int(sample[1])));
        cor_summary_add_image(writer, "test_set", sample[0], i);
    }
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
