/* index.c: index_select, index_add and embedding: slices of a dimension by a vector of indices. */
#include "ops/index.h"
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/backward.h"
#include "tensor/iterate.h"
#include <corrie/index.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_index_add_options, COR_INDEX_ADD_OPTIONS)
COR__DEFINE_OPTIONS(cor_embedding_options, COR_EMBEDDING_OPTIONS)

enum { GRAIN = 1 << 15 }; /* bytes a thread should move at least */

/* ---- what they share -------------------------------------------------------------------------------------------- */

const cor__option *cor__describe_dim_call(int *n) {
    static const cor__option rows[] = {{"dim", COR__INTEGER, offsetof(cor__dim_call, dim), sizeof(int64_t)},
                                       {"alpha", COR__REAL, offsetof(cor__dim_call, alpha), sizeof(double)}};
    *n = 2;
    return rows;
}

cor_tensor *cor__indices(const cor_tensor *index, int64_t size, int dim, int text) {
    cor_tensor *t = cor__contiguous_as(index, COR_INT64);
    if (t == NULL) return NULL;
    const int64_t *at = cor__data(t);
    for (int64_t i = 0; i < t->numel; i++) {
        if (at[i] >= 0 && at[i] < size) continue;
        if (text == 0)
            cor__fail(COR_EINDEX, "index %lld is out of bounds for dimension %d with size %lld", (long long)at[i], dim,
                      (long long)size);
        else if (text == 1) cor__fail(COR_EINDEX, "index out of range in self");
        else
            cor__fail(COR_EINDEX, "INDICES element is out of DATA bounds, id=%lld axis_dim=%lld", (long long)at[i],
                      (long long)size);
        cor__release(t);
        return NULL;
    }
    return t;
}

#define ADD_REAL(T)                                                                                                    \
    for (int64_t i = 0; i < n; i++) ((T *)to)[i] += (T)alpha * ((const T *)from)[i]
#define ADD_INTEGER(T)                                                                                                 \
    for (int64_t i = 0; i < n; i++)                                                                                    \
    ((T *)to)[i] = (T)((uint64_t)((T *)to)[i] + (uint64_t)(int64_t)alpha * (uint64_t)((const T *)from)[i])

void cor__add_run(cor_dtype dtype, int64_t n, void *to, const void *from, double alpha) {
    if (dtype == COR_FLOAT32) ADD_REAL(float);
    else if (dtype == COR_FLOAT64) ADD_REAL(double);
    else if (dtype == COR_BOOL)
        for (int64_t i = 0; i < n; i++) ((bool *)to)[i] |= ((const bool *)from)[i];
    else if (cor_dtype_size(dtype) == 1) ADD_INTEGER(uint8_t);
    else if (cor_dtype_size(dtype) == 2) ADD_INTEGER(uint16_t);
    else if (cor_dtype_size(dtype) == 4) ADD_INTEGER(uint32_t);
    else ADD_INTEGER(uint64_t);
}

