/* weights_direct.c: the gradient of a convolution's weight by its definition, on strips (conv/strip.h). A task computes
 * the weights of a block of output channels and a block of input channels from a chunk of the pixels, band by band:
 * it fills a strip with the input of a band, copies the gradient beside it, and adds the band's products to the task's
 * sums. The cutting follows from the problem alone and chunks are added in their order, so that the number of threads
 * changes no bit. */
#include "base/sizes.h"
#include "conv/strip.h"
#include "conv/weights.h"
#include "kernels/conv_weights.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"
#include "kernels/words.h"

enum { AXES = COR__CONV_AXES, LINE = 64 };

enum {
    ROWS = 576,                 /* channels times taps of a block */
    OUTPUT_BYTES = 256,         /* output channels of a block, as bytes of one pixel's gradients */
    STRIP_BYTES = 160 << 10,    /* a part of the second level cache, */
    GRAD_BYTES = 64 << 10,      /* and the gradients beside it */
    TILE_BYTES = 32 << 10,      /* pixels in lanes: what a tile reads, the first level cache */
    FEW_OUTPUTS = 2,            /* output channels of a group as in depthwise convolutions */
    INNER_OUTPUTS = 24,         /* pixels in lanes: most output channels of a block */
    TASKS = 16,                 /* enough for the threads; below that the pixels are cut into chunks */
    CHUNK_PIXELS = 1024,        /* but not into smaller ones */
    PLANES_PIXELS = 2048,       /* of a chunk where groups have few output channels */
    MOST_CHUNKS = 64,           /* there */
    SERIAL_PRODUCTS = 1 << 20,  /* not worth waking threads */
    FINISH_ELEMENTS = 16 * 1024 /* of a part that one thread adds up */
};

/* ---- the plan --------------------------------------------------------------------------------------------------- */

typedef struct plan {
    const cor__conv_problem *problem;
    const cor__weights_operands *operands;
    const cor__weights_kernel *kernel;
    const cor__conv_kernel *loads;
    int64_t channels, outputs, taps; /* of a group */
    bool outer;                      /* output channels in lanes, otherwise pixels */
    bool in_place;                   /* the input is read where it is */
    bool stacked;   /* pixels in lanes: kernel rows take the place of output channels, see add_stacked */
    bool converted; /* the computation has another type than the problem */
    cor__conv_strip strip;
    int64_t channel_blocks, output_blocks;
    int64_t most_channels, most_outputs; /* of a block; outputs fill their vectors */
    int64_t steps[AXES];                 /* of the strip from one output to the next */
    int64_t band[AXES];                  /* most outputs of a band */
    int64_t bands[AXES], image_bands;
    int64_t chunks; /* of the bands */
    int64_t lead; /* stacked: zeros before the gradients of an output channel; between its first kernel rows and last */
    int64_t band_width; /* most pixels, or positions, of a band, in whole vectors */
    int64_t elements;   /* weights */
    int64_t *rows;      /* where each channel and tap of a block reads */
    char *parts;        /* a gradient for each chunk in the type of computation, unless there is one, not converted */
    char *slots;
    int64_t n_slots;
} plan;

/* The parts of a slot's memory, in bytes. */
typedef struct slot_sizes {
    int64_t strip, grads, sums, staging, pixels, all;
} slot_sizes;

static int64_t lines(int64_t elements, int64_t size) { return cor__ceil_div(elements * size, LINE) * LINE; }

static int64_t band_count(const plan *x) { return x->image_bands * x->bands[0] * x->bands[1] * x->bands[2]; }
static int64_t task_count(const plan *x) {
    return x->chunks * x->problem->groups * x->output_blocks * x->channel_blocks;
}

static bool is_small_group(const plan *x) { return !x->outer && x->outputs <= FEW_OUTPUTS; }
static int64_t whole_vectors(const plan *x, int64_t n) { return cor__ceil_div(n, x->kernel->lanes) * x->kernel->lanes; }
static int64_t vectors_of(const plan *x) { return cor__ceil_div(x->outputs, x->kernel->lanes); }

