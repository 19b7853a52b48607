/* diagonal.c: diagonals, and views and repetitions by the names of torch. Made of other operations. */
#include "base/error.h"
#include "base/sizes.h"
#include "ops/composed.h"
#include "tensor/iterate.h"
#include <corrie/conv.h>
#include <corrie/creation.h>
#include <corrie/index.h>
#include <corrie/math.h>
#include <corrie/reduce.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_diagonal_options, COR_DIAGONAL_OPTIONS)
COR__DEFINE_OPTIONS(cor_repeat_interleave_options, COR_REPEAT_INTERLEAVE_OPTIONS)
COR__DEFINE_OPTIONS(cor_meshgrid_options, COR_MESHGRID_OPTIONS)

/* ---- diagonals -------------------------------------------------------------------------------------------------- */

cor_tensor *cor_diagonal_with(cor_tensor *t, const cor_diagonal_options *options) {
    COR__READ_OPTIONS(cor_diagonal_options, "diagonal")
    if (!cor__given(t, "diagonal")) return NULL;
    const int d1 = cor__wrap_dim(o->dim1, t->ndim), d2 = d1 < 0 ? -1 : cor__wrap_dim(o->dim2, t->ndim);
    if (d1 < 0 || d2 < 0) return NULL;
    if (d1 == d2)
        return cor__fail_null(COR_EVALUE, "diagonal dimensions cannot be identical %lld, %lld", (long long)o->dim1,
                              (long long)o->dim2);
    int64_t sizes[COR_MAX_DIMS], strides[COR_MAX_DIMS], offset = o->offset;
    int n = 0;
    for (int d = 0; d < t->ndim; d++) {
        if (d == d1 || d == d2) continue;
        sizes[n] = t->sizes[d];
        strides[n++] = t->strides[d];
    }
    const int64_t rows = offset < 0 ? t->sizes[d1] + cor__max(offset, -t->sizes[d1]) : t->sizes[d1];
    const int64_t columns = offset > 0 ? t->sizes[d2] - cor__min(offset, t->sizes[d2]) : t->sizes[d2];
    sizes[n] = cor__max(0, cor__min(rows, columns));
    strides[n] = t->strides[d1] + t->strides[d2];
    const int64_t step = sizes[n] == 0 ? 0 : offset < 0 ? -offset * t->strides[d1] : offset * t->strides[d2];
    return cor__made_by(cor_as_strided(t, sizes, strides, n + 1, t->offset + step), "DiagonalBackward0");
}

/* A matrix with the vector on a diagonal: it is laid along columns or rows, and the rest filled. */
static cor_tensor *spread(cor_tensor *v, int64_t diagonal) {
    const int64_t more = diagonal < 0 ? -diagonal : diagonal, n = v->numel + more;
    if (diagonal == INT64_MIN || n < 0) return cor__fail_null(COR_ELIMIT, "diag: a matrix of that size cannot be held");
    cor_tensor *line = cor_pad(v, COR_DIMS(0, more)), *place = cor_arange(0, n, .dtype = COR_INT64);
    cor_tensor *whole = cor_expand(cor_unsqueeze(line, diagonal < 0 ? 0 : 1), n, n);
    return cor_masked_fill(whole, cor_ne(cor_sub(place, cor_unsqueeze(place, 1)), diagonal), 0);
}

cor_tensor *cor_diag(cor_tensor *t, int64_t diagonal) {
    if (!cor__given(t, "diag")) return NULL;
    if (t->ndim != 1 && t->ndim != 2)
        return cor__fail_null(COR_ESHAPE, "diag(): Supports 1D or 2D tensors. Got %dD", t->ndim);
    cor_scope();
    if (t->ndim == 1) return cor_keep(cor__made_by(spread(t, diagonal), "DiagEmbedBackward0"));
    return cor_keep(cor__made_by(cor_clone(cor_diagonal(t, .offset = diagonal)), "DiagonalBackward0_copy"));
}

cor_tensor *cor_trace(cor_tensor *t) {
    if (!cor__given(t, "trace")) return NULL;
    if (t->ndim != 2)
        return cor__fail_null(COR_ESHAPE, "trace: expected a matrix, but got tensor with dim %d", t->ndim);
    cor_scope();
    return cor_keep(cor__made_by(cor_sum(cor_diagonal(t)), "TraceBackward0"));
}

/* ---- views ------------------------------------------------------------------------------------------------------ */

int64_t cor_unbind(cor_tensor *t, int64_t dim, cor_tensor **parts, int64_t room) {
    if (!cor__given(t, "unbind")) return cor_error();
    const int d = cor__wrap_dim(dim, t->ndim);
    if (d < 0) return cor_error();
    if (t->ndim == 0) return cor__fail(COR_EINDEX, "Dimension specified as 0 but tensor has no dimensions");
    if (parts == NULL) return cor__fail(COR_EVALUE, "unbind: the list of parts is NULL");
    if (t->sizes[d] > room)
        return cor__fail(COR_ELIMIT, "unbind: there are %lld parts and room for %lld", (long long)t->sizes[d],
                         (long long)room);
    for (int64_t i = 0; i < t->sizes[d]; i++) {
        parts[i] = cor__made_by(cor_select(t, d, i), "UnbindBackward0");
        if (parts[i] == NULL) return cor_error();
    }
    return t->sizes[d];
}

cor_tensor *cor_expand_as(cor_tensor *t, cor_tensor *other) {
    return cor__given(t, "expand_as") && cor__given(other, "expand_as") ? cor_expand_to(t, other->sizes, other->ndim)
                                                                        : NULL;
}

