/* modules.c: one row a layer: how its golden notation becomes a call of its constructor. */
#include "support/modules.h"
#include "support/arguments.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- arguments -------------------------------------------------------------------------------------------------- */

const char *argument(const golden_call *call, const char *name, int position) {
    int seen = 0;
    for (int i = 0; i < call->count; i++) {
        if (strcmp(call->arguments[i].name, name) == 0) return call->arguments[i].value;
        if (call->arguments[i].name[0] == '\0' && seen++ == position) return call->arguments[i].value;
    }
    return NULL;
}

int64_t integer(const golden_call *call, const char *name, int position, int64_t otherwise) {
    const char *text = argument(call, name, position);
    return text == NULL || strcmp(text, "None") == 0 ? otherwise : strtoll(text, NULL, 10);
}

double real(const golden_call *call, const char *name, int position, double otherwise) {
    const char *text = argument(call, name, position);
    if (text == NULL) return otherwise;
    return strcmp(text, "None") == 0 ? (double)NAN : strtod(text, NULL);
}

bool truth(const golden_call *call, const char *name, int position, bool otherwise) {
    const char *text = argument(call, name, position);
    return text == NULL ? otherwise : strcmp(text, "True") == 0;
}

/* A plain number into *plain, or a tuple into plural. */
static void sizes(const golden_call *call, const char *name, int position, int64_t *plain, int64_t *plural) {
    const char *text = argument(call, name, position);
    if (text == NULL) return;
    if (text[0] != '(') {
        *plain = strtoll(text, NULL, 10);
        return;
    }
    for (int i = 0; *text != ')'; i++) {
        char *end;
        text++; /* the bracket or the comma */
        if (strncmp(text, "None", 4) == 0) plural[i] = COR_UNSET, end = (char *)text + 4;
        else plural[i] = strtoll(text, &end, 10);
        text = end;
    }
}

static cor_dims dims(const golden_call *call, int position) {
    int64_t plain = 0, plural[COR_MAX_DIMS] = {0};
    const char *text = argument(call, "padding", position);
    cor_dims d = {.n = 1};
    if (text == NULL) text = argument(call, "unflattened_size", position);
    sizes(call, "padding", position, &plain, plural);
    d.at[0] = plain;
    if (text == NULL || text[0] != '(') return d;
    memcpy(d.at, plural, sizeof plural);
    for (; *text != '\0'; text++) d.n += *text == ',';
    return d;
}

/* ---- families --------------------------------------------------------------------------------------------------- */

static cor_pad_mode pad_mode(const golden_call *call) {
    const char *text = argument(call, "padding_mode", -2);
    if (text == NULL || strcmp(text, "zeros") == 0) return COR_PAD_CONSTANT;
    return strcmp(text, "reflect") == 0     ? COR_PAD_REFLECT
           : strcmp(text, "replicate") == 0 ? COR_PAD_REPLICATE
                                            : COR_PAD_CIRCULAR;
}

typedef cor_module *(*conv_constructor)(int64_t, int64_t, int64_t, const cor_nn_conv_options *);

static cor_module *build_conv(const golden_call *call, conv_constructor make) {
    cor_nn_conv_options o;
    int64_t kernel = 0;
    cor_nn_conv_options_init(&o);
    sizes(call, "kernel_size", 2, &kernel, o.kernel_sizes);
    sizes(call, "stride", 3, &o.stride, o.strides);
    const char *padding = argument(call, "padding", 4);
    o.same = padding != NULL && strcmp(padding, "same") == 0;
    o.valid = padding != NULL && strcmp(padding, "valid") == 0;
    if (!o.same && !o.valid) sizes(call, "padding", 4, &o.padding, o.paddings);
    sizes(call, "dilation", -2, &o.dilation, o.dilations);
    sizes(call, "output_padding", -2, &o.output_padding, o.output_paddings);
    o.groups = integer(call, "groups", -2, 1);
    o.bias = truth(call, "bias", -2, true);
    o.padding_mode = pad_mode(call);
    return make(integer(call, "in_channels", 0, 0), integer(call, "out_channels", 1, 0), kernel, &o);
}

