/* pool.c: max, average and adaptive pooling of one to three dimensions, as one computation on windows. */
#include "ops/pool.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "kernels/norm.h"
#include "ops/backward.h"
#include "ops/op_list_table.h"
#include "ops/scatter.h"
#include "tensor/iterate.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_max_pool_options, COR_MAX_POOL_OPTIONS)
COR__DEFINE_OPTIONS(cor_avg_pool_options, COR_AVG_POOL_OPTIONS)
COR__DEFINE_OPTIONS(cor_adaptive_pool_options, COR_ADAPTIVE_POOL_OPTIONS)

enum { AXES = COR__POOL_AXES, ROW_GRAIN = 1 << 14 };

/* ---- where the windows lie -------------------------------------------------------------------------------------- */

static void place_windows(cor__pool_axis *axis, cor__span *spans) {
    const int64_t reach = (axis->kernel - 1) * axis->dilation;
    for (int64_t i = 0; i < axis->output; i++) {
        const int64_t start = i * axis->stride - axis->padding;
        const int64_t skipped = start < 0 ? cor__ceil_div(-start, axis->dilation) * axis->dilation : 0;
        spans[i].begin = start + skipped;
        spans[i].end = cor__min(start + reach + 1, axis->input);
        spans[i].extent = cor__min(start + axis->kernel, axis->input + axis->padding) - start;
    }
    const int64_t last = axis->input - 1 - reach + axis->padding; /* where the last uncut window may begin, padded */
    axis->inner_begin = cor__min(cor__ceil_div(axis->padding, axis->stride), axis->output);
    axis->inner_end = cor__min(last < 0 ? 0 : last / axis->stride + 1, axis->output);
    axis->inner_end = cor__max(axis->inner_begin, axis->inner_end);
}

/* Cell i covers [floor(i*L/n), ceil((i+1)*L/n)); the products are formed so that they do not overflow. */
static void place_cells(cor__pool_axis *axis, cor__span *spans) {
    const int64_t n = axis->output, whole = axis->input / cor__max(n, 1), rest = axis->input % cor__max(n, 1);
    for (int64_t i = 0; i < n; i++) {
        spans[i].begin = i * whole + i * rest / n;
        spans[i].end = (i + 1) * whole + cor__ceil_div((i + 1) * rest, n);
        spans[i].extent = spans[i].end - spans[i].begin;
    }
    axis->inner_begin = axis->inner_end = 0;
}

