/* direct.c: convolution by its definition, on strips. Forward and transposed convolutions of any stride, dilation,
 * groups and 1 to 3 dimensions are the same loops on strips laid out differently. Each output is computed by one task,
 * its products in the order channel, tap; so neither threads nor the cutting into tasks change a bit. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "conv/plan.h"
#include "conv/strip.h"
#include "kernels/flush.h"
#include "kernels/kernels.h"

enum { AXES = COR__CONV_AXES };

enum {
    STRIP_BYTES = 176 << 10,   /* a part of the second level cache, and few enough pages */
    INPUT_BYTES = 512 << 10,   /* of a band that is read in place */
    WEIGHT_BYTES = 192 << 10,  /* most of the rest: the weights of a block are read once for every tile */
    LEAST_TASKS = 16,          /* below that, smaller blocks of output channels */
    SERIAL_PRODUCTS = 1 << 20, /* not worth waking threads */
    SERIAL_WEIGHTS = 1 << 16,  /* the same, for packing */
    PACKED_POSITIONS = 2048,   /* below that, packing the weights costs more than it gains */
    SHORT_TAPS = 32            /* the inner loop is made at least about this long */
};

/* ---- a pass ----------------------------------------------------------------------------------------------------- */

/* Passes that are joined read one strip, which is filled once for all of them. */
enum { MOST_JOINED = 8 };

typedef struct pass {
    const cor__conv_problem *problem;
    const cor__conv_operands *operands;
    const cor__conv_kernel *kernel;
    cor__conv_strip strip;
    int64_t taps;        /* kernel positions of this pass */
    int64_t together;    /* channels of one round of the inner loop */
    bool in_place;       /* the input serves as the strip */
    bool packed;         /* the weights are packed, otherwise read where they are */
    int64_t bands[AXES]; /* bands of the axes */
    int64_t image_bands;
    int64_t blocks;             /* of output channels of a group */
    int64_t *offsets;           /* together * taps */
    const char *weights, *bias; /* in the type of computation */
    char *strips;               /* one for each slot */
    int64_t joined; /* passes of the array that this one begins, each with a block of a band's tasks; mostly 1 */
    int64_t slots, tasks;
} pass;

static int64_t channels_of(const pass *x) { return x->problem->c / x->problem->groups; }
static int64_t outputs_of(const pass *x) { return x->problem->o / x->problem->groups; }

/* Output positions of all images. */
static int64_t positions_of(const pass *x) {
    const cor__conv_axis *axis = x->strip.axis;
    return x->problem->n * axis[0].count * axis[1].count * axis[2].count;
}

static int64_t strip_bytes(const pass *x) {
    if (x->in_place) return 0;
    return cor__ceil_div((channels_of(x) * x->strip.plane + x->kernel->widest) * x->kernel->size, 64) * 64;
}

static void set_band(pass *x, const int64_t band[AXES], int64_t images) {
    const cor__conv_axis axis[AXES] = {x->strip.axis[0], x->strip.axis[1], x->strip.axis[2]};
    cor__conv_strip_init(&x->strip, axis, band, images, x->kernel->size);
}

/* The largest band[axis] of at least `least` with which the strip keeps to its size, evened out over the bands. */
static void fit_band(pass *x, int64_t band[AXES], int axis, int64_t least) {
    int64_t low = cor__min(least, band[axis]), high = band[axis];
    while (low < high) {
        band[axis] = high - (high - low) / 2;
        set_band(x, band, 1);
        if (strip_bytes(x) <= STRIP_BYTES) low = band[axis];
        else high = band[axis] - 1;
    }
    const int64_t count = x->strip.axis[axis].count;
    band[axis] = cor__ceil_div(count, cor__ceil_div(count, low));
}

/* Images of a band: enough for a few tiles. Only when a band holds the whole height and width. */
static int64_t fit_images(pass *x, const int64_t band[AXES]) {
    const int64_t positions = band[1] * band[2], wanted = 8 * x->kernel->widest / cor__max(positions, 1);
    int64_t images = cor__max(cor__min(wanted, x->problem->n), 1);
    for (; images > 1; images--) {
        set_band(x, band, images);
        if (strip_bytes(x) <= STRIP_BYTES) break;
    }
    return images;
}

