/* gradient.c: fitting, adding and storing gradients. */
#include "autograd/gradient.h"
#include "base/error.h"
#include "base/text.h"
#include "ops/op.h"
#include "tensor/iterate.h"
#include <corrie/math.h>
#include <corrie/reduce.h>

static cor_tensor *refuse_sizes(const cor_tensor *grad, const int64_t *sizes, int ndim) {
    char found[COR__SIZES_TEXT], expected[COR__SIZES_TEXT];
    return cor__fail_null(COR_ESHAPE, "a formula returned a gradient of sizes %s, which does not sum to %s",
                          cor__sizes_text(found, grad->sizes, grad->ndim), cor__sizes_text(expected, sizes, ndim));
}

/* Sums over the leading dimensions that the input had not, and over those where it had one element. */
static cor_tensor *sum_to(cor_tensor *grad, const int64_t *sizes, int ndim) {
    const int more = grad->ndim - ndim;
    cor_dims dims = {0};
    if (more < 0) return refuse_sizes(grad, sizes, ndim);
    for (int d = 0; d < grad->ndim; d++) {
        if (d >= more && sizes[d - more] == grad->sizes[d]) continue;
        if (d >= more && sizes[d - more] != 1) return refuse_sizes(grad, sizes, ndim);
        dims.at[dims.n++] = d;
    }
    return cor_reshape_to(dims.n > 0 ? cor_sum(grad, .dims = dims, .keepdim = true) : grad, sizes, ndim);
}

cor_tensor *cor__gradient_fit(cor_tensor *grad, const int64_t *sizes, int ndim, cor_dtype dtype) {
    if (grad->dtype == dtype && cor__has_sizes(grad, sizes, ndim)) return cor__retain(grad);
    cor_scope();
    if (!cor__has_sizes(grad, sizes, ndim)) grad = sum_to(grad, sizes, ndim);
    if (grad != NULL && grad->dtype != dtype) grad = cor_to(grad, dtype);
    return grad == NULL || cor_error() != COR_OK ? NULL : cor__retain(grad);
}

static bool is_alone(const cor_tensor *t) {
    return atomic_load(&t->object.references) == 1 && atomic_load(&t->storage->object.references) == 1;
}

int cor__gradient_add(cor_tensor **sum, cor_tensor *grad, bool create_graph) {
    if (*sum == NULL) {
        *sum = grad;
        return COR_OK;
    }
    cor_scope();
    const bool in_place = !create_graph && is_alone(*sum) && cor__is_dense(*sum);
    cor_tensor *total = in_place ? cor_add_(*sum, grad) : cor_add(*sum, grad);
    cor__release(grad);
    if (total == NULL) return cor_error();
    cor__retain(total);
    cor__release(*sum);
    *sum = total;
    return COR_OK;
}

static bool lies_as(const cor_tensor *grad, const cor_tensor *t) {
    if (!cor__is_dense(t)) return cor_is_contiguous(grad);
    bool same = grad->ndim == t->ndim;
    for (int d = 0; same && d < t->ndim; d++) same = t->sizes[d] == 1 || grad->strides[d] == t->strides[d];
    return same;
}

cor_tensor *cor__gradient_own(const cor_tensor *t, cor_tensor *grad, bool create_graph) {
    if (!create_graph && is_alone(grad) && lies_as(grad, t)) return grad;
    cor_scope();
    cor_tensor *copy = cor__empty_like(t, t->dtype);
    if (copy != NULL && (create_graph ? cor_copy_(copy, grad) == NULL : cor__copy(copy, grad) != COR_OK)) {
        cor__release(copy);
        copy = NULL;
    }
    cor__release(grad);
    return copy;
}
