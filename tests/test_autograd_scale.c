/* Long graphs, many steps and passes in two threads at once; the times are printed, not asserted.
 * CORRIE_TEST_CHAIN sets the length of the chain (a million). */
#include <corrie.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Runs work in a thread with a stack of 256 KiB; 0 if all is well. */
static int64_t in_small_thread(void *(*work)(void *), void *context) {
    pthread_attr_t attributes;
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 256 << 10), 0);
    assert_int_equal(pthread_create(&thread, &attributes, work, context), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    pthread_attr_destroy(&attributes);
    return (int64_t)(intptr_t)result;
}

/* ---- a long chain ----------------------------------------------------------------------------------------------- */

static void *add_backward_and_release(void *context) {
    const int64_t n = *(const int64_t *)context;
    cor_scope();
    cor_tensor *w = cor_requires_grad_(cor_zeros(1), true), *x = cor_add(w, 1);
    const double start = seconds();
    for (int64_t i = 1; i < n; i++) cor_next(&x, cor_add(x, 1));
    const double recorded = seconds();
    const int64_t bytes = cor_memory().bytes;
    const int code = cor_backward(x);
    const double run = seconds();
    cor_next(&x, cor_zeros(1));
    printf("%lld additions: recorded in %.2f s, %lld bytes each; backward %.2f s, released in %.2f s; most %.0f MB\n",
           (long long)n, recorded - start, (long long)(bytes / n), run - recorded, seconds() - run,
           1e-6 * (double)cor_memory().peak_bytes);
    const bool right = code == COR_OK && cor_grad(w) != NULL && cor_item(cor_grad(w)) == 1;
    return (void *)(intptr_t)(right ? 0 : 1);
}

static void a_long_chain(void **state) {
    (void)state;
    const char *given = getenv("CORRIE_TEST_CHAIN");
    int64_t n = given != NULL ? atoll(given) : 1000000;
    const int64_t before = cor_memory().allocations;
    assert_int_equal(in_small_thread(add_backward_and_release, &n), 0);
    assert_int_equal(cor_memory().allocations, before);
}

/* ---- a small network --------------------------------------------------------------------------------------------- */

enum { BATCH = 16, PARAMETERS = 4 };

typedef struct network {
    cor_tensor *p[PARAMETERS], *x, *target;
    cor_optimizer *sgd;
} network;

static void make(network *net) {
    cor_manual_seed(1);
    net->p[0] = cor_requires_grad_(cor_randn(8, 4), true);
    net->p[1] = cor_requires_grad_(cor_zeros(8), true);
    net->p[2] = cor_requires_grad_(cor_randn(1, 8), true);
    net->p[3] = cor_requires_grad_(cor_zeros(1), true);
    net->x = cor_randn(BATCH, 4);
    net->target = cor_randn(BATCH, 1);
    net->sgd = cor_sgd(COR_LIST(net->p, PARAMETERS), .lr = 0.01);
}

static cor_tensor *loss_of(const network *net) {
    cor_tensor *h = cor_relu(cor_linear(net->x, net->p[0], .bias = net->p[1]));
    return cor_mse_loss(cor_linear(h, net->p[2], .bias = net->p[3]), net->target);
}

static double train(const network *net) {
    cor_scope();
    cor_tensor *loss = loss_of(net);
    assert_int_equal(cor_zero_grad(net->sgd), COR_OK);
    assert_int_equal(cor_backward(loss), COR_OK);
    assert_int_equal(cor_step(net->sgd), COR_OK);
    return cor_item(loss);
}

static void many_steps(void **state) {
    (void)state;
    cor_scope();
    network net;
    make(&net);
    const double first = train(&net);
    const cor_memory_info before = cor_memory();
    double last = first, least = 1e9;
    for (int i = 0; i < 2000; i++) {
        const double start = seconds();
        last = train(&net);
        least = seconds() - start < least ? seconds() - start : least;
    }
    const cor_memory_info after = cor_memory();
    printf("a step of a 4-8-1 network: %.1f us at least; the loss fell from %g to %g\n", 1e6 * least, first, last);
    assert_true(last < first);
    assert_int_equal(after.bytes, before.bytes);
    assert_int_equal(after.allocations, before.allocations);
    assert_int_equal(after.peak_bytes, before.peak_bytes);
}

/* ---- two threads ------------------------------------------------------------------------------------------------- */

enum { PASSES = 200 };

typedef struct worker {
    const network *net;
    bool fails; /* every pass is one that must fail */
    float grads[PARAMETERS][32];
    int wrong;
} worker;

/* Gradients with respect to the weights that both threads share and only read. */
static void *differentiate(void *context) {
    worker *w = context;
    for (int i = 0; i < PASSES; i++) {
        cor_scope();
        cor_tensor *grads[PARAMETERS], *loss = loss_of(w->net);
        if (w->fails) loss = cor_mul(loss, cor_ones(2)); /* no scalar */
        const int code = cor_autograd_grad(COR_TENSORS(loss), COR_LIST(w->net->p, PARAMETERS), grads);
        if (code != (w->fails ? COR_ESHAPE : COR_OK) || cor_error() != code) w->wrong++;
        cor_error_clear();
        for (int k = 0; code == COR_OK && k < PARAMETERS; k++)
            memcpy(w->grads[k], cor_data_const(grads[k]), (size_t)cor_numel(grads[k]) * sizeof(float));
    }
    return NULL;
}

static void run_two(const network *net, bool second_fails) {
    static worker workers[2];
    pthread_t threads[2];
    memset(workers, 0, sizeof workers);
    for (int i = 0; i < 2; i++) {
        workers[i].net = net;
        workers[i].fails = i == 1 && second_fails;
        assert_int_equal(pthread_create(&threads[i], NULL, differentiate, &workers[i]), 0);
    }
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(workers[0].wrong + workers[1].wrong, 0);
    assert_int_equal(cor_error(), COR_OK);
    assert_int_equal(cor_backward(loss_of(net)), COR_OK);
    for (int k = 0; k < PARAMETERS; k++) {
        const size_t bytes = (size_t)cor_numel(net->p[k]) * sizeof(float);
        assert_memory_equal(workers[0].grads[k], cor_data_const(cor_grad(net->p[k])), bytes);
        if (!second_fails) assert_memory_equal(workers[1].grads[k], workers[0].grads[k], bytes);
        assert_int_equal(cor_set_grad(net->p[k], COR_NONE), COR_OK);
    }
}

static void two_threads(void **state) {
    (void)state;
    cor_scope();
    network net;
    make(&net);
    run_two(&net, false);
    run_two(&net, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_long_chain), cmocka_unit_test(many_steps),
                                       cmocka_unit_test(two_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