/* The first output channel of a block; of the one behind the last, the channels. */
static int64_t output_start(const plan *x, int64_t block) {
    if (!x->outer) return block * x->outputs / x->output_blocks;
    return cor__min(block * vectors_of(x) / x->output_blocks * x->kernel->lanes, x->outputs);
}

static int64_t channel_start(const plan *x, int64_t block) { return block * x->channels / x->channel_blocks; }

/* Lays out the strip of a band. With output channels in lanes pixels are read one by one, so that the strip holds the
 * input as it is, as if the stride were 1; otherwise neighbours in the output must be neighbours in it. */
static void lay_out(plan *x, const int64_t band[AXES], int64_t images) {
    cor__conv_axis axis[AXES];
    int64_t width[AXES];
    for (int i = 0; i < AXES; i++) {
        axis[i] = cor__conv_axis_of(x->problem, i, 0);
        x->steps[i] = x->outer ? x->problem->stride[i] : 1;
        axis[i].in_step /= x->steps[i];
        axis[i].count = (axis[i].count - 1) * x->steps[i] + 1;
        width[i] = (band[i] - 1) * x->steps[i] + 1;
        x->band[i] = band[i];
        x->bands[i] = cor__ceil_div(x->problem->output[i], band[i]);
    }
    cor__conv_strip_init(&x->strip, axis, width, images, x->kernel->size);
}

/* Stacked: the positions from one kernel row to the next. */
static int64_t row_step(const plan *x) { return x->problem->dilation[1] * x->strip.lines[2].pitch; }

/* Bands of about `pixels` output positions: rows, or parts of one row, or whole images. */
static void choose_bands(plan *x, int64_t pixels) {
    const int64_t *count = x->problem->output;
    int64_t band[AXES] = {1, cor__min(cor__max(pixels / count[2], 1), count[1]), count[2]}, images = 1;
    if (band[1] == 1 && count[2] > 2 * pixels) band[2] = pixels;
    for (int i = 1; i < AXES; i++) band[i] = cor__ceil_div(count[i], cor__ceil_div(count[i], band[i]));
    if (band[1] == count[1] && band[2] == count[2])
        images = cor__min(cor__max(pixels / (band[1] * band[2]), 1), x->problem->n);
    lay_out(x, band, images);
    x->image_bands = cor__ceil_div(x->problem->n, images);
    x->band_width = images * band[1] * band[2];
    if (!x->outer) x->band_width = ((images - 1) * x->strip.lines[1].pitch + band[1]) * x->strip.lines[2].pitch;
    x->stacked = x->stacked && (x->problem->kernel[1] - 1) * x->problem->dilation[1] <= band[1];
    x->lead = x->stacked ? (x->problem->kernel[1] - 1) * row_step(x) : 0;
    x->band_width = x->lead + whole_vectors(x, x->band_width + x->lead);
}

static int64_t strip_bytes(const plan *x) {
    return x->in_place ? 0 : lines(x->most_channels * x->strip.plane + x->kernel->lanes, x->kernel->size);
}

/* Whether each output reads the one input at its own position and no padding. */
static bool reads_in_place(const cor__conv_problem *p) {
    for (int i = 0; i < AXES; i++)
        if (p->kernel[i] != 1 || p->padding[i] != 0 || (p->output[i] - 1) * p->stride[i] >= p->input[i]) return false;
    return true;
}

