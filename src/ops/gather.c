/* gather.c: gather and scatter_add: an index for every element. */
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/backward.h"
#include "ops/index.h"
#include "tensor/iterate.h"
#include <corrie/index.h>
#include <string.h>

/* A walk over the places of the index: where each is in t, without the dimension that the index says. */
typedef struct places {
    const cor_tensor *index;
    int64_t strides[COR_MAX_DIMS]; /* of t's memory, 0 in that dimension */
    int64_t step;                  /* of t in it */
    const int64_t *at;
} places;

static places places_of(const cor_tensor *index, const int64_t *strides, int d) {
    places p = {.index = index, .at = cor__data(index), .step = index->ndim == 0 ? 1 : strides[d]};
    for (int i = 0; i < index->ndim; i++) p.strides[i] = i == d ? 0 : strides[i];
    return p;
}

/* The offset in t of place i. */
static int64_t place(const places *p, int64_t i) {
    int64_t offset = p->at[i] * p->step;
    for (int d = p->index->ndim - 1; d >= 0; d--) {
        offset += i % p->index->sizes[d] * p->strides[d];
        i /= p->index->sizes[d];
    }
    return offset;
}

static int check_index(const cor__call *call, const char *name) {
    const cor_tensor *t = call->inputs[0], *index = call->inputs[1];
    if (!cor__is_index(index->dtype)) return cor__fail(COR_EDTYPE, "%s(): Expected dtype int32/int64 for index", name);
    if (index->numel == 0 || cor__max(1, t->ndim) == cor__max(1, index->ndim)) return COR_OK;
    return cor__fail(COR_ESHAPE, "Index tensor must have the same number of dimensions as %s tensor",
                     strcmp(name, "gather") == 0 ? "input" : "self");
}

/* The first dimension but d in which the index is larger than t, -1 if none is. */
static int larger_than(const cor_tensor *index, const cor_tensor *t, int d) {
    for (int i = 0; index->numel > 0 && i < index->ndim; i++)
        if (i != d && i < t->ndim && index->sizes[i] > t->sizes[i]) return i;
    return -1;
}

/* ---- gather ----------------------------------------------------------------------------------------------------- */

static int gather_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0], *index = call->inputs[1];
    const int d = cor__wrap_dim(((const cor__dim_call *)call->options)->dim, t->ndim);
    char own[COR__SIZES_TEXT], other[COR__SIZES_TEXT];
    if (d < 0 || check_index(call, "gather") != COR_OK) return cor_error();
    const int larger = larger_than(index, t, d);
    if (larger >= 0)
        return cor__fail(COR_ESHAPE,
                         "Size does not match at dimension %d expected index %s to be no larger than self %s apart "
                         "from dimension %d",
                         larger, cor__sizes_text(other, index->sizes, index->ndim),
                         cor__sizes_text(own, t->sizes, t->ndim), d);
    cor__describe_like(call, index);
    call->out[0].dtype = t->dtype;
    return COR_OK;
}

typedef struct gathering {
    places places;
    const char *from;
    char *to;
    int64_t size;
} gathering;

static void gather_elements(int64_t begin, int64_t end, void *context) {
    const gathering *g = context;
    for (int64_t i = begin; i < end; i++) {
        const char *from = g->from + place(&g->places, i) * g->size;
        char *to = g->to + i * g->size;
        if (g->size == 4) memcpy(to, from, 4);
        else if (g->size == 8) memcpy(to, from, 8);
        else memcpy(to, from, (size_t)g->size);
    }
}

static int gather_forward(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    cor_tensor *out = call->outputs[0];
    const int d = cor__wrap_dim(((const cor__dim_call *)call->options)->dim, t->ndim);
    cor_tensor *index = cor__indices(call->inputs[1], t->ndim == 0 ? 1 : t->sizes[d], d, 0);
    if (index == NULL) return cor_error();
    gathering g = {places_of(index, t->strides, d), cor__data(t), cor__data(out), cor_dtype_size(t->dtype)};
    const int code = out->numel == 0 ? COR_OK : cor_parallel_for(out->numel, 4096, gather_elements, &g);
    cor__release(index);
    return code;
}

static int gather_backward(cor__backward *pass) {
    const cor__dim_call *o = pass->options;
    const cor__edge *t = &pass->node->edges[0];
    cor_tensor *zeros = cor_zeros_sized(t->dtype, t->sizes, t->ndim);
    pass->results[0] = cor_scatter_add(zeros, o->dim, cor__kept_input(pass, 1), pass->grads[0]);
    return cor_error();
}

const cor__op cor__op_gather = {.name = "gather",
                                .grad_fn = "GatherBackward0",
                                .check = gather_check,
                                .forward = gather_forward,
                                .describe = cor__describe_dim_call,
                                .backward = gather_backward,
                                .reads_options = sizeof(cor__dim_call),
                                .reads_inputs = {0, 1}};

cor_tensor *cor_gather(cor_tensor *t, int64_t dim, cor_tensor *index) {
    const cor__dim_call call = {dim, 1};
    cor_tensor *inputs[] = {t, index};
    return cor__apply1(&cor__op_gather, inputs, 2, &call);
}

