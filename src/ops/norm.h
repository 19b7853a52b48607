/* norm.h: what layer_norm, rms_norm, group_norm and batch_norm share. */
#ifndef COR_OPS_NORM_H
#define COR_OPS_NORM_H

#include "ops/op.h"

/* The inputs of layer_norm, rms_norm and group_norm, and their outputs: the result, and of each line its mean and
 * 1 / sqrt(variance + eps), in the dtype computed in, for the gradient. rms_norm has no bias and no mean. */
enum { COR__NORM_X, COR__NORM_WEIGHT, COR__NORM_BIAS, COR__NORM_INPUTS };
enum { COR__NORM_Y, COR__NORM_MEAN, COR__NORM_RSTD, COR__NORM_OUTPUTS };

/* The options of calls of layer_norm and rms_norm, and of group_norm. */
typedef struct cor__layer_norm_call {
    cor_dims normalized_shape;
    double eps;
} cor__layer_norm_call;
typedef struct cor__group_norm_call {
    int64_t num_groups;
    double eps;
} cor__group_norm_call;

/* Whether inputs [1, n) that are given have all the dtype of input 0, or float32 beside a half type. COR_EDTYPE with
 * PyTorch's text. */
int cor__check_norm_dtypes(const cor__call *call, int n);

/* How the elements of input 0, contiguous, are normalised: lines of `length` after another. groups 0: the weight and
 * the bias have an element for each of a line's; else line i takes those of its `channels`, from i % groups * channels
 * on, each for length / channels elements. */
typedef struct cor__norm_plan {
    int64_t count, length, groups, channels;
    double eps;
    bool centred; /* false: the mean is taken as 0, and not written */
} cor__norm_plan;

/* Computes the outputs of the call, mean and rstd with an element for each line; rms_norm's rstd is its output 1. */
int cor__norm_lines(cor__call *call, const cor__norm_plan *plan);

/* ---- for the gradients ------------------------------------------------------------------------------------------ */

/* What they read of the inputs: x for its own and the weight's, the weight for x's. */
#define COR__NORM_READS                                                                                                \
    { [COR__NORM_X] = 1 << COR__NORM_X | 1 << COR__NORM_WEIGHT, [COR__NORM_WEIGHT] = 1 << COR__NORM_X }

/* A tensor of a value for each channel with the other sizes 1, so that it broadcasts to x, and x's other dimensions. */
cor_tensor *cor__by_channel(cor_tensor *t, const cor_tensor *x);
cor_dims cor__all_but_channels(const cor_tensor *x);

/* x normalised over dimensions, differentiable, in the dtype computed in: (x - mean) * inverse with inverse = 1 /
 * sqrt(variance + eps); x * inverse with that of the mean square where it is not centred. Borrowed tensors. */
typedef struct cor__normal {
    cor_tensor *value, *inverse;
    cor_dims dims;
    bool centred;
} cor__normal;
cor__normal cor__normalised(cor_tensor *x, const cor_dims *dims, double eps, bool centred);

/* The gradient of x where g is that of the normalised x: inverse * (g - mean(g) - value * mean(g * value)) (Ba, Kiros
 * and Hinton, Layer Normalization), without mean(g) where it is not centred (Zhang and Sennrich, Root Mean Square Layer
 * Normalization). A borrowed tensor; NULL with an error pending. */
cor_tensor *cor__normal_backward(const cor__normal *normal, cor_tensor *g);

#endif
