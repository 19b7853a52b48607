/* rules.c: the optimizers with a formula for each element: their options, and the numbers of a step. Everything is
 * computed in double, in PyTorch's order. */
#include "base/error.h"
#include "optim/optimizer.h"
#include <math.h>

COR__DEFINE_OPTIONS(cor_sgd_options, COR_SGD_OPTIONS)
COR__DEFINE_OPTIONS(cor_adam_options, COR_ADAM_OPTIONS)
COR__DEFINE_OPTIONS(cor_adamw_options, COR_ADAMW_OPTIONS)
COR__DEFINE_OPTIONS(cor_rmsprop_options, COR_RMSPROP_OPTIONS)
COR__DEFINE_OPTIONS(cor_adagrad_options, COR_ADAGRAD_OPTIONS)
COR__DEFINE_OPTIONS(cor_adadelta_options, COR_ADADELTA_OPTIONS)
COR__DEFINE_OPTIONS(cor_nadam_options, COR_NADAM_OPTIONS)
COR__DEFINE_OPTIONS(cor_adamax_options, COR_ADAMAX_OPTIONS)
COR__DEFINE_OPTIONS(cor_radam_options, COR_RADAM_OPTIONS)

enum { STATE0 = 1, STATE1 = 2, STATE2 = 4 };

/* What all groups have. */
#define COMMON                                                                                                         \
    (COR__BIT(COR__LR) | COR__BIT(COR__WEIGHT_DECAY) | COR__BIT(COR__MAXIMIZE) | COR__BIT(COR__FOREACH) |              \
     COR__BIT(COR__DIFFERENTIABLE))
#define BETAS (COR__BIT(COR__BETA1) | COR__BIT(COR__BETA2))

/* The next step, of which rule, with the states it reads, and what all rules take from the group. */
static void begin(const cor__group *g, const cor__optimized *p, cor__plan *plan, cor__rule rule, unsigned states) {
    const double *v = g->value;
    *plan = (cor__plan){.rule = rule, .states = states, .step = p->step + 1, .product = p->product};
    plan->numbers.sign = v[COR__MAXIMIZE] != 0 ? -1 : 1;
    plan->numbers.decay = v[COR__DECOUPLED] != 0 ? 0 : v[COR__WEIGHT_DECAY];
    plan->numbers.shrink = v[COR__DECOUPLED] != 0 ? 1 - v[COR__LR] * v[COR__WEIGHT_DECAY] : 1;
    plan->numbers.eps = v[COR__EPS];
}

static void set_averages(cor__rule_numbers *c, double beta1, double beta2) {
    c->lerp = 1 - beta1;
    c->keep = beta2;
    c->take = 1 - beta2;
}

/* ---- checks ----------------------------------------------------------------------------------------------------- */

static int check_lr(const double *v) { return cor__refuse_unless(v[COR__LR] >= 0, "learning rate", v[COR__LR]); }
static int check_eps(const double *v) { return cor__refuse_unless(v[COR__EPS] >= 0, "epsilon value", v[COR__EPS]); }
static int check_decay(const double *v) {
    return cor__refuse_unless(v[COR__WEIGHT_DECAY] >= 0, "weight_decay value", v[COR__WEIGHT_DECAY]);
}
static int check_momentum(const double *v) {
    return cor__refuse_unless(v[COR__MOMENTUM] >= 0, "momentum value", v[COR__MOMENTUM]);
}
static int check_betas(const double *v) {
    const double a = v[COR__BETA1], b = v[COR__BETA2];
    if (cor__refuse_unless(a >= 0 && a < 1, "beta parameter at index 0", a) != COR_OK) return cor_error();
    return cor__refuse_unless(b >= 0 && b < 1, "beta parameter at index 1", b);
}

/* ---- SGD -------------------------------------------------------------------------------------------------------- */

/* Unlike the others, SGD lets NaN pass. */
static int sgd_check(const double *v) {
    if (v[COR__LR] < 0) return check_lr(v);
    if (v[COR__MOMENTUM] < 0) return check_momentum(v);
    if (v[COR__WEIGHT_DECAY] < 0) return check_decay(v);
    if (v[COR__NESTEROV] != 0 && (v[COR__MOMENTUM] <= 0 || v[COR__DAMPENING] != 0))
        return cor__fail(COR_EVALUE, "Nesterov momentum requires a momentum and zero dampening");
    return COR_OK;
}

