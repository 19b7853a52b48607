/* copy.h: copies that other operations are made of. */
#ifndef COR_OPS_COPY_H
#define COR_OPS_COPY_H

#include "ops/op.h"

/* A contiguous copy of t's elements in row-major order, with the given sizes (as many elements): what reshape does when
 * no view will do. Recorded as PyTorch's UnsafeViewBackward0. */
cor_tensor *cor__reshape_copy(cor_tensor *t, const int64_t *sizes, int n);

#endif
