/* Every public function with a NULL for each of its pointers, and with options of another size (null_arguments.py
 * writes the calls from the headers). Nothing may crash or leak; what the headers do not allow is COR_EVALUE with a
 * text that says so, and nothing is returned. */
#include "support/alloc.h"
#include "support/files.h"
#include <corrie.h>
#include <corrie/checkpoint.h>
#include <corrie/io.h>
#include <corrie/summary.h>
#include <corrie/vision.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct outcome {
    enum { POINTER, TEXT, CODE, OTHER } kind;
    const void *pointer;
    int64_t code;
} outcome;

typedef struct row {
    const char *function, *argument;
    outcome (*call)(void);
    const char *text; /* part of the error's; NULL where the headers allow it */
} row;

/* ---- arguments of every type ------------------------------------------------------------------------------------ */

static const int64_t a_shape[] = {1, 2, 4, 4}, an_order[] = {0, 1, 2, 3};
static const cor_dims two_pads = {2, {1, 1}}, two_sizes = {2, {5, 5}}, last_sizes = {1, {4}};
static _Alignas(64) unsigned char buffer[COR_GENERATOR_STATE];
static cor_tensor *slots[4];
static const char *const names[] = {"a", "b", NULL};
static int64_t an_integer;
static double a_double = 0.5;

static cor_tensor *a_tensor(void) { return cor_ones(1, 2, 4, 4); }
static cor_module *a_module(void) { return cor_nn_linear(4, 2); }
static cor_module *a_row(void) { return cor_nn_sequential(cor_nn_relu()); }

static cor_module *a_parameter_list(void) {
    cor_module *list = cor_nn_parameter_list();
    assert_int_equal(cor_parameter_append(list, a_tensor()), COR_OK);
    return list;
}

__attribute__((unused)) static cor_summary_writer *a_writer(void) { return cor_summary_writer_new(files_path("log")); }

static cor_tensor *const *tensors(void) {
    static cor_tensor *list[4];
    for (int i = 0; i < 4; i++) list[i] = a_tensor();
    return list;
}

static cor_dict *a_dict(void) {
    cor_dict *dict = cor_dict_new();
    assert_int_equal(cor_dict_set(dict, "name", a_tensor()), COR_OK);
    return dict;
}

static cor_optimizer *an_optimizer(void) { return cor_sgd(COR_TENSORS(a_tensor())); }
static cor_scheduler *a_scheduler(void) { return cor_exponential_lr(an_optimizer(), 0.5); }
static double a_rate(int64_t epoch, int64_t group, void *context) {
    (void)epoch, (void)group, (void)context;
    return 0.5;
}
static cor_tensor *closure(void *context) {
    (void)context;
    return cor_ones(1);
}

