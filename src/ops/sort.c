/* sort.c: sort and topk. Elements are brought to unsigned keys in the order wanted, and the keys with their indices
 * sorted by radix, byte by byte from the lowest: stable, and linear in the number of elements. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "ops/backward.h"
#include "ops/op.h"
#include "ops/reduce_lines.h"
#include <corrie/reduce.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_sort_options, COR_SORT_OPTIONS)
COR__DEFINE_OPTIONS(cor_topk_options, COR_TOPK_OPTIONS)

enum { SMALL = 48 }; /* elements that insertion sorts faster */

typedef struct entry {
    uint64_t key;
    int64_t index;
} entry;

typedef struct job {
    cor__lines in, values, indices;
    bool descending;
} job;

/* ---- keys ------------------------------------------------------------------------------------------------------- */

/* Positive floats are ordered as their bits are, negative ones the other way round; -0 equals 0, and every NaN is
 * the largest. `sign` is the sign bit, `infinity` the bits of infinity. */
static uint64_t float_key(uint64_t bits, uint64_t sign, uint64_t infinity) {
    uint64_t magnitude = bits & (sign - 1);
    if (magnitude > infinity) return sign | (sign - 1);
    return bits & sign ? sign - magnitude : sign | magnitude;
}

static uint64_t key_of(const void *x, int64_t i, cor_dtype dtype) {
    switch (dtype) {
    case COR_BOOL:
    case COR_UINT8:
        return ((const uint8_t *)x)[i];
    case COR_INT8:
        return (uint8_t)((const int8_t *)x)[i] ^ 0x80u;
    case COR_INT16:
        return (uint16_t)((const int16_t *)x)[i] ^ 0x8000u;
    case COR_INT32:
        return (uint32_t)((const int32_t *)x)[i] ^ 0x80000000u;
    case COR_INT64:
        return (uint64_t)((const int64_t *)x)[i] ^ (UINT64_C(1) << 63);
    case COR_FLOAT16:
        return float_key(((const uint16_t *)x)[i], 0x8000, 0x7c00);
    case COR_BFLOAT16:
        return float_key(((const uint16_t *)x)[i], 0x8000, 0x7f80);
    case COR_FLOAT32:
        return float_key(((const uint32_t *)x)[i], 0x80000000u, 0x7f800000u);
    default:
        return float_key(((const uint64_t *)x)[i], UINT64_C(1) << 63, UINT64_C(0x7ff) << 52);
    }
}

/* ---- sorting entries -------------------------------------------------------------------------------------------- */

static void insertion(entry *e, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        entry moving = e[i];
        int64_t at = i;
        for (; at > 0 && e[at - 1].key > moving.key; at--) e[at] = e[at - 1];
        e[at] = moving;
    }
}

/* Sorts by one byte of the key into `to`; false, with nothing done, if it is the same in all. */
static bool radix_pass(const entry *from, entry *to, int64_t n, int shift) {
    int64_t starts[256] = {0};
    for (int64_t i = 0; i < n; i++) starts[from[i].key >> shift & 255]++;
    if (starts[from[0].key >> shift & 255] == n) return false;
    for (int64_t b = 0, sum = 0; b < 256; b++) {
        int64_t count = starts[b];
        starts[b] = sum;
        sum += count;
    }
    for (int64_t i = 0; i < n; i++) to[starts[from[i].key >> shift & 255]++] = from[i];
    return true;
}

