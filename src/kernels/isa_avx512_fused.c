/* isa_avx512_fused.c: the fused kernels for avx512; built with the flags of cmake/Kernels.cmake. */
#define COR__VEC_BYTES 64
#include "kernels/conv_float.inc.c"
#include "kernels/kernels.h"
#include "kernels/matmul.inc.c"
#include "kernels/winograd.inc.c"

const cor__fused_kernels cor__fused_avx512 = {
    .isa = COR_ISA_AVX512,
    .conv = &conv_kernels,
    .matmul = &matmul_kernels,
    .winograd = &winograd_kernels,
};
