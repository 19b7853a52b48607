/* records.c: a golden record as a call of the library. */
#include "support/records.h"
#include "support/tensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What a record gives: its operands and options, in the forms that the calls take. */
typedef struct call {
    cor_tensor *in[3];
    int64_t dim, k;
    cor_dims dims;
    bool keepdim, descending, stable, largest;
    double p, correction;
    cor_dtype dtype;
    cor_tensor *out[2];
} call;

static cor_tensor *operand(const golden_record *record, const char *key) {
    const char *value = golden_get(record, key);
    return value == NULL || golden_is_none(value) ? COR_NONE : tensor_from_text(value);
}

static void read_call(const golden_record *record, call *c) {
    const char *options = golden_get(record, "options");
    golden_pair pair;
    int64_t values[GOLDEN_DIMS];
    golden_dtype dtype;
    *c = (call){.in = {operand(record, "in0"), operand(record, "in1"), operand(record, "in2")},
                .dim = COR_UNSET,
                .dims = {.n = -1},
                .dtype = COR_DTYPE_UNSET,
                .keepdim = golden_option_bool(options, "keepdim", false),
                .descending = golden_option_bool(options, "descending", false),
                .stable = golden_option_bool(options, "stable", false),
                .largest = golden_option_bool(options, "largest", true),
                .k = golden_option_int(options, "k", 0),
                .p = golden_option_double(options, "p", 2),
                .correction = golden_option_double(options, "correction", 1)};
    if (golden_option(options, "dtype", &pair) && golden_parse_dtype(pair.value, &dtype)) c->dtype = (cor_dtype)dtype;
    int n = golden_option_ints(options, "dim", values);
    if (n < 0) return;
    golden_option(options, "dim", &pair);
    if (pair.value[0] != '[') {
        c->dim = values[0];
        return;
    }
    c->dims.n = n;
    memcpy(c->dims.at, values, sizeof(int64_t) * (size_t)n);
}