static void choose_bands(pass *x) {
    const cor__conv_axis *axis = x->strip.axis;
    int64_t band[AXES] = {1, axis[1].count, axis[2].count}, images = 1;
    fit_band(x, band, 1, 1);
    if (band[1] == 1) fit_band(x, band, 2, 8 * x->kernel->widest);
    if (band[1] == axis[1].count && band[2] == axis[2].count) images = fit_images(x, band);
    set_band(x, band, images);
    for (int i = 0; i < AXES; i++) x->bands[i] = cor__ceil_div(axis[i].count, band[i]);
    x->image_bands = cor__ceil_div(x->problem->n, images);
}

static int64_t band_count(const pass *x) {
    return x->problem->groups * x->image_bands * x->bands[0] * x->bands[1] * x->bands[2];
}

static void choose_blocks(pass *x) {
    const int64_t tiles = cor__conv_tiles(outputs_of(x), x->kernel->rows);
    const int64_t tile_bytes = cor__max(channels_of(x) * x->taps * x->kernel->rows * x->kernel->size, 1);
    int64_t per_block = cor__min(cor__max(WEIGHT_BYTES / tile_bytes, 1), tiles);
    const int64_t bands = band_count(x);
    if (bands < LEAST_TASKS) per_block = cor__min(per_block, cor__max(tiles * bands / LEAST_TASKS, 2));
    x->blocks = cor__ceil_div(tiles, per_block);
}

/* The most channels that divide the channels and keep the inner loop's list of offsets short. */
static int64_t channels_together(int64_t channels, int64_t taps) {
    for (int64_t together = SHORT_TAPS / cor__max(taps, 1); together > 1; together--)
        if (channels % together == 0) return together;
    return 1;
}

/* Whether every output reads the one input at its own position, and input planes are without gaps: then positions need
 * not be told apart by row and column. */
static bool is_flat(const cor__conv_problem *p) {
    for (int i = 0; i < AXES; i++)
        if (p->kernel[i] != 1 || p->stride[i] != 1 || p->padding[i] != 0 || p->input[i] != p->output[i]) return false;
    return p->input_strides[3] == p->input[2] * p->input_strides[4] &&
           p->input_strides[2] == p->input[1] * p->input_strides[3];
}

/* Makes one axis of all. */
static void flatten(cor__conv_axis axis[AXES]) {
    for (int i = 0; i < AXES - 1; i++) {
        axis[AXES - 1].count *= axis[i].count;
        axis[AXES - 1].size *= axis[i].size;
        axis[i].count = axis[i].size = 1;
    }
}

/* Whether a flat pass reads the input where it is; small maps of several images are brought together. */
static bool reads_in_place(const pass *x) {
    const cor__conv_problem *p = x->problem;
    const int64_t count = x->strip.axis[2].count, lanes = x->kernel->widest / 4;
    return cor__conv_dtype_size(p->dtype) == x->kernel->size && p->input_strides[4] == 1 &&
           count >= (p->n == 1 ? lanes : 4 * x->kernel->widest);
}

/* Bands of whole tiles of positions; the last may be larger. */
static void choose_bands_in_place(pass *x) {
    const int64_t widest = x->kernel->widest, most = INPUT_BYTES / (channels_of(x) * x->kernel->size * widest);
    const int64_t band[AXES] = {1, 1, cor__max(most, 1) * widest};
    set_band(x, band, 1);
    x->strip.plane = x->problem->input_strides[1];
    x->bands[0] = x->bands[1] = 1;
    x->bands[2] = cor__max(x->strip.axis[2].count / band[2], 1);
    x->image_bands = x->problem->n;
}

/* Whether the taps of the width shall have copies of the strip of their own: there rows of outputs follow each other
 * without the padding between them, and go to the output as they are. The copies must be few beside the products and
 * leave room for some rows; and outputs that leave the cache are better written from short runs. */
