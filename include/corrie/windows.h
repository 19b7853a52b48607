/* corrie/windows.h: windows of images laid out as columns, powers of them, and the opposite of max_pool.
 *
 * Errors have PyTorch's texts: COR_ESHAPE for sizes that do not fit, COR_EVALUE for an option out of its range,
 * COR_EDTYPE, COR_EINDEX for an index outside the output; COR_ENOMEM.
 */
#ifndef CORRIE_WINDOWS_H
#define CORRIE_WINDOWS_H

#include <corrie/tensor.h>

COR_BEGIN

#define COR_UNFOLD_OPTIONS(_)                                                                                          \
    _(cor_pair, kernels, {COR_UNSET})                                                                                  \
    _(int64_t, dilation, 1)                                                                                            \
    _(cor_pair, dilations, {COR_UNSET})                                                                                \
    _(int64_t, padding, 0)                                                                                             \
    _(cor_pair, paddings, {COR_UNSET})                                                                                 \
    _(int64_t, stride, 1)                                                                                              \
    _(cor_pair, strides, {COR_UNSET})
COR_DECLARE_OPTIONS(cor_unfold_options, COR_UNFOLD_OPTIONS)

/* Returns (N, C kh kw, L) of an image (N, C, H, W): column l is the l-th window, zeros where it leaves the image
 * (torch.nn.functional.unfold). An image (C, H, W) gives (C kh kw, L). bool and the floating dtypes. */
COR_API cor_tensor *cor_unfold_with(cor_tensor *input, int64_t kernel, const cor_unfold_options *options);
#define cor_unfold(input, kernel, ...)                                                                                 \
    COR__CALL(cor_unfold_with((input), (kernel), COR__OPTIONS(cor_unfold_options, COR_UNFOLD_OPTIONS, ##__VA_ARGS__)))

/* Returns the image of output_size, (N, C, H, W), of which (N, C kh kw, L) are the columns; where windows overlap their
 * elements are added (torch.nn.functional.fold): cor_fold(x, COR_DIMS(4, 5), 2). */
COR_API cor_tensor *cor_fold_with(cor_tensor *input, cor_dims output_size, int64_t kernel,
                                  const cor_unfold_options *options);
#define cor_fold(input, output_size, kernel, ...)                                                                      \
    COR__CALL(cor_fold_with((input), (cor_dims)output_size, (kernel),                                                  \
                            COR__OPTIONS(cor_unfold_options, COR_UNFOLD_OPTIONS, ##__VA_ARGS__)))

#define COR_LP_POOL_OPTIONS(_)                                                                                         \
    _(cor_triple, kernels, {COR_UNSET})                                                                                \
    _(int64_t, stride, COR_UNSET) /* the kernel's */                                                                   \
    _(cor_triple, strides, {COR_UNSET})                                                                                \
    _(bool, ceil_mode, false)
COR_DECLARE_OPTIONS(cor_lp_pool_options, COR_LP_POOL_OPTIONS)

/* Returns (sum x^p)^(1/p) of every window, for p = INFINITY and -INFINITY the largest and smallest |x|
 * (torch.nn.functional.lp_pool1d to lp_pool3d). */
COR_API cor_tensor *cor_lp_pool1d_with(cor_tensor *input, double norm_type, int64_t kernel,
                                       const cor_lp_pool_options *options);
COR_API cor_tensor *cor_lp_pool2d_with(cor_tensor *input, double norm_type, int64_t kernel,
                                       const cor_lp_pool_options *options);
COR_API cor_tensor *cor_lp_pool3d_with(cor_tensor *input, double norm_type, int64_t kernel,
                                       const cor_lp_pool_options *options);
#define COR__LP_POOL_OF(pool, input, norm_type, kernel, ...)                                                           \
    COR__CALL(                                                                                                         \
        pool((input), (norm_type), (kernel), COR__OPTIONS(cor_lp_pool_options, COR_LP_POOL_OPTIONS, ##__VA_ARGS__)))
#define cor_lp_pool1d(input, norm_type, kernel, ...)                                                                   \
    COR__LP_POOL_OF(cor_lp_pool1d_with, input, norm_type, kernel, ##__VA_ARGS__)
#define cor_lp_pool2d(input, norm_type, kernel, ...)                                                                   \
    COR__LP_POOL_OF(cor_lp_pool2d_with, input, norm_type, kernel, ##__VA_ARGS__)
#define cor_lp_pool3d(input, norm_type, kernel, ...)                                                                   \
    COR__LP_POOL_OF(cor_lp_pool3d_with, input, norm_type, kernel, ##__VA_ARGS__)

#define COR_MAX_UNPOOL_OPTIONS(_)                                                                                      \
    _(cor_triple, kernels, {COR_UNSET})                                                                                \
    _(int64_t, stride, COR_UNSET) /* the kernel's */                                                                   \
    _(cor_triple, strides, {COR_UNSET})                                                                                \
    _(int64_t, padding, 0)                                                                                             \
    _(cor_triple, paddings, {COR_UNSET})                                                                               \
    _(cor_dims, output_size, COR_DIMS_UNSET) /* where several sizes are pooled to the input's */
COR_DECLARE_OPTIONS(cor_max_unpool_options, COR_MAX_UNPOOL_OPTIONS)

/* Returns zeros with the elements of the input at the places that indices, of max_pool, say
 * (torch.nn.functional.max_unpool1d to max_unpool3d); of elements for one place the last one counts. */
COR_API cor_tensor *cor_max_unpool1d_with(cor_tensor *input, cor_tensor *indices, int64_t kernel,
                                          const cor_max_unpool_options *options);
COR_API cor_tensor *cor_max_unpool2d_with(cor_tensor *input, cor_tensor *indices, int64_t kernel,
                                          const cor_max_unpool_options *options);
COR_API cor_tensor *cor_max_unpool3d_with(cor_tensor *input, cor_tensor *indices, int64_t kernel,
                                          const cor_max_unpool_options *options);
#define COR__MAX_UNPOOL_OF(pool, input, indices, kernel, ...)                                                          \
    COR__CALL(pool((input), (indices), (kernel),                                                                       \
                   COR__OPTIONS(cor_max_unpool_options, COR_MAX_UNPOOL_OPTIONS, ##__VA_ARGS__)))
#define cor_max_unpool1d(input, indices, kernel, ...)                                                                  \
    COR__MAX_UNPOOL_OF(cor_max_unpool1d_with, input, indices, kernel, ##__VA_ARGS__)
#define cor_max_unpool2d(input, indices, kernel, ...)                                                                  \
    COR__MAX_UNPOOL_OF(cor_max_unpool2d_with, input, indices, kernel, ##__VA_ARGS__)
#define cor_max_unpool3d(input, indices, kernel, ...)                                                                  \
    COR__MAX_UNPOOL_OF(cor_max_unpool3d_with, input, indices, kernel, ##__VA_ARGS__)

COR_END
#endif
