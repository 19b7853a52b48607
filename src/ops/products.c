/* products.c: products of vectors and matrices by the names of torch. Made of other operations. */
#include "base/error.h"
#include "ops/composed.h"
#include <corrie/math.h>
#include <corrie/matmul.h>

COR__DEFINE_OPTIONS(cor_addmm_options, COR_ADDMM_OPTIONS)

cor_tensor *cor_dot(cor_tensor *a, cor_tensor *b) {
    if (!cor__given(a, "dot") || !cor__given(b, "dot")) return NULL;
    if (a->ndim != 1 || b->ndim != 1)
        return cor__fail_null(COR_ESHAPE, "1D tensors expected, but got %dD and %dD tensors", a->ndim, b->ndim);
    if (a->dtype != b->dtype)
        return cor__fail_null(COR_EDTYPE, "dot : expected both vectors to have same dtype, but found %s and %s",
                              cor__scalar_type_name(a->dtype), cor__scalar_type_name(b->dtype));
    if (a->numel != b->numel)
        return cor__fail_null(COR_ESHAPE,
                              "inconsistent tensor size, expected tensor [%lld] and src [%lld] to have the same number "
                              "of elements, but got %lld and %lld elements respectively",
                              (long long)a->numel, (long long)b->numel, (long long)a->numel, (long long)b->numel);
    return cor__made_by(cor_matmul(a, b), "DotBackward0");
}

cor_tensor *cor_mv(cor_tensor *matrix, cor_tensor *vector) {
    if (!cor__given(matrix, "mv") || !cor__given(vector, "mv")) return NULL;
    if (matrix->ndim != 2 || vector->ndim != 1)
        return cor__fail_null(COR_ESHAPE, "vector + matrix @ vector expected, got %d, %d, %d", 1, matrix->ndim,
                              vector->ndim);
    return cor__made_by(cor_matmul(matrix, vector), "MvBackward0");
}

cor_tensor *cor_outer(cor_tensor *a, cor_tensor *b) {
    if (!cor__given(a, "outer") || !cor__given(b, "outer")) return NULL;
    for (int i = 0; i < 2; i++) {
        const cor_tensor *t = i == 0 ? a : b;
        if (t->ndim != 1)
            return cor__fail_null(COR_ESHAPE, "outer: Expected 1-D argument %s, but got %d-D", i == 0 ? "self" : "vec2",
                                  t->ndim);
    }
    cor_scope();
    return cor_keep(cor_mul(cor_unsqueeze(a, 1), b));
}

static bool all_given(const cor_tensor *a, const cor_tensor *b, const cor_tensor *c, const char *name) {
    return cor__given(a, name) && cor__given(b, name) && cor__given(c, name);
}

/* beta * input + alpha * product; an input that beta takes away is not looked at. */
static cor_tensor *sum(cor_tensor *input, cor_tensor *product, const cor_addmm_options *o, const char *node) {
    if (product == NULL) return NULL;
    cor_tensor *whole = cor_expand_to(input, product->sizes, product->ndim);
    if (whole != NULL && whole->dtype != product->dtype)
        return cor__fail_null(COR_EDTYPE, "self and mat2 must have the same dtype, but got %s and %s",
                              cor__scalar_type_name(whole->dtype), cor__scalar_type_name(product->dtype));
    cor_tensor *nothing = o->beta == 0 && whole != NULL ? cor_mul(product, 0) : NULL;
    if (o->beta == 0) whole = nothing;
    else if (o->beta != 1) whole = cor_sub(whole, whole, .alpha = 1 - o->beta);
    return cor__made_by(cor_add(whole, product, .alpha = o->alpha), node);
}

cor_tensor *cor_addmm_with(cor_tensor *input, cor_tensor *a, cor_tensor *b, const cor_addmm_options *options) {
    COR__READ_OPTIONS(cor_addmm_options, "addmm")
    if (!all_given(input, a, b, "addmm")) return NULL;
    cor_scope();
    return cor_keep(sum(input, cor_mm(a, b), o, "AddmmBackward0"));
}

cor_tensor *cor_addmv_with(cor_tensor *input, cor_tensor *matrix, cor_tensor *vector,
                           const cor_addmm_options *options) {
    COR__READ_OPTIONS(cor_addmm_options, "addmv")
    if (!all_given(input, matrix, vector, "addmv")) return NULL;
    cor_scope();
    return cor_keep(sum(input, cor_mv(matrix, vector), o, "AddmvBackward0"));
}

cor_tensor *cor_baddbmm_with(cor_tensor *input, cor_tensor *a, cor_tensor *b, const cor_addmm_options *options) {
    COR__READ_OPTIONS(cor_addmm_options, "baddbmm")
    if (!all_given(input, a, b, "baddbmm")) return NULL;
    cor_scope();
    return cor_keep(sum(input, cor_bmm(a, b), o, "BaddbmmBackward0"));
}

/* Each element of a times all of b: dimensions of both in turn, then each pair made one. */
cor_tensor *cor_kron(cor_tensor *a, cor_tensor *b) {
    int64_t first[2 * COR_MAX_DIMS], second[2 * COR_MAX_DIMS], sizes[COR_MAX_DIMS];
    if (!cor__given(a, "kron") || !cor__given(b, "kron")) return NULL;
    const int n = a->ndim > b->ndim ? a->ndim : b->ndim;
    if (2 * n > COR_MAX_DIMS) return cor__fail_null(COR_ELIMIT, "kron: too many dimensions");
    for (int d = 0; d < n; d++) {
        const int i = d - (n - a->ndim), k = d - (n - b->ndim);
        first[2 * d] = i < 0 ? 1 : a->sizes[i];
        second[2 * d + 1] = k < 0 ? 1 : b->sizes[k];
        first[2 * d + 1] = second[2 * d] = 1;
        sizes[d] = first[2 * d] * second[2 * d + 1];
    }
    cor_scope();
    cor_tensor *product = cor_mul(cor_reshape_to(a, first, 2 * n), cor_reshape_to(b, second, 2 * n));
    return cor_keep(cor__made_by(cor_reshape_to(product, sizes, n), "UnsafeViewBackward0"));
}