static void choose_blocks(plan *x) {
    const int64_t lanes = x->kernel->lanes, vectors = vectors_of(x);
    const int64_t most = cor__max(OUTPUT_BYTES / (lanes * x->kernel->size), 1); /* vectors of a block */
    x->output_blocks = x->outer ? cor__ceil_div(vectors, most) : cor__ceil_div(x->outputs, INNER_OUTPUTS);
    x->most_outputs =
        x->outer ? cor__ceil_div(vectors, x->output_blocks) * lanes : cor__ceil_div(x->outputs, x->output_blocks);
    /* A tile of pixels in lanes reads some output channels and an input channel or, of one tap, a few. */
    const int64_t streams = cor__min(x->most_outputs, 6) + (x->stacked ? 1 : x->taps == 1 ? 4 : 2);
    choose_bands(x, (x->outer ? GRAD_BYTES / x->most_outputs : TILE_BYTES / streams) / x->kernel->size);
    x->most_channels = cor__min(cor__max(ROWS / x->taps, 1), x->channels);
    while (x->most_channels > 1 && strip_bytes(x) > STRIP_BYTES) x->most_channels = cor__ceil_div(x->most_channels, 2);
    x->channel_blocks = cor__ceil_div(x->channels, x->most_channels);
    x->most_channels = cor__ceil_div(x->channels, x->channel_blocks);
}

/* Enough chunks for the threads; where a group is small, chunks of planes that follow each other in memory. */
static int64_t choose_chunks(const plan *x) {
    const cor__conv_problem *p = x->problem;
    const int64_t pixels = p->n * p->output[0] * p->output[1] * p->output[2];
    const int64_t tasks = p->groups * x->output_blocks * x->channel_blocks;
    int64_t chunks = cor__min(cor__ceil_div(TASKS, tasks), pixels / CHUNK_PIXELS);
    if (chunks > 1) chunks += tasks * chunks % 2; /* two threads share an odd number badly */
    if (is_small_group(x)) chunks = cor__min(MOST_CHUNKS, pixels / PLANES_PIXELS);
    return cor__min(cor__max(chunks, 1), band_count(x));
}

static void make_plan(plan *x, const cor__conv_problem *p) {
    const cor__fused_kernels *kernels = cor__kernels_now()->fused;
    const bool twice = p->dtype == COR_FLOAT64;
    *x = (plan){.problem = p,
                .kernel = twice ? &kernels->conv_weights->f64 : &kernels->conv_weights->f32,
                .loads = twice ? &kernels->conv->f64 : &kernels->conv->f32,
                .channels = p->c / p->groups,
                .outputs = p->o / p->groups,
                .taps = p->kernel[0] * p->kernel[1] * p->kernel[2],
                .converted = p->dtype == COR_FLOAT16 || p->dtype == COR_BFLOAT16};
    x->outer = 4 * x->outputs >= 3 * vectors_of(x) * x->kernel->lanes; /* few lanes are wasted */
    x->stacked = is_small_group(x) && p->kernel[1] > 1 && p->stride[1] == 1;
    x->in_place = x->outer && !x->converted && reads_in_place(p);
    x->elements = p->o * x->channels * x->taps;
    choose_blocks(x);
    x->chunks = choose_chunks(x);
}

static slot_sizes slot_sizes_of(const plan *x) {
    const int64_t size = x->kernel->size;
    slot_sizes s = {.strip = strip_bytes(x),
                    .grads = lines(x->band_width * x->most_outputs, size),
                    .sums = lines(x->most_outputs * x->most_channels * x->taps, size),
                    .staging = x->converted && x->outer ? lines(x->band_width * x->most_outputs, size) : 0,
                    .pixels = x->outer ? lines(x->band_width, 8) : 0};
    s.all = s.strip + s.grads + s.sums + s.staging + s.pixels;
    return s;
}

/* ---- a task ----------------------------------------------------------------------------------------------------- */

typedef struct task {
    int64_t group, output, outputs, channel, channels; /* channels are the problem's, not the group's */
    int64_t first_band, end_band;
    char *to;                             /* the weight of output channel 0, channel 0 and tap 0 */
    char *strip, *grads, *sums, *staging; /* of the slot */
    int64_t *pixels;
} task;

