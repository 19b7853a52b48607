/* Gradients that are computed at once, where nobody records the pass, against those of the formulas that can be
 * recorded; and convolutions of few positions with weights that are trained against other implementations.
 * Integer-valued data is compared with ==. */
#include "conv/plan.h"
#include <corrie.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static cor_tensor *integers(cor_dtype dtype, const int64_t *sizes, int n) {
    int64_t all = 1;
    for (int i = 0; i < n; i++) all *= sizes[i];
    return cor_reshape_to(cor_to(cor_randint(-3, 4, all), dtype), sizes, n);
}

static void assert_same(cor_tensor *a, cor_tensor *b, double bound) {
    assert_int_equal(cor_error(), COR_OK);
    assert_int_equal(cor_numel(a), cor_numel(b));
    const double *x = cor_data(cor_to(a, COR_FLOAT64)), *y = cor_data(cor_to(b, COR_FLOAT64));
    for (int64_t i = 0; i < cor_numel(a); i++)
        if (!(fabs(x[i] - y[i]) <= bound * fmax(1, fabs(y[i]))) && !(isnan(x[i]) && isnan(y[i])))
            fail_msg("element %lld is %.17g, not %.17g", (long long)i, x[i], y[i]);
}

/* The gradients of both passes of an output, of which the second is recorded. */
static void check_both(cor_tensor *output, cor_list inputs, double bound) {
    cor_tensor *gradient = integers(cor_dtype_of(output), cor_sizes(output), (int)cor_dim(output)), *once[3],
               *recorded[3];
    const cor_list outputs = COR_LIST(&output, 1);
    assert_int_equal(cor_autograd_grad(outputs, inputs, once, .grad_outputs = &gradient, .retain_graph = true), COR_OK);
    assert_int_equal(cor_autograd_grad(outputs, inputs, recorded, .grad_outputs = &gradient, .create_graph = true),
                     COR_OK);
    for (int64_t i = 0; i < inputs.n; i++) assert_same(once[i], recorded[i], bound);
}

/* Values that are often equal, a NaN here and there, and sides that are odd. */
static void pools_that_halve(void **state) {
    (void)state;
    static const int64_t sides[][2] = {{2, 2}, {4, 6}, {5, 7}, {8, 33}, {3, 64}, {16, 16}, {28, 28}, {1, 8}};
    static const cor_dtype dtypes[] = {COR_FLOAT32, COR_FLOAT64, COR_BFLOAT16};
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
        for (int d = 0; d < 3; d++) {
            cor_scope();
            if (sides[i][0] < 2) continue;
            cor_tensor *x = integers(dtypes[d], (const int64_t[]){2, 3, sides[i][0], sides[i][1]}, 4);
            x = cor_where(cor_lt(cor_rand_like(cor_to(x, COR_FLOAT32)), 0.1), (double)NAN, x);
            x = cor_requires_grad_(cor_to(x, dtypes[d]), true);
            check_both(cor_max_pool2d(x, 2), COR_TENSORS(x), 0);
            cor_tensor *indices, *with = cor_max_pool2d(cor_detach(x), 2, .indices = &indices);
            assert_same(cor_max_pool2d(cor_detach(x), 2), with, 0);
        }
}