void cor__describe_like(cor__call *call, const cor_tensor *t) {
    call->out[0].dtype = t->dtype;
    call->out[0].ndim = t->ndim;
    memcpy(call->out[0].sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
}

/* ---- copying slices --------------------------------------------------------------------------------------------- */

typedef struct slices {
    const char *from;
    char *to;
    const int64_t *index;
    int64_t n, size; /* of the indices, and of the dimension */
    size_t bytes;    /* of a slice */
} slices;

static void copy_slices(int64_t begin, int64_t end, void *context) {
    const slices *s = context;
    for (int64_t i = begin; i < end; i++) {
        const int64_t at = i / s->n * s->size + s->index[i % s->n];
        memcpy(s->to + (size_t)i * s->bytes, s->from + (size_t)at * s->bytes, s->bytes);
    }
}

/* Dimension d of t as [outer, size, bytes of the rest]. */
static int64_t outer_of(const cor_tensor *t, int d) {
    int64_t outer = 1;
    for (int i = 0; i < d; i++) outer *= t->sizes[i];
    return outer;
}

static size_t slice_bytes(const cor_tensor *t, int d) {
    size_t bytes = (size_t)cor_dtype_size(t->dtype);
    for (int i = d + 1; i < t->ndim; i++) bytes *= (size_t)t->sizes[i];
    return bytes;
}

static int take_slices(cor_tensor *out, const cor_tensor *source, int d, const cor_tensor *index, int text) {
    const int64_t size = source->ndim == 0 ? 1 : source->sizes[d];
    cor_tensor *t = cor__contiguous_as(source, source->dtype), *at = cor__indices(index, size, d, text);
    int code = t == NULL || at == NULL ? cor_error() : COR_OK;
    if (code == COR_OK && out->numel > 0) {
        slices s = {cor__data(t), cor__data(out), cor__data(at), at->numel, size, slice_bytes(t, d)};
        code = cor_parallel_for(outer_of(t, d) * s.n, cor__max(1, GRAIN / (int64_t)s.bytes), copy_slices, &s);
    }
    cor__release(t);
    cor__release(at);
    return code;
}

/* ---- index_select ----------------------------------------------------------------------------------------------- */

static int index_select_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0], *index = call->inputs[1];
    const int d = cor__wrap_dim(((const cor__dim_call *)call->options)->dim, t->ndim);
    if (d < 0) return cor_error();
    if (index->ndim > 1) return cor__fail(COR_ESHAPE, "index_select(): Index is supposed to be a vector");
    if (!cor__is_index(index->dtype))
        return cor__fail(COR_EDTYPE, "index_select(): Expected dtype int32 or int64 for index");
    if (t->ndim == 0 && index->numel != 1)
        return cor__fail(COR_ESHAPE, "index_select(): Index to scalar can have only 1 value, got %lld value(s)",
                         (long long)index->numel);
    if (t->ndim > 0 && t->sizes[d] == 0 && index->numel > 0)
        return cor__fail(COR_ESHAPE, "index_select(): self indexing axis dim should be positive");
    cor__describe_like(call, t);
    if (t->ndim > 0) call->out[0].sizes[d] = index->numel;
    return COR_OK;
}

static int index_select_forward(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    const int d = cor__wrap_dim(((const cor__dim_call *)call->options)->dim, t->ndim);
    return take_slices(call->outputs[0], t, d, call->inputs[1], t->ndim > 1 && d == 1 ? 2 : 1);
}

/* Slices go back to where they came from, those taken twice added. */
static cor_tensor *put_back(const cor__backward *pass, cor_tensor *grad, int64_t dim, cor_tensor *index) {
    const cor__edge *input = &pass->node->edges[0];
    return cor_index_add(cor_zeros_sized(input->dtype, input->sizes, input->ndim), dim, index, grad);
}

static int index_select_backward(cor__backward *pass) {
    const cor__dim_call *o = pass->options;
    pass->results[0] = put_back(pass, pass->grads[0], o->dim, cor__kept_input(pass, 1));
    return cor_error();
}

const cor__op cor__op_index_select = {.name = "index_select",
                                      .grad_fn = "IndexSelectBackward0",
                                      .check = index_select_check,
                                      .forward = index_select_forward,
                                      .describe = cor__describe_dim_call,
                                      .backward = index_select_backward,
                                      .reads_options = sizeof(cor__dim_call),
                                      .reads_inputs = {0, 1}};

cor_tensor *cor_index_select(cor_tensor *t, int64_t dim, cor_tensor *index) {
    const cor__dim_call call = {dim, 1};
    cor_tensor *inputs[] = {t, index};
    return cor__apply1(&cor__op_index_select, inputs, 2, &call);
}

/* ---- index_add -------------------------------------------------------------------------------------------------- */

static int check_source(const cor_tensor *t, const cor_tensor *index, const cor_tensor *source, int d) {
    char own[COR__SIZES_TEXT], other[COR__SIZES_TEXT];
    if (t->dtype != source->dtype)
        return cor__fail(COR_EDTYPE, "index_add_(): self (%s) and source (%s) must have the same scalar type",
                         cor__scalar_type_name(t->dtype), cor__scalar_type_name(source->dtype));
    if (d >= source->ndim && d > 0)
        return cor__fail(COR_ESHAPE, "index_add_(): Indexing dim %d is out of bounds of the source tensor with dim %d",
                         d, source->ndim);
    if (index->numel != (source->ndim == 0 ? 1 : source->sizes[d]))
        return cor__fail(COR_ESHAPE,
                         "index_add_(): Number of indices (%lld) should be equal to source.size(dim): (%lld), for dim: "
                         "%d",
                         (long long)index->numel, (long long)(source->ndim == 0 ? 1 : source->sizes[d]), d);
    bool same = t->ndim == source->ndim;
    for (int i = 0; same && i < t->ndim; i++) same = i == d || t->sizes[i] == source->sizes[i];
    if (same) return COR_OK;
    return cor__fail(COR_ESHAPE,
                     "source tensor shape must match self tensor shape, excluding the specified dimension. Got "
                     "self.shape = %s source.shape = %s",
                     cor__sizes_text(own, t->sizes, t->ndim), cor__sizes_text(other, source->sizes, source->ndim));
}

