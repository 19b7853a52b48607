/* Chapter 15: a loader makes batches of a dataset. Look at the sizes of the batches, at the last one, which is smaller
 * without .drop_last, and at the labels, which come in another order in the second epoch.
 *
 * usage: p15_dataloader [FOLDER [LOGS]], a folder with the binary version of CIFAR-10 */
#include "pictures.h"
#include <corrie/summary.h>

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "data/digits", *logs = argc > 2 ? argv[2] : "build/course/p15";
    cor_manual_seed(0);
    cor_loader *loader = cor_data_loader(course_pictures(folder, false), .batch_size = 64, .shuffle = true,
                                         .num_workers = 2, .drop_last = false);
    cor_summary_writer *writer = cor_summary_writer_new(logs);
    cor_tensor *imgs, *targets;
    for (int epoch = 0; epoch < 2; epoch++) {
        char tag[32];
        snprintf(tag, sizeof tag, "epoch %d", epoch);
        for (int step = 0; cor_next_batch(loader, &imgs, &targets); step++) {
            cor_scope();
            cor_print_shape(imgs);
            if (step == 0) cor_print(cor_narrow(targets, 0, 0, 16));
            cor_summary_add_images(writer, tag, imgs, step);
        }
    }
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
