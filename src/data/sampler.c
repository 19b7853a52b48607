/* sampler.c: PyTorch's order of samples for the same seed. */
#include "data/sampler.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/sizes.h"

static size_t order_bytes(const cor__sampler *s) { return (size_t)s->n * sizeof *s->order; }

static int make_order(cor__sampler *s) {
    if (!s->shuffle || s->order != NULL) return COR_OK;
    if (s->n > INT64_MAX / 8) return cor__fail(COR_ELIMIT, "a permutation of %lld samples", (long long)s->n);
    s->order = cor__alloc(order_bytes(s), "the order of an epoch");
    return s->order == NULL ? cor_error() : COR_OK;
}

static int permute(cor__sampler *s, cor_generator *generator) {
    int code = cor_generator_get_state(generator, s->before, sizeof s->before);
    return code != COR_OK ? code : cor__random_permutation(generator, s->order, s->n, COR_INT64);
}

int cor__sampler_begin(cor__sampler *s) {
    cor_scope();
    const bool own = s->generator != COR_GENERATOR_DEFAULT;
    cor_generator *generator = s->shuffle && !own ? cor_generator_new() : s->generator;
    if (make_order(s) != COR_OK || generator == NULL) return cor_error();
    s->base_seed = cor__random_seed64(s->generator);
    if (!s->shuffle) return COR_OK;
    if (!own) (void)cor_generator_seed(generator, (uint64_t)cor__random_seed64(s->generator));
    return permute(s, generator);
}

int cor__sampler_resume(cor__sampler *s) {
    cor_scope();
    if (!s->shuffle) return COR_OK;
    cor_generator *generator = cor_generator_new();
    if (make_order(s) != COR_OK || generator == NULL) return cor_error();
    int code = cor_generator_set_state(generator, s->before, sizeof s->before);
    return code != COR_OK ? code : permute(s, generator);
}

int cor__sampler_exhaust(cor__sampler *s) {
    if (!s->shuffle || s->generator == COR_GENERATOR_DEFAULT) return COR_OK;
    return cor__random_permutation(s->generator, s->order, s->n, COR_INT64);
}

int64_t cor__sampler_index(const cor__sampler *s, int64_t position) {
    return s->shuffle ? s->order[position] : position;
}

/* The mixing function of SplitMix64 (Fast Splittable Pseudorandom Number Generators, 2014), since of a seed only 32
 * bits count. */
uint64_t cor__sampler_seed(const cor__sampler *s, int64_t position) {
    uint64_t x = (uint64_t)s->base_seed + ((uint64_t)position + 1) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

void cor__sampler_free(cor__sampler *s) {
    if (s->order != NULL) cor__free(s->order, order_bytes(s));
    s->order = NULL;
}
