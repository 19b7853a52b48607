/* windows.inc.c: convolution, pooling, padding and resizing.
 * Rows of tests/test_bad_input.c. */
/* clang-format off */

TENSOR("A9", cor_conv2d(image(), kernel(), .stride = 0), COR_EVALUE, "non-positive stride is not supported")
TENSOR("A9", cor_conv2d(image(), kernel(), .strides = {1, -1}), COR_EVALUE, "non-positive stride is not supported")
TENSOR("A9", cor_conv2d(image(), kernel(), .dilation = 0), COR_EVALUE, "non-positive dilation is not supported")
TENSOR("A9", cor_conv2d(image(), kernel(), .dilation = -1), COR_EVALUE, "dilation should be greater than zero")
TENSOR("A9", cor_conv2d(image(), kernel(), .padding = -1), COR_EVALUE, "negative padding is not supported")
TENSOR("A9", cor_conv2d(image(), kernel(), .groups = 0), COR_EVALUE, "non-positive groups is not supported")
TENSOR("A9", cor_conv2d(image(), kernel(), .groups = -1), COR_EVALUE, "non-positive groups is not supported")
TENSOR("A9", cor_conv2d(image(), kernel(), .groups = INT64_MIN), COR_EVALUE, "non-positive groups is not supported")
TENSOR("A9", cor_conv2d(image(), kernel(), .stride = 2, .same = true), COR_EVALUE,
       "padding='same' is not supported for strided convolutions")
TENSOR("A9", cor_conv2d(image(), kernel(), .dilation = -1, .same = true), COR_EVALUE,
       "dilation should be greater than zero")
TENSOR("A9", cor_conv2d(image(), kernel(), .dilation = INT64_MAX, .same = true), COR_ELIMIT,
       "the sizes of the convolution are too large")
TENSOR("A9", cor_conv2d(image(), F32(2, 2, 0, 3)), COR_ESHAPE,
       "kernel size should be greater than zero, but got kernel_height: 0 kernel_width: 3")
TENSOR("A9", cor_conv1d(F32(1, 1, 4), F32(1, 1, 2), .stride = 0), COR_EVALUE, "non-positive stride is not supported")
TENSOR("A9", cor_conv3d(F32(1, 1, 2, 2, 2), F32(1, 1, 1, 1, 1), .strides = {1, 0, 1}), COR_EVALUE,
       "non-positive stride is not supported")
TENSOR("A9", cor_conv_transpose2d(image(), kernel(), .stride = 0), COR_EVALUE, "non-positive stride is not supported")
TENSOR("A9", cor_conv_transpose2d(image(), kernel(), .dilation = 0), COR_EVALUE,
       "non-positive dilation is not supported")
TENSOR("A9", cor_conv_transpose2d(image(), kernel(), .padding = -1), COR_EVALUE, "negative padding is not supported")
TENSOR("A9", cor_conv_transpose2d(image(), kernel(), .output_padding = 1), COR_EVALUE,
       "output padding must be smaller than either stride or dilation, but got output_padding_height: 1 "
       "output_padding_width: 1 stride_height: 1 stride_width: 1 dilation_height: 1 dilation_width: 1")
TENSOR("A9", cor_conv_transpose2d(image(), kernel(), .output_padding = -1), COR_EVALUE,
       "negative output_padding is not supported")
TENSOR("A9", cor_conv_transpose2d(image(), kernel(), .groups = 0), COR_EVALUE, "non-positive groups is not supported")
TENSOR("A9", cor_conv_transpose1d(F32(1, 1, 4), F32(1, 1, 2), .stride = -2), COR_EVALUE,
       "non-positive stride is not supported")
TENSOR("A9", cor_max_pool2d(image(), 0), COR_EVALUE, "stride should not be zero")
TENSOR("A9", cor_max_pool2d(image(), -2), COR_EVALUE,
       "pad should be at most half of effective kernel size, but got pad=0, kernel_size=-2 and dilation=1")
