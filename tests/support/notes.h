/* notes.h: scenarios that note what happens, held to what the same ones noted with PyTorch. */
#ifndef TESTS_SUPPORT_NOTES_H
#define TESTS_SUPPORT_NOTES_H

#include <corrie.h>

typedef struct notes_scenario {
    const char *name;
    void (*run)(void);
} notes_scenario;
#define NOTES_SCENARIO(function)                                                                                       \
    { #function, function }

/* Notes a line; printf format. */
void note(const char *format, ...) COR_PRINTF(1, 2);

/* Notes a tensor: dtype, sizes, elements, and the name of grad_fn or "leaf"; "none" for NULL without an error. */
void show(const char *name, cor_tensor *t);

/* Notes the pending error, and clears it, or "done". */
void note_outcome(void);
/* The same after evaluating an expression. */
#define attempt(...) ((void)!(__VA_ARGS__), note_outcome())
/* Evaluates what must succeed; an error stays pending and fails the scenario at its end. */
#define must(...) ((void)!(__VA_ARGS__))

/* Runs the scenario of each record of autograd.txt with this subject, and fails the cmocka test where the notes differ,
 * an error is left, or a scenario has no record. */
#define notes_check(subject, scenarios, n) notes_check_in(COR_SOURCE_DIR, subject, scenarios, n)
void notes_check_in(const char *source_folder, const char *subject, const notes_scenario *scenarios, int n);

/* ---- tensors for scenarios -------------------------------------------------------------------------------------- */

/* Float32 tensors of one dimension; leaves require grad. */
#define of(...) notes_tensor((const double[]){__VA_ARGS__}, COR__COUNT_OF(__VA_ARGS__))
#define leaf(...) cor_requires_grad_(of(__VA_ARGS__), true)
#define COR__COUNT_OF(...) ((int64_t)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)))
cor_tensor *notes_tensor(const double *values, int64_t n);

/* The same leaf in another dtype. */
cor_tensor *leaf_in(cor_dtype dtype, cor_tensor *t);

#endif