static task task_of(const plan *x, int64_t index, char *memory) {
    const slot_sizes sizes = slot_sizes_of(x);
    task t = {.strip = memory,
              .grads = memory + sizes.strip,
              .sums = memory + sizes.strip + sizes.grads,
              .staging = memory + sizes.strip + sizes.grads + sizes.sums,
              .pixels = (int64_t *)(memory + sizes.all - sizes.pixels)};
    const int64_t channel_block = index % x->channel_blocks;
    index /= x->channel_blocks;
    const int64_t output_block = index % x->output_blocks;
    index /= x->output_blocks;
    t.group = index % x->problem->groups;
    const int64_t chunk = index / x->problem->groups, bands = band_count(x);
    t.first_band = chunk * bands / x->chunks;
    t.end_band = (chunk + 1) * bands / x->chunks;
    t.output = t.group * x->outputs + output_start(x, output_block);
    t.outputs = output_start(x, output_block + 1) - output_start(x, output_block);
    t.channel = t.group * x->channels + channel_start(x, channel_block);
    t.channels = channel_start(x, channel_block + 1) - channel_start(x, channel_block);
    char *const whole = x->parts != NULL ? x->parts + chunk * x->elements * x->kernel->size : x->operands->grad_weight;
    t.to = whole + (t.output * x->channels + channel_start(x, channel_block)) * x->taps * x->kernel->size;
    return t;
}

static cor__conv_band band_of(const plan *x, int64_t index) {
    cor__conv_band band;
    for (int i = AXES - 1; i >= 0; i--) {
        band.start[i] = index % x->bands[i] * x->band[i];
        band.count[i] = cor__min(x->band[i], x->problem->output[i] - band.start[i]);
        index /= x->bands[i];
    }
    band.image = index * x->strip.images;
    band.images = cor__min(x->strip.images, x->problem->n - band.image);
    return band;
}

/* The gradient of an output channel where the band begins, in its image number `image`. */
static const char *grads_at(const plan *x, const cor__conv_band *band, int64_t image, int64_t output) {
    const cor__conv_problem *p = x->problem;
    int64_t at = (band->image + image) * p->o + output;
    for (int i = 0; i < AXES; i++) at = at * p->output[i] + band->start[i];
    return (const char *)x->operands->grad_output + at * cor__conv_dtype_size(p->dtype);
}

/* ---- output channels in lanes ----------------------------------------------------------------------------------- */

/* Lists where the band's pixels read. */
static int64_t list_pixels(const plan *x, const cor__conv_band *band, int64_t *pixels) {
    const cor__conv_problem *p = x->problem;
    const int64_t *strides = p->input_strides, pitch = x->strip.lines[2].pitch;
    const int64_t image_step = x->in_place ? strides[0] : x->strip.lines[1].pitch * pitch;
    const int64_t row_step = (x->in_place ? strides[3] : pitch) * p->stride[1];
    const int64_t step = (x->in_place ? strides[4] : 1) * p->stride[2];
    int64_t count = 0;
    for (int64_t image = 0; image < band->images; image++)
        for (int64_t row = 0; row < band->count[1]; row++)
            for (int64_t column = 0; column < band->count[2]; column++)
                pixels[count++] = image * image_step + row * row_step + column * step;
    return count;
}

/* Copies `length` pixels of `outputs` output channels into the lanes of pixels of `width` elements. */
static void turn_run(const plan *x, const task *t, const char *from, int64_t length, int64_t outputs, int64_t width,
                     char *to) {
    const cor__conv_problem *p = x->problem;
    const int64_t plane = p->output[0] * p->output[1] * p->output[2], size = x->kernel->size;
    if (!x->converted) {
        x->kernel->transpose(to, width, from, plane, outputs, length);
        return;
    }
    for (int64_t o = 0; o < outputs; o++)
        x->loads->load(t->staging + o * length * size, from + o * plane * cor__conv_dtype_size(p->dtype), 1, length,
                       p->dtype);
    x->kernel->transpose(to, width, t->staging, length, outputs, length);
}

