/* lanes_bands.c: the inputs of a band from planes, or pixels, to rows of v, and its outputs to planes. */
#include "base/sizes.h"
#include "conv/lanes.h"
#include <string.h>

enum { HEIGHT = 0, WIDTH = 1 };

/* ---- the pixels of a band ---------------------------------------------------------------------------------------- */

/* The part of an image of inputs or outputs that a band holds; along the image's height and width. */
typedef struct part {
    int64_t from[COR__LANES_AXES], size[COR__LANES_AXES]; /* of the image */
    int64_t at[COR__LANES_AXES];                          /* of `from`, after the band's first position */
    int64_t phases[COR__LANES_AXES];                      /* positions from one of a phase to the next */
    int64_t held[COR__LANES_AXES];                        /* so many of them are the band's */
    int64_t map[COR__LANES_AXES], step[COR__LANES_AXES];  /* elements of the band from phase to phase, within a phase */
} part;

/* `first` and `shape`: of the plan's axes, the position of the first pixel in the image and the pixels of a phase.
 * `image`: height and width. */
static part part_of(const cor__lanes_plan *x, const cor__lanes_band *band, const int64_t first[COR__LANES_AXES],
                    const int64_t shape[COR__LANES_AXES], const int64_t image[COR__LANES_AXES], int64_t pixel) {
    const int64_t step[COR__LANES_AXES] = {shape[WIDTH] * pixel, pixel}, map = shape[HEIGHT] * step[HEIGHT];
    part all;
    for (int i = 0; i < COR__LANES_AXES; i++) {
        const int a = cor__lanes_axis(x, i) - 1;
        const int64_t end = first[i] + x->phases[i] * (shape[i] - 1) + band->phases[i];
        all.from[a] = cor__max(first[i], 0);
        all.size[a] = cor__max(cor__min(end, image[a]) - all.from[a], 0);
        all.at[a] = all.from[a] - first[i];
        all.phases[a] = x->phases[i];
        all.held[a] = band->phases[i];
        all.map[a] = i == HEIGHT ? band->phases[WIDTH] * map : map;
        all.step[a] = step[i];
    }
    return all;
}

static part inputs_of(const cor__lanes_plan *x, const cor__lanes_band *band) {
    const int64_t shape[COR__LANES_AXES] = {x->strip_rows, x->strip_columns};
    int64_t first[COR__LANES_AXES];
    for (int i = 0; i < COR__LANES_AXES; i++)
        first[i] = band->phase[i] + x->phases[i] * band->start[i] * x->step[i] + x->first[i];
    return part_of(x, band, first, shape, x->problem->input + 1, x->kernels->lanes);
}

static part outputs_of(const cor__lanes_plan *x, const cor__lanes_band *band) {
    int64_t first[COR__LANES_AXES];
    for (int i = 0; i < COR__LANES_AXES; i++) first[i] = band->phase[i] + x->phases[i] * band->start[i] * x->shape.m[i];
    return part_of(x, band, first, band->size, x->problem->output + 1, 2 * x->kernels->lanes);
}

/* Pixels side by side that the band holds. */
typedef struct run {
    int64_t row, column, n; /* of the part */
} run;

/* The first position of an axis from `at` on that the band holds. */
static int64_t next_held(const part *p, int axis, int64_t at) {
    const int64_t phase = (p->at[axis] + at) % p->phases[axis];
    return phase < p->held[axis] ? at : at + p->phases[axis] - phase;
}

/* Goes on to the next run; the first follows one of n = 0. False past the last. */
static bool next_run(const part *p, run *r) {
    r->column = next_held(p, WIDTH, r->column + r->n);
    if (r->n == 0) r->row = next_held(p, HEIGHT, 0);
    else if (r->column >= p->size[WIDTH]) {
        r->row = next_held(p, HEIGHT, r->row + 1);
        r->column = next_held(p, WIDTH, 0);
    }
    if (r->row >= p->size[HEIGHT] || r->column >= p->size[WIDTH]) return false;
    r->n = p->size[WIDTH] - r->column;
    if (p->held[WIDTH] < p->phases[WIDTH])
        r->n = cor__min(r->n, p->held[WIDTH] - (p->at[WIDTH] + r->column) % p->phases[WIDTH]);
    return true;
}

