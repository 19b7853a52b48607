/* interpolate.c: resizing by the nearest element or linearly, with PyTorch's positions. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/text.h"
#include "kernels/kernels.h"
#include "kernels/resize.h"
#include "ops/backward.h"
#include "ops/pool.h"
#include "tensor/iterate.h"
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_interpolate_options, COR_INTERPOLATE_OPTIONS)

enum { AXES = COR__POOL_AXES, LINE_GRAIN = 1 << 13 };

/* The options in normal form, one value for each axis; absent leading axes have size and factor 0. */
typedef struct resize_numbers {
    int64_t size[AXES];
    double factor[AXES]; /* 0: the ratio of the sizes */
    int64_t mode;
    bool align_corners;
} resize_numbers;

static bool is_linear(int64_t mode) { return mode >= COR_LINEAR; }
static bool is_fixed(const cor_tensor *t, int64_t mode) { return t->dtype == COR_UINT8 && mode == COR_BILINEAR; }

/* ---- checks ----------------------------------------------------------------------------------------------------- */

static int check_dimensions(const cor_tensor *t, int64_t mode) {
    static const char *const names[] = {"nearest", "nearest-exact", "linear", "bilinear", "trilinear"};
    if (t->ndim < 3 || t->ndim > 5)
        return cor__fail(COR_EUNSUPPORTED,
                         "Input Error: Only 3D, 4D and 5D input Tensors supported (got %dD) for the modes: nearest | "
                         "linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got %s)",
                         t->ndim, names[mode]);
    if (is_linear(mode) && t->ndim != 3 + (int)mode - COR_LINEAR)
        return cor__fail(COR_EUNSUPPORTED, "Got %dD input, but %s mode needs %dD input", t->ndim, names[mode],
                         3 + (int)mode - COR_LINEAR);
    return COR_OK;
}

/* "D: 4, H: 4, W: 4", as many as there are. */
static const char *name_axes(char buffer[COR__SIZES_TEXT], int spatial, const int64_t sizes[AXES]) {
    buffer[0] = '\0';
    for (int axis = AXES - spatial; axis < AXES; axis++) {
        size_t used = strlen(buffer);
        cor__format(buffer + used, COR__SIZES_TEXT - used, "%s%c: %lld", used > 0 ? ", " : "", "DHW"[axis],
                    (long long)sizes[axis]);
    }
    return buffer;
}

static int check_sizes(const cor_tensor *t, const resize_numbers *o) {
    const int spatial = t->ndim - 2;
    int64_t input[AXES], others = t->sizes[1];
    char before[COR__SIZES_TEXT], after[COR__SIZES_TEXT];
    bool empty = false;
    for (int axis = AXES - spatial; axis < AXES; axis++) {
        input[axis] = cor__pool_input(t, spatial, axis);
        empty = empty || input[axis] <= 0 || o->size[axis] <= 0;
    }
    if (empty)
        return cor__fail(
            COR_ESHAPE, "Input and output sizes should be greater than 0, but got input (%s)%s output (%s)",
            name_axes(before, spatial, input), spatial == 1 ? " and" : "", name_axes(after, spatial, o->size));
    if (others == 0)
        return cor__fail(COR_ESHAPE, "Non-empty %dD data tensor expected but got a tensor with sizes %s", t->ndim,
                         cor__sizes_text(before, t->sizes, t->ndim));
    return COR_OK;
}

