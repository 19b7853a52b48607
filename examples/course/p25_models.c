/* Chapter 25: a well-known network, and how to change it for one's own classes. VGG-16 gives 1000 scores. Look at the
 * end of the printed classifier: one way adds a layer behind it, the other puts another in the place of its last. A
 * new network has random weights; cor_load(vgg16, "vgg16.safetensors") of corrie/io.h reads trained ones.
 *
 * usage: p25_models */
#include <corrie.h>

int main(void) {
    cor_module *vgg16 = cor_get_model("vgg16");
    cor_print_module(vgg16);
    cor_module *classifier = cor_get_submodule(vgg16, "classifier");

    cor_add_module(classifier, "add_linear", cor_nn_linear(1000, 10));
    cor_print_module(classifier);

    if (cor_delete_entry(classifier, "add_linear") != COR_OK) return cor_report();
    cor_module_set_at(classifier, 6, cor_nn_linear(4096, 10));
    cor_print_module(classifier);
    return cor_report();
}
