/* elementwise.h: calling an elementwise operation by its name, for the golden files. */
#ifndef COR_TESTS_ELEMENTWISE_H
#define COR_TESTS_ELEMENTWISE_H

#include "support/tensors.h"

/* The operand that a notation describes: a tensor or a number. */
cor_operand operand_from_text(const char *notation);

/* Whether there is an elementwise operation or activation function of this name. */
bool is_elementwise(const char *name);

/* Calls it on n operands with a record's options. */
cor_tensor *call_elementwise(const char *name, const cor_operand *operands, int n, const char *options);

/* Whether t has the dtype and the number of elements of `expected`, and each within `ulps` representable values. */
bool is_within_ulps(cor_tensor *t, const golden_tensor *expected, int64_t ulps);

/* Whether t is what a record of layers.txt expects: out0 exactly, or as near to ref0 as its ulps or spacings say. */
bool result_is_right(cor_tensor *t, const golden_record *record);

/* The same for output i. */
bool output_is_right(cor_tensor *t, const golden_record *record, int i);

#endif
