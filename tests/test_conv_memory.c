/* A thousand convolutions of different shapes in a row leave no memory behind: nothing is kept by shape. The memory
 * that one needs while it runs is bounded, whatever its shape. CORRIE_TEST_SEED is the seed. */
#include "conv/weights.h"
#include "support/conv_case.h"
#include <corrie.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SHAPES = 1000 };

static cor_tensor *numbers(uint64_t *state, cor_dims sizes) {
    int64_t n = 1;
    for (int64_t i = 0; i < sizes.n; i++) n *= sizes.at[i];
    cor_tensor *t = cor_empty_sized(COR_FLOAT32, sizes.at, (int)sizes.n);
    float *data = t != NULL ? cor_data(t) : NULL;
    for (int64_t i = 0; data != NULL && i < n; i++) data[i] = (float)random_in(state, -4, 4);
    return t == NULL ? NULL : cor_clone(t); /* whose storage nobody outside can write to */
}

/* A forward call and both gradients of a random shape. */
static void run_one(uint64_t *state) {
    cor_scope();
    const int64_t groups = random_in(state, 0, 3) == 0 ? random_in(state, 2, 8) : 1;
    const int64_t c = groups * random_in(state, 1, 40), o = groups * random_in(state, 1, 40),
                  k = random_in(state, 1, 5);
    const cor_dims x_sizes = {4, {random_in(state, 1, 3), c, random_in(state, k, 30), random_in(state, k, 30)}};
    const cor_dims w_sizes = {4, {o, c / groups, k, k}};
    cor_tensor *x = numbers(state, x_sizes), *w = numbers(state, w_sizes);
    for (int call = 0; call < 3; call++) { /* the second keeps the weight's prepared form */
        cor_tensor *y = cor_conv2d(x, w, .groups = groups, .padding = k / 2);
        assert_non_null(cor_conv2d_input(x_sizes, w, y, .groups = groups, .padding = k / 2));
        assert_non_null(cor_conv2d_weight(x, w_sizes, y, .groups = groups, .padding = k / 2));
    }
}

static void many_shapes(void **unused) {
    (void)unused;
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    for (int i = 0; i < 10; i++) run_one(&state); /* threads and their caches come to be */
    const int64_t before = cor_memory().bytes;
    for (int i = 0; i < SHAPES; i++) run_one(&state);
    const int64_t after = cor_memory().bytes;
    print_message("%d shapes: %lld bytes before, %lld after\n", SHAPES, (long long)before, (long long)after);
    assert_true(llabs(after - before) <= 1 << 20);
}

/* Layers of real networks, and their workspace for one more thread. */
static void workspace(void **unused) {
    (void)unused;
    enum { MOST = 24 << 20 };
    static const char *const rows[] = {
        "mb1ic64ih224oc64oh224kh3ph1",   "mb32ic64ih56oc64oh56kh3ph1",     "mb1ic512ih7oc512oh7kh3ph1",
        "mb1ic2048ih7oc512oh7kh1",       "mb1ic3ih224oc64oh112kh7sh2ph3",  "mb1ic1024ih32oc1024oh32kh3ph1",
        "g960mb1ic960ih7oc960oh7kh3ph1", "g32mb8ic256ih56oc256oh56kh3ph1", "mb1ic64iw100000oc64ow100000kw9pw4",
        "mb1ic64id32oc64od32kd3pd1",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor__conv_problem p;
        assert_int_equal(cor__conv_parse(rows[i], &p), COR_OK);
        const cor__conv_implementation *way = cor__conv_plan(&p);
        const cor__weights_implementation *weights = cor__conv_weights_plan(&p);
        const int64_t forward = way->workspace(&p, 3) - way->workspace(&p, 2);
        const int64_t gradient = weights->workspace(&p, 3) - weights->workspace(&p, 2);
        print_message("%s: a thread takes %lld KiB by %s, %lld KiB by %s for the gradient\n", rows[i],
                      (long long)(forward >> 10), way->name, (long long)(gradient >> 10), weights->name);
        assert_true(forward >= 0 && forward <= MOST);
        assert_true(gradient >= 0 && gradient <= MOST);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(many_shapes), cmocka_unit_test(workspace)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
