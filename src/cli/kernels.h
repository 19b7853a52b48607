/* kernels.h: the convolution kernels that have a name. */
#ifndef COR_CLI_KERNELS_H
#define COR_CLI_KERNELS_H

#include <corrie.h>

/* The kernel of a name as a 2-d tensor, NULL without an error when there is none of that name. */
cor_tensor *named_kernel(const char *name);

#endif
