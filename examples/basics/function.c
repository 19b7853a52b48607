/* A function with a gradient of one's own: rounding has the gradient 0 everywhere, so that nothing behind it learns;
 * the straight-through estimator takes that of the identity, where the input lies between -2 and 2. */
#include <corrie.h>
#include <stdio.h>

static int round_forward(cor_function_context *ctx, cor_tensor *const *inputs, int n_inputs, cor_tensor **outputs,
                         int n_outputs) {
    (void)n_inputs, (void)n_outputs;
    outputs[0] = cor_round(inputs[0]);
    return cor_save_for_backward(ctx, COR_TENSORS(inputs[0]));
}

static int round_backward(cor_function_context *ctx, cor_tensor *const *grads, int n_grads, cor_tensor **results,
                          int n_results) {
    (void)n_grads;
    cor_tensor *x = cor_saved_tensor(ctx, 0);
    results[0] = cor_mul(grads[0], cor_le(cor_abs(x), 2));
    return n_results;
}

static const cor_function straight_through = {"StraightThrough", round_forward, round_backward, false};

int main(void) {
    const float start[] = {0.3f, -1.4f, 2.6f}, goal[] = {1, 1, 1};
    cor_tensor *w = cor_requires_grad_(cor_from(start, 3), true), *target = cor_from(goal, 3);
    cor_tensor *q = cor_function_apply(&straight_through, COR_TENSORS(w));
    cor_print(q);
    cor_optimizer *sgd = cor_sgd(COR_TENSORS(w), .lr = 0.25);
    for (int i = 0; i < 4; i++) {
        cor_scope();
        q = cor_function_apply(&straight_through, COR_TENSORS(w));
        cor_tensor *loss = cor_mse_loss(q, target, .reduction = COR_REDUCTION_SUM);
        if (cor_zero_grad(sgd) != COR_OK || cor_backward(loss) != COR_OK || cor_step(sgd) != COR_OK) break;
        printf("loss %g, gradient", cor_item(loss));
        for (int k = 0; k < 3; k++) printf(" %g", cor_item(cor_select(cor_grad(w), 0, k)));
        printf("\n");
    }
    cor_print(w);
    return cor_report();
}