static int interpolate_check(cor__call *call) {
    static const char *const nodes[][AXES] = {
        [COR_NEAREST] = {"UpsampleNearest1DBackward0", "UpsampleNearest2DBackward0", "UpsampleNearest3DBackward0"},
        [COR_NEAREST_EXACT] = {"UpsampleNearestExact1DBackward0", "UpsampleNearestExact2DBackward0",
                               "UpsampleNearestExact3DBackward0"},
        [COR_LINEAR] = {"UpsampleLinear1DBackward0", "", ""},
        [COR_BILINEAR] = {"", "UpsampleBilinear2DBackward0", ""},
        [COR_TRILINEAR] = {"", "", "UpsampleTrilinear3DBackward0"}};
    static const char *const kernels[] = {"compute_indices_weights_linear", "upsample_bilinear2d_channels_last",
                                          "compute_indices_weights_linear"};
    const resize_numbers *o = call->options;
    const cor_tensor *t = call->inputs[0];
    if (check_dimensions(t, o->mode) != COR_OK || check_sizes(t, o) != COR_OK) return cor_error();
    if (is_linear(o->mode) && !cor_dtype_is_floating(t->dtype) && !is_fixed(t, o->mode))
        return cor__fail(COR_EUNSUPPORTED, "\"%s\" not implemented for '%s'", kernels[o->mode - COR_LINEAR],
                         cor__scalar_type_name(t->dtype));
    call->grad_fn = nodes[o->mode][t->ndim - 3];
    call->out[0].dtype = t->dtype;
    call->out[0].ndim = t->ndim;
    memcpy(call->out[0].sizes, t->sizes, 2 * sizeof(int64_t));
    memcpy(call->out[0].sizes + 2, o->size + AXES - (t->ndim - 2), sizeof(int64_t) * (size_t)(t->ndim - 2));
    return COR_OK;
}

/* ---- positions -------------------------------------------------------------------------------------------------- */

/* One axis, as PyTorch's interpolation sees it: it computes positions in float32 but for float64 tensors. */
typedef struct axis {
    int64_t input, output;
    double factor; /* 0: none */
    bool wide;     /* in float64 */
    bool align_corners;
} axis;

static double held(double value, bool wide) { return wide ? value : (double)(float)value; }

/* Input elements per output element. */
static double scale_of(const axis *a) {
    if (a->align_corners)
        return a->output > 1 ? a->wide ? (double)(a->input - 1) / (double)(a->output - 1)
                                       : (double)((float)(a->input - 1) / (float)(a->output - 1))
                             : 0;
    if (a->factor > 0) return held(1 / a->factor, a->wide);
    return a->wide ? (double)a->input / (double)a->output : (double)((float)a->input / (float)a->output);
}

/* The middle of output i among the inputs: (i + 0.5) * scale - 0.5, the first product not rounded in float32. */
static double middle_of(double scale, int64_t i, bool wide) {
    const double position =
        wide ? fma(scale, (double)i + 0.5, -0.5) : (double)fmaf((float)scale, (float)i + 0.5f, -0.5f);
    return position < 0 ? 0 : position;
}

/* `planar`: PyTorch's two-dimensional resizing computes in float32 for every dtype, and exactly where the size stays or
 * doubles. */
static int64_t nearest_of(const axis *a, int64_t i, bool exact, bool planar) {
    double position;
    if (planar) {
        const axis narrow = {a->input, a->output, a->factor, .wide = false};
        const float scale = (float)scale_of(&narrow);
        if (!exact && a->output == a->input) return i;
        if (!exact && a->output == 2 * a->input) return i >> 1;
        position = (double)(exact ? ((float)i + 0.5f) * scale : (float)i * scale);
    } else {
        const double scale = scale_of(a);
        position = exact ? held(middle_of(scale, i, a->wide) + 0.5, a->wide) : held(scale * (double)i, a->wide);
    }
    return cor__min((int64_t)floorf((float)position), a->input - 1);
}

/* The two elements that output i lies between, and the second's weight. */
static double neighbours_of(const axis *a, int64_t i, int64_t *low, int64_t *high) {
    *low = *high = i;
    if (a->output == a->input) return 0;
    const double scale = scale_of(a);
    const double position = a->align_corners ? held(scale * (double)i, a->wide) : middle_of(scale, i, a->wide);
    *low = cor__min((int64_t)floorf((float)position), a->input - 1);
    *high = *low + (*low < a->input - 1 ? 1 : 0);
    const double weight = held(position - held((double)*low, a->wide), a->wide);
    return weight < 0 ? 0 : weight > 1 ? 1 : weight;
}