static void sgd_plan(const cor__group *g, const cor__optimized *p, cor__plan *plan) {
    const double *v = g->value;
    const bool momentum = v[COR__MOMENTUM] != 0;
    begin(g, p, plan, momentum ? COR__RULE_SGD_MOMENTUM : COR__RULE_SGD, momentum ? STATE0 : 0);
    plan->numbers.rate = -v[COR__LR];
    plan->numbers.momentum = v[COR__MOMENTUM];
    plan->numbers.take = 1 - v[COR__DAMPENING];
    plan->numbers.nesterov = v[COR__NESTEROV];
    plan->numbers.first = p->state[0] == NULL;
}

static const cor__optimizer_kind kind_sgd = {.name = "SGD",
                                             .settings = COMMON | COR__BIT(COR__MOMENTUM) | COR__BIT(COR__DAMPENING) |
                                                         COR__BIT(COR__NESTEROV) | COR__BIT(COR__FUSED),
                                             .whole = COR__BIT(COR__MOMENTUM) | COR__BIT(COR__DAMPENING) |
                                                      COR__BIT(COR__WEIGHT_DECAY),
                                             .states = {"momentum_buffer"},
                                             .check = sgd_check,
                                             .plan = sgd_plan};

/* ---- Adam, AdamW ------------------------------------------------------------------------------------------------ */

static int adam_check(const double *v) {
    if (check_lr(v) != COR_OK || check_eps(v) != COR_OK || check_betas(v) != COR_OK) return cor_error();
    return check_decay(v);
}

static void adam_plan(const cor__group *g, const cor__optimized *p, cor__plan *plan) {
    const double *v = g->value;
    const bool most = v[COR__AMSGRAD] != 0;
    begin(g, p, plan, most ? COR__RULE_ADAM_MAX : COR__RULE_ADAM, STATE0 | STATE1 | (most ? STATE2 : 0));
    set_averages(&plan->numbers, v[COR__BETA1], v[COR__BETA2]);
    plan->numbers.correction = pow(1 - pow(v[COR__BETA2], (double)plan->step), 0.5);
    plan->numbers.rate = -(v[COR__LR] / (1 - pow(v[COR__BETA1], (double)plan->step)));
}

#define ADAM_SETTINGS                                                                                                  \
    (COMMON | BETAS | COR__BIT(COR__EPS) | COR__BIT(COR__AMSGRAD) | COR__BIT(COR__CAPTURABLE) | COR__BIT(COR__FUSED) | \
     COR__BIT(COR__DECOUPLED))