static bool pays_apart(const pass *x) {
    enum { LEAST_PRODUCTS = 48, LEAST_ROWS = 24, OUTPUT_BYTES = 4 << 20 };
    const cor__conv_axis *axis = x->strip.axis;
    const int64_t size = x->kernel->size, outputs = outputs_of(x);
    if (axis[2].out_step != 1 || axis[1].count == 1 || axis[2].taps == 1) return false;
    if (axis[1].taps * outputs < LEAST_PRODUCTS) return false;
    return (double)axis[2].taps * (double)axis[2].count * (double)(channels_of(x) * size * LEAST_ROWS) <= STRIP_BYTES &&
           (double)axis[1].count * (double)axis[2].count * (double)(outputs * size) <= OUTPUT_BYTES;
}

static int64_t passes_of(const cor__conv_problem *p) {
    int64_t passes = 1;
    for (int i = 0; i < AXES; i++) passes *= cor__conv_axis_passes(p, i);
    return passes;
}

/* Whether the passes of a transposed convolution have as many positions each and read about the same of the input. */
static bool joins(const cor__conv_problem *p) {
    if (!p->transposed || passes_of(p) == 1 || passes_of(p) > MOST_JOINED) return false;
    for (int i = 0; i < AXES; i++) {
        const int64_t passes = cor__conv_axis_passes(p, i);
        if (passes == 1) continue;
        if (passes < p->stride[i] || p->output[i] % passes != 0) return false;
        if (p->dilation[i] != 1 || p->kernel[i] < passes) return false;
    }
    return true;
}

static int64_t joined_of(const cor__conv_problem *p) { return joins(p) ? passes_of(p) : 1; }

/* The axis whose taps read what those of all passes do. */
static cor__conv_axis cover(const cor__conv_problem *p, int axis) {
    cor__conv_axis all = cor__conv_axis_of(p, axis, 0);
    for (int64_t number = 1; number < cor__conv_axis_passes(p, axis); number++) {
        const cor__conv_axis x = cor__conv_axis_of(p, axis, number);
        const int64_t last = cor__min(all.base - all.taps, x.base - x.taps);
        all.base = cor__max(all.base, x.base);
        all.taps = all.base - last;
    }
    return all;
}

/* Lays the strip out for all passes and chooses as many blocks for each. */
static void plan_joined(pass *x) {
    const int64_t taps = x->taps;
    x->taps = 1;
    for (int i = 0; i < AXES; i++) {
        x->strip.axis[i] = cover(x->problem, i);
        x->taps *= x->strip.axis[i].taps;
    }
    choose_bands(x);
    choose_blocks(x);
    x->taps = taps;
}

/* Plans the pass with these numbers of the axes' passes. */
static void plan_pass(pass *x, const cor__conv_problem *problem, const cor__conv_kernel *kernel,
                      const int64_t number[AXES]) {
    *x = (pass){.problem = problem, .kernel = kernel, .taps = 1, .joined = joined_of(problem)};
    for (int i = 0; i < AXES; i++) {
        x->strip.axis[i] = cor__conv_axis_of(problem, i, number[i]);
        x->taps *= x->strip.axis[i].taps;
    }
    if (is_flat(problem)) flatten(x->strip.axis);
    else x->strip.axis[2].apart = pays_apart(x);
    x->in_place = is_flat(problem) && reads_in_place(x);
    x->together = channels_together(channels_of(x), x->taps);
    if (x->joined > 1) {
        const cor__conv_axis axis[AXES] = {x->strip.axis[0], x->strip.axis[1], x->strip.axis[2]};
        plan_joined(x);
        for (int i = 0; i < AXES; i++) x->strip.axis[i] = axis[i];
    } else {
        if (x->in_place) choose_bands_in_place(x);
        else choose_bands(x);
        choose_blocks(x);
    }
    x->tasks = band_count(x) * x->joined * x->blocks;
}

