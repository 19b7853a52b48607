/* isa_generic_fused.c: the fused kernels for generic; built with the flags of cmake/Kernels.cmake. */
#define COR__VEC_BYTES 16
#include "kernels/conv_float.inc.c"
#include "kernels/conv_integer.inc.c"
#include "kernels/kernels.h"
#include "kernels/matmul.inc.c"
#include "kernels/winograd.inc.c"

const cor__fused_kernels cor__fused_generic = {
    .isa = COR_ISA_GENERIC,
    .conv = &conv_kernels,
    .conv_integer = &conv_integer_kernels,
    .matmul = &matmul_kernels,
    .winograd = &winograd_kernels,
};
