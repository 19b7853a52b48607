/* Many threads call one network at once, in eval mode, and each gets the bits that one thread alone gets. */
#include <corrie.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 8, CALLS = 5, CLASSES = 10 };

static cor_module *block(int64_t in, int64_t out) {
    return cor_nn_sequential(cor_nn_conv2d(in, out, 3, .padding = 1, .padding_mode = COR_PAD_REFLECT),
                             cor_nn_batch_norm2d(out), cor_nn_relu(.inplace = true), cor_nn_max_pool2d(2));
}

static cor_module *network(void) {
    return cor_nn_sequential(block(3, 8), block(8, 16), cor_nn_adaptive_avg_pool2d(.size = 2), cor_nn_flatten(),
                             cor_nn_dropout(), cor_nn_linear(64, CLASSES), cor_nn_log_softmax(1));
}

/* What one thread does; cmocka's assertions belong to the main thread, so it counts instead. */
typedef struct caller {
    cor_module *model;
    cor_tensor *input; /* shared by all */
    const float *expected;
    _Atomic int *waiting; /* the threads that are not there yet */
    int wrong, errors;
} caller;

static void *call_repeatedly(void *context) {
    caller *self = context;
    atomic_fetch_sub(self->waiting, 1);
    while (atomic_load(self->waiting) > 0) {
    }
    for (int i = 0; i < CALLS; i++) {
        cor_scope();
        cor_tensor *y = cor_call(self->model, self->input);
        if (y == NULL || cor_error() != COR_OK) self->errors++;
        else self->wrong += memcmp(cor_data_const(y), self->expected, 2 * CLASSES * sizeof(float)) != 0;
    }
    return NULL;
}

static void same_bits_from_every_thread(void **state) {
    (void)state;
    cor_scope();
    cor_manual_seed(0);
    cor_module *model = network();
    cor_tensor *input = cor_randn(2, 3, 17, 16);
    assert_int_equal(cor_error(), COR_OK);
    cor_eval(model);
    cor_tensor *alone = cor_call(model, input);
    assert_non_null(alone);
    assert_int_equal(cor_numel(alone), 2 * CLASSES);

    pthread_t threads[THREADS];
    caller callers[THREADS];
    _Atomic int waiting = THREADS;
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (caller){model, input, cor_data_const(alone), &waiting, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, call_repeatedly, &callers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(callers[i].errors, 0);
        assert_int_equal(callers[i].wrong, 0);
    }
}

/* An error in one thread's call names the layer and stays that thread's own. */
static void *fail_once(void *context) {
    caller *self = context;
    cor_scope();
    if (cor_call(self->model, cor_zeros(2, 4, 16, 16)) != NULL) self->wrong++;
    self->errors = cor_error();
    cor_error_clear();
    return call_repeatedly(self);
}

static void errors_stay_with_their_thread(void **state) {
    (void)state;
    cor_scope();
    cor_manual_seed(1);
    cor_module *model = network();
    cor_tensor *input = cor_randn(2, 3, 16, 16);
    cor_eval(model);
    cor_tensor *alone = cor_call(model, input);
    assert_non_null(alone);

    pthread_t threads[THREADS];
    caller callers[THREADS];
    _Atomic int waiting = THREADS;
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (caller){model, input, cor_data_const(alone), &waiting, 0, 0};
        void *(*run)(void *) = i % 2 == 0 ? call_repeatedly : fail_once;
        assert_int_equal(pthread_create(&threads[i], NULL, run, &callers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(callers[i].errors, i % 2 == 0 ? COR_OK : COR_ESHAPE);
        assert_int_equal(callers[i].wrong, 0);
    }
    assert_int_equal(cor_error(), COR_OK);
}

static int count_call(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)inputs, (void)n;
    atomic_fetch_add((_Atomic int64_t *)context, 1);
    return COR_OK;
}

/* Hooks of every module may come and go while threads call: a call runs those it found, and is otherwise the same. */
static void hooks_come_and_go_beside_calls(void **state) {
    (void)state;
    cor_scope();
    cor_manual_seed(2);
    cor_module *model = network();
    cor_tensor *input = cor_randn(2, 3, 16, 16);
    cor_eval(model);
    cor_tensor *alone = cor_call(model, input);
    assert_non_null(alone);

    pthread_t threads[THREADS];
    caller callers[THREADS];
    _Atomic int waiting = THREADS;
    _Atomic int64_t calls = 0;
    int64_t stays = cor_register_forward_pre_hook(NULL, count_call, &calls);
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (caller){model, input, cor_data_const(alone), &waiting, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, call_repeatedly, &callers[i]), 0);
    }
    _Atomic int64_t others = 0;
    for (int i = 0; i < 200; i++)
        assert_int_equal(cor_remove_hook(NULL, cor_register_forward_pre_hook(NULL, count_call, &others)), COR_OK);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(callers[i].errors, 0);
        assert_int_equal(callers[i].wrong, 0);
    }
    assert_int_equal(cor_remove_hook(NULL, stays), COR_OK);
    cor_dict *modules = cor_named_modules(model);
    assert_int_equal(calls, THREADS * CALLS * cor_dict_count(modules));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits_from_every_thread),
                                       cmocka_unit_test(errors_stay_with_their_thread),
                                       cmocka_unit_test(hooks_come_and_go_beside_calls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
