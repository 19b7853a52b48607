/* winograd.c: convolution by Winograd's algorithm (Fast Algorithms for Convolutional Neural Networks, 2015;
 * the points of Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks, 2020, that
 * keep the errors of float32 small). What is not finite is computed again by the definition, so that it stands where
 * that puts it. */
#include "base/env.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "conv/lanes.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { HEIGHT = 0, WIDTH = 1 };

/* ---- what is not finite ----------------------------------------------------------------------------------------- */

static bool tile_is_finite(const float *tile, int64_t row, int64_t rows, int64_t columns) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            if (!isfinite(tile[i * row + j])) return false;
    return true;
}

/* Puts the outputs of one plane by the definition in place of the tiles that are not finite. */
static void mend_plane(const cor__lanes_plan *x, const float *defined, float *plane) {
    const int64_t *output = x->problem->output;
    for (int64_t h = 0; h < output[1]; h += x->shape.m[HEIGHT])
        for (int64_t w = 0; w < output[2]; w += x->shape.m[WIDTH]) {
            const int64_t rows = cor__min(x->shape.m[HEIGHT], output[1] - h), at = h * output[2] + w;
            const int64_t columns = cor__min(x->shape.m[WIDTH], output[2] - w);
            if (tile_is_finite(plane + at, output[2], rows, columns)) continue;
            for (int64_t i = 0; i < rows; i++)
                memcpy(plane + at + i * output[2], defined + at + i * output[2], (size_t)columns * sizeof(float));
        }
}

static int mend(const cor__lanes_plan *x, const cor__conv_operands *operands) {
    cor__conv_problem p = *x->problem;
    const int64_t planes = p.n * p.o * p.output[0], plane = p.output[1] * p.output[2];
    const size_t bytes = (size_t)(planes * plane) * sizeof(float);
    float *defined = cor__alloc(bytes, "the outputs of a convolution that are not finite");
    if (defined == NULL) return cor_error();
    p.highest = true;
    const int status = cor__conv_run(&p, operands->input, operands->weight, operands->bias, defined);
    for (int64_t i = 0; status == COR_OK && i < planes; i++)
        mend_plane(x, defined + i * plane, (float *)operands->output + i * plane);
    cor__free(defined, bytes);
    return status;
}

/* ---- CORRIE_VERBOSE=check --------------------------------------------------------------------------------------- */

/* Another number below n at each call, the same ones in every run. */
static int64_t draw(int64_t n) {
    static _Atomic uint64_t drawn;
    const uint64_t z = (atomic_fetch_add(&drawn, 1) + 1) * 0x9e3779b97f4a7c15u;
    return (int64_t)((z ^ z >> 29) % (uint64_t)n);
}

/* Computes one tile again by the definition and tells how far it is off. */
static void check_tile(const cor__lanes_plan *x, const cor__conv_operands *operands) {
    const cor__conv_problem *p = x->problem;
    const int64_t n = draw(p->n), o = draw(p->o), d = draw(p->output[0]);
    const int64_t h = draw(cor__ceil_div(p->output[1], x->shape.m[HEIGHT])) * x->shape.m[HEIGHT];
    const int64_t w = draw(cor__ceil_div(p->output[2], x->shape.m[WIDTH])) * x->shape.m[WIDTH];
    const float *plane =
        (const float *)operands->output + ((n * p->o + o) * p->output[0] + d) * p->output[1] * p->output[2];
    double error = 0, largest = 0;
    for (int64_t i = h; i < cor__min(h + x->shape.m[HEIGHT], p->output[1]); i++)
        for (int64_t j = w; j < cor__min(w + x->shape.m[WIDTH], p->output[2]); j++) {
            const double exact = cor__conv_reference_at(p, operands, n, o, (int64_t[]){d, i, j});
            error = fmax(error, fabs((double)plane[i * p->output[2] + j] - exact));
            largest = fmax(largest, fabs(exact));
        }
    char text[COR__CONV_TEXT];
    cor__say(COR__VERBOSE_CHECK,
             "%s: winograd: image %lld, channel %lld, tile at %lld, %lld, %lld: off by %.2g of %.2g%s",
             cor__conv_print(text, p), (long long)n, (long long)o, (long long)d, (long long)h, (long long)w, error,
             largest, error > 1e-4 * largest ? ", which is much" : "");
}

/* ---- the implementation ----------------------------------------------------------------------------------------- */

static const char *refuses(const cor__conv_problem *p) {
    cor__lanes_plan x;
    return cor__lanes_plan_winograd(&x, p);
}

static const char *yields(const cor__conv_problem *p) {
    enum { LEAST_CHANNELS = 12 };
    cor__lanes_plan x, patches;
    const char *reason = cor__lanes_plan_winograd(&x, p);
    if (reason != NULL) return reason;
    if (p->c / p->groups < LEAST_CHANNELS || p->o / p->groups < LEAST_CHANNELS) return "it has fewer than 12 channels";
    /* Most that a tile reads and writes may be padding. */
    const bool tiny = p->output[1] <= 2 && p->output[2] <= 2, dilated = x.phases[HEIGHT] * x.phases[WIDTH] > 1;
    if ((tiny || dilated || p->stride[2] > 1) && cor__lanes_plan_patches(&patches, p) == NULL && !patches.in_place &&
        (p->stride[2] > 1 ? 1 : 1.07) * cor__lanes_cost(&patches) < cor__lanes_cost(&x))
        return "patches cost less";
    return cor__lanes_cost(&x) < cor__lanes_direct_cost(&x) ? NULL : "by its definition it costs less";
}

static int64_t prepared(const cor__conv_problem *p) { return cor__lanes_prepared(cor__lanes_plan_winograd, p); }

static bool prepares(const cor__conv_problem *p) { return (void)p, true; }

static int prepare(const cor__conv_problem *p, const void *weight, int threads, void *to) {
    return cor__lanes_prepare(cor__lanes_plan_winograd, p, weight, threads, to);
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    return cor__lanes_workspace(cor__lanes_plan_winograd, p, threads);
}

/* Without an epilogue. */
static int run_sums(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    cor__lanes_plan x;
    bool finite;
    const int status = cor__lanes_run(cor__lanes_plan_winograd, p, operands, threads, memory, &finite);
    if (status != COR_OK || (finite && !cor__verbose(COR__VERBOSE_CHECK))) return status;
    cor__lanes_plan_winograd(&x, p);
    if (cor__verbose(COR__VERBOSE_CHECK)) check_tile(&x, operands);
    return finite ? COR_OK : mend(&x, operands);
}

/* An activation hides what is not finite, and the sums are no longer there to be checked: then the epilogue is put over
 * sums that are computed once more. */
static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    if (operands->epilogue == NULL) return run_sums(p, operands, threads, memory);
    bool finite = false;
    int status = COR_OK;
    if (!cor__verbose(COR__VERBOSE_CHECK))
        status = cor__lanes_run(cor__lanes_plan_winograd, p, operands, threads, memory, &finite);
    if (status != COR_OK || finite) return status;
    cor__conv_operands sums = *operands;
    sums.epilogue = NULL;
    status = run_sums(p, &sums, threads, memory);
    if (status == COR_OK) cor__conv_finish_all(p, operands);
    return status;
}

const cor__conv_implementation cor__conv_winograd = {.name = "winograd",
                                                     .refuses = refuses,
                                                     .yields = yields,
                                                     .prepared = prepared,
                                                     .prepares = prepares,
                                                     .prepare = prepare,
                                                     .workspace = workspace,
                                                     .run = run};
