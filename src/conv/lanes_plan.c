/* lanes_plan.c: which problems are computed with channels in lanes, in which form, and how they are cut. */
#include "base/sizes.h"
#include "conv/lanes.h"
#include "kernels/kernels.h"

enum { HEIGHT = 0, WIDTH = 1 };

static const cor__winograd_shape shapes[COR__WINOGRAD_FORMS + 1] = {
    [COR__WINOGRAD_4_3] = {{4, 4}, {3, 3}},   [COR__WINOGRAD_2_5] = {{2, 2}, {5, 5}},
    [COR__WINOGRAD_2_3] = {{2, 2}, {3, 3}},   [COR__WINOGRAD_4_3_W] = {{1, 4}, {1, 3}},
    [COR__WINOGRAD_2_5_W] = {{1, 2}, {1, 5}}, [COR__PATCHES] = {{1, 1}, {1, 1}},
};

static int64_t round_up(int64_t n, int64_t step) { return cor__ceil_div(n, step) * step; }

static int64_t tiles_of(const cor__conv_problem *p, cor__winograd_form form) {
    return cor__ceil_div(p->output[1], shapes[form].m[HEIGHT]) * cor__ceil_div(p->output[2], shapes[form].m[WIDTH]);
}

/* ---- cost: in multiply-adds of whole vectors, measured on Zen 4 ------------------------------------------------- */

/* What one tile costs beside its products, for each vector of channels read and written: the transforms, and bringing
 * pixels to and fro. */
static double transform_cost(const cor__lanes_plan *x, cor__winograd_form form, double in, double out) {
    enum { READ = 3, WRITE = 10, READ_ALL = 11, WRITE_FEW = 20 };
    const double steps = (double)(x->problem->stride[1] * x->problem->stride[2]);
    const cor__winograd_shape *s = &shapes[form];
    if (x->in_place) return (READ_ALL * steps + WRITE_FEW) * out;
    if (form == COR__PATCHES) return READ * in + WRITE * out;
    return (in + out) * (6.0 * cor__winograd_elements(s) + 4.0 * s->m[HEIGHT] * s->m[WIDTH]);
}

/* The weights come from the second level cache once for every band, and past it from farther away. */
static double weight_cost(const cor__lanes_plan *x, cor__winograd_form form) {
    enum { NEAR_BYTES = 768 << 10, NEAR = 32, FAR = 20 }; /* bytes a multiply-add */
    const double bytes =
        4.0 * cor__winograd_elements(&shapes[form]) * (double)(x->lines * x->panels) * 2 * (double)x->kernels->lanes;
    return bytes / (bytes < NEAR_BYTES ? NEAR : FAR);
}

static double form_cost(const cor__lanes_plan *x, cor__winograd_form form) {
    const cor__winograd_shape *s = &shapes[form];
    const double tiles = (double)(tiles_of(x->problem, form) * x->problem->n * x->problem->output[0]);
    const double in = (double)x->depth / (double)x->kernels->lanes, out = 2 * (double)x->panels;
    const double products = cor__winograd_elements(s) * (double)x->lines * out, bands = tiles < 32 ? 1 : tiles / 32;
    return tiles * (products + transform_cost(x, form, in, out)) + bands * weight_cost(x, form);
}

double cor__lanes_cost(const cor__lanes_plan *x) { return form_cost(x, x->form); }

/* Pixels in lanes: rows one after the other, with the padding between them, and the last vector of a map part empty. A
 * width of more than one step, and strips of many channels, are brought together more slowly. */