TENSOR("A9", cor_max_pool2d(image(), 2, .stride = 0), COR_EVALUE, "stride should not be zero")
TENSOR("A9", cor_max_pool2d(image(), 2, .stride = -1), COR_EVALUE,
       "stride should be greater than zero, but got dH: -1 dW: -1")
TENSOR("A9", cor_max_pool2d(image(), 2, .dilation = 0), COR_EVALUE,
       "dilation should be greater than zero, but got dilationH: 0 dilationW: 0")
TENSOR("A9", cor_max_pool2d(image(), 2, .padding = -1), COR_EVALUE, "pad must be non-negative, but got pad: -1")
TENSOR("A9", cor_max_pool1d(F32(1, 4), 0), COR_EVALUE, "max_pool1d() kernel_size must be greater than zero, but got 0")
TENSOR("A9", cor_max_pool1d(F32(1, 4), 2, .stride = -1), COR_EVALUE,
       "max_pool1d() stride must be greater than zero, but got -1")
TENSOR("A9", cor_max_pool1d(F32(1, 4), 2, .dilation = 0), COR_EVALUE,
       "max_pool1d() dilation must be greater than zero, but got 0")
TENSOR("A9", cor_max_pool3d(F32(1, 2, 2, 2), 1, .dilation = -1), COR_EVALUE,
       "dilation should be greater than zero, but got dilationT: -1 dilationH: -1 dilationW: -1")
TENSOR("A9", cor_avg_pool2d(image(), 0), COR_EVALUE, "stride should not be zero")
TENSOR("A9", cor_avg_pool2d(image(), 2, .stride = 0), COR_EVALUE, "stride should not be zero")
TENSOR("A9", cor_avg_pool2d(image(), 2, .padding = -1), COR_EVALUE, "pad must be non-negative, but got pad: -1")
TENSOR("A9", cor_avg_pool2d(image(), 2, .divisor_override = 0), COR_EVALUE, "divisor must be not zero")
TENSOR("A9", cor_avg_pool1d(F32(1, 4), -1), COR_EVALUE, "kernel size should be greater than zero, but got kH: 1 kW: -1")
TENSOR("A9", cor_avg_pool3d(F32(1, 2, 2, 2), 1, .stride = -1), COR_EVALUE,
       "stride should be greater than zero, but got dT: -1 dH: -1 dW: -1")
TENSOR("A9", cor_arange(0, 5, .step = 0), COR_EVALUE, "step must be nonzero")
TENSOR("A9", cor_arange(0, 5, .step = -1), COR_EVALUE, "upper bound and lower bound inconsistent with step sign")

TENSOR("A10", cor_conv2d(F32(1, 3, 3, 3), F32(2, 1, 2, 2), .groups = 2), COR_ESHAPE,
       "Given groups=2, weight of size [2, 1, 2, 2], expected input[1, 3, 3, 3] to have 2 channels, but got 3 "
       "channels instead")
TENSOR("A10", cor_conv2d(F32(1, 2, 3, 3), F32(3, 1, 2, 2), .groups = 2), COR_ESHAPE,
       "Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight of size [[3, 1, 2, 2]] "
       "instead")
TENSOR("A10", cor_conv2d(image(), F32(2, 3, 2, 2)), COR_ESHAPE,
       "Given groups=1, weight of size [2, 3, 2, 2], expected input[1, 2, 4, 4] to have 3 channels, but got 2 "
       "channels instead")
TENSOR("A10", cor_conv2d(image(), F32(2, 2, 2)), COR_EVALUE,
       "expected stride to be a single integer value or a list of 1 values to match the convolution dimensions, "
       "but got stride=[1, 1]")
TENSOR("A10", cor_conv2d(image(), F32(2, 2, 2, 2, 2)), COR_EVALUE,
       "expected stride to be a single integer value or a list of 3 values to match the convolution dimensions, "
       "but got stride=[1, 1]")
