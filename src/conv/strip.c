/* strip.c: laying out and filling strips. */
#include "conv/strip.h"
#include "base/sizes.h"
#include "kernels/words.h"

enum { AXES = COR__CONV_AXES, LINE = 64 };

static int64_t floor_mod(int64_t a, int64_t b) { return a - cor__floor_div(a, b) * b; }

static int64_t common_divisor(int64_t a, int64_t b) {
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* ---- axes ------------------------------------------------------------------------------------------------------- */

int64_t cor__conv_axis_passes(const cor__conv_problem *problem, int axis) {
    return problem->transposed ? cor__min(problem->stride[axis], problem->output[axis]) : 1;
}

/* Output i meets input (i + padding - u * dilation) / stride where that is whole: i fixes u modulo `period`. */
static cor__conv_axis transposed_axis(const cor__conv_problem *p, int axis, int64_t pass) {
    const int64_t stride = p->stride[axis], dilation = p->dilation[axis];
    const int64_t period = stride / common_divisor(stride, dilation), at = pass + p->padding[axis];
    int64_t u = 0;
    while (u < period && u < p->kernel[axis] && floor_mod(at - u * dilation, stride) != 0) u++;
    const bool none = u >= period || u >= p->kernel[axis];
    return (cor__conv_axis){.count = cor__ceil_div(p->output[axis] - pass, stride),
                            .out_first = pass,
                            .out_step = stride,
                            .size = p->input[axis],
                            .in_step = 1,
                            .base = none ? 0 : (at - u * dilation) / stride,
                            .slope = -(period * dilation / stride),
                            .taps = none ? 0 : cor__ceil_div(p->kernel[axis] - u, period),
                            .tap_first = u,
                            .tap_step = period};
}

cor__conv_axis cor__conv_axis_of(const cor__conv_problem *problem, int axis, int64_t pass) {
    if (problem->transposed) return transposed_axis(problem, axis, pass);
    return (cor__conv_axis){.count = problem->output[axis],
                            .out_step = 1,
                            .size = problem->input[axis],
                            .in_step = problem->stride[axis],
                            .base = -problem->padding[axis],
                            .slope = problem->dilation[axis],
                            .taps = problem->kernel[axis],
                            .tap_step = 1};
}

/* ---- layout ----------------------------------------------------------------------------------------------------- */

/* Tap a reads position base + a * slope = in_step * steps + remainder for the output 0. */
static int64_t steps_of(const cor__conv_axis *x, int64_t tap) {
    return cor__floor_div(x->base + tap * x->slope, x->in_step);
}

/* The input position of the first element of a phase for a band that starts at output `start`. */
static int64_t phase_start(const cor__conv_axis *x, const cor__conv_lines *lines, int64_t phase, int64_t start) {
    const int64_t position = x->base + phase * x->slope;
    if (lines->apart) return x->in_step * start + position;
    return x->in_step * (start + lines->first) + floor_mod(position, x->in_step);
}

/* The part [*from, *to) of `length` positions first, first + step, ... that lies in [0, size). */
static void inside(int64_t first, int64_t step, int64_t size, int64_t length, int64_t *from, int64_t *to) {
    const int64_t low = step == 1 ? -first : cor__ceil_div(-first, step);
    const int64_t high = step == 1 ? size - first : cor__ceil_div(size - first, step);
    *from = cor__min(cor__max(low, 0), length);
    *to = cor__max(cor__min(high, length), *from);
}

/* When a band covers the axis, the zeros at the end of a line serve as those at the start of the next. */
static int64_t shared_pitch(const cor__conv_axis *x, const cor__conv_lines *lines) {
    int64_t shared = lines->length, from, to;
    for (int64_t phase = 0; phase < lines->phases; phase++) {
        inside(phase_start(x, lines, phase, 0), x->in_step, x->size, lines->length, &from, &to);
        shared = cor__min(shared, cor__min(from, lines->length - to));
    }
    return cor__max(x->count, lines->length - shared);
}

static cor__conv_lines lay_out(const cor__conv_axis *x, int64_t band) {
    if (x->taps == 0) return (cor__conv_lines){.phases = 1, .length = band, .pitch = band};
    const int64_t first = cor__min(steps_of(x, 0), steps_of(x, x->taps - 1));
    const int64_t last = cor__max(steps_of(x, 0), steps_of(x, x->taps - 1));
    cor__conv_lines lines = {.phases = cor__min(x->taps, x->in_step / common_divisor(x->in_step, x->slope)),
                             .length = band + last - first,
                             .first = first};
    if (x->apart || x->taps * band < lines.phases * lines.length)
        lines = (cor__conv_lines){.apart = true, .phases = x->taps, .length = band};
    lines.pitch = band == x->count ? shared_pitch(x, &lines) : lines.length;
    return lines;
}

void cor__conv_strip_init(cor__conv_strip *strip, const cor__conv_axis axis[AXES], const int64_t band[AXES],
                          int64_t images, int64_t size) {
    for (int i = 0; i < AXES; i++) {
        strip->axis[i] = axis[i];
        strip->band[i] = band[i];
        strip->lines[i] = lay_out(&axis[i], band[i]);
    }
    const cor__conv_lines *lines = strip->lines;
    const int64_t rows = (images - 1) * lines[1].pitch + lines[1].length;
    strip->images = images;
    strip->phase = (rows - 1) * lines[2].pitch + lines[2].length;
    const int64_t elements = lines[0].phases * lines[0].length * lines[1].phases * lines[2].phases * strip->phase;
    /* An odd number of cache lines, so that channels do not fall on the same few sets of the cache. */
    strip->plane = (cor__ceil_div(elements * size, LINE) | 1) * LINE / size;
}

static int64_t phase_index(const cor__conv_lines *lines, int64_t tap) { return tap % lines->phases; }

static int64_t line_index(const cor__conv_axis *x, const cor__conv_lines *lines, int64_t tap) {
    return lines->apart ? 0 : steps_of(x, tap) - lines->first;
}

int64_t cor__conv_strip_offset(const cor__conv_strip *strip, const int64_t tap[AXES]) {
    const cor__conv_lines *lines = strip->lines;
    int64_t at[AXES];
    for (int i = 0; i < AXES; i++) at[i] = line_index(&strip->axis[i], &lines[i], tap[i]);
    int64_t phase = phase_index(&lines[0], tap[0]) * lines[0].length + at[0];
    phase = phase * lines[1].phases + phase_index(&lines[1], tap[1]);
    phase = phase * lines[2].phases + phase_index(&lines[2], tap[2]);
    return phase * strip->phase + at[1] * lines[2].pitch + at[2];
}

/* ---- filling ---------------------------------------------------------------------------------------------------- */

void cor__conv_copy_rows(const cor__conv_kernel *kernel, const cor__conv_rows *rows, cor_dtype dtype) {
    const int64_t size = kernel->size, element = cor__conv_dtype_size(dtype);
    if (element == size) {
        kernel->copy(rows);
        return;
    }
    char *to = rows->to;
    const char *from = rows->from;
    for (int64_t row = 0; row < rows->rows; row++, to += rows->to_row * size, from += rows->from_row * element) {
        cor__zero_words(to, rows->before * size);
        kernel->load(to + rows->before * size, from, rows->step, rows->length, dtype);
        cor__zero_words(to + (rows->before + rows->length) * size, rows->after * size);
    }
}

/* What the filling of one band shares. */
typedef struct filling {
    const cor__conv_strip *strip;
    const cor__conv_band *band;
    const cor__conv_problem *problem;
    const cor__conv_kernel *kernel;
    int64_t length[AXES]; /* of the lines that this band needs */
    int64_t element;      /* bytes of an input element */
} filling;

static void zero_rows(const filling *f, char *to, int64_t rows) {
    const int64_t step = f->strip->lines[2].pitch * f->kernel->size;
    for (int64_t row = 0; row < rows; row++) cor__zero_words(to + row * step, f->length[2] * f->kernel->size);
}

/* The rows of one height phase and one width phase of one image, from the input plane at `plane` (NULL for zeros). */
static void fill_rows(const filling *f, int64_t height_phase, int64_t width_phase, const char *plane, char *to) {
    const cor__conv_axis *x = &f->strip->axis[2], *y = &f->strip->axis[1];
    const cor__conv_lines *lines = f->strip->lines;
    const int64_t *strides = f->problem->input_strides, pitch = lines[2].pitch, size = f->kernel->size;
    const int64_t first = phase_start(x, &lines[2], width_phase, f->band->start[2]);
    const int64_t top = phase_start(y, &lines[1], height_phase, f->band->start[1]);
    int64_t from, end, from_row, end_row;
    inside(first, x->in_step, x->size, f->length[2], &from, &end);
    inside(top, y->in_step, y->size, f->length[1], &from_row, &end_row);
    if (plane == NULL || end == from || end_row == from_row) {
        zero_rows(f, to, f->length[1]);
        return;
    }
    const int64_t at = (top + from_row * y->in_step) * strides[3] + (first + from * x->in_step) * strides[4];
    const cor__conv_rows rows = {.to = to + from_row * pitch * size,
                                 .from = plane + at * f->element,
                                 .to_row = pitch,
                                 .from_row = y->in_step * strides[3],
                                 .rows = end_row - from_row,
                                 .before = from,
                                 .length = end - from,
                                 .after = f->length[2] - end,
                                 .step = x->in_step * strides[4]};
    zero_rows(f, to, from_row);
    cor__conv_copy_rows(f->kernel, &rows, f->problem->dtype);
    zero_rows(f, to + end_row * pitch * size, f->length[1] - end_row);
}

/* Both phases of all images of the band; `depth_plane` is the input plane of the first, NULL for zeros. */
static void fill_images(const filling *f, const char *depth_plane, char *to) {
    const cor__conv_lines *lines = f->strip->lines;
    const int64_t size = f->kernel->size, image_step = lines[1].pitch * lines[2].pitch * size;
    for (int64_t h = 0; h < lines[1].phases; h++)
        for (int64_t w = 0; w < lines[2].phases; w++, to += f->strip->phase * size) {
            const char *plane = depth_plane;
            for (int64_t image = 0; image < f->band->images; image++) {
                fill_rows(f, h, w, plane, to + image * image_step);
                if (plane != NULL) plane += f->problem->input_strides[0] * f->element;
            }
        }
}

/* One channel; `channel` is it in the band's first image. */
static void fill_channel(const filling *f, const char *channel, char *to) {
    const cor__conv_lines *lines = f->strip->lines;
    const int64_t bytes = lines[1].phases * lines[2].phases * f->strip->phase * f->kernel->size;
    for (int64_t phase = 0; phase < lines[0].phases; phase++) {
        int64_t position = phase_start(&f->strip->axis[0], &lines[0], phase, f->band->start[0]);
        for (int64_t line = 0; line < lines[0].length; line++, position += f->strip->axis[0].in_step, to += bytes) {
            const bool exists = position >= 0 && position < f->strip->axis[0].size;
            fill_images(f, exists ? channel + position * f->problem->input_strides[2] * f->element : NULL, to);
        }
    }
}

void cor__conv_strip_fill(const cor__conv_strip *strip, const cor__conv_band *band, const cor__conv_problem *problem,
                          const cor__conv_kernel *kernel, const void *input, int64_t channel, int64_t channels,
                          void *to) {
    filling f = {strip, band, problem, kernel, {0}, cor__conv_dtype_size(problem->dtype)};
    for (int i = 0; i < AXES; i++) f.length[i] = strip->lines[i].length - (strip->band[i] - band->count[i]);
    const char *first = (const char *)input + band->image * problem->input_strides[0] * f.element;
    for (int64_t c = 0; c < channels; c++)
        fill_channel(&f, first + (channel + c) * problem->input_strides[1] * f.element,
                     (char *)to + c * strip->plane * kernel->size);
}
