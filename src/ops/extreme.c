/* extreme.c: the smallest or largest element and where it is. Every block of a line gives its extreme and the first
 * index that has it; of the blocks, the first with the line's extreme counts. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "ops/backward.h"
#include "ops/reduce.h"
#include <corrie/reduce.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_max_options, COR_MAX_OPTIONS)
COR__DEFINE_OPTIONS(cor_argmax_options, COR_ARGMAX_OPTIONS)

typedef struct job {
    cor__lines lines;
    cor__fold_loop fold;
    cor__block_loop block;
    cor__find_loop find;
    int64_t size, blocks;
    char *values;     /* [lines][blocks], of the compute dtype; in the end [lines] */
    int64_t *indices; /* the same */
} job;

/* Items are blocks of lines: item i is block i % blocks of line i / blocks. */
static void run_blocks(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    _Alignas(64) char room[COR__BLOCK * 8];
    for (int64_t i = begin; i < end; i++) {
        int64_t at = i % j->blocks * COR__BLOCK, n = cor__min(COR__BLOCK, j->lines.length - at);
        const char *x = cor__line_read(&j->lines, i / j->blocks, at, n, room);
        char *value = j->values + i * j->size;
        j->block(n, x, value);
        int64_t index = j->find(n, x, value);
        j->indices[i] = at + index;
        memcpy(value, x + index * j->size, (size_t)j->size); /* of 0 and -0 the one that is there */
    }
}

/* Leaves line i's extreme and index at i. */
static void join_blocks(const job *j) {
    _Alignas(8) char value[8];
    for (int64_t i = 0; i < j->lines.count; i++) {
        const char *values = j->values + i * j->blocks * j->size;
        memcpy(value, values, (size_t)j->size);
        for (int64_t b = 1; b < j->blocks; b++) j->fold(1, 1, value, value, values + b * j->size, 0);
        int64_t block = j->find(j->blocks, values, value);
        memmove(j->values + i * j->size, values + block * j->size, (size_t)j->size);
        j->indices[i] = j->indices[i * j->blocks + block];
    }
}

/* Writes the extremes of the lines of t to `values` and where they are to `indices`; either may be NULL. */
static int find_extremes(const cor_tensor *t, const bool *marks, cor__fold which, const cor_tensor *values,
                         const cor_tensor *indices) {
    const cor__reduce_kernels *kernels = cor__kernels_now()->exact->reduce;
    cor_dtype compute = cor__fold_dtype(t->dtype);
    job j = {.lines = cor__lines_of(t, marks, compute),
             .fold = kernels->fold[which][compute],
             .block = kernels->block[which][compute],
             .find = kernels->find[compute],
             .size = cor_dtype_size(compute)};
    int64_t items, bytes, grain = cor__max(1, 16384 / cor__max(1, cor__min(j.lines.length, COR__BLOCK)));
    j.blocks = cor__ceil_div(j.lines.length, COR__BLOCK);
    if (j.lines.count == 0) return COR_OK;
    if (!cor__mul_ok(j.lines.count, j.blocks, &items) || !cor__mul_ok(items, 8 + j.size, &bytes))
        return cor__fail(COR_ELIMIT, "the reduction is too large");
    j.indices = cor__alloc((size_t)bytes, "the partial results of an extreme");
    if (j.indices == NULL) return cor_error();
    j.values = (char *)(j.indices + items);
    int code = cor_parallel_for(items, grain, run_blocks, &j);
    if (code == COR_OK && j.blocks > 1) join_blocks(&j);
    if (code == COR_OK && values != NULL) cor__write_results(values, j.values, compute);
    if (code == COR_OK && indices != NULL) cor__write_results(indices, j.indices, COR_INT64);
    cor__free(j.indices, (size_t)bytes);
    return code;
}

/* ---- min and max ------------------------------------------------------------------------------------------------ */

static int mark(const cor__call *call, int64_t dim, bool *marks) {
    if (cor__mark_dims(call->inputs[0], dim, &(cor_dims)COR_DIMS_UNSET, true, marks) != COR_OK) return cor_error();
    return cor__check_not_empty(call, dim == COR_UNSET, marks);
}

static int max_check(cor__call *call) {
    const cor_max_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (mark(call, o->dim, marks) != COR_OK) return cor_error();
    cor__describe_reduced(call, 0, call->inputs[0]->dtype, marks, o->keepdim);
    if (call->n_outputs > 1) cor__describe_reduced(call, 1, COR_INT64, marks, o->keepdim);
    return COR_OK;
}

static int max_or_min(cor__call *call, cor__fold which) {
    const cor_max_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (mark(call, o->dim, marks) != COR_OK) return cor_error();
    if (call->n_outputs > 1) return find_extremes(call->inputs[0], marks, which, call->outputs[0], call->outputs[1]);
    cor__reduction r = {.lines = cor__lines_of(call->inputs[0], marks, cor__fold_dtype(call->inputs[0]->dtype)),
                        .fold = which};
    return cor__reduce_into(call->outputs[0], &r, NULL, 0);
}

