/* winograd_plan.c: which problems Winograd's algorithm computes, in which form, and how they are cut. */
#include "base/sizes.h"
#include "conv/winograd.h"
#include "kernels/kernels.h"

enum { HEIGHT = 0, WIDTH = 1 };

static const cor__winograd_shape shapes[COR__WINOGRAD_FORMS] = {
    [COR__WINOGRAD_4_3] = {{4, 4}, {3, 3}},   [COR__WINOGRAD_2_5] = {{2, 2}, {5, 5}},
    [COR__WINOGRAD_2_3] = {{2, 2}, {3, 3}},   [COR__WINOGRAD_4_3_W] = {{1, 4}, {1, 3}},
    [COR__WINOGRAD_2_5_W] = {{1, 2}, {1, 5}},
};

static int64_t round_up(int64_t n, int64_t step) { return cor__ceil_div(n, step) * step; }

static int64_t tiles_of(const cor__conv_problem *p, cor__winograd_form form) {
    return cor__ceil_div(p->output[1], shapes[form].m[HEIGHT]) * cor__ceil_div(p->output[2], shapes[form].m[WIDTH]);
}

/* ---- cost: in multiply-adds of whole vectors, measured on Zen 4 ------------------------------------------------- */

/* What one tile costs beside its products: for each vector of channels read and of channels written. */
static double transform_cost(const cor__winograd_shape *s) {
    return 6.0 * cor__winograd_elements(s) + 4.0 * s->m[HEIGHT] * s->m[WIDTH];
}

/* The weights come from the second level cache once for every band, and past it from farther away. */
static double weight_cost(const cor__winograd_plan *x, cor__winograd_form form) {
    enum { NEAR_BYTES = 768 << 10, NEAR = 32, FAR = 8 }; /* bytes a multiply-add */
    const double bytes =
        4.0 * cor__winograd_elements(&shapes[form]) * (double)(x->depth * x->panels) * 2 * (double)x->kernels->lanes;
    return bytes / (bytes < NEAR_BYTES ? NEAR : FAR);
}

static double winograd_cost(const cor__winograd_plan *x, cor__winograd_form form, double bands) {
    const cor__winograd_shape *s = &shapes[form];
    const cor__conv_problem *p = x->problem;
    const double tiles = (double)tiles_of(p, form) * (double)(p->n * p->output[0]);
    const double in = (double)x->depth / (double)x->kernels->lanes, out = 2 * (double)x->panels;
    const double products = cor__winograd_elements(s) * (double)x->depth * out;
    return tiles * (products + transform_cost(s) * (in + out)) + bands * weight_cost(x, form);
}

static double direct_cost(const cor__winograd_plan *x) {
    const cor__conv_problem *p = x->problem;
    const double rows = (double)(p->n * p->output[0] * p->output[1]);
    const double width = (double)p->output[2] + (double)(p->kernel[2] - 1) / 2; /* some of the padding is computed */
    const double taps = (double)(p->kernel[0] * p->kernel[1] * p->kernel[2]);
    return 1.1 * rows * width * taps * (double)x->channels * (double)x->outputs / (double)x->kernels->lanes;
}

/* ---- cutting ---------------------------------------------------------------------------------------------------- */

/* At most `most`, as even as can be. */
static int64_t even(int64_t n, int64_t most) { return cor__ceil_div(n, cor__ceil_div(n, cor__max(most, 1))); }

static void choose_bands(cor__winograd_plan *x) {
    const int64_t wanted = 2 * x->kernels->rows < 24 ? 24 : 2 * x->kernels->rows, n = x->problem->n;
    x->band[WIDTH] = even(x->tiles[WIDTH], x->tiles[WIDTH] <= 2 * wanted ? 2 * wanted : wanted);
    x->band[HEIGHT] = even(x->tiles[HEIGHT], wanted / x->band[WIDTH]);
    const bool whole = x->band[HEIGHT] == x->tiles[HEIGHT] && x->band[WIDTH] == x->tiles[WIDTH];
    x->images = whole ? even(n, wanted / (x->tiles[HEIGHT] * x->tiles[WIDTH])) : 1;
    for (int i = 0; i < COR__WINOGRAD_AXES; i++) x->bands[i] = cor__ceil_div(x->tiles[i], x->band[i]);
    x->image_bands = cor__ceil_div(n, x->images);
}

