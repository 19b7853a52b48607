/* winograd.c: convolution by Winograd's algorithm, fused: a band's inputs are transformed, multiplied and transformed
 * back while they lie in the second level cache. Each output is computed by one task from the same sums, wherever the
 * cutting puts it, so threads change no bit. What is not finite is computed again by the definition, so that it stands
 * where that puts it. */
#include "conv/winograd.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "conv/plan.h"
#include "kernels/flush.h"
#include <math.h>
#include <string.h>

enum { HEIGHT = 0, WIDTH = 1, MOST_LANES = 16, MOST_TAPS = 25 };

static const char *refuses(const cor__conv_problem *p) {
    cor__winograd_plan plan;
    return cor__winograd_plan_init(&plan, p);
}

/* ---- weights ---------------------------------------------------------------------------------------------------- */

/* By panel, element, slice and channel: two vectors of output channels. */
static int64_t panel_size(const cor__winograd_plan *x) { return x->elements * x->depth * 2 * x->kernels->lanes; }

static int64_t prepared(const cor__conv_problem *p) {
    cor__winograd_plan x;
    int64_t bytes;
    if (cor__winograd_plan_init(&x, p) != NULL) return -1;
    const int64_t sizes[] = {p->groups, x.panels, x.elements, x.depth, 2 * x.kernels->lanes, sizeof(float)};
    return cor__product_ok(sizes, 6, &bytes) ? bytes : -1;
}

static bool prepares(const cor__conv_problem *p) { return (void)p, true; }

typedef struct packing {
    const cor__winograd_plan *plan;
    const float *weight;
    float *to;
} packing;

/* The taps of one channel and slice for a panel of output channels: taps[tap][channel]. */
static void gather_taps(const packing *job, int64_t group, int64_t panel, int64_t slice, int64_t c, float *taps) {
    const cor__winograd_plan *x = job->plan;
    const cor__conv_problem *p = x->problem;
    const int64_t wide = 2 * x->kernels->lanes, count = p->kernel[1] * p->kernel[2], kernel = x->slices * count;
    const int64_t row = p->transposed ? kernel : x->channels * kernel; /* from output channel to output channel */
    const int64_t column = p->transposed ? x->outputs * kernel : kernel;
    const int64_t o = panel * wide, n = cor__min(wide, x->outputs - o);
    const float *from = job->weight + group * x->outputs * x->channels * kernel + o * row + c * column + slice * count;
    for (int64_t tap = 0; tap < count; tap++) {
        const int64_t at = p->transposed ? count - 1 - tap : tap;
        for (int64_t j = 0; j < n; j++) taps[tap * wide + j] = from[j * row + at];
        for (int64_t j = n; j < wide; j++) taps[tap * wide + j] = 0;
    }
}

static void pack_panels(int64_t begin, int64_t end, void *context) {
    const packing *job = context;
    const cor__winograd_plan *x = job->plan;
    const int64_t wide = 2 * x->kernels->lanes, depth = x->depth / x->slices;
    float taps[MOST_TAPS * 2 * MOST_LANES];
    for (int64_t index = begin; index < end; index++)
        for (int64_t slice = 0; slice < x->slices; slice++)
            for (int64_t c = 0; c < depth; c++) {
                if (c < x->channels) gather_taps(job, index / x->panels, index % x->panels, slice, c, taps);
                else memset(taps, 0, sizeof taps);
                x->kernels->weights[x->form](taps, job->to + index * panel_size(x) + (slice * depth + c) * wide,
                                             x->depth * wide);
            }
}

static int prepare(const cor__conv_problem *p, const void *weight, int threads, void *to) {
    cor__winograd_plan x;
    if (cor__winograd_plan_init(&x, p) != NULL) return cor__fail(COR_ESTATE, "winograd does not compute this problem");
    packing job = {&x, weight, to};
    if (threads > 1) return cor_parallel_for(p->groups * x.panels, 1, pack_panels, &job);
    pack_panels(0, p->groups * x.panels, &job);
    return COR_OK;
}

/* ---- a task ----------------------------------------------------------------------------------------------------- */

typedef struct job {
    const cor__winograd_plan *plan;
    const cor__conv_operands *operands;
    int64_t slots, tasks;
    char *memory; /* of the slots */
} job;