static void describe_axes(cor__pool *pool, const cor_tensor *input, const cor__meta *out, int spatial,
                          const cor__window *window) {
    for (int i = 0; i < AXES; i++) {
        const bool present = i >= AXES - spatial;
        pool->axis[i] = (cor__pool_axis){.input = cor__pool_input(input, spatial, i),
                                         .output = present ? out->sizes[out->ndim - AXES + i] : 1,
                                         .dilation = 1};
        if (window == NULL) continue;
        pool->axis[i].kernel = window->kernel[i];
        pool->axis[i].stride = window->stride[i];
        pool->axis[i].padding = window->padding[i];
        pool->axis[i].dilation = window->dilation[i];
    }
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

typedef struct job {
    const cor__pool *pool;
    cor__pool_rows rows;
} job;

static void run_rows(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    j->rows(j->pool, begin, end);
}

/* `work` is the number of elements read for a row. */
static int run_parallel(const cor__pool *pool, cor__pool_rows rows, int64_t n, int64_t work) {
    job j = {.pool = pool, .rows = rows};
    return cor_parallel_for(n, cor__max(1, ROW_GRAIN / cor__max(work, 1)), run_rows, &j);
}

/* Rows are lines of the output, or planes. */
static int run_windows(cor__pool *pool, cor__pool_rows rows, int64_t planes, bool cells, bool whole_planes) {
    const cor__pool_axis *axis = pool->axis;
    const int64_t n = axis[0].output + axis[1].output + axis[2].output;
    const size_t bytes = (size_t)n * sizeof(cor__span);
    cor__span *spans = cor__alloc(bytes, "the windows of a pooling"), *next = spans;
    if (spans == NULL) return cor_error();
    for (int i = 0; i < AXES; i++) {
        (cells ? place_cells : place_windows)(&pool->axis[i], next);
        pool->axis[i].spans = next;
        next += pool->axis[i].output;
    }
    const int64_t lines = cor__max(1, axis[0].spans[0].extent) * cor__max(1, axis[1].spans[0].extent);
    const int64_t row = lines * cor__max(axis[2].output, axis[2].input);
    const int64_t in_plane = axis[0].output * axis[1].output;
    const int code = whole_planes ? run_parallel(pool, rows, planes, row * in_plane)
                                  : run_parallel(pool, rows, planes * in_plane, row);
    cor__free(spans, bytes);
    return code;
}

/* Runs a pooling of the call's input, contiguous and in the dtype the loops compute in, into its output. */
static int run_pool(cor__call *call, cor__pool *pool, cor__pool_rows rows, cor_dtype dtype, bool cells, bool mean) {
    const int64_t outputs = pool->axis[0].output * pool->axis[1].output * pool->axis[2].output;
    cor_tensor *out = call->outputs[0], *in = cor__contiguous_as(call->inputs[0], dtype);
    cor_tensor *wide = in != NULL && dtype != out->dtype ? cor__empty(dtype, out->sizes, out->ndim) : NULL;
    int code = in == NULL || (dtype != out->dtype && wide == NULL) ? cor_error() : COR_OK;
    if (code == COR_OK && out->numel > 0) {
        const int64_t planes = out->numel / outputs;
        pool->input = cor__data(in);
        pool->output = cor__data(wide == NULL ? out : wide);
        pool->indices = call->n_outputs > 1 ? cor__data(call->outputs[1]) : NULL;
        code =
            mean ? run_parallel(pool, rows, planes, in->numel / planes) : run_windows(pool, rows, planes, cells, false);
        if (code == COR_OK && wide != NULL) code = cor__copy(out, wide);
    }
    cor__release(in);
    cor__release(wide);
    return code;
}

/* The averages of whole planes, summed in float64; rows are planes. */
static void mean_float32(const cor__pool *p, int64_t begin, int64_t end) {
    const int64_t size = p->axis[0].input * p->axis[1].input * p->axis[2].input;
    const cor__norm_kernels *norm = cor__kernels_now()->exact->norm;
    for (int64_t i = begin; i < end; i++) {
        const float *plane = size == 0 ? NULL : (const float *)p->input + i * size;
        ((float *)p->output)[i] = (float)(norm->sum[COR_FLOAT32](size, plane) / (double)size);
    }
}

static void mean_float64(const cor__pool *p, int64_t begin, int64_t end) {
    const int64_t size = p->axis[0].input * p->axis[1].input * p->axis[2].input;
    const cor__norm_kernels *norm = cor__kernels_now()->exact->norm;
    for (int64_t i = begin; i < end; i++) {
        const double *plane = size == 0 ? NULL : (const double *)p->input + i * size;
        ((double *)p->output)[i] = norm->sum[COR_FLOAT64](size, plane) / (double)size;
    }
}

static const cor__pool_kernels *kernels(void) { return cor__kernels_now()->exact_shared->pool; }

/* Averages of integers are formed in int64. */
static cor_dtype average_dtype(cor_dtype dtype) {
    return cor_dtype_is_floating(dtype) ? cor__compute_dtype(dtype) : COR_INT64;
}

static int max_forward(cor__call *call, int spatial, const cor__window *window) {
    const cor_dtype dtype = cor__compute_dtype(call->inputs[0]->dtype);
    cor__pool pool = {.divisor = 1};
    describe_axes(&pool, call->inputs[0], &call->out[0], spatial, window);
    return run_pool(call, &pool, kernels()->max[dtype], dtype, window == NULL, false);
}

/* ---- gradients -------------------------------------------------------------------------------------------------- */

/* What goes back through an average: the options of the pooling that it is of, and the sizes of its input. */
typedef struct way_back {
    cor__window window;
    cor__cells cells;
    bool adaptive;
    int spatial, ndim;
    int64_t sizes[COR_MAX_DIMS];
} way_back;

static void set_division(cor__pool *pool, const cor__window *w) {
    pool->divisor = w->divisor_override;
    pool->divide = w->divisor_override != COR_UNSET ? COR__BY_DIVISOR
                   : w->count_include_pad           ? COR__BY_EXTENT
                                                    : COR__BY_COUNT;
}

static int spread_check(cor__call *call) {
    const way_back *o = call->options;
    call->out[0].dtype = call->inputs[0]->dtype;
    call->out[0].ndim = o->ndim;
    memcpy(call->out[0].sizes, o->sizes, sizeof(int64_t) * (size_t)o->ndim);
    return COR_OK;
}

static int spread_forward(cor__call *call) {
    const way_back *o = call->options;
    const cor_dtype dtype = cor__compute_dtype(call->inputs[0]->dtype);
    cor_tensor *in = call->outputs[0], *wide = cor__empty(dtype, in->sizes, in->ndim);
    cor_tensor *grad = cor__contiguous_as(call->inputs[0], dtype);
    cor__pool pool = {.divide = COR__BY_COUNT, .divisor = 1, .rounded = COR_FLOAT32};
    int code = wide == NULL || grad == NULL ? cor_error() : COR_OK;
    if (code == COR_OK && in->numel > 0) {
        cor__meta out = {.ndim = grad->ndim};
        memcpy(out.sizes, grad->sizes, sizeof(int64_t) * (size_t)grad->ndim);
        describe_axes(&pool, wide, &out, o->spatial, o->adaptive ? NULL : &o->window);
        if (!o->adaptive) set_division(&pool, &o->window);
        pool.input = cor__data(grad);
        pool.output = cor__data(wide);
        const int64_t size = pool.axis[0].input * pool.axis[1].input * pool.axis[2].input;
        code = run_windows(&pool, kernels()->spread[dtype], in->numel / size, o->adaptive, true);
        if (code == COR_OK) code = cor__copy(in, wide);
    }
    cor__release(grad);
    cor__release(wide);
    return code;
}

static int average_again_backward(cor__backward *pass);

const cor__op cor__op_avg_pool_backward = {.name = "avg_pool_backward",
                                           .grad_fn = "AvgPoolBackwardBackward0",
                                           .check = spread_check,
                                           .forward = spread_forward,
                                           .backward = average_again_backward,
                                           .reads_options = sizeof(way_back)};

static int average_backward(cor__backward *pass, bool adaptive) {
    const cor__edge *input = &pass->node->edges[0];
    way_back back = {.adaptive = adaptive, .ndim = input->ndim};
    if (adaptive) back.cells = *(const cor__cells *)pass->options;
    else back.window = *(const cor__window *)pass->options;
    back.spatial = adaptive ? back.cells.spatial : back.window.spatial;
    memcpy(back.sizes, input->sizes, sizeof(int64_t) * (size_t)input->ndim);
    pass->results[0] = cor__apply1(&cor__op_avg_pool_backward, pass->grads, 1, &back);
    return cor_error();
}

static int avg_pool_backward(cor__backward *pass) { return average_backward(pass, false); }
static int adaptive_avg_backward(cor__backward *pass) { return average_backward(pass, true); }

static int max_pool_backward(cor__backward *pass);
static int adaptive_max_backward(cor__backward *pass);

/* ---- the operations: outputs ------------------------------------------------------------------------------------ */

static void describe_outputs(cor__call *call, int spatial, const int64_t output[AXES]) {
    const cor_tensor *t = call->inputs[0];
    cor__meta *out = call->out;
    out[0].dtype = t->dtype;
    out[0].ndim = t->ndim;
    memcpy(out[0].sizes, t->sizes, sizeof *t->sizes * (size_t)t->ndim);
    memcpy(out[0].sizes + t->ndim - spatial, output + AXES - spatial, sizeof *output * (size_t)spatial);
    if (call->n_outputs < 2) return;
    out[1] = out[0];
    out[1].dtype = COR_INT64;
}

static int max_pool_check(cor__call *call) {
    const cor__window *w = call->options;
    int64_t output[AXES];
    if (cor__max_pool_check(call->inputs[0], w, output) != COR_OK) return cor_error();
    describe_outputs(call, w->spatial, output);
    return COR_OK;
}

static int max_pool_forward(cor__call *call) {
    const cor__window *w = call->options;
    return max_forward(call, w->spatial, w);
}

static int avg_pool_check(cor__call *call) {
    const cor__window *w = call->options;
    int64_t output[AXES];
    if (cor__avg_pool_check(call->inputs[0], w, output) != COR_OK) return cor_error();
    describe_outputs(call, w->spatial, output);
    return COR_OK;
}

static int avg_pool_forward(cor__call *call) {
    const cor__window *w = call->options;
    const cor_dtype dtype = average_dtype(call->inputs[0]->dtype);
    cor__pool pool = {.rounded = COR_FLOAT32};
    set_division(&pool, w);
    describe_axes(&pool, call->inputs[0], &call->out[0], w->spatial, w);
    return run_pool(call, &pool, kernels()->average[dtype], dtype, false, false);
}

static int adaptive_max_check(cor__call *call) {
    const cor__cells *cells = call->options;
    int64_t output[AXES];
    if (cor__adaptive_max_pool_check(call->inputs[0], cells, output) != COR_OK) return cor_error();
    describe_outputs(call, cells->spatial, output);
    return COR_OK;
}

static int adaptive_max_forward(cor__call *call) {
    return max_forward(call, ((const cor__cells *)call->options)->spatial, NULL);
}

static int adaptive_avg_check(cor__call *call) {
    const cor__cells *cells = call->options;
    int64_t output[AXES];
    if (cor__adaptive_avg_pool_check(call->inputs[0], cells, output) != COR_OK) return cor_error();
    describe_outputs(call, cells->spatial, output);
    if (cells->spatial > 1 && output[0] == 1 && output[1] == 1 && output[2] == 1) call->grad_fn = "MeanBackward1";
    return COR_OK;
}

/* A single cell is the mean of the plane. PyTorch rounds half types after each division in 3d only. */
static int adaptive_avg_forward(cor__call *call) {
    const cor__cells *cells = call->options;
    const cor_dtype own = call->inputs[0]->dtype, dtype = average_dtype(own);
    cor__pool pool = {.divide = COR__AXIS_BY_AXIS, .rounded = cells->spatial == 3 ? own : COR_FLOAT32};
    describe_axes(&pool, call->inputs[0], &call->out[0], cells->spatial, NULL);
    const bool single = pool.axis[0].output * pool.axis[1].output * pool.axis[2].output == 1;
    if (single && cor_dtype_is_floating(own))
        return run_pool(call, &pool, dtype == COR_FLOAT64 ? mean_float64 : mean_float32, dtype, true, true);
    if (single || !cor_dtype_is_floating(own)) pool.divide = COR__BY_COUNT;
    return run_pool(call, &pool, kernels()->average[dtype], dtype, true, false);
}

/* ---- the operations: rows --------------------------------------------------------------------------------------- */

/* The options of a row of `spatial` dimensions: the last values of each list. */
#define LIST_ROW(type, name, spatial)                                                                                  \
    {                                                                                                                  \
#name, COR__INTEGERS, offsetof(type, name) + sizeof(int64_t[AXES]) - sizeof(int64_t[spatial]),                 \
            sizeof(int64_t[spatial])                                                                                   \
    }
#define FIELD_ROW(type, name, kind, c_type)                                                                            \
    { #name, kind, offsetof(type, name), sizeof(c_type) }

#define DESCRIBE_ROWS(function, ...)                                                                                   \
    static const cor__option *function(int *n) {                                                                       \
        static const cor__option rows[] = {__VA_ARGS__};                                                               \
        *n = (int)(sizeof rows / sizeof rows[0]);                                                                      \
        return rows;                                                                                                   \
    }

#define POOL_ROWS(dims, max_name, avg_name, adaptive_max_name, adaptive_avg_name)                                      \
    DESCRIBE_ROWS(describe_max##dims, LIST_ROW(cor__window, kernel, dims), LIST_ROW(cor__window, stride, dims),        \
                  LIST_ROW(cor__window, padding, dims), LIST_ROW(cor__window, dilation, dims),                         \
                  FIELD_ROW(cor__window, ceil_mode, COR__BOOLEAN, bool))                                               \
    DESCRIBE_ROWS(describe_avg##dims, LIST_ROW(cor__window, kernel, dims), LIST_ROW(cor__window, stride, dims),        \
                  LIST_ROW(cor__window, padding, dims), FIELD_ROW(cor__window, ceil_mode, COR__BOOLEAN, bool),         \
                  FIELD_ROW(cor__window, count_include_pad, COR__BOOLEAN, bool),                                       \
                  FIELD_ROW(cor__window, divisor_override, COR__INTEGER, int64_t))                                     \
    DESCRIBE_ROWS(describe_cells##dims, LIST_ROW(cor__cells, size, dims))                                              \
    const cor__op cor__op_max_pool##dims##d = {.name = "max_pool" #dims "d",                                           \
                                               .grad_fn = max_name,                                                    \
                                               .check = max_pool_check,                                                \
                                               .forward = max_pool_forward,                                            \
                                               .describe = describe_max##dims,                                         \
                                               .backward = max_pool_backward,                                          \
                                               .reads_options = sizeof(cor__window),                                   \
                                               .reads_inputs = {1}};                                                   \
    const cor__op cor__op_avg_pool##dims##d = {.name = "avg_pool" #dims "d",                                           \
                                               .grad_fn = avg_name,                                                    \
                                               .check = avg_pool_check,                                                \
                                               .forward = avg_pool_forward,                                            \
                                               .describe = describe_avg##dims,                                         \
                                               .backward = avg_pool_backward,                                          \
                                               .reads_options = sizeof(cor__window)};                                  \
    const cor__op cor__op_adaptive_max_pool##dims##d = {.name = "adaptive_max_pool" #dims "d",                         \
                                                        .grad_fn = adaptive_max_name,                                  \
                                                        .check = adaptive_max_check,                                   \
                                                        .forward = adaptive_max_forward,                               \
                                                        .describe = describe_cells##dims,                              \
                                                        .backward = adaptive_max_backward,                             \
                                                        .reads_options = sizeof(cor__cells),                           \
                                                        .reads_inputs = {1}};                                          \
    const cor__op cor__op_adaptive_avg_pool##dims##d = {.name = "adaptive_avg_pool" #dims "d",                         \
                                                        .grad_fn = adaptive_avg_name,                                  \
                                                        .check = adaptive_avg_check,                                   \
                                                        .forward = adaptive_avg_forward,                               \
                                                        .describe = describe_cells##dims,                              \
                                                        .backward = adaptive_avg_backward,                             \
                                                        .reads_options = sizeof(cor__cells)};

