/* conv.h: the inner loops of direct convolution.
 * The input is a strip: a copy of the rows that a band of output needs, zero-padded and in the type of computation, in
 * which every output position t and kernel tap a meet at strip[t + offset(a)]. Positions are flat: rows of `pitch`
 * elements follow each other, and the positions between the end of an output row and the next are computed and
 * dropped. One tile is a few output channels by a few vectors of positions, held in registers. */
#ifndef COR_KERNELS_CONV_H
#define COR_KERNELS_CONV_H

#include <corrie/base.h>
#include <corrie/dtype.h>

/* A band of output positions by a block of output channels. Sizes and strides count elements. */
typedef struct cor__conv_block {
    const void *strip;      /* channel 0, position 0 */
    bool exact;             /* of one row of at least a vector, past the end of which nothing is read */
    int64_t plane;          /* from one channel of the strip to the next */
    const int64_t *offsets; /* of the taps */
    int64_t taps, channels; /* products of an output: taps * channels, the taps inside */

    int64_t outputs;              /* output channels that are cut into tiles (cor__conv_tiles) */
    int64_t first_tile, end_tile; /* the tiles to compute */
    const void *weights;          /* each output channel's taps * channels weights in a row, or packed tile by tile */
    bool packed;
    const void *bias; /* in the type of computation; NULL for none */

    int64_t images, height, width; /* of output positions */
    int64_t pitch;                 /* flat positions from row to row */
    int64_t image_rows;            /* rows from image to image */

    cor_dtype dtype; /* of the output */
    void *output;    /* of output channel 0, position 0 */
    int64_t out_image, out_channel, out_row, out_column;
} cor__conv_block;

/* Rows to copy: each becomes `before` zeros, `length` elements that lie `step` apart, and `after` zeros. */
typedef struct cor__conv_rows {
    void *to;
    const void *from;
    int64_t to_row, from_row; /* from one row to the next, in elements */
    int64_t rows, before, length, after, step;
} cor__conv_rows;

/* The loops of one type of computation; `block` is NULL where an instruction set has none. */
typedef struct cor__conv_kernel {
    int64_t size;   /* of an element in bytes */
    int64_t rows;   /* most output channels of a tile */
    int64_t widest; /* positions of the widest tile: how far past its last position a strip is read */

    /* Computes the band: sums in the order channel, tap; then the bias; then one rounding to the output's type. */
    void (*block)(const cor__conv_block *block);

    /* n elements of dtype, `step` elements apart, into the type of computation. Exact. */
    void (*load)(void *to, const void *from, int64_t step, int64_t n, cor_dtype dtype);

    /* Copies rows of elements that have the type of computation. */
    void (*copy)(const cor__conv_rows *rows);

    /* Packs the weights of one tile of `rows` output channels: to[(c*taps + a)*rows + r] = from[r*row_step +
     * c*channel_step + tap_index[a]]. */
    void (*pack)(void *to, const void *from, int64_t rows, int64_t row_step, int64_t channels, int64_t channel_step,
                 int64_t taps, const int64_t *tap_index);
} cor__conv_kernel;

/* float16 and bfloat16 compute in float32; integers of up to 32 bits in 32 bits, modulo 2^32. */
typedef struct cor__conv_kernels {
    cor__conv_kernel f32, f64;
} cor__conv_kernels;

typedef struct cor__conv_integer_kernels {
    cor__conv_kernel i32, i64;
    const struct cor__conv_exact_kernels *exact; /* conv_exact.h */
} cor__conv_integer_kernels;

/* `outputs` output channels are cut into the fewest tiles of at most `rows`, as equal as can be: their number, and the
 * first output channel of one. */
static inline int64_t cor__conv_tiles(int64_t outputs, int64_t rows) { return (outputs + rows - 1) / rows; }
static inline int64_t cor__conv_tile_start(int64_t outputs, int64_t rows, int64_t tile) {
    return tile * outputs / cor__conv_tiles(outputs, rows);
}

#endif
