/* elementwise.h: what elementwise operations share: broadcasting, promotion, and running a kernel of the table. */
#ifndef COR_OPS_ELEMENTWISE_H
#define COR_OPS_ELEMENTWISE_H

#include "kernels/elementwise.h"
#include "ops/op.h"
#include "tensor/iterate.h"
#include <corrie/math.h>

/* Describes output 0: all inputs broadcast, in their result type (in place: the target's dtype, which the result type
 * must be castable to). */
int cor__binary_check(cor__call *call);

/* The same, with integers and bools counting as float32 (true division). */
int cor__binary_float_check(cor__call *call);

/* The same, with a bool output (comparisons). */
int cor__binary_bool_check(cor__call *call);

/* The dtype that the inputs of a call are computed in: their result type, or float32 for the *_float forms. */
cor_dtype cor__compute_type(const cor__call *call, bool floating);

/* Runs loops[dtype] over the inputs of the call into output 0; COR_EDTYPE with PyTorch's text, which names `kernel`,
 * when the dtype has none. */
int cor__run_loops(cor__call *call, const cor__loop *loops, cor_dtype dtype, bool to_bool, const void *params,
                   const char *kernel);

/* Runs a binary kernel of the table in the dtype of the inputs. */
int cor__binary_forward(cor__call *call, cor__binary which, const char *kernel);

/* Applies a binary operation to operands, and in place to a tensor and an operand. */
cor_tensor *cor__binary_apply(const cor__op *op, cor_operand a, cor_operand b, const void *options);
cor_tensor *cor__binary_apply_in_place(const cor__op *op, cor_tensor *a, cor_operand b, const void *options);

#endif
