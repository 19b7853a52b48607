/* arguments.h: reading the arguments of a module's notation. */
#ifndef COR_TESTS_ARGUMENTS_H
#define COR_TESTS_ARGUMENTS_H

#include "support/golden.h"
#include <corrie.h>

/* The value of an argument by name, or by its position among those without one; NULL if it is not given. */
const char *argument(const golden_call *call, const char *name, int position);
/* The same as a number or a truth value. None is `otherwise` for an integer, NaN for a real. */
int64_t integer(const golden_call *call, const char *name, int position, int64_t otherwise);
double real(const golden_call *call, const char *name, int position, double otherwise);
bool truth(const golden_call *call, const char *name, int position, bool otherwise);

/* A module that is called with several inputs; NULL for other names. */
cor_module *build_of_several(const golden_call *call);

#endif
