/* lanes.c: the engine, fused: a band's inputs are transformed, multiplied and transformed back while they lie in the
 * second level cache. Each output is computed by one task from the same sums, wherever the cutting puts it, so threads
 * change no bit. */
#include "conv/lanes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/conv_weights.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { HEIGHT = 0, WIDTH = 1, MOST_TAPS = 25 /* of a form of Winograd's */, TURNED = 144 };

/* ---- weights ---------------------------------------------------------------------------------------------------- */

/* By panel, element, slice and channel: two vectors of output channels. */
static int64_t panel_size(const cor__lanes_plan *x) { return x->elements * x->depth * 2 * x->kernels->lanes; }

int64_t cor__lanes_prepared(cor__lanes_planner *planner, const cor__conv_problem *p) {
    cor__lanes_plan plan, *const x = &plan;
    int64_t bytes;
    if (planner(x, p) != NULL) return -1;
    const int64_t sizes[] = {x->groups, x->panels, x->elements, x->depth, 2 * x->kernels->lanes, sizeof(float)};
    return cor__product_ok(sizes, 6, &bytes) ? bytes : -1;
}

typedef struct packing {
    const cor__lanes_plan *plan;
    const float *weight;
    float *to;
    bool direct; /* the only slice has the kernel's taps in its order, of a transposed one from the last to the first */
} packing;

/* Where tap i, j of a slice is in the kernel, -1 past its end. A transposed kernel is turned round. */
static int64_t tap_at(const cor__lanes_plan *x, int64_t slice, int64_t i, int64_t j) {
    const cor__conv_problem *p = x->problem;
    const int64_t plane = p->kernel[1] * p->kernel[2], parts = x->kernel[HEIGHT] * x->kernel[WIDTH];
    const int64_t row = slice % parts / x->kernel[WIDTH] * x->shape.r[HEIGHT] + i;
    const int64_t column = slice % x->kernel[WIDTH] * x->shape.r[WIDTH] + j;
    const int64_t h = x->turned ? column : row, w = x->turned ? row : column, at = h * p->kernel[2] + w;
    if (h >= p->kernel[1] || w >= p->kernel[2]) return -1;
    return slice / parts * plane + (p->transposed ? plane - 1 - at : at);
}

/* Of groups of a few channels: each lane's input channel for the output channel that is `c` from it, or input channel c
 * of the lane's group. */
static void gather_shared(const packing *job, int64_t group, int64_t slice, int64_t c, float *taps) {
    const cor__lanes_plan *x = job->plan;
    const cor__conv_problem *p = x->problem;
    const int64_t wide = 2 * x->kernels->lanes, kernel = p->kernel[0] * p->kernel[1] * p->kernel[2];
    const int *r = x->shape.r;
    for (int64_t tap = 0; tap < r[HEIGHT] * r[WIDTH]; tap++, taps += wide) {
        const int64_t at = tap_at(x, slice, tap / r[WIDTH], tap % r[WIDTH]);
        memset(taps, 0, (size_t)wide * sizeof(float));
        for (int64_t j = 0; at >= 0 && j < wide; j++) {
            const int64_t lane = group * wide + j, out = x->in_place ? lane ^ c : lane;
            const int64_t in = x->in_place ? lane : lane - lane % x->shared + c;
            const int64_t row = p->transposed ? in : out, column = (p->transposed ? out : in) % x->shared;
            taps[j] = job->weight[(row * x->shared + column) * kernel + at];
        }
    }
}

/* The weights of some input channels for a panel: `rows` rows of `length` elements, `row` apart. */
typedef struct weight_block {
    const float *from;
    int64_t rows, length, row;
} weight_block;

static weight_block block_of(const packing *job, int64_t index, int64_t c, int64_t channels) {
    const cor__lanes_plan *x = job->plan;
    const cor__conv_problem *p = x->problem;
    const int64_t kernel = p->kernel[0] * p->kernel[1] * p->kernel[2], wide = 2 * x->kernels->lanes;
    const int64_t o = index % x->panels * wide, n = cor__min(wide, x->outputs - o);
    const float *from = job->weight + index / x->panels * x->outputs * x->channels * kernel;
    if (p->transposed)
        return (weight_block){from + (c * x->outputs + o) * kernel, channels, n * kernel, x->outputs * kernel};
    return (weight_block){from + (o * x->channels + c) * kernel, n, channels * kernel, x->channels * kernel};
}

/* Rows lie too far apart for the processor to foresee which comes next. */
static void prefetch(const weight_block *b) {
    for (int64_t i = 0; i < b->rows; i++)
        for (int64_t j = 0; j < b->length; j += 16) __builtin_prefetch(b->from + i * b->row + j);
}

