/* picture.h: pictures as planes of rows in memory. */
#ifndef COR_DATA_PICTURE_H
#define COR_DATA_PICTURE_H

#include "tensor/tensor.h"
#include <corrie/transforms.h>

typedef struct cor__picture {
    cor_tensor *t; /* contiguous; of the innermost scope or the caller's */
    int64_t planes, height, width;
} cor__picture;

/* Looks at the picture t, for the transform `name`. COR_OK, or a code with an error pending. */
int cor__picture_of(cor_tensor *t, const char *name, cor__picture *p);

/* A picture like p of another height and width, contents undefined, in the innermost scope. NULL with an error pending.
 */
cor_tensor *cor__picture_like(const cor__picture *p, int64_t height, int64_t width);

#endif
