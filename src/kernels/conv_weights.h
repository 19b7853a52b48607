/* conv_weights.h: the inner loops of the gradient of a convolution with respect to its weight: sums over pixels of an
 * element of the gradient of the output times one of the input. They come in two forms, by what lies in the lanes of
 * vectors: output channels, which wastes no pixel, or pixels, which suits few output channels. */
#ifndef COR_KERNELS_CONV_WEIGHTS_H
#define COR_KERNELS_CONV_WEIGHTS_H

#include <corrie/base.h>
#include <corrie/dtype.h>

/* Output channels in lanes: sums[r][j] += sum over p of input[pixels[p] + rows[r]] * grads[p][j],
 * for j < width, the vectors' lanes. Rows are pairs of an input channel and a kernel tap. */
typedef struct cor__weights_outer {
    const void *input;
    const int64_t *pixels, *rows;
    int64_t n_pixels, n_rows;
    const void *grads; /* [n_pixels][width] */
    void *sums;        /* [n_rows][width] */
    int64_t vectors;   /* 1 to the kernel's; width is vectors * lanes */
} cor__weights_outer;

/* Pixels in lanes: sums[o][r] += sum over t < positions of grads[o][t] * input[rows[r] + t].
 * positions is a multiple of the lanes. */
typedef struct cor__weights_inner {
    const void *input;
    const int64_t *rows;
    int64_t n_rows, positions, outputs;
    const void *grads;
    int64_t plane; /* from one output channel's grads to the next */
    void *sums;    /* [outputs][n_rows] */
} cor__weights_inner;

/* The loops of one type of computation. */
typedef struct cor__weights_kernel {
    int64_t size, lanes; /* of an element in bytes, of a vector in elements */
    int64_t vectors;     /* most vectors of output channels in a tile of `outer` */
    void (*outer)(const cor__weights_outer *job);
    void (*inner)(const cor__weights_inner *job);

    /* Channels in lanes: as `outer` of one vector, but of an input that has the same lanes: sums[r][j] += sum over p of
     * input[pixels[p] + rows[r] + j] * grads[p][j]. */
    void (*lanewise)(const cor__weights_outer *job);

    /* to[j * to_row + i] = from[i * from_row + j] for i < rows, j < columns. */
    void (*transpose)(void *to, int64_t to_row, const void *from, int64_t from_row, int64_t rows, int64_t columns);

    /* *to = the sum of n elements of dtype, of which each of a fixed number of lanes sums a part. */
    void (*sum)(void *to, const void *from, int64_t n, cor_dtype dtype);

    /* to[i] = parts[0][i] + parts[1][i] + ..., for i < n, rounded once to dtype; parts are `step` elements apart. */
    void (*finish)(void *to, const void *parts, int64_t step, int64_t n_parts, int64_t n, cor_dtype dtype);
} cor__weights_kernel;

/* float16 and bfloat16 compute in float32. */
typedef struct cor__weights_kernels {
    cor__weights_kernel f32, f64;
} cor__weights_kernels;

#endif
