/* winograd.h: the inner loops of Winograd convolution (Fast Algorithms for Convolutional Neural Networks, 2015) in
 * float32. A tile of m x m outputs comes from alpha x alpha inputs, alpha = m + r - 1, by alpha * alpha products a
 * channel: y = A^T [(G g G^T) . (B^T d B)] A. The channels lie in the lanes of vectors, so that every transform is
 * arithmetic on whole vectors: inputs are brought from planes to pixels of `lanes` channels first, and outputs back. */
#ifndef COR_KERNELS_WINOGRAD_H
#define COR_KERNELS_WINOGRAD_H

#include <corrie/base.h>

/* The forms F(m, r). Points of alpha 6: 0, +-sqrt(1/2), +-sqrt(2), infinity; of alpha 4: 0, 1, -1, infinity. Of stride
 * 2 the taps that meet inputs of the same remainder, or that reach outputs of the same, are kernels of one or two taps:
 * the latter are computed by F(2, 2), of points 0, 1 and infinity. */
typedef enum cor__winograd_form {
    COR__WINOGRAD_4_3,   /* 4x4 outputs of a 3x3 kernel */
    COR__WINOGRAD_2_5,   /* 2x2 of 5x5 */
    COR__WINOGRAD_2_3,   /* 2x2 of 3x3 */
    COR__WINOGRAD_4_3_W, /* 1x4 of 1x3: along the width only */
    COR__WINOGRAD_2_5_W, /* 1x2 of 1x5 */
    COR__WINOGRAD_S2_3,  /* 2x2 of 3x3, stride 2 */
    COR__WINOGRAD_S2_4,  /* 2x2 of 4x4, stride 2 */
    COR__WINOGRAD_T2_3,  /* 4x4 of 3x3, transposed, stride 2 and odd padding */
    COR__WINOGRAD_T2_4,  /* 4x4 of 4x4, the same */
    COR__WINOGRAD_FORMS,
    COR__PATCHES = COR__WINOGRAD_FORMS /* no transform: one output by its definition */
} cor__winograd_form;

/* Of a form, by height and width: outputs of a tile, taps of the kernel, inputs of a tile, what these are transformed
 * to, and inputs from tile to tile. */
typedef struct cor__winograd_shape {
    int m[2], r[2], inputs[2], products[2], step[2];
} cor__winograd_shape;

/* The number of elements of a tile. */
static inline int cor__winograd_elements(const cor__winograd_shape *s) { return s->products[0] * s->products[1]; }

/* Where a row of tiles goes that the output transform makes: y holds pixels of two vectors of channels. */
typedef struct cor__winograd_place {
    float *y;
    int64_t pitch;         /* pixels from row to row */
    int64_t height, width; /* of the outputs that exist from the first tile's corner on */
} cor__winograd_place;

/* A part of a sum of products: `depth` elements of rows of v from `v` on, by as many rows of u from `u` on. */
typedef struct cor__winograd_run {
    int64_t v, u, depth;
} cor__winograd_run;

/* What a sum goes over, where several groups share a vector of channels. */
typedef struct cor__winograd_taps {
    int64_t group;         /* channels of a group: 4 to lanes, a power of two */
    int64_t count;         /* taps */
    const int64_t *offset; /* where each tap reads v */
    const int64_t *weight; /* and its first row of u */
    int64_t y_row;         /* from a tile's outputs to the next one's */
} cor__winograd_taps;

typedef struct cor__winograd_kernels {
    int64_t lanes; /* channels of a vector */
    int64_t rows;  /* most tiles of a block of `multiply` */

    /* Transposes: to[i][j] = from[j][i] for i, j < lanes. */
    void (*turn)(const float *const *from, float *const *to);

    /* Transforms a row of `tiles` tiles of `lanes` channels. strip: pixels of `lanes` channels, `pitch` pixels a row.
     * Element e of tile t goes to v + e * element + t * tile. columns: room for the transformed height of every column
     * of the strip that they read. */
    void (*input[COR__WINOGRAD_FORMS])(const float *strip, int64_t pitch, int64_t tiles, float *columns, float *v,
                                       int64_t element, int64_t tile);

    /* Copies a pixel's `lanes` channels for each of `tiles` tiles: from strip + t * step to v + t * tile. */
    void (*gather)(const float *strip, int64_t step, int64_t tiles, float *v, int64_t tile);

    /* y[t][j] = m[t][j] + bias[j] for t < tiles, j < 2 * lanes; bias may be NULL. Rows of y are `y_row` apart. */
    void (*add)(const float *m, int64_t tiles, const float *bias, float *y, int64_t y_row);

    /* m[t][j] = sum over the runs r, in their order, and c < r.depth of v[t][r.v + c] * u[r.u + c][j] for t < tiles, j
     * < 2 * lanes; rows of v are `v_row` apart, those of m and u 2 * lanes. Without runs m is 0. */
    void (*multiply)(int64_t tiles, const cor__winograd_run *runs, int64_t count, const float *v, int64_t v_row,
                     const float *u, float *m);

    /* The same for j < lanes. */
    void (*whole)(int64_t tiles, int64_t depth, const float *v, int64_t v_row, const float *u, float *m);

    /* For a vector of several groups of channels: y[t][l] = bias[l] + sum over taps s and j < group of
     * v[t][offset[s] + (l ^ j)] * u[weight[s] + j][l ^ j] for t < tiles, l < lanes; bias may be NULL. */
    void (*shared)(int64_t tiles, const cor__winograd_taps *taps, const float *v, int64_t v_row, const float *u,
                   const float *bias, float *y);

    /* Transforms `tiles` products back, adds the bias (2 * lanes, or NULL) and puts them into place. Element e of tile
     * t is at m + e * element + t * 2 * lanes. Adds to check (2 * lanes) what is NaN when an output is not finite. */
    void (*output[COR__WINOGRAD_FORMS])(const float *m, int64_t element, int64_t tiles, const float *bias,
                                        const cor__winograd_place *place, float *check);

    /* ---- the gradient of the weights: F(3, 4), the tile's outputs as the kernel; NULL for the other forms ---- */

    /* As input, for tiles of m x m gradients of outputs, which do not overlap. */
    void (*spread[COR__WINOGRAD_FORMS])(const float *strip, int64_t pitch, int64_t tiles, float *columns, float *v,
                                        int64_t element, int64_t tile);

    /* m[i][j] = sum over t < tiles of v[t][i] * z[t][j] for i < count (at most rows), j < 2 * lanes; rows of v are
     * `v_row` apart, those of z `z_row`, those of m 2 * lanes. */
    void (*outer)(int64_t count, int64_t tiles, const float *v, int64_t v_row, const float *z, int64_t z_row, float *m);

    /* Transforms a vector pair of products back and adds it: sum[tap][j] for r x r taps, j < 2 * lanes. Element e is at
     * m + e * element. */
    void (*gradient[COR__WINOGRAD_FORMS])(const float *m, int64_t element, float *sum);

    /* Transforms the weights of 2 * lanes output channels, in double with one rounding: taps[tap][channel] to
     * u[e * element + channel]. */
    void (*weights[COR__WINOGRAD_FORMS])(const float *taps, float *u, int64_t element);
} cor__winograd_kernels;

#endif