static int index_add_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0], *index = call->inputs[1];
    const int d = cor__wrap_dim(((const cor__dim_call *)call->options)->dim, t->ndim);
    char sizes[COR__SIZES_TEXT];
    if (d < 0) return cor_error();
    if (!cor__is_index(index->dtype))
        return cor__fail(COR_EDTYPE, "index_add_(): Expected dtype int32/int64 for index but got: %s",
                         cor__scalar_type_name(index->dtype));
    if (index->ndim > 1)
        return cor__fail(
            COR_ESHAPE, "index_add_(): Index is supposed to be a vector, but got dim: %d with type: %s and size: %s",
            index->ndim, cor__scalar_type_name(index->dtype), cor__sizes_text(sizes, index->sizes, index->ndim));
    if (check_source(t, index, call->inputs[2], d) != COR_OK) return cor_error();
    cor__describe_like(call, t);
    return COR_OK;
}

static int index_add_forward(cor__call *call) {
    const cor__dim_call *o = call->options;
    cor_tensor *out = call->outputs[0];
    const cor_tensor *t = call->inputs[0];
    const cor_dtype compute = cor__compute_dtype(t->dtype);
    const int d = cor__wrap_dim(o->dim, t->ndim);
    const int64_t size = t->ndim == 0 ? 1 : t->sizes[d];
    cor_tensor *at = cor__indices(call->inputs[1], size, d, 0), *from = cor__contiguous_as(call->inputs[2], compute);
    cor_tensor *to = compute == out->dtype ? out : cor__empty(compute, t->sizes, t->ndim);
    int code = at == NULL || from == NULL || to == NULL ? cor_error() : cor__copy(to, t);
    if (code == COR_OK && from->numel > 0) {
        const int64_t *index = cor__data(at), outer = outer_of(t, d);
        const size_t bytes = slice_bytes(to, d);
        for (int64_t i = 0; i < outer * at->numel; i++)
            cor__add_run(compute, (int64_t)bytes / cor_dtype_size(compute),
                         (char *)cor__data(to) + (size_t)(i / at->numel * size + index[i % at->numel]) * bytes,
                         (char *)cor__data(from) + (size_t)i * bytes, o->alpha);
    }
    if (code == COR_OK && to != out) code = cor__copy(out, to);
    if (to != out) cor__release(to);
    cor__release(at);
    cor__release(from);
    return code;
}

static int index_add_backward(cor__backward *pass) {
    const cor__dim_call *o = pass->options;
    cor_tensor *g = pass->grads[0];
    pass->results[0] = g;
    if (cor__needs(pass, 2)) {
        cor_tensor *taken = cor_index_select(g, o->dim, cor__kept_input(pass, 1));
        pass->results[2] = o->alpha == 1 ? taken : cor_mul(taken, o->alpha);
    }
    return cor_error();
}

const cor__op cor__op_index_add = {.name = "index_add",
                                   .grad_fn = "IndexAddBackward0",
                                   .check = index_add_check,
                                   .forward = index_add_forward,
                                   .describe = cor__describe_dim_call,
                                   .backward = index_add_backward,
                                   .reads_options = sizeof(cor__dim_call),
                                   .reads_inputs = {[1] = 1 << 2}};

cor_tensor *cor_index_add_with(cor_tensor *t, int64_t dim, cor_tensor *index, cor_tensor *source,
                               const cor_index_add_options *options) {
    cor_index_add_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "index_add") != COR_OK) return NULL;
    const cor__dim_call call = {dim, cor_index_add_options_or_defaults(options, &room)->alpha};
    cor_tensor *inputs[] = {t, index, source};
    return cor__apply1(&cor__op_index_add, inputs, 3, &call);
}

/* ---- embedding -------------------------------------------------------------------------------------------------- */

