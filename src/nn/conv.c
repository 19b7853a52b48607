/* conv.c: Conv1d to Conv3d and ConvTranspose1d to ConvTranspose3d, as one layer. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_nn_conv_options, COR_NN_CONV_OPTIONS)

typedef struct conv {
    cor_module base;
    cor_tensor *weight, *bias;
    int spatial;
    bool transposed, same, valid;
    int64_t in_channels, out_channels, groups;
    cor_triple kernel, stride, padding, dilation, output_padding;
    cor_pad_mode padding_mode;
    cor_precision precision;
} conv;

static const char *const names[2][3] = {{"Conv1d", "Conv2d", "Conv3d"},
                                        {"ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"}};

/* ---- forward ---------------------------------------------------------------------------------------------------- */

/* The amounts that padding the input by itself adds: 'same' puts the odd one on the far side. */
static cor_dims own_pads(const conv *self) {
    cor_dims pads = {.n = 2 * self->spatial};
    for (int i = 0; i < self->spatial; i++) {
        int64_t total = self->dilation[i] * (self->kernel[i] - 1);
        int64_t near = self->same ? total / 2 : self->padding[i], far = self->same ? total - total / 2 : near;
        int at = 2 * (self->spatial - 1 - i); /* the last dimension comes first */
        pads.at[at] = near;
        pads.at[at + 1] = far;
    }
    return pads;
}

static cor_tensor *conv_forward(cor_module *m, cor_tensor *input) {
    static cor_tensor *(*const functions[])(cor_tensor *, cor_tensor *, const cor_conv_options *) = {
        cor_conv1d_with, cor_conv2d_with, cor_conv3d_with};
    const conv *self = (const conv *)m;
    cor_conv_options o;
    cor_conv_options_init(&o);
    o.bias = self->bias == NULL ? COR_NONE : self->bias;
    o.groups = self->groups;
    o.precision = self->precision;
    o.same = self->same;
    memcpy(o.strides, self->stride, sizeof o.strides);
    memcpy(o.dilations, self->dilation, sizeof o.dilations);
    memcpy(o.paddings, self->padding, sizeof o.paddings);
    if (self->padding_mode != COR_PAD_CONSTANT) {
        cor_pad_options pad;
        cor_pad_options_init(&pad);
        pad.mode = self->padding_mode;
        input = cor_pad_with(input, own_pads(self), &pad);
        o.same = false;
        memset(o.paddings, 0, sizeof o.paddings);
    }
    return functions[self->spatial - 1](input, self->weight, &o);
}

static cor_tensor *run_transposed(const conv *self, cor_tensor *input, const int64_t *output_padding) {
    static cor_tensor *(*const functions[])(cor_tensor *, cor_tensor *, const cor_conv_transpose_options *) = {
        cor_conv_transpose1d_with, cor_conv_transpose2d_with, cor_conv_transpose3d_with};
    cor_conv_transpose_options o;
    cor_conv_transpose_options_init(&o);
    o.bias = self->bias == NULL ? COR_NONE : self->bias;
    o.groups = self->groups;
    o.precision = self->precision;
    memcpy(o.strides, self->stride, sizeof o.strides);
    memcpy(o.paddings, self->padding, sizeof o.paddings);
    memcpy(o.output_paddings, output_padding, sizeof o.output_paddings);
    memcpy(o.dilations, self->dilation, sizeof o.dilations);
    return functions[self->spatial - 1](input, self->weight, &o);
}

static cor_tensor *transposed_forward(cor_module *m, cor_tensor *input) {
    return run_transposed((const conv *)m, input, ((const conv *)m)->output_padding);
}

/* ---- a transposed convolution to a given size ------------------------------------------------------------------- */

static void refuse_size(const int64_t *wanted, const int64_t *least, const int64_t *most, int d, const cor_tensor *x) {
    char texts[4][COR__SIZES_TEXT];
    const int batched = x->ndim > 2 ? 2 : x->ndim;
    cor__fail(COR_EVALUE,
              "requested an output size of %s, but valid sizes range from %s to %s (for an input of torch.Size(%s))",
              cor__sizes_text(texts[0], wanted, d), cor__sizes_text(texts[1], least, d),
              cor__sizes_text(texts[2], most, d), cor__sizes_text(texts[3], x->sizes + batched, x->ndim - batched));
}

