/* depthwise.c: convolution of each channel by kernels of its own, positions in lanes. A task copies the input rows of a
 * band of one channel into a zero-padded window in the first level cache and computes the band's outputs from it. Each
 * output is one sum in one order, so neither threads nor the cutting into bands change a bit. */
#include "base/error.h"
#include "base/sizes.h"
#include "conv/plan.h"
#include "kernels/conv_depthwise.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"

enum { AXES = COR__CONV_AXES, LINE = 64 };

enum {
    WINDOW_BYTES = 20 << 10,  /* the window shall leave room in the first level cache for what streams through */
    MOST_BYTES = 1 << 20,     /* of a window that cannot be cut smaller: refuses() says it */
    SERIAL_PRODUCTS = 1 << 19 /* not worth waking threads */
};

/* A problem as a forward convolution, and how it is cut. */
typedef struct pass {
    const cor__conv_problem *problem;
    const cor__conv_operands *operands;
    const cor__depthwise_kernel *kernel;
    int64_t stride[AXES], padding[AXES], dilation[AXES]; /* padding may be negative */
    int64_t first_weight, steps[AXES]; /* of the kernel positions in the weights of an output channel */
    int64_t multiplier, kernel_size;
    int64_t band[AXES], bands[AXES]; /* outputs of a band, 1 of the depth; and the bands */
    int64_t rows, length, phase;     /* of the window */
    int64_t pitch, slice;            /* from row to row, and of one kernel depth */
    const int64_t *columns;
    char *windows; /* one for each slot */
    int64_t slots, tasks;
} pass;

static const cor__depthwise_kernel *kernel_for(cor_dtype dtype) {
    const cor__depthwise_kernels *kernels = cor__kernels_now()->fused->depthwise;
    return dtype == COR_FLOAT64 ? &kernels->f64 : &kernels->f32;
}

/* ---- planning --------------------------------------------------------------------------------------------------- */

/* A transposed convolution of stride 1 is a forward one with its kernel flipped. */
static void set_axes(pass *x) {
    const cor__conv_problem *p = x->problem;
    const int64_t taps[AXES] = {p->kernel[1] * p->kernel[2], p->kernel[2], 1};
    x->kernel_size = p->kernel[0] * taps[0];
    x->first_weight = p->transposed ? x->kernel_size - 1 : 0;
    for (int i = 0; i < AXES; i++) {
        x->stride[i] = p->stride[i];
        x->dilation[i] = p->dilation[i];
        x->padding[i] = p->transposed ? p->dilation[i] * (p->kernel[i] - 1) - p->padding[i] : p->padding[i];
        x->steps[i] = p->transposed ? -taps[i] : taps[i];
    }
}

/* How many input positions an axis of a band reaches over. */
static int64_t extent(const pass *x, int axis, int64_t band) {
    return (band - 1) * x->stride[axis] + (x->problem->kernel[axis] - 1) * x->dilation[axis] + 1;
}

static int64_t window_bytes(const pass *x) {
    return cor__ceil_div((x->problem->kernel[0] * x->slice + 2 * x->kernel->lanes) * x->kernel->size, LINE) * LINE;
}

static void lay_out(pass *x, int64_t rows, int64_t columns) {
    const int64_t lanes = x->kernel->lanes;
    x->band[1] = rows;
    x->band[2] = columns;
    x->rows = extent(x, 1, rows);
    x->length = cor__ceil_div(extent(x, 2, columns), x->stride[2]);
    x->phase = (cor__ceil_div(x->length, lanes) + 1) * lanes;
    x->pitch = x->phase * x->stride[2];
    x->slice = x->pitch * x->rows;
}

/* Bands of whole rows where a few of them fit, otherwise of parts of rows. */
static void choose_bands(pass *x) {
    const int64_t *output = x->problem->output, least = cor__min(output[1], 7);
    int64_t columns = output[2];
    lay_out(x, least, columns);
    while (window_bytes(x) > WINDOW_BYTES && columns > 4 * x->kernel->lanes) {
        columns = cor__max(cor__ceil_div(columns, 2), 4 * x->kernel->lanes);
        lay_out(x, least, columns);
    }
    const int64_t fitting = WINDOW_BYTES / (x->kernel->size * x->problem->kernel[0] * x->pitch);
    const int64_t rows = cor__max((fitting - extent(x, 1, 1)) / x->stride[1] + 1, 1);
    lay_out(x, cor__ceil_div(output[1], cor__ceil_div(output[1], rows)), columns);
    x->band[0] = 1;
    for (int i = 0; i < AXES; i++) x->bands[i] = cor__ceil_div(output[i], x->band[i]);
}

