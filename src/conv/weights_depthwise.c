/* weights_depthwise.c: the gradient of a depthwise convolution's weight, with channels in lanes. A task computes the
 * weights of as many channels as a vector has lanes, from a chunk of the images' bands of rows. Input and gradient of a
 * band are turned, so that a pixel of all the task's channels is one vector; the input lies between zeros. The cutting
 * follows from the problem alone, so that the number of threads changes no bit. */
#include "base/sizes.h"
#include "conv/weights.h"
#include "kernels/conv_depthwise.h"
#include "kernels/conv_weights.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"
#include <string.h>

enum {
    H = 1,
    W = 2,
    LINE = 64,
    MOST_LANES = 16,
    PIXELS = 1024,            /* of a band */
    WIDEST = 2048,            /* refuses() says it */
    TASKS = 16,               /* enough for the threads; below that the bands are cut into chunks */
    CHUNK_PIXELS = 1024,      /* but not into smaller ones */
    SERIAL_PRODUCTS = 1 << 20 /* not worth waking threads */
};

typedef struct plan {
    const cor__conv_problem *problem;
    const cor__weights_operands *operands;
    const cor__weights_kernel *kernel;
    const cor__depthwise_kernel *mover; /* its vectors have as many lanes */
    int64_t taps, blocks, chunks;
    int64_t rows, bands;           /* output rows of a band, bands of an image */
    int64_t in_rows, in_width;     /* of a band's input between its zeros */
    int64_t *tap_offsets, *pixels; /* in elements */
    int64_t *places;               /* of the band's input, too */
    char *parts;                   /* a gradient for each chunk, unless there is one */
    char *slots;
    int64_t n_slots;
} plan;

/* The parts of a slot's memory, in bytes. */
typedef struct slot_sizes {
    int64_t padded, grads, sums, all;
} slot_sizes;

static int64_t whole_lines(int64_t bytes) { return cor__ceil_div(bytes, LINE) * LINE; }

static void make_plan(plan *x, const cor__conv_problem *p) {
    const cor__weights_kernels *kernels = cor__kernels_now()->fused->conv_weights;
    const cor__depthwise_kernels *movers = cor__kernels_now()->fused->depthwise;
    *x = (plan){.problem = p,
                .kernel = p->dtype == COR_FLOAT64 ? &kernels->f64 : &kernels->f32,
                .mover = p->dtype == COR_FLOAT64 ? &movers->f64 : &movers->f32,
                .taps = p->kernel[H] * p->kernel[W]};
    x->blocks = cor__ceil_div(p->groups, x->kernel->lanes);
    x->rows = cor__min(cor__max(PIXELS / p->output[W], 1), p->output[H]);
    x->bands = cor__ceil_div(p->output[H], x->rows);
    x->rows = cor__ceil_div(p->output[H], x->bands);
    x->in_rows = (x->rows - 1) * p->stride[H] + (p->kernel[H] - 1) * p->dilation[H] + 1;
    x->in_width = (p->output[W] - 1) * p->stride[W] + (p->kernel[W] - 1) * p->dilation[W] + 1;
    const int64_t pixels = p->n * p->output[H] * p->output[W];
    const int64_t chunks = cor__min(cor__ceil_div(TASKS, x->blocks), pixels / CHUNK_PIXELS);
    x->chunks = cor__min(cor__max(chunks, 1), p->n * x->bands);
}

static slot_sizes slot_sizes_of(const plan *x) {
    const int64_t vector = x->kernel->size * x->kernel->lanes;
    slot_sizes s = {.padded = whole_lines((x->in_rows * x->in_width + 1) * vector), /* one for what no tap reads */
                    .grads = whole_lines(x->rows * x->problem->output[W] * vector),
                    .sums = whole_lines(x->taps * vector)};
    s.all = s.padded + s.grads + s.sums;
    return s;
}

/* ---- a task ----------------------------------------------------------------------------------------------------- */

typedef struct task {
    int64_t channel, channels, first_band, end_band;
    char *padded, *grads, *sums; /* of the slot */
} task;

/* The part of [first, first + count) that lies in [0, size), counted from first. */
static void inside(int64_t first, int64_t count, int64_t size, int64_t *from, int64_t *end) {
    *from = cor__min(cor__max(-first, 0), count);
    *end = cor__max(cor__min(size - first, count), *from);
}

