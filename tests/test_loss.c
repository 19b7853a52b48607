/* Losses: the values and the refusals that PyTorch gives. */
#include <corrie.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static cor_tensor *logits(void) { return cor_from(((float[3][3]){{1, 2, 3}, {1, 0, -1}, {.5F, .5F, .5F}}), 3, 3); }
static cor_tensor *targets(int64_t a, int64_t b, int64_t c) { return cor_from(((int64_t[3]){a, b, c}), 3); }
static cor_tensor *weights(void) { return cor_from(((float[3]){1, 2, 3}), 3); }
static cor_tensor *shares(void) { return cor_from(((float[3][3]){{.2F, .3F, .5F}, {1, 0, 0}, {0, .5F, .5F}}), 3, 3); }

static void expect(cor_tensor *found, int n, const double *values) {
    if (found == NULL) fail_msg("%s", cor_error_message());
    assert_int_equal(cor_numel(found), n);
    const float *data = cor_data_const(found);
    for (int i = 0; i < n; i++)
        if (!(fabs((double)data[i] - values[i]) <= 1e-6 * fmax(1, fabs(values[i]))))
            fail_msg("element %d is %.9g, expected %.9g", i, (double)data[i], values[i]);
}
#define EXPECT(found, ...)                                                                                             \
    expect((found), (int)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)), (const double[]){__VA_ARGS__})

static void cross_entropy(void **unused) {
    (void)unused;
    cor_scope();
    EXPECT(cor_cross_entropy(logits(), targets(2, 0, 1)), 0.63794136);
    EXPECT(cor_cross_entropy(logits(), targets(2, 0, 1), .reduction = COR_REDUCTION_NONE), .40760595, .40760595,
           1.09861231);
    EXPECT(cor_cross_entropy(logits(), targets(2, 0, 1), .reduction = COR_REDUCTION_SUM), 1.91382408);
    EXPECT(cor_cross_entropy(logits(), targets(2, 0, 1), .weight = weights()), 0.63794142);
    EXPECT(cor_cross_entropy(logits(), targets(2, -100, 1)), 0.75310910);
    EXPECT(cor_cross_entropy(logits(), targets(0, 0, 1), .ignore_index = 0), 1.09861231);
    EXPECT(cor_cross_entropy(logits(), targets(2, 0, 1), .label_smoothing = .1), 0.70460802);
    EXPECT(cor_cross_entropy(logits(), targets(2, 0, 1), .label_smoothing = .1, .weight = weights()), 0.70460808);
    EXPECT(cor_cross_entropy(logits(), targets(2, 0, 1), .label_smoothing = .1, .weight = weights(),
                             .reduction = COR_REDUCTION_NONE),
           1.31539059, .71503317, 2.19722462);
    EXPECT(cor_cross_entropy(logits(), shares()), 0.87127471);
    EXPECT(cor_cross_entropy(logits(), shares(), .weight = weights()), 1.69720995);
    EXPECT(cor_cross_entropy(logits(), shares(), .label_smoothing = .1, .reduction = COR_REDUCTION_NONE), 1.13760591,
           .50760597, 1.09861231);
    cor_tensor *none = cor_cross_entropy(logits(), targets(-100, -100, -100));
    assert_true(isnan(cor_item(none)));
}

static void pairs(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *d = cor_from(((float[3]){0, .5F, 2}), 3), *zero = cor_zeros(3);
    EXPECT(cor_smooth_l1_loss(d, zero, .reduction = COR_REDUCTION_NONE), 0, .125, 1.5);
    EXPECT(cor_smooth_l1_loss(d, zero, .beta = .5, .reduction = COR_REDUCTION_NONE), 0, .25, 1.75);
    EXPECT(cor_smooth_l1_loss(d, zero, .beta = 0), .83333331);
    EXPECT(cor_huber_loss(d, zero, .reduction = COR_REDUCTION_NONE), 0, .125, 1.5);
    EXPECT(cor_huber_loss(d, zero, .delta = .5, .reduction = COR_REDUCTION_NONE), 0, .125, .875);
    EXPECT(cor_mse_loss(d, cor_add(d, 2), .reduction = COR_REDUCTION_SUM), 12);
    EXPECT(cor_l1_loss(d, zero), .83333331);
    cor_tensor *p = cor_from(((float[4]){.1F, .9F, 0, 1}), 4), *t = cor_from(((float[4]){0, 1, 1, 0}), 4);
    EXPECT(cor_binary_cross_entropy(p, t, .reduction = COR_REDUCTION_NONE), .10536055, .10536055, 100, 100);
    cor_tensor *x = cor_from(((float[4]){0, 2, -3, 100}), 4), *y = cor_from(((float[4]){1, 0, .5F, 0}), 4);
    EXPECT(cor_binary_cross_entropy_with_logits(x, y, .reduction = COR_REDUCTION_NONE), .69314718, 2.12692809,
           1.54858732, 100);
    EXPECT(cor_binary_cross_entropy_with_logits(cor_narrow(x, 0, 0, 3), cor_narrow(y, 0, 0, 3),
                                                .pos_weight = cor_from(((float[3]){2, 3, 4}), 3),
                                                .reduction = COR_REDUCTION_NONE),
           1.38629436, 2.12692809, 6.12146854);
}