/* The band's gradients of `outputs` output channels from `output` on, pixel by pixel. */
static void turn_grads(const plan *x, const task *t, const cor__conv_band *band, int64_t output, int64_t outputs,
                       int64_t width, char *to) {
    const cor__conv_problem *p = x->problem;
    const bool whole_rows = band->count[2] == p->output[2];
    const int64_t runs = whole_rows ? 1 : band->count[1], size = x->kernel->size;
    const int64_t length = whole_rows ? band->count[1] * band->count[2] : band->count[2];
    for (int64_t image = 0; image < band->images; image++) {
        const char *from = grads_at(x, band, image, output);
        for (int64_t run = 0; run < runs; run++, to += length * width * size)
            turn_run(x, t, from + run * p->output[2] * cor__conv_dtype_size(p->dtype), length, outputs, width, to);
    }
}

static const char *input_at(const plan *x, const task *t, const cor__conv_band *band) {
    const cor__conv_problem *p = x->problem;
    if (!x->in_place) return t->strip;
    int64_t at = band->image * p->input_strides[0] + t->channel * p->input_strides[1];
    for (int i = 0; i < AXES; i++) at += band->start[i] * p->stride[i] * p->input_strides[2 + i];
    return (const char *)x->operands->input + at * x->kernel->size;
}

/* Adds a band's products: panels of as many output channels as a tile holds, behind each other. */
static void add_outer(const plan *x, const task *t, const cor__conv_band *band) {
    const int64_t lanes = x->kernel->lanes, size = x->kernel->size, rows = t->channels * x->taps;
    const int64_t most = x->kernel->vectors * lanes;
    cor__weights_outer job = {.input = input_at(x, t, band),
                              .pixels = t->pixels,
                              .rows = x->rows,
                              .n_pixels = list_pixels(x, band, t->pixels),
                              .n_rows = rows};
    for (int64_t o = 0; o < t->outputs; o += most) {
        const int64_t outputs = cor__min(t->outputs - o, most);
        job.vectors = cor__ceil_div(outputs, lanes);
        job.grads = t->grads + o * x->band_width * size;
        job.sums = t->sums + o * rows * size;
        turn_grads(x, t, band, t->output + o, outputs, job.vectors * lanes, t->grads + o * x->band_width * size);
        x->kernel->outer(&job);
    }
}

static void put_outer(const plan *x, const task *t) {
    const int64_t lanes = x->kernel->lanes, size = x->kernel->size, rows = t->channels * x->taps;
    const int64_t most = x->kernel->vectors * lanes, step = x->channels * x->taps;
    for (int64_t o = 0; o < t->outputs; o += most) {
        const int64_t outputs = cor__min(t->outputs - o, most), width = cor__ceil_div(outputs, lanes) * lanes;
        x->kernel->transpose(t->to + o * step * size, step, t->sums + o * rows * size, width, rows, outputs);
    }
}

/* ---- pixels in lanes -------------------------------------------------------------------------------------------- */

/* The positions from the band's first to its last; what lies between them and is no output has gradient 0. */
static int64_t positions_of(const plan *x, const cor__conv_band *band) {
    const cor__conv_lines *l = x->strip.lines;
    return ((band->images - 1) * l[1].pitch + band->count[1] - 1) * l[2].pitch + band->count[2];
}

/* One output channel of the band, `length` elements. */
static void lay_grads(const plan *x, const cor__conv_band *band, int64_t output, char *to, int64_t length) {
    const cor__conv_problem *p = x->problem;
    const int64_t size = x->kernel->size, pitch = x->strip.lines[2].pitch, image = x->strip.lines[1].pitch * pitch;
    const bool one_run = pitch == p->output[2] && band->count[2] == pitch;
    cor__conv_rows rows = {.to_row = pitch,
                           .from_row = p->output[2],
                           .rows = one_run ? 1 : band->count[1],
                           .length = band->count[2] * (one_run ? band->count[1] : 1),
                           .after = pitch - band->count[2],
                           .step = 1};
    for (int64_t i = 0; i < band->images; i++) {
        const int64_t end = i * image + band->count[1] * pitch, next = i + 1 < band->images ? (i + 1) * image : length;
        rows.to = to + i * image * size;
        rows.from = grads_at(x, band, i, output);
        cor__conv_copy_rows(x->loads, &rows, p->dtype);
        if (next > end) cor__zero_words(to + end * size, (next - end) * size);
    }
}

