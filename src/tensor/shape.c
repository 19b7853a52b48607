/* shape.c: questions about sizes and strides. */
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "tensor/tensor.h"
#include <string.h>

int cor__check_sizes(const int64_t *sizes, int n, cor_dtype dtype, int64_t *numel) {
    char text[COR__SIZES_TEXT];
    int64_t bytes;
    if (cor_dtype_size(dtype) == 0) return cor__fail(COR_EDTYPE, "%d is not a dtype", (int)dtype);
    if (n < 0 || n > COR_MAX_DIMS)
        return cor__fail(COR_ELIMIT, "a tensor has at most %d dimensions, %d were asked for", COR_MAX_DIMS, n);
    if (n > 0 && sizes == NULL) return cor__fail(COR_EVALUE, "the sizes of a tensor are NULL");
    for (int i = 0; i < n; i++)
        if (sizes[i] < 0)
            return cor__fail(COR_EVALUE, "Trying to create tensor with negative dimension %lld: %s",
                             (long long)sizes[i], cor__sizes_text(text, sizes, n));
    if (!cor__product_ok(sizes, n, numel) || !cor__mul_ok(*numel, cor_dtype_size(dtype), &bytes))
        return cor__fail(COR_ELIMIT, "Storage size calculation overflowed with sizes=%s",
                         cor__sizes_text(text, sizes, n));
    return COR_OK;
}

void cor__contiguous_strides(const int64_t *sizes, int n, int64_t *strides) {
    int64_t stride = 1;
    for (int i = n - 1; i >= 0; i--) {
        strides[i] = stride;
        if (sizes[i] > 1 && !cor__mul_ok(stride, sizes[i], &stride)) stride = 0; /* sizes that will be refused */
    }
}

/* Whether dimension a lies outside b: 1, inside: -1, or cannot be told: 0 (an expanded dimension fits anywhere). */
static int compare_dims(const cor_tensor *t, int a, int b) {
    if (t->strides[a] == 0 || t->strides[b] == 0) return 0;
    if (t->strides[a] != t->strides[b]) return t->strides[a] > t->strides[b] ? 1 : -1;
    return t->sizes[a] > t->sizes[b] ? 1 : 0;
}

/* PyTorch's insertion sort (infer_dense_strides), which steps over what cannot be told. */
void cor__dense_strides(const cor_tensor *t, int64_t *strides) {
    int order[COR_MAX_DIMS]; /* innermost first */
    for (int i = 0; i < t->ndim; i++) {
        int moving = i;
        order[i] = t->ndim - 1 - i;
        for (int at = i - 1; at >= 0; at--) {
            int comparison = compare_dims(t, order[at], order[moving]);
            if (comparison < 0) break;
            if (comparison == 0) continue;
            int dim = order[at];
            order[at] = order[moving];
            order[moving] = dim;
            moving = at;
        }
    }
    int64_t stride = 1;
    for (int i = 0; i < t->ndim; i++) {
        strides[order[i]] = stride;
        if (t->sizes[order[i]] > 1) stride *= t->sizes[order[i]];
    }
}

bool cor__reach_ok(cor_dtype dtype, const int64_t *sizes, const int64_t *strides, int n, int64_t offset,
                   int64_t *bytes) {
    int64_t last = offset, step;
    *bytes = 0;
    for (int i = 0; i < n; i++)
        if (sizes[i] == 0) return true;
    for (int i = 0; i < n; i++)
        if (!cor__mul_ok(sizes[i] - 1, strides[i], &step) || !cor__add_ok(last, step, &last)) return false;
    return cor__add_ok(last, 1, &last) && cor__mul_ok(last, cor_dtype_size(dtype), bytes);
}

int cor__wrap_dim(int64_t dim, int ndim) {
    int range = ndim == 0 ? 1 : ndim;
    if (dim < -range || dim >= range) {
        cor__fail(COR_EINDEX, "Dimension out of range (expected to be in range of [%d, %d], but got %lld)", -range,
                  range - 1, (long long)dim);
        return -1;
    }
    return (int)(dim < 0 ? dim + range : dim);
}

int cor__broadcast(const int64_t *a, int na, const int64_t *b, int nb, int64_t *sizes) {
    int n = na > nb ? na : nb;
    for (int i = 0; i < n; i++) { /* i counts from the end */
        int64_t sa = i < na ? a[na - 1 - i] : 1, sb = i < nb ? b[nb - 1 - i] : 1;
        if (sa != sb && sa != 1 && sb != 1)
            return cor__fail(COR_ESHAPE,
                             "The size of tensor a (%lld) must match the size of tensor b (%lld) at non-singleton "
                             "dimension %d",
                             (long long)sa, (long long)sb, n - 1 - i);
        sizes[n - 1 - i] = sa == 1 ? sb : sa;
    }
    return n;
}

/* Indices of the dimensions of more than one element, by stride, smallest first. */
static int by_stride(const cor_tensor *t, int *order) {
    int n = 0;
    for (int i = t->ndim - 1; i >= 0; i--) {
        if (t->sizes[i] <= 1) continue;
        int at = n++;
        for (; at > 0 && t->strides[order[at - 1]] > t->strides[i]; at--) order[at] = order[at - 1];
        order[at] = i;
    }
    return n;
}

bool cor__overlaps_itself(const cor_tensor *t) {
    int order[COR_MAX_DIMS];
    if (t->numel <= 1) return false;
    int n = by_stride(t, order);
    int64_t reach = 0; /* the largest offset reached with the dimensions so far */
    for (int i = 0; i < n; i++) {
        int d = order[i];
        if (t->strides[d] <= reach) return true;
        reach += (t->sizes[d] - 1) * t->strides[d];
    }
    return false;
}

bool cor__is_dense(const cor_tensor *t) {
    int order[COR_MAX_DIMS];
    if (t->numel <= 1) return true;
    int n = by_stride(t, order);
    int64_t expected = 1;
    for (int i = 0; i < n; i++) {
        if (t->strides[order[i]] != expected) return false;
        expected *= t->sizes[order[i]];
    }
    return true;
}

static int64_t span(const cor_tensor *t) {
    int64_t last = 0;
    for (int i = 0; i < t->ndim; i++) last += (t->sizes[i] - 1) * t->strides[i];
    return last + 1;
}

bool cor__may_share_memory(const cor_tensor *a, const cor_tensor *b) {
    if (a->numel == 0 || b->numel == 0) return false;
    const char *pa = cor__data(a), *pb = cor__data(b);
    return pa < pb + span(b) * cor_dtype_size(b->dtype) && pb < pa + span(a) * cor_dtype_size(a->dtype);
}

bool cor_is_contiguous(const cor_tensor *t) {
    if (t == NULL) return false;
    int64_t expected = 1;
    if (t->numel == 0) return true;
    for (int i = t->ndim - 1; i >= 0; i--) {
        if (t->sizes[i] == 1) continue;
        if (t->strides[i] != expected) return false;
        expected *= t->sizes[i];
    }
    return true;
}
