/* composed.h: what operations share that are made of other operations, as PyTorch makes many of its own. */
#ifndef COR_OPS_COMPOSED_H
#define COR_OPS_COMPOSED_H

#include "ops/op.h"

/* Starts such an operation: `o` are the options given, or their defaults. Returns NULL with an error pending when one
 * was pending or the options have another size. */
#define COR__READ_OPTIONS(T, name)                                                                                     \
    T room;                                                                                                            \
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, name) != COR_OK) return NULL;                \
    const T *o = T##_or_defaults(options, &room);

/* Whether a tensor whose fields are read before any operation sees it is one; COR_EVALUE otherwise, or the error that
 * is pending. */
bool cor__given(const cor_tensor *t, const char *name);

/* Gives the node that made t the name of the whole operation, whose last step it is, unless that is NULL. Returns t,
 * which may be NULL. */
cor_tensor *cor__made_by(cor_tensor *t, const char *node);

/* torch.clamp_min. Borrowed; NULL with an error pending. */
cor_tensor *cor__clamp_min(cor_tensor *t, double least);

#endif
