/* corrie/conv_grad.h: the gradients of convolutions, given the gradient of their output (torch.nn.grad).
 *
 * Inputs have a batch. Options, their two forms, and failures are those of the convolutions (corrie/conv.h).
 */
#ifndef CORRIE_CONV_GRAD_H
#define CORRIE_CONV_GRAD_H

#include <corrie/tensor.h>

COR_BEGIN

#define COR_CONV_GRAD_OPTIONS(_)                                                                                       \
    _(int64_t, stride, 1)                                                                                              \
    _(cor_triple, strides, {COR_UNSET})                                                                                \
    _(int64_t, padding, 0)                                                                                             \
    _(cor_triple, paddings, {COR_UNSET})                                                                               \
    _(int64_t, dilation, 1)                                                                                            \
    _(cor_triple, dilations, {COR_UNSET})                                                                              \
    _(int64_t, groups, 1)                                                                                              \
    _(cor_tensor **, bias, NULL) /* of conv_weight: where to put the gradient of the bias, (O) */
COR_DECLARE_OPTIONS(cor_conv_grad_options, COR_CONV_GRAD_OPTIONS)

/* Returns the gradient of the input of cor_conv1d to cor_conv3d (torch.nn.grad.conv1d_input to conv3d_input): a tensor
 * of input_sizes (N, C, ...), from weight (O, C/groups, ...) and the output's gradient (N, O, ...):
 * cor_conv2d_input(COR_DIMS(8, 3, 32, 32), weight, grad_output, .padding = 1). */
COR_API cor_tensor *cor_conv1d_input_with(cor_dims input_sizes, cor_tensor *weight, cor_tensor *grad_output,
                                          const cor_conv_grad_options *options);
COR_API cor_tensor *cor_conv2d_input_with(cor_dims input_sizes, cor_tensor *weight, cor_tensor *grad_output,
                                          const cor_conv_grad_options *options);
COR_API cor_tensor *cor_conv3d_input_with(cor_dims input_sizes, cor_tensor *weight, cor_tensor *grad_output,
                                          const cor_conv_grad_options *options);
#define cor_conv1d_input(input_sizes, weight, grad_output, ...)                                                        \
    COR__CALL(cor_conv1d_input_with((cor_dims)input_sizes, (weight), (grad_output),                                    \
                                    COR__OPTIONS(cor_conv_grad_options, COR_CONV_GRAD_OPTIONS, ##__VA_ARGS__)))
#define cor_conv2d_input(input_sizes, weight, grad_output, ...)                                                        \
    COR__CALL(cor_conv2d_input_with((cor_dims)input_sizes, (weight), (grad_output),                                    \
                                    COR__OPTIONS(cor_conv_grad_options, COR_CONV_GRAD_OPTIONS, ##__VA_ARGS__)))
#define cor_conv3d_input(input_sizes, weight, grad_output, ...)                                                        \
    COR__CALL(cor_conv3d_input_with((cor_dims)input_sizes, (weight), (grad_output),                                    \
                                    COR__OPTIONS(cor_conv_grad_options, COR_CONV_GRAD_OPTIONS, ##__VA_ARGS__)))

/* Returns the gradient of the weight of cor_conv1d to cor_conv3d (torch.nn.grad.conv1d_weight to conv3d_weight): a
 * tensor of weight_sizes (O, C/groups, ...), from input (N, C, ...) and the output's gradient (N, O, ...). With .bias =
 * &b the sum of the output's gradient over images and positions too; b is NULL on failure. Sums are formed in any
 * order, of half types in float32. */
COR_API cor_tensor *cor_conv1d_weight_with(cor_tensor *input, cor_dims weight_sizes, cor_tensor *grad_output,
                                           const cor_conv_grad_options *options);
COR_API cor_tensor *cor_conv2d_weight_with(cor_tensor *input, cor_dims weight_sizes, cor_tensor *grad_output,
                                           const cor_conv_grad_options *options);
COR_API cor_tensor *cor_conv3d_weight_with(cor_tensor *input, cor_dims weight_sizes, cor_tensor *grad_output,
                                           const cor_conv_grad_options *options);
#define cor_conv1d_weight(input, weight_sizes, grad_output, ...)                                                       \
    COR__CALL(cor_conv1d_weight_with((input), (cor_dims)weight_sizes, (grad_output),                                   \
                                     COR__OPTIONS(cor_conv_grad_options, COR_CONV_GRAD_OPTIONS, ##__VA_ARGS__)))
#define cor_conv2d_weight(input, weight_sizes, grad_output, ...)                                                       \
    COR__CALL(cor_conv2d_weight_with((input), (cor_dims)weight_sizes, (grad_output),                                   \
                                     COR__OPTIONS(cor_conv_grad_options, COR_CONV_GRAD_OPTIONS, ##__VA_ARGS__)))
#define cor_conv3d_weight(input, weight_sizes, grad_output, ...)                                                       \
    COR__CALL(cor_conv3d_weight_with((input), (cor_dims)weight_sizes, (grad_output),                                   \
                                     COR__OPTIONS(cor_conv_grad_options, COR_CONV_GRAD_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
