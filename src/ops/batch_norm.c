/* batch_norm.c: batch normalisation. */
#include "ops/batch_norm.h"
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "kernels/kernels.h"
#include "kernels/norm.h"
#include "ops/backward.h"
#include "ops/norm.h"
#include "ops/op_list_table.h"
#include "tensor/iterate.h"
#include <corrie/fused.h>
#include <corrie/norm.h>
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_batch_norm_options, COR_BATCH_NORM_OPTIONS)

enum { X, WEIGHT, BIAS, MEAN, VAR, INPUTS };
enum { EVALUATION = 1 << X | 1 << WEIGHT }; /* what reads running statistics, where they do not move */
enum { CHANNEL_GRAIN = 1 << 14 };           /* elements a thread should get at least */

static int check_channels(const cor__call *call, int which, const char *name, int64_t channels) {
    const cor_tensor *t = call->inputs[which];
    if (t == COR_NONE || (t->ndim == 1 && t->numel == channels)) return COR_OK;
    return cor__fail(COR_ESHAPE, "%s should contain %lld elements not %lld", name, (long long)channels,
                     (long long)t->numel);
}

static int check_channel_counts(const cor__call *call, int64_t channels) {
    static const char *const names[INPUTS] = {"", "weight", "bias", "running_mean", "running_var"};
    static const int order[] = {MEAN, VAR, WEIGHT, BIAS};
    for (int i = 0; i < 4; i++)
        if (check_channels(call, order[i], names[order[i]], channels) != COR_OK) return cor_error();
    return COR_OK;
}

static int check_eps(double given) {
    if (given >= 0) return COR_OK;
    cor__text eps = {0};
    cor__text_double(&eps, given);
    cor__fail(COR_EVALUE, "batch_norm eps must be non-negative, but got %s", eps.failed ? "" : eps.data);
    cor__text_free(&eps);
    return cor_error();
}

static int batch_norm_check(cor__call *call) {
    const cor_batch_norm_options *o = call->options;
    const cor_tensor *x = call->inputs[X];
    const int64_t channels = x->ndim < 2 ? 0 : x->sizes[1];
    char text[COR__SIZES_TEXT];
    if (check_eps(o->eps) != COR_OK) return cor_error();
    if (o->training && channels > 0 && x->numel / channels == 1)
        return cor__fail(COR_EVALUE,
                         "Expected more than 1 value per channel when training, got input size torch.Size(%s)",
                         cor__sizes_text(text, x->sizes, x->ndim));
    if ((call->inputs[MEAN] == COR_NONE) != (call->inputs[VAR] == COR_NONE))
        return cor__fail(COR_EVALUE, "running_mean and running_var must either both be None or neither be None");
    if (!o->training && call->inputs[MEAN] == COR_NONE)
        return cor__fail(COR_EVALUE, "running_mean must be defined in evaluation mode");
    if (check_channel_counts(call, channels) != COR_OK) return cor_error();
    if (x->ndim < 2)
        return cor__fail(COR_ESHAPE, "batch_norm expects at least 2 dimensions, got input size torch.Size(%s)",
                         cor__sizes_text(text, x->sizes, x->ndim));
    if (!cor_dtype_is_floating(x->dtype))
        return cor__fail(COR_EDTYPE, "\"batch_norm\" not implemented for '%s'", cor__scalar_type_name(x->dtype));
    if (cor__check_norm_dtypes(call, INPUTS) != COR_OK) return cor_error();
    call->out[0].dtype = x->dtype;
    call->out[0].ndim = x->ndim;
    memcpy(call->out[0].sizes, x->sizes, sizeof(int64_t) * (size_t)x->ndim);
    return COR_OK;
}

/* Writes x * alpha + beta over the channel, in one rounding. */
static void scale(cor_dtype dtype, const void *x, void *y, cor__channel c, double alpha, double beta) {
    const cor__norm_kernels *kernels = cor__kernels_now()->exact->norm;
    for (int64_t i = 0; i < c.n; i++) {
        const char *from = cor__channel_plane(x, c, i, dtype);
        kernels->affine[dtype](c.size, cor__channel_plane(y, c, i, dtype), from, alpha, beta);
    }
}

