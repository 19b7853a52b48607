/* values.inc.c: tensors without elements, sizes that do not fit together, and dtypes.
 * Rows of tests/test_bad_input.c. */
/* clang-format off */

TENSOR("A5", cor_add(F32(0, 3), F32(3)), COR_OK, "tensor([], size=(0, 3))")
TENSOR("A5", cor_add(F32(0, 3), F32(2, 3)), COR_ESHAPE,
       "The size of tensor a (0) must match the size of tensor b (2) at non-singleton dimension 0")
TENSOR("A5", cor_mul_(F32(0, 3), F32(1, 3)), COR_OK, "tensor([], size=(0, 3))")
TENSOR("A5", cor_relu(F32(2, 0, 3)), COR_OK, "tensor([], size=(2, 0, 3))")
TENSOR("A5", cor_sum(F32(0)), COR_OK, "tensor(0.)")
TENSOR("A5", cor_sum(F32(2, 0), .dim = 1), COR_OK, "tensor([0., 0.])")
TENSOR("A5", cor_prod(F32(0)), COR_OK, "tensor(1.)")
TENSOR("A5", cor_prod(I64(2, 0), .dim = 1), COR_OK, "tensor([1, 1])")
TENSOR("A5", cor_mean(F32(0)), COR_OK, "tensor(nan)")
TENSOR("A5", cor_mean(F32(2, 0), .dim = 1), COR_OK, "tensor([nan, nan])")
TENSOR("A5", cor_var(F32(0)), COR_OK, "tensor(nan)")
TENSOR("A5", cor_norm(F32(0)), COR_OK, "tensor(0.)")
TENSOR("A5", cor_norm(F32(0), .p = INFINITY), COR_EVALUE,
       "linalg.vector_norm cannot compute the inf norm on an empty tensor because the operation does not have an "
       "identity")
TENSOR("A5", cor_any(F32(0)), COR_OK, "tensor(False)")
TENSOR("A5", cor_all(F32(0)), COR_OK, "tensor(True)")
TENSOR("A5", cor_max(F32(0)), COR_EVALUE,
       "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
       "'dim' argument.")
TENSOR("A5", cor_min(F32(0)), COR_EVALUE,
       "min(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
       "'dim' argument.")
TENSOR("A5", cor_max(F32(0, 3), .dim = 0), COR_EINDEX, "max(): Expected reduction dim 0 to have non-zero size.")
TENSOR("A5", cor_max(F32(0, 3), .dim = 1), COR_OK, "tensor([])")
TENSOR("A5", cor_amax(F32(0)), COR_EVALUE,
       "amax(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
       "'dim' argument.")
TENSOR("A5", cor_amin(F32(2, 0), .dim = 1), COR_EINDEX, "amin(): Expected reduction dim 1 to have non-zero size.")
TENSOR("A5", cor_argmax(F32(0)), COR_EINDEX, "argmax(): Expected reduction dim to be specified for input.numel() == 0.")
TENSOR("A5", cor_argmin(F32(2, 0), .dim = 1), COR_EINDEX, "argmin(): Expected reduction dim 1 to have non-zero size.")
TENSOR("A5", cor_cumsum(F32(0), 0), COR_OK, "tensor([])")
TENSOR("A5", cor_sort(F32(0, 2)), COR_OK, "tensor([], size=(0, 2))")
TENSOR("A5", cor_topk(F32(0), 1), COR_EINDEX, "selected index k out of range")
TENSOR("A5", cor_topk(F32(0), 0), COR_OK, "tensor([])")
TENSOR("A5", cor_softmax(F32(2, 0), 1), COR_OK, "tensor([], size=(2, 0))")
TENSOR("A5", cor_matmul(F32(2, 0), F32(0, 3)), COR_OK,
       "tensor([[0., 0., 0.],\n"
       "        [0., 0., 0.]])")
TENSOR("A5", cor_matmul(F32(0), F32(0)), COR_OK, "tensor(0.)")
TENSOR("A5", cor_bmm(F32(0, 2, 3), F32(0, 3, 4)), COR_OK, "tensor([], size=(0, 2, 4))")
TENSOR("A5", cor_linear(F32(0, 3), F32(2, 3)), COR_OK, "tensor([], size=(0, 2))")
TENSOR("A5", cor_cat(COR_TENSORS(F32(0), F32(2, 3))), COR_OK,
       "tensor([[1., 2., 3.],\n"
       "        [4., 5., 6.]])")
