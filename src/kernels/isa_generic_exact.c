/* isa_generic_exact.c: the exact kernels for generic; built with the flags of cmake/Kernels.cmake. */
#define COR__VEC_BYTES 16
#include "kernels/convert.inc.c"
#include "kernels/elementwise.inc.c"
#include "kernels/epilogue.inc.c"
#include "kernels/integers.inc.c"
#include "kernels/kernels.h"
#include "kernels/norm.inc.c"
#include "kernels/optim.inc.c"
#include "kernels/pool.inc.c"
#include "kernels/reduce.inc.c"
#include "kernels/resize.inc.c"
#include "kernels/softmax.inc.c"

const cor__exact_kernels cor__exact_generic = {
    .isa = COR_ISA_GENERIC,
    .convert = &convert_kernels,
    .elementwise = &elementwise_kernels,
    .epilogue = &epilogue_kernels,
    .integers = &integer_kernels,
    .norm = &norm_kernels,
    .optim = &optim_kernels,
    .pool = &pool_kernels,
    .reduce = &reduce_kernels,
    .resize = &resize_kernels,
    .softmax = &softmax_kernels,
};
