/* What a step does beside its formula: threads, layouts, shared memory, half types, versions, groups, states. */
#include "support/optimizers.h"
#include "support/tensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"SGD",      "Adam",  "AdamW",  "RMSprop", "Adagrad",
                                    "Adadelta", "NAdam", "Adamax", "RAdam"};
enum { NAMES = sizeof names / sizeof names[0] };
static const char *const options = "momentum=0.9 centered=true amsgrad=true weight_decay=0.01";

static void expect_error(int code, int status, const char *text) {
    assert_int_equal(code, status);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

static cor_tensor *leaf(cor_tensor *t) { return cor_requires_grad_(cor_detach(t), true); }

/* Whether two tensors have the same bits. */
static bool same(cor_tensor *a, cor_tensor *b) {
    cor_no_grad();
    a = cor_contiguous(a);
    b = cor_contiguous(b);
    assert_int_equal(cor_numel(a), cor_numel(b));
    assert_int_equal(cor_dtype_of(a), cor_dtype_of(b));
    const size_t bytes = (size_t)(cor_numel(a) * cor_dtype_size(cor_dtype_of(a)));
    return memcmp(cor_data_const(a), cor_data_const(b), bytes) == 0;
}

static void step(cor_optimizer *o, cor_tensor *t, uint64_t seed) {
    cor_scope();
    cor_manual_seed(seed);
    cor_tensor *grad = cor_randn_of(cor_dtype_of(t), cor_size(t, 0), cor_numel(t) / cor_size(t, 0));
    assert_int_equal(cor_set_grad(t, cor_reshape_to(grad, cor_sizes(t), cor_dim(t))), COR_OK);
    assert_int_equal(cor_step(o), COR_OK);
}

/* ---- the same bits ---------------------------------------------------------------------------------------------- */

static void test_threads(void **state) {
    (void)state;
    for (int i = 0; i < NAMES; i++) {
        cor_scope();
        cor_tensor *result[3];
        for (int threads = 1; threads <= 3; threads++) {
            cor_manual_seed(5);
            assert_int_equal(cor_set_num_threads(threads), COR_OK);
            cor_tensor *a = leaf(cor_randn(300, 500)), *b = leaf(cor_randn(7, 3)), *c = leaf(cor_randn(100, 900));
            cor_optimizer *o = optimizer_make(names[i], COR_PARAMETERS(COR_TENSORS(a, b, c)), options);
            for (uint64_t s = 0; s < 3; s++) {
                cor_scope();
                assert_int_equal(cor_set_grad(b, cor_randn(7, 3)), COR_OK);
                assert_int_equal(cor_set_grad(c, cor_randn(100, 900)), COR_OK);
                step(o, a, s);
            }
            result[threads - 1] = cor_cat(COR_TENSORS(cor_reshape(a, -1), cor_reshape(b, -1), cor_reshape(c, -1)));
        }
        assert_true(same(result[0], result[1]) && same(result[0], result[2]));
    }
    assert_int_equal(cor_set_num_threads(1), COR_OK);
}

/* A parameter and a gradient of any strides move as contiguous ones do. */
static void test_layouts(void **state) {
    (void)state;
    for (int i = 0; i < NAMES; i++) {
        cor_scope();
        cor_tensor *values = cor_randn(6, 8), *plain = leaf(cor_clone(values));
        cor_tensor *turned = leaf(cor_t(cor_clone(cor_t(values))));
        cor_tensor *wide = cor_zeros(6, 16), *gaps = cor_slice(wide, 1, .step = 2);
        cor_copy_(gaps, values);
        gaps = leaf(gaps);
        cor_tensor *all[] = {plain, turned, gaps};
        cor_optimizer *o[3];
        for (int j = 0; j < 3; j++) o[j] = optimizer_make(names[i], COR_PARAMETERS(COR_LIST(&all[j], 1)), options);
        for (int s = 0; s < 4; s++) {
            cor_tensor *grad = cor_randn(6, 8);
            for (int j = 0; j < 3; j++) {
                cor_tensor *laid = (s + j) % 2 == 0 ? grad : cor_t(cor_clone(cor_t(grad)));
                assert_int_equal(cor_set_grad(all[j], laid), COR_OK);
                assert_int_equal(cor_step(o[j]), COR_OK);
            }
        }
        assert_true(same(plain, turned) && same(plain, gaps));
        assert_true(same(cor_slice(wide, 1, .start = 1, .step = 2), cor_zeros(6, 8)));
    }
}

/* Parameters that share memory move one after the other, whatever the threads; a gradient in the parameter's own memory
 * is read as it was before the step. */
static void test_shared_memory(void **state) {
    (void)state;
    cor_scope();
    enum { N = 1 << 17 };
    cor_tensor *memory = cor_ones(N), *result[2];
    for (int threads = 1; threads <= 2; threads++) {
        assert_int_equal(cor_set_num_threads(threads), COR_OK);
        cor_fill_(memory, 1);
        cor_tensor *a = leaf(memory), *b = leaf(cor_narrow(memory, 0, 100, N - 100));
        cor_optimizer *o = cor_sgd(COR_TENSORS(a, b), .lr = 0.5, .weight_decay = 0.25);
        assert_int_equal(cor_set_grad(a, cor_arange(0, N, .dtype = COR_FLOAT32)), COR_OK);
        assert_int_equal(cor_set_grad(b, cor_ones(N - 100)), COR_OK);
        for (int i = 0; i < 5; i++) assert_int_equal(cor_step(o), COR_OK);
        result[threads - 1] = cor_clone(memory);
    }
    assert_true(same(result[0], result[1]));
    assert_int_equal(cor_set_num_threads(1), COR_OK);
    cor_tensor *x = cor_arange(0, 8, .dtype = COR_FLOAT32), *p = leaf(cor_narrow(x, 0, 1, 4));
    cor_optimizer *o = cor_sgd(COR_TENSORS(p), .lr = 1);
    assert_int_equal(cor_set_grad(p, cor_narrow(x, 0, 0, 4)), COR_OK);
    assert_int_equal(cor_step(o), COR_OK);
    assert_true(same(p, cor_ones(4)));
}

/* ---- half types ------------------------------------------------------------------------------------------------- */

/* One step in float32 from the same values, rounded once. */
static void test_halves(void **state) {
    (void)state;
    static const cor_dtype halves[] = {COR_FLOAT16, COR_BFLOAT16};
    for (int i = 0; i < 2 * NAMES; i++) {
        cor_scope();
        const cor_dtype dtype = halves[i % 2];
        cor_tensor *half = leaf(cor_to(cor_randn(1300), dtype)), *single = leaf(cor_to(cor_detach(half), COR_FLOAT32));
        cor_tensor *grad = cor_to(cor_randn(1300), dtype);
        cor_optimizer *a = optimizer_make(names[i / 2], COR_PARAMETERS(COR_TENSORS(half)), options);
        cor_optimizer *b = optimizer_make(names[i / 2], COR_PARAMETERS(COR_TENSORS(single)), options);
        assert_int_equal(cor_set_grad(half, grad), COR_OK);
        assert_int_equal(cor_set_grad(single, cor_to(grad, COR_FLOAT32)), COR_OK);
        assert_int_equal(cor_step(a), COR_OK);
        assert_int_equal(cor_step(b), COR_OK);
        assert_false(same(half, cor_to(cor_zeros(1300), dtype)));
        assert_true(same(half, cor_to(cor_detach(single), dtype)));
        cor_dict *of_a = cor_optimizer_state(a), *of_b = cor_optimizer_state(b);
        for (int64_t s = 0; s < cor_dict_count(of_a); s++) {
            cor_tensor *t = cor_dict_tensor_at(of_a, s), *other = cor_dict_tensor_at(of_b, s);
            if (cor_dim(t) == 1 && cor_numel(t) == 1300) assert_true(same(t, cor_to(other, dtype)));
        }
    }
}

/* ---- what others see -------------------------------------------------------------------------------------------- */

/* A convolution keeps its weight in another form: a step makes that one stale. */
static void test_convolution(void **state) {
    (void)state;
    cor_scope();
    cor_manual_seed(1);
    cor_module *conv = cor_nn_conv2d(16, 16, 3, .padding = 1);
    cor_optimizer *sgd = cor_sgd(cor_parameters(conv), .lr = 0.5);
    cor_tensor *weight = cor_get_parameter(conv, "weight"), *x = cor_randn(1, 16, 20, 20);
    const int64_t version = cor_version_of(weight);
    {
        cor_no_grad();
        for (int i = 0; i < 3; i++) assert_non_null(cor_call(conv, x));
    }
    assert_int_equal(cor_set_grad(weight, cor_ones_like(weight)), COR_OK);
    assert_int_equal(cor_step(sgd), COR_OK);
    assert_int_equal(cor_version_of(weight), version + 1);
    cor_no_grad();
    cor_tensor *bias = cor_get_parameter(conv, "bias"), *fresh = cor_clone(weight);
    assert_true(same(cor_call(conv, x), cor_conv2d(x, fresh, .bias = bias, .padding = 1)));
}

static void test_zero_grad(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *p = leaf(cor_ones(3)), *grad = cor_ones(3);
    cor_optimizer *o = cor_sgd(COR_TENSORS(p));
    assert_int_equal(cor_set_grad(p, grad), COR_OK);
    assert_int_equal(cor_zero_grad(o, .set_to_none = false), COR_OK);
    assert_true(cor_grad(p) == grad && same(grad, cor_zeros(3)));
    assert_int_equal(cor_zero_grad(o), COR_OK);
    assert_null(cor_grad(p));
    assert_int_equal(cor_step(o), COR_OK); /* nothing to do */
    assert_true(same(p, cor_ones(3)));
}

/* A parameter without elements takes its steps too. */
static void test_empty(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *p[] = {leaf(cor_zeros(0)), leaf(cor_ones(2)), leaf(cor_zeros(0, 3))};
    cor_optimizer *all = cor_adam(COR_LIST(p, 3)), *none = cor_adam(COR_LIST(p, 1));
    for (int i = 0; i < 3; i++) assert_int_equal(cor_set_grad(p[i], cor_ones_like(p[i])), COR_OK);
    assert_int_equal(cor_step(all), COR_OK);
    assert_int_equal(cor_step(none), COR_OK);
    assert_true(cor_item(cor_dict_get(cor_optimizer_state(none), "state.0.step")) == 1);
    assert_true(cor_item(cor_dict_get(cor_optimizer_state(all), "state.2.step")) == 1);
    assert_false(same(p[1], cor_ones(2)));
}

/* ---- groups ----------------------------------------------------------------------------------------------------- */

static void test_groups(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *a = leaf(cor_ones(2)), *b = leaf(cor_ones(2)), *made = cor_add(a, 1);
    cor_optimizer *o = cor_sgd(COR_TENSORS(a), .lr = 0.5);
    assert_int_equal(cor_add_param_group(o, COR_TENSORS(b), .lr = 0.25, .maximize = true), COR_OK);
    assert_int_equal(cor_param_groups(o), 2);
    assert_true(cor_lr(o, 0) == 0.5 && cor_lr(o, 1) == 0.25 && cor_option(o, 1, "maximize") == 1);
    assert_int_equal(cor_set_grad(a, cor_ones(2)), COR_OK);
    assert_int_equal(cor_set_grad(b, cor_ones(2)), COR_OK);
    assert_int_equal(cor_step(o), COR_OK);
    assert_true(same(a, cor_full(0.5, 2)) && same(b, cor_full(1.25, 2)));
    assert_int_equal(cor_set_lr(o, 0, 1), COR_OK);
    assert_int_equal(cor_set_option(o, 1, "maximize", 0), COR_OK);
    assert_int_equal(cor_step(o), COR_OK);
    assert_true(same(a, cor_full(-0.5, 2)) && same(b, cor_ones(2)));
    char *text = cor_optimizer_repr(o);
    assert_non_null(strstr(text, "    weight_decay: 0\n\nParameter Group 1\n    dampening: 0\n"));
    cor_free_text(text);
    assert_null(cor_sgd(COR_LIST(&a, 0)));
    expect_error(COR_EVALUE, COR_EVALUE, "optimizer got an empty parameter list");
    assert_null(cor_sgd(COR_TENSORS(made)));
    expect_error(COR_EVALUE, COR_EVALUE, "can't optimize a non-leaf Tensor");
    assert_null(cor_sgd(COR_TENSORS(a, b, a)));
    expect_error(COR_EVALUE, COR_EVALUE, "optimizer contains a parameter group with duplicate parameters");
    assert_null(cor_sgd(COR_TENSORS(a, COR_NONE)));
    expect_error(COR_EVALUE, COR_EVALUE, "optimizer can only optimize Tensors, but one of the params is NoneType");
    expect_error(cor_add_param_group(o, COR_TENSORS(a)), COR_EVALUE,
                 "some parameters appear in more than one parameter group");
    expect_error(cor_add_param_group(o, COR_TENSORS(leaf(made)), .eps = 1), COR_EKEY,
                 "add_param_group: SGD has no 'eps'");
    expect_error(cor_set_option(o, 0, "eps", 1), COR_EKEY, "option: SGD has no 'eps'");
    expect_error(cor_set_lr(o, 2, 1), COR_EINDEX, "option: group 2 of SGD, which has 2");
    assert_int_equal(cor_param_groups(o), 2);
    cor_optimizer *lbfgs = cor_lbfgs(COR_TENSORS(a));
    expect_error(cor_add_param_group(lbfgs, COR_TENSORS(b)), COR_EVALUE,
                 "LBFGS doesn't support per-parameter options (parameter groups)");
    expect_error(cor_step(lbfgs), COR_EVALUE, "LBFGS.step() missing 1 required positional argument: 'closure'");
    assert_null(cor_lbfgs(COR_TENSORS(a), .line_search_fn = "weak"));
    expect_error(COR_EVALUE, COR_EVALUE, "only 'strong_wolfe' is supported");
}

/* ---- states ----------------------------------------------------------------------------------------------------- */

/* An optimizer that takes over another one's state goes on as that one does. */
static void test_state(void **state) {
    (void)state;
    for (int i = 0; i < NAMES; i++) {
        cor_scope();
        cor_tensor *a = leaf(cor_randn(4, 5)), *b = leaf(cor_clone(a));
        cor_optimizer *old = optimizer_make(names[i], COR_PARAMETERS(COR_TENSORS(a)), options);
        assert_int_equal(cor_set_lr(old, 0, 0.125), COR_OK);
        for (uint64_t s = 0; s < 5; s++) step(old, a, s);
        cor_copy_(cor_detach(b), cor_detach(a));
        cor_optimizer *new = optimizer_make(names[i], COR_PARAMETERS(COR_TENSORS(b)), NULL);
        assert_int_equal(cor_load_optimizer_state(new, cor_optimizer_state(old)), COR_OK);
        assert_true(cor_lr(new, 0) == 0.125);
        for (uint64_t s = 5; s < 9; s++) {
            step(old, a, s);
            step(new, b, s);
        }
        assert_true(same(a, b));
    }
}

static void test_bad_states(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *a = leaf(cor_ones(2)), *b = leaf(cor_ones(3)), *c = leaf(cor_ones(2));
    cor_optimizer *adam = cor_adam(COR_TENSORS(a)), *two = cor_adam(COR_TENSORS(a, b));
    step(adam, a, 1);
    cor_dict *good = cor_optimizer_state(adam);
    expect_error(cor_load_optimizer_state(two, good), COR_EVALUE,
                 "loaded state dict contains a parameter group that doesn't match the size of optimizer's group");
    assert_int_equal(cor_add_param_group(two, COR_TENSORS(c)), COR_OK);
    expect_error(cor_load_optimizer_state(two, good), COR_EVALUE,
                 "loaded state dict has a different number of parameter groups");
    cor_optimizer *other = cor_adam(COR_TENSORS(b)), *sgd = cor_sgd(COR_TENSORS(c));
    expect_error(cor_load_optimizer_state(other, good), COR_ESHAPE,
                 "'state.0.exp_avg' of the state has the shape [2], its parameter [3]");
    expect_error(cor_load_optimizer_state(sgd, good), COR_EKEY,
                 "the state has 'state.0.step', which SGD does not know");
    assert_int_equal(cor_dict_delete(good, "state.0.exp_avg_sq"), COR_OK);
    expect_error(cor_load_optimizer_state(adam, good), COR_EKEY, "the state has no 'state.0.exp_avg_sq'");
    assert_non_null(cor_dict_get(cor_optimizer_state(adam), "state.0.exp_avg_sq"));
}

static void test_dtypes(void **state) {
    (void)state;
    cor_scope();
    cor_module *net = cor_nn_linear(2, 2, .bias = false);
    cor_tensor *weight = cor_get_parameter(net, "weight"), *whole = cor_from_data(((int64_t[]){1, 2}), COR_INT64, 2);
    cor_optimizer *adam = cor_adam(cor_parameters(net)), *sgd = cor_sgd(COR_TENSORS(whole));
    step(adam, weight, 1);
    assert_int_equal(cor_module_to(net, COR_FLOAT64), COR_OK);
    expect_error(cor_step(adam), COR_ESTATE,
                 "Adam: a parameter is torch.float64 now, but its exp_avg is torch.float32");
    assert_int_equal(cor_set_grad(whole, cor_ones_like(whole)), COR_OK);
    expect_error(cor_step(sgd), COR_EDTYPE, "SGD: the parameters must be floating, but one is torch.int64");
    cor_tensor *repeated = leaf(cor_expand(cor_ones(1), 3));
    cor_optimizer *last = cor_sgd(COR_TENSORS(repeated));
    assert_int_equal(cor_set_grad(repeated, cor_ones(3)), COR_OK);
    assert_int_equal(cor_step(last), COR_ESTATE);
    cor_error_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),    cmocka_unit_test(test_layouts),     cmocka_unit_test(test_shared_memory),
        cmocka_unit_test(test_halves),     cmocka_unit_test(test_convolution), cmocka_unit_test(test_zero_grad),
        cmocka_unit_test(test_empty),      cmocka_unit_test(test_groups),      cmocka_unit_test(test_state),
        cmocka_unit_test(test_bad_states), cmocka_unit_test(test_dtypes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
