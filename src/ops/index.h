/* index.h: what operations with tensors of indices share. */
#ifndef COR_OPS_INDEX_H
#define COR_OPS_INDEX_H

#include "ops/op.h"

/* The options of calls that have a dimension, and of index_add. */
typedef struct cor__dim_call {
    int64_t dim;
    double alpha;
} cor__dim_call;

/* The description of a row whose only option is the dimension. */
const cor__option *cor__describe_dim_call(int *n);

/* Whether a dtype is one of indices. */
static inline bool cor__is_index(cor_dtype dtype) { return dtype == COR_INT32 || dtype == COR_INT64; }

/* A contiguous int64 tensor of the indices; NULL with an error pending, COR_EINDEX with PyTorch's text for one that is
 * not in [0, size): text 0 names the index and the dimension, 1 and 2 are those of index_select. */
cor_tensor *cor__indices(const cor_tensor *index, int64_t size, int dim, int text);

/* to[i] += alpha * from[i] for n elements of a dtype that is computed in. */
void cor__add_run(cor_dtype dtype, int64_t n, void *to, const void *from, double alpha);

/* Output 0 like t. */
void cor__describe_like(cor__call *call, const cor_tensor *t);

#endif
