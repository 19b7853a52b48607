/* embedding_bag.c: bags of rows made one row. Made of other operations. */
#include "base/error.h"
#include "base/text.h"
#include "ops/composed.h"
#include "ops/index.h"
#include "tensor/iterate.h"
#include <corrie/creation.h>
#include <corrie/index.h>
#include <corrie/math.h>
#include <corrie/reduce.h>

COR__DEFINE_OPTIONS(cor_embedding_bag_options, COR_EMBEDDING_BAG_OPTIONS)

/* ---- checks, in PyTorch's order --------------------------------------------------------------------------------- */

static const char *mode_name(cor_bag_mode mode) {
    return mode == COR_BAG_MEAN ? "mean" : mode == COR_BAG_SUM ? "sum" : "max";
}

static int check_sizes(const cor_tensor *indices, const cor_tensor *weight, const cor_embedding_bag_options *o) {
    char first[COR__SIZES_TEXT], second[COR__SIZES_TEXT];
    const cor_tensor *factors = o->per_sample_weights, *offsets = o->offsets;
    if (factors != COR_NONE && !cor__has_sizes(factors, indices->sizes, indices->ndim))
        return cor__fail(
            COR_ESHAPE,
            "embedding_bag: If per_sample_weights (torch.Size(%s)) is not None, then it must have the same "
            "shape as the input (torch.Size(%s))",
            cor__sizes_text(first, factors->sizes, factors->ndim),
            cor__sizes_text(second, indices->sizes, indices->ndim));
    if (weight->ndim != 2)
        return cor__fail(COR_ESHAPE, "weight has to be a 2D Tensor, but got Tensor of dimension %d", weight->ndim);
    if (indices->ndim != 1 && indices->ndim != 2)
        return cor__fail(COR_ESHAPE, "input has to be 1D or 2D Tensor, but got Tensor of dimension %d", indices->ndim);
    if (indices->ndim == 2 && offsets != COR_NONE)
        return cor__fail(COR_EVALUE,
                         "if input is 2D, then offsets has to be None, as input is treated is a mini-batch "
                         "of fixed length sequences. However, found offsets of type <class 'torch.Tensor'>");
    if (indices->ndim == 2 && indices->sizes[1] == 0) return cor__fail(COR_ESHAPE, "step must be nonzero");
    if (indices->ndim == 1 && offsets == COR_NONE)
        return cor__fail(COR_EVALUE, "offsets has to be a 1D Tensor but got None");
    if (indices->ndim == 1 && offsets->ndim != 1) return cor__fail(COR_ESHAPE, "offsets has to be a 1D Tensor");
    return COR_OK;
}

static int check_mode(const cor_embedding_bag_options *o) {
    if ((unsigned)o->mode > COR_BAG_MAX) return cor__fail(COR_EVALUE, "mode has to be one of sum, mean or max");
    if (o->mode == COR_BAG_MAX && o->scale_grad_by_freq)
        return cor__fail(COR_EVALUE, "max mode does not support scaling the gradient by the frequency");
    if (o->mode == COR_BAG_MAX && o->sparse) return cor__fail(COR_EVALUE, "max mode does not support sparse weights");
    if (o->per_sample_weights == COR_NONE || o->mode == COR_BAG_SUM) return COR_OK;
    return cor__fail(COR_EUNSUPPORTED,
                     "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for "
                     "mode='sum' (got mode='%s'). Please open a feature request on GitHub.",
                     mode_name(o->mode));
}