/* Elements of what a panel's channels are turned to, and transformed to, at once. */
static int64_t turned_size(const cor__lanes_plan *x) {
    const int64_t *k = x->problem->kernel;
    return 2 * x->kernels->lanes * cor__max(TURNED, k[0] * k[1] * k[2]);
}
static int64_t block_size(const cor__lanes_plan *x) {
    const int64_t *k = x->problem->kernel;
    return 2 * x->kernels->lanes * x->elements * cor__max(1, TURNED / (k[0] * k[1] * k[2]));
}

/* Turns a block to to[channel][place in the kernel][output]. */
static void turn_weights(const packing *job, const weight_block *b, float *to) {
    const cor__lanes_plan *x = job->plan;
    const cor__conv_problem *p = x->problem;
    const cor__weights_kernel *kernels = &cor__kernels_now()->fused->conv_weights->f32;
    const int64_t wide = 2 * x->kernels->lanes, kernel = p->kernel[0] * p->kernel[1] * p->kernel[2];
    const int64_t outputs = p->transposed ? b->length / kernel : b->rows;
    const int64_t channels = p->transposed ? b->rows : b->length / kernel;
    if (outputs < wide) memset(to, 0, (size_t)(channels * kernel * wide) * sizeof(float));
    if (!p->transposed) {
        kernels->transpose(to, wide, b->from, b->row, b->rows, b->length);
        return;
    }
    for (int64_t i = 0; i < b->rows; i++, to += kernel * wide) {
        const float *const from = b->from + i * b->row;
        if (kernel == 1) memcpy(to, from, (size_t)outputs * sizeof(float));
        else if (job->direct) kernels->transpose(to + (kernel - 1) * wide, -wide, from, kernel, outputs, kernel);
        else kernels->transpose(to, wide, from, kernel, outputs, kernel);
    }
}

/* One channel's part of a slice, of what turn_weights has made of it; NULL: zeros. */
static void pack_channel(const packing *job, int64_t slice, const float *turned, float *to, int64_t element) {
    const cor__lanes_plan *x = job->plan;
    const int64_t wide = 2 * x->kernels->lanes;
    const size_t bytes = (size_t)wide * sizeof(float);
    const int *r = x->shape.r;
    float room[MOST_TAPS * 2 * COR__LANES_MOST];
    const float *taps = job->direct && turned != NULL ? turned : room;
    for (int64_t tap = 0; taps == room && tap < r[HEIGHT] * r[WIDTH]; tap++) {
        const int64_t at = turned == NULL ? -1 : tap_at(x, slice, tap / r[WIDTH], tap % r[WIDTH]);
        if (at < 0) memset(room + tap * wide, 0, bytes);
        else memcpy(room + tap * wide, turned + at * wide, bytes);
    }
    if (x->form == COR__PATCHES) memcpy(to, taps, bytes);
    else x->kernels->weights[x->form](taps, to, element);
}

/* Some channels after the others, so that what is read and what is written lies in long rows. */
static void pack_panel(const packing *job, int64_t index, float *turned) {
    const cor__lanes_plan *x = job->plan;
    const int64_t *k = x->problem->kernel, kernel = k[0] * k[1] * k[2], wide = 2 * x->kernels->lanes;
    const int64_t depth = x->depth / x->slices, most = cor__max(1, TURNED / kernel);
    float *const to = job->to + index * panel_size(x), *const block = turned + turned_size(x);
    for (int64_t c = 0; c < depth; c += most) {
        const int64_t n = cor__min(most, depth - c), there = cor__max(0, cor__min(n, x->channels - c));
        const weight_block now = block_of(job, index, c, there),
                           next = block_of(job, index, c + n, cor__max(0, cor__min(most, x->channels - c - n)));
        prefetch(&next);
        turn_weights(job, &now, turned);
        for (int64_t slice = 0; slice < x->slices; slice++) {
            for (int64_t i = 0; i < n; i++)
                pack_channel(job, slice, i < there ? turned + i * kernel * wide : NULL, block + i * wide, n * wide);
            for (int64_t e = 0; e < x->elements; e++)
                memcpy(to + (e * x->depth + slice * depth + c) * wide, block + e * n * wide,
                       (size_t)(n * wide) * sizeof(float));
        }
    }
}

