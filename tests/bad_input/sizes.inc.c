/* sizes.inc.c: sizes that are negative, too many or too large.
 * Rows of tests/test_bad_input.c. */
/* clang-format off */

TENSOR("A1", cor_zeros(2, -3), COR_EVALUE, "zeros: Dimension size must be non-negative.")
TENSOR("A1", cor_ones_of(COR_INT64, -1), COR_EVALUE, "Trying to create tensor with negative dimension -1: [-1]")
TENSOR("A1", cor_empty(0, -1), COR_EVALUE, "Trying to create tensor with negative dimension -1: [0, -1]")
TENSOR("A1", cor_full(7, -2, 3), COR_EVALUE, "Trying to create tensor with negative dimension -2: [-2, 3]")
TENSOR("A1", cor_rand(-1), COR_EVALUE, "Trying to create tensor with negative dimension -1: [-1]")
TENSOR("A1", cor_randint(0, 5, 2, -1), COR_EVALUE, "Trying to create tensor with negative dimension -1: [2, -1]")
TENSOR("A1", cor_randperm(-1), COR_EVALUE, "Trying to create tensor with negative dimension -1: [-1]")
TENSOR("A1", cor_eye(-1), COR_EVALUE, "n must be greater or equal to 0, got -1")
TENSOR("A1", cor_eye(2, .m = -1), COR_EVALUE, "m must be greater or equal to 0, got -1")
TENSOR("A1", cor_linspace(0, 1, -1), COR_EVALUE, "number of steps must be non-negative")
TENSOR("A1", cor_reshape(F32(2, 3), -2, 3), COR_ESHAPE, "invalid shape dimension -2 at index 0 of shape [-2, 3]")
TENSOR("A1", cor_view(F32(2, 3), -3, -2), COR_ESHAPE, "invalid shape dimension -3 at index 0 of shape [-3, -2]")
TENSOR("A1", cor_expand(F32(1, 3), -2, 3), COR_EVALUE, "Trying to create tensor with negative dimension -2: [-2, 3]")
TENSOR("A1", cor_narrow(F32(4), 0, 1, -1), COR_EVALUE, "narrow(): length must be non-negative.")
TENSOR("A1", cor_unflatten(F32(4), 0, COR__SIZES(-2, 2)), COR_ESHAPE,
       "unflatten: Provided sizes [-2, 2] don't multiply up to the size of dim 0 (4) in the input tensor")
TENSOR("A1", cor_interpolate(F32(1, 1, 4), .size = -1), COR_ESHAPE,
       "Input and output sizes should be greater than 0, but got input (W: 4) and output (W: -1)")
TENSOR("A1", cor_adaptive_avg_pool2d(F32(1, 4, 4), .size = -1), COR_EVALUE,
       "adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but received {-1, -1}")
TENSOR("A1", cor_adaptive_max_pool1d(F32(1, 4), .size = -2), COR_EVALUE,
       "Trying to create tensor with negative dimension -2: [1, 1, -2]")
TENSOR("A1", cor_as_strided(F32(4), SIZES(-1), SIZES(1), 1, 0), COR_EVALUE,
       "Trying to create tensor with negative dimension -1: [-1]")
TENSOR("A1", cor_topk(F32(4), -1), COR_EINDEX, "selected index k out of range")
TENSOR("A1", cor_from_blob(bad_input_blob(), COR_FLOAT32, SIZES(2, -1), NULL, 2, NULL, NULL), COR_EVALUE,
       "Trying to create tensor with negative dimension -1: [2, -1]")
TENSOR("A1", cor_from_pointer(bad_input_blob(), COR_FLOAT32, COR__SIZES(-2)), COR_EVALUE,
       "Trying to create tensor with negative dimension -2: [-2]")

TENSOR("A2", cor_sum(F32()), COR_OK, "tensor(1.)")
TENSOR("A2", cor_softmax(F32(), -1), COR_OK, "tensor(1.)")
TENSOR("A2", cor_cumsum(F32(), 0), COR_OK, "tensor(1.)")
TENSOR("A2", cor_sort(F32()), COR_OK, "tensor(1.)")
TENSOR("A2", cor_flatten(F32()), COR_OK, "tensor([1.])")
TENSOR("A2", cor_argmax(F32(), .dim = -1), COR_OK, "tensor(0)")
TENSOR("A2", cor_select(F32(), 0, 0), COR_EINDEX, "select() cannot be applied to a 0-dim tensor.")
TENSOR("A2", cor_narrow(F32(), 0, 0, 1), COR_EINDEX, "narrow() cannot be applied to a 0-dim tensor.")
TENSOR("A2", cor_slice(F32(), 0), COR_EINDEX, "slice() cannot be applied to a 0-dim tensor.")
TENSOR("A2", cor_matmul(F32(), F32(2)), COR_ESHAPE,
       "both arguments to matmul need to be at least 1D, but they are 0D and 1D")