TENSOR("A5", cor_reshape(F32(0, 3), 0, 5), COR_OK, "tensor([], size=(0, 5))")
TENSOR("A5", cor_transpose(F32(0, 3), 0, 1), COR_OK, "tensor([], size=(3, 0))")
ITEM("A5", cor_item(F32(0)), COR_EVALUE, "a Tensor with 0 elements cannot be converted to Scalar")
TENSOR("A5", cor_conv2d(F32(0, 1, 3, 3), F32(2, 1, 2, 2)), COR_OK, "tensor([], size=(0, 2, 2, 2))")
TENSOR("A5", cor_conv2d(F32(1, 0, 3, 3), F32(2, 0, 2, 2)), COR_OK, "tensor([], size=(1, 0, 2, 2))")
TENSOR("A5", cor_conv2d(F32(1, 1, 3, 3), F32(0, 1, 2, 2)), COR_ESHAPE,
       "Given groups=1, expected weight to be at least 1 at dimension 0, but got weight of size [0, 1, 2, 2] "
       "instead")
TENSOR("A5", cor_conv2d(F32(1, 1, 0, 3), F32(1, 1, 1, 1)), COR_ESHAPE,
       "Calculated padded input size per channel: (0 x 3). Kernel size: (1 x 1). Kernel size can't be greater than "
       "actual input size")
TENSOR("A5", cor_conv_transpose1d(F32(0, 1, 3), F32(1, 1, 2)), COR_OK, "tensor([], size=(0, 1, 4))")
TENSOR("A5", cor_max_pool2d(F32(0, 1, 4, 4), 2), COR_OK, "tensor([], size=(0, 1, 2, 2))")
TENSOR("A5", cor_max_pool2d(F32(1, 1, 0, 4), 2), COR_ESHAPE,
       "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:[1, 1, 0, 4]")
TENSOR("A5", cor_max_pool1d(F32(1, 0), 2), COR_ESHAPE,
       "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:[1, 0]")
TENSOR("A5", cor_avg_pool2d(F32(0, 1, 4, 4), 2), COR_OK, "tensor([], size=(0, 1, 2, 2))")
TENSOR("A5", cor_avg_pool2d(F32(1, 0, 4, 4), 2), COR_ESHAPE,
       "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:[1, 0, 4, 4]")
TENSOR("A5", cor_adaptive_avg_pool2d(F32(1, 1, 4, 4), .size = 0), COR_OK, "tensor([], size=(1, 1, 0, 0))")
TENSOR("A5", cor_adaptive_avg_pool2d(F32(1, 1, 0, 4), .size = 1), COR_OK, "tensor([[[[nan]]]])")
TENSOR("A5", cor_adaptive_max_pool2d(F32(1, 1, 4, 0), .size = 1), COR_ESHAPE,
       "adaptive_max_pool2d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
       "[1, 1, 4, 0] with dimension 3 being empty")
TENSOR("A5", cor_batch_norm(F32(0, 2), F32(2), F32(2)), COR_OK, "tensor([], size=(0, 2))")
TENSOR("A5", cor_batch_norm(F32(0, 2), COR_NONE, COR_NONE, .training = true), COR_OK, "tensor([], size=(0, 2))")
TENSOR("A5", cor_interpolate(F32(0, 1, 4), .size = 2), COR_OK, "tensor([], size=(0, 1, 2))")
TENSOR("A5", cor_interpolate(F32(1, 1, 0), .size = 2), COR_ESHAPE,
       "Input and output sizes should be greater than 0, but got input (W: 0) and output (W: 2)")
TENSOR("A5", cor_interpolate(F32(1, 1, 4), .size = 0), COR_ESHAPE,
       "Input and output sizes should be greater than 0, but got input (W: 4) and output (W: 0)")
TENSOR("A5", cor_pad(F32(0, 2), COR_DIMS(1, 1)), COR_OK, "tensor([], size=(0, 4))")
TENSOR("A5", cor_pad(F32(1, 0), COR_DIMS(1, 1), .mode = COR_PAD_REPLICATE), COR_ESHAPE,
       "Expected 2D or 3D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
       "but got: [1, 0]")
TENSOR("A5", cor_glu(F32(0)), COR_OK, "tensor([])")
TENSOR("A5", cor_dropout(F32(0), .p = 0.5), COR_OK, "tensor([])")

