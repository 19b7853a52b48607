/* Optimizers and schedulers with every allocation failing: COR_ENOMEM and nothing left behind; a failed step or load
 * leaves parameters and states as they were. */
#include "optim/optimizer.h"
#include "support/optimizers.h"
#include "support/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { N = 12 };
static const char *const options = "momentum=0.9 centered=true amsgrad=true weight_decay=0.015";

/* Two parameters with gradients; the second, with gaps, needs a copy. */
static bool make_parameters(cor_tensor *parameters[2]) {
    cor_tensor *wide = cor_full(2.0, 3, 2 * N / 3), *gaps = cor_slice(wide, 1, .step = 2);
    parameters[0] = cor_requires_grad_(cor_full(1.0, 3, N / 3), true);
    parameters[1] = cor_requires_grad_(cor_detach(gaps), true);
    for (int i = 0; i < 2; i++)
        if (cor_set_grad(parameters[i], cor_t(cor_full(0.5, N / 3, 3))) != COR_OK) return false;
    return true;
}

static bool is_filled(const cor_tensor *t, float value) {
    const float *p = cor_data_const(t);
    for (int64_t i = 0; i < t->sizes[0]; i++)
        for (int64_t j = 0; j < t->sizes[1]; j++)
            if (p[i * t->strides[0] + j * t->strides[1]] != value) return false;
    return true;
}

static void feed_state(scenario_hash *result, cor_optimizer *o) {
    cor_dict *d = cor_optimizer_state(o);
    for (int64_t i = 0; i < cor_dict_count(d); i++) scenario_feed_tensor(result, cor_dict_tensor_at(d, i));
}

static int step(void *context, scenario_hash *result) {
    cor_tensor *p[2];
    if (!make_parameters(p)) return cor_error();
    cor_optimizer *o = optimizer_make(context, COR_PARAMETERS(COR_LIST(p, 2)), options);
    if (o == NULL || cor_step(o) != COR_OK) {
        if (!is_filled(p[0], 1) || !is_filled(p[1], 2)) fail_msg("a failed step has moved the parameters");
        for (int i = 0; o != NULL && i < 2; i++)
            if (o->parameters[i].step != 0 || o->parameters[i].state[0] != NULL)
                fail_msg("a failed step has left a state");
        return cor_error();
    }
    if (cor_step(o) == COR_OK) feed_state(result, o);
    scenario_feed_tensor(result, p[0]);
    scenario_feed_tensor(result, p[1]);
    return cor_error();
}

static int load(void *context, scenario_hash *result) {
    cor_tensor *p[2], *q[2];
    if (!make_parameters(p) || !make_parameters(q)) return cor_error();
    cor_optimizer *from = optimizer_make(context, COR_PARAMETERS(COR_LIST(p, 2)), options);
    cor_optimizer *to = optimizer_make(context, COR_PARAMETERS(COR_LIST(q, 2)), NULL);
    if (to == NULL || cor_step(from) != COR_OK) return cor_error();
    cor_dict *saved = cor_optimizer_state(from);
    if (saved == NULL) return cor_error();
    if (cor_load_optimizer_state(to, saved) != COR_OK) {
        for (int i = 0; i < 2; i++)
            if (to->parameters[i].step != 0 || to->parameters[i].state[0] != NULL ||
                to->groups[0].value[COR__WEIGHT_DECAY] == 0.015)
                fail_msg("a failed load has left something");
        return cor_error();
    }
    if (cor_step(to) == COR_OK) feed_state(result, to);
    return cor_error();
}

static int groups(void *context, scenario_hash *result) {
    (void)context;
    cor_tensor *p[2];
    if (!make_parameters(p)) return cor_error();
    cor_optimizer *o = cor_sgd(COR_LIST(p, 1));
    if (o == NULL || cor_add_param_group(o, COR_LIST(p + 1, 1), .lr = 0.5) != COR_OK) {
        if (o != NULL && (o->n != 1 || o->n_groups != 1)) fail_msg("half a group");
        return cor_error();
    }
    scenario_feed_text(result, cor_optimizer_repr(o));
    return cor_error();
}

