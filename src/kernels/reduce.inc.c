/* reduce.inc.c: folds, in vectors; searches and maps, as loops that the compiler vectorises. */
#include "kernels/reduce.h"
#include "kernels/vec.h"
#include <math.h>

enum { FOLD_LANES = 32 }; /* of a block, see ops/reduce_run.h */

/* No vector is wider than the lanes of a block. */
typedef uint8_t rd_uint8_t __attribute__((vector_size(COR__VEC_BYTES > 32 ? 32 : COR__VEC_BYTES)));
typedef uint64_t rd_uint64_t __attribute__((vector_size(COR__VEC_BYTES)));
typedef int64_t rd_int64_t __attribute__((vector_size(COR__VEC_BYTES)));
typedef float rd_float __attribute__((vector_size(COR__VEC_BYTES)));
typedef double rd_double __attribute__((vector_size(COR__VEC_BYTES)));

#define LESS(a, b) ((a) < (b) ? (a) : (b))
#define MORE(a, b) ((a) > (b) ? (a) : (b))
#define LESS_ALL(a, b) PICK((a) < (b), a, b)
#define MORE_ALL(a, b) PICK((a) > (b), a, b)
/* The first NaN, if there is one; of equals the second. */
#define LESSER(a, b) ((((a) < (b)) | ((a) != (a))) ? (a) : (b))
#define GREATER(a, b) ((((a) > (b)) | ((a) != (a))) ? (a) : (b))
#define PICK(mask, a, b) ((__typeof__(a))(((mask) & (__typeof__(mask))(a)) | (~(mask) & (__typeof__(mask))(b))))
#define LESSERS(a, b) PICK(((a) < (b)) | ((a) != (a)), a, b)
#define GREATERS(a, b) PICK(((a) > (b)) | ((a) != (a)), a, b)

#define AND(a, b) ((RD_TYPE)((a) & (b)))
#define OR(a, b) ((RD_TYPE)((a) | (b)))
#define ANDS(a, b) ((a) & (b))
#define ORS(a, b) ((a) | (b))
#define PLUS(a, b) ((a) + (b))
#define TIMES(a, b) ((a) * (b))

#define RD_TYPE uint8_t
#define RD_VECTOR rd_uint8_t
#define RD_ID(part) min_uint8_t_##part
#define RD_JOIN AND
#define RD_JOIN_VECTORS ANDS
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE uint8_t
#define RD_VECTOR rd_uint8_t
#define RD_ID(part) max_uint8_t_##part
#define RD_JOIN OR
#define RD_JOIN_VECTORS ORS
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE uint64_t
#define RD_VECTOR rd_uint64_t
#define RD_ID(part) sum_uint64_t_##part
#define RD_JOIN PLUS
#define RD_JOIN_VECTORS PLUS
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE uint64_t
#define RD_VECTOR rd_uint64_t
#define RD_ID(part) prod_uint64_t_##part
#define RD_JOIN TIMES
#define RD_JOIN_VECTORS TIMES
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE int64_t
#define RD_VECTOR rd_int64_t
#define RD_ID(part) min_int64_t_##part
#define RD_JOIN LESS
#define RD_JOIN_VECTORS LESS_ALL
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE int64_t
#define RD_VECTOR rd_int64_t
#define RD_ID(part) max_int64_t_##part
#define RD_JOIN MORE
#define RD_JOIN_VECTORS MORE_ALL
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE float
#define RD_VECTOR rd_float
#define RD_ID(part) sum_float_##part
#define RD_JOIN PLUS
#define RD_JOIN_VECTORS PLUS
#define RD_GROUPS 0
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE float
#define RD_VECTOR rd_float
#define RD_ID(part) prod_float_##part
#define RD_JOIN TIMES
#define RD_JOIN_VECTORS TIMES
#define RD_GROUPS 0
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE float
#define RD_VECTOR rd_float
#define RD_ID(part) min_float_##part
#define RD_JOIN LESSER
#define RD_JOIN_VECTORS LESSERS
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE float
#define RD_VECTOR rd_float
#define RD_ID(part) max_float_##part
#define RD_JOIN GREATER
#define RD_JOIN_VECTORS GREATERS
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE double
#define RD_VECTOR rd_double
#define RD_ID(part) sum_double_##part
#define RD_JOIN PLUS
#define RD_JOIN_VECTORS PLUS
#define RD_GROUPS 0
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE double
#define RD_VECTOR rd_double
#define RD_ID(part) prod_double_##part
#define RD_JOIN TIMES
#define RD_JOIN_VECTORS TIMES
#define RD_GROUPS 0
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE double
#define RD_VECTOR rd_double
#define RD_ID(part) min_double_##part
#define RD_JOIN LESSER
#define RD_JOIN_VECTORS LESSERS
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

#define RD_TYPE double
#define RD_VECTOR rd_double
#define RD_ID(part) max_double_##part
#define RD_JOIN GREATER
#define RD_JOIN_VECTORS GREATERS
#define RD_GROUPS 1
#include "kernels/reduce_fold.inc.c"

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

#define NUMBERS(name, integer, part)                                                                                   \
    {                                                                                                                  \
        [COR_INT64] = name##_##integer##_##part, [COR_FLOAT32] = name##_float_##part,                                  \
        [COR_FLOAT64] = name##_double_##part                                                                           \
    }
#define ORDERED(name, part)                                                                                            \
    {                                                                                                                  \
        [COR_BOOL] = name##_uint8_t_##part, [COR_INT64] = name##_int64_t_##part, [COR_FLOAT32] = name##_float_##part,  \
        [COR_FLOAT64] = name##_double_##part                                                                           \
    }

static const cor__reduce_kernels reduce_kernels = {
    .fold = {[COR__FOLD_SUM] = NUMBERS(sum, uint64_t, fold),
             [COR__FOLD_PROD] = NUMBERS(prod, uint64_t, fold),
             [COR__FOLD_MIN] = ORDERED(min, fold),
             [COR__FOLD_MAX] = ORDERED(max, fold)},
    .block = {[COR__FOLD_SUM] = NUMBERS(sum, uint64_t, block),
              [COR__FOLD_PROD] = NUMBERS(prod, uint64_t, block),
              [COR__FOLD_MIN] = ORDERED(min, block),
              [COR__FOLD_MAX] = ORDERED(max, block)},
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
