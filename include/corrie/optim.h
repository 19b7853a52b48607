/* corrie/optim.h: optimizers.
 *
 *     cor_optimizer *sgd = cor_sgd(cor_parameters(net), .lr = 0.1, .momentum = 0.9);
 *     cor_zero_grad(sgd);
 *     ... cor_backward(loss) ...
 *     cor_step(sgd);
 *
 * Names, defaults and arithmetic are those of torch.optim: float32 and float64 parameters get the same bits. float16
 * and bfloat16 ones are computed in float32, with one rounding of the parameter and of each state. An optimizer keeps
 * references to its parameters. It belongs to the innermost open scope, and is used by one thread at a time.
 */
#ifndef CORRIE_OPTIM_H
#define CORRIE_OPTIM_H

#include <corrie/module.h>

COR_BEGIN

typedef struct cor_optimizer cor_optimizer;

/* ---- what is optimized ------------------------------------------------------------------------------------------ */

/* The parameters of a call, made by COR_PARAMETERS: a dict's tensors (cor_parameters), or a list's (COR_TENSORS,
 * COR_LIST). */
typedef struct cor_parameter_source {
    cor_dict *dict; /* NULL: the list */
    cor_list list;
} cor_parameter_source;

COR_END

#ifdef __cplusplus
inline cor_parameter_source cor__parameter_source(cor_dict *d) { return cor_parameter_source{d, {nullptr, 1}}; }
inline cor_parameter_source cor__parameter_source(cor_list list) { return cor_parameter_source{nullptr, list}; }
#define COR_PARAMETERS(x) cor__parameter_source(x)
#else
static inline cor_parameter_source cor__parameters_of_dict(cor_dict *d) {
    return (cor_parameter_source){.dict = d, .list.n = 1};
}
static inline cor_parameter_source cor__parameters_of_list(cor_list list) {
    return (cor_parameter_source){.list = list};
}
/* A dict or a list of tensors as parameters. */
#define COR_PARAMETERS(x) _Generic((x), cor_dict * : cor__parameters_of_dict, cor_list : cor__parameters_of_list)(x)
#endif

COR_BEGIN

/* ---- making ----------------------------------------------------------------------------------------------------- */

/* PyTorch's pair of betas: .betas = {0.9, 0.999}. */
typedef double cor_betas[2];

#define COR_SGD_OPTIONS(_)                                                                                             \
    _(double, lr, 1e-3)                                                                                                \
    _(double, momentum, 0)                                                                                             \
    _(double, dampening, 0)                                                                                            \
    _(double, weight_decay, 0)                                                                                         \
    _(bool, nesterov, false)                                                                                           \
    _(bool, maximize, false)
COR_DECLARE_OPTIONS(cor_sgd_options, COR_SGD_OPTIONS)

#define COR_ADAM_OPTIONS(_)                                                                                            \
    _(double, lr, 1e-3)                                                                                                \
    _(cor_betas, betas, {0.9, 0.999})                                                                                  \
    _(double, eps, 1e-8)                                                                                               \
    _(double, weight_decay, 0)                                                                                         \
    _(bool, amsgrad, false)                                                                                            \
    _(bool, maximize, false)                                                                                           \
    _(bool, decoupled_weight_decay, false)
COR_DECLARE_OPTIONS(cor_adam_options, COR_ADAM_OPTIONS)

#define COR_ADAMW_OPTIONS(_)                                                                                           \
    _(double, lr, 1e-3)                                                                                                \
    _(cor_betas, betas, {0.9, 0.999})                                                                                  \
    _(double, eps, 1e-8)                                                                                               \
    _(double, weight_decay, 1e-2)                                                                                      \
    _(bool, amsgrad, false)                                                                                            \
    _(bool, maximize, false)
COR_DECLARE_OPTIONS(cor_adamw_options, COR_ADAMW_OPTIONS)

