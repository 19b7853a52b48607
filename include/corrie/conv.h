/* corrie/conv.h: what slides over images: convolution, pooling, padding and resizing.
 *
 * Inputs are (N, C, spatial...) or, without the batch, (C, spatial...); 1d has one spatial dimension, 2d and 3d two and
 * three. Options come in two forms: the singular (.stride = 2) holds for every spatial dimension, the plural
 * (.strides = {2, 1}) gives one value each, in the order of the dimensions, and wins. Names, defaults and results are
 * PyTorch's; integers and half types are computed also where PyTorch refuses them. The functions return a new tensor,
 * or NULL with an error pending: COR_ESHAPE, COR_EVALUE, COR_EDTYPE, COR_EUNSUPPORTED, COR_ELIMIT or COR_ENOMEM.
 */
#ifndef CORRIE_CONV_H
#define CORRIE_CONV_H

#include <corrie/tensor.h>

COR_BEGIN

/* ---- precision -------------------------------------------------------------------------------------------------- */

/* How float32 convolutions may be computed. HIGH allows Winograd's algorithm, whose rounding errors are about twice
 * those of the definition and relative to the largest input of a tile; HIGHEST computes the definition's own products.
 * docs/numerics.md has the bounds. Other dtypes are always computed by the definition. */
typedef enum cor_precision {
    COR_PRECISION_DEFAULT, /* what cor_set_precision says */
    COR_PRECISION_HIGH,
    COR_PRECISION_HIGHEST
} cor_precision;

/* Returns the precision of convolutions that do not give one: HIGH unless cor_set_precision said otherwise. */
COR_API cor_precision cor_precision_now(void);

/* Sets it for all threads from now on. COR_EVALUE for anything but HIGH and HIGHEST; the code of a pending error. */
COR_API int cor_set_precision(cor_precision precision) COR_MUST_CHECK;

/* ---- convolution ------------------------------------------------------------------------------------------------ */

#define COR_CONV_OPTIONS(_)                                                                                            \
    _(cor_tensor *, bias, COR_NONE) /* (O) */                                                                          \
    _(int64_t, stride, 1)                                                                                              \
    _(cor_triple, strides, {COR_UNSET})                                                                                \
    _(int64_t, padding, 0)                                                                                             \
    _(cor_triple, paddings, {COR_UNSET})                                                                               \
    _(bool, same, false) /* padding='same': the output has the input's size */                                         \
    _(int64_t, dilation, 1)                                                                                            \
    _(cor_triple, dilations, {COR_UNSET})                                                                              \
    _(int64_t, groups, 1)                                                                                              \
    _(cor_precision, precision, COR_PRECISION_DEFAULT)
COR_DECLARE_OPTIONS(cor_conv_options, COR_CONV_OPTIONS)

/* Returns the cross-correlation of input (N, C, ...) with weight (O, C/groups, ...) (torch.nn.functional.conv1d to
 * conv3d). float32 sums may be formed in any order; integers wrap; half types are summed in float32. */
