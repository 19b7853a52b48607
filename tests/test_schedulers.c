/* Schedulers against PyTorch (schedulers.txt): the rates of 100 steps, digit for digit, and errors; and their states.
 */
#include "support/golden.h"
#include <corrie.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the schedulers of make_schedulers.py ----------------------------------------------------------------------- */

static double metric(int i) { return (double)((i * 7) % 11 + 3) / (double)(i + 5); }

static double wave(int64_t epoch, int64_t group, void *context) {
    (void)group, (void)context;
    return 1.0 + 0.5 * cos((double)epoch);
}

static cor_scheduler *sequence(cor_optimizer *o) {
    cor_scheduler *first = cor_constant_lr(o, .factor = 0.1, .total_iters = 4), *second = cor_exponential_lr(o, 0.9);
    cor_scheduler *third = cor_cosine_annealing_lr(o, 10);
    return cor_sequential_lr(o, COR_SCHEDULERS(first, second, third), COR_MILESTONES(5, 20));
}

static cor_scheduler *warm_up(cor_optimizer *o) {
    cor_scheduler *first = cor_linear_lr(o, .start_factor = 0.01, .total_iters = 10);
    cor_scheduler *second = cor_cosine_annealing_warm_restarts(o, 7, .T_mult = 2, .eta_min = 0.001);
    return cor_sequential_lr(o, COR_SCHEDULERS(first, second), COR_MILESTONES(10));
}

static cor_scheduler *chained(cor_optimizer *o) {
    cor_scheduler *first = cor_constant_lr(o, .factor = 0.1, .total_iters = 6), *second = cor_exponential_lr(o, 0.95);
    return cor_chained_scheduler(COR_SCHEDULERS(first, second));
}

static cor_scheduler *sequence_of_chained(cor_optimizer *o) {
    cor_scheduler *a = cor_step_lr(o, 3, .gamma = 0.9), *b = cor_exponential_lr(o, 0.97);
    cor_scheduler *both = cor_chained_scheduler(COR_SCHEDULERS(a, b)), *last = cor_exponential_lr(o, 0.9);
    return cor_sequential_lr(o, COR_SCHEDULERS(both, last), COR_MILESTONES(12));
}

static cor_scheduler *bad_count(cor_optimizer *o) {
    cor_scheduler *a = cor_step_lr(o, 3), *b = cor_step_lr(o, 3);
    return cor_sequential_lr(o, COR_SCHEDULERS(a, b), (cor_milestones){NULL, 0});
}

static cor_scheduler *bad_sequence(cor_optimizer *o) {
    return cor_sequential_lr(o, COR_SCHEDULERS(cor_reduce_lr_on_plateau(o)), (cor_milestones){NULL, 0});
}

static cor_scheduler *bad_chain(cor_optimizer *o) {
    cor_scheduler *a = cor_step_lr(o, 3), *b = cor_reduce_lr_on_plateau(o);
    return cor_chained_scheduler(COR_SCHEDULERS(a, b));
}

static const double two_max[] = {0.5, 1.5}, two_min[] = {0.03, 0.001}, three[] = {0.1, 0.2, 0.3};
static const cor_milestones none = {NULL, 0};

/* A sequence of wave and another scheduler from a milestone on. */
#define SEQUENCE(name, milestone, second)                                                                              \
    static cor_scheduler *make_##name(cor_optimizer *o) {                                                              \
        cor_scheduler *first = cor_lambda_lr(o, wave, NULL), *then = second;                                           \
        return cor_sequential_lr(o, COR_SCHEDULERS(first, then), COR_MILESTONES(milestone));                           \
    }
#define MAKE(name, expression)                                                                                         \
    static cor_scheduler *make_##name(cor_optimizer *o) { return expression; }
#include "schedulers.inc.c"
#undef MAKE
#undef SEQUENCE

static const struct {
    const char *name;
    cor_scheduler *(*make)(cor_optimizer *);
} makers[] = {
#define MAKE(name, expression) {#name, make_##name},
#define SEQUENCE(name, milestone, second) {#name, make_##name},
#include "schedulers.inc.c"
};

enum { MAKERS = sizeof makers / sizeof makers[0] };

