/* winograd.c: convolution by Winograd's algorithm (Lavin and Gray 2015; the points of Barabasz and others 2020 that
 * keep the errors of float32 small). What is not finite is computed again by the definition, so that it stands where
 * that puts it. */
#include "base/error.h"
#include "base/sizes.h"
#include "conv/lanes.h"
#include <math.h>

enum { HEIGHT = 0, WIDTH = 1 };

/* ---- what is not finite ----------------------------------------------------------------------------------------- */

/* One output by the definition; the input outside is no part of it. */
static float define(const cor__lanes_plan *x, const cor__conv_operands *operands, const cor__lanes_band *band,
                    int64_t image, int64_t o, int64_t row, int64_t column) {
    const cor__conv_problem *p = x->problem;
    const int64_t *strides = p->input_strides, kernel = x->slices * p->kernel[1] * p->kernel[2];
    const float *input = (const float *)operands->input + (band->image + image) * strides[0], *w = operands->weight;
    const int64_t in = band->group * x->channels, out = band->group * x->outputs + o;
    float sum = 0;
    for (int64_t c = 0; c < x->channels; c++) {
        const float *taps = w + (p->transposed ? (in + c) * x->outputs + o : out * x->channels + c) * kernel;
        for (int64_t u = 0; u < kernel; u++) {
            const int64_t a[3] = {u / (p->kernel[1] * p->kernel[2]), u / p->kernel[2] % p->kernel[1], u % p->kernel[2]};
            const int64_t output[3] = {band->slice, row, column};
            int64_t at = (in + c) * strides[1];
            bool inside = true;
            for (int i = 0; i < 3; i++) {
                const int64_t position = p->transposed
                                             ? output[i] + p->padding[i] - a[i] * p->dilation[i]
                                             : output[i] * p->stride[i] - p->padding[i] + a[i] * p->dilation[i];
                inside = inside && position >= 0 && position < p->input[i];
                at += position * strides[2 + i];
            }
            if (inside) sum += taps[u] * input[at];
        }
    }
    return sum + (p->bias ? ((const float *)operands->bias)[out] : 0);
}

/* The outputs of tile (i, h, w) and channel o again, if one of them is not finite. */
static void mend_tile(const cor__lanes_plan *x, const cor__conv_operands *operands, const cor__lanes_band *band,
                      int64_t image, int64_t h, int64_t w, int64_t o, float *y) {
    const int64_t wide = 2 * x->kernels->lanes, height = band->size[HEIGHT], width = band->size[WIDTH];
    const int64_t rows = cor__min((h + 1) * x->shape.m[HEIGHT], height),
                  columns = cor__min((w + 1) * x->shape.m[WIDTH], width);
    bool finite = true;
    for (int pass = 0; pass < 2 && (pass == 0 || !finite); pass++)
        for (int64_t r = h * x->shape.m[HEIGHT]; r < rows; r++)
            for (int64_t c = w * x->shape.m[WIDTH]; c < columns; c++) {
                float *value = y + ((image * height + r) * width + c) * wide + o % wide;
                if (pass == 0) finite = finite && isfinite(*value);
                else
                    *value = define(x, operands, band, image, o, band->start[HEIGHT] * x->shape.m[HEIGHT] + r,
                                    band->start[WIDTH] * x->shape.m[WIDTH] + c);
            }
}

static void mend(const cor__lanes_plan *x, const cor__conv_operands *operands, const cor__lanes_band *band,
                 int64_t panel, float *y) {
    const int64_t wide = 2 * x->kernels->lanes, end = cor__min((panel + 1) * wide, x->outputs);
    for (int64_t o = panel * wide; o < end; o++)
        for (int64_t image = 0; image < band->images; image++)
            for (int64_t h = 0; h < band->tiles[HEIGHT]; h++)
                for (int64_t w = 0; w < band->tiles[WIDTH]; w++) mend_tile(x, operands, band, image, h, w, o, y);
}

/* ---- the implementation ----------------------------------------------------------------------------------------- */

static const char *plan_of(cor__lanes_plan *x, const cor__conv_problem *p) {
    const char *reason = cor__lanes_plan_winograd(x, p);
    x->mend = mend;
    return reason;
}

static const char *refuses(const cor__conv_problem *p) {
    cor__lanes_plan x;
    return plan_of(&x, p);
}

static const char *yields(const cor__conv_problem *p) {
    enum { LEAST_CHANNELS = 12 };
    cor__lanes_plan x;
    const char *reason = plan_of(&x, p);
    if (reason != NULL) return reason;
    if (x.channels < LEAST_CHANNELS || x.outputs < LEAST_CHANNELS) return "it has fewer than 12 channels";
    return cor__lanes_cost(&x) < cor__lanes_direct_cost(&x) ? NULL : "by its definition it costs less";
}

static int64_t prepared(const cor__conv_problem *p) {
    cor__lanes_plan x;
    return plan_of(&x, p) == NULL ? cor__lanes_prepared(&x) : -1;
}

static bool prepares(const cor__conv_problem *p) { return (void)p, true; }

static int cannot_run(const char *reason) { return cor__fail(COR_ESTATE, "winograd cannot compute it: %s", reason); }

static int prepare(const cor__conv_problem *p, const void *weight, int threads, void *to) {
    cor__lanes_plan x;
    const char *reason = plan_of(&x, p);
    return reason == NULL ? cor__lanes_prepare(&x, weight, threads, to) : cannot_run(reason);
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    cor__lanes_plan x;
    return plan_of(&x, p) == NULL ? cor__lanes_workspace(&x, threads) : -1;
}

static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    cor__lanes_plan x;
    const char *reason = plan_of(&x, p);
    return reason == NULL ? cor__lanes_run(&x, operands, threads, memory) : cannot_run(reason);
}

const cor__conv_implementation cor__conv_winograd = {.name = "winograd",
                                                     .refuses = refuses,
                                                     .yields = yields,
                                                     .prepared = prepared,
                                                     .prepares = prepares,
                                                     .prepare = prepare,
                                                     .workspace = workspace,
                                                     .run = run};
