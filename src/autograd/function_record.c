/* function_record.c: the history of what a user's function gives, and its turn in a backward pass. */
#include "autograd/function.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "ops/op.h"
#include <corrie/creation.h>

/* ---- outputs ---------------------------------------------------------------------------------------------------- */

static int place_in(cor_tensor *const *tensors, int64_t n, const cor_tensor *t) {
    for (int64_t i = 0; i < n; i++)
        if (tensors[i] == t) return (int)i;
    return -1;
}

static bool is_named(const cor__named *named, const cor_tensor *t) { return place_in(named->at, named->n, t) >= 0; }

static bool is_input(const cor_function_context *ctx, const cor_tensor *t) {
    return place_in(ctx->inputs.tensors, ctx->inputs.n, t) >= 0;
}

static bool is_differentiable(const cor_function_context *ctx, const cor_tensor *t) {
    return cor_dtype_is_floating(t->dtype) && !is_named(&ctx->not_differentiable, t);
}

/* Another window in the place of *t, which is owned: a view of it or, detached, none. */
static int put_window(cor_tensor **t, bool view) {
    cor_tensor *before = *t;
    cor_tensor *window =
        cor__tensor_over(before->storage, before->dtype, before->sizes, before->strides, before->ndim, before->offset);
    if (window == NULL) return cor_error();
    if (view) cor__set_base(window, before);
    *t = window;
    cor__release(before);
    return COR_OK;
}

/* What PyTorch refuses of inputs that were changed in place. */
static int check_dirty(const cor_function_context *ctx, cor_tensor *const *outputs, int n, bool recorded) {
    for (int i = 0; i < ctx->dirty.n; i++) {
        cor_tensor *t = ctx->dirty.at[i];
        if (place_in(outputs, n, t) < 0)
            return cor__fail(COR_ESTATE,
                             "Some elements marked as dirty during the forward method were not returned as output. The "
                             "inputs that are modified inplace must all be outputs of the Function.");
        if (!recorded || !is_differentiable(ctx, t) || !is_input(ctx, t)) continue;
        if (t->flags & COR__REQUIRES_GRAD)
            return cor__fail(COR_ESTATE, "a leaf Variable that requires grad has been used in an in-place operation.");
        if (t->base != NULL && n > 1)
            return cor__fail(
                COR_ESTATE,
                "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot "
                "return more than one Tensor. This is not supported by the current autograd engine. You should either "
                "make sure the input is not a view (using .clone() for example) or make your Function only return one "
                "Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single "
                "Tensor and a second one that does the other operations). You can ask on the forum "
                "https://discuss.pytorch.org/ if you need help to do this change.");
        if (cor__check_in_place(t, true) != COR_OK) return cor_error();
    }
    return COR_OK;
}

/* An input that comes out as it is, is a view of itself, or detached where it may have no gradient. */
static int replace_input(const cor_function_context *ctx, cor_tensor **output) {
    if (!is_input(ctx, *output)) return COR_OK;
    const bool detached = !is_differentiable(ctx, *output) && cor__requires_grad(*output);
    return detached || !is_named(&ctx->dirty, *output) ? put_window(output, !detached) : COR_OK;
}

/* A write through a view changes the history of its base, anything else the output's own. */
static int set_history(const cor_function_context *ctx, cor__node *node, cor_tensor *t, int output) {
    const int input = is_named(&ctx->dirty, t) ? place_in(ctx->inputs.tensors, ctx->inputs.n, t) : -1;
    if (input < 0 || t->base == NULL) {
        if (input >= 0) t->storage->writer = ctx->user->function.name;
        cor__set_history(t, node, output);
        return COR_OK;
    }
    cor__node *placed = cor__in_place_node(t, node, input);
    if (placed == NULL) return cor_error();
    t->storage->writer = placed->name;
    cor__set_history(t->base, placed, 0);
    cor__release(placed);
    return COR_OK;
}

