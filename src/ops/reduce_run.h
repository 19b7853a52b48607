/* reduce_run.h: running a fold over lines, with one order of operations for every layout and number of threads.
 *
 * A line is cut into blocks of COR__BLOCK elements. In a block, element i belongs to lane i mod COR__LANES; each lane
 * is folded in order, then the upper half of the lanes into the lower until one is left. The blocks' results are folded
 * the same way, upper half into lower. So rounding errors grow with the logarithm of the number of blocks. */
#ifndef COR_OPS_REDUCE_RUN_H
#define COR_OPS_REDUCE_RUN_H

#include "kernels/reduce.h"
#include "ops/reduce_lines.h"

enum { COR__LANES = 32, COR__BLOCK = 2048 };

typedef struct cor__reduction {
    cor__lines lines; /* computed in bool, int64, float32 or float64 */
    cor__fold fold;
    cor__map_loop map; /* applied to the elements first (then lines.compute is float64); NULL: none */
    double parameter;  /* the map's */
} cor__reduction;

/* Folds every line into results[line], of the compute dtype; a line of no elements gives the fold's identity. Returns
 * COR_OK or COR_ENOMEM. */
int cor__reduce_run(const cor__reduction *r, void *results);

/* Writes n values of compute dtype `from` to the contiguous tensor t, which has n elements. */
void cor__write_results(const cor_tensor *t, const void *values, cor_dtype from);

#endif
