/* doings.h: the records of module_errors.txt that say in Python what is done with a module, each beside its C. */
#ifndef COR_TESTS_DOINGS_H
#define COR_TESTS_DOINGS_H

#include "support/golden.h"
#include <corrie.h>

enum { DOING_TEXT = 4096 };

/* One statement: what C does for it. run may leave an error pending, and writes what PyTorch's last expression gives to
 * out. run NULL: the statement means nothing in C, and name says why. */
typedef struct doing {
    const char *module; /* the record's module, whole or up to its bracket; NULL: any */
    const char *python; /* the record's `do` */
    void (*run)(cor_module *m, const struct doing *d, char out[DOING_TEXT]);
    int64_t i;
    const char *name;
} doing;

/* Goes through the records of module_errors.txt that `wants`, makes each one's module with `make` and holds its row to
 * PyTorch's text or error. A record without a row fails the test. Closes the file, prints what is passed over, and
 * returns how many records were checked. */
int doings_check(golden_file *file, const doing *rows, int n, bool (*wants)(const golden_record *record),
                 cor_module *(*make)(const char *notation));

/* Whether the notation begins with this name and a bracket. */
bool doings_is(const char *notation, const char *name);

/* What Python's str gives. */
void doings_show_module(char out[DOING_TEXT], cor_module *m);
void doings_show_tensor(char out[DOING_TEXT], cor_tensor *t);
void doings_show_names(char out[DOING_TEXT], const cor_dict *d);

#endif
