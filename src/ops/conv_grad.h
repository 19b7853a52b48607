/* conv_grad.h: the gradients of a convolution as operations, for all dimensions and for transposed convolutions. */
#ifndef COR_OPS_CONV_GRAD_H
#define COR_OPS_CONV_GRAD_H

#include "conv/problem.h"
#include "ops/op.h"

/* Their options: the numbers of the convolution, and the sizes of the result: of the input or of the weight. */
typedef struct cor__conv_grad {
    cor_dims sizes;
    int64_t stride[COR__CONV_AXES], padding[COR__CONV_AXES]; /* of the `spatial` dimensions */
    int64_t output_padding[COR__CONV_AXES], dilation[COR__CONV_AXES];
    int64_t groups;
    bool same, transposed;
    int spatial;
} cor__conv_grad;

/* Returns the gradient with respect to the input of the convolution with these numbers and this weight, whose output's
 * gradient is grad_output; without a batch where sizes have none. A borrowed tensor, or NULL. */
cor_tensor *cor__conv_grad_input(const cor__conv_grad *numbers, cor_tensor *grad_output, cor_tensor *weight);

/* Makes the gradient with respect to the weight and, unless `bias` is NULL, *bias that with respect to the bias.
 * Returns the first; a borrowed tensor, or NULL, as *bias then is. */
cor_tensor *cor__conv_grad_weight(const cor__conv_grad *numbers, cor_tensor *grad_output, cor_tensor *input,
                                  cor_tensor **bias);

#endif
