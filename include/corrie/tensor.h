/* corrie/tensor.h: making tensors, looking at them, and the views of their memory.
 *
 * A tensor has a dtype, up to COR_MAX_DIMS sizes and strides (in elements), and a storage that it may share with other
 * tensors. Every function that returns a tensor returns a new reference that belongs to the innermost open scope of
 * the calling thread, or NULL with an error pending (corrie/base.h); its tensor arguments are borrowed. Dimensions may
 * be counted from the end: -1 is the last. Names, arguments and defaults are PyTorch's.
 */
#ifndef CORRIE_TENSOR_H
#define CORRIE_TENSOR_H

#include <corrie/options.h>

COR_BEGIN

/* ---- lists of sizes, numbers and tensors as arguments ----------------------------------------------------------- */

/* A number or a tensor: what an arithmetic operation takes on either side. Made by COR_OPERAND. */
typedef struct cor_operand {
    cor_tensor *tensor; /* the tensor when kind is COR_OPERAND_TENSOR */
    enum { COR_OPERAND_TENSOR, COR_OPERAND_BOOL, COR_OPERAND_INT, COR_OPERAND_DOUBLE } kind;
    union {
        int64_t integer; /* also a bool's 0 or 1 */
        double real;
    } number;
} cor_operand;

/* A borrowed list of tensors, made by COR_TENSORS(a, b, c) or COR_LIST(array, n). */
typedef struct cor_list {
    cor_tensor *const *tensors;
    int64_t n;
} cor_list;

COR_END

#ifdef __cplusplus
#include <corrie/tensor_cpp.h>
#else

static inline cor_operand cor__operand_tensor(const cor_tensor *t) {
    return (cor_operand){.tensor = (cor_tensor *)t, .kind = COR_OPERAND_TENSOR};
}
static inline cor_operand cor__operand_bool(bool b) {
    return (cor_operand){.kind = COR_OPERAND_BOOL, .number.integer = b};
}
static inline cor_operand cor__operand_int(int64_t i) {
    return (cor_operand){.kind = COR_OPERAND_INT, .number.integer = i};
}
static inline cor_operand cor__operand_double(double d) {
    return (cor_operand){.kind = COR_OPERAND_DOUBLE, .number.real = d};
}
static inline cor_operand cor__operand_null(const void *null) {
    return (cor_operand){.tensor = (cor_tensor *)null, .kind = COR_OPERAND_TENSOR};
}
static inline cor_operand cor__operand_same(cor_operand operand) { return operand; }

/* A tensor or any C number as an operand. */
/* clang-format off */
#define COR_OPERAND(x)                                                                                                 \
    _Generic((x),                                                                                                      \
        cor_tensor *: cor__operand_tensor,                                                                             \
        const cor_tensor *: cor__operand_tensor,                                                                       \
        void *: cor__operand_null,                                                                                     \
        cor_operand: cor__operand_same,                                                                                \
        bool: cor__operand_bool,                                                                                       \
        char: cor__operand_int,                                                                                        \
        signed char: cor__operand_int,                                                                                 \
        unsigned char: cor__operand_int,                                                                               \
        short: cor__operand_int,                                                                                       \
        unsigned short: cor__operand_int,                                                                              \
        int: cor__operand_int,                                                                                         \
        unsigned int: cor__operand_int,                                                                                \
        long: cor__operand_int,                                                                                        \
        unsigned long: cor__operand_int,                                                                               \
        long long: cor__operand_int,                                                                                   \
        unsigned long long: cor__operand_int,                                                                          \
        float: cor__operand_double,                                                                                    \
        double: cor__operand_double)(x)
/* clang-format on */

#define COR_LIST(array, count) ((cor_list){(array), (count)})
#define COR_TENSORS(...)                                                                                               \
    ((cor_list){(cor_tensor *const[]){__VA_ARGS__},                                                                    \
                (int64_t)(sizeof((cor_tensor *const[]){__VA_ARGS__}) / sizeof(cor_tensor *))})

