/* schedules.c: the schedules that are a formula of the epoch. */
#include "base/error.h"
#include "optim/scheduler.h"
#include <math.h>

COR__DEFINE_OPTIONS(cor_step_lr_options, COR_STEP_LR_OPTIONS)
COR__DEFINE_OPTIONS(cor_constant_lr_options, COR_CONSTANT_LR_OPTIONS)
COR__DEFINE_OPTIONS(cor_linear_lr_options, COR_LINEAR_LR_OPTIONS)
COR__DEFINE_OPTIONS(cor_polynomial_lr_options, COR_POLYNOMIAL_LR_OPTIONS)
COR__DEFINE_OPTIONS(cor_cosine_annealing_lr_options, COR_COSINE_ANNEALING_LR_OPTIONS)
COR__DEFINE_OPTIONS(cor_warm_restarts_options, COR_WARM_RESTARTS_OPTIONS)

#define FIELD(name, field, kind)                                                                                       \
    { name, offsetof(cor_scheduler, field), kind }

/* Python's errors where a division has no result. */
static double by_zero(void) { return cor__fail(COR_EVALUE, "float division by zero"), NAN; }
static double modulo_zero(void) { return cor__fail(COR_EVALUE, "integer modulo by zero"), NAN; }

/* Python's remainder, which has the sign of b. */
static int64_t modulo(int64_t a, int64_t b) {
    const int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/* ---- StepLR, MultiStepLR, ExponentialLR ------------------------------------------------------------------------- */

static double step_rate(const cor_scheduler *s, int64_t group, double lr) {
    (void)group;
    if (s->last_epoch == 0) return lr;
    if (s->size == 0) return modulo_zero();
    return modulo(s->last_epoch, s->size) != 0 ? lr : lr * s->gamma;
}

/* At epoch 0 every power is 1. */
static double base_closed(const cor_scheduler *s, int64_t group) { return s->base_lrs.at[group] * 1.0; }

static const cor__scheduler_kind kind_step = {
    .name = "StepLR",
    .fields = {FIELD("step_size", size, COR__FIELD_WHOLE), FIELD("gamma", gamma, COR__FIELD_REAL)},
    .rate = step_rate,
    .closed = base_closed};

cor_scheduler *cor_step_lr_with(cor_optimizer *o, int64_t step_size, const cor_step_lr_options *options) {
    cor_step_lr_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "step_lr") != COR_OK) return NULL;
    cor_scheduler *s = cor__scheduler_new(&kind_step, o);
    if (s == NULL) return NULL;
    s->size = step_size;
    s->gamma = cor_step_lr_options_or_defaults(options, &room)->gamma;
    return cor__scheduler_start(s);
}

static int64_t milestones_at(const cor_scheduler *s, int64_t epoch) {
    int64_t n = 0;
    for (int64_t i = 0; i < s->milestones.n; i++) n += s->milestones.at[i] == (double)epoch;
    return n;
}

static double multi_step_rate(const cor_scheduler *s, int64_t group, double lr) {
    (void)group;
    const int64_t n = milestones_at(s, s->last_epoch);
    return n == 0 ? lr : lr * pow(s->gamma, (double)n);
}

static double multi_step_closed(const cor_scheduler *s, int64_t group) {
    int64_t n = 0;
    for (int64_t i = 0; i < s->milestones.n; i++) n += s->milestones.at[i] <= (double)s->last_epoch;
    return s->base_lrs.at[group] * pow(s->gamma, (double)n);
}

static const cor__scheduler_kind kind_multi_step = {
    .name = "MultiStepLR",
    .fields = {FIELD("milestones", milestones, COR__FIELD_NUMBERS), FIELD("gamma", gamma, COR__FIELD_REAL)},
    .rate = multi_step_rate,
    .closed = multi_step_closed};