#define DIMS_CALL(row)                                                                                                 \
    if (strcmp(name, #row) == 0)                                                                                       \
    return c->out[0] = cor_##row(c->in[0], .dim = c->dim, .dims = c->dims, .keepdim = c->keepdim), true

static bool run_dims(const char *name, call *c) {
    DIMS_CALL(any);
    DIMS_CALL(all);
    DIMS_CALL(amin);
    DIMS_CALL(amax);
    const cor_sum_options sum = {sizeof sum, c->dim, c->dims, c->keepdim, c->dtype};
    const cor_var_options var = {sizeof var, c->dim, c->dims, c->keepdim, c->correction};
    if (strcmp(name, "sum") == 0) return c->out[0] = cor_sum_with(c->in[0], &sum), true;
    if (strcmp(name, "mean") == 0) return c->out[0] = cor_mean_with(c->in[0], &sum), true;
    if (strcmp(name, "var") == 0) return c->out[0] = cor_var_with(c->in[0], &var), true;
    if (strcmp(name, "std") == 0) return c->out[0] = cor_std_with(c->in[0], &var), true;
    if (strcmp(name, "norm") != 0) return false;
    c->out[0] = cor_norm(c->in[0], .p = c->p, .dim = c->dim, .dims = c->dims, .keepdim = c->keepdim, .dtype = c->dtype);
    return true;
}

static bool run_dim(const char *name, call *c) {
    cor_tensor *x = c->in[0], **indices = c->dim != COR_UNSET ? &c->out[1] : NULL;
    int64_t last = c->dim == COR_UNSET ? -1 : c->dim;
    if (strcmp(name, "prod") == 0) c->out[0] = cor_prod(x, .dim = c->dim, .keepdim = c->keepdim, .dtype = c->dtype);
    else if (strcmp(name, "max") == 0) c->out[0] = cor_max(x, .dim = c->dim, .keepdim = c->keepdim, .indices = indices);
    else if (strcmp(name, "min") == 0) c->out[0] = cor_min(x, .dim = c->dim, .keepdim = c->keepdim, .indices = indices);
    else if (strcmp(name, "argmax") == 0) c->out[0] = cor_argmax(x, .dim = c->dim, .keepdim = c->keepdim);
    else if (strcmp(name, "argmin") == 0) c->out[0] = cor_argmin(x, .dim = c->dim, .keepdim = c->keepdim);
    else if (strcmp(name, "cumsum") == 0) c->out[0] = cor_cumsum(x, c->dim, .dtype = c->dtype);
    else if (strcmp(name, "softmax") == 0) c->out[0] = cor_softmax(x, c->dim);
    else if (strcmp(name, "log_softmax") == 0) c->out[0] = cor_log_softmax(x, c->dim);
    else if (strcmp(name, "sort") == 0)
        c->out[0] = cor_sort(x, .dim = last, .descending = c->descending, .stable = c->stable, .indices = &c->out[1]);
    else if (strcmp(name, "topk") == 0)
        c->out[0] = cor_topk(x, c->k, .dim = last, .largest = c->largest, .indices = &c->out[1]);
    else return false;
    return true;
}

static bool run_product(const char *name, call *c) {
    if (strcmp(name, "matmul") == 0) c->out[0] = cor_matmul(c->in[0], c->in[1]);
    else if (strcmp(name, "mm") == 0) c->out[0] = cor_mm(c->in[0], c->in[1]);
    else if (strcmp(name, "bmm") == 0) c->out[0] = cor_bmm(c->in[0], c->in[1]);
    else if (strcmp(name, "linear") == 0) c->out[0] = cor_linear(c->in[0], c->in[1], .bias = c->in[2]);
    else return false;
    return true;
}

static void run(const golden_record *record, call *c) {
    read_call(record, c);
    if (!run_dims(record->name, c) && !run_dim(record->name, c) && !run_product(record->name, c))
        fail_msg("record %d: no operation %s", record->number, record->name);
}

static bool is_named(const char *const *names, const char *name) {
    while (*names != NULL && strcmp(*names, name) != 0) names++;
    return *names != NULL;
}

/* Calls check on every record of the file with one of the names. */
static void each_record(const char *folder, const char *file_name, const char *const *names, int least,
                        void (*check)(const golden_record *record)) {
    golden_file *file = golden_open_in(folder, file_name);
    golden_record record;
    int seen = 0, code;
    assert_non_null(file);
    while ((code = golden_next(file, &record)) == 1) {
        if (!is_named(names, record.name)) continue;
        cor_scope();
        check(&record);
        cor_error_clear();
        seen++;
    }
    golden_close(file);
    assert_int_equal(code, 0);
    assert_true(seen >= least);
}

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static void check_error(const golden_record *record) {
    call c;
    run(record, &c);
    if (cor_error() == COR_OK) fail_msg("record %d %s: no error, not %s", record->number, record->name, record->text);
    assert_null(c.out[0]);
    assert_null(c.out[1]);
    if (strcmp(cor_error_message(), record->text) != 0)
        fail_msg("record %d %s: \"%s\", not \"%s\"", record->number, record->name, cor_error_message(), record->text);
}

void records_check_errors(const char *folder, const char *const *names, int least) {
    each_record(folder, "op_errors.txt", names, least, check_error);
}

/* ---- results ---------------------------------------------------------------------------------------------------- */

/* Floats numbered in their order, so that the difference counts the representable values between two. */
static int64_t ordinal(const void *element, cor_dtype dtype) {
    uint64_t bits = 0, sign = UINT64_C(1) << (8 * cor_dtype_size(dtype) - 1);
    memcpy(&bits, element, (size_t)cor_dtype_size(dtype));
    int64_t magnitude = (int64_t)(bits & (sign - 1));
    return bits & sign ? -magnitude : magnitude;
}

static bool is_close(cor_tensor *t, cor_tensor *reference, int64_t ulps) {
    int64_t size = cor_dtype_size(cor_dtype_of(t));
    if (cor_dtype_of(t) != cor_dtype_of(reference) || cor_numel(t) != cor_numel(reference)) return false;
    for (int64_t i = 0; i < cor_numel(t); i++) {
        const char *a = (const char *)cor_data_const(t) + i * size;
        const char *b = (const char *)cor_data_const(reference) + i * size;
        if (llabs(ordinal(a, cor_dtype_of(t)) - ordinal(b, cor_dtype_of(t))) > ulps) return false;
    }
    return true;
}

static void check_result(const golden_record *record) {
    const char *ulps = golden_get(record, "ulps"),
               *expected[] = {golden_get(record, "out0"), golden_get(record, "out1")};
    call c;
    if (golden_get(record, "error") != NULL) {
        check_error(record);
        return;
    }
    run(record, &c);
    if (cor_error() != COR_OK) fail_msg("record %d %s: %s", record->number, record->name, cor_error_message());
    for (int i = 0; i < 2 && expected[i] != NULL; i++) {
        golden_tensor golden;
        assert_true(golden_parse_tensor(expected[i], &golden));
        bool right = ulps != NULL ? is_close(c.out[i], tensor_from_text(golden_get(record, "ref0")), atoll(ulps))
                                  : tensor_matches(c.out[i], &golden);
        if (right) continue;
        fail_msg("record %d %s: result %d is not %s", record->number, record->name, i, expected[i]);
    }
}

void records_check_results(const char *folder, const char *const *names, int least) {
    each_record(folder, "ops.txt", names, least, check_result);
}

/* ---- grad_fn ---------------------------------------------------------------------------------------------------- */

static void check_node(const golden_record *record) {
    const char *keys[] = {"grad_fn0", "grad_fn1"}, *flags[] = {"requires_grad0", "requires_grad1"};
    call c;
    run(record, &c);
    if (cor_error() != COR_OK) fail_msg("record %d %s: %s", record->number, record->name, cor_error_message());
    for (int i = 0; i < 2; i++) {
        const char *expected = golden_get(record, keys[i]), *flag = golden_get(record, flags[i]);
        if (expected == NULL) continue;
        const char *name = cor_grad_fn(c.out[i]);
        if (strcmp(name == NULL ? "none" : name, expected) != 0)
            fail_msg("record %d %s: result %d has %s, not %s", record->number, record->name, i, name, expected);
        assert_int_equal(cor_requires_grad(c.out[i]), strcmp(flag, "true") == 0);
    }
}

void records_check_nodes(const char *folder, const char *const *names, int least) {
    each_record(folder, "grad_fn.txt", names, least, check_node);
}
