/* softmax.c: softmax, log_softmax and softmin. Lines that lie side by side are worked on together, with the operations
 * of a single one, and others that are not contiguous are brought to a buffer, so that the bits do not depend on the
 * layout. */
#include "kernels/softmax.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "ops/backward.h"
#include "ops/reduce_lines.h"
#include "tensor/iterate.h"
#include <corrie/math.h>
#include <corrie/softmax.h>
#include <string.h>

enum {
    TOGETHER = 16,
    MOST_TOGETHER = 128,
    GROUP_BYTES = 1 << 18
}; /* lines side by side, and their bytes, worked on at once */

typedef struct job {
    cor__lines in, out;
    int64_t beside; /* lines side by side in memory, both in and out */
    cor__softmax_loop loop;
    cor__softmax_columns columns;
} job;

/* Lines [line, line + count), which lie side by side: in place where no conversion is needed, else in `room`. */
static void run_together(const job *j, int64_t line, int64_t count, char *room) {
    const int64_t n = j->in.length, size = cor_dtype_size(j->in.compute), row = count * size;
    const int64_t step = j->in.along.strides[0], out_step = j->out.along.strides[0];
    const char *from = cor__walk_to(&j->in.across, j->in.data, line);
    char *to = cor__walk_to(&j->out.across, j->out.data, line);
    if (j->in.dtype == j->in.compute) {
        j->columns(n, count, to, out_step / size, from, step / size);
        return;
    }
    const int64_t own = cor_dtype_size(j->in.dtype);
    for (int64_t i = 0; i < n; i++) j->in.load(count, room + i * row, size, from + i * step, own);
    j->columns(n, count, room, count, room, count);
    for (int64_t i = 0; i < n; i++) j->out.store(count, to + i * out_step, own, room + i * row, size);
}

static void run_one(const job *j, int64_t line, char *room) {
    int64_t n = j->in.length;
    j->loop(n, room, cor__line_read(&j->in, line, 0, n, room));
    cor__line_write(&j->out, line, 0, n, room);
}

static void run_lines(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    int64_t bytes, line_bytes, together = 1;
    if (!cor__mul_ok(j->in.length, cor_dtype_size(j->in.compute), &line_bytes) ||
        !cor__mul_ok(line_bytes, MOST_TOGETHER, &bytes)) {
        cor__fail(COR_ELIMIT, "softmax: a line is too long");
        return;
    }
    if (j->beside > 1)
        together = cor__max(TOGETHER, cor__min(GROUP_BYTES / line_bytes / TOGETHER * TOGETHER, MOST_TOGETHER));
    bytes = line_bytes * (j->beside > 1 && j->in.dtype == j->in.compute ? 1 : together);
    char *room = cor__alloc((size_t)bytes, "lines of softmax");
    if (room == NULL) return;
    for (int64_t line = begin, count; line < end; line += count) {
        count = cor__min(cor__min(together, end - line), j->beside - line % j->beside);
        if (j->beside > 1) run_together(j, line, count, room);
        else run_one(j, line, room);
    }
    cor__free(room, (size_t)bytes);
}

static int softmax_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    const int d = cor__wrap_dim(*(const int64_t *)call->options, t->ndim);
    if (d < 0) return cor_error();
    if (!cor_dtype_is_floating(t->dtype))
        return cor__fail(COR_EDTYPE, "\"%s%s_kernel_impl\" not implemented for '%s'", call->op->name,
                         d >= t->ndim - 1 ? "_lastdim" : "", cor__scalar_type_name(t->dtype));
    call->out[0].dtype = t->dtype;
    call->out[0].ndim = t->ndim;
    memcpy(call->out[0].sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    return COR_OK;
}

static int run(cor__call *call, const cor__softmax_loop *loops, const cor__softmax_columns *columns) {
    const cor_tensor *t = call->inputs[0];
    cor_dtype compute = cor__compute_dtype(t->dtype);
    int d = cor__wrap_dim(*(const int64_t *)call->options, t->ndim);
    if (d < 0) return cor_error();
    job j = {.in = cor__lines_of_dim(t, d, compute),
             .out = cor__lines_of_dim(call->outputs[0], d, compute),
             .loop = loops[compute],
             .columns = columns[compute]};
    j.beside = cor__lines_beside(&j.in) == cor__lines_beside(&j.out) ? cor__lines_beside(&j.in) : 1;
    if (t->numel == 0) return COR_OK;
    return cor_parallel_for(j.in.count, cor__max(1, 4096 / j.in.length), run_lines, &j);
}

static int softmax_forward(cor__call *call) {
    const cor__softmax_kernels *kernels = cor__kernels_now()->exact->softmax;
    return run(call, kernels->softmax, kernels->softmax_columns);
}

static int log_softmax_forward(cor__call *call) {
    const cor__softmax_kernels *kernels = cor__kernels_now()->exact->softmax;
    return run(call, kernels->log_softmax, kernels->log_softmax_columns);
}

static const cor__option *describe_dim(int *n) {
    static const cor__option rows[] = {{"dim", COR__INTEGER, 0, sizeof(int64_t)}};
    *n = 1;
    return rows;
}

static int softmax_backward(cor__backward *pass) {
    const int64_t dim = *(const int64_t *)pass->options;
    cor_tensor *y = cor__kept_output(pass, 0), *weighted = cor_mul(pass->grads[0], y);
    pass->results[0] = cor_sub(weighted, cor_mul(y, cor_sum(weighted, .dim = dim, .keepdim = true)));
    return cor_error();
}

static int log_softmax_backward(cor__backward *pass) {
    const int64_t dim = *(const int64_t *)pass->options;
    cor_tensor *g = pass->grads[0], *share = cor_exp(cor__kept_output(pass, 0));
    pass->results[0] = cor_sub(g, cor_mul(share, cor_sum(g, .dim = dim, .keepdim = true)));
    return cor_error();
}

const cor__op cor__op_softmax = {.name = "softmax",
                                 .grad_fn = "SoftmaxBackward0",
                                 .check = softmax_check,
                                 .forward = softmax_forward,
                                 .describe = describe_dim,
                                 .backward = softmax_backward,
                                 .reads_options = sizeof(int64_t),
                                 .reads_outputs = 1};
const cor__op cor__op_log_softmax = {.name = "log_softmax",
                                     .grad_fn = "LogSoftmaxBackward0",
                                     .check = softmax_check,
                                     .forward = log_softmax_forward,
                                     .describe = describe_dim,
                                     .backward = log_softmax_backward,
                                     .reads_options = sizeof(int64_t),
                                     .reads_outputs = 1};

cor_tensor *cor_softmax(cor_tensor *t, int64_t dim) { return cor__apply1(&cor__op_softmax, &t, 1, &dim); }
cor_tensor *cor_log_softmax(cor_tensor *t, int64_t dim) { return cor__apply1(&cor__op_log_softmax, &t, 1, &dim); }

cor_tensor *cor_softmin(cor_tensor *t, int64_t dim) {
    cor_scope();
    return cor_keep(cor_softmax(cor_neg(t), dim));
}