/* ---- computing -------------------------------------------------------------------------------------------------- */

/* What the lines of a call share. Tables have one entry for each output position of the three axes, depth first. */
typedef struct resize_job {
    axis axis[AXES];
    int spatial;
    int64_t mode;
    int64_t element; /* bytes */
    cor_dtype own;   /* the tensors', which linear weights are rounded to */
    cor_dtype dtype; /* what linear modes compute in */
    const char *input;
    char *output;
    int64_t *low, *high;            /* high: linear modes */
    char *low_weight, *high_weight; /* of the dtype */
} resize_job;

/* Where the input line at a plane's depth and height begins, in bytes. */
static int64_t line_at(const resize_job *j, int64_t plane, int64_t depth, int64_t height) {
    const axis *a = j->axis;
    return ((plane * a[0].input + depth) * a[1].input + height) * a[2].input * j->element;
}

#define GATHER(T)                                                                                                      \
    for (int64_t i = 0; i < n; i++) ((T *)(void *)out)[i] = ((const T *)(const void *)in)[from[i]]

static void gather(int64_t n, char *out, const char *in, const int64_t *from, int64_t element) {
    if (element == 1) GATHER(uint8_t);
    else if (element == 2) GATHER(uint16_t);
    else if (element == 4) GATHER(uint32_t);
    else GATHER(uint64_t);
}

/* Where depth, height and width of the tables begin. */
static int64_t table_of(const resize_job *j, int which) {
    return which == 0 ? 0 : which == 1 ? j->axis[0].output : j->axis[0].output + j->axis[1].output;
}

static void nearest_lines(int64_t begin, int64_t end, void *context) {
    const resize_job *j = context;
    const axis *a = j->axis;
    for (int64_t line = begin; line < end; line++) {
        const int64_t h = line % a[1].output, d = line / a[1].output % a[0].output,
                      plane = line / a[1].output / a[0].output;
        const char *in = j->input + line_at(j, plane, j->low[d], j->low[table_of(j, 1) + h]);
        gather(a[2].output, j->output + line * a[2].output * j->element, in, j->low + table_of(j, 2), j->element);
    }
}

static double weight_at(const resize_job *j, const char *weights, int64_t i) {
    return cor__load_double(weights + i * j->element, j->dtype);
}

static void linear_lines(int64_t begin, int64_t end, void *context) {
    const resize_job *j = context;
    const axis *a = j->axis;
    const int64_t width = table_of(j, 2);
    cor__lerp l = {.n = a[2].output, .lines = 1 << (j->spatial - 1)};
    l.width = (cor__lerp_axis){j->low + width, j->high + width, j->low_weight + width * j->element,
                               j->high_weight + width * j->element};
    for (int64_t line = begin; line < end; line++) {
        const int64_t d = line / a[1].output % a[0].output, plane = line / a[1].output / a[0].output;
        const int64_t h = table_of(j, 1) + line % a[1].output;
        l.line[0] = j->input + line_at(j, plane, j->low[d], j->low[h]);
        l.line[1] = j->input + line_at(j, plane, j->low[d], j->high[h]);
        l.line[2] = j->input + line_at(j, plane, j->high[d], j->low[h]);
        l.line[3] = j->input + line_at(j, plane, j->high[d], j->high[h]);
        l.height[0] = weight_at(j, j->low_weight, h);
        l.height[1] = weight_at(j, j->high_weight, h);
        l.depth[0] = weight_at(j, j->low_weight, d);
        l.depth[1] = weight_at(j, j->high_weight, d);
        l.out = j->output + line * a[2].output * j->element;
        cor__kernels_now()->exact_shared->resize->lerp[j->dtype](&l);
    }
}