#define COR_RMSPROP_OPTIONS(_)                                                                                         \
    _(double, lr, 1e-2)                                                                                                \
    _(double, alpha, 0.99)                                                                                             \
    _(double, eps, 1e-8)                                                                                               \
    _(double, weight_decay, 0)                                                                                         \
    _(double, momentum, 0)                                                                                             \
    _(bool, centered, false)                                                                                           \
    _(bool, maximize, false)
COR_DECLARE_OPTIONS(cor_rmsprop_options, COR_RMSPROP_OPTIONS)

#define COR_ADAGRAD_OPTIONS(_)                                                                                         \
    _(double, lr, 1e-2)                                                                                                \
    _(double, lr_decay, 0)                                                                                             \
    _(double, weight_decay, 0)                                                                                         \
    _(double, initial_accumulator_value, 0)                                                                            \
    _(double, eps, 1e-10)                                                                                              \
    _(bool, maximize, false)
COR_DECLARE_OPTIONS(cor_adagrad_options, COR_ADAGRAD_OPTIONS)

#define COR_ADADELTA_OPTIONS(_)                                                                                        \
    _(double, lr, 1.0)                                                                                                 \
    _(double, rho, 0.9)                                                                                                \
    _(double, eps, 1e-6)                                                                                               \
    _(double, weight_decay, 0)                                                                                         \
    _(bool, maximize, false)
COR_DECLARE_OPTIONS(cor_adadelta_options, COR_ADADELTA_OPTIONS)

#define COR_NADAM_OPTIONS(_)                                                                                           \
    _(double, lr, 2e-3)                                                                                                \
    _(cor_betas, betas, {0.9, 0.999})                                                                                  \
    _(double, eps, 1e-8)                                                                                               \
    _(double, weight_decay, 0)                                                                                         \
    _(double, momentum_decay, 4e-3)                                                                                    \
    _(bool, decoupled_weight_decay, false)                                                                             \
    _(bool, maximize, false)
COR_DECLARE_OPTIONS(cor_nadam_options, COR_NADAM_OPTIONS)

#define COR_ADAMAX_OPTIONS(_)                                                                                          \
    _(double, lr, 2e-3)                                                                                                \
    _(cor_betas, betas, {0.9, 0.999})                                                                                  \
    _(double, eps, 1e-8)                                                                                               \
    _(double, weight_decay, 0)                                                                                         \
    _(bool, maximize, false)
COR_DECLARE_OPTIONS(cor_adamax_options, COR_ADAMAX_OPTIONS)

#define COR_RADAM_OPTIONS(_)                                                                                           \
    _(double, lr, 1e-3)                                                                                                \
    _(cor_betas, betas, {0.9, 0.999})                                                                                  \
    _(double, eps, 1e-8)                                                                                               \
    _(double, weight_decay, 0)                                                                                         \
    _(bool, decoupled_weight_decay, false)                                                                             \
    _(bool, maximize, false)
COR_DECLARE_OPTIONS(cor_radam_options, COR_RADAM_OPTIONS)

#define COR_LBFGS_OPTIONS(_)                                                                                           \
    _(double, lr, 1)                                                                                                   \
    _(int64_t, max_iter, 20)                                                                                           \
    _(int64_t, max_eval, COR_UNSET) /* max_iter * 5 / 4 */                                                             \
    _(double, tolerance_grad, 1e-7)                                                                                    \
    _(double, tolerance_change, 1e-9)                                                                                  \
    _(int64_t, history_size, 100)                                                                                      \
    _(const char *, line_search_fn, NULL) /* or "strong_wolfe" */
COR_DECLARE_OPTIONS(cor_lbfgs_options, COR_LBFGS_OPTIONS)

/* Return an optimizer with one group of parameters (torch.optim.SGD and so on; the formulas are those of PyTorch's
 * pages). NULL with an error pending: COR_EVALUE with PyTorch's text for no parameters, a tensor that is no leaf or is
 * there twice, and an option outside its range; COR_ENOMEM. */