POOL_ROWS(1, "SqueezeBackward1", "SqueezeBackward1", "SqueezeBackward1", "SqueezeBackward1")
POOL_ROWS(2, "MaxPool2DWithIndicesBackward0", "AvgPool2DBackward0", "AdaptiveMaxPool2DBackward0",
          "AdaptiveAvgPool2DBackward0")
POOL_ROWS(3, "MaxPool3DWithIndicesBackward0", "AvgPool3DBackward0", "AdaptiveMaxPool3DBackward0",
          "AdaptiveAvgPool3DBackward0")

/* The gradient goes to the largest elements; which they are is found again. */
static int max_backward(cor__backward *pass, const cor__op *op, int spatial) {
    cor_tensor *x = cor__kept_input(pass, 0), *outputs[2], *detached = x == NULL ? NULL : cor_detach(x);
    if (detached == NULL || pass->grads[0] == NULL) return cor_error();
    if (cor__apply(op, &detached, 1, pass->options, outputs, 2) != COR_OK) return cor_error();
    pass->results[0] = cor__plane_scatter(pass->grads[0], outputs[1], x->sizes, x->ndim, spatial);
    return cor_error();
}

static int max_pool_backward(cor__backward *pass) {
    static const cor__op *const ops[AXES] = {&cor__op_max_pool1d, &cor__op_max_pool2d, &cor__op_max_pool3d};
    const cor__window *window = pass->options;
    cor_tensor *x = pass->create_graph ? NULL : cor__kept_input(pass, 0);
    if (x == NULL || pass->grads[0] == NULL || !cor__pool_halves(window, x))
        return max_backward(pass, ops[window->spatial - 1], window->spatial);
    pass->results[0] = cor__apply1(&cor__op_halves_back, (cor_tensor *[]){pass->grads[0], x}, 2, NULL);
    return cor_error();
}