/* The loss of a leaf tells its node as PyTorch does. */
static void nodes(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = cor_requires_grad_(logits(), true), *t = targets(2, 0, 1), *z = cor_zeros(3, 3);
    assert_string_equal(cor_grad_fn(cor_cross_entropy(x, t)), "NllLossBackward0");
    assert_string_equal(cor_grad_fn(cor_cross_entropy(x, t, .label_smoothing = .1)), "AddBackward0");
    assert_string_equal(cor_grad_fn(cor_mse_loss(x, z)), "MseLossBackward0");
    assert_string_equal(cor_grad_fn(cor_l1_loss(x, z)), "MeanBackward0");
    assert_string_equal(cor_grad_fn(cor_smooth_l1_loss(x, z)), "SmoothL1LossBackward0");
    assert_string_equal(cor_grad_fn(cor_huber_loss(x, z)), "HuberLossBackward0");
    assert_string_equal(cor_grad_fn(cor_binary_cross_entropy(cor_sigmoid(x), z)), "BinaryCrossEntropyBackward0");
    assert_string_equal(cor_grad_fn(cor_binary_cross_entropy_with_logits(x, z)),
                        "BinaryCrossEntropyWithLogitsBackward0");
    assert_string_equal(cor_grad_fn(cor_kl_div(x, z)), "MeanBackward0");
    assert_int_equal(cor_error(), COR_OK);
}

static void refuses(cor_tensor *result, const char *text) {
    assert_null(result);
    assert_non_null(strstr(cor_error_message(), text));
    cor_error_clear();
}

static void refusals(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = logits(), *z = cor_zeros(3, 3), *t = targets(0, 1, 2);
    refuses(cor_cross_entropy(x, cor_narrow(t, 0, 0, 2)),
            "Expected input batch_size (3) to match target batch_size (2).");
    refuses(cor_cross_entropy(x, targets(0, 1, 3)), "Target 3 is out of bounds.");
    refuses(cor_cross_entropy(x, targets(0, 1, -1)), "Target -1 is out of bounds.");
    refuses(cor_cross_entropy(x, cor_to(t, COR_INT32)), "expected target dtype to be Long or Byte, but got Int");
    refuses(cor_cross_entropy(x, cor_to(z, COR_INT64)),
            "Expected floating point type for target with class probabilities, got Long");
    refuses(
        cor_cross_entropy(x, t, .weight = cor_ones(2)),
        "weight tensor should be defined either for all 3 classes or no classes but got weight tensor of shape: [2]");
    refuses(cor_cross_entropy(x, t, .label_smoothing = 1.5), "label_smoothing must be between 0.0 and 1.0. Got: 1.5");
    refuses(cor_cross_entropy(cor_zeros(2, 3, 4), cor_zeros_of(COR_INT64, 2)), "Expected target size [2, 4], got [2]");
    refuses(cor_nll_loss(x, cor_select(t, 0, 0)), "Expected input batch_size (3) to match target batch_size (0).");
    refuses(cor_nll_loss(cor_zeros(), cor_select(t, 0, 0)), "Expected 1 or more dimensions (got 0)");
    refuses(cor_mse_loss(x, cor_zeros(2)), "The size of tensor a (3) must match the size of tensor b (2)");
    refuses(cor_mse_loss(t, t), "\"mse_cpu\" not implemented for 'Long'");
    refuses(cor_smooth_l1_loss(x, z, .beta = -1), "smooth_l1_loss does not support negative values for beta.");
    refuses(cor_huber_loss(x, z, .delta = 0), "huber_loss does not support non-positive values for delta.");
    refuses(cor_binary_cross_entropy(x, z), "all elements of input should be between 0 and 1");
    refuses(cor_binary_cross_entropy(z, cor_zeros(3)),
            "Using a target size (torch.Size([3])) that is different to the input size (torch.Size([3, 3]))");
    refuses(cor_binary_cross_entropy_with_logits(x, cor_zeros(3)),
            "Target size (torch.Size([3])) must be the same as input size (torch.Size([3, 3]))");
    refuses(cor_mse_loss(x, z, .reduction = (cor_reduction)7), "7 is not a valid value for reduction");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(cross_entropy), cmocka_unit_test(pairs),
                                       cmocka_unit_test(nodes), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}
