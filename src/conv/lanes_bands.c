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

/* Brings n pixels, one element apart, of up to `lanes` planes to the strip. */
static void turn_pixels(const cor__lanes_plan *x, const float *from, int64_t plane, int64_t planes, int64_t n,
                        const int64_t *spots, float *strip) {
    const int64_t lanes = x->kernels->lanes;
    float rows[COR__LANES_MOST][COR__LANES_MOST] = {{0}}, unused[COR__LANES_MOST];
    const float *source[COR__LANES_MOST];
    float *to[COR__LANES_MOST];
    for (int64_t done = 0; done < n; done += lanes) {
        const int64_t at = n >= lanes ? cor__min(done, n - lanes) : 0; /* the last ones overlap those before */
        for (int64_t l = 0; l < lanes; l++) {
            source[l] = l < planes ? from + l * plane + at : rows[l];
            to[l] = l < n ? strip + spots[at + l] : unused;
        }
        if (n < lanes)
            for (int64_t l = 0; l < planes; l++) {
                memcpy(rows[l], source[l], (size_t)n * sizeof(float));
                source[l] = rows[l];
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
        if (strides[4] == 1) turn_pixels(x, from, strides[1], planes, n, spots, strip);
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

/* The input slice that depth tap u reads for the band's output slice. */
static int64_t slice_of(const cor__conv_problem *p, int64_t slice, int64_t u) {
    return p->transposed ? slice + p->padding[0] - u * p->dilation[0]
                         : slice * p->stride[0] - p->padding[0] + u * p->dilation[0];
}

static void clear_slice(const cor__lanes_plan *x, int64_t tiles, float *v, int64_t n) {
    for (int64_t e = 0; e < x->elements; e++)
        for (int64_t t = 0; t < tiles; t++) memset(v + e * x->v_element + t * x->v_row, 0, (size_t)n * sizeof(float));
}

/* Where a tap of the height and width reads, from the strip's first pixel. */
static int64_t tap_offset(const cor__lanes_plan *x, int64_t tap) {
    const cor__conv_problem *p = x->problem;
    const int64_t row = tap / p->kernel[2] * p->dilation[1], column = tap % p->kernel[2] * p->dilation[2];
    return (row * x->strip_columns + column) * x->kernels->lanes;
}

int64_t cor__lanes_offset(const cor__lanes_plan *x, int64_t slice) {
    return slice / x->taps * 2 * cor__lanes_strip_plane(x) + tap_offset(x, slice % x->taps);
}

/* One vector of channels, with every tap that is side by side in v. */
static void read_channels(const cor__lanes_plan *x, const cor__lanes_band *band, const window *w, const float *plane,
                          int64_t planes, const cor__lanes_memory *memory, float *strip, float *v) {
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernels->lanes, pitch = x->strip_columns, depth = x->depth / x->slices;
    for (int64_t image = 0; image < band->images; image++)
        read_image(x, w, plane + image * p->input_strides[0], planes, memory->spots,
                   strip + image * x->strip_rows * pitch * lanes);
    for (int64_t tap = 0; tap < x->taps && !x->in_place; tap++)
        transform(x, band, strip + tap_offset(x, tap), memory->columns, v + tap * depth);
}

void cor__lanes_read(const cor__lanes_plan *x, const cor__lanes_band *band, const float *input,
                     const cor__lanes_memory *memory) {
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernels->lanes, slice_depth = x->depth / x->slices * x->taps;
    const window w = window_of(x, band);
    list_spots(x, &w, memory->spots);
    /* What is padding stays zero. */
    memset(memory->strip, 0, (size_t)cor__lanes_strip_size(x) * sizeof(float));
    for (int64_t u = 0; u < p->kernel[0]; u++) {
        const int64_t slice = slice_of(p, band->slice, u);
        float *v = memory->v + u * slice_depth;
        float *strip = memory->strip + (x->in_place ? 2 * u * cor__lanes_strip_plane(x) : 0);
        if (slice < 0 || slice >= p->input[0]) {
            if (x->in_place) continue;
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

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* n pixels of one vector of channels, `pixel` elements apart, to up to `lanes` planes. */
static void turn_outputs(const cor__lanes_plan *x, const float *y, int64_t n, float *output, int64_t plane,
                         int64_t planes) {
    const int64_t lanes = x->kernels->lanes, pixel = 2 * lanes;
    float rows[COR__LANES_MOST][COR__LANES_MOST] = {{0}};
    const float *source[COR__LANES_MOST];
    float *to[COR__LANES_MOST];
    for (int64_t done = 0; done < n; done += lanes) {
        const int64_t at = n >= lanes ? cor__min(done, n - lanes) : 0;
        for (int64_t l = 0; l < lanes; l++) {
            source[l] = l < n ? y + (at + l) * pixel : rows[0];
            to[l] = l < planes && n >= lanes ? output + l * plane + at : rows[l];
        }
        x->kernels->turn(source, to);
    }
    for (int64_t l = 0; n < lanes && l < planes; l++) memcpy(output + l * plane, rows[l], (size_t)n * sizeof(float));
}

void cor__lanes_write(const cor__lanes_plan *x, const cor__lanes_band *band, int64_t panel, const float *y,
                      float *output) {
    const cor__conv_problem *p = x->problem;
    const int64_t lanes = x->kernels->lanes, height = band->size[HEIGHT], width = band->size[WIDTH];
    const int64_t row = p->output[2], slice = p->output[1] * row, plane = p->output[0] * slice;
    const bool together = width == row; /* rows without gaps are one */
    const int64_t rows = together ? 1 : height, n = together ? height * width : width;
    const int64_t at = band->start[HEIGHT] * x->shape.m[HEIGHT] * row + band->start[WIDTH] * x->shape.m[WIDTH];
    for (int64_t image = 0; image < band->images; image++)
        for (int64_t half = 0; half < 2; half++) {
            const int64_t o = panel * 2 * lanes + half * lanes, planes = cor__min(lanes, x->outputs - o);
            float *to = output + ((band->image + image) * p->o + band->group * x->outputs + o) * plane +
                        band->slice * slice + at;
            for (int64_t i = 0; i < rows && planes > 0; i++)
                turn_outputs(x, y + ((image * height + i) * width * 2 + half) * lanes, n, to + i * row, plane, planes);
        }
}