/* The one run of a part whose rows follow each other in memory without gaps. */
static bool is_one_run(const part *p, int64_t row, int64_t column, run *all) {
    *all = (run){0, 0, p->size[HEIGHT] * p->size[WIDTH]};
    return p->held[HEIGHT] == p->phases[HEIGHT] && p->held[WIDTH] == p->phases[WIDTH] && row == p->size[WIDTH] * column;
}

/* Lists where the pixels of all runs lie in the band. */
static void list_pixels(const part *p, int64_t *spots) {
    for (run r = {0}; next_run(p, &r);) {
        const int64_t h = p->at[HEIGHT] + r.row, w = p->at[WIDTH] + r.column;
        int64_t phase = w % p->phases[WIDTH];
        const int64_t row = h % p->phases[HEIGHT] * p->map[HEIGHT] + h / p->phases[HEIGHT] * p->step[HEIGHT];
        int64_t spot = row + phase * p->map[WIDTH] + w / p->phases[WIDTH] * p->step[WIDTH];
        for (int64_t j = 0; j < r.n; j++) {
            *spots++ = spot;
            spot += p->map[WIDTH];
            if (++phase == p->phases[WIDTH]) phase = 0, spot += p->step[WIDTH] - p->phases[WIDTH] * p->map[WIDTH];
        }
    }
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* Brings n >= lanes pixels, one element apart, of up to `lanes` planes to the strip. */
static void turn_pixels(const cor__lanes_plan *x, const float *from, int64_t plane, int64_t planes, int64_t n,
                        const int64_t *spots, float *strip) {
    const int64_t lanes = x->kernels->lanes;
    const float none[COR__LANES_MOST] = {0}, *source[COR__LANES_MOST];
    float *to[COR__LANES_MOST];
    for (int64_t done = 0; done < n; done += lanes) {
        const int64_t at = cor__min(done, n - lanes); /* the last ones overlap those before */
        for (int64_t l = 0; l < lanes; l++) {
            source[l] = l < planes ? from + l * plane + at : none;
            to[l] = strip + spots[at + l];
        }
        x->kernels->turn(source, to);
    }
}

/* Pixels of any strides, one by one; where the channels lie together, whole vectors of them. */
static void gather_pixels(const cor__lanes_plan *x, const float *from, int64_t plane, int64_t planes, int64_t column,
                          int64_t n, const int64_t *spots, float *strip) {
    for (int64_t i = 0; i < n; i++, from += column) {
        float *to = strip + spots[i];
        if (plane == 1) memcpy(to, from, (size_t)planes * sizeof(float));
        else
            for (int64_t l = 0; l < planes; l++) to[l] = from[l * plane];
        for (int64_t l = planes; l < x->kernels->lanes; l++) to[l] = 0;
    }
}

static void read_run(const cor__lanes_plan *x, const float *from, int64_t planes, int64_t n, const int64_t *spots,
                     float *strip) {
    const int64_t *strides = x->problem->input_strides;
    if (strides[4] == 1 && n >= x->kernels->lanes) turn_pixels(x, from, strides[1], planes, n, spots, strip);
    else gather_pixels(x, from, strides[1], planes, strides[4], n, spots, strip);
}

/* Up to `lanes` channels of one image. */
static void read_image(const cor__lanes_plan *x, const part *p, const float *plane, int64_t planes,
                       const int64_t *spots, float *strip) {
    const int64_t *strides = x->problem->input_strides;
    const float *from = plane + p->from[HEIGHT] * strides[3] + p->from[WIDTH] * strides[4];
    run r;
    if (is_one_run(p, strides[3], strides[4], &r)) {
        read_run(x, from, planes, r.n, spots, strip);
        return;
    }
    for (r = (run){0}; next_run(p, &r); spots += r.n)
        read_run(x, from + r.row * strides[3] + r.column * strides[4], planes, r.n, spots, strip);
}

/* Transforms one vector of channels of all tiles in the strip; `strip` is where tile 0 begins. */
static void transform(const cor__lanes_plan *x, const cor__lanes_band *band, const float *strip, float *columns,
                      float *v) {
    const int64_t lanes = x->kernels->lanes, pitch = x->strip_columns, size = x->strip_rows * pitch * lanes;
    for (int64_t map = 0; map < band->maps; map++)
        for (int64_t i = 0; i < band->tiles[HEIGHT]; i++, v += band->tiles[WIDTH] * x->v_row) {
            const float *from = strip + map * size + i * x->step[HEIGHT] * pitch * lanes;
            if (x->transform == NULL) x->kernels->gather(from, x->step[WIDTH] * lanes, band->tiles[WIDTH], v, x->v_row);
            else x->transform(from, pitch, band->tiles[WIDTH], columns, v, x->v_element, x->v_row);
        }
}

/* The input slice that depth tap u reads for the band's output slice; -1 when there is none. */
static int64_t slice_of(const cor__conv_problem *p, int64_t slice, int64_t u) {
    const int64_t stride = p->stride[0], scaled = slice + p->padding[0] - u * p->dilation[0];
    const int64_t at = !p->transposed         ? slice * stride - p->padding[0] + u * p->dilation[0]
                       : scaled % stride == 0 ? scaled / stride
                                              : -1;
    return at < p->input[0] ? at : -1;
}

static void clear_slice(const cor__lanes_plan *x, int64_t tiles, float *v, int64_t n) {
    for (int64_t e = 0; e < x->elements; e++)
        for (int64_t t = 0; t < tiles; t++) memset(v + e * x->v_element + t * x->v_row, 0, (size_t)n * sizeof(float));
}

/* One vector of channels, for every slot that reads some of them. */
static void read_channels(const cor__lanes_plan *x, const cor__lanes_band *band, const part *w, const float *plane,
                          int64_t planes, const cor__lanes_memory *memory, float *strip, float *v) {
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernels->lanes, pitch = x->strip_columns, maps = band->maps / band->images;
    int64_t from[COR__LANES_AXES], to[COR__LANES_AXES];
    for (int64_t image = 0; image < band->images; image++)
        read_image(x, w, plane + image * p->input_strides[0], planes, memory->spots,
                   strip + image * maps * x->strip_rows * pitch * lanes);
    if (x->in_place) return;
    for (int i = 0; i < COR__LANES_AXES; i++) cor__lanes_slots(x, i, band->start[i], band->tiles[i], &from[i], &to[i]);
    for (int64_t i = from[HEIGHT]; i < to[HEIGHT]; i++)
        for (int64_t j = from[WIDTH]; j < to[WIDTH]; j++)
            transform(x, band, strip + (i * x->spacing[HEIGHT] * pitch + j * x->spacing[WIDTH]) * lanes,
                      memory->columns, v + (i * x->slots[WIDTH] + j) * x->room);
}

void cor__lanes_read(const cor__lanes_plan *x, const cor__lanes_band *band, const float *input,
                     const cor__lanes_memory *memory) {
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernels->lanes, slice_depth = x->v_depth / x->problem->kernel[0];
    const part w = inputs_of(x, band);
    list_pixels(&w, memory->spots);
    /* What is padding stays zero. */
    memset(memory->strip, 0, (size_t)cor__lanes_strip_size(x) * sizeof(float));
    for (int64_t u = 0; u < p->kernel[0]; u++) {
        const int64_t slice = slice_of(p, band->slice, u);
        float *v = memory->v + u * slice_depth;
        float *strip = memory->strip + (x->in_place ? 2 * u * cor__lanes_strip_plane(x) : 0);
        if (slice < 0) {
            if (x->form != COR__PATCHES) clear_slice(x, band->all_tiles, v, slice_depth);
            continue;
        }
        for (int64_t c = 0; c < x->channels; c += lanes, v += lanes) {
            read_channels(x, band, &w,
                          input + band->image * p->input_strides[0] + slice * p->input_strides[2] +
                              (band->group * x->channels + c) * p->input_strides[1],
                          cor__min(lanes, x->channels - c), memory, strip, v);
            if (x->in_place) strip += cor__lanes_strip_plane(x);
        }
    }
}

/* ---- what is multiplied ----------------------------------------------------------------------------------------- */

int64_t cor__lanes_offset(const cor__lanes_plan *x, int64_t slot) {
    const int64_t parts = x->slots[HEIGHT] * x->slots[WIDTH], planes = slot / parts * 2;
    const int64_t row = slot % parts / x->slots[WIDTH] * x->spacing[HEIGHT];
    const int64_t at = slot % x->slots[WIDTH] * x->spacing[WIDTH];
    return planes * cor__lanes_strip_plane(x) + (row * x->strip_columns + at) * x->kernels->lanes;
}

void cor__lanes_slots(const cor__lanes_plan *x, int axis, int64_t start, int64_t tiles, int64_t *from, int64_t *to) {
    const int64_t first = x->first[axis] + start * x->step[axis], last = first + (tiles - 1) * x->step[axis];
    *from = 0, *to = x->slots[axis];
    if (x->form != COR__PATCHES) return;
    *from = cor__min(cor__max(cor__ceil_div(-last, x->spacing[axis]), 0), *to);
    *to = cor__max(cor__min(cor__ceil_div(x->problem->input[1 + axis] - first, x->spacing[axis]), *to), *from);
}

/* Along an axis, of weights in the order in which they are prepared: tap + k * step reads slot + k, k < count. */
typedef struct reach {
    int64_t tap, slot, count;
} reach;

/* Those that reach the outputs that lie `place` after the corners of the tiles. Of a transposed convolution, tap t in
 * that order takes output o from input (o + turned + t) / m, where that is whole. */
static reach reach_of(const cor__lanes_plan *x, const cor__lanes_band *band, int axis, int64_t place) {
    const int64_t m = x->form == COR__PATCHES ? x->shape.m[axis] : 1, kernel = x->kernel[axis];
    const int64_t turned = m > 1 ? x->problem->padding[1 + axis] - (kernel - 1) : 0, at = place + turned;
    int64_t from, to, tap = cor__ceil_div(at, m) * m - at;
    int64_t slot = cor__ceil_div(at, m) - cor__ceil_div(turned, m);
    cor__lanes_slots(x, axis, band->start[axis], band->tiles[axis], &from, &to);
    const int64_t skipped = cor__max(from - slot, 0), count = tap < kernel ? cor__ceil_div(kernel - tap, m) : 0;
    return (reach){tap + skipped * m, slot + skipped, cor__max(cor__min(count, to - slot) - skipped, 0)};
}

int64_t cor__lanes_runs(const cor__lanes_plan *x, const cor__lanes_band *band, const int64_t place[COR__LANES_AXES],
                        cor__winograd_run *runs) {
    const cor__conv_problem *p = x->problem;
    const reach h = reach_of(x, band, HEIGHT, place[HEIGHT]), w = reach_of(x, band, WIDTH, place[WIDTH]);
    const bool patches = x->form == COR__PATCHES;
    const int64_t down = patches ? x->shape.m[HEIGHT] : 1, across = patches ? x->shape.m[WIDTH] : 1;
    int64_t count = 0;
    for (int64_t k = 0; k < p->kernel[0]; k++)
        for (int64_t i = 0; slice_of(p, band->slice, k) >= 0 && i < h.count; i++)
            for (int64_t j = 0; j < w.count; j++) {
                const int64_t row = (k * x->slots[HEIGHT] + h.slot + i) * x->slots[WIDTH];
                const int64_t taps = (k * x->kernel[HEIGHT] + h.tap + i * down) * x->kernel[WIDTH];
                const int64_t v = (row + w.slot + j) * x->room, u = (taps + w.tap + j * across) * x->room;
                cor__winograd_run *last = count > 0 ? &runs[count - 1] : NULL;
                if (last != NULL && v == last->v + last->depth && u == last->u + last->depth) last->depth += x->room;
                else runs[count++] = (cor__winograd_run){v, u, x->room};
            }
    return count;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* n pixels of one vector of channels to up to `lanes` planes. */
static void turn_outputs(const cor__lanes_plan *x, const float *y, const int64_t *places, int64_t n, float *output,
                         int64_t plane, int64_t planes) {
    const int64_t lanes = x->kernels->lanes;
    const float *source[COR__LANES_MOST];
    float *to[COR__LANES_MOST], unused[COR__LANES_MOST];
    for (int64_t done = 0; n >= lanes && done < n; done += lanes) {
        const int64_t at = cor__min(done, n - lanes);
        for (int64_t l = 0; l < lanes; l++) {
            source[l] = y + places[at + l];
            to[l] = l < planes ? output + l * plane + at : unused;
        }
        x->kernels->turn(source, to);
    }
    for (int64_t i = 0; n < lanes && i < n; i++)
        for (int64_t l = 0; l < planes; l++) output[l * plane + i] = y[places[i] + l];
}

/* A vector of channels of an image that is written: its first output, and those of its channels that exist. */
typedef struct target {
    const cor__conv_operands *operands;
    int64_t channel, planes, first, plane;
} target;

/* Pixels side by side in the output, and what comes after the sums. */
static void write_run(const cor__lanes_plan *x, const target *t, const float *y, const int64_t *places, int64_t n,
                      int64_t at) {
    turn_outputs(x, y, places, n, (float *)t->operands->output + at, t->plane, t->planes);
    if (t->operands->epilogue != NULL) cor__conv_finish(x->problem, t->operands, t->channel, t->planes, at, 1, n, n);
}

/* One vector of channels of one image. */
static void write_image(const cor__lanes_plan *x, const part *p, const float *y, const int64_t *places,
                        const target *t) {
    const int64_t width = x->problem->output[2], first = t->first + p->from[HEIGHT] * width + p->from[WIDTH];
    run r;
    if (is_one_run(p, width, 1, &r)) {
        write_run(x, t, y, places, r.n, first);
        return;
    }
    for (r = (run){0}; next_run(p, &r); places += r.n)
        write_run(x, t, y, places, r.n, first + r.row * width + r.column);
}

void cor__lanes_list(const cor__lanes_plan *x, const cor__lanes_band *band, int64_t *places) {
    const part p = outputs_of(x, band);
    list_pixels(&p, places);
}

void cor__lanes_write(const cor__lanes_plan *x, const cor__lanes_band *band, int64_t panel,
                      const cor__lanes_memory *memory, const cor__conv_operands *operands) {
    const cor__conv_problem *problem = x->problem;
    const int64_t lanes = x->kernels->lanes, slice = problem->output[1] * problem->output[2];
    const int64_t plane = problem->output[0] * slice;
    const int64_t pixels = band->maps / band->images * band->size[HEIGHT] * band->size[WIDTH];
    const part p = outputs_of(x, band);
    for (int64_t image = 0; image < band->images; image++)
        for (int64_t half = 0; half < 2; half++) {
            const int64_t o = panel * 2 * lanes + half * lanes, channel = band->group * x->outputs + o;
            const target t = {.operands = operands,
                              .channel = channel,
                              .planes = cor__min(lanes, x->outputs - o),
                              .first = ((band->image + image) * problem->o + channel) * plane + band->slice * slice,
                              .plane = plane};
            if (t.planes > 0) write_image(x, &p, memory->y + (image * pixels * 2 + half) * lanes, memory->places, &t);
        }
}
