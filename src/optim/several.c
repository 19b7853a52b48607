/* several.c: schedulers made of schedulers, SequentialLR and ChainedScheduler. */
#include "base/error.h"
#include "base/memory.h"
#include "optim/scheduler.h"

static int64_t passed(const cor_scheduler *s, int64_t epoch) {
    int64_t n = 0;
    while (n < s->milestones.n && s->milestones.at[n] <= (double)epoch) n++;
    return n;
}

static int sequential_step(cor_scheduler *s) {
    s->last_epoch++;
    const int64_t i = passed(s, s->last_epoch);
    cor_scheduler *now = s->schedulers[i];
    const bool begins = i > 0 && s->milestones.at[i - 1] == (double)s->last_epoch;
    if ((begins ? cor__scheduler_restart(now) : cor_scheduler_step(now)) != COR_OK) return cor_error();
    return cor__scheduler_note(s);
}

static int chained_step(cor_scheduler *s) {
    for (int64_t i = 0; i < s->n; i++)
        if (cor_scheduler_step(s->schedulers[i]) != COR_OK) return cor_error();
    return cor__scheduler_note(s);
}

static const cor__scheduler_kind kind_sequential = {
    .name = "SequentialLR",
    .fields = {{"_milestones", offsetof(cor_scheduler, milestones), COR__FIELD_NUMBERS}},
    .step = sequential_step};
static const cor__scheduler_kind kind_chained = {.name = "ChainedScheduler", .step = chained_step};

/* ---- making ----------------------------------------------------------------------------------------------------- */

static int check_one(const char *name, const cor_scheduler *s, const cor_optimizer *o, int64_t i) {
    if (cor__is_plateau(s))
        return cor__fail(COR_EVALUE,
                         "%s does not support `ReduceLROnPlateau` scheduler as it requires additional kwargs to be "
                         "specified when calling `step`, but got one at index %lld in the given schedulers sequence.",
                         name, (long long)i);
    if (s->optimizer == o) return COR_OK;
    char *text = cor_optimizer_repr(s->optimizer);
    if (text == NULL) return cor_error();
    cor__fail(COR_EVALUE,
              "%s expects all schedulers to belong to the same optimizer, but got scheduler %s at index %lld has %s, "
              "which is different from %s.",
              name, s->kind->name, (long long)i, text, o->kind->name);
    cor__free_text(text);
    return cor_error();
}

static int check_list(const char *name, cor_scheduler_list list) {
    if (list.at == NULL && list.n > 0) return cor__fail(COR_EVALUE, "%s: the schedulers are NULL", name);
    for (int64_t i = 0; i < list.n; i++)
        if (list.at[i] == NULL) return cor__fail(COR_EVALUE, "%s: scheduler %lld is NULL", name, (long long)i);
    return COR_OK;
}

/* A scheduler of a kind with the list's schedulers, the caller's. */
static cor_scheduler *of_list(const cor__scheduler_kind *kind, cor_optimizer *o, cor_scheduler_list list) {
    for (int64_t i = 0; i < list.n; i++)
        if (check_one(kind->name, list.at[i], o, i) != COR_OK) return NULL;
    cor_scheduler *s = cor__scheduler_new(kind, o);
    if (s == NULL) return NULL;
    s->schedulers = cor__alloc((size_t)list.n * sizeof *s->schedulers, "a scheduler's schedulers");
    if (s->schedulers == NULL) {
        cor_scheduler_release(s);
        return NULL;
    }
    for (s->n = 0; s->n < list.n; s->n++) s->schedulers[s->n] = cor_scheduler_retain(list.at[s->n]);
    return s;
}

/* As if the steps of the constructors had not been. */
static void undo(cor_scheduler *s) {
    for (int64_t i = 0; i < s->n; i++) undo(s->schedulers[i]);
    if (s->n == 0) s->last_epoch--;
}

static int start_sequence(cor_scheduler *s, cor_milestones milestones) {
    if (cor__numbers_resize(&s->milestones, milestones.n) != COR_OK) return cor_error();
    for (int64_t i = 0; i < milestones.n; i++) s->milestones.at[i] = (double)milestones.at[i];
    for (int64_t i = 0; i < s->optimizer->n_groups; i++) {
        cor__group *g = &s->optimizer->groups[i];
        if (g->present & COR__BIT(COR__INITIAL_LR)) g->value[COR__LR] = g->value[COR__INITIAL_LR];
    }
    undo(s);
    s->last_epoch = 0;
    if (cor__scheduler_initial_step(s->schedulers[passed(s, 0)]) != COR_OK) return cor_error();
    return cor__scheduler_note(s);
}

cor_scheduler *cor_sequential_lr(cor_optimizer *o, cor_scheduler_list schedulers, cor_milestones milestones) {
    if (!cor__optimizer_ready(o, "SequentialLR") || check_list("SequentialLR", schedulers) != COR_OK) return NULL;
    if (milestones.at == NULL && milestones.n > 0)
        return cor__fail_null(COR_EVALUE, "SequentialLR: the milestones are NULL");
    if (schedulers.n < 1)
        return cor__fail_null(COR_EVALUE, "SequentialLR expects at least one scheduler, but got no scheduler.");
    if (milestones.n != schedulers.n - 1) {
        for (int64_t i = 0; i < schedulers.n; i++)
            if (check_one("SequentialLR", schedulers.at[i], o, i) != COR_OK) return NULL;
        return cor__fail_null(COR_EVALUE,
                              "Sequential Schedulers expects number of schedulers provided to be one more than the "
                              "number of milestone points, but got number of schedulers %lld and the number of "
                              "milestones to be equal to %lld",
                              (long long)schedulers.n, (long long)milestones.n);
    }
    cor_scheduler *s = of_list(&kind_sequential, o, schedulers);
    if (s == NULL) return NULL;
    if (start_sequence(s, milestones) == COR_OK) return cor__scope_add(s);
    cor_scheduler_release(s);
    return NULL;
}

cor_scheduler *cor_chained_scheduler(cor_scheduler_list schedulers) {
    if (cor_error() != COR_OK || check_list("ChainedScheduler", schedulers) != COR_OK) return NULL;
    if (schedulers.n < 1)
        return cor__fail_null(COR_EVALUE,
                              "ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.");
    cor_scheduler *s = of_list(&kind_chained, schedulers.at[0]->optimizer, schedulers);
    if (s == NULL) return NULL;
    if (cor__scheduler_note(s) == COR_OK) return cor__scope_add(s);
    cor_scheduler_release(s);
    return NULL;
}
