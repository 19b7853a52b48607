/* depthwise.c: convolution of each channel by kernels of its own, positions in lanes. A task copies the input rows of a
 * band of one channel into a zero-padded window in the first level cache and computes the band's outputs from it. Each
 * output is one sum in one order, so neither threads nor the cutting into bands change a bit. */
#include "base/error.h"
#include "base/sizes.h"
#include "conv/parts.h"
#include "conv/plan.h"
#include "kernels/conv_depthwise.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"

enum { AXES = COR__CONV_AXES, LINE = 64 };

enum {
    WINDOW_BYTES = 20 << 10,  /* the window shall leave room in the first level cache for what streams through */
    MERGED_ROWS = 14,         /* for the same reason */
    MOST_BYTES = 1 << 20,     /* of a window that cannot be cut smaller: refuses() says it */
    SERIAL_PRODUCTS = 1 << 19 /* not worth waking threads */
};

/* A problem as forward convolutions, the parts of its axes, and how it is cut. A band has the same places of all parts:
 * rows of the parts of the height are rows of the output; those of the width are computed apart and then merged. */
typedef struct pass {
    const cor__conv_problem *problem;
    const cor__conv_operands *operands;
    const cor__depthwise_kernel *kernel;
    cor__conv_parts parts[AXES]; /* one of the depth */
    int64_t multiplier, kernel_size;
    int64_t band[AXES], bands[AXES]; /* outputs of a part in a band, 1 of the depth; and the bands */
    int64_t rows, length, phase;     /* of the window */
    int64_t pitch, slice;            /* from row to row, and of one kernel depth */
    int64_t apart;                   /* elements of a row of a part of the width, 0 when there is one */
    const int64_t *columns;          /* of the taps of all parts of the width */
    char *windows;                   /* one for each slot, and after it room for rows to be merged */
    int64_t slots, tasks;
} pass;

static const cor__depthwise_kernel *kernel_for(cor_dtype dtype) {
    const cor__depthwise_kernels *kernels = cor__kernels_now()->fused->depthwise;
    return dtype == COR_FLOAT64 ? &kernels->f64 : &kernels->f32;
}

/* ---- planning --------------------------------------------------------------------------------------------------- */

/* How many input positions an axis of a band reaches over. */
static int64_t extent(const pass *x, int axis, int64_t band) {
    return (band - 1) * x->parts[axis].stride + x->parts[axis].reach;
}

static int64_t window_bytes(const pass *x) {
    return cor__ceil_div((x->problem->kernel[0] * x->slice + 2 * x->kernel->lanes) * x->kernel->size, LINE) * LINE;
}

static int64_t slot_bytes(const pass *x) {
    return window_bytes(x) + cor__ceil_div(MERGED_ROWS * x->parts[2].count * x->apart * x->kernel->size, LINE) * LINE;
}

static void lay_out(pass *x, int64_t rows, int64_t columns) {
    const int64_t lanes = x->kernel->lanes, whole = cor__ceil_div(columns, lanes) * lanes;
    x->band[1] = rows;
    x->band[2] = columns;
    x->apart = x->parts[2].count > 1 ? whole : 0;
    x->rows = extent(x, 1, rows);
    x->length = cor__ceil_div(extent(x, 2, x->apart > 0 ? whole : columns), x->parts[2].stride);
    x->phase = (cor__ceil_div(x->length, lanes) + 1) * lanes;
    x->pitch = x->phase * x->parts[2].stride;
    x->slice = x->pitch * x->rows;
}

