/* backward.c: Tensor.backward and torch.autograd.grad. */
#include "autograd/gradient.h"
#include "autograd/pass.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "graph/hooks.h"
#include "ops/op.h"
#include <corrie/autograd.h>
#include <corrie/creation.h>
#include <corrie/math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_backward_options, COR_BACKWARD_OPTIONS)
COR__DEFINE_OPTIONS(cor_grad_options, COR_GRAD_OPTIONS)

/* The gradient that a pass starts with: the caller's, or one. A borrowed tensor. */
static cor_tensor *start_of(cor_tensor *root, cor_tensor *gradient, int i) {
    char found[COR__SIZES_TEXT], expected[COR__SIZES_TEXT];
    if (!cor__is_given(root))
        return cor__fail_null(COR_EVALUE, "backward: tensor %d is NULL, a failed or missing tensor", i);
    if (!cor__requires_grad(root))
        return cor__fail_null(COR_ESTATE, "element %d of tensors does not require grad and does not have a grad_fn", i);
    if (gradient == NULL) return cor__fail_null(COR_EVALUE, "backward: gradient %d is NULL, a failed tensor", i);
    if (gradient == COR_NONE && root->numel != 1)
        return cor__fail_null(COR_ESHAPE, "grad can be implicitly created only for scalar outputs");
    if (gradient == COR_NONE) return cor_ones_like(root);
    const bool same = cor__has_sizes(gradient, root->sizes, root->ndim);
    if (!same)
        return cor__fail_null(COR_ESHAPE,
                              "Mismatch in shape: grad_output[%d] has a shape of torch.Size(%s) and output[%d] has a "
                              "shape of torch.Size(%s).",
                              i, cor__sizes_text(found, gradient->sizes, gradient->ndim), i,
                              cor__sizes_text(expected, root->sizes, root->ndim));
    return gradient->dtype == root->dtype ? gradient : cor_to(gradient, root->dtype);
}

static int check_inputs(cor_tensor *const *inputs, int64_t n, const char *function) {
    if (n == 0) return cor__fail(COR_EVALUE, "`inputs` argument to `%s()` cannot be empty.", function);
    if (n < 0 || n > INT32_MAX || inputs == NULL)
        return cor__fail(COR_EVALUE, "%s: the inputs are NULL, or %lld", function, (long long)n);
    for (int64_t i = 0; i < n; i++)
        if (!cor__is_given(inputs[i]))
            return cor__fail(COR_EVALUE, "%s: input %lld is NULL, a failed or missing tensor", function, (long long)i);
    for (int64_t i = 0; i < n; i++)
        if (!cor__requires_grad(inputs[i]))
            return cor__fail(COR_ESTATE, "One of the differentiated Tensors does not require grad");
    return COR_OK;
}

static cor__capture *make_captures(cor_tensor *const *inputs, int64_t n) {
    cor__capture *captures = cor__alloc_zero((size_t)n * sizeof *captures, "the gradients asked for");
    for (int64_t i = 0; captures != NULL && i < n; i++) {
        captures[i].of = inputs[i];
        captures[i].node = cor__grad_fn(inputs[i]);
    }
    if (captures == NULL || cor_error() == COR_OK) return captures;
    cor__free(captures, (size_t)n * sizeof *captures);
    return NULL;
}

static void free_captures(cor__capture *captures, int64_t n) {
    for (int64_t i = 0; captures != NULL && i < n; i++) cor__release(captures[i].grad);
    cor__free(captures, (size_t)n * sizeof *captures);
}

/* ---- Tensor.backward -------------------------------------------------------------------------------------------- */

/* Adds what was captured to the inputs' gradients: first everything that may fail, then the changes. */
static int add_captured(cor__capture *captures, int n, bool create_graph) {
    for (int i = 0; i < n; i++) {
        cor__capture *c = &captures[i];
        if (c->grad == NULL) continue;
        cor_tensor *grad = c->grad, *sum = c->of->grad == NULL ? NULL : cor__retain(c->of->grad);
        c->grad = NULL;
        if (sum == NULL) {
            c->grad = cor__gradient_own(c->of, grad, create_graph);
        } else if (cor__gradient_add(&sum, grad, true) == COR_OK) {
            c->grad = sum;
            sum = NULL;
        }
        cor__release(sum);
        if (cor_error() != COR_OK) return cor_error();
    }
    for (int i = 0; i < n; i++) {
        if (captures[i].grad == NULL) continue;
        cor_tensor *before = captures[i].of->grad;
        captures[i].of->grad = captures[i].grad;
        captures[i].grad = NULL;
        cor__release(before);
    }
    for (int i = 0; i < n; i++)
        if (captures[i].node == NULL && cor__hooks_accumulated(captures[i].of) != COR_OK) return cor_error();
    return COR_OK;
}

