/* check.h: a call of conv1d to conv_transpose3d as the user wrote it, checked as PyTorch checks it. */
#ifndef COR_CONV_CHECK_H
#define COR_CONV_CHECK_H

#include "conv/problem.h"

/* A shape or a list of one value per axis; borrowed. */
typedef struct cor__conv_list {
    const int64_t *at;
    int n;
} cor__conv_list;

/* The arguments of F.convNd or F.conv_transposeNd. A list of one value stands for every axis. */
typedef struct cor__conv_call {
    bool transposed;
    int spatial;                  /* the N of convNd */
    cor__conv_list input, weight; /* shapes; the input may be unbatched */
    const int64_t *input_strides; /* of the input's dimensions, in elements; NULL when it is contiguous */
    bool has_bias;
    cor__conv_list bias; /* shape */
    cor_dtype input_dtype, weight_dtype, bias_dtype;
    cor__conv_list stride, padding, dilation, output_padding; /* output_padding: transposed only */
    const char *padding_text;                                 /* "same" or "valid" in place of padding; or NULL */
    int64_t groups;
} cor__conv_call;

/* The output's shape; without the batch dimension when the input has none. */
typedef struct cor__conv_output {
    int ndim;
    int64_t sizes[2 + COR__CONV_AXES];
} cor__conv_output;

/* Checks the call in PyTorch 2.13's order and with its texts, and derives the problem and the output's shape.
 * COR_ESHAPE, COR_EVALUE, COR_EDTYPE, COR_EUNSUPPORTED or COR_ELIMIT. As in PyTorch, an input without batches is not
 * checked for what only computing needs, and an input without channels gives an output without channels. */
int cor__conv_check(const cor__conv_call *call, cor__conv_problem *problem, cor__conv_output *output) COR_MUST_CHECK;

#endif
