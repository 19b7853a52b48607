/* one_cycle.c: OneCycleLR (Smith, Topin: Super-convergence). */
#include "base/error.h"
#include "base/sizes.h"
#include "optim/scheduler.h"
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_one_cycle_lr_options, COR_ONE_CYCLE_LR_OPTIONS)

/* From where to where rate and momentum go until an epoch. */
typedef struct phase {
    double end;
    cor__setting lr_from, lr_to, momentum_from, momentum_to;
} phase;

/* The phases; returns how many. */
static int phases_of(const cor_scheduler *s, phase phases[3]) {
    const double total = (double)s->size, rise = s->pct_start * total - 1;
    phases[0] = (phase){rise, COR__INITIAL_LR, COR__MAX_LR, COR__MAX_MOMENTUM, COR__BASE_MOMENTUM};
    if (!s->three_phase) {
        phases[1] = (phase){total - 1, COR__MAX_LR, COR__MIN_LR, COR__BASE_MOMENTUM, COR__MAX_MOMENTUM};
        return 2;
    }
    phases[1] =
        (phase){2 * s->pct_start * total - 2, COR__MAX_LR, COR__INITIAL_LR, COR__BASE_MOMENTUM, COR__MAX_MOMENTUM};
    phases[2] = (phase){total - 1, COR__INITIAL_LR, COR__MIN_LR, COR__MAX_MOMENTUM, COR__MAX_MOMENTUM};
    return 3;
}

static double anneal(const cor_scheduler *s, double start, double end, double pct) {
    if (s->linear) return (end - start) * pct + start;
    return end + (start - end) / 2.0 * (cos(M_PI * pct) + 1);
}

static cor__setting momentum_of(const cor_scheduler *s) {
    return s->optimizer->kind->settings & COR__BIT(COR__BETA1) ? COR__BETA1 : COR__MOMENTUM;
}

static double rate(const cor_scheduler *s, int64_t group, double lr) {
    phase phases[3];
    cor__group *g = &s->optimizer->groups[group];
    const int n = phases_of(s, phases);
    const double epoch = (double)s->last_epoch;
    double start = 0;
    int i = 0;
    if (s->last_epoch > s->size) {
        cor__fail(COR_EVALUE, "Tried to step %lld times. The specified number of total steps is %lld",
                  (long long)s->last_epoch, (long long)s->size);
        return lr;
    }
    for (; i < n - 1 && epoch > phases[i].end; i++) start = phases[i].end;
    if (phases[i].end == start) return cor__fail(COR_EVALUE, "float division by zero"), lr;
    const double pct = (epoch - start) / (phases[i].end - start);
    if (s->cycle_momentum)
        g->value[momentum_of(s)] = anneal(s, g->value[phases[i].momentum_from], g->value[phases[i].momentum_to], pct);
    return anneal(s, g->value[phases[i].lr_from], g->value[phases[i].lr_to], pct);
}

static const cor__scheduler_kind kind_one_cycle = {
    .name = "OneCycleLR",
    .fields = {{"total_steps", offsetof(cor_scheduler, size), COR__FIELD_WHOLE},
               {"pct_start", offsetof(cor_scheduler, pct_start), COR__FIELD_REAL},
               {"three_phase", offsetof(cor_scheduler, three_phase), COR__FIELD_TRUTH},
               {"linear", offsetof(cor_scheduler, linear), COR__FIELD_TRUTH},
               {"cycle_momentum", offsetof(cor_scheduler, cycle_momentum), COR__FIELD_TRUTH}},
    .rate = rate};

/* ---- making ----------------------------------------------------------------------------------------------------- */

static int refuse_count(const char *name, int64_t value) {
    return cor__fail(COR_EVALUE, "Expected positive integer %s, but got %lld", name, (long long)value);
}