static int max_forward(cor__call *call) { return max_or_min(call, COR__FOLD_MAX); }
static int min_forward(cor__call *call) { return max_or_min(call, COR__FOLD_MIN); }

static int whole_backward(cor__backward *pass) {
    const cor_dims all = COR_DIMS_UNSET;
    return cor__extreme_backward(pass, COR_UNSET, &all, false);
}

/* Along a dimension the element that the index names gets all. */
static int along_backward(cor__backward *pass) {
    const cor_max_options *o = pass->options;
    const cor_dims all = COR_DIMS_UNSET;
    cor_tensor *g = cor__unreduce(pass, pass->grads[0], o->dim, &all, o->keepdim, false);
    cor_tensor *indices = cor__unreduce(pass, cor__kept_output(pass, 1), o->dim, &all, o->keepdim, false);
    pass->results[0] = cor__put_back(pass, g, indices, o->dim);
    return cor_error();
}

#define WHOLE .backward = whole_backward, .reads_inputs = {1}, .reads_outputs = 1
#define ALONG .backward = along_backward, .reads_options = sizeof(cor_max_options), .reads_outputs = 2

const cor__op cor__op_max = {.name = "max",
                             .grad_fn = "MaxBackward1",
                             .check = max_check,
                             .forward = max_forward,
                             .describe = cor_max_options_describe,
                             WHOLE};
const cor__op cor__op_max_dim = {.name = "max",
                                 .grad_fn = "MaxBackward0",
                                 .check = max_check,
                                 .forward = max_forward,
                                 .describe = cor_max_options_describe,
                                 ALONG};
const cor__op cor__op_min = {.name = "min",
                             .grad_fn = "MinBackward1",
                             .check = max_check,
                             .forward = min_forward,
                             .describe = cor_max_options_describe,
                             WHOLE};
const cor__op cor__op_min_dim = {.name = "min",
                                 .grad_fn = "MinBackward0",
                                 .check = max_check,
                                 .forward = min_forward,
                                 .describe = cor_max_options_describe,
                                 ALONG};

static cor_tensor *apply_max(const cor__op *whole, const cor__op *along, cor_tensor *t,
                             const cor_max_options *options) {
    cor_max_options room;
    cor_tensor *outputs[2] = {NULL};
    if (cor__check_options(options, sizeof room, whole->name) != COR_OK) return NULL;
    const cor_max_options *o = cor_max_options_or_defaults(options, &room);
    if (o->indices != NULL) *o->indices = NULL;
    if (o->dim == COR_UNSET) {
        if (o->indices == NULL) return cor__apply1(whole, &t, 1, o);
        return cor__fail_null(COR_EVALUE, "%s: .indices needs .dim", whole->name);
    }
    cor__apply(along, &t, 1, o, outputs, 2);
    if (o->indices != NULL) *o->indices = outputs[1];
    return outputs[0];
}

cor_tensor *cor_max_with(cor_tensor *t, const cor_max_options *options) {
    return apply_max(&cor__op_max, &cor__op_max_dim, t, options);
}
cor_tensor *cor_min_with(cor_tensor *t, const cor_max_options *options) {
    return apply_max(&cor__op_min, &cor__op_min_dim, t, options);
}

/* ---- argmin and argmax ------------------------------------------------------------------------------------------ */

static int argmax_check(cor__call *call) {
    const cor_argmax_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (call->inputs[0]->dtype == COR_BOOL)
        return cor__fail(COR_EDTYPE, "%s(): does not support bool input", call->op->name);
    if (mark(call, o->dim, marks) != COR_OK) return cor_error();
    cor__describe_reduced(call, 0, COR_INT64, marks, o->keepdim);
    return COR_OK;
}

static int arg(cor__call *call, cor__fold which) {
    bool marks[COR_MAX_DIMS];
    if (mark(call, ((const cor_argmax_options *)call->options)->dim, marks) != COR_OK) return cor_error();
    return find_extremes(call->inputs[0], marks, which, NULL, call->outputs[0]);
}

static int argmax_forward(cor__call *call) { return arg(call, COR__FOLD_MAX); }
static int argmin_forward(cor__call *call) { return arg(call, COR__FOLD_MIN); }

const cor__op cor__op_argmax = {
    .name = "argmax", .check = argmax_check, .forward = argmax_forward, .describe = cor_argmax_options_describe};
const cor__op cor__op_argmin = {
    .name = "argmin", .check = argmax_check, .forward = argmin_forward, .describe = cor_argmax_options_describe};

static cor_tensor *apply_arg(const cor__op *op, cor_tensor *t, const cor_argmax_options *options) {
    cor_argmax_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, op->name) != COR_OK) return NULL;
    return cor__apply1(op, &t, 1, cor_argmax_options_or_defaults(options, &room));
}

cor_tensor *cor_argmax_with(cor_tensor *t, const cor_argmax_options *options) {
    return apply_arg(&cor__op_argmax, t, options);
}
cor_tensor *cor_argmin_with(cor_tensor *t, const cor_argmax_options *options) {
    return apply_arg(&cor__op_argmin, t, options);
}
