/* Optimizers and clipping against PyTorch (optim.txt): parameters and states of 100 steps, bit for bit, reprs, errors.
 */
#include "support/optimizers.h"
#include "support/slide.h"
#include "support/tensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 100, SKIPPED = 10 };

static cor_tensor *operand(const golden_record *record, const char *key) {
    return cor_requires_grad_(tensor_from_text(golden_get(record, key)), true);
}

/* gradient_text of make_optim.py. */
static void set_grad(cor_tensor *t, const char *sizes, int step) {
    char text[128];
    snprintf(text, sizeof text, "%s %s formula:37,%d,199,99,97", cor_dtype_name(cor_dtype_of(t)), sizes,
             11 + 101 * step);
    cor_scope();
    assert_int_equal(cor_set_grad(t, tensor_from_text(text)), COR_OK);
}

static void expect(const golden_record *record, const char *key, cor_tensor *t) {
    golden_tensor expected;
    const char *value = golden_get(record, key);
    assert_non_null(value);
    assert_true(golden_parse_tensor(value, &expected));
    if (!tensor_matches(t, &expected)) fail_msg("line %d, %s: %s differs", record->line, record->name, key);
}

/* How far two tensors are apart, relative to the larger of 1 and the expected element. */
static double distance(cor_tensor *t, cor_tensor *expected) {
    cor_no_grad();
    cor_tensor *a = cor_to(t, COR_FLOAT64), *b = cor_to(expected, COR_FLOAT64);
    cor_tensor *scale = cor_maximum(cor_abs(b), cor_ones_like(b));
    return cor_item(cor_amax(cor_div(cor_abs(cor_sub(a, b)), scale)));
}

static void check_repr(const golden_record *record, const cor_optimizer *o) {
    char *text = cor_optimizer_repr(o);
    assert_string_equal(text, record->text);
    cor_free_text(text);
}

static void check_error(const golden_record *record, const void *result) {
    assert_null(result);
    assert_string_equal(cor_error_message(), record->text);
    cor_error_clear();
}

static void check_states(const golden_record *record, cor_optimizer *o) {
    int seen = 0;
    cor_dict *state = cor_optimizer_state(o);
    for (int i = 0; i < record->n_fields; i++) {
        char name[64];
        const char *key = record->fields[i].key;
        if (strncmp(key, "state_", 6) != 0) continue;
        snprintf(name, sizeof name, "state.0.%s", key + 6);
        expect(record, key, cor_dict_get(state, name));
        seen++;
    }
    int there = 0;
    for (int64_t i = 0; i < cor_dict_count(state); i++)
        there += strncmp(cor_dict_name_at(state, i), "state.0.", 8) == 0;
    assert_int_equal(seen, there);
}

static void check_steps(const golden_record *record) {
    cor_scope();
    const bool skip = golden_get(record, "skip") != NULL;
    cor_tensor *first = operand(record, "in0"), *second = operand(record, "in1");
    cor_optimizer *o =
        optimizer_make(record->name, COR_PARAMETERS(COR_TENSORS(first, second)), golden_get(record, "options"));
    if (golden_get(record, "error") != NULL) {
        check_error(record, o);
        return;
    }
    check_repr(record, o);
    for (int step = 1; step <= STEPS; step++) {
        char key[16];
        set_grad(first, "[3,67]", step);
        if (!skip || step > SKIPPED) set_grad(second, "[5]", step);
        assert_int_equal(cor_step(o), COR_OK);
        snprintf(key, sizeof key, "after%d", step);
        if (golden_get(record, key) != NULL) expect(record, key, first);
    }
    expect(record, "second", second);
    check_states(record, o);
    if (golden_get(record, "asis") == NULL) return;
    const double far = distance(first, tensor_from_text(golden_get(record, "asis")));
    if (!(far <= (cor_dtype_of(first) == COR_FLOAT64 ? 1e-15 : 1e-6)))
        fail_msg("line %d: off by %g", record->line, far);
}

/* ---- LBFGS ------------------------------------------------------------------------------------------------------ */

typedef struct problem {
    cor_tensor *x;
    int calls;
} problem;

/* rosenbrock of make_optim.py. */
static cor_tensor *rosenbrock(void *context) {
    problem *p = context;
    double x[16], gradient[16] = {0}, value = 0;
    const int64_t n = cor_numel(p->x);
    const double *values = cor_data_const(cor_to(cor_detach(p->x), COR_FLOAT64));
    assert_true(cor_is_grad_enabled());
    memcpy(x, values, (size_t)n * sizeof x[0]);
    for (int64_t i = 0; i + 1 < n; i++) {
        const double a = x[i + 1] - x[i] * x[i], b = 1.0 - x[i];
        value += 100.0 * a * a + b * b;
        gradient[i] += -400.0 * a * x[i] - 2.0 * b;
        gradient[i + 1] += 200.0 * a;
    }
    p->calls++;
    cor_tensor *grad = cor_to(cor_from_data(gradient, COR_FLOAT64, n), cor_dtype_of(p->x));
    assert_int_equal(cor_set_grad(p->x, grad), COR_OK);
    return cor_full_of(COR_FLOAT64, value, 1);
}

/* The answers of PyTorch's closure, row after row. */
typedef struct answers {
    cor_tensor *x, *losses, *grads;
    int64_t calls;
} answers;