/* Bands of whole rows where a few of them fit, otherwise of parts of rows. */
static void choose_bands(pass *x) {
    const int64_t outputs[AXES] = {x->parts[0].outputs, x->parts[1].outputs, x->parts[2].outputs};
    const int64_t least = cor__min(outputs[1], 7);
    int64_t columns = outputs[2];
    lay_out(x, least, columns);
    while (window_bytes(x) > WINDOW_BYTES && columns > 4 * x->kernel->lanes) {
        columns = cor__max(cor__ceil_div(columns, 2), 4 * x->kernel->lanes);
        lay_out(x, least, columns);
    }
    const int64_t fitting = WINDOW_BYTES / (x->kernel->size * x->problem->kernel[0] * x->pitch);
    const int64_t rows = cor__max((fitting - extent(x, 1, 1)) / x->parts[1].stride + 1, 1);
    lay_out(x, cor__ceil_div(outputs[1], cor__ceil_div(outputs[1], rows)), columns);
    x->band[0] = 1;
    for (int i = 0; i < AXES; i++) x->bands[i] = cor__ceil_div(outputs[i], x->band[i]);
}

static void plan_pass(pass *x, const cor__conv_problem *problem) {
    *x = (pass){.problem = problem, .kernel = kernel_for(problem->dtype), .multiplier = problem->o / problem->groups};
    x->kernel_size = problem->kernel[0] * problem->kernel[1] * problem->kernel[2];
    for (int i = 0; i < AXES; i++) cor__conv_parts_of(&x->parts[i], problem, i);
    choose_bands(x);
    x->tasks = problem->n * problem->c * x->bands[0] * x->bands[1] * x->bands[2];
}

/* ---- tasks ------------------------------------------------------------------------------------------------------ */

/* One band of a channel's outputs, in outputs of a part. */
typedef struct place {
    int64_t image, channel, start[AXES], count[AXES];
} place;

static place place_of(const pass *x, int64_t task) {
    place at;
    for (int i = AXES - 1; i >= 0; i--) {
        at.start[i] = 0;
        at.count[i] = x->band[i];
        if (x->bands[i] == 1) continue;
        at.start[i] = task % x->bands[i] * x->band[i];
        at.count[i] = cor__min(x->band[i], x->parts[i].outputs - at.start[i]);
        task /= x->bands[i];
    }
    at.channel = task % x->problem->c;
    at.image = task / x->problem->c;
    return at;
}

static void fill(const pass *x, const place *at, char *to) {
    const cor__conv_problem *p = x->problem;
    const int64_t *strides = p->input_strides, size = x->kernel->size;
    const char *channel = (const char *)x->operands->input + (at->image * strides[0] + at->channel * strides[1]) * size;
    cor__depthwise_window window = {.size = {p->input[1], p->input[2]},
                                    .strides = {strides[3], strides[4]},
                                    .first = {at->start[1] * x->parts[1].stride + x->parts[1].lead,
                                              at->start[2] * x->parts[2].stride + x->parts[2].lead},
                                    .rows = extent(x, 1, at->count[1]),
                                    .phases = x->parts[2].stride,
                                    .length = x->length,
                                    .phase = x->phase};
    const cor__conv_parts *const depths = &x->parts[0];
    for (int64_t d = 0; d < p->kernel[0]; d++) {
        const int64_t depth = at->start[0] * depths->stride + depths->lead + d * depths->part[0].dilation;
        const bool exists = depth >= 0 && depth < p->input[0];
        window.plane = exists ? channel + depth * strides[2] * size : NULL;
        x->kernel->fill(&window, to + d * x->slice * size);
    }
}

