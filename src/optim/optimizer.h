/* optimizer.h: the inside of an optimizer. */
#ifndef COR_OPTIM_OPTIMIZER_H
#define COR_OPTIM_OPTIMIZER_H

#include "base/text.h"
#include "kernels/optim.h"
#include "ops/op.h"
#include <corrie/optim.h>

/* The options that a group can have, in the order in which they print. */
typedef enum cor__setting {
    COR__ALPHA,
    COR__AMSGRAD,
    COR__BASE_MOMENTUM,
    COR__BETA1,
    COR__BETA2,
    COR__CAPTURABLE,
    COR__CENTERED,
    COR__DAMPENING,
    COR__DECOUPLED,
    COR__DIFFERENTIABLE,
    COR__EPS,
    COR__FOREACH,
    COR__FUSED,
    COR__HISTORY_SIZE,
    COR__INITIAL_ACCUMULATOR,
    COR__INITIAL_LR,
    COR__LINE_SEARCH,
    COR__LR,
    COR__LR_DECAY,
    COR__MAX_EVAL,
    COR__MAX_ITER,
    COR__MAX_LR,
    COR__MAX_MOMENTUM,
    COR__MAXIMIZE,
    COR__MIN_LR,
    COR__MOMENTUM,
    COR__MOMENTUM_DECAY,
    COR__NESTEROV,
    COR__RHO,
    COR__TOLERANCE_CHANGE,
    COR__TOLERANCE_GRAD,
    COR__WEIGHT_DECAY,
    COR__SETTINGS
} cor__setting;

/* A set of settings. */
#define COR__BIT(setting) (UINT64_C(1) << (setting))

typedef enum cor__setting_kind {
    COR__SETTING_REAL,
    COR__SETTING_INTEGER,
    COR__SETTING_BOOLEAN,
    COR__SETTING_NEVER, /* PyTorch has it, nothing here does: prints as False */
    COR__SETTING_NONE,  /* the same, prints as None */
    COR__SETTING_SEARCH /* 0: None, 1: strong_wolfe */
} cor__setting_kind;

typedef struct cor__setting_row {
    const char *name;
    cor__setting_kind kind;
} cor__setting_row;
extern const cor__setting_row cor__settings[COR__SETTINGS];

typedef struct cor__group {
    int64_t begin, n; /* its parameters */
    uint64_t present; /* which settings it has */
    double value[COR__SETTINGS];
} cor__group;

/* A parameter and what the optimizer keeps for it. */
typedef struct cor__optimized {
    cor_tensor *tensor, *state[COR__RULE_STATES]; /* owned; a state is NULL until it is needed */
    float step;                                   /* as PyTorch keeps it */
    float product;                                /* NAdam: of the momenta so far */
} cor__optimized;

/* How a parameter's next step goes: what a kind's plan says. */
typedef struct cor__plan {
    cor__rule rule;
    unsigned states; /* bit i: reads state i */
    float step, product;
    cor__rule_numbers numbers;
} cor__plan;

/* One parameter in one step. */
typedef struct cor__update {
    cor__optimized *of;
    cor__plan plan;
    cor_tensor *parameter; /* of->tensor, or a dense copy that is written back; the scope's */
    cor_tensor *gradient;  /* laid out as the parameter, or a copy that is; the scope's */
    unsigned made;         /* bit i: state i was made for this step */
    int64_t end;           /* elements of all updates up to this one */
} cor__update;

/* What a class of torch.optim is. */
typedef struct cor__optimizer_kind {
    const char *name;
    uint64_t settings;                    /* what its groups have */
    uint64_t whole;                       /* settings whose default PyTorch writes as an integer */
    const char *states[COR__RULE_STATES]; /* names; NULL: no such state */
    bool has_step;                        /* keeps a step for each parameter */
    bool has_product;                     /* keeps mu_product */
    int (*check)(const double *value);    /* what the constructor refuses */
    void (*plan)(const cor__group *g, const cor__optimized *p, cor__plan *plan); /* NULL: steps with a closure only */
} cor__optimizer_kind;

struct cor__lbfgs;

struct cor_optimizer {
    cor__object object;
    const cor__optimizer_kind *kind;
    cor__group *groups;
    int64_t n_groups;
    cor__optimized *parameters; /* of all groups, in order */
    cor__update *updates;       /* room for as many */
    int64_t n;
    double defaults[COR__SETTINGS];
    struct cor__lbfgs *lbfgs; /* owned; only of LBFGS */
};

/* ---- settings.c ------------------------------------------------------------------------------------------------- */

/* The setting of a name ("beta1" among them), COR__SETTINGS if there is none. */
cor__setting cor__setting_named(const char *name);

/* Writes the options of a struct, as its describe rows say, over values; what is not given stays. *given gets the set
 * of those written. */
void cor__settings_read(const void *options, const cor__option *rows, int n, double *value, uint64_t *given);

/* COR_EVALUE with "Invalid NAME: VALUE" unless ok. */
int cor__refuse_unless(bool ok, const char *what, double value);

/* ---- optimizer.c ------------------------------------------------------------------------------------------------ */

/* Whether o is given and nothing is pending; says otherwise that `call` got no optimizer. */
bool cor__optimizer_ready(const cor_optimizer *o, const char *call);

/* An optimizer of a kind with the options as defaults and one group. NULL with an error pending. */
cor_optimizer *cor__optimizer_new(const cor__optimizer_kind *kind, cor_parameter_source parameters, const void *options,
                                  const cor__option *rows, int n_rows);

/* Parameter i of a source: NULL, with an error pending, where there is no tensor. cor__source_count: how many there
 * are; -1 with an error pending for a source of NULL. */
int64_t cor__source_count(cor_parameter_source source, const char *call);
cor_tensor *cor__source_at(cor_parameter_source source, int64_t i);

/* A state tensor for a parameter, filled with a number. NULL with COR_ENOMEM pending. The caller's reference. */
cor_tensor *cor__state_new(const cor_tensor *parameter, double fill);

/* ---- lbfgs.c, lbfgs_state.c ------------------------------------------------------------------------------------- */

extern const cor__optimizer_kind cor__kind_lbfgs;
extern const cor__optimizer_kind cor__kind_adamw; /* rules.c: always decoupled */
cor_tensor *cor__lbfgs_step(cor_optimizer *o, cor_closure closure, void *context);
void cor__lbfgs_free(struct cor__lbfgs *l);
int cor__lbfgs_save(const cor_optimizer *o, cor_dict *d);
int cor__lbfgs_load(cor_optimizer *o, const cor_dict *d);

/* Calls a closure with recording on. NULL with an error pending. */
cor_tensor *cor__closure_call(cor_closure closure, void *context);

#endif
