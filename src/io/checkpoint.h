/* checkpoint.h: the inside of a checkpoint. */
#ifndef COR_IO_CHECKPOINT_H
#define COR_IO_CHECKPOINT_H

#include "base/object.h"
#include "io/texts.h"
#include <corrie/checkpoint.h>

struct cor_checkpoint {
    cor__object object;
    cor_dict *tensors; /* owned */
    cor__texts texts;  /* the file's metadata */
};

/* Whether nothing is pending and none of the three is NULL; says which otherwise. */
int cor__checkpoint_check(const void *c, const char *name, const void *value);

#endif