TENSOR("A2", cor_mm(F32(), F32(2, 2)), COR_ESHAPE, "self must be a matrix")
TENSOR("A2", cor_linear(F32(), F32(2, 1)), COR_ESHAPE,
       "both arguments to linear need to be at least 1D, but they are 0D and 2D")
TENSOR("A2", cor_cat(COR_TENSORS(F32(), F32())), COR_ESHAPE,
       "zero-dimensional tensor (at position 0) cannot be concatenated")
TENSOR("A2", cor_cat(COR_TENSORS()), COR_EVALUE, "torch.cat(): expected a non-empty list of Tensors")
TENSOR("A2", cor_stack(COR_TENSORS()), COR_EVALUE, "stack expects a non-empty TensorList")
TENSOR("A2", cor_conv2d(F32(), F32(1, 1, 1, 1)), COR_ESHAPE,
       "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: []")
TENSOR("A2", cor_conv2d(F32(3, 3), F32(1, 1, 2, 2)), COR_ESHAPE,
       "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [3, 3]")
TENSOR("A2", cor_conv1d(F32(1, 1, 1, 3), F32(1, 1, 2)), COR_ESHAPE,
       "Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [1, 1, 1, 3]")
TENSOR("A2", cor_conv3d(F32(1, 1, 3), F32(1, 1, 2, 2, 2)), COR_ESHAPE,
       "Expected 4D (unbatched) or 5D (batched) input to conv3d, but got input of size: [1, 1, 3]")
TENSOR("A2", cor_conv_transpose2d(F32(3, 3), F32(1, 1, 2, 2)), COR_ESHAPE,
       "Expected 3D (unbatched) or 4D (batched) input to conv_transpose2d, but got input of size: [3, 3]")
TENSOR("A2", cor_max_pool2d(F32(), 1), COR_ESHAPE, "non-empty 3D or 4D (batch mode) tensor expected for input")
TENSOR("A2", cor_avg_pool1d(F32(), 1), COR_ESHAPE,
       "Expected 2 to 3 dimensions, but got 0-dimensional tensor for argument #1 'self' (while checking arguments "
       "for avg_pool1d)")
TENSOR("A2", cor_adaptive_avg_pool2d(F32(2, 3), .size = 2), COR_ESHAPE,
       "adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got [2, 3]")
TENSOR("A2", cor_batch_norm(F32(), COR_NONE, COR_NONE, .training = true), COR_ESHAPE,
       "batch_norm expects at least 2 dimensions, got input size torch.Size([])")
TENSOR("A2", cor_interpolate(F32(3, 3), .size = 2), COR_EUNSUPPORTED,
       "Input Error: Only 3D, 4D and 5D input Tensors supported (got 2D) for the modes: nearest | linear | "
       "bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got nearest)")
TENSOR("A2", cor_pad(F32(), COR_DIMS(1, 1)), COR_EVALUE,
       "Padding length should be less than or equal to two times the input dimension but got padding length 2 and "
       "input of dimension 0")
TENSOR("A2", cor_glu(F32()), COR_ESHAPE, "glu does not support scalars because halving size must be even")
TENSOR("A2", cor_prelu(F32(), F32(1)), COR_OK, "tensor(1.)")
TENSOR("A2", cor_permute_to(F32(), NULL, 0), COR_OK, "tensor(1.)")
TENSOR("A2", cor_zeros(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), COR_ELIMIT,
       "a tensor has at most 16 dimensions, 17 were asked for")
TENSOR("A2", cor_zeros_sized(COR_FLOAT32, SIZES(1), -1), COR_ELIMIT,
       "a tensor has at most 16 dimensions, -1 were asked for")
