/* modules.h: modules of the library from the notation of the golden files. */
#ifndef COR_TESTS_MODULES_H
#define COR_TESTS_MODULES_H

#include <corrie.h>

/* The module that a notation describes, of the innermost scope. NULL with an error pending when its construction fails;
 * NULL without one when the library has no such layer. */
cor_module *module_from_text(const char *notation);

#endif
