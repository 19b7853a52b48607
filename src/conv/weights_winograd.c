/* weights_winograd.c: the gradient of a convolution's weight by Winograd's algorithm: the tiles of the inputs are those
 * of the forward convolution, the gradients of a tile's outputs are the kernel, and the products are summed over all
 * tiles before they are transformed back. Bands are dealt out to a few sums, decided by the problem alone, which are
 * added in a fixed tree: threads change no bit. What is not finite is left to the definition. */
#include "base/error.h"
#include "base/sizes.h"
#include "conv/lanes.h"
#include "conv/weights.h"
#include "kernels/flush.h"
#include <math.h>
#include <stdatomic.h>
#include <string.h>

/* Sums that fit the cache together; large ones are shared out by panels instead. */
enum { MOST_SUMS = 8, SUM_BYTES = 2 << 20, LEAST_TASKS = 16 };
enum { TOGETHER = 8 }; /* elements of a loop that the compiler makes vectors of; two vectors of any set have them */

typedef struct gradient {
    cor__lanes_plan x, z;      /* of the inputs and of the outputs' gradients */
    cor__conv_problem outputs; /* z's */
    int64_t bands;             /* of a group */
    int64_t sums, parts;       /* a task is a sum of a group and a part of the panels */
    int64_t taps;              /* of a form */
    int64_t sum_size;          /* elements of the sum of a group: panel, slice and channel, tap, two vectors */
    int64_t block, m_element;  /* channels of a block of products, and from element to element */
    const cor__weights_operands *operands;
    int64_t slots, tasks;
    float *all_sums, *memory; /* of the groups' sums; of the slots */
    _Atomic bool *finite;     /* the weights written so far */
} gradient;

static int64_t wide_of(const gradient *g) { return 2 * g->x.kernels->lanes; }

static const char *plan_of(gradient *g, const cor__conv_problem *p) {
    *g = (gradient){.taps = 0};
    const char *reason = cor__lanes_plan_gradient(&g->x, &g->z, &g->outputs, p);
    if (reason != NULL) return reason;
    const cor__lanes_plan *x = &g->x;
    g->taps = x->shape.r[0] * x->shape.r[1];
    g->bands = x->image_bands * p->output[0] * x->bands[0] * x->bands[1];
    g->sum_size = x->panels * x->depth * g->taps * wide_of(g);
    g->sums = cor__min(cor__min(g->bands, MOST_SUMS), cor__max(SUM_BYTES / (4 * p->groups * g->sum_size), 1));
    /* A few bands are dealt out evenly when each has a sum of its own. */
    if (g->sums > 1 && g->bands <= MOST_SUMS && 2 * g->bands <= 3 * g->sums) g->sums = g->bands;
    g->parts = cor__min(x->panels, cor__ceil_div(LEAST_TASKS, p->groups * g->sums));
    g->tasks = p->groups * g->sums * g->parts;
    g->block = cor__ceil_div(x->depth, cor__ceil_div(x->depth, x->kernels->rows));
    g->m_element = g->block * wide_of(g) + x->kernels->lanes;
    return NULL;
}

static const char *refuses(const cor__conv_problem *p) {
    gradient g;
    return plan_of(&g, p);
}

/* ---- a task ----------------------------------------------------------------------------------------------------- */

typedef struct room {
    cor__lanes_memory x, z;
    float *m;
} room;

static int64_t products_size(const gradient *g) { return cor__ceil_div(g->x.elements * g->m_element, 16) * 16; }

/* Elements that cor__lanes_read needs for a plan, and those of a slot. */
static int64_t reading_size(const cor__lanes_plan *x) {
    return cor__lanes_strip_size(x) + cor__lanes_columns_size(x) + cor__lanes_v_size(x) + cor__lanes_spots_size(x);
}
static int64_t slot_size(const gradient *g) { return reading_size(&g->x) + reading_size(&g->z) + products_size(g); }

static cor__lanes_memory divide_reading(const cor__lanes_plan *x, float *at) {
    cor__lanes_memory parts = {.strip = at};
    parts.columns = parts.strip + cor__lanes_strip_size(x);
    parts.v = parts.columns + cor__lanes_columns_size(x);
    parts.spots = (int64_t *)(void *)(parts.v + cor__lanes_v_size(x));
    return parts;
}

static room room_of(const gradient *g, int64_t slot) {
    float *const at = g->memory + slot * slot_size(g), *const z = at + reading_size(&g->x);
    return (room){divide_reading(&g->x, at), divide_reading(&g->z, z), z + reading_size(&g->z)};
}

/* Adds the products of a band to the sum of one panel. */
static void add_panel(const gradient *g, const room *r, int64_t tiles, int64_t panel, float *sum) {
    const cor__lanes_plan *x = &g->x, *z = &g->z;
    const int64_t wide = wide_of(g);
    for (int64_t c = 0; c < x->depth; c += g->block) {
        const int64_t count = cor__min(g->block, x->depth - c);
        for (int64_t e = 0; e < x->elements; e++)
            x->kernels->outer(count, tiles, r->x.v + e * x->v_element + c, x->v_row,
                              r->z.v + e * z->v_element + panel * wide, z->v_row, r->m + e * g->m_element);
        for (int64_t i = 0; i < count; i++)
            x->kernels->gradient[x->form](r->m + i * wide, g->m_element, sum + (c + i) * g->taps * wide);
    }
}

