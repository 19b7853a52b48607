/* random.h: PyTorch's random fills, on contiguous memory.
 *
 * What holds for every cor__random_X(generator, out, n, dtype, ...):
 *  - `generator` may be NULL for the default one. Its lock is held for the whole fill.
 *  - `out` is n >= 0 elements of the dtype, filled in the order of the index. A tensor that is not contiguous is filled
 *    in the order of its memory; the caller sees to that.
 *  - They return COR_OK, or a code with PyTorch's text pending: COR_EVALUE for a parameter, COR_EDTYPE for a dtype.
 *    Parameters are checked in PyTorch's order, and mostly for n == 0 too. After an error nothing was drawn.
 *  - n == 0 draws nothing.
 *  - A "word" is 32 bits of the generator; words are counted because they fix where the stream stands afterwards. */
#ifndef COR_BASE_RANDOM_H
#define COR_BASE_RANDOM_H

#include <corrie/dtype.h>
#include <corrie/random.h>

/* ---- single draws ----------------------------------------------------------------------------------------------- */

/* The next word, and the next two of them as one number whose high half came first. */
uint32_t cor__random32(cor_generator *generator);
uint64_t cor__random64(cor_generator *generator);

/* A seed for a further generator: what an int64 tensor's random_() gives, 0 to 2^63 - 1. Two words. */
int64_t cor__random_seed64(cor_generator *generator);

/* ---- real numbers ----------------------------------------------------------------------------------------------- */

/* Tensor.uniform_: [from, to). Two words an element for float64, one for the other floating dtypes. */
int cor__random_uniform(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double from, double to);

/* Tensor.normal_ of a contiguous tensor. From 16 elements on, blocks of 16 with one uniform number an element (and 16
 * more when n is not a multiple of 16), in the flavour of cor_rng_flavour(); below, as cor__random_normal_each. */
int cor__random_normal(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double mean, double std);

/* Tensor.normal_ of a tensor that is not contiguous, whatever its size: one element after the other in float64, two
 * from four words; the second waits in the generator for the next draw of this kind. */
int cor__random_normal_each(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double mean, double std);

/* Tensor.log_normal_: exp of what cor__random_normal_each draws. */
int cor__random_log_normal(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double mean, double std);

/* Tensor.exponential_, cauchy_ (floating dtypes) and geometric_ (every dtype but bool). Two words an element. */
int cor__random_exponential(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double lambda);
int cor__random_cauchy(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double median, double sigma);
int cor__random_geometric(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double p);

/* ---- integers --------------------------------------------------------------------------------------------------- */

/* Tensor.random_(from, to) and randint: integers of [from, to) in any dtype. One word an element when the range is
 * below 2^28, two otherwise. */
int cor__random_from_to(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, int64_t from, int64_t to);

/* Tensor.random_(): integers from 0 to the largest of the dtype, or to where a floating one still holds all of them.
 * Two words an element for int64 and float64, one for the others. */
int cor__random_integers(cor_generator *generator, void *out, int64_t n, cor_dtype dtype);

/* torch.randperm(n): the numbers 0 to n - 1 in random order, n - 1 words (twice that from 2^32/20 elements on). */
int cor__random_permutation(cor_generator *generator, void *out, int64_t n, cor_dtype dtype);

/* ---- yes and no ------------------------------------------------------------------------------------------------- */

/* Tensor.bernoulli_(p): 1 with probability p, else 0, in any dtype. Two words an element. */
int cor__random_bernoulli(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double p);

/* Tensor.bernoulli_(P) and torch.bernoulli(P): the same with n probabilities of a floating dtype at `p`. Two words an
 * element when that is float64, one otherwise. At a probability outside [0, 1] it ends with COR_EVALUE, after the
 * elements before it were drawn. */
int cor__random_bernoulli_each(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, const void *p,
                               cor_dtype p_dtype);

/* The factors of F.dropout in training: 0 with probability p, else 1 / (1 - p), in a floating dtype. Two words an
 * element; none when p is 0 or 1. */
int cor__random_dropout(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double p);

#endif