static void pack_shared(const packing *job, int64_t index) {
    const cor__lanes_plan *x = job->plan;
    const int64_t wide = 2 * x->kernels->lanes, depth = x->depth / x->slices;
    float taps[MOST_TAPS * 2 * COR__LANES_MOST];
    for (int64_t slice = 0; slice < x->slices; slice++)
        for (int64_t c = 0; c < depth; c++) {
            float *to = job->to + index * panel_size(x) + (slice * depth + c) * wide;
            gather_shared(job, index, slice, c, taps);
            if (x->form == COR__PATCHES) memcpy(to, taps, (size_t)wide * sizeof(float));
            else x->kernels->weights[x->form](taps, to, x->depth * wide);
        }
}

static void pack_panels(int64_t begin, int64_t end, void *context) {
    const packing *job = context;
    if (job->plan->shared > 0) {
        for (; begin < end; begin++) pack_shared(job, begin);
        return;
    }
    const size_t bytes = (size_t)(turned_size(job->plan) + block_size(job->plan)) * sizeof(float);
    float *turned = cor__alloc(bytes, "the weights of a convolution, turned");
    for (; turned != NULL && begin < end; begin++) pack_panel(job, begin, turned);
    cor__free(turned, bytes);
}

static int cannot_run(const char *reason) {
    return cor__fail(COR_ESTATE, "a convolution cannot be computed as planned: %s", reason);
}

int cor__lanes_prepare(cor__lanes_planner *planner, const cor__conv_problem *p, const float *weight, int threads,
                       float *prepared) {
    cor__lanes_plan plan, *const x = &plan;
    const char *reason = planner(x, p);
    if (reason != NULL) return cannot_run(reason);
    const bool whole = x->form != COR__PATCHES && p->kernel[0] == 1 && x->slices == 1 && !x->turned;
    packing job = {x, weight, prepared,
                   whole && p->kernel[1] == x->shape.r[HEIGHT] && p->kernel[2] == x->shape.r[WIDTH]};
    if (threads > 1) return cor_parallel_for(x->groups * x->panels, 1, pack_panels, &job);
    pack_panels(0, x->groups * x->panels, &job);
    return cor_error();
}

/* ---- a task ----------------------------------------------------------------------------------------------------- */

typedef struct job {
    const cor__lanes_plan *plan;
    const cor__conv_operands *operands;
    int64_t slots, tasks;
    char *memory;         /* of the slots */
    _Atomic bool *finite; /* becomes false */
} job;

/* The parts of a slot's memory in elements of 4 bytes; with memory, where they lie. Returns the bytes. */
static int64_t divide_memory(const cor__lanes_plan *x, char *memory, cor__lanes_memory *parts) {
    const int64_t lanes = x->kernels->lanes, wide = 2 * lanes;
    const int64_t strip = cor__lanes_strip_size(x), line = cor__lanes_columns_size(x), v = cor__lanes_v_size(x);
    const int64_t m = x->in_place ? 0 : cor__ceil_div(x->elements * x->m_element, 16) * 16;
    const int64_t pixels = x->images * x->spread[HEIGHT] * x->band[HEIGHT] * x->shape.m[HEIGHT] * x->spread[WIDTH] *
                           x->band[WIDTH] * x->shape.m[WIDTH];
    const int64_t y = cor__ceil_div(pixels * wide, 16) * 16, spots = cor__lanes_spots_size(x);
    const int64_t places = cor__ceil_div(2 * pixels / x->images, 16) * 16;
    const int64_t runs = cor__ceil_div(x->slices * (int64_t)(sizeof(cor__winograd_run) / sizeof(float)), 16) * 16;
    if (parts != NULL) {
        float *at = (float *)(void *)memory, *const end = at + strip + line + v + m + y;
        *parts = (cor__lanes_memory){.strip = at,
                                     .columns = at + strip,
                                     .v = at + strip + line,
                                     .m = at + strip + line + v,
                                     .y = end - y,
                                     .spots = (int64_t *)(void *)end,
                                     .places = (int64_t *)(void *)(end + spots),
                                     .runs = (cor__winograd_run *)(void *)(end + spots + places)};
    }
    return (strip + line + v + m + y + spots + places + runs) * (int64_t)sizeof(float);
}

/* Adds the bias to the products of the outputs that lie `place` after the corners of their tiles, and puts them into
 * y. */
static void place_outputs(const cor__lanes_plan *x, const cor__lanes_band *band, const int64_t place[COR__LANES_AXES],
                          const float *bias, const float *m, float *y) {
    const int64_t wide = 2 * x->kernels->lanes, height = band->size[HEIGHT], width = band->size[WIDTH];
    const int64_t step = x->shape.m[WIDTH], n = cor__ceil_div(width - place[WIDTH], step);
    for (int64_t image = 0; image < band->images; image++)
        for (int64_t i = 0; i < band->tiles[HEIGHT]; i++, m += band->tiles[WIDTH] * wide) {
            const int64_t row = i * x->shape.m[HEIGHT] + place[HEIGHT];
            if (row < height)
                x->kernels->add(m, n, bias, y + ((image * height + row) * width + place[WIDTH]) * wide, step * wide);
        }
}