TENSOR("A2", cor_zeros_sized(COR_FLOAT32, SIZES(1), INT_MAX), COR_ELIMIT,
       "a tensor has at most 16 dimensions, 2147483647 were asked for")
TENSOR("A2", cor_unsqueeze(widest(), 0), COR_ELIMIT, "unsqueeze: more than 16 dimensions")
TENSOR("A2", cor_stack(COR_TENSORS(widest(), widest())), COR_ELIMIT, "unsqueeze: more than 16 dimensions")
TENSOR("A2", cor_expand(F32(1), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), COR_ELIMIT,
       "a tensor has at most 16 dimensions, 17 were asked for")
TENSOR("A2", cor_reshape(F32(1), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), COR_ELIMIT,
       "a tensor has at most 16 dimensions, 17 were asked for")
TENSOR("A2", cor_view_to(F32(1), SIZES(1), -1), COR_ELIMIT, "a tensor has at most 16 dimensions, -1 were asked for")
TENSOR("A2", cor_unflatten(widest(), 0, COR__SIZES(1, 1)), COR_ELIMIT, "unflatten: more than 16 dimensions")
TENSOR("A2", cor_from_array(SIZES(1), 8, COR_INT64, SIZES(1), 17), COR_ELIMIT,
       "a tensor has at most 16 dimensions, 17 were asked for")
TENSOR("A2", cor_from_blob(bad_input_blob(), COR_FLOAT32, SIZES(1), NULL, 17, NULL, NULL), COR_ELIMIT,
       "a tensor has at most 16 dimensions, 17 were asked for")
TENSOR("A2", cor_as_strided(F32(1), SIZES(1), SIZES(1), 17, 0), COR_ELIMIT,
       "a tensor has at most 16 dimensions, 17 were asked for")
TENSOR("A2", cor_permute_to(F32(1), SIZES(0), 17), COR_ESHAPE,
       "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
       "ordering of dimensions i.e. input.dim() = 1 is not equal to len(dims) = 17")
TENSOR("A2", cor_permute_to(F32(1), SIZES(0), -1), COR_ESHAPE,
       "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
       "ordering of dimensions i.e. input.dim() = 1 is not equal to len(dims) = -1")
TENSOR("A2", cor_sum(F32(1), .dims = {.n = 17}), COR_ELIMIT, "17 dims are too many")
TENSOR("A2", cor_pad(F32(1), {.n = 17}), COR_EVALUE, "pad: expected 0 to 16 amounts, but got 17")
TENSOR("A2", cor_pad(F32(1), {.n = -1}), COR_EVALUE, "pad: expected 0 to 16 amounts, but got -1")
TENSOR("A2", cor_squeeze(F32(1), .dims = {.n = 17}), COR_ELIMIT, "17 dims are too many")
TENSOR("A2", cor_tensor_text("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"), COR_ELIMIT,
       "tensor text: more than 16 lists in one another at byte 16")

