/* corrie/scheduler.h: schedules of learning rates.
 *
 *     cor_scheduler *decay = cor_step_lr(sgd, 30, .gamma = 0.1);
 *     for (...) { ... cor_step(sgd); ... cor_scheduler_step(decay); }
 *
 * Names, defaults and arithmetic are those of torch.optim.lr_scheduler, to the last bit of the rates where the
 * machine's pow and cos are the same. A scheduler keeps a reference to its optimizer, sets the rates of its groups when
 * it is made, belongs to the innermost open scope, and is used by one thread at a time.
 */
#ifndef CORRIE_SCHEDULER_H
#define CORRIE_SCHEDULER_H

#include <corrie/optim.h>

COR_BEGIN

typedef struct cor_scheduler cor_scheduler;

/* A list of epochs, made by COR_MILESTONES(30, 80). */
typedef struct cor_milestones {
    const int64_t *at;
    int64_t n;
} cor_milestones;

/* A list of schedulers, made by COR_SCHEDULERS(a, b). */
typedef struct cor_scheduler_list {
    cor_scheduler *const *at;
    int64_t n;
} cor_scheduler_list;

/* A number for each group: .max_lrs = {array, 2}. */
typedef struct cor_reals {
    const double *at;
    int64_t n;
} cor_reals;

COR_END

#ifdef __cplusplus
#include <initializer_list>
inline cor_milestones cor__milestones(std::initializer_list<int64_t> list) {
    return cor_milestones{list.begin(), static_cast<int64_t>(list.size())};
}
inline cor_scheduler_list cor__schedulers(std::initializer_list<cor_scheduler *> list) {
    return cor_scheduler_list{list.begin(), static_cast<int64_t>(list.size())};
}
#define COR_MILESTONES(...) cor__milestones({__VA_ARGS__})
#define COR_SCHEDULERS(...) cor__schedulers({__VA_ARGS__})
#else
#define COR_MILESTONES(...) ((cor_milestones){(const int64_t[]){__VA_ARGS__}, COR__COUNT(__VA_ARGS__)})
#define COR_SCHEDULERS(...)                                                                                            \
    ((cor_scheduler_list){(cor_scheduler *const[]){__VA_ARGS__},                                                       \
                          (int64_t)(sizeof((cor_scheduler *const[]){__VA_ARGS__}) / sizeof(cor_scheduler *))})
#endif

COR_BEGIN

/* ---- making ----------------------------------------------------------------------------------------------------- */

/* Return a scheduler for an optimizer. NULL with an error pending: COR_EVALUE with PyTorch's text for an argument that
 * is not allowed, COR_ENOMEM. */

#define COR_STEP_LR_OPTIONS(_) _(double, gamma, 0.1)
COR_DECLARE_OPTIONS(cor_step_lr_options, COR_STEP_LR_OPTIONS)
/* Multiplies the rates by gamma every step_size epochs (StepLR), and at each of the milestones (MultiStepLR). */
COR_API cor_scheduler *cor_step_lr_with(cor_optimizer *o, int64_t step_size, const cor_step_lr_options *options);
COR_API cor_scheduler *cor_multi_step_lr_with(cor_optimizer *o, cor_milestones milestones,
                                              const cor_step_lr_options *options);
/* Multiplies them by gamma every epoch (ExponentialLR). */
COR_API cor_scheduler *cor_exponential_lr(cor_optimizer *o, double gamma);

#define COR_CONSTANT_LR_OPTIONS(_)                                                                                     \
    _(double, factor, 1.0 / 3)                                                                                         \
    _(int64_t, total_iters, 5)
COR_DECLARE_OPTIONS(cor_constant_lr_options, COR_CONSTANT_LR_OPTIONS)
/* Multiplies them by factor until epoch total_iters (ConstantLR). */
COR_API cor_scheduler *cor_constant_lr_with(cor_optimizer *o, const cor_constant_lr_options *options);

#define COR_LINEAR_LR_OPTIONS(_)                                                                                       \
    _(double, start_factor, 1.0 / 3)                                                                                   \
    _(double, end_factor, 1.0)                                                                                         \
    _(int64_t, total_iters, 5)
COR_DECLARE_OPTIONS(cor_linear_lr_options, COR_LINEAR_LR_OPTIONS)
/* Changes their factor from start_factor to end_factor in total_iters equal steps (LinearLR). */
COR_API cor_scheduler *cor_linear_lr_with(cor_optimizer *o, const cor_linear_lr_options *options);

#define COR_POLYNOMIAL_LR_OPTIONS(_)                                                                                   \
    _(int64_t, total_iters, 5)                                                                                         \
    _(double, power, 1.0)
