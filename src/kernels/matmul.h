/* matmul.h: products of matrices. A tile of the product is computed from a panel of A, whose rows lie side by side for
 * each index k, and one of B, whose columns do; a panel is packed so, or is a part of a matrix that lies so. */
#ifndef COR_KERNELS_MATMUL_H
#define COR_KERNELS_MATMUL_H

#include <corrie/dtype.h>

/* How large a tile can be: rows, and vectors of a row. */
enum { COR__TILE_ROWS = 14, COR__TILE_VECTORS = 2, COR__TILE_BYTES = COR__TILE_ROWS * COR__TILE_VECTORS * 64 };

/* What the tiles of a block have in common. Steps and rows in elements. */
typedef struct cor__matmul_block {
    int64_t k;
    int64_t a_step, b_step; /* from one k to the next */
    int64_t c_row;
    bool add; /* to what c holds */
} cor__matmul_block;

/* c[i * c_row + j] = (add ? itself : 0) + (sum over k of a[k * a_step + i] * b[k * b_step + j]) + bias[j], for a whole
 * tile; bias may be NULL. */
typedef void cor__matmul_tile(const cor__matmul_block *block, const void *a, const void *b, const void *bias, void *c);

typedef struct cor__matmul_type {
    int64_t rows, lanes; /* of the largest tile, and of one vector */

    cor__matmul_tile *tiles[COR__TILE_ROWS][COR__TILE_VECTORS]; /* by rows - 1 and vectors - 1 */

    /* Packs n vectors of k elements into one panel of width w, to[k][w], the rest of which becomes zero. Strides in
     * elements: from one vector to the next, and along k. */
    void (*pack)(int64_t n, int64_t w, int64_t k, const void *from, int64_t stride, int64_t k_stride, void *to);

    /* Puts the first m x n elements of a tile with rows of `width` into c, as block->add and bias say. */
    void (*merge)(const cor__matmul_block *block, int64_t m, int64_t n, const void *tile, int64_t width,
                  const void *bias, void *c);

    /* y[i] = (add ? y[i] : 0) + sum over k < n of a[i * row + k] * x[k], for i < rows. */
    void (*dots)(int64_t rows, int64_t n, const void *a, int64_t row, const void *x, void *y, bool add);

    /* y[j] = (add ? y[j] : 0) + sum over k of x[k * x_stride] * b[k * row + j], for j < n. */
    void (*sweep)(int64_t n, int64_t k, const void *x, int64_t x_stride, const void *b, int64_t row, void *y, bool add);
} cor__matmul_type;

typedef struct cor__matmul_kernels {
    const cor__matmul_type *type[COR_DTYPES]; /* float32, float64, int32 and int64; NULL for the others */
} cor__matmul_kernels;

#endif
