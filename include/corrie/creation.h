/* corrie/creation.h: tensors from sizes, ranges, text and random numbers.
 *
 * Sizes are written as arguments, cor_zeros(2, 3); none at all makes a tensor of no dimensions. What every function
 * here may fail with: COR_EVALUE for a negative size or a parameter out of range, COR_EDTYPE for a dtype that the
 * function is not defined for, COR_ELIMIT for more than can be held, COR_ENOMEM. Random functions give the same bits as
 * PyTorch's with the same seed (corrie/random.h). The in-place ones fill a tensor that is not contiguous in the order
 * of its memory, return it, borrowed, and refuse a leaf that requires grad and a tensor whose elements share memory
 * (COR_ESTATE).
 */
#ifndef CORRIE_CREATION_H
#define CORRIE_CREATION_H

#include <corrie/random.h>
#include <corrie/tensor.h>

COR_BEGIN

/* ---- from sizes ------------------------------------------------------------------------------------------------- */

/* Returns a tensor of zeros, of ones, or of undefined contents (torch.zeros, torch.ones, torch.empty). */
COR_API cor_tensor *cor_zeros_sized(cor_dtype dtype, const int64_t *sizes, int n);
COR_API cor_tensor *cor_ones_sized(cor_dtype dtype, const int64_t *sizes, int n);
COR_API cor_tensor *cor_empty_sized(cor_dtype dtype, const int64_t *sizes, int n);
/* Returns a tensor filled with a number (torch.full), COR_DTYPE_UNSET for the number's own dtype: bool, int64 or
 * float32. COR_EVALUE if the dtype cannot hold the number. */
COR_API cor_tensor *cor_full_sized(cor_dtype dtype, cor_operand number, const int64_t *sizes, int n);

#define cor_zeros_of(dtype, ...) cor_zeros_sized((dtype), COR__SIZES(__VA_ARGS__))
#define cor_ones_of(dtype, ...) cor_ones_sized((dtype), COR__SIZES(__VA_ARGS__))
#define cor_empty_of(dtype, ...) cor_empty_sized((dtype), COR__SIZES(__VA_ARGS__))
#define cor_full_of(dtype, number, ...) cor_full_sized((dtype), COR_OPERAND(number), COR__SIZES(__VA_ARGS__))
#define cor_zeros(...) cor_zeros_of(COR_FLOAT32, ##__VA_ARGS__)
#define cor_ones(...) cor_ones_of(COR_FLOAT32, ##__VA_ARGS__)
#define cor_empty(...) cor_empty_of(COR_FLOAT32, ##__VA_ARGS__)
#define cor_full(number, ...) cor_full_of(COR_DTYPE_UNSET, number, ##__VA_ARGS__)

/* ---- like another tensor ---------------------------------------------------------------------------------------- */

#define COR_LIKE_OPTIONS(_) _(cor_dtype, dtype, COR_DTYPE_UNSET) /* t's, when not given */
COR_DECLARE_OPTIONS(cor_like_options, COR_LIKE_OPTIONS)

/* Returns a tensor of t's sizes, with its dimensions in the order that t's have in memory (torch.zeros_like and so on).
 */
COR_API cor_tensor *cor_zeros_like_with(const cor_tensor *t, const cor_like_options *options);
COR_API cor_tensor *cor_ones_like_with(const cor_tensor *t, const cor_like_options *options);
COR_API cor_tensor *cor_empty_like_with(const cor_tensor *t, const cor_like_options *options);
COR_API cor_tensor *cor_full_like_with(const cor_tensor *t, cor_operand number, const cor_like_options *options);
COR_API cor_tensor *cor_rand_like_with(const cor_tensor *t, const cor_like_options *options);
COR_API cor_tensor *cor_randn_like_with(const cor_tensor *t, const cor_like_options *options);
COR_API cor_tensor *cor_randint_like_with(const cor_tensor *t, int64_t low, int64_t high,
                                          const cor_like_options *options);

