/* pool.h: poolings in normal form. Axes are depth, height, width; a pooling of fewer dimensions has kernel, stride and
 * dilation 1 and padding 0 on the leading axes. */
#ifndef COR_OPS_POOL_H
#define COR_OPS_POOL_H

#include "kernels/pool.h"
#include "ops/op.h"
#include <corrie/conv.h>

/* The options of max_pool and avg_pool. */
typedef struct cor__window {
    int64_t kernel[COR__POOL_AXES], stride[COR__POOL_AXES], padding[COR__POOL_AXES], dilation[COR__POOL_AXES];
    bool ceil_mode, count_include_pad, indices;
    int64_t divisor_override; /* COR_UNSET: none */
    int spatial;
} cor__window;

/* The options of adaptive pools: the size of the output, COR_UNSET where it is the input's. */
typedef struct cor__cells {
    int64_t size[COR__POOL_AXES];
    bool indices;
    int spatial;
} cor__cells;

/* The size of axis 0, 1 or 2 of the input: 1 for the leading axes it does not have. */
static inline int64_t cor__pool_input(const cor_tensor *t, int spatial, int axis) {
    return axis < COR__POOL_AXES - spatial ? 1 : t->sizes[t->ndim - COR__POOL_AXES + axis];
}

/* Check the input and the numbers in PyTorch's order and with its texts, and give the size of the output's axes. */
int cor__max_pool_check(const cor_tensor *input, const cor__window *window, int64_t output[COR__POOL_AXES]);
int cor__avg_pool_check(const cor_tensor *input, const cor__window *window, int64_t output[COR__POOL_AXES]);
int cor__adaptive_max_pool_check(const cor_tensor *input, const cor__cells *cells, int64_t output[COR__POOL_AXES]);
int cor__adaptive_avg_pool_check(const cor_tensor *input, const cor__cells *cells, int64_t output[COR__POOL_AXES]);

/* Whether the pooling takes the lines and columns of the input two by two; then cor__op_halves_back, of the gradient of
 * its output and its input, is the gradient of the input, which is not recorded. */
bool cor__pool_halves(const cor__window *window, const cor_tensor *input);

/* The values of an option for each spatial dimension: the plural's where it was given, else the singular. What the
 * plural has beyond the dimensions must be 0; COR_EVALUE. */
int cor__spread(const char *name, int64_t one, const cor_triple many, int spatial, int64_t *values);

#endif
