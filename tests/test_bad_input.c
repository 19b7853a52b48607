/* The table of bad inputs: what each call must answer, and that it changes, leaks and breaks nothing
 * (support/bad_input.h). The texts are PyTorch's where it has the case and tells it itself; results of calls that
 * succeed are PyTorch's too. Where PyTorch's own text is an accident (a number that overflowed, a failed allocation, an
 * exception of Python's), and where only C can say the call, the text is this library's.
 *
 * The rows lie in tests/bad_input/, by subject: id, call, status and text. The ids: A1 negative sizes; A2 no
 * dimensions, too many; A3 products that overflow; A4 bytes that overflow; A5 sizes of 0; A6 products of matrices; A7
 * broadcasting; A8 dtypes; A9 stride, dilation, groups and kernels of 0 or less; A10 groups and channels; A11 windows
 * larger than the input; A12 huge windows; A13 padding of pools; A16 dimensions; A17 reshaping; A18 windows of memory;
 * A19 outputs that overlap inputs (which are read first: PyTorch refuses some of these calls); A22 values of
 * enumerations (pointers: test_null_arguments.c); A23 options of another size (of every function:
 * test_null_arguments.c) and misaligned memory; A24 state_dicts; A25 probabilities and batches of one value.
 *
 * Not here, because the library has nothing that could be called so: A14 (losses), A15 (embedding, gather, scatter),
 * A20 and A21 (backward), A26 and the rest of A25 (optimizers). */
#include "support/alloc.h"
#include "support/bad_input.h"

#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SIZES(...) ((const int64_t[]){__VA_ARGS__})

/* One element seen as 2^60: as many copies are more than any address space holds. */
static cor_tensor *broad(void) { return cor_expand(F32(1, 1), 1152921504606846976, 1); }
static cor_tensor *widest(void) { return cor_ones(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1); }
static cor_tensor *image(void) { return F32(1, 2, 4, 4); }
static cor_tensor *kernel(void) { return F32(2, 2, 2, 2); }
static cor_tensor *parts[4];

/* load_state_dict of a Linear(3, 2) with one or two entries. */
static int load(const char *a, cor_tensor *ta, const char *b, cor_tensor *tb, bool strict) {
    cor_dict *dict = cor_dict_new();
    (void)cor_dict_set(dict, a, ta);
    if (b != NULL) (void)cor_dict_set(dict, b, tb);
    return cor_load_state_dict(cor_nn_linear(3, 2), dict, .strict = strict);
}

/* ---- the rows: first as functions, then as a table -------------------------------------------------------------- */

#define ROW_NAME(part, line) COR__PASTE(part, line)
#define TENSOR(id, call, status, text) ROW(id, #call, status, text, {.kind = BAD_TENSOR, .object = (call)})
#define MODULE(id, call, status, text) ROW(id, #call, status, text, {.kind = BAD_MODULE, .object = (call)})
#define CODE(id, call, status, text) ROW(id, #call, status, text, {.kind = BAD_CODE, .code = (call)})
#define ITEM(id, call, status, text)                                                                                   \
    ROW(id, #call, status, text, {.kind = BAD_CODE, .code = ((void)(call), cor_error())})

#define ROW(id, what, status, text, ...)                                                                               \
    static bad_outcome ROW_NAME(PART, __LINE__)(void) { return (bad_outcome)__VA_ARGS__; }
#include "bad_input/rows.inc.c"
#undef ROW

#define ROW(id, what, status, text, ...) {id, what, ROW_NAME(PART, __LINE__), status, text},
static const bad_row rows[] = {
#include "bad_input/rows.inc.c"
};

enum { ROWS = sizeof rows / sizeof rows[0], LEAST = 3 };
static const char *const ids[] = {"A1",  "A2",  "A3",  "A4",  "A5",  "A6",  "A7",  "A8",  "A9",  "A10", "A11",
                                  "A12", "A13", "A16", "A17", "A18", "A19", "A22", "A23", "A24", "A25", NULL};

static void check_id(void **state) {
    for (int i = 0; i < ROWS; i++)
        if (strcmp(rows[i].id, *state) == 0) bad_input_check(&rows[i]);
}

static void count(void **state) {
    (void)state;
    bad_input_counts(rows, ROWS, ids, LEAST);
}

/* Nothing here is large enough that a call that is refused, or has no elements, needs memory of size. */
static void little_was_held(void **state) {
    (void)state;
    assert_true(cor_memory().peak_bytes < 1 << 20);
}

int main(void) {
    struct CMUnitTest tests[sizeof ids / sizeof ids[0] + 1];
    size_t n = 0;
    alloc_install();
    for (; ids[n] != NULL; n++)
        tests[n] =
            (struct CMUnitTest){.name = ids[n], .test_func = check_id, .initial_state = (void *)(uintptr_t)ids[n]};
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(count);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(little_was_held);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
