/* norm_lines.c: normalising lines of contiguous elements: mean and variance of each, then the elements. A line is read
 * from memory once; of half types it is brought to float32 in a buffer. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/convert.h"
#include "kernels/kernels.h"
#include "kernels/norm.h"
#include "ops/norm.h"
#include "tensor/iterate.h"
#include <math.h>

enum { GRAIN = 1 << 14 }; /* elements a thread should get at least */

int cor__check_norm_dtypes(const cor__call *call, int n) {
    const cor_dtype dtype = call->inputs[0]->dtype;
    bool same = true, single = true;
    for (int i = 1; i < n; i++) {
        if (call->inputs[i] == COR_NONE) continue;
        same = same && call->inputs[i]->dtype == dtype;
        single = single && call->inputs[i]->dtype == COR_FLOAT32;
    }
    if (same) return COR_OK;
    if (dtype == COR_FLOAT64) return cor__fail(COR_EDTYPE, "mixed dtype (CPU): all inputs must share same datatype.");
    if (single) return COR_OK;
    return cor__fail(COR_EDTYPE, "mixed dtype (CPU): expect parameter to have scalar type of Float");
}

typedef struct job {
    const cor__norm_plan *plan;
    cor_dtype dtype, compute;
    const char *x;
    char *y, *mean, *rstd;
    const char *weight, *bias; /* in the dtype computed in, or NULL */
    const cor__norm_kernels *kernels;
    cor__convert_loop load, store;
} job;

static void put(char *values, int64_t i, cor_dtype dtype, double value) {
    if (values == NULL) return;
    if (dtype == COR_FLOAT64) ((double *)(void *)values)[i] = value;
    else ((float *)(void *)values)[i] = (float)value;
}

/* The mean of a line and 1 / sqrt(variance + eps). */
static void measure(const job *j, const void *x, double *mean, double *rstd) {
    const int64_t n = j->plan->length;
    double sum, squares;
    *mean = j->plan->centred ? j->kernels->line_sum[j->compute](n, x) / (double)n : 0;
    const double centre = j->compute == COR_FLOAT64 ? *mean : (double)(float)*mean;
    j->kernels->deviations[j->compute](n, x, centre, &sum, &squares);
    if (j->plan->centred) {
        const double off = sum / (double)n;
        *mean = centre + off;
        squares -= sum * off;
    }
    *rstd = 1 / sqrt(fmax(squares, 0) / (double)n + j->plan->eps);
    if (isnan(squares)) *rstd = squares;
}

static double element(const char *values, int64_t i, cor_dtype dtype, double otherwise) {
    return values == NULL ? otherwise : cor__load_double(values + i * cor_dtype_size(dtype), dtype);
}

/* The channels of a group, each with its own factor and term. */
static void scale_channels(const job *j, int64_t line, void *y, const void *x, double mean, double rstd) {
    const int64_t channels = j->plan->channels, plane = j->plan->length / channels, size = cor_dtype_size(j->compute);
    const int64_t first = line % j->plan->groups * channels;
    for (int64_t c = 0; c < channels; c++) {
        const double scale = rstd * element(j->weight, first + c, j->compute, 1);
        const double shift = element(j->bias, first + c, j->compute, 0);
        j->kernels->shifted[j->compute](plane, (char *)y + c * plane * size, (const char *)x + c * plane * size, mean,
                                        scale, shift);
    }
}

static void apply(const job *j, int64_t line, void *y, const void *x, double mean, double rstd) {
    const cor__norm_plan *plan = j->plan;
    if (plan->groups > 0 && plan->length > plan->channels) {
        scale_channels(j, line, y, x, mean, rstd);
        return;
    }
    const int64_t first = plan->groups > 0 ? line % plan->groups * plan->channels * cor_dtype_size(j->compute) : 0;
    j->kernels->normalise[j->compute](plan->length, y, x, mean, rstd, j->weight == NULL ? NULL : j->weight + first,
                                      j->bias == NULL ? NULL : j->bias + first);
}

static void run_lines(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    const int64_t n = j->plan->length, size = cor_dtype_size(j->dtype), wide = cor_dtype_size(j->compute);
    const size_t bytes = j->dtype == j->compute ? 0 : (size_t)(n * wide);
    char *room = bytes == 0 ? NULL : cor__alloc(bytes, "a line of normalisation");
    if (bytes != 0 && room == NULL) return;
    char nothing[8]; /* stands for a line without elements, which may have no memory */
    for (int64_t line = begin; line < end; line++) {
        const char *x = n == 0 ? nothing : j->x + line * n * size;
        char *y = n == 0 ? nothing : j->y + line * n * size;
        double mean, rstd;
        if (room != NULL) j->load(n, room, wide, x, size);
        measure(j, room != NULL ? room : x, &mean, &rstd);
        put(j->mean, line, j->compute, mean);
        put(j->rstd, line, j->compute, rstd);
        apply(j, line, room != NULL ? room : y, room != NULL ? room : x, mean, rstd);
        if (room != NULL) j->store(n, y, size, room, wide);
    }
    if (room != NULL) cor__free(room, bytes);
}

/* An optional parameter in the dtype computed in, NULL for none; false when it cannot be had. */
static bool parameter(const cor__call *call, int i, cor_dtype compute, cor_tensor **t) {
    *t = NULL;
    if (i >= call->n_inputs || call->inputs[i] == COR_NONE) return true;
    *t = cor__contiguous_as(call->inputs[i], compute);
    return *t != NULL;
}

int cor__norm_lines(cor__call *call, const cor__norm_plan *plan) {
    const cor_dtype dtype = call->inputs[COR__NORM_X]->dtype, compute = cor__compute_dtype(dtype);
    const cor__convert_kernels *convert = cor__kernels_now()->exact_shared->convert;
    cor_tensor *x = NULL, *weight = NULL, *bias = NULL;
    int code = COR_OK;
    if ((x = cor__contiguous_as(call->inputs[COR__NORM_X], dtype)) == NULL ||
        !parameter(call, COR__NORM_WEIGHT, compute, &weight) || !parameter(call, COR__NORM_BIAS, compute, &bias))
        code = cor_error();
    if (code == COR_OK && plan->count > 0) {
        job j = {.plan = plan,
                 .dtype = dtype,
                 .compute = compute,
                 .x = cor__data(x),
                 .y = cor__data(call->outputs[COR__NORM_Y]),
                 .mean = plan->centred ? cor__data(call->outputs[COR__NORM_MEAN]) : NULL,
                 .rstd = cor__data(call->outputs[plan->centred ? COR__NORM_RSTD : 1]),
                 .weight = weight == NULL ? NULL : cor__data(weight),
                 .bias = bias == NULL ? NULL : cor__data(bias),
                 .kernels = cor__kernels_now()->exact->norm,
                 .load = convert->loop[compute][dtype],
                 .store = convert->loop[dtype][compute]};
        code = cor_parallel_for(plan->count, cor__max(1, GRAIN / cor__max(1, plan->length)), run_lines, &j);
    }
    cor__release(x);
    cor__release(weight);
    cor__release(bias);
    return code;
}
