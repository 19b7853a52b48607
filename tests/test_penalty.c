/* A critic's step with a gradient penalty (Improved Training of Wasserstein GANs, 2017), against
 * PyTorch's gradients of penalty.txt. */
#include "support/golden.h"
#include <corrie.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PARAMETERS = 10, RESULTS = PARAMETERS + 2 };

static void fill(cor_tensor *t, int64_t factor, int64_t offset, int64_t modulus, int64_t less, double divisor) {
    double *data = cor_data(t);
    for (int64_t i = 0; i < cor_numel(t); i++) data[i] = (double)((i * factor + offset) % modulus - less) / divisor;
}

static cor_tensor *pictures(int64_t factor, int64_t offset, int64_t modulus, int64_t less, double divisor) {
    cor_tensor *t = cor_zeros_of(COR_FLOAT64, 3, 2, 6, 6);
    fill(t, factor, offset, modulus, less, divisor);
    return t;
}

static cor_module *make_critic(void) {
    cor_module *net = cor_nn_sequential(cor_nn_conv2d(2, 4, 3, .padding = 1), cor_nn_batch_norm2d(4),
                                        cor_nn_leaky_relu(.negative_slope = 0.2), cor_nn_conv2d(4, 6, 3, .stride = 2),
                                        cor_nn_batch_norm2d(6), cor_nn_leaky_relu(.negative_slope = 0.2),
                                        cor_nn_flatten(), cor_nn_linear(24, 1));
    assert_int_equal(cor_module_to(net, COR_FLOAT64), COR_OK);
    cor_dict *parameters = cor_parameters(net);
    assert_int_equal(cor_dict_count(parameters), PARAMETERS);
    for (int p = 0; p < PARAMETERS; p++) fill(cor_dict_tensor_at(parameters, p), 7, 3 * p, 17, 8, 24);
    return net;
}

/* The loss, the gradient between the pictures, and those of the parameters. */
static int step(cor_module *net, cor_tensor *results[RESULTS]) {
    cor_tensor *real = pictures(5, 1, 13, 6, 6), *fake = pictures(11, 4, 19, 9, 8), *grad = NULL;
    cor_tensor *share = cor_view(cor_mul(cor_arange(1, 4, .dtype = COR_FLOAT64), 0.25), 3, 1, 1, 1);
    cor_tensor *between = cor_add(cor_mul(fake, share), cor_mul(real, cor_sub(1, share)));
    cor_requires_grad_(between, true);
    if (cor_autograd_grad(COR_TENSORS(cor_sum(cor_call(net, between))), COR_TENSORS(between), &grad,
                          .create_graph = true) != COR_OK)
        return cor_error();
    cor_tensor *norm = cor_norm(cor_flatten(grad, .start_dim = 1), .dim = 1);
    cor_tensor *penalty = cor_mean(cor_pow(cor_sub(norm, 1), 2));
    cor_tensor *loss = cor_sub(cor_mean(cor_call(net, fake)), cor_mean(cor_call(net, real)));
    loss = cor_add(loss, cor_mul(penalty, 10));
    if (cor_backward(loss) != COR_OK) return cor_error();
    results[0] = loss;
    results[1] = grad;
    for (int p = 0; p < PARAMETERS; p++) results[2 + p] = cor_grad(cor_dict_tensor_at(cor_parameters(net), p));
    return cor_error();
}

/* The largest difference of a result from the expected one. */
static double difference(const golden_record *record, int i, cor_tensor *result) {
    char key[16];
    golden_tensor expected;
    snprintf(key, sizeof key, "out%d", i);
    assert_true(golden_parse_tensor(golden_get(record, key), &expected));
    result = cor_contiguous(cor_detach(result));
    assert_int_equal(cor_dtype_of(result), COR_FLOAT64);
    assert_int_equal(cor_numel(result), expected.count);
    double *values = malloc((size_t)expected.count * sizeof *values), largest = 0;
    golden_fill(&expected, values);
    const double *own = cor_data_const(result);
    for (int64_t k = 0; k < expected.count; k++) largest = fmax(largest, fabs(own[k] - values[k]));
    for (int64_t k = 0; k < expected.count; k++) assert_true(isfinite(own[k]));
    free(values);
    return largest;
}

static void second_gradients_through_a_network(void **unused) {
    (void)unused;
    golden_file *file = golden_open("penalty.txt");
    golden_record record;
    int records = 0;
    double largest = 0;
    for (; golden_next(file, &record) == 1; records++) {
        cor_scope();
        cor_tensor *results[RESULTS];
        cor_module *net = make_critic();
        if (strcmp(golden_get(&record, "mode"), "eval") == 0) assert_int_equal(cor_eval(net), COR_OK);
        assert_int_equal(step(net, results), COR_OK);
        for (int i = 0; i < RESULTS; i++) largest = fmax(largest, difference(&record, i, results[i]));
    }
    golden_close(file);
    print_message("%d steps, largest difference %.1e\n", records, largest);
    assert_int_equal(records, 2);
    assert_true(largest <= 1e-9);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(second_gradients_through_a_network)};
    return cmocka_run_group_tests_name("gradient penalty", tests, NULL, NULL);
}