cor_tensor *cor_view_as(cor_tensor *t, cor_tensor *other) {
    return cor__given(t, "view_as") && cor__given(other, "view_as") ? cor_view_to(t, other->sizes, other->ndim) : NULL;
}

static int check_grid(cor_list tensors) {
    if (tensors.n < 1 || tensors.n > COR_MAX_DIMS || tensors.tensors == NULL)
        return cor__fail(COR_EVALUE, tensors.n < 1 ? "meshgrid expects a non-empty TensorList"
                                                   : "meshgrid: the list is NULL or too long");
    for (int64_t i = 0; i < tensors.n; i++)
        if (!cor__given(tensors.tensors[i], "meshgrid")) return cor_error();
    for (int64_t i = 0; i < tensors.n; i++) {
        if (tensors.tensors[i]->ndim > 1)
            return cor__fail(COR_ESHAPE, "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: %dD",
                             tensors.tensors[i]->ndim);
        if (tensors.tensors[i]->dtype != tensors.tensors[0]->dtype)
            return cor__fail(COR_EDTYPE, "torch.meshgrid expects all tensors to have the same dtype");
    }
    return COR_OK;
}

int cor_meshgrid_with(cor_list tensors, cor_tensor **grids, const cor_meshgrid_options *options) {
    cor_meshgrid_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "meshgrid") != COR_OK) return cor_error();
    const cor_meshgrid_options *o = cor_meshgrid_options_or_defaults(options, &room);
    if (grids == NULL) return cor__fail(COR_EVALUE, "meshgrid: the list of grids is NULL");
    if (check_grid(tensors) != COR_OK) return cor_error();
    int64_t sizes[COR_MAX_DIMS], own[COR_MAX_DIMS];
    const bool swap = o->xy && tensors.n > 1;
    const int n = (int)tensors.n;
    int axis[COR_MAX_DIMS];
    for (int i = 0; i < n; i++) {
        axis[i] = swap && i < 2 ? 1 - i : i;
        sizes[axis[i]] = tensors.tensors[i]->numel;
    }
    for (int i = 0; i < n; i++) {
        for (int d = 0; d < n; d++) own[d] = d == axis[i] ? tensors.tensors[i]->numel : 1;
        cor_scope();
        grids[i] = cor_keep(cor_expand_to(cor_view_to(tensors.tensors[i], own, n), sizes, n));
        if (grids[i] == NULL) return cor_error();
    }
    return COR_OK;
}

/* ---- repetitions ------------------------------------------------------------------------------------------------ */

cor_tensor *cor_tile_with(cor_tensor *t, cor_dims times) {
    if (!cor__given(t, "tile")) return NULL;
    if (times.n < 0 || times.n > COR_MAX_DIMS)
        return cor__fail_null(COR_EVALUE, "tile: there are %lld repetitions", (long long)times.n);
    cor_dims all = {.n = cor__max(times.n, t->ndim)};
    for (int64_t i = 0; i < all.n; i++) all.at[i] = i < all.n - times.n ? 1 : times.at[i - (all.n - times.n)];
    return cor_repeat_with(t, all);
}

cor_tensor *cor_repeat_interleave_with(cor_tensor *t, int64_t repeats, const cor_repeat_interleave_options *options) {
    COR__READ_OPTIONS(cor_repeat_interleave_options, "repeat_interleave")
    if (!cor__given(t, "repeat_interleave")) return NULL;
    if (repeats < 0) return cor__fail_null(COR_EVALUE, "Repeats must be non-negative");
    cor_scope();
    cor_tensor *from = o->dim == COR_UNSET ? cor_reshape(t, -1) : t;
    const int d = from == NULL ? -1 : cor__wrap_dim(o->dim == COR_UNSET ? 0 : o->dim, from->ndim);
    if (d < 0) return NULL;
    const int64_t n = from->ndim == 0 ? 1 : from->sizes[d];
    if (repeats > 0 && n > INT64_MAX / repeats)
        return cor__fail_null(COR_ELIMIT, "repeat_interleave: too many elements");
    cor_tensor *index = cor_arange(0, n * repeats, .dtype = COR_INT64);
    if (repeats > 1) index = cor_floor_divide(index, repeats);
    return cor_keep(
        cor__made_by(cor_index_select(from->ndim == 0 ? cor_reshape(from, 1) : from, d, index), "ViewBackward0"));
}

cor_tensor *cor_one_hot(cor_tensor *t, int64_t num_classes) {
    if (!cor__given(t, "one_hot")) return NULL;
    if (t->dtype != COR_INT64)
        return cor__fail_null(COR_EDTYPE, "one_hot is only applicable to index tensor of type LongTensor.");
    if (t->numel == 0 && num_classes <= 0)
        return cor__fail_null(COR_EVALUE, "Can not infer total number of classes from empty tensor.");
    cor_scope();
    const double low = t->numel == 0 ? 0 : cor_item(cor_amin(t)), high = t->numel == 0 ? 0 : cor_item(cor_amax(t));
    if (low < 0) return cor__fail_null(COR_EVALUE, "Class values must be non-negative.");
    if (num_classes == -1) num_classes = (int64_t)high + 1;
    if (high >= (double)num_classes)
        return cor__fail_null(COR_EVALUE, "Class values must be smaller than num_classes.");
    return cor_keep(cor_to(cor_eq(cor_unsqueeze(t, -1), cor_arange(0, num_classes, .dtype = COR_INT64)), COR_INT64));
}
