/* corrie/reduce.h: reductions, sorting and cumulative sums.
 *
 * A reduction works over all dimensions, over .dim, or over .dims; .keepdim keeps them with size 1. Sums are made in
 * blocks and lanes, so that errors grow slowly, and in one order for every layout and number of threads: the bits are
 * the same. float16 and bfloat16 are computed in float32 and rounded once. NaN wins in minima and maxima and is last in
 * ascending order. Errors: COR_EINDEX for a dimension that does not exist or has no elements where there must be one,
 * COR_EVALUE for a doubled one, COR_EDTYPE for a dtype that PyTorch refuses, COR_ENOMEM.
 */
#ifndef CORRIE_REDUCE_H
#define CORRIE_REDUCE_H

#include <corrie/tensor.h>

COR_BEGIN

#define COR_SUM_OPTIONS(_)                                                                                             \
    _(int64_t, dim, COR_UNSET)                                                                                         \
    _(cor_dims, dims, COR_DIMS_UNSET)                                                                                  \
    _(bool, keepdim, false)                                                                                            \
    _(cor_dtype, dtype, COR_DTYPE_UNSET)
COR_DECLARE_OPTIONS(cor_sum_options, COR_SUM_OPTIONS)

/* Returns the sum (torch.sum); of bools and integers as int64 unless .dtype is given. No elements: 0. */
COR_API cor_tensor *cor_sum_with(cor_tensor *t, const cor_sum_options *options);
#define cor_sum(t, ...) COR__CALL(cor_sum_with((t), COR__OPTIONS(cor_sum_options, COR_SUM_OPTIONS, ##__VA_ARGS__)))

/* Returns the mean of floating elements, or of any converted to a floating .dtype (torch.mean). No elements: NaN. */
COR_API cor_tensor *cor_mean_with(cor_tensor *t, const cor_sum_options *options);
#define cor_mean(t, ...) COR__CALL(cor_mean_with((t), COR__OPTIONS(cor_sum_options, COR_SUM_OPTIONS, ##__VA_ARGS__)))

#define COR_PROD_OPTIONS(_)                                                                                            \
    _(int64_t, dim, COR_UNSET)                                                                                         \
    _(bool, keepdim, false)                                                                                            \
    _(cor_dtype, dtype, COR_DTYPE_UNSET)
COR_DECLARE_OPTIONS(cor_prod_options, COR_PROD_OPTIONS)

/* Returns the product (torch.prod); of bools and integers as int64 unless .dtype is given. No elements: 1. */
COR_API cor_tensor *cor_prod_with(cor_tensor *t, const cor_prod_options *options);
#define cor_prod(t, ...) COR__CALL(cor_prod_with((t), COR__OPTIONS(cor_prod_options, COR_PROD_OPTIONS, ##__VA_ARGS__)))

#define COR_VAR_OPTIONS(_)                                                                                             \
    _(int64_t, dim, COR_UNSET)                                                                                         \
    _(cor_dims, dims, COR_DIMS_UNSET)                                                                                  \
    _(bool, keepdim, false)                                                                                            \
    _(double, correction, 1)
COR_DECLARE_OPTIONS(cor_var_options, COR_VAR_OPTIONS)

/* Returns the variance, the sum of squared deviations over (n - correction), and its root (torch.var, torch.std). In
 * double precision: block means and deviations are joined by the formulas of Updating Formulae and a
 * Pairwise Algorithm for Computing Sample Variances, 1979. */
COR_API cor_tensor *cor_var_with(cor_tensor *t, const cor_var_options *options);
COR_API cor_tensor *cor_std_with(cor_tensor *t, const cor_var_options *options);
#define cor_var(t, ...) COR__CALL(cor_var_with((t), COR__OPTIONS(cor_var_options, COR_VAR_OPTIONS, ##__VA_ARGS__)))
#define cor_std(t, ...) COR__CALL(cor_std_with((t), COR__OPTIONS(cor_var_options, COR_VAR_OPTIONS, ##__VA_ARGS__)))

#define COR_REDUCE_OPTIONS(_)                                                                                          \
    _(int64_t, dim, COR_UNSET)                                                                                         \
    _(cor_dims, dims, COR_DIMS_UNSET)                                                                                  \
    _(bool, keepdim, false)
COR_DECLARE_OPTIONS(cor_reduce_options, COR_REDUCE_OPTIONS)