double cor__lanes_direct_cost(const cor__lanes_plan *x) {
    enum { MANY_CHANNELS = 64 };
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernels->lanes, between = p->output[1] > 1 ? (p->kernel[2] - 1) / 2 : 0;
    const int64_t flat = p->output[1] * (p->output[2] + between) - between;
    const double vectors = (double)(p->n * p->output[0] * cor__ceil_div(flat, lanes));
    const double taps = (double)(p->kernel[0] * p->kernel[1] * p->kernel[2]);
    const double steps = p->stride[2] > 1 ? 1.3 : 1, strips = taps > 1 && x->channels >= MANY_CHANNELS ? 1.15 : 1;
    const double products = x->shared > 0 ? 1.35 * (double)x->shared : (double)x->channels; /* few are slower */
    return 1.05 * steps * strips * vectors * taps * products * (double)x->outputs;
}

/* ---- cutting ---------------------------------------------------------------------------------------------------- */

/* At most `most`, as even as can be. */
static int64_t even(int64_t n, int64_t most) { return cor__ceil_div(n, cor__ceil_div(n, cor__max(most, 1))); }

static void choose_bands(cor__lanes_plan *x, int64_t wanted) {
    const int64_t n = x->problem->n;
    x->band[WIDTH] = even(x->tiles[WIDTH], x->tiles[WIDTH] <= 2 * wanted ? 2 * wanted : wanted);
    x->band[HEIGHT] = even(x->tiles[HEIGHT], wanted / x->band[WIDTH]);
    const bool whole = x->band[HEIGHT] == x->tiles[HEIGHT] && x->band[WIDTH] == x->tiles[WIDTH];
    x->images = whole ? even(n, wanted / (x->tiles[HEIGHT] * x->tiles[WIDTH])) : 1;
    for (int i = 0; i < COR__LANES_AXES; i++) x->bands[i] = cor__ceil_div(x->tiles[i], x->band[i]);
    x->image_bands = cor__ceil_div(n, x->images);
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
    for (int i = 0; i < COR__LANES_AXES; i++) x->tiles[i] = cor__ceil_div(x->problem->output[1 + i], x->shape.m[i]);
    choose_bands(x, wanted);
    choose_parts(x);
    const int64_t tiles = x->images * x->band[HEIGHT] * x->band[WIDTH];
    /* Odd numbers of cache lines, so that what is used together does not meet in the same sets. */
    x->v_row = x->depth + (x->depth / lanes % 2 == 0 ? lanes : 0);
    x->v_element = tiles * x->v_row + (tiles * x->v_row / lanes % 2 == 0 ? lanes : 0);
    x->m_element = tiles * 2 * lanes + lanes;
    const bool patches = x->form == COR__PATCHES;
    int64_t size[COR__LANES_AXES];
    for (int i = 0; i < COR__LANES_AXES; i++) {
        const int64_t dilation = patches ? x->problem->dilation[1 + i] : 1;
        size[i] =
            (x->band[i] - 1) * x->step[i] + (patches ? 1 : x->shape.m[i]) + dilation * (x->problem->kernel[1 + i] - 1);
    }
    x->strip_rows = size[HEIGHT];
    x->strip_columns = size[WIDTH];
}

/* ---- choosing --------------------------------------------------------------------------------------------------- */

static const char *cannot(const cor__conv_problem *p) {
    if (p->dtype != COR_FLOAT32) return "its dtype is not float32";
    if (p->highest) return "its precision is the highest";
    if (p->stride[0] != 1 && p->transposed) return "its stride is not 1";
    if (p->stride[1] != 1 || p->stride[2] != 1) return "its stride is not 1";
    if (p->dilation[1] != 1 || p->dilation[2] != 1) return "it is dilated";
    if (p->kernel[1] == p->kernel[2] && (p->kernel[1] == 3 || p->kernel[1] == 5)) return NULL;
    if (p->kernel[1] == 1 && (p->kernel[2] == 3 || p->kernel[2] == 5)) return NULL;
    return "its kernel is not 3x3, 5x5, 1x3 or 1x5";
}

