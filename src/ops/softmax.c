/* softmax.c: softmax, log_softmax and softmin. Lines that are not contiguous are brought to a buffer, so that the bits
 * do not depend on the layout. */
#include "kernels/softmax.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "ops/op.h"
#include "ops/reduce_lines.h"
#include "tensor/iterate.h"
#include <corrie/math.h>
#include <corrie/softmax.h>
#include <string.h>

typedef struct job {
    cor__lines in, out;
    cor__softmax_loop loop;
} job;

static void run_lines(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    int64_t n = j->in.length, bytes;
    if (!cor__mul_ok(n, cor_dtype_size(j->in.compute), &bytes)) return;
    void *room = cor__alloc((size_t)bytes, "a line of softmax");
    if (room == NULL) return;
    for (int64_t line = begin; line < end; line++) {
        j->loop(n, room, cor__line_read(&j->in, line, 0, n, room));
        cor__line_write(&j->out, line, 0, n, room);
    }
    cor__free(room, (size_t)bytes);
}

static int softmax_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    if (cor__wrap_dim(*(const int64_t *)call->options, t->ndim) < 0) return cor_error();
    if (!cor_dtype_is_floating(t->dtype))
        return cor__fail(COR_EDTYPE, "\"%s_kernel_impl\" not implemented for '%s'", call->op->name,
                         cor__scalar_type_name(t->dtype));
    call->out[0].dtype = t->dtype;
    call->out[0].ndim = t->ndim;
    memcpy(call->out[0].sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    return COR_OK;
}

static int run(cor__call *call, const cor__softmax_loop *loops) {
    const cor_tensor *t = call->inputs[0];
    cor_dtype compute = cor__compute_dtype(t->dtype);
    int d = cor__wrap_dim(*(const int64_t *)call->options, t->ndim);
    if (d < 0) return cor_error();
    job j = {.in = cor__lines_of_dim(t, d, compute),
             .out = cor__lines_of_dim(call->outputs[0], d, compute),
             .loop = loops[compute]};
    if (t->numel == 0) return COR_OK;
    return cor_parallel_for(j.in.count, cor__max(1, 4096 / j.in.length), run_lines, &j);
}

static int softmax_forward(cor__call *call) { return run(call, cor__kernels_now()->exact->softmax->softmax); }
static int log_softmax_forward(cor__call *call) { return run(call, cor__kernels_now()->exact->softmax->log_softmax); }

static const cor__option *describe_dim(int *n) {
    static const cor__option rows[] = {{"dim", COR__INTEGER, 0, sizeof(int64_t)}};
    *n = 1;
    return rows;
}

const cor__op cor__op_softmax = {.name = "softmax",
                                 .grad_fn = "SoftmaxBackward0",
                                 .check = softmax_check,
                                 .forward = softmax_forward,
                                 .describe = describe_dim};
const cor__op cor__op_log_softmax = {.name = "log_softmax",
                                     .grad_fn = "LogSoftmaxBackward0",
                                     .check = softmax_check,
                                     .forward = log_softmax_forward,
                                     .describe = describe_dim};

cor_tensor *cor_softmax(cor_tensor *t, int64_t dim) { return cor__apply1(&cor__op_softmax, &t, 1, &dim); }
cor_tensor *cor_log_softmax(cor_tensor *t, int64_t dim) { return cor__apply1(&cor__op_log_softmax, &t, 1, &dim); }

cor_tensor *cor_softmin(cor_tensor *t, int64_t dim) {
    cor_scope();
    return cor_keep(cor_softmax(cor_mul(t, -1), dim));
}
