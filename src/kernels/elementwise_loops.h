/* elementwise_loops.h: the three shapes of a loop over single elements, for kernel files only. The loops walk one
 * element at a time and hold no call but to builtins, so that the compiler vectorises them; what they compute is
 * rounded exactly, so that a vector and a single element come out the same. */
#ifndef COR_KERNELS_ELEMENTWISE_LOOPS_H
#define COR_KERNELS_ELEMENTWISE_LOOPS_H

#include "kernels/loops.h"

/* out may be an input itself but no part of one: no iteration reads what another writes. clang checks that as it runs;
 * its pragma would warn wherever it does not vectorise. */
#if defined(__clang__)
#define COR__INDEPENDENT
#else
#define COR__INDEPENDENT _Pragma("GCC ivdep")
#endif

typedef uint8_t truth; /* a bool element: 0 or 1 */

/* Defines NAME_TYPE, which reads elements of `type` as `as`, and writes `expression` of a (and b, c) as `result`.
 * params is in scope. */
#define COR__UNARY(name, type, as, result, expression)                                                                 \
    static void name##_##type(int64_t n, void *out, const void *const *in, const void *params) {                       \
        const type *pa = in[0];                                                                                        \
        result *po = out;                                                                                              \
        (void)params;                                                                                                  \
        COR__INDEPENDENT                                                                                               \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            as a = (as)pa[i];                                                                                          \
            po[i] = (result)(expression);                                                                              \
        }                                                                                                              \
    }

#define COR__BINARY(name, type, as, result, expression)                                                                \
    static void name##_##type(int64_t n, void *out, const void *const *in, const void *params) {                       \
        const type *pa = in[0], *pb = in[1];                                                                           \
        result *po = out;                                                                                              \
        (void)params;                                                                                                  \
        COR__INDEPENDENT                                                                                               \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            as a = (as)pa[i], b = (as)pb[i];                                                                           \
            po[i] = (result)(expression);                                                                              \
        }                                                                                                              \
    }

#define COR__TERNARY(name, type, expression)                                                                           \
    static void name##_##type(int64_t n, void *out, const void *const *in, const void *params) {                       \
        const type *pa = in[0], *pb = in[1], *pc = in[2];                                                              \
        type *po = out;                                                                                                \
        (void)params;                                                                                                  \
        COR__INDEPENDENT                                                                                               \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            type a = pa[i], b = pb[i], c = pc[i];                                                                      \
            po[i] = (type)(expression);                                                                                \
        }                                                                                                              \
    }

/* Parameter i of a loop whose params are an array of its type. */
#define COR__PARAM(type, i) (((const type *)params)[i])

#endif
