/* epilogue.c: what follows a convolution, over outputs that an implementation has just written. Each output is finished
 * once and from itself alone, so neither threads nor the cutting change a bit. */
#include "kernels/epilogue.h"
#include "base/sizes.h"
#include "conv/plan.h"
#include "kernels/convert.h"
#include "kernels/elementwise.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"
#include <math.h>

enum {
    PIECE = 2048,    /* elements that stay in the first level cache from loop to loop */
    HALF_PIECE = 256 /* of half types, which are brought to float32 */
};

static bool is_half(cor_dtype dtype) { return dtype == COR_FLOAT16 || dtype == COR_BFLOAT16; }

static void convert(cor_dtype to, void *dst, cor_dtype from, const void *src, int64_t n) {
    cor__kernels_now()->exact_shared->convert->loop[to][from](n, dst, cor__conv_dtype_size(to), src,
                                                              cor__conv_dtype_size(from));
}

/* The number of channel o; nothing for NULL. */
static double value_of(const void *numbers, cor_dtype dtype, int64_t o, double nothing) {
    double value = nothing;
    if (numbers == NULL) return value;
    if (dtype == COR_FLOAT32) return (double)((const float *)numbers)[o];
    convert(COR_FLOAT64, &value, dtype, (const char *)numbers + o * cor__conv_dtype_size(dtype), 1);
    return value;
}

/* A shift of -0 changes nothing, not even a zero's sign. */
static cor__epilogue_terms terms_of(const cor__conv_problem *p, const cor__conv_epilogue *e, int64_t o) {
    const bool bounded =
        p->epilogue.activation == COR_ACTIVATION_RELU || p->epilogue.activation == COR_ACTIVATION_RELU6;
    return (cor__epilogue_terms){.scaled = e->scale != NULL,
                                 .scale = value_of(e->scale, p->dtype, o, 1),
                                 .shift = value_of(e->shift, p->dtype, o, -0.0),
                                 .low = bounded ? 0 : -(double)INFINITY,
                                 .high = p->epilogue.activation == COR_ACTIVATION_RELU6 ? 6 : (double)INFINITY};
}

/* n elements of float32 or float64. */
static void finish_piece(const cor__conv_problem *p, cor_dtype dtype, const cor__epilogue_terms *terms, void *out,
                         const void *residual, int64_t n) {
    const cor__exact_kernels *exact = cor__kernels_now()->exact;
    const void *const in[] = {out};
    const bool silu = p->epilogue.activation == COR_ACTIVATION_SILU;
    if (!silu || terms->scaled || residual != NULL) exact->epilogue->loop[dtype](n, out, residual, terms);
    if (silu) exact->elementwise->unary[COR__SILU][dtype](n, out, in, NULL);
}

static void finish_half(const cor__conv_problem *p, const cor__epilogue_terms *terms, void *out, const void *residual,
                        int64_t n) {
    float values[HALF_PIECE], added[HALF_PIECE];
    convert(COR_FLOAT32, values, p->dtype, out, n);
    if (residual != NULL) convert(COR_FLOAT32, added, p->dtype, residual, n);
    finish_piece(p, COR_FLOAT32, terms, values, residual != NULL ? added : NULL, n);
    convert(p->dtype, out, COR_FLOAT32, values, n);
}

/* n elements that follow each other, `at` elements into the output. */
static void finish_run(const cor__conv_problem *p, const cor__conv_operands *operands, const cor__epilogue_terms *terms,
                       int64_t at, int64_t n) {
    const void *const added = operands->epilogue->residual;
    const int64_t size = cor__conv_dtype_size(p->dtype), most = is_half(p->dtype) ? HALF_PIECE : PIECE;
    for (int64_t done = 0; done < n; done += most) {
        const int64_t from = (at + done) * size, length = cor__min(n - done, most);
        char *const out = (char *)operands->output + from;
        const void *const residual = added != NULL ? (const char *)added + from : NULL;
        if (is_half(p->dtype)) finish_half(p, terms, out, residual, length);
        else finish_piece(p, p->dtype, terms, out, residual, length);
    }
}

void cor__conv_finish(const cor__conv_problem *p, const cor__conv_operands *operands, int64_t o, int64_t channels,
                      int64_t at, int64_t rows, int64_t n, int64_t pitch) {
    const cor__conv_epilogue *e = operands->epilogue;
    const int64_t plane = p->output[0] * p->output[1] * p->output[2];
    if (e == NULL) return;
    if (pitch == n) n *= rows, rows = 1;
    if (n == plane && e->scale == NULL) n *= channels, channels = 1; /* what follows is the same of all */
    for (int64_t c = 0; c < channels; c++) {
        const cor__epilogue_terms terms = terms_of(p, e, o + c);
        for (int64_t row = 0; row < rows; row++) finish_run(p, operands, &terms, at + c * plane + row * pitch, n);
    }
}

void cor__conv_finish_all(const cor__conv_problem *p, const cor__conv_operands *operands) {
    const int64_t plane = p->output[0] * p->output[1] * p->output[2];
    const uint64_t state = cor__flush_begin();
    for (int64_t i = 0; i < p->n; i++) cor__conv_finish(p, operands, 0, p->o, i * p->o * plane, 1, plane, plane);
    cor__flush_end(state);
}
