/* scenario.h: running a piece of work once for every allocation that can fail in it.
 *
 *     static int body(void *context, scenario_hash *result) {
 *         cor_tensor *y = cor_relu(cor_ones(4, 4));
 *         if (y != NULL) scenario_feed(result, cor_data_const(y), 64);
 *         return cor_error();
 *     }
 *     scenario_run("relu", body, NULL);
 *
 * main calls scenario_install() before anything else, and may end with scenario_print_total(). */
#ifndef TESTS_SUPPORT_SCENARIO_H
#define TESTS_SUPPORT_SCENARIO_H

#include <corrie/module.h>
#include <stddef.h>
#include <stdint.h>

typedef struct scenario_hash {
    uint64_t state;
} scenario_hash;

/* Puts the failing allocator under the library (support/alloc.h). */
void scenario_install(void);

/* Adds bytes of a result to the hash. */
void scenario_feed(scenario_hash *hash, const void *bytes, size_t n);

/* Adds a tensor: dtype, sizes, elements in row-major order, and whether it requires grad. NULL adds nothing. */
void scenario_feed_tensor(scenario_hash *hash, cor_tensor *t);

/* Adds a module: its text, the names and tensors of its state, and the mode of each of its modules. NULL adds nothing;
 * an error may be pending afterwards. */
void scenario_feed_module(scenario_hash *hash, cor_module *m);

/* Adds a text and frees it as cor_free_text does. NULL adds nothing. */
void scenario_feed_text(scenario_hash *hash, char *text);

/* Runs body in a scope of its own: once as it is, then for each of its N allocations with that one failing, alone and
 * with all that follow, and once more as it is after each of these. body returns COR_OK or an error code; an error
 * may also be pending. A run with a failing allocation must end in COR_ENOMEM, or in the result of the first run; every
 * other run in that result; and no run may hold more blocks at its end than the first did. Fails the cmocka test with
 * the scenario's name and k otherwise. Returns N. */
int64_t scenario_run(const char *name, int (*body)(void *context, scenario_hash *result), void *context);

/* The sum of N over all scenarios so far, and the line for a program's end: "N allocation points, N scenarios". */
int64_t scenario_points(void);
void scenario_print_total(void);

#endif
