/* slide.h: running the golden records of convolutions, poolings and padding (conv.txt, conv_errors.txt). */
#ifndef COR_TESTS_SLIDE_H
#define COR_TESTS_SLIDE_H

#include "support/golden.h"
#include <corrie.h>

/* Each runs the records of the named functions (a list that NULL ends), fails the test where the library differs from
 * PyTorch, and fails it too if there are fewer than `least` such records. Results are compared on every instruction set
 * the machine has, with one and with two threads. Errors leave out what C cannot say (lists of other lengths, names of
 * modes) and the dtypes that only PyTorch refuses. */
void slide_check_results(const char *folder, const char *const *names, int least);
void slide_check_errors(const char *folder, const char *const *names, int least);

/* Calls body(context) on every instruction set the machine has, with one and with two threads. */
void slide_everywhere(void (*body)(void *context), void *context);

#endif
