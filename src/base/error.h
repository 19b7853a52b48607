/* error.h: raising errors inside the library. */
#ifndef COR_BASE_ERROR_H
#define COR_BASE_ERROR_H

#include "base/shared.h"

/* Keeps an error of the calling thread unless one is pending, with the place it was raised at. Evaluates to the
 * code that is now pending, so that `return cor__fail(COR_ESHAPE, "...", ...)` ends a function of type int.
 * Formats as printf does, in the C locale. */
#define cor__fail(code, ...) cor__fail_at(__FILE__, __LINE__, (code), __VA_ARGS__)
COR__SHARED int cor__fail_at(const char *file, int line, int code, const char *format, ...) COR_PRINTF(4, 5);

/* The same for functions that return a pointer: evaluates to NULL. */
#define cor__fail_null(code, ...) (cor__fail((code), __VA_ARGS__), (void *)0)

/* Says that memory could not be had for `what`. */
#define cor__fail_memory(bytes, what)                                                                                  \
    cor__fail(COR_ENOMEM, "out of memory: %lld bytes for %s", (long long)(bytes), (what))

/* Notes the operation, input shapes and module path of the pending error, if these are still unset. */
void cor__error_context(const char *operation, const char *shapes, const char *module);

/* Raises *info on this thread as it is, unless an error is pending (a worker's error handed to the waiter). */
void cor__error_adopt(const cor_error_info *info);

#endif
