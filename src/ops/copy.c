/* copy.c: copies, casts, and tensors joined and divided. */
#include "ops/copy.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/backward.h"
#include "tensor/iterate.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_cat_options, COR_CAT_OPTIONS)

static void describe_like(cor__call *call, int ndim, const int64_t *sizes, cor_dtype dtype) {
    call->out[0].dtype = dtype;
    call->out[0].ndim = ndim;
    memcpy(call->out[0].sizes, sizes, sizeof(int64_t) * (size_t)ndim);
}

/* ---- clone, contiguous, to -------------------------------------------------------------------------------------- */

static int copy_into(cor_tensor *out, const cor_tensor *in) { return out == NULL ? cor_error() : cor__copy(out, in); }

static int clone_forward(cor__call *call) {
    call->outputs[0] = cor__empty_like(call->inputs[0], call->inputs[0]->dtype);
    return copy_into(call->outputs[0], call->inputs[0]);
}

static int contiguous_forward(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    call->outputs[0] = cor__empty(t->dtype, t->sizes, t->ndim);
    return copy_into(call->outputs[0], t);
}

static int to_forward(cor__call *call) {
    call->outputs[0] = cor__empty_like(call->inputs[0], *(const cor_dtype *)call->options);
    return copy_into(call->outputs[0], call->inputs[0]);
}

const cor__op cor__op_clone = {
    .name = "clone", .grad_fn = "CloneBackward0", .forward = clone_forward, .backward = cor__same_backward};
const cor__op cor__op_contiguous = {
    .name = "contiguous", .grad_fn = "CloneBackward0", .forward = contiguous_forward, .backward = cor__same_backward};
const cor__op cor__op_to = {
    .name = "to", .grad_fn = "ToCopyBackward0", .forward = to_forward, .backward = cor__same_backward};

cor_tensor *cor_clone(cor_tensor *t) { return cor__apply1(&cor__op_clone, &t, 1, NULL); }

cor_tensor *cor_contiguous(cor_tensor *t) {
    if (cor_error() == COR_OK && t != COR_NONE && cor_is_contiguous(t)) return t;
    return cor__apply1(&cor__op_contiguous, &t, 1, NULL);
}

cor_tensor *cor_to(cor_tensor *t, cor_dtype dtype) {
    if (cor_error() != COR_OK) return NULL;
    if (cor_dtype_size(dtype) == 0) return cor__fail_null(COR_EDTYPE, "to: %d is not a dtype", (int)dtype);
    if (t != NULL && t != COR_NONE && t->dtype == dtype) return t;
    return cor__apply1(&cor__op_to, &t, 1, &dtype);
}

/* ---- reshape by copying ----------------------------------------------------------------------------------------- */

static int reshape_forward(cor__call *call) {
    const cor__meta *wanted = call->options;
    const cor_tensor *t = call->inputs[0];
    int64_t strides[COR_MAX_DIMS];
    cor_tensor *copy = cor__empty(t->dtype, t->sizes, t->ndim);
    if (copy_into(copy, t) == COR_OK) {
        cor__contiguous_strides(wanted->sizes, wanted->ndim, strides);
        call->outputs[0] = cor__tensor_over(copy->storage, t->dtype, wanted->sizes, strides, wanted->ndim, 0);
    }
    cor__release(copy);
    return call->outputs[0] == NULL ? cor_error() : COR_OK;
}

static int reshape_backward(cor__backward *pass) {
    const cor__edge *input = &pass->node->edges[0];
    pass->results[0] = cor_reshape_to(pass->grads[0], input->sizes, input->ndim);
    return cor_error();
}

const cor__op cor__op_reshape = {
    .name = "reshape", .grad_fn = "UnsafeViewBackward0", .forward = reshape_forward, .backward = reshape_backward};

cor_tensor *cor__reshape_copy(cor_tensor *t, const int64_t *sizes, int n) {
    cor__meta wanted = {.dtype = t->dtype, .ndim = n};
    memcpy(wanted.sizes, sizes, sizeof(int64_t) * (size_t)n);
    return cor__apply1(&cor__op_reshape, &t, 1, &wanted);
}

/* ---- detach and copy_ ------------------------------------------------------------------------------------------- */