/* The number as the dtype holds it. */
static double in_dtype(double number, cor_dtype dtype) {
    double room;
    cor__store_number(&room, dtype, COR_OPERAND(number));
    return cor__load_double(&room, dtype);
}

static void fill_tables(resize_job *j) {
    for (int which = 0; which < AXES; which++)
        for (int64_t i = 0, at = table_of(j, which); i < j->axis[which].output; i++, at++) {
            if (!is_linear(j->mode)) {
                j->low[at] = nearest_of(&j->axis[which], i, j->mode == COR_NEAREST_EXACT, j->spatial == 2);
                continue;
            }
            const double weight = in_dtype(neighbours_of(&j->axis[which], i, &j->low[at], &j->high[at]), j->own);
            const cor_operand high = COR_OPERAND(weight), low = COR_OPERAND(in_dtype(1 - weight, j->own));
            cor__store_number(j->low_weight + at * j->element, j->dtype, low);
            cor__store_number(j->high_weight + at * j->element, j->dtype, high);
        }
}

/* Makes the tables of a job and runs `lines` on n rows of it. */
static int run(resize_job *j, int64_t n, int64_t grain, void (*lines)(int64_t begin, int64_t end, void *context)) {
    const axis *a = j->axis;
    const int64_t entries = a[0].output + a[1].output + a[2].output;
    const size_t bytes = (size_t)entries * (2 * sizeof(int64_t) + 2 * sizeof(double));
    j->low = cor__alloc(bytes, "the positions of an interpolation");
    if (j->low == NULL) return cor_error();
    j->high = j->low + entries;
    j->low_weight = (char *)(j->high + entries);
    j->high_weight = j->low_weight + (size_t)entries * sizeof(double);
    fill_tables(j);
    const int code = cor_parallel_for(n, cor__max(1, grain), lines, j);
    cor__free(j->low, bytes);
    return code;
}

/* ---- images of uint8 -------------------------------------------------------------------------------------------- */

/* PyTorch resizes them in fixed point: along the width to uint8, then along the height. */

typedef struct tap {
    int64_t low, high;
    int32_t low_weight, high_weight; /* multiples of 2^-shift */
} tap;

/* One pass, over lines of `inner` elements for each position of the axis. */
typedef struct byte_pass {
    const axis *axis;
    const tap *taps;
    int shift;
    int64_t inner;
    const uint8_t *input;
    uint8_t *output;
} byte_pass;

static int32_t fixed(double weight, int shift) { return (int32_t)(weight * (double)(1 << shift) + 0.5); }

/* Fills the taps of an axis; returns the shift, the largest at which all weights have 15 bits. */
static int fill_taps(const axis *a, tap *taps) {
    double largest = 0;
    for (int64_t i = 0; i < a->output; i++) {
        const double weight = neighbours_of(a, i, &taps[i].low, &taps[i].high);
        largest = fmax(largest, fmax(weight, 1 - weight));
    }
    const int shift = fixed(largest, 15) >= 1 << 15 ? 14 : 15;
    for (int64_t i = 0; i < a->output; i++) {
        const double weight = neighbours_of(a, i, &taps[i].low, &taps[i].high);
        taps[i].low_weight = fixed(1 - weight, shift);
        taps[i].high_weight = fixed(weight, shift);
    }
    return shift;
}

static void byte_lines(int64_t begin, int64_t end, void *context) {
    const byte_pass *p = context;
    const int64_t n = p->inner;
    for (int64_t line = begin; line < end; line++)
        for (int64_t i = 0; i < p->axis->output; i++) {
            const tap t = p->taps[i];
            const uint8_t *low = p->input + (line * p->axis->input + t.low) * n;
            const uint8_t *high = p->input + (line * p->axis->input + t.high) * n;
            uint8_t *out = p->output + (line * p->axis->output + i) * n;
            for (int64_t k = 0; k < n; k++)
                out[k] =
                    (uint8_t)((low[k] * t.low_weight + high[k] * t.high_weight + (1 << (p->shift - 1))) >> p->shift);
        }
}