TENSOR("A10", cor_conv2d(image(), kernel(), .bias = F32(3)), COR_ESHAPE,
       "Given weight of size [2, 2, 2, 2], expected bias to be 1-dimensional with 2 elements, but got bias of size "
       "[3] instead")
TENSOR("A10", cor_conv2d(image(), kernel(), .bias = F32(2, 1)), COR_ESHAPE,
       "Given weight of size [2, 2, 2, 2], expected bias to be 1-dimensional with 2 elements, but got bias of size "
       "[2, 1] instead")
TENSOR("A10", cor_conv2d(image(), kernel(), .groups = INT64_MAX), COR_ESHAPE,
       "Given groups=9223372036854775807, expected weight to be at least 9223372036854775807 at dimension 0, but "
       "got weight of size [2, 2, 2, 2] instead")
TENSOR("A10", cor_conv_transpose2d(F32(1, 3, 3, 3), F32(3, 1, 2, 2), .groups = 2), COR_ESHAPE,
       "Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight of size [[3, 1, 2, 2]] "
       "instead")
TENSOR("A10", cor_conv_transpose2d(image(), F32(3, 2, 2, 2)), COR_ESHAPE,
       "Given transposed=1, weight of size [3, 2, 2, 2], expected input[1, 2, 4, 4] to have 3 channels, but got 2 "
       "channels instead")
TENSOR("A10", cor_conv_transpose2d(image(), kernel(), .bias = F32(3)), COR_ESHAPE,
       "Given transposed=1, weight of size [2, 2, 2, 2], expected bias to be 1-dimensional with 2 elements, but "
       "got bias of size [3] instead")

TENSOR("A8", cor_conv2d_fused(I64(1, 2, 4, 4), I64(2, 2, 2, 2)), COR_EDTYPE,
       "\"conv2d_fused\" not implemented for 'Long': use the separate operations")
TENSOR("A8", cor_conv1d_fused(U8(1, 1, 4), U8(1, 1, 2)), COR_EDTYPE,
       "\"conv1d_fused\" not implemented for 'Byte': use the separate operations")
TENSOR("A8", cor_conv2d_fused(image(), F64(2, 2, 2, 2)), COR_EDTYPE,
       "expected scalar type Float but found Double")
TENSOR("A8", cor_conv2d_fused(image(), kernel(), .scale = F64(2)), COR_EDTYPE,
       "expected scale to have the input's dtype Float, but got Double")
TENSOR("A8", cor_conv2d_fused(image(), kernel(), .residual = I64(1, 2, 3, 3)), COR_EDTYPE,
       "expected residual to have the input's dtype Float, but got Long")
TENSOR("A9", cor_conv2d_fused(image(), kernel(), .stride = 0), COR_EVALUE, "non-positive stride is not supported")
TENSOR("A10", cor_conv2d_fused(image(), kernel(), .bias = F32(3)), COR_ESHAPE,
       "Given weight of size [2, 2, 2, 2], expected bias to be 1-dimensional with 2 elements, but got bias of size "
       "[3] instead")
TENSOR("A10", cor_conv2d_fused(image(), kernel(), .scale = F32(3)), COR_ESHAPE,
       "expected scale to be 1-dimensional with 2 elements, but got scale of size [3]")
TENSOR("A10", cor_conv2d_fused(image(), kernel(), .scale = F32(2, 1)), COR_ESHAPE,
       "expected scale to be 1-dimensional with 2 elements, but got scale of size [2, 1]")
TENSOR("A10", cor_conv2d_fused(image(), kernel(), .residual = F32(1, 2, 4, 4)), COR_ESHAPE,
       "expected residual to have the output's size [1, 2, 3, 3], but got residual of size [1, 2, 4, 4]")
TENSOR("A10", cor_conv2d_fused(image(), kernel(), .residual = F32(2, 3, 3)), COR_ESHAPE,
       "expected residual to have the output's size [1, 2, 3, 3], but got residual of size [2, 3, 3]")
