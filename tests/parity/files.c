/* files.c: files for files.py, which the safetensors and tensorboard packages read.
 * usage: parity_files write|read FOLDER. read saves again what the package saved. */
#include <corrie.h>
#include <corrie/checkpoint.h>
#include <corrie/io.h>
#include <corrie/summary.h>
#include <stdio.h>
#include <string.h>

static const char *in(const char *folder, const char *name) {
    static char paths[4][1024];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static cor_module *a_net(void) {
    cor_manual_seed(4);
    return cor_nn_sequential(cor_nn_conv2d(3, 4, 3), cor_nn_batch_norm2d(4), cor_nn_sequential(cor_nn_relu()));
}

static int write_tensors(const char *folder) {
    const char *const metadata[] = {"format", "pt", NULL};
    cor_dict *tensors = cor_dict_new();
    for (int dtype = COR_BOOL; dtype <= COR_FLOAT64; dtype++)
        cor_dict_set(tensors, cor_dtype_name((cor_dtype)dtype),
                     cor_to(cor_reshape(cor_arange(0, 6), 2, 3), (cor_dtype)dtype));
    cor_dict_set(tensors, "turned", cor_transpose(cor_reshape(cor_arange(0, 6), 2, 3), 0, 1));
    cor_dict_set(tensors, "scalar \"quoted\"", cor_scalar(2.5));
    cor_dict_set(tensors, "none", cor_zeros(0, 3));
    int code = cor_save_safetensors(in(folder, "tensors.safetensors"), tensors, metadata);
    return code == COR_OK ? cor_save(a_net(), in(folder, "net.safetensors")) : code;
}

static int write_checkpoint(const char *folder) {
    cor_checkpoint *c = cor_checkpoint_new();
    cor_manual_seed(6);
    (void)cor_randn(3);
    cor_checkpoint_add_module(c, "model", a_net());
    cor_manual_seed(6);
    (void)cor_randn(3);
    cor_checkpoint_add_generator(c, "rng", COR_GENERATOR_DEFAULT);
    cor_checkpoint_add_int(c, "epoch", 12);
    cor_checkpoint_add_text(c, "sampler", "{\"at\": 5}\n\t\x01");
    return cor_checkpoint_save(c, in(folder, "checkpoint.safetensors"));
}

static int write_events(const char *folder) {
    const char *const tags[] = {"train", "valid"};
    const double losses[] = {1, 2};
    cor_summary_writer *w = cor_summary_writer_new(in(folder, "events"));
    for (int64_t i = 0; i < 100; i++)
        cor_summary_add_scalar(w, "loss", 1.0 / (double)(i + 1), i, .walltime = 1e9 + (double)i);
    cor_summary_add_scalars(w, "losses", tags, losses, 2, 7);
    cor_summary_add_text(w, "notes", "**bold** caf\xc3\xa9", 3);
    cor_manual_seed(1);
    cor_summary_add_histogram(w, "values", cor_sub(cor_rand(1000), 0.5), 5);
    cor_summary_add_image(w, "picture", cor_div(cor_reshape(cor_arange(0, 60), 3, 4, 5), 59), 1);
    cor_summary_add_images(w, "pictures", cor_div(cor_reshape(cor_arange(0, 9 * 20), 9, 1, 4, 5), 179), 2,
                           .padding = 0);
    cor_summary_add_graph(w, a_net());
    return cor_summary_writer_close(w);
}

static int read_again(const char *folder) {
    const char *const metadata[] = {"key", "value", NULL};
    return cor_save_safetensors(in(folder, "again.safetensors"),
                                cor_load_safetensors(in(folder, "package.safetensors")), metadata);
}

int main(int argc, char **argv) {
    if (argc != 3 || (strcmp(argv[1], "write") != 0 && strcmp(argv[1], "read") != 0)) return 2;
    const char *folder = argv[2];
    if (argv[1][0] == 'r') (void)!read_again(folder);
    else if (write_tensors(folder) == COR_OK && write_checkpoint(folder) == COR_OK) (void)write_events(folder);
    return cor_report();
}
