/* pool_check.c: PyTorch's checks of poolings, in PyTorch's order. To PyTorch a 1d pooling is a 2d one of height 1,
 * which shows in its messages. */
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/pool.h"
#include <string.h>

enum { AXES = COR__POOL_AXES };

/* The input as PyTorch's checks see it. */
typedef struct shape {
    int ndim, spatial; /* 2 or 3 */
    int first;         /* the first axis its messages name */
    int64_t sizes[COR_MAX_DIMS + 1], channels, axis[AXES];
    char text[COR__SIZES_TEXT];
} shape;

static void see(const cor_tensor *t, int spatial, shape *s) {
    s->spatial = spatial == 3 ? 3 : 2;
    s->first = AXES - s->spatial;
    s->ndim = t->ndim;
    memcpy(s->sizes, t->sizes, sizeof *t->sizes * (size_t)t->ndim);
    if (spatial == 1) {
        s->sizes[s->ndim] = s->sizes[s->ndim - 1];
        s->sizes[s->ndim++ - 1] = 1;
    }
    s->channels = s->sizes[s->ndim - s->spatial - 1];
    for (int axis = 0; axis < AXES; axis++) s->axis[axis] = cor__pool_input(t, spatial, axis);
    cor__sizes_text(s->text, s->sizes, s->ndim);
}

/* "kT: 1 kH: 2 kW: 3", or without the first for two dimensions. */
static const char *name_axes(char buffer[COR__SIZES_TEXT], const shape *s, const char *letter,
                             const int64_t values[AXES]) {
    static const char axes[] = "THW";
    buffer[0] = '\0';
    for (int axis = s->first; axis < AXES; axis++) {
        size_t used = strlen(buffer);
        cor__format(buffer + used, COR__SIZES_TEXT - used, "%s%s%c: %lld", used > 0 ? " " : "", letter, axes[axis],
                    (long long)values[axis]);
    }
    return buffer;
}

/* "3x4x4": channels and sizes. */
static const char *times(char buffer[COR__SIZES_TEXT], const shape *s, const int64_t values[AXES]) {
    cor__format(buffer, COR__SIZES_TEXT, "%lld", (long long)s->channels);
    for (int axis = s->first; axis < AXES; axis++) {
        size_t used = strlen(buffer);
        cor__format(buffer + used, COR__SIZES_TEXT - used, "x%lld", (long long)values[axis]);
    }
    return buffer;
}

