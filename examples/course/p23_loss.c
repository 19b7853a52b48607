/* Chapter 23: losses say how far outputs are from targets. Look at the reductions, sum and mean, and at what cross
 * entropy takes: a score for each class, and the right class.
 *
 * usage: p23_loss */
#include <corrie.h>

int main(void) {
    float three[] = {1, 2, 3}, wanted[] = {1, 2, 5}, scores[] = {0.1F, 0.2F, 0.3F};
    cor_tensor *inputs = cor_from(three, 3), *targets = cor_from(wanted, 3);
    cor_print(cor_call2(cor_nn_l1_loss(.reduction = COR_REDUCTION_SUM), inputs, targets));
    cor_print(cor_call2(cor_nn_l1_loss(), inputs, targets));
    cor_print(cor_call2(cor_nn_mse_loss(), inputs, targets));

    int64_t right[] = {1};
    cor_tensor *x = cor_reshape(cor_from(scores, 3), 1, 3), *y = cor_from(right, 1);
    cor_print(cor_call2(cor_nn_cross_entropy_loss(), x, y));
    return cor_report();
}