TENSOR("A10", cor_conv3d_fused(F32(0, 1, 2, 2, 2), F32(1, 1, 1, 1, 1), .residual = F32(0, 1, 2, 2, 3)), COR_ESHAPE,
       "expected residual to have the output's size [0, 1, 2, 2, 2], but got residual of size [0, 1, 2, 2, 3]")
TENSOR("A22", cor_conv2d_fused(image(), kernel(), .activation = (cor_activation)4), COR_EVALUE,
       "activation must be one of the cor_activation values, but got 4")
TENSOR("A22", cor_conv2d_fused(image(), kernel(), .activation = (cor_activation)-1), COR_EVALUE,
       "activation must be one of the cor_activation values, but got -1")
TENSOR("A22", cor_conv2d_fused(image(), kernel(), .precision = (cor_precision)3), COR_EVALUE,
       "precision must be one of the cor_precision values, but got 3")

TENSOR("A11", cor_conv2d(image(), F32(1, 2, 6, 1)), COR_ESHAPE,
       "Calculated padded input size per channel: (4 x 4). Kernel size: (6 x 1). Kernel size can't be greater than "
       "actual input size")
TENSOR("A11", cor_conv2d(image(), F32(1, 2, 2, 2), .dilation = 5), COR_ESHAPE,
       "Calculated padded input size per channel: (4 x 4). Kernel size: (6 x 6). Kernel size can't be greater than "
       "actual input size")
TENSOR("A11", cor_conv1d(F32(1, 1, 3), F32(1, 1, 6), .padding = 1), COR_ESHAPE,
       "Calculated padded input size per channel: (5). Kernel size: (6). Kernel size can't be greater than actual "
       "input size")
TENSOR("A11", cor_conv_transpose2d(F32(1, 1, 1, 1), F32(1, 1, 2, 2), .padding = 1), COR_ESHAPE,
       "Given input size per channel: (1 x 1). Calculated output size per channel: (0 x 0). Output size is too "
       "small")
TENSOR("A11", cor_conv_transpose1d(F32(1, 1, 2), F32(1, 1, 2), .padding = 5), COR_ESHAPE,
       "Given input size per channel: (1 x 2). Calculated output size per channel: (1 x -7). Output size is too "
       "small")
TENSOR("A11", cor_max_pool2d(image(), 5), COR_ESHAPE,
       "Given input size: (2x4x4). Calculated output size: (2x0x0). Output size is too small")
TENSOR("A11", cor_max_pool1d(F32(1, 4), 5), COR_ESHAPE, "max_pool1d() Invalid computed output size: 0")
TENSOR("A11", cor_max_pool2d(image(), 2, .dilation = 4), COR_ESHAPE,
       "Given input size: (2x4x4). Calculated output size: (2x0x0). Output size is too small")
TENSOR("A11", cor_avg_pool2d(image(), 7), COR_ESHAPE,
       "Given input size: (2x4x4). Calculated output size: (2x0x0). Output size is too small")
TENSOR("A11", cor_avg_pool3d(F32(1, 2, 2, 2), 3), COR_ESHAPE,
       "input image (T: 2 H: 2 W: 2) smaller than kernel size (kT: 3 kH: 3 kW: 3)")
TENSOR("A11", cor_interpolate(F32(1, 1, 4), .scale_factor = 0.1), COR_ESHAPE,
       "Input and output sizes should be greater than 0, but got input (W: 4) and output (W: 0)")
TENSOR("A11", cor_interpolate(F32(1, 1, 4), .scale_factor = -1), COR_ESHAPE,
       "Input and output sizes should be greater than 0, but got input (W: 4) and output (W: -4)")
TENSOR("A11", cor_interpolate(F32(1, 1, 4)), COR_EVALUE, "either size or scale_factor should be defined")
TENSOR("A11", cor_interpolate(F32(1, 1, 4), .size = 2, .scale_factor = 2), COR_EVALUE,
       "only one of size or scale_factor should be defined")