static void choose_form(cor__lanes_plan *x, bool small) {
    const cor__conv_problem *p = x->problem;
    const bool five = p->kernel[2] == 5;
    x->form = five ? COR__WINOGRAD_2_5 : COR__WINOGRAD_4_3;
    if (p->kernel[1] == 1) x->form = five ? COR__WINOGRAD_2_5_W : COR__WINOGRAD_4_3_W;
    if (small && x->form == COR__WINOGRAD_4_3 && form_cost(x, COR__WINOGRAD_2_3) < form_cost(x, COR__WINOGRAD_4_3))
        x->form = COR__WINOGRAD_2_3;
}

/* Several groups share vectors when two vectors hold whole groups. */
static bool shares(const cor__lanes_plan *x, const cor__conv_problem *p) {
    enum { LEAST = 4 };
    const int64_t lanes = x->kernels->lanes, group = p->c / p->groups;
    return group >= LEAST && group <= lanes && (group & (group - 1)) == 0 && p->o == p->c && p->c % (2 * lanes) == 0 &&
           x->slices <= COR__LANES_SHARED_TAPS;
}

static void share(cor__lanes_plan *x) {
    const int64_t wide = 2 * x->kernels->lanes;
    x->shared = x->channels;
    x->lines = x->slices * x->shared;
    x->groups = x->problem->c / wide;
    x->channels = x->outputs = wide;
    x->depth = x->slices * wide;
}

/* What both have in common, without the form. */
static const char *begin(cor__lanes_plan *x, const cor__conv_problem *p, int64_t taps) {
    *x = (cor__lanes_plan){.problem = p,
                           .kernels = cor__kernels_now()->fused->winograd,
                           .groups = p->groups,
                           .channels = p->c / p->groups,
                           .outputs = p->o / p->groups,
                           .taps = taps,
                           .slices = p->kernel[0] * taps};
    if (p->n == 0 || x->channels == 0 || x->outputs == 0 || p->output[0] * p->output[1] * p->output[2] == 0)
        return "it has no products";
    x->depth = x->lines = x->slices * round_up(x->channels, x->kernels->lanes);
    x->panels = cor__ceil_div(x->outputs, 2 * x->kernels->lanes);
    return NULL;
}

/* Tiles of a band whose products are whole blocks of rows. */
static int64_t usual_tiles(const cor__lanes_plan *x) { return cor__max(24, 2 * x->kernels->rows); }

static void finish(cor__lanes_plan *x, int64_t wanted) {
    const cor__conv_problem *p = x->problem;
    x->shape = shapes[x->form];
    x->elements = cor__winograd_elements(&x->shape);
    for (int i = 0; i < COR__LANES_AXES; i++) {
        const int64_t extent = p->dilation[1 + i] * (p->kernel[1 + i] - 1);
        x->first[i] = p->transposed ? p->padding[1 + i] - extent : -p->padding[1 + i];
        x->step[i] = x->form == COR__PATCHES ? p->stride[1 + i] : x->shape.m[i];
    }
    x->transform = x->form == COR__PATCHES ? NULL : x->kernels->input[x->form];
    cut(x, wanted);
}

const char *cor__lanes_plan_winograd(cor__lanes_plan *x, const cor__conv_problem *p) {
    const char *reason = cannot(p);
    if (reason == NULL) reason = begin(x, p, 1);
    if (reason != NULL) return reason;
    if (shares(x, p) && x->channels == x->kernels->lanes && x->slices == 1) share(x);
    choose_form(x, true);
    finish(x, usual_tiles(x));
    return NULL;
}

const char *cor__lanes_plan_patches(cor__lanes_plan *x, const cor__conv_problem *p) {
    enum { IN_PLACE_TILES = 392 };
    if (p->dtype != COR_FLOAT32) return "its dtype is not float32";
    if (p->transposed && (p->stride[0] != 1 || p->stride[1] != 1 || p->stride[2] != 1)) return "its stride is not 1";
    const char *reason = begin(x, p, p->kernel[1] * p->kernel[2]);
    if (reason != NULL) return reason;
    x->form = COR__PATCHES;
    x->in_place = shares(x, p);
    if (x->in_place) share(x);
    finish(x, x->in_place ? IN_PLACE_TILES : usual_tiles(x));
    return NULL;
}

