/* lanes_plan.c: which problems are computed with channels in lanes, in which form, and how they are cut. */
#include "base/sizes.h"
#include "conv/lanes.h"
#include "kernels/kernels.h"

enum { HEIGHT = 0, WIDTH = 1 };

static const cor__winograd_shape shapes[COR__WINOGRAD_FORMS + 1] = {
    [COR__WINOGRAD_4_3] = {{4, 4}, {3, 3}, {6, 6}, {6, 6}, {4, 4}},
    [COR__WINOGRAD_2_5] = {{2, 2}, {5, 5}, {6, 6}, {6, 6}, {2, 2}},
    [COR__WINOGRAD_2_3] = {{2, 2}, {3, 3}, {4, 4}, {4, 4}, {2, 2}},
    [COR__WINOGRAD_4_3_W] = {{1, 4}, {1, 3}, {1, 6}, {1, 6}, {1, 4}},
    [COR__WINOGRAD_2_5_W] = {{1, 2}, {1, 5}, {1, 6}, {1, 6}, {1, 2}},
    [COR__WINOGRAD_S2_3] = {{2, 2}, {3, 3}, {5, 5}, {5, 5}, {4, 4}},
    [COR__WINOGRAD_S2_4] = {{2, 2}, {4, 4}, {6, 6}, {6, 6}, {4, 4}},
    [COR__WINOGRAD_T2_3] = {{4, 4}, {3, 3}, {3, 3}, {5, 5}, {2, 2}},
    [COR__WINOGRAD_T2_4] = {{4, 4}, {4, 4}, {4, 4}, {6, 6}, {2, 2}},
    [COR__PATCHES] = {{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
};

static int64_t round_up(int64_t n, int64_t step) { return cor__ceil_div(n, step) * step; }

/* Tiles of an axis of a phase; of all phases of an output slice. */
static int64_t axis_tiles(const cor__lanes_plan *x, int i, int m) {
    return cor__ceil_div(cor__ceil_div(x->problem->output[cor__lanes_axis(x, i)], x->phases[i]), m);
}
static int64_t tiles_of(const cor__lanes_plan *x, cor__winograd_form form) {
    const int *m = shapes[form].m;
    return axis_tiles(x, HEIGHT, m[HEIGHT]) * x->phases[HEIGHT] * axis_tiles(x, WIDTH, m[WIDTH]) * x->phases[WIDTH];
}

/* ---- cost: in multiply-adds of whole vectors, measured on Zen 4 ------------------------------------------------- */

/* What one tile costs beside its products, for each vector of channels read and written: the transforms, and bringing
 * pixels to and fro. */
static double transform_cost(const cor__lanes_plan *x, cor__winograd_form form, double in, double out) {
    enum { READ_ALL = 11, WRITE_FEW = 20 };
    const cor__winograd_shape *s = &shapes[form];
    const double steps = (double)(x->problem->stride[1] * x->problem->stride[2]);
    const bool parts = x->problem->transposed && steps > 1; /* outputs of few taps, for which ending the sums weighs */
    const double ends = parts ? 2 * (double)(x->shared - 4) : 0;
    if (x->in_place) return (READ_ALL * (parts ? 1 / steps : steps) + WRITE_FEW + ends) * out;
    const double pixels = in * s->step[HEIGHT] * s->step[WIDTH] + out * s->m[HEIGHT] * s->m[WIDTH];
    const double element = s->step[HEIGHT] > s->m[HEIGHT] ? 9 : 6;
    return element * (in + out) * cor__winograd_elements(s) + 4 * pixels;
}

/* The weights come from the second level cache once for every band, and past it from farther away. */
static double weight_cost(const cor__lanes_plan *x, double elements) {
    enum { NEAR_BYTES = 768 << 10, NEAR = 32, FAR = 20 }; /* bytes a multiply-add */
    const double bytes = 4.0 * elements * (double)(x->depth * x->panels) * 2 * (double)x->kernels->lanes;
    return bytes / (bytes < NEAR_BYTES ? NEAR : FAR);
}

static double form_cost(const cor__lanes_plan *x, cor__winograd_form form) {
    const cor__winograd_shape *s = &shapes[form];
    const double tiles = (double)(tiles_of(x, form) * x->problem->n * x->problem->output[0]);
    const double in = (double)(x->slices * x->room) / (double)x->kernels->lanes, out = 2 * (double)x->panels;
    const int64_t *stride = x->problem->stride; /* transposed, of as many taps one reaches an output */
    const bool parts = form == COR__PATCHES && x->problem->transposed;
    const double reaching = parts ? 1 / (double)(stride[0] * stride[1] * stride[2]) : 1;
    const double products = cor__winograd_elements(s) * (double)x->depth * out * reaching;
    const double bands = tiles < 32 ? 1 : tiles / 32;
    return tiles * (products + transform_cost(x, form, in, out)) + bands * weight_cost(x, cor__winograd_elements(s));
}

/* By the slots that the bands of each axis read: summed over tiles they are what is read and multiplied, summed over
 * bands how often the weights come. */
static double patches_cost(const cor__lanes_plan *x) {
    enum { READ = 3, STEP = 16 /* for a pixel that steps pass over */, WRITE = 10 };
    const cor__conv_problem *p = x->problem;
    double read = 1, fetched = 1, taps = (double)p->kernel[0] / (double)(p->transposed ? p->stride[0] : 1);
    for (int i = 0; i < COR__LANES_AXES; i++) {
        int64_t tiles_slots = 0, bands_slots = 0, from, to;
        for (int64_t start = 0; start < x->tiles[i]; start += x->band[i]) {
            const int64_t tiles = cor__min(x->band[i], x->tiles[i] - start);
            cor__lanes_slots(x, i, start, tiles, &from, &to);
            tiles_slots += tiles * (to - from), bands_slots += to - from;
        }
        read *= (double)tiles_slots, fetched *= (double)bands_slots / (double)x->slots[i];
        taps *= (double)p->kernel[1 + i] / (double)x->slots[i];
    }
    const double images = (double)(p->n * p->output[0]), room = (double)x->room, out = 2 * (double)x->panels;
    const double outputs = images * (double)(p->output[1] * p->output[2]);
    const double passed = p->transposed ? 0 : outputs * (double)(p->stride[1] * p->stride[2] - 1);
    return images * read * taps * room * out + READ * images * read * room / (double)x->kernels->lanes +
           STEP * passed * room / (double)x->kernels->lanes + WRITE * outputs * out +
           (double)(x->image_bands * p->output[0]) * fetched * weight_cost(x, 1) /
               (double)(p->transposed ? p->stride[0] : 1);
}

double cor__lanes_cost(const cor__lanes_plan *x) {
    return x->form == COR__PATCHES && !x->in_place ? patches_cost(x) : form_cost(x, x->form);
}

/* Pixels in lanes: rows one after the other, with the padding between them, and the last vector of a map part empty. A
 * width whose taps read several remainders modulo the stride, and strips of many channels, unless they are of some
 * pixels only, are brought together more slowly, and outputs of more than one step are written one by one. */
double cor__lanes_direct_cost(const cor__lanes_plan *x) {
    enum { MANY_CHANNELS = 64, SCATTER = 2 /* for an output of each lane */ };
    const cor__conv_problem *p = x->problem;
    double taps = 1;
    int64_t output[COR__CONV_AXES]; /* of a pass: a transposed convolution has one for each remainder */
    for (int i = 0; i < COR__CONV_AXES; i++) {
        output[i] = p->transposed ? cor__ceil_div(p->output[i], p->stride[i]) : p->output[i];
        taps *= (double)p->kernel[i];
    }
    const int64_t lanes = x->kernels->lanes, between = output[1] > 1 ? (p->kernel[2] - 1) / 2 : 0;
    const int64_t flat = output[1] * (output[2] + between) - between;
    const double vectors = (double)(p->n * output[0] * cor__ceil_div(flat, lanes));
    const bool steps = p->stride[2] > 1, remainders = steps && p->kernel[2] > 1 && p->dilation[2] % p->stride[2] != 0;
    const double read =
        (remainders && !p->transposed ? 1.3 : 1) * (taps > 1 && !steps && x->channels >= MANY_CHANNELS ? 1.15 : 1);
    const double written = vectors * (double)(p->stride[0] * p->stride[1] * p->stride[2]);
    const double alone = flat <= lanes && p->n == 1 ? 1.25 : 1; /* one vector waits for its own sums */
    const double products = x->shared > 0 ? 1.35 * (double)x->shared : (double)x->channels; /* few are slower */
    return (1.05 * read * alone * vectors * taps * products +
            (steps && p->transposed ? SCATTER * (double)lanes * written : 0)) *
           (double)x->outputs;
}

/* ---- cutting ---------------------------------------------------------------------------------------------------- */

/* At most `most`, as even as can be. */
static int64_t even(int64_t n, int64_t most) { return cor__ceil_div(n, cor__ceil_div(n, cor__max(most, 1))); }

/* Most tiles of an axis of a band: of all phases, or one of each of some. Returns their number. */
static int64_t set_band(cor__lanes_plan *x, int i, int64_t most) {
    x->spread[i] = even(x->phases[i], most);
    x->band[i] = even(x->tiles[i], most / x->spread[i]);
    x->bands[i] = cor__ceil_div(x->phases[i], x->spread[i]) * cor__ceil_div(x->tiles[i], x->band[i]);
    return x->spread[i] * x->band[i];
}

/* Bands of at most so many rows and columns, and of about `wanted` tiles; rather of whole rows of the image. */
static void set_bands(cor__lanes_plan *x, int64_t rows, int64_t columns, int64_t wanted) {
    const int first = x->turned ? HEIGHT : WIDTH;
    const int64_t row = set_band(x, first, columns);
    x->images = even(x->problem->n, wanted / (row * set_band(x, 1 - first, cor__min(rows, wanted / row))));
    x->image_bands = cor__ceil_div(x->problem->n, x->images);
}

/* Narrow bands leave out more taps that read nothing but padding, where that is a large part of what the taps read. */
static void narrow_bands(cor__lanes_plan *x, int64_t most, int64_t wanted) {
    bool padded[COR__LANES_AXES];
    for (int i = 0; i < COR__LANES_AXES; i++) padded[i] = -8 * x->first[i] >= x->tiles[i] * x->step[i];
    const int64_t rows[] = {most, 1}, columns[] = {most, 1, cor__min(x->spacing[WIDTH], most)};
    int best = 0;
    double least = 0;
    for (int i = 0; i < 6; i++) {
        if ((i % 2 > 0 && !padded[HEIGHT]) || (i / 2 > 0 && !padded[WIDTH])) continue;
        set_bands(x, rows[i % 2], columns[i / 2], wanted);
        const double cost = patches_cost(x);
        if (i == 0 || cost < least) best = i, least = cost;
    }
    set_bands(x, rows[best % 2], columns[best / 2], wanted);
}

static void choose_bands(cor__lanes_plan *x, int64_t wanted) {
    const int first = x->turned ? HEIGHT : WIDTH;
    const int64_t most = x->phases[first] * x->tiles[first] <= 2 * wanted ? 2 * wanted : wanted;
    if (x->form == COR__PATCHES && !x->in_place) narrow_bands(x, most, wanted);
    else set_bands(x, wanted, most, wanted);
}

/* Few bands are shared by several tasks, each of which transforms the inputs again unless it follows another of the
 * same band on its thread. */
static void choose_parts(cor__lanes_plan *x) {
    enum { LEAST_TASKS = 16 };
    const int64_t bands = x->groups * x->image_bands * x->problem->output[0] * x->bands[0] * x->bands[1];
    x->parts = cor__min(x->panels, cor__ceil_div(LEAST_TASKS, bands));
}

/* Into bands of about `wanted` tiles. */
static void cut(cor__lanes_plan *x, int64_t wanted) {
    const int64_t lanes = x->kernels->lanes;
    x->v_depth = x->problem->kernel[0] * x->slots[HEIGHT] * x->slots[WIDTH] * x->room;
    for (int i = 0; i < COR__LANES_AXES; i++) x->tiles[i] = axis_tiles(x, i, x->shape.m[i]);
    choose_bands(x, wanted);
    choose_parts(x);
    const int64_t tiles = x->images * x->spread[HEIGHT] * x->band[HEIGHT] * x->spread[WIDTH] * x->band[WIDTH];
    /* Odd numbers of cache lines, so that what is used together does not meet in the same sets. */
    x->v_row = x->v_depth + (x->v_depth / lanes % 2 == 0 ? lanes : 0);
    x->v_element = tiles * x->v_row + (tiles * x->v_row / lanes % 2 == 0 ? lanes : 0);
    x->m_element = tiles * 2 * lanes + lanes;
    int64_t size[COR__LANES_AXES];
    for (int i = 0; i < COR__LANES_AXES; i++) {
        const int64_t tile = x->form == COR__PATCHES ? x->spacing[i] * (x->slots[i] - 1) + 1
                                                     : x->shape.inputs[i] + x->spacing[i] * (x->slots[i] - 1);
        size[i] = (x->band[i] - 1) * x->step[i] + tile;
    }
    x->strip_rows = size[HEIGHT];
    x->strip_columns = size[WIDTH];
    /* Pixels that the last step leaves out are read when whole rows then follow each other. */
    const int64_t left = x->problem->input[2] - x->first[WIDTH] - size[WIDTH];
    if (x->form == COR__PATCHES && x->bands[WIDTH] == 1 && left > 0 && left < x->step[WIDTH]) x->strip_columns += left;
}

/* ---- choosing --------------------------------------------------------------------------------------------------- */

/* Whether it is one of the forms of stride 2. */
static bool is_halved(const cor__conv_problem *p) {
    for (int i = 1; i < COR__CONV_AXES; i++)
        if (p->stride[i] != 2 || p->dilation[i] != 1 || (p->transposed && p->padding[i] % 2 == 0)) return false;
    return p->kernel[1] == p->kernel[2] && (p->kernel[1] == 3 || p->kernel[1] == 4);
}

static const char *cannot(const cor__conv_problem *p) {
    if (p->dtype != COR_FLOAT32) return "its dtype is not float32";
    if (p->highest) return "its precision is the highest";
    if (p->stride[0] != 1 && p->transposed) return "its stride is not 1";
    if (is_halved(p)) return NULL;
    if (p->stride[1] != 1 || p->stride[2] != 1) return "its stride is not 1";
    if (p->kernel[1] == 1 && p->kernel[2] == 1) return "its kernel has one tap";
    for (int i = 1; i < COR__CONV_AXES; i++)
        if (p->kernel[i] > 1 && p->dilation[i] > p->output[i]) return "its dilation is more than its output";
    /* In blocks of 3x3 or 1x3 there are products that the definition lacks, and rounding grows with them. */
    const int64_t height = p->kernel[1] == 1 ? 1 : round_up(p->kernel[1], 3);
    const int64_t width = p->kernel[2] == 1 ? 1 : round_up(p->kernel[2], 3);
    return 5 * p->kernel[1] * p->kernel[2] < 3 * height * width ? "its kernel fills blocks of 3x3 badly" : NULL;
}

/* A kernel that has a form of its own, or one in blocks of F(4, 3). `forward` says whether the others are allowed. */
static void choose_form(cor__lanes_plan *x, bool forward) {
    const int64_t *kernel = x->problem->kernel;
    const bool line = kernel[1] == 1 || kernel[2] == 1;
    const bool five = forward && cor__max(kernel[1], kernel[2]) == 5 && (line || kernel[1] == kernel[2]);
    x->turned = kernel[2] == 1;
    x->form = line ? COR__WINOGRAD_4_3_W : COR__WINOGRAD_4_3;
    if (five) x->form = line ? COR__WINOGRAD_2_5_W : COR__WINOGRAD_2_5;
    if (!is_halved(x->problem)) return;
    if (kernel[1] == 3) x->form = x->problem->transposed ? COR__WINOGRAD_T2_3 : COR__WINOGRAD_S2_3;
    else x->form = x->problem->transposed ? COR__WINOGRAD_T2_4 : COR__WINOGRAD_S2_4;
}

/* F(2, 3) where it costs less: of maps that tiles of four outputs do not fill. And where it costs little more and saves
 * much memory: its prepared weights, which are kept, are less than half of those of F(4, 3). */
static void choose_small_form(cor__lanes_plan *x) {
    enum { LARGE_BYTES = 32 << 20 };
    const double bytes = 4.0 * cor__winograd_elements(&shapes[COR__WINOGRAD_4_3]) * (double)(x->depth * x->panels) * 2 *
                         (double)x->kernels->lanes;
    const double allowed = bytes > LARGE_BYTES ? 1.4 : 1;
    if (x->form == COR__WINOGRAD_4_3 && x->slots[HEIGHT] * x->slots[WIDTH] == 1 &&
        form_cost(x, COR__WINOGRAD_2_3) < allowed * form_cost(x, COR__WINOGRAD_4_3))
        x->form = COR__WINOGRAD_2_3;
}

/* The plan without what follows from the size of bands; x->form is set. */
static const char *begin(cor__lanes_plan *x, const cor__conv_problem *p) {
    *x = (cor__lanes_plan){.problem = p,
                           .kernels = cor__kernels_now()->fused->winograd,
                           .form = x->form,
                           .turned = x->turned,
                           .shape = shapes[x->form],
                           .groups = p->groups,
                           .elements = cor__winograd_elements(&shapes[x->form]),
                           .channels = p->c / p->groups,
                           .outputs = p->o / p->groups};
    for (int i = 0; i < COR__LANES_AXES; i++) {
        const int axis = cor__lanes_axis(x, i);
        const int64_t dilation = p->kernel[axis] > 1 ? p->dilation[axis] : 1;
        x->kernel[i] = x->slots[i] = cor__ceil_div(p->kernel[axis], x->shape.r[i]);
        x->phases[i] = x->form == COR__PATCHES ? 1 : dilation;
        x->spacing[i] = x->form == COR__PATCHES ? dilation : x->shape.r[i];
    }
    if (p->n == 0 || x->channels == 0 || x->outputs == 0 || p->output[0] * p->output[1] * p->output[2] == 0)
        return "it has no products";
    x->room = round_up(x->channels, x->kernels->lanes);
    x->slices = p->kernel[0] * x->kernel[HEIGHT] * x->kernel[WIDTH];
    x->depth = x->slices * x->room;
    x->panels = cor__ceil_div(x->outputs, 2 * x->kernels->lanes);
    return NULL;
}

/* Several groups share vectors when two vectors hold whole groups. */
static bool shares(const cor__lanes_plan *x) {
    enum { LEAST = 4 };
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernels->lanes, group = x->channels;
    return group >= LEAST && group <= lanes && (group & (group - 1)) == 0 && p->o == p->c && p->c % (2 * lanes) == 0 &&
           x->slices <= COR__LANES_SHARED_TAPS;
}

static void share(cor__lanes_plan *x) {
    const int64_t wide = 2 * x->kernels->lanes;
    x->shared = x->channels;
    x->depth = x->slices * x->shared;
    x->groups = x->problem->c / wide;
    x->channels = x->outputs = x->room = wide;
}

/* Tiles of a band whose products are whole blocks of rows. */
static int64_t usual_tiles(const cor__lanes_plan *x) { return cor__max(24, 2 * x->kernels->rows); }

static void finish_winograd(cor__lanes_plan *x, int64_t wanted) {
    const cor__conv_problem *p = x->problem;
    x->shape = shapes[x->form];
    x->elements = cor__winograd_elements(&x->shape);
    x->transform = x->kernels->input[x->form];
    for (int i = 0; i < COR__LANES_AXES; i++) {
        const int axis = cor__lanes_axis(x, i);
        const int64_t padding = p->padding[axis], turned = padding - x->phases[i] * (p->kernel[axis] - 1);
        x->first[i] = p->transposed ? cor__ceil_div(turned, p->stride[axis]) : -padding;
        x->step[i] = x->shape.step[i];
    }
    cut(x, wanted);
}

/* A tap of a transposed convolution meets one output of a tile; the taps' inputs follow each other without gaps. */
static void finish_patches(cor__lanes_plan *x, int64_t wanted) {
    const cor__conv_problem *p = x->problem;
    for (int i = 0; i < COR__LANES_AXES; i++) {
        const int64_t stride = p->stride[1 + i], padding = p->padding[1 + i];
        const int64_t m = p->transposed ? stride : 1, turned = padding - p->dilation[1 + i] * (p->kernel[1 + i] - 1);
        x->shape.m[i] = (int)m;
        x->step[i] = p->transposed ? 1 : stride;
        x->first[i] = p->transposed ? cor__ceil_div(turned, m) : -padding;
        x->slots[i] = m > 1 ? cor__ceil_div(padding, m) - x->first[i] + 1 : p->kernel[1 + i];
        x->spacing[i] = m > 1 ? 1 : p->dilation[1 + i];
    }
    cut(x, wanted);
}

const char *cor__lanes_plan_winograd(cor__lanes_plan *x, const cor__conv_problem *p) {
    *x = (cor__lanes_plan){.problem = p};
    const char *reason = cannot(p);
    if (reason != NULL) return reason;
    choose_form(x, true);
    if ((reason = begin(x, p)) != NULL) return reason;
    if (shares(x) && x->channels == x->kernels->lanes && x->slices == 1) share(x);
    choose_small_form(x);
    finish_winograd(x, usual_tiles(x));
    return NULL;
}

const char *cor__lanes_plan_patches(cor__lanes_plan *x, const cor__conv_problem *p) {
    enum { IN_PLACE_TILES = 392, MOST_STRIDE = 16 };
    if (p->dtype != COR_FLOAT32) return "its dtype is not float32";
    for (int i = 1; p->transposed && i < COR__CONV_AXES; i++) {
        if (p->stride[i] > MOST_STRIDE) return "its stride is more than 16";
        if (p->stride[i] > 1 && p->dilation[i] > 1 && p->kernel[i] > 1) return "it is dilated and its stride is not 1";
    }
    *x = (cor__lanes_plan){.form = COR__PATCHES};
    const char *reason = begin(x, p);
    if (reason != NULL) return reason;
    x->in_place = shares(x);
    if (x->in_place) share(x);
    const int64_t outputs = p->transposed ? p->stride[1] * p->stride[2] : 1; /* of a tile */
    finish_patches(x, x->in_place ? cor__max(IN_PLACE_TILES / outputs, 1) : 2 * usual_tiles(x));
    return NULL;
}

/* Whether products with outputs that are not there, or taps, would make rounding larger than is allowed. */
static bool fills_tiles(const cor__lanes_plan *x) {
    const int64_t *output = x->problem->output, *kernel = x->problem->kernel;
    const cor__winograd_shape *s = &shapes[x->form];
    const double outputs = (double)(round_up(output[1], s->m[HEIGHT]) * round_up(output[2], s->m[WIDTH]));
    const double taps = (double)(x->kernel[HEIGHT] * s->r[HEIGHT] * x->kernel[WIDTH] * s->r[WIDTH]);
    return (double)(output[1] * output[2] * kernel[1] * kernel[2]) > 0.4 * outputs * taps;
}

/* The first plan has the inputs' form; the second's tiles are the outputs of that, side by side, without transform from
 * output to output: its strip is its tiles. Products are summed over the tiles, so bands are as large as the cache. */
const char *cor__lanes_plan_gradient(cor__lanes_plan *x, cor__lanes_plan *z, cor__conv_problem *outputs,
                                     const cor__conv_problem *p) {
    enum { CACHE_BYTES = 3 << 20, LEAST_TILES = 32, MOST_TILES = 256 };
    *x = *z = (cor__lanes_plan){.problem = p};
    const char *reason = cannot(p);
    if (reason == NULL && p->transposed) reason = "it is transposed";
    if (reason == NULL && is_halved(p)) reason = "its stride is not 1";
    if (reason == NULL && (p->dilation[1] != 1 || p->dilation[2] != 1)) reason = "it is dilated";
    if (reason == NULL && p->kernel[2] == 1) reason = "its kernel is one tap wide";
    if (reason != NULL) return reason;
    choose_form(x, false);
    if ((reason = begin(x, p)) != NULL) return reason;
    if (!fills_tiles(x)) return "its maps fill tiles badly";
    *outputs = *p;
    outputs->c = p->o;
    for (int i = 0; i < COR__CONV_AXES; i++) {
        outputs->input[i] = p->output[i];
        outputs->kernel[i] = outputs->stride[i] = outputs->dilation[i] = 1;
        outputs->padding[i] = 0;
    }
    cor__conv_problem_contiguous(outputs);
    z->form = x->form;
    begin(z, outputs);
    const int64_t tile_bytes = 4 * cor__winograd_elements(&shapes[x->form]) * (x->depth + z->depth);
    const int64_t wanted = cor__min(cor__max(CACHE_BYTES / tile_bytes, LEAST_TILES), MOST_TILES);
    finish_winograd(x, wanted);
    finish_winograd(z, wanted);
    z->transform = z->kernels->spread[z->form];
    z->strip_rows = z->band[HEIGHT] * z->shape.m[HEIGHT];
    z->strip_columns = z->band[WIDTH] * z->shape.m[WIDTH];
    return NULL;
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static int64_t line(int64_t elements) { return round_up(elements, 16); }

int64_t cor__lanes_strip_plane(const cor__lanes_plan *x) {
    const int64_t maps = x->images * x->spread[HEIGHT] * x->spread[WIDTH];
    return line(maps * x->strip_rows * x->strip_columns * x->kernels->lanes);
}
int64_t cor__lanes_strip_size(const cor__lanes_plan *x) {
    return cor__lanes_strip_plane(x) * (x->in_place ? 2 * x->problem->kernel[0] : 1);
}
int64_t cor__lanes_columns_size(const cor__lanes_plan *x) {
    return line(x->shape.products[HEIGHT] * x->strip_columns * x->kernels->lanes);
}
/* A panel of the last tile may be read a vector past its end. */
int64_t cor__lanes_v_size(const cor__lanes_plan *x) {
    return x->in_place ? 0 : line(x->elements * x->v_element + x->kernels->lanes);
}
int64_t cor__lanes_spots_size(const cor__lanes_plan *x) {
    return line(2 * x->spread[HEIGHT] * x->strip_rows * x->spread[WIDTH] * x->strip_columns);
}

cor__lanes_band cor__lanes_band_of(const cor__lanes_plan *x, int64_t index) {
    const cor__conv_problem *p = x->problem;
    cor__lanes_band band;
    for (int i = COR__LANES_AXES - 1; i >= 0; i--) {
        const int64_t parts = cor__ceil_div(x->phases[i], x->spread[i]), at = index % x->bands[i];
        band.phase[i] = at % parts * x->spread[i];
        band.phases[i] = cor__min(x->spread[i], x->phases[i] - band.phase[i]);
        band.start[i] = at / parts * x->band[i];
        band.tiles[i] = cor__min(x->band[i], x->tiles[i] - band.start[i]);
        const int64_t first = band.phase[i] + x->phases[i] * band.start[i] * x->shape.m[i];
        const int64_t size = cor__ceil_div(p->output[cor__lanes_axis(x, i)] - first, x->phases[i]);
        band.size[i] = cor__max(cor__min(band.tiles[i] * x->shape.m[i], size), 0);
        index /= x->bands[i];
    }
    band.slice = index % p->output[0];
    index /= p->output[0];
    band.image = index % x->image_bands * x->images;
    band.images = cor__min(x->images, p->n - band.image);
    band.group = index / x->image_bands;
    band.maps = band.images * band.phases[HEIGHT] * band.phases[WIDTH];
    band.all_tiles = band.maps * band.tiles[HEIGHT] * band.tiles[WIDTH];
    return band;
}
