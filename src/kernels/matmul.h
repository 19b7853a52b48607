/* matmul.h: products of matrices. Matrices are packed into panels first: a panel of A holds `rows` rows, a panel of B
 * `columns` columns, both by index k, so that a tile of the product reads both from front to back. */
#ifndef COR_KERNELS_MATMUL_H
#define COR_KERNELS_MATMUL_H

#include <corrie/dtype.h>

/* How large a tile can be: rows x columns elements. */
enum { COR__TILE_ROWS = 6, COR__MAX_TILE = COR__TILE_ROWS * 64 };

typedef struct cor__matmul_type {
    int64_t columns; /* of a tile; it has COR__TILE_ROWS rows */

    /* c[i * row + j] = (add ? itself : 0) + sum over k of a[k][i] * b[k][j], for one whole tile. */
    void (*tile)(int64_t k, const void *a, const void *b, void *c, int64_t row, bool add);

    /* Packs n vectors of k elements into one panel of width w, to[k][w], the rest of which becomes zero. Strides in
     * elements: from one vector to the next, and along k. */
    void (*pack)(int64_t n, int64_t w, int64_t k, const void *from, int64_t stride, int64_t k_stride, void *to);

    /* *y = (add ? *y : 0) + sum of a[i] * b[i] for i < n. */
    void (*dot)(int64_t n, const void *a, const void *b, void *y, bool add);

    /* y[j] = (add ? y[j] : 0) + sum over k of x[k * x_stride] * b[k * row + j], for j < n. */
    void (*sweep)(int64_t n, int64_t k, const void *x, int64_t x_stride, const void *b, int64_t row, void *y, bool add);

    /* Adds m x n elements of a tile with rows of `columns` to c, or writes them. */
    void (*merge)(int64_t m, int64_t n, const void *tile, void *c, int64_t row, bool add);
} cor__matmul_type;

typedef struct cor__matmul_kernels {
    const cor__matmul_type *type[COR_DTYPES]; /* float32, float64, int32 and int64; NULL for the others */
} cor__matmul_kernels;

#endif