/* Few bands are shared by several tasks, each of which transforms the inputs again unless it follows another of the
 * same band on its thread. */
static void choose_parts(cor__winograd_plan *x) {
    enum { LEAST_TASKS = 16 };
    const int64_t bands = x->problem->groups * x->image_bands * x->problem->output[0] * x->bands[0] * x->bands[1];
    x->parts = cor__min(x->panels, cor__ceil_div(LEAST_TASKS, bands));
}

static void cut(cor__winograd_plan *x) {
    const int64_t lanes = x->kernels->lanes;
    for (int i = 0; i < COR__WINOGRAD_AXES; i++) x->tiles[i] = cor__ceil_div(x->problem->output[1 + i], x->shape.m[i]);
    choose_bands(x);
    choose_parts(x);
    const int64_t tiles = x->images * x->band[HEIGHT] * x->band[WIDTH];
    /* Odd numbers of cache lines, so that what is used together does not meet in the same sets. */
    x->v_row = x->depth + (x->depth / lanes % 2 == 0 ? lanes : 0);
    x->v_element = tiles * x->v_row + (tiles * x->v_row / lanes % 2 == 0 ? lanes : 0);
    x->m_element = tiles * 2 * lanes + lanes;
    x->strip_rows = x->band[HEIGHT] * x->shape.m[HEIGHT] + x->shape.r[HEIGHT] - 1;
    x->strip_columns = x->band[WIDTH] * x->shape.m[WIDTH] + x->shape.r[WIDTH] - 1;
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

static double form_cost(const cor__winograd_plan *x, cor__winograd_form form) {
    const double tiles = (double)(tiles_of(x->problem, form) * x->problem->n * x->problem->output[0]);
    return winograd_cost(x, form, tiles < 32 ? 1 : tiles / 32);
}

static void choose_form(cor__winograd_plan *x) {
    const cor__conv_problem *p = x->problem;
    const bool five = p->kernel[2] == 5;
    x->form = five ? COR__WINOGRAD_2_5 : COR__WINOGRAD_4_3;
    if (p->kernel[1] == 1) x->form = five ? COR__WINOGRAD_2_5_W : COR__WINOGRAD_4_3_W;
    if (x->form == COR__WINOGRAD_4_3 && form_cost(x, COR__WINOGRAD_2_3) < form_cost(x, COR__WINOGRAD_4_3))
        x->form = COR__WINOGRAD_2_3;
}

const char *cor__winograd_plan_init(cor__winograd_plan *x, const cor__conv_problem *p) {
    const char *reason = cannot(p);
    if (reason != NULL) return reason;
    *x = (cor__winograd_plan){.problem = p,
                              .kernels = cor__kernels_now()->fused->winograd,
                              .channels = p->c / p->groups,
                              .outputs = p->o / p->groups,
                              .slices = p->kernel[0]};
    if (p->n == 0 || x->channels == 0 || x->outputs == 0 || p->output[0] * p->output[1] * p->output[2] == 0)
        return "it has no products";
    x->depth = x->slices * round_up(x->channels, x->kernels->lanes);
    x->panels = cor__ceil_div(x->outputs, 2 * x->kernels->lanes);
    choose_form(x);
    x->shape = shapes[x->form];
    x->elements = cor__winograd_elements(&x->shape);
    for (int i = 0; i < COR__WINOGRAD_AXES; i++)
        x->first[i] = p->transposed ? p->padding[1 + i] - (p->kernel[1 + i] - 1) : -p->padding[1 + i];
    cut(x);
    return NULL;
}

const char *cor__winograd_yields(const cor__conv_problem *p) {
    enum { LEAST_CHANNELS = 12 };
    cor__winograd_plan x;
    if (cor__winograd_plan_init(&x, p) != NULL) return "it cannot";
    if (x.channels < LEAST_CHANNELS || x.outputs < LEAST_CHANNELS) return "it has fewer than 12 channels";
    return form_cost(&x, x.form) < direct_cost(&x) ? NULL : "by its definition it costs less";
}
