/* loss.h: what the losses share. */
#ifndef COR_OPS_LOSS_H
#define COR_OPS_LOSS_H

#include "ops/backward.h"
#include <corrie/loss.h>

/* Whether a reduction is one of mean, sum and none (and batchmean, where `batch`); COR_EVALUE otherwise. */
int cor__check_reduction(cor_reduction reduction, bool batch, const char *name);

/* The elements of a loss reduced. Borrowed; NULL with an error pending. */
cor_tensor *cor__reduce_loss(cor_tensor *elements, cor_reduction reduction);

/* A loss's gradient brought to its elements: g itself, or over their number for a mean. `numel` is theirs. */
cor_tensor *cor__unreduce_loss(cor_tensor *g, cor_reduction reduction, int64_t numel);

#endif
