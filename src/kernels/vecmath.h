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

/* SLEEF's names of this set: Sleef_expf8_u10avx2. Its sin, cos and tan take another way when any lane is large, so that
 * the bits of an element would depend on its neighbours; of these STEADY names the "deterministic" forms (cinz_ without
 * fma, finz_ with it), which decide lane by lane. */
#if COR__VEC_BYTES == 64
#define SLEEF_float(name) Sleef_##name##f16_u10avx512f
#define SLEEF_double(name) Sleef_##name##d8_u10avx512f
#define STEADY_float(name) Sleef_finz_##name##f16_u10avx512f
#define STEADY_double(name) Sleef_finz_##name##d8_u10avx512f
#elif COR__VEC_BYTES == 32
#define SLEEF_float(name) Sleef_##name##f8_u10avx2
#define SLEEF_double(name) Sleef_##name##d4_u10avx2
#define STEADY_float(name) Sleef_finz_##name##f8_u10avx2
#define STEADY_double(name) Sleef_finz_##name##d4_u10avx2
#elif defined(__SSE2__)
#define SLEEF_float(name) Sleef_##name##f4_u10sse2
#define SLEEF_double(name) Sleef_##name##d2_u10sse2
#define STEADY_float(name) Sleef_cinz_##name##f4_u10sse2
#define STEADY_double(name) Sleef_cinz_##name##d2_u10sse2
#elif defined(__ARM_NEON)
#define SLEEF_float(name) Sleef_##name##f4_u10advsimd
#define SLEEF_double(name) Sleef_##name##d2_u10advsimd
#define STEADY_float(name) Sleef_finz_##name##f4_u10advsimd
#define STEADY_double(name) Sleef_finz_##name##d2_u10advsimd
#endif

/* Defines vec_NAME_TYPE from SLEEF's vector function; where it has none, lane by lane from its scalar one. */
#ifdef SLEEF_float
#define VECTOR_FUNCTION(name, type, vector, scalar)                                                                    \
    static inline vec_##type vec_##name##_##type(vec_##type x) { return (vec_##type)vector(x); }
#define VECTOR_FUNCTION_2(name, type, vector, scalar)                                                                  \
    static inline vec_##type vec_##name##_##type(vec_##type x, vec_##type y) { return (vec_##type)vector(x, y); }
#else
#define VECTOR_FUNCTION(name, type, vector, scalar)                                                                    \
    static inline vec_##type vec_##name##_##type(vec_##type x) {                                                       \
        for (int i = 0; i < LANES_##type; i++) x[i] = scalar(x[i]);                                                    \
        return x;                                                                                                      \
    }
#define VECTOR_FUNCTION_2(name, type, vector, scalar)                                                                  \
    static inline vec_##type vec_##name##_##type(vec_##type x, vec_##type y) {                                         \
        for (int i = 0; i < LANES_##type; i++) x[i] = scalar(x[i], y[i]);                                              \
        return x;                                                                                                      \
    }
#endif
#define VECTOR_FUNCTIONS(name)                                                                                         \
    VECTOR_FUNCTION(name, float, SLEEF_float(name), Sleef_##name##f_u10)                                               \
    VECTOR_FUNCTION(name, double, SLEEF_double(name), Sleef_##name##_u10)
#define STEADY_FUNCTIONS(name)                                                                                         \
    VECTOR_FUNCTION(name, float, STEADY_float(name), Sleef_##name##f_u10)                                              \
    VECTOR_FUNCTION(name, double, STEADY_double(name), Sleef_##name##_u10)

VECTOR_FUNCTIONS(exp)
VECTOR_FUNCTIONS(expm1)
VECTOR_FUNCTIONS(log)
VECTOR_FUNCTIONS(log2)
VECTOR_FUNCTIONS(log10)
VECTOR_FUNCTIONS(tanh)
VECTOR_FUNCTIONS(erf)
STEADY_FUNCTIONS(sin)
STEADY_FUNCTIONS(cos)
STEADY_FUNCTIONS(tan)
VECTOR_FUNCTION_2(pow, float, SLEEF_float(pow), Sleef_powf_u10)
VECTOR_FUNCTION_2(pow, double, SLEEF_double(pow), Sleef_pow_u10)

/* SLEEF's log1p is infinite from 1e38 (1e307) on: what is large is made smaller by 2^64, whose logarithm is added. */
VECTOR_FUNCTION(log1p_of_less, float, SLEEF_float(log1p), Sleef_log1pf_u10)
VECTOR_FUNCTION(log1p_of_less, double, SLEEF_double(log1p), Sleef_log1p_u10)
#define LOG1P(type)                                                                                                    \
    static inline vec_##type vec_log1p_##type(vec_##type x) {                                                          \
        mask_##type is_large = x > (type)0x1p90;                                                                       \
        vec_##type y = vec_log1p_of_less_##type(choose_##type(is_large, x * (type)0x1p-64, x));                        \
        return choose_##type(is_large, y + (type)44.361419555836499802702855773323, y);                                \
    }
LOG1P(float)
LOG1P(double)

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