/* The outputs of a panel in y, those of one place of the tiles after the other. */
static void compute_patches(const cor__lanes_plan *x, const cor__lanes_band *band, const float *u, const float *bias,
                            const cor__lanes_memory *memory) {
    int64_t at[COR__LANES_AXES];
    for (at[HEIGHT] = 0; at[HEIGHT] < cor__min(x->shape.m[HEIGHT], band->size[HEIGHT]); at[HEIGHT]++)
        for (at[WIDTH] = 0; at[WIDTH] < cor__min(x->shape.m[WIDTH], band->size[WIDTH]); at[WIDTH]++) {
            const int64_t runs = cor__lanes_runs(x, band, at, memory->runs);
            x->kernels->multiply(band->all_tiles, memory->runs, runs, memory->v, x->v_row, u, memory->m);
            place_outputs(x, band, at, bias, memory->m, memory->y);
        }
}

/* Lists what the runs sum, tap by tap. */
static int64_t list_taps(const cor__lanes_plan *x, const cor__winograd_run *runs, int64_t n_runs, int64_t *offset,
                         int64_t *weight) {
    int64_t count = 0;
    for (int64_t r = 0; r < n_runs; r++)
        for (int64_t c = 0; c < runs[r].depth; c += x->room, count++) {
            offset[count] = cor__lanes_offset(x, (runs[r].v + c) / x->room);
            weight[count] = (runs[r].u + c) / x->room * x->shared;
        }
    return count;
}

/* The outputs of groups that share vectors, those of one place of the tiles after the other, from the strip: a vector
 * of channels at a time. */
static void compute_shared(const cor__lanes_plan *x, const cor__lanes_band *band, const float *u, const float *bias,
                           const cor__lanes_memory *memory) {
    const int64_t lanes = x->kernels->lanes, row = x->strip_columns * lanes, wide = 2 * lanes;
    const int64_t width = band->size[WIDTH], tile = x->shape.m[WIDTH] * wide;
    int64_t offset[COR__LANES_SHARED_TAPS], weight[COR__LANES_SHARED_TAPS], at[COR__LANES_AXES];
    for (at[HEIGHT] = 0; at[HEIGHT] < cor__min(x->shape.m[HEIGHT], band->size[HEIGHT]); at[HEIGHT]++)
        for (at[WIDTH] = 0; at[WIDTH] < cor__min(x->shape.m[WIDTH], width); at[WIDTH]++) {
            const int64_t count =
                list_taps(x, memory->runs, cor__lanes_runs(x, band, at, memory->runs), offset, weight);
            const cor__winograd_taps taps = {x->shared, count, offset, weight, tile};
            const int64_t n = cor__ceil_div(width - at[WIDTH], x->shape.m[WIDTH]);
            for (int64_t index = 0; index < 2 * band->images * band->tiles[HEIGHT]; index++) {
                const int64_t half = index % 2, i = index / 2 % band->tiles[HEIGHT];
                const int64_t image = index / 2 / band->tiles[HEIGHT], line = i * x->shape.m[HEIGHT] + at[HEIGHT];
                if (line >= band->size[HEIGHT]) continue;
                const float *const strip = memory->strip + half * cor__lanes_strip_plane(x);
                x->kernels->shared(n, &taps, strip + (image * x->strip_rows + i * x->step[HEIGHT]) * row,
                                   x->step[WIDTH] * lanes, u + half * lanes, bias != NULL ? bias + half * lanes : NULL,
                                   memory->y + ((image * band->size[HEIGHT] + line) * width + at[WIDTH]) * wide +
                                       half * lanes);
            }
        }
}

/* The products of every element of Winograd's tiles, in m. */
static void multiply(const cor__lanes_plan *x, const cor__lanes_band *band, const float *u,
                     const cor__lanes_memory *memory) {
    const int64_t lanes = x->kernels->lanes, tiles = band->all_tiles;
    const int64_t corner[COR__LANES_AXES] = {0}, runs = cor__lanes_runs(x, band, corner, memory->runs);
    for (int64_t e = 0; e < x->elements; e++, u += x->depth * 2 * lanes) {
        const float *const v = memory->v + e * x->v_element;
        float *const m = memory->m + e * x->m_element;
        if (x->shared == 0) x->kernels->multiply(tiles, memory->runs, runs, v, x->v_row, u, m);
        else
            for (int half = 0; half < 2; half++)
                x->kernels->whole(tiles, lanes, v + half * lanes, x->v_row, u + half * lanes, m + half * lanes);
    }
}