static int run_pass(const axis *a, const uint8_t *input, uint8_t *output, int64_t lines, int64_t inner) {
    const size_t bytes = (size_t)a->output * sizeof(tap);
    tap *taps = cor__alloc(bytes, "the positions of an interpolation");
    if (taps == NULL) return cor_error();
    byte_pass p = {.axis = a, .taps = taps, .inner = inner, .input = input, .output = output};
    p.shift = fill_taps(a, taps);
    const int code = cor_parallel_for(lines, cor__max(1, LINE_GRAIN / (a->output * inner)), byte_lines, &p);
    cor__free(taps, bytes);
    return code;
}

static int resize_bytes(const cor__call *call, const axis *height, const axis *width) {
    const cor_tensor *t = call->inputs[0];
    const int64_t planes = t->sizes[0] * t->sizes[1], sizes[] = {planes, height->input, width->output};
    cor_tensor *in = cor__contiguous_as(t, COR_UINT8), *middle = cor__empty(COR_UINT8, sizes, 3);
    int code = in == NULL || middle == NULL ? cor_error() : COR_OK;
    if (code == COR_OK) code = run_pass(width, cor__data(in), cor__data(middle), planes * height->input, 1);
    if (code == COR_OK) code = run_pass(height, cor__data(middle), cor__data(call->outputs[0]), planes, width->output);
    cor__release(middle);
    cor__release(in);
    return code;
}

/* ---- the operation ---------------------------------------------------------------------------------------------- */

/* `t` has the sizes of the input. */
static void describe_axes(resize_job *j, const resize_numbers *o, const cor_tensor *t, bool wide) {
    for (int i = 0; i < AXES; i++)
        j->axis[i] = (axis){.input = cor__pool_input(t, j->spatial, i),
                            .output = i < AXES - j->spatial ? 1 : o->size[i],
                            .factor = o->factor[i],
                            .wide = wide,
                            .align_corners = o->align_corners};
}

static int interpolate_forward(cor__call *call) {
    const resize_numbers *o = call->options;
    const cor_tensor *t = call->inputs[0];
    cor_tensor *out = call->outputs[0];
    const bool linear = is_linear(o->mode);
    const cor_dtype dtype = linear ? cor__compute_dtype(t->dtype) : t->dtype;
    resize_job j = {
        .spatial = t->ndim - 2, .mode = o->mode, .element = cor_dtype_size(dtype), .own = t->dtype, .dtype = dtype};
    if (out->numel == 0) return COR_OK;
    describe_axes(&j, o, t, t->dtype == COR_FLOAT64 || is_fixed(t, o->mode));
    if (is_fixed(t, o->mode)) return resize_bytes(call, &j.axis[1], &j.axis[2]);
    cor_tensor *in = cor__contiguous_as(t, dtype), *wide = out;
    if (dtype != out->dtype) wide = cor__empty(dtype, out->sizes, out->ndim);
    int code = in == NULL || wide == NULL ? cor_error() : COR_OK;
    if (code == COR_OK) {
        j.input = cor__data(in);
        j.output = cor__data(wide);
        code = run(&j, out->numel / j.axis[2].output, LINE_GRAIN / j.axis[2].output,
                   linear ? linear_lines : nearest_lines);
        if (code == COR_OK && wide != out) code = cor__copy(out, wide);
    }
    if (wide != out) cor__release(wide);
    cor__release(in);
    return code;
}

static const cor__option *describe_interpolate(int *n) {
    static const cor__option rows[] = {
        {"size", COR__INTEGERS, offsetof(resize_numbers, size), sizeof(int64_t[AXES])},
        {"scale_factor", COR__OTHER, offsetof(resize_numbers, factor), sizeof(double[AXES])},
        {"mode", COR__INTEGER, offsetof(resize_numbers, mode), sizeof(int64_t)},
        {"align_corners", COR__BOOLEAN, offsetof(resize_numbers, align_corners), sizeof(bool)}};
    *n = (int)(sizeof rows / sizeof rows[0]);
    return rows;
}

