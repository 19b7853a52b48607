/* corrie/norm.h: normalisation and dropout as functions. */
#ifndef CORRIE_NORM_H
#define CORRIE_NORM_H

#include <corrie/tensor.h>
#include <math.h>

COR_BEGIN

#define COR_BATCH_NORM_OPTIONS(_)                                                                                      \
    _(cor_tensor *, weight, COR_NONE)                                                                                  \
    _(cor_tensor *, bias, COR_NONE)                                                                                    \
    _(bool, training, false)                                                                                           \
    _(double, momentum, 0.1)                                                                                           \
    _(double, eps, 1e-5)
COR_DECLARE_OPTIONS(cor_batch_norm_options, COR_BATCH_NORM_OPTIONS)

/* Returns (x - mean) / sqrt(var + eps) * weight + bias for each channel, dimension 1 of x (N, C, ...)
 * (torch.nn.functional.batch_norm). In evaluation mean and var are running_mean and running_var (C); in training those
 * of the batch (summed in float64), and the running ones, unless COR_NONE, move towards them by
 * momentum, var in its unbiased form. Floating dtypes; the parameters have x's dtype, or float32 for half types.
 * COR_ESHAPE for sizes that do not fit, COR_EVALUE for one value per channel in training. */
COR_API cor_tensor *cor_batch_norm_with(cor_tensor *x, cor_tensor *running_mean, cor_tensor *running_var,
                                        const cor_batch_norm_options *options);