static int check_dtypes(const cor_tensor *indices, const cor_tensor *weight, const cor_embedding_bag_options *o) {
    if (!cor__is_index(indices->dtype))
        return cor__fail(COR_EDTYPE,
                         "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, "
                         "Int; but got torch.%sTensor instead (while checking arguments for embedding_bag)",
                         cor__scalar_type_name(indices->dtype));
    if (!cor_dtype_is_floating(weight->dtype))
        return cor__fail(COR_EDTYPE,
                         "Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, "
                         "BFloat16, Float, Double; but got torch.%sTensor instead (while checking arguments for "
                         "embedding_bag)",
                         cor__scalar_type_name(weight->dtype));
    if (o->per_sample_weights != COR_NONE && o->per_sample_weights->dtype != weight->dtype)
        return cor__fail(COR_EDTYPE,
                         "Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 "
                         "'per_sample_weights'; but type torch.%sTensor does not equal torch.%sTensor (while checking "
                         "arguments for embedding_bag)",
                         cor__scalar_type_name(weight->dtype), cor__scalar_type_name(o->per_sample_weights->dtype));
    const int64_t rows = weight->sizes[0], padding = o->padding_idx;
    if (padding == COR_UNSET || (padding >= -rows && padding < rows)) return COR_OK;
    return cor__fail(COR_EINDEX, "padding_idx must be within the number of embeddings, %lld through %lld, but got %lld",
                     (long long)-rows, (long long)rows - 1, (long long)padding);
}

static int check_indices(const cor_tensor *indices, int64_t rows) {
    const int64_t *at = cor__data(indices);
    for (int64_t i = 0; i < indices->numel; i++)
        if (at[i] < 0 || at[i] >= rows)
            return cor__fail(COR_EINDEX,
                             "Index %lld of input takes value %lld which is not in the valid range [0, %lld)",
                             (long long)i, (long long)at[i], (long long)rows);
    return COR_OK;
}

/* ---- bags ------------------------------------------------------------------------------------------------------- */

typedef struct bags {
    int64_t n;
    const int64_t *offsets; /* NULL: each has `length` rows */
    int64_t length, rows;
} bags;

static int64_t start_of(const bags *b, int64_t i) {
    if (b->offsets == NULL) return i * b->length;
    return i < b->n ? b->offsets[i] : b->rows;
}

/* The last offset ends the last bag of a sum only: to PyTorch those of a mean or a maximum go on to the last index. */
static int check_offsets(bags *b, const cor_tensor *offsets, bool include_last, cor_bag_mode mode) {
    b->offsets = cor__data(offsets);
    b->n = offsets->numel - include_last;
    if (b->n < 0) return cor__fail(COR_ESHAPE, "include_last_offset: number of offset should be at least 1");
    if (offsets->numel == 0) return COR_OK;
    if (b->offsets[0] != 0)
        return cor__fail(
            COR_EVALUE,
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position "
            "0. However, got %lld\n[ torch.LongTensor{} ]",
            (long long)b->offsets[0]);
    if (b->offsets[offsets->numel - 1] > b->rows)
        return cor__fail(COR_EVALUE,
                         "offsets[-1] can not be greater than input's length %lld but got offsets[-1] of %lld",
                         (long long)b->rows, (long long)b->offsets[offsets->numel - 1]);
    if (include_last && mode == COR_BAG_SUM) b->rows = b->offsets[b->n];
    for (int64_t i = 0; i < b->n; i++)
        if (start_of(b, i) > start_of(b, i + 1)) return cor__fail(COR_EVALUE, "offsets have to rise");
    return COR_OK;
}

/* The bag of each row, int64. */
static cor_tensor *bag_of_rows(const bags *b) {
    cor_tensor *owner = cor__scope_add(cor__empty(COR_INT64, &b->rows, 1));
    if (owner == NULL) return NULL;
    for (int64_t i = 0; i < b->n; i++)
        for (int64_t k = start_of(b, i); k < start_of(b, i + 1); k++) ((int64_t *)cor__data(owner))[k] = i;
    return owner;
}

/* Sums of rows, over how many count in a mean; `counts` (rows, 1) is 1 for those and 0 for padding. */
static cor_tensor *add_up(const bags *b, cor_tensor *rows, cor_tensor *counts, bool mean) {
    cor_tensor *owner = bag_of_rows(b);
    if (rows == NULL || owner == NULL) return NULL;
    cor_tensor *zeros = cor_zeros_sized(rows->dtype, (int64_t[]){b->n, rows->sizes[1]}, 2);
    cor_tensor *sums = cor_index_add(zeros, 0, owner, cor_masked_fill(rows, cor_eq(counts, 0), 0));
    if (!mean) return sums;
    cor_tensor *totals = cor_index_add(cor_zeros_of(COR_INT64, b->n, 1), 0, owner, counts);
    return cor_div(sums, cor_to(cor_clamp(totals, 1, COR_NONE), rows->dtype));
}

