/* matmul_vector.h: products of a matrix and a vector. */
#ifndef COR_OPS_MATMUL_VECTOR_H
#define COR_OPS_MATMUL_VECTOR_H

#include "ops/matmul_run.h"

struct cor__matmul_type;

/* Computes p when one side is a vector and the other lies well in memory, on at most `threads` threads of the pool, and
 * returns true. Nothing is allocated. */
bool cor__multiply_vector(const cor__product *p, const struct cor__matmul_type *type, int threads);

#endif
