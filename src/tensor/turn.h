/* turn.h: copies between two orders of the same dimensions. */
#ifndef COR_TENSOR_TURN_H
#define COR_TENSOR_TURN_H

#include <corrie/base.h>

enum { COR__TURN_ROWS, COR__TURN_COLUMNS, COR__TURN_OTHERS };

/* Elements of `size` bytes. Along its columns `to` is contiguous, along its rows `from` is. Strides are in bytes. */
typedef struct cor__turn {
    char *to;
    const char *from;
    int64_t size;
    int n_others; /* dimensions beside rows and columns */
    int64_t sizes[COR_MAX_DIMS], to_strides[COR_MAX_DIMS], from_strides[COR_MAX_DIMS];
} cor__turn;

/* Copies every element, on the threads of the pool. */
int cor__turn_run(const cor__turn *t);

#endif
