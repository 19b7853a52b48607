/* epilogue.inc.c: the loops of epilogue.h for float32 and float64. */
#include "kernels/epilogue.h"
#include "kernels/elementwise_loops.h"

/* One loop for each pair of the constants `scaled` and `added`. */
#define EPILOGUE_LOOPS(type, fma)                                                                                      \
    static inline __attribute__((always_inline)) void epilogue_part_##type(                                            \
        int64_t n, type *restrict out, const type *restrict residual, const cor__epilogue_terms *terms,                \
        const bool scaled, const bool added) {                                                                         \
        const type scale = (type)terms->scale, shift = (type)terms->shift;                                             \
        const type low = (type)terms->low, high = (type)terms->high;                                                   \
        COR__INDEPENDENT                                                                                               \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            type x = out[i];                                                                                           \
            if (scaled) x = fma(x, scale, shift);                                                                      \
            if (added) x += residual[i];                                                                               \
            x = x < low ? low : x;                                                                                     \
            out[i] = high < x ? high : x;                                                                              \
        }                                                                                                              \
    }                                                                                                                  \
    static void epilogue_##type(int64_t n, void *out, const void *residual, const cor__epilogue_terms *terms) {        \
        if (terms->scaled && residual != NULL) epilogue_part_##type(n, out, residual, terms, true, true);              \
        else if (terms->scaled) epilogue_part_##type(n, out, residual, terms, true, false);                            \
        else if (residual != NULL) epilogue_part_##type(n, out, residual, terms, false, true);                         \
        else epilogue_part_##type(n, out, residual, terms, false, false);                                              \
    }

EPILOGUE_LOOPS(float, __builtin_fmaf)
EPILOGUE_LOOPS(double, __builtin_fma)
#undef EPILOGUE_LOOPS

static const cor__epilogue_kernels epilogue_kernels = {
    .loop = {[COR_FLOAT32] = epilogue_float, [COR_FLOAT64] = epilogue_double}};
