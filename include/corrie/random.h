/* corrie/random.h: generators of random numbers.
 *
 * The same seed gives the same bits as PyTorch 2.13 on CPU. A generator is a Mersenne twister (MT19937) with a lock
 * that every draw holds from its first word to its last, so that threads may share one; what each of them gets then
 * depends on their order. */
#ifndef CORRIE_RANDOM_H
#define CORRIE_RANDOM_H

#include <corrie/base.h>

COR_BEGIN

typedef struct cor_generator cor_generator;

/* ---- generators ------------------------------------------------------------------------------------------------- */

/* Makes a generator with PyTorch's default seed, 67280421310721 (torch.Generator()).
 * It belongs to the innermost scope. Returns NULL when an error is pending or memory cannot be had (COR_ENOMEM). */
COR_API cor_generator *cor_generator_new(void);

/* Adds a reference and returns the generator; give it back with cor_generator_release. NULL gives NULL. */
COR_API cor_generator *cor_generator_retain(cor_generator *generator);

/* Gives back one reference of the caller's; the last one frees the generator. NULL is ignored. Works with an error
 * pending. */
COR_API void cor_generator_release(cor_generator *generator);

/* Moves the generator out of its scope: the caller now holds the reference and releases it. NULL gives NULL. */
COR_API cor_generator *cor_generator_take(cor_generator *generator);

/* Returns the process-wide generator that draws use when none is given, borrowed. It is seeded from the operating
 * system at its first use and lives as long as the process. Never NULL. A fork waits for a draw from it to end, so that
 * the child continues the stream from where it stood. */
COR_API cor_generator *cor_default_generator(void);

/* The same generator as a constant, for optional arguments: the default of every .generator. NULL never means it. */
COR_API extern cor_generator *const COR_GENERATOR_DEFAULT;

/* ---- seeds ------------------------------------------------------------------------------------------------------ */

/* Starts the default generator anew from a seed (torch.manual_seed). Only its low 32 bits make a difference to the
 * stream; PyTorch's negative seeds are the same number converted to uint64_t. Never fails, also with an error pending.
 */
COR_API void cor_manual_seed(uint64_t seed);

/* Starts the default generator anew from a seed of the operating system's and returns that (torch.seed). Never fails.
 */
COR_API uint64_t cor_seed(void);

/* Returns the last seed of the default generator (torch.initial_seed). Never fails. */
COR_API uint64_t cor_initial_seed(void);

/* Starts a generator anew from a seed (Generator.manual_seed) and forgets its cached normal sample.
 * Returns COR_OK, COR_EVALUE for NULL, or the code of the error that is pending, leaving the generator as it was. */
COR_API int cor_generator_seed(cor_generator *generator, uint64_t seed);

/* Returns the last seed of a generator (Generator.initial_seed), 0 for NULL. */
COR_API uint64_t cor_generator_initial_seed(cor_generator *generator);

/* ---- states ----------------------------------------------------------------------------------------------------- */

/* The bytes of a generator's state. */
enum { COR_GENERATOR_STATE = 5056 };

/* Writes the state of a generator into `state`, COR_GENERATOR_STATE bytes in PyTorch's layout, the same on every
 * machine (Generator.get_state). `size` is what the caller's buffer holds. Returns COR_OK; COR_EVALUE for NULL or
 * another size; or the code of the error that is pending. */
COR_API int cor_generator_get_state(cor_generator *generator, void *state, size_t size) COR_MUST_CHECK;

/* Continues from a state that cor_generator_get_state or PyTorch wrote (Generator.set_state). Returns COR_OK;
 * COR_EVALUE for NULL, another size, or bytes that are no state, leaving the generator as it was; or the code of the
 * error that is pending. */
COR_API int cor_generator_set_state(cor_generator *generator, const void *state, size_t size) COR_MUST_CHECK;

/* Returns the state of the default generator as a uint8 tensor of COR_GENERATOR_STATE elements (torch.get_rng_state).
 * NULL with an error pending. */
COR_API cor_tensor *cor_get_rng_state(void);

/* Continues the default generator from such a tensor (torch.set_rng_state). Returns COR_OK; COR_EVALUE for NULL,
 * another size, a tensor that is not contiguous or bytes that are no state, COR_EDTYPE for a dtype other than uint8,
 * leaving the generator as it was; or the code of the error that is pending. */
COR_API int cor_set_rng_state(const cor_tensor *state) COR_MUST_CHECK;

/* ---- PyTorch's builds ------------------------------------------------------------------------------------------- */

/* PyTorch contains its kernels several times, and two of these differ in the last bits of normal_ with 16 or more
 * contiguous elements of float32, float16 or bfloat16: with AVX2 it computes logarithm, sine and cosine with
 * polynomials of its own, which PyTorch 2.13 does on CPUs with AVX-512 too; COR_RNG_AVX512 computes them with the C
 * library, as its builds without AVX2 do. */
typedef enum cor_rng { COR_RNG_AVX2, COR_RNG_AVX512 } cor_rng;

/* Returns which of them the streams follow: what CORRIE_RNG (avx2 or avx512) says, else what PyTorch would run on this
 * machine: the AVX2 one on a CPU that has AVX2. CORRIE_ISA changes nothing here. */
COR_API cor_rng cor_rng_flavour(void);

/* Chooses which of them the streams follow from now on. Returns COR_OK; COR_EVALUE for a value that is none; or the
 * code of the error that is pending. */
COR_API int cor_set_rng_flavour(cor_rng flavour) COR_MUST_CHECK;

COR_END
#endif
