/* as_strided.c: views of any sizes and strides, and the gradients of what is written through views. */
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/backward.h"
#include <string.h>

static int open_window(cor__call *call) {
    const cor__geometry *w = &((const cor__view_of_base *)call->options)->view;
    const cor_tensor *t = call->inputs[0];
    call->outputs[0] = cor__tensor_over(t->storage, t->dtype, w->sizes, w->strides, w->ndim, w->offset);
    return call->outputs[0] == NULL ? cor_error() : COR_OK;
}

const cor__op cor__op_as_strided = {.name = "as_strided",
                                    .grad_fn = "AsStridedBackward0",
                                    .is_view = true,
                                    .forward = open_window,
                                    .backward = cor__as_strided_backward,
                                    .reads_options = sizeof(cor__view_of_base)};

cor_tensor *cor_as_strided(cor_tensor *t, const int64_t *sizes, const int64_t *strides, int n, int64_t offset) {
    cor__view_of_base w = {.view = {.ndim = n, .offset = offset}};
    char text[2][COR__SIZES_TEXT];
    int64_t numel, bytes;
    if (cor_error() != COR_OK) return NULL;
    if (t == NULL || t == COR_NONE)
        return cor__fail_null(COR_EVALUE, "as_strided: the tensor is NULL, a failed or missing tensor");
    if (n > 0 && strides == NULL) return cor__fail_null(COR_EVALUE, "as_strided: the strides are NULL");
    if (cor__check_sizes(sizes, n, t->dtype, &numel) != COR_OK) return NULL;
    for (int i = 0; i < n; i++) {
        w.view.sizes[i] = sizes[i];
        w.view.strides[i] = strides[i];
        if (strides[i] < 0)
            return cor__fail_null(COR_EVALUE,
                                  "as_strided: Negative strides are not supported at the moment, got strides: %s",
                                  cor__sizes_text(text[0], strides, n));
    }
    if (offset < 0) return cor__fail_null(COR_EVALUE, "Tensor: invalid storage offset %lld", (long long)offset);
    if (!cor__reach_ok(t->dtype, sizes, strides, n, offset, &bytes))
        return cor__fail_null(COR_ELIMIT, "Storage size calculation overflowed with sizes=%s and strides=%s",
                              cor__sizes_text(text[0], sizes, n), cor__sizes_text(text[1], strides, n));
    if (bytes > t->storage->bytes)
        return cor__fail_null(COR_EVALUE,
                              "setStorage: sizes %s, strides %s, storage offset %lld, and itemsize %lld requiring a "
                              "storage size of %lld are out of bounds for storage of size %lld",
                              cor__sizes_text(text[0], sizes, n), cor__sizes_text(text[1], strides, n),
                              (long long)offset, (long long)cor_dtype_size(t->dtype), (long long)bytes,
                              (long long)t->storage->bytes);
    w.base = (cor__geometry){.ndim = t->ndim, .offset = t->offset};
    memcpy(w.base.sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    memcpy(w.base.strides, t->strides, sizeof(int64_t) * (size_t)t->ndim);
    return cor__apply1(&cor__op_as_strided, &t, 1, &w);
}

/* ---- gradients: both windows opened on one piece of memory ------------------------------------------------------ */

static int64_t end_of(const cor__geometry *g) {
    int64_t end = g->offset + 1;
    for (int d = 0; d < g->ndim; d++) {
        if (g->sizes[d] == 0) return 0;
        end += (g->sizes[d] - 1) * g->strides[d];
    }
    return end;
}

/* Zeros, as many as both windows reach. */
static cor_tensor *memory_of(const cor__view_of_base *w, cor_dtype dtype) {
    const int64_t length = cor__max(cor__max(end_of(&w->view), end_of(&w->base)), 0);
    return cor_zeros_sized(dtype, &length, 1);
}

static cor_tensor *see(cor_tensor *memory, const cor__geometry *g) {
    return cor_as_strided(memory, g->sizes, g->strides, g->ndim, g->offset);
}

/* Adds g to a window whose elements may share memory: a dimension of them is walked index by index. */
static int add_overlapping(cor_tensor *window, cor_tensor *g) {
    if (window == NULL || g == NULL) return cor_error();
    if (!cor__overlaps_itself(window)) return cor_add_(window, g) == NULL ? cor_error() : COR_OK;
    int dim = 0;
    for (int d = 1; d < window->ndim; d++)
        if (window->sizes[d] > 1 && (window->sizes[dim] == 1 || window->strides[d] < window->strides[dim])) dim = d;
    for (int64_t i = 0; i < window->sizes[dim]; i++)
        if (add_overlapping(cor_select(window, dim, i), cor_select(g, dim, i)) != COR_OK) return cor_error();
    return COR_OK;
}

/* Each element of the memory sums what its places in the view got; the places in the base that share one divide it. */
int cor__as_strided_backward(cor__backward *pass) {
    const cor__view_of_base *w = pass->options;
    cor_tensor *g = pass->grads[0], *memory = memory_of(w, g->dtype);
    if (memory == NULL || add_overlapping(see(memory, &w->view), g) != COR_OK) return cor_error();
    cor_tensor *base = see(memory, &w->base);
    if (base != NULL && cor__overlaps_itself(base)) {
        cor_tensor *counts = memory_of(w, g->dtype), *ones = cor_ones_sized(g->dtype, w->base.sizes, w->base.ndim);
        if (counts == NULL || add_overlapping(see(counts, &w->base), ones) != COR_OK) return cor_error();
        base = cor_div(base, see(counts, &w->base));
    }
    pass->results[0] = base;
    return cor_error();
}

/* What was written takes its part of the base's gradient; the part of the base before takes what the operation gives
 * back for it, or nothing (the CopySlices node of PyTorch). */
int cor__copy_slices_backward(cor__backward *pass) {
    const cor__view_of_base *w = pass->options;
    cor__node *written = pass->node->written;
    cor_tensor **before = &pass->results[pass->node->view];
    cor_tensor *memory = memory_of(w, pass->grads[0]->dtype), *base = memory == NULL ? NULL : see(memory, &w->base);
    if (base == NULL || cor_copy_(base, pass->grads[0]) == NULL) return cor_error();
    cor_tensor *part = see(memory, &w->view), *grad = cor_clone(part);
    if (grad == NULL) return cor_error();
    if (written->formula == NULL)
        return cor__fail(COR_ESTATE, "derivative for aten::%s is not implemented", written->op);
    cor__backward inner = {.node = written,
                           .options = written->options,
                           .grads = &grad,
                           .results = pass->results,
                           .create_graph = pass->create_graph};
    if (written->formula(&inner) != COR_OK || cor_error() != COR_OK) return cor_error();
    if (*before == NULL) cor_zero_(part);
    else cor_copy_(part, *before);
    *before = base;
    return cor_error();
}
