/* resize.h: the inner loops of linear interpolation and of its gradient, and of pictures in another size. */
#ifndef COR_KERNELS_RESIZE_H
#define COR_KERNELS_RESIZE_H

#include <corrie/dtype.h>

/* Between which two input positions the outputs of an axis lie, and how much each counts; the weights are of the dtype
 * that is computed in. */
typedef struct cor__lerp_axis {
    const int64_t *low, *high;
    const void *low_weight, *high_weight;
} cor__lerp_axis;

/* One line of output: interpolated along the width in 1, 2 or 4 input lines, then between each two of those, which lie
 * low and high along the height, then between the two results, along the depth. */
typedef struct cor__lerp {
    int64_t n;
    cor__lerp_axis width;
    int lines;
    const void *line[4]; /* depth low: height low, high; depth high: height low, high */
    double height[2], depth[2];
    void *out;
} cor__lerp;

/* The way back: the gradients of one line of output are added to those input lines. */
typedef struct cor__lerp_back {
    int64_t n;
    cor__lerp_axis width; /* high NULL: each output is one input */
    int lines;
    const void *from;
    void *line[4];
    double height[2], depth[2];
} cor__lerp_back;

/* One side of a picture that gets another length, in fixed point with COR__RESIZE_BITS bits: output i is the sum of
 * weights[i * taps + k] times input first[i] + k, for k below count[i], rounded and cut to 8 bits. */
enum { COR__RESIZE_BITS = 22 };
typedef struct cor__resize_side {
    int64_t in, out, taps;
    uint32_t *weights, *first, *count;
} cor__resize_side;

/* The most lanes that the kernels below have: rows that they work on at once. */
enum { COR__RESIZE_ROWS = 16 };

/* lerp and back: for float32 and float64; NULL for other dtypes. a * low_weight + b * high_weight is rounded twice, as
 * fma(a, low_weight, b * high_weight). */
typedef struct cor__resize_kernels {
    void (*lerp[COR_DTYPES])(const cor__lerp *lerp);
    void (*back[COR_DTYPES])(const cor__lerp_back *back);
    /* n rows get another width. The room: COR__RESIZE_ROWS bytes for each pixel of a row of in and of out, their number
     * rounded up to a multiple of four. */
    void (*rows)(const cor__resize_side *side, int64_t n, const uint8_t *in, uint8_t *out, uint32_t *room);
    /* Output row i of a picture, `width` wide, that gets another height. */
    void (*columns)(const cor__resize_side *side, int64_t i, const uint8_t *in, int64_t width, uint8_t *out);
} cor__resize_kernels;

#endif