COR_DECLARE_OPTIONS(cor_polynomial_lr_options, COR_POLYNOMIAL_LR_OPTIONS)
/* Brings them to 0 as (1 - epoch / total_iters)^power (PolynomialLR). */
COR_API cor_scheduler *cor_polynomial_lr_with(cor_optimizer *o, const cor_polynomial_lr_options *options);

#define COR_COSINE_ANNEALING_LR_OPTIONS(_) _(double, eta_min, 0.0)
COR_DECLARE_OPTIONS(cor_cosine_annealing_lr_options, COR_COSINE_ANNEALING_LR_OPTIONS)
/* Brings them to eta_min along half a period of the cosine in T_max epochs, and back (CosineAnnealingLR). */
COR_API cor_scheduler *cor_cosine_annealing_lr_with(cor_optimizer *o, int64_t T_max,
                                                    const cor_cosine_annealing_lr_options *options);

#define COR_WARM_RESTARTS_OPTIONS(_)                                                                                   \
    _(int64_t, T_mult, 1)                                                                                              \
    _(double, eta_min, 0.0)
COR_DECLARE_OPTIONS(cor_warm_restarts_options, COR_WARM_RESTARTS_OPTIONS)
/* The same with a restart after T_0 epochs, then T_0 * T_mult, and so on (CosineAnnealingWarmRestarts). */
COR_API cor_scheduler *cor_cosine_annealing_warm_restarts_with(cor_optimizer *o, int64_t T_0,
                                                               const cor_warm_restarts_options *options);

#define COR_ONE_CYCLE_LR_OPTIONS(_)                                                                                    \
    _(int64_t, total_steps, COR_UNSET) /* or: */                                                                       \
    _(int64_t, epochs, COR_UNSET)                                                                                      \
    _(int64_t, steps_per_epoch, COR_UNSET)                                                                             \
    _(double, pct_start, 0.3)                                                                                          \
    _(const char *, anneal_strategy, "cos") /* or "linear" */                                                          \
    _(bool, cycle_momentum, true)                                                                                      \
    _(double, base_momentum, 0.85)                                                                                     \
    _(double, max_momentum, 0.95)                                                                                      \
    _(double, div_factor, 25.0)                                                                                        \
    _(double, final_div_factor, 1e4)                                                                                   \
    _(bool, three_phase, false)                                                                                        \
    _(cor_reals, max_lrs, {NULL, 0}) /* a max_lr for each group */
COR_DECLARE_OPTIONS(cor_one_cycle_lr_options, COR_ONE_CYCLE_LR_OPTIONS)
/* Raises them from max_lr / div_factor to max_lr and lowers them to nearly 0; the momentum (or beta1) goes the other
 * way (OneCycleLR). Stepped after every batch. */
COR_API cor_scheduler *cor_one_cycle_lr_with(cor_optimizer *o, double max_lr, const cor_one_cycle_lr_options *options);

/* The factor of a group's rate at an epoch. An error that it leaves pending ends the step. */
typedef double (*cor_lr_lambda)(int64_t epoch, int64_t group, void *context);
/* The first rates times the factor (LambdaLR), and the present rates times it (MultiplicativeLR). */
COR_API cor_scheduler *cor_lambda_lr(cor_optimizer *o, cor_lr_lambda lr_lambda, void *context);
COR_API cor_scheduler *cor_multiplicative_lr(cor_optimizer *o, cor_lr_lambda lr_lambda, void *context);

#define COR_PLATEAU_OPTIONS(_)                                                                                         \
    _(const char *, mode, "min") /* or "max" */                                                                        \
    _(double, factor, 0.1)                                                                                             \
    _(int64_t, patience, 10)                                                                                           \
    _(double, threshold, 1e-4)                                                                                         \
    _(const char *, threshold_mode, "rel") /* or "abs" */                                                              \
    _(int64_t, cooldown, 0)                                                                                            \
    _(double, min_lr, 0)                                                                                               \
    _(double, eps, 1e-8)                                                                                               \
    _(cor_reals, min_lrs, {NULL, 0}) /* a min_lr for each group */
COR_DECLARE_OPTIONS(cor_plateau_options, COR_PLATEAU_OPTIONS)
/* Multiplies them by factor when a metric has not improved for more than `patience` epochs (ReduceLROnPlateau); stepped
 * with cor_scheduler_step_metric. */
COR_API cor_scheduler *cor_reduce_lr_on_plateau_with(cor_optimizer *o, const cor_plateau_options *options);

/* Runs schedulers of one optimizer one after the other, each from its milestone on (SequentialLR). */
COR_API cor_scheduler *cor_sequential_lr(cor_optimizer *o, cor_scheduler_list schedulers, cor_milestones milestones);
/* Steps all of them (ChainedScheduler). */
COR_API cor_scheduler *cor_chained_scheduler(cor_scheduler_list schedulers);

