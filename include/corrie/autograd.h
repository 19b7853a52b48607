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

/* ---- functions with gradients of one's own ---------------------------------------------------------------------- */

/* What a function's forward leaves for its backward (ctx in PyTorch). Lent for the time of either call. */
typedef struct cor_function_context cor_function_context;

/* A function and its gradient (torch.autograd.Function): a table that lives as long as the program.
 *
 * The forward puts its outputs, borrowed tensors, into outputs[0..n_outputs) and returns COR_OK or a code. Nothing is
 * recorded while it runs. It may return an input, which comes out as a view unless it was marked as dirty.
 *
 * The backward gets the gradients of the outputs and puts those of the inputs into results, which has room for
 * n_results, one for each input; an entry may stay NULL or become COR_NONE for none. It returns how many gradients it
 * gives, or a code. Written with the library's operations it can be differentiated again. NULL: the function has no
 * gradient, and a pass through it fails.
 *
 * grad_fn of the outputs is called "<name>Backward". */
typedef struct cor_function {
    const char *name;
    int (*forward)(cor_function_context *ctx, cor_tensor *const *inputs, int n_inputs, cor_tensor **outputs,
                   int n_outputs);
    int (*backward)(cor_function_context *ctx, cor_tensor *const *grads, int n_grads, cor_tensor **results,
                    int n_results);
    bool once_differentiable; /* the backward records nothing, and its gradients cannot be differentiated */
} cor_function;

#define COR_FUNCTION_OPTIONS(_)                                                                                        \
    _(void *, data, NULL) /* what the function needs beside tensors */                                                 \
    _(cor_function_destroy, destroy, NULL)
/* Gives back the data of a function, once, when the graph is gone or the call is over and has recorded nothing. */
typedef void (*cor_function_destroy)(void *data);
COR_DECLARE_OPTIONS(cor_function_options, COR_FUNCTION_OPTIONS)
/* Runs a function and records it when grad mode is on and an input requires grad (Function.apply); inputs may be
 * COR_NONE. outputs[0..n_outputs) get borrowed tensors, NULL on failure. Floating outputs require grad then, unless
 * they are marked. Returns COR_OK or a code. .destroy is called on failure, too. */
COR_API int cor_function_apply_n_with(const cor_function *function, cor_list inputs, cor_tensor **outputs,
                                      int n_outputs, const cor_function_options *options) COR_MUST_CHECK;
#define cor_function_apply_n(function, inputs, outputs, n_outputs, ...)                                                \
    COR__CALL(cor_function_apply_n_with((function), (inputs), (outputs), (n_outputs),                                  \
                                        COR__OPTIONS(cor_function_options, COR_FUNCTION_OPTIONS, ##__VA_ARGS__)))
/* The same for one output, which is returned: cor_function_apply(&my_exp, COR_TENSORS(x)). NULL on failure. */
COR_API cor_tensor *cor_function_apply_with(const cor_function *function, cor_list inputs,
                                            const cor_function_options *options);
#define cor_function_apply(function, inputs, ...)                                                                      \
    COR__CALL(cor_function_apply_with((function), (inputs),                                                            \
                                      COR__OPTIONS(cor_function_options, COR_FUNCTION_OPTIONS, ##__VA_ARGS__)))

/* In a forward: keeps tensors for the backward, inputs, outputs or others, COR_NONE among them (save_for_backward). A
 * second call replaces the first. COR_OK or a code. */
COR_API int cor_save_for_backward(cor_function_context *ctx, cor_list tensors);
/* In a backward: returns what was kept in place i, borrowed; COR_NONE where that was kept. NULL with PyTorch's error
 * pending when it was changed in place since or freed by an earlier pass. */
COR_API cor_tensor *cor_saved_tensor(cor_function_context *ctx, int i);
/* In a forward: says which inputs it has changed in place, which must be outputs (mark_dirty), and which outputs have
 * no gradient (mark_non_differentiable). COR_OK or a code. */
COR_API int cor_mark_dirty(cor_function_context *ctx, cor_list inputs);
COR_API int cor_mark_non_differentiable(cor_function_context *ctx, cor_list outputs);
/* In a forward: whether the backward gets zeros for outputs that no gradient came to, as at first, or NULL
 * (set_materialize_grads). COR_OK or a code. */
COR_API int cor_set_materialize_grads(cor_function_context *ctx, bool materialize);
/* Returns whether the gradient of input i is wanted: whether it required grad in the call (needs_input_grad). */
COR_API bool cor_needs_input_grad(const cor_function_context *ctx, int i);
/* Returns the data of the call, and replaces it: the data before is destroyed. In a forward or a backward; NULL for
 * NULL, COR_EVALUE. */
COR_API void *cor_function_data(const cor_function_context *ctx);
COR_API int cor_set_function_data(cor_function_context *ctx, void *data, cor_function_destroy destroy);

/* ---- the graph -------------------------------------------------------------------------------------------------- */

/* Where a gradient goes: an output of what was recorded, or a leaf. Borrowed from the graph. */
typedef struct cor_grad_edge {
    const char *name; /* "MulBackward0", "AccumulateGrad" for a leaf; NULL when no gradient is needed */
    const void *node; /* tells nodes apart; NULL for a leaf */
    cor_tensor *leaf; /* NULL for a node */
    int output;
} cor_grad_edge;
/* Returns the edge of t (torch.autograd.graph.get_gradient_edge). Without a name, and COR_ESTATE pending, when t
 * requires no grad. */
COR_API cor_grad_edge cor_grad_edge_of(cor_tensor *t);
/* Writes the edges of the inputs of an edge's node to next[0..room), as far as there is room (next_functions). Returns
 * how many there are: none behind a leaf. */
COR_API int cor_next_functions(cor_grad_edge edge, cor_grad_edge *next, int room);

/* Switches anomaly detection, for all threads (torch.autograd.set_detect_anomaly): a formula that gives NaN ends the
 * pass with an error that names it. Slow. Return what it was, and what it is. */
COR_API bool cor_set_detect_anomaly(bool enabled);
COR_API bool cor_is_anomaly_enabled(void);

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