static cor_tensor *replay(void *context) {
    answers *a = context;
    const int64_t call = a->calls++;
    assert_true(call < cor_size(a->losses, 0));
    assert_int_equal(cor_set_grad(a->x, cor_select(a->grads, 0, call)), COR_OK);
    return cor_select(a->losses, 0, call);
}

/* 100 steps with the losses and gradients that PyTorch's got. */
static void check_replayed(const golden_record *record, cor_optimizer *o, cor_tensor *x) {
    answers a = {x, tensor_from_text(golden_get(record, "losses")), tensor_from_text(golden_get(record, "grads")), 0};
    const double bound = cor_dtype_of(x) == COR_FLOAT64 ? 1e-12 : 1e-6;
    for (int step = 1; step <= STEPS; step++) {
        char key[16];
        snprintf(key, sizeof key, "after%d", step);
        assert_non_null(cor_step_closure(o, replay, &a));
        if (golden_get(record, key) == NULL) continue;
        const double far = distance(x, tensor_from_text(golden_get(record, key)));
        if (!(far <= bound)) fail_msg("line %d: %s is off by %g", record->line, key, far);
    }
    assert_int_equal(a.calls, atoi(golden_get(record, "calls")));
}

/* The sums of products have another order than PyTorch's, whose error the search multiplies. */
static void check_lbfgs(const golden_record *record) {
    cor_scope();
    const char *calls = golden_get(record, "calls");
    problem p = {operand(record, "in0"), 0};
    cor_optimizer *o = optimizer_make("LBFGS", COR_PARAMETERS(COR_TENSORS(p.x)), golden_get(record, "options"));
    if (golden_get(record, "error") != NULL) {
        check_error(record, o);
        return;
    }
    check_repr(record, o);
    if (golden_get(record, "losses") != NULL) {
        check_replayed(record, o, p.x);
        return;
    }
    const double bound = cor_dtype_of(p.x) == COR_FLOAT64 ? 1e-12 : 1e-4;
    for (int step = 1; step <= 3; step++) {
        char key[16];
        snprintf(key, sizeof key, "after%d", step);
        const cor_tensor *loss = cor_step_closure(o, rosenbrock, &p);
        assert_non_null(loss);
        const double far = distance(p.x, tensor_from_text(golden_get(record, key)));
        if (!(far <= bound)) fail_msg("line %d: %s is off by %g", record->line, key, far);
    }
    assert_int_equal(p.calls, atoi(calls));
}

/* ---- clipping --------------------------------------------------------------------------------------------------- */

static void expect_near(const golden_record *record, const char *key, cor_tensor *t) {
    cor_tensor *expected = tensor_from_text(golden_get(record, key));
    assert_int_equal(cor_dtype_of(t), cor_dtype_of(expected));
    if (!isfinite(cor_item(cor_sum(expected)))) {
        char *text = cor_repr(t, NULL), *wanted = cor_repr(expected, NULL);
        assert_string_equal(text, wanted);
        cor_free_text(text);
        cor_free_text(wanted);
        return;
    }
    const double far = distance(t, expected), bound = cor_dtype_of(t) == COR_FLOAT64 ? 1e-14 : 1e-6;
    if (!(far <= bound)) fail_msg("line %d: %s is off by %g", record->line, key, far);
}

static void check_clip(const golden_record *record) {
    cor_scope();
    const char *options = golden_get(record, "options");
    const bool norm = strcmp(record->name, "clip_grad_norm_") == 0;
    cor_tensor *parameters[2] = {NULL, NULL}, *total = NULL;
    int n = 0;
    for (; n < 2 && golden_get(record, n == 0 ? "in0" : "in1") != NULL; n++) {
        parameters[n] = operand(record, n == 0 ? "in0" : "in1");
        cor_scope();
        assert_int_equal(cor_set_grad(parameters[n], cor_clone(cor_detach(parameters[n]))), COR_OK);
    }
    if (norm)
        total = cor_clip_grad_norm_(COR_LIST(parameters, n), golden_option_double(options, "max_norm", 0),
                                    .norm_type = golden_option_double(options, "norm_type", 2),
                                    .error_if_nonfinite = golden_option_bool(options, "error_if_nonfinite", false));
    else
        assert_int_equal(cor_clip_grad_value_(COR_LIST(parameters, n), golden_option_double(options, "clip_value", 0)),
                         0);
    if (record->text != NULL) {
        check_error(record, total);
        return;
    }
    if (norm) expect_near(record, "norm", total);
    for (int i = 0; i < n; i++) {
        if (norm) expect_near(record, i == 0 ? "out0" : "out1", cor_grad(parameters[i]));
        else expect(record, i == 0 ? "out0" : "out1", cor_grad(parameters[i]));
    }
}

/* ---- all records ------------------------------------------------------------------------------------------------ */

static void check_all(void *context) {
    int *seen = context;
    golden_file *file = golden_open("optim.txt");
    golden_record record;
    assert_non_null(file);
    *seen = 0;
    for (; golden_next(file, &record) > 0; ++*seen) {
        if (strncmp(record.name, "clip", 4) == 0) check_clip(&record);
        else if (strcmp(record.name, "LBFGS") == 0) check_lbfgs(&record);
        else check_steps(&record);
    }
    golden_close(file);
}

static void test_records(void **state) {
    (void)state;
    int seen;
    slide_everywhere(check_all, &seen);
    assert_int_equal(seen, 139);
    printf("%d records\n", seen);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