/* Sizes written as arguments: an array and its length. */
#define COR__SIZES(...) (const int64_t[]){__VA_ARGS__}, (int)COR__COUNT(__VA_ARGS__)

/* The dtype of a C type's elements, and the first element of a nested array of n dimensions. */
/* clang-format off */
#define COR__DTYPE_OF(element)                                                                                         \
    _Generic((element),                                                                                                \
        bool: COR_BOOL,                                                                                                \
        unsigned char: COR_UINT8,                                                                                      \
        signed char: COR_INT8,                                                                                         \
        char: COR_INT8,                                                                                                \
        short: COR_INT16,                                                                                              \
        int: COR_INT32,                                                                                                \
        long: sizeof(long) == 8 ? COR_INT64 : COR_INT32,                                                               \
        long long: COR_INT64,                                                                                          \
        float: COR_FLOAT32,                                                                                            \
        double: COR_FLOAT64)
/* clang-format on */
#define COR__PICK_9(a, b, c, d, e, f, g, h, chosen, ...) chosen
#define COR__FIRST(array, ...)                                                                                         \
    COR__PICK_9(__VA_ARGS__, (array)[0][0][0][0][0][0][0][0], (array)[0][0][0][0][0][0][0], (array)[0][0][0][0][0][0], \
                (array)[0][0][0][0][0], (array)[0][0][0][0], (array)[0][0][0], (array)[0][0], (array)[0], 0)

/* A tensor that copies a C array of up to eight dimensions: cor_from(image, 5, 5). The array's size is checked. */
#define cor_from(array, ...)                                                                                           \
    cor_from_array((array), sizeof(array), COR__DTYPE_OF(COR__FIRST(array, __VA_ARGS__)), COR__SIZES(__VA_ARGS__))

#endif /* __cplusplus */

/* A tensor that copies prod(sizes) elements from a pointer: cor_from_data(pixels, COR_UINT8, 480, 640, 3). */
#define cor_from_data(pointer, dtype, ...) cor_from_pointer((pointer), (dtype), COR__SIZES(__VA_ARGS__))

/* A tensor of no dimensions that holds one number: torch.tensor(1.0). Integers give int64, floats float32. */
#define cor_scalar(number) cor_scalar_of(COR_OPERAND(number))

#define cor_view(t, ...) cor_view_to((t), COR__SIZES(__VA_ARGS__))
#define cor_reshape(t, ...) cor_reshape_to((t), COR__SIZES(__VA_ARGS__))
#define cor_expand(t, ...) cor_expand_to((t), COR__SIZES(__VA_ARGS__))
#define cor_permute(t, ...) cor_permute_to((t), COR__SIZES(__VA_ARGS__))

COR_BEGIN

/* ---- making ----------------------------------------------------------------------------------------------------- */

/* Returns a contiguous tensor of the given sizes that copies `bytes` bytes at `array`; what cor_from calls. COR_EVALUE
 * if array is NULL or a size is negative, COR_ESHAPE if bytes is not what the sizes and the dtype need. */
COR_API cor_tensor *cor_from_array(const void *array, size_t bytes, cor_dtype dtype, const int64_t *sizes, int n);

/* The same for a pointer to as many elements as the sizes say. */
COR_API cor_tensor *cor_from_pointer(const void *pointer, cor_dtype dtype, const int64_t *sizes, int n);

/* Returns a tensor over memory of the caller's: torch.from_blob. strides may be NULL (contiguous) and are in elements,
 * not negative; the pointer is aligned to the size of an element. When the last tensor that shares the memory goes,
 * release(pointer, context) is called unless it is NULL; on failure it is not called. The storage counts as exposed:
 * its contents may change at any time. */
COR_API cor_tensor *cor_from_blob(void *pointer, cor_dtype dtype, const int64_t *sizes, const int64_t *strides, int n,
                                  void (*release)(void *pointer, void *context), void *context);

