/* iterate.h: running a loop over the elements of tensors of any strides and dtypes.
 * A loop sees contiguous arrays of the dtype it computes in; what is strided, broadcast or of another dtype is brought
 * to it, and taken from it, in small blocks. */
#ifndef COR_TENSOR_ITERATE_H
#define COR_TENSOR_ITERATE_H

#include "kernels/loops.h"
#include "tensor/tensor.h"

enum { COR__MAX_OPERANDS = 4 };

typedef struct cor__elementwise {
    cor_tensor *out; /* of the broadcast sizes; may be one of the inputs */
    const cor_tensor *in[COR__MAX_OPERANDS];
    int n_in;
    cor_dtype compute; /* what the loop reads: bool, an integer, float32 or float64 */
    cor_dtype result;  /* what the loop writes: compute, or bool for comparisons */
    cor__loop loop;
    const void *params;
} cor__elementwise;

/* Runs the loop over all elements of out, inputs broadcast to it, on the threads of the pool. Inputs that partly
 * overlap out are copied first. Returns COR_OK or COR_ENOMEM. */
int cor__elementwise_run(const cor__elementwise *e);

/* Copies source, broadcast and cast, into t. Neither the version nor the graph is touched. */
int cor__copy(cor_tensor *t, const cor_tensor *source);

/* Sets every element of t to a number. Neither the version nor the graph is touched. */
int cor__fill(cor_tensor *t, cor_operand number);

/* A contiguous copy of t in a dtype, or t itself with one more reference when it is that already. */
cor_tensor *cor__contiguous_as(const cor_tensor *t, cor_dtype dtype);

/* What a dtype is computed in: float16 and bfloat16 in float32, every other in itself. */
static inline cor_dtype cor__compute_dtype(cor_dtype dtype) {
    return dtype == COR_FLOAT16 || dtype == COR_BFLOAT16 ? COR_FLOAT32 : dtype;
}

#endif