static int adaptive_max_backward(cor__backward *pass) {
    static const cor__op *const ops[AXES] = {&cor__op_adaptive_max_pool1d, &cor__op_adaptive_max_pool2d,
                                             &cor__op_adaptive_max_pool3d};
    const int spatial = ((const cor__cells *)pass->options)->spatial;
    return max_backward(pass, ops[spatial - 1], spatial);
}

/* The gradient of an average's gradient is the average. */
static int average_again_backward(cor__backward *pass) {
    static const cor__op *const ops[2][AXES] = {
        {&cor__op_avg_pool1d, &cor__op_avg_pool2d, &cor__op_avg_pool3d},
        {&cor__op_adaptive_avg_pool1d, &cor__op_adaptive_avg_pool2d, &cor__op_adaptive_avg_pool3d}};
    const way_back *o = pass->options;
    const void *options = o->adaptive ? (const void *)&o->cells : &o->window;
    pass->results[0] = cor__apply1(ops[o->adaptive][o->spatial - 1], pass->grads, 1, options);
    return cor_error();
}

/* ---- the public functions --------------------------------------------------------------------------------------- */

/* A window of one element at every position. */
static cor__window unit_window(int spatial) {
    return (cor__window){.kernel = {1, 1, 1},
                         .stride = {1, 1, 1},
                         .dilation = {1, 1, 1},
                         .divisor_override = COR_UNSET,
                         .spatial = spatial};
}