cor_scheduler *cor_multi_step_lr_with(cor_optimizer *o, cor_milestones milestones, const cor_step_lr_options *options) {
    cor_step_lr_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "multi_step_lr") != COR_OK) return NULL;
    if (milestones.at == NULL && milestones.n != 0)
        return cor__fail_null(COR_EVALUE, "MultiStepLR: the milestones are NULL");
    cor_scheduler *s = cor__scheduler_new(&kind_multi_step, o);
    if (s == NULL || cor__numbers_resize(&s->milestones, milestones.n) != COR_OK) {
        cor_scheduler_release(s);
        return NULL;
    }
    for (int64_t i = 0; i < milestones.n; i++) s->milestones.at[i] = (double)milestones.at[i];
    s->gamma = cor_step_lr_options_or_defaults(options, &room)->gamma;
    return cor__scheduler_start(s);
}

static double exponential_rate(const cor_scheduler *s, int64_t group, double lr) {
    (void)group;
    return s->initial ? lr : lr * s->gamma;
}

static const cor__scheduler_kind kind_exponential = {.name = "ExponentialLR",
                                                     .fields = {FIELD("gamma", gamma, COR__FIELD_REAL)},
                                                     .rate = exponential_rate,
                                                     .closed = base_closed};

cor_scheduler *cor_exponential_lr(cor_optimizer *o, double gamma) {
    cor_scheduler *s = cor__scheduler_new(&kind_exponential, o);
    if (s != NULL) s->gamma = gamma;
    return cor__scheduler_start(s);
}

/* ---- ConstantLR, LinearLR, PolynomialLR ------------------------------------------------------------------------- */

static double constant_rate(const cor_scheduler *s, int64_t group, double lr) {
    (void)group;
    if (s->last_epoch == 0) return lr * s->gamma;
    if (s->last_epoch != s->size) return lr;
    return s->gamma == 0 ? by_zero() : lr * (1.0 / s->gamma);
}

static double constant_closed(const cor_scheduler *s, int64_t group) {
    return s->base_lrs.at[group] * (s->gamma + (s->last_epoch >= s->size ? 1 - s->gamma : 0 * (1 - s->gamma)));
}

static const cor__scheduler_kind kind_constant = {
    .name = "ConstantLR",
    .fields = {FIELD("factor", gamma, COR__FIELD_REAL), FIELD("total_iters", size, COR__FIELD_WHOLE)},
    .rate = constant_rate,
    .closed = constant_closed};

cor_scheduler *cor_constant_lr_with(cor_optimizer *o, const cor_constant_lr_options *options) {
    cor_constant_lr_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "constant_lr") != COR_OK) return NULL;
    options = cor_constant_lr_options_or_defaults(options, &room);
    if (options->factor > 1.0 || options->factor < 0)
        return cor__fail_null(COR_EVALUE, "Constant multiplicative factor expected to be between 0 and 1.");
    cor_scheduler *s = cor__scheduler_new(&kind_constant, o);
    if (s == NULL) return NULL;
    s->gamma = options->factor;
    s->size = options->total_iters;
    return cor__scheduler_start(s);
}

static double linear_rate(const cor_scheduler *s, int64_t group, double lr) {
    (void)group;
    if (s->last_epoch == 0) return lr * s->start;
    if (s->initial || s->last_epoch > s->size) return lr;
    const double rise = s->end - s->start;
    const double below = (double)s->size * s->start + (double)(s->last_epoch - 1) * rise;
    return below == 0 ? by_zero() : lr * (1.0 + rise / below);
}

static double linear_closed(const cor_scheduler *s, int64_t group) {
    const int64_t at = s->size < s->last_epoch ? s->size : s->last_epoch;
    if (s->size == 0) return by_zero();
    return s->base_lrs.at[group] * (s->start + (s->end - s->start) * (double)at / (double)s->size);
}

static const cor__scheduler_kind kind_linear = {.name = "LinearLR",
                                                .fields = {FIELD("start_factor", start, COR__FIELD_REAL),
                                                           FIELD("end_factor", end, COR__FIELD_REAL),
                                                           FIELD("total_iters", size, COR__FIELD_WHOLE)},
                                                .rate = linear_rate,
                                                .closed = linear_closed};