/* Views that come out must not be changed in place: their history is the function's. */
static void mark_views(const cor_function_context *ctx, cor_tensor *const *differentiable, cor_tensor **outputs,
                       int n) {
    int several = 0;
    for (int k = 0; k < n; k++) several += differentiable[k] != NULL;
    for (int k = 0; k < n; k++) {
        cor_tensor *t = outputs[k];
        if (t->base == NULL || (is_input(ctx, t) && is_named(&ctx->dirty, t))) continue;
        t->flags &= ~(unsigned)COR__HINDERED;
        t->flags |= several > 1 ? COR__VIEW_MULTI : COR__VIEW_CUSTOM;
    }
}

static cor__node *make_node(const cor_function_context *ctx, cor_tensor *const *outputs, int n) {
    cor__node *node = cor__node_new(&(cor__record){.name = ctx->user->grad_fn,
                                                   .op = ctx->user->function.name,
                                                   .formula = cor__function_backward,
                                                   .inputs = ctx->inputs.tensors,
                                                   .n_inputs = (int)ctx->inputs.n,
                                                   .outputs = outputs,
                                                   .n_outputs = n});
    if (node != NULL) node->user = cor__retain(ctx->user);
    return node;
}

/* `differentiable`: the outputs, NULL in the places of those without a gradient. */
static int record(const cor_function_context *ctx, cor_tensor *const *differentiable, cor_tensor **outputs, int n) {
    cor__node *node = make_node(ctx, outputs, n);
    if (node == NULL) return cor_error();
    cor__node_keep(node, ctx->kept.at, ctx->kept.n, differentiable);
    for (int k = 0; k < n && cor_error() == COR_OK; k++)
        if (differentiable[k] != NULL) set_history(ctx, node, outputs[k], k);
    cor__release(node);
    return cor_error();
}

int cor__function_record(const cor_function_context *ctx, cor_tensor **outputs, int n_outputs, bool recorded) {
    const size_t bytes = (size_t)n_outputs * sizeof(cor_tensor *);
    if (check_dirty(ctx, outputs, n_outputs, recorded) != COR_OK) return cor_error();
    cor_tensor **differentiable = cor__alloc_zero(bytes, "the outputs that have gradients");
    if (differentiable == NULL) return cor_error();
    for (int k = 0; k < n_outputs; k++) {
        const bool has_gradient = is_differentiable(ctx, outputs[k]);
        if (replace_input(ctx, &outputs[k]) != COR_OK) break;
        if (has_gradient) differentiable[k] = outputs[k];
    }
    if (cor_error() == COR_OK) mark_views(ctx, differentiable, outputs, n_outputs);
    if (cor_error() == COR_OK && recorded) record(ctx, differentiable, outputs, n_outputs);
    cor__free(differentiable, bytes);
    return cor_error();
}

/* ---- the backward ----------------------------------------------------------------------------------------------- */

/* The gradients of the outputs, zeros where none came unless the function wants none; in the scope. */
static cor_tensor **gather_grads(const cor__backward *pass, bool materialize) {
    const cor__node *node = pass->node;
    cor_tensor **grads = cor__alloc((size_t)node->n_results * sizeof *grads, "the gradients of outputs");
    for (int k = 0; grads != NULL && k < node->n_results; k++) {
        const cor__result *result = &node->results[k];
        grads[k] = pass->grads[k];
        if (grads[k] == NULL && materialize) grads[k] = cor_zeros_sized(result->dtype, result->sizes, result->ndim);
    }
    return grads;
}

static bool fits(const cor_tensor *grad, const cor__edge *edge) {
    const int more = grad->ndim - edge->ndim;
    bool fit = more >= 0;
    for (int d = 0; fit && d < edge->ndim; d++) fit = edge->sizes[d] == grad->sizes[d + more] || edge->sizes[d] == 1;
    return fit;
}

/* Looks at what a backward gave; drops what is no gradient. */
static int check_results(const cor__backward *pass, int given) {
    const cor__node *node = pass->node;
    char found[COR__SIZES_TEXT], expected[COR__SIZES_TEXT];
    if (given != node->n_edges)
        return cor__fail(COR_EVALUE, "function %s returned an incorrect number of gradients (expected %d, got %d)",
                         node->name, node->n_edges, given);
    for (int i = 0; i < node->n_edges; i++) {
        const cor__edge *edge = &node->edges[i];
        cor_tensor *grad = pass->results[i];
        if (grad == COR_NONE) pass->results[i] = grad = NULL;
        if (grad == NULL) continue;
        if (edge->ndim < 0)
            return cor__fail(COR_EVALUE,
                             "function %s returned a gradient different than None at position %d, but the "
                             "corresponding forward input was not a Variable",
                             node->name, i + 1);
        if (cor__needs(pass, i) && !fits(grad, edge))
            return cor__fail(COR_ESHAPE,
                             "Function %s returned an invalid gradient at index %d - got %s but expected shape "
                             "compatible with %s",
                             node->name, i, cor__sizes_text(found, grad->sizes, grad->ndim),
                             cor__sizes_text(expected, edge->sizes, edge->ndim));
    }
    return COR_OK;
}

