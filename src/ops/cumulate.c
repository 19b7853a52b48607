/* cumulate.c: running sums. */
#include "base/error.h"
#include "base/sizes.h"
#include "ops/backward.h"
#include "ops/reduce.h"
#include <corrie/reduce.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_cumsum_options, COR_CUMSUM_OPTIONS)

/* cumsum's options with the dimension. */
typedef struct request {
    cor_cumsum_options options;
    int64_t dim;
} request;

typedef struct job {
    cor__lines in, out;
} job;

/* Replaces n elements by their running sums, from *carry on, which becomes the last of them. */
#define RUNNING(type)                                                                                                  \
    static void run_##type(int64_t n, type *x, type *carry) {                                                          \
        for (int64_t i = 0; i < n; i++) x[i] = *carry += x[i];                                                         \
    }
RUNNING(uint64_t)
RUNNING(float)
RUNNING(double)

static void run_lines(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    _Alignas(64) char room[COR__BLOCK * 8];
    cor_dtype compute = j->in.compute;
    for (int64_t line = begin; line < end; line++) {
        _Alignas(8) char carry[8] = {0}; /* zero in every type */
        for (int64_t at = 0; at < j->in.length; at += COR__BLOCK) {
            int64_t n = cor__min(COR__BLOCK, j->in.length - at);
            const void *x = cor__line_read(&j->in, line, at, n, room);
            if (x != room) memcpy(room, x, (size_t)(n * cor_dtype_size(compute)));
            if (compute == COR_INT64) run_uint64_t(n, (uint64_t *)(void *)room, (uint64_t *)(void *)carry);
            else if (compute == COR_FLOAT32) run_float(n, (float *)(void *)room, (float *)(void *)carry);
            else run_double(n, (double *)(void *)room, (double *)(void *)carry);
            cor__line_write(&j->out, line, at, n, room);
        }
    }
}

static int cumsum_check(cor__call *call) {
    const request *r = call->options;
    const cor_tensor *t = call->inputs[0];
    if (cor__wrap_dim(r->dim, t->ndim) < 0) return cor_error();
    call->out[0].dtype = cor__sum_dtype(t->dtype, r->options.dtype);
    call->out[0].ndim = t->ndim;
    memcpy(call->out[0].sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    return COR_OK;
}

static int cumsum_forward(cor__call *call) {
    const cor_tensor *t = call->inputs[0], *out = call->outputs[0];
    int d = cor__wrap_dim(((const request *)call->options)->dim, t->ndim);
    if (d < 0) return cor_error();
    cor_dtype compute = !cor_dtype_is_floating(out->dtype) ? COR_INT64
                        : cor_dtype_size(out->dtype) == 2  ? COR_FLOAT32
                                                           : COR_FLOAT64;
    job j = {.in = cor__lines_of_dim(t, d, compute), .out = cor__lines_of_dim(out, d, compute)};
    if (t->numel == 0) return COR_OK;
    return cor_parallel_for(j.in.count, cor__max(1, 16384 / j.in.length), run_lines, &j);
}

/* Each element is in all sums from its own on: the sum of what follows, and its own. */
static int cumsum_backward(cor__backward *pass) {
    const int64_t dim = ((const request *)pass->options)->dim;
    cor_tensor *g = pass->grads[0];
    if (g != NULL && g->ndim == 0) return cor__same_backward(pass);
    cor_tensor *after = cor_sub(cor_sum(g, .dim = dim, .keepdim = true), cor_cumsum(g, dim));
    pass->results[0] = cor_add(after, g);
    return cor_error();
}

const cor__op cor__op_cumsum = {.name = "cumsum",
                                .grad_fn = "CumsumBackward0",
                                .check = cumsum_check,
                                .forward = cumsum_forward,
                                .describe = cor_cumsum_options_describe,
                                .backward = cumsum_backward,
                                .reads_options = sizeof(request)};

cor_tensor *cor_cumsum_with(cor_tensor *t, int64_t dim, const cor_cumsum_options *options) {
    request r = {.dim = dim};
    cor_cumsum_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "cumsum") != COR_OK) return NULL;
    r.options = *cor_cumsum_options_or_defaults(options, &room);
    if (r.options.dtype != COR_DTYPE_UNSET && cor_dtype_size(r.options.dtype) == 0)
        return cor__fail_null(COR_EDTYPE, "cumsum: %d is not a dtype", (int)r.options.dtype);
    return cor__apply1(&cor__op_cumsum, &t, 1, &r);
}