TENSOR("A6", cor_matmul(F32(2, 3), F32(4, 5)), COR_ESHAPE, "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)")
TENSOR("A6", cor_matmul(F32(3), F32(4)), COR_ESHAPE,
       "inconsistent tensor size, expected tensor [3] and src [4] to have the same number of elements, but got 3 "
       "and 4 elements respectively")
TENSOR("A6", cor_matmul(F32(2, 3), F32(4)), COR_ESHAPE, "size mismatch, got input (2), mat (2x3), vec (4)")
TENSOR("A6", cor_matmul(F32(3), F32(4, 5)), COR_ESHAPE, "mat1 and mat2 shapes cannot be multiplied (1x3 and 4x5)")
TENSOR("A6", cor_matmul(F32(2, 1, 3), F32(5, 4, 1)), COR_ESHAPE,
       "The size of tensor a (2) must match the size of tensor b (5) at non-singleton dimension 0")
TENSOR("A6", cor_matmul(F32(2, 2, 3), F32(3, 3, 4)), COR_ESHAPE,
       "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0")
TENSOR("A6", cor_mm(F32(2, 3), F32(2, 3)), COR_ESHAPE, "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)")
TENSOR("A6", cor_mm(F32(3), F32(3, 2)), COR_ESHAPE, "self must be a matrix")
TENSOR("A6", cor_bmm(F32(2, 2, 3), F32(3, 3, 4)), COR_ESHAPE,
       "Expected size for first two dimensions of batch2 tensor to be: [2, 3] but got: [3, 3].")
TENSOR("A6", cor_bmm(F32(2, 3), F32(2, 3)), COR_ESHAPE, "batch1 must be a 3D tensor")
TENSOR("A6", cor_linear(F32(2, 3), F32(2, 4)), COR_ESHAPE, "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x2)")
TENSOR("A6", cor_linear(F32(2, 3), F32(4, 3), .bias = F32(5)), COR_ESHAPE,
       "The expanded size of the tensor (4) must match the existing size (5) at non-singleton dimension 1.  Target "
       "sizes: [2, 4].  Tensor sizes: [5]")
TENSOR("A6", cor_linear(F32(3), F32(4)), COR_ESHAPE,
       "inconsistent tensor size, expected tensor [3] and src [4] to have the same number of elements, but got 3 "
       "and 4 elements respectively")

TENSOR("A7", cor_add(F32(2, 3), F32(4)), COR_ESHAPE,
       "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1")
TENSOR("A7", cor_mul(F32(2, 3), F32(3, 2)), COR_ESHAPE,
       "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1")
TENSOR("A7", cor_eq(F32(2), F32(3)), COR_ESHAPE,
       "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0")
TENSOR("A7", cor_where(BOOL(2), F32(3), F32(3)), COR_ESHAPE,
       "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0")
TENSOR("A7", cor_clamp(F32(2), F32(3), COR_NONE), COR_ESHAPE,
       "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0")
TENSOR("A7", cor_maximum(F32(2), F32(3)), COR_ESHAPE,
       "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0")
TENSOR("A7", cor_add_(F32(3), F32(2, 3)), COR_ESHAPE, "output with shape [3] doesn't match the broadcast shape [2, 3]")
TENSOR("A7", cor_div_(F32(1), F32(4)), COR_ESHAPE, "output with shape [1] doesn't match the broadcast shape [4]")
TENSOR("A7", cor_add_(F32(), F32(1)), COR_ESHAPE, "output with shape [] doesn't match the broadcast shape [1]")
TENSOR("A7", cor_clamp_(F32(1), F32(3), COR_NONE), COR_ESHAPE,
       "output with shape [1] doesn't match the broadcast shape [3]")
TENSOR("A7", cor_copy_(F32(3), F32(2, 3)), COR_ESHAPE, "output with shape [3] doesn't match the broadcast shape [2, 3]")
TENSOR("A7", cor_copy_(F32(3), F32(2)), COR_ESHAPE,
       "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 0")
TENSOR("A7", cor_fill_(F32(3), F32(3)), COR_ESHAPE,
       "fill_ only supports 0-dimension value tensor but got tensor with 1 dimensions.")
TENSOR("A7", cor_expand(F32(3), 2, 4), COR_ESHAPE,
       "The expanded size of the tensor (4) must match the existing size (3) at non-singleton dimension 1.  Target "
       "sizes: [2, 4].  Tensor sizes: [3]")
