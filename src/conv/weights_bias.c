/* weights_bias.c: the gradient of a convolution's bias: sums over images and positions. */
#include "base/sizes.h"
#include "conv/weights.h"
#include "kernels/conv_weights.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"
#include <string.h>

enum { SERIAL_ELEMENTS = 1 << 18 }; /* below, threads are not worth waking */

typedef struct sums {
    const cor__conv_problem *problem;
    const cor__weights_kernel *kernel; /* NULL for integers */
    int64_t positions;                 /* of an output channel */
    const char *from;
    char *to;
} sums;

/* Integers, modulo 2^64. Little-endian: the low bytes of `element` are the number's. */
static void sum_integers(const sums *s, int64_t o) {
    const cor__conv_problem *p = s->problem;
    const int64_t size = cor__conv_dtype_size(p->dtype);
    uint64_t total = 0, element = 0;
    for (int64_t n = 0; n < p->n; n++) {
        const char *at = s->from + (n * p->o + o) * s->positions * size;
        for (int64_t i = 0; i < s->positions; i++, at += size) {
            memcpy(&element, at, (size_t)size);
            total += element;
        }
    }
    memcpy(s->to + o * size, &total, (size_t)size);
}

/* Each image's part is summed in lanes, and the parts in the order of the images. */
static void sum_reals(const sums *s, int64_t o) {
    const cor__conv_problem *p = s->problem;
    const int64_t size = cor__conv_dtype_size(p->dtype);
    double parts[2] = {0}; /* the sum so far and that of an image, in the type of computation */
    char *const part = (char *)parts + s->kernel->size;
    for (int64_t n = 0; n < p->n; n++) {
        s->kernel->sum(n == 0 ? (char *)parts : part, s->from + (n * p->o + o) * s->positions * size, s->positions,
                       p->dtype);
        if (n > 0)
            s->kernel->finish(parts, parts, 1, 2, 1, s->kernel->size == sizeof(float) ? COR_FLOAT32 : COR_FLOAT64);
    }
    s->kernel->finish(s->to + o * size, parts, 1, 1, 1, p->dtype);
}

static void sum_outputs(int64_t begin, int64_t end, void *context) {
    const sums *s = context;
    const uint64_t state = cor__flush_begin();
    for (int64_t o = begin; o < end; o++) {
        if (s->kernel == NULL) sum_integers(s, o);
        else sum_reals(s, o);
    }
    cor__flush_end(state);
}

int cor__conv_bias_run(const cor__conv_problem *p, const void *grad_output, void *grad_bias) {
    const cor__weights_kernels *kernels = cor__kernels_now()->fused->conv_weights;
    sums s = {
        .problem = p, .positions = p->output[0] * p->output[1] * p->output[2], .from = grad_output, .to = grad_bias};
    if (p->dtype >= COR_FLOAT16) s.kernel = p->dtype == COR_FLOAT64 ? &kernels->f64 : &kernels->f32;
    if (p->n * p->o * s.positions >= SERIAL_ELEMENTS) return cor_parallel_for(p->o, 1, sum_outputs, &s);
    sum_outputs(0, p->o, &s);
    return COR_OK;
}