/* ---- gradients that may not be differentiated ------------------------------------------------------------------- */

static int refuse_twice(cor__backward *pass) {
    (void)pass;
    return cor__fail(COR_ESTATE, "trying to differentiate twice a function that was marked with @once_differentiable");
}

/* A window on a gradient whose history is an error. NULL with an error pending. */
static cor_tensor *spoil(cor_tensor *grad) {
    cor_tensor *leaf = cor_requires_grad_(cor_detach(grad), true), *result = cor_detach(grad);
    if (leaf == NULL || result == NULL) return NULL;
    cor__node *node = cor__node_new(&(cor__record){.name = "Error",
                                                   .op = "once_differentiable",
                                                   .formula = refuse_twice,
                                                   .inputs = &leaf,
                                                   .n_inputs = 1,
                                                   .outputs = &result,
                                                   .n_outputs = 1});
    if (node == NULL) return NULL;
    cor__set_history(result, node, 0);
    cor__release(node);
    return result;
}

static int spoil_results(const cor__backward *pass) {
    bool differentiated = false;
    for (int k = 0; k < pass->node->n_results; k++)
        differentiated = differentiated || (pass->grads[k] != NULL && cor__requires_grad(pass->grads[k]));
    for (int i = 0; differentiated && i < pass->node->n_edges; i++)
        if (pass->results[i] != NULL && (pass->results[i] = spoil(pass->results[i])) == NULL) return cor_error();
    return COR_OK;
}

/* ---- the formula ------------------------------------------------------------------------------------------------ */

static int run_backward(cor__backward *pass, const cor__user_function *user, cor_tensor *const *grads) {
    cor_function_context ctx = {.user = (cor__user_function *)pass->node->user, .pass = pass};
    bool before __attribute__((cleanup(cor_grad_mode_restore), unused)) =
        cor_set_grad_enabled(cor_is_grad_enabled() && !user->function.once_differentiable);
    const int given = user->function.backward(&ctx, grads, pass->node->n_results, pass->results, pass->node->n_edges);
    if (cor_error() != COR_OK) return cor_error();
    if (given < 0) return cor__fail(given, "%s failed with %d", pass->node->name, given);
    return check_results(pass, given);
}

int cor__function_backward(cor__backward *pass) {
    const cor__user_function *user = (const cor__user_function *)pass->node->user;
    if (user->function.backward == NULL)
        return cor__fail(COR_EUNSUPPORTED,
                         "You must implement either the backward or vjp method for your custom autograd.Function to "
                         "use it with backward mode AD.");
    cor_tensor **grads = gather_grads(pass, user->materialize);
    if (grads == NULL) return cor_error();
    if (cor_error() == COR_OK && run_backward(pass, user, grads) == COR_OK && user->function.once_differentiable &&
        pass->create_graph)
        spoil_results(pass);
    cor__free(grads, (size_t)pass->node->n_results * sizeof *grads);
    return cor_error();
}

cor_tensor *cor_saved_tensor(cor_function_context *ctx, int i) {
    if (cor_error() != COR_OK) return NULL;
    if (ctx == NULL) return cor__fail_null(COR_EVALUE, "saved_tensors: the context is NULL");
    if (ctx->pass == NULL)
        return cor__fail_null(COR_ESTATE, "saved_tensors: only a backward has them, from its context");
    if (i < 0 || i >= ctx->pass->node->n_more)
        return cor__fail_null(COR_EINDEX, "saved_tensors: there is no tensor %d, %d are kept", i,
                              ctx->pass->node->n_more);
    return cor__kept_more(ctx->pass, i);
}