/* Advances the numbers of the axes' passes; false after the last. */
static bool next_pass(const cor__conv_problem *problem, int64_t number[AXES]) {
    for (int i = AXES - 1; i >= 0; i--) {
        if (++number[i] < cor__conv_axis_passes(problem, i)) return true;
        number[i] = 0;
    }
    return false;
}

/* ---- tasks ------------------------------------------------------------------------------------------------------ */

static cor__conv_band band_of(const pass *x, int64_t index, int64_t *group) {
    cor__conv_band band;
    for (int i = AXES - 1; i >= 0; i--) {
        const bool rest = x->in_place && index % x->bands[i] == x->bands[i] - 1;
        band.start[i] = index % x->bands[i] * x->strip.band[i];
        band.count[i] = x->strip.axis[i].count - band.start[i];
        if (!rest) band.count[i] = cor__min(band.count[i], x->strip.band[i]);
        index /= x->bands[i];
    }
    band.image = index % x->image_bands * x->strip.images;
    band.images = cor__min(x->strip.images, x->problem->n - band.image);
    *group = index / x->image_bands;
    return band;
}

static cor__conv_block block_of(const pass *x, const cor__conv_band *band, int64_t group, int64_t index,
                                const char *strip) {
    const cor__conv_problem *p = x->problem;
    const cor__conv_axis *axis = x->strip.axis;
    const int64_t outputs = outputs_of(x), tiles = cor__conv_tiles(outputs, x->kernel->rows), size = x->kernel->size;
    const int64_t o = group * outputs, plane = p->output[0] * p->output[1] * p->output[2];
    int64_t at = band->image * p->o + o;
    for (int i = 0; i < AXES; i++) at = at * p->output[i] + axis[i].out_first + band->start[i] * axis[i].out_step;
    cor__conv_block block = {
        .strip = strip,
        .exact = x->in_place,
        .plane = x->strip.plane * x->together,
        .offsets = x->offsets,
        .taps = x->taps * x->together,
        .channels = channels_of(x) / x->together,
        .outputs = outputs,
        .first_tile = index * tiles / x->blocks,
        .end_tile = (index + 1) * tiles / x->blocks,
        .weights = x->weights + o * channels_of(x) * x->taps * size,
        .packed = x->packed,
        .bias = x->bias != NULL ? x->bias + o * size : NULL,
        .images = band->images,
        .height = band->count[1],
        .width = band->count[2],
        .pitch = x->in_place ? band->count[2] : x->strip.lines[2].pitch,
        .image_rows = x->strip.lines[1].pitch,
        .dtype = p->dtype,
        .output = (char *)x->operands->output + at * cor__conv_dtype_size(p->dtype),
        .out_image = p->o * plane,
        .out_channel = plane,
        .out_row = axis[1].out_step * p->output[2],
        .out_column = axis[2].out_step,
    };
    /* Rows without gaps are one long row. */
    if (block.pitch == block.width && block.out_row == block.width * block.out_column) {
        block.width *= block.height;
        block.pitch *= block.image_rows;
        block.height = block.image_rows = 1;
    }
    return block;
}

/* The epilogue of a block, which has no gaps between columns: only forward convolutions have one. */
static void finish_block(const pass *x, int64_t group, const cor__conv_block *b) {
    const int64_t o = group * outputs_of(x), rows = x->kernel->rows;
    const int64_t at = ((const char *)b->output - (const char *)x->operands->output) / cor__conv_dtype_size(b->dtype);
    const int64_t begin = cor__conv_tile_start(b->outputs, rows, b->first_tile);
    const int64_t end = cor__conv_tile_start(b->outputs, rows, b->end_tile);
    for (int64_t image = 0; image < b->images; image++)
        cor__conv_finish(x->problem, x->operands, o + begin, end - begin,
                         at + image * b->out_image + begin * b->out_channel, b->height, b->width, b->out_row);
}