TENSOR("A7", cor_expand(F32(2, 3), 3), COR_ESHAPE,
       "expand(torch.FloatTensor{[2, 3]}, size=[3]): the number of sizes provided (1) must be greater or equal to "
       "the number of dimensions in the tensor (2)")
TENSOR("A7", cor_bernoulli_(F32(2), F64(3)), COR_ESHAPE,
       "The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 0.  Target "
       "sizes: [2].  Tensor sizes: [3]")
TENSOR("A7", cor_stack(COR_TENSORS(F32(2), F32(3))), COR_ESHAPE,
       "stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1")
TENSOR("A7", cor_cat(COR_TENSORS(F32(2, 2), F32(2, 3))), COR_ESHAPE,
       "Sizes of tensors must match except in dimension 0. Expected size 2 but got size 3 for tensor number 1 in "
       "the list.")
TENSOR("A7", cor_prelu(F32(2, 3), F32(2)), COR_ESHAPE,
       "Mismatch of parameter numbers and input channel size. Found parameter numbers = 2 and channel size = 3.")
CODE("A7", cor_set_grad(F32(2), F32(3)), COR_ESHAPE, "assigned grad has data of a different size")

TENSOR("A8", cor_add(F32(2), F64(2)), COR_OK, "tensor([2., 4.], dtype=torch.float64)")
TENSOR("A8", cor_add(BOOL(2), BOOL(2)), COR_OK, "tensor([ True, False])")
TENSOR("A8", cor_sum(BOOL(3)), COR_OK, "tensor(2)")
TENSOR("A8", cor_matmul(F32(2, 2), F64(2, 2)), COR_EDTYPE,
       "expected m1 and m2 to have the same dtype, but got: float != double")
TENSOR("A8", cor_mm(I64(2, 2), F32(2, 2)), COR_EDTYPE,
       "expected m1 and m2 to have the same dtype, but got: long int != float")
TENSOR("A8", cor_matmul(BOOL(2, 2), BOOL(2, 2)), COR_EDTYPE, "\"addmm_impl_cpu_\" not implemented for 'Bool'")
TENSOR("A8", cor_linear(F32(2), F64(3, 2)), COR_EDTYPE,
       "expected m1 and m2 to have the same dtype, but got: float != double")
TENSOR("A8", cor_linear(F32(2), F32(3, 2), .bias = F64(3)), COR_EDTYPE,
       "self and mat2 must have the same dtype, but got Double and Float")
TENSOR("A8", cor_sub(BOOL(2), BOOL(2)), COR_EDTYPE,
       "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
       "operator instead.")
TENSOR("A8", cor_sub(F32(2), BOOL(2)), COR_EDTYPE,
       "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
       "use the `~` or `logical_not()` operator instead.")
TENSOR("A8", cor_neg(BOOL(2)), COR_EDTYPE,
       "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the "
       "`~` or `logical_not()` operator instead.")
TENSOR("A8", cor_bitwise_and(F32(2), F32(2)), COR_EDTYPE, "\"bitwise_and_cpu\" not implemented for 'Float'")
TENSOR("A8", cor_bitwise_not(F32(2)), COR_EDTYPE, "\"bitwise_not_cpu\" not implemented for 'Float'")
TENSOR("A8", cor_add_(I64(2), F32(2)), COR_EDTYPE, "result type Float can't be cast to the desired output type Long")
TENSOR("A8", cor_add_(I64(2), 1.5), COR_EDTYPE, "result type Float can't be cast to the desired output type Long")
TENSOR("A8", cor_div_(I64(2), 2), COR_EDTYPE, "result type Float can't be cast to the desired output type Long")
TENSOR("A8", cor_sqrt_(I64(2)), COR_EDTYPE, "result type Float can't be cast to the desired output type Long")
TENSOR("A8", cor_mul_(BOOL(2), I64(2)), COR_EDTYPE, "result type Long can't be cast to the desired output type Bool")
TENSOR("A8", cor_mean(I64(2)), COR_EDTYPE,
       "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: "
       "Long")
TENSOR("A8", cor_var(I64(2)), COR_EDTYPE, "std and var only support floating point and complex dtypes")
TENSOR("A8", cor_norm(I64(2)), COR_EDTYPE,
       "linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long")
