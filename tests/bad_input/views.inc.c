/* views.inc.c: dimensions, shapes and windows of memory.
 * Rows of tests/test_bad_input.c. */
/* clang-format off */

TENSOR("A16", cor_sum(F32(2, 3), .dim = 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_sum(F32(2, 3), .dim = -3), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got -3)")
TENSOR("A16", cor_sum(F32(2, 3), .dims = COR_DIMS(1, 1)), COR_EVALUE,
       "dim 1 appears multiple times in the list of dims")
TENSOR("A16", cor_mean(F32(2, 3), .dims = COR_DIMS(0, -2)), COR_EVALUE,
       "dim 0 appears multiple times in the list of dims")
TENSOR("A16", cor_var(F32(2, 3), .dims = COR_DIMS(0, 0)), COR_EVALUE,
       "dim 0 appears multiple times in the list of dims")
TENSOR("A16", cor_amax(F32(2, 3), .dims = COR_DIMS(1, -1)), COR_EVALUE,
       "dim 1 appears multiple times in the list of dims")
TENSOR("A16", cor_any(F32(2, 3), .dims = COR_DIMS(1, -1)), COR_EVALUE,
       "dim 1 appears multiple times in the list of dims")
TENSOR("A16", cor_sum(F32(), .dim = 1), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-1, 0], but got 1)")
TENSOR("A16", cor_prod(F32(2, 3), .dim = INT64_MAX), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 9223372036854775807)")
TENSOR("A16", cor_max(F32(2, 3), .dim = 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_argmax(F32(2, 3), .dim = -3), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got -3)")
TENSOR("A16", cor_norm(F32(2, 3), .dim = 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_sort(F32(2, 3), .dim = 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_topk(F32(2, 3), 1, .dim = 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_topk(F32(2, 3), 4), COR_EINDEX, "selected index k out of range")
TENSOR("A16", cor_cumsum(F32(2, 3), 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_softmax(F32(2, 3), 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_softmin(F32(2, 3), -3), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got -3)")
TENSOR("A16", cor_glu(F32(2, 4), .dim = 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_glu(F32(2, 3)), COR_ESHAPE, "Halving dimension must be even, but dimension 1 is size 3")
TENSOR("A16", cor_transpose(F32(2, 3), 0, 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_transpose(F32(2, 3), -3, 0), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got -3)")
TENSOR("A16", cor_t(F32(2, 3, 4)), COR_ESHAPE, "t() expects a tensor with <= 2 dimensions, but self is 3D")
TENSOR("A16", cor_permute(F32(2, 3), 0, 0), COR_EVALUE, "permute(): duplicate dims are not allowed.")
TENSOR("A16", cor_permute(F32(2, 3), 0), COR_ESHAPE,
       "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
       "ordering of dimensions i.e. input.dim() = 2 is not equal to len(dims) = 1")
TENSOR("A16", cor_permute(F32(2, 3), 0, 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_flatten(F32(2, 3, 4), .start_dim = 2, .end_dim = 1), COR_EVALUE,
       "flatten() has invalid args: start_dim cannot come after end_dim")
TENSOR("A16", cor_flatten(F32(2, 3), .start_dim = 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_squeeze(F32(2, 1), .dim = 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_squeeze(F32(2, 1), .dims = COR_DIMS(1, 1)), COR_EVALUE,
       "dim 1 appears multiple times in the list of dims")
TENSOR("A16", cor_unsqueeze(F32(2, 3), 3), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-3, 2], but got 3)")
TENSOR("A16", cor_unsqueeze(F32(2, 3), -4), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-3, 2], but got -4)")
TENSOR("A16", cor_select(F32(2, 3), 2, 0), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_select(F32(2, 3), 0, 2), COR_EINDEX,
       "select(): index 2 out of range for tensor of size [2, 3] at dimension 0")
TENSOR("A16", cor_select(F32(2, 3), 1, -4), COR_EINDEX,
       "select(): index -4 out of range for tensor of size [2, 3] at dimension 1")
TENSOR("A16", cor_select(F32(2, 3), 0, INT64_MIN), COR_EINDEX,
       "select(): index -9223372036854775808 out of range for tensor of size [2, 3] at dimension 0")
TENSOR("A16", cor_narrow(F32(4), 1, 0, 1), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-1, 0], but got 1)")
TENSOR("A16", cor_slice(F32(4), 1), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-1, 0], but got 1)")
TENSOR("A16", cor_slice(F32(4), 0, .step = 0), COR_EVALUE, "slice step must be positive")
TENSOR("A16", cor_slice(F32(4), 0, .step = -1), COR_EVALUE, "slice step must be positive")
TENSOR("A16", cor_unflatten(F32(4), 1, COR__SIZES(2, 2)), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-1, 0], but got 1)")
TENSOR("A16", cor_cat(COR_TENSORS(F32(2, 3)), .dim = 2), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
TENSOR("A16", cor_cat(COR_TENSORS(F32(2, 3), F32(2, 3)), .dim = -3), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got -3)")
TENSOR("A16", cor_stack(COR_TENSORS(F32(2, 3)), .dim = 3), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-3, 2], but got 3)")
CODE("A16", cor_split(F32(4), 2, 1, parts, 4), COR_EINDEX,
     "Dimension out of range (expected to be in range of [-1, 0], but got 1)")
CODE("A16", cor_split(F32(4), -1, 0, parts, 4), COR_EVALUE,
     "split expects split_size be non-negative, but got split_size=-1")
CODE("A16", cor_split(F32(4), 0, 0, parts, 4), COR_EVALUE,
     "split_size can only be 0 if dimension size is 0, but got dimension size of 4")
CODE("A16", cor_split(F32(4), 1, 0, parts, 3), COR_ELIMIT, "split: there are 4 parts, but room for 3")
CODE("A16", cor_split(F32(), 1, 0, parts, 4), COR_ESHAPE, "split expects at least a 1-dimensional tensor")
CODE("A16", cor_chunk(F32(4), 0, 0, parts, 4), COR_EVALUE, "chunk expects `chunks` to be greater than 0, got: 0")
CODE("A16", cor_chunk(F32(4), 2, -2, parts, 4), COR_EINDEX,
     "Dimension out of range (expected to be in range of [-1, 0], but got -2)")
CODE("A16", cor_chunk(F32(), 2, 0, parts, 4), COR_ESHAPE, "chunk expects at least a 1-dimensional tensor")

TENSOR("A17", cor_reshape(F32(2, 3), -1, -1), COR_ESHAPE, "only one dimension can be inferred")
TENSOR("A17", cor_view(F32(2, 3), -1, -1), COR_ESHAPE, "only one dimension can be inferred")
TENSOR("A17", cor_reshape(F32(0, 3), 0, -1), COR_ESHAPE,
       "cannot reshape tensor of 0 elements into shape [0, -1] because the unspecified dimension size -1 can be "
       "any value and is ambiguous")
TENSOR("A17", cor_view(F32(0, 3), -1, 0), COR_ESHAPE,
       "cannot reshape tensor of 0 elements into shape [-1, 0] because the unspecified dimension size -1 can be "
       "any value and is ambiguous")
TENSOR("A17", cor_reshape(F32(2, 3), 0, -1), COR_ESHAPE, "shape '[0, -1]' is invalid for input of size 6")
TENSOR("A17", cor_reshape(F32(2, 3), 4), COR_ESHAPE, "shape '[4]' is invalid for input of size 6")
TENSOR("A17", cor_reshape(F32(2, 3), -1, 4), COR_ESHAPE, "shape '[-1, 4]' is invalid for input of size 6")
TENSOR("A17", cor_view(F32(2, 3), 7), COR_ESHAPE, "shape '[7]' is invalid for input of size 6")
TENSOR("A17", cor_view(cor_t(F32(2, 3)), 6), COR_ESHAPE,
       "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
       "contiguous subspaces). Use .reshape(...) instead.")
TENSOR("A17", cor_reshape_to(F32(2, 3), NULL, 0), COR_ESHAPE, "shape '[]' is invalid for input of size 6")
TENSOR("A17", cor_unflatten(F32(2, 6), 1, COR__SIZES(4, 2)), COR_ESHAPE,
       "unflatten: Provided sizes [4, 2] don't multiply up to the size of dim 1 (6) in the input tensor")
TENSOR("A17", cor_unflatten(F32(2, 6), 1, COR__SIZES(-1, -1)), COR_ESHAPE, "only one dimension can be inferred")
TENSOR("A17", cor_unflatten(F32(2, 6), 1, COR__SIZES(-1, 4)), COR_ESHAPE,
       "unflatten: Provided sizes [-1, 4] don't multiply up to the size of dim 1 (6) in the input tensor")
TENSOR("A17", cor_unflatten(F32(2, 6), 1, NULL, 0), COR_ESHAPE, "unflatten: sizes must be non-empty")
TENSOR("A17", cor_expand(F32(3), -1, 3), COR_ESHAPE,
       "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension 0")
TENSOR("A17", cor_from_array(bad_input_blob(), 8, COR_FLOAT32, COR__SIZES(3)), COR_ESHAPE,
       "cor_from: sizes [3] need 3 elements of float32, the array holds 2")
TENSOR("A17", cor_tensor_text("[[1, 2], [3]]"), COR_EFORMAT, "expected sequence of length 2 at dim 1 (got 1)")

TENSOR("A18", cor_as_strided(F32(6), SIZES(2, 3), SIZES(4, 1), 2, 0), COR_EVALUE,
       "setStorage: sizes [2, 3], strides [4, 1], storage offset 0, and itemsize 4 requiring a storage size of 28 "
       "are out of bounds for storage of size 24")
TENSOR("A18", cor_as_strided(F32(6), SIZES(6), SIZES(1), 1, 1), COR_EVALUE,
       "setStorage: sizes [6], strides [1], storage offset 1, and itemsize 4 requiring a storage size of 28 are "
       "out of bounds for storage of size 24")
TENSOR("A18", cor_as_strided(F32(6), SIZES(2), SIZES(-1), 1, 3), COR_EVALUE,
       "as_strided: Negative strides are not supported at the moment, got strides: [-1]")
TENSOR("A18", cor_as_strided(F32(6), SIZES(2), SIZES(1), 1, -1), COR_EVALUE, "Tensor: invalid storage offset -1")
TENSOR("A18", cor_as_strided(F32(6), SIZES(1), SIZES(1), 1, 1099511627776), COR_EVALUE,
       "setStorage: sizes [1], strides [1], storage offset 1099511627776, and itemsize 4 requiring a storage size "
       "of 4398046511108 are out of bounds for storage of size 24")
TENSOR("A18", cor_as_strided(F32(6), SIZES(0), SIZES(1), 1, 1099511627776), COR_OK, "tensor([])")
TENSOR("A18", cor_as_strided(F32(6), SIZES(2), SIZES(INT64_MAX), 1, 0), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[2] and strides=[9223372036854775807]")
TENSOR("A18", cor_as_strided(F32(6), SIZES(3), SIZES(4611686018427387904), 1, 0), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[3] and strides=[4611686018427387904]")
TENSOR("A18", cor_as_strided(F32(6), SIZES(3), SIZES(6148914691236517206), 1, 0), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[3] and strides=[6148914691236517206]")
TENSOR("A18", cor_as_strided(F32(6), SIZES(2), SIZES(1), 1, INT64_MAX), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[2] and strides=[1]")
TENSOR("A18", cor_narrow(F32(4), 0, 3, 2), COR_EINDEX, "start (3) + length (2) exceeds dimension size (4).")
TENSOR("A18", cor_narrow(F32(4), 0, 5, 0), COR_EINDEX,
       "start out of range (expected to be in range of [-4, 4], but got 5)")
TENSOR("A18", cor_narrow(F32(4), 0, -5, 1), COR_EINDEX,
       "start out of range (expected to be in range of [-4, 4], but got -5)")
TENSOR("A18", cor_narrow(F32(4), 0, 1, INT64_MAX), COR_EINDEX,
       "start (1) + length (9223372036854775807) exceeds dimension size (4).")
TENSOR("A18", cor_slice(F32(4), 0, .start = 9, .end = -9), COR_OK, "tensor([])")
TENSOR("A18", cor_slice(F32(4), 0, .start = 1, .step = INT64_MAX), COR_OK, "tensor([2.])")
TENSOR("A18", cor_slice(cor_as_strided(F32(6), SIZES(1), SIZES(INT64_MAX), 1, 1), 0, .start = 1), COR_OK, "tensor([])")
TENSOR("A18", cor_from_blob(bad_input_blob(), COR_FLOAT32, SIZES(2), SIZES(-1), 1, NULL, NULL), COR_EVALUE,
       "from_blob: stride -1 of dimension 0 is negative")
TENSOR("A18", cor_from_blob(bad_input_blob(), COR_FLOAT32, SIZES(3), SIZES(INT64_MAX), 1, NULL, NULL), COR_ELIMIT,
       "from_blob: the strides reach beyond what can be addressed")
TENSOR("A18", cor_from_blob(bad_input_blob(), COR_FLOAT64, SIZES(2), SIZES(4611686018427387904), 1, NULL, NULL),
       COR_ELIMIT,
       "from_blob: the strides reach beyond what can be addressed")

TENSOR("A19", cor_add_(cor_expand(F32(1), 3), 1), COR_ESTATE,
       "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
       "Please clone() the tensor before performing the operation.")
TENSOR("A19", cor_fill_(cor_expand(F32(1), 3), 1), COR_OK, "tensor([1., 1., 1.])")
TENSOR("A19", cor_zero_(cor_as_strided(F32(4), SIZES(2, 2), SIZES(1, 1), 2, 0)), COR_OK,
       "tensor([[0., 0.],\n"
       "        [0., 0.]])")
TENSOR("A19", cor_copy_(cor_expand(F32(1), 3), F32(3)), COR_ESTATE,
       "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
       "Please clone() the tensor before performing the operation.")
TENSOR("A19", cor_uniform_(cor_expand(F32(1), 3)), COR_ESTATE,
       "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
       "Please clone() the tensor before performing the operation.")
TENSOR("A19", cor_relu_(cor_expand(F32(1), 3)), COR_ESTATE,
       "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
       "Please clone() the tensor before performing the operation.")
TENSOR("A19", cor_add_(cor_slice(SHARED(4), 0, .start = 1), cor_slice(SHARED(4), 0, .end = 3)), COR_OK,
       "tensor([3., 5., 7.])")
TENSOR("A19", cor_mul_(SHARED(2, 2), cor_t(SHARED(2, 2))), COR_OK,
       "tensor([[ 1.,  6.],\n"
       "        [ 6., 16.]])")
TENSOR("A19", cor_add_(SHARED(2, 2), SHARED(2, 2)), COR_OK,
       "tensor([[2., 4.],\n"
       "        [6., 8.]])")
TENSOR("A19", cor_copy_(cor_slice(SHARED(4), 0, .start = 1), cor_slice(SHARED(4), 0, .end = 3)), COR_OK,
       "tensor([1., 2., 3.])")
TENSOR("A19", cor_copy_(SHARED(2, 2), cor_t(SHARED(2, 2))), COR_OK,
       "tensor([[1., 3.],\n"
       "        [2., 4.]])")
TENSOR("A19", cor_add_(SHARED(4), cor_select(SHARED(4), 0, 0)), COR_OK, "tensor([2., 3., 4., 5.])")
TENSOR("A19", cor_matmul(SHARED(2, 2), cor_t(SHARED(2, 2))), COR_OK,
       "tensor([[ 5., 11.],\n"
       "        [11., 25.]])")
TENSOR("A19", cor_clamp_(SHARED(4), cor_slice(SHARED(4), 0, .start = 3), COR_NONE), COR_OK, "tensor([4., 4., 4., 4.])")
TENSOR("A19", cor_copy_(cor_expand(F32(1), 3), F32(1)), COR_ESTATE,
       "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
       "Please clone() the tensor before performing the operation.")
TENSOR("A19", cor_normal_(cor_expand(F32(1), 3)), COR_ESTATE,
       "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
       "Please clone() the tensor before performing the operation.")
TENSOR("A19", cor_dropout(cor_expand(F32(1), 3), .p = 1), COR_OK, "tensor([0., 0., 0.])")
TENSOR("A19", cor_fill_(SHARED(4), cor_select(SHARED(4), 0, 2)), COR_OK, "tensor([3., 3., 3., 3.])")
