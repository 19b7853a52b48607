/* isa_avx512_exact.c: the exact kernels for avx512; built with the flags of cmake/Kernels.cmake. */
#define COR__VEC_BYTES 64
#include "kernels/convert.inc.c"
#include "kernels/elementwise.inc.c"
#include "kernels/kernels.h"
#include "kernels/pool.inc.c"
#include "kernels/reduce.inc.c"
#include "kernels/softmax.inc.c"

/* Without .integers: select.c gives this set those of AVX2. */
const cor__exact_kernels cor__exact_avx512 = {
    .isa = COR_ISA_AVX512,
    .convert = &convert_kernels,
    .elementwise = &elementwise_kernels,
    .pool = &pool_kernels,
    .reduce = &reduce_kernels,
    .softmax = &softmax_kernels,
};
