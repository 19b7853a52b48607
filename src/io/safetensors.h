/* safetensors.h: named tensors and texts in one file. Source: the format's public description: eight bytes that count
 * the header, the header in JSON, the elements. */
#ifndef COR_IO_SAFETENSORS_H
#define COR_IO_SAFETENSORS_H

#include "io/texts.h"
#include <corrie/module.h>

/* The largest header that is read or written; the format's own bound. */
enum { COR__SAFETENSORS_HEADER = 100000000 };

/* The format's names of dtypes, in the order by which writers sort. NULL for a value that is no dtype. */
const char *cor__safetensors_name(cor_dtype dtype);
/* The place in that order; the larger comes first in a file. */
int cor__safetensors_rank(cor_dtype dtype);

/* Puts the file's tensors into `tensors` and, unless it is NULL, its texts into `metadata`. */
int cor__safetensors_read(const char *path, cor_dict *tensors, cor__texts *metadata);

/* Writes the tensors of the dict and the texts. */
int cor__safetensors_write(const char *path, const cor_dict *tensors, const cor__texts *metadata);

#endif
