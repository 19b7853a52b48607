/* gzip.h: files that may be compressed with gzip. */
#ifndef COR_IO_GZIP_H
#define COR_IO_GZIP_H

#include "io/file.h"

/* Whether the contents begin as gzip's do. */
bool cor__is_gzip(const cor__file *file);

/* Expands gzip contents into `room` bytes at out. *size gets how many there were, and *whole whether that is all.
 * COR_OK, COR_EFORMAT or COR_ENOMEM, beginning with `name`. */
int cor__gzip_expand(const cor__file *file, const char *name, unsigned char *out, size_t room, size_t *size,
                     bool *whole);

#endif
