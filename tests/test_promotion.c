/* The dtype of a result, or the refusal, for every pair of operands: promotion.txt. */
#include "ops/op.h"
#include "support/elementwise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static cor_tensor *call(const char *name, const cor_operand *in) {
    static const bool yes_and_no[] = {true, false};
    if (strcmp(name, "where") == 0) return cor_where(cor_from(yes_and_no, 2), in[0], in[1]);
    return call_elementwise(name, in, 2, NULL);
}

/* "error CLASS: TEXT", where the class is Python's and not ours. */
static bool is_error_text(const char *expected, const char *text) {
    const char *colon = strchr(expected, ':');
    return colon != NULL && strcmp(colon + 2, text) == 0;
}

static void check_field(const golden_record *record, const char *name, const char *expected) {
    cor_scope();
    cor_operand in[] = {operand_from_text(golden_get(record, "in0")), operand_from_text(golden_get(record, "in1"))};
    cor_tensor *t = call(name, in);
    if (strncmp(expected, "error ", 6) == 0) {
        if (t != NULL || !is_error_text(expected, cor_error_message()))
            fail_msg("record %d, %s: \"%s\" instead of \"%s\"", record->number, name, cor_error_message(), expected);
        cor_error_clear();
        return;
    }
    if (t == NULL) fail_msg("record %d, %s: %s", record->number, name, cor_error_message());
    if (strcmp(cor_dtype_name(cor_dtype_of(t)), expected) != 0)
        fail_msg("record %d, %s: %s instead of %s", record->number, name, cor_dtype_name(cor_dtype_of(t)), expected);
}

static void check_result_type(const golden_record *record, const char *expected) {
    cor_scope();
    cor_tensor *in[] = {cor__operand_as_tensor(operand_from_text(golden_get(record, "in0"))),
                        cor__operand_as_tensor(operand_from_text(golden_get(record, "in1")))};
    assert_string_equal(cor_dtype_name(cor__result_type(in, 2)), expected);
}

/* PyTorch's functions of these names take tensors only; ours take numbers as well. */
static bool refuses_numbers_only_there(const char *name, const char *expected) {
    (void)name;
    return strncmp(expected, "error TypeError", 15) == 0;
}

static void promotion(void **state) {
    (void)state;
    golden_file *file = golden_open("promotion.txt");
    golden_record record;
    int n = 0, more;
    assert_non_null(file);
    while ((more = golden_next(file, &record)) > 0) {
        for (int i = 0; i < record.n_fields; i++) {
            const char *name = record.fields[i].key, *expected = record.fields[i].value;
            if (strcmp(name, "result_type") == 0) check_result_type(&record, expected);
            else if (refuses_numbers_only_there(name, expected)) continue;
            else if (is_elementwise(name)) check_field(&record, name, expected);
            else continue;
            n++;
        }
    }
    golden_close(file);
    assert_int_equal(more, 0);
    assert_true(n > 3000);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(promotion)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
