/* conv.h: what the operations that compute a convolution share. Their inputs begin with input, weight and bias. */
#ifndef COR_OPS_CONV_H
#define COR_OPS_CONV_H

#include "conv/plan.h"
#include "ops/op.h"
#include <corrie/conv.h>

/* The options in normal form: one value for each of the `spatial` dimensions. */
typedef struct cor__conv_numbers {
    int64_t stride[COR__CONV_AXES], padding[COR__CONV_AXES], output_padding[COR__CONV_AXES], dilation[COR__CONV_AXES];
    int64_t groups;
    bool same, transposed;
    cor_precision precision;
    int spatial;
} cor__conv_numbers;

/* Their rows for an operation's `describe`. */
#define COR__CONV_LIST_ROW(name, dims)                                                                                 \
    { #name, COR__INTEGERS, offsetof(cor__conv_numbers, name), sizeof(int64_t[dims]) }
#define COR__CONV_OPTION_ROWS(dims)                                                                                    \
    COR__CONV_LIST_ROW(stride, dims), COR__CONV_LIST_ROW(padding, dims), COR__CONV_LIST_ROW(output_padding, dims),     \
        COR__CONV_LIST_ROW(dilation, dims),                                                                            \
        {"groups", COR__INTEGER, offsetof(cor__conv_numbers, groups), sizeof(int64_t)},                                \
        {"same", COR__BOOLEAN, offsetof(cor__conv_numbers, same), sizeof(bool)}, {                                     \
        "precision", COR__OTHER, offsetof(cor__conv_numbers, precision), sizeof(cor_precision)                         \
    }

/* Brings the options to normal form. COR_EVALUE. */
int cor__conv_numbers_of(const cor_conv_options *options, int spatial, cor__conv_numbers *numbers);

/* Checks the call's input, weight and bias, derives the problem and makes outputs[0]. */
int cor__conv_describe(cor__call *call, const cor__conv_numbers *numbers, cor__conv_problem *problem);

/* Computes the problem, with the epilogue unless that is NULL, into outputs[0], which is not empty. */
int cor__conv_compute(const cor__call *call, const cor__conv_problem *problem, const cor__conv_epilogue *epilogue);

#endif
