/* Forks with the pool at work: the tensors of the parent compute the same in child and grandchild, and the default
 * generator goes on from where it stood. */
#include <corrie.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ThreadSanitizer otherwise ends a child that makes threads. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "die_after_fork=0"; }

enum { CHANNELS = 16, SIDE = 64, ELEMENTS = CHANNELS * SIDE * SIDE, DRAWS = 1000 };

static cor_tensor *input, *weight, *matrix;
static float expected_conv[ELEMENTS], expected_product[128 * 128], expected_draws[DRAWS];

/* Whether t holds these numbers, bit by bit. */
static bool holds(cor_tensor *t, const float *expected, int64_t n) {
    return t != NULL && cor_numel(t) == n && memcmp(cor_data_const(t), expected, (size_t)n * sizeof *expected) == 0;
}

/* 0 if convolution and product give the bits of the time before any fork. */
static int computes(void) {
    cor_scope();
    if (!holds(cor_conv2d(input, weight, .padding = 1), expected_conv, ELEMENTS)) return 1;
    if (!holds(cor_matmul(matrix, matrix), expected_product, 128 * 128)) return 2;
    return cor_error() == COR_OK ? 0 : 3;
}

/* What `run` returns in a child process, which must end by itself within twenty seconds. */
static int in_child(int (*run)(void)) {
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        _exit(run());
    }
    int status;
    if (waitpid(child, &status, 0) != child) return 200;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 201;
}

static int computes_and_forks(void) {
    int here = computes();
    if (here != 0) return here;
    int below = in_child(computes);
    return below != 0 ? 10 + below : computes();
}

/* The grandchild comes before the child has computed anything, so that only the grandparent's pool ever was alive. */
static int forks_at_once(void) {
    int below = in_child(computes);
    return below != 0 ? 10 + below : computes();
}

/* What comes after batch 1 of a loader with workers, as a number of its digits. */
static cor_loader *loader;

static int64_t rest_of_epoch(void) {
    cor_tensor *batch;
    int64_t seen = 0;
    while (cor_next_batch(loader, &batch, NULL)) seen = 10 * seen + cor_item_int(cor_sum(batch));
    return cor_error() == COR_OK ? seen : -1;
}

static int loads(void) {
    if (rest_of_epoch() != 23456789) return 1;
    if (rest_of_epoch() != 123456789) return 2;
    cor_loader_release(loader);
    return cor_error() == COR_OK ? 0 : 3;
}

static int releases(void) {
    cor_loader_release(loader);
    return 0;
}

static void loaders_go_on_in_a_child(void **state) {
    (void)state;
    cor_tensor *batch;
    cor_scope();
    loader = cor_loader_take(cor_data_loader(cor_tensor_dataset(COR_TENSORS(cor_arange(0, 10))), .num_workers = 2));
    for (int i = 0; i < 2; i++) assert_true(cor_next_batch(loader, &batch, NULL));
    assert_int_equal(in_child(loads), 0);
    assert_int_equal(in_child(releases), 0);
    assert_int_equal(loads(), 0);
}

static void child_grandchild_and_parent_compute(void **state) {
    (void)state;
    assert_int_equal(computes(), 0);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(in_child(computes_and_forks), 0);
        assert_int_equal(in_child(forks_at_once), 0);
        assert_int_equal(computes(), 0);
    }
}

static int computes_with_other_counts(void) {
    for (int threads = 4; threads >= 1; threads--) {
        if (cor_set_num_threads(threads) != COR_OK) return 20;
        int here = computes();
        if (here != 0) return here;
    }
    return 0;
}

static void a_child_may_change_the_thread_count(void **state) {
    (void)state;
    assert_int_equal(in_child(computes_with_other_counts), 0);
    assert_int_equal(cor_num_threads(), 2);
    assert_int_equal(computes(), 0);
}

static int draws_go_on(void) {
    cor_scope();
    if (cor_initial_seed() != 7) return 1;
    return holds(cor_rand(DRAWS), expected_draws, DRAWS) ? 0 : 2;
}

static int draws_go_on_twice_removed(void) {
    int below = in_child(draws_go_on);
    return below != 0 ? 10 + below : draws_go_on();
}

static void the_default_generator_goes_on(void **state) {
    (void)state;
    cor_scope();
    cor_manual_seed(7);
    assert_non_null(cor_rand(10));
    assert_int_equal(in_child(draws_go_on_twice_removed), 0);
    assert_int_equal(draws_go_on(), 0); /* the child's draws are its own */
    assert_int_not_equal(draws_go_on(), 0);
}

static int scopes_and_errors_are_inherited(void) {
    if (cor_error() != COR_ESHAPE) return 1;
    cor_error_clear();
    cor_tensor *made = cor_ones(SIDE);
    return made != NULL && cor_item(cor_sum(made)) == SIDE ? computes() : 2;
}

static void a_child_has_the_scopes_and_the_error_of_its_parent(void **state) {
    (void)state;
    cor_scope();
    assert_null(cor_matmul(cor_ones(2, 3), cor_ones(2, 3)));
    assert_int_equal(in_child(scopes_and_errors_are_inherited), 0);
    assert_int_equal(cor_error_take(NULL), COR_ESHAPE);
}

static void fill_expected(void) {
    cor_scope();
    memcpy(expected_conv, cor_data_const(cor_conv2d(input, weight, .padding = 1)), sizeof expected_conv);
    memcpy(expected_product, cor_data_const(cor_matmul(matrix, matrix)), sizeof expected_product);
    cor_manual_seed(7);
    cor_rand(10);
    memcpy(expected_draws, cor_data_const(cor_rand(DRAWS)), sizeof expected_draws);
}

int main(void) {
    if (cor_set_num_threads(2) != COR_OK) return cor_report();
    cor_scope();
    cor_manual_seed(1);
    input = cor_randn(1, CHANNELS, SIDE, SIDE);
    weight = cor_randn(CHANNELS, CHANNELS, 3, 3);
    matrix = cor_randn(128, 128);
    fill_expected();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child_grandchild_and_parent_compute),
        cmocka_unit_test(a_child_may_change_the_thread_count),
        cmocka_unit_test(the_default_generator_goes_on),
        cmocka_unit_test(a_child_has_the_scopes_and_the_error_of_its_parent),
        cmocka_unit_test(loaders_go_on_in_a_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