cor_scheduler *cor_linear_lr_with(cor_optimizer *o, const cor_linear_lr_options *options) {
    cor_linear_lr_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "linear_lr") != COR_OK) return NULL;
    options = cor_linear_lr_options_or_defaults(options, &room);
    if (options->start_factor > 1.0 || options->start_factor <= 0)
        return cor__fail_null(COR_EVALUE,
                              "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.");
    if (options->end_factor > 1.0 || options->end_factor < 0)
        return cor__fail_null(COR_EVALUE, "Ending multiplicative factor expected to be between 0 and 1.");
    cor_scheduler *s = cor__scheduler_new(&kind_linear, o);
    if (s == NULL) return NULL;
    s->start = options->start_factor;
    s->end = options->end_factor;
    s->size = options->total_iters;
    return cor__scheduler_start(s);
}

static double polynomial_rate(const cor_scheduler *s, int64_t group, double lr) {
    (void)group;
    if (s->initial || s->last_epoch > s->size) return lr;
    const double total = (double)s->size;
    if (s->size == 0) return by_zero();
    const double now = 1.0 - (double)s->last_epoch / total, before = 1.0 - (double)(s->last_epoch - 1) / total;
    return before == 0 ? by_zero() : lr * pow(now / before, s->power);
}

static double polynomial_closed(const cor_scheduler *s, int64_t group) {
    const int64_t at = s->size < s->last_epoch ? s->size : s->last_epoch;
    if (s->size == 0) return by_zero();
    return s->base_lrs.at[group] * pow(1.0 - (double)at / (double)s->size, s->power);
}

static const cor__scheduler_kind kind_polynomial = {
    .name = "PolynomialLR",
    .fields = {FIELD("total_iters", size, COR__FIELD_WHOLE), FIELD("power", power, COR__FIELD_REAL)},
    .rate = polynomial_rate,
    .closed = polynomial_closed};

cor_scheduler *cor_polynomial_lr_with(cor_optimizer *o, const cor_polynomial_lr_options *options) {
    cor_polynomial_lr_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "polynomial_lr") != COR_OK) return NULL;
    options = cor_polynomial_lr_options_or_defaults(options, &room);
    cor_scheduler *s = cor__scheduler_new(&kind_polynomial, o);
    if (s == NULL) return NULL;
    s->size = options->total_iters;
    s->power = options->power;
    return cor__scheduler_start(s);
}

/* ---- cosines ---------------------------------------------------------------------------------------------------- */

static double cosine_rate(const cor_scheduler *s, int64_t group, double lr) {
    const double e = (double)s->last_epoch, total = (double)s->size, low = s->eta_min;
    const double base = s->base_lrs.at[group];
    if (s->initial) return lr;
    if (s->size == 0) return s->step_count == 1 && s->last_epoch > 0 ? by_zero() : modulo_zero();
    if (s->step_count == 1 && s->last_epoch > 0) return low + (base - low) * (1 + cos(e * M_PI / total)) / 2;
    const int64_t beyond = s->last_epoch - 1 - s->size; /* a multiple of 2 * T_max: the cosine before was -1 */
    if (beyond % s->size == 0 && beyond / s->size % 2 == 0) return lr + (base - low) * (1 - cos(M_PI / total)) / 2;
    const double below = 1 + cos(M_PI * (e - 1) / total);
    return below == 0 ? by_zero() : (1 + cos(M_PI * e / total)) / below * (lr - low) + low;
}

static double cosine_closed(const cor_scheduler *s, int64_t group) {
    const double low = s->eta_min;
    if (s->size == 0) return by_zero();
    return low + (s->base_lrs.at[group] - low) * (1 + cos(M_PI * (double)s->last_epoch / (double)s->size)) / 2;
}

static const cor__scheduler_kind kind_cosine = {
    .name = "CosineAnnealingLR",
    .fields = {FIELD("T_max", size, COR__FIELD_WHOLE), FIELD("eta_min", eta_min, COR__FIELD_REAL)},
    .uses_base = true,
    .rate = cosine_rate,
    .closed = cosine_closed};

cor_scheduler *cor_cosine_annealing_lr_with(cor_optimizer *o, int64_t T_max,
                                            const cor_cosine_annealing_lr_options *options) {
    cor_cosine_annealing_lr_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "cosine_annealing_lr") != COR_OK) return NULL;
    cor_scheduler *s = cor__scheduler_new(&kind_cosine, o);
    if (s == NULL) return NULL;
    s->size = T_max;
    s->eta_min = cor_cosine_annealing_lr_options_or_defaults(options, &room)->eta_min;
    return cor__scheduler_start(s);
}