TENSOR("A8", cor_softmax(I64(2), 0), COR_EDTYPE, "\"softmax_lastdim_kernel_impl\" not implemented for 'Long'")
TENSOR("A8", cor_softmax(I64(2, 2), 0), COR_EDTYPE, "\"softmax_kernel_impl\" not implemented for 'Long'")
TENSOR("A8", cor_log_softmax(BOOL(2), 0), COR_EDTYPE, "\"log_softmax_lastdim_kernel_impl\" not implemented for 'Bool'")
TENSOR("A8", cor_gelu(I64(2)), COR_EDTYPE, "\"GeluKernelImpl\" not implemented for 'Long'")
TENSOR("A8", cor_relu(BOOL(2)), COR_EDTYPE, "Boolean inputs not supported for relu")
TENSOR("A8", cor_prelu(F32(2), F64(1)), COR_EDTYPE, "prelu: Type promoting not supported. Got Float and Double")
TENSOR("A8", cor_dropout(I64(2)), COR_EDTYPE, "result type Float can't be cast to the desired output type Long")
TENSOR("A8", cor_batch_norm(I64(2, 2), COR_NONE, COR_NONE, .training = true), COR_EDTYPE,
       "\"batch_norm\" not implemented for 'Long'")
TENSOR("A8", cor_batch_norm(F32(2, 2), F64(2), F64(2)), COR_EDTYPE,
       "mixed dtype (CPU): expect parameter to have scalar type of Float")
TENSOR("A8", cor_where(F32(2), F32(2), F32(2)), COR_EDTYPE,
       "where expected condition to be a boolean tensor, but got a tensor with dtype Float")
TENSOR("A8", cor_rand_of(COR_INT64, 2), COR_EDTYPE, "\"check_uniform_bounds\" not implemented for 'Long'")
TENSOR("A8", cor_randn_of(COR_BOOL, 2), COR_EDTYPE, "\"normal_kernel_cpu\" not implemented for 'Bool'")
TENSOR("A8", cor_normal_(I64(2)), COR_EDTYPE, "\"normal_kernel_cpu\" not implemented for 'Long'")
TENSOR("A8", cor_uniform_(I64(2)), COR_EDTYPE, "\"check_uniform_bounds\" not implemented for 'Long'")
TENSOR("A8", cor_bernoulli_(F32(2), I64(2)), COR_EDTYPE, "\"bernoulli_tensor_cpu_p_\" not implemented for 'Long'")
TENSOR("A8", cor_requires_grad_(I64(2), true), COR_EDTYPE, "only Tensors of floating point dtype can require gradients")
TENSOR("A8", cor_parameter(I64(2)), COR_EDTYPE,
       "Only Tensors of floating point and complex dtype can require gradients")
TENSOR("A8", cor_max_pool2d(BOOL(1, 2, 2), 2), COR_EUNSUPPORTED, "\"max_pool2d\" not implemented for 'Bool'")
TENSOR("A8", cor_conv2d(F32(1, 1, 3, 3), F64(1, 1, 2, 2)), COR_EDTYPE, "expected scalar type Float but found Double")
TENSOR("A8", cor_conv2d(F32(1, 1, 3, 3), F32(1, 1, 2, 2), .bias = F64(1)), COR_EDTYPE,
       "Input type (float) and bias type (double) should be the same")
TENSOR("A8", cor_conv_transpose2d(F64(1, 1, 3, 3), F32(1, 1, 2, 2)), COR_EDTYPE,
       "expected scalar type Double but found Float")
TENSOR("A8", cor_interpolate(I64(1, 1, 4), .size = 2, .mode = COR_LINEAR), COR_EUNSUPPORTED,
       "\"compute_indices_weights_linear\" not implemented for 'Long'")
TENSOR("A8", cor_pow(I64(2), -1), COR_EVALUE, "Integers to negative integer powers are not allowed.")
TENSOR("A8", cor_add(I64(2), 1, .alpha = 1.5), COR_EVALUE,
       "For integral input tensors, argument alpha must not be a floating point number.")
TENSOR("A8", cor_full_of(COR_UINT8, 300, 2), COR_EVALUE, "value cannot be converted to type uint8_t without overflow")
TENSOR("A8", cor_fill_(U8(2), -129), COR_OK, "tensor([127, 127], dtype=torch.uint8)")
TENSOR("A8", cor_cumsum(BOOL(3), 0), COR_OK, "tensor([1, 1, 2])")
TENSOR("A8", cor_cat(COR_TENSORS(F32(2), I64(2))), COR_OK, "tensor([1., 2., 1., 2.])")
