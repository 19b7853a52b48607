/* Weights that a convolution has prepared are kept with the weight's storage: the second call is the first's bits, and
 * no write, by whatever way, leaves an old form in use. */
#include "conv/plan.h"
#include "tensor/derived.h"
#include <corrie.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static cor_tensor *numbers(int64_t seed, const int64_t *sizes, int n) {
    int64_t count = 1;
    for (int i = 0; i < n; i++) count *= sizes[i];
    cor_tensor *t = cor_remainder(cor_mul(cor_arange(seed, seed + count), 37), 11);
    return cor_to(cor_reshape_to(t, sizes, n), COR_FLOAT32);
}

static bool same(const cor_tensor *a, const cor_tensor *b) {
    return memcmp(cor_data_const(a), cor_data_const(b), (size_t)cor_numel(a) * sizeof(float)) == 0;
}

/* What a weight of the same contents that was never used gives. */
static cor_tensor *fresh(cor_tensor *x, cor_tensor *weight) {
    return cor_conv2d(x, cor_clone(cor_detach(weight)), .padding = 1);
}

static void check(cor_tensor *x, cor_tensor *weight, const char *after) {
    for (int i = 0; i < 3; i++) { /* the second call is the first that keeps */
        cor_tensor *y = cor_conv2d(x, weight, .padding = 1), *expected = fresh(x, weight);
        if (y == NULL || expected == NULL) fail_msg("%s: %s", after, cor_error_message());
        if (!same(y, expected)) fail_msg("%s: call %d computes with old weights", after, i);
    }
}

static int forms_of(const cor_tensor *t) {
    int n = 0;
    for (const cor__derived *form = t->storage->derived; form != NULL; form = form->older) n++;
    return n;
}

static const int64_t weight_sizes[] = {20, 17, 3, 3};

static void no_old_weights(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *x = numbers(3, (int64_t[]){1, 17, 12, 13}, 4), *w = numbers(5, weight_sizes, 4);
    check(x, w, "at first");
    assert_true(forms_of(w) >= 1);
    cor_add_(w, 1);
    check(x, w, "after an in-place operation");
    cor_mul_(cor_select(w, 0, 3), 2);
    check(x, w, "after an in-place operation on a view");
    cor_copy_(w, numbers(7, weight_sizes, 4));
    check(x, w, "after a copy");
    cor_fill_(cor_narrow(w, 1, 2, 3), cor_full(2.5));
    check(x, w, "after a fill");
    cor_manual_seed(1);
    cor_uniform_(w);
    check(x, w, "after a draw");
    float *data = cor_data(w);
    check(x, w, "with the address handed out");
    data[5] += 3;
    check(x, w, "after a write through the address");
}

/* Maps that different implementations compute, from forms of one size, take turns; the call is checked against the
 * reference. */
static void check_integers(cor_tensor *x, cor_tensor *w, int64_t groups) {
    cor_tensor *y = cor_conv2d(x, w, .padding = 1, .groups = groups);
    assert_int_equal(cor__conv_force("reference"), COR_OK);
    cor_tensor *expected = cor_conv2d(x, cor_clone(w), .padding = 1, .groups = groups);
    assert_int_equal(cor__conv_force(NULL), COR_OK);
    if (y == NULL || expected == NULL) fail_msg("%s", cor_error_message());
    assert_memory_equal(cor_data_const(y), cor_data_const(expected),
                        (size_t)(cor_numel(y) * cor_dtype_size(cor_dtype_of(y))));
}