static void batch_norms(void **state) {
    (void)state;
    static const int64_t shapes[][4] = {{8, 5, 2, 2}, {2, 3, 4, 4}, {3, 4, 9, 11}, {70, 2, 7, 7}, {1, 2, 40, 50}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        for (int training = 0; training < 2; training++)
            for (int wide = 0; wide < 2; wide++) {
                cor_scope();
                const cor_dtype dtype = wide ? COR_FLOAT64 : COR_FLOAT32;
                const int64_t *s = shapes[i], channels = s[1];
                cor_tensor *x = cor_reshape_to(cor_add(cor_randn(s[0] * s[1] * s[2] * s[3]), 5), s, 4);
                x = cor_requires_grad_(cor_to(x, dtype), true);
                cor_tensor *weight = cor_requires_grad_(cor_to(cor_rand(channels), dtype), true);
                cor_tensor *bias = cor_requires_grad_(cor_to(cor_rand(channels), dtype), true);
                cor_tensor *mean = cor_to(cor_rand(channels), dtype), *var = cor_to(cor_rand(channels), dtype);
                cor_tensor *y = cor_batch_norm(x, mean, var, .weight = weight, .bias = bias, .training = training);
                check_both(y, COR_TENSORS(x, weight, bias), wide ? 1e-10 : 2e-3);
            }
}

static void gates_let_nan_through(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *x = cor_mul(cor_randn(1000), 4);
    x = cor_requires_grad_(cor_where(cor_lt(cor_rand(1000), 0.1), (double)NAN, x), true);
    cor_tensor *nan = cor_isnan(x), *inside = cor_logical_and(cor_gt(x, 0), cor_lt(x, 6));
    cor_tensor *grads[1], *sum = cor_sum(cor_relu(x));
    assert_int_equal(cor_autograd_grad(COR_LIST(&sum, 1), COR_TENSORS(x), grads), COR_OK);
    assert_same(grads[0], cor_to(cor_logical_or(nan, cor_gt(x, 0)), COR_FLOAT32), 0);
    sum = cor_sum(cor_relu6(x));
    assert_int_equal(cor_autograd_grad(COR_LIST(&sum, 1), COR_TENSORS(x), grads), COR_OK);
    assert_same(grads[0], cor_to(cor_logical_or(nan, inside), COR_FLOAT32), 0);
}

/* Sizes n c h w o k stride padding dilation. */
static void convolutions_of_few_positions(void **state) {
    (void)state;
    static const int64_t rows[][9] = {{8, 96, 2, 2, 64, 3, 1, 1, 1},   {2, 64, 4, 4, 300, 1, 1, 0, 1},
                                      {8, 40, 4, 4, 70, 3, 2, 1, 1},   {3, 33, 5, 6, 65, 3, 1, 2, 2},
                                      {1, 128, 7, 7, 128, 5, 3, 0, 1}, {4, 50, 3, 9, 40, 3, 1, 4, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor_scope();
        const int64_t *r = rows[i];
        cor_tensor *x = cor_requires_grad_(integers(COR_FLOAT32, r, 4), true);
        x = i % 2 ? x : cor_transpose(cor_detach(x), 2, 3); /* not contiguous */
        x = cor_requires_grad_(cor_detach(x), true);
        cor_tensor *weight = integers(COR_FLOAT32, (const int64_t[]){r[4], r[1], r[5], r[5]}, 4);
        cor_tensor *bias = integers(COR_FLOAT32, &r[4], 1);
        cor_requires_grad_(weight, true);
        cor_tensor *y[2], *of_x[2], *of_weight[2], *g = NULL, *grads[2];
        for (int forced = 0; forced < 2; forced++) {
            assert_int_equal(cor__conv_force(forced ? "reference" : NULL), COR_OK);
            y[forced] = cor_conv2d(x, weight, .bias = bias, .stride = r[6], .padding = r[7], .dilation = r[8]);
            if (g == NULL) g = integers(COR_FLOAT32, cor_sizes(y[0]), 4);
            assert_int_equal(
                cor_autograd_grad(COR_LIST(&y[forced], 1), COR_TENSORS(x, weight), grads, .grad_outputs = &g), COR_OK);
            of_x[forced] = grads[0];
            of_weight[forced] = grads[1];
        }
        assert_int_equal(cor__conv_force(NULL), COR_OK);
        assert_same(y[0], y[1], 0);
        assert_same(of_x[0], of_x[1], 0);
        assert_same(of_weight[0], of_weight[1], 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_that_halve),
        cmocka_unit_test(batch_norms),
        cmocka_unit_test(gates_let_nan_through),
        cmocka_unit_test(convolutions_of_few_positions),
    };
    cor_manual_seed(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