#define cor_batch_norm(x, running_mean, running_var, ...)                                                              \
    COR__CALL(cor_batch_norm_with((x), (running_mean), (running_var),                                                  \
                                  COR__OPTIONS(cor_batch_norm_options, COR_BATCH_NORM_OPTIONS, ##__VA_ARGS__)))

#define COR_LAYER_NORM_OPTIONS(_)                                                                                      \
    _(cor_tensor *, weight, COR_NONE)                                                                                  \
    _(cor_tensor *, bias, COR_NONE)                                                                                    \
    _(double, eps, 1e-5)
COR_DECLARE_OPTIONS(cor_layer_norm_options, COR_LAYER_NORM_OPTIONS)
/* Returns (x - mean) / sqrt(var + eps) * weight + bias, mean and var those of the last dimensions of x, whose sizes
 * normalized_shape says (torch.nn.functional.layer_norm): cor_layer_norm(x, COR_DIMS(768)). Floating dtypes; weight and
 * bias have the sizes of normalized_shape and x's dtype, or float32 for half types. COR_ESHAPE and COR_EDTYPE with
 * PyTorch's texts. */
COR_API cor_tensor *cor_layer_norm_with(cor_tensor *x, cor_dims normalized_shape,
                                        const cor_layer_norm_options *options);
#define cor_layer_norm(x, normalized_shape, ...)                                                                       \
    COR__CALL(cor_layer_norm_with((x), (cor_dims)normalized_shape,                                                     \
                                  COR__OPTIONS(cor_layer_norm_options, COR_LAYER_NORM_OPTIONS, ##__VA_ARGS__)))

#define COR_RMS_NORM_OPTIONS(_)                                                                                        \
    _(cor_tensor *, weight, COR_NONE)                                                                                  \
    _(double, eps, (double)NAN) /* NAN: the spacing of float64 or float32 at 1 */
COR_DECLARE_OPTIONS(cor_rms_norm_options, COR_RMS_NORM_OPTIONS)
/* Returns x / sqrt(mean of x^2 + eps) * weight, over dimensions as of layer_norm (torch.nn.functional.rms_norm). The
 * weight may have any floating dtype. */
COR_API cor_tensor *cor_rms_norm_with(cor_tensor *x, cor_dims normalized_shape, const cor_rms_norm_options *options);
#define cor_rms_norm(x, normalized_shape, ...)                                                                         \
    COR__CALL(cor_rms_norm_with((x), (cor_dims)normalized_shape,                                                       \
                                COR__OPTIONS(cor_rms_norm_options, COR_RMS_NORM_OPTIONS, ##__VA_ARGS__)))

#define COR_GROUP_NORM_OPTIONS(_)                                                                                      \
    _(cor_tensor *, weight, COR_NONE)                                                                                  \
    _(cor_tensor *, bias, COR_NONE)                                                                                    \
    _(double, eps, 1e-5)
COR_DECLARE_OPTIONS(cor_group_norm_options, COR_GROUP_NORM_OPTIONS)
/* Returns x (N, C, ...) normalised over each of num_groups groups of channels of each image, then scaled by weight (C)
 * and shifted by bias (C) (torch.nn.functional.group_norm). Dtypes as of layer_norm. COR_ESHAPE if the groups do not
 * divide the channels, COR_EVALUE for one value in a group and for no groups. */
COR_API cor_tensor *cor_group_norm_with(cor_tensor *x, int64_t num_groups, const cor_group_norm_options *options);
#define cor_group_norm(x, num_groups, ...)                                                                             \
    COR__CALL(cor_group_norm_with((x), (num_groups),                                                                   \
                                  COR__OPTIONS(cor_group_norm_options, COR_GROUP_NORM_OPTIONS, ##__VA_ARGS__)))

#define COR_INSTANCE_NORM_OPTIONS(_)                                                                                   \
    _(cor_tensor *, weight, COR_NONE)                                                                                  \
    _(cor_tensor *, bias, COR_NONE)                                                                                    \
    _(bool, use_input_stats, true)                                                                                     \
    _(double, momentum, 0.1)                                                                                           \
    _(double, eps, 1e-5)
COR_DECLARE_OPTIONS(cor_instance_norm_options, COR_INSTANCE_NORM_OPTIONS)
/* Returns batch_norm of every image alone: with statistics of each channel of each image, or with the running ones
 * (torch.nn.functional.instance_norm). With .use_input_stats the running statistics, unless COR_NONE, move by momentum
 * towards the mean of the images'. COR_EVALUE for one spatial element; else as batch_norm. */
COR_API cor_tensor *cor_instance_norm_with(cor_tensor *x, cor_tensor *running_mean, cor_tensor *running_var,
                                           const cor_instance_norm_options *options);
#define cor_instance_norm(x, running_mean, running_var, ...)                                                           \
    COR__CALL(                                                                                                         \
        cor_instance_norm_with((x), (running_mean), (running_var),                                                     \
                               COR__OPTIONS(cor_instance_norm_options, COR_INSTANCE_NORM_OPTIONS, ##__VA_ARGS__)))

#define COR_DROPOUT_OPTIONS(_)                                                                                         \
    _(double, p, 0.5)                                                                                                  \
    _(bool, training, true)
COR_DECLARE_OPTIONS(cor_dropout_options, COR_DROPOUT_OPTIONS)

/* Returns x with each element (dropout) or each channel of dimensions 0 and 1 (feature_dropout, what dropout1d to
 * dropout3d do) set to 0 with probability p and the others divided by 1 - p (torch.nn.functional.dropout). x itself,
 * borrowed, when not training or p is 0. Draws from the default generator as PyTorch does. COR_EVALUE for p outside
 * [0, 1], COR_EDTYPE for integers unless p is 1. */
COR_API cor_tensor *cor_dropout_with(cor_tensor *x, const cor_dropout_options *options);
COR_API cor_tensor *cor_feature_dropout_with(cor_tensor *x, const cor_dropout_options *options);
/* The same for inputs of one, two and three spatial dimensions, of which dropout1d and dropout3d also take unbatched
 * ones (C, ...) (torch.nn.functional.dropout1d to dropout3d). */
COR_API cor_tensor *cor_dropout1d_with(cor_tensor *x, const cor_dropout_options *options);
COR_API cor_tensor *cor_dropout2d_with(cor_tensor *x, const cor_dropout_options *options);
COR_API cor_tensor *cor_dropout3d_with(cor_tensor *x, const cor_dropout_options *options);
/* Returns x with elements set to a negative saturation value with probability p, scaled and shifted so that mean and
 * variance stay (torch.nn.functional.alpha_dropout). Otherwise as dropout. */
COR_API cor_tensor *cor_alpha_dropout_with(cor_tensor *x, const cor_dropout_options *options);
#define COR__DROPOUT(function, x, ...)                                                                                 \
    COR__CALL(function((x), COR__OPTIONS(cor_dropout_options, COR_DROPOUT_OPTIONS, ##__VA_ARGS__)))
#define cor_dropout(x, ...) COR__DROPOUT(cor_dropout_with, x, ##__VA_ARGS__)
#define cor_dropout1d(x, ...) COR__DROPOUT(cor_dropout1d_with, x, ##__VA_ARGS__)
#define cor_dropout2d(x, ...) COR__DROPOUT(cor_dropout2d_with, x, ##__VA_ARGS__)
#define cor_dropout3d(x, ...) COR__DROPOUT(cor_dropout3d_with, x, ##__VA_ARGS__)
#define cor_feature_dropout(x, ...) COR__DROPOUT(cor_feature_dropout_with, x, ##__VA_ARGS__)
#define cor_alpha_dropout(x, ...) COR__DROPOUT(cor_alpha_dropout_with, x, ##__VA_ARGS__)

#define COR_LOCAL_RESPONSE_NORM_OPTIONS(_)                                                                             \
    _(double, alpha, 1e-4)                                                                                             \
    _(double, beta, 0.75)                                                                                              \
    _(double, k, 1)
COR_DECLARE_OPTIONS(cor_local_response_norm_options, COR_LOCAL_RESPONSE_NORM_OPTIONS)
/* Returns x / (k + alpha * the mean of the squares of `size` channels around)^beta for x of at least three dimensions
 * (torch.nn.functional.local_response_norm). COR_ESHAPE for fewer. */
COR_API cor_tensor *cor_local_response_norm_with(cor_tensor *x, int64_t size,
                                                 const cor_local_response_norm_options *options);
#define cor_local_response_norm(x, size, ...)                                                                          \
    COR__CALL(cor_local_response_norm_with(                                                                            \
        (x), (size), COR__OPTIONS(cor_local_response_norm_options, COR_LOCAL_RESPONSE_NORM_OPTIONS, ##__VA_ARGS__)))

/* Alpha dropout of whole channels (torch.nn.functional.feature_alpha_dropout); options and errors as alpha_dropout. */
COR_API cor_tensor *cor_feature_alpha_dropout_with(cor_tensor *x, const cor_dropout_options *options);
#define cor_feature_alpha_dropout(x, ...)                                                                              \
    COR__CALL(                                                                                                         \
        cor_feature_alpha_dropout_with((x), COR__OPTIONS(cor_dropout_options, COR_DROPOUT_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