static int detach_forward(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    call->outputs[0] = cor__tensor_over(t->storage, t->dtype, t->sizes, t->strides, t->ndim, t->offset);
    return call->outputs[0] == NULL ? cor_error() : COR_OK;
}

const cor__op cor__op_detach = {.name = "detach", .forward = detach_forward};

cor_tensor *cor_detach(cor_tensor *t) { return cor__apply1(&cor__op_detach, &t, 1, NULL); }

static int copy_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0], *source = call->inputs[1];
    int64_t sizes[COR_MAX_DIMS];
    int n = cor__broadcast(t->sizes, t->ndim, source->sizes, source->ndim, sizes);
    if (n < 0) return n;
    describe_like(call, n, sizes, t->dtype);
    return COR_OK;
}

static int copy_forward(cor__call *call) { return cor__copy(call->inputs[0], call->inputs[1]); }

static int copy_backward(cor__backward *pass) {
    if (cor__needs(pass, 0)) pass->results[0] = cor_zeros_like(pass->grads[0]);
    pass->results[1] = pass->grads[0];
    return cor_error();
}

const cor__op cor__op_copy_ = {.name = "copy_",
                               .grad_fn = "CopyBackwards",
                               .check = copy_check,
                               .forward = copy_forward,
                               .backward = copy_backward};

cor_tensor *cor_copy_(cor_tensor *t, cor_tensor *source) {
    cor_tensor *inputs[] = {t, source};
    return cor__apply_in_place(&cor__op_copy_, inputs, 2, NULL);
}

/* ---- cat and stack ---------------------------------------------------------------------------------------------- */

/* A 1-d tensor without elements joins with anything, for history's sake. */
static bool is_skipped(const cor_tensor *t) { return t->ndim == 1 && t->sizes[0] == 0; }

static int check_fits(const cor_tensor *first, const cor_tensor *t, int dim, int number) {
    if (t->ndim != first->ndim)
        return cor__fail(COR_ESHAPE, "Tensors must have same number of dimensions: got %d and %d", first->ndim,
                         t->ndim);
    for (int d = 0; d < t->ndim; d++)
        if (d != dim && t->sizes[d] != first->sizes[d])
            return cor__fail(
                COR_ESHAPE,
                "Sizes of tensors must match except in dimension %d. Expected size %lld but got size %lld for "
                "tensor number %d in the list.",
                dim, (long long)first->sizes[d], (long long)t->sizes[d], number);
    return COR_OK;
}

static int cat_check(cor__call *call) {
    const cor_cat_options *options = call->options;
    const cor_tensor *first = call->inputs[0];
    if (call->n_inputs > 0 && options->dim == COR_UNSET) return cor__fail(COR_EINDEX, "cat: no dimension given");
    for (int i = 0; i < call->n_inputs; i++) {
        if (call->inputs[i]->ndim == 0)
            return cor__fail(COR_ESHAPE, "zero-dimensional tensor (at position %d) cannot be concatenated", i);
        if (is_skipped(first)) first = call->inputs[i];
    }
    int dim = cor__wrap_dim(options->dim, first->ndim);
    if (dim < 0) return cor_error();
    int64_t length = 0;
    for (int i = 0; i < call->n_inputs; i++) {
        const cor_tensor *t = call->inputs[i];
        if (is_skipped(t)) continue;
        if (check_fits(first, t, dim, i) != COR_OK) return cor_error();
        if (!cor__add_ok(length, t->sizes[dim], &length)) return cor__fail(COR_ELIMIT, "cat: the sizes overflow");
    }
    cor_dtype dtype = call->inputs[0]->dtype;
    for (int i = 1; i < call->n_inputs; i++) dtype = cor_promote_types(dtype, call->inputs[i]->dtype);
    describe_like(call, first->ndim, first->sizes, dtype);
    call->out[0].sizes[dim] = is_skipped(first) ? 0 : length;
    return COR_OK;
}

static int cat_forward(cor__call *call) {
    cor_tensor *out = call->outputs[0];
    int dim = cor__wrap_dim(((const cor_cat_options *)call->options)->dim, out->ndim);
    int64_t at = 0;
    for (int i = 0; i < call->n_inputs; i++) {
        const cor_tensor *t = call->inputs[i];
        if (is_skipped(t)) continue;
        cor_tensor *part =
            cor__tensor_over(out->storage, out->dtype, t->sizes, out->strides, out->ndim, at * out->strides[dim]);
        int code = copy_into(part, t);
        cor__release(part);
        if (code != COR_OK) return code;
        at += t->sizes[dim];
    }
    return COR_OK;
}

