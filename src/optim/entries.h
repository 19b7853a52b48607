/* entries.h: numbers in a dict, as tensors under their names. */
#ifndef COR_OPTIM_ENTRIES_H
#define COR_OPTIM_ENTRIES_H

#include <corrie/module.h>

enum { COR__ENTRY_NAME = 256 };

/* Put a number of a dtype (no dimensions), or n numbers of float64 (one dimension), into d. Return COR_OK or a code. */
int cor__put_number(cor_dict *d, const char *name, cor_dtype dtype, double value);
int cor__put_reals(cor_dict *d, const char *name, const double *values, int64_t n);

/* Read them. COR_EKEY if the name is not there, COR_ESHAPE if it has another number of elements. */
int cor__get_number(const cor_dict *d, const char *name, double *value);
int cor__get_reals(const cor_dict *d, const char *name, double *values, int64_t n);

/* Raises COR_EKEY for a name that is not there, or that nobody knows. `what` is loaded. */
int cor__missing_entry(const char *name);
int cor__unknown_entry(const char *what, const char *name);

#endif
