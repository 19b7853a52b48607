/* pool.c: the pooling layers. Each holds the options of its function and shows its arguments as they were given. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <string.h>

typedef cor_tensor *(*max_function)(cor_tensor *, int64_t, const cor_max_pool_options *);
typedef cor_tensor *(*avg_function)(cor_tensor *, int64_t, const cor_avg_pool_options *);
typedef cor_tensor *(*adaptive_function)(cor_tensor *, const cor_adaptive_pool_options *);

/* "kernel_size=2" or "kernel_size=(2, 3)". */
static void show(cor__text *text, const char *name, int64_t plain, const int64_t *plural, int n, bool always_tuple) {
    cor_triple values;
    bool given = cor__layer_sizes(plain, plural, n, values);
    cor__text_format(text, "%s%s=", text->length > 0 ? ", " : "", name);
    cor__extra_sizes(text, values, n, given || always_tuple);
}

/* ---- MaxPool ---------------------------------------------------------------------------------------------------- */

typedef struct max_pool {
    cor_module base;
    int64_t kernel;
    int spatial;
    cor_max_pool_options options;
} max_pool;

static cor_tensor *max_pool_forward(cor_module *m, cor_tensor *input) {
    static const max_function functions[] = {cor_max_pool1d_with, cor_max_pool2d_with, cor_max_pool3d_with};
    const max_pool *self = (const max_pool *)m;
    return functions[self->spatial - 1](input, self->kernel, &self->options);
}

static void max_pool_init(cor_module *m) {
    max_pool *self = (max_pool *)m;
    const max_pool *given = cor_module_arguments(m);
    self->kernel = given->kernel;
    self->spatial = given->spatial;
    self->options = given->options;
    self->options.indices = NULL;
}

static int max_pool_extra(cor_module *m, char *buffer, size_t n) {
    const max_pool *self = (const max_pool *)m;
    const cor_max_pool_options *o = &self->options;
    const bool has_stride = o->stride != COR_UNSET || o->strides[0] != COR_UNSET;
    cor__text text = {0};
    show(&text, "kernel_size", self->kernel, o->kernels, self->spatial, false);
    if (has_stride) show(&text, "stride", o->stride, o->strides, self->spatial, false);
    else show(&text, "stride", self->kernel, o->kernels, self->spatial, false);
    show(&text, "padding", o->padding, o->paddings, self->spatial, false);
    show(&text, "dilation", o->dilation, o->dilations, self->spatial, false);
    cor__text_format(&text, ", ceil_mode=%s", o->ceil_mode ? "True" : "False");
    return cor__extra_end(&text, buffer, n);
}

static cor_module *make_max_pool(int spatial, int64_t kernel, const cor_max_pool_options *options) {
    static const char *const names[] = {"MaxPool1d", "MaxPool2d", "MaxPool3d"};
    max_pool given = {.kernel = kernel, .spatial = spatial};
    cor_max_pool_options_init(&given.options);
    if (cor__check_options(options, sizeof *options, names[spatial - 1]) != COR_OK) return NULL;
    if (options != NULL) given.options = *options;
    return cor__layer_new(sizeof given, names[spatial - 1], max_pool_forward, max_pool_init, &given, max_pool_extra);
}

cor_module *cor_nn_max_pool1d_with(int64_t kernel_size, const cor_max_pool_options *options) {
    return make_max_pool(1, kernel_size, options);
}
cor_module *cor_nn_max_pool2d_with(int64_t kernel_size, const cor_max_pool_options *options) {
    return make_max_pool(2, kernel_size, options);
}
cor_module *cor_nn_max_pool3d_with(int64_t kernel_size, const cor_max_pool_options *options) {
    return make_max_pool(3, kernel_size, options);
}

/* ---- AvgPool ---------------------------------------------------------------------------------------------------- */

typedef struct avg_pool {
    cor_module base;
    int64_t kernel;
    int spatial;
    cor_avg_pool_options options;
} avg_pool;

static cor_tensor *avg_pool_forward(cor_module *m, cor_tensor *input) {
    static const avg_function functions[] = {cor_avg_pool1d_with, cor_avg_pool2d_with, cor_avg_pool3d_with};
    const avg_pool *self = (const avg_pool *)m;
    return functions[self->spatial - 1](input, self->kernel, &self->options);
}

static void avg_pool_init(cor_module *m) {
    avg_pool *self = (avg_pool *)m;
    const avg_pool *given = cor_module_arguments(m);
    self->kernel = given->kernel;
    self->spatial = given->spatial;
    self->options = given->options;
}

/* AvgPool1d shows tuples whatever it was given. */
static int avg_pool_extra(cor_module *m, char *buffer, size_t n) {
    const avg_pool *self = (const avg_pool *)m;
    const cor_avg_pool_options *o = &self->options;
    const bool has_stride = o->stride != COR_UNSET || o->strides[0] != COR_UNSET, tuples = self->spatial == 1;
    cor__text text = {0};
    show(&text, "kernel_size", self->kernel, o->kernels, self->spatial, tuples);
    if (has_stride) show(&text, "stride", o->stride, o->strides, self->spatial, tuples);
    else show(&text, "stride", self->kernel, o->kernels, self->spatial, tuples);
    show(&text, "padding", o->padding, o->paddings, self->spatial, tuples);
    return cor__extra_end(&text, buffer, n);
}

