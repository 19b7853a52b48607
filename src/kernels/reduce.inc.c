/* reduce.inc.c: folds, searches and maps, as loops that the compiler vectorises for the set it builds for. */
#include "kernels/reduce.h"
#include <math.h>

enum { FOLD_LANES = 32 }; /* the columns that reductions along memory fold; known here for the sake of the loops */

/* One row after the other: the accumulators are read and written each time, but never leave the first-level cache. */
#define FOLD(name, type, expression)                                                                                   \
    static inline __attribute__((always_inline)) void name##_##type##_rows(                                            \
        int64_t rows, int64_t columns, type *restrict acc, const type *x, int64_t stride) {                            \
        for (int64_t r = 0; r < rows; r++, x += stride)                                                                \
            for (int64_t c = 0; c < columns; c++) {                                                                    \
                const type a = acc[c], b = x[c];                                                                       \
                acc[c] = (type)(expression);                                                                           \
            }                                                                                                          \
    }                                                                                                                  \
    static void name##_##type(int64_t rows, int64_t columns, void *acc, const void *x, int64_t stride) {               \
        if (columns == FOLD_LANES) name##_##type##_rows(rows, FOLD_LANES, acc, x, stride);                             \
        else name##_##type##_rows(rows, columns, acc, x, stride);                                                      \
    }

FOLD(min, uint8_t, a &b)
FOLD(max, uint8_t, a | b)
FOLD(sum, uint64_t, a + b)
FOLD(prod, uint64_t, a *b)
FOLD(min, int64_t, a < b ? a : b)
FOLD(max, int64_t, a > b ? a : b)
FOLD(sum, float, a + b)
FOLD(prod, float, a *b)
FOLD(min, float, ((a < b) | (a != a)) ? a : b)
FOLD(max, float, ((a > b) | (a != a)) ? a : b)
FOLD(sum, double, a + b)
FOLD(prod, double, a *b)
FOLD(min, double, ((a < b) | (a != a)) ? a : b)
FOLD(max, double, ((a > b) | (a != a)) ? a : b)

#define FIND(type, test)                                                                                               \
    static int64_t find_##type(int64_t n, const void *x, const void *value) {                                          \
        const type *p = x, v = *(const type *)value;                                                                   \
        int64_t i = 0;                                                                                                 \
        while (i < n && !(test)) i++;                                                                                  \
        return i;                                                                                                      \
    }
FIND(uint8_t, p[i] == v)
FIND(int64_t, p[i] == v)
FIND(float, p[i] == v || (v != v && p[i] != p[i]))
FIND(double, p[i] == v || (v != v && p[i] != p[i]))

#define MAP(name, expression)                                                                                          \
    static void map_##name(int64_t n, double *out, const double *x, double parameter) {                                \
        (void)parameter;                                                                                               \
        for (int64_t i = 0; i < n; i++) out[i] = (expression);                                                         \
    }
MAP(abs, fabs(x[i]))
MAP(square, x[i] * x[i])
MAP(nonzero, x[i] != 0)
MAP(power, pow(fabs(x[i]), parameter))
MAP(deviation, (x[i] - parameter) * (x[i] - parameter))

static const cor__reduce_kernels reduce_kernels = {
    .fold = {[COR__FOLD_SUM] = {[COR_INT64] = sum_uint64_t, [COR_FLOAT32] = sum_float, [COR_FLOAT64] = sum_double},
             [COR__FOLD_PROD] = {[COR_INT64] = prod_uint64_t, [COR_FLOAT32] = prod_float, [COR_FLOAT64] = prod_double},
             [COR__FOLD_MIN] = {[COR_BOOL] = min_uint8_t,
                                [COR_INT64] = min_int64_t,
                                [COR_FLOAT32] = min_float,
                                [COR_FLOAT64] = min_double},
             [COR__FOLD_MAX] = {[COR_BOOL] = max_uint8_t,
                                [COR_INT64] = max_int64_t,
                                [COR_FLOAT32] = max_float,
                                [COR_FLOAT64] = max_double}},
    .find = {[COR_BOOL] = find_uint8_t,
             [COR_INT64] = find_int64_t,
             [COR_FLOAT32] = find_float,
             [COR_FLOAT64] = find_double},
    .map = {[COR__MAP_ABS] = map_abs,
            [COR__MAP_SQUARE] = map_square,
            [COR__MAP_NONZERO] = map_nonzero,
            [COR__MAP_POWER] = map_power,
            [COR__MAP_DEVIATION] = map_deviation},
};
