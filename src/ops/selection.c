/* selection.c: elements found by their values, and sums of exponentials. */
#include "base/error.h"
#include "ops/composed.h"
#include "tensor/iterate.h"
#include <corrie/creation.h>
#include <corrie/index.h>
#include <corrie/math.h>
#include <corrie/reduce.h>

COR__DEFINE_OPTIONS(cor_argsort_options, COR_ARGSORT_OPTIONS)
COR__DEFINE_OPTIONS(cor_bincount_options, COR_BINCOUNT_OPTIONS)

/* ---- sums of exponentials --------------------------------------------------------------------------------------- */

/* The largest element is taken out first, unless it is infinite. */
cor_tensor *cor_logsumexp_with(cor_tensor *t, const cor_reduce_options *options) {
    static const char name[] = "logsumexp";
    cor_reduce_options o;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof o, name) != COR_OK) return NULL;
    cor_reduce_options_init(&o);
    if (options != NULL) o = *options;
    if (!cor__given(t, name)) return NULL;
    cor_scope();
    if (!cor_dtype_is_floating(t->dtype)) t = cor_to(t, COR_FLOAT32);
    if (t == NULL) return NULL;
    cor_tensor *most = NULL;
    if (t->numel > 0) {
        most = cor_detach(cor_amax(t, .dim = o.dim, .dims = o.dims, .keepdim = true));
        most = cor_where(cor_isinf(most), 0.0, most);
        t = cor_sub(t, most);
    }
    cor_tensor *logs = cor_log(cor_sum(cor_exp(t), .dim = o.dim, .dims = o.dims, .keepdim = o.keepdim));
    if (logs != NULL && most != NULL) logs = cor_add(logs, cor_reshape_to(most, logs->sizes, logs->ndim));
    return cor_keep(cor__made_by(logs, "LogsumexpBackward0"));
}

/* ---- by values -------------------------------------------------------------------------------------------------- */

cor_tensor *cor_argsort_with(cor_tensor *t, const cor_argsort_options *options) {
    COR__READ_OPTIONS(cor_argsort_options, "argsort")
    cor_tensor *indices = NULL;
    cor_scope();
    cor_sort(t, .dim = o->dim, .descending = o->descending, .stable = o->stable, .indices = &indices);
    return cor_keep(indices);
}

/* Where flags, bools in row-major order, are set: int64 places (count, ndim), or the places in that order (count). */
static cor_tensor *places_of(const cor_tensor *flags, bool flat) {
    const bool *set = cor__data(flags);
    int64_t count = 0, at = 0;
    for (int64_t i = 0; i < flags->numel; i++) count += set[i];
    const int64_t sizes[] = {count, flags->ndim};
    cor_tensor *places = cor__scope_add(cor__empty(COR_INT64, sizes, flat ? 1 : 2));
    if (places == NULL) return NULL;
    int64_t *to = cor__data(places);
    for (int64_t i = 0; i < flags->numel; i++) {
        if (!set[i]) continue;
        if (flat) to[at++] = i;
        for (int64_t d = flags->ndim - 1, rest = i; !flat && d >= 0; rest /= flags->sizes[d--])
            to[at * flags->ndim + d] = rest % flags->sizes[d];
        at += !flat;
    }
    return places;
}

cor_tensor *cor_nonzero(cor_tensor *t) {
    if (!cor__given(t, "nonzero")) return NULL;
    cor_scope();
    cor_no_grad();
    cor_tensor *flags = cor_contiguous(cor_ne(t, 0));
    return flags == NULL ? NULL : cor_keep(places_of(flags, false));
}

cor_tensor *cor_masked_select(cor_tensor *t, cor_tensor *mask) {
    if (!cor__given(t, "masked_select") || !cor__given(mask, "masked_select")) return NULL;
    if (mask->dtype != COR_BOOL) return cor__fail_null(COR_EDTYPE, "masked_select: expected BoolTensor for mask");
    cor_scope();
    cor_tensor *shape = cor_logical_or(mask, cor_zeros_like(t, .dtype = COR_BOOL));
    if (shape == NULL) return NULL;
    cor_tensor *flags = cor_contiguous(cor_expand_to(mask, shape->sizes, shape->ndim));
    cor_tensor *values = cor_reshape(cor_expand_to(t, shape->sizes, shape->ndim), -1);
    cor_tensor *taken = flags == NULL ? NULL : cor_index_select(values, 0, places_of(flags, true));
    return cor_keep(cor__made_by(taken, "MaskedSelectBackward0"));
}

cor_tensor *cor_bincount_with(cor_tensor *t, const cor_bincount_options *options) {
    COR__READ_OPTIONS(cor_bincount_options, "bincount")
    if (!cor__given(t, "bincount")) return NULL;
    if (t->ndim != 1 || cor_dtype_is_floating(t->dtype) || t->dtype == COR_BOOL)
        return cor_dtype_is_floating(t->dtype) || t->dtype == COR_BOOL
                   ? cor__fail_null(COR_EDTYPE, "\"bincount_cpu\" not implemented for '%s'",
                                    cor__scalar_type_name(t->dtype))
                   : cor__fail_null(COR_EVALUE, "bincount only supports 1-d non-negative integral inputs.");
    if (o->minlength < 0) return cor__fail_null(COR_EVALUE, "minlength should be >= 0");
    cor_scope();
    const double low = t->numel == 0 ? 0 : cor_item(cor_amin(t)), high = t->numel == 0 ? -1 : cor_item(cor_amax(t));
    if (low < 0) return cor__fail_null(COR_EVALUE, "bincount only supports 1-d non-negative integral inputs.");
    if (o->weights != COR_NONE && !cor__given(o->weights, "bincount")) return NULL;
    if (o->weights != COR_NONE && (o->weights->ndim != 1 || o->weights->numel != t->numel))
        return cor__fail_null(COR_ESHAPE, "weights should be 1-d and have the same length as input");
    const int64_t n = high + 1 > (double)o->minlength ? (int64_t)high + 1 : o->minlength;
    cor_tensor *counted = o->weights == COR_NONE                    ? cor_ones_sized(COR_INT64, t->sizes, 1)
                          : cor_dtype_of(o->weights) == COR_FLOAT32 ? o->weights
                                                                    : cor_to(o->weights, COR_FLOAT64);
    if (counted == NULL) return NULL;
    cor_no_grad();
    return cor_keep(cor_index_add(cor_zeros_of(counted->dtype, n), 0, cor_to(t, COR_INT64), counted));
}