/* Returns the smallest or largest element (torch.amin, torch.amax). */
COR_API cor_tensor *cor_amin_with(cor_tensor *t, const cor_reduce_options *options);
COR_API cor_tensor *cor_amax_with(cor_tensor *t, const cor_reduce_options *options);
#define cor_amin(t, ...)                                                                                               \
    COR__CALL(cor_amin_with((t), COR__OPTIONS(cor_reduce_options, COR_REDUCE_OPTIONS, ##__VA_ARGS__)))
#define cor_amax(t, ...)                                                                                               \
    COR__CALL(cor_amax_with((t), COR__OPTIONS(cor_reduce_options, COR_REDUCE_OPTIONS, ##__VA_ARGS__)))

/* Returns whether any or all elements are not zero (torch.any, torch.all), as bool; of uint8 as uint8. Of an empty list
 * of dims they reduce nothing. */
COR_API cor_tensor *cor_any_with(cor_tensor *t, const cor_reduce_options *options);
COR_API cor_tensor *cor_all_with(cor_tensor *t, const cor_reduce_options *options);
#define cor_any(t, ...)                                                                                                \
    COR__CALL(cor_any_with((t), COR__OPTIONS(cor_reduce_options, COR_REDUCE_OPTIONS, ##__VA_ARGS__)))
#define cor_all(t, ...)                                                                                                \
    COR__CALL(cor_all_with((t), COR__OPTIONS(cor_reduce_options, COR_REDUCE_OPTIONS, ##__VA_ARGS__)))

#define COR_MAX_OPTIONS(_)                                                                                             \
    _(int64_t, dim, COR_UNSET)                                                                                         \
    _(bool, keepdim, false)                                                                                            \
    _(cor_tensor **, indices, NULL)
COR_DECLARE_OPTIONS(cor_max_options, COR_MAX_OPTIONS)

/* Returns the smallest or largest element of all, or along .dim (torch.min, torch.max). Along a dimension, *indices
 * gets the indices, int64, the first of equal elements; NULL if the call fails. */
COR_API cor_tensor *cor_min_with(cor_tensor *t, const cor_max_options *options);
COR_API cor_tensor *cor_max_with(cor_tensor *t, const cor_max_options *options);
#define cor_min(t, ...) COR__CALL(cor_min_with((t), COR__OPTIONS(cor_max_options, COR_MAX_OPTIONS, ##__VA_ARGS__)))
#define cor_max(t, ...) COR__CALL(cor_max_with((t), COR__OPTIONS(cor_max_options, COR_MAX_OPTIONS, ##__VA_ARGS__)))

#define COR_ARGMAX_OPTIONS(_)                                                                                          \
    _(int64_t, dim, COR_UNSET)                                                                                         \
    _(bool, keepdim, false)
COR_DECLARE_OPTIONS(cor_argmax_options, COR_ARGMAX_OPTIONS)

/* Returns the index, int64, of the first smallest or largest element along .dim, or of all elements in row-major order
 * (torch.argmin, torch.argmax). */
COR_API cor_tensor *cor_argmin_with(cor_tensor *t, const cor_argmax_options *options);
COR_API cor_tensor *cor_argmax_with(cor_tensor *t, const cor_argmax_options *options);
#define cor_argmin(t, ...)                                                                                             \
    COR__CALL(cor_argmin_with((t), COR__OPTIONS(cor_argmax_options, COR_ARGMAX_OPTIONS, ##__VA_ARGS__)))
#define cor_argmax(t, ...)                                                                                             \
    COR__CALL(cor_argmax_with((t), COR__OPTIONS(cor_argmax_options, COR_ARGMAX_OPTIONS, ##__VA_ARGS__)))

#define COR_NORM_OPTIONS(_)                                                                                            \
    _(double, p, 2)                                                                                                    \
    _(int64_t, dim, COR_UNSET)                                                                                         \
    _(cor_dims, dims, COR_DIMS_UNSET)                                                                                  \
    _(bool, keepdim, false)                                                                                            \
    _(cor_dtype, dtype, COR_DTYPE_UNSET)
COR_DECLARE_OPTIONS(cor_norm_options, COR_NORM_OPTIONS)

/* Returns the vector norm (sum |x|^p)^(1/p); p = 0 counts what is not zero, INFINITY and -INFINITY are the largest and
 * the smallest |x| (torch.linalg.vector_norm, Tensor.norm). In double precision, rounded once. */
COR_API cor_tensor *cor_norm_with(cor_tensor *t, const cor_norm_options *options);
#define cor_norm(t, ...) COR__CALL(cor_norm_with((t), COR__OPTIONS(cor_norm_options, COR_NORM_OPTIONS, ##__VA_ARGS__)))

/* Returns log(sum of exp) (torch.logsumexp), of integers as float32. */
COR_API cor_tensor *cor_logsumexp_with(cor_tensor *t, const cor_reduce_options *options);
#define cor_logsumexp(t, ...)                                                                                          \
    COR__CALL(cor_logsumexp_with((t), COR__OPTIONS(cor_reduce_options, COR_REDUCE_OPTIONS, ##__VA_ARGS__)))

/* ---- sorting and running sums ----------------------------------------------------------------------------------- */

#define COR_SORT_OPTIONS(_)                                                                                            \
    _(int64_t, dim, -1)                                                                                                \
    _(bool, descending, false)                                                                                         \
    _(bool, stable, false)                                                                                             \
    _(cor_tensor **, indices, NULL)
COR_DECLARE_OPTIONS(cor_sort_options, COR_SORT_OPTIONS)

/* Returns the elements sorted along a dimension (torch.sort); *indices gets where they were, int64, NULL if the call
 * fails. Equal elements keep their order whatever .stable says. */
COR_API cor_tensor *cor_sort_with(cor_tensor *t, const cor_sort_options *options);
#define cor_sort(t, ...) COR__CALL(cor_sort_with((t), COR__OPTIONS(cor_sort_options, COR_SORT_OPTIONS, ##__VA_ARGS__)))

#define COR_TOPK_OPTIONS(_)                                                                                            \
    _(int64_t, dim, -1)                                                                                                \
    _(bool, largest, true)                                                                                             \
    _(bool, sorted, true)                                                                                              \
    _(cor_tensor **, indices, NULL)
COR_DECLARE_OPTIONS(cor_topk_options, COR_TOPK_OPTIONS)

/* Returns the k largest or smallest elements along a dimension, in order whatever .sorted says (torch.topk); *indices
 * gets where they were, the first of equal ones; NULL if the call fails. COR_EINDEX if there are not k elements. */
COR_API cor_tensor *cor_topk_with(cor_tensor *t, int64_t k, const cor_topk_options *options);
#define cor_topk(t, k, ...)                                                                                            \
    COR__CALL(cor_topk_with((t), (k), COR__OPTIONS(cor_topk_options, COR_TOPK_OPTIONS, ##__VA_ARGS__)))

#define COR_CUMSUM_OPTIONS(_) _(cor_dtype, dtype, COR_DTYPE_UNSET)
COR_DECLARE_OPTIONS(cor_cumsum_options, COR_CUMSUM_OPTIONS)

/* Returns the running sums along a dimension (torch.cumsum); of bools and integers as int64 unless .dtype is given.
 * float32 is summed in double, float16 and bfloat16 in float32. */
COR_API cor_tensor *cor_cumsum_with(cor_tensor *t, int64_t dim, const cor_cumsum_options *options);
#define cor_cumsum(t, dim, ...)                                                                                        \
    COR__CALL(cor_cumsum_with((t), (dim), COR__OPTIONS(cor_cumsum_options, COR_CUMSUM_OPTIONS, ##__VA_ARGS__)))

#define COR_ARGSORT_OPTIONS(_)                                                                                         \
    _(int64_t, dim, -1)                                                                                                \
    _(bool, descending, false)                                                                                         \
    _(bool, stable, false)
COR_DECLARE_OPTIONS(cor_argsort_options, COR_ARGSORT_OPTIONS)
/* Returns the indices that sort a dimension (torch.argsort), as cor_sort's. */
COR_API cor_tensor *cor_argsort_with(cor_tensor *t, const cor_argsort_options *options);
#define cor_argsort(t, ...)                                                                                            \
    COR__CALL(cor_argsort_with((t), COR__OPTIONS(cor_argsort_options, COR_ARGSORT_OPTIONS, ##__VA_ARGS__)))

#define COR_BINCOUNT_OPTIONS(_)                                                                                        \
    _(cor_tensor *, weights, COR_NONE) /* of t's size: what each element counts; float32 or summed as float64 */       \
    _(int64_t, minlength, 0)
COR_DECLARE_OPTIONS(cor_bincount_options, COR_BINCOUNT_OPTIONS)
/* Returns how often each number occurs in a vector of integers that are not negative (torch.bincount), at least
 * minlength counts. COR_EVALUE for other vectors. */
COR_API cor_tensor *cor_bincount_with(cor_tensor *t, const cor_bincount_options *options);
#define cor_bincount(t, ...)                                                                                           \
    COR__CALL(cor_bincount_with((t), COR__OPTIONS(cor_bincount_options, COR_BINCOUNT_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