COR_API cor_optimizer *cor_sgd_with(cor_parameter_source parameters, const cor_sgd_options *options);
COR_API cor_optimizer *cor_adam_with(cor_parameter_source parameters, const cor_adam_options *options);
COR_API cor_optimizer *cor_adamw_with(cor_parameter_source parameters, const cor_adamw_options *options);
COR_API cor_optimizer *cor_rmsprop_with(cor_parameter_source parameters, const cor_rmsprop_options *options);
COR_API cor_optimizer *cor_adagrad_with(cor_parameter_source parameters, const cor_adagrad_options *options);
COR_API cor_optimizer *cor_adadelta_with(cor_parameter_source parameters, const cor_adadelta_options *options);
COR_API cor_optimizer *cor_nadam_with(cor_parameter_source parameters, const cor_nadam_options *options);
COR_API cor_optimizer *cor_adamax_with(cor_parameter_source parameters, const cor_adamax_options *options);
COR_API cor_optimizer *cor_radam_with(cor_parameter_source parameters, const cor_radam_options *options);
/* The same for L-BFGS, which steps with a closure (cor_step_closure) and has one group only. Parameters of one dtype,
 * float32 or float64. */
COR_API cor_optimizer *cor_lbfgs_with(cor_parameter_source parameters, const cor_lbfgs_options *options);

