/* batch_norm.c: batch normalisation. */
#include "base/error.h"
#include "base/text.h"
#include "ops/op.h"
#include "tensor/iterate.h"
#include <corrie/norm.h>
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_batch_norm_options, COR_BATCH_NORM_OPTIONS)

enum { X, WEIGHT, BIAS, MEAN, VAR, INPUTS };

static int check_channels(const cor__call *call, int which, const char *name, int64_t channels) {
    const cor_tensor *t = call->inputs[which];
    if (t == COR_NONE || (t->ndim == 1 && t->numel == channels)) return COR_OK;
    return cor__fail(COR_ESHAPE, "%s should contain %lld elements not %lld", name, (long long)channels,
                     (long long)t->numel);
}

static int batch_norm_check(cor__call *call) {
    const cor_batch_norm_options *o = call->options;
    const cor_tensor *x = call->inputs[X];
    char text[COR__SIZES_TEXT];
    if (!cor_dtype_is_floating(x->dtype))
        return cor__fail(COR_EDTYPE, "\"batch_norm\" not implemented for '%s'", cor__scalar_type_name(x->dtype));
    if (x->ndim < 2)
        return cor__fail(COR_ESHAPE, "batch_norm expects at least 2 dimensions, got input size torch.Size(%s)",
                         cor__sizes_text(text, x->sizes, x->ndim));
    int64_t channels = x->sizes[1];
    if (o->training && channels > 0 && x->numel / channels == 1)
        return cor__fail(COR_EVALUE,
                         "Expected more than 1 value per channel when training, got input size torch.Size(%s)",
                         cor__sizes_text(text, x->sizes, x->ndim));
    if (!o->training && (call->inputs[MEAN] == COR_NONE || call->inputs[VAR] == COR_NONE))
        return cor__fail(COR_EVALUE, "running_mean and running_var must be defined in evaluation mode");
    if (check_channels(call, MEAN, "running_mean", channels) != COR_OK ||
        check_channels(call, VAR, "running_var", channels) != COR_OK ||
        check_channels(call, WEIGHT, "weight", channels) != COR_OK ||
        check_channels(call, BIAS, "bias", channels) != COR_OK)
        return cor_error();
    call->out[0].dtype = x->dtype;
    call->out[0].ndim = x->ndim;
    memcpy(call->out[0].sizes, x->sizes, sizeof(int64_t) * (size_t)x->ndim);
    return COR_OK;
}

/* The planes of one channel: n of `size` elements, `step` apart. */
typedef struct channel {
    int64_t n, size, step, begin;
} channel;

/* Writes x * alpha + beta over the channel, in one rounding. */
static void scale(cor_dtype dtype, const void *x, void *y, channel c, double alpha, double beta) {
    const float a = (float)alpha, b = (float)beta;
    for (int64_t i = 0; i < c.n; i++) {
        const int64_t at = c.begin + i * c.step;
        if (dtype == COR_FLOAT64) {
            const double *from = (const double *)x + at;
            double *to = (double *)y + at;
            for (int64_t k = 0; k < c.size; k++) to[k] = fma(from[k], alpha, beta);
        } else {
            const float *from = (const float *)x + at;
            float *to = (float *)y + at;
            for (int64_t k = 0; k < c.size; k++) to[k] = fmaf(from[k], a, b);
        }
    }
}

/* Mean and sum of squared deviations, in two passes in float64. */
static void statistics(cor_dtype dtype, const void *x, channel c, double *mean, double *squares) {
    double sum = 0;
    for (int pass = 0; pass < 2; pass++) {
        double total = 0;
        for (int64_t i = 0; i < c.n; i++)
            for (int64_t k = 0; k < c.size; k++) {
                const int64_t at = c.begin + i * c.step + k;
                double value = dtype == COR_FLOAT64 ? ((const double *)x)[at] : (double)((const float *)x)[at];
                total += pass == 0 ? value : (value - *mean) * (value - *mean);
            }
        if (pass == 0) *mean = total / (double)(c.n * c.size);
        sum = total;
    }
    *squares = sum;
}