static int interpolate_backward(cor__backward *pass);

const cor__op cor__op_interpolate = {.name = "interpolate",
                                     .grad_fn = "UpsampleNearest2DBackward0",
                                     .check = interpolate_check,
                                     .forward = interpolate_forward,
                                     .describe = describe_interpolate,
                                     .backward = interpolate_backward,
                                     .reads_options = sizeof(resize_numbers)};

/* ---- its gradient: the transposed map --------------------------------------------------------------------------- */

/* The interpolation that it is of, and the sizes of its input. */
typedef struct way_back {
    resize_numbers numbers;
    int ndim;
    int64_t sizes[COR_MAX_DIMS];
} way_back;

/* Of planes: what is read is of the output's sizes, what is written of the input's. */
static void back_planes(int64_t begin, int64_t end, void *context) {
    const resize_job *j = context;
    const axis *a = j->axis;
    const bool linear = is_linear(j->mode);
    const int64_t width = table_of(j, 2), rows = a[0].output * a[1].output, first = line_at(j, begin, 0, 0);
    cor__lerp_back l = {.n = a[2].output, .lines = linear ? 1 << (j->spatial - 1) : 1};
    l.width = (cor__lerp_axis){j->low + width, linear ? j->high + width : NULL, j->low_weight + width * j->element,
                               j->high_weight + width * j->element};
    memset(j->output + first, 0, (size_t)(line_at(j, end, 0, 0) - first));
    for (int64_t row = begin * rows; row < end * rows; row++) {
        const int64_t d = row / a[1].output % a[0].output, h = table_of(j, 1) + row % a[1].output;
        for (int i = 0; i < l.lines; i++)
            l.line[i] =
                j->output + line_at(j, row / rows, (i & 2 ? j->high : j->low)[d], (i & 1 ? j->high : j->low)[h]);
        for (int i = 0; linear && i < 2; i++) {
            l.height[i] = weight_at(j, i > 0 ? j->high_weight : j->low_weight, h);
            l.depth[i] = weight_at(j, i > 0 ? j->high_weight : j->low_weight, d);
        }
        l.from = j->input + row * a[2].output * j->element;
        cor__kernels_now()->exact_shared->resize->back[j->dtype](&l);
    }
}

static int back_check(cor__call *call) {
    const way_back *o = call->options;
    call->out[0].dtype = call->inputs[0]->dtype;
    call->out[0].ndim = o->ndim;
    memcpy(call->out[0].sizes, o->sizes, sizeof(int64_t) * (size_t)o->ndim);
    return COR_OK;
}

static int back_forward(cor__call *call) {
    const way_back *o = call->options;
    cor_tensor *out = call->outputs[0];
    const cor_dtype own = out->dtype, dtype = cor__compute_dtype(own);
    resize_job j = {
        .spatial = o->ndim - 2, .mode = o->numbers.mode, .element = cor_dtype_size(dtype), .own = own, .dtype = dtype};
    if (out->numel == 0) return COR_OK;
    describe_axes(&j, &o->numbers, out, own == COR_FLOAT64);
    cor_tensor *grad = cor__contiguous_as(call->inputs[0], dtype), *wide = out;
    if (dtype != own) wide = cor__empty(dtype, out->sizes, out->ndim);
    int code = grad == NULL || wide == NULL ? cor_error() : COR_OK;
    if (code == COR_OK) {
        const int64_t planes = out->sizes[0] * out->sizes[1];
        j.input = cor__data(grad);
        j.output = cor__data(wide);
        code = run(&j, planes, LINE_GRAIN / (grad->numel / planes), back_planes);
        if (code == COR_OK && wide != out) code = cor__copy(out, wide);
    }
    if (wide != out) cor__release(wide);
    cor__release(grad);
    return code;
}

