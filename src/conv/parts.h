/* parts.h: an axis of a convolution as forward ones. The outputs of a transposed convolution that have the same
 * remainder modulo the stride are reached by the same taps and step through the input one by one: they are a forward
 * convolution of stride 1 by those taps, in turned order. A forward convolution is its own only part. */
#ifndef COR_CONV_PARTS_H
#define COR_CONV_PARTS_H

#include "conv/problem.h"

enum { COR__MOST_PARTS = 8 };

typedef struct cor__conv_part {
    int64_t outputs;           /* how many outputs have the part's remainder */
    int64_t taps, first, step; /* of the kernel: how many, the first, and from one to the next; maybe none */
    int64_t offset, dilation;  /* input position of the first tap of output 0, and from tap to tap */
} cor__conv_part;

typedef struct cor__conv_parts {
    int64_t count;       /* part r has the outputs r, r + count, ... */
    int64_t outputs;     /* of part 0, which has the most */
    int64_t stride;      /* of the input from output to output of a part */
    int64_t lead, reach; /* the first input position that output 0 of any part reads, and how many from there */
    cor__conv_part part[COR__MOST_PARTS];
} cor__conv_parts;

/* Whether the axes [from, COR__CONV_AXES) have no more than COR__MOST_PARTS parts, and those before one. */
bool cor__conv_has_parts(const cor__conv_problem *problem, int from);

/* Sets the parts of an axis that has no more than COR__MOST_PARTS. */
void cor__conv_parts_of(cor__conv_parts *parts, const cor__conv_problem *problem, int axis);

#endif