#define COR__LIKE(...) COR__OPTIONS(cor_like_options, COR_LIKE_OPTIONS, ##__VA_ARGS__)
#define cor_zeros_like(t, ...) COR__CALL(cor_zeros_like_with((t), COR__LIKE(__VA_ARGS__)))
#define cor_ones_like(t, ...) COR__CALL(cor_ones_like_with((t), COR__LIKE(__VA_ARGS__)))
#define cor_empty_like(t, ...) COR__CALL(cor_empty_like_with((t), COR__LIKE(__VA_ARGS__)))
#define cor_full_like(t, number, ...) COR__CALL(cor_full_like_with((t), COR_OPERAND(number), COR__LIKE(__VA_ARGS__)))
#define cor_rand_like(t, ...) COR__CALL(cor_rand_like_with((t), COR__LIKE(__VA_ARGS__)))
#define cor_randn_like(t, ...) COR__CALL(cor_randn_like_with((t), COR__LIKE(__VA_ARGS__)))
#define cor_randint_like(t, low, high, ...) COR__CALL(cor_randint_like_with((t), (low), (high), COR__LIKE(__VA_ARGS__)))

/* ---- ranges ----------------------------------------------------------------------------------------------------- */

#define COR_EYE_OPTIONS(_)                                                                                             \
    _(int64_t, m, COR_UNSET)                                                                                           \
    _(cor_dtype, dtype, COR_FLOAT32)
COR_DECLARE_OPTIONS(cor_eye_options, COR_EYE_OPTIONS)
/* Returns an n by m matrix, n by n when m is not given, with ones on its diagonal and zeros elsewhere (torch.eye). */
COR_API cor_tensor *cor_eye_with(int64_t n, const cor_eye_options *options);
#define cor_eye(n, ...) COR__CALL(cor_eye_with((n), COR__OPTIONS(cor_eye_options, COR_EYE_OPTIONS, ##__VA_ARGS__)))

#define COR_ARANGE_OPTIONS(_)                                                                                          \
    _(double, step, 1)                                                                                                 \
    _(cor_dtype, dtype, COR_DTYPE_UNSET)
COR_DECLARE_OPTIONS(cor_arange_options, COR_ARANGE_OPTIONS)
/* Returns the numbers start, start + step, ... before end (torch.arange), ceil((end - start) / step) of them: int64
 * when start, end and step are integers, else float32, unless a dtype is given. The step counts as an integer when it
 * has no fraction. start and end are numbers or tensors of no dimensions. */
