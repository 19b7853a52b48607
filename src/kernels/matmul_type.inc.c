/* matmul_type.inc.c: products of matrices in one type. The includer defines MM_SCALAR, MM_VECTOR and MM_ID(name). */

enum { MM_ID(LANES) = sizeof(MM_VECTOR) / sizeof(MM_SCALAR), MM_ID(COLUMNS) = COR__TILE_VECTORS * MM_ID(LANES) };

/* In the order in which they use one another. */
#include "kernels/matmul_tile.inc.c"

#include "kernels/matmul_pack.inc.c"

#include "kernels/matmul_dots.inc.c"

#include "kernels/matmul_sweep.inc.c"

static const cor__matmul_type MM_ID(kernels) = {.rows = MM_ROWS,
                                                .lanes = MM_ID(LANES),
                                                .tiles = MM_ALL_TILES,
                                                .pack = MM_ID(pack),
                                                .merge = MM_ID(merge),
                                                .dots = MM_ID(dots),
                                                .sweep = MM_ID(sweep)};

#undef MM_NAMES
#undef MM_ALL_TILES
#undef MM_SCALAR
#undef MM_VECTOR
#undef MM_ID
