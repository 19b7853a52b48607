/* planes.c: depthwise convolution by 3x3 kernels with a padding of 1, straight from planes, positions in lanes. A task
 * computes a band of rows of a channel's outputs. Each output is one sum in one order, so neither threads nor bands
 * change a bit. */
#include "base/sizes.h"
#include "conv/parts.h"
#include "conv/plan.h"
#include "kernels/conv_depthwise.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"
#include <string.h>

enum {
    BAND_BYTES = 24 << 10,    /* of the input: what a column of vectors leaves shall be there for the next */
    MOST_NARROW = 1 << 12,    /* rows of planes that may have to be copied */
    SERIAL_PRODUCTS = 1 << 19 /* not worth waking threads */
};

typedef struct pass {
    const cor__conv_problem *problem;
    const cor__conv_operands *operands;
    const cor__depthwise_kernel *kernel;
    cor__conv_part parts[2]; /* of height and width */
    int64_t multiplier, band, bands;
    int64_t last; /* the last element of the input that may be read */
    int64_t copy; /* elements of a plane and what is read past it, of narrow ones */
    char *copies; /* of the last planes, one for each slot */
    int64_t slots, tasks;
} pass;

static const cor__depthwise_kernel *kernel_for(const cor__conv_problem *p) {
    const cor__depthwise_kernels *kernels = cor__kernels_now()->fused->depthwise;
    return p->dtype == COR_FLOAT64 ? &kernels->f64 : &kernels->f32;
}

static void plan_pass(pass *x, const cor__conv_problem *p) {
    *x = (pass){.problem = p, .kernel = kernel_for(p), .multiplier = p->o / p->groups};
    for (int i = 0; i < 2; i++) {
        cor__conv_parts parts;
        cor__conv_parts_of(&parts, p, 1 + i);
        x->parts[i] = parts.part[0];
    }
    const int64_t row = p->input[2] * x->kernel->size * p->stride[1], fitting = cor__max(BAND_BYTES / row, 4);
    x->band = cor__ceil_div(p->output[1], cor__ceil_div(p->output[1], fitting));
    x->bands = cor__ceil_div(p->output[1], x->band);
    x->tasks = p->n * p->o * x->bands;
    const int64_t *strides = p->input_strides, plane = (p->input[1] - 1) * strides[3];
    x->last = (p->n - 1) * strides[0] + (p->c - 1) * strides[1] + plane + p->input[2] - 1;
    if (p->output[2] < x->kernel->lanes) x->copy = plane + p->stride[2] * x->kernel->lanes;
}

/* The plane that begins with element `at` of the input, or its copy where more would be read than there is. */
static const char *plane_at(const pass *x, int64_t at, char *copy) {
    const int64_t size = x->kernel->size, left = x->last + 1 - at;
    const char *plane = (const char *)x->operands->input + at * size;
    if (x->copy <= left) return plane;
    memcpy(copy, plane, (size_t)(left * size));
    return copy;
}

static void run_task(const pass *x, int64_t task, char *copy) {
    const cor__conv_problem *p = x->problem;
    const int64_t *strides = p->input_strides, size = x->kernel->size, width = p->output[2];
    const int64_t plane = x->bands > 1 ? task / x->bands : task, first = (task - plane * x->bands) * x->band;
    const int64_t image = p->n > 1 ? plane / p->o : 0, o = plane - image * p->o; /* divisions are slow */
    const int64_t in = image * strides[0] + o / x->multiplier * strides[1], weight = x->parts[0].first * 3;
    const int64_t end = cor__min(first + x->band, p->output[1]), out = plane * p->output[1] * width;
    const cor__depthwise_plane rows = {
        .plane = plane_at(x, in, copy),
        .row = strides[3],
        .rows = p->input[1],
        .stride = p->stride[1],
        .weights = (const char *)x->operands->weight + (o * 9 + weight + x->parts[1].first) * size,
        .steps = {x->parts[0].step * 3, x->parts[1].step},
        .bias = p->bias ? (const char *)x->operands->bias + o * size : NULL,
        .out = (char *)x->operands->output + out * size,
        .out_row = width,
        .width = width,
        .first = first,
        .end = end,
    };
    x->kernel->plane(&rows);
    if (x->operands->epilogue != NULL)
        cor__conv_finish(p, x->operands, o, 1, out + first * width, end - first, width, width);
}

/* Runs the tasks of the slots [begin, end). */
static void run_slots(int64_t begin, int64_t end, void *context) {
    const pass *x = context;
    const uint64_t state = cor__flush_begin();
    for (int64_t slot = begin; slot < end; slot++)
        for (int64_t task = slot * x->tasks / x->slots; task < (slot + 1) * x->tasks / x->slots; task++)
            run_task(x, task, x->copies + slot * x->copy * x->kernel->size);
    cor__flush_end(state);
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    pass x;
    plan_pass(&x, p);
    return threads * x.copy * x.kernel->size;
}

static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    pass x;
    plan_pass(&x, p);
    x.copies = memory;
    x.operands = operands;
    const int64_t sizes[] = {p->n, p->o, p->output[1], p->output[2], 9};
    int64_t products;
    const bool serial = cor__product_ok(sizes, 5, &products) && products < SERIAL_PRODUCTS;
    x.slots = serial ? 1 : cor__min(threads, x.tasks);
    if (x.slots > 1) return cor_parallel_for(x.slots, 1, run_slots, &x);
    run_slots(0, 1, &x);
    return COR_OK;
}

/* Whether axis i has three taps around each output, without gaps, at the same stride as the width. */
static bool is_three(const cor__conv_problem *p, int i) {
    return p->kernel[i] == 3 && p->padding[i] == 1 && p->dilation[i] == 1 && p->stride[i] == p->stride[2] &&
           p->output[i] == (p->input[i] - 1) / p->stride[i] + 1;
}

static const char *refuses(const cor__conv_problem *p) {
    if (p->groups != p->c) return "its groups have more than one input channel";
    if (p->dtype != COR_FLOAT32 && p->dtype != COR_FLOAT64) return "its dtype is not float32 or float64";
    if (p->input[0] != 1 || p->kernel[0] != 1 || p->output[0] != 1 || p->padding[0] != 0) return "it has depth";
    if (!is_three(p, 1) || !is_three(p, 2)) return "its kernel is not 3x3 with a padding of 1";
    if (p->stride[2] > (p->transposed ? 1 : 2)) return "its stride is more than 2, or 1 transposed";
    if (p->input_strides[4] != 1) return "its rows have gaps in memory";
    const int64_t lanes = kernel_for(p)->lanes, width = p->output[2];
    if (4 * width < 3 * lanes) return "its output fills less than three quarters of a vector";
    if (width < lanes && (p->input_strides[3] != p->input[2] || p->input[1] > MOST_NARROW))
        return "its planes are narrower than a vector, and their rows have gaps, or are many";
    if (p->input[2] != p->stride[2] * p->output[2]) return "its width is odd";
    return p->n == 0 || p->o == 0 ? "it is empty" : NULL;
}

static const char *yields(const cor__conv_problem *p) {
    return cor__conv_shares_inputs(p) ? "many outputs of a channel share its taps" : NULL;
}

const cor__conv_implementation cor__conv_planes = {
    .name = "planes", .refuses = refuses, .yields = yields, .workspace = workspace, .run = run};
