/* events.c: event files for events.py, which the tensorboard package reads.  usage: parity_events FOLDER */
#include <corrie.h>
#include <corrie/summary.h>
#include <math.h>

static void add_scalars(cor_summary_writer *w) {
    static const double odd[] = {NAN, INFINITY, -INFINITY, -0.0, 1e-45, 3.5e38, -7.25};
    const char *const tags[] = {"train", "valid"};
    for (int64_t i = 0; i < 100; i++)
        cor_summary_add_scalar(w, "loss", 1.0 / (double)(i + 1), i, .walltime = 1e9 + (double)i);
    for (int64_t i = 0; i < 7; i++) cor_summary_add_scalar(w, "odd/values", odd[i], 10 * i, .walltime = 2e9 + 0.125);
    for (int64_t i = 0; i < 3; i++) {
        const double losses[] = {1.0 / (double)(i + 2), (double)i};
        cor_summary_add_scalars(w, "losses", tags, losses, 2, 7 + i, .walltime = 5 + (double)i);
    }
}

static void add_texts(cor_summary_writer *w) {
    cor_summary_add_text(w, "notes", "**bold** caf\xc3\xa9", 3, .walltime = 1);
    cor_summary_add_text(w, "notes", "", 4, .walltime = 2);
    cor_summary_add_text(w, "table", "| a | b |\n|---|---|\n| 1 | 2 |", 0, .walltime = 3);
}

static void add_histograms(cor_summary_writer *w) {
    cor_manual_seed(1);
    cor_summary_add_histogram(w, "values", cor_sub(cor_rand(1000), 0.5), 5, .walltime = 1);
    cor_summary_add_histogram(w, "values", cor_mul(cor_rand(7, 11), 1e6), 6, .walltime = 2);
    cor_summary_add_histogram(w, "whole", cor_sub(cor_arange(0, 50), 20), 1, .walltime = 3);
    cor_summary_add_histogram(w, "wide", cor_sub(cor_rand_of(COR_FLOAT64, 300), 0.25), 2, .walltime = 4);
    cor_summary_add_histogram(w, "one", cor_full(0, 4), 3, .walltime = 5);
}

static void add_pictures(cor_summary_writer *w) {
    cor_manual_seed(2);
    cor_tensor *floats = cor_sub(cor_mul(cor_rand(3, 6, 5), 1.5), 0.25), *bytes = cor_to(cor_arange(0, 72), COR_UINT8);
    cor_summary_add_image(w, "picture", floats, 1, .walltime = 1);
    cor_summary_add_image(w, "bytes", cor_reshape(bytes, 4, 6, 3), 2, .walltime = 2, .dataformats = "HWC");
    cor_summary_add_image(w, "grey", cor_rand(4, 5), 3, .walltime = 3, .dataformats = "HW");
    cor_summary_add_image(w, "clear", cor_rand(4, 3, 7), 4, .walltime = 4);
    cor_summary_add_images(w, "pictures", cor_rand(9, 1, 4, 5), 5, .walltime = 5, .padding = 0);
    cor_summary_add_images(w, "colours", cor_rand(10, 4, 6, 3), 6, .walltime = 6, .padding = 0, .dataformats = "NHWC");
    cor_summary_add_images(w, "grid", cor_rand(7, 3, 4, 5), 7, .walltime = 7, .nrow = 3);
}

static cor_module *a_net(void) {
    return cor_nn_sequential(cor_nn_conv2d(3, 4, 3), cor_nn_batch_norm2d(4), cor_nn_sequential(cor_nn_relu()));
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    cor_scope();
    cor_summary_writer *w = cor_summary_writer_new(argv[1]);
    add_scalars(w);
    add_texts(w);
    add_histograms(w);
    add_pictures(w);
    cor_summary_add_graph(w, a_net(), .walltime = 9);
    (void)cor_summary_writer_close(w);
    return cor_report();
}
