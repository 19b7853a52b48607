/* winograd.h: how a convolution is cut into tiles, bands and tasks for Winograd's algorithm. */
#ifndef COR_CONV_WINOGRAD_H
#define COR_CONV_WINOGRAD_H

#include "conv/problem.h"
#include "kernels/winograd.h"

/* Height and width. */
enum { COR__WINOGRAD_AXES = 2 };

/* A band is a rectangle of tiles of one output slice, or of several images when it holds all of their slices' tiles. */
typedef struct cor__winograd_plan {
    const cor__conv_problem *problem;
    const cor__winograd_kernels *kernels;
    cor__winograd_form form;
    cor__winograd_shape shape;
    int64_t elements;                  /* products of a tile and channel */
    int64_t channels, outputs;         /* of a group of the problem */
    int64_t slices;                    /* kernel taps of the depth, each with channels of its own */
    int64_t depth;                     /* products summed: slices x channels, whole vectors of them */
    int64_t panels;                    /* of two vectors of output channels */
    int64_t first[COR__WINOGRAD_AXES]; /* input position of output 0's first tap */
    int64_t tiles[COR__WINOGRAD_AXES]; /* of an output slice */
    int64_t band[COR__WINOGRAD_AXES];  /* most tiles of a band */
    int64_t images;                    /* most images of a band */
    int64_t bands[COR__WINOGRAD_AXES], image_bands;
    int64_t parts;                       /* tasks of a band, each some of the panels */
    int64_t v_row, v_element, m_element; /* elements from tile to tile and from element to element */
    int64_t strip_rows, strip_columns;   /* pixels of an image's part of the strip */
} cor__winograd_plan;

/* NULL if the problem can be computed so, otherwise why not; fills the plan. Reads neither the thread count nor an
 * address. */
const char *cor__winograd_plan_init(cor__winograd_plan *plan, const cor__conv_problem *problem);

/* NULL if that costs less than the definition, otherwise why not. Only of what can be computed so. */
const char *cor__winograd_yields(const cor__conv_problem *problem);

/* Where a band lies. */
typedef struct cor__winograd_band {
    int64_t group, image, images, slice; /* slice: of the output's depth */
    int64_t start[COR__WINOGRAD_AXES];   /* the first tile */
    int64_t tiles[COR__WINOGRAD_AXES];
    int64_t size[COR__WINOGRAD_AXES]; /* outputs that exist */
} cor__winograd_band;

/* The memory of one slot. */
typedef struct cor__winograd_memory {
    float *strip, *columns, *v, *m, *y;
    int64_t *spots; /* of the input pixels of a band in the strip */
} cor__winograd_memory;

/* Transforms the band's inputs into v. */
void cor__winograd_read(const cor__winograd_plan *plan, const cor__winograd_band *band, const float *input,
                        const cor__winograd_memory *memory);

/* Writes the outputs of a panel from y, pixels of two vectors of channels, to the output. */
void cor__winograd_write(const cor__winograd_plan *plan, const cor__winograd_band *band, int64_t panel, const float *y,
                         float *output);

#endif
