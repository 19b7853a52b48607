/* matmul_run.h: the product of two matrices on raw pointers. */
#ifndef COR_OPS_MATMUL_RUN_H
#define COR_OPS_MATMUL_RUN_H

#include <corrie/dtype.h>

/* c (m x n, rows of n elements) = (add ? c : 0) + a (m x k) * b (k x n) + bias (n elements; NULL: 0); with a bias
 * add is false. Strides in elements, of any kind for a and b.
 * dtype is float32, float64, int32 or int64; integers wrap. An element's sum is made in the order of k, in blocks that
 * depend on k only, so that the bits do not depend on threads or on the place in the matrix. */
typedef struct cor__product {
    cor_dtype dtype;
    int64_t m, n, k;
    const char *a, *b;
    int64_t a_row, a_column, b_row, b_column;
    const char *bias;
    char *c;
    bool add;
} cor__product;

/* Computes it on at most `threads` threads of the pool. Returns COR_OK or COR_ENOMEM. */
int cor__multiply(const cor__product *p, int threads);

#endif