/* Returns a 0-d tensor of the number: bool, int64 or float32 as torch.tensor makes it. A tensor is returned detached.
 */
COR_API cor_tensor *cor_scalar_of(cor_operand number);

/* ---- ownership -------------------------------------------------------------------------------------------------- */

/* Adds a reference that the caller gives back with cor_release. Returns t; NULL stays NULL. */
COR_API cor_tensor *cor_retain(cor_tensor *t);

/* Gives back a reference got by cor_retain or cor_take. NULL is ignored. Works with an error pending. */
COR_API void cor_release(cor_tensor *t);

/* Moves t out of its scope: the caller owns the reference and gives it back with cor_release. O(1). */
COR_API cor_tensor *cor_take(cor_tensor *t);

/* Moves t from its scope to the one outside it, so that it outlives the closing of the inner one. Returns t. */
COR_API cor_tensor *cor_keep(cor_tensor *t);

/* Lets *field hold t: releases what it held and takes a reference of its own. t may be NULL (then an error must be
 * pending or the field is emptied). Returns COR_OK or the pending code; on a pending error *field stays. */
COR_API int cor_assign(cor_tensor **field, cor_tensor *t);

/* Replaces the temporary *t by `next` and frees the old one at once if its scope was the only holder:
 * cor_next(&x, cor_relu(x)). On a pending error *t becomes NULL. Returns *t. */
COR_API cor_tensor *cor_next(cor_tensor **t, cor_tensor *next);

/* ---- looking ---------------------------------------------------------------------------------------------------- */

/* Queries return 0, false, NULL or NaN on NULL, and never fail otherwise unless they say so. */

/* Returns the number of dimensions. */
COR_API int cor_dim(const cor_tensor *t);
/* Returns the size of a dimension, which may be counted from the end; 0 if there is no such dimension. */
COR_API int64_t cor_size(const cor_tensor *t, int64_t dim);
/* Returns the sizes, borrowed from t. */
COR_API const int64_t *cor_sizes(const cor_tensor *t);
/* Returns the stride of a dimension in elements; 0 if there is no such dimension. */
COR_API int64_t cor_stride(const cor_tensor *t, int64_t dim);
/* Returns the strides in elements, borrowed from t. */
COR_API const int64_t *cor_strides(const cor_tensor *t);
/* Returns the number of elements. */
COR_API int64_t cor_numel(const cor_tensor *t);
/* Returns the dtype; COR_DTYPE_UNSET for NULL. */
COR_API cor_dtype cor_dtype_of(const cor_tensor *t);
/* Returns where the first element lies in the storage, in elements. */
COR_API int64_t cor_storage_offset(const cor_tensor *t);
/* Returns whether the elements lie in row-major order without gaps. */
COR_API bool cor_is_contiguous(const cor_tensor *t);
/* Returns whether two tensors share a storage. */
COR_API bool cor_shares_storage(const cor_tensor *a, const cor_tensor *b);
/* Returns how often the storage has been changed in place (Tensor._version). -1 with COR_ESTATE pending for inference
 * tensors. */
COR_API int64_t cor_version_of(const cor_tensor *t);

/* Returns the memory of the first element for writing, borrowed from t. Marks the storage as exposed: from now on its
 * contents may change behind the library's back, and nothing derived from them is cached. NULL on NULL. */
COR_API void *cor_data(cor_tensor *t);
/* The same for reading; marks nothing. */
COR_API const void *cor_data_const(const cor_tensor *t);

/* Returns the one element as a double or an int64 (Tensor.item). NaN or 0, with an error pending, if there is not
 * exactly one. int64 values beyond 2^53 need cor_item_int. */
COR_API double cor_item(const cor_tensor *t);
COR_API int64_t cor_item_int(const cor_tensor *t);

/* ---- views and copies ------------------------------------------------------------------------------------------- */