/* Mean and sum of squared deviations, in two passes in float64. */
static void statistics(cor_dtype dtype, const void *x, cor__channel c, double *mean, double *squares) {
    const cor__norm_kernels *kernels = cor__kernels_now()->exact->norm;
    double sum = 0, squared = 0;
    for (int64_t i = 0; i < c.n; i++) sum += kernels->sum[dtype](c.size, cor__channel_plane(x, c, i, dtype));
    *mean = sum / (double)(c.n * c.size);
    for (int64_t i = 0; i < c.n; i++)
        squared += kernels->squares[dtype](c.size, cor__channel_plane(x, c, i, dtype), *mean);
    *squares = squared;
}

static double value_of(const cor_tensor *t, int64_t i, double otherwise) {
    if (t == COR_NONE) return otherwise;
    return cor__load_double((const char *)cor__data(t) + i * t->strides[0] * cor_dtype_size(t->dtype), t->dtype);
}

/* A number as the computing dtype holds it. */
static double held(double value, cor_dtype dtype) { return dtype == COR_FLOAT64 ? value : (double)(float)value; }

/* Moves a running statistic by momentum; PyTorch rounds the mean's product, and not the variance's. */
static void move_towards(const cor__call *call, int which, int64_t i, double value) {
    const double momentum = ((const cor_batch_norm_options *)call->options)->momentum;
    cor_tensor *running = call->inputs[which];
    if (running == COR_NONE) return;
    void *p = (char *)cor__data(running) + i * running->strides[0] * cor_dtype_size(running->dtype);
    const cor_dtype dtype = running->dtype;
    const double part = held(momentum, dtype),
                 kept = held(held(1 - momentum, dtype) * cor__load_double(p, dtype), dtype);
    const double step = held(value, dtype);
    const double moved = dtype == COR_FLOAT64 ? part * step + kept
                         : which == VAR       ? (double)fmaf((float)part, (float)step, (float)kept)
                                              : held(part * step, dtype) + kept;
    cor__store_number(p, dtype, COR_OPERAND(moved));
}

typedef struct job {
    const cor__call *call;
    const cor_tensor *x;
    cor_tensor *y;
} job;

static double shift_of(const cor__call *call, cor_dtype dtype, int64_t i, double mean, double alpha) {
    const double bias = value_of(call->inputs[BIAS], i, 0);
    return dtype == COR_FLOAT64 ? fma(-mean, alpha, bias) : (double)fmaf((float)-mean, (float)alpha, (float)bias);
}

/* One over the standard deviation of channel i in evaluation. */
static double inverse_of(const cor__call *call, cor_dtype dtype, int64_t i) {
    const double eps = ((const cor_batch_norm_options *)call->options)->eps;
    const double var = held(value_of(call->inputs[VAR], i, 1) + held(eps, dtype), dtype);
    return held(1 / held(sqrt(var), dtype), dtype);
}

/* What x is multiplied by and what is added to it in a channel; in training the running statistics move. */
static void terms_of(const job *j, const void *x, cor__channel c, int64_t i, double *alpha, double *beta) {
    const cor__call *call = j->call;
    const cor_batch_norm_options *o = call->options;
    const cor_dtype dtype = j->x->dtype;
    double mean = 0, squares = 0, inverse;
    if (o->training) {
        const double n = (double)(c.n * c.size);
        statistics(dtype, x, c, &mean, &squares);
        inverse = held(1 / sqrt(squares / n + o->eps), dtype);
        move_towards(call, MEAN, i, mean);
        move_towards(call, VAR, i, squares / (n - 1));
    } else {
        mean = value_of(call->inputs[MEAN], i, 0);
        inverse = inverse_of(call, dtype, i);
    }
    mean = held(mean, dtype);
    *alpha = held(inverse * value_of(call->inputs[WEIGHT], i, 1), dtype);
    *beta = shift_of(call, dtype, i, mean, *alpha);
}

static void normalise_channel(const job *j, int64_t i, cor__channel c) {
    const cor_dtype dtype = j->x->dtype;
    double alpha, beta;
    if (!cor__channel_is_short(c)) {
        terms_of(j, cor__data(j->x), c, i, &alpha, &beta);
        scale(dtype, cor__data(j->x), cor__data(j->y), c, alpha, beta);
        return;
    }
    cor__line line;
    const cor__channel all = cor__channel_gather(&line, cor__data(j->x), c, dtype);
    terms_of(j, line.bytes, all, i, &alpha, &beta);
    scale(dtype, line.bytes, line.bytes, all, alpha, beta);
    cor__channel_scatter(&line, cor__data(j->y), c, dtype);
}

