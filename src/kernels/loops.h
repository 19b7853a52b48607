/* loops.h: the form of elementwise kernels. */
#ifndef COR_KERNELS_LOOPS_H
#define COR_KERNELS_LOOPS_H

#include <corrie/dtype.h>

/* out[i] = f(in[0][i], in[1][i], ...) for i < n, on contiguous arrays. out may be one of the inputs, never a part of
 * one. params is the kernel's own. */
typedef void (*cor__loop)(int64_t n, void *out, const void *const *in, const void *params);

#endif
