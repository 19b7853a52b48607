/* conv_product.h: convolutions of few output positions and many weights, as in the last layers of networks that are
 * trained: products of matrices, which read each weight once, where it lies. The other implementations bring the
 * weights to a form of their own first, which costs more than the convolution when they change at every step. */
#ifndef COR_OPS_CONV_PRODUCT_H
#define COR_OPS_CONV_PRODUCT_H

#include "conv/plan.h"

/* Whether the forward convolution is one of these. */
bool cor__conv_is_product(const cor__conv_problem *problem);

/* Whether the gradient of its weight is best computed as one, too. */
bool cor__conv_is_product_weight(const cor__conv_problem *problem);

/* Compute its output, without an epilogue; the gradient of its input, whose memory is contiguous, from the contiguous
 * gradient of its output; and that of its weight. COR_OK or COR_ENOMEM. */
int cor__conv_product(const cor__conv_problem *problem, const void *input, const void *weight, const void *bias,
                      void *output);
int cor__conv_product_input(const cor__conv_problem *problem, const void *grad_output, const void *weight,
                            void *grad_input);
int cor__conv_product_weight(const cor__conv_problem *problem, const void *input, const void *grad_output,
                             void *grad_weight);

#endif
