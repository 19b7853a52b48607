/* corrie/softmax.h: softmax and its relatives.
 *
 * Of floating dtypes, along one dimension, with the largest element subtracted first; float16 and bfloat16 are computed
 * in float32 and rounded once. The result has the sizes and dtype of the input. Errors: COR_EINDEX for a dimension that
 * does not exist, COR_EDTYPE for bools and integers, COR_ENOMEM.
 */
#ifndef CORRIE_SOFTMAX_H
#define CORRIE_SOFTMAX_H

#include <corrie/tensor.h>

COR_BEGIN

/* Returns exp(x) / sum of exp(x) along a dimension (torch.softmax). */
COR_API cor_tensor *cor_softmax(cor_tensor *t, int64_t dim);

/* Returns x - log(sum of exp(x)) along a dimension (torch.log_softmax). */
COR_API cor_tensor *cor_log_softmax(cor_tensor *t, int64_t dim);

/* Returns softmax(-x) along a dimension (torch.nn.functional.softmin). */
COR_API cor_tensor *cor_softmin(cor_tensor *t, int64_t dim);

COR_END
#endif