static double value_of(const cor_tensor *t, int64_t i, double otherwise) {
    if (t == COR_NONE) return otherwise;
    return cor__load_double((const char *)cor__data(t) + i * t->strides[0] * cor_dtype_size(t->dtype), t->dtype);
}

static void move_towards(cor_tensor *running, int64_t i, double value, double momentum) {
    if (running == COR_NONE) return;
    void *p = (char *)cor__data(running) + i * running->strides[0] * cor_dtype_size(running->dtype);
    double moved = momentum * value + (1 - momentum) * cor__load_double(p, running->dtype);
    cor__store_number(p, running->dtype, (cor_operand){.kind = COR_OPERAND_DOUBLE, .number.real = moved});
}

/* A number as the computing dtype holds it. */
static double held(double value, cor_dtype dtype) { return dtype == COR_FLOAT64 ? value : (double)(float)value; }

static void normalise(const cor__call *call, const cor_tensor *x, cor_tensor *y) {
    const cor_batch_norm_options *o = call->options;
    const cor_dtype dtype = x->dtype;
    const int64_t channels = x->sizes[1],
                  plane = channels > 0 && x->sizes[0] > 0 ? x->numel / (x->sizes[0] * channels) : 0;
    for (int64_t i = 0; i < channels; i++) {
        const channel c = {x->sizes[0], plane, plane * channels, i * plane};
        double mean = 0, squares = 0, inverse;
        if (o->training) {
            const double n = (double)(c.n * c.size);
            statistics(dtype, cor__data(x), c, &mean, &squares);
            inverse = held(1 / sqrt(squares / n + o->eps), dtype);
            move_towards(call->inputs[MEAN], i, mean, o->momentum);
            move_towards(call->inputs[VAR], i, squares / (n - 1), o->momentum);
        } else {
            mean = value_of(call->inputs[MEAN], i, 0);
            double var = held(value_of(call->inputs[VAR], i, 1) + held(o->eps, dtype), dtype);
            inverse = held(1 / held(sqrt(var), dtype), dtype);
        }
        mean = held(mean, dtype);
        const double alpha = held(inverse * value_of(call->inputs[WEIGHT], i, 1), dtype);
        const double shift = value_of(call->inputs[BIAS], i, 0);
        const double beta =
            dtype == COR_FLOAT64 ? fma(-mean, alpha, shift) : (double)fmaf((float)-mean, (float)alpha, (float)shift);
        scale(dtype, cor__data(x), cor__data(y), c, alpha, beta);
    }
}

static int batch_norm_forward(cor__call *call) {
    const cor_dtype compute = cor__compute_dtype(call->inputs[X]->dtype);
    cor_tensor *y = call->outputs[0], *x = cor__contiguous_as(call->inputs[X], compute), *wide = y;
    if (x == NULL) return cor_error();
    if (compute != y->dtype) wide = cor__empty(compute, y->sizes, y->ndim);
    if (wide != NULL) normalise(call, x, wide);
    int code = wide == NULL ? cor_error() : wide == y ? COR_OK : cor__copy(y, wide);
    if (wide != y) cor__release(wide);
    cor__release(x);
    if (code == COR_OK && ((const cor_batch_norm_options *)call->options)->training)
        for (int i = MEAN; i <= VAR; i++)
            if (call->inputs[i] != COR_NONE) cor__bump_version(call->inputs[i]);
    return code;
}

const cor__op cor__op_batch_norm = {.name = "batch_norm",
                                    .grad_fn = "NativeBatchNormBackward0",
                                    .optional = 1 << WEIGHT | 1 << BIAS | 1 << MEAN | 1 << VAR,
                                    .check = batch_norm_check,
                                    .forward = batch_norm_forward,
                                    .describe = cor_batch_norm_options_describe};

cor_tensor *cor_batch_norm_with(cor_tensor *x, cor_tensor *running_mean, cor_tensor *running_var,
                                const cor_batch_norm_options *options) {
    cor_batch_norm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "batch_norm") != COR_OK) return NULL;
    const cor_batch_norm_options *o = cor_batch_norm_options_or_defaults(options, &room);
    cor_tensor *inputs[INPUTS] = {x, o->weight, o->bias, running_mean, running_var};
    return cor__apply1(&cor__op_batch_norm, inputs, INPUTS, o);
}
