/* conv_depthwise.h: the inner loops of depthwise convolution: with positions in lanes, and for small maps, rows of
 * which are shorter than a vector, with channels in lanes. A window is a zero-padded copy of the input rows that a band
 * of one channel's output needs. Its rows follow each other as in the input; the columns of a row are split by
 * remainder modulo the stride (phases), so that the reads of one kernel position for following outputs follow each
 * other. */
#ifndef COR_KERNELS_CONV_DEPTHWISE_H
#define COR_KERNELS_CONV_DEPTHWISE_H

#include <corrie/base.h>

/* How a window is copied from an input plane. Sizes and strides count elements; [0] is rows, [1] columns. */
typedef struct cor__depthwise_window {
    const void *plane; /* row 0, column 0 of the input; NULL for zeros */
    int64_t size[2], strides[2];
    int64_t first[2];       /* the input position of the window's first row and column, may lie outside */
    int64_t rows;           /* of the window */
    int64_t phases, length; /* of a row: column first + phases * k + f is element k of phase f */
    int64_t phase;          /* from phase to phase: a multiple of a vector, at least one more than length */
} cor__depthwise_window;

/* A band of rows of one output channel. Row i and kernel row u meet in the window at i * in_row + u * tap_row. */
typedef struct cor__depthwise_band {
    const void *window;
    int64_t in_row, tap_row, tap_depth;
    const int64_t *columns; /* where the kernel's columns read, from an output's column */
    int64_t taps[3];        /* kernel depth, height, width */
    const void *weights;    /* of the first kernel position */
    int64_t steps[3];       /* from one kernel position to the next in the weights */
    const void *bias;       /* one element; NULL for none */
    void *out;
    int64_t out_row, rows, width;
} cor__depthwise_band;

/* Rows of an output whose columns were computed apart by remainder. Sizes count elements. */
typedef struct cor__depthwise_merge {
    const void *from;    /* row 0 of the first part */
    int64_t parts, part; /* how many, and from row to row of one: whole vectors */
    int64_t from_part;   /* from part to part */
    void *out;           /* column c is column c / parts of part c % parts */
    int64_t out_row, rows, width;
} cor__depthwise_merge;

/* A small map of a channel in each lane. [0] is rows, [1] columns. */
typedef struct cor__depthwise_map {
    const void *in;      /* vectors: row 0, and of a row the column that the first output's kernel begins with */
    int64_t rows, pitch; /* of the input; vectors from row to row */
    int64_t padding;     /* of rows; columns are padded in `in` */
    int64_t taps[2], stride[2], dilation[2];
    const void *weights;     /* a vector for each kernel position, from the first */
    int64_t weight_steps[2]; /* elements from one to the next */
    const void *bias;        /* a vector */
    int64_t output[2];
    void *out;            /* a vector for each output */
    int64_t out_steps[2]; /* elements from one to the next */
} cor__depthwise_map;

/* Rows [first, end) of the outputs of a 3x3 kernel with padding of 1, at a stride of 1 or 2, straight from a plane. Of
 * outputs that are narrower than a vector, which have no gaps between rows, up to `stride` vectors are read from the
 * start of each row. Sizes and steps count elements. */
typedef struct cor__depthwise_plane {
    const void *plane; /* stride * width elements a row */
    int64_t row, rows, stride;
    const void *weights; /* of the first tap */
    int64_t steps[2];    /* from one kernel row, and column, to the next */
    const void *bias;    /* one element; NULL for none */
    void *out;           /* row 0 */
    int64_t out_row, width, first, end;
} cor__depthwise_plane;

typedef struct cor__depthwise_kernel {
    int64_t size;  /* of an element in bytes */
    int64_t lanes; /* of a vector */

    /* Copies a window. */
    void (*fill)(const cor__depthwise_window *window, void *to);

    /* Computes the band: sums in the order depth, column, row of the kernel; then the bias. Reads up to a vector past
     * the window's last row. */
    void (*band)(const cor__depthwise_band *band);

    /* Computes the rows: sums of a kernel row's products, in the order of the rows; then the bias. */
    void (*plane)(const cor__depthwise_plane *plane);

    /* Merges the columns of rows. */
    void (*merge)(const cor__depthwise_merge *merge);

    /* Gathers element k < n of the row of each lane into the vector at places[k] (in elements), or the k-th for NULL.
     * `spare` says that rows of less than a vector may be read as if they were one. */
    void (*gather)(void *to, const void *const *rows, int64_t n, const int64_t *places, bool spare);

    /* Puts element k < n of the row of each lane from the k-th vector. */
    void (*scatter)(const void *from, void *const *rows, int64_t n);

    /* Computes the map: sums in the order row, column of the kernel, without the rows outside; then the bias. */
    void (*map)(const cor__depthwise_map *map);
} cor__depthwise_kernel;

typedef struct cor__depthwise_kernels {
    cor__depthwise_kernel f32, f64;
} cor__depthwise_kernels;

#endif