TENSOR("A3", cor_zeros(4294967296, 4294967296), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 4294967296]")
TENSOR("A3", cor_ones_of(COR_BOOL, 2147483648, 2147483648, 4), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[2147483648, 2147483648, 4]")
TENSOR("A3", cor_empty_of(COR_UINT8, 4294967296, 2147483648), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 2147483648]")
TENSOR("A3", cor_empty(4294967296, 4294967296, 0), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 4294967296, 0]")
TENSOR("A3", cor_empty(0, 4294967296, 4294967296), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[0, 4294967296, 4294967296]")
TENSOR("A3", cor_zeros(4294967296, 0, 4294967296), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 0, 4294967296]")
TENSOR("A3", cor_expand(F32(0, 1, 1), 0, 4294967296, 4294967296), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[0, 4294967296, 4294967296]")
TENSOR("A3", cor_reshape(F32(0), 4294967296, 4294967296, 0), COR_ESHAPE,
       "shape '[4294967296, 4294967296, 0]' is invalid for input of size 0")
TENSOR("A3", cor_as_strided(F32(1), SIZES(0, INT64_MAX, INT64_MAX), SIZES(1, 1, 1), 3, 0), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[0, 9223372036854775807, 9223372036854775807]")
TENSOR("A3", cor_full(1, INT64_MAX, INT64_MAX), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[9223372036854775807, 9223372036854775807]")
TENSOR("A3", cor_rand(4294967296, 4294967296), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 4294967296]")
TENSOR("A3", cor_eye(4294967296), COR_ELIMIT, "Storage size calculation overflowed with sizes=[4294967296, 4294967296]")
TENSOR("A3", cor_expand(F32(1, 1), 4294967296, 4294967296), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 4294967296]")
TENSOR("A3", cor_reshape(F32(6), 4294967296, 4294967296), COR_ESHAPE,
       "shape '[4294967296, 4294967296]' is invalid for input of size 6")
TENSOR("A3", cor_view(F32(6), 4294967296, -1, 4294967296), COR_ESHAPE,
       "shape '[4294967296, -1, 4294967296]' is invalid for input of size 6")
TENSOR("A3", cor_unflatten(F32(6), 0, COR__SIZES(4294967296, 4294967296)), COR_ESHAPE,
       "unflatten: Provided sizes [4294967296, 4294967296] don't multiply up to the size of dim 0 (6) in the input "
       "tensor")
TENSOR("A3", cor_as_strided(F32(1), SIZES(4294967296, 4294967296), SIZES(0, 0), 2, 0), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 4294967296]")
TENSOR("A3", cor_from_blob(bad_input_blob(), COR_FLOAT32, SIZES(4294967296, 4294967296), NULL, 2, NULL, NULL),
       COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 4294967296]")
TENSOR("A3", cor_from_array(bad_input_blob(), 0, COR_FLOAT32, COR__SIZES(4294967296, 4294967296)), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 4294967296]")
TENSOR("A3", cor_from_pointer(bad_input_blob(), COR_FLOAT64, COR__SIZES(2147483648, 2147483648, 4)), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[2147483648, 2147483648, 4]")
TENSOR("A3", cor_mul(cor_expand(F32(1, 1), 4294967296, 1), cor_expand(F32(1, 1), 1, 4294967296)), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 4294967296]")
TENSOR("A3", cor_stack(COR_TENSORS(broad(), broad(), broad())), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[3, 1152921504606846976, 1]")

TENSOR("A4", cor_zeros(0x4000000000000001), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4611686018427387905]")
TENSOR("A4", cor_zeros_of(COR_UINT8, INT64_MAX), COR_ELIMIT,
       "9223372036854775807 bytes for a tensor's elements are more than can be addressed")
TENSOR("A4", cor_empty_of(COR_FLOAT64, 1152921504606846976), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1152921504606846976]")
TENSOR("A4", cor_empty_of(COR_FLOAT64, 4611686018427387904), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4611686018427387904]")
TENSOR("A4", cor_arange(0, 4611686018427387904), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4611686018427387904]")
TENSOR("A4", cor_arange(0, 1e30), COR_EVALUE, "invalid size, possible overflow?")
TENSOR("A4", cor_arange(0, 1, .step = 1e-300), COR_EVALUE, "invalid size, possible overflow?")
TENSOR("A4", cor_arange(0, INFINITY), COR_EVALUE, "unsupported range: 0 -> inf")
TENSOR("A4", cor_arange(NAN, 1), COR_EVALUE, "unsupported range: nan -> 1")
TENSOR("A4", cor_linspace(0, 1, INT64_MAX), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[9223372036854775807]")
TENSOR("A4", cor_randperm(INT64_MAX), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[9223372036854775807]")
TENSOR("A4", cor_clone(broad()), COR_ENOMEM, "out of memory: 4611686018427387904 bytes for a tensor's elements")
TENSOR("A4", cor_add(broad(), 1), COR_ENOMEM, "out of memory: 4611686018427387904 bytes for a tensor's elements")
TENSOR("A4", cor_cat(COR_TENSORS(broad(), broad())), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[2305843009213693952, 1]")
TENSOR("A4", cor_mm(cor_expand(F32(1, 1), 2147483648, 1), cor_expand(F32(1, 1), 1, 4294967296)), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[2147483648, 4294967296]")
TENSOR("A4", cor_sort(broad()), COR_ENOMEM, "out of memory: 4611686018427387904 bytes for a tensor's elements")
TENSOR("A4", cor_contiguous(cor_expand(F32(1, 1), 4611686018427387904, 2)), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4611686018427387904, 2]")
TENSOR("A4", cor_zeros_like(broad(), .dtype = COR_FLOAT64), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1152921504606846976, 1]")
TENSOR("A4", cor_to(broad(), COR_FLOAT64), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1152921504606846976, 1]")
