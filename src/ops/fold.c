/* fold.c: windows of an image as columns (im2col) and back (col2im), each the other's gradient. */
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/backward.h"
#include "ops/composed.h"
#include "ops/index.h"
#include "tensor/iterate.h"
#include <corrie/windows.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_unfold_options, COR_UNFOLD_OPTIONS)

/* Of each axis, height first. */
typedef struct windows {
    int64_t image[2], kernel[2], dilation[2], padding[2], stride[2], blocks[2];
} windows;

/* ---- checks ----------------------------------------------------------------------------------------------------- */

static int64_t count_blocks(const windows *w, int i) {
    const int64_t room = w->image[i] + 2 * w->padding[i] - w->dilation[i] * (w->kernel[i] - 1) - 1;
    return (room < 0 ? -((w->stride[i] - 1 - room) / w->stride[i]) : room / w->stride[i]) + 1;
}

static int check_pair(const int64_t value[2], int64_t least, const char *what, const char *should, const char *name) {
    if (value[0] >= least && value[1] >= least && value[0] < INT32_MAX && value[1] < INT32_MAX) return COR_OK;
    return cor__fail(COR_EVALUE, "%s should be %s, but got %s_height: %lld %s_width: %lld", what, should, name,
                     (long long)value[0], name, (long long)value[1]);
}

static int check_windows(const windows *w) {
    if (check_pair(w->kernel, 1, "kernel size", "greater than zero", "kernel") != COR_OK ||
        check_pair(w->dilation, 1, "dilation", "greater than zero", "dilation") != COR_OK ||
        check_pair(w->padding, 0, "padding", "non-negative", "pad") != COR_OK)
        return cor_error();
    return check_pair(w->stride, 1, "stride", "greater than zero", "stride");
}

static bool is_empty(const cor_tensor *t, int from) {
    for (int d = from; d < t->ndim; d++)
        if (t->sizes[d] == 0) return true;
    return false;
}

static int check_dtype(const cor__call *call) {
    const cor_dtype dtype = call->inputs[0]->dtype;
    if (dtype == COR_BOOL || cor_dtype_is_floating(dtype)) return COR_OK;
    return cor__fail(COR_EDTYPE, "\"%s\" not implemented for '%s'", call->op->kernel_name,
                     cor__scalar_type_name(dtype));
}

static int unfold_check(cor__call *call) {
    const windows *w = call->options;
    const cor_tensor *t = call->inputs[0];
    cor__meta *out = &call->out[0];
    if (w->blocks[0] < 1 || w->blocks[1] < 1)
        return cor__fail(COR_ESHAPE,
                         "Given input with spatial size (%lld, %lld), kernel_size=(%lld, %lld), dilation=(%lld, %lld), "
                         "padding=(%lld, %lld), calculated shape of the array of sliding blocks as (%lld, %lld), but "
                         "its components must be at least one.",
                         (long long)w->image[0], (long long)w->image[1], (long long)w->kernel[0],
                         (long long)w->kernel[1], (long long)w->dilation[0], (long long)w->dilation[1],
                         (long long)w->padding[0], (long long)w->padding[1], (long long)w->blocks[0],
                         (long long)w->blocks[1]);
    if (check_dtype(call) != COR_OK) return cor_error();
    out->dtype = t->dtype;
    out->ndim = t->ndim - 1;
    out->sizes[0] = t->sizes[0];
    out->sizes[out->ndim - 1] = w->blocks[0] * w->blocks[1];
    const int64_t rows[] = {t->sizes[t->ndim - 3], w->kernel[0], w->kernel[1]};
    if (cor__product_ok(rows, 3, &out->sizes[out->ndim - 2])) return COR_OK;
    return cor__fail(COR_ELIMIT, "unfold: more elements than can be held");
}

