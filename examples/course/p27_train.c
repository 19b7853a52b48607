/* Chapters 27 to 29: training whole. Look at the loss going down, at the accuracy on pictures that were not trained
 * on, and at the curves in TensorBoard.
 *
 * usage: p27_train [FOLDER [EPOCHS [OUTPUT]]], a folder with the binary version of CIFAR-10 */
#include "net.h"
#include "pictures.h"
#include <corrie/io.h>
#include <corrie/summary.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "data/digits", *output = argc > 3 ? argv[3] : "build/course/p27";
    const int epochs = argc > 2 ? atoi(argv[2]) : 2;
    cor_manual_seed(0);
    cor_dataset *train_set = course_pictures(folder, true), *test_set = course_pictures(folder, false);
    const int64_t test_size = cor_dataset_size(test_set);
    printf("%d pictures for training, %d for testing\n", (int)cor_dataset_size(train_set), (int)test_size);
    cor_loader *train_loader = cor_data_loader(train_set, .batch_size = 16, .shuffle = true);
    cor_loader *test_loader = cor_data_loader(test_set, .batch_size = 64);

    Net *net = Net_new();
    cor_module *loss_fn = cor_nn_cross_entropy_loss();
    cor_optimizer *optimizer = cor_sgd(cor_parameters(net), .lr = 0.05);
    cor_summary_writer *writer = cor_summary_writer_new(output);

    cor_tensor *imgs, *targets;
    int step = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
        printf("epoch %d\n", epoch);
        cor_train(net);
        while (cor_next_batch(train_loader, &imgs, &targets)) {
            cor_scope();
            cor_tensor *loss = cor_call2(loss_fn, cor_call(net, imgs), targets);
            cor_zero_grad(optimizer);
            if (cor_backward(loss) == COR_OK) cor_step(optimizer);
            cor_summary_add_scalar(writer, "train_loss", cor_item(loss), ++step);
            if (step % 30 == 0) printf("  step %d: loss %.2f\n", step, cor_item(loss));
        }

        cor_eval(net);
        double total_loss = 0;
        int64_t total_right = 0;
        while (cor_next_batch(test_loader, &imgs, &targets)) {
            cor_scope();
            cor_no_grad();
            cor_tensor *outputs = cor_call(net, imgs);
            total_loss += cor_item(cor_call2(loss_fn, outputs, targets));
            total_right += cor_item_int(cor_sum(cor_eq(cor_argmax(outputs, .dim = 1), targets)));
        }
        const double accuracy = (double)total_right / (double)test_size;
        printf("  test: loss %.1f, accuracy %.2f\n", total_loss, accuracy);
        cor_summary_add_scalar(writer, "test_loss", total_loss, epoch);
        cor_summary_add_scalar(writer, "test_accuracy", accuracy, epoch);

        char path[4096];
        snprintf(path, sizeof path, "%s/net_%d.safetensors", output, epoch);
        if (cor_save(net, path) != COR_OK) break;
        printf("  saved as %s\n", path);
    }
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", output);
    return cor_report();
}