static int clip(void *context, scenario_hash *result) {
    (void)context;
    cor_tensor *p[2];
    if (!make_parameters(p)) return cor_error();
    scenario_feed_tensor(result, cor_clip_grad_norm_(COR_LIST(p, 2), 0.5));
    if (cor_error() == COR_OK) (void)cor_clip_grad_value_(COR_LIST(p, 2), 0.01);
    for (int i = 0; i < 2 && cor_error() == COR_OK; i++) scenario_feed_tensor(result, cor_grad(p[i]));
    return cor_error();
}

/* The square of the distance to 3, whose gradient is linear. */
static cor_tensor *closure(void *context) {
    cor_no_grad();
    cor_tensor **p = context, *away = cor_sub(p[0], 3), *loss = cor_sum(cor_square(away));
    return cor_set_grad(p[0], cor_mul(away, 2)) == COR_OK ? loss : NULL;
}

static int lbfgs(void *context, scenario_hash *result) {
    cor_tensor *p[2];
    if (!make_parameters(p)) return cor_error();
    cor_optimizer *o = cor_lbfgs(COR_LIST(p, 2), .lr = 0.1, .max_iter = 3, .line_search_fn = context);
    for (int i = 0; i < 2 && cor_error() == COR_OK; i++) cor_step_closure(o, closure, p);
    cor_dict *saved = cor_error() == COR_OK ? cor_optimizer_state(o) : NULL;
    if (saved != NULL && cor_load_optimizer_state(o, saved) == COR_OK) feed_state(result, o);
    scenario_feed_tensor(result, p[0]);
    return cor_error();
}

static cor_scheduler *sequence(cor_optimizer *o) {
    cor_scheduler *a = cor_one_cycle_lr(o, 0.1, .total_steps = 9), *b = cor_cosine_annealing_lr(o, 4);
    cor_scheduler *c = cor_multi_step_lr(o, COR_MILESTONES(3, 5));
    cor_scheduler *d = cor_error() == COR_OK ? cor_sequential_lr(o, COR_SCHEDULERS(a, b), COR_MILESTONES(4)) : NULL;
    return cor_error() == COR_OK ? cor_chained_scheduler(COR_SCHEDULERS(c, d)) : NULL;
}

static int schedulers(void *context, scenario_hash *result) {
    (void)context;
    cor_tensor *p[2];
    if (!make_parameters(p)) return cor_error();
    cor_optimizer *o = cor_sgd(COR_LIST(p, 2));
    cor_scheduler *s = o == NULL ? NULL : sequence(o), *plateau = s == NULL ? NULL : cor_reduce_lr_on_plateau(o);
    for (int i = 0; i < 6 && cor_error() == COR_OK; i++) (void)cor_scheduler_step(s);
    if (cor_error() == COR_OK) (void)cor_scheduler_step_metric(plateau, 1);
    cor_dict *saved = cor_error() == COR_OK ? cor_scheduler_state(s) : NULL;
    if (saved == NULL || cor_load_scheduler_state(s, saved) != COR_OK) return cor_error();
    for (int64_t i = 0; i < cor_dict_count(saved); i++) scenario_feed_tensor(result, cor_dict_tensor_at(saved, i));
    return cor_error();
}

static void test_all(void **state) {
    (void)state;
    static char *const names[] = {"SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "NAdam", "Adamax", "RAdam"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        scenario_run(names[i], step, names[i]);
        scenario_run(names[i], load, names[i]);
    }
    scenario_run("groups", groups, NULL);
    scenario_run("clip", clip, NULL);
    scenario_run("LBFGS", lbfgs, NULL);
    static char wolfe[] = "strong_wolfe";
    scenario_run("LBFGS with a search", lbfgs, wolfe);
    scenario_run("schedulers", schedulers, NULL);
    scenario_print_total();
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
