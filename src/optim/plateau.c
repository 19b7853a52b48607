/* plateau.c: ReduceLROnPlateau. */
#include "base/error.h"
#include "optim/scheduler.h"
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_plateau_options, COR_PLATEAU_OPTIONS)

static int refuse_step(cor_scheduler *s) {
    (void)s;
    return cor__fail(COR_EVALUE, "ReduceLROnPlateau.step() missing 1 required positional argument: 'metrics'");
}

static const cor__scheduler_kind kind_plateau = {
    .name = "ReduceLROnPlateau",
    .fields = {{"factor", offsetof(cor_scheduler, gamma), COR__FIELD_REAL},
               {"patience", offsetof(cor_scheduler, patience), COR__FIELD_WHOLE},
               {"threshold", offsetof(cor_scheduler, threshold), COR__FIELD_REAL},
               {"cooldown", offsetof(cor_scheduler, cooldown), COR__FIELD_WHOLE},
               {"eps", offsetof(cor_scheduler, eps), COR__FIELD_REAL},
               {"min_lrs", offsetof(cor_scheduler, min_lrs), COR__FIELD_NUMBERS},
               {"best", offsetof(cor_scheduler, best), COR__FIELD_REAL},
               {"cooldown_counter", offsetof(cor_scheduler, cooldown_counter), COR__FIELD_WHOLE},
               {"num_bad_epochs", offsetof(cor_scheduler, bad_epochs), COR__FIELD_WHOLE}},
    .step = refuse_step};

bool cor__is_plateau(const cor_scheduler *s) { return s->kind == &kind_plateau; }

/* ---- making ----------------------------------------------------------------------------------------------------- */

/* Whether a word is the second of two; COR_EVALUE, by PyTorch's text, if it is neither. */
static bool is_second(const char *word, const char *first, const char *second, const char *what) {
    if (word != NULL && strcmp(word, first) == 0) return false;
    if (word == NULL || strcmp(word, second) != 0)
        cor__fail(COR_EVALUE, "%s %s is unknown!", what, word == NULL ? "None" : word);
    return true;
}

static int set_least(cor_scheduler *s, const cor_plateau_options *o) {
    const int64_t n = s->optimizer->n_groups;
    if (o->min_lrs.at != NULL && o->min_lrs.n != n)
        return cor__fail(COR_EVALUE, "expected %lld min_lrs, got %lld", (long long)n, (long long)o->min_lrs.n);
    if (cor__numbers_resize(&s->min_lrs, n) != COR_OK) return cor_error();
    for (int64_t i = 0; i < n; i++) s->min_lrs.at[i] = o->min_lrs.at != NULL ? o->min_lrs.at[i] : o->min_lr;
    return COR_OK;
}

cor_scheduler *cor_reduce_lr_on_plateau_with(cor_optimizer *o, const cor_plateau_options *options) {
    cor_plateau_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "reduce_lr_on_plateau") != COR_OK)
        return NULL;
    options = cor_plateau_options_or_defaults(options, &room);
    if (options->factor >= 1.0) return cor__fail_null(COR_EVALUE, "Factor should be < 1.0.");
    cor_scheduler *s = cor__scheduler_new(&kind_plateau, o);
    if (s == NULL) return NULL;
    s->last_epoch = 0;
    s->gamma = options->factor;
    s->patience = options->patience;
    s->threshold = options->threshold;
    s->cooldown = options->cooldown;
    s->eps = options->eps;
    if (set_least(s, options) == COR_OK) s->max_mode = is_second(options->mode, "min", "max", "mode");
    if (cor_error() == COR_OK) s->absolute = is_second(options->threshold_mode, "rel", "abs", "threshold mode");
    s->best = s->max_mode ? -INFINITY : INFINITY;
    if (cor_error() == COR_OK && cor__scheduler_note(s) == COR_OK) return cor__scope_add(s);
    cor_scheduler_release(s);
    return NULL;
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

static bool is_better(const cor_scheduler *s, double a) {
    if (s->max_mode) return a > (s->absolute ? s->best + s->threshold : s->best * (s->threshold + 1.0));
    return a < (s->absolute ? s->best - s->threshold : s->best * (1.0 - s->threshold));
}

static void reduce(const cor_scheduler *s) {
    for (int64_t i = 0; i < s->optimizer->n_groups; i++) {
        double *lr = &s->optimizer->groups[i].value[COR__LR];
        const double least = s->min_lrs.at[i], lower = *lr * s->gamma, reduced = least > lower ? least : lower;
        if (*lr - reduced > s->eps) *lr = reduced;
    }
}

int cor_scheduler_step_metric(cor_scheduler *s, double metric) {
    if (!cor__scheduler_ready(s, "scheduler_step_metric")) return cor_error();
    if (!cor__is_plateau(s)) return cor__fail(COR_EVALUE, "%s takes no metric: use cor_scheduler_step", s->kind->name);
    if (s->min_lrs.n != s->optimizer->n_groups)
        return cor__fail(
            COR_ESTATE,
            "The number of param groups in the `optimizer` (%lld) differs from when `ReduceLROnPlateau` was "
            "initialized (%lld), usually due to a new param group being added to the optimizer. Please "
            "modify the `min_lrs` field to match the length of the `optimizer` param groups.",
            (long long)s->optimizer->n_groups, (long long)s->min_lrs.n);
    s->last_epoch++;
    const bool better = is_better(s, metric);
    if (better) s->best = metric;
    s->bad_epochs = better ? 0 : s->bad_epochs + 1;
    if (s->cooldown_counter > 0) {
        s->cooldown_counter--;
        s->bad_epochs = 0;
    }
    if (s->bad_epochs > s->patience) {
        reduce(s);
        s->cooldown_counter = s->cooldown;
        s->bad_epochs = 0;
    }
    return cor__scheduler_note(s);
}
