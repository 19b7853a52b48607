/* Chapter 26: two ways to save a network and to read it again. Look at what each file holds: the weights alone, which
 * want a network of the same form, or the weights and the name of a model, which is enough to build it.
 *
 * usage: p26_save [FOLDER] to write to */
#include <corrie.h>
#include <corrie/checkpoint.h>
#include <corrie/io.h>
#include <stdio.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "build/course";
    char weights[4096], whole[4096];
    mkdir(folder, 0777);
    snprintf(weights, sizeof weights, "%s/p26_weights.safetensors", folder);
    snprintf(whole, sizeof whole, "%s/p26_whole.safetensors", folder);
    cor_module *net = cor_get_model("course");
    cor_tensor *input = cor_ones(1, 3, 32, 32), *output = cor_call(net, input);

    /* The first way: the state_dict. */
    if (cor_save(net, weights) != COR_OK) return cor_report();
    cor_module *again = cor_get_model("course");
    if (cor_load(again, weights) != COR_OK) return cor_report();
    cor_dict *state = cor_state_dict(again);
    for (int64_t i = 0; i < cor_dict_count(state); i++) {
        printf("%s ", cor_dict_name_at(state, i));
        cor_print_shape(cor_dict_tensor_at(state, i));
    }
    cor_print(cor_all(cor_eq(cor_call(again, input), output)));

    /* The second way: the state_dict and which model it is of. */
    cor_checkpoint *checkpoint = cor_checkpoint_new();
    cor_checkpoint_add_text(checkpoint, "model", "course");
    cor_checkpoint_add_module(checkpoint, "weights", net);
    if (cor_checkpoint_save(checkpoint, whole) != COR_OK) return cor_report();
    cor_checkpoint *loaded = cor_checkpoint_load(whole);
    cor_module *rebuilt = cor_get_model(cor_checkpoint_text(loaded, "model"));
    if (cor_checkpoint_load_module(loaded, "weights", rebuilt) != COR_OK) return cor_report();
    cor_print(cor_all(cor_eq(cor_call(rebuilt, input), output)));
    printf("written: %s and %s\n", weights, whole);
    return cor_report();
}
