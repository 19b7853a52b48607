/* isa_avx512_exact.c: the exact kernels for avx512; built with the flags of cmake/Kernels.cmake. */
#define COR__VEC_BYTES 64
#include "kernels/elementwise.inc.c"
#include "kernels/epilogue.inc.c"
#include "kernels/kernels.h"
#include "kernels/norm.inc.c"
#include "kernels/reduce.inc.c"
#include "kernels/softmax.inc.c"

/* Without what moves and compares: select.c gives this set those of AVX2, as wide as memory. */
const cor__exact_kernels cor__exact_avx512 = {
    .isa = COR_ISA_AVX512,
    .elementwise = &elementwise_kernels,
    .epilogue = &epilogue_kernels,
    .norm = &norm_kernels,
    .reduce = &reduce_kernels,
    .softmax = &softmax_kernels,
};