/* Kernel and stride of a window; the stride is the kernel when none is given. */
static int window_steps(cor__window *w, int64_t kernel, const cor_triple kernels_given, int64_t stride,
                        const cor_triple strides) {
    const int first = AXES - w->spatial;
    if (cor__spread("kernel_size", kernel, kernels_given, w->spatial, w->kernel + first) != COR_OK) return cor_error();
    if (stride == COR_UNSET && strides[0] == COR_UNSET) {
        memcpy(w->stride, w->kernel, sizeof w->stride);
        return COR_OK;
    }
    return cor__spread("stride", stride, strides, w->spatial, w->stride + first);
}

static cor_tensor *apply_max(const cor__op *op, cor_tensor *input, const void *normal, cor_tensor **indices) {
    cor_tensor *outputs[2] = {NULL, NULL};
    if (indices == NULL) return cor__apply1(op, &input, 1, normal);
    cor__apply(op, &input, 1, normal, outputs, 2);
    *indices = outputs[1];
    return outputs[0];
}

static cor_tensor *max_pool(const cor__op *op, int spatial, cor_tensor *input, int64_t kernel,
                            const cor_max_pool_options *options) {
    cor_max_pool_options room;
    cor__window w = unit_window(spatial);
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, op->name) != COR_OK) return NULL;
    const cor_max_pool_options *o = cor_max_pool_options_or_defaults(options, &room);
    w.ceil_mode = o->ceil_mode;
    w.indices = o->indices != NULL;
    if (w.indices) *o->indices = NULL;
    if (window_steps(&w, kernel, o->kernels, o->stride, o->strides) != COR_OK ||
        cor__spread("padding", o->padding, o->paddings, spatial, w.padding + AXES - spatial) != COR_OK ||
        cor__spread("dilation", o->dilation, o->dilations, spatial, w.dilation + AXES - spatial) != COR_OK)
        return NULL;
    return apply_max(op, input, &w, o->indices);
}

