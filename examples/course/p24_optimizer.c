/* Chapter 24: an optimizer changes the parameters by their gradients. Look at the loss of each epoch, and at the order
 * of the three calls: gradients away, backward, step.
 *
 * usage: p24_optimizer [FOLDER [EPOCHS]], a folder with the binary version of CIFAR-10 */
#include "net.h"
#include "pictures.h"
#include <stdlib.h>

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "data/digits";
    const int epochs = argc > 2 ? atoi(argv[2]) : 3;
    cor_loader *loader = cor_data_loader(course_pictures(folder, false), .batch_size = 8);
    cor_module *loss_fn = cor_nn_cross_entropy_loss();
    cor_manual_seed(0);
    Net *net = Net_new();
    cor_optimizer *optim = cor_sgd(cor_parameters(net), .lr = 0.1);
    for (int epoch = 0; epoch < epochs; epoch++) {
        double running_loss = 0;
        cor_tensor *imgs, *targets;
        while (cor_next_batch(loader, &imgs, &targets)) {
            cor_scope();
            cor_tensor *loss = cor_call2(loss_fn, cor_call(net, imgs), targets);
            cor_zero_grad(optim);
            if (cor_backward(loss) == COR_OK) cor_step(optim);
            running_loss += cor_item(loss);
        }
        printf("epoch %d: loss %.1f\n", epoch, running_loss);
    }
    return cor_report();
}