static int find_total(const cor_one_cycle_lr_options *o, int64_t *total) {
    *total = o->total_steps;
    if (*total != COR_UNSET) return *total > 0 ? COR_OK : refuse_count("total_steps", *total);
    if (o->epochs == COR_UNSET || o->steps_per_epoch == COR_UNSET)
        return cor__fail(COR_EVALUE, "You must define either total_steps OR (epochs AND steps_per_epoch)");
    if (o->epochs <= 0) return refuse_count("epochs", o->epochs);
    if (o->steps_per_epoch <= 0) return refuse_count("steps_per_epoch", o->steps_per_epoch);
    if (cor__mul_ok(o->epochs, o->steps_per_epoch, total)) return COR_OK;
    return cor__fail(COR_ELIMIT, "OneCycleLR: the number of steps does not fit");
}

static int check(const cor_optimizer *optimizer, const cor_one_cycle_lr_options *o) {
    if (!(o->pct_start >= 0 && o->pct_start <= 1)) {
        cor__text number = {0};
        cor__text_double(&number, o->pct_start);
        cor__fail(COR_EVALUE, "Expected float between 0 and 1 pct_start, but got %s", number.failed ? "" : number.data);
        cor__text_free(&number);
        return cor_error();
    }
    if (o->anneal_strategy == NULL || (strcmp(o->anneal_strategy, "cos") != 0 && strcmp(o->anneal_strategy, "linear")))
        return cor__fail(COR_EVALUE, "anneal_strategy must be one of 'cos' or 'linear', instead got %s",
                         o->anneal_strategy == NULL ? "None" : o->anneal_strategy);
    if (o->max_lrs.at != NULL && o->max_lrs.n != optimizer->n_groups)
        return cor__fail(COR_EVALUE,
                         "max_lr must have the same length as optimizer.param_groups. max_lr has %lld values, "
                         "param_groups has %lld.",
                         (long long)o->max_lrs.n, (long long)optimizer->n_groups);
    if (o->cycle_momentum && !(optimizer->kind->settings & (COR__BIT(COR__MOMENTUM) | COR__BIT(COR__BETA1))))
        return cor__fail(COR_EVALUE, "optimizer must support momentum or beta1 with `cycle_momentum` option enabled");
    return COR_OK;
}

static void set_group(const cor_scheduler *s, cor__group *g, double max_lr, const cor_one_cycle_lr_options *o) {
    g->value[COR__INITIAL_LR] = max_lr / o->div_factor;
    g->value[COR__MAX_LR] = max_lr;
    g->value[COR__MIN_LR] = g->value[COR__INITIAL_LR] / o->final_div_factor;
    g->present |= COR__BIT(COR__INITIAL_LR) | COR__BIT(COR__MAX_LR) | COR__BIT(COR__MIN_LR);
    if (!o->cycle_momentum) return;
    g->value[momentum_of(s)] = g->value[COR__MAX_MOMENTUM] = o->max_momentum;
    g->value[COR__BASE_MOMENTUM] = o->base_momentum;
    g->present |= COR__BIT(COR__MAX_MOMENTUM) | COR__BIT(COR__BASE_MOMENTUM);
}

cor_scheduler *cor_one_cycle_lr_with(cor_optimizer *o, double max_lr, const cor_one_cycle_lr_options *options) {
    cor_one_cycle_lr_options room;
    int64_t total;
    if (!cor__optimizer_ready(o, "OneCycleLR")) return NULL;
    if (cor__check_options(options, sizeof room, "one_cycle_lr") != COR_OK) return NULL;
    options = cor_one_cycle_lr_options_or_defaults(options, &room);
    if (find_total(options, &total) != COR_OK || check(o, options) != COR_OK) return NULL;
    if (options->div_factor == 0 || options->final_div_factor == 0)
        return cor__fail_null(COR_EVALUE, "float division by zero");
    cor_scheduler *s = cor__scheduler_new(&kind_one_cycle, o);
    if (s == NULL) return NULL;
    s->size = total;
    s->pct_start = options->pct_start;
    s->linear = strcmp(options->anneal_strategy, "linear") == 0;
    s->cycle_momentum = options->cycle_momentum;
    s->three_phase = options->three_phase;
    for (int64_t i = 0; i < o->n_groups; i++)
        set_group(s, &o->groups[i], options->max_lrs.at != NULL ? options->max_lrs.at[i] : max_lr, options);
    return cor__scheduler_start(s);
}