static cor_scheduler *make(const char *name, cor_optimizer *o) {
    for (int i = 0; i < MAKERS; i++)
        if (strcmp(makers[i].name, name) == 0) return makers[i].make(o);
    fail_msg("no scheduler %s", name);
    return NULL;
}

static cor_optimizer *optimizer_for(const char *name) {
    cor_tensor *a = cor_requires_grad_(cor_zeros(1), true), *b = cor_requires_grad_(cor_zeros(1), true);
    cor_optimizer *o = strncmp(name, "adam_", 5) == 0      ? cor_adam(COR_TENSORS(a), .lr = 0.1)
                       : strncmp(name, "adagrad_", 8) == 0 ? cor_adagrad(COR_TENSORS(a), .lr = 0.1)
                                                           : cor_sgd(COR_TENSORS(a), .lr = 0.1, .momentum = 0.9);
    assert_int_equal(cor_add_param_group(o, COR_TENSORS(b), .lr = 0.05), COR_OK);
    return o;
}

static int step(const char *name, cor_scheduler *s, int i) {
    return strncmp(name, "plateau", 7) == 0 ? cor_scheduler_step_metric(s, metric(i)) : cor_scheduler_step(s);
}

/* ---- records ---------------------------------------------------------------------------------------------------- */

/* Checks one line of rates. */
static void check_line(const golden_record *record, int i, const char *line, cor_optimizer *o, const cor_scheduler *s) {
    char *end;
    const bool adam = strncmp(record->name, "adam_", 5) == 0;
    const double got[] = {cor_lr(o, 0), cor_lr(o, 1), cor_option(o, 0, adam ? "beta1" : "momentum")};
    for (int j = 0; j < 3; j++, line = end) {
        const double expected = strtod(line, &end);
        if (!(got[j] == expected))
            fail_msg("%s, step %d, number %d: %.17g instead of %.17g", record->name, i, j, got[j], expected);
    }
    assert_true(cor_last_lr(s, 0) == got[0] && cor_last_lr(s, 1) == got[1]);
}

static int check_record(const golden_record *record) {
    cor_scope();
    cor_optimizer *o = optimizer_for(record->name);
    cor_scheduler *s = make(record->name, o);
    if (golden_get(record, "error") != NULL) {
        assert_null(s);
        assert_string_equal(cor_error_message(), record->text);
        cor_error_clear();
        return 1;
    }
    int i = 0;
    for (const char *line = record->text; line != NULL; i++) {
        const char *next = strchr(line, '\n');
        if (line[0] == '!') {
            assert_true(step(record->name, s, i - 1) < 0);
            assert_string_equal(cor_error_message(), line + 2);
            cor_error_clear();
        } else {
            if (i > 0) assert_int_equal(step(record->name, s, i - 1), COR_OK);
            check_line(record, i, line, o, s);
        }
        line = next == NULL ? NULL : next + 1;
    }
    return i;
}

static void test_records(void **state) {
    (void)state;
    int seen = 0, lines = 0;
    golden_file *file = golden_open("schedulers.txt");
    golden_record record;
    assert_non_null(file);
    for (; golden_next(file, &record) > 0; seen++) lines += check_record(&record);
    golden_close(file);
    assert_int_equal(seen, MAKERS);
    printf("%d records, %d lines\n", seen, lines);
}

/* ---- states ----------------------------------------------------------------------------------------------------- */

/* A scheduler that takes over another one's state, on an optimizer that does so too, goes on as that one does. */
static void test_state(void **state) {
    (void)state;
    for (int i = 0; i < MAKERS; i++) {
        const char *name = makers[i].name;
        cor_scope();
        cor_optimizer *old = optimizer_for(name), *new = optimizer_for(name);
        cor_scheduler *a = makers[i].make(old), *b = a == NULL ? NULL : makers[i].make(new);
        for (int j = 0; j < 17 && cor_error() == COR_OK; j++) step(name, a, j);
        if (cor_error() == COR_OK) {
            assert_int_equal(cor_load_scheduler_state(b, cor_scheduler_state(a)), COR_OK);
            assert_int_equal(cor_load_optimizer_state(new, cor_optimizer_state(old)), COR_OK);
            for (int j = 17; j < 30 && cor_error() == COR_OK; j++) {
                assert_int_equal(step(name, a, j), step(name, b, j));
                assert_true(cor_lr(old, 0) == cor_lr(new, 0) && cor_last_lr(a, 1) == cor_last_lr(b, 1));
            }
        }
        cor_error_clear();
    }
}

