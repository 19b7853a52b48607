/* tensors.h: tensors of the library from the notation of the golden files. */
#ifndef COR_TESTS_TENSORS_H
#define COR_TESTS_TENSORS_H

#include "support/golden.h"
#include <corrie.h>

/* The tensor that a notation describes, with its steps and flags; belongs to the innermost scope. NULL with an error
 * pending. */
cor_tensor *tensor_from_golden(const golden_tensor *golden);

/* The same from the text of the notation; fails the test if it is none. */
cor_tensor *tensor_from_text(const char *notation);

/* Whether t has exactly the dtype, sizes and bits of the expected result. */
bool tensor_matches(cor_tensor *t, const golden_tensor *expected);

/* Fails the test unless t is the out0 of a record, or NULL with its error text pending, which is cleared. `file` names
 * the golden file in messages. */
void tensor_check(const char *file, const golden_record *record, cor_tensor *t);

#endif
