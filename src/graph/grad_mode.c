/* grad_mode.c: whether this thread records, and what tensors say about their history. */
#include "base/error.h"
#include "base/thread.h"
#include "graph/hooks.h"

bool cor_is_grad_enabled(void) { return !cor__self()->no_grad; }

bool cor_set_grad_enabled(bool enabled) {
    cor__thread *self = cor__self();
    bool before = !self->no_grad;
    self->no_grad = !enabled;
    return before;
}

void cor_grad_mode_restore(bool *before) {
    if (before != NULL) cor__self()->no_grad = !*before;
}

/* ---- inference mode --------------------------------------------------------------------------------------------- */

enum { NO_GRAD = 1, INFERENCE = 2 };

bool cor_is_inference_mode_enabled(void) { return cor__self()->inference; }

int cor_set_inference_mode(bool enabled) {
    cor__thread *self = cor__self();
    const int before = (self->no_grad ? NO_GRAD : 0) | (self->inference ? INFERENCE : 0);
    self->no_grad = self->inference = enabled;
    return before;
}

void cor_inference_mode_restore(int *before) {
    if (before == NULL) return;
    cor__self()->no_grad = (*before & NO_GRAD) != 0;
    cor__self()->inference = (*before & INFERENCE) != 0;
}

bool cor_is_inference(const cor_tensor *t) { return cor__is_given(t) && t->storage->inference; }

/* ---- history ---------------------------------------------------------------------------------------------------- */

bool cor_requires_grad(const cor_tensor *t) { return cor__is_given(t) && cor__requires_grad(t); }
bool cor_is_leaf(const cor_tensor *t) {
    return cor__is_given(t) && !(cor__requires_grad(t) && cor__grad_fn((cor_tensor *)t));
}
cor_tensor *cor_grad(const cor_tensor *t) { return cor__is_given(t) ? t->grad : NULL; }

const char *cor_grad_fn(const cor_tensor *t) {
    cor__node *node = cor__is_given(t) ? cor__grad_fn((cor_tensor *)t) : NULL;
    return node == NULL ? NULL : node->name;
}

int cor__check_may_require_grad(const cor_tensor *t) {
    if (!t->storage->inference || cor__self()->inference) return COR_OK;
    return cor__fail(COR_ESTATE,
                     "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
}

cor_tensor *cor_detach_(cor_tensor *t) {
    if (cor_error() != COR_OK) return NULL;
    if (!cor__is_given(t)) return cor__fail_null(COR_EVALUE, "detach_: the tensor is NULL");
    if (cor__is_view(t))
        return cor__fail_null(COR_ESTATE,
                              "Can't detach views in-place. Use detach() instead. If you are using "
                              "DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is "
                              "set as True, gradients are views of DDP buckets, and hence detach_() cannot "
                              "be called on these gradients. To fix this error, please refer to the "
                              "Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.");
    cor__hooks_drop_retained(t);
    cor__set_history(t, NULL, 0);
    return t;
}

cor_tensor *cor_requires_grad_(cor_tensor *t, bool requires_grad) {
    if (cor_error() != COR_OK) return NULL;
    if (!cor__is_given(t)) return cor__fail_null(COR_EVALUE, "requires_grad_: the tensor is NULL");
    if (requires_grad && !cor_dtype_is_floating(t->dtype))
        return cor__fail_null(COR_EDTYPE, "only Tensors of floating point dtype can require gradients");
    if (requires_grad && cor__check_may_require_grad(t) != COR_OK) return NULL;
    if (!requires_grad && !cor_is_leaf(t))
        return cor__fail_null(COR_ESTATE,
                              "you can only change requires_grad flags of leaf variables. If you want to use a "
                              "computed variable in a subgraph that doesn't require differentiation use "
                              "var_no_grad = var.detach().");
    if (t->grad_fn != NULL) return t;
    t->flags = requires_grad ? t->flags | COR__REQUIRES_GRAD : t->flags & ~(unsigned)COR__REQUIRES_GRAD;
    return t;
}

int cor_set_grad(cor_tensor *t, cor_tensor *grad) {
    if (cor_error() != COR_OK) return cor_error();
    if (!cor__is_given(t) || grad == NULL) return cor__fail(COR_EVALUE, "set_grad: the tensor or its gradient is NULL");
    if (grad == t) return cor__fail(COR_EVALUE, "can't assign Variable as its own grad");
    if (grad != COR_NONE) {
        const bool same = cor__has_sizes(grad, t->sizes, t->ndim);
        if (!same) return cor__fail(COR_ESHAPE, "assigned grad has data of a different size");
        if (grad->dtype != t->dtype) return cor__fail(COR_EDTYPE, "assigned grad has data of a different type");
    }
    cor_tensor *before = t->grad;
    t->grad = grad == COR_NONE ? NULL : cor__retain(grad);
    cor__release(before);
    return COR_OK;
}