/* Computes rows of all parts of the width apart, a few at a time, and merges them. band->out is the first output. */
static void compute_merged(const pass *x, const place *at, const cor__depthwise_band *rows, char *apart) {
    const cor__conv_parts *const widths = &x->parts[2];
    const int64_t size = x->kernel->size, bands = cor__ceil_div(rows->rows, MERGED_ROWS);
    const int64_t first = at->start[2] * widths->count;
    const cor__depthwise_merge merge = {.parts = widths->count,
                                        .part = x->apart,
                                        .from = apart,
                                        .out_row = rows->out_row,
                                        .width = cor__min(at->count[2] * widths->count, x->problem->output[2] - first)};
    for (int64_t i = 0; i < bands; i++) {
        const int64_t row = i * rows->rows / bands, end = (i + 1) * rows->rows / bands;
        cor__depthwise_band band = *rows;
        band.window = (const char *)rows->window + row * rows->in_row * size;
        band.rows = end - row;
        band.out_row = band.width = x->apart;
        band.columns = x->columns;
        for (int64_t r = 0; r < widths->count; r++) {
            const cor__conv_part *const part = &widths->part[r];
            band.taps[2] = part->taps;
            band.steps[2] = part->step;
            band.weights = (const char *)rows->weights + part->first * size;
            band.out = apart + r * MERGED_ROWS * x->apart * size;
            x->kernel->band(&band);
            band.columns += part->taps;
        }
        cor__depthwise_merge piece = merge;
        piece.rows = end - row;
        piece.from_part = MERGED_ROWS * x->apart;
        piece.out = (char *)rows->out + row * rows->out_row * size;
        x->kernel->merge(&piece);
    }
}

/* One output channel of a band. Dilated rows of stride 1 are taken apart by remainder, so that rows that share input
 * are computed together. */
static void compute(const pass *x, const place *at, int64_t o, char *window) {
    const cor__conv_problem *p = x->problem;
    const cor__conv_parts *const heights = &x->parts[1], *const widths = &x->parts[2];
    const cor__conv_part *const depth = &x->parts[0].part[0];
    const int64_t size = x->kernel->size, width = p->output[2], taps = p->kernel[1] * p->kernel[2];
    const int64_t plane = (at->image * p->o + o) * p->output[0] + at->start[0];
    for (int64_t r = 0; r < heights->count; r++) {
        const cor__conv_part *const part = &heights->part[r];
        const int64_t rows = cor__min(at->count[1], part->outputs - at->start[1]), stride = heights->stride;
        const int64_t apart = stride == 1 ? cor__max(part->dilation, 1) : 1;
        const int64_t weight = depth->first * taps + part->first * p->kernel[2];
        cor__depthwise_band band = {
            .in_row = (stride == 1 ? apart : stride) * x->pitch,
            .tap_row = part->dilation * x->pitch,
            .tap_depth = x->slice,
            .columns = x->columns,
            .taps = {p->kernel[0], part->taps, widths->part[0].taps},
            .weights = (const char *)x->operands->weight + (o * x->kernel_size + weight) * size,
            .steps = {depth->step * taps, part->step * p->kernel[2], widths->part[0].step},
            .bias = p->bias ? (const char *)x->operands->bias + o * size : NULL,
            .out_row = apart * heights->count * width,
            .width = at->count[2],
        };
        for (int64_t row = 0; row < cor__min(apart, rows); row++) {
            const int64_t line = plane * p->output[1] + (at->start[1] + row) * heights->count + r;
            band.window = window + (part->offset - heights->lead + row) * x->pitch * size;
            band.out = (char *)x->operands->output + (line * width + at->start[2] * widths->count) * size;
            band.rows = cor__ceil_div(rows - row, apart);
            if (widths->count > 1) {
                compute_merged(x, at, &band, window + window_bytes(x));
                continue;
            }
            band.weights =
                (const char *)x->operands->weight + (o * x->kernel_size + weight + widths->part[0].first) * size;
            x->kernel->band(&band);
        }
    }
    if (x->operands->epilogue == NULL) return; /* forward convolutions have one, and a single part */
    const int64_t out = (plane * p->output[1] + at->start[1]) * width + at->start[2];
    cor__conv_finish(p, x->operands, o, 1, out, at->count[1], at->count[2], width);
}