static cor_tensor *avg_pool(const cor__op *op, int spatial, cor_tensor *input, int64_t kernel,
                            const cor_avg_pool_options *options) {
    cor_avg_pool_options room;
    cor__window w = unit_window(spatial);
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, op->name) != COR_OK) return NULL;
    const cor_avg_pool_options *o = cor_avg_pool_options_or_defaults(options, &room);
    w.ceil_mode = o->ceil_mode;
    w.count_include_pad = o->count_include_pad;
    w.divisor_override = o->divisor_override;
    if (window_steps(&w, kernel, o->kernels, o->stride, o->strides) != COR_OK ||
        cor__spread("padding", o->padding, o->paddings, spatial, w.padding + AXES - spatial) != COR_OK)
        return NULL;
    return cor__apply1(op, &input, 1, &w);
}

static cor_tensor *adaptive_pool(const cor__op *op, int spatial, cor_tensor *input,
                                 const cor_adaptive_pool_options *options) {
    cor_adaptive_pool_options room;
    cor__cells cells = {.size = {1, 1, 1}, .spatial = spatial};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, op->name) != COR_OK) return NULL;
    const cor_adaptive_pool_options *o = cor_adaptive_pool_options_or_defaults(options, &room);
    for (int i = 0; i < spatial; i++) cells.size[AXES - spatial + i] = o->size == COR_UNSET ? o->sizes[i] : o->size;
    if (o->indices != NULL) *o->indices = NULL;
    return apply_max(op, input, &cells, o->indices);
}

#define PUBLIC_POOLS(dims)                                                                                             \
    cor_tensor *cor_max_pool##dims##d_with(cor_tensor *input, int64_t kernel, const cor_max_pool_options *options) {   \
        return max_pool(&cor__op_max_pool##dims##d, dims, input, kernel, options);                                     \
    }                                                                                                                  \
    cor_tensor *cor_avg_pool##dims##d_with(cor_tensor *input, int64_t kernel, const cor_avg_pool_options *options) {   \
        return avg_pool(&cor__op_avg_pool##dims##d, dims, input, kernel, options);                                     \
    }                                                                                                                  \
    cor_tensor *cor_adaptive_max_pool##dims##d_with(cor_tensor *input, const cor_adaptive_pool_options *options) {     \
        return adaptive_pool(&cor__op_adaptive_max_pool##dims##d, dims, input, options);                               \
    }                                                                                                                  \
    cor_tensor *cor_adaptive_avg_pool##dims##d_with(cor_tensor *input, const cor_adaptive_pool_options *options) {     \
        return adaptive_pool(&cor__op_adaptive_avg_pool##dims##d, dims, input, options);                               \
    }

PUBLIC_POOLS(1)
PUBLIC_POOLS(2)
PUBLIC_POOLS(3)
