/* channels.c: depthwise convolution of small maps, channels in lanes. Where rows are about as short as a vector,
 * positions in lanes leave many lanes empty and have much to do at the ends of rows. A task gathers the planes of as
 * many channels as a vector has lanes into one map of vectors, computes it, and scatters the outputs to their planes.
 * Each output is one sum in one order, so threads do not change a bit. */
#include "base/sizes.h"
#include "conv/parts.h"
#include "conv/plan.h"
#include "kernels/conv_depthwise.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"
#include <string.h>

enum { AXES = COR__CONV_AXES, LINE = 64, MOST_LANES = 16 };

enum {
    WIDEST = 20,              /* from there on positions in lanes are faster */
    MAP_BYTES = 96 << 10,     /* input and output of a map: a small part of the second level cache */
    SERIAL_PRODUCTS = 1 << 19 /* not worth waking threads */
};

/* A problem as forward convolutions, the parts of its axes. */
typedef struct pass {
    const cor__conv_problem *problem;
    const cor__conv_operands *operands;
    const cor__depthwise_kernel *kernel;
    cor__conv_parts parts[AXES]; /* one of the depth */
    int64_t pitch;               /* vectors of a row of the padded input */
    int64_t taps, multiplier, blocks;
    int64_t input, output;                      /* elements of a plane */
    int64_t in_bytes, out_bytes, weights_bytes; /* of a slot's map, and of the weights and bias in vectors */
    const int64_t *places;                      /* of the input's elements in the map */
    char *memory;
    int64_t slots, tasks;
} pass;

static void plan_pass(pass *x, const cor__conv_problem *p) {
    const cor__depthwise_kernels *kernels = cor__kernels_now()->fused->depthwise;
    *x = (pass){.problem = p, .kernel = p->dtype == COR_FLOAT64 ? &kernels->f64 : &kernels->f32};
    for (int i = 1; i < AXES; i++) cor__conv_parts_of(&x->parts[i], p, i);
    const int64_t vector = x->kernel->lanes * x->kernel->size;
    x->pitch = (x->parts[2].outputs - 1) * x->parts[2].stride + x->parts[2].reach;
    x->taps = p->kernel[1] * p->kernel[2];
    x->multiplier = p->o / p->groups;
    x->blocks = cor__ceil_div(p->o, x->kernel->lanes);
    x->input = p->input[1] * p->input[2];
    x->output = p->output[1] * p->output[2];
    x->in_bytes = cor__ceil_div((p->input[1] * x->pitch + 1) * vector, LINE) * LINE; /* one for what no kernel reads */
    x->out_bytes = cor__ceil_div(x->output * vector, LINE) * LINE;
    x->weights_bytes = cor__ceil_div((x->taps + 1) * vector, LINE) * LINE;
    x->tasks = x->blocks * p->n;
}

static int64_t slot_bytes(const pass *x) { return x->in_bytes + x->out_bytes + x->weights_bytes; }
static int64_t places_bytes(const pass *x) { return cor__ceil_div(x->input * 8, LINE) * LINE; }

/* Elements that no kernel reads go to a vector of their own at the end. */
static void list_places(const pass *x, int64_t *places) {
    const cor__conv_problem *p = x->problem;
    for (int64_t i = 0; i < p->input[1]; i++)
        for (int64_t j = 0; j < p->input[2]; j++, places++) {
            const int64_t at = j - x->parts[2].lead;
            *places = (at >= 0 && at < x->pitch ? i * x->pitch + at : p->input[1] * x->pitch) * x->kernel->lanes;
        }
}

/* ---- tasks ------------------------------------------------------------------------------------------------------ */

/* The output channels of a block, one a lane; past the last channel come lanes that do the last one's work again. */
typedef struct block {
    int64_t channel[MOST_LANES];
} block;

static block block_of(const pass *x, int64_t index) {
    block b = {{0}};
    for (int64_t lane = 0; lane < x->kernel->lanes; lane++)
        b.channel[lane] = cor__min(index * x->kernel->lanes + lane, x->problem->o - 1);
    return b;
}

/* The weights and after them the bias of a block, in vectors. */
static void gather_weights(const pass *x, const block *b, char *to) {
    const cor__conv_problem *p = x->problem;
    const int64_t size = x->kernel->size, vector = x->kernel->lanes * size;
    const void *weights[MOST_LANES], *biases[MOST_LANES];
    for (int64_t lane = 0; lane < x->kernel->lanes; lane++) {
        weights[lane] = (const char *)x->operands->weight + b->channel[lane] * x->taps * size;
        if (p->bias) biases[lane] = (const char *)x->operands->bias + b->channel[lane] * size;
    }
    const int64_t after = (p->o - b->channel[x->kernel->lanes - 1]) * x->taps; /* from the last lane's to the end */
    x->kernel->gather(to, weights, x->taps, NULL, after >= x->kernel->lanes);
    if (p->bias) x->kernel->gather(to + x->taps * vector, biases, 1, NULL, false);
    else memset(to + x->taps * vector, 0, (size_t)vector);
}