/* The bands of one sum of a group, for the panels [first, end). */
static void add_bands(const gradient *g, const room *r, int64_t group, int64_t index, int64_t first, int64_t end) {
    const int64_t panel_size = g->sum_size / g->x.panels;
    float *const sum = g->all_sums + (group * g->sums + index) * g->sum_size;
    memset(sum + first * panel_size, 0, (size_t)((end - first) * panel_size) * sizeof(float));
    for (int64_t band = index * g->bands / g->sums; band < (index + 1) * g->bands / g->sums; band++) {
        const cor__lanes_band at = cor__lanes_band_of(&g->x, group * g->bands + band);
        cor__lanes_read(&g->x, &at, g->operands->input, &r->x);
        cor__lanes_read(&g->z, &at, g->operands->grad_output, &r->z);
        for (int64_t panel = first; panel < end; panel++)
            add_panel(g, r, at.all_tiles, panel, sum + panel * panel_size);
    }
}

/* Runs the tasks of the slots [begin, end). Parts of one sum that follow each other are one. */
static void run_slots(int64_t begin, int64_t end, void *context) {
    const gradient *g = context;
    const uint64_t state = cor__flush_begin();
    for (int64_t slot = begin; slot < end; slot++) {
        const int64_t last = (slot + 1) * g->tasks / g->slots;
        const room r = room_of(g, slot);
        for (int64_t task = slot * g->tasks / g->slots, next; task < last; task = next) {
            const int64_t sum = task / g->parts;
            next = cor__min((sum + 1) * g->parts, last);
            add_bands(g, &r, sum / g->sums, sum % g->sums, task % g->parts * g->x.panels / g->parts,
                      (next - sum * g->parts) * g->x.panels / g->parts);
        }
    }
    cor__flush_end(state);
}

/* ---- the weight ------------------------------------------------------------------------------------------------- */

/* Adds the sums of a panel to the first, by twos; n is a multiple of two vectors. */
static void add_sums(const gradient *g, float *first, int64_t n) {
    for (int64_t apart = 1; apart < g->sums; apart *= 2)
        for (int64_t i = 0; i + apart < g->sums; i += 2 * apart) {
            float *restrict to = first + i * g->sum_size;
            const float *restrict from = to + apart * g->sum_size;
            for (int64_t k = 0; k < n; k += TOGETHER)
                for (int64_t l = 0; l < TOGETHER; l++) to[k + l] += from[k + l];
        }
}

/* Brings n < or = COR__LANES_MOST weights of `lanes` output channels from rows of two vectors to rows[channel]. */
static void turn_weights(const gradient *g, const float *from, int64_t n,
                         float rows[COR__LANES_MOST][COR__LANES_MOST]) {
    const int64_t lanes = g->x.kernels->lanes;
    const float *source[COR__LANES_MOST];
    float *target[COR__LANES_MOST];
    for (int64_t l = 0; l < lanes; l++) {
        source[l] = from + cor__min(l, n - 1) * wide_of(g);
        target[l] = rows[l];
    }
    g->x.kernels->turn(source, target);
}

/* The weights of one vector of output channels, which lie side by side where the kernel is one block. */
static void write_side_by_side(const gradient *g, const float *from, float *to, int64_t row, int64_t outputs) {
    const int64_t lanes = g->x.kernels->lanes, all = g->x.channels * g->taps;
    float rows[COR__LANES_MOST][COR__LANES_MOST];
    for (int64_t at = 0; at < all; at += lanes) {
        const int64_t n = cor__min(lanes, all - at);
        turn_weights(g, from + at * wide_of(g), n, rows);
        for (int64_t l = 0; l < outputs; l++) memcpy(to + l * row + at, rows[l], (size_t)n * sizeof(float));
    }
}

/* One block of a channel: its rows of taps, as far as the kernel goes. */
static void write_block(const gradient *g, const float *from, int64_t block, float *to, int64_t row, int64_t outputs) {
    const cor__lanes_plan *x = &g->x;
    const int64_t *kernel = x->problem->kernel, lanes = x->kernels->lanes;
    const int64_t h = block / x->kernel[1] * x->shape.r[0], w = block % x->kernel[1] * x->shape.r[1];
    float rows[COR__LANES_MOST][COR__LANES_MOST];
    for (int64_t tap = 0; tap < g->taps; tap++) {
        const int64_t i = h + tap / x->shape.r[1], j = w + tap % x->shape.r[1];
        if (tap % lanes == 0) turn_weights(g, from + tap * wide_of(g), cor__min(lanes, g->taps - tap), rows);
        if (i >= kernel[1] || j >= kernel[2]) continue;
        for (int64_t l = 0; l < outputs; l++) to[l * row + i * kernel[2] + j] = rows[l][tap % lanes];
    }
}

