/* conv_grad.h: the gradients of a convolution as operations, for all dimensions and for transposed convolutions. */
#ifndef COR_OPS_CONV_GRAD_H
#define COR_OPS_CONV_GRAD_H

#include "conv/problem.h"
#include "ops/op.h"
#include <corrie/conv.h>

/* Their options: the numbers of the convolution, and the sizes of the result: of the input or of the weight. */
typedef struct cor__conv_grad {
    cor_dims sizes;
    int64_t stride[COR__CONV_AXES], padding[COR__CONV_AXES]; /* of the `spatial` dimensions */
    int64_t output_padding[COR__CONV_AXES], dilation[COR__CONV_AXES];
    int64_t groups;
    bool same, transposed;
    cor_precision precision;
    int spatial;
} cor__conv_grad;

/* Whether the option is one of the values of cor_precision; COR_EVALUE otherwise. Of all convolutions. */
int cor__check_precision(cor_precision precision);

/* Returns the gradient with respect to the input of the convolution with these numbers and this weight, whose output's
 * gradient is grad_output; without a batch where sizes have none. A borrowed tensor, or NULL. */
cor_tensor *cor__conv_grad_input(const cor__conv_grad *numbers, cor_tensor *grad_output, cor_tensor *weight);

/* Makes the gradient with respect to the weight and, unless `bias` is NULL, *bias that with respect to the bias.
 * Returns the first; a borrowed tensor, or NULL, as *bias then is. */
cor_tensor *cor__conv_grad_weight(const cor__conv_grad *numbers, cor_tensor *grad_output, cor_tensor *input,
                                  cor_tensor **bias);

/* Returns the gradient with respect to the bias: the sum of grad_output over images and positions. */
cor_tensor *cor__conv_grad_bias(cor_tensor *grad_output, int spatial);

/* Returns the convolution with these numbers itself, without a bias; n->sizes is not read. */
cor_tensor *cor__conv_again(const cor__conv_grad *n, cor_tensor *input, cor_tensor *weight);

#endif