static int embedding_check(cor__call *call) {
    const cor_tensor *weight = call->inputs[0], *index = call->inputs[1];
    if (weight->ndim != 2) return cor__fail(COR_ESHAPE, "'weight' must be 2-D");
    if (!cor__is_index(index->dtype)) {
        const bool is_bool = index->dtype == COR_BOOL;
        return cor__fail(COR_EDTYPE,
                         "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, "
                         "Int; but got %s%s instead (while checking arguments for embedding)",
                         is_bool ? "CPUBoolType" : "torch.", is_bool ? "" : cor__legacy_type_name(index->dtype));
    }
    if (index->ndim == COR_MAX_DIMS) return cor__fail(COR_ELIMIT, "embedding: the indices have too many dimensions");
    cor__describe_like(call, index);
    call->out[0].dtype = weight->dtype;
    call->out[0].sizes[call->out[0].ndim++] = weight->sizes[1];
    return COR_OK;
}

static int embedding_forward(cor__call *call) {
    return take_slices(call->outputs[0], call->inputs[0], 0, call->inputs[1], 1);
}

/* How often its row is used, for each index. */
static cor_tensor *uses_of(cor_tensor *index, int64_t rows) {
    cor_tensor *counts =
        cor_index_add(cor_zeros_of(COR_FLOAT64, rows), 0, index, cor_ones_of(COR_FLOAT64, cor_numel(index)));
    return cor_index_select(counts, 0, index);
}

static int embedding_backward(cor__backward *pass) {
    const cor_embedding_options *o = pass->options;
    const cor__edge *weight = &pass->node->edges[0];
    cor_tensor *index = cor__kept_input(pass, 1);
    if (index == NULL) return cor_error();
    const int64_t sizes[] = {index->numel, weight->sizes[1]};
    cor_tensor *g = cor_reshape_to(pass->grads[0], sizes, 2);
    index = cor_reshape(index, index->numel);
    if (o->padding_idx != COR_UNSET) g = cor_masked_fill(g, cor_unsqueeze(cor_eq(index, o->padding_idx), 1), 0);
    if (o->scale_grad_by_freq)
        g = cor_div(g, cor_to(cor_unsqueeze(uses_of(index, weight->sizes[0]), 1), weight->dtype));
    pass->results[0] = put_back(pass, g, 0, index);
    return cor_error();
}

const cor__op cor__op_embedding = {.name = "embedding",
                                   .grad_fn = "EmbeddingBackward0",
                                   .check = embedding_check,
                                   .forward = embedding_forward,
                                   .describe = cor_embedding_options_describe,
                                   .backward = embedding_backward,
                                   .reads_options = sizeof(cor_embedding_options),
                                   .reads_inputs = {0, 1}};

/* Shortens the rows that are used and longer than max_norm to that, in place. A row that was is not longer again. */
static int shorten(cor_tensor *indices, cor_tensor *weight, const cor_embedding_options *o) {
    cor_no_grad();
    if (cor_dim(weight) != 2 || !cor__is_index(indices->dtype)) return COR_OK; /* which the operation refuses */
    cor_tensor *at = cor__indices(indices, weight->sizes[0], 0, 1);
    for (int64_t i = 0; at != NULL && i < at->numel && cor_error() == COR_OK; i++) {
        cor_scope();
        cor_tensor *row = cor_select(weight, 0, ((const int64_t *)cor__data(at))[i]);
        const double norm = cor_item(cor_norm(row, .p = o->norm_type));
        if (norm > o->max_norm) cor_mul_(row, o->max_norm / (norm + 1e-7));
    }
    cor__release(at);
    return cor_error();
}

cor_tensor *cor_embedding_with(cor_tensor *indices, cor_tensor *weight, const cor_embedding_options *options) {
    cor_embedding_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "embedding") != COR_OK) return NULL;
    cor_embedding_options o = *cor_embedding_options_or_defaults(options, &room);
    const int64_t rows = cor_dim(weight) > 0 ? weight->sizes[0] : 0;
    if (o.padding_idx != COR_UNSET && weight != NULL && weight != COR_NONE) {
        if (o.padding_idx >= rows || o.padding_idx < -rows)
            return cor__fail_null(COR_EVALUE, "Padding_idx must be within num_embeddings");
        if (o.padding_idx < 0) o.padding_idx += rows;
    }
    cor_tensor *inputs[] = {weight, indices};
    const bool given = indices != NULL && indices != COR_NONE && weight != NULL && weight != COR_NONE;
    if (!isnan(o.max_norm) && given && shorten(indices, weight, &o) != COR_OK) return NULL;
    return cor__apply1(&cor__op_embedding, inputs, 2, &o);
}