static bool any_below(const int64_t values[AXES], int64_t least) {
    return values[0] < least || values[1] < least || values[2] < least;
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

int cor__spread(const char *name, int64_t one, const cor_triple many, int spatial, int64_t *values) {
    char text[COR__SIZES_TEXT];
    const bool plural = many[0] != COR_UNSET;
    for (int i = spatial; plural && i < AXES; i++)
        if (many[i] != 0)
            return cor__fail(COR_EVALUE, "%s must be a single int or %d of them, but got %s", name, spatial,
                             cor__sizes_text(text, many, AXES));
    for (int i = 0; i < spatial; i++) values[i] = plural ? many[i] : one;
    return COR_OK;
}

static int check_narrow(const cor__window *w) {
    const int64_t *const lists[] = {w->kernel, w->stride, w->padding, w->dilation};
    for (int i = 0; i < 4; i++)
        for (int axis = 0; axis < AXES; axis++)
            if (lists[i][axis] != (int32_t)lists[i][axis])
                return cor__fail(COR_EVALUE, "value cannot be converted to type int without overflow");
    return COR_OK;
}

/* floor((L + 2p - d*(k-1) - 1) / s) + 1, or with ceil the division rounded up, without windows that would begin beyond
 * the input and its left padding. */
static int64_t output_size(int64_t input, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation,
                           bool ceil) {
    const int64_t room = input + 2 * padding - dilation * (kernel - 1) - 1;
    int64_t size = cor__floor_div(room + (ceil ? stride - 1 : 0), stride) + 1;
    if (ceil && (size - 1) * stride >= input + padding) size--;
    return size;
}

static int derive_output(const shape *s, const cor__window *w, int64_t output[AXES]) {
    for (int axis = 0; axis < AXES; axis++) {
        const int64_t kernel = w->kernel[axis], stride = w->stride[axis], padding = w->padding[axis];
        if (stride == 0) return cor__fail(COR_EVALUE, "stride should not be zero");
        if (padding < 0)
            return cor__fail(COR_EVALUE, "pad must be non-negative, but got pad: %lld", (long long)padding);
        if (padding > ((kernel - 1) * w->dilation[axis] + 1) / 2)
            return cor__fail(COR_EVALUE,
                             "pad should be at most half of effective kernel size, but got pad=%lld, kernel_size=%lld "
                             "and dilation=%lld",
                             (long long)padding, (long long)kernel, (long long)w->dilation[axis]);
        if (s->axis[axis] > INT64_MAX / 4) return cor__fail(COR_ELIMIT, "the input is too large to be pooled");
        output[axis] = stride < 0
                           ? 0 /* refused below */
                           : output_size(s->axis[axis], kernel, stride, padding, w->dilation[axis], w->ceil_mode);
    }
    return COR_OK;
}

static int check_positive(const shape *s, const cor__window *w) {
    char text[COR__SIZES_TEXT];
    if (any_below(w->kernel, 1))
        return cor__fail(COR_EVALUE, "kernel size should be greater than zero, but got %s",
                         name_axes(text, s, "k", w->kernel));
    if (any_below(w->stride, 1))
        return cor__fail(COR_EVALUE, "stride should be greater than zero, but got %s",
                         name_axes(text, s, "d", w->stride));
    if (any_below(w->dilation, 1))
        return cor__fail(COR_EVALUE, "dilation should be greater than zero, but got %s",
                         name_axes(text, s, "dilation", w->dilation));
    return COR_OK;
}

/* `where` is the function of PyTorch's that its 3d message names. */
static int check_not_empty(const shape *s, const char *where) {
    bool empty = s->ndim != s->spatial + 1 && s->ndim != s->spatial + 2;
    for (int i = s->ndim == s->spatial + 1 ? 0 : 1; i < s->ndim; i++) empty = empty || s->sizes[i] == 0;
    if (!empty) return COR_OK;
    if (s->spatial == 3)
        return cor__fail(COR_ESHAPE,
                         "%s(): Expected input's non-batch dimensions to have positive length, but input has a shape "
                         "of %s and non-batch dimension 0 has length zero!",
                         where, s->text);
    return cor__fail(COR_ESHAPE,
                     "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:%s",
                     s->text);
}

static int check_sizes(const shape *s, const cor__window *w, const int64_t output[AXES]) {
    const int64_t *p = w->padding, *k = w->kernel;
    char before[COR__SIZES_TEXT], after[COR__SIZES_TEXT];
    const bool half = k[0] / 2 >= p[0] && k[1] / 2 >= p[1] && k[2] / 2 >= p[2];
    if (!half && s->spatial == 3)
        return cor__fail(COR_EVALUE,
                         "pad should be smaller than or equal to half of kernel size, but got kT: %lld kW: %lld kH: "
                         "%lld padT: %lld padW: %lld padH: %lld",
                         (long long)k[0], (long long)k[2], (long long)k[1], (long long)p[0], (long long)p[2],
                         (long long)p[1]);
    if (!half)
        return cor__fail(COR_EVALUE,
                         "pad should be smaller than or equal to half of kernel size, but got padW = %lld, padH = "
                         "%lld, kW = %lld, kH = %lld",
                         (long long)p[2], (long long)p[1], (long long)k[2], (long long)k[1]);
    if (any_below(output, 1))
        return cor__fail(COR_ESHAPE, "Given input size: (%s). Calculated output size: (%s). Output size is too small",
                         times(before, s, s->axis), times(after, s, output));
    return COR_OK;
}

static int refuse_bool(const cor_tensor *t, const char *kernel) {
    if (t->dtype != COR_BOOL) return COR_OK;
    return cor__fail(COR_EUNSUPPORTED, "\"%s\" not implemented for 'Bool'", kernel);
}

static int check_range(const cor_tensor *t, const char *function) {
    if (t->ndim == 2 || t->ndim == 3) return COR_OK;
    return cor__fail(COR_ESHAPE,
                     "Expected 2 to 3 dimensions, but got %d-dimensional tensor for argument #1 'self' (while checking "
                     "arguments for %s)",
                     t->ndim, function);
}

/* Whether there are spatial + 1 or spatial + 2 dimensions; the words are those of max_pool2d. */
static int check_dimensions(const cor_tensor *t, int spatial) {
    if (t->ndim == spatial + 1 || t->ndim == spatial + 2) return COR_OK;
    return cor__fail(COR_ESHAPE, "non-empty %dD or %dD (batch mode) tensor expected for input", spatial + 1,
                     spatial + 2);
}

/* ---- max_pool --------------------------------------------------------------------------------------------------- */

/* max_pool1d without indices has checks of its own. */
static int max_pool1d_check(const cor_tensor *t, const cor__window *w, int64_t output[AXES]) {
    const int64_t kernel = w->kernel[2], stride = w->stride[2], padding = w->padding[2], dilation = w->dilation[2];
    char text[COR__SIZES_TEXT];
    if ((t->ndim != 2 && t->ndim != 3) || t->sizes[t->ndim - 1] == 0 || t->sizes[t->ndim - 2] == 0)
        return cor__fail(COR_ESHAPE,
                         "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, "
                         "but got:%s",
                         cor__sizes_text(text, t->sizes, t->ndim));
    const char *name = kernel <= 0 ? "kernel_size" : stride <= 0 ? "stride" : NULL;
    if (name != NULL)
        return cor__fail(COR_EVALUE, "max_pool1d() %s must be greater than zero, but got %lld", name,
                         (long long)(kernel <= 0 ? kernel : stride));
    if (padding < 0)
        return cor__fail(COR_EVALUE, "max_pool1d() padding must be non-negative, but got %lld", (long long)padding);
    if (padding > kernel / 2)
        return cor__fail(COR_EVALUE,
                         "max_pool1d() padding should be at most half of kernel size, but got padding=%lld and "
                         "kernel_size=%lld",
                         (long long)padding, (long long)kernel);
    if (dilation <= 0)
        return cor__fail(COR_EVALUE, "max_pool1d() dilation must be greater than zero, but got %lld",
                         (long long)dilation);
    shape s;
    see(t, 1, &s);
    if (derive_output(&s, w, output) != COR_OK) return cor_error();
    if (output[2] < 1)
        return cor__fail(COR_ESHAPE, "max_pool1d() Invalid computed output size: %lld", (long long)output[2]);
    return refuse_bool(t, "max_pool1d_impl");
}

int cor__max_pool_check(const cor_tensor *t, const cor__window *w, int64_t output[AXES]) {
    shape s;
    if (check_narrow(w) != COR_OK) return cor_error();
    if (w->spatial == 1 && !w->indices) return max_pool1d_check(t, w, output);
    if ((w->spatial == 1 ? check_range(t, "max_pool1d") : check_dimensions(t, w->spatial)) != COR_OK)
        return cor_error();
    see(t, w->spatial, &s);
    if (derive_output(&s, w, output) != COR_OK) return cor_error();
    if (check_positive(&s, w) != COR_OK) return cor_error();
    if (check_not_empty(&s, "max_pool3d_with_indices_out_cpu_template") != COR_OK) return cor_error();
    if (check_sizes(&s, w, output) != COR_OK) return cor_error();
    return refuse_bool(t, w->spatial == 3 ? "max_pool3d" : "max_pool2d");
}

/* ---- avg_pool --------------------------------------------------------------------------------------------------- */

/* avg_pool2d looks for its channels before it counts the dimensions. */
static int avg_pool_dimensions(const cor_tensor *t, int spatial) {
    if (spatial == 1) return check_range(t, "avg_pool1d");
    if (spatial == 3) return check_dimensions(t, 3);
    if (t->ndim == 0) return cor__fail(COR_EINDEX, "Dimension specified as -3 but tensor has no dimensions");
    return cor__wrap_dim(-3, t->ndim) < 0 ? cor_error() : COR_OK;
}

int cor__avg_pool_check(const cor_tensor *t, const cor__window *w, int64_t output[AXES]) {
    shape s;
    char sizes[COR__SIZES_TEXT], kernel[COR__SIZES_TEXT];
    const int64_t *k = w->kernel;
    if (check_narrow(w) != COR_OK) return cor_error();
    if (w->spatial != 2 && avg_pool_dimensions(t, w->spatial) != COR_OK) return cor_error();
    if (w->divisor_override == 0) return cor__fail(COR_EVALUE, "divisor must be not zero");
    if (w->spatial == 2 && avg_pool_dimensions(t, 2) != COR_OK) return cor_error();
    see(t, w->spatial, &s);
    if (derive_output(&s, w, output) != COR_OK) return cor_error();
    if (check_positive(&s, w) != COR_OK) return cor_error();
    if (check_not_empty(&s, "avg_pool3d") != COR_OK) return cor_error();
    if (w->spatial == 3 && (s.axis[0] < k[0] || s.axis[1] < k[1] || s.axis[2] < k[2]))
        return cor__fail(COR_ESHAPE, "input image (%s) smaller than kernel size (%s)", name_axes(sizes, &s, "", s.axis),
                         name_axes(kernel, &s, "k", k));
    if (check_sizes(&s, w, output) != COR_OK) return cor_error();
    return refuse_bool(t, w->spatial == 3 ? "avg_pool3d_out_frame" : "avg_pool2d");
}

/* ---- adaptive pools --------------------------------------------------------------------------------------------- */

static void adaptive_output(const cor_tensor *t, const cor__cells *cells, int64_t output[AXES]) {
    for (int axis = 0; axis < AXES; axis++)
        output[axis] = cells->size[axis] == COR_UNSET ? cor__pool_input(t, cells->spatial, axis) : cells->size[axis];
}

static int adaptive_dimensions(const cor_tensor *t, int spatial, const char *kind, const char *colon) {
    char name[32], text[COR__SIZES_TEXT];
    cor__format(name, sizeof name, "adaptive_%s_pool%dd", kind, spatial);
    if (spatial == 1) return check_range(t, name);
    if (t->ndim == spatial + 1 || t->ndim == spatial + 2) return COR_OK;
    return cor__fail(COR_ESHAPE, "%s(): Expected %dD or %dD tensor, but got%s %s", name, spatial + 1, spatial + 2,
                     colon, cor__sizes_text(text, t->sizes, t->ndim));
}

/* No dimension from `from` on may be empty; `spatial` and the sizes are those the message names. */
static int adaptive_not_empty(const char *kind, int spatial, const int64_t *sizes, int ndim, int from) {
    char text[COR__SIZES_TEXT];
    for (int i = from; i < ndim; i++)
        if (sizes[i] == 0)
            return cor__fail(COR_ESHAPE,
                             "adaptive_%s_pool%dd(): Expected input to have non-zero size for non-batch dimensions, "
                             "but input has sizes %s with dimension %d being empty",
                             kind, spatial, cor__sizes_text(text, sizes, ndim), i);
    return COR_OK;
}

int cor__adaptive_max_pool_check(const cor_tensor *t, const cor__cells *cells, int64_t output[AXES]) {
    shape s;
    if (adaptive_dimensions(t, cells->spatial, "max", ":") != COR_OK) return cor_error();
    if (adaptive_not_empty("max", cells->spatial, t->sizes, t->ndim, 1) != COR_OK) return cor_error();
    adaptive_output(t, cells, output);
    see(t, cells->spatial, &s);
    memcpy(s.sizes + s.ndim - s.spatial, output + s.first, sizeof *output * (size_t)s.spatial);
    for (int i = s.ndim - s.spatial; i < s.ndim; i++)
        if (s.sizes[i] < 0)
            return cor__fail(COR_EVALUE, "Trying to create tensor with negative dimension %lld: %s",
                             (long long)s.sizes[i], cor__sizes_text(s.text, s.sizes, s.ndim));
    return refuse_bool(t, cells->spatial == 3 ? "adaptive_max_pool3d_cpu" : "adaptive_max_pool2d");
}

static int adaptive_avg_bool(const cor_tensor *t, int spatial, bool whole) {
    if (whole && t->dtype == COR_BOOL)
        return cor__fail(COR_EUNSUPPORTED, "mean(): could not infer output dtype. Input dtype must be either a "
                                           "floating point or complex dtype. Got: Bool");
    return refuse_bool(t, spatial == 3 ? "adaptive_avg_pool3d_cpu" : "adaptive_avg_pool2d");
}

int cor__adaptive_avg_pool_check(const cor_tensor *t, const cor__cells *cells, int64_t output[AXES]) {
    shape s;
    if (adaptive_dimensions(t, cells->spatial, "avg", "") != COR_OK) return cor_error();
    adaptive_output(t, cells, output);
    see(t, cells->spatial, &s);
    if (any_below(output, 0))
        return s.spatial == 3
                   ? cor__fail(COR_EVALUE,
                               "adaptive_avg_pool3d: elements of output_size must be greater than or equal to 0 but "
                               "received {%lld, %lld,%lld}",
                               (long long)output[0], (long long)output[1], (long long)output[2])
                   : cor__fail(COR_EVALUE,
                               "adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but "
                               "received {%lld, %lld}",
                               (long long)output[1], (long long)output[2]);
    const bool whole = output[0] == 1 && output[1] == 1 && output[2] == 1;
    const int from = s.spatial == 3 ? 1 : s.ndim - 2;
    if (!whole && adaptive_not_empty("avg", s.spatial, s.sizes, s.ndim, from) != COR_OK) return cor_error();
    int64_t elements = t->numel;
    for (int axis = 0; axis < AXES; axis++) elements = output[axis] == 0 ? 0 : elements;
    if (elements == 0 && s.spatial == 2) return COR_OK; /* PyTorch does not come to look at the dtype */
    return adaptive_avg_bool(t, cells->spatial, whole);
}
