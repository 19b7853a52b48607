/* text.h: building text, and the library's only use of stdio: formatting and, for cor_print, writing. */
#ifndef COR_BASE_TEXT_H
#define COR_BASE_TEXT_H

#include "base/shared.h"
#include <stdarg.h>

/* Formats as snprintf does, but always in the C locale (a point is a point) and without a return value to check. */
COR__SHARED void cor__format(char *buffer, size_t size, const char *format, ...) COR_PRINTF(3, 4);
void cor__format_list(char *buffer, size_t size, const char *format, va_list list);

/* A text that grows. Starts as {0}; after a failed allocation it stays as it was and `failed` is set (and COR_ENOMEM
 * pending), so a sequence of appends is checked once at its end. */
typedef struct cor__text {
    char *data; /* ends in NUL when not NULL */
    size_t length, capacity;
    bool failed;
} cor__text;

COR__SHARED void cor__text_append(cor__text *text, const char *string);
COR__SHARED void cor__text_append_n(cor__text *text, const char *bytes, size_t n);
COR__SHARED void cor__text_format(cor__text *text, const char *format, ...) COR_PRINTF(2, 3);
COR__SHARED void cor__text_repeat(cor__text *text, char c, int64_t n);
COR__SHARED void cor__text_free(cor__text *text);

/* Appends sizes as PyTorch's errors write them, "[2, 3]", or as its tuples do, "(2, 3)" and "(2,)". */
void cor__text_sizes(cor__text *text, const int64_t *sizes, int n);
COR__SHARED void cor__text_tuple(cor__text *text, const int64_t *sizes, int n);

/* "[2, 3]" into a fixed buffer, cut when it does not fit; returns buffer. Enough for COR_MAX_DIMS ordinary sizes. */
enum { COR__SIZES_TEXT = 352 };
COR__SHARED const char *cor__sizes_text(char buffer[COR__SIZES_TEXT], const int64_t *sizes, int n);

/* The shortest decimal that reads back as the same double, as Python's repr writes it ("0.1", "1e-05", "3.0"). */
COR__SHARED void cor__text_double(cor__text *text, double value);

/* Reads a double in the C locale from the start of `text`; *end as strtod's. */
COR__SHARED double cor__parse_double(const char *text, char **end);

/* Writes to stdout or stderr and flushes. Returns COR_OK or COR_EIO (no error is kept). */
int cor__write_out(const char *text, size_t n);
int cor__write_err(const char *text, size_t n);

#endif