static double restarts_rate(const cor_scheduler *s, int64_t group, double lr) {
    (void)lr;
    const double low = s->eta_min;
    return low + (s->base_lrs.at[group] - low) * (1 + cos(M_PI * (double)s->t_cur / (double)s->t_i)) / 2;
}

static void restarts_advance(cor_scheduler *s) {
    if (s->last_epoch < 0) {
        s->last_epoch = s->t_cur = 0;
        s->t_i = s->size;
        return;
    }
    s->last_epoch++;
    s->t_cur++;
    if (s->t_cur < s->t_i) return;
    s->t_cur = s->t_i > 0 ? s->t_cur % s->t_i : 0;
    if (__builtin_mul_overflow(s->t_i, s->t_mult, &s->t_i)) s->t_i = INT64_MAX;
}

static const cor__scheduler_kind kind_restarts = {
    .name = "CosineAnnealingWarmRestarts",
    .fields = {FIELD("T_0", size, COR__FIELD_WHOLE), FIELD("T_i", t_i, COR__FIELD_WHOLE),
               FIELD("T_mult", t_mult, COR__FIELD_WHOLE), FIELD("T_cur", t_cur, COR__FIELD_WHOLE),
               FIELD("eta_min", eta_min, COR__FIELD_REAL)},
    .uses_base = true,
    .rate = restarts_rate,
    .advance = restarts_advance};

cor_scheduler *cor_cosine_annealing_warm_restarts_with(cor_optimizer *o, int64_t T_0,
                                                       const cor_warm_restarts_options *options) {
    cor_warm_restarts_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "cosine_annealing_warm_restarts") != COR_OK)
        return NULL;
    options = cor_warm_restarts_options_or_defaults(options, &room);
    if (T_0 <= 0) return cor__fail_null(COR_EVALUE, "Expected positive integer T_0, but got %lld", (long long)T_0);
    if (options->T_mult < 1)
        return cor__fail_null(COR_EVALUE, "Expected integer T_mult >= 1, but got %lld", (long long)options->T_mult);
    cor_scheduler *s = cor__scheduler_new(&kind_restarts, o);
    if (s == NULL) return NULL;
    s->size = T_0;
    s->t_mult = options->T_mult;
    s->eta_min = options->eta_min;
    return cor__scheduler_start(s);
}

/* ---- functions of the caller's ---------------------------------------------------------------------------------- */

static double lambda_rate(const cor_scheduler *s, int64_t group, double lr) {
    (void)lr;
    return s->base_lrs.at[group] * s->lambda(s->last_epoch, group, s->context);
}

static double multiplicative_rate(const cor_scheduler *s, int64_t group, double lr) {
    return s->initial ? lr : lr * s->lambda(s->last_epoch, group, s->context);
}

static const cor__scheduler_kind kind_lambda = {.name = "LambdaLR", .uses_base = true, .rate = lambda_rate};
static const cor__scheduler_kind kind_multiplicative = {.name = "MultiplicativeLR", .rate = multiplicative_rate};

static cor_scheduler *with_function(const cor__scheduler_kind *kind, cor_optimizer *o, cor_lr_lambda lr_lambda,
                                    void *context) {
    if (cor_error() == COR_OK && lr_lambda == NULL) cor__fail(COR_EVALUE, "%s: the function is NULL", kind->name);
    cor_scheduler *s = cor__scheduler_new(kind, o);
    if (s == NULL) return NULL;
    s->lambda = lr_lambda;
    s->context = context;
    return cor__scheduler_start(s);
}

cor_scheduler *cor_lambda_lr(cor_optimizer *o, cor_lr_lambda lr_lambda, void *context) {
    return with_function(&kind_lambda, o, lr_lambda, context);
}

cor_scheduler *cor_multiplicative_lr(cor_optimizer *o, cor_lr_lambda lr_lambda, void *context) {
    return with_function(&kind_multiplicative, o, lr_lambda, context);
}
