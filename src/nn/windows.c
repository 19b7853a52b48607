/* windows.c: the layers of corrie/windows.h: LPPool, MaxUnpool, Unfold, Fold; and LocalResponseNorm. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <string.h>

/* "kernel_size=2" or "kernel_size=(2, 3)". */
static void show(cor__text *text, const char *name, int64_t plain, const int64_t *plural, int n, bool always_tuple) {
    cor_triple values;
    const bool given = cor__layer_sizes(plain, plural, n, values);
    cor__text_format(text, "%s%s=", text->length > 0 ? ", " : "", name);
    cor__extra_sizes(text, values, n, given || always_tuple);
}

/* ---- LPPool ----------------------------------------------------------------------------------------------------- */

typedef struct lp_pool {
    cor_module base;
    int spatial;
    double norm_type;
    int64_t kernel;
    cor_lp_pool_options o;
} lp_pool;

static cor_tensor *lp_pool_forward(cor_module *m, cor_tensor *x) {
    const lp_pool *self = (const lp_pool *)m;
    return self->spatial == 1   ? cor_lp_pool1d_with(x, self->norm_type, self->kernel, &self->o)
           : self->spatial == 2 ? cor_lp_pool2d_with(x, self->norm_type, self->kernel, &self->o)
                                : cor_lp_pool3d_with(x, self->norm_type, self->kernel, &self->o);
}

/* The layers here hold what their constructor was given behind the module itself. */
static void copy_arguments(cor_module *m, size_t size) {
    const char *given = cor_module_arguments(m);
    memcpy((char *)m + sizeof *m, given + sizeof *m, size - sizeof *m);
}

static void lp_pool_init(cor_module *m) { copy_arguments(m, sizeof(lp_pool)); }

static int lp_pool_extra(cor_module *m, char *buffer, size_t n) {
    const lp_pool *self = (const lp_pool *)m;
    cor__text text = {0};
    cor__text_append(&text, "norm_type=");
    cor__text_double(&text, self->norm_type);
    show(&text, "kernel_size", self->kernel, self->o.kernels, self->spatial, false);
    if (self->o.stride == COR_UNSET && self->o.strides[0] == COR_UNSET) cor__text_append(&text, ", stride=None");
    else show(&text, "stride", self->o.stride, self->o.strides, self->spatial, false);
    cor__text_format(&text, ", ceil_mode=%s", self->o.ceil_mode ? "True" : "False");
    return cor__extra_end(&text, buffer, n);
}

static bool check_spatial(int spatial, const char *name) {
    if (cor_error() == COR_OK && (spatial < 1 || spatial > 3))
        cor__fail(COR_EVALUE, "%s: there are layers of 1 to 3 dimensions, not of %d", name, spatial);
    return cor_error() == COR_OK;
}

cor_module *cor_nn_lp_pool_with(int spatial, double norm_type, int64_t kernel, const cor_lp_pool_options *options) {
    static const char *const names[] = {"LPPool1d", "LPPool2d", "LPPool3d"};
    lp_pool given = {.spatial = spatial, .norm_type = norm_type, .kernel = kernel};
    if (!check_spatial(spatial, "LPPool") || cor__check_options(options, sizeof given.o, "LPPool") != COR_OK)
        return NULL;
    cor_lp_pool_options_init(&given.o);
    if (options != NULL) given.o = *options;
    return cor__layer_new(sizeof given, names[spatial - 1], lp_pool_forward, lp_pool_init, &given, lp_pool_extra);
}

/* ---- MaxUnpool -------------------------------------------------------------------------------------------------- */

typedef struct max_unpool {
    cor_module base;
    int spatial;
    int64_t kernel;
    cor_max_unpool_options o;
} max_unpool;

static int max_unpool_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const max_unpool *self = (const max_unpool *)m;
    if (n_in != 2 || n_out != 1)
        return cor__fail(COR_EVALUE, "%s: forward takes 2 inputs and gives one output, called with %d and %d",
                         cor_module_name(m), n_in, n_out);
    out[0] = self->spatial == 1   ? cor_max_unpool1d_with(in[0], in[1], self->kernel, &self->o)
             : self->spatial == 2 ? cor_max_unpool2d_with(in[0], in[1], self->kernel, &self->o)
                                  : cor_max_unpool3d_with(in[0], in[1], self->kernel, &self->o);
    return cor_error();
}

static void max_unpool_init(cor_module *m) { copy_arguments(m, sizeof(max_unpool)); }

