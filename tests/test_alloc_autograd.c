/* Training with every allocation failing: a failed pass or step changes no gradient and no parameter, and leaves
 * nothing behind. */
#include "support/scenario.h"
#include <corrie.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { PARAMETERS = 4, CLASSES = 3 };

typedef struct network {
    cor_tensor *p[PARAMETERS]; /* weights and biases of a convolution and of a linear layer */
    float before[PARAMETERS][64];
} network;

static cor_tensor *counted(double step, int64_t n) { return cor_mul(cor_sub(cor_arange(0, n), n / 2), step); }

static bool make(network *net) {
    net->p[0] = cor_view(counted(0.25, 18), 2, 1, 3, 3);
    net->p[1] = counted(0.5, 2);
    net->p[2] = cor_view(counted(0.125, CLASSES * 8), CLASSES, 8);
    net->p[3] = counted(0.5, CLASSES);
    for (int i = 0; i < PARAMETERS; i++) net->p[i] = cor_requires_grad_(cor_clone(net->p[i]), true);
    return cor_error() == COR_OK;
}

static cor_tensor *loss_of(const network *net) {
    cor_tensor *x = cor_view(counted(0.5, 32), 2, 1, 4, 4);
    cor_tensor *h = cor_relu(cor_conv2d(x, net->p[0], .bias = net->p[1], .padding = 1));
    h = cor_flatten(cor_max_pool2d(h, 2), .start_dim = 1);
    return cor_cross_entropy(cor_linear(h, net->p[2], .bias = net->p[3]), cor_from(((int64_t[]){2, 0}), 2));
}

/* Remembers the gradients, or the parameters, or fails the test where they are not as remembered. */
static void remember(network *net, bool grads) {
    for (int i = 0; i < PARAMETERS; i++) {
        const cor_tensor *t = grads ? cor_grad(net->p[i]) : net->p[i];
        memset(net->before[i], 0, sizeof net->before[i]);
        if (t != NULL) memcpy(net->before[i], cor_data_const(t), (size_t)cor_numel(t) * sizeof(float));
    }
}

static void check_unchanged(const network *net, bool grads, bool had) {
    for (int i = 0; i < PARAMETERS; i++) {
        const cor_tensor *t = grads ? cor_grad(net->p[i]) : net->p[i];
        if (had != (t != NULL)) fail_msg("a failed pass has made or dropped gradient %d", i);
        else if (had && memcmp(net->before[i], cor_data_const(t), (size_t)cor_numel(t) * sizeof(float)) != 0)
            fail_msg("%s %d has changed", grads ? "gradient" : "parameter", i);
    }
}

/* Two passes, so that the second adds, and a step of SGD; inputs: backward(inputs=...). */
static int train(void *context, scenario_hash *result) {
    network net;
    const bool *inputs = context;
    if (!make(&net)) return cor_error();
    for (int pass = 0; pass < 2; pass++) {
        remember(&net, true);
        cor_tensor *loss = loss_of(&net);
        if (loss == NULL) return cor_error();
        const int code = *inputs ? cor_backward(loss, .inputs = net.p, .n_inputs = PARAMETERS) : cor_backward(loss);
        if (code != COR_OK) {
            check_unchanged(&net, true, pass > 0);
            return code;
        }
        scenario_feed_tensor(result, loss);
    }
    remember(&net, false);
    cor_optimizer *sgd = cor_sgd(COR_LIST(net.p, PARAMETERS), .lr = 0.1, .momentum = 0.9);
    if (sgd == NULL || cor_step(sgd) != COR_OK) {
        check_unchanged(&net, false, true);
        return cor_error();
    }
    for (int i = 0; i < PARAMETERS; i++) scenario_feed_tensor(result, net.p[i]);
    return cor_error();
}

/* Writes through views, retained gradients, a pass that records itself, and its gradients. */
static int differentiate(void *context, scenario_hash *result) {
    (void)context;
    cor_tensor *x = cor_requires_grad_(cor_full(2.0, 3), true), *y = cor_mul(x, x), *v = cor_slice(y, 0, .end = 2), *g;
    if (cor_mul_(v, x == NULL ? NULL : cor_slice(x, 0, .start = 1)) == NULL || cor_retain_grad(y) != COR_OK)
        return cor_error();
    if (cor_autograd_grad(COR_TENSORS(cor_sum(cor_mul(v, v))), COR_TENSORS(x), &g, .create_graph = true) != COR_OK)
        return cor_error();
    scenario_feed_tensor(result, g);
    if (cor_backward(cor_sum(cor_mul(g, y))) != COR_OK) {
        if (cor_grad(x) != NULL) fail_msg("a failed pass has made a gradient");
        return cor_error();
    }
    scenario_feed_tensor(result, cor_grad(x));
    return cor_error();
}

static void every_allocation_fails(void **state) {
    (void)state;
    bool all = false, inputs = true;
    scenario_run("train", train, &all);
    scenario_run("train with inputs", train, &inputs);
    scenario_run("differentiate", differentiate, NULL);
    scenario_print_total();
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