/* Gathers n elements of the planes of the task's channels, of which the first begins at `from`; past the last channel
 * come lanes that hold it again, the sums of which are dropped. */
static void gather(const plan *x, const task *t, char *to, const char *from, int64_t plane, int64_t n,
                   const int64_t *places) {
    const void *rows[MOST_LANES];
    for (int64_t lane = 0; lane < x->kernel->lanes; lane++)
        rows[lane] = from + cor__min(lane, t->channels - 1) * plane * x->kernel->size;
    x->mover->gather(to, rows, n, places, false);
}

/* Brings the input of `in_rows` rows from `first` on between zeros; the columns of padding are zero already. */
static void pad_input(const plan *x, const task *t, int64_t image, int64_t first, int64_t in_rows) {
    const cor__conv_problem *p = x->problem;
    const int64_t size = x->kernel->size, row = x->in_width * x->kernel->lanes * size, width = p->input[W];
    int64_t from, end;
    inside(first, in_rows, p->input[H], &from, &end);
    const int64_t at =
        image * p->input_strides[0] + t->channel * p->input_strides[1] + (first + from) * p->input_strides[2 + H];
    memset(t->padded, 0, (size_t)(from * row));
    memset(t->padded + end * row, 0, (size_t)((in_rows - end) * row));
    gather(x, t, t->padded, (const char *)x->operands->input + at * size, p->input_strides[1], (end - from) * width,
           x->places + from * width);
}

static void add_band(const plan *x, const task *t, int64_t band) {
    const cor__conv_problem *p = x->problem;
    const int64_t image = band / x->bands, row = band % x->bands * x->rows, plane = p->output[H] * p->output[W];
    const int64_t rows = cor__min(x->rows, p->output[H] - row);
    const int64_t in_rows = x->in_rows - (x->rows - rows) * p->stride[H];
    const int64_t at = (image * p->o + t->channel) * plane + row * p->output[W];
    pad_input(x, t, image, row * p->stride[H] - p->padding[H], in_rows);
    gather(x, t, t->grads, (const char *)x->operands->grad_output + at * x->kernel->size, plane, rows * p->output[W],
           NULL);
    const cor__weights_outer job = {.input = t->padded,
                                    .pixels = x->pixels,
                                    .rows = x->tap_offsets,
                                    .n_pixels = rows * p->output[W],
                                    .n_rows = x->taps,
                                    .grads = t->grads,
                                    .sums = t->sums,
                                    .vectors = 1};
    x->kernel->lanewise(&job);
}