TENSOR("A11", cor_interpolate(F32(1, 1, 4), .size = 2, .mode = COR_BILINEAR), COR_EUNSUPPORTED,
       "Got 3D input, but bilinear mode needs 4D input")
TENSOR("A11", cor_interpolate(F32(1, 1, 4), .size = 2, .align_corners = true), COR_EVALUE,
       "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear")
TENSOR("A11", cor_pad(F32(1, 3), COR_DIMS(-2, -2)), COR_ESHAPE, "narrow(): length must be non-negative.")
TENSOR("A11", cor_pad(F32(1, 3), COR_DIMS(1, 2, 3)), COR_EVALUE, "Padding length must be divisible by 2")
TENSOR("A11", cor_pad(F32(3), COR_DIMS(1, 1, 1, 1)), COR_EVALUE,
       "Padding length should be less than or equal to two times the input dimension but got padding length 4 and "
       "input of dimension 1")
TENSOR("A11", cor_pad(F32(1, 3), COR_DIMS(3, 0), .mode = COR_PAD_REFLECT), COR_EVALUE,
       "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (3, 0) "
       "at dimension 1 of input [1, 3]")
TENSOR("A11", cor_pad(F32(1, 3), COR_DIMS(4, 0), .mode = COR_PAD_CIRCULAR), COR_EVALUE,
       "Padding value causes wrapping around more than once.")
TENSOR("A11", cor_pad(F32(3), COR_DIMS(1, 1), .mode = COR_PAD_REFLECT), COR_EUNSUPPORTED,
       "Padding size 2 is not supported for 1D input tensor.\n"
       "Supported combinations for non-constant padding:\n"
       "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
       "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
       "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)")

TENSOR("A12", cor_conv2d(image(), kernel(), .padding = 36028797018963968), COR_ELIMIT,
       "a tensor of the convolution has more elements than can be addressed")
TENSOR("A12", cor_conv2d(image(), kernel(), .padding = INT64_MAX), COR_EVALUE,
       "Given padding=9223372036854775807 at dimension 0 , expected padding to be at most 4611686018427387903")
TENSOR("A12", cor_conv2d(image(), kernel(), .padding = INT64_MAX, .stride = INT64_MAX), COR_EVALUE,
       "Given padding=9223372036854775807 at dimension 0 , expected padding to be at most 4611686018427387903")
TENSOR("A12", cor_conv2d(image(), kernel(), .stride = 1099511627776), COR_OK,
       "tensor([[[[ 560.]],\n"
       "\n"
       "         [[1296.]]]])")
TENSOR("A12", cor_conv2d(image(), kernel(), .stride = INT64_MAX), COR_ELIMIT,
       "the sizes of the convolution are too large")
TENSOR("A12", cor_conv2d(image(), kernel(), .padding = 1099511627776, .stride = 1099511627776), COR_OK,
       "tensor([[[[   0.,    0.,    0.],\n"
       "          [   0.,  560.,    0.],\n"
       "          [   0.,    0.,    0.]],\n"
       "\n"
       "         [[   0.,    0.,    0.],\n"
       "          [   0., 1296.,    0.],\n"
       "          [   0.,    0.,    0.]]]])")
TENSOR("A12", cor_conv2d(image(), kernel(), .dilation = 1099511627776), COR_ESHAPE,
       "Calculated padded input size per channel: (4 x 4). Kernel size: (1099511627777 x 1099511627777). Kernel "
       "size can't be greater than actual input size")
TENSOR("A12", cor_conv2d(image(), kernel(), .dilation = INT64_MAX), COR_ELIMIT,
       "the sizes of the convolution are too large")
TENSOR("A12", cor_conv2d(image(), cor_expand(F32(1, 1, 1, 1), 1, 2, 1879048192, 1)), COR_ESHAPE,
       "Calculated padded input size per channel: (4 x 4). Kernel size: (1879048192 x 1). Kernel size can't be "
       "greater than actual input size")
TENSOR("A12", cor_conv_transpose2d(image(), kernel(), .stride = 1099511627776), COR_ELIMIT,
       "a tensor of the convolution has more elements than can be addressed")
