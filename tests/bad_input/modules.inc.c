/* modules.inc.c: modules and layers, options, values of enumerations, and what a call may draw.
 * Rows of tests/test_bad_input.c. */
/* clang-format off */

MODULE("A1", cor_nn_linear(-1, 2), COR_EVALUE, "Trying to create tensor with negative dimension -1: [2, -1]")
MODULE("A1", cor_nn_conv2d(1, -1, 3), COR_EVALUE, "Trying to create tensor with negative dimension -1: [-1, 1, 3, 3]")
MODULE("A1", cor_nn_conv2d(1, 1, -3), COR_EVALUE, "Trying to create tensor with negative dimension -3: [1, 1, -3, -3]")
MODULE("A1", cor_nn_batch_norm2d(-1), COR_EVALUE, "Trying to create tensor with negative dimension -1: [-1]")
MODULE("A1", cor_nn_prelu(.num_parameters = -1), COR_EVALUE, "Trying to create tensor with negative dimension -1: [-1]")

MODULE("A3", cor_nn_linear(4294967296, 4294967296), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[4294967296, 4294967296]")

MODULE("A4", cor_nn_conv2d(1, 1, 4294967296), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1, 1, 4294967296, 4294967296]")
MODULE("A4", cor_nn_conv2d(1, 1, 1879048192), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[1, 1, 1879048192, 1879048192]")
MODULE("A4", cor_nn_batch_norm1d(INT64_MAX), COR_ELIMIT,
       "Storage size calculation overflowed with sizes=[9223372036854775807]")

MODULE("A5", cor_nn_linear(0, 0), COR_OK, NULL)
TENSOR("A5", cor_call(cor_nn_linear(0, 2, .bias = false), F32(3, 0)), COR_OK,
       "tensor([[0., 0.],\n"
       "        [0., 0.],\n"
       "        [0., 0.]], grad_fn=<MmBackward0>)")

TENSOR("A6", cor_call(cor_nn_linear(3, 2), F32(2, 4)), COR_ESHAPE,
       "mat1 and mat2 shapes cannot be multiplied (2x4 and 3x2)")
TENSOR("A6", cor_call(cor_nn_sequential(cor_nn_linear(3, 2), cor_nn_linear(3, 2)), F32(2, 3)), COR_ESHAPE,
       "mat1 and mat2 shapes cannot be multiplied (2x2 and 3x2)")

TENSOR("A8", cor_call(cor_nn_linear(3, 2), F64(2, 3)), COR_EDTYPE,
       "mat1 and mat2 must have the same dtype, but got Double and Float")
TENSOR("A8", cor_call(cor_nn_conv2d(2, 2, 2), F64(1, 2, 4, 4)), COR_EDTYPE,
       "Input type (double) and bias type (float) should be the same")
CODE("A8", cor_module_to(cor_nn_linear(3, 2), COR_INT64), COR_EDTYPE,
     "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64")

TENSOR("A9", cor_call(cor_nn_conv2d(2, 2, 2, .stride = 0), image()), COR_EVALUE, "non-positive stride is not supported")
MODULE("A9", cor_nn_conv2d(2, 2, 2, .groups = 0), COR_EVALUE, "groups must be a positive integer")
MODULE("A9", cor_nn_conv2d(2, 2, 2, .groups = -1), COR_EVALUE, "groups must be a positive integer")
MODULE("A9", cor_nn_conv2d(2, 2, 2, .stride = 2, .same = true), COR_EVALUE,
       "padding='same' is not supported for strided convolutions")
TENSOR("A9", cor_call(cor_nn_conv2d(2, 2, 2, .padding = -1), image()), COR_EVALUE, "negative padding is not supported")
TENSOR("A9", cor_call(cor_nn_max_pool2d(0), image()), COR_EVALUE, "stride should not be zero")
TENSOR("A9", cor_call(cor_nn_conv_transpose2d(2, 2, 2, .output_padding = 1), image()), COR_EVALUE,
       "output padding must be smaller than either stride or dilation, but got output_padding_height: 1 "
       "output_padding_width: 1 stride_height: 1 stride_width: 1 dilation_height: 1 dilation_width: 1")

MODULE("A10", cor_nn_conv2d(3, 2, 2, .groups = 2), COR_EVALUE, "in_channels must be divisible by groups")
MODULE("A10", cor_nn_conv2d(2, 3, 2, .groups = 2), COR_EVALUE, "out_channels must be divisible by groups")
TENSOR("A10", cor_call(cor_nn_conv2d(3, 2, 2), image()), COR_ESHAPE,
       "Given groups=1, weight of size [2, 3, 2, 2], expected input[1, 2, 4, 4] to have 3 channels, but got 2 "
       "channels instead")
TENSOR("A10", cor_call(cor_nn_batch_norm2d(3), image()), COR_ESHAPE, "running_mean should contain 2 elements not 3")
TENSOR("A10", cor_call(cor_nn_batch_norm1d(2), image()), COR_ESHAPE, "expected 2D or 3D input (got 4D input)")

TENSOR("A11", cor_call(cor_nn_conv2d(2, 2, 5), image()), COR_ESHAPE,
       "Calculated padded input size per channel: (4 x 4). Kernel size: (5 x 5). Kernel size can't be greater than "
       "actual input size")

TENSOR("A12", cor_call(cor_nn_conv2d(2, 2, 2, .padding = 4611686018427387904), image()), COR_EVALUE,
       "Given padding=4611686018427387904 at dimension 0 , expected padding to be at most 4611686018427387903")

TENSOR("A13", cor_call(cor_nn_max_pool2d(2, .padding = 2), image()), COR_EVALUE,
       "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1")

TENSOR("A16", cor_call(cor_nn_flatten(.start_dim = 3), F32(2, 3)), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 3)")
TENSOR("A16", cor_call(cor_nn_softmax(2), F32(2, 3)), COR_EINDEX,
       "Dimension out of range (expected to be in range of [-2, 1], but got 2)")
MODULE("A16", cor_module_at(cor_nn_sequential(cor_nn_relu()), 1), COR_EINDEX, "index 1 is out of range")
MODULE("A16", cor_module_at(cor_nn_sequential(cor_nn_relu()), -2), COR_EINDEX, "index -2 is out of range")
MODULE("A16", cor_module_pop(cor_nn_sequential(), 0), COR_EINDEX, "index 0 is out of range")

TENSOR("A17", cor_call(cor_nn_unflatten(1, COR_DIMS(-1, -1)), F32(2, 6)), COR_ESHAPE,
       "only one dimension can be inferred")
TENSOR("A17", cor_call(cor_nn_unflatten(1, COR_DIMS(4, 2)), F32(2, 6)), COR_ESHAPE,
       "unflatten: Provided sizes [4, 2] don't multiply up to the size of dim 1 (6) in the input tensor")

TENSOR("A19", cor_call(cor_nn_relu(.inplace = true), cor_expand(F32(1), 3)), COR_ESTATE,
       "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
       "Please clone() the tensor before performing the operation.")
TENSOR("A19", cor_call(cor_nn_dropout(.inplace = true), cor_expand(F32(1), 3)), COR_ESTATE,
       "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
       "Please clone() the tensor before performing the operation.")

TENSOR("A22", cor_zeros_of((cor_dtype)99, 2), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_zeros_of(COR_DTYPE_UNSET, 2), COR_EDTYPE, "-1 is not a dtype")
TENSOR("A22", cor_full_of((cor_dtype)-2, 1, 2), COR_EDTYPE, "-2 is not a dtype")
TENSOR("A22", cor_rand_of((cor_dtype)99, 2), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_randint_of((cor_dtype)99, 0, 5, 2), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_eye(2, .dtype = (cor_dtype)99), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_arange(0, 2, .dtype = (cor_dtype)99), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_linspace(0, 2, 3, .dtype = (cor_dtype)99), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_randperm(2, .dtype = (cor_dtype)99), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_tensor_text("[1]", .dtype = (cor_dtype)99), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_zeros_like(F32(2), .dtype = (cor_dtype)99), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_from_pointer(bad_input_blob(), (cor_dtype)99, COR__SIZES(2)), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_from_array(bad_input_blob(), 8, (cor_dtype)99, COR__SIZES(2)), COR_EDTYPE, "99 is not a dtype")
TENSOR("A22", cor_from_blob(bad_input_blob(), (cor_dtype)99, SIZES(2), NULL, 1, NULL, NULL), COR_EDTYPE,
       "99 is not a dtype")
TENSOR("A22", cor_to(F32(2), (cor_dtype)99), COR_EDTYPE, "to: 99 is not a dtype")
TENSOR("A22", cor_to(F32(2), COR_DTYPE_UNSET), COR_EDTYPE, "to: -1 is not a dtype")
TENSOR("A22", cor_sum(F32(2), .dtype = (cor_dtype)99), COR_EDTYPE, "sum: 99 is not a dtype")
TENSOR("A22", cor_mean(F32(2), .dtype = (cor_dtype)99), COR_EDTYPE,
       "mean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. "
       "Got: Undefined")
TENSOR("A22", cor_prod(F32(2), .dtype = (cor_dtype)99), COR_EDTYPE, "prod: 99 is not a dtype")
TENSOR("A22", cor_norm(F32(2), .dtype = (cor_dtype)99), COR_EDTYPE,
       "linalg.vector_norm: dtype should be floating point or complex, but got Undefined")
TENSOR("A22", cor_cumsum(F32(2), 0, .dtype = (cor_dtype)99), COR_EDTYPE, "cumsum: 99 is not a dtype")
CODE("A22", cor_module_to(cor_nn_linear(3, 2), (cor_dtype)99), COR_EDTYPE,
     "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.unknown")
TENSOR("A22", cor_pad(F32(1, 3), COR_DIMS(1, 1), .mode = (cor_pad_mode)9), COR_EUNSUPPORTED,
       "Unrecognised padding mode 9")
TENSOR("A22", cor_pad(F32(1, 3), COR_DIMS(1, 1), .mode = (cor_pad_mode)-1), COR_EUNSUPPORTED,
       "Unrecognised padding mode -1")
TENSOR("A22", cor_interpolate(F32(1, 1, 4), .size = 2, .mode = (cor_interpolation)9), COR_EUNSUPPORTED,
       "interpolate: 9 is no mode")
TENSOR("A22", cor_interpolate(F32(1, 1, 4), .size = 2, .mode = (cor_interpolation)-1), COR_EUNSUPPORTED,
       "interpolate: -1 is no mode")
TENSOR("A22", cor_div(F32(2), 2, .rounding_mode = (cor_rounding)9), COR_EVALUE,
       "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found 9")
TENSOR("A22", cor_div_(F32(2), 2, .rounding_mode = (cor_rounding)-1), COR_EVALUE,
       "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found -1")
TENSOR("A22", cor_add(F32(2), ((cor_operand){.kind = 9})), COR_EVALUE,
       "9 is no kind of operand: make it with COR_OPERAND")
TENSOR("A22", cor_fill_(F32(2), ((cor_operand){.kind = 77})), COR_EVALUE,
       "77 is no kind of operand: make it with COR_OPERAND")
TENSOR("A22", cor_full(((cor_operand){.kind = 9}), 2), COR_EVALUE, "9 is no kind of operand: make it with COR_OPERAND")
TENSOR("A22", cor_scalar(((cor_operand){.kind = 9})), COR_EVALUE, "9 is no kind of operand: make it with COR_OPERAND")
MODULE("A22", cor_nn_activation_with((cor_nn_activation_kind)99, NULL), COR_EVALUE, "99 is no activation")
MODULE("A22", cor_nn_activation_with(COR_NN_ACTIVATIONS, NULL), COR_EVALUE, "28 is no activation")
MODULE("A22", cor_nn_activation_with((cor_nn_activation_kind)-1, NULL), COR_EVALUE, "-1 is no activation")
MODULE("A22", cor_nn_dropout_with((cor_nn_dropout_kind)9, NULL), COR_EVALUE, "9 is no kind of dropout")
MODULE("A22", cor_nn_dropout_with((cor_nn_dropout_kind)-1, NULL), COR_EVALUE, "-1 is no kind of dropout")
MODULE("A22", cor_nn_pad_with((cor_pad_mode)9, 1, (cor_dims){1, {1}}, 0, false), COR_EVALUE,
       "pad: 1 dimensions in mode 9")
MODULE("A22", cor_nn_pad_with(COR_PAD_REFLECT, 4, (cor_dims){1, {1}}, 0, false), COR_EVALUE,
       "pad: 4 dimensions in mode 1")
MODULE("A22", cor_nn_pad_with(COR_PAD_REFLECT, 0, (cor_dims){1, {1}}, 0, false), COR_EVALUE,
       "pad: 0 dimensions in mode 1")
MODULE("A22", cor_nn_pad_with(COR_PAD_REFLECT, 1, (cor_dims){17, {1}}, 0, false), COR_EVALUE,
       "ReflectionPad1d: padding takes 1 or 2 amounts, not 17")
MODULE("A22", cor_nn_batch_norm_with(0, 2, NULL), COR_EVALUE, "BatchNorm: 0 spatial dimensions")
MODULE("A22", cor_nn_batch_norm_with(4, 2, NULL), COR_EVALUE, "BatchNorm: 4 spatial dimensions")
MODULE("A22", cor_nn_conv2d(2, 2, 2, .padding_mode = (cor_pad_mode)9), COR_EVALUE,
       "padding_mode must be one of the cor_pad_mode values, but got 9")
MODULE("A22", cor_nn_upsample(.size = 2, .mode = (cor_interpolation)9), COR_EVALUE, "Upsample: 9 is no mode")
TENSOR("A22", cor_call(cor_nn_upsample(.size = 2, .mode = (cor_interpolation)9), F32(1, 1, 4)), COR_EVALUE,
       "Upsample: 9 is no mode")
MODULE("A22", cor_nn_unflatten_with(1, (cor_dims){.n = 17}), COR_ESHAPE, "Unflatten: the sizes must be 1 to 16")
CODE("A22", cor_set_isa((cor_isa)9), COR_EVALUE, "cor_set_isa: this machine cannot run unknown...")
CODE("A22", cor_set_isa((cor_isa)-1), COR_EVALUE, "cor_set_isa: this machine cannot run unknown...")
CODE("A22", cor_set_rng_flavour((cor_rng)9), COR_EVALUE,
     "cor_set_rng_flavour: 9 is neither COR_RNG_AVX2 nor COR_RNG_AVX512")
CODE("A22", cor_set_rng_flavour((cor_rng)-1), COR_EVALUE,
     "cor_set_rng_flavour: -1 is neither COR_RNG_AVX2 nor COR_RNG_AVX512")
CODE("A22", cor_set_num_threads(0), COR_EVALUE, "set_num_threads expects a positive integer")
CODE("A22", cor_set_num_threads(-1), COR_EVALUE, "set_num_threads expects a positive integer")
CODE("A22", cor_set_num_threads(100000), COR_EVALUE, "set_num_threads expects at most 1024 threads, but got 100000")
TENSOR("A22", cor_bernoulli_(F32(2), ((cor_operand){.kind = 9})), COR_EVALUE,
       "9 is no kind of operand: make it with COR_OPERAND")
TENSOR("A22", cor_arange(((cor_operand){.kind = 9}), 2), COR_EVALUE,
       "9 is no kind of operand: make it with COR_OPERAND")
CODE("A22", cor_error_set(0, "text"), COR_EVALUE, "cor_error_set: the code must be negative, but got 0")
CODE("A22", cor_error_set(1, "text"), COR_EVALUE, "cor_error_set: the code must be negative, but got 1")
MODULE("A22", cor_nn_module_list_of((cor_module_list){NULL, -1}), COR_EVALUE, "ModuleList: the list of modules is NULL")
TENSOR("A22", cor_cat(((cor_list){NULL, -1})), COR_EVALUE, "torch.cat(): expected a non-empty list of Tensors")
CODE("A22", cor_call_n(cor_nn_relu(), parts, -1, parts, 1), COR_EVALUE, "ReLU: there cannot be -1 inputs and 1 outputs")
CODE("A22", cor_set_submodule(cor_nn_sequential(cor_nn_relu()), "", cor_nn_relu()), COR_EVALUE,
     "Cannot set the submodule without a target name!")
CODE("A22", cor_set_submodule(cor_nn_sequential(cor_nn_relu()), "1.0", cor_nn_relu()), COR_EKEY,
     "Sequential has no attribute `1`")

TENSOR("A23", cor_conv2d_with(image(), kernel(), &(cor_conv_options){.struct_size = 8}), COR_EVALUE,
       "conv2d: the options are 8 bytes, this library's are...")
TENSOR("A23", cor_conv2d_with(image(), kernel(), &(cor_conv_options){.struct_size = 0}), COR_EVALUE,
       "conv2d: the options are 0 bytes, this library's are...")
TENSOR("A23", cor_conv2d_with(image(), kernel(), &(cor_conv_options){.struct_size = SIZE_MAX}), COR_EVALUE,
       "conv2d: the options are 18446744073709551615 bytes, this library's are...")
TENSOR("A23", cor_sum_with(F32(2), &(cor_sum_options){.struct_size = sizeof(cor_sum_options) + 1}), COR_EVALUE,
       "sum: the options are 161 bytes, this library's are...")
MODULE("A23", cor_nn_conv2d_with(2, 2, 2, &(cor_nn_conv_options){.struct_size = 8}), COR_EVALUE,
       "Conv2d: the options are 8 bytes, this library's are...")
TENSOR("A23", cor_max_pool2d_with(image(), 2, &(cor_max_pool_options){.struct_size = 8}), COR_EVALUE,
       "max_pool2d: the options are 8 bytes, this library's are...")
CODE("A23", cor_register_buffer_at(cor_nn_relu(), "b", NULL, F32(2), &(cor_buffer_options){.struct_size = 1}),
     COR_EVALUE,
     "register_buffer: the options are 1 bytes, this library's are...")
CODE("A23", cor_set_print_options_with(&(cor_print_options){.struct_size = 8}), COR_EVALUE,
     "print options: the options are 8 bytes, this library's are...")
TENSOR("A23", cor_sum_with(F32(2), NULL), COR_OK, "tensor(3.)")
TENSOR("A23", cor_from_blob((char *)bad_input_blob() + 1, COR_FLOAT32, SIZES(2), NULL, 1, NULL, NULL), COR_EVALUE,
       "from_blob: the data pointer is not aligned for float32")
TENSOR("A23", cor_add(cor_from_blob((char *)bad_input_blob() + 1, COR_FLOAT64, SIZES(4), NULL, 1, NULL, NULL), 1),
       COR_EVALUE,
       "from_blob: the data pointer is not aligned for float64")
TENSOR("A23", cor_from_pointer((char *)bad_input_blob() + 1, COR_INT64, COR__SIZES(2)), COR_OK, "tensor([0, 0])")
TENSOR("A23", cor_from_array((char *)bad_input_blob() + 3, 8, COR_FLOAT32, COR__SIZES(2)), COR_OK, "tensor([0., 0.])")

CODE("A24", load("weight", F32(2, 3), "bias", F32(2), true), COR_OK, NULL)
CODE("A24", load("weight", F32(2, 3), NULL, NULL, true), COR_ESTATE,
     "Error(s) in loading state_dict for Linear:\n"
     "\tMissing key(s) in state_dict: \"bias\". ")
CODE("A24", load("weight", F32(2, 3), "other", F32(2), true), COR_ESTATE,
     "Error(s) in loading state_dict for Linear:\n"
     "\tMissing key(s) in state_dict: \"bias\". \n"
     "\tUnexpected key(s) in state_dict: \"other\". ")
CODE("A24", load("weight", F32(3, 2), "other", F32(2), true), COR_ESTATE,
     "Error(s) in loading state_dict for Linear:\n"
     "\tMissing key(s) in state_dict: \"bias\". \n"
     "\tUnexpected key(s) in state_dict: \"other\". \n"
     "\tsize mismatch for weight: copying a param with shape torch.Size([3, 2]) from checkpoint, the shape in "
     "current model is torch.Size([2, 3]).")
CODE("A24", load("weight", F32(3, 2), "bias", F32(3), true), COR_ESTATE,
     "Error(s) in loading state_dict for Linear:\n"
     "\tsize mismatch for weight: copying a param with shape torch.Size([3, 2]) from checkpoint, the shape in "
     "current model is torch.Size([2, 3]).\n"
     "\tsize mismatch for bias: copying a param with shape torch.Size([3]) from checkpoint, the shape in current "
     "model is torch.Size([2]).")
CODE("A24", load("weight", F32(3, 2), "other", F32(2), false), COR_ESTATE,
     "Error(s) in loading state_dict for Linear:\n"
     "\tsize mismatch for weight: copying a param with shape torch.Size([3, 2]) from checkpoint, the shape in "
     "current model is torch.Size([2, 3]).")
CODE("A24", load("other", F32(2), "more", F32(2), true), COR_ESTATE,
     "Error(s) in loading state_dict for Linear:\n"
     "\tMissing key(s) in state_dict: \"weight\", \"bias\". \n"
     "\tUnexpected key(s) in state_dict: \"other\", \"more\". ")
CODE("A24", load("other", F32(2), "more", F32(2), false), COR_OK, NULL)
CODE("A24", load("weight.x", F32(2), "bias", F32(2, 1), true), COR_ESTATE,
     "Error(s) in loading state_dict for Linear:\n"
     "\tMissing key(s) in state_dict: \"weight\". \n"
     "\tUnexpected key(s) in state_dict: \"weight.x\". \n"
     "\tsize mismatch for bias: copying a param with shape torch.Size([2, 1]) from checkpoint, the shape in "
     "current model is torch.Size([2]).")
CODE("A24", load("weight", F64(2, 3), "bias", I64(2), true), COR_OK, NULL)

TENSOR("A25", cor_dropout(F32(2), .p = -0.1), COR_EVALUE, "dropout probability has to be between 0 and 1, but got -0.1")
TENSOR("A25", cor_dropout(F32(2), .p = 1.5), COR_EVALUE, "dropout probability has to be between 0 and 1, but got 1.5")
TENSOR("A25", cor_dropout(F32(2), .p = NAN), COR_EVALUE, "dropout probability has to be between 0 and 1, but got nan")
TENSOR("A25", cor_dropout(F32(2), .p = INFINITY), COR_EVALUE,
       "dropout probability has to be between 0 and 1, but got inf")
TENSOR("A25", cor_alpha_dropout(F32(2), .p = 1.5), COR_EVALUE,
       "dropout probability has to be between 0 and 1, but got 1.5")
TENSOR("A25", cor_alpha_dropout(F32(2), .p = NAN), COR_EVALUE,
       "dropout probability has to be between 0 and 1, but got nan")
TENSOR("A25", cor_dropout2d(image(), .p = -0.1), COR_EVALUE,
       "dropout probability has to be between 0 and 1, but got -0.1")
TENSOR("A25", cor_dropout2d(image(), .p = NAN), COR_EVALUE,
       "dropout probability has to be between 0 and 1, but got nan")
TENSOR("A25", cor_dropout(F32(2), .p = 1.5, .training = false), COR_EVALUE,
       "dropout probability has to be between 0 and 1, but got 1.5")
MODULE("A25", cor_nn_dropout(.p = -0.1), COR_EVALUE, "dropout probability has to be between 0 and 1, but got -0.1")
MODULE("A25", cor_nn_dropout(.p = 1.5), COR_EVALUE, "dropout probability has to be between 0 and 1, but got 1.5")
MODULE("A25", cor_nn_dropout(.p = NAN), COR_EVALUE, "dropout probability has to be between 0 and 1, but got nan")
TENSOR("A25", cor_call(cor_nn_dropout(.p = NAN), F32(2)), COR_EVALUE,
       "dropout probability has to be between 0 and 1, but got nan")
MODULE("A25", cor_nn_alpha_dropout(.p = 2), COR_EVALUE, "dropout probability has to be between 0 and 1, but got 2.0")
TENSOR("A25", cor_bernoulli_(F32(2), 1.5), COR_EVALUE, "bernoulli_ expects p to be in [0, 1], but got p=1.5")
TENSOR("A25", cor_bernoulli_(F32(2), NAN), COR_EVALUE, "bernoulli_ expects p to be in [0, 1], but got p=nan")
TENSOR("A25", cor_geometric_(F32(2), 0), COR_EVALUE, "geometric_ expects p to be in (0, 1), but got p=0")
TENSOR("A25", cor_normal_(F32(2), .std = -1), COR_EVALUE, "normal expects std >= 0.0, but found std -1")
TENSOR("A25", cor_normal_(F32(2), .std = NAN), COR_EVALUE, "normal expects std >= 0.0, but found std nan")
TENSOR("A25", cor_uniform_(F32(2), .from = 1, .to = 0), COR_EVALUE,
       "uniform_ expects to return a [from, to) range, but found from=1 > to=0")
TENSOR("A25", cor_uniform_(F32(2), .to = INFINITY), COR_EVALUE, "to is out of bounds for float")
TENSOR("A25", cor_uniform_(F32(2), .from = NAN), COR_EVALUE, "from is out of bounds for float")
TENSOR("A25", cor_exponential_(F32(2), .lambd = 0), COR_EVALUE, "exponential_ expects lambda > 0.0, but found lambda=0")
TENSOR("A25", cor_exponential_(F32(2), .lambd = NAN), COR_EVALUE,
       "exponential_ expects lambda > 0.0, but found lambda=nan")
TENSOR("A25", cor_cauchy_(F32(2), .sigma = 0), COR_EVALUE, "cauchy_ expects sigma > 0.0, but found sigma=0")
TENSOR("A25", cor_log_normal_(F32(2), .std = 0), COR_EVALUE, "log_normal_ expects std > 0.0, but found std=0")
TENSOR("A25", cor_randint(5, 5, 2), COR_EVALUE, "random_ expects 'from' to be less than 'to', but got from=5 >= to=5")
CODE("A8", cor_batch_norm_terms(I64(2), I64(2), &parts[0], &parts[1]), COR_EDTYPE,
     "\"batch_norm\" not implemented for 'Long'")
CODE("A8", cor_batch_norm_terms(F64(2), F32(2), &parts[0], &parts[1]), COR_EDTYPE,
     "mixed dtype (CPU): all inputs must share same datatype.")
CODE("A10", cor_batch_norm_terms(F32(2), F32(3), &parts[0], &parts[1]), COR_ESHAPE,
     "running_var should contain 2 elements not 3")
CODE("A10", cor_batch_norm_terms(F32(2), F32(2), &parts[0], &parts[1], .weight = F32(4)), COR_ESHAPE,
     "weight should contain 2 elements not 4")
CODE("A22", cor_batch_norm_terms(F32(2), F32(2), &parts[0], &parts[1], .eps = -1), COR_EVALUE,
     "batch_norm eps must be non-negative, but got -1.0")
CODE("A22", cor_batch_norm_terms(F32(2), F32(2), &parts[0], &parts[1], .training = true), COR_EVALUE,
     "batch_norm_terms are those of evaluation, but training is true")
TENSOR("A25", cor_batch_norm(F32(1, 2), COR_NONE, COR_NONE, .training = true), COR_EVALUE,
       "Expected more than 1 value per channel when training, got input size torch.Size([1, 2])")
TENSOR("A25", cor_batch_norm(F32(1, 2, 1, 1), F32(2), F32(2), .training = true), COR_EVALUE,
       "Expected more than 1 value per channel when training, got input size torch.Size([1, 2, 1, 1])")
TENSOR("A25", cor_batch_norm(F32(1, 2), COR_NONE, COR_NONE), COR_EVALUE,
       "running_mean must be defined in evaluation mode")
TENSOR("A25", cor_batch_norm(F32(2, 2), F32(3), F32(2)), COR_ESHAPE, "running_mean should contain 2 elements not 3")
TENSOR("A25", cor_batch_norm(F32(2, 2), F32(2), F32(2), .weight = F32(3)), COR_ESHAPE,
       "weight should contain 2 elements not 3")
TENSOR("A25", cor_batch_norm(F32(2, 2), F32(2), F32(2), .eps = 0), COR_OK,
       "tensor([[0.0000, 0.0000],\n"
       "        [2.0000, 1.4142]])")
TENSOR("A25", cor_batch_norm(F32(2, 2), F32(2), F32(2), .eps = -1), COR_EVALUE,
       "batch_norm eps must be non-negative, but got -1.0")
TENSOR("A25", cor_call(cor_nn_batch_norm1d(2), F32(1, 2)), COR_EVALUE,
       "Expected more than 1 value per channel when training, got input size torch.Size([1, 2])")
TENSOR("A25", cor_softshrink(F32(2), .lambd = -1), COR_EVALUE,
       "lambda must be in range [0, 3.40282e+38] for input dtype Float, but found -1")
TENSOR("A25", cor_hardtanh(F32(2), .min_val = 2, .max_val = 1), COR_EVALUE, "min_val cannot be greater than max_val")
TENSOR("A25", cor_celu(F32(2), .alpha = 0), COR_EVALUE, "ZeroDivisionError: alpha cannot be 0 for CELU")