typedef cor_module *(*max_constructor)(int64_t, const cor_max_pool_options *);
static cor_module *build_max(const golden_call *call, max_constructor make) {
    cor_max_pool_options o;
    int64_t kernel = 0;
    cor_max_pool_options_init(&o);
    sizes(call, "kernel_size", 0, &kernel, o.kernels);
    sizes(call, "stride", 1, &o.stride, o.strides);
    sizes(call, "padding", 2, &o.padding, o.paddings);
    sizes(call, "dilation", 3, &o.dilation, o.dilations);
    o.ceil_mode = truth(call, "ceil_mode", 5, false);
    return make(kernel, &o);
}

typedef cor_module *(*avg_constructor)(int64_t, const cor_avg_pool_options *);
static cor_module *build_avg(const golden_call *call, avg_constructor make) {
    cor_avg_pool_options o;
    int64_t kernel = 0;
    cor_avg_pool_options_init(&o);
    sizes(call, "kernel_size", 0, &kernel, o.kernels);
    sizes(call, "stride", 1, &o.stride, o.strides);
    sizes(call, "padding", 2, &o.padding, o.paddings);
    o.ceil_mode = truth(call, "ceil_mode", 3, false);
    o.count_include_pad = truth(call, "count_include_pad", 4, true);
    o.divisor_override = integer(call, "divisor_override", 5, COR_UNSET);
    return make(kernel, &o);
}

typedef cor_module *(*adaptive_constructor)(const cor_adaptive_pool_options *);
static cor_module *build_adaptive(const golden_call *call, adaptive_constructor make) {
    cor_adaptive_pool_options o;
    cor_adaptive_pool_options_init(&o);
    sizes(call, "output_size", 0, &o.size, o.sizes);
    return make(&o);
}

static cor_module *build_activation(const golden_call *call, cor_nn_activation_kind kind) {
    cor_nn_activation_options o;
    cor_nn_activation_options_init(&o);
    o.inplace = truth(call, "inplace", -2, false);
    switch (kind) {
    case COR_NN_LEAKY_RELU:
        o.negative_slope = real(call, "negative_slope", 0, o.negative_slope);
        break;
    case COR_NN_ELU:
    case COR_NN_CELU:
        o.alpha = real(call, "alpha", 0, o.alpha);
        break;
    case COR_NN_GELU:
        o.tanh = argument(call, "approximate", 0) != NULL && strcmp(argument(call, "approximate", 0), "tanh") == 0;
        break;
    case COR_NN_SOFTPLUS:
        o.beta = real(call, "beta", 0, o.beta);
        o.threshold = real(call, "threshold", 1, o.threshold);
        break;
    case COR_NN_HARDTANH:
        o.min_val = real(call, "min_val", 0, o.min_val);
        o.max_val = real(call, "max_val", 1, o.max_val);
        break;
    case COR_NN_HARDSHRINK:
    case COR_NN_SOFTSHRINK:
        o.lambd = real(call, "lambd", 0, o.lambd);
        break;
    case COR_NN_THRESHOLD:
        o.threshold = real(call, "threshold", 0, 0);
        o.value = real(call, "value", 1, 0);
        break;
    case COR_NN_RRELU:
        o.lower = real(call, "lower", 0, o.lower);
        o.upper = real(call, "upper", 1, o.upper);
        break;
    case COR_NN_PRELU:
        o.num_parameters = integer(call, "num_parameters", 0, 1);
        o.init = real(call, "init", 1, 0.25);
        break;
    case COR_NN_SOFTMAX:
    case COR_NN_LOG_SOFTMAX:
    case COR_NN_SOFTMIN:
        o.dim = integer(call, "dim", 0, COR_UNSET);
        break;
    case COR_NN_GLU:
        o.dim = integer(call, "dim", 0, -1);
        break;
    default:
        break;
    }
    return cor_nn_activation_with(kind, &o);
}

static cor_module *build_batch_norm(const golden_call *call, int spatial) {
    return COR__NN_BATCH_NORM(spatial, integer(call, "num_features", 0, 0), .eps = real(call, "eps", 1, 1e-5),
                              .momentum = real(call, "momentum", 2, 0.1), .affine = truth(call, "affine", 3, true),
                              .track_running_stats = truth(call, "track_running_stats", 4, true));
}

