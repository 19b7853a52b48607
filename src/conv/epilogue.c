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
    const cor__kernels *kernels = cor__kernels_now();
    const void *const in[] = {out};
    kernels->exact_shared->epilogue->loop[dtype](n, out, residual, terms);
    if (p->epilogue.activation == COR_ACTIVATION_SILU)
        kernels->exact->elementwise->unary[COR__SILU][dtype](n, out, in, NULL);
}

static void finish_half(const cor__conv_problem *p, const cor__epilogue_terms *terms, void *out, const void *residual,
                        int64_t n) {
    float values[HALF_PIECE], added[HALF_PIECE];
    convert(COR_FLOAT32, values, p->dtype, out, n);
    if (residual != NULL) convert(COR_FLOAT32, added, p->dtype, residual, n);
    finish_piece(p, COR_FLOAT32, terms, values, residual != NULL ? added : NULL, n);
    convert(p->dtype, out, COR_FLOAT32, values, n);
}

void cor__conv_finish(const cor__conv_problem *p, const cor__conv_operands *operands, int64_t o, int64_t at,
                      int64_t rows, int64_t n, int64_t pitch) {
    const cor__conv_epilogue *e = operands->epilogue;
    if (e == NULL) return;
    const cor__epilogue_terms terms = terms_of(p, e, o);
    const int64_t size = cor__conv_dtype_size(p->dtype), most = is_half(p->dtype) ? HALF_PIECE : PIECE;
    if (pitch == n) n *= rows, rows = 1;
    for (int64_t row = 0; row < rows; row++)
        for (int64_t done = 0; done < n; done += most) {
            const int64_t from = (at + row * pitch + done) * size, length = cor__min(n - done, most);
            char *const out = (char *)operands->output + from;
            const void *const residual = e->residual != NULL ? (const char *)e->residual + from : NULL;
            if (is_half(p->dtype)) finish_half(p, &terms, out, residual, length);
            else finish_piece(p, p->dtype, &terms, out, residual, length);
        }
}

void cor__conv_finish_all(const cor__conv_problem *p, const cor__conv_operands *operands) {
    const int64_t plane = p->output[0] * p->output[1] * p->output[2];
    const uint64_t state = cor__flush_begin();
    for (int64_t i = 0; operands->epilogue != NULL && i < p->n * p->o; i++)
        cor__conv_finish(p, operands, i % p->o, i * plane, 1, plane, plane);
    cor__flush_end(state);
}