static cor_tensor *forward(cor_module *self, cor_tensor *input) {
    (void)self;
    return input;
}
static int pre_hook(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)inputs, (void)n, (void)context;
    return COR_OK;
}
static int hook(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out, void *context) {
    (void)m, (void)inputs, (void)n_in, (void)outputs, (void)n_out, (void)context;
    return COR_OK;
}
static int save_pre_hook(cor_module *m, const char *prefix, bool keep_vars, void *context) {
    (void)m, (void)prefix, (void)keep_vars, (void)context;
    return COR_OK;
}
static int save_post_hook(cor_module *m, cor_dict *dict, const char *prefix, void *context) {
    (void)m, (void)dict, (void)prefix, (void)context;
    return COR_OK;
}
static int load_hook(cor_module *m, cor_loading *loading, void *context) {
    (void)m, (void)loading, (void)context;
    return COR_OK;
}
static cor_tensor *a_leaf(void) { return cor_requires_grad_(cor_ones(2, 3), true); }
static int backward_pre_hook(cor_module *m, cor_tensor **grad_output, int n, void *context) {
    return (void)m, (void)grad_output, (void)n, (void)context, COR_OK;
}
static int backward_hook(cor_module *m, cor_tensor **grad_input, int n_in, cor_tensor *const *grad_output, int n_out,
                         void *context) {
    return (void)m, (void)grad_input, (void)n_in, (void)grad_output, (void)n_out, (void)context, COR_OK;
}
static int function_forward(cor_function_context *ctx, cor_tensor *const *inputs, int n, cor_tensor **outputs,
                            int n_outputs) {
    (void)ctx, (void)n, (void)n_outputs;
    outputs[0] = cor_exp(inputs[0]);
    return cor_error();
}
static const cor_function a_function = {"Exp", function_forward, NULL, false};
static const cor_grad_edge an_edge = {NULL, NULL, NULL, 0};
static int gradient_hook(cor_tensor **grad, void *context) {
    (void)grad, (void)context;
    return COR_OK;
}
static int accumulate_hook(cor_tensor *leaf, void *context) {
    (void)leaf, (void)context;
    return COR_OK;
}
static int checked(cor_tensor *const *inputs, int n, cor_tensor **outputs, int room, void *context) {
    (void)n, (void)room, (void)context;
    outputs[0] = cor_sum(inputs[0]);
    return 1;
}
static void body(int64_t begin, int64_t end, void *context) { (void)begin, (void)end, (void)context; }
static int visit(cor_module *m, void *context) {
    (void)m, (void)context;
    return COR_OK;
}

static int64_t dataset_size(void *context) { return context == NULL ? 4 : 0; }
static int dataset_get(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    (void)context, (void)index, (void)random;
    fields[0] = a_tensor();
    return 1;
}
static cor_tensor *same(cor_tensor *image, cor_generator *random, void *context) {
    (void)random, (void)context;
    return image;
}
static const double halves[] = {0.5, 0.5};
static const cor_transform a_step[] = {{same, NULL}};
static cor_dataset *parts[4];

static cor_dataset *a_dataset(void) { return cor_dataset_new(dataset_size, dataset_get, NULL, NULL); }
static cor_tensor *a_loader_state(void) { return cor_loader_state(cor_data_loader(a_dataset())); }

#include "null_arguments.inc.c"

/* ---- checking --------------------------------------------------------------------------------------------------- */

static void check(const row *r) {
    cor_scope();
    memset(slots, 0, sizeof slots);
    outcome got = r->call();
    if (got.kind == TEXT) cor_free_text((char *)(uintptr_t)got.pointer);
    if (r->text != NULL) {
        const bool nothing = got.kind == CODE ? got.code < 0 || cor_error() != COR_OK : got.pointer == NULL;
        if (!nothing || cor_error() != COR_EVALUE || strstr(cor_error_message(), r->text) == NULL)
            fail_msg("%s without %s: returned %lld, %p; status %d: %s", r->function, r->argument, (long long)got.code,
                     got.pointer, cor_error(), cor_error_message());
    }
    cor_error_clear();
    assert_int_equal(cor_item_int(cor_sum(cor_ones_of(COR_INT64, 2, 3))), 6);
}

/* The first call is left out of the comparison: what is made once for the process stays. */
static void check_each(void **state) {
    (void)state;
    const size_t n = sizeof rows / sizeof rows[0];
    for (size_t i = 0; i < n; i++) {
        check(&rows[i]);
        const cor_memory_info before = cor_memory();
        check(&rows[i]);
        const cor_memory_info after = cor_memory();
        if (after.bytes != before.bytes || after.allocations != before.allocations)
            fail_msg("%s without %s: leaks %lld bytes", rows[i].function, rows[i].argument,
                     (long long)(after.bytes - before.bytes));
    }
    printf("%d functions, of which %d take pointers: %zu calls\n", (int)FUNCTIONS, (int)CALLED, n);
}

int main(void) {
    alloc_install();
    files_begin();
    const struct CMUnitTest tests[] = {cmocka_unit_test(check_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