static cor_module *build_instance_norm(const golden_call *call, int spatial) {
    return COR__NN_INSTANCE_NORM(spatial, integer(call, "num_features", 0, 0), .eps = real(call, "eps", 1, 1e-5),
                                 .momentum = real(call, "momentum", 2, 0.1), .affine = truth(call, "affine", 3, false),
                                 .bias = truth(call, "bias", -2, true),
                                 .track_running_stats = truth(call, "track_running_stats", 4, false));
}

/* LayerNorm, RMSNorm and GroupNorm; NULL for other names. */
static cor_module *build_norm(const golden_call *call) {
    if (strcmp(call->name, "LayerNorm") == 0)
        return cor_nn_layer_norm_with(dims(call, 0),
                                      &(const cor_nn_layer_norm_options){
                                          sizeof(cor_nn_layer_norm_options), real(call, "eps", 1, 1e-5),
                                          truth(call, "elementwise_affine", 2, true), truth(call, "bias", 3, true)});
    if (strcmp(call->name, "RMSNorm") == 0)
        return cor_nn_rms_norm_with(dims(call, 0),
                                    &(const cor_nn_rms_norm_options){sizeof(cor_nn_rms_norm_options),
                                                                     real(call, "eps", 1, (double)NAN),
                                                                     truth(call, "elementwise_affine", 2, true)});
    if (strcmp(call->name, "GroupNorm") == 0)
        return cor_nn_group_norm(integer(call, "num_groups", 0, 0), integer(call, "num_channels", 1, 0),
                                 .eps = real(call, "eps", 2, 1e-5), .affine = truth(call, "affine", 3, true),
                                 .bias = truth(call, "bias", -2, true));
    return NULL;
}

static cor_module *build_embedding(const golden_call *call) {
    return cor_nn_embedding(
        integer(call, "num_embeddings", 0, 0), integer(call, "embedding_dim", 1, 0),
        .padding_idx = integer(call, "padding_idx", 2, COR_UNSET), .max_norm = real(call, "max_norm", 3, (double)NAN),
        .norm_type = real(call, "norm_type", 4, 2), .scale_grad_by_freq = truth(call, "scale_grad_by_freq", 5, false),
        .sparse = truth(call, "sparse", 6, false));
}

static cor_module *build_pad(const golden_call *call, cor_pad_mode mode, int spatial, bool zero) {
    return cor_nn_pad_with(mode, spatial, dims(call, 0), real(call, "value", 1, 0), zero);
}

/* "2" or "(2,3)" into a plain factor or its plural. */
static void factors(const char *text, cor_interpolate_options *o) {
    if (text[0] != '(') {
        o->scale_factor = strtod(text, NULL);
        return;
    }
    for (int i = 0; *text != ')' && i < 3; i++) {
        char *end;
        o->scale_factors[i] = strtod(text + 1, &end); /* after the bracket or the comma */
        text = end;
    }
}

static cor_module *build_upsample(const golden_call *call) {
    static const char *const modes[] = {"nearest", "nearest-exact", "linear", "bilinear", "trilinear"};
    cor_interpolate_options o;
    cor_interpolate_options_init(&o);
    sizes(call, "size", 0, &o.size, o.sizes);
    if (argument(call, "scale_factor", 1) != NULL) factors(argument(call, "scale_factor", 1), &o);
    const char *mode = argument(call, "mode", 2);
    for (int i = 0; mode != NULL && i < 5; i++)
        if (strcmp(mode, modes[i]) == 0) o.mode = (cor_interpolation)i;
    o.align_corners = truth(call, "align_corners", 3, false);
    return cor_nn_upsample_with(&o);
}

/* Two layers that are Upsample under other names. */
static cor_module *build_upsampling(const golden_call *call, cor_module *(*make)(const cor_interpolate_options *)) {
    cor_interpolate_options o;
    cor_interpolate_options_init(&o);
    sizes(call, "size", 0, &o.size, o.sizes);
    if (argument(call, "scale_factor", 1) != NULL) factors(argument(call, "scale_factor", 1), &o);
    return make(&o);
}

static cor_module *build_lp_pool(const golden_call *call, int spatial) {
    cor_lp_pool_options o;
    int64_t kernel = 0;
    cor_lp_pool_options_init(&o);
    sizes(call, "kernel_size", 1, &kernel, o.kernels);
    sizes(call, "stride", 2, &o.stride, o.strides);
    o.ceil_mode = truth(call, "ceil_mode", 3, false);
    return cor_nn_lp_pool_with(spatial, real(call, "norm_type", 0, 2), kernel, &o);
}

