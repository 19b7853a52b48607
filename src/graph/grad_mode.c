/* grad_mode.c: whether this thread records, and what tensors say about their history. */
#include "base/error.h"
#include "base/thread.h"
#include "graph/node.h"

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

bool cor_requires_grad(const cor_tensor *t) { return cor__is_given(t) && cor__requires_grad(t); }
bool cor_is_leaf(const cor_tensor *t) {
    return cor__is_given(t) && !(cor__requires_grad(t) && cor__grad_fn((cor_tensor *)t));
}
cor_tensor *cor_grad(const cor_tensor *t) { return cor__is_given(t) ? t->grad : NULL; }

const char *cor_grad_fn(const cor_tensor *t) {
    cor__node *node = cor__is_given(t) ? cor__grad_fn((cor_tensor *)t) : NULL;
    return node == NULL ? NULL : node->name;
}

cor_tensor *cor_requires_grad_(cor_tensor *t, bool requires_grad) {
    if (cor_error() != COR_OK) return NULL;
    if (!cor__is_given(t)) return cor__fail_null(COR_EVALUE, "requires_grad_: the tensor is NULL");
    if (requires_grad && !cor_dtype_is_floating(t->dtype))
        return cor__fail_null(COR_EDTYPE, "only Tensors of floating point dtype can require gradients");
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