/* The input of a band that is read in place. */
static char *input_at(const pass *x, const cor__conv_band *band, int64_t group) {
    const int64_t *strides = x->problem->input_strides;
    const int64_t at = band->image * strides[0] + group * channels_of(x) * strides[1] + band->start[2];
    return (char *)x->operands->input + at * x->kernel->size;
}

/* Runs the tasks of the slots [begin, end). The tasks of one band follow each other and share its strip. */
static void run_slots(int64_t begin, int64_t end, void *context) {
    const pass *const passes = context;
    const uint64_t state = cor__flush_begin();
    for (int64_t slot = begin; slot < end; slot++) {
        char *strip = passes->strips + slot * strip_bytes(passes);
        int64_t held = -1;
        const int64_t last = (slot + 1) * passes->tasks / passes->slots;
        for (int64_t task = slot * passes->tasks / passes->slots; task < last; task++) {
            int64_t group;
            const int64_t number = task / passes->blocks / passes->joined;
            const pass *x = passes + task / passes->blocks % passes->joined;
            const cor__conv_band band = band_of(x, number, &group);
            if (x->in_place) strip = input_at(x, &band, group);
            else if (held != number && x->taps > 0)
                cor__conv_strip_fill(&x->strip, &band, x->problem, x->kernel, x->operands->input,
                                     group * channels_of(x), channels_of(x), strip);
            held = number;
            const cor__conv_block block = block_of(x, &band, group, task % x->blocks, strip);
            x->kernel->block(&block);
            if (x->operands->epilogue != NULL) finish_block(x, group, &block);
        }
    }
    cor__flush_end(state);
}

/* ---- weights ---------------------------------------------------------------------------------------------------- */

static const cor__conv_kernel *kernel_for(cor_dtype dtype) {
    const cor__conv_integer_kernels *integer = cor__kernels_now()->fused_integers->conv_integer;
    const cor__conv_kernels *floating = cor__kernels_now()->fused->conv;
    switch (dtype) {
    case COR_FLOAT64:
        return &floating->f64;
    case COR_FLOAT16:
    case COR_BFLOAT16:
    case COR_FLOAT32:
        return &floating->f32;
    case COR_INT64:
        return &integer->i64;
    default:
        return &integer->i32;
    }
}

static bool converted(cor_dtype dtype) {
    return dtype != COR_FLOAT32 && dtype != COR_FLOAT64 && dtype != COR_INT32 && dtype != COR_INT64;
}

/* The bytes of some memory, a multiple of 64; *fits becomes false when they cannot be held. */
static int64_t room(int64_t count, int64_t size, bool *fits) {
    int64_t bytes;
    if (!cor__mul_ok(count, size, &bytes) || bytes > INT64_MAX / 16) {
        *fits = false;
        return 0;
    }
    return cor__ceil_div(bytes, 64) * 64;
}

static int64_t taps_of_kernel(const cor__conv_problem *p) { return p->kernel[0] * p->kernel[1] * p->kernel[2]; }
static int64_t weights_of(const cor__conv_problem *p) { return p->c / p->groups * p->o * taps_of_kernel(p); }

static bool has_output(const cor__conv_problem *p) {
    return p->n > 0 && p->o > 0 && p->output[0] > 0 && p->output[1] > 0 && p->output[2] > 0;
}

/* The packed weights of a pass. */
static int64_t packed_bytes(const pass *x, bool *fits) {
    return room(x->problem->c / x->problem->groups * x->problem->o * x->taps, x->kernel->size, fits);
}

static int64_t prepared(const cor__conv_problem *p) {
    int64_t number[AXES] = {0}, bytes = 0;
    bool fits = true;
    if (!has_output(p)) return 0;
    do {
        pass x;
        plan_pass(&x, p, kernel_for(p->dtype), number);
        bytes += packed_bytes(&x, &fits);
    } while (fits && next_pass(p, number));
    return fits ? bytes : -1;
}

static bool prepares(const cor__conv_problem *p) {
    if (!has_output(p)) return false;
    return p->transposed || converted(p->dtype) ||
           p->n * p->output[0] * p->output[1] * p->output[2] >= PACKED_POSITIONS;
}