static int64_t rounded(int64_t elements) { return cor__ceil_div(elements, 16) * 16; }

/* The parts of a slot's memory in elements of 4 bytes; with memory, where they lie. Returns the bytes. */
static int64_t divide_memory(const cor__winograd_plan *x, char *memory, cor__winograd_memory *parts) {
    const int64_t lanes = x->kernels->lanes, columns = x->strip_columns;
    const int64_t strip = rounded(x->images * x->strip_rows * columns * lanes);
    const int64_t line = rounded(cor__winograd_alpha(&x->shape, HEIGHT) * columns * lanes);
    const int64_t v = rounded(x->elements * x->v_element), m = rounded(x->elements * x->m_element);
    const int64_t pixels = x->images * x->band[HEIGHT] * x->shape.m[HEIGHT] * x->band[WIDTH] * x->shape.m[WIDTH];
    const int64_t y = rounded(pixels * 2 * lanes), spots = rounded(2 * x->strip_rows * columns);
    if (parts != NULL) {
        float *at = (float *)(void *)memory;
        *parts = (cor__winograd_memory){.strip = at,
                                        .columns = at + strip,
                                        .v = at + strip + line,
                                        .m = at + strip + line + v,
                                        .y = at + strip + line + v + m,
                                        .spots = (int64_t *)(void *)(at + strip + line + v + m + y)};
    }
    return (strip + line + v + m + y + spots) * (int64_t)sizeof(float);
}

static cor__winograd_band band_of(const cor__winograd_plan *x, int64_t index) {
    const cor__conv_problem *p = x->problem;
    cor__winograd_band band;
    for (int i = COR__WINOGRAD_AXES - 1; i >= 0; i--) {
        band.start[i] = index % x->bands[i] * x->band[i];
        band.tiles[i] = cor__min(x->band[i], x->tiles[i] - band.start[i]);
        const int64_t first = band.start[i] * x->shape.m[i];
        band.size[i] = cor__min(band.tiles[i] * x->shape.m[i], p->output[1 + i] - first);
        index /= x->bands[i];
    }
    band.slice = index % p->output[0];
    index /= p->output[0];
    band.image = index % x->image_bands * x->images;
    band.images = cor__min(x->images, p->n - band.image);
    band.group = index / x->image_bands;
    return band;
}

/* The products of a panel, then its outputs in y. Returns whether one of them is not finite. */
static bool compute_panel(const job *j, const cor__winograd_band *band, int64_t panel, const float *bias,
                          const cor__winograd_memory *memory) {
    const cor__winograd_plan *x = j->plan;
    const int64_t lanes = x->kernels->lanes, wide = 2 * lanes, size = x->depth * wide;
    const int64_t tiles = band->images * band->tiles[HEIGHT] * band->tiles[WIDTH];
    const float *u = (const float *)j->operands->prepared + (band->group * x->panels + panel) * panel_size(x);
    float check[2 * MOST_LANES] = {0};
    for (int64_t e = 0; e < x->elements; e++)
        x->kernels->multiply(tiles, x->depth, memory->v + e * x->v_element, x->v_row, u + e * size,
                             memory->m + e * x->m_element);
    const float *m = memory->m;
    for (int64_t image = 0; image < band->images; image++)
        for (int64_t i = 0; i < band->tiles[HEIGHT]; i++, m += band->tiles[WIDTH] * wide) {
            const int64_t row = i * x->shape.m[HEIGHT];
            const cor__winograd_place place = {memory->y +
                                                   (image * band->size[HEIGHT] + row) * band->size[WIDTH] * wide,
                                               band->size[WIDTH], band->size[HEIGHT] - row, band->size[WIDTH]};
            x->kernels->output[x->form](m, x->m_element, band->tiles[WIDTH], bias, &place, check);
        }
    float sum = 0;
    for (int64_t l = 0; l < wide; l++) sum += check[l];
    return isnan(sum);
}

/* ---- what is not finite ----------------------------------------------------------------------------------------- */

