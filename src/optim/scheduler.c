/* scheduler.c: the life of a scheduler, and its steps. */
#include "optim/scheduler.h"
#include "base/error.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

int cor__numbers_resize(cor__numbers *numbers, int64_t n) {
    if (numbers->at != NULL && numbers->n == n) return COR_OK;
    double *at = cor__alloc_zero((size_t)n * sizeof *at, "a scheduler's numbers");
    if (at == NULL) return cor_error();
    cor__free(numbers->at, (size_t)numbers->n * sizeof *at);
    numbers->at = at;
    numbers->n = n;
    return COR_OK;
}

static void free_numbers(cor__numbers *numbers) { cor__free(numbers->at, (size_t)numbers->n * sizeof(double)); }

static void destroy(cor__object *object) {
    cor_scheduler *s = (cor_scheduler *)object;
    for (int64_t i = 0; i < s->n; i++) cor__release(s->schedulers[i]);
    cor__free(s->schedulers, (size_t)s->n * sizeof *s->schedulers);
    free_numbers(&s->base_lrs);
    free_numbers(&s->last_lr);
    free_numbers(&s->milestones);
    free_numbers(&s->min_lrs);
    cor__release(s->optimizer);
    cor__free(s, sizeof *s);
}

static const cor__class scheduler_class = {"scheduler", destroy};

cor_scheduler *cor_scheduler_retain(cor_scheduler *s) { return s == NULL ? NULL : cor__retain(s); }
void cor_scheduler_release(cor_scheduler *s) { cor__release(s); }
cor_scheduler *cor_scheduler_take(cor_scheduler *s) { return cor__scope_take(s); }
cor_scheduler *cor_scheduler_keep(cor_scheduler *s) { return cor__scope_keep(s); }

bool cor__scheduler_ready(const cor_scheduler *s, const char *call) {
    if (cor_error() != COR_OK) return false;
    if (s == NULL) cor__fail(COR_EVALUE, "%s: the scheduler is NULL", call);
    return s != NULL;
}

cor_scheduler *cor__scheduler_new(const cor__scheduler_kind *kind, cor_optimizer *o) {
    if (!cor__optimizer_ready(o, kind->name)) return NULL;
    cor_scheduler *s = cor__alloc_zero(sizeof *s, "a scheduler");
    if (s == NULL) return NULL;
    cor__object_init(&s->object, &scheduler_class);
    s->kind = kind;
    s->optimizer = cor__retain(o);
    s->last_epoch = -1;
    return s;
}

double cor__group_lr(const cor_scheduler *s, int64_t group) { return s->optimizer->groups[group].value[COR__LR]; }

int cor__scheduler_note(cor_scheduler *s) {
    const int64_t n = s->optimizer->n_groups;
    if (cor__numbers_resize(&s->last_lr, n) != COR_OK) return cor_error();
    for (int64_t i = 0; i < n; i++) s->last_lr.at[i] = cor__group_lr(s, i);
    return COR_OK;
}

cor_scheduler *cor__scheduler_start(cor_scheduler *s) {
    if (s == NULL) return NULL;
    cor_optimizer *o = s->optimizer;
    if (cor__numbers_resize(&s->base_lrs, o->n_groups) == COR_OK) {
        for (int64_t i = 0; i < o->n_groups; i++) {
            cor__group *g = &o->groups[i];
            if (!(g->present & COR__BIT(COR__INITIAL_LR))) g->value[COR__INITIAL_LR] = g->value[COR__LR];
            g->present |= COR__BIT(COR__INITIAL_LR);
            s->base_lrs.at[i] = g->value[COR__INITIAL_LR];
        }
        cor__scheduler_initial_step(s);
    }
    if (cor_error() == COR_OK) return cor__scope_add(s);
    cor__release(s);
    return NULL;
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

/* Sets the rates of all groups, once all of them are known: those of last_lr hold them meanwhile. */
static int set_rates(cor_scheduler *s, bool closed) {
    const int64_t n = s->optimizer->n_groups;
    if (s->kind->uses_base && s->base_lrs.n != n)
        return cor__fail(COR_ESTATE,
                         "%s: the optimizer has %lld parameter groups, but had %lld when the scheduler was made",
                         s->kind->name, (long long)n, (long long)s->base_lrs.n);
    if (cor__numbers_resize(&s->last_lr, n) != COR_OK) return cor_error();
    for (int64_t i = 0; i < n && cor_error() == COR_OK; i++)
        s->last_lr.at[i] =
            closed && s->kind->closed != NULL ? s->kind->closed(s, i) : s->kind->rate(s, i, cor__group_lr(s, i));
    if (cor_error() != COR_OK) {
        (void)cor__scheduler_note(s);
        return cor_error();
    }
    for (int64_t i = 0; i < n; i++) s->optimizer->groups[i].value[COR__LR] = s->last_lr.at[i];
    return COR_OK;
}

static int step(cor_scheduler *s) {
    if (s->kind->step != NULL) return s->kind->step(s);
    s->step_count++;
    if (s->kind->advance != NULL) s->kind->advance(s);
    else s->last_epoch++;
    return set_rates(s, false);
}

int cor__scheduler_initial_step(cor_scheduler *s) {
    s->step_count = 0;
    s->initial = true;
    const int code = step(s);
    s->initial = false;
    return code;
}

int cor__scheduler_restart(cor_scheduler *s) {
    if (s->kind->rate == NULL)
        return cor__fail(COR_EUNSUPPORTED, "SequentialLR: a %s cannot start at a milestone", s->kind->name);
    s->last_epoch = 0;
    return set_rates(s, true);
}

int cor_scheduler_step(cor_scheduler *s) { return cor__scheduler_ready(s, "scheduler_step") ? step(s) : cor_error(); }

double cor_last_lr(const cor_scheduler *s, int64_t group) {
    if (!cor__scheduler_ready(s, "last_lr")) return NAN;
    if (group >= 0 && group < s->last_lr.n) return s->last_lr.at[group];
    cor__fail(COR_EINDEX, "last_lr: group %lld of %lld", (long long)group, (long long)s->last_lr.n);
    return NAN;
}