/* Returns a view of the given sizes, one of which may be -1 (Tensor.view). COR_ESHAPE with PyTorch's text if the
 * memory layout does not allow it or the number of elements differs. */
COR_API cor_tensor *cor_view_to(cor_tensor *t, const int64_t *sizes, int n);
/* The same, copying where a view is not possible (torch.reshape). */
COR_API cor_tensor *cor_reshape_to(cor_tensor *t, const int64_t *sizes, int n);
/* Returns a view of t broadcast to the sizes; -1 keeps a size (Tensor.expand). */
COR_API cor_tensor *cor_expand_to(cor_tensor *t, const int64_t *sizes, int n);
/* Returns a view with the dimensions in the given order (torch.permute). */
COR_API cor_tensor *cor_permute_to(cor_tensor *t, const int64_t *dims, int n);

#define COR_FLATTEN_OPTIONS(_)                                                                                         \
    _(int64_t, start_dim, 0)                                                                                           \
    _(int64_t, end_dim, -1)
COR_DECLARE_OPTIONS(cor_flatten_options, COR_FLATTEN_OPTIONS)
/* Returns t with the dimensions from start_dim to end_dim made one, as a view where possible (torch.flatten). */
COR_API cor_tensor *cor_flatten_with(cor_tensor *t, const cor_flatten_options *options);
#define cor_flatten(t, ...)                                                                                            \
    COR__CALL(cor_flatten_with((t), COR__OPTIONS(cor_flatten_options, COR_FLATTEN_OPTIONS, ##__VA_ARGS__)))

/* Returns a view with dimension dim split into the given sizes, one of which may be -1 (torch.unflatten). */
COR_API cor_tensor *cor_unflatten(cor_tensor *t, int64_t dim, const int64_t *sizes, int n);

#define COR_SQUEEZE_OPTIONS(_) _(cor_dims, dims, COR_DIMS_UNSET) _(int64_t, dim, COR_UNSET)
COR_DECLARE_OPTIONS(cor_squeeze_options, COR_SQUEEZE_OPTIONS)
/* Returns a view without the dimensions of size 1: all, .dim or .dims (torch.squeeze). */
COR_API cor_tensor *cor_squeeze_with(cor_tensor *t, const cor_squeeze_options *options);
#define cor_squeeze(t, ...)                                                                                            \
    COR__CALL(cor_squeeze_with((t), COR__OPTIONS(cor_squeeze_options, COR_SQUEEZE_OPTIONS, ##__VA_ARGS__)))

/* Returns a view with a new dimension of size 1 before dim (torch.unsqueeze). */
COR_API cor_tensor *cor_unsqueeze(cor_tensor *t, int64_t dim);
/* Returns a view with two dimensions exchanged (torch.transpose). */
COR_API cor_tensor *cor_transpose(cor_tensor *t, int64_t dim0, int64_t dim1);
/* Returns the transpose of a tensor of at most two dimensions (torch.t). */
COR_API cor_tensor *cor_t(cor_tensor *t);
/* Returns a view of one index of a dimension, which goes away (torch.select; t[index] for dim 0). */
COR_API cor_tensor *cor_select(cor_tensor *t, int64_t dim, int64_t index);
/* Returns a view of `length` indices of a dimension from start on (torch.narrow). */
COR_API cor_tensor *cor_narrow(cor_tensor *t, int64_t dim, int64_t start, int64_t length);

#define COR_SLICE_OPTIONS(_)                                                                                           \
    _(int64_t, start, 0)                                                                                               \
    _(int64_t, end, INT64_MAX)                                                                                         \
    _(int64_t, step, 1)
COR_DECLARE_OPTIONS(cor_slice_options, COR_SLICE_OPTIONS)
/* Returns the view t[start:end:step] of a dimension; bounds are cut as Python's are, step is at least 1. */
COR_API cor_tensor *cor_slice_with(cor_tensor *t, int64_t dim, const cor_slice_options *options);
#define cor_slice(t, dim, ...)                                                                                         \
    COR__CALL(cor_slice_with((t), (dim), COR__OPTIONS(cor_slice_options, COR_SLICE_OPTIONS, ##__VA_ARGS__)))

/* Returns a view of any sizes and strides within the storage (torch.as_strided); strides are not negative. */
COR_API cor_tensor *cor_as_strided(cor_tensor *t, const int64_t *sizes, const int64_t *strides, int n, int64_t offset);

/* Writes views of consecutive parts of dimension dim to parts[0..], each split_size long but for the last
 * (torch.split). Returns how many parts there are, or a negative code; COR_ELIMIT if that is more than `room`. */
COR_API int64_t cor_split(cor_tensor *t, int64_t split_size, int64_t dim, cor_tensor **parts, int64_t room);
/* The same, into at most `chunks` parts of equal size but for the last (torch.chunk). */
COR_API int64_t cor_chunk(cor_tensor *t, int64_t chunks, int64_t dim, cor_tensor **parts, int64_t room);

/* Returns t itself, borrowed, when it is contiguous, else a contiguous copy. */
COR_API cor_tensor *cor_contiguous(cor_tensor *t);
/* Returns a copy in memory of its own (torch.clone); dense layouts keep their order of dimensions. */
COR_API cor_tensor *cor_clone(cor_tensor *t);
/* Returns t in another dtype, t itself if it has it already (Tensor.to). */
COR_API cor_tensor *cor_to(cor_tensor *t, cor_dtype dtype);
/* Returns a tensor that shares t's storage and its version, and requires no gradient. */
COR_API cor_tensor *cor_detach(cor_tensor *t);
/* Makes t itself a leaf that requires no grad (Tensor.detach_). Returns t, borrowed; COR_ESTATE for a view. */
COR_API cor_tensor *cor_detach_(cor_tensor *t);
/* Copies source, broadcast and cast, into t (Tensor.copy_). Returns t, borrowed. */
COR_API cor_tensor *cor_copy_(cor_tensor *t, cor_tensor *source);

#define COR_CAT_OPTIONS(_) _(int64_t, dim, 0)
COR_DECLARE_OPTIONS(cor_cat_options, COR_CAT_OPTIONS)
/* Returns the tensors joined along a dimension (torch.cat): cor_cat(COR_TENSORS(a, b), .dim = 1). */
COR_API cor_tensor *cor_cat_with(cor_list tensors, const cor_cat_options *options);
#define cor_cat(list, ...)                                                                                             \
    COR__CALL(cor_cat_with((list), COR__OPTIONS(cor_cat_options, COR_CAT_OPTIONS, ##__VA_ARGS__)))
/* Returns tensors of one shape joined along a new dimension (torch.stack). */
COR_API cor_tensor *cor_stack_with(cor_list tensors, const cor_cat_options *options);
#define cor_stack(list, ...)                                                                                           \
    COR__CALL(cor_stack_with((list), COR__OPTIONS(cor_cat_options, COR_CAT_OPTIONS, ##__VA_ARGS__)))

/* ---- gradients -------------------------------------------------------------------------------------------------- */

/* Returns whether operations on t are recorded. */
COR_API bool cor_requires_grad(const cor_tensor *t);
/* Sets that for a leaf of floating dtype (Tensor.requires_grad_). Returns t, borrowed. */
COR_API cor_tensor *cor_requires_grad_(cor_tensor *t, bool requires_grad);
/* Returns whether t was made by the user or without recording (Tensor.is_leaf). */
COR_API bool cor_is_leaf(const cor_tensor *t);
/* Returns the name of the operation that made t, "ConvolutionBackward0"; NULL for a leaf. */
COR_API const char *cor_grad_fn(const cor_tensor *t);
/* Returns the accumulated gradient, borrowed; NULL while there is none. */
COR_API cor_tensor *cor_grad(const cor_tensor *t);
/* Sets or, with COR_NONE, drops the gradient of t; shape and dtype must be t's. Returns COR_OK or a code. */
COR_API int cor_set_grad(cor_tensor *t, cor_tensor *grad) COR_MUST_CHECK;

/* Returns whether this thread records operations, and sets it; returns what it was. */
COR_API bool cor_is_grad_enabled(void);
COR_API bool cor_set_grad_enabled(bool enabled);

/* Turns recording off, or on, to the end of the enclosing block: cor_no_grad(); */
#define cor_no_grad() COR__GRAD_MODE(COR__PASTE(cor__grad_mode_, __COUNTER__), false)
#define cor_enable_grad() COR__GRAD_MODE(COR__PASTE(cor__grad_mode_, __COUNTER__), true)
#define COR__GRAD_MODE(name, enabled)                                                                                  \
    bool name __attribute__((cleanup(cor_grad_mode_restore), unused)) = cor_set_grad_enabled(enabled)
/* Restores the grad mode saved in *before; what cor_no_grad's block end calls. NULL is ignored. */
COR_API void cor_grad_mode_restore(bool *before);

/* Turns inference mode on to the end of the enclosing block: cor_inference_mode(). Nothing is recorded, as under
 * cor_no_grad, and what is made is an inference tensor: nothing is noted of its views, a backward pass cannot keep it,
 * and outside the mode it is not changed in place. Views of normal tensors stay normal (torch.inference_mode). */
#define cor_inference_mode() COR__INFERENCE_MODE(COR__PASTE(cor__inference_mode_, __COUNTER__))
#define COR__INFERENCE_MODE(name)                                                                                      \
    int name __attribute__((cleanup(cor_inference_mode_restore), unused)) = cor_set_inference_mode(true)
/* Turns the mode on or off for this thread; off turns recording on. Returns what cor_inference_mode_restore takes. */
COR_API int cor_set_inference_mode(bool enabled);
/* Restores the modes saved in *before, of inference and of recording. NULL is ignored. */
COR_API void cor_inference_mode_restore(int *before);
/* Returns whether the mode is on in this thread, and whether t is an inference tensor (Tensor.is_inference). */
COR_API bool cor_is_inference_mode_enabled(void);
COR_API bool cor_is_inference(const cor_tensor *t);

/* ---- printing --------------------------------------------------------------------------------------------------- */

#define COR_PRINT_OPTIONS(_)                                                                                           \
    _(int64_t, precision, 4)                                                                                           \
    _(int64_t, threshold, 1000)                                                                                        \
    _(int64_t, edgeitems, 3)                                                                                           \
    _(int64_t, linewidth, 80)                                                                                          \
    _(int64_t, sci_mode, COR_UNSET) /* 0 or 1 to force it */
COR_DECLARE_OPTIONS(cor_print_options, COR_PRINT_OPTIONS)

/* Prints t to stdout as PyTorch's print does, and a newline. NULL writes the pending error to stderr and clears it.
 * Returns COR_OK, the code of that error, or COR_EIO if stdout cannot be written. */
COR_API int cor_print(const cor_tensor *t);
/* Returns the text of t as PyTorch's repr, to be freed with cor_free_text; NULL with an error pending. options may be
 * NULL: those of this process (cor_set_print_options). */
COR_API char *cor_repr(const cor_tensor *t, const cor_print_options *options);
/* Sets the options that cor_print and cor_repr use from now on (torch.set_printoptions). */
COR_API int cor_set_print_options_with(const cor_print_options *options) COR_MUST_CHECK;
#define cor_set_print_options(...)                                                                                     \
    COR__CALL(cor_set_print_options_with(COR__OPTIONS(cor_print_options, COR_PRINT_OPTIONS, ##__VA_ARGS__)))
/* Prints the shape, "torch.Size([2, 3])", and a newline. NULL and errors as cor_print. */
COR_API int cor_print_shape(const cor_tensor *t);
/* Frees a text that the library returned. NULL is ignored. */
COR_API void cor_free_text(char *text);

COR_END
#endif
