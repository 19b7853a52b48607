/* strip.h: the zero-padded copy of the input that direct convolution reads.
 * A pass of a convolution computes, per axis, output positions t of which kernel tap a reads the input at
 * in_step * t + base + a * slope. A forward convolution is one pass; a transposed one is a pass for each remainder of
 * the output position modulo the stride, each with the taps that reach it. The strip holds the input of a band of t so
 * that the reads of one tap for following t follow each other: split by remainder modulo in_step (phases). */
#ifndef COR_CONV_STRIP_H
#define COR_CONV_STRIP_H

#include "conv/problem.h"
#include "kernels/conv.h"

/* One axis of a pass. */
typedef struct cor__conv_axis {
    int64_t count;               /* output positions t */
    int64_t out_first, out_step; /* t is the output's position out_first + t * out_step */
    int64_t size;                /* of the input */
    int64_t in_step, base, slope;
    int64_t taps, tap_first, tap_step; /* tap a is kernel position tap_first + a * tap_step */
    bool apart;                        /* its taps shall have positions of their own */
} cor__conv_axis;

/* How many passes an axis needs: 1, or transposed one for each remainder modulo the stride that occurs. */
int64_t cor__conv_axis_passes(const cor__conv_problem *problem, int axis);

/* The axis of pass number `pass`; its count is positive, its taps may be none. */
cor__conv_axis cor__conv_axis_of(const cor__conv_problem *problem, int axis, int64_t pass);

/* How the strip holds one axis of a band. */
typedef struct cor__conv_lines {
    bool apart;     /* each tap has positions of its own: fewer when the taps are far apart */
    int64_t phases; /* remainders that occur, or the taps when apart */
    int64_t length; /* positions of a phase */
    int64_t pitch;  /* from one line to the next that follows it; less than length when both have zeros to share */
    int64_t first;  /* of the positions, in steps of in_step, relative to the band's first output */
} cor__conv_lines;

typedef struct cor__conv_strip {
    cor__conv_axis axis[COR__CONV_AXES];
    cor__conv_lines lines[COR__CONV_AXES];
    int64_t band[COR__CONV_AXES]; /* most output positions of a band; 1 for the depth */
    int64_t images;               /* most images of a band; 1 unless it covers height and width */
    int64_t phase;                /* elements of one phase */
    int64_t plane;                /* elements of one channel */
} cor__conv_strip;

/* The layout for bands of the given size, in elements of `size` bytes. */
void cor__conv_strip_init(cor__conv_strip *strip, const cor__conv_axis axis[COR__CONV_AXES],
                          const int64_t band[COR__CONV_AXES], int64_t images, int64_t size);

/* Where the tap reads, from the strip's position of the output, in elements. */
int64_t cor__conv_strip_offset(const cor__conv_strip *strip, const int64_t tap[COR__CONV_AXES]);

/* Where a band lies: output positions [start, start + count) of each axis (1 of the depth), of `images` images. */
typedef struct cor__conv_band {
    int64_t start[COR__CONV_AXES], count[COR__CONV_AXES];
    int64_t image, images;
} cor__conv_band;

/* Copies rows of elements of dtype into the type of computation. */
void cor__conv_copy_rows(const cor__conv_kernel *kernel, const cor__conv_rows *rows, cor_dtype dtype);

/* Copies `channels` channels of the input from `channel` on into `to`, in the type of computation. */
void cor__conv_strip_fill(const cor__conv_strip *strip, const cor__conv_band *band, const cor__conv_problem *problem,
                          const cor__conv_kernel *kernel, const void *input, int64_t channel, int64_t channels,
                          void *to);

#endif