/* The largest elements of each bag's rows that count; zeros where there are none. */
static cor_tensor *largest(const bags *b, cor_tensor *rows, cor_tensor *counts) {
    cor_tensor *lowered = cor_masked_fill(rows, cor_eq(counts, 0), -(double)INFINITY);
    cor_tensor *cleared = cor_masked_fill(rows, cor_eq(counts, 0), 0);
    cor_tensor *all = cor_narrow(cleared, 0, 0, 0);
    for (int64_t i = 0; i < b->n && cor_error() == COR_OK; i++) {
        const int64_t start = start_of(b, i), length = start_of(b, i + 1) - start;
        cor_tensor *used = cor_any(cor_narrow(counts, 0, start, length));
        const bool any = used != NULL && cor_item(used) != 0;
        cor_tensor *one = any ? cor_max(cor_narrow(lowered, 0, start, length), .dim = 0, .keepdim = true)
                              : cor_sum(cor_narrow(cleared, 0, start, length), .dim = 0, .keepdim = true);
        all = cor_cat(COR_TENSORS(all, one), .dim = 0);
    }
    return all;
}

cor_tensor *cor_embedding_bag_with(cor_tensor *indices, cor_tensor *weight, const cor_embedding_bag_options *options) {
    static const char name[] = "embedding_bag";
    COR__READ_OPTIONS(cor_embedding_bag_options, name)
    if (!cor__given(indices, name) || !cor__given(weight, name) ||
        (o->offsets != COR_NONE && !cor__given(o->offsets, name)) ||
        (o->per_sample_weights != COR_NONE && !cor__given(o->per_sample_weights, name)) ||
        check_sizes(indices, weight, o) != COR_OK || check_mode(o) != COR_OK ||
        check_dtypes(indices, weight, o) != COR_OK)
        return NULL;
    cor_scope();
    bags b = {.n = indices->sizes[0], .length = indices->ndim == 2 ? indices->sizes[1] : 0, .rows = indices->numel};
    cor_tensor *flat = cor_to(cor_reshape(indices, -1), COR_INT64);
    if (indices->numel == 0) flat = cor_zeros_of(COR_INT64, 0);
    cor_tensor *offsets = indices->ndim == 1 ? cor_contiguous(cor_to(o->offsets, COR_INT64)) : COR_NONE;
    if (flat == NULL || (indices->ndim == 1 && offsets == NULL)) return NULL;
    if (check_indices(flat, weight->sizes[0]) != COR_OK) return NULL;
    if (indices->ndim == 1 && check_offsets(&b, offsets, o->include_last_offset, o->mode) != COR_OK) return NULL;
    flat = cor_narrow(flat, 0, 0, b.rows);
    cor_tensor *rows = cor_embedding(flat, weight, .padding_idx = o->padding_idx, .max_norm = o->max_norm,
                                     .norm_type = o->norm_type, .scale_grad_by_freq = o->scale_grad_by_freq);
    if (o->per_sample_weights != COR_NONE)
        rows = cor_mul(rows, cor_unsqueeze(cor_narrow(cor_reshape(o->per_sample_weights, -1), 0, 0, b.rows), 1));
    const int64_t padding = o->padding_idx == COR_UNSET ? -1
                            : o->padding_idx < 0        ? o->padding_idx + weight->sizes[0]
                                                        : o->padding_idx;
    cor_tensor *counts = cor_to(cor_unsqueeze(cor_ne(flat, padding), 1), COR_INT64);
    cor_tensor *result =
        o->mode == COR_BAG_MAX ? largest(&b, rows, counts) : add_up(&b, rows, counts, o->mode == COR_BAG_MEAN);
    return cor_keep(cor__made_by(result, "EmbeddingBagBackward0"));
}