static void run_task(const plan *x, int64_t index, char *memory) {
    const slot_sizes sizes = slot_sizes_of(x);
    const int64_t lanes = x->kernel->lanes, bands = x->problem->n * x->bands, size = x->kernel->size;
    const int64_t block = index % x->blocks, chunk = index / x->blocks;
    const task t = {.channel = block * lanes,
                    .channels = cor__min(lanes, x->problem->groups - block * lanes),
                    .first_band = chunk * bands / x->chunks,
                    .end_band = (chunk + 1) * bands / x->chunks,
                    .padded = memory,
                    .grads = memory + sizes.padded,
                    .sums = memory + sizes.padded + sizes.grads};
    memset(t.padded, 0, (size_t)sizes.padded);
    memset(t.sums, 0, (size_t)sizes.sums);
    for (int64_t band = t.first_band; band < t.end_band; band++) add_band(x, &t, band);
    char *const to =
        x->parts != NULL ? x->parts + chunk * x->problem->groups * x->taps * size : (char *)x->operands->grad_weight;
    x->kernel->transpose(to + t.channel * x->taps * size, x->taps, t.sums, lanes, x->taps, t.channels);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void run_slots(int64_t begin, int64_t end, void *context) {
    const plan *x = context;
    const uint64_t state = cor__flush_begin();
    const int64_t tasks = x->chunks * x->blocks, bytes = slot_sizes_of(x).all;
    for (int64_t slot = begin; slot < end; slot++)
        for (int64_t i = slot * tasks / x->n_slots; i < (slot + 1) * tasks / x->n_slots; i++)
            run_task(x, i, x->slots + slot * bytes);
    cor__flush_end(state);
}

/* Where the taps and the pixels of a band read, and where its input is put: behind the band what no tap reads. */
static void list_offsets(const plan *x) {
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernel->lanes;
    int64_t *tap = x->tap_offsets, *pixel = x->pixels;
    for (int64_t h = 0; h < p->kernel[H]; h++)
        for (int64_t w = 0; w < p->kernel[W]; w++)
            *tap++ = (h * p->dilation[H] * x->in_width + w * p->dilation[W]) * lanes;
    for (int64_t h = 0; h < x->rows; h++)
        for (int64_t w = 0; w < p->output[W]; w++)
            *pixel++ = (h * p->stride[H] * x->in_width + w * p->stride[W]) * lanes;
    int64_t *place = x->places;
    for (int64_t h = 0; h < x->in_rows; h++)
        for (int64_t w = p->padding[W]; w < p->padding[W] + p->input[W]; w++)
            *place++ = (w < x->in_width ? h * x->in_width + w : x->in_rows * x->in_width) * lanes;
}

static int64_t offsets_bytes(const plan *x) {
    return whole_lines(x->taps * 8) + whole_lines(x->rows * x->problem->output[W] * 8) +
           whole_lines(x->in_rows * x->problem->input[W] * 8);
}

static int64_t parts_bytes(const plan *x) {
    return x->chunks > 1 ? whole_lines(x->chunks * x->problem->groups * x->taps * x->kernel->size) : 0;
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    plan x;
    make_plan(&x, p);
    int64_t slots, bytes;
    const bool fits = cor__mul_ok(slot_sizes_of(&x).all, cor__min(threads, x.chunks * x.blocks), &slots) &&
                      cor__add_ok(slots, offsets_bytes(&x) + parts_bytes(&x), &bytes);
    return fits ? bytes : -1;
}

static int run(const cor__conv_problem *p, const cor__weights_operands *operands, int threads, void *memory) {
    plan x;
    make_plan(&x, p);
    const int64_t elements = p->groups * x.taps;
    int64_t products;
    const bool serial =
        cor__mul_ok(p->n * p->output[H] * p->output[W], elements, &products) && products < SERIAL_PRODUCTS;
    x.operands = operands;
    x.tap_offsets = memory;
    x.pixels = (int64_t *)((char *)memory + whole_lines(x.taps * 8));
    x.places = (int64_t *)((char *)x.pixels + whole_lines(x.rows * p->output[W] * 8));
    x.parts = x.chunks > 1 ? (char *)memory + offsets_bytes(&x) : NULL;
    x.slots = (char *)memory + offsets_bytes(&x) + parts_bytes(&x);
    x.n_slots = serial ? 1 : cor__min(threads, x.chunks * x.blocks);
    list_offsets(&x);
    int status = COR_OK;
    if (x.n_slots == 1) run_slots(0, 1, &x);
    else status = cor_parallel_for(x.n_slots, 1, run_slots, &x);
    if (status == COR_OK && x.parts != NULL)
        x.kernel->finish(operands->grad_weight, x.parts, elements, x.chunks, elements, p->dtype);
    return status;
}

/* Whether at least three of four lanes have a channel. */
static bool fills_lanes(const cor__conv_problem *p) {
    const cor__weights_kernels *kernels = cor__kernels_now()->fused->conv_weights;
    const int64_t lanes = p->dtype == COR_FLOAT64 ? kernels->f64.lanes : kernels->f32.lanes;
    return 4 * p->groups >= 3 * cor__ceil_div(p->groups, lanes) * lanes;
}

static const char *refuses(const cor__conv_problem *p) {
    if (p->groups != p->c || p->groups != p->o) return "it is not depthwise";
    if (p->dtype != COR_FLOAT32 && p->dtype != COR_FLOAT64) return "its dtype is not float32 or float64";
    if (p->input[0] != 1 || p->output[0] != 1 || p->kernel[0] != 1 || p->padding[0] != 0) return "it has a depth";
    if (p->input_strides[4] != 1 || p->input_strides[3] != p->input[W]) return "its rows are not contiguous";
    if (p->input[W] > WIDEST || p->output[W] > WIDEST) return "its rows are longer than 2048";
    if (!fills_lanes(p)) return "its channels do not fill vectors";
    return NULL;
}

const cor__weights_implementation cor__weights_depthwise = {
    .name = "depthwise", .refuses = refuses, .workspace = workspace, .run = run};
