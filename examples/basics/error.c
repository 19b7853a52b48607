/* The first error sticks: a whole expression is written, and what went wrong is asked for once. */
#include <corrie.h>
#include <stdio.h>

int main(void) {
    cor_module *net =
        cor_nn_sequential(cor_nn_conv2d(3, 8, 3), cor_nn_relu(), cor_nn_flatten(), cor_nn_linear(100, 10));
    cor_tensor *result = cor_softmax(cor_call(net, cor_zeros(1, 3, 8, 8)), 1);
    cor_error_info error;
    if (result == NULL && cor_error_take(&error) != COR_OK) {
        printf("status     %s\n", cor_status_name(error.code));
        printf("operation  %s of %s\n", error.operation, error.shapes);
        printf("module     %s\n", error.module);
        printf("text       %s\n", error.text);
    }
    cor_print(cor_add(cor_scalar(1.0), 1)); /* taken, the error is gone and work goes on */
    return cor_report();
}
