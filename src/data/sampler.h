/* sampler.h: the order in which an epoch goes through the samples. */
#ifndef COR_DATA_SAMPLER_H
#define COR_DATA_SAMPLER_H

#include <corrie/random.h>

typedef struct cor__sampler {
    int64_t n; /* samples */
    bool shuffle;
    cor_generator *generator;
    int64_t *order;                            /* when shuffling: n indices, the sampler's */
    int64_t base_seed;                         /* of this epoch's random transforms */
    unsigned char before[COR_GENERATOR_STATE]; /* of the permutation's generator, before it was drawn */
} cor__sampler;

/* Begins an epoch with the draws of PyTorch's DataLoader and RandomSampler. After a failure nothing was drawn. */
int cor__sampler_begin(cor__sampler *s);

/* Begins an epoch again from its base_seed and before, which the caller has set; draws nothing. */
int cor__sampler_resume(cor__sampler *s);

/* What PyTorch's sampler draws when it is asked for more than it has: one more permutation, from a generator of the
 * caller's. The order is undefined afterwards. */
int cor__sampler_exhaust(cor__sampler *s);

/* The sample at a position of the epoch, and the seed of its random choices. */
int64_t cor__sampler_index(const cor__sampler *s, int64_t position);
uint64_t cor__sampler_seed(const cor__sampler *s, int64_t position);

void cor__sampler_free(cor__sampler *s);

#endif