static int cat_backward(cor__backward *pass) {
    cor_tensor *g = pass->grads[0];
    const int dim = cor__wrap_dim(((const cor_cat_options *)pass->options)->dim, g->ndim);
    int64_t at = 0;
    for (int i = 0; i < pass->node->n_edges && cor_error() == COR_OK; i++) {
        const cor__edge *input = &pass->node->edges[i];
        const bool skipped = input->ndim == 1 && input->sizes[0] == 0 && g->ndim != 1;
        const int64_t length = skipped ? 0 : input->sizes[dim];
        if (cor__needs(pass, i) && skipped) pass->results[i] = cor_zeros_sized(input->dtype, input->sizes, 1);
        else if (cor__needs(pass, i)) pass->results[i] = cor_narrow(g, dim, at, length);
        at += length;
    }
    return cor_error();
}

const cor__op cor__op_cat = {.name = "cat",
                             .grad_fn = "CatBackward0",
                             .check = cat_check,
                             .forward = cat_forward,
                             .describe = cor_cat_options_describe,
                             .backward = cat_backward,
                             .reads_options = sizeof(cor_cat_options)};
const cor__op cor__op_stack = {.name = "stack",
                               .grad_fn = "StackBackward0",
                               .check = cat_check,
                               .forward = cat_forward,
                               .describe = cor_cat_options_describe,
                               .backward = cat_backward,
                               .reads_options = sizeof(cor_cat_options)};

static int check_list(cor_list list, const cor_cat_options *options, const char *name) {
    if (cor_error() != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof *options, name) != COR_OK) return cor_error();
    if (list.n > 0 && list.tensors == NULL) return cor__fail(COR_EVALUE, "%s: the list of tensors is NULL", name);
    if (list.n < 1)
        return cor__fail(COR_EVALUE, strcmp(name, "stack") == 0 ? "stack expects a non-empty TensorList"
                                                                : "torch.cat(): expected a non-empty list of Tensors");
    if (list.n > INT32_MAX) return cor__fail(COR_ELIMIT, "%s: %lld tensors are too many", name, (long long)list.n);
    return COR_OK;
}

cor_tensor *cor_cat_with(cor_list tensors, const cor_cat_options *options) {
    cor_cat_options room;
    if (check_list(tensors, options, "cat") != COR_OK) return NULL;
    return cor__apply1(&cor__op_cat, tensors.tensors, (int)tensors.n, cor_cat_options_or_defaults(options, &room));
}

/* Every tensor gets the new dimension as a view; then they are joined along it. */
cor_tensor *cor_stack_with(cor_list tensors, const cor_cat_options *options) {
    cor_cat_options room, along = {.struct_size = sizeof along};
    if (check_list(tensors, options, "stack") != COR_OK) return NULL;
    const cor_tensor *first = tensors.tensors[0];
    char own[COR__SIZES_TEXT], other[COR__SIZES_TEXT];
    for (int64_t i = 0; i < tensors.n; i++) {
        const cor_tensor *t = tensors.tensors[i];
        if (t == NULL || t == COR_NONE)
            return cor__fail_null(COR_EVALUE, "stack: input %lld is NULL, a failed or missing tensor", (long long)i);
        const bool same = cor__has_sizes(t, first->sizes, first->ndim);
        if (!same)
            return cor__fail_null(COR_ESHAPE,
                                  "stack expects each tensor to be equal size, but got %s at entry 0 and %s at "
                                  "entry %lld",
                                  cor__sizes_text(own, first->sizes, first->ndim),
                                  cor__sizes_text(other, t->sizes, t->ndim), (long long)i);
    }
    int dim = cor__wrap_dim(cor_cat_options_or_defaults(options, &room)->dim, first->ndim + 1);
    if (dim < 0) return NULL;
    cor_scope();
    cor__text list = {0}; /* bytes of the array of views */
    for (int64_t i = 0; i < tensors.n; i++) {
        cor_tensor *view = cor_unsqueeze(tensors.tensors[i], dim);
        cor__text_append_n(&list, (const char *)&view, sizeof view);
    }
    along.dim = dim;
    cor_tensor *result = NULL;
    if (cor_error() == COR_OK)
        result = cor__apply1(&cor__op_stack, (cor_tensor *const *)(const void *)list.data, (int)tensors.n, &along);
    cor__text_free(&list);
    return cor_keep(result);
}

