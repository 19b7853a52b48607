/* Chapter 8: curves in TensorBoard. Look at the chart y=2x after running the command that is printed.
 *
 * usage: p08_tensorboard_scalars [LOGS] */
#include <corrie.h>
#include <corrie/summary.h>
#include <stdio.h>

int main(int argc, char **argv) {
    const char *logs = argc > 1 ? argv[1] : "build/course/p08";
    cor_summary_writer *writer = cor_summary_writer_new(logs);
    for (int i = 0; i < 100; i++) cor_summary_add_scalar(writer, "y=2x", 2 * i, i);
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
