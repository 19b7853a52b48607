/* Chapter 23: a network's loss and the backward pass. Look at the gradient of a weight, which is not there before and
 * is of the weight's shape after.
 *
 * usage: p23_backward [FOLDER], a folder with the binary version of CIFAR-10 */
#include "net.h"
#include "pictures.h"

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "data/digits";
    cor_loader *loader = cor_data_loader(course_pictures(folder, false), .batch_size = 64);
    cor_module *loss_fn = cor_nn_cross_entropy_loss();
    cor_manual_seed(0);
    Net *net = Net_new();
    cor_tensor *weight = cor_get_parameter(net->model, "0.weight"), *imgs, *targets;
    if (!cor_next_batch(loader, &imgs, &targets)) return cor_report();
    cor_tensor *loss = cor_call2(loss_fn, cor_call(net, imgs), targets);
    printf("loss %.3f, made by %s\n", cor_item(loss), cor_grad_fn(loss));
    printf("before: %s\n", cor_grad(weight) == NULL ? "no gradient" : "a gradient");
    if (cor_backward(loss) != COR_OK) return cor_report();
    printf("after: a gradient of norm %.3f and ", cor_item(cor_norm(cor_grad(weight))));
    cor_print_shape(cor_grad(weight));
    return cor_report();
}
