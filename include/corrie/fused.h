/* corrie/fused.h: convolution with what usually follows it, in one pass over the output. For inference.
 *
 *     y = cor_conv2d_fused(x, w, .padding = 1, .scale = s, .bias = b, .residual = x, .activation =
 * COR_ACTIVATION_RELU);
 *
 * Each block of outputs is scaled, added to and activated as soon as it is computed, while it is in the cache, so that
 * the output is written to memory once. For a batch normalisation after the convolution, cor_batch_norm_terms makes
 * .scale and .bias of its parameters, once.
 */
#ifndef CORRIE_FUSED_H
#define CORRIE_FUSED_H

#include <corrie/conv.h>
#include <corrie/norm.h>

COR_BEGIN

/* What cor_relu, cor_relu6 and cor_silu compute, NaN and infinities as they do. */
typedef enum cor_activation {
    COR_ACTIVATION_NONE,
    COR_ACTIVATION_RELU,
    COR_ACTIVATION_RELU6,
    COR_ACTIVATION_SILU
} cor_activation;

/* The options of cor_conv2d come first, in their order. */
#define COR_CONV_FUSED_OPTIONS(_)                                                                                      \
    COR_CONV_OPTIONS(_)                                                                                                \
    _(cor_tensor *, scale, COR_NONE)    /* (O): what the sums are multiplied by before the bias is added */            \
    _(cor_tensor *, residual, COR_NONE) /* of the output's shape */                                                    \
    _(cor_activation, activation, COR_ACTIVATION_NONE)
COR_DECLARE_OPTIONS(cor_conv_fused_options, COR_CONV_FUSED_OPTIONS)

/* Returns activation(scale * conv(input, weight) + bias + residual), conv being cor_conv1d to cor_conv3d with the same
 * options. All tensors have one floating dtype. The product with scale and the sum with bias are rounded once, as
 * cor_batch_norm rounds them; half types are computed in float32 from the rounded convolution, and rounded once more.
 * Otherwise the bits are those of the separate operations, except that denormal numbers count as zero.
 * No gradients: with an input that requires grad it fails, unless under cor_no_grad. A new tensor, or NULL with an
 * error pending: those of cor_conv2d, and COR_EDTYPE for another dtype, COR_ESHAPE for a scale or residual of another
 * size, COR_EVALUE for an activation that there is not, COR_ESTATE for an input that requires grad. */
COR_API cor_tensor *cor_conv1d_fused_with(cor_tensor *input, cor_tensor *weight, const cor_conv_fused_options *options);
COR_API cor_tensor *cor_conv2d_fused_with(cor_tensor *input, cor_tensor *weight, const cor_conv_fused_options *options);
COR_API cor_tensor *cor_conv3d_fused_with(cor_tensor *input, cor_tensor *weight, const cor_conv_fused_options *options);
#define COR__CONV_FUSED_OF(conv, input, weight, ...)                                                                   \
    COR__CALL(conv((input), (weight), COR__OPTIONS(cor_conv_fused_options, COR_CONV_FUSED_OPTIONS, ##__VA_ARGS__)))
#define cor_conv1d_fused(input, weight, ...) COR__CONV_FUSED_OF(cor_conv1d_fused_with, input, weight, ##__VA_ARGS__)
#define cor_conv2d_fused(input, weight, ...) COR__CONV_FUSED_OF(cor_conv2d_fused_with, input, weight, ##__VA_ARGS__)
#define cor_conv3d_fused(input, weight, ...) COR__CONV_FUSED_OF(cor_conv3d_fused_with, input, weight, ##__VA_ARGS__)

/* Makes what batch normalisation in evaluation multiplies by, *scale = weight / sqrt(running_var + eps), and adds,
 * *shift = bias - running_mean * scale, both (C): with them as .scale and .bias the fused convolution has the bits of
 * cor_batch_norm of a convolution without bias. (For a convolution that has one, add its product with the scale to the
 * shift.) The arguments and errors are those of cor_batch_norm; weight and bias, of the running mean's dtype or
 * float32, may be missing. New tensors; on failure both are NULL. COR_ESTATE as above, COR_EVALUE also for .training.
 */
COR_API int cor_batch_norm_terms_with(cor_tensor *running_mean, cor_tensor *running_var, cor_tensor **scale,
                                      cor_tensor **shift, const cor_batch_norm_options *options) COR_MUST_CHECK;
#define cor_batch_norm_terms(running_mean, running_var, scale, shift, ...)                                             \
    COR__CALL(cor_batch_norm_terms_with((running_mean), (running_var), (scale), (shift),                               \
                                        COR__OPTIONS(cor_batch_norm_options, COR_BATCH_NORM_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