static cor_module *build_unpool(const golden_call *call, int spatial) {
    cor_max_unpool_options o;
    int64_t kernel = 0;
    cor_max_unpool_options_init(&o);
    sizes(call, "kernel_size", 0, &kernel, o.kernels);
    sizes(call, "stride", 1, &o.stride, o.strides);
    sizes(call, "padding", 2, &o.padding, o.paddings);
    return cor_nn_max_unpool_with(spatial, kernel, &o);
}

/* Unfold, and Fold, whose arguments begin with the output's size. */
static cor_module *build_fold(const golden_call *call, bool is_fold) {
    cor_unfold_options o;
    int64_t kernel = 0;
    cor_dims output = {.n = 1};
    cor_unfold_options_init(&o);
    sizes(call, "kernel_size", is_fold, &kernel, o.kernels);
    sizes(call, "dilation", 1 + is_fold, &o.dilation, o.dilations);
    sizes(call, "padding", 2 + is_fold, &o.padding, o.paddings);
    sizes(call, "stride", 3 + is_fold, &o.stride, o.strides);
    if (!is_fold) return cor_nn_unfold_with(kernel, &o);
    if (argument(call, "output_size", 0)[0] == '(') output.n = 2;
    sizes(call, "output_size", 0, &output.at[0], output.at);
    return cor_nn_fold_with(output, kernel, &o);
}

static cor_module *build_bag(const golden_call *call) {
    const char *mode = argument(call, "mode", -2);
    return cor_nn_embedding_bag(integer(call, "num_embeddings", 0, 0), integer(call, "embedding_dim", 1, 0),
                                .max_norm = real(call, "max_norm", 2, (double)NAN),
                                .norm_type = real(call, "norm_type", 3, 2),
                                .scale_grad_by_freq = truth(call, "scale_grad_by_freq", 4, false),
                                .mode = mode == NULL || strcmp(mode, "mean") == 0 ? COR_BAG_MEAN
                                        : strcmp(mode, "sum") == 0                ? COR_BAG_SUM
                                                                                  : COR_BAG_MAX,
                                .include_last_offset = truth(call, "include_last_offset", -2, false),
                                .padding_idx = integer(call, "padding_idx", -2, COR_UNSET));
}

/* Layers of windows, pairs and bags; NULL for other names. */
static cor_module *build_window(const golden_call *call) {
    const char *name = call->name;
    const int spatial = name[strlen(name) - 2] - '0';
    if (strncmp(name, "LPPool", 6) == 0) return build_lp_pool(call, spatial);
    if (strncmp(name, "MaxUnpool", 9) == 0) return build_unpool(call, spatial);
    if (strcmp(name, "Fold") == 0 || strcmp(name, "Unfold") == 0) return build_fold(call, name[0] == 'F');
    if (strcmp(name, "LocalResponseNorm") == 0)
        return cor_nn_local_response_norm(integer(call, "size", 0, 0), .alpha = real(call, "alpha", 1, 1e-4),
                                          .beta = real(call, "beta", 2, 0.75), .k = real(call, "k", 3, 1));
    if (strcmp(name, "UpsamplingNearest2d") == 0) return build_upsampling(call, cor_nn_upsampling_nearest2d_with);
    if (strcmp(name, "UpsamplingBilinear2d") == 0) return build_upsampling(call, cor_nn_upsampling_bilinear2d_with);
    if (strcmp(name, "EmbeddingBag") == 0) return build_bag(call);
    if (strcmp(name, "Bilinear") == 0)
        return cor_nn_bilinear(integer(call, "in1_features", 0, 0), integer(call, "in2_features", 1, 0),
                               integer(call, "out_features", 2, 0), .bias = truth(call, "bias", 3, true));
    if (strcmp(name, "CosineSimilarity") == 0)
        return cor_nn_cosine_similarity(.dim = integer(call, "dim", 0, 1), .eps = real(call, "eps", 1, 1e-8));
    if (strcmp(name, "PairwiseDistance") == 0)
        return cor_nn_pairwise_distance(.p = real(call, "p", 0, 2), .eps = real(call, "eps", 1, 1e-6),
                                        .keepdim = truth(call, "keepdim", 2, false));
    return NULL;
}