/* ---- split and chunk -------------------------------------------------------------------------------------------- */

typedef struct division {
    int64_t part;
    int dim;
} division;

static int split_forward(cor__call *call) {
    const division *d = call->options;
    const cor_tensor *t = call->inputs[0];
    int64_t sizes[COR_MAX_DIMS];
    memcpy(sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    for (int i = 0; i < call->n_outputs; i++) {
        int64_t start = i * d->part;
        sizes[d->dim] = cor__min(d->part, t->sizes[d->dim] - start);
        call->outputs[i] =
            cor__tensor_over(t->storage, t->dtype, sizes, t->strides, t->ndim, t->offset + start * t->strides[d->dim]);
        if (call->outputs[i] == NULL) return cor_error();
        call->outputs[i]->flags |= COR__VIEW_MULTI;
    }
    return COR_OK;
}

static int split_backward(cor__backward *pass) {
    const division *d = pass->options;
    const size_t bytes = (size_t)pass->node->n_results * sizeof(cor_tensor *);
    cor_tensor **parts = cor__alloc_zero(bytes, "the gradients of parts");
    for (int k = 0; parts != NULL && k < pass->node->n_results; k++) parts[k] = cor__grad_of(pass, k);
    if (cor_error() == COR_OK) pass->results[0] = cor_cat(COR_LIST(parts, pass->node->n_results), .dim = d->dim);
    cor__free(parts, bytes);
    return cor_error();
}

const cor__op cor__op_split = {.name = "split",
                               .grad_fn = "SplitBackward0",
                               .is_view = true,
                               .forward = split_forward,
                               .backward = split_backward,
                               .reads_options = sizeof(division)};

static int64_t divide(cor_tensor *t, int64_t part, int dim, cor_tensor **parts, int64_t room) {
    division d = {.part = part, .dim = dim};
    int64_t n = part == 0 ? 1 : cor__max(1, cor__ceil_div(t->sizes[dim], part));
    if (n > room || n > INT32_MAX)
        return cor__fail(COR_ELIMIT, "split: there are %lld parts, but room for %lld", (long long)n, (long long)room);
    if (parts == NULL) return cor__fail(COR_EVALUE, "split: the array of parts is NULL");
    int code = cor__apply(&cor__op_split, &t, 1, &d, parts, (int)n);
    return code == COR_OK ? n : code;
}

static int check_divisible(const cor_tensor *t, int64_t dim, const char *name, int *at) {
    if (cor_error() != COR_OK) return cor_error();
    if (t == NULL || t == COR_NONE)
        return cor__fail(COR_EVALUE, "%s: the tensor is NULL, a failed or missing tensor", name);
    if (t->ndim == 0) return cor__fail(COR_ESHAPE, "%s expects at least a 1-dimensional tensor", name);
    *at = cor__wrap_dim(dim, t->ndim);
    return *at < 0 ? cor_error() : COR_OK;
}

int64_t cor_split(cor_tensor *t, int64_t split_size, int64_t dim, cor_tensor **parts, int64_t room) {
    int at = 0;
    if (check_divisible(t, dim, "split", &at) != COR_OK) return cor_error();
    if (split_size < 0)
        return cor__fail(COR_EVALUE, "split expects split_size be non-negative, but got split_size=%lld",
                         (long long)split_size);
    if (split_size == 0 && t->sizes[at] != 0)
        return cor__fail(COR_EVALUE, "split_size can only be 0 if dimension size is 0, but got dimension size of %lld",
                         (long long)t->sizes[at]);
    return divide(t, split_size, at, parts, room);
}

int64_t cor_chunk(cor_tensor *t, int64_t chunks, int64_t dim, cor_tensor **parts, int64_t room) {
    int at = 0;
    if (check_divisible(t, dim, "chunk", &at) != COR_OK) return cor_error();
    if (chunks <= 0)
        return cor__fail(COR_EVALUE, "chunk expects `chunks` to be greater than 0, got: %lld", (long long)chunks);
    int64_t part = cor__ceil_div(t->sizes[at], chunks);
    return divide(t, part, at, parts, room);
}
