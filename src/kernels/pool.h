/* pool.h: the inner loops of pooling: of every window its largest element or its average. */
#ifndef COR_KERNELS_POOL_H
#define COR_KERNELS_POOL_H

#include <corrie/dtype.h>

enum { COR__POOL_AXES = 3 };

/* The input positions of one output position along an axis: begin, begin + dilation, ... below end. */
typedef struct cor__span {
    int64_t begin, end;
    int64_t extent; /* what it counts when padding is counted */
} cor__span;

/* One axis. The windows of outputs from inner_begin to inner_end lie wholly inside the input: they begin at
 * i * stride - padding and have `kernel` positions. The spans say where all of them lie. */
typedef struct cor__pool_axis {
    int64_t input, output;
    int64_t kernel, stride, padding, dilation;
    int64_t inner_begin, inner_end;
    const cor__span *spans; /* one an output */
} cor__pool_axis;

/* What the sum of a window is divided by. */
typedef enum cor__divide {
    COR__BY_EXTENT,   /* the positions in it, with padding */
    COR__BY_COUNT,    /* the elements in it */
    COR__BY_DIVISOR,  /* a given number */
    COR__AXIS_BY_AXIS /* the elements along each axis in turn, rounding to `rounded` each time */
} cor__divide;

/* A pooling of contiguous planes. Axes are depth, height, width; absent ones have size 1. A row is one line of width
 * of the output; rows are counted over all planes. */
typedef struct cor__pool {
    cor__pool_axis axis[COR__POOL_AXES];
    const void *input;
    void *output;
    int64_t *indices;     /* of the largest elements, within their planes; may be NULL. max only */
    const void *gradient; /* of the outputs; halves_back only */
    cor__divide divide;
    int64_t divisor;
    cor_dtype rounded;
} cor__pool;

/* Computes the rows from begin to end. */
typedef void (*cor__pool_rows)(const cor__pool *pool, int64_t begin, int64_t end);

/* The way back of planes' elements: `n` outputs and `m` inputs a plane, for planes from begin to end. */
typedef struct cor__pool_back {
    int64_t n, m;
    const int64_t *indices; /* of an input for each output, within its plane */
    const void *from;
    void *to;
} cor__pool_back;
typedef void (*cor__pool_planes)(const cor__pool_back *back, int64_t begin, int64_t end);

/* max: the first of the largest, or the last NaN; the lowest value of the type for a window without elements. average:
 * elements are added in row-major order; 0 for a window without elements. NULL where a dtype has no loop of
 * its own. */
typedef struct cor__pool_kernels {
    cor__pool_rows max[COR_DTYPES];
    cor__pool_rows average[COR_DTYPES];
    /* The way back of max with windows of 2 by 2, side by side, of planes of one depth, all of which `output` gets: the
     * gradients at the elements of `input` that max took, others 0. */
    cor__pool_rows halves_back[COR_DTYPES];
    /* Outputs' values added to the inputs that the indices name, others 0; and inputs' values at the indices. */
    cor__pool_planes scatter[COR_DTYPES];
    cor__pool_planes gather[COR_DTYPES];
    /* The average's way back: rows are planes; `input` holds a value for each output, which its window's elements of
     * `output` get divided as the sum is. */
    cor__pool_rows spread[COR_DTYPES];
} cor__pool_kernels;

#endif
