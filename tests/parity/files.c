/* files.c: files for files.py, which the safetensors package reads.
 * usage: parity_files write|read FOLDER. read saves again what the package saved. */
#include <corrie.h>
#include <corrie/checkpoint.h>
#include <corrie/io.h>
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

static int read_again(const char *folder) {
    const char *const metadata[] = {"key", "value", NULL};
    return cor_save_safetensors(in(folder, "again.safetensors"),
                                cor_load_safetensors(in(folder, "package.safetensors")), metadata);
}

int main(int argc, char **argv) {
    if (argc != 3 || (strcmp(argv[1], "write") != 0 && strcmp(argv[1], "read") != 0)) return 2;
    const char *folder = argv[2];
    if (argv[1][0] == 'r') (void)!read_again(folder);
    else if (write_tensors(folder) == COR_OK) (void)write_checkpoint(folder);
    return cor_report();
}
