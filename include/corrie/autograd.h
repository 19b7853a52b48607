/* corrie/autograd.h: gradients by automatic differentiation (torch.autograd).
 *
 *     cor_tensor *w = cor_requires_grad_(cor_randn(3), true);
 *     cor_tensor *loss = cor_sum(cor_mul(w, w));
 *     if (cor_backward(loss) == COR_OK) cor_print(cor_grad(w));
 *
 * Operations on tensors that require grad are recorded. A backward pass walks the record from its end and gives each
 * leaf its gradient. It runs on the calling thread; formulas use the library's threads as operations do. A pass that
 * fails changes no gradient. */
#ifndef CORRIE_AUTOGRAD_H
#define CORRIE_AUTOGRAD_H

#include <corrie/tensor.h>

COR_BEGIN

#define COR_BACKWARD_OPTIONS(_)                                                                                        \
    _(cor_tensor *, gradient, COR_NONE)  /* of t; 1 for a tensor of one element */                                     \
    _(bool, retain_graph, false)         /* keep what the formulas need, for another pass */                           \
    _(bool, create_graph, false)         /* record the pass itself, and retain the graph */                            \
    _(cor_tensor *const *, inputs, NULL) /* only to these, n_inputs of them */                                         \
    _(int, n_inputs, COR__NO_INPUTS)
enum { COR__NO_INPUTS = -1 };
COR_DECLARE_OPTIONS(cor_backward_options, COR_BACKWARD_OPTIONS)
/* Adds the gradient of t with respect to each leaf that requires grad, and each tensor of .inputs, to its gradient
 * (Tensor.backward). A leaf's first gradient is stored, later ones are added; cor_set_grad(leaf, COR_NONE) drops it.
 * Returns COR_OK, or a code with the error pending: COR_ESTATE when t requires no grad, when what was kept has been
 * freed by an earlier pass or changed in place, COR_ESHAPE when t has several elements and no .gradient is given. */
COR_API int cor_backward_with(cor_tensor *t, const cor_backward_options *options) COR_MUST_CHECK;
#define cor_backward(t, ...)                                                                                           \
    COR__CALL(cor_backward_with((t), COR__OPTIONS(cor_backward_options, COR_BACKWARD_OPTIONS, ##__VA_ARGS__)))

#define COR_GRAD_OPTIONS(_)                                                                                            \
    _(cor_tensor *const *, grad_outputs, NULL) /* of the outputs, as many; COR_NONE is 1 */                            \
    _(bool, retain_graph, false)                                                                                       \
    _(bool, create_graph, false)                                                                                       \
    _(bool, allow_unused, false) /* NULL for inputs that the outputs do not depend on, not an error */
COR_DECLARE_OPTIONS(cor_grad_options, COR_GRAD_OPTIONS)
/* Writes the gradients of the outputs' sum with respect to each input to grads[0..inputs.n), borrowed tensors of the
 * innermost scope, and touches no cor_grad (torch.autograd.grad). Returns COR_OK, or a code with the error pending, as
 * cor_backward; grads are NULL then. */
COR_API int cor_autograd_grad_with(cor_list outputs, cor_list inputs, cor_tensor **grads,
                                   const cor_grad_options *options) COR_MUST_CHECK;
#define cor_autograd_grad(outputs, inputs, grads, ...)                                                                 \
    COR__CALL(cor_autograd_grad_with((outputs), (inputs), (grads),                                                     \
                                     COR__OPTIONS(cor_grad_options, COR_GRAD_OPTIONS, ##__VA_ARGS__)))

/* A hook on a gradient: may put another tensor of the same sizes and dtype in *grad. Returns COR_OK or a code, which
 * ends the pass. */
typedef int (*cor_tensor_hook)(cor_tensor **grad, void *context);
/* A hook on a leaf whose gradient has been brought up to date. */
typedef int (*cor_accumulate_hook)(cor_tensor *leaf, void *context);

/* Registers a hook that runs in every backward pass when t's gradient is complete (Tensor.register_hook); for a leaf
 * before it is added. Hooks run in the order they were registered. Returns an id (positive) for
 * cor_remove_tensor_hook, or a code: COR_ESTATE when t requires no grad. */
COR_API int64_t cor_register_hook(cor_tensor *t, cor_tensor_hook hook, void *context);
/* Registers a hook that runs after a leaf's gradient was added to (Tensor.register_post_accumulate_grad_hook). Returns
 * an id, or a code: COR_ESTATE when t is no leaf that requires grad. */
COR_API int64_t cor_register_post_accumulate_grad_hook(cor_tensor *t, cor_accumulate_hook hook, void *context);
/* Removes a hook of t by its id. COR_EKEY if there is none; one of a tensor changed in place since stays. */
COR_API int cor_remove_tensor_hook(cor_tensor *t, int64_t id) COR_MUST_CHECK;

/* Makes a tensor that is no leaf keep its gradient too (Tensor.retain_grad): cor_grad gives it, added up over passes.
 * Does nothing for a leaf. Returns COR_OK or a code: COR_ESTATE when t requires no grad. */
COR_API int cor_retain_grad(cor_tensor *t) COR_MUST_CHECK;
/* Returns whether t, no leaf, keeps its gradient (Tensor.retains_grad). */
COR_API bool cor_retains_grad(const cor_tensor *t);

/* ---- checking gradients ----------------------------------------------------------------------------------------- */

/* A function to be checked: puts its outputs, borrowed tensors, into outputs[0..room). Returns how many there are, or a
 * code. */
typedef int (*cor_checked_function)(cor_tensor *const *inputs, int n, cor_tensor **outputs, int room, void *context);

#define COR_GRADCHECK_OPTIONS(_)                                                                                       \
    _(double, eps, 1e-6) /* the step of the differences */                                                             \
    _(double, atol, 1e-5)                                                                                              \
    _(double, rtol, 1e-3)                                                                                              \
    _(void *, context, NULL) /* for the function */
COR_DECLARE_OPTIONS(cor_gradcheck_options, COR_GRADCHECK_OPTIONS)
/* Compares the gradients of all elements of the outputs with respect to all elements of the inputs that require grad
 * with central differences (torch.autograd.gradcheck): |a - n| <= atol + rtol |n|. Inputs should be float64 and
 * contiguous, since their elements are changed and put back; the function must give the same each time. Returns COR_OK,
 * COR_ESTATE with the error pending that says which element differs, or another code. */
COR_API int cor_gradcheck_with(cor_checked_function function, cor_list inputs,
                               const cor_gradcheck_options *options) COR_MUST_CHECK;
#define cor_gradcheck(function, inputs, ...)                                                                           \
    COR__CALL(cor_gradcheck_with((function), (inputs),                                                                 \
                                 COR__OPTIONS(cor_gradcheck_options, COR_GRADCHECK_OPTIONS, ##__VA_ARGS__)))
/* Checks in the same way the gradients of the gradients, for some gradients of the outputs
 * (torch.autograd.gradgradcheck). */
COR_API int cor_gradgradcheck_with(cor_checked_function function, cor_list inputs,
                                   const cor_gradcheck_options *options) COR_MUST_CHECK;
#define cor_gradgradcheck(function, inputs, ...)                                                                       \
    COR__CALL(cor_gradgradcheck_with((function), (inputs),                                                             \
                                     COR__OPTIONS(cor_gradcheck_options, COR_GRADCHECK_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