/* Integers of whose convolutions float32 holds the sums, float64 only, or neither. */
static void integers(void **state) {
    (void)state;
    static const cor_dtype dtypes[] = {COR_INT8, COR_INT32, COR_INT64};
    static const int64_t sizes[][4] = {{1, 16, 56, 56}, {1, 16, 5, 5}}, factors[] = {1, 1 << 18, (int64_t)1 << 40};
    for (int i = 0; i < 6; i++) {
        cor_scope();
        const int64_t groups = i < 3 ? 1 : 16;
        const cor_dtype dtype = dtypes[i % 3];
        cor_tensor *w = cor_to(numbers(3, (int64_t[]){32, 16 / groups, 3, 3}, 4), dtype);
        for (int call = 0; call < 12; call++) {
            const double factor = dtype == COR_INT8 ? 1 : (double)factors[call / 2 % (i % 3 + 1)];
            check_integers(cor_to(cor_mul(numbers(5, sizes[call % 2], 4), factor), dtype), w, groups);
        }
        assert_true(forms_of(w) >= 1);
    }
}

static void no_old_weights_after_load(void **state) {
    (void)state;
    cor_scope();
    cor_module *conv = cor_nn_conv2d(17, 20, 3, .padding = 1, .bias = false);
    cor_tensor *x = numbers(3, (int64_t[]){1, 17, 12, 13}, 4), *w = cor_get_parameter(conv, "weight");
    check(x, w, "at first");
    cor_dict *dict = cor_dict_new();
    assert_int_equal(cor_dict_set(dict, "weight", numbers(9, weight_sizes, 4)), COR_OK);
    assert_int_equal(cor_load_state_dict(conv, dict), COR_OK);
    check(x, w, "after load_state_dict");
    assert_true(same(cor_call(conv, x), fresh(x, w)));
    assert_int_equal(cor_module_to(conv, COR_FLOAT64), COR_OK);
    assert_int_equal(cor_module_to(conv, COR_FLOAT32), COR_OK);
    assert_true(same(cor_call(conv, x), fresh(x, cor_get_parameter(conv, "weight"))));
}

/* Views of one storage at different places have forms of their own; only so many are kept. */
static void one_storage_many_weights(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *all = numbers(1, (int64_t[]){8, 16, 16, 3, 3}, 5), *x = numbers(2, (int64_t[]){1, 16, 20, 20}, 4);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 8; i++) {
            cor_tensor *w = cor_select(all, 0, i);
            assert_true(same(cor_conv2d(x, w, .padding = 1), fresh(x, w)));
        }
    assert_true(forms_of(all) >= 1 && forms_of(all) <= COR__DERIVED_KEPT);
}

static void memory_comes_back(void **state) {
    (void)state;
    const int64_t before = cor_memory().bytes;
    for (int i = 0; i < 20; i++) {
        cor_scope();
        cor_tensor *x = numbers(2, (int64_t[]){1, 16, 20 + i, 20}, 4), *w = numbers(i, (int64_t[]){16, 16, 3, 3}, 4);
        for (int call = 0; call < 3; call++) assert_non_null(cor_conv2d(x, w, .padding = 1));
    }
    assert_int_equal(cor_memory().bytes, before);
}

typedef struct shared {
    cor_tensor *x, *w, *expected;
    bool good;
} shared;

static void *call_often(void *context) {
    shared *s = context;
    bool good = true;
    for (int i = 0; i < 50; i++) {
        cor_scope();
        cor_tensor *y = cor_conv2d(s->x, s->w, .padding = 1);
        good = good && y != NULL && same(y, s->expected);
    }
    return good ? s : NULL;
}

/* Eight threads use one weight for the first time at once. */
static void threads_share_a_weight(void **state) {
    (void)state;
    cor_scope();
    shared s = {.x = numbers(3, (int64_t[]){1, 17, 12, 13}, 4), .w = numbers(5, weight_sizes, 4)};
    s.expected = fresh(s.x, s.w);
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) assert_int_equal(pthread_create(&threads[i], NULL, call_often, &s), 0);
    for (int i = 0; i < 8; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    assert_true(forms_of(s.w) >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_old_weights),
        cmocka_unit_test(integers),
        cmocka_unit_test(no_old_weights_after_load),
        cmocka_unit_test(one_storage_many_weights),
        cmocka_unit_test(memory_comes_back),
        cmocka_unit_test(threads_share_a_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
