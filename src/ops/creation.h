/* creation.h: what the functions that make tensors share. */
#ifndef COR_OPS_CREATION_H
#define COR_OPS_CREATION_H

#include "ops/op.h"
#include <corrie/creation.h>

/* The number that an operand is, or that the tensor of no dimensions it names holds. COR_EVALUE or COR_ESHAPE, with the
 * function's and the argument's name. */
int cor__operand_number(cor_operand operand, const char *function, const char *argument, cor_operand *number);

/* An uninitialised tensor like t, in the dtype that the options name, for `function`. The caller gets the reference. */
cor_tensor *cor__like(const cor_tensor *t, const cor_like_options *options, const char *function);

#endif