int cor_backward_with(cor_tensor *t, const cor_backward_options *options) {
    cor_backward_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "backward") != COR_OK) return cor_error();
    const cor_backward_options *o = cor_backward_options_or_defaults(options, &room);
    const int n = o->n_inputs == COR__NO_INPUTS ? 0 : o->n_inputs;
    cor_scope();
    if (o->n_inputs != COR__NO_INPUTS && check_inputs(o->inputs, n, "backward") != COR_OK) return cor_error();
    cor_tensor *gradient = start_of(t, o->gradient, 0);
    cor__pass_options how = {.retain_graph = o->retain_graph || o->create_graph, .create_graph = o->create_graph};
    if (gradient == NULL || (n > 0 && (how.captures = make_captures(o->inputs, n)) == NULL)) return cor_error();
    how.n_captures = n;
    if (cor__pass_run(&t, &gradient, 1, &how) == COR_OK && n > 0) {
        bool before __attribute__((cleanup(cor_grad_mode_restore), unused)) = cor_set_grad_enabled(o->create_graph);
        add_captured(how.captures, n, o->create_graph);
    }
    free_captures(how.captures, n);
    return cor_error();
}

/* ---- torch.autograd.grad ---------------------------------------------------------------------------------------- */

/* The outputs' own gradients to start with, borrowed; the array is the caller's. */
static cor_tensor **starts_of(cor_list outputs, cor_tensor *const *grads) {
    const size_t bytes = (size_t)outputs.n * sizeof(cor_tensor *);
    for (int64_t i = 0; i < outputs.n; i++)
        if (!cor__is_given(outputs.tensors[i]))
            return cor__fail(COR_EVALUE, "grad: output %lld is NULL, a failed or missing tensor", (long long)i), NULL;
    cor_tensor **starts = cor__alloc_zero(bytes, "the gradients of outputs");
    for (int64_t i = 0; starts != NULL && i < outputs.n; i++) {
        starts[i] = start_of(outputs.tensors[i], grads == NULL ? COR_NONE : grads[i], (int)i);
        if (starts[i] != NULL) continue;
        cor__free(starts, bytes);
        return NULL;
    }
    return starts;
}

static int give(cor__capture *captures, int n, bool allow_unused, cor_tensor **grads) {
    for (int i = 0; i < n && !allow_unused; i++)
        if (captures[i].grad == NULL)
            return cor__fail(COR_ESTATE,
                             "The differentiated Tensor at index %d appears to not have been used in the graph. Set "
                             "allow_unused=True if this is the desired behavior.",
                             i);
    for (int i = 0; i < n; i++) {
        grads[i] = captures[i].grad == NULL ? NULL : cor__retain(captures[i].grad);
        if (grads[i] == NULL) continue;
        bool twice = false; /* one tensor for two inputs needs no second place in the scope */
        for (int k = 0; k < i && !twice; k++) twice = grads[k] == grads[i];
        if (twice || grads[i]->object.scope != NULL) cor__release(grads[i]);
        else cor__scope_add(grads[i]);
    }
    return COR_OK;
}

int cor_autograd_grad_with(cor_list outputs, cor_list inputs, cor_tensor **grads, const cor_grad_options *options) {
    cor_grad_options room;
    for (int64_t i = 0; grads != NULL && i < inputs.n; i++) grads[i] = NULL;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "grad") != COR_OK) return cor_error();
    const cor_grad_options *o = cor_grad_options_or_defaults(options, &room);
    if (check_inputs(inputs.tensors, inputs.n, "grad") != COR_OK) return cor_error();
    if (outputs.n < 1) return cor__fail(COR_EVALUE, "grad requires non-empty outputs.");
    if (outputs.n > INT32_MAX || outputs.tensors == NULL)
        return cor__fail(COR_EVALUE, "grad: the outputs are NULL, or %lld", (long long)outputs.n);
    if (grads == NULL) return cor__fail(COR_EVALUE, "grad: the array of gradients is NULL");
    cor_tensor **starts = starts_of(outputs, o->grad_outputs);
    if (starts == NULL) return cor_error();
    cor__capture *captures = make_captures(inputs.tensors, inputs.n);
    const cor__pass_options how = {.retain_graph = o->retain_graph || o->create_graph,
                                   .create_graph = o->create_graph,
                                   .captures = captures,
                                   .n_captures = (int)inputs.n};
    if (captures != NULL && cor__pass_run(outputs.tensors, starts, (int)outputs.n, &how) == COR_OK)
        give(captures, (int)inputs.n, o->allow_unused, grads);
    free_captures(captures, inputs.n);
    cor__free(starts, (size_t)outputs.n * sizeof *starts);
    return cor_error();
}
