/* reduce.h: what reductions are made of. Exact: additions are never contracted, so every instruction set gives the same
 * bits. A NULL entry means that the operation is not defined for the dtype. */
#ifndef COR_KERNELS_REDUCE_H
#define COR_KERNELS_REDUCE_H

#include <corrie/dtype.h>

/* MIN and MAX give NaN if either side is NaN; on bools they are "and" and "or". */
typedef enum cor__fold { COR__FOLD_SUM, COR__FOLD_PROD, COR__FOLD_MIN, COR__FOLD_MAX, COR__FOLDS } cor__fold;

/* acc[c] = from[c] op x[c] op x[stride + c] ..., over `rows` rows in this order, for c < columns. from may be acc. */
typedef void (*cor__fold_loop)(int64_t rows, int64_t columns, void *acc, const void *from, const void *x,
                               int64_t stride);

/* *result = the fold of n elements, 1 to a block, in the order that ops/reduce_run.h gives. */
typedef void (*cor__block_loop)(int64_t n, const void *x, void *result);

/* What a norm sums: |x|, x^2, x != 0 and |x|^p; and what a variance does: (x - parameter)^2. */
typedef enum cor__map {
    COR__MAP_ABS,
    COR__MAP_SQUARE,
    COR__MAP_NONZERO,
    COR__MAP_POWER,
    COR__MAP_DEVIATION,
    COR__MAPS
} cor__map;

/* out[i] = f(x[i]) for i < n; out may be x. */
typedef void (*cor__map_loop)(int64_t n, double *out, const double *x, double parameter);

/* The first i < n with x[i] == *value, or with x[i] NaN if *value is NaN; n if there is none. */
typedef int64_t (*cor__find_loop)(int64_t n, const void *x, const void *value);

/* For bool, int64, float32 and float64, which the other dtypes are brought to. */
typedef struct cor__reduce_kernels {
    cor__fold_loop fold[COR__FOLDS][COR_DTYPES];
    cor__block_loop block[COR__FOLDS][COR_DTYPES];
    cor__find_loop find[COR_DTYPES];
    cor__map_loop map[COR__MAPS];
} cor__reduce_kernels;

#endif