/* ConvTransposeNd._output_padding: what must be added to the smallest output that the sizes allow. */
static int padding_for(const conv *self, const cor_tensor *x, const cor_dims *sizes, cor_triple padding) {
    const int d = self->spatial, other = x->ndim == d + 2 ? 2 : 1;
    const int64_t *wanted = sizes->n == other + d ? sizes->at + other : sizes->at;
    cor_triple least = {0}, most = {0};
    if (sizes->n != d && sizes->n != other + d)
        return cor__fail(COR_EVALUE,
                         "ConvTranspose%dD: for %dD input, output_size must have %d or %d elements (got %lld)", d,
                         x->ndim, d, other + d, (long long)sizes->n);
    for (int i = 0; i < d; i++) {
        int dim = cor__wrap_dim(i + other, x->ndim);
        if (dim < 0) return cor_error();
        least[i] = (x->sizes[dim] - 1) * self->stride[i] - 2 * self->padding[i] +
                   self->dilation[i] * (self->kernel[i] - 1) + 1;
        most[i] = least[i] + self->stride[i] - 1;
    }
    for (int i = 0; i < d; i++) {
        if (wanted[i] < least[i] || wanted[i] > most[i]) {
            refuse_size(wanted, least, most, d, x);
            return cor_error();
        }
        padding[i] = wanted[i] - least[i];
    }
    return COR_OK;
}

static cor_tensor *sized_forward(cor_module *m, cor_tensor *input, const cor__variant *variant) {
    cor_triple padding = {0};
    if (input == COR_NONE) return cor__fail_null(COR_EVALUE, "%s: the input is COR_NONE", cor_module_name(m));
    if (padding_for((const conv *)m, input, &variant->sizes, padding) != COR_OK) return NULL;
    return run_transposed((const conv *)m, input, padding);
}

cor_tensor *cor_nn_conv_transpose_call_with(cor_module *m, cor_tensor *input, cor_dims output_size) {
    if (!cor__module_ready(m, "conv_transpose_call")) return NULL;
    if (cor__state(m)->forward != transposed_forward)
        return cor__fail_null(COR_EVALUE, "conv_transpose_call: '%s' is not a transposed convolution",
                              cor_module_name(m));
    return cor__call_as(m, input, &(cor__variant){sized_forward, output_size});
}

/* ---- text ------------------------------------------------------------------------------------------------------- */

static bool all_are(const int64_t *values, int n, int64_t value) {
    for (int i = 0; i < n; i++)
        if (values[i] != value) return false;
    return true;
}

static void show(cor__text *text, const char *name, const int64_t *values, int n) {
    cor__text_format(text, ", %s=", name);
    cor__text_tuple(text, values, n);
}

static int conv_extra(cor_module *m, char *buffer, size_t n) {
    static const char *const modes[] = {[COR_PAD_CONSTANT] = "zeros",
                                        [COR_PAD_REFLECT] = "reflect",
                                        [COR_PAD_REPLICATE] = "replicate",
                                        [COR_PAD_CIRCULAR] = "circular"};
    const conv *self = (const conv *)m;
    const int d = self->spatial;
    cor__text text = {0};
    cor__text_format(&text, "%lld, %lld", (long long)self->in_channels, (long long)self->out_channels);
    show(&text, "kernel_size", self->kernel, d);
    show(&text, "stride", self->stride, d);
    if (self->same || self->valid) cor__text_append(&text, self->same ? ", padding=same" : ", padding=valid");
    else if (!all_are(self->padding, d, 0)) show(&text, "padding", self->padding, d);
    if (!all_are(self->dilation, d, 1)) show(&text, "dilation", self->dilation, d);
    if (!all_are(self->output_padding, d, 0)) show(&text, "output_padding", self->output_padding, d);
    if (self->groups != 1) cor__text_format(&text, ", groups=%lld", (long long)self->groups);
    if (self->bias == NULL) cor__text_append(&text, ", bias=False");
    if (self->padding_mode != COR_PAD_CONSTANT) cor__text_format(&text, ", padding_mode=%s", modes[self->padding_mode]);
    return cor__extra_end(&text, buffer, n);
}

/* ---- construction ----------------------------------------------------------------------------------------------- */

typedef struct arguments {
    int64_t in_channels, out_channels, kernel;
    int spatial;
    bool transposed;
    const cor_nn_conv_options *options;
} arguments;

