/* batch_norm_back.c: the gradients of batch_norm, channel by channel, in two passes over each. */
#include "base/error.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "kernels/norm.h"
#include "ops/batch_norm.h"
#include "ops/op_list_table.h"
#include "tensor/iterate.h"
#include <corrie/norm.h>
#include <math.h>
#include <string.h>

enum { GRAD, INPUT, WEIGHT, MEAN, VAR }; /* of the inputs; the last two in evaluation only */
enum { OF_INPUT, OF_WEIGHT, OF_BIAS };   /* of the outputs, the last two in the dtype computed in */
enum { CHANNEL_GRAIN = 1 << 14 };        /* elements a thread should get at least */

static int check(cor__call *call) {
    const cor_tensor *x = call->inputs[INPUT];
    call->out[OF_INPUT] = (cor__meta){.dtype = x->dtype, .ndim = x->ndim};
    memcpy(call->out[OF_INPUT].sizes, x->sizes, sizeof(int64_t) * (size_t)x->ndim);
    call->out[OF_WEIGHT] = call->out[OF_BIAS] =
        (cor__meta){.dtype = cor__compute_dtype(x->dtype), .ndim = 1, .sizes = {x->sizes[1]}};
    return COR_OK;
}

typedef struct job {
    const cor__call *call;
    const cor_tensor *x, *grad; /* contiguous, in the dtype computed in */
    cor_tensor *y;
} job;

static double value_of(const cor_tensor *t, int64_t i, double otherwise) {
    if (t == COR_NONE) return otherwise;
    return cor__load_double((const char *)cor__data(t) + i * t->strides[0] * cor_dtype_size(t->dtype), t->dtype);
}

static double mean_of(const void *x, cor__channel c, cor_dtype dtype) {
    const cor__norm_kernels *norm = cor__kernels_now()->exact->norm;
    double sum = 0;
    for (int64_t i = 0; i < c.n; i++) sum += norm->line_sum[dtype](c.size, cor__channel_plane(x, c, i, dtype));
    return sum / fmax(1, (double)(c.n * c.size));
}

/* With r the inverse deviation, x^ = (x - mean) r and w the weight: of the weight sum(g x^), of the bias sum(g), of x
 * w r (g - mean(g) - x^ mean(g x^)), or w r g where mean and variance are given. */
static void run_channel(const job *j, int64_t channel, cor__channel c, const void *x, const void *grad, void *y) {
    const cor_batch_norm_options *o = j->call->options;
    const cor__norm_kernels *norm = cor__kernels_now()->exact->norm;
    const cor_dtype dtype = j->x->dtype;
    const double n = fmax(1, (double)(c.n * c.size)); /* of none all sums are 0 */
    const double mean = o->training ? mean_of(x, c, dtype) : value_of(j->call->inputs[MEAN], channel, 0);
    const double centre = dtype == COR_FLOAT64 ? mean : (double)(float)mean;
    double sums[4] = {0};
    for (int64_t i = 0; i < c.n; i++)
        norm->gradient_sums[dtype](c.size, cor__channel_plane(x, c, i, dtype), cor__channel_plane(grad, c, i, dtype),
                                   centre, sums);
    const double off = o->training ? sums[0] / n : mean - centre; /* what centre lacks to the mean */
    const double var = o->training ? sums[1] / n - off * off : value_of(j->call->inputs[VAR], channel, 1);
    const double r = 1 / sqrt(var + o->eps), of_weight = r * (sums[3] - off * sums[2]);
    const double a = r * value_of(j->call->inputs[WEIGHT], channel, 1);
    const double b = o->training ? -a * r * of_weight / n : 0, d = o->training ? -a * sums[2] / n - b * off : 0;
    const int64_t at = channel * cor_dtype_size(dtype);
    cor__store_number((char *)cor__data(j->call->outputs[OF_WEIGHT]) + at, dtype, COR_OPERAND(of_weight));
    cor__store_number((char *)cor__data(j->call->outputs[OF_BIAS]) + at, dtype, COR_OPERAND(sums[2]));
    for (int64_t i = 0; i < c.n; i++)
        norm->combine[dtype](c.size, cor__channel_plane(y, c, i, dtype), cor__channel_plane(x, c, i, dtype),
                             cor__channel_plane(grad, c, i, dtype), centre, a, b, d);
}

static void run_short(const job *j, int64_t channel, cor__channel c) {
    const cor_dtype dtype = j->x->dtype;
    cor__line x, grad;
    cor__channel_gather(&x, cor__data(j->x), c, dtype);
    const cor__channel all = cor__channel_gather(&grad, cor__data(j->grad), c, dtype);
    run_channel(j, channel, all, x.bytes, grad.bytes, grad.bytes);
    cor__channel_scatter(&grad, cor__data(j->y), c, dtype);
}

static void run_channels(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    const int64_t channels = j->x->sizes[1], n = j->x->sizes[0], plane = n == 0 ? 0 : j->x->numel / (n * channels);
    for (int64_t i = begin; i < end; i++) {
        const cor__channel c = {n, plane, plane * channels, i * plane};
        if (cor__channel_is_short(c)) run_short(j, i, c);
        else run_channel(j, i, c, cor__data(j->x), cor__data(j->grad), cor__data(j->y));
    }
}

static int run(job *j) {
    const int64_t channels = j->x->sizes[1];
    if (channels == 0) return COR_OK;
    return cor_parallel_for(channels, cor__max(1, CHANNEL_GRAIN / cor__max(1, j->x->numel / channels)), run_channels,
                            j);
}

static int forward(cor__call *call) {
    cor_tensor *y = call->outputs[OF_INPUT];
    const cor_dtype dtype = cor__compute_dtype(y->dtype);
    cor_tensor *wide = y->dtype == dtype ? cor__retain(y) : cor__empty(dtype, y->sizes, y->ndim);
    cor_tensor *grad = cor__contiguous_as(call->inputs[GRAD], dtype),
               *x = cor__contiguous_as(call->inputs[INPUT], dtype);
    int code = wide == NULL || grad == NULL || x == NULL ? cor_error() : COR_OK;
    if (code == COR_OK) code = run(&(job){.call = call, .x = x, .grad = grad, .y = wide});
    if (code == COR_OK && wide != y) code = cor__copy(y, wide);
    cor__release(x);
    cor__release(grad);
    cor__release(wide);
    return code;
}

const cor__op cor__op_batch_norm_backward = {
    .name = "batch_norm_backward", .optional = 1 << WEIGHT | 1 << MEAN | 1 << VAR, .check = check, .forward = forward};
