/* isa_generic_fused.c: the fused kernels for generic; built with the flags of cmake/Kernels.cmake. */
#define COR__VEC_BYTES 16
#include "kernels/kernels.h"
#include "kernels/matmul.inc.c"

const cor__fused_kernels cor__fused_generic = {.isa = COR_ISA_GENERIC, .matmul = &matmul_kernels};