static int fold_check(cor__call *call) {
    const windows *w = call->options;
    const cor_tensor *t = call->inputs[0];
    const int64_t area = w->kernel[0] * w->kernel[1], rows = t->sizes[t->ndim - 2], columns = t->sizes[t->ndim - 1];
    cor__meta *out = &call->out[0];
    if (rows % area != 0)
        return cor__fail(COR_ESHAPE,
                         "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
                         "input.size(1)=%lld and kernel_size=(%lld, %lld).",
                         (long long)rows, (long long)w->kernel[0], (long long)w->kernel[1]);
    if (columns != w->blocks[0] * w->blocks[1])
        return cor__fail(COR_ESHAPE,
                         "Given output_size=(%lld, %lld), kernel_size=(%lld, %lld), dilation=(%lld, %lld), "
                         "padding=(%lld, %lld), stride=(%lld, %lld), expected size of input's dimension 2 to match the "
                         "calculated number of sliding blocks %lld * %lld = %lld, but got input.size(2)=%lld.",
                         (long long)w->image[0], (long long)w->image[1], (long long)w->kernel[0],
                         (long long)w->kernel[1], (long long)w->dilation[0], (long long)w->dilation[1],
                         (long long)w->padding[0], (long long)w->padding[1], (long long)w->stride[0],
                         (long long)w->stride[1], (long long)w->blocks[0], (long long)w->blocks[1],
                         (long long)(w->blocks[0] * w->blocks[1]), (long long)columns);
    if (w->blocks[0] < 1 || w->blocks[1] < 1)
        return cor__fail(COR_ESHAPE, "fold: the output size holds no window of that kernel");
    if (check_dtype(call) != COR_OK) return cor_error();
    out->dtype = t->dtype;
    out->ndim = t->ndim + 1;
    out->sizes[0] = t->sizes[0];
    out->sizes[out->ndim - 3] = rows / area;
    out->sizes[out->ndim - 2] = w->image[0];
    out->sizes[out->ndim - 1] = w->image[1];
    return COR_OK;
}

/* ---- loops ------------------------------------------------------------------------------------------------------ */

typedef struct job {
    const windows *w;
    char *image, *columns;
    int64_t size;
    cor_dtype dtype;
    bool fold;
} job;

/* One row of windows: the elements of tap (y, x) of row `block` of blocks of a plane. */
static void run_row(const job *j, int64_t plane, int64_t tap, int64_t block) {
    const windows *w = j->w;
    const int64_t y = block * w->stride[0] - w->padding[0] + tap / w->kernel[1] * w->dilation[0];
    const int64_t shift = tap % w->kernel[1] * w->dilation[1] - w->padding[1], size = j->size;
    char *column =
        j->columns + ((plane * w->kernel[0] * w->kernel[1] + tap) * w->blocks[0] + block) * w->blocks[1] * size;
    char *row = j->image + (plane * w->image[0] + y) * w->image[1] * size;
    for (int64_t i = 0; i < w->blocks[1]; i++, column += size) {
        const int64_t x = i * w->stride[1] + shift;
        if (y < 0 || y >= w->image[0] || x < 0 || x >= w->image[1]) continue;
        if (!j->fold) memcpy(column, row + x * size, (size_t)size);
        else cor__add_run(j->dtype, 1, row + x * size, column, 1);
    }
}

static void run_planes(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    for (int64_t plane = begin; plane < end; plane++)
        for (int64_t tap = 0; tap < j->w->kernel[0] * j->w->kernel[1]; tap++)
            for (int64_t block = 0; block < j->w->blocks[0]; block++) run_row(j, plane, tap, block);
}

static int run(cor__call *call, bool fold) {
    const windows *w = call->options;
    cor_tensor *out = call->outputs[0];
    const cor_dtype dtype = fold ? cor__compute_dtype(out->dtype) : out->dtype;
    cor_tensor *in = cor__contiguous_as(call->inputs[0], dtype), *to = cor__empty(dtype, out->sizes, out->ndim);
    int code = in == NULL || to == NULL ? cor_error() : COR_OK;
    if (code == COR_OK && out->numel > 0) {
        memset(cor__data(to), 0, (size_t)(to->numel * cor_dtype_size(dtype)));
        job j = {.w = w, .image = cor__data(fold ? to : in), .columns = cor__data(fold ? in : to), .fold = fold};
        j.size = cor_dtype_size(dtype);
        j.dtype = dtype;
        const int64_t planes = (fold ? to : in)->numel / (w->image[0] * w->image[1]);
        code = cor_parallel_for(planes, 1, run_planes, &j);
        if (code == COR_OK) code = cor__copy(out, to);
    }
    cor__release(in);
    cor__release(to);
    return code;
}

