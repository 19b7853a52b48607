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

/* Reads exactly `size` bytes from an open file. COR_EIO when the system refuses, COR_EFORMAT when the file ends. */
int cor__file_read_exactly(int descriptor, const char *path, void *data, size_t size);

/* Writes all of the bytes to an open file. COR_EIO when the system refuses. */
int cor__file_write_all(int descriptor, const char *path, const void *data, size_t size);

/* A file in the making: it has a temporary name beside its own until it is complete. */
enum { COR__FILE_NAME = 4096 };
typedef struct cor__new_file {
    const char *path; /* borrowed; "-" is the standard output */
    char temporary[COR__FILE_NAME];
    int descriptor;
} cor__new_file;

/* Begins the file; nothing is to be closed when this fails. */
int cor__new_file_open(cor__new_file *file, const char *path);
int cor__new_file_write(cor__new_file *file, const void *data, size_t size);

/* Ends the file. After COR_OK it is synced, takes its name, replacing what had it, and its folder is synced; after any
 * other code, or when that fails, it is removed and what had the name is as it was. Returns the code. */
int cor__new_file_close(cor__new_file *file, int code);

/* All of that for bytes in memory. */
int cor__file_write(const char *path, const void *data, size_t size);

#endif