static cor_module *make_avg_pool(int spatial, int64_t kernel, const cor_avg_pool_options *options) {
    static const char *const names[] = {"AvgPool1d", "AvgPool2d", "AvgPool3d"};
    avg_pool given = {.kernel = kernel, .spatial = spatial};
    cor_avg_pool_options_init(&given.options);
    if (cor__check_options(options, sizeof *options, names[spatial - 1]) != COR_OK) return NULL;
    if (options != NULL) given.options = *options;
    return cor__layer_new(sizeof given, names[spatial - 1], avg_pool_forward, avg_pool_init, &given, avg_pool_extra);
}

cor_module *cor_nn_avg_pool1d_with(int64_t kernel_size, const cor_avg_pool_options *options) {
    return make_avg_pool(1, kernel_size, options);
}
cor_module *cor_nn_avg_pool2d_with(int64_t kernel_size, const cor_avg_pool_options *options) {
    return make_avg_pool(2, kernel_size, options);
}
cor_module *cor_nn_avg_pool3d_with(int64_t kernel_size, const cor_avg_pool_options *options) {
    return make_avg_pool(3, kernel_size, options);
}

/* ---- the adaptive pools ----------------------------------------------------------------------------------------- */

typedef struct adaptive_pool {
    cor_module base;
    int spatial;
    bool max;
    cor_adaptive_pool_options options;
} adaptive_pool;

static cor_tensor *adaptive_forward(cor_module *m, cor_tensor *input) {
    static const adaptive_function functions[2][3] = {
        {cor_adaptive_avg_pool1d_with, cor_adaptive_avg_pool2d_with, cor_adaptive_avg_pool3d_with},
        {cor_adaptive_max_pool1d_with, cor_adaptive_max_pool2d_with, cor_adaptive_max_pool3d_with}};
    const adaptive_pool *self = (const adaptive_pool *)m;
    return functions[self->max][self->spatial - 1](input, &self->options);
}

static void adaptive_init(cor_module *m) {
    adaptive_pool *self = (adaptive_pool *)m;
    const adaptive_pool *given = cor_module_arguments(m);
    self->spatial = given->spatial;
    self->max = given->max;
    self->options = given->options;
    self->options.indices = NULL;
}

static void show_size(cor__text *text, int64_t size) {
    if (size == COR_UNSET) cor__text_append(text, "None");
    else cor__text_format(text, "%lld", (long long)size);
}

static int adaptive_extra(cor_module *m, char *buffer, size_t n) {
    const adaptive_pool *self = (const adaptive_pool *)m;
    const cor_adaptive_pool_options *o = &self->options;
    cor__text text = {0};
    cor__text_append(&text, "output_size=");
    if (o->size != COR_UNSET || self->spatial == 1) {
        show_size(&text, o->size != COR_UNSET ? o->size : o->sizes[0]);
        return cor__extra_end(&text, buffer, n);
    }
    for (int i = 0; i < self->spatial; i++) {
        cor__text_append(&text, i == 0 ? "(" : ", ");
        show_size(&text, o->sizes[i]);
    }
    cor__text_append(&text, ")");
    return cor__extra_end(&text, buffer, n);
}

static cor_module *make_adaptive(int spatial, bool max, const cor_adaptive_pool_options *options) {
    static const char *const names[2][3] = {{"AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"},
                                            {"AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d"}};
    const char *name = names[max][spatial - 1];
    adaptive_pool given = {.spatial = spatial, .max = max};
    cor_adaptive_pool_options_init(&given.options);
    if (cor__check_options(options, sizeof *options, name) != COR_OK) return NULL;
    if (options != NULL) given.options = *options;
    return cor__layer_new(sizeof given, name, adaptive_forward, adaptive_init, &given, adaptive_extra);
}

cor_module *cor_nn_adaptive_avg_pool1d_with(const cor_adaptive_pool_options *o) { return make_adaptive(1, false, o); }
cor_module *cor_nn_adaptive_avg_pool2d_with(const cor_adaptive_pool_options *o) { return make_adaptive(2, false, o); }
cor_module *cor_nn_adaptive_avg_pool3d_with(const cor_adaptive_pool_options *o) { return make_adaptive(3, false, o); }
cor_module *cor_nn_adaptive_max_pool1d_with(const cor_adaptive_pool_options *o) { return make_adaptive(1, true, o); }
cor_module *cor_nn_adaptive_max_pool2d_with(const cor_adaptive_pool_options *o) { return make_adaptive(2, true, o); }
cor_module *cor_nn_adaptive_max_pool3d_with(const cor_adaptive_pool_options *o) { return make_adaptive(3, true, o); }
