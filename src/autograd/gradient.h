/* gradient.h: what a backward pass does with a gradient that a formula gave. */
#ifndef COR_AUTOGRAD_GRADIENT_H
#define COR_AUTOGRAD_GRADIENT_H

#include "graph/node.h"

/* A gradient brought to the sizes and the dtype of what it is of: summed over the dimensions that were broadcast. A
 * reference for the caller; NULL with an error pending. */
cor_tensor *cor__gradient_fit(cor_tensor *grad, const int64_t *sizes, int ndim, cor_dtype dtype);

/* Adds `grad`, whose reference it takes, to *sum, NULL for none: in place where nobody else sees it and nothing is
 * recorded. COR_OK or a code. */
int cor__gradient_add(cor_tensor **sum, cor_tensor *grad, bool create_graph);

/* What `t` would store as its gradient if it got `grad` as its first: `grad` itself, when nobody else holds it and it
 * lies in memory as t does, else a copy. Takes the reference; the caller gets one. NULL with an error pending. */
cor_tensor *cor__gradient_own(const cor_tensor *t, cor_tensor *grad, bool create_graph);

#endif