/* All kernel rows of one channel and depth tap at once: position t of the input meets position t - h * row_step of the
 * gradient in kernel row h, so that the gradient, moved by a row, serves as another output channel, and a vector of the
 * input is read once for all rows. The gradient lies between zeros. */
static void add_stacked(const plan *x, const task *t, int64_t positions) {
    const cor__conv_problem *p = x->problem;
    const int64_t size = x->kernel->size, planes = t->channels * p->kernel[0], taps = p->kernel[1] * p->kernel[2];
    for (int64_t o = 0; o < t->outputs; o++)
        for (int64_t plane = 0; plane < planes; plane++) {
            const cor__weights_inner job = {.input = t->strip,
                                            .rows = x->rows + plane * taps,
                                            .n_rows = p->kernel[2],
                                            .positions = positions,
                                            .outputs = p->kernel[1],
                                            .grads = t->grads + (o * x->band_width + x->lead) * size,
                                            .plane = -row_step(x),
                                            .sums = t->sums + (o * planes + plane) * taps * size};
            x->kernel->inner(&job);
        }
}

static void add_inner(const plan *x, const task *t, const cor__conv_band *band) {
    const int64_t size = x->kernel->size, positions = whole_vectors(x, positions_of(x, band) + x->lead);
    for (int64_t o = 0; o < t->outputs; o++) {
        char *const to = t->grads + o * x->band_width * size;
        cor__zero_words(to, x->lead * size);
        lay_grads(x, band, t->output + o, to + x->lead * size, positions);
    }
    if (x->stacked) {
        add_stacked(x, t, positions);
        return;
    }
    const cor__weights_inner job = {.input = t->strip,
                                    .rows = x->rows,
                                    .n_rows = t->channels * x->taps,
                                    .positions = positions,
                                    .outputs = t->outputs,
                                    .grads = t->grads,
                                    .plane = x->band_width,
                                    .sums = t->sums};
    x->kernel->inner(&job);
}

