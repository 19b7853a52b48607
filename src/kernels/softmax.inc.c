/* softmax.inc.c: softmax with SLEEF's exponentials (1 ulp) for the set it is built for. */
#include "kernels/softmax.h"
#include <math.h>
#include <sleef.h>
#include <string.h>

/* Vectors that may lie anywhere in memory. */
typedef float sm_f32v __attribute__((vector_size(COR__VEC_BYTES), aligned(4), may_alias));
typedef double sm_f64v __attribute__((vector_size(COR__VEC_BYTES), aligned(8), may_alias));
typedef int32_t sm_i32v __attribute__((vector_size(COR__VEC_BYTES)));
typedef int64_t sm_i64v __attribute__((vector_size(COR__VEC_BYTES)));

#if defined(__AVX512F__)
#define SM_EXPF(x) (sm_f32v) Sleef_expf16_u10avx512f((__m512)(x))
#define SM_EXPD(x) (sm_f64v) Sleef_expd8_u10avx512f((__m512d)(x))
#elif defined(__AVX2__)
#define SM_EXPF(x) (sm_f32v) Sleef_expf8_u10avx2((__m256)(x))
#define SM_EXPD(x) (sm_f64v) Sleef_expd4_u10avx2((__m256d)(x))
#elif defined(__SSE2__)
#define SM_EXPF(x) (sm_f32v) Sleef_expf4_u10sse2((__m128)(x))
#define SM_EXPD(x) (sm_f64v) Sleef_expd2_u10sse2((__m128d)(x))
#elif defined(__aarch64__)
#define SM_EXPF(x) (sm_f32v) Sleef_expf4_u10advsimd((float32x4_t)(x))
#define SM_EXPD(x) (sm_f64v) Sleef_expd2_u10advsimd((float64x2_t)(x))
#else
#error "no vector exponentials for this architecture"
#endif

#define SM_SCALAR float
#define SM_VECTOR sm_f32v
#define SM_MASK sm_i32v
#define SM_ID(name) sm_f32_##name
#define SM_EXP SM_EXPF
#define SM_LOG logf
#include "kernels/softmax_type.inc.c"

#define SM_SCALAR double
#define SM_VECTOR sm_f64v
#define SM_MASK sm_i64v
#define SM_ID(name) sm_f64_##name
#define SM_EXP SM_EXPD
#define SM_LOG log
#include "kernels/softmax_type.inc.c"

static const cor__softmax_kernels softmax_kernels = {
    .softmax = {[COR_FLOAT32] = sm_f32_softmax, [COR_FLOAT64] = sm_f64_softmax},
    .log_softmax = {[COR_FLOAT32] = sm_f32_log_softmax, [COR_FLOAT64] = sm_f64_log_softmax},
    .softmax_columns = {[COR_FLOAT32] = sm_f32_softmax_columns, [COR_FLOAT64] = sm_f64_softmax_columns},
    .log_softmax_columns = {[COR_FLOAT32] = sm_f32_log_softmax_columns, [COR_FLOAT64] = sm_f64_log_softmax_columns}};