static int unfold_forward(cor__call *call) { return run(call, false); }
static int fold_forward(cor__call *call) { return run(call, true); }

static int unfold_backward(cor__backward *pass);
static int fold_backward(cor__backward *pass);

const cor__op cor__op_unfold = {.name = "unfold",
                                .grad_fn = "Im2ColBackward0",
                                .check = unfold_check,
                                .forward = unfold_forward,
                                .kernel_name = "im2col_out_cpu",
                                .backward = unfold_backward,
                                .reads_options = sizeof(windows)};
const cor__op cor__op_fold = {.name = "fold",
                              .grad_fn = "Col2ImBackward0",
                              .check = fold_check,
                              .forward = fold_forward,
                              .kernel_name = "col2im_out_cpu",
                              .backward = fold_backward,
                              .reads_options = sizeof(windows)};

static int unfold_backward(cor__backward *pass) {
    pass->results[0] = cor__apply1(&cor__op_fold, pass->grads, 1, pass->options);
    return cor_error();
}
static int fold_backward(cor__backward *pass) {
    pass->results[0] = cor__apply1(&cor__op_unfold, pass->grads, 1, pass->options);
    return cor_error();
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static void spread(int64_t to[2], int64_t plain, const int64_t *plural) {
    for (int i = 0; i < 2; i++) to[i] = plural[0] == COR_UNSET ? plain : plural[i];
}

static void read_windows(windows *w, int64_t kernel, const cor_unfold_options *o) {
    spread(w->kernel, kernel, o->kernels);
    spread(w->dilation, o->dilation, o->dilations);
    spread(w->padding, o->padding, o->paddings);
    spread(w->stride, o->stride, o->strides);
}

cor_tensor *cor_unfold_with(cor_tensor *input, int64_t kernel, const cor_unfold_options *options) {
    windows w;
    char text[COR__SIZES_TEXT];
    COR__READ_OPTIONS(cor_unfold_options, "unfold")
    if (!cor__given(input, "unfold")) return NULL;
    read_windows(&w, kernel, o);
    if (check_windows(&w) != COR_OK) return NULL;
    if ((input->ndim != 3 && input->ndim != 4) || is_empty(input, input->ndim == 4))
        return cor__fail_null(COR_ESHAPE,
                              "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
                              "dimensions for input, but got: %s",
                              cor__sizes_text(text, input->sizes, input->ndim));
    for (int i = 0; i < 2; i++) {
        w.image[i] = input->sizes[input->ndim - 2 + i];
        w.blocks[i] = count_blocks(&w, i);
    }
    return cor__apply1(&cor__op_unfold, &input, 1, &w);
}

cor_tensor *cor_fold_with(cor_tensor *input, cor_dims output_size, int64_t kernel, const cor_unfold_options *options) {
    windows w;
    char text[COR__SIZES_TEXT];
    COR__READ_OPTIONS(cor_unfold_options, "fold")
    if (!cor__given(input, "fold")) return NULL;
    if (output_size.n != 1 && output_size.n != 2)
        return cor__fail_null(COR_EVALUE, "It is expected output_size equals to 2, but got size %lld",
                              (long long)output_size.n);
    read_windows(&w, kernel, o);
    if (check_windows(&w) != COR_OK) return NULL;
    if ((input->ndim != 2 && input->ndim != 3) || is_empty(input, input->ndim == 3))
        return cor__fail_null(COR_ESHAPE,
                              "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero "
                              "dimensions for input, but got: %s",
                              cor__sizes_text(text, input->sizes, input->ndim));
    for (int i = 0; i < 2; i++) {
        w.image[i] = output_size.at[output_size.n == 1 ? 0 : i];
        if (w.image[i] > INT32_MAX || w.image[i] < -INT32_MAX)
            return cor__fail_null(COR_ELIMIT, "fold: an image of %lld pixels a line", (long long)w.image[i]);
        w.blocks[i] = count_blocks(&w, i);
    }
    return cor__apply1(&cor__op_fold, &input, 1, &w);
}
