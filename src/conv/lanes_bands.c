/* lanes_bands.c: the inputs of a band from planes, or pixels, to rows of v, and its outputs to planes. */
#include "base/sizes.h"
#include "conv/lanes.h"
#include <string.h>

enum { HEIGHT = 0, WIDTH = 1 };

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* The part of the input slice that a band's strip takes. */
typedef struct window {
    int64_t from[COR__LANES_AXES], size[COR__LANES_AXES]; /* in the input */
    int64_t at[COR__LANES_AXES];                          /* in the strip */
} window;

static window window_of(const cor__lanes_plan *x, const cor__lanes_band *band) {
    const int64_t strip[COR__LANES_AXES] = {x->strip_rows, x->strip_columns};
    window w;
    for (int i = 0; i < COR__LANES_AXES; i++) {
        const int64_t first = band->start[i] * x->step[i] + x->first[i];
        const int64_t end = cor__min(first + strip[i], x->problem->input[1 + i]);
        w.from[i] = cor__max(first, 0);
        w.size[i] = cor__max(end - w.from[i], 0);
        w.at[i] = w.from[i] - first;
    }
    return w;
}

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

/* Up to `lanes` channels of one image. Rows without gaps are one. */
static void read_image(const cor__lanes_plan *x, const window *w, const float *plane, int64_t planes,
                       const int64_t *spots, float *strip) {
    const int64_t *strides = x->problem->input_strides;
    const bool together = strides[3] == w->size[WIDTH] * strides[4];
    const int64_t rows = together ? 1 : w->size[HEIGHT], n = w->size[WIDTH] * (together ? w->size[HEIGHT] : 1);
    const float *from = plane + w->from[HEIGHT] * strides[3] + w->from[WIDTH] * strides[4];
    for (int64_t i = 0; i < rows; i++, from += strides[3], spots += n) {
        if (strides[4] == 1 && n >= x->kernels->lanes) turn_pixels(x, from, strides[1], planes, n, spots, strip);
        else gather_pixels(x, from, strides[1], planes, strides[4], n, spots, strip);
    }
}

/* Transforms one vector of channels of all tiles in the strip; `strip` is where tile 0 begins. */
static void transform(const cor__lanes_plan *x, const cor__lanes_band *band, const float *strip, float *columns,
                      float *v) {
    const int64_t lanes = x->kernels->lanes, pitch = x->strip_columns, size = x->strip_rows * pitch * lanes;
    for (int64_t image = 0; image < band->images; image++)
        for (int64_t i = 0; i < band->tiles[HEIGHT]; i++, v += band->tiles[WIDTH] * x->v_row) {
            const float *from = strip + image * size + i * x->step[HEIGHT] * pitch * lanes;
            if (x->transform == NULL) x->kernels->gather(from, x->step[WIDTH] * lanes, band->tiles[WIDTH], v, x->v_row);
            else x->transform(from, pitch, band->tiles[WIDTH], columns, v, x->v_element, x->v_row);
        }
}

static void list_spots(const cor__lanes_plan *x, const window *w, int64_t *spots) {
    for (int64_t i = 0; i < w->size[HEIGHT]; i++)
        for (int64_t j = 0; j < w->size[WIDTH]; j++)
            *spots++ = ((w->at[HEIGHT] + i) * x->strip_columns + w->at[WIDTH] + j) * x->kernels->lanes;
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
static void read_channels(const cor__lanes_plan *x, const cor__lanes_band *band, const window *w, const float *plane,
                          int64_t planes, const cor__lanes_memory *memory, float *strip, float *v) {
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernels->lanes, pitch = x->strip_columns;
    int64_t from[COR__LANES_AXES], to[COR__LANES_AXES];
    for (int64_t image = 0; image < band->images; image++)
        read_image(x, w, plane + image * p->input_strides[0], planes, memory->spots,
                   strip + image * x->strip_rows * pitch * lanes);
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
    const window w = window_of(x, band);
    list_spots(x, &w, memory->spots);
    /* What is padding stays zero. */
    memset(memory->strip, 0, (size_t)cor__lanes_strip_size(x) * sizeof(float));
    for (int64_t u = 0; u < p->kernel[0]; u++) {
        const int64_t slice = slice_of(p, band->slice, u);
        float *v = memory->v + u * slice_depth;
        float *strip = memory->strip + (x->in_place ? 2 * u * cor__lanes_strip_plane(x) : 0);
        if (slice < 0) {
            if (x->form != COR__PATCHES)
                clear_slice(x, band->images * band->tiles[HEIGHT] * band->tiles[WIDTH], v, slice_depth);
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

/* n pixels of one vector of channels, `pixel` elements apart, to up to `lanes` planes. */
static void turn_outputs(const cor__lanes_plan *x, const float *y, int64_t n, float *output, int64_t plane,
                         int64_t planes) {
    const int64_t lanes = x->kernels->lanes, pixel = 2 * lanes;
    const float *source[COR__LANES_MOST];
    float *to[COR__LANES_MOST], unused[COR__LANES_MOST];
    for (int64_t done = 0; n >= lanes && done < n; done += lanes) {
        const int64_t at = cor__min(done, n - lanes);
        for (int64_t l = 0; l < lanes; l++) {
            source[l] = y + (at + l) * pixel;
            to[l] = l < planes ? output + l * plane + at : unused;
        }
        x->kernels->turn(source, to);
    }
    for (int64_t i = 0; n < lanes && i < n; i++)
        for (int64_t l = 0; l < planes; l++) output[l * plane + i] = y[i * pixel + l];
}

void cor__lanes_write(const cor__lanes_plan *x, const cor__lanes_band *band, int64_t panel, const float *y,
                      const cor__conv_operands *operands) {
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernels->lanes, height = band->size[HEIGHT], width = band->size[WIDTH];
    const int64_t row = p->output[2], slice = p->output[1] * row, plane = p->output[0] * slice;
    const bool together = width == row; /* rows without gaps are one */
    const int64_t rows = together ? 1 : height, n = together ? height * width : width;
    const int64_t at = band->start[HEIGHT] * x->shape.m[HEIGHT] * row + band->start[WIDTH] * x->shape.m[WIDTH];
    for (int64_t image = 0; image < band->images; image++)
        for (int64_t half = 0; half < 2; half++) {
            const int64_t o = panel * 2 * lanes + half * lanes, planes = cor__min(lanes, x->outputs - o);
            const int64_t channel = band->group * x->outputs + o;
            const int64_t first = ((band->image + image) * p->o + channel) * plane + band->slice * slice + at;
            float *to = (float *)operands->output + first;
            for (int64_t i = 0; i < rows && planes > 0; i++)
                turn_outputs(x, y + ((image * height + i) * width * 2 + half) * lanes, n, to + i * row, plane, planes);
            if (operands->epilogue != NULL && planes > 0)
                cor__conv_finish(p, operands, channel, planes, first, rows, n, row);
        }
}