COR_API cor_tensor *cor_conv1d_with(cor_tensor *input, cor_tensor *weight, const cor_conv_options *options);
COR_API cor_tensor *cor_conv2d_with(cor_tensor *input, cor_tensor *weight, const cor_conv_options *options);
COR_API cor_tensor *cor_conv3d_with(cor_tensor *input, cor_tensor *weight, const cor_conv_options *options);
#define COR__CONV_OF(conv, input, weight, ...)                                                                         \
    COR__CALL(conv((input), (weight), COR__OPTIONS(cor_conv_options, COR_CONV_OPTIONS, ##__VA_ARGS__)))
#define cor_conv1d(input, weight, ...) COR__CONV_OF(cor_conv1d_with, input, weight, ##__VA_ARGS__)
#define cor_conv2d(input, weight, ...) COR__CONV_OF(cor_conv2d_with, input, weight, ##__VA_ARGS__)
#define cor_conv3d(input, weight, ...) COR__CONV_OF(cor_conv3d_with, input, weight, ##__VA_ARGS__)

#define COR_CONV_TRANSPOSE_OPTIONS(_)                                                                                  \
    _(cor_tensor *, bias, COR_NONE) /* (O) */                                                                          \
    _(int64_t, stride, 1)                                                                                              \
    _(cor_triple, strides, {COR_UNSET})                                                                                \
    _(int64_t, padding, 0)                                                                                             \
    _(cor_triple, paddings, {COR_UNSET})                                                                               \
    _(int64_t, output_padding, 0)                                                                                      \
    _(cor_triple, output_paddings, {COR_UNSET})                                                                        \
    _(int64_t, groups, 1)                                                                                              \
    _(int64_t, dilation, 1)                                                                                            \
    _(cor_triple, dilations, {COR_UNSET})                                                                              \
    _(cor_precision, precision, COR_PRECISION_DEFAULT)
COR_DECLARE_OPTIONS(cor_conv_transpose_options, COR_CONV_TRANSPOSE_OPTIONS)

/* Returns the transposed convolution of input (N, C, ...) with weight (C, O/groups, ...): the gradient of the
 * convolution with the same numbers (torch.nn.functional.conv_transpose1d to conv_transpose3d). */
COR_API cor_tensor *cor_conv_transpose1d_with(cor_tensor *input, cor_tensor *weight,
                                              const cor_conv_transpose_options *options);
COR_API cor_tensor *cor_conv_transpose2d_with(cor_tensor *input, cor_tensor *weight,
                                              const cor_conv_transpose_options *options);
COR_API cor_tensor *cor_conv_transpose3d_with(cor_tensor *input, cor_tensor *weight,
                                              const cor_conv_transpose_options *options);
#define COR__CONV_TRANSPOSE_OF(conv, input, weight, ...)                                                               \
    COR__CALL(                                                                                                         \
        conv((input), (weight), COR__OPTIONS(cor_conv_transpose_options, COR_CONV_TRANSPOSE_OPTIONS, ##__VA_ARGS__)))
#define cor_conv_transpose1d(input, weight, ...)                                                                       \
    COR__CONV_TRANSPOSE_OF(cor_conv_transpose1d_with, input, weight, ##__VA_ARGS__)
#define cor_conv_transpose2d(input, weight, ...)                                                                       \
    COR__CONV_TRANSPOSE_OF(cor_conv_transpose2d_with, input, weight, ##__VA_ARGS__)
#define cor_conv_transpose3d(input, weight, ...)                                                                       \
    COR__CONV_TRANSPOSE_OF(cor_conv_transpose3d_with, input, weight, ##__VA_ARGS__)

/* ---- pooling ---------------------------------------------------------------------------------------------------- */

#define COR_MAX_POOL_OPTIONS(_)                                                                                        \
    _(cor_triple, kernels, {COR_UNSET})                                                                                \
    _(int64_t, stride, COR_UNSET) /* the kernel's */                                                                   \
    _(cor_triple, strides, {COR_UNSET})                                                                                \
    _(int64_t, padding, 0)                                                                                             \
    _(cor_triple, paddings, {COR_UNSET})                                                                               \
    _(int64_t, dilation, 1)                                                                                            \
    _(cor_triple, dilations, {COR_UNSET})                                                                              \
    _(bool, ceil_mode, false)                                                                                          \
    _(cor_tensor **, indices, NULL) /* where to put the indices (int64, within a channel) of the elements chosen */
COR_DECLARE_OPTIONS(cor_max_pool_options, COR_MAX_POOL_OPTIONS)

/* Returns the largest element of every window (torch.nn.functional.max_pool1d to max_pool3d): the first of equals; a
 * NaN wins. *indices is NULL on failure. */
COR_API cor_tensor *cor_max_pool1d_with(cor_tensor *input, int64_t kernel, const cor_max_pool_options *options);
COR_API cor_tensor *cor_max_pool2d_with(cor_tensor *input, int64_t kernel, const cor_max_pool_options *options);
COR_API cor_tensor *cor_max_pool3d_with(cor_tensor *input, int64_t kernel, const cor_max_pool_options *options);
#define COR__MAX_POOL_OF(pool, input, kernel, ...)                                                                     \
    COR__CALL(pool((input), (kernel), COR__OPTIONS(cor_max_pool_options, COR_MAX_POOL_OPTIONS, ##__VA_ARGS__)))
#define cor_max_pool1d(input, kernel, ...) COR__MAX_POOL_OF(cor_max_pool1d_with, input, kernel, ##__VA_ARGS__)
#define cor_max_pool2d(input, kernel, ...) COR__MAX_POOL_OF(cor_max_pool2d_with, input, kernel, ##__VA_ARGS__)
#define cor_max_pool3d(input, kernel, ...) COR__MAX_POOL_OF(cor_max_pool3d_with, input, kernel, ##__VA_ARGS__)

#define COR_AVG_POOL_OPTIONS(_)                                                                                        \
    _(cor_triple, kernels, {COR_UNSET})                                                                                \
    _(int64_t, stride, COR_UNSET) /* the kernel's */                                                                   \
    _(cor_triple, strides, {COR_UNSET})                                                                                \
    _(int64_t, padding, 0)                                                                                             \
    _(cor_triple, paddings, {COR_UNSET})                                                                               \
    _(bool, ceil_mode, false)                                                                                          \
    _(bool, count_include_pad, true)                                                                                   \
    _(int64_t, divisor_override, COR_UNSET)
COR_DECLARE_OPTIONS(cor_avg_pool_options, COR_AVG_POOL_OPTIONS)

/* Returns the average of every window (torch.nn.functional.avg_pool1d to avg_pool3d). Integers are divided as C divides
 * them. */
COR_API cor_tensor *cor_avg_pool1d_with(cor_tensor *input, int64_t kernel, const cor_avg_pool_options *options);
COR_API cor_tensor *cor_avg_pool2d_with(cor_tensor *input, int64_t kernel, const cor_avg_pool_options *options);
COR_API cor_tensor *cor_avg_pool3d_with(cor_tensor *input, int64_t kernel, const cor_avg_pool_options *options);
#define COR__AVG_POOL_OF(pool, input, kernel, ...)                                                                     \
    COR__CALL(pool((input), (kernel), COR__OPTIONS(cor_avg_pool_options, COR_AVG_POOL_OPTIONS, ##__VA_ARGS__)))
#define cor_avg_pool1d(input, kernel, ...) COR__AVG_POOL_OF(cor_avg_pool1d_with, input, kernel, ##__VA_ARGS__)
#define cor_avg_pool2d(input, kernel, ...) COR__AVG_POOL_OF(cor_avg_pool2d_with, input, kernel, ##__VA_ARGS__)
#define cor_avg_pool3d(input, kernel, ...) COR__AVG_POOL_OF(cor_avg_pool3d_with, input, kernel, ##__VA_ARGS__)

#define COR_ADAPTIVE_POOL_OPTIONS(_)                                                                                   \
    _(int64_t, size, COR_UNSET) /* of the output; COR_UNSET, here or among the sizes, keeps the input's */             \
    _(cor_triple, sizes, {COR_UNSET, COR_UNSET, COR_UNSET})                                                            \
    _(cor_tensor **, indices, NULL) /* of adaptive_max_pool; as in max_pool */
COR_DECLARE_OPTIONS(cor_adaptive_pool_options, COR_ADAPTIVE_POOL_OPTIONS)

/* Returns the average or the largest element of cells [floor(i*L/n), ceil((i+1)*L/n)) that make n outputs of L inputs
 * (torch.nn.functional.adaptive_avg_pool1d to adaptive_max_pool3d). An average over the whole input is summed in
 * float64. */
COR_API cor_tensor *cor_adaptive_avg_pool1d_with(cor_tensor *input, const cor_adaptive_pool_options *options);
COR_API cor_tensor *cor_adaptive_avg_pool2d_with(cor_tensor *input, const cor_adaptive_pool_options *options);
COR_API cor_tensor *cor_adaptive_avg_pool3d_with(cor_tensor *input, const cor_adaptive_pool_options *options);
COR_API cor_tensor *cor_adaptive_max_pool1d_with(cor_tensor *input, const cor_adaptive_pool_options *options);
COR_API cor_tensor *cor_adaptive_max_pool2d_with(cor_tensor *input, const cor_adaptive_pool_options *options);
COR_API cor_tensor *cor_adaptive_max_pool3d_with(cor_tensor *input, const cor_adaptive_pool_options *options);
#define COR__ADAPTIVE_OF(pool, input, ...)                                                                             \
    COR__CALL(pool((input), COR__OPTIONS(cor_adaptive_pool_options, COR_ADAPTIVE_POOL_OPTIONS, ##__VA_ARGS__)))
#define cor_adaptive_avg_pool1d(input, ...) COR__ADAPTIVE_OF(cor_adaptive_avg_pool1d_with, input, ##__VA_ARGS__)
#define cor_adaptive_avg_pool2d(input, ...) COR__ADAPTIVE_OF(cor_adaptive_avg_pool2d_with, input, ##__VA_ARGS__)
#define cor_adaptive_avg_pool3d(input, ...) COR__ADAPTIVE_OF(cor_adaptive_avg_pool3d_with, input, ##__VA_ARGS__)
#define cor_adaptive_max_pool1d(input, ...) COR__ADAPTIVE_OF(cor_adaptive_max_pool1d_with, input, ##__VA_ARGS__)
#define cor_adaptive_max_pool2d(input, ...) COR__ADAPTIVE_OF(cor_adaptive_max_pool2d_with, input, ##__VA_ARGS__)
#define cor_adaptive_max_pool3d(input, ...) COR__ADAPTIVE_OF(cor_adaptive_max_pool3d_with, input, ##__VA_ARGS__)

/* ---- padding ---------------------------------------------------------------------------------------------------- */

typedef enum cor_pad_mode { COR_PAD_CONSTANT, COR_PAD_REFLECT, COR_PAD_REPLICATE, COR_PAD_CIRCULAR } cor_pad_mode;

#define COR_PAD_OPTIONS(_)                                                                                             \
    _(cor_pad_mode, mode, COR_PAD_CONSTANT)                                                                            \
    _(double, value, 0) /* of constant padding */
COR_DECLARE_OPTIONS(cor_pad_options, COR_PAD_OPTIONS)

/* Returns the input with elements added at the edges of its last dimensions, or, where an amount is negative, cut off
 * (torch.nn.functional.pad). pads are left and right of the last dimension, then of the one before, and so on:
 * cor_pad(x, COR_DIMS(1, 1, 2, 2), .mode = COR_PAD_REFLECT). Constant padding takes any number of dimensions, the
 * others 1 to 3 of an input that has one or two more. */
COR_API cor_tensor *cor_pad_with(cor_tensor *input, cor_dims pads, const cor_pad_options *options);
#define cor_pad(input, pads, ...)                                                                                      \
    COR__CALL(cor_pad_with((input), (cor_dims)pads, COR__OPTIONS(cor_pad_options, COR_PAD_OPTIONS, ##__VA_ARGS__)))

/* ---- resizing --------------------------------------------------------------------------------------------------- */

typedef enum cor_interpolation {
    COR_NEAREST,
    COR_NEAREST_EXACT,
    COR_LINEAR,   /* of 3d inputs */
    COR_BILINEAR, /* of 4d inputs */
    COR_TRILINEAR /* of 5d inputs */
} cor_interpolation;

/* One factor per spatial dimension; the first is 0 when not given. */
typedef double cor_factors[3];

#define COR_INTERPOLATE_OPTIONS(_)                                                                                     \
    _(int64_t, size, COR_UNSET)                                                                                        \
    _(cor_triple, sizes, {COR_UNSET})                                                                                  \
    _(double, scale_factor, 0) /* 0: none */                                                                           \
    _(cor_factors, scale_factors, {0})                                                                                 \
    _(cor_interpolation, mode, COR_NEAREST)                                                                            \
    _(bool, align_corners, false)                                                                                      \
    _(bool, recompute_scale_factor, false)
COR_DECLARE_OPTIONS(cor_interpolate_options, COR_INTERPOLATE_OPTIONS)

/* Returns the input (N, C, spatial...) resized to a size or by a factor (torch.nn.functional.interpolate). The nearest
 * modes take every dtype, the linear ones the floating dtypes, COR_BILINEAR also uint8. A linear mode interpolates
 * along the last dimension first; PyTorch does so too but for three channels and small images, where its last bits
 * differ. */
COR_API cor_tensor *cor_interpolate_with(cor_tensor *input, const cor_interpolate_options *options);
#define cor_interpolate(input, ...)                                                                                    \
    COR__CALL(                                                                                                         \
        cor_interpolate_with((input), COR__OPTIONS(cor_interpolate_options, COR_INTERPOLATE_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