static void expect_error(int code, int status, const char *text) {
    assert_int_equal(code, status);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

static void test_bad_states(void **state) {
    (void)state;
    cor_scope();
    cor_optimizer *o = optimizer_for("");
    cor_scheduler *s = cor_step_lr(o, 3), *other = cor_exponential_lr(o, 0.5);
    cor_dict *saved = cor_scheduler_state(s);
    expect_error(cor_load_scheduler_state(other, saved), COR_EKEY,
                 "the state has 'step_size', which ExponentialLR does not know");
    assert_int_equal(cor_dict_set(saved, "base_lrs", cor_ones(3)), COR_OK);
    expect_error(cor_load_scheduler_state(s, saved), COR_ESHAPE,
                 "'base_lrs' of the state should have 2 elements, but has 3");
    assert_int_equal(cor_dict_delete(saved, "base_lrs"), COR_OK);
    expect_error(cor_load_scheduler_state(s, saved), COR_EKEY, "the state has no 'base_lrs'");
    saved = cor_scheduler_state(s);
    assert_int_equal(cor_dict_set(saved, "step_size", cor_scalar(INFINITY)), COR_OK);
    expect_error(cor_load_scheduler_state(s, saved), COR_EVALUE, "'step_size' of the state is no integer");
}

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static double failing(int64_t epoch, int64_t group, void *context) {
    (void)context;
    return epoch == 2 && group == 1 ? cor_error_set(COR_EVALUE, "no rate") : 0.5;
}

static void test_errors(void **state) {
    (void)state;
    cor_scope();
    cor_optimizer *o = optimizer_for(""), *another = cor_sgd(COR_TENSORS(cor_requires_grad_(cor_zeros(1), true)));
    cor_scheduler *cosine = cor_cosine_annealing_lr(o, 5), *plateau = cor_reduce_lr_on_plateau(o);
    expect_error(cor_scheduler_step(plateau), COR_EVALUE,
                 "ReduceLROnPlateau.step() missing 1 required positional argument: 'metrics'");
    expect_error(cor_scheduler_step_metric(cosine, 1), COR_EVALUE,
                 "CosineAnnealingLR takes no metric: use cor_scheduler_step");
    cor_scheduler *stranger = cor_step_lr(another, 2);
    assert_null(cor_chained_scheduler(COR_SCHEDULERS(cosine, stranger)));
    expect_error(
        COR_EVALUE, COR_EVALUE,
        "ChainedScheduler expects all schedulers to belong to the same optimizer, but got scheduler StepLR at "
        "index 1 has SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n    foreach: None\n"
        "    fused: None\n    initial_lr: 0.001\n    lr: 0.001\n    maximize: False\n    momentum: 0\n    "
        "nesterov: False\n    weight_decay: 0\n), which is different from SGD.");
    cor_scheduler *function = cor_lambda_lr(o, failing, NULL);
    assert_int_equal(cor_scheduler_step(function), COR_OK);
    expect_error(cor_scheduler_step(function), COR_EVALUE, "no rate");
    assert_true(cor_lr(o, 0) == 0.05 && cor_last_lr(function, 0) == 0.05); /* no group has moved */
    assert_int_equal(cor_add_param_group(o, COR_TENSORS(cor_requires_grad_(cor_zeros(1), true))), COR_OK);
    expect_error(cor_scheduler_step(cosine), COR_ESTATE,
                 "CosineAnnealingLR: the optimizer has 3 parameter groups, but had 2 when the scheduler was made");
    assert_true(isnan(cor_last_lr(plateau, 2)));
    expect_error(COR_EINDEX, cor_error(), "last_lr: group 2 of 2");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records), cmocka_unit_test(test_state),
                                       cmocka_unit_test(test_bad_states), cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