static int max_unpool_extra(cor_module *m, char *buffer, size_t n) {
    const max_unpool *self = (const max_unpool *)m;
    cor__text text = {0};
    show(&text, "kernel_size", self->kernel, self->o.kernels, self->spatial, true);
    if (self->o.stride == COR_UNSET && self->o.strides[0] == COR_UNSET)
        show(&text, "stride", self->kernel, self->o.kernels, self->spatial, true);
    else show(&text, "stride", self->o.stride, self->o.strides, self->spatial, true);
    show(&text, "padding", self->o.padding, self->o.paddings, self->spatial, true);
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_max_unpool_with(int spatial, int64_t kernel, const cor_max_unpool_options *options) {
    static const char *const names[] = {"MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"};
    max_unpool given = {.spatial = spatial, .kernel = kernel};
    if (!check_spatial(spatial, "MaxUnpool") || cor__check_options(options, sizeof given.o, "MaxUnpool") != COR_OK)
        return NULL;
    cor_max_unpool_options_init(&given.o);
    if (options != NULL) given.o = *options;
    return cor__layer_new_n(sizeof given, names[spatial - 1], max_unpool_forward, max_unpool_init, &given,
                            max_unpool_extra);
}

/* ---- Unfold and Fold -------------------------------------------------------------------------------------------- */

typedef struct fold {
    cor_module base;
    bool is_fold;
    cor_dims output_size;
    int64_t kernel;
    cor_unfold_options o;
} fold;

static cor_tensor *fold_forward(cor_module *m, cor_tensor *x) {
    const fold *self = (const fold *)m;
    return self->is_fold ? cor_fold_with(x, self->output_size, self->kernel, &self->o)
                         : cor_unfold_with(x, self->kernel, &self->o);
}

static void fold_init(cor_module *m) { copy_arguments(m, sizeof(fold)); }

static int fold_extra(cor_module *m, char *buffer, size_t n) {
    const fold *self = (const fold *)m;
    cor__text text = {0};
    if (self->is_fold) {
        cor__text_append(&text, "output_size=");
        cor__extra_sizes(&text, self->output_size.at, (int)self->output_size.n, self->output_size.n > 1);
    }
    show(&text, "kernel_size", self->kernel, self->o.kernels, 2, false);
    show(&text, "dilation", self->o.dilation, self->o.dilations, 2, false);
    show(&text, "padding", self->o.padding, self->o.paddings, 2, false);
    show(&text, "stride", self->o.stride, self->o.strides, 2, false);
    return cor__extra_end(&text, buffer, n);
}

static cor_module *fold_new(const char *name, fold *given, const cor_unfold_options *options) {
    if (cor_error() != COR_OK || cor__check_options(options, sizeof given->o, name) != COR_OK) return NULL;
    cor_unfold_options_init(&given->o);
    if (options != NULL) given->o = *options;
    return cor__layer_new(sizeof *given, name, fold_forward, fold_init, given, fold_extra);
}

cor_module *cor_nn_unfold_with(int64_t kernel_size, const cor_unfold_options *options) {
    return fold_new("Unfold", &(fold){.kernel = kernel_size}, options);
}

cor_module *cor_nn_fold_with(cor_dims output_size, int64_t kernel_size, const cor_unfold_options *options) {
    if (cor_error() != COR_OK) return NULL;
    if (output_size.n != 1 && output_size.n != 2)
        return cor__fail_null(COR_EVALUE, "It is expected output_size equals to 2, but got size %lld",
                              (long long)output_size.n);
    return fold_new("Fold", &(fold){.is_fold = true, .output_size = output_size, .kernel = kernel_size}, options);
}

/* ---- LocalResponseNorm ------------------------------------------------------------------------------------------ */

typedef struct response_norm {
    cor_module base;
    int64_t size;
    cor_local_response_norm_options o;
} response_norm;

static cor_tensor *response_norm_forward(cor_module *m, cor_tensor *x) {
    const response_norm *self = (const response_norm *)m;
    return cor_local_response_norm_with(x, self->size, &self->o);
}

static void response_norm_init(cor_module *m) { copy_arguments(m, sizeof(response_norm)); }

static int response_norm_extra(cor_module *m, char *buffer, size_t n) {
    const response_norm *self = (const response_norm *)m;
    cor__text text = {0};
    cor__text_format(&text, "%lld, alpha=", (long long)self->size);
    cor__text_double(&text, self->o.alpha);
    cor__text_append(&text, ", beta=");
    cor__text_double(&text, self->o.beta);
    cor__text_append(&text, ", k=");
    cor__text_double(&text, self->o.k);
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_local_response_norm_with(int64_t size, const cor_local_response_norm_options *options) {
    response_norm given = {.size = size};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof given.o, "LocalResponseNorm") != COR_OK)
        return NULL;
    cor_local_response_norm_options_init(&given.o);
    if (options != NULL) given.o = *options;
    return cor__layer_new(sizeof given, "LocalResponseNorm", response_norm_forward, response_norm_init, &given,
                          response_norm_extra);
}