static void plan_pass(pass *x, const cor__conv_problem *problem) {
    *x = (pass){.problem = problem, .kernel = kernel_for(problem->dtype), .multiplier = problem->o / problem->groups};
    set_axes(x);
    choose_bands(x);
    x->tasks = problem->n * problem->c * x->bands[0] * x->bands[1] * x->bands[2];
}

/* ---- tasks ------------------------------------------------------------------------------------------------------ */

/* One band of a channel's outputs. */
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
        at.count[i] = cor__min(x->band[i], x->problem->output[i] - at.start[i]);
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
    cor__depthwise_window window = {
        .size = {p->input[1], p->input[2]},
        .strides = {strides[3], strides[4]},
        .first = {at->start[1] * x->stride[1] - x->padding[1], at->start[2] * x->stride[2] - x->padding[2]},
        .rows = extent(x, 1, at->count[1]),
        .phases = x->stride[2],
        .length = x->length,
        .phase = x->phase};
    for (int64_t d = 0; d < p->kernel[0]; d++) {
        const int64_t depth = at->start[0] * x->stride[0] - x->padding[0] + d * x->dilation[0];
        const bool exists = depth >= 0 && depth < p->input[0];
        window.plane = exists ? channel + depth * strides[2] * size : NULL;
        x->kernel->fill(&window, to + d * x->slice * size);
    }
}

/* One output channel of a band. Dilated rows of stride 1 are taken apart by remainder, so that rows that share input
 * are computed together. */
static void compute(const pass *x, const place *at, int64_t o, const char *window) {
    const cor__conv_problem *p = x->problem;
    const int64_t size = x->kernel->size, width = p->output[2], apart = x->stride[1] == 1 ? x->dilation[1] : 1;
    int64_t out = at->image * p->o + o;
    for (int i = 0; i < AXES; i++) out = out * p->output[i] + at->start[i];
    cor__depthwise_band band = {
        .in_row = (x->stride[1] == 1 ? apart : x->stride[1]) * x->pitch,
        .tap_row = x->dilation[1] * x->pitch,
        .tap_depth = x->slice,
        .columns = x->columns,
        .taps = {p->kernel[0], p->kernel[1], p->kernel[2]},
        .weights = (const char *)x->operands->weight + (o * x->kernel_size + x->first_weight) * size,
        .steps = {x->steps[0], x->steps[1], x->steps[2]},
        .bias = p->bias ? (const char *)x->operands->bias + o * size : NULL,
        .out_row = apart * width,
        .width = at->count[2],
    };
    for (int64_t row = 0; row < cor__min(apart, at->count[1]); row++) {
        band.window = window + row * x->pitch * size;
        band.out = (char *)x->operands->output + (out + row * width) * size;
        band.rows = cor__ceil_div(at->count[1] - row, apart);
        x->kernel->band(&band);
    }
}

/* Runs the tasks of the slots [begin, end). */
static void run_slots(int64_t begin, int64_t end, void *context) {
    const pass *x = context;
    const uint64_t state = cor__flush_begin();
    for (int64_t slot = begin; slot < end; slot++) {
        char *const window = x->windows + slot * window_bytes(x);
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

static int64_t workspace(const cor__conv_problem *p, int threads) {
    if (!has_output(p)) return 0;
    pass x;
    plan_pass(&x, p);
    return columns_bytes(p) + threads * window_bytes(&x);
}

static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    if (!has_output(p)) return COR_OK;
    pass x;
    plan_pass(&x, p);
    int64_t *const columns = memory;
    for (int64_t v = 0; v < p->kernel[2]; v++) {
        const int64_t at = v * x.dilation[2];
        columns[v] = at % x.stride[2] * x.phase + at / x.stride[2];
    }
    x.operands = operands;
    x.columns = columns;
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
    if (p->transposed && (p->stride[0] > 1 || p->stride[1] > 1 || p->stride[2] > 1))
        return "it is transposed, with a stride";
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
