/* matmul.inc.c: products of matrices, from one template for four types. Sixteen vector registers hold a tile of six
 * rows of two vectors, thirty-two one of fourteen. Integers are computed unsigned, so that wrapping is defined. */
#include "kernels/matmul.h"
#include "kernels/vec.h"

#if COR__VEC_BYTES == 64 || defined(__aarch64__)
#define MM_ROWS 14
#else
#define MM_ROWS 6
#endif

#define MM_SCALAR float
#define MM_VECTOR cor__f32v
#define MM_ID(name) mm_f32_##name
#include "kernels/matmul_type.inc.c"

#define MM_SCALAR double
#define MM_VECTOR cor__f64v
#define MM_ID(name) mm_f64_##name
#include "kernels/matmul_type.inc.c"

/* AVX-512 leaves integers to the narrower set, for the size. */
#if COR__VEC_BYTES < 64
#define MM_SCALAR uint32_t
#define MM_VECTOR cor__u32v
#define MM_ID(name) mm_i32_##name
#include "kernels/matmul_type.inc.c"

#define MM_SCALAR uint64_t
#define MM_VECTOR cor__u64v
#define MM_ID(name) mm_i64_##name
#include "kernels/matmul_type.inc.c"
#endif

static const cor__matmul_kernels matmul_kernels = {.type = {[COR_FLOAT32] = &mm_f32_kernels,
                                                            [COR_FLOAT64] = &mm_f64_kernels,
#if COR__VEC_BYTES < 64
                                                            [COR_INT32] = &mm_i32_kernels,
                                                            [COR_INT64] = &mm_i64_kernels
#endif
                                                   }};