/* The first plan has the inputs' form; the second's tiles are the outputs of that, side by side, without transform from
 * output to output: its strip is its tiles. Products are summed over the tiles, so bands are as large as the cache. */
const char *cor__lanes_plan_gradient(cor__lanes_plan *x, cor__lanes_plan *z, cor__conv_problem *outputs,
                                     const cor__conv_problem *p) {
    enum { CACHE_BYTES = 3 << 20, LEAST_TILES = 32, MOST_TILES = 256 };
    const char *reason = cannot(p);
    if (reason == NULL && p->transposed) reason = "it is transposed";
    if (reason == NULL && p->kernel[2] != 3) reason = "its kernel is not 3x3 or 1x3";
    if (reason == NULL) reason = begin(x, p, 1);
    if (reason != NULL) return reason;
    choose_form(x, false);
    *outputs = *p;
    outputs->c = p->o;
    for (int i = 0; i < COR__CONV_AXES; i++) {
        outputs->input[i] = p->output[i];
        outputs->kernel[i] = outputs->stride[i] = outputs->dilation[i] = 1;
        outputs->padding[i] = 0;
    }
    cor__conv_problem_contiguous(outputs);
    begin(z, outputs, 1);
    z->form = x->form;
    const int64_t tile_bytes = 4 * cor__winograd_elements(&shapes[x->form]) * (x->depth + z->depth);
    const int64_t wanted = cor__min(cor__max(CACHE_BYTES / tile_bytes, LEAST_TILES), MOST_TILES);
    finish(x, wanted);
    finish(z, wanted);
    z->transform = z->kernels->spread[z->form];
    z->strip_rows = z->band[HEIGHT] * z->shape.m[HEIGHT];
    z->strip_columns = z->band[WIDTH] * z->shape.m[WIDTH];
    return NULL;
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static int64_t line(int64_t elements) { return round_up(elements, 16); }

int64_t cor__lanes_strip_plane(const cor__lanes_plan *x) {
    return line(x->images * x->strip_rows * x->strip_columns * x->kernels->lanes);
}
int64_t cor__lanes_strip_size(const cor__lanes_plan *x) {
    return cor__lanes_strip_plane(x) * (x->in_place ? 2 * x->problem->kernel[0] : 1);
}
int64_t cor__lanes_columns_size(const cor__lanes_plan *x) {
    return line(cor__winograd_alpha(&x->shape, HEIGHT) * x->strip_columns * x->kernels->lanes);
}
/* A panel of the last tile may be read a vector past its end. */
int64_t cor__lanes_v_size(const cor__lanes_plan *x) {
    return x->in_place ? 0 : line(x->elements * x->v_element + x->kernels->lanes);
}
int64_t cor__lanes_spots_size(const cor__lanes_plan *x) { return line(2 * x->strip_rows * x->strip_columns); }

cor__lanes_band cor__lanes_band_of(const cor__lanes_plan *x, int64_t index) {
    const cor__conv_problem *p = x->problem;
    cor__lanes_band band;
    for (int i = COR__LANES_AXES - 1; i >= 0; i--) {
        band.start[i] = index % x->bands[i] * x->band[i];
        band.tiles[i] = cor__min(x->band[i], x->tiles[i] - band.start[i]);
        const int64_t first = band.start[i] * x->shape.m[i];
        band.size[i] = cor__min(band.tiles[i] * x->shape.m[i], p->output[1 + i] - first);
        index /= x->bands[i];
    }
    band.slice = index % p->output[0];
    index /= p->output[0];
    band.image = index % x->image_bands * x->images;
    band.images = cor__min(x->images, p->n - band.image);
    band.group = index / x->image_bands;
    return band;
}