/* Sorts n entries stably; the result is in e or in spare, and returned. */
static const entry *sort_entries(entry *e, entry *spare, int64_t n, int64_t bytes) {
    if (n <= SMALL) {
        insertion(e, n);
        return e;
    }
    for (int byte = 0; byte < bytes; byte++) {
        if (!radix_pass(e, spare, n, 8 * byte)) continue;
        entry *other = e;
        e = spare;
        spare = other;
    }
    return e;
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static void sort_line(const job *j, int64_t line, char *room) {
    int64_t n = j->in.length, keep = j->values.length, size = cor_dtype_size(j->in.dtype);
    uint64_t flip = j->descending ? UINT64_MAX >> (64 - 8 * size) : 0;
    entry *e = (entry *)(void *)room, *spare = e + n;
    char *copy = (char *)(spare + n);
    const char *x = cor__line_read(&j->in, line, 0, n, copy);
    for (int64_t i = 0; i < n; i++) e[i] = (entry){key_of(x, i, j->in.dtype) ^ flip, i};
    const entry *sorted = sort_entries(e, spare, n, size);
    char *values = copy + n * size;
    int64_t *indices = (int64_t *)(void *)(values + n * size + (-2 * n * size & 7));
    for (int64_t i = 0; i < keep; i++) {
        memcpy(values + i * size, x + sorted[i].index * size, (size_t)size);
        indices[i] = sorted[i].index;
    }
    cor__line_write(&j->values, line, 0, keep, values);
    cor__line_write(&j->indices, line, 0, keep, indices);
}

static void sort_lines(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    int64_t each = 2 * (int64_t)sizeof(entry) + 2 * cor_dtype_size(j->in.dtype) + 8, bytes;
    if (!cor__mul_ok(j->in.length, each, &bytes)) {
        cor__fail(COR_ELIMIT, "too many elements to sort");
        return;
    }
    char *room = cor__alloc((size_t)bytes + 8, "sorting");
    if (room == NULL) return;
    for (int64_t line = begin; line < end; line++) sort_line(j, line, room);
    cor__free(room, (size_t)bytes + 8);
}

static int sort_into(cor__call *call, int64_t dim, bool descending) {
    const cor_tensor *t = call->inputs[0], *values = call->outputs[0], *indices = call->outputs[1];
    int d = cor__wrap_dim(dim, t->ndim);
    if (d < 0) return cor_error();
    job j = {.in = cor__lines_of_dim(t, d, t->dtype),
             .values = cor__lines_of_dim(values, d, t->dtype),
             .indices = cor__lines_of_dim(indices, d, COR_INT64),
             .descending = descending};
    if (values->numel == 0) return COR_OK;
    return cor_parallel_for(j.in.count, cor__max(1, 4096 / j.in.length), sort_lines, &j);
}

/* Describes values and indices: input 0 with dimension d of the given length. */
static void describe(cor__call *call, int d, int64_t length) {
    const cor_tensor *t = call->inputs[0];
    for (int i = 0; i < 2; i++) {
        call->out[i].dtype = i == 0 ? t->dtype : COR_INT64;
        call->out[i].ndim = t->ndim;
        memcpy(call->out[i].sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
        if (t->ndim > 0) call->out[i].sizes[d] = length;
    }
}

static int64_t length_of(const cor_tensor *t, int d) { return t->ndim > 0 ? t->sizes[d] : 1; }

static int sort_check(cor__call *call) {
    int d = cor__wrap_dim(((const cor_sort_options *)call->options)->dim, call->inputs[0]->ndim);
    if (d < 0) return cor_error();
    describe(call, d, length_of(call->inputs[0], d));
    return COR_OK;
}

static int sort_forward(cor__call *call) {
    const cor_sort_options *o = call->options;
    return sort_into(call, o->dim, o->descending);
}

/* topk's options with the number of elements wanted. */
typedef struct topk_request {
    cor_topk_options options;
    int64_t k;
} topk_request;

static int topk_check(cor__call *call) {
    const topk_request *r = call->options;
    const cor_tensor *t = call->inputs[0];
    int d = cor__wrap_dim(r->options.dim, t->ndim);
    if (d < 0) return cor_error();
    if (r->k < 0 || r->k > length_of(t, d)) return cor__fail(COR_EINDEX, "selected index k out of range");
    if (t->dtype == COR_BOOL) return cor__fail(COR_EDTYPE, "topk does not support bool dtypes on CPU");
    describe(call, d, r->k);
    return COR_OK;
}

static int topk_forward(cor__call *call) {
    const topk_request *r = call->options;
    return sort_into(call, r->options.dim, r->options.largest);
}

static int sort_backward(cor__backward *pass) {
    const int64_t dim = ((const cor_sort_options *)pass->options)->dim;
    pass->results[0] = cor__put_back(pass, pass->grads[0], cor__kept_output(pass, 1), dim);
    return cor_error();
}

static int topk_backward(cor__backward *pass) {
    const int64_t dim = ((const topk_request *)pass->options)->options.dim;
    pass->results[0] = cor__put_back(pass, pass->grads[0], cor__kept_output(pass, 1), dim);
    return cor_error();
}

const cor__op cor__op_sort = {.name = "sort",
                              .grad_fn = "SortBackward0",
                              .check = sort_check,
                              .forward = sort_forward,
                              .describe = cor_sort_options_describe,
                              .backward = sort_backward,
                              .reads_options = sizeof(cor_sort_options),
                              .reads_outputs = 2};
const cor__op cor__op_topk = {.name = "topk",
                              .grad_fn = "TopkBackward0",
                              .check = topk_check,
                              .forward = topk_forward,
                              .describe = cor_topk_options_describe,
                              .backward = topk_backward,
                              .reads_options = sizeof(topk_request),
                              .reads_outputs = 2};

cor_tensor *cor_sort_with(cor_tensor *t, const cor_sort_options *options) {
    cor_sort_options room;
    cor_tensor *outputs[2];
    if (cor__check_options(options, sizeof room, "sort") != COR_OK) return NULL;
    const cor_sort_options *o = cor_sort_options_or_defaults(options, &room);
    cor__apply(&cor__op_sort, &t, 1, o, outputs, 2);
    if (o->indices != NULL) *o->indices = outputs[1];
    return outputs[0];
}

cor_tensor *cor_topk_with(cor_tensor *t, int64_t k, const cor_topk_options *options) {
    cor_topk_options room;
    cor_tensor *outputs[2];
    if (cor__check_options(options, sizeof room, "topk") != COR_OK) return NULL;
    topk_request r = {.options = *cor_topk_options_or_defaults(options, &room), .k = k};
    cor__apply(&cor__op_topk, &t, 1, &r, outputs, 2);
    if (r.options.indices != NULL) *r.options.indices = outputs[1];
    return outputs[0];
}
