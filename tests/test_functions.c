/* Functions made of other operations: PyTorch's results, nodes and errors, by the calls of functions/rows.h. */
#include "support/elementwise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 8, OUTPUTS = 3 };

/* ---- options ---------------------------------------------------------------------------------------------------- */

static cor_reduction reduction_of(const char *options) {
    golden_pair pair;
    if (!golden_option(options, "reduction", &pair) || strncmp(pair.value, "mean", 4) == 0) return COR_REDUCTION_MEAN;
    return strncmp(pair.value, "sum", 3) == 0 ? COR_REDUCTION_SUM : COR_REDUCTION_NONE;
}

#define INT(name, otherwise) golden_option_int(options, name, otherwise)
#define REAL(name, otherwise) golden_option_double(options, name, otherwise)
#define FLAG(name, otherwise) golden_option_bool(options, name, otherwise)
#define REDUCTION reduction_of(options)

/* ---- rows ------------------------------------------------------------------------------------------------------- */

#define FN(name, ...)                                                                                                  \
    static cor_tensor *call_##name(cor_tensor *const *in, const cor_operand *numbers, const char *options,             \
                                   cor_tensor **second, cor_tensor **third) {                                          \
        cor_tensor *a = in[0], *b = in[1], *c = in[2], *d = in[3];                                                     \
        (void)a, (void)b, (void)c, (void)d, (void)numbers, (void)options, (void)second, (void)third;                   \
        return __VA_ARGS__;                                                                                            \
    }
#include "functions/rows.h"
#undef FN

static const struct row {
    const char *name;
    cor_tensor *(*call)(cor_tensor *const *in, const cor_operand *numbers, const char *options, cor_tensor **second,
                        cor_tensor **third);
} rows[] = {
#define FN(name, ...) {#name, call_##name},
#include "functions/rows.h"
#undef FN
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* ---- records ---------------------------------------------------------------------------------------------------- */

static void read_inputs(const golden_record *record, cor_tensor *in[MOST], cor_operand numbers[MOST]) {
    char key[32];
    for (int i = 0; i < MOST; i++) {
        snprintf(key, sizeof key, "in%d", i);
        const char *text = golden_get(record, key);
        in[i] = COR_NONE;
        if (text == NULL || golden_is_none(text)) continue;
        numbers[i] = operand_from_text(text);
        if (strncmp(text, "number", 6) != 0) in[i] = numbers[i].tensor;
    }
}

static bool differs(const golden_record *record, const char *text) {
    print_error("record %d: %s: %s\n", record->number, record->name, text);
    return false;
}

static bool error_is_right(const golden_record *record, const cor_tensor *t) {
    const bool right = t == NULL && strcmp(cor_error_message(), record->text) == 0;
    if (!right) print_error("expected %s\n", record->text);
    if (!right) differs(record, t != NULL ? "no error" : cor_error_message());
    cor_error_clear();
    return right;
}

static bool results_are_right(const golden_record *record, cor_tensor *out[OUTPUTS]) {
    char exact[32], real[32];
    if (out[0] == NULL) {
        differs(record, cor_error_message());
        cor_error_clear();
        return false;
    }
    for (int i = 0; i < OUTPUTS; i++) {
        snprintf(exact, sizeof exact, "out%d", i);
        snprintf(real, sizeof real, "ref%d", i);
        if (golden_get(record, exact) == NULL && golden_get(record, real) == NULL) break;
        if (output_is_right(out[i], record, i)) continue;
        char *text = cor_repr(out[i], NULL);
        differs(record, text);
        cor_free_text(text);
        return false;
    }
    const char *node = golden_get(record, "grad_fn0"), *own = cor_grad_fn(out[0]);
    if ((node == NULL) == (own == NULL) && (node == NULL || strcmp(own, node) == 0)) return true;
    return differs(record, own == NULL ? "no node" : own);
}

static bool is_right(const golden_record *record, bool seen[ROWS]) {
    const char *options = golden_get(record, "options");
    cor_tensor *in[MOST], *out[OUTPUTS] = {NULL};
    cor_operand numbers[MOST] = {{0}};
    size_t i = 0;
    while (i < ROWS && strcmp(rows[i].name, record->name) != 0) i++;
    if (i == ROWS) fail_msg("record %d: no function %s", record->number, record->name);
    seen[i] = true;
    read_inputs(record, in, numbers);
    out[0] = rows[i].call(in, numbers, options == NULL ? "" : options, &out[1], &out[2]);
    return golden_get(record, "error") != NULL ? error_is_right(record, out[0]) : results_are_right(record, out);
}

static void records(void **unused) {
    (void)unused;
    bool seen[ROWS] = {false};
    golden_file *file = golden_open("functions.txt");
    golden_record record;
    int checked = 0, wrong = 0;
    assert_non_null(file);
    for (; golden_next(file, &record) == 1; checked++) {
        cor_scope();
        wrong += !is_right(&record, seen);
    }
    golden_close(file);
    for (int i = 0; i < ROWS; i++)
        if (!seen[i]) fail_msg("no record calls %s", rows[i].name);
    assert_int_equal(wrong, 0);
    print_message("%d records of %d functions\n", checked, (int)ROWS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(records)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
