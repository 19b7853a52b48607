/* reduce.h: what the reductions of this folder share: outputs without the reduced dimensions. */
#ifndef COR_OPS_REDUCE_H
#define COR_OPS_REDUCE_H

#include "ops/op.h"
#include "ops/reduce_run.h"

/* Describes output `which` as input 0 without the marked dimensions, or with them as size 1. */
void cor__describe_reduced(cor__call *call, int which, cor_dtype dtype, const bool *marks, bool keepdim);

/* The dtype of sums of a dtype: int64 for bool and integers unless `wanted` is given. */
cor_dtype cor__sum_dtype(cor_dtype dtype, cor_dtype wanted);

/* The dtype that folds of a dtype run in: bool, int64, float32 or float64. */
cor_dtype cor__fold_dtype(cor_dtype dtype);

/* Refuses an empty dimension among the marked ones (all: the whole tensor) for an operation without an identity, with
 * PyTorch's text. */
int cor__check_not_empty(const cor__call *call, bool all, const bool *marks);

/* Runs a reduction of lines of call's input into output 0; finish(n, results, parameter), if not NULL, is applied to
 * the results, of the compute dtype, before they are rounded. */
int cor__reduce_into(const cor_tensor *out, const cor__reduction *r,
                     void (*finish)(int64_t n, void *results, double parameter), double parameter);

#endif