TENSOR("A12", cor_conv_transpose2d(image(), kernel(), .stride = INT64_MAX), COR_ELIMIT,
       "the sizes of the convolution are too large")
TENSOR("A12", cor_conv_transpose2d(image(), kernel(), .padding = 36028797018963968), COR_ESHAPE,
       "Given input size per channel: (4 x 4). Calculated output size per channel: (-72057594037927931 x "
       "-72057594037927931). Output size is too small")
TENSOR("A12", cor_conv_transpose2d(image(), kernel(), .padding = INT64_MAX), COR_ELIMIT,
       "the sizes of the convolution are too large")
TENSOR("A12", cor_conv_transpose2d(image(), kernel(), .dilation = INT64_MAX), COR_ELIMIT,
       "the sizes of the convolution are too large")
TENSOR("A12", cor_conv_transpose2d(image(), kernel(), .stride = 1099511627776, .output_padding = 1099511627775),
       COR_ELIMIT,
       "a tensor of the convolution has more elements than can be addressed")
TENSOR("A12", cor_conv_transpose1d(F32(1, 1, 2), cor_expand(F32(1, 1, 1), 1, 1, 1152921504606846976)), COR_ELIMIT,
       "a tensor of the convolution has more elements than can be addressed")
TENSOR("A12", cor_max_pool2d(image(), 1879048192), COR_ESHAPE,
       "Given input size: (2x4x4). Calculated output size: (2x0x0). Output size is too small")
TENSOR("A12", cor_max_pool2d(image(), 1879048192, .padding = 939524096), COR_OK,
       "tensor([[[[16.]],\n"
       "\n"
       "         [[32.]]]])")
TENSOR("A12", cor_max_pool2d(image(), 1099511627776), COR_EVALUE,
       "value cannot be converted to type int without overflow")
TENSOR("A12", cor_max_pool2d(image(), 2, .padding = 36028797018963968), COR_EVALUE,
       "value cannot be converted to type int without overflow")
TENSOR("A12", cor_max_pool2d(image(), 2, .stride = 1099511627776), COR_EVALUE,
       "value cannot be converted to type int without overflow")
TENSOR("A12", cor_max_pool2d(image(), 2, .dilation = INT64_MAX), COR_EVALUE,
       "value cannot be converted to type int without overflow")
TENSOR("A12", cor_max_pool1d(F32(1, 4), INT64_MAX), COR_EVALUE,
       "value cannot be converted to type int without overflow")
TENSOR("A12", cor_max_pool1d(F32(1, 4), 2, .stride = INT64_MAX, .ceil_mode = true), COR_EVALUE,
       "value cannot be converted to type int without overflow")
TENSOR("A12", cor_avg_pool2d(image(), 1879048192), COR_ESHAPE,
       "Given input size: (2x4x4). Calculated output size: (2x0x0). Output size is too small")
TENSOR("A12", cor_avg_pool2d(image(), 2, .stride = 1099511627776), COR_EVALUE,
       "value cannot be converted to type int without overflow")
TENSOR("A12", cor_avg_pool1d(F32(1, 4), INT64_MAX, .padding = 4611686018427387903), COR_EVALUE,
       "value cannot be converted to type int without overflow")
TENSOR("A12", cor_avg_pool3d(F32(1, 2, 2, 2), 1879048192), COR_ESHAPE,
       "input image (T: 2 H: 2 W: 2) smaller than kernel size (kT: 1879048192 kH: 1879048192 kW: 1879048192)")
