/* reduce_lines.h: a tensor seen as lines: for each index of the kept dimensions, one sequence of elements over the
 * others, in row-major order whatever the strides. Reductions, sorting, cumulative sums and softmax work line by line,
 * and in blocks of a fixed length, so that their results do not depend on the layout or on threads. */
#ifndef COR_OPS_REDUCE_LINES_H
#define COR_OPS_REDUCE_LINES_H

#include "kernels/convert.h"
#include "tensor/tensor.h"

typedef struct cor__walk {
    int n;
    int64_t sizes[COR_MAX_DIMS], strides[COR_MAX_DIMS]; /* strides in bytes; dimensions joined where they can be */
} cor__walk;

typedef struct cor__lines {
    char *data;
    cor_dtype dtype, compute;
    int64_t count, length; /* how many lines there are, and their elements */
    cor__walk across, along;
    cor__convert_loop load, store; /* from dtype to compute and back */
} cor__lines;

/* The lines of t along the dimensions marked in `along`, to be computed with as `compute`. */
cor__lines cor__lines_of(const cor_tensor *t, const bool *along, cor_dtype compute);
cor__lines cor__lines_of_dim(const cor_tensor *t, int dim, cor_dtype compute);

/* The address of element `at` of a walk from `data`. */
char *cor__walk_to(const cor__walk *walk, char *data, int64_t at);

/* Elements [begin, begin + n) of a line as a contiguous array of the compute dtype: the tensor's own memory when that
 * is one, else a copy in `room`, which holds n. */
const void *cor__line_read(const cor__lines *lines, int64_t line, int64_t begin, int64_t n, void *room);

/* Writes such an array to the elements. */
void cor__line_write(const cor__lines *lines, int64_t line, int64_t begin, int64_t n, const void *values);

/* How many lines lie side by side in memory, each with its elements apart; 1 if none do. */
int64_t cor__lines_beside(const cor__lines *lines);

/* Whether dimension d of t counts as one to walk along: dim (COR_UNSET: not given), else dims, else all. Writes
 * marks[COR_MAX_DIMS]; an empty list means all when `empty_is_all`. COR_EINDEX or COR_EVALUE with PyTorch's text. */
int cor__mark_dims(const cor_tensor *t, int64_t dim, const cor_dims *dims, bool empty_is_all, bool *marks);

#endif
