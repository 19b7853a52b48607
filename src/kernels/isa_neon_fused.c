/* isa_neon_fused.c: the fused kernels for neon; built with the flags of cmake/Kernels.cmake. */
#define COR__VEC_BYTES 16
#include "kernels/conv_float.inc.c"
#include "kernels/kernels.h"
#include "kernels/matmul.inc.c"
#include "kernels/winograd.inc.c"

const cor__fused_kernels cor__fused_neon = {
    .isa = COR_ISA_NEON,
    .conv = &conv_kernels,
    .matmul = &matmul_kernels,
    .winograd = &winograd_kernels,
};
