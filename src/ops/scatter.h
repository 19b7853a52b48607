/* scatter.h: elements of planes sent to and taken from the places that indices name. */
#ifndef COR_OPS_SCATTER_H
#define COR_OPS_SCATTER_H

#include "ops/op.h"

/* Returns a tensor of these sizes, whose planes, of the last `spatial` dimensions, sum the elements of t's planes at
 * the places that `indices`, of t's sizes, name. A borrowed tensor, or NULL. */
cor_tensor *cor__plane_scatter(cor_tensor *t, cor_tensor *indices, const int64_t *sizes, int ndim, int spatial);

/* Returns a tensor of the sizes of `indices` with the elements of t's planes at the places that they name. */
cor_tensor *cor__plane_gather(cor_tensor *t, cor_tensor *indices, int spatial);

#endif