static void normalise_channels(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    const cor_tensor *x = j->x;
    const int64_t channels = x->sizes[1], plane = x->sizes[0] > 0 ? x->numel / (x->sizes[0] * channels) : 0;
    for (int64_t i = begin; i < end; i++) {
        normalise_channel(j, i, (cor__channel){x->sizes[0], plane, plane * channels, i * plane});
    }
}

static int normalise(const cor__call *call, const cor_tensor *x, cor_tensor *y) {
    job j = {.call = call, .x = x, .y = y};
    const int64_t channels = x->sizes[1];
    if (channels == 0) return COR_OK;
    return cor_parallel_for(channels, cor__max(1, CHANNEL_GRAIN / cor__max(1, x->numel / channels)), normalise_channels,
                            &j);
}

static int batch_norm_forward(cor__call *call) {
    const cor_dtype compute = cor__compute_dtype(call->inputs[X]->dtype);
    cor_tensor *y = call->outputs[0], *x = cor__contiguous_as(call->inputs[X], compute), *wide = y;
    if (x == NULL) return cor_error();
    if (compute != y->dtype) wide = cor__empty(compute, y->sizes, y->ndim);
    int code = wide == NULL ? cor_error() : normalise(call, x, wide);
    if (code == COR_OK && wide != y) code = cor__copy(y, wide);
    if (wide != y) cor__release(wide);
    cor__release(x);
    if (code == COR_OK && ((const cor_batch_norm_options *)call->options)->training)
        for (int i = MEAN; i <= VAR; i++)
            if (call->inputs[i] != COR_NONE) cor__bump_version(call->inputs[i]);
    return code;
}

/* ---- the gradient ----------------------------------------------------------------------------------------------- */

/* The gradients without a record of how they were computed, by one operation. */
static int at_once(cor__backward *pass, cor_tensor *x) {
    const cor_batch_norm_options *o = pass->options;
    const bool weighted = pass->node->edges[WEIGHT].ndim >= 0;
    cor_tensor *outputs[3],
        *inputs[] = {pass->grads[0], x, weighted ? cor__kept_input(pass, WEIGHT) : COR_NONE, COR_NONE, COR_NONE};
    for (int i = MEAN; !o->training && i <= VAR; i++) inputs[i] = cor__kept_input(pass, i);
    if (cor__apply(&cor__op_batch_norm_backward, inputs, 5, o, outputs, 3) != COR_OK) return cor_error();
    for (int i = X; i <= BIAS; i++)
        if (cor__needs(pass, i)) pass->results[i] = outputs[i];
    return COR_OK;
}

/* With x^ the normalised x, w the weight and r the inverse deviation: w r (g - mean(g) - x^ mean(g x^)) where the
 * statistics are the batch's (Ioffe and Szegedy, Batch Normalization, section 3), w r g where they are given. */
static int batch_norm_backward(cor__backward *pass) {
    const cor_batch_norm_options *o = pass->options;
    cor_tensor *g = pass->grads[0], *x = cor__kept_input(pass, X);
    if (x == NULL) return cor_error();
    if (!pass->create_graph) return at_once(pass, x);
    const cor_dims others = cor__all_but_channels(x);
    cor_tensor *mean, *var;
    if (o->training) {
        mean = cor_mean(x, .dims = others, .keepdim = true);
        var = cor_mean(cor_square(cor_sub(x, mean)), .dims = others, .keepdim = true);
    } else {
        mean = cor__by_channel(cor__kept_input(pass, MEAN), x);
        var = cor__by_channel(cor__kept_input(pass, VAR), x);
    }
    cor_tensor *inverse = cor_rsqrt(cor_add(var, o->eps)), *normal = cor_mul(cor_sub(x, mean), inverse);
    cor_tensor *weighted = cor_mul(g, normal);
    if (cor__needs(pass, WEIGHT)) pass->results[WEIGHT] = cor_sum(weighted, .dims = others);
    if (cor__needs(pass, BIAS)) pass->results[BIAS] = cor_sum(g, .dims = others);
    if (!cor__needs(pass, X)) return cor_error();
    if (pass->node->edges[WEIGHT].ndim >= 0)
        inverse = cor_mul(inverse, cor__by_channel(cor__kept_input(pass, WEIGHT), x));
    if (o->training) {
        cor_tensor *along = cor_mul(normal, cor_mean(weighted, .dims = others, .keepdim = true));
        g = cor_sub(cor_sub(g, cor_mean(g, .dims = others, .keepdim = true)), along);
    }
    pass->results[X] = cor_mul(g, inverse);
    return cor_error();
}

