/* scheduler.h: the inside of a scheduler. */
#ifndef COR_OPTIM_SCHEDULER_H
#define COR_OPTIM_SCHEDULER_H

#include "optim/optimizer.h"
#include <corrie/scheduler.h>

typedef struct cor__scheduler_kind cor__scheduler_kind;

/* Numbers of its own. */
typedef struct cor__numbers {
    double *at;
    int64_t n;
} cor__numbers;

struct cor_scheduler {
    cor__object object;
    const cor__scheduler_kind *kind;
    cor_optimizer *optimizer; /* owned */
    int64_t last_epoch, step_count;
    bool initial;                   /* the step of the constructor */
    cor__numbers base_lrs, last_lr; /* of each group */
    /* Arguments; a kind uses those that it lists in its rows. */
    int64_t size; /* step_size, total_iters, T_max, T_0 or total_steps */
    double gamma; /* or factor */
    double start, end, power, eta_min;
    int64_t t_i, t_mult, t_cur;
    double pct_start;
    bool linear, three_phase, cycle_momentum;
    cor_lr_lambda lambda;
    void *context;
    cor__numbers milestones;
    /* ReduceLROnPlateau */
    bool max_mode, absolute;
    double threshold, eps, best;
    int64_t patience, cooldown, cooldown_counter, bad_epochs;
    cor__numbers min_lrs;
    /* SequentialLR, ChainedScheduler */
    cor_scheduler **schedulers; /* owned */
    int64_t n;
};

typedef enum cor__field_kind {
    COR__FIELD_WHOLE,
    COR__FIELD_REAL,
    COR__FIELD_TRUTH,
    COR__FIELD_NUMBERS
} cor__field_kind;

/* A field that is part of the state. */
typedef struct cor__field {
    const char *name;
    size_t offset;
    cor__field_kind kind;
} cor__field;

enum { COR__FIELDS = 10 };

struct cor__scheduler_kind {
    const char *name;
    cor__field fields[COR__FIELDS]; /* beside those that all have; ends with a name of NULL */
    bool uses_base;                 /* a rate is computed from base_lrs: the groups must stay the same */
    /* The rate of a group at last_epoch, from the present one; an error may be left pending. */
    double (*rate)(const cor_scheduler *s, int64_t group, double lr);
    /* The same in closed form, for a restart at epoch 0; NULL: rate does. */
    double (*closed)(const cor_scheduler *s, int64_t group);
    void (*advance)(cor_scheduler *s); /* in place of last_epoch++; may be NULL */
    int (*step)(cor_scheduler *s);     /* in place of all that; may be NULL */
};

/* ---- scheduler.c ------------------------------------------------------------------------------------------------ */

/* Whether s is given and nothing is pending; says otherwise that `call` got no scheduler. */
bool cor__scheduler_ready(const cor_scheduler *s, const char *call);

/* A scheduler with no rates yet, the caller's. NULL with an error pending. */
cor_scheduler *cor__scheduler_new(const cor__scheduler_kind *kind, cor_optimizer *o);

/* The rest of the constructor: first rates and the first step. Hands s to the scope; on failure releases it. */
cor_scheduler *cor__scheduler_start(cor_scheduler *s);

/* The step of the constructor, and a restart at epoch 0. */
int cor__scheduler_initial_step(cor_scheduler *s);
int cor__scheduler_restart(cor_scheduler *s);

/* Notes the present rates as the last ones. */
int cor__scheduler_note(cor_scheduler *s);

/* Room for n numbers, zeroed; what was there goes. */
int cor__numbers_resize(cor__numbers *numbers, int64_t n);

/* Whether s is a ReduceLROnPlateau. */
bool cor__is_plateau(const cor_scheduler *s);

/* The rate of a group now. */
double cor__group_lr(const cor_scheduler *s, int64_t group);

#endif