/* One output by the definition; the input outside is no part of it. */
static float define(const job *j, const cor__winograd_band *band, int64_t image, int64_t o, int64_t row,
                    int64_t column) {
    const cor__winograd_plan *x = j->plan;
    const cor__conv_problem *p = x->problem;
    const int64_t *strides = p->input_strides, kernel = x->slices * p->kernel[1] * p->kernel[2];
    const float *input = (const float *)j->operands->input + (band->image + image) * strides[0],
                *w = j->operands->weight;
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
    return sum + (p->bias ? ((const float *)j->operands->bias)[out] : 0);
}

/* The outputs of tile (i, h, w) and channel o again, if one of them is not finite. */
static void mend_tile(const job *j, const cor__winograd_band *band, int64_t image, int64_t h, int64_t w, int64_t o,
                      float *y) {
    const cor__winograd_plan *x = j->plan;
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
                    *value = define(j, band, image, o, band->start[HEIGHT] * x->shape.m[HEIGHT] + r,
                                    band->start[WIDTH] * x->shape.m[WIDTH] + c);
            }
}

static void mend_panel(const job *j, const cor__winograd_band *band, int64_t panel, float *y) {
    const cor__winograd_plan *x = j->plan;
    const int64_t wide = 2 * x->kernels->lanes, end = cor__min((panel + 1) * wide, x->outputs);
    for (int64_t o = panel * wide; o < end; o++)
        for (int64_t image = 0; image < band->images; image++)
            for (int64_t h = 0; h < band->tiles[HEIGHT]; h++)
                for (int64_t w = 0; w < band->tiles[WIDTH]; w++) mend_tile(j, band, image, h, w, o, y);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void run_part(const job *j, const cor__winograd_band *band, int64_t part, const cor__winograd_memory *memory) {
    const cor__winograd_plan *x = j->plan;
    const int64_t wide = 2 * x->kernels->lanes;
    for (int64_t panel = part * x->panels / x->parts; panel < (part + 1) * x->panels / x->parts; panel++) {
        float bias[2 * MOST_LANES] = {0};
        const int64_t n = cor__min(wide, x->outputs - panel * wide);
        if (x->problem->bias)
            memcpy(bias, (const float *)j->operands->bias + band->group * x->outputs + panel * wide,
                   (size_t)n * sizeof(float));
        if (compute_panel(j, band, panel, x->problem->bias ? bias : NULL, memory))
            mend_panel(j, band, panel, memory->y);
        cor__winograd_write(x, band, panel, memory->y, j->operands->output);
    }
}

/* Runs the tasks of the slots [begin, end). The tasks of one band follow each other and share its transformed inputs.
 */
static void run_slots(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    const cor__winograd_plan *x = j->plan;
    const uint64_t state = cor__flush_begin();
    for (int64_t slot = begin; slot < end; slot++) {
        cor__winograd_memory memory;
        divide_memory(x, j->memory + slot * divide_memory(x, NULL, NULL), &memory);
        int64_t held = -1;
        for (int64_t task = slot * j->tasks / j->slots; task < (slot + 1) * j->tasks / j->slots; task++) {
            const cor__winograd_band band = band_of(x, task / x->parts);
            if (held != task / x->parts) cor__winograd_read(x, &band, j->operands->input, &memory);
            held = task / x->parts;
            run_part(j, &band, task % x->parts, &memory);
        }
    }
    cor__flush_end(state);
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    cor__winograd_plan x;
    int64_t bytes;
    if (cor__winograd_plan_init(&x, p) != NULL) return -1;
    return cor__mul_ok(divide_memory(&x, NULL, NULL), threads, &bytes) ? bytes : -1;
}

static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    cor__winograd_plan x;
    if (cor__winograd_plan_init(&x, p) != NULL) return cor__fail(COR_ESTATE, "winograd does not compute this problem");
    job j = {.plan = &x, .operands = operands, .memory = memory};
    j.tasks = p->groups * x.image_bands * p->output[0] * x.bands[0] * x.bands[1] * x.parts;
    j.slots = cor__min(threads, j.tasks);
    if (j.slots > 1) return cor_parallel_for(j.slots, 1, run_slots, &j);
    run_slots(0, 1, &j);
    return COR_OK;
}

const cor__conv_implementation cor__conv_winograd = {.name = "winograd",
                                                     .refuses = refuses,
                                                     .yields = cor__winograd_yields,
                                                     .prepared = prepared,
                                                     .prepares = prepares,
                                                     .prepare = prepare,
                                                     .workspace = workspace,
                                                     .run = run};