#define cor_step_lr(o, step_size, ...)                                                                                 \
    COR__CALL(cor_step_lr_with((o), (step_size), COR__OPTIONS(cor_step_lr_options, COR_STEP_LR_OPTIONS, ##__VA_ARGS__)))
#define cor_multi_step_lr(o, milestones, ...)                                                                          \
    COR__CALL(cor_multi_step_lr_with((o), (milestones),                                                                \
                                     COR__OPTIONS(cor_step_lr_options, COR_STEP_LR_OPTIONS, ##__VA_ARGS__)))
#define cor_constant_lr(o, ...)                                                                                        \
    COR__CALL(cor_constant_lr_with((o), COR__OPTIONS(cor_constant_lr_options, COR_CONSTANT_LR_OPTIONS, ##__VA_ARGS__)))
#define cor_linear_lr(o, ...)                                                                                          \
    COR__CALL(cor_linear_lr_with((o), COR__OPTIONS(cor_linear_lr_options, COR_LINEAR_LR_OPTIONS, ##__VA_ARGS__)))
#define cor_polynomial_lr(o, ...)                                                                                      \
    COR__CALL(cor_polynomial_lr_with(                                                                                  \
        (o), COR__OPTIONS(cor_polynomial_lr_options, COR_POLYNOMIAL_LR_OPTIONS, ##__VA_ARGS__)))
#define cor_cosine_annealing_lr(o, T_max, ...)                                                                         \
    COR__CALL(cor_cosine_annealing_lr_with(                                                                            \
        (o), (T_max), COR__OPTIONS(cor_cosine_annealing_lr_options, COR_COSINE_ANNEALING_LR_OPTIONS, ##__VA_ARGS__)))
#define cor_cosine_annealing_warm_restarts(o, T_0, ...)                                                                \
    COR__CALL(cor_cosine_annealing_warm_restarts_with(                                                                 \
        (o), (T_0), COR__OPTIONS(cor_warm_restarts_options, COR_WARM_RESTARTS_OPTIONS, ##__VA_ARGS__)))
#define cor_one_cycle_lr(o, max_lr, ...)                                                                               \
    COR__CALL(cor_one_cycle_lr_with((o), (max_lr),                                                                     \
                                    COR__OPTIONS(cor_one_cycle_lr_options, COR_ONE_CYCLE_LR_OPTIONS, ##__VA_ARGS__)))
#define cor_reduce_lr_on_plateau(o, ...)                                                                               \
    COR__CALL(cor_reduce_lr_on_plateau_with((o), COR__OPTIONS(cor_plateau_options, COR_PLATEAU_OPTIONS, ##__VA_ARGS__)))

/* Ownership as for tensors (corrie/tensor.h). NULL is ignored. */
COR_API cor_scheduler *cor_scheduler_retain(cor_scheduler *s);
COR_API void cor_scheduler_release(cor_scheduler *s);
COR_API cor_scheduler *cor_scheduler_take(cor_scheduler *s);
COR_API cor_scheduler *cor_scheduler_keep(cor_scheduler *s);

/* ---- stepping --------------------------------------------------------------------------------------------------- */

/* Moves to the next epoch and sets the rates. Returns COR_OK, or a code with PyTorch's text where it has one:
 * COR_EVALUE beyond the end of OneCycleLR, for a division by zero, or for ReduceLROnPlateau without its metric;
 * COR_ESTATE when the optimizer has other groups than at first. */
COR_API int cor_scheduler_step(cor_scheduler *s);
/* The same for ReduceLROnPlateau, with the metric of the epoch. */
COR_API int cor_scheduler_step_metric(cor_scheduler *s, double metric);
/* Returns the rate that a group got last (get_last_lr); NaN with COR_EINDEX pending if there is no such group. */
COR_API double cor_last_lr(const cor_scheduler *s, int64_t group);

/* Returns what a checkpoint keeps: PyTorch's state_dict as tensors, "last_epoch", "_last_lr" and so on; the state of
 * scheduler 0 of several as "_schedulers.0.last_epoch". Functions are not in it. */
COR_API cor_dict *cor_scheduler_state(cor_scheduler *s);
/* Takes it in again (load_state_dict); the rates of the optimizer are its own state's business. Returns COR_OK, or a
 * code with the scheduler as it was: COR_EKEY for a name that is missing or unknown, COR_ESHAPE for another number of
 * elements. */
COR_API int cor_load_scheduler_state(cor_scheduler *s, cor_dict *state) COR_MUST_CHECK;

COR_END
#endif
