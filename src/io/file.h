/* file.h: whole files in and out. */
#ifndef COR_IO_FILE_H
#define COR_IO_FILE_H

#include <corrie/base.h>

/* A file's bytes in memory; free with cor__file_free. */
typedef struct cor__file {
    unsigned char *data; /* followed by a NUL that is not counted */
    size_t size, capacity;
} cor__file;

/* Reads all of a file, "-" being the standard input. COR_OK, COR_EIO, COR_ENOMEM; COR_ELIMIT beyond 4 GiB. */
int cor__file_read(const char *path, cor__file *file);
void cor__file_free(cor__file *file);

/* Writes bytes to a file that appears under its name only when it is complete (a temporary name beside it, synced,
 * renamed); "-" is the standard output. */
int cor__file_write(const char *path, const void *data, size_t size);

#endif