/* The products of a panel, then its outputs in y. Returns whether all of them are finite. */
static bool compute_panel(const job *j, const cor__lanes_band *band, int64_t panel, const float *bias,
                          const cor__lanes_memory *memory) {
    const cor__lanes_plan *x = j->plan;
    const int64_t wide = 2 * x->kernels->lanes;
    const float *u = (const float *)j->operands->prepared + (band->group * x->panels + panel) * panel_size(x);
    if (x->in_place) {
        compute_shared(x, band, u, bias, memory);
        return true;
    }
    if (x->form == COR__PATCHES) {
        compute_patches(x, band, u, bias, memory);
        return true;
    }
    float check[2 * COR__LANES_MOST] = {0};
    multiply(x, band, u, memory);
    const float *m = memory->m;
    for (int64_t map = 0; map < band->maps; map++)
        for (int64_t i = 0; i < band->tiles[HEIGHT]; i++, m += band->tiles[WIDTH] * wide) {
            const int64_t row = i * x->shape.m[HEIGHT];
            const cor__winograd_place place = {memory->y + (map * band->size[HEIGHT] + row) * band->size[WIDTH] * wide,
                                               band->size[WIDTH], band->size[HEIGHT] - row, band->size[WIDTH]};
            x->kernels->output[x->form](m, x->m_element, band->tiles[WIDTH], bias, &place, check);
        }
    float sum = 0;
    for (int64_t l = 0; l < wide; l++) sum += check[l];
    return !isnan(sum);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void run_part(const job *j, const cor__lanes_band *band, int64_t part, const cor__lanes_memory *memory) {
    const cor__lanes_plan *x = j->plan;
    const int64_t wide = 2 * x->kernels->lanes;
    for (int64_t panel = part * x->panels / x->parts; panel < (part + 1) * x->panels / x->parts; panel++) {
        float bias[2 * COR__LANES_MOST] = {0};
        const int64_t n = cor__min(wide, x->outputs - panel * wide);
        if (x->problem->bias)
            memcpy(bias, (const float *)j->operands->bias + band->group * x->outputs + panel * wide,
                   (size_t)n * sizeof(float));
        if (!compute_panel(j, band, panel, x->problem->bias ? bias : NULL, memory)) atomic_store(j->finite, false);
        cor__lanes_write(x, band, panel, memory, j->operands);
    }
}

/* Runs the tasks of the slots [begin, end). The tasks of one band follow each other and share its transformed inputs.
 */
static void run_slots(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    const cor__lanes_plan *x = j->plan;
    const uint64_t state = cor__flush_begin();
    for (int64_t slot = begin; slot < end; slot++) {
        cor__lanes_memory memory;
        divide_memory(x, j->memory + slot * divide_memory(x, NULL, NULL), &memory);
        int64_t held = -1;
        for (int64_t task = slot * j->tasks / j->slots; task < (slot + 1) * j->tasks / j->slots; task++) {
            const cor__lanes_band band = cor__lanes_band_of(x, task / x->parts);
            if (held != task / x->parts) {
                cor__lanes_read(x, &band, j->operands->input, &memory);
                cor__lanes_list(x, &band, memory.places);
            }
            held = task / x->parts;
            run_part(j, &band, task % x->parts, &memory);
        }
    }
    cor__flush_end(state);
}

int64_t cor__lanes_workspace(cor__lanes_planner *planner, const cor__conv_problem *p, int threads) {
    cor__lanes_plan plan, *const x = &plan;
    int64_t bytes;
    if (planner(x, p) != NULL) return -1;
    return cor__mul_ok(divide_memory(x, NULL, NULL), threads, &bytes) ? bytes : -1;
}

int cor__lanes_run(cor__lanes_planner *planner, const cor__conv_problem *p, const cor__conv_operands *operands,
                   int threads, char *memory, bool *finite) {
    cor__lanes_plan plan, *const x = &plan;
    const char *reason = planner(x, p);
    if (reason != NULL) return cannot_run(reason);
    _Atomic bool all_finite = true;
    job j = {.plan = x, .operands = operands, .memory = memory, .finite = &all_finite};
    j.tasks = x->groups * x->image_bands * x->problem->output[0] * x->bands[0] * x->bands[1] * x->parts;
    j.slots = cor__min(threads, j.tasks);
    int status = COR_OK;
    if (j.slots > 1) status = cor_parallel_for(j.slots, 1, run_slots, &j);
    else run_slots(0, 1, &j);
    *finite = atomic_load(&all_finite);
    return status;
}
