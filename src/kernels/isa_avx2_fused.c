/* isa_avx2_fused.c: the fused kernels for avx2; built with the flags of cmake/Kernels.cmake. */
#define COR__VEC_BYTES 32
#include "kernels/kernels.h"
#include "kernels/matmul.inc.c"

const cor__fused_kernels cor__fused_avx2 = {.isa = COR_ISA_AVX2, .matmul = &matmul_kernels};