TENSOR("A12", cor_adaptive_avg_pool2d(image(), .size = 1099511627776), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1, 2, 1099511627776, 1099511627776]")
TENSOR("A12", cor_adaptive_max_pool1d(F32(1, 4), .size = INT64_MAX), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1, 9223372036854775807]")
TENSOR("A12", cor_pad(F32(1, 3), COR_DIMS(36028797018963968, 36028797018963968, 1099511627776, 0)), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1099511627777, 72057594037927939]")
TENSOR("A12", cor_pad(F32(1, 3), COR_DIMS(INT64_MAX, INT64_MAX)), COR_ELIMIT, "pad: the sizes overflow")
TENSOR("A12", cor_pad(F32(1, 3), COR_DIMS(INT64_MIN, 0)), COR_ESHAPE, "narrow(): length must be non-negative.")
TENSOR("A12", cor_pad(F32(1, 3), COR_DIMS(INT64_MAX, INT64_MIN)), COR_ELIMIT, "pad: the sizes overflow")
TENSOR("A12", cor_pad(F32(1, 3), COR_DIMS(36028797018963968, 0), .mode = COR_PAD_REFLECT), COR_EVALUE,
       "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding "
       "(36028797018963968, 0) at dimension 1 of input [1, 3]")
TENSOR("A12", cor_pad(F32(1, 3), COR_DIMS(INT64_MAX, 1), .mode = COR_PAD_REPLICATE), COR_ELIMIT,
       "pad: the sizes overflow")
TENSOR("A12", cor_interpolate(F32(1, 1, 4, 4), .size = 1099511627776), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1, 1, 1099511627776, 1099511627776]")
TENSOR("A12", cor_interpolate(F32(1, 1, 4, 4), .size = 36028797018963968, .mode = COR_BILINEAR), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1, 1, 36028797018963968, 36028797018963968]")
TENSOR("A12", cor_interpolate(F32(1, 1, 4), .scale_factor = 1e18), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1, 1, 4000000000000000000]")
TENSOR("A12", cor_interpolate(F32(1, 1, 4), .scale_factor = INFINITY), COR_ELIMIT,
       "value cannot be converted to type int64_t without overflow")
TENSOR("A12", cor_interpolate(F32(1, 1, 4), .scale_factor = NAN), COR_ELIMIT,
       "value cannot be converted to type int64_t without overflow")

TENSOR("A13", cor_max_pool2d(image(), 2, .padding = 2), COR_EVALUE,
       "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1")
TENSOR("A13", cor_max_pool1d(F32(1, 4), 3, .padding = 2), COR_EVALUE,
       "max_pool1d() padding should be at most half of kernel size, but got padding=2 and kernel_size=3")
TENSOR("A13", cor_max_pool3d(F32(1, 2, 2, 2), 1, .padding = 1), COR_EVALUE,
       "pad should be at most half of effective kernel size, but got pad=1, kernel_size=1 and dilation=1")
TENSOR("A13", cor_avg_pool2d(image(), 2, .padding = 2), COR_EVALUE,
       "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1")
TENSOR("A13", cor_avg_pool1d(F32(1, 4), 1, .padding = 1), COR_EVALUE,
       "pad should be at most half of effective kernel size, but got pad=1, kernel_size=1 and dilation=1")
TENSOR("A13", cor_max_pool2d(F32(1, 1, 3, 3), 2, .stride = 2, .padding = 1, .ceil_mode = true), COR_OK,
       "tensor([[[[1., 3.],\n"
       "          [7., 9.]]]])")
TENSOR("A13", cor_max_pool1d(F32(1, 4), 2, .stride = 4, .padding = 1, .ceil_mode = true), COR_OK, "tensor([[1., 4.]])")
TENSOR("A13", cor_max_pool1d(F32(1, 3), 1, .stride = 3, .ceil_mode = true), COR_OK, "tensor([[1.]])")
TENSOR("A13", cor_avg_pool2d(F32(1, 1, 3, 3), 2, .stride = 3, .padding = 1, .ceil_mode = true), COR_OK,
       "tensor([[[[0.2500, 0.7500],\n"
       "          [1.7500, 2.2500]]]])")
TENSOR("A13", cor_avg_pool1d(F32(1, 4), 2, .stride = 4, .padding = 1, .ceil_mode = true), COR_OK,
       "tensor([[0.5000, 2.0000]])")