const cor__op cor__op_batch_norm = {
    .name = "batch_norm",
    .grad_fn = "NativeBatchNormBackward0",
    .optional = 1 << WEIGHT | 1 << BIAS | 1 << MEAN | 1 << VAR,
    .check = batch_norm_check,
    .forward = batch_norm_forward,
    .describe = cor_batch_norm_options_describe,
    .backward = batch_norm_backward,
    .reads_options = sizeof(cor_batch_norm_options),
    .reads_inputs = {[X] = 1 << X | 1 << WEIGHT, [WEIGHT] = 1 << X, [MEAN] = EVALUATION, [VAR] = EVALUATION}};

cor_tensor *cor_batch_norm_with(cor_tensor *x, cor_tensor *running_mean, cor_tensor *running_var,
                                const cor_batch_norm_options *options) {
    cor_batch_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "batch_norm") != COR_OK) return NULL;
    const cor_batch_norm_options *o = cor_batch_norm_options_or_defaults(options, &room);
    cor_tensor *inputs[INPUTS] = {x, o->weight, o->bias, running_mean, running_var};
    return cor__apply1(&cor__op_batch_norm, inputs, INPUTS, o);
}

/* ---- its terms -------------------------------------------------------------------------------------------------- */

/* The inputs stand where those of batch_norm do; in the place of x is the running mean. */
static int terms_check(cor__call *call) {
    const cor_batch_norm_options *o = call->options;
    const cor_tensor *mean = call->inputs[MEAN];
    if (cor__check_not_recorded(call) != COR_OK || check_eps(o->eps) != COR_OK) return cor_error();
    if (o->training) return cor__fail(COR_EVALUE, "batch_norm_terms are those of evaluation, but training is true");
    if (!cor_dtype_is_floating(mean->dtype))
        return cor__fail(COR_EDTYPE, "\"batch_norm\" not implemented for '%s'", cor__scalar_type_name(mean->dtype));
    if (check_channel_counts(call, mean->numel) != COR_OK || cor__check_norm_dtypes(call, INPUTS) != COR_OK)
        return cor_error();
    for (int i = 0; i < 2; i++) call->out[i] = (cor__meta){.dtype = mean->dtype, .ndim = 1, .sizes = {mean->numel}};
    return COR_OK;
}

static int terms_forward(cor__call *call) {
    const cor_dtype dtype = call->out[0].dtype, compute = cor__compute_dtype(dtype);
    const int64_t size = cor_dtype_size(dtype);
    for (int64_t i = 0; i < call->out[0].sizes[0]; i++) {
        const double mean = held(value_of(call->inputs[MEAN], i, 0), compute);
        const double weight = value_of(call->inputs[WEIGHT], i, 1);
        const double alpha = held(inverse_of(call, compute, i) * weight, compute);
        cor__store_number((char *)cor__data(call->outputs[0]) + i * size, dtype, COR_OPERAND(alpha));
        const double beta = shift_of(call, compute, i, mean, alpha);
        cor__store_number((char *)cor__data(call->outputs[1]) + i * size, dtype, COR_OPERAND(beta));
    }
    return COR_OK;
}

const cor__op cor__op_batch_norm_terms = {.name = "batch_norm_terms",
                                          .optional = 1 << WEIGHT | 1 << BIAS,
                                          .check = terms_check,
                                          .forward = terms_forward,
                                          .describe = cor_batch_norm_options_describe};

int cor_batch_norm_terms_with(cor_tensor *running_mean, cor_tensor *running_var, cor_tensor **scale, cor_tensor **shift,
                              const cor_batch_norm_options *options) {
    cor_batch_norm_options room;
    cor_tensor *outputs[2] = {NULL, NULL};
    if (scale != NULL) *scale = NULL;
    if (shift != NULL) *shift = NULL;
    if (cor_error() != COR_OK) return cor_error();
    if (scale == NULL || shift == NULL)
        return cor__fail(COR_EVALUE, "batch_norm_terms: scale and shift must not be NULL");
    if (cor__check_options(options, sizeof room, "batch_norm_terms") != COR_OK) return cor_error();
    const cor_batch_norm_options *o = cor_batch_norm_options_or_defaults(options, &room);
    cor_tensor *inputs[INPUTS] = {running_mean, o->weight, o->bias, running_mean, running_var};
    const int code = cor__apply(&cor__op_batch_norm_terms, inputs, INPUTS, o, outputs, 2);
    *scale = outputs[0];
    *shift = outputs[1];
    return code;
}