/* ---- scatter_add ------------------------------------------------------------------------------------------------ */

static int scatter_add_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0], *index = call->inputs[1], *source = call->inputs[2];
    const int d = cor__wrap_dim(((const cor__dim_call *)call->options)->dim, t->ndim);
    char own[COR__SIZES_TEXT], other[COR__SIZES_TEXT], third[COR__SIZES_TEXT];
    if (d < 0) return cor_error();
    if (!cor__is_index(index->dtype)) return check_index(call, "scatter");
    if (t->dtype != source->dtype)
        return cor__fail(COR_EDTYPE, "scatter(): Expected self.dtype to be equal to src.dtype");
    cor__describe_like(call, t);
    if (index->numel == 0) return COR_OK;
    if (cor__wrap_dim(d, source->ndim) < 0 || check_index(call, "scatter") != COR_OK) return cor_error();
    if (cor__max(1, source->ndim) != cor__max(1, index->ndim))
        return cor__fail(COR_ESHAPE, "Index tensor must have the same number of dimensions as src tensor");
    if (larger_than(index, t, d) < 0 && larger_than(index, source, -1) < 0) return COR_OK;
    return cor__fail(COR_ESHAPE,
                     "Expected index %s to be no larger than self %s apart from dimension %d and to be no larger size "
                     "than src %s",
                     cor__sizes_text(other, index->sizes, index->ndim), cor__sizes_text(own, t->sizes, t->ndim), d,
                     cor__sizes_text(third, source->sizes, source->ndim));
}

/* Adds in the order of the index, so that the bits depend on nothing else. */
static void add_elements(const cor_tensor *index, cor_tensor *to, const cor_tensor *source, int d) {
    const int64_t size = cor_dtype_size(to->dtype);
    const places p = places_of(index, to->strides, d);
    for (int64_t i = 0; i < index->numel; i++) {
        int64_t from = 0, rest = i;
        for (int k = index->ndim - 1; k >= 0; k--) {
            from += rest % index->sizes[k] * source->strides[k];
            rest /= index->sizes[k];
        }
        cor__add_run(to->dtype, 1, (char *)cor__data(to) + place(&p, i) * size,
                     (const char *)cor__data(source) + from * size, 1);
    }
}

static int scatter_add_forward(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    cor_tensor *out = call->outputs[0];
    const cor_dtype compute = cor__compute_dtype(t->dtype);
    const int d = cor__wrap_dim(((const cor__dim_call *)call->options)->dim, t->ndim);
    cor_tensor *index = cor__indices(call->inputs[1], t->ndim == 0 ? 1 : t->sizes[d], d, 0);
    cor_tensor *source = cor__contiguous_as(call->inputs[2], compute);
    cor_tensor *to = compute == out->dtype ? out : cor__empty(compute, t->sizes, t->ndim);
    int code = index == NULL || source == NULL || to == NULL ? cor_error() : cor__copy(to, t);
    if (code == COR_OK) add_elements(index, to, source, d);
    if (code == COR_OK && to != out) code = cor__copy(out, to);
    if (to != out) cor__release(to);
    cor__release(index);
    cor__release(source);
    return code;
}

/* What the index does not reach of the source has no part in the sum. */
static cor_tensor *widen(cor_tensor *taken, const cor__edge *source) {
    if (taken == NULL) return NULL;
    if (taken->numel == 0) return cor_zeros_sized(source->dtype, source->sizes, source->ndim);
    if (source->ndim != taken->ndim) return cor_reshape_to(taken, source->sizes, source->ndim); /* one element */
    if (memcmp(taken->sizes, source->sizes, sizeof(int64_t) * (size_t)source->ndim) == 0) return taken;
    cor_tensor *whole = cor_zeros_sized(source->dtype, source->sizes, source->ndim);
    if (whole == NULL) return NULL;
    cor_copy_(cor_as_strided(whole, taken->sizes, whole->strides, whole->ndim, 0), taken);
    return whole;
}

static int scatter_add_backward(cor__backward *pass) {
    const cor__dim_call *o = pass->options;
    pass->results[0] = pass->grads[0];
    if (cor__needs(pass, 2))
        pass->results[2] = widen(cor_gather(pass->grads[0], o->dim, cor__kept_input(pass, 1)), &pass->node->edges[2]);
    return cor_error();
}

const cor__op cor__op_scatter_add = {.name = "scatter_add",
                                     .grad_fn = "ScatterAddBackward0",
                                     .check = scatter_add_check,
                                     .forward = scatter_add_forward,
                                     .describe = cor__describe_dim_call,
                                     .backward = scatter_add_backward,
                                     .reads_options = sizeof(cor__dim_call),
                                     .reads_inputs = {[1] = 1 << 2}};

cor_tensor *cor_scatter_add(cor_tensor *t, int64_t dim, cor_tensor *index, cor_tensor *source) {
    const cor__dim_call call = {dim, 1};
    cor_tensor *inputs[] = {t, index, source};
    return cor__apply1(&cor__op_scatter_add, inputs, 3, &call);
}