COR_API cor_tensor *cor_arange_with(cor_operand start, cor_operand end, const cor_arange_options *options);
#define cor_arange(start, end, ...)                                                                                    \
    COR__CALL(cor_arange_with(COR_OPERAND(start), COR_OPERAND(end),                                                    \
                              COR__OPTIONS(cor_arange_options, COR_ARANGE_OPTIONS, ##__VA_ARGS__)))

#define COR_LINSPACE_OPTIONS(_) _(cor_dtype, dtype, COR_FLOAT32)
COR_DECLARE_OPTIONS(cor_linspace_options, COR_LINSPACE_OPTIONS)
/* Returns `steps` numbers from start to end, both included, evenly spaced (torch.linspace). start and end are numbers
 * or tensors of no dimensions. */
COR_API cor_tensor *cor_linspace_with(cor_operand start, cor_operand end, int64_t steps,
                                      const cor_linspace_options *options);
#define cor_linspace(start, end, steps, ...)                                                                           \
    COR__CALL(cor_linspace_with(COR_OPERAND(start), COR_OPERAND(end), (steps),                                         \
                                COR__OPTIONS(cor_linspace_options, COR_LINSPACE_OPTIONS, ##__VA_ARGS__)))

/* ---- from text -------------------------------------------------------------------------------------------------- */

#define COR_TEXT_OPTIONS(_) _(cor_dtype, dtype, COR_DTYPE_UNSET)
COR_DECLARE_OPTIONS(cor_text_options, COR_TEXT_OPTIONS)
/* Returns the tensor that torch.tensor makes of a nested list written as text, "[[1, 2], [3, 4.5]]", or of one number:
 * True, False, 7, -1e5, 2.5, nan, inf, -inf. Numbers have a point in any locale. Without a dtype it is float32 when a
 * number is real, int64 when one is an integer, else bool; "[]" is float32. COR_EFORMAT for malformed text, with the
 * offset of the byte, and for lists of different lengths; COR_EVALUE for a number that the dtype cannot hold. */
COR_API cor_tensor *cor_tensor_text_with(const char *text, const cor_text_options *options);
#define cor_tensor_text(text, ...)                                                                                     \
    COR__CALL(cor_tensor_text_with((text), COR__OPTIONS(cor_text_options, COR_TEXT_OPTIONS, ##__VA_ARGS__)))

/* ---- random tensors --------------------------------------------------------------------------------------------- */

/* Returns a tensor of random numbers: uniform on [0, 1), or normal with mean 0 and standard deviation 1 (torch.rand,
 * torch.randn), of a floating dtype. */
COR_API cor_tensor *cor_rand_sized(cor_dtype dtype, const int64_t *sizes, int n);
COR_API cor_tensor *cor_randn_sized(cor_dtype dtype, const int64_t *sizes, int n);
/* Returns a tensor of random integers of [low, high) (torch.randint). */
COR_API cor_tensor *cor_randint_sized(cor_dtype dtype, int64_t low, int64_t high, const int64_t *sizes, int n);

#define cor_rand_of(dtype, ...) cor_rand_sized((dtype), COR__SIZES(__VA_ARGS__))
#define cor_randn_of(dtype, ...) cor_randn_sized((dtype), COR__SIZES(__VA_ARGS__))
#define cor_randint_of(dtype, low, high, ...) cor_randint_sized((dtype), (low), (high), COR__SIZES(__VA_ARGS__))
#define cor_rand(...) cor_rand_of(COR_FLOAT32, ##__VA_ARGS__)
#define cor_randn(...) cor_randn_of(COR_FLOAT32, ##__VA_ARGS__)
#define cor_randint(low, high, ...) cor_randint_of(COR_INT64, low, high, ##__VA_ARGS__)

/* Every draw takes a generator; NULL is a failed one and is refused. */
#define COR__GENERATOR_OPTION(_) _(cor_generator *, generator, COR_GENERATOR_DEFAULT)

#define COR_RANDPERM_OPTIONS(_)                                                                                        \
    _(cor_dtype, dtype, COR_INT64)                                                                                     \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_randperm_options, COR_RANDPERM_OPTIONS)
/* Returns the numbers 0 to n - 1 in random order (torch.randperm). */
COR_API cor_tensor *cor_randperm_with(int64_t n, const cor_randperm_options *options);
#define cor_randperm(n, ...)                                                                                           \
    COR__CALL(cor_randperm_with((n), COR__OPTIONS(cor_randperm_options, COR_RANDPERM_OPTIONS, ##__VA_ARGS__)))

/* ---- random numbers in place ------------------------------------------------------------------------------------ */

#define COR_UNIFORM_OPTIONS(_)                                                                                         \
    _(double, from, 0)                                                                                                 \
    _(double, to, 1)                                                                                                   \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_uniform_options, COR_UNIFORM_OPTIONS)
/* Fills t with uniform numbers of [from, to) (Tensor.uniform_). */
COR_API cor_tensor *cor_uniform_with_(cor_tensor *t, const cor_uniform_options *options);
#define cor_uniform_(t, ...)                                                                                           \
    COR__CALL(cor_uniform_with_((t), COR__OPTIONS(cor_uniform_options, COR_UNIFORM_OPTIONS, ##__VA_ARGS__)))

#define COR_NORMAL_OPTIONS(_)                                                                                          \
    _(double, mean, 0)                                                                                                 \
    _(double, std, 1)                                                                                                  \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_normal_options, COR_NORMAL_OPTIONS)
/* Fills t with normal numbers of a mean and a standard deviation (Tensor.normal_). */
COR_API cor_tensor *cor_normal_with_(cor_tensor *t, const cor_normal_options *options);
#define cor_normal_(t, ...)                                                                                            \
    COR__CALL(cor_normal_with_((t), COR__OPTIONS(cor_normal_options, COR_NORMAL_OPTIONS, ##__VA_ARGS__)))

#define COR_LOG_NORMAL_OPTIONS(_)                                                                                      \
    _(double, mean, 1)                                                                                                 \
    _(double, std, 2)                                                                                                  \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_log_normal_options, COR_LOG_NORMAL_OPTIONS)
/* Fills t with exp of normal numbers of a mean and a standard deviation (Tensor.log_normal_). */
COR_API cor_tensor *cor_log_normal_with_(cor_tensor *t, const cor_log_normal_options *options);
#define cor_log_normal_(t, ...)                                                                                        \
    COR__CALL(cor_log_normal_with_((t), COR__OPTIONS(cor_log_normal_options, COR_LOG_NORMAL_OPTIONS, ##__VA_ARGS__)))

#define COR_CAUCHY_OPTIONS(_)                                                                                          \
    _(double, median, 0)                                                                                               \
    _(double, sigma, 1)                                                                                                \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_cauchy_options, COR_CAUCHY_OPTIONS)
/* Fills t with numbers of a Cauchy distribution (Tensor.cauchy_). */
COR_API cor_tensor *cor_cauchy_with_(cor_tensor *t, const cor_cauchy_options *options);
#define cor_cauchy_(t, ...)                                                                                            \
    COR__CALL(cor_cauchy_with_((t), COR__OPTIONS(cor_cauchy_options, COR_CAUCHY_OPTIONS, ##__VA_ARGS__)))

#define COR_EXPONENTIAL_OPTIONS(_)                                                                                     \
    _(double, lambd, 1)                                                                                                \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_exponential_options, COR_EXPONENTIAL_OPTIONS)
/* Fills t with numbers of an exponential distribution of rate lambd (Tensor.exponential_). */
COR_API cor_tensor *cor_exponential_with_(cor_tensor *t, const cor_exponential_options *options);
#define cor_exponential_(t, ...)                                                                                       \
    COR__CALL(cor_exponential_with_((t), COR__OPTIONS(cor_exponential_options, COR_EXPONENTIAL_OPTIONS, ##__VA_ARGS__)))

#define COR_RANDOM_OPTIONS(_)                                                                                          \
    _(int64_t, from, 0)                                                                                                \
    _(int64_t, to, COR_UNSET)                                                                                          \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_random_options, COR_RANDOM_OPTIONS)
/* Fills t with random integers of [from, to), or, when to is not given, from 0 to the largest that the dtype counts to
 * (Tensor.random_). COR_EVALUE for a from without a to. */
COR_API cor_tensor *cor_random_with_(cor_tensor *t, const cor_random_options *options);
#define cor_random_(t, ...)                                                                                            \
    COR__CALL(cor_random_with_((t), COR__OPTIONS(cor_random_options, COR_RANDOM_OPTIONS, ##__VA_ARGS__)))

#define COR_DRAW_OPTIONS(_) COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_draw_options, COR_DRAW_OPTIONS)
/* Fills t with ones, each with probability p, and zeros (Tensor.bernoulli_). p is a number or a tensor of floating
 * dtype that broadcasts to t. */
COR_API cor_tensor *cor_bernoulli_with_(cor_tensor *t, cor_operand p, const cor_draw_options *options);
/* Fills t with the numbers of trials up to the first success of probability p (Tensor.geometric_). */
COR_API cor_tensor *cor_geometric_with_(cor_tensor *t, double p, const cor_draw_options *options);
#define cor_bernoulli_(t, p, ...)                                                                                      \
    COR__CALL(cor_bernoulli_with_((t), COR_OPERAND(p), COR__OPTIONS(cor_draw_options, COR_DRAW_OPTIONS, ##__VA_ARGS__)))
#define cor_geometric_(t, p, ...)                                                                                      \
    COR__CALL(cor_geometric_with_((t), (p), COR__OPTIONS(cor_draw_options, COR_DRAW_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