/* Runs the tasks of the slots [begin, end). */
static void run_slots(int64_t begin, int64_t end, void *context) {
    const pass *x = context;
    const uint64_t state = cor__flush_begin();
    for (int64_t slot = begin; slot < end; slot++) {
        char *const window = x->windows + slot * slot_bytes(x);
        for (int64_t task = slot * x->tasks / x->slots; task < (slot + 1) * x->tasks / x->slots; task++) {
            const place at = place_of(x, task);
            fill(x, &at, window);
            for (int64_t m = 0; m < x->multiplier; m++) compute(x, &at, at.channel * x->multiplier + m, window);
        }
    }
    cor__flush_end(state);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static bool has_output(const cor__conv_problem *p) {
    return p->n > 0 && p->o > 0 && p->output[0] > 0 && p->output[1] > 0 && p->output[2] > 0;
}

static int64_t columns_bytes(const cor__conv_problem *p) { return cor__ceil_div(p->kernel[2] * 8, LINE) * LINE; }

/* Where the taps of the parts of the width read in the window. */
static void list_columns(const pass *x, int64_t *columns) {
    const cor__conv_parts *const widths = &x->parts[2];
    for (int64_t r = 0; r < widths->count; r++)
        for (int64_t v = 0; v < widths->part[r].taps; v++) {
            const int64_t at = widths->part[r].offset - widths->lead + v * widths->part[r].dilation;
            *columns++ = at % widths->stride * x->phase + at / widths->stride;
        }
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    if (!has_output(p)) return 0;
    pass x;
    plan_pass(&x, p);
    return columns_bytes(p) + threads * slot_bytes(&x);
}

static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    if (!has_output(p)) return COR_OK;
    pass x;
    plan_pass(&x, p);
    list_columns(&x, memory);
    x.operands = operands;
    x.columns = memory;
    x.windows = (char *)memory + columns_bytes(p);
    const int64_t sizes[] = {p->n, p->o, p->output[0], p->output[1], p->output[2], x.kernel_size};
    int64_t products;
    const bool serial = cor__product_ok(sizes, 6, &products) && products < SERIAL_PRODUCTS;
    x.slots = serial ? 1 : cor__min(threads, x.tasks);
    if (x.slots > 1) return cor_parallel_for(x.slots, 1, run_slots, &x);
    run_slots(0, 1, &x);
    return COR_OK;
}

static const char *refuses(const cor__conv_problem *p) {
    if (p->groups != p->c) return "its groups have more than one input channel";
    if (p->dtype != COR_FLOAT32 && p->dtype != COR_FLOAT64) return "its dtype is not float32 or float64";
    if (!cor__conv_has_parts(p, 1)) return "it is transposed, with a stride of the depth or of more than 8";
    const int64_t size = cor__conv_dtype_size(p->dtype);
    for (int i = 0; i < AXES; i++) /* so that the sizes of a window can be held */
        if (p->kernel[i] * size > MOST_BYTES || p->stride[i] > MOST_BYTES || p->dilation[i] > MOST_BYTES)
            return "a window has more than 1 MiB";
    if (!has_output(p)) return NULL;
    pass x;
    plan_pass(&x, p);
    return window_bytes(&x) <= MOST_BYTES ? NULL : "a window has more than 1 MiB";
}

bool cor__conv_shares_inputs(const cor__conv_problem *p) {
    enum { LEAST_OUTPUTS = 12, LEAST_PRODUCTS = 256 };
    const int64_t outputs = p->o / p->groups;
    return outputs >= LEAST_OUTPUTS && outputs * p->kernel[0] * p->kernel[1] * p->kernel[2] >= LEAST_PRODUCTS;
}

/* The speed comes from input rows that several output rows share; with one row of taps there are none, while tiles of
 * several outputs share what they read. */
static const char *yields(const cor__conv_problem *p) {
    const bool one_row = p->kernel[0] == 1 && p->kernel[1] == 1;
    if (cor__conv_shares_inputs(p)) return "many outputs of a channel share its taps";
    return one_row && p->o / p->groups > 1 ? "several outputs of a channel share its one row of taps" : NULL;
}

const cor__conv_implementation cor__conv_depthwise = {
    .name = "depthwise", .refuses = refuses, .yields = yields, .workspace = workspace, .run = run};
