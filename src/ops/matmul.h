/* matmul.h: what matmul and linear share. */
#ifndef COR_OPS_MATMUL_H
#define COR_OPS_MATMUL_H

#include "ops/op.h"

/* Describes output 0 as a @ b, or refuses with PyTorch's text, which depends on the numbers of dimensions; names the
 * node as PyTorch does. `transposed`: b is a weight [n, k]. */
int cor__matmul_describe(cor__call *call, bool transposed);

/* Computes a @ b into the contiguous tensor out, on top of `bias` broadcast to it (COR_NONE: 0). */
int cor__matmul_into(cor_tensor *out, const cor_tensor *a, const cor_tensor *b, bool transposed,
                     const cor_tensor *bias);

/* PyTorch's C++ name of a dtype, which errors of products write: "long int". */
const char *cor__cpp_type_name(cor_dtype dtype);

#endif