#define COR__OPTIMIZER(function, T, LIST, parameters, ...)                                                             \
    COR__CALL(function(COR_PARAMETERS(parameters), COR__OPTIONS(T, LIST, ##__VA_ARGS__)))
#define cor_sgd(parameters, ...)                                                                                       \
    COR__OPTIMIZER(cor_sgd_with, cor_sgd_options, COR_SGD_OPTIONS, parameters, ##__VA_ARGS__)
#define cor_adam(parameters, ...)                                                                                      \
    COR__OPTIMIZER(cor_adam_with, cor_adam_options, COR_ADAM_OPTIONS, parameters, ##__VA_ARGS__)
#define cor_adamw(parameters, ...)                                                                                     \
    COR__OPTIMIZER(cor_adamw_with, cor_adamw_options, COR_ADAMW_OPTIONS, parameters, ##__VA_ARGS__)
#define cor_rmsprop(parameters, ...)                                                                                   \
    COR__OPTIMIZER(cor_rmsprop_with, cor_rmsprop_options, COR_RMSPROP_OPTIONS, parameters, ##__VA_ARGS__)
#define cor_adagrad(parameters, ...)                                                                                   \
    COR__OPTIMIZER(cor_adagrad_with, cor_adagrad_options, COR_ADAGRAD_OPTIONS, parameters, ##__VA_ARGS__)
#define cor_adadelta(parameters, ...)                                                                                  \
    COR__OPTIMIZER(cor_adadelta_with, cor_adadelta_options, COR_ADADELTA_OPTIONS, parameters, ##__VA_ARGS__)
#define cor_nadam(parameters, ...)                                                                                     \
    COR__OPTIMIZER(cor_nadam_with, cor_nadam_options, COR_NADAM_OPTIONS, parameters, ##__VA_ARGS__)
#define cor_adamax(parameters, ...)                                                                                    \
    COR__OPTIMIZER(cor_adamax_with, cor_adamax_options, COR_ADAMAX_OPTIONS, parameters, ##__VA_ARGS__)
#define cor_radam(parameters, ...)                                                                                     \
    COR__OPTIMIZER(cor_radam_with, cor_radam_options, COR_RADAM_OPTIONS, parameters, ##__VA_ARGS__)
#define cor_lbfgs(parameters, ...)                                                                                     \
    COR__OPTIMIZER(cor_lbfgs_with, cor_lbfgs_options, COR_LBFGS_OPTIONS, parameters, ##__VA_ARGS__)

/* Ownership as for tensors (corrie/tensor.h). NULL is ignored. */
COR_API cor_optimizer *cor_optimizer_retain(cor_optimizer *o);
COR_API void cor_optimizer_release(cor_optimizer *o);
COR_API cor_optimizer *cor_optimizer_take(cor_optimizer *o);
COR_API cor_optimizer *cor_optimizer_keep(cor_optimizer *o);

/* ---- groups ----------------------------------------------------------------------------------------------------- */

#define COR__NOT_GIVEN __builtin_nan("")
/* An option that is not given is the optimizer's. */
#define COR_GROUP_OPTIONS(_)                                                                                           \
    _(double, lr, COR__NOT_GIVEN)                                                                                      \
    _(double, momentum, COR__NOT_GIVEN)                                                                                \
    _(double, dampening, COR__NOT_GIVEN)                                                                               \
    _(double, weight_decay, COR__NOT_GIVEN)                                                                            \
    _(cor_betas, betas, {COR__NOT_GIVEN, COR__NOT_GIVEN})                                                              \
    _(double, eps, COR__NOT_GIVEN)                                                                                     \
    _(double, alpha, COR__NOT_GIVEN)                                                                                   \
    _(double, rho, COR__NOT_GIVEN)                                                                                     \
    _(double, lr_decay, COR__NOT_GIVEN)                                                                                \
    _(double, momentum_decay, COR__NOT_GIVEN)                                                                          \
    _(int64_t, nesterov, COR_UNSET)                                                                                    \
    _(int64_t, amsgrad, COR_UNSET)                                                                                     \
    _(int64_t, centered, COR_UNSET)                                                                                    \
    _(int64_t, decoupled_weight_decay, COR_UNSET)                                                                      \
    _(int64_t, maximize, COR_UNSET)
COR_DECLARE_OPTIONS(cor_group_options, COR_GROUP_OPTIONS)
/* Adds a group of parameters with options of its own (Optimizer.add_param_group); as in PyTorch, their values are not
 * checked. Returns COR_OK or a code: COR_EVALUE with PyTorch's text for a tensor that is no leaf or is optimized
 * already, COR_EKEY for an option that the optimizer does not have, COR_ENOMEM. */
COR_API int cor_add_param_group_with(cor_optimizer *o, cor_parameter_source parameters,
                                     const cor_group_options *options);
#define cor_add_param_group(o, parameters, ...)                                                                        \
    COR__CALL(cor_add_param_group_with((o), COR_PARAMETERS(parameters),                                                \
                                       COR__OPTIONS(cor_group_options, COR_GROUP_OPTIONS, ##__VA_ARGS__)))
/* Returns how many groups there are; 0 for NULL. */
COR_API int64_t cor_param_groups(const cor_optimizer *o);

/* Returns an option of a group by PyTorch's name, "lr" or "weight_decay"; the betas are "beta1" and "beta2", a truth
 * value is 0 or 1. Schedulers add "initial_lr" and others. NaN with COR_EKEY or COR_EINDEX pending if there is none. */
COR_API double cor_option(const cor_optimizer *o, int64_t group, const char *name);
/* Sets one. As in PyTorch, the value is not checked. Returns COR_OK or a code as above. */
COR_API int cor_set_option(cor_optimizer *o, int64_t group, const char *name, double value);
/* The same for the learning rate, which is changed most. */
COR_API double cor_lr(const cor_optimizer *o, int64_t group);
COR_API int cor_set_lr(cor_optimizer *o, int64_t group, double lr);

/* ---- stepping --------------------------------------------------------------------------------------------------- */

/* Moves every parameter that has a gradient by one step (Optimizer.step). Records nothing. Returns COR_OK, or a code
 * with parameters and states as they were: COR_EDTYPE for integer parameters, COR_ESTATE for a state of another dtype
 * than its parameter's, COR_EVALUE for LBFGS, which needs a closure, COR_ENOMEM. */
COR_API int cor_step(cor_optimizer *o);

/* Computes the loss anew, with its gradients. NULL, with an error pending, ends the step. */
typedef cor_tensor *(*cor_closure)(void *context);
/* The same with gradients from a closure, which is called with recording on: once, or by LBFGS as often as it needs.
 * Returns the first loss, of the innermost scope; NULL on failure. A failed step of LBFGS leaves the parameters where
 * it evaluated them last. */
COR_API cor_tensor *cor_step_closure(cor_optimizer *o, cor_closure closure, void *context);

/* Drops the gradients of all parameters, or fills them with zeros (Optimizer.zero_grad). Returns COR_OK or a code. */
COR_API int cor_zero_grad_with(cor_optimizer *o, const cor_zero_grad_options *options);
#define cor_zero_grad(o, ...)                                                                                          \
    COR__CALL(cor_zero_grad_with((o), COR__OPTIONS(cor_zero_grad_options, COR_ZERO_GRAD_OPTIONS, ##__VA_ARGS__)))

/* ---- state ------------------------------------------------------------------------------------------------------ */

/* Returns what a checkpoint keeps, PyTorch's state_dict flattened: "state.0.exp_avg" and "state.0.step" of parameter 0,
 * the parameters counted over the groups in order, and "param_groups.0.lr", "param_groups.0.params" of group 0. Numbers
 * are tensors of no dimensions: float64, int64 or bool; the steps are float32. The states are the optimizer's own
 * tensors, not copies. */
COR_API cor_dict *cor_optimizer_state(cor_optimizer *o);
/* Takes it in again (load_state_dict): copies the states, in the dtypes of their parameters, and the options. Returns
 * COR_OK, or a code with the optimizer as it was: COR_EVALUE with PyTorch's text for groups of another number or size,
 * COR_EKEY for a name that is missing or unknown, COR_ESHAPE for a state of another shape than its parameter's. */
COR_API int cor_load_optimizer_state(cor_optimizer *o, cor_dict *state) COR_MUST_CHECK;

/* Returns what PyTorch's print shows of an optimizer, to be freed with cor_free_text; NULL with an error pending. */
COR_API char *cor_optimizer_repr(const cor_optimizer *o);

/* ---- clipping --------------------------------------------------------------------------------------------------- */

#define COR_CLIP_GRAD_NORM_OPTIONS(_)                                                                                  \
    _(double, norm_type, 2)                                                                                            \
    _(bool, error_if_nonfinite, false)
COR_DECLARE_OPTIONS(cor_clip_grad_norm_options, COR_CLIP_GRAD_NORM_OPTIONS)
/* Multiplies the gradients of the parameters in place so that the norm of all of them together is at most max_norm, and
 * returns what it was (torch.nn.utils.clip_grad_norm_; each tensor's norm as cor_norm has it). NULL on failure:
 * COR_EVALUE for a norm that is not finite with error_if_nonfinite, and then the gradients are as they were. */
COR_API cor_tensor *cor_clip_grad_norm_with_(cor_parameter_source parameters, double max_norm,
                                             const cor_clip_grad_norm_options *options);
#define cor_clip_grad_norm_(parameters, max_norm, ...)                                                                 \
    COR__CALL(                                                                                                         \
        cor_clip_grad_norm_with_(COR_PARAMETERS(parameters), (max_norm),                                               \
                                 COR__OPTIONS(cor_clip_grad_norm_options, COR_CLIP_GRAD_NORM_OPTIONS, ##__VA_ARGS__)))

/* Brings every element of the gradients into [-clip_value, clip_value] in place (torch.nn.utils.clip_grad_value_).
 * Returns COR_OK or a code. */
COR_API int cor_clip_grad_value_with_(cor_parameter_source parameters, double clip_value);
#define cor_clip_grad_value_(parameters, clip_value) cor_clip_grad_value_with_(COR_PARAMETERS(parameters), (clip_value))

COR_END
#endif