/* Computes the outputs of a part of the height and of the width. */
static void run_part(const pass *x, int64_t index, char *memory) {
    const cor__conv_problem *p = x->problem;
    const int64_t height = index / x->parts[2].count, width = index % x->parts[2].count, lanes = x->kernel->lanes;
    const cor__conv_part *const h = &x->parts[1].part[height], *const w = &x->parts[2].part[width];
    const int64_t vector = lanes * x->kernel->size;
    char *const out = memory + x->in_bytes, *const weights = out + x->out_bytes;
    const cor__depthwise_map map = {.in = memory + (w->offset - x->parts[2].lead) * vector,
                                    .rows = p->input[1],
                                    .pitch = x->pitch,
                                    .padding = -h->offset,
                                    .taps = {h->taps, w->taps},
                                    .stride = {x->parts[1].stride, x->parts[2].stride},
                                    .dilation = {h->dilation, w->dilation},
                                    .weights = weights + (h->first * p->kernel[2] + w->first) * vector,
                                    .weight_steps = {h->step * p->kernel[2] * lanes, w->step * lanes},
                                    .bias = weights + x->taps * vector,
                                    .output = {h->outputs, w->outputs},
                                    .out = out + (height * p->output[2] + width) * vector,
                                    .out_steps = {x->parts[1].count * p->output[2] * lanes, x->parts[2].count * lanes}};
    x->kernel->map(&map);
}

static void run_task(const pass *x, const block *b, int64_t image, char *memory) {
    const cor__conv_problem *p = x->problem;
    const int64_t size = x->kernel->size;
    char *const out = memory + x->in_bytes;
    const void *planes[MOST_LANES];
    void *outs[MOST_LANES];
    for (int64_t lane = 0; lane < x->kernel->lanes; lane++) {
        const int64_t o = b->channel[lane], c = o / x->multiplier;
        const int64_t in = image * p->input_strides[0] + c * p->input_strides[1];
        planes[lane] = (const char *)x->operands->input + in * size;
        outs[lane] = (char *)x->operands->output + (image * p->o + o) * x->output * size;
    }
    x->kernel->gather(memory, planes, x->input, x->places, false);
    for (int64_t i = 0; i < x->parts[1].count * x->parts[2].count; i++) run_part(x, i, memory);
    x->kernel->scatter(out, outs, x->output);
    const int64_t first = b->channel[0], channels = cor__min(x->kernel->lanes, p->o - first);
    if (x->operands->epilogue != NULL)
        cor__conv_finish(p, x->operands, first, channels, (image * p->o + first) * x->output, 1, x->output, x->output);
}

/* Runs the tasks of the slots [begin, end). The images of one block follow each other and share its weights. */
static void run_slots(int64_t begin, int64_t end, void *context) {
    const pass *x = context;
    const uint64_t state = cor__flush_begin();
    for (int64_t slot = begin; slot < end; slot++) {
        char *const memory = x->memory + slot * slot_bytes(x);
        memset(memory, 0, (size_t)x->in_bytes); /* the padding stays zero */
        int64_t held = -1;
        block b;
        for (int64_t task = slot * x->tasks / x->slots; task < (slot + 1) * x->tasks / x->slots; task++) {
            if (task / x->problem->n != held) {
                held = task / x->problem->n;
                b = block_of(x, held);
                gather_weights(x, &b, memory + x->in_bytes + x->out_bytes);
            }
            run_task(x, &b, task % x->problem->n, memory);
        }
    }
    cor__flush_end(state);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static int64_t workspace(const cor__conv_problem *p, int threads) {
    pass x;
    plan_pass(&x, p);
    return places_bytes(&x) + threads * slot_bytes(&x);
}

static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    pass x;
    plan_pass(&x, p);
    list_places(&x, memory);
    x.operands = operands;
    x.places = memory;
    x.memory = (char *)memory + places_bytes(&x);
    const int64_t sizes[] = {p->n, p->o, x.output, x.taps};
    int64_t products;
    const bool serial = cor__product_ok(sizes, 4, &products) && products < SERIAL_PRODUCTS;
    x.slots = serial ? 1 : cor__min(threads, x.tasks);
    if (x.slots > 1) return cor_parallel_for(x.slots, 1, run_slots, &x);
    run_slots(0, 1, &x);
    return COR_OK;
}

/* Whether planes are one row of elements each, without depth. */
static bool is_plane(const cor__conv_problem *p) {
    return p->input[0] == 1 && p->kernel[0] == 1 && p->output[0] == 1 && p->padding[0] == 0 &&
           (p->input[2] == 1 || p->input_strides[4] == 1) && (p->input[1] == 1 || p->input_strides[3] == p->input[2]);
}

static const char *refuses(const cor__conv_problem *p) {
    if (p->groups != p->c) return "its groups have more than one input channel";
    if (p->dtype != COR_FLOAT32 && p->dtype != COR_FLOAT64) return "its dtype is not float32 or float64";
    if (!cor__conv_has_parts(p, 1)) return "it is transposed, with a stride of the depth or of more than 8";
    if (!is_plane(p)) return "its planes have depth, or gaps in memory";
    const int64_t lanes = cor__kernels_now()->fused->depthwise->f32.lanes * 4 / cor__conv_dtype_size(p->dtype);
    if (p->output[2] > WIDEST) return "its output is wider than 20";
    if (p->o < lanes) return "it has fewer output channels than a vector has lanes";
    if (p->n == 0 || p->output[1] == 0 || p->output[2] == 0 || p->input[1] == 0 || p->input[2] == 0)
        return "it is empty";
    int64_t all = 1;
    for (int i = 1; i < AXES; i++) /* so that the sizes of a map can be held */
        all = cor__max(all, p->input[i] | p->output[i] | p->kernel[i] | p->stride[i] | p->dilation[i] | p->padding[i]);
    if (all > MAP_BYTES) return "a map has more than 96 KiB";
    pass x;
    plan_pass(&x, p);
    return slot_bytes(&x) <= MAP_BYTES ? NULL : "a map has more than 96 KiB";
}

static const char *yields(const cor__conv_problem *p) {
    return cor__conv_shares_inputs(p) ? "many outputs of a channel share its taps" : NULL;
}

const cor__conv_implementation cor__conv_channels = {
    .name = "channels", .refuses = refuses, .yields = yields, .workspace = workspace, .run = run};
