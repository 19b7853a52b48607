/* vecmath.h: vectors of float32 and float64 and their real functions (SLEEF, at most 1 ulp), for kernel files only.
 * A kernel file defines COR__VEC_BYTES before it includes this. */
#ifndef COR_KERNELS_VECMATH_H
#define COR_KERNELS_VECMATH_H

#include <sleef.h>
#include <stdint.h>
#include <string.h>

enum { LANES_float = COR__VEC_BYTES / 4, LANES_double = COR__VEC_BYTES / 8 };
typedef float vec_float __attribute__((vector_size(COR__VEC_BYTES)));
typedef double vec_double __attribute__((vector_size(COR__VEC_BYTES)));
typedef int32_t mask_float __attribute__((vector_size(COR__VEC_BYTES)));
typedef int64_t mask_double __attribute__((vector_size(COR__VEC_BYTES)));

/* SLEEF's names of this set: Sleef_expf8_u10avx2. */
#if COR__VEC_BYTES == 64
#define SLEEF_float(name) Sleef_##name##f16_u10avx512f
#define SLEEF_double(name) Sleef_##name##d8_u10avx512f
#elif COR__VEC_BYTES == 32
#define SLEEF_float(name) Sleef_##name##f8_u10avx2
#define SLEEF_double(name) Sleef_##name##d4_u10avx2
#elif defined(__SSE2__)
#define SLEEF_float(name) Sleef_##name##f4_u10sse2
#define SLEEF_double(name) Sleef_##name##d2_u10sse2
#elif defined(__ARM_NEON)
#define SLEEF_float(name) Sleef_##name##f4_u10advsimd
#define SLEEF_double(name) Sleef_##name##d2_u10advsimd
#endif

/* vec_exp_float(x) and so on; where SLEEF has no vectors, lane by lane through its scalar functions. */
#ifdef SLEEF_float
#define VECTOR_FUNCTION(name, type, scalar)                                                                            \
    static inline vec_##type vec_##name##_##type(vec_##type x) { return (vec_##type)SLEEF_##type(name)(x); }
#define VECTOR_FUNCTION_2(name, type, scalar)                                                                          \
    static inline vec_##type vec_##name##_##type(vec_##type x, vec_##type y) {                                         \
        return (vec_##type)SLEEF_##type(name)(x, y);                                                                   \
    }
#else
#define VECTOR_FUNCTION(name, type, scalar)                                                                            \
    static inline vec_##type vec_##name##_##type(vec_##type x) {                                                       \
        for (int i = 0; i < LANES_##type; i++) x[i] = scalar(x[i]);                                                    \
        return x;                                                                                                      \
    }
#define VECTOR_FUNCTION_2(name, type, scalar)                                                                          \
    static inline vec_##type vec_##name##_##type(vec_##type x, vec_##type y) {                                         \
        for (int i = 0; i < LANES_##type; i++) x[i] = scalar(x[i], y[i]);                                              \
        return x;                                                                                                      \
    }
#endif
#define VECTOR_FUNCTIONS(name)                                                                                         \
    VECTOR_FUNCTION(name, float, Sleef_##name##f_u10) VECTOR_FUNCTION(name, double, Sleef_##name##_u10)

VECTOR_FUNCTIONS(exp)
VECTOR_FUNCTIONS(expm1)
VECTOR_FUNCTIONS(log)
VECTOR_FUNCTIONS(log1p)
VECTOR_FUNCTIONS(log2)
VECTOR_FUNCTIONS(log10)
VECTOR_FUNCTIONS(sin)
VECTOR_FUNCTIONS(cos)
VECTOR_FUNCTIONS(tan)
VECTOR_FUNCTIONS(tanh)
VECTOR_FUNCTIONS(erf)
VECTOR_FUNCTION_2(pow, float, Sleef_powf_u10)
VECTOR_FUNCTION_2(pow, double, Sleef_pow_u10)

/* load: n elements, zeros behind them; save: the first n lanes; choose: a where the mask is set, else b. */
#define VECTOR_BASICS(type)                                                                                            \
    static inline vec_##type load_##type(const type *p, int64_t n) {                                                   \
        vec_##type x = {0};                                                                                            \
        if (n >= LANES_##type) memcpy(&x, p, sizeof x);                                                                \
        else memcpy(&x, p, (size_t)n * sizeof *p);                                                                     \
        return x;                                                                                                      \
    }                                                                                                                  \
    static inline void save_##type(type *p, vec_##type x, int64_t n) {                                                 \
        if (n >= LANES_##type) memcpy(p, &x, sizeof x);                                                                \
        else memcpy(p, &x, (size_t)n * sizeof *p);                                                                     \
    }                                                                                                                  \
    static inline vec_##type choose_##type(mask_##type mask, vec_##type a, vec_##type b) {                             \
        return (vec_##type)(((mask_##type)a & mask) | ((mask_##type)b & ~mask));                                       \
    }
VECTOR_BASICS(float)
VECTOR_BASICS(double)

/* Defines NAME_TYPE, a loop over `expression` of the vector x (and y); params is in scope. The last elements go through
 * the same code as the others: SLEEF's scalar functions round differently from its vectors. */
#define VECTOR_UNARY(name, type, expression)                                                                           \
    static void name##_##type(int64_t n, void *out, const void *const *in, const void *params) {                       \
        const type *px = in[0];                                                                                        \
        type *po = out;                                                                                                \
        (void)params;                                                                                                  \
        for (int64_t i = 0; i < n; i += LANES_##type) {                                                                \
            vec_##type x = load_##type(px + i, n - i);                                                                 \
            save_##type(po + i, (expression), n - i);                                                                  \
        }                                                                                                              \
    }
#define VECTOR_BINARY(name, type, expression)                                                                          \
    static void name##_##type(int64_t n, void *out, const void *const *in, const void *params) {                       \
        const type *px = in[0], *py = in[1];                                                                           \
        type *po = out;                                                                                                \
        (void)params;                                                                                                  \
        for (int64_t i = 0; i < n; i += LANES_##type) {                                                                \
            vec_##type x = load_##type(px + i, n - i), y = load_##type(py + i, n - i);                                 \
            save_##type(po + i, (expression), n - i);                                                                  \
        }                                                                                                              \
    }

#endif