static const cor__optimizer_kind kind_adam = {.name = "Adam",
                                              .settings = ADAM_SETTINGS,
                                              .whole = COR__BIT(COR__WEIGHT_DECAY),
                                              .states = {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"},
                                              .has_step = true,
                                              .check = adam_check,
                                              .plan = adam_plan};
const cor__optimizer_kind cor__kind_adamw = {.name = "AdamW",
                                             .settings = ADAM_SETTINGS,
                                             .states = {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"},
                                             .has_step = true,
                                             .check = adam_check,
                                             .plan = adam_plan};

/* ---- RMSprop ---------------------------------------------------------------------------------------------------- */

static int rmsprop_check(const double *v) {
    if (check_lr(v) != COR_OK || check_eps(v) != COR_OK || check_momentum(v) != COR_OK || check_decay(v) != COR_OK)
        return cor_error();
    return cor__refuse_unless(v[COR__ALPHA] >= 0, "alpha value", v[COR__ALPHA]);
}

static void rmsprop_plan(const cor__group *g, const cor__optimized *p, cor__plan *plan) {
    const double *v = g->value;
    const bool momentum = v[COR__MOMENTUM] > 0, centered = v[COR__CENTERED] != 0;
    const cor__rule rule = centered   ? momentum ? COR__RULE_RMSPROP_CENTERED_MOMENTUM : COR__RULE_RMSPROP_CENTERED
                           : momentum ? COR__RULE_RMSPROP_MOMENTUM
                                      : COR__RULE_RMSPROP;
    begin(g, p, plan, rule, STATE0 | (momentum ? STATE1 : 0) | (centered ? STATE2 : 0));
    set_averages(&plan->numbers, v[COR__ALPHA], v[COR__ALPHA]);
    plan->numbers.momentum = v[COR__MOMENTUM];
    plan->numbers.rate = -v[COR__LR];
}

static const cor__optimizer_kind kind_rmsprop = {.name = "RMSprop",
                                                 .settings = COMMON | COR__BIT(COR__ALPHA) | COR__BIT(COR__EPS) |
                                                             COR__BIT(COR__MOMENTUM) | COR__BIT(COR__CENTERED) |
                                                             COR__BIT(COR__CAPTURABLE),
                                                 .whole = COR__BIT(COR__MOMENTUM) | COR__BIT(COR__WEIGHT_DECAY),
                                                 .states = {"square_avg", "momentum_buffer", "grad_avg"},
                                                 .has_step = true,
                                                 .check = rmsprop_check,
                                                 .plan = rmsprop_plan};

/* ---- Adagrad ---------------------------------------------------------------------------------------------------- */

static int adagrad_check(const double *v) {
    const double initial = v[COR__INITIAL_ACCUMULATOR];
    if (check_lr(v) != COR_OK) return cor_error();
    if (cor__refuse_unless(v[COR__LR_DECAY] >= 0, "lr_decay value", v[COR__LR_DECAY]) != COR_OK) return cor_error();
    if (check_decay(v) != COR_OK) return cor_error();
    if (cor__refuse_unless(initial >= 0, "initial_accumulator_value value", initial) != COR_OK) return cor_error();
    return check_eps(v);
}

static void adagrad_plan(const cor__group *g, const cor__optimized *p, cor__plan *plan) {
    const double *v = g->value;
    begin(g, p, plan, COR__RULE_ADAGRAD, STATE0);
    plan->numbers.rate = -(v[COR__LR] / (1 + ((double)plan->step - 1) * v[COR__LR_DECAY]));
}

static const cor__optimizer_kind kind_adagrad = {.name = "Adagrad",
                                                 .settings = COMMON | COR__BIT(COR__EPS) | COR__BIT(COR__LR_DECAY) |
                                                             COR__BIT(COR__INITIAL_ACCUMULATOR) | COR__BIT(COR__FUSED),
                                                 .whole = COR__BIT(COR__LR_DECAY) | COR__BIT(COR__WEIGHT_DECAY) |
                                                          COR__BIT(COR__INITIAL_ACCUMULATOR),
                                                 .states = {"sum"},
                                                 .has_step = true,
                                                 .check = adagrad_check,
                                                 .plan = adagrad_plan};

/* ---- Adadelta --------------------------------------------------------------------------------------------------- */

static int adadelta_check(const double *v) {
    if (check_lr(v) != COR_OK) return cor_error();
    if (cor__refuse_unless(v[COR__RHO] >= 0 && v[COR__RHO] <= 1, "rho value", v[COR__RHO]) != COR_OK)
        return cor_error();
    if (check_eps(v) != COR_OK) return cor_error();
    return check_decay(v);
}

static void adadelta_plan(const cor__group *g, const cor__optimized *p, cor__plan *plan) {
    begin(g, p, plan, COR__RULE_ADADELTA, STATE0 | STATE1);
    set_averages(&plan->numbers, 0, g->value[COR__RHO]);
    plan->numbers.rate = -g->value[COR__LR];
}

static const cor__optimizer_kind kind_adadelta = {.name = "Adadelta",
                                                  .settings = COMMON | COR__BIT(COR__EPS) | COR__BIT(COR__RHO) |
                                                              COR__BIT(COR__CAPTURABLE),
                                                  .whole = COR__BIT(COR__WEIGHT_DECAY),
                                                  .states = {"square_avg", "acc_delta"},
                                                  .has_step = true,
                                                  .check = adadelta_check,
                                                  .plan = adadelta_plan};

/* ---- NAdam ------------------------------------------------------------------------------------------------------ */

static int nadam_check(const double *v) {
    if (adam_check(v) != COR_OK) return cor_error();
    return cor__refuse_unless(v[COR__MOMENTUM_DECAY] >= 0, "momentum_decay value", v[COR__MOMENTUM_DECAY]);
}

static double nadam_momentum(const double *v, double step) {
    return v[COR__BETA1] * (1.0 - 0.5 * pow(0.96, step * v[COR__MOMENTUM_DECAY]));
}

static void nadam_plan(const cor__group *g, const cor__optimized *p, cor__plan *plan) {
    const double *v = g->value;
    begin(g, p, plan, COR__RULE_NADAM, STATE0 | STATE1);
    const double step = (double)plan->step, mu = nadam_momentum(v, step), next = nadam_momentum(v, step + 1);
    plan->product = p->product * (float)mu;
    set_averages(&plan->numbers, v[COR__BETA1], v[COR__BETA2]);
    plan->numbers.correction = 1 - pow(v[COR__BETA2], step);
    plan->numbers.rate = -v[COR__LR] * (1.0 - mu) / (1.0 - (double)plan->product);
    plan->numbers.second_rate = -v[COR__LR] * next / (1.0 - (double)plan->product * next);
}

static const cor__optimizer_kind kind_nadam = {.name = "NAdam",
                                               .settings = COMMON | BETAS | COR__BIT(COR__EPS) |
                                                           COR__BIT(COR__MOMENTUM_DECAY) | COR__BIT(COR__DECOUPLED) |
                                                           COR__BIT(COR__CAPTURABLE),
                                               .whole = COR__BIT(COR__WEIGHT_DECAY),
                                               .states = {"exp_avg", "exp_avg_sq"},
                                               .has_step = true,
                                               .has_product = true,
                                               .check = nadam_check,
                                               .plan = nadam_plan};

/* ---- Adamax ----------------------------------------------------------------------------------------------------- */

static void adamax_plan(const cor__group *g, const cor__optimized *p, cor__plan *plan) {
    const double *v = g->value;
    begin(g, p, plan, COR__RULE_ADAMAX, STATE0 | STATE1);
    set_averages(&plan->numbers, v[COR__BETA1], v[COR__BETA2]);
    plan->numbers.rate = -(v[COR__LR] / (1 - pow(v[COR__BETA1], (double)plan->step)));
}

static const cor__optimizer_kind kind_adamax = {.name = "Adamax",
                                                .settings =
                                                    COMMON | BETAS | COR__BIT(COR__EPS) | COR__BIT(COR__CAPTURABLE),
                                                .whole = COR__BIT(COR__WEIGHT_DECAY),
                                                .states = {"exp_avg", "exp_inf"},
                                                .has_step = true,
                                                .check = adam_check,
                                                .plan = adamax_plan};

/* ---- RAdam ------------------------------------------------------------------------------------------------------ */

static void radam_plan(const cor__group *g, const cor__optimized *p, cor__plan *plan) {
    const double *v = g->value, beta2 = v[COR__BETA2];
    begin(g, p, plan, COR__RULE_RADAM, STATE0 | STATE1);
    cor__rule_numbers *c = &plan->numbers;
    const double step = (double)plan->step, correction2 = 1 - pow(beta2, step), longest = 2 / (1 - beta2) - 1;
    const double length = longest - 2 * step * pow(beta2, step) / correction2;
    set_averages(c, v[COR__BETA1], beta2);
    c->first_correction = 1 - pow(v[COR__BETA1], step);
    c->rate = v[COR__LR];
    c->correction = pow(correction2, 0.5);
    c->rectified = length > 5.0;
    if (length > 5.0)
        c->second_rate = pow((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length), 0.5);
}

static const cor__optimizer_kind kind_radam = {.name = "RAdam",
                                               .settings = COMMON | BETAS | COR__BIT(COR__EPS) |
                                                           COR__BIT(COR__DECOUPLED) | COR__BIT(COR__CAPTURABLE),
                                               .whole = COR__BIT(COR__WEIGHT_DECAY),
                                               .states = {"exp_avg", "exp_avg_sq"},
                                               .has_step = true,
                                               .check = adam_check,
                                               .plan = radam_plan};

/* ---- making ----------------------------------------------------------------------------------------------------- */

/* Defines the constructor of a kind. */
#define MAKE(name, kind)                                                                                               \
    cor_optimizer *cor_##name##_with(cor_parameter_source parameters, const cor_##name##_options *options) {           \
        cor_##name##_options room;                                                                                     \
        int n;                                                                                                         \
        const cor__option *rows = cor_##name##_options_describe(&n);                                                   \
        if (cor_error() != COR_OK || cor__check_options(options, sizeof room, #name) != COR_OK) return NULL;           \
        return cor__optimizer_new(&(kind), parameters, cor_##name##_options_or_defaults(options, &room), rows, n);     \
    }

MAKE(sgd, kind_sgd)
MAKE(adam, kind_adam)
MAKE(adamw, cor__kind_adamw)
MAKE(rmsprop, kind_rmsprop)
MAKE(adagrad, kind_adagrad)
MAKE(adadelta, kind_adadelta)
MAKE(nadam, kind_nadam)
MAKE(adamax, kind_adamax)
MAKE(radam, kind_radam)