static int check(const arguments *a) {
    const cor_nn_conv_options *o = a->options;
    if (a->transposed && o->padding_mode != COR_PAD_CONSTANT)
        return cor__fail(COR_EVALUE, "Only \"zeros\" padding mode is supported for %s", names[1][a->spatial - 1]);
    if (o->groups <= 0) return cor__fail(COR_EVALUE, "groups must be a positive integer");
    if (a->in_channels % o->groups != 0) return cor__fail(COR_EVALUE, "in_channels must be divisible by groups");
    if (a->out_channels % o->groups != 0) return cor__fail(COR_EVALUE, "out_channels must be divisible by groups");
    if (a->transposed && (o->same || o->valid))
        return cor__fail(COR_EVALUE, "%s takes its padding in numbers", names[1][a->spatial - 1]);
    cor_triple stride;
    cor__layer_sizes(o->stride, o->strides, a->spatial, stride);
    if (o->same && !all_are(stride, a->spatial, 1))
        return cor__fail(COR_EVALUE, "padding='same' is not supported for strided convolutions");
    if ((unsigned)o->padding_mode > COR_PAD_CIRCULAR)
        return cor__fail(COR_EVALUE, "padding_mode must be one of the cor_pad_mode values, but got %d",
                         (int)o->padding_mode);
    if ((unsigned)o->precision > COR_PRECISION_HIGHEST)
        return cor__fail(COR_EVALUE, "precision must be one of the cor_precision values, but got %d",
                         (int)o->precision);
    return COR_OK;
}

static void conv_init(cor_module *m) {
    conv *self = (conv *)m;
    const arguments *a = cor_module_arguments(m);
    const cor_nn_conv_options *o = a->options;
    if (check(a) != COR_OK) return;
    const int d = self->spatial = a->spatial;
    self->transposed = a->transposed;
    self->in_channels = a->in_channels;
    self->out_channels = a->out_channels;
    self->groups = o->groups;
    self->same = o->same;
    self->valid = o->valid && !o->same;
    self->padding_mode = o->padding_mode;
    self->precision = o->precision;
    cor__layer_sizes(a->kernel, o->kernel_sizes, d, self->kernel);
    cor__layer_sizes(o->stride, o->strides, d, self->stride);
    cor__layer_sizes(o->padding, o->paddings, d, self->padding);
    cor__layer_sizes(o->dilation, o->dilations, d, self->dilation);
    cor__layer_sizes(o->output_padding, o->output_paddings, d, self->output_padding);
    if (self->same || self->valid) memset(self->padding, 0, sizeof self->padding);
    int64_t sizes[5] = {a->out_channels, a->in_channels / o->groups};
    if (a->transposed) sizes[0] = a->in_channels, sizes[1] = a->out_channels / o->groups;
    memcpy(sizes + 2, self->kernel, sizeof self->kernel);
    cor_set_parameter(m, conv, weight, cor__new_parameter(sizes, 2 + d));
    cor_set_parameter(m, conv, bias, o->bias ? cor__new_parameter(&a->out_channels, 1) : COR_NONE);
    cor__init_layer(self->weight, self->bias == NULL ? COR_NONE : self->bias);
}

static cor_module *make(int64_t in_channels, int64_t out_channels, int64_t kernel, int spatial, bool transposed,
                        const cor_nn_conv_options *options) {
    cor_nn_conv_options room;
    const char *name = names[transposed][spatial - 1];
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, name) != COR_OK) return NULL;
    arguments a = {in_channels, out_channels, kernel,
                   spatial,     transposed,   cor_nn_conv_options_or_defaults(options, &room)};
    return cor__layer_new(sizeof(conv), name, transposed ? transposed_forward : conv_forward, conv_init, &a,
                          conv_extra);
}

#define PUBLIC_LAYER(name, spatial, transposed)                                                                        \
    cor_module *name(int64_t in_channels, int64_t out_channels, int64_t kernel_size,                                   \
                     const cor_nn_conv_options *options) {                                                             \
        return make(in_channels, out_channels, kernel_size, spatial, transposed, options);                             \
    }

PUBLIC_LAYER(cor_nn_conv1d_with, 1, false)
PUBLIC_LAYER(cor_nn_conv2d_with, 2, false)
PUBLIC_LAYER(cor_nn_conv3d_with, 3, false)
PUBLIC_LAYER(cor_nn_conv_transpose1d_with, 1, true)
PUBLIC_LAYER(cor_nn_conv_transpose2d_with, 2, true)
PUBLIC_LAYER(cor_nn_conv_transpose3d_with, 3, true)