/* ---- containers and classes ------------------------------------------------------------------------------------- */

typedef struct custom {
    cor_module base;
    char extra[256];
} custom;

static int custom_extra(cor_module *m, char *buffer, size_t n) {
    return snprintf(buffer, n, "%s", ((custom *)m)->extra);
}

/* The text between quotes, with \n for a new line. */
static void unquote(const char *quoted, char *out) {
    for (quoted++; *quoted != '"'; quoted++) {
        if (quoted[0] == '\\' && quoted[1] == 'n') *out++ = '\n', quoted++;
        else *out++ = *quoted;
    }
    *out = '\0';
}

static cor_module *build_children(cor_module *m, const golden_call *call, int first) {
    char name[16];
    for (int i = first; m != NULL && i < call->count; i++) {
        const char *key = call->arguments[i].name, *value = call->arguments[i].value;
        if (strcmp(key, "extra") == 0) continue;
        snprintf(name, sizeof name, "%d", i - first);
        cor_module *child = strcmp(value, "None") == 0 ? NULL : module_from_text(value);
        if (child == NULL && strcmp(value, "None") != 0) return NULL;
        if (cor_register_module_at(m, key[0] ? key : name, NULL, child) != COR_OK) return NULL;
    }
    return m;
}

static cor_module *build_custom(const golden_call *call) {
    cor_module_options o;
    cor_module_options_init(&o);
    o.extra_repr = custom_extra;
    cor_module *m = cor_module_new_with(sizeof(custom), call->arguments[0].value, NULL, &o);
    const char *extra = argument(call, "extra", -2);
    if (m != NULL && extra != NULL) unquote(extra, ((custom *)m)->extra);
    return build_children(m, call, 1);
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

static int spatial_of(const char *name) { return name[strlen(name) - 2] - '0'; }

static cor_module *by_dimension(const golden_call *call) {
    static const struct {
        const char *stem;
        conv_constructor conv[3];
        max_constructor max[3];
        avg_constructor avg[3];
        adaptive_constructor adaptive[3];
    } rows[] = {
        {.stem = "Conv", .conv = {cor_nn_conv1d_with, cor_nn_conv2d_with, cor_nn_conv3d_with}},
        {.stem = "ConvTranspose",
         .conv = {cor_nn_conv_transpose1d_with, cor_nn_conv_transpose2d_with, cor_nn_conv_transpose3d_with}},
        {.stem = "MaxPool", .max = {cor_nn_max_pool1d_with, cor_nn_max_pool2d_with, cor_nn_max_pool3d_with}},
        {.stem = "AvgPool", .avg = {cor_nn_avg_pool1d_with, cor_nn_avg_pool2d_with, cor_nn_avg_pool3d_with}},
        {.stem = "AdaptiveAvgPool",
         .adaptive = {cor_nn_adaptive_avg_pool1d_with, cor_nn_adaptive_avg_pool2d_with,
                      cor_nn_adaptive_avg_pool3d_with}},
        {.stem = "AdaptiveMaxPool",
         .adaptive = {cor_nn_adaptive_max_pool1d_with, cor_nn_adaptive_max_pool2d_with,
                      cor_nn_adaptive_max_pool3d_with}},
    };
    const int d = spatial_of(call->name) - 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strlen(rows[i].stem) + 2 != strlen(call->name) ||
            strncmp(call->name, rows[i].stem, strlen(rows[i].stem)) != 0)
            continue;
        if (rows[i].conv[d] != NULL) return build_conv(call, rows[i].conv[d]);
        if (rows[i].max[d] != NULL) return build_max(call, rows[i].max[d]);
        if (rows[i].avg[d] != NULL) return build_avg(call, rows[i].avg[d]);
        return build_adaptive(call, rows[i].adaptive[d]);
    }
    if (strncmp(call->name, "BatchNorm", 9) == 0) return build_batch_norm(call, d + 1);
    if (strncmp(call->name, "InstanceNorm", 12) == 0) return build_instance_norm(call, d + 1);
    static const char *const pads[] = {"ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad"};
    for (int i = 0; i < 4; i++)
        if (strncmp(call->name, pads[i], strlen(pads[i])) == 0) return build_pad(call, (cor_pad_mode)i, d + 1, false);
    if (strncmp(call->name, "ZeroPad", 7) == 0) return build_pad(call, COR_PAD_CONSTANT, d + 1, true);
    return NULL;
}

