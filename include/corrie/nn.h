/* corrie/nn.h: the layers and containers of torch.nn.
 *
 * Each constructor returns a new module that belongs to the innermost open scope until it is registered on another, or
 * NULL with an error pending (COR_EVALUE with PyTorch's text for arguments that do not fit, COR_ENOMEM). Parameters are
 * named, shaped and initialised as PyTorch's are: with the same seed, to the same bits. A plain option holds for every
 * spatial dimension, its plural one value for each.
 */
#ifndef CORRIE_NN_H
#define CORRIE_NN_H

#include <corrie/activation.h>
#include <corrie/conv.h>
#include <corrie/index.h>
#include <corrie/module.h>
#include <corrie/nn_attention.h>
#include <corrie/nn_loss.h>
#include <corrie/norm.h>
#include <corrie/windows.h>
#include <math.h>

COR_BEGIN

/* ---- linear and convolution ------------------------------------------------------------------------------------- */

#define COR_NN_LINEAR_OPTIONS(_) _(bool, bias, true)
COR_DECLARE_OPTIONS(cor_nn_linear_options, COR_NN_LINEAR_OPTIONS)
/* y = x W^T + b, weight (out_features, in_features) (torch.nn.Linear). */
COR_API cor_module *cor_nn_linear_with(int64_t in_features, int64_t out_features, const cor_nn_linear_options *options);
#define cor_nn_linear(in_features, out_features, ...)                                                                  \
    COR__CALL(cor_nn_linear_with((in_features), (out_features),                                                        \
                                 COR__OPTIONS(cor_nn_linear_options, COR_NN_LINEAR_OPTIONS, ##__VA_ARGS__)))

/* y[o] = x1 W[o] x2 + b[o], weight (out_features, in1_features, in2_features) (torch.nn.Bilinear): cor_call2. */
COR_API cor_module *cor_nn_bilinear_with(int64_t in1_features, int64_t in2_features, int64_t out_features,
                                         const cor_nn_linear_options *options);
#define cor_nn_bilinear(in1_features, in2_features, out_features, ...)                                                 \
    COR__CALL(cor_nn_bilinear_with((in1_features), (in2_features), (out_features),                                     \
                                   COR__OPTIONS(cor_nn_linear_options, COR_NN_LINEAR_OPTIONS, ##__VA_ARGS__)))

#define COR_NN_CONV_OPTIONS(_)                                                                                         \
    _(cor_triple, kernel_sizes, {COR_UNSET})                                                                           \
    _(int64_t, stride, 1)                                                                                              \
    _(cor_triple, strides, {COR_UNSET})                                                                                \
    _(int64_t, padding, 0)                                                                                             \
    _(cor_triple, paddings, {COR_UNSET})                                                                               \
    _(bool, same, false)  /* padding='same' */                                                                         \
    _(bool, valid, false) /* padding='valid' */                                                                        \
    _(int64_t, dilation, 1)                                                                                            \
    _(cor_triple, dilations, {COR_UNSET})                                                                              \
    _(int64_t, groups, 1)                                                                                              \
    _(bool, bias, true)                                                                                                \
    _(cor_pad_mode, padding_mode, COR_PAD_CONSTANT) /* COR_PAD_CONSTANT is PyTorch's 'zeros' */                        \
    _(int64_t, output_padding, 0)                   /* of the transposed layers */                                     \
    _(cor_triple, output_paddings, {COR_UNSET})                                                                        \
    _(cor_precision, precision, COR_PRECISION_DEFAULT)
COR_DECLARE_OPTIONS(cor_nn_conv_options, COR_NN_CONV_OPTIONS)

/* Convolution and transposed convolution of 1 to 3 dimensions (torch.nn.Conv1d to ConvTranspose3d). */
COR_API cor_module *cor_nn_conv1d_with(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                                       const cor_nn_conv_options *options);
COR_API cor_module *cor_nn_conv2d_with(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                                       const cor_nn_conv_options *options);
COR_API cor_module *cor_nn_conv3d_with(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                                       const cor_nn_conv_options *options);
COR_API cor_module *cor_nn_conv_transpose1d_with(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                                                 const cor_nn_conv_options *options);
COR_API cor_module *cor_nn_conv_transpose2d_with(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                                                 const cor_nn_conv_options *options);
COR_API cor_module *cor_nn_conv_transpose3d_with(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                                                 const cor_nn_conv_options *options);
#define COR__NN_CONV(function, in, out, kernel, ...)                                                                   \
    COR__CALL(function((in), (out), (kernel), COR__OPTIONS(cor_nn_conv_options, COR_NN_CONV_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_conv1d(in, out, kernel, ...) COR__NN_CONV(cor_nn_conv1d_with, in, out, kernel, ##__VA_ARGS__)
#define cor_nn_conv2d(in, out, kernel, ...) COR__NN_CONV(cor_nn_conv2d_with, in, out, kernel, ##__VA_ARGS__)
#define cor_nn_conv3d(in, out, kernel, ...) COR__NN_CONV(cor_nn_conv3d_with, in, out, kernel, ##__VA_ARGS__)
#define cor_nn_conv_transpose1d(in, out, kernel, ...)                                                                  \
    COR__NN_CONV(cor_nn_conv_transpose1d_with, in, out, kernel, ##__VA_ARGS__)
#define cor_nn_conv_transpose2d(in, out, kernel, ...)                                                                  \
    COR__NN_CONV(cor_nn_conv_transpose2d_with, in, out, kernel, ##__VA_ARGS__)
#define cor_nn_conv_transpose3d(in, out, kernel, ...)                                                                  \
    COR__NN_CONV(cor_nn_conv_transpose3d_with, in, out, kernel, ##__VA_ARGS__)

/* Calls a transposed convolution for an output of given sizes, the spatial ones or all (output_size of
 * torch.nn.ConvTranspose1d.forward to 3d): cor_nn_conv_transpose_call(up, x, COR_DIMS(64, 64)). COR_EVALUE with
 * PyTorch's text for sizes that the layer cannot give, and for other modules; else as cor_call. */
COR_API cor_tensor *cor_nn_conv_transpose_call_with(cor_module *m, cor_tensor *input, cor_dims output_size);
#define cor_nn_conv_transpose_call(m, input, output_size)                                                              \
    cor_nn_conv_transpose_call_with(COR_MODULE(m), (input), (cor_dims)output_size)

/* ---- pools: the options are those of the functions of corrie/conv.h --------------------------------------------- */

/* The largest and the average element of windows (torch.nn.MaxPool1d to AvgPool3d). */
COR_API cor_module *cor_nn_max_pool1d_with(int64_t kernel_size, const cor_max_pool_options *options);
COR_API cor_module *cor_nn_max_pool2d_with(int64_t kernel_size, const cor_max_pool_options *options);
COR_API cor_module *cor_nn_max_pool3d_with(int64_t kernel_size, const cor_max_pool_options *options);
COR_API cor_module *cor_nn_avg_pool1d_with(int64_t kernel_size, const cor_avg_pool_options *options);
COR_API cor_module *cor_nn_avg_pool2d_with(int64_t kernel_size, const cor_avg_pool_options *options);
COR_API cor_module *cor_nn_avg_pool3d_with(int64_t kernel_size, const cor_avg_pool_options *options);
#define COR__NN_MAX_POOL(function, kernel, ...)                                                                        \
    COR__CALL(function((kernel), COR__OPTIONS(cor_max_pool_options, COR_MAX_POOL_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_max_pool1d(kernel, ...) COR__NN_MAX_POOL(cor_nn_max_pool1d_with, kernel, ##__VA_ARGS__)
#define cor_nn_max_pool2d(kernel, ...) COR__NN_MAX_POOL(cor_nn_max_pool2d_with, kernel, ##__VA_ARGS__)
#define cor_nn_max_pool3d(kernel, ...) COR__NN_MAX_POOL(cor_nn_max_pool3d_with, kernel, ##__VA_ARGS__)
#define COR__NN_AVG_POOL(function, kernel, ...)                                                                        \
    COR__CALL(function((kernel), COR__OPTIONS(cor_avg_pool_options, COR_AVG_POOL_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_avg_pool1d(kernel, ...) COR__NN_AVG_POOL(cor_nn_avg_pool1d_with, kernel, ##__VA_ARGS__)
#define cor_nn_avg_pool2d(kernel, ...) COR__NN_AVG_POOL(cor_nn_avg_pool2d_with, kernel, ##__VA_ARGS__)
#define cor_nn_avg_pool3d(kernel, ...) COR__NN_AVG_POOL(cor_nn_avg_pool3d_with, kernel, ##__VA_ARGS__)

/* Pools to an output of a given size (torch.nn.AdaptiveAvgPool1d to AdaptiveMaxPool3d): .size or .sizes. */
COR_API cor_module *cor_nn_adaptive_avg_pool1d_with(const cor_adaptive_pool_options *options);
COR_API cor_module *cor_nn_adaptive_avg_pool2d_with(const cor_adaptive_pool_options *options);
COR_API cor_module *cor_nn_adaptive_avg_pool3d_with(const cor_adaptive_pool_options *options);
COR_API cor_module *cor_nn_adaptive_max_pool1d_with(const cor_adaptive_pool_options *options);
COR_API cor_module *cor_nn_adaptive_max_pool2d_with(const cor_adaptive_pool_options *options);
COR_API cor_module *cor_nn_adaptive_max_pool3d_with(const cor_adaptive_pool_options *options);
#define COR__NN_ADAPTIVE(function, ...)                                                                                \
    COR__CALL(function(COR__OPTIONS(cor_adaptive_pool_options, COR_ADAPTIVE_POOL_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_adaptive_avg_pool1d(...) COR__NN_ADAPTIVE(cor_nn_adaptive_avg_pool1d_with, ##__VA_ARGS__)
#define cor_nn_adaptive_avg_pool2d(...) COR__NN_ADAPTIVE(cor_nn_adaptive_avg_pool2d_with, ##__VA_ARGS__)
#define cor_nn_adaptive_avg_pool3d(...) COR__NN_ADAPTIVE(cor_nn_adaptive_avg_pool3d_with, ##__VA_ARGS__)
#define cor_nn_adaptive_max_pool1d(...) COR__NN_ADAPTIVE(cor_nn_adaptive_max_pool1d_with, ##__VA_ARGS__)
#define cor_nn_adaptive_max_pool2d(...) COR__NN_ADAPTIVE(cor_nn_adaptive_max_pool2d_with, ##__VA_ARGS__)
#define cor_nn_adaptive_max_pool3d(...) COR__NN_ADAPTIVE(cor_nn_adaptive_max_pool3d_with, ##__VA_ARGS__)

/* Norms of windows, and the opposite of max pools (torch.nn.LPPool1d to LPPool3d, MaxUnpool1d to MaxUnpool3d), with the
 * options of corrie/windows.h. An unpool is called with an input and indices: cor_call2. */
COR_API cor_module *cor_nn_lp_pool_with(int spatial, double norm_type, int64_t kernel_size,
                                        const cor_lp_pool_options *options);
#define COR__NN_LP_POOL(spatial, norm_type, kernel, ...)                                                               \
    COR__CALL(cor_nn_lp_pool_with((spatial), (norm_type), (kernel),                                                    \
                                  COR__OPTIONS(cor_lp_pool_options, COR_LP_POOL_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_lp_pool1d(norm_type, kernel, ...) COR__NN_LP_POOL(1, norm_type, kernel, ##__VA_ARGS__)
#define cor_nn_lp_pool2d(norm_type, kernel, ...) COR__NN_LP_POOL(2, norm_type, kernel, ##__VA_ARGS__)
#define cor_nn_lp_pool3d(norm_type, kernel, ...) COR__NN_LP_POOL(3, norm_type, kernel, ##__VA_ARGS__)
COR_API cor_module *cor_nn_max_unpool_with(int spatial, int64_t kernel_size, const cor_max_unpool_options *options);
#define COR__NN_MAX_UNPOOL(spatial, kernel, ...)                                                                       \
    COR__CALL(cor_nn_max_unpool_with((spatial), (kernel),                                                              \
                                     COR__OPTIONS(cor_max_unpool_options, COR_MAX_UNPOOL_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_max_unpool1d(kernel, ...) COR__NN_MAX_UNPOOL(1, kernel, ##__VA_ARGS__)
#define cor_nn_max_unpool2d(kernel, ...) COR__NN_MAX_UNPOOL(2, kernel, ##__VA_ARGS__)
#define cor_nn_max_unpool3d(kernel, ...) COR__NN_MAX_UNPOOL(3, kernel, ##__VA_ARGS__)

/* Windows as columns and back (torch.nn.Unfold, Fold), with the options of cor_unfold. */
COR_API cor_module *cor_nn_unfold_with(int64_t kernel_size, const cor_unfold_options *options);
#define cor_nn_unfold(kernel, ...)                                                                                     \
    COR__CALL(cor_nn_unfold_with((kernel), COR__OPTIONS(cor_unfold_options, COR_UNFOLD_OPTIONS, ##__VA_ARGS__)))
COR_API cor_module *cor_nn_fold_with(cor_dims output_size, int64_t kernel_size, const cor_unfold_options *options);
#define cor_nn_fold(output_size, kernel, ...)                                                                          \
    COR__CALL(cor_nn_fold_with((cor_dims)output_size, (kernel),                                                        \
                               COR__OPTIONS(cor_unfold_options, COR_UNFOLD_OPTIONS, ##__VA_ARGS__)))

/* ---- normalisation and dropout ---------------------------------------------------------------------------------- */

#define COR_NN_BATCH_NORM_OPTIONS(_)                                                                                   \
    _(double, eps, 1e-5)                                                                                               \
    _(double, momentum, 0.1) /* NAN is PyTorch's None: the running values are the average of all batches */            \
    _(bool, affine, true)                                                                                              \
    _(bool, bias, true) /* with affine */                                                                              \
    _(bool, track_running_stats, true)
COR_DECLARE_OPTIONS(cor_nn_batch_norm_options, COR_NN_BATCH_NORM_OPTIONS)
/* Batch normalisation over `spatial` 1 to 3 dimensions (torch.nn.BatchNorm1d to BatchNorm3d). */
COR_API cor_module *cor_nn_batch_norm_with(int spatial, int64_t num_features, const cor_nn_batch_norm_options *options);
#define COR__NN_BATCH_NORM(spatial, features, ...)                                                                     \
    COR__CALL(cor_nn_batch_norm_with(                                                                                  \
        (spatial), (features), COR__OPTIONS(cor_nn_batch_norm_options, COR_NN_BATCH_NORM_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_batch_norm1d(features, ...) COR__NN_BATCH_NORM(1, features, ##__VA_ARGS__)
#define cor_nn_batch_norm2d(features, ...) COR__NN_BATCH_NORM(2, features, ##__VA_ARGS__)
#define cor_nn_batch_norm3d(features, ...) COR__NN_BATCH_NORM(3, features, ##__VA_ARGS__)

#define COR_NN_INSTANCE_NORM_OPTIONS(_)                                                                                \
    _(double, eps, 1e-5)                                                                                               \
    _(double, momentum, 0.1)                                                                                           \
    _(bool, affine, false)                                                                                             \
    _(bool, bias, true) /* with affine */                                                                              \
    _(bool, track_running_stats, false)
COR_DECLARE_OPTIONS(cor_nn_instance_norm_options, COR_NN_INSTANCE_NORM_OPTIONS)
/* Normalisation of each channel of each image over `spatial` 1 to 3 dimensions (torch.nn.InstanceNorm1d to
 * InstanceNorm3d). Inputs may have no batch. */
COR_API cor_module *cor_nn_instance_norm_with(int spatial, int64_t num_features,
                                              const cor_nn_instance_norm_options *options);
#define COR__NN_INSTANCE_NORM(spatial, features, ...)                                                                  \
    COR__CALL(cor_nn_instance_norm_with(                                                                               \
        (spatial), (features),                                                                                         \
        COR__OPTIONS(cor_nn_instance_norm_options, COR_NN_INSTANCE_NORM_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_instance_norm1d(features, ...) COR__NN_INSTANCE_NORM(1, features, ##__VA_ARGS__)
#define cor_nn_instance_norm2d(features, ...) COR__NN_INSTANCE_NORM(2, features, ##__VA_ARGS__)
#define cor_nn_instance_norm3d(features, ...) COR__NN_INSTANCE_NORM(3, features, ##__VA_ARGS__)

#define COR_NN_LAYER_NORM_OPTIONS(_)                                                                                   \
    _(double, eps, 1e-5)                                                                                               \
    _(bool, elementwise_affine, true)                                                                                  \
    _(bool, bias, true) /* with elementwise_affine */
COR_DECLARE_OPTIONS(cor_nn_layer_norm_options, COR_NN_LAYER_NORM_OPTIONS)
/* Normalisation over the last dimensions (torch.nn.LayerNorm): cor_nn_layer_norm(COR_DIMS(768)). */
COR_API cor_module *cor_nn_layer_norm_with(cor_dims normalized_shape, const cor_nn_layer_norm_options *options);
#define cor_nn_layer_norm(normalized_shape, ...)                                                                       \
    COR__CALL(                                                                                                         \
        cor_nn_layer_norm_with((cor_dims)normalized_shape,                                                             \
                               COR__OPTIONS(cor_nn_layer_norm_options, COR_NN_LAYER_NORM_OPTIONS, ##__VA_ARGS__)))

#define COR_NN_RMS_NORM_OPTIONS(_)                                                                                     \
    _(double, eps, (double)NAN) /* NAN is PyTorch's None, see cor_rms_norm */                                          \
    _(bool, elementwise_affine, true)
COR_DECLARE_OPTIONS(cor_nn_rms_norm_options, COR_NN_RMS_NORM_OPTIONS)
/* Division by the root of the mean square over the last dimensions (torch.nn.RMSNorm). */
COR_API cor_module *cor_nn_rms_norm_with(cor_dims normalized_shape, const cor_nn_rms_norm_options *options);
#define cor_nn_rms_norm(normalized_shape, ...)                                                                         \
    COR__CALL(cor_nn_rms_norm_with((cor_dims)normalized_shape,                                                         \
                                   COR__OPTIONS(cor_nn_rms_norm_options, COR_NN_RMS_NORM_OPTIONS, ##__VA_ARGS__)))

#define COR_NN_GROUP_NORM_OPTIONS(_)                                                                                   \
    _(double, eps, 1e-5)                                                                                               \
    _(bool, affine, true)                                                                                              \
    _(bool, bias, true) /* with affine */
COR_DECLARE_OPTIONS(cor_nn_group_norm_options, COR_NN_GROUP_NORM_OPTIONS)
/* Normalisation over groups of channels (torch.nn.GroupNorm). COR_EVALUE if they do not divide the channels. */
COR_API cor_module *cor_nn_group_norm_with(int64_t num_groups, int64_t num_channels,
                                           const cor_nn_group_norm_options *options);
#define cor_nn_group_norm(num_groups, num_channels, ...)                                                               \
    COR__CALL(                                                                                                         \
        cor_nn_group_norm_with((num_groups), (num_channels),                                                           \
                               COR__OPTIONS(cor_nn_group_norm_options, COR_NN_GROUP_NORM_OPTIONS, ##__VA_ARGS__)))

#define COR_NN_DROPOUT_OPTIONS(_)                                                                                      \
    _(double, p, 0.5)                                                                                                  \
    _(bool, inplace, false)
COR_DECLARE_OPTIONS(cor_nn_dropout_options, COR_NN_DROPOUT_OPTIONS)
/* Dropout while training (torch.nn.Dropout, AlphaDropout, and by channels Dropout1d to Dropout3d and
 * FeatureAlphaDropout). */
typedef enum cor_nn_dropout_kind {
    COR_NN_DROPOUT,
    COR_NN_DROPOUT1D,
    COR_NN_DROPOUT2D,
    COR_NN_DROPOUT3D,
    COR_NN_ALPHA_DROPOUT,
    COR_NN_FEATURE_ALPHA_DROPOUT
} cor_nn_dropout_kind;
/* A dropout of any kind. */
COR_API cor_module *cor_nn_dropout_with(cor_nn_dropout_kind kind, const cor_nn_dropout_options *options);
#define COR__NN_DROPOUT(kind, ...)                                                                                     \
    COR__CALL(cor_nn_dropout_with((kind), COR__OPTIONS(cor_nn_dropout_options, COR_NN_DROPOUT_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_dropout(...) COR__NN_DROPOUT(COR_NN_DROPOUT, ##__VA_ARGS__)
#define cor_nn_dropout1d(...) COR__NN_DROPOUT(COR_NN_DROPOUT1D, ##__VA_ARGS__)
#define cor_nn_dropout2d(...) COR__NN_DROPOUT(COR_NN_DROPOUT2D, ##__VA_ARGS__)
#define cor_nn_dropout3d(...) COR__NN_DROPOUT(COR_NN_DROPOUT3D, ##__VA_ARGS__)
#define cor_nn_alpha_dropout(...) COR__NN_DROPOUT(COR_NN_ALPHA_DROPOUT, ##__VA_ARGS__)
#define cor_nn_feature_alpha_dropout(...) COR__NN_DROPOUT(COR_NN_FEATURE_ALPHA_DROPOUT, ##__VA_ARGS__)

/* Division by the squares of channels around (torch.nn.LocalResponseNorm), with the options of
 * cor_local_response_norm. */
COR_API cor_module *cor_nn_local_response_norm_with(int64_t size, const cor_local_response_norm_options *options);
#define cor_nn_local_response_norm(size, ...)                                                                          \
    COR__CALL(cor_nn_local_response_norm_with(                                                                         \
        (size), COR__OPTIONS(cor_local_response_norm_options, COR_LOCAL_RESPONSE_NORM_OPTIONS, ##__VA_ARGS__)))

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

#define COR_NN_FLATTEN_OPTIONS(_)                                                                                      \
    _(int64_t, start_dim, 1)                                                                                           \
    _(int64_t, end_dim, -1)
COR_DECLARE_OPTIONS(cor_nn_flatten_options, COR_NN_FLATTEN_OPTIONS)
/* Makes dimensions one, by default all but the batch (torch.nn.Flatten). */
COR_API cor_module *cor_nn_flatten_with(const cor_nn_flatten_options *options);
#define cor_nn_flatten(...)                                                                                            \
    COR__CALL(cor_nn_flatten_with(COR__OPTIONS(cor_nn_flatten_options, COR_NN_FLATTEN_OPTIONS, ##__VA_ARGS__)))
/* Splits a dimension (torch.nn.Unflatten): cor_nn_unflatten(1, COR_DIMS(2, 3)). */
COR_API cor_module *cor_nn_unflatten_with(int64_t dim, cor_dims sizes);
#define cor_nn_unflatten(dim, sizes) cor_nn_unflatten_with((dim), (cor_dims)sizes)
/* Returns its input (torch.nn.Identity). */
COR_API cor_module *cor_nn_identity(void);

/* Paddings of the last one, two or three dimensions (torch.nn.ZeroPad1d and its like): as many amounts as the
 * dimensions have sides, left and right of the last first, or one for all: cor_nn_zero_pad2d(COR_DIMS(1)). */
COR_API cor_module *cor_nn_pad_with(cor_pad_mode mode, int spatial, cor_dims pads, double value, bool zero);
#define cor_nn_zero_pad1d(pads) cor_nn_pad_with(COR_PAD_CONSTANT, 1, (cor_dims)pads, 0, true)
#define cor_nn_zero_pad2d(pads) cor_nn_pad_with(COR_PAD_CONSTANT, 2, (cor_dims)pads, 0, true)
#define cor_nn_zero_pad3d(pads) cor_nn_pad_with(COR_PAD_CONSTANT, 3, (cor_dims)pads, 0, true)
#define cor_nn_constant_pad1d(pads, value) cor_nn_pad_with(COR_PAD_CONSTANT, 1, (cor_dims)pads, (value), false)
#define cor_nn_constant_pad2d(pads, value) cor_nn_pad_with(COR_PAD_CONSTANT, 2, (cor_dims)pads, (value), false)
#define cor_nn_constant_pad3d(pads, value) cor_nn_pad_with(COR_PAD_CONSTANT, 3, (cor_dims)pads, (value), false)
#define cor_nn_reflection_pad1d(pads) cor_nn_pad_with(COR_PAD_REFLECT, 1, (cor_dims)pads, 0, false)
#define cor_nn_reflection_pad2d(pads) cor_nn_pad_with(COR_PAD_REFLECT, 2, (cor_dims)pads, 0, false)
#define cor_nn_reflection_pad3d(pads) cor_nn_pad_with(COR_PAD_REFLECT, 3, (cor_dims)pads, 0, false)
#define cor_nn_replication_pad1d(pads) cor_nn_pad_with(COR_PAD_REPLICATE, 1, (cor_dims)pads, 0, false)
#define cor_nn_replication_pad2d(pads) cor_nn_pad_with(COR_PAD_REPLICATE, 2, (cor_dims)pads, 0, false)
#define cor_nn_replication_pad3d(pads) cor_nn_pad_with(COR_PAD_REPLICATE, 3, (cor_dims)pads, 0, false)
#define cor_nn_circular_pad1d(pads) cor_nn_pad_with(COR_PAD_CIRCULAR, 1, (cor_dims)pads, 0, false)
#define cor_nn_circular_pad2d(pads) cor_nn_pad_with(COR_PAD_CIRCULAR, 2, (cor_dims)pads, 0, false)
#define cor_nn_circular_pad3d(pads) cor_nn_pad_with(COR_PAD_CIRCULAR, 3, (cor_dims)pads, 0, false)

/* Resizes (torch.nn.Upsample), with the options of cor_interpolate. */
COR_API cor_module *cor_nn_upsample_with(const cor_interpolate_options *options);
#define cor_nn_upsample(...)                                                                                           \
    COR__CALL(cor_nn_upsample_with(COR__OPTIONS(cor_interpolate_options, COR_INTERPOLATE_OPTIONS, ##__VA_ARGS__)))

/* The same under other names (torch.nn.UpsamplingNearest2d, UpsamplingBilinear2d, which aligns corners): only sizes and
 * factors count. */
COR_API cor_module *cor_nn_upsampling_nearest2d_with(const cor_interpolate_options *options);
COR_API cor_module *cor_nn_upsampling_bilinear2d_with(const cor_interpolate_options *options);
#define cor_nn_upsampling_nearest2d(...)                                                                               \
    COR__CALL(cor_nn_upsampling_nearest2d_with(                                                                        \
        COR__OPTIONS(cor_interpolate_options, COR_INTERPOLATE_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_upsampling_bilinear2d(...)                                                                              \
    COR__CALL(cor_nn_upsampling_bilinear2d_with(                                                                       \
        COR__OPTIONS(cor_interpolate_options, COR_INTERPOLATE_OPTIONS, ##__VA_ARGS__)))

/* Rearrange channels and pixels (torch.nn.PixelShuffle, PixelUnshuffle, ChannelShuffle), as the functions of
 * corrie/index.h do. */
COR_API cor_module *cor_nn_pixel_shuffle(int64_t upscale_factor);
COR_API cor_module *cor_nn_pixel_unshuffle(int64_t downscale_factor);
COR_API cor_module *cor_nn_channel_shuffle(int64_t groups);

#define COR_NN_EMBEDDING_OPTIONS(_)                                                                                    \
    _(int64_t, padding_idx, COR_UNSET)                                                                                 \
    _(double, max_norm, (double)NAN) /* NAN is PyTorch's None */                                                       \
    _(double, norm_type, 2)                                                                                            \
    _(bool, scale_grad_by_freq, false)                                                                                 \
    _(bool, sparse, false)
COR_DECLARE_OPTIONS(cor_nn_embedding_options, COR_NN_EMBEDDING_OPTIONS)
/* A row of weight (num_embeddings, embedding_dim) for each index (torch.nn.Embedding); that of padding_idx begins with
 * zeros. */
COR_API cor_module *cor_nn_embedding_with(int64_t num_embeddings, int64_t embedding_dim,
                                          const cor_nn_embedding_options *options);
#define cor_nn_embedding(num_embeddings, embedding_dim, ...)                                                           \
    COR__CALL(cor_nn_embedding_with((num_embeddings), (embedding_dim),                                                 \
                                    COR__OPTIONS(cor_nn_embedding_options, COR_NN_EMBEDDING_OPTIONS, ##__VA_ARGS__)))

/* One row for each bag of indices (torch.nn.EmbeddingBag), with the options of cor_embedding_bag but its tensors:
 * called with the indices and, COR_NONE or left out, offsets and per_sample_weights. */
COR_API cor_module *cor_nn_embedding_bag_with(int64_t num_embeddings, int64_t embedding_dim,
                                              const cor_embedding_bag_options *options);
#define cor_nn_embedding_bag(num_embeddings, embedding_dim, ...)                                                       \
    COR__CALL(                                                                                                         \
        cor_nn_embedding_bag_with((num_embeddings), (embedding_dim),                                                   \
                                  COR__OPTIONS(cor_embedding_bag_options, COR_EMBEDDING_BAG_OPTIONS, ##__VA_ARGS__)))

/* ---- activations ------------------------------------------------------------------------------------------------ */

/* The activation layers (torch.nn.ReLU and its like), by the names of the functions in corrie/activation.h. */
typedef enum cor_nn_activation_kind {
    COR_NN_RELU,
    COR_NN_RELU6,
    COR_NN_LEAKY_RELU,
    COR_NN_ELU,
    COR_NN_CELU,
    COR_NN_SELU,
    COR_NN_GELU,
    COR_NN_SILU,
    COR_NN_MISH,
    COR_NN_SIGMOID,
    COR_NN_TANH,
    COR_NN_SOFTPLUS,
    COR_NN_SOFTSIGN,
    COR_NN_HARDTANH,
    COR_NN_HARDSWISH,
    COR_NN_HARDSIGMOID,
    COR_NN_HARDSHRINK,
    COR_NN_SOFTSHRINK,
    COR_NN_TANHSHRINK,
    COR_NN_THRESHOLD,
    COR_NN_LOGSIGMOID,
    COR_NN_GLU,
    COR_NN_SOFTMAX,
    COR_NN_LOG_SOFTMAX,
    COR_NN_SOFTMIN,
    COR_NN_SOFTMAX2D,
    COR_NN_PRELU,
    COR_NN_RRELU,
    COR_NN_ACTIVATIONS
} cor_nn_activation_kind;

#define COR_NN_ACTIVATION_OPTIONS(_)                                                                                   \
    _(bool, inplace, false)                                                                                            \
    _(double, negative_slope, 0.01) /* LeakyReLU */                                                                    \
    _(double, alpha, 1)             /* ELU, CELU */                                                                    \
    _(bool, tanh, false)            /* GELU: approximate='tanh' */                                                     \
    _(double, beta, 1)              /* Softplus */                                                                     \
    _(double, threshold, 20)        /* Softplus, Threshold */                                                          \
    _(double, value, 0)             /* Threshold */                                                                    \
    _(double, min_val, -1)          /* Hardtanh */                                                                     \
    _(double, max_val, 1)                                                                                              \
    _(double, lambd, 0.5)         /* Hardshrink, Softshrink */                                                         \
    _(int64_t, dim, -1)           /* GLU, Softmax, LogSoftmax, Softmin; COR_UNSET: None, see cor_nn_softmax */         \
    _(int64_t, num_parameters, 1) /* PReLU */                                                                          \
    _(double, init, 0.25)         /* PReLU */                                                                          \
    _(double, lower, 1.0 / 8)     /* RReLU */                                                                          \
    _(double, upper, 1.0 / 3)
COR_DECLARE_OPTIONS(cor_nn_activation_options, COR_NN_ACTIVATION_OPTIONS)
/* An activation of any kind; only the options of its kind count. */
COR_API cor_module *cor_nn_activation_with(cor_nn_activation_kind kind, const cor_nn_activation_options *options);
#define COR__NN_ACTIVATION(kind, ...)                                                                                  \
    COR__CALL(cor_nn_activation_with(                                                                                  \
        (kind), COR__OPTIONS(cor_nn_activation_options, COR_NN_ACTIVATION_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_relu(...) COR__NN_ACTIVATION(COR_NN_RELU, ##__VA_ARGS__)
#define cor_nn_relu6(...) COR__NN_ACTIVATION(COR_NN_RELU6, ##__VA_ARGS__)
#define cor_nn_leaky_relu(...) COR__NN_ACTIVATION(COR_NN_LEAKY_RELU, ##__VA_ARGS__)
#define cor_nn_elu(...) COR__NN_ACTIVATION(COR_NN_ELU, ##__VA_ARGS__)
#define cor_nn_celu(...) COR__NN_ACTIVATION(COR_NN_CELU, ##__VA_ARGS__)
#define cor_nn_selu(...) COR__NN_ACTIVATION(COR_NN_SELU, ##__VA_ARGS__)
#define cor_nn_gelu(...) COR__NN_ACTIVATION(COR_NN_GELU, ##__VA_ARGS__)
#define cor_nn_silu(...) COR__NN_ACTIVATION(COR_NN_SILU, ##__VA_ARGS__)
#define cor_nn_mish(...) COR__NN_ACTIVATION(COR_NN_MISH, ##__VA_ARGS__)
#define cor_nn_sigmoid() COR__NN_ACTIVATION(COR_NN_SIGMOID)
#define cor_nn_tanh() COR__NN_ACTIVATION(COR_NN_TANH)
#define cor_nn_softplus(...) COR__NN_ACTIVATION(COR_NN_SOFTPLUS, ##__VA_ARGS__)
#define cor_nn_softsign() COR__NN_ACTIVATION(COR_NN_SOFTSIGN)
#define cor_nn_hardtanh(...) COR__NN_ACTIVATION(COR_NN_HARDTANH, ##__VA_ARGS__)
#define cor_nn_hardswish(...) COR__NN_ACTIVATION(COR_NN_HARDSWISH, ##__VA_ARGS__)
#define cor_nn_hardsigmoid(...) COR__NN_ACTIVATION(COR_NN_HARDSIGMOID, ##__VA_ARGS__)
#define cor_nn_hardshrink(...) COR__NN_ACTIVATION(COR_NN_HARDSHRINK, ##__VA_ARGS__)
#define cor_nn_softshrink(...) COR__NN_ACTIVATION(COR_NN_SOFTSHRINK, ##__VA_ARGS__)
#define cor_nn_tanhshrink() COR__NN_ACTIVATION(COR_NN_TANHSHRINK)
#define cor_nn_threshold(limit, replacement, ...)                                                                      \
    COR__NN_ACTIVATION(COR_NN_THRESHOLD, .threshold = (limit), .value = (replacement), ##__VA_ARGS__)
#define cor_nn_logsigmoid() COR__NN_ACTIVATION(COR_NN_LOGSIGMOID)
#define cor_nn_glu(...) COR__NN_ACTIVATION(COR_NN_GLU, ##__VA_ARGS__)
/* dim COR_UNSET is PyTorch's None, which takes dimension 0 of an input of 0, 1 or 3 dimensions and else 1. */
#define cor_nn_softmax(d) COR__NN_ACTIVATION(COR_NN_SOFTMAX, .dim = (d))
#define cor_nn_log_softmax(d) COR__NN_ACTIVATION(COR_NN_LOG_SOFTMAX, .dim = (d))
#define cor_nn_softmin(d) COR__NN_ACTIVATION(COR_NN_SOFTMIN, .dim = (d))
#define cor_nn_softmax2d() COR__NN_ACTIVATION(COR_NN_SOFTMAX2D)
#define cor_nn_prelu(...) COR__NN_ACTIVATION(COR_NN_PRELU, ##__VA_ARGS__)
#define cor_nn_rrelu(...) COR__NN_ACTIVATION(COR_NN_RRELU, ##__VA_ARGS__)

/* ---- recurrent layers ------------------------------------------------------------------------------------------- */

typedef enum cor_nn_recurrent_kind { COR_NN_RNN, COR_NN_LSTM, COR_NN_GRU } cor_nn_recurrent_kind;

#define COR_NN_RECURRENT_OPTIONS(_)                                                                                    \
    _(int64_t, num_layers, 1)                                                                                          \
    _(bool, relu, false) /* of RNN: nonlinearity='relu' */                                                             \
    _(bool, bias, true)                                                                                                \
    _(bool, batch_first, false)                                                                                        \
    _(double, dropout, 0) /* between layers, in training */                                                            \
    _(bool, bidirectional, false)                                                                                      \
    _(int64_t, proj_size, 0) /* of LSTM */
COR_DECLARE_OPTIONS(cor_nn_recurrent_options, COR_NN_RECURRENT_OPTIONS)
/* Layers that walk a sequence (T, N, input_size), with .batch_first (N, T, input_size), or unbatched (T, input_size)
 * (torch.nn.RNN, LSTM, GRU). cor_call gives the output of the last layer at every step. cor_call_n takes the input and
 * h_0, of an LSTM also c_0, (num_layers * directions, N, hidden_size), which are zeros when not given, and gives the
 * output, h_n and of an LSTM c_n. */
COR_API cor_module *cor_nn_recurrent_with(cor_nn_recurrent_kind kind, int64_t input_size, int64_t hidden_size,
                                          const cor_nn_recurrent_options *options);
#define COR__NN_RECURRENT(kind, input_size, hidden_size, ...)                                                          \
    COR__CALL(cor_nn_recurrent_with((kind), (input_size), (hidden_size),                                               \
                                    COR__OPTIONS(cor_nn_recurrent_options, COR_NN_RECURRENT_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_rnn(input_size, hidden_size, ...) COR__NN_RECURRENT(COR_NN_RNN, input_size, hidden_size, ##__VA_ARGS__)
#define cor_nn_lstm(input_size, hidden_size, ...) COR__NN_RECURRENT(COR_NN_LSTM, input_size, hidden_size, ##__VA_ARGS__)
#define cor_nn_gru(input_size, hidden_size, ...) COR__NN_RECURRENT(COR_NN_GRU, input_size, hidden_size, ##__VA_ARGS__)

#define COR_NN_RECURRENT_CELL_OPTIONS(_)                                                                               \
    _(bool, bias, true)                                                                                                \
    _(bool, relu, false) /* of RNNCell: nonlinearity='relu' */
COR_DECLARE_OPTIONS(cor_nn_recurrent_cell_options, COR_NN_RECURRENT_CELL_OPTIONS)
/* One step of them, of an input (N, input_size) or (input_size) (torch.nn.RNNCell, LSTMCell, GRUCell). Called with the
 * input and the state, h or h and c, zeros when not given; gives the new h and of an LSTMCell c. */
COR_API cor_module *cor_nn_recurrent_cell_with(cor_nn_recurrent_kind kind, int64_t input_size, int64_t hidden_size,
                                               const cor_nn_recurrent_cell_options *options);
#define COR__NN_CELL(kind, input_size, hidden_size, ...)                                                               \
    COR__CALL(cor_nn_recurrent_cell_with(                                                                              \
        (kind), (input_size), (hidden_size),                                                                           \
        COR__OPTIONS(cor_nn_recurrent_cell_options, COR_NN_RECURRENT_CELL_OPTIONS, ##__VA_ARGS__)))
#define cor_nn_rnn_cell(input_size, hidden_size, ...) COR__NN_CELL(COR_NN_RNN, input_size, hidden_size, ##__VA_ARGS__)
#define cor_nn_lstm_cell(input_size, hidden_size, ...) COR__NN_CELL(COR_NN_LSTM, input_size, hidden_size, ##__VA_ARGS__)
#define cor_nn_gru_cell(input_size, hidden_size, ...) COR__NN_CELL(COR_NN_GRU, input_size, hidden_size, ##__VA_ARGS__)

/* ---- containers ------------------------------------------------------------------------------------------------- */

/* A borrowed list of modules, made by COR_MODULES(a, b, c). */
typedef struct cor_module_list {
    cor_module *const *modules;
    int64_t n;
} cor_module_list;

/* Runs its modules one after another, each on the output of the one before (torch.nn.Sequential); names "0", "1", ...
 * A NULL among the modules makes it NULL. */
COR_API cor_module *cor_nn_sequential_of(cor_module_list modules);
/* Hold modules for a forward of the user's own: by position (torch.nn.ModuleList) or by name (torch.nn.ModuleDict). */
COR_API cor_module *cor_nn_module_list_of(cor_module_list modules);
COR_API cor_module *cor_nn_module_dict(void);
/* Hold parameters in the same ways (torch.nn.ParameterList, torch.nn.ParameterDict). */
COR_API cor_module *cor_nn_parameter_list(void);
COR_API cor_module *cor_nn_parameter_dict(void);

/* Returns how many modules or parameters a container holds; 0 for NULL and for other modules. */
COR_API int64_t cor_module_length(const cor_module *container);

/* The lists: Sequential, ModuleList, and cor_parameter_ for ParameterList. A position may be counted from the end;
 * COR_EINDEX if there is none. Verbs return COR_OK or a code. */

/* Return what is at a position, borrowed; an empty entry is NULL without an error, among parameters COR_NONE. */
COR_API cor_module *cor_module_at(cor_module *container, int64_t index);
COR_API cor_tensor *cor_parameter_at(cor_module *list, int64_t index);
/* Add at the end, or before a position: later ones move up. A plain tensor becomes a parameter. */
COR_API int cor_module_append(cor_module *container, cor_module *m);
COR_API int cor_module_insert(cor_module *container, int64_t index, cor_module *m);
COR_API int cor_parameter_append(cor_module *list, cor_tensor *t);
/* Replace what is at a position. */
COR_API int cor_module_set_at(cor_module *container, int64_t index, cor_module *m);
COR_API int cor_parameter_set_at(cor_module *list, int64_t index, cor_tensor *t);
/* Removes the module at a position; later ones move down. cor_module_pop returns it, owned by the innermost scope. */
COR_API int cor_module_delete_at(cor_module *container, int64_t index);
COR_API cor_module *cor_module_pop(cor_module *container, int64_t index);
/* Adds everything in another list at the end; both then hold it. */
COR_API int cor_module_extend(cor_module *container, cor_module *other);
/* Returns a new list of the first one's kind with what is in both (a + b), or with a Sequential's modules several times
 * (m * times). A Sequential takes only another one, COR_EVALUE otherwise. */
COR_API cor_module *cor_module_concat(cor_module *a, cor_module *b);
COR_API cor_module *cor_module_repeat(cor_module *sequential, int64_t times);
/* Returns a new list of the same kind with the items [start, end), which both then hold. A slice of a Sequential keeps
 * the names, the others count anew. */
COR_API cor_module *cor_module_slice(cor_module *container, int64_t start, int64_t end);

/* The dicts: ModuleDict, and cor_parameter_ for ParameterDict. */

/* Return what is under a key, borrowed, or taken out and owned by the innermost scope. COR_EKEY if there is none. */
COR_API cor_module *cor_module_dict_get(cor_module *dict, const char *key);
COR_API cor_module *cor_module_dict_pop(cor_module *dict, const char *key);
COR_API cor_tensor *cor_parameter_dict_get(cor_module *dict, const char *key);
COR_API cor_tensor *cor_parameter_dict_pop(cor_module *dict, const char *key);
/* Put something under a key, which keeps its place if it is there. COR_EKEY for a key with a dot or none. */
COR_API int cor_module_dict_set(cor_module *dict, const char *key, cor_module *m);
COR_API int cor_parameter_dict_set(cor_module *dict, const char *key, cor_tensor *t);
/* Returns whether a dict has a key; false for NULL and for other modules. */
COR_API bool cor_module_contains(const cor_module *dict, const char *key);
/* Returns the key at a position, in the order of insertion, borrowed until the dict changes. COR_EINDEX. */
COR_API const char *cor_module_key_at(cor_module *dict, int64_t index);
/* Puts everything in another dict of the same kind into this one; both then hold it. COR_EVALUE for another module. */
COR_API int cor_module_update(cor_module *dict, cor_module *other);
/* Removes everything from a dict. */
COR_API int cor_module_clear(cor_module *dict);

COR_END

#ifdef __cplusplus
inline cor_module_list cor__modules(std::initializer_list<cor_module *> modules) {
    return cor_module_list{modules.begin(), static_cast<int64_t>(modules.size())};
}
#define COR_MODULES(...) cor__modules({__VA_ARGS__})
#else
#define COR_MODULES(...)                                                                                               \
    ((cor_module_list){(cor_module *const[]){__VA_ARGS__},                                                             \
                       (int64_t)(sizeof((cor_module *const[]){__VA_ARGS__}) / sizeof(cor_module *))})
#endif
#define cor_nn_sequential(...) cor_nn_sequential_of(COR_MODULES(__VA_ARGS__))
#define cor_nn_module_list(...) cor_nn_module_list_of(COR_MODULES(__VA_ARGS__))

#endif