static int back_backward(cor__backward *pass) {
    pass->results[0] = cor__apply1(&cor__op_interpolate, pass->grads, 1, &((const way_back *)pass->options)->numbers);
    return cor_error();
}

const cor__op cor__op_interpolate_backward = {.name = "interpolate_backward",
                                              .grad_fn = "UpsampleBackwardBackward0",
                                              .check = back_check,
                                              .forward = back_forward,
                                              .backward = back_backward,
                                              .reads_options = sizeof(way_back)};

static int interpolate_backward(cor__backward *pass) {
    const cor__edge *input = &pass->node->edges[0];
    way_back back = {.numbers = *(const resize_numbers *)pass->options, .ndim = input->ndim};
    memcpy(back.sizes, input->sizes, sizeof(int64_t) * (size_t)input->ndim);
    pass->results[0] = cor__apply1(&cor__op_interpolate_backward, pass->grads, 1, &back);
    return cor_error();
}

/* ---- the public function ---------------------------------------------------------------------------------------- */

static int check_options(const cor_interpolate_options *o) {
    const bool sized = o->size != COR_UNSET || o->sizes[0] != COR_UNSET;
    const bool scaled = o->scale_factor != 0 || o->scale_factors[0] != 0;
    if ((unsigned)o->mode > COR_TRILINEAR)
        return cor__fail(COR_EUNSUPPORTED, "interpolate: %d is no mode", (int)o->mode);
    if (o->align_corners && !is_linear((int64_t)o->mode))
        return cor__fail(COR_EVALUE, "align_corners option can only be set with the interpolating modes: linear | "
                                     "bilinear | bicubic | trilinear");
    if (sized && scaled) return cor__fail(COR_EVALUE, "only one of size or scale_factor should be defined");
    if (!sized && !scaled) return cor__fail(COR_EVALUE, "either size or scale_factor should be defined");
    if (sized && o->recompute_scale_factor)
        return cor__fail(COR_EVALUE, "recompute_scale_factor is not meaningful with an explicit size.");
    return COR_OK;
}

/* The size that a factor makes, rounded down. */
static int size_by_factor(int64_t input, double factor, int64_t *size) {
    const double wanted = floor((double)input * factor);
    if (!(fabs(wanted) < 0x1p62))
        return cor__fail(COR_ELIMIT, "value cannot be converted to type int64_t without overflow");
    *size = (int64_t)wanted;
    return COR_OK;
}

cor_tensor *cor_interpolate_with(cor_tensor *input, const cor_interpolate_options *options) {
    cor_interpolate_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "interpolate") != COR_OK) return NULL;
    const cor_interpolate_options *o = cor_interpolate_options_or_defaults(options, &room);
    resize_numbers numbers = {.mode = (int64_t)o->mode, .align_corners = o->align_corners};
    if (input == NULL || input == COR_NONE) return cor__apply1(&cor__op_interpolate, &input, 1, &numbers);
    if (check_options(o) != COR_OK) return NULL;
    const int spatial = input->ndim < 3 ? 0 : input->ndim > 5 ? 0 : input->ndim - 2; /* others are refused */
    const bool sized = o->size != COR_UNSET || o->sizes[0] != COR_UNSET;
    if (sized && cor__spread("size", o->size, o->sizes, spatial, numbers.size + AXES - spatial) != COR_OK) return NULL;
    for (int i = 0; i < spatial && !sized; i++) {
        const int at = AXES - spatial + i;
        const double factor = o->scale_factors[0] != 0 ? o->scale_factors[i] : o->scale_factor;
        if (size_by_factor(input->sizes[2 + i], factor, &numbers.size[at]) != COR_OK) return NULL;
        if (!o->recompute_scale_factor) numbers.factor[at] = factor;
    }
    return cor__apply1(&cor__op_interpolate, &input, 1, &numbers);
}