static void put_inner(const plan *x, const task *t) {
    const int64_t row = t->channels * x->taps * x->kernel->size, step = x->channels * x->taps * x->kernel->size;
    for (int64_t o = 0; o < t->outputs; o++) cor__copy_words(t->to + o * step, t->sums + o * row, row);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void fill_strip(const plan *x, const task *t, const cor__conv_band *band) {
    cor__conv_band stretched = *band;
    for (int i = 0; i < AXES; i++) {
        stretched.start[i] *= x->steps[i];
        stretched.count[i] = (band->count[i] - 1) * x->steps[i] + 1;
    }
    cor__conv_strip_fill(&x->strip, &stretched, x->problem, x->loads, x->operands->input, t->channel, t->channels,
                         t->strip);
}

/* The strip begins as zeros: what is read of it beyond a band's pixels is multiplied by 0. So do gradients in lanes, of
 * which those beyond the last output channel are dropped. */
static void run_task(const plan *x, int64_t index, char *memory) {
    const task t = task_of(x, index, memory);
    memset(t.strip, 0, (size_t)((x->outer ? t.sums : t.grads) - t.strip));
    memset(t.sums, 0, (size_t)slot_sizes_of(x).sums);
    for (int64_t i = t.first_band; i < t.end_band; i++) {
        const cor__conv_band band = band_of(x, i);
        if (!x->in_place) fill_strip(x, &t, &band);
        if (x->outer) add_outer(x, &t, &band);
        else add_inner(x, &t, &band);
    }
    if (x->outer) put_outer(x, &t);
    else put_inner(x, &t);
}

static void run_slots(int64_t begin, int64_t end, void *context) {
    const plan *x = context;
    const uint64_t state = cor__flush_begin();
    const int64_t tasks = task_count(x), bytes = slot_sizes_of(x).all;
    for (int64_t slot = begin; slot < end; slot++)
        for (int64_t i = slot * tasks / x->n_slots; i < (slot + 1) * tasks / x->n_slots; i++)
            run_task(x, i, x->slots + slot * bytes);
    cor__flush_end(state);
}

/* Adds up the chunks of the weights' runs [begin, end) and rounds them. */
static void finish_runs(int64_t begin, int64_t end, void *context) {
    const plan *x = context;
    const uint64_t state = cor__flush_begin();
    for (int64_t run = begin; run < end; run++) {
        const int64_t first = run * FINISH_ELEMENTS, n = cor__min(x->elements - first, FINISH_ELEMENTS);
        x->kernel->finish((char *)x->operands->grad_weight + first * cor__conv_dtype_size(x->problem->dtype),
                          x->parts + first * x->kernel->size, x->elements, x->chunks, n, x->problem->dtype);
    }
    cor__flush_end(state);
}

static void list_rows(const plan *x) {
    const cor__conv_axis *axis = x->strip.axis;
    const int64_t plane = x->in_place ? x->problem->input_strides[1] : x->strip.plane;
    int64_t a[AXES], index = 0;
    for (int64_t c = 0; c < x->most_channels; c++)
        for (a[0] = 0; a[0] < axis[0].taps; a[0]++)
            for (a[1] = 0; a[1] < axis[1].taps; a[1]++)
                for (a[2] = 0; a[2] < axis[2].taps; a[2]++)
                    x->rows[index++] = c * plane + (x->in_place ? 0 : cor__conv_strip_offset(&x->strip, a));
}

static int64_t rows_bytes(const plan *x) { return lines(x->most_channels * x->taps, 8); }
static int64_t parts_bytes(const plan *x) {
    return x->chunks > 1 || x->converted ? lines(x->chunks * x->elements, x->kernel->size) : 0;
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    plan x;
    make_plan(&x, p);
    const slot_sizes sizes = slot_sizes_of(&x);
    int64_t slots, bytes;
    const bool fits = cor__mul_ok(sizes.all, cor__min(threads, task_count(&x)), &slots) &&
                      cor__add_ok(slots, rows_bytes(&x), &bytes) && cor__add_ok(bytes, parts_bytes(&x), &bytes);
    return fits ? bytes : -1;
}

static int run(const cor__conv_problem *p, const cor__weights_operands *operands, int threads, void *memory) {
    plan x;
    make_plan(&x, p);
    const int64_t pixels = p->n * p->output[0] * p->output[1] * p->output[2];
    int64_t products;
    const bool serial = cor__mul_ok(pixels, x.elements, &products) && products < SERIAL_PRODUCTS;
    x.operands = operands;
    x.rows = memory;
    x.parts = parts_bytes(&x) > 0 ? (char *)memory + rows_bytes(&x) : NULL;
    x.slots = (char *)memory + rows_bytes(&x) + parts_bytes(&x);
    x.n_slots = serial ? 1 : cor__min(threads, task_count(&x));
    list_rows(&x);
    const int64_t runs = cor__ceil_div(x.elements, FINISH_ELEMENTS);
    if (x.n_slots == 1) {
        run_slots(0, 1, &x);
        if (x.parts != NULL) finish_runs(0, runs, &x);
        return COR_OK;
    }
    const int status = cor_parallel_for(x.n_slots, 1, run_slots, &x);
    return status == COR_OK && x.parts != NULL ? cor_parallel_for(runs, 1, finish_runs, &x) : status;
}

static const char *refuses(const cor__conv_problem *problem) {
    return problem->dtype < COR_FLOAT16 ? "its dtype is not floating" : NULL;
}

const cor__weights_implementation cor__weights_direct = {
    .name = "direct", .refuses = refuses, .workspace = workspace, .run = run};