/* What packing needs besides the pass. */
typedef struct packing {
    const pass *pass;
    const char *from;
    char *to;
    const int64_t *tap_index; /* of the pass's taps in the kernel */
} packing;

/* Packs the tiles [begin, end) of all groups. */
static void pack_tiles(int64_t begin, int64_t end, void *context) {
    const packing *job = context;
    const pass *x = job->pass;
    const cor__conv_problem *p = x->problem;
    const int64_t kernel = taps_of_kernel(p), size = x->kernel->size;
    const int64_t outputs = outputs_of(x), channels = channels_of(x), tiles = cor__conv_tiles(outputs, x->kernel->rows);
    const int64_t row_step = p->transposed ? kernel : channels * kernel;
    const int64_t channel_step = p->transposed ? outputs * kernel : kernel;
    for (int64_t index = begin; index < end; index++) {
        const int64_t group = index / tiles, first = cor__conv_tile_start(outputs, x->kernel->rows, index % tiles);
        const int64_t rows = cor__conv_tile_start(outputs, x->kernel->rows, index % tiles + 1) - first;
        const int64_t from = (p->transposed ? group * channels * outputs : group * outputs * channels) * kernel;
        x->kernel->pack(job->to + (group * outputs + first) * channels * x->taps * size,
                        job->from + (from + first * row_step) * size, rows, row_step, channels, channel_step, x->taps,
                        job->tap_index);
    }
}

/* Where the pass's taps lie in the kernel. */
static void list_taps(const pass *x, int64_t *tap_index) {
    const cor__conv_axis *axis = x->strip.axis;
    const int64_t *kernel = x->problem->kernel;
    int64_t a[AXES];
    for (a[0] = 0; a[0] < axis[0].taps; a[0]++)
        for (a[1] = 0; a[1] < axis[1].taps; a[1]++)
            for (a[2] = 0; a[2] < axis[2].taps; a[2]++) {
                int64_t u = 0;
                for (int i = 0; i < AXES; i++) u = u * kernel[i] + axis[i].tap_first + a[i] * axis[i].tap_step;
                *tap_index++ = u;
            }
}

static int pack_passes(const cor__conv_problem *p, const char *weight, int threads, int64_t *tap_index, char *to) {
    int64_t number[AXES] = {0};
    bool fits = true;
    int status;
    do {
        pass x;
        plan_pass(&x, p, kernel_for(p->dtype), number);
        list_taps(&x, tap_index);
        packing job = {&x, weight, to, tap_index};
        const int64_t tiles = p->groups * cor__conv_tiles(outputs_of(&x), x.kernel->rows);
        const bool serial = threads == 1 || weights_of(p) < SERIAL_WEIGHTS;
        status = COR_OK;
        if (serial) pack_tiles(0, tiles, &job);
        else status = cor_parallel_for(tiles, 4, pack_tiles, &job);
        to += packed_bytes(&x, &fits);
    } while (status == COR_OK && next_pass(p, number));
    return status;
}