static cor_module *build_dropout(const golden_call *call) {
    static const char *const names[] = {"Dropout",   "Dropout1d",    "Dropout2d",
                                        "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"};
    for (int i = 0; i < 6; i++)
        if (strcmp(call->name, names[i]) == 0)
            return COR__NN_DROPOUT((cor_nn_dropout_kind)i, .p = real(call, "p", 0, 0.5),
                                   .inplace = truth(call, "inplace", 1, false));
    return NULL;
}

static cor_module *build_plain(const golden_call *call) {
    static const char *const activations[COR_NN_ACTIVATIONS] = {
        "ReLU",      "ReLU6",       "LeakyReLU",  "ELU",        "CELU",       "SELU",      "GELU",
        "SiLU",      "Mish",        "Sigmoid",    "Tanh",       "Softplus",   "Softsign",  "Hardtanh",
        "Hardswish", "Hardsigmoid", "Hardshrink", "Softshrink", "Tanhshrink", "Threshold", "LogSigmoid",
        "GLU",       "Softmax",     "LogSoftmax", "Softmin",    "Softmax2d",  "PReLU",     "RReLU"};
    for (int i = 0; i < COR_NN_ACTIVATIONS; i++)
        if (strcmp(call->name, activations[i]) == 0) return build_activation(call, (cor_nn_activation_kind)i);
    if (strcmp(call->name, "Linear") == 0)
        return cor_nn_linear(integer(call, "in_features", 0, 0), integer(call, "out_features", 1, 0),
                             .bias = truth(call, "bias", 2, true));
    if (strcmp(call->name, "Flatten") == 0)
        return cor_nn_flatten(.start_dim = integer(call, "start_dim", 0, 1),
                              .end_dim = integer(call, "end_dim", 1, -1));
    if (strcmp(call->name, "Unflatten") == 0) return cor_nn_unflatten_with(integer(call, "dim", 0, 0), dims(call, 1));
    if (strcmp(call->name, "Upsample") == 0) return build_upsample(call);
    if (strcmp(call->name, "Embedding") == 0) return build_embedding(call);
    if (strcmp(call->name, "PixelShuffle") == 0) return cor_nn_pixel_shuffle(integer(call, "upscale_factor", 0, 0));
    if (strcmp(call->name, "PixelUnshuffle") == 0)
        return cor_nn_pixel_unshuffle(integer(call, "downscale_factor", 0, 0));
    if (strcmp(call->name, "ChannelShuffle") == 0) return cor_nn_channel_shuffle(integer(call, "groups", 0, 0));
    if (strcmp(call->name, "Identity") == 0) return cor_nn_identity();
    if (strcmp(call->name, "Custom") == 0) return build_custom(call);
    const cor_module_list none = {0};
    if (strcmp(call->name, "Sequential") == 0) return build_children(cor_nn_sequential_of(none), call, 0);
    if (strcmp(call->name, "ModuleList") == 0) return build_children(cor_nn_module_list_of(none), call, 0);
    if (strcmp(call->name, "ModuleDict") == 0) return build_children(cor_nn_module_dict(), call, 0);
    if (strcmp(call->name, "ParameterList") == 0) return cor_nn_parameter_list();
    if (strcmp(call->name, "ParameterDict") == 0) return cor_nn_parameter_dict();
    return NULL;
}

cor_module *module_from_text(const char *notation) {
    static _Thread_local int depth;
    golden_call *call = malloc(sizeof *call);
    cor_module *m = NULL;
    depth++;
    if (call != NULL && depth < 50 && golden_parse_call(notation, call)) {
        m = build_dropout(call);
        if (m == NULL) m = build_norm(call);
        if (m == NULL && strlen(call->name) > 2) m = build_window(call);
        if (m == NULL && call->name[strlen(call->name) - 1] == 'd' && strlen(call->name) > 2) m = by_dimension(call);
        if (m == NULL) m = build_plain(call);
        if (m == NULL) m = build_of_several(call);
    }
    depth--;
    free(call);
    return m;
}