/* Whether none of the values is infinite or NaN. */
static bool all_finite(const float *values, int64_t n) {
    float zeros[TOGETHER] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + TOGETHER <= n; i += TOGETHER)
        for (int64_t l = 0; l < TOGETHER; l++) zeros[l] += values[i + l] * 0;
    for (; i < n; i++) sum += values[i] * 0;
    for (int64_t l = 0; l < TOGETHER; l++) sum += zeros[l];
    return sum == 0;
}

/* Panels [begin, end) of all groups to the gradient, (O, C/groups, depth, height, width). */
static void write_panels(int64_t begin, int64_t end, void *context) {
    const gradient *g = context;
    const cor__lanes_plan *x = &g->x;
    const int64_t lanes = x->kernels->lanes, panel_size = g->sum_size / x->panels, parts = x->kernel[0] * x->kernel[1];
    const int64_t *kernel = x->problem->kernel, plane = kernel[1] * kernel[2], row = x->channels * kernel[0] * plane;
    for (int64_t index = begin; index < end; index++) {
        const int64_t group = index / x->panels, panel = index % x->panels;
        float *const sum = g->all_sums + group * g->sums * g->sum_size + panel * panel_size;
        add_sums(g, sum, panel_size);
        for (int64_t half = 0; half < 2; half++) {
            const int64_t o = panel * 2 * lanes + half * lanes, outputs = cor__min(lanes, x->outputs - o);
            float *to = (float *)g->operands->grad_weight + (group * x->outputs + o) * row;
            const float *from = sum + half * lanes;
            if (outputs <= 0) continue;
            if (x->slices == 1 && plane == g->taps) write_side_by_side(g, from, to, row, outputs);
            else
                for (int64_t c = 0; c < x->channels; c++)
                    for (int64_t u = 0; u < x->slices; u++)
                        write_block(g, from + (u * x->room + c) * g->taps * wide_of(g), u % parts,
                                    to + (c * kernel[0] + u / parts) * plane, row, outputs);
            if (!all_finite(to, outputs * row)) atomic_store(g->finite, false);
        }
    }
}

/* ---- the implementation ----------------------------------------------------------------------------------------- */

/* In multiply-adds of vectors: the transforms back of every band, and the sums' way through memory. */
static double sums_cost(const gradient *g) {
    enum { BACK = 6, NEAR = 32, FAR = 4 }; /* a transform's share of an element; bytes a multiply-add */
    const double groups = (double)g->x.problem->groups, vectors = groups * (double)(g->x.depth * g->x.panels) * 2;
    const double bytes = 4 * groups * (double)g->sum_size * (double)(3 * g->sums + 2);
    return BACK * (double)(g->x.elements * g->bands) * vectors + bytes / (bytes < SUM_BYTES ? NEAR : FAR);
}

static const char *yields(const cor__conv_problem *p) {
    enum { LEAST_CHANNELS = 12 };
    gradient g;
    const char *reason = plan_of(&g, p);
    if (reason != NULL) return reason;
    if (g.x.channels < LEAST_CHANNELS || g.x.outputs < LEAST_CHANNELS) return "it has fewer than 12 channels";
    return cor__lanes_cost(&g.x) + sums_cost(&g) < cor__lanes_direct_cost(&g.x) ? NULL
                                                                                : "by its definition it costs less";
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    gradient g;
    int64_t bytes, sums;
    if (plan_of(&g, p) != NULL) return -1;
    const int64_t sizes[] = {p->groups, g.sums, g.sum_size, sizeof(float)};
    return cor__product_ok(sizes, 4, &sums) && cor__mul_ok(slot_size(&g) * (int64_t)sizeof(float), threads, &bytes) &&
                   cor__add_ok(bytes, sums, &bytes)
               ? bytes
               : -1;
}

static int run(const cor__conv_problem *p, const cor__weights_operands *operands, int threads, void *workspace) {
    gradient g;
    const char *reason = plan_of(&g, p);
    if (reason != NULL) return cor__fail(COR_ESTATE, "winograd cannot compute it: %s", reason);
    _Atomic bool finite = true;
    g.operands = operands;
    g.finite = &finite;
    g.all_sums = workspace;
    g.memory = g.all_sums + p->groups * g.sums * g.sum_size;
    g.slots = cor__min(threads, g.tasks);
    int status = COR_OK;
    if (g.slots > 1) status = cor_parallel_for(g.slots, 1, run_slots, &g);
    else run_slots(0, 1, &g);
    if (status == COR_OK && g.slots > 1) status = cor_parallel_for(p->groups * g.x.panels, 1, write_panels, &g);
    else if (status == COR_OK) write_panels(0, p->groups * g.x.panels, &g);
    if (status != COR_OK || atomic_load(&finite)) return status;
    cor__conv_problem exact = *p;
    exact.highest = true;
    return cor__conv_weights_run(&exact, operands->input, operands->grad_output, operands->grad_weight, NULL);
}

const cor__weights_implementation cor__weights_winograd = {
    .name = "winograd", .refuses = refuses, .yields = yields, .workspace = workspace, .run = run};