static int prepare(const cor__conv_problem *p, const void *weight, int threads, void *to) {
    if (prepared(p) == 0) return COR_OK; /* no output has a tap */
    const cor__conv_kernel *kernel = kernel_for(p->dtype);
    bool fits = true;
    const int64_t index_bytes = room(taps_of_kernel(p), 8, &fits);
    const int64_t bytes = index_bytes + room(converted(p->dtype) ? weights_of(p) : 0, kernel->size, &fits);
    if (!fits) return cor__fail(COR_ELIMIT, "the weights of a convolution are more than can be addressed");
    char *memory = cor__alloc((size_t)bytes, "packing the weights of a convolution");
    if (memory == NULL) return cor_error();
    const char *from = weight;
    if (converted(p->dtype)) {
        from = memory + index_bytes;
        kernel->load(memory + index_bytes, weight, 1, weights_of(p), p->dtype);
    }
    const int status = pack_passes(p, from, threads, (int64_t *)(void *)memory, to);
    cor__free(memory, (size_t)bytes);
    return status;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

/* The parts of the workspace, in bytes; strips are for each slot. */
typedef struct parts {
    int64_t offsets, bias, strip;
    bool fits;
} parts;

static parts parts_of(const cor__conv_problem *p, const cor__conv_kernel *kernel) {
    parts all = {.fits = true};
    all.offsets = room(joined_of(p) * cor__max(taps_of_kernel(p), SHORT_TAPS), 8, &all.fits);
    all.bias = room(p->bias ? p->o : 0, kernel->size, &all.fits);
    int64_t number[AXES] = {0};
    do {
        pass x;
        plan_pass(&x, p, kernel, number);
        all.strip = cor__max(all.strip, strip_bytes(&x));
    } while (next_pass(p, number));
    return all;
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    if (!has_output(p)) return 0;
    const parts all = parts_of(p, kernel_for(p->dtype));
    int64_t bytes = all.offsets + all.bias, strips;
    bool fits = all.fits && cor__mul_ok(all.strip, threads, &strips) && cor__add_ok(bytes, strips, &bytes);
    return fits ? bytes : -1;
}

/* Sets where the taps read in the strip, for all channels of a round of the inner loop. */
static void list_offsets(const pass *x) {
    const cor__conv_axis *axis = x->strip.axis;
    int64_t a[AXES], index = 0;
    for (a[0] = 0; a[0] < axis[0].taps; a[0]++)
        for (a[1] = 0; a[1] < axis[1].taps; a[1]++)
            for (a[2] = 0; a[2] < axis[2].taps; a[2]++, index++)
                x->offsets[index] = cor__conv_strip_offset(&x->strip, a);
    for (int64_t i = x->taps; i < x->taps * x->together; i++) x->offsets[i] = x->offsets[i - x->taps] + x->strip.plane;
}

static int run_pass(pass *x, int threads) {
    for (int64_t i = 0; i < x->joined; i++) list_offsets(x + i);
    int64_t products;
    const bool serial =
        cor__mul_ok(positions_of(x) * x->problem->o, channels_of(x) * x->taps, &products) && products < SERIAL_PRODUCTS;
    x->slots = serial ? 1 : cor__min(threads, x->tasks);
    if (x->slots > 1) return cor_parallel_for(x->slots, 1, run_slots, x);
    run_slots(0, 1, x);
    return COR_OK;
}

static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    if (!has_output(p)) return COR_OK;
    const cor__conv_kernel *kernel = kernel_for(p->dtype);
    const parts all = parts_of(p, kernel);
    char *const bias = (char *)memory + all.offsets;
    if (p->bias) kernel->load(bias, operands->bias, 1, p->o, p->dtype);
    const bool packed = operands->prepared != NULL;
    const char *weights = packed ? operands->prepared : operands->weight;
    const int64_t most = cor__max(taps_of_kernel(p), SHORT_TAPS), joined = joined_of(p);
    int64_t number[AXES] = {0}, count = 0;
    bool fits = true;
    int status = COR_OK;
    pass passes[MOST_JOINED];
    do {
        pass *x = &passes[count];
        plan_pass(x, p, kernel, number);
        x->operands = operands;
        x->offsets = (int64_t *)memory + count * most;
        x->bias = p->bias ? bias : NULL;
        x->packed = packed;
        x->weights = weights;
        x->strips = bias + all.bias;
        if (packed) weights += packed_bytes(x, &fits);
        count = (count + 1) % joined;
        if (count == 0) status = run_pass(passes, threads);
    } while (status == COR_OK && next_pass(p, number));
    return status;
}

static const char *refuses(const cor__conv_problem *problem) {
    return problem->dtype == COR_BOOL ? "bool has no kernels" : NULL;
}

const cor__conv_implementation cor__conv_direct = {.name = "direct",
                                                   .refuses = refuses,
                                                   .prepared = prepared,
                                                   .prepares = prepares,
                                                   .prepare = prepare,
                                                   .workspace = workspace,
                                                   .run = run};
