/* files.h: a folder of a test's own, and files in it. */
#ifndef TESTS_SUPPORT_FILES_H
#define TESTS_SUPPORT_FILES_H

#include <stddef.h>

/* Makes the folder; stops the program when that fails. It is removed when the program ends. */
void files_begin(void);

/* The path of a name in the folder, in one of a few buffers that take turns; "" is the folder itself. */
const char *files_path(const char *name);

/* Write and read whole files; the test fails when they cannot. read returns how many bytes, at most `room`. */
void files_write(const char *name, const void *bytes, size_t size);
size_t files_read(const char *name, void *bytes, size_t room);

/* How many entries the folder has. */
int files_count(void);

/* Fails the test unless the pending error has this code and its text holds `part`; clears it. */
void files_expect_error(int code, const char *part);

#endif
