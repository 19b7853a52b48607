/* Elementwise operations and activation functions give PyTorch's results, errors and grad_fn names: the records of
 * ops.txt, op_errors.txt and grad_fn.txt that are theirs, on every instruction set. */
#include "support/elementwise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const cor_isa ISAS[] = {COR_ISA_GENERIC, COR_ISA_AVX2, COR_ISA_AVX512, COR_ISA_NEON};

/* ---- records ---------------------------------------------------------------------------------------------------- */

static int read_operands(const golden_record *record, cor_operand *operands) {
    static const char *const keys[] = {"in0", "in1", "in2"};
    int n = 0;
    while (n < 3 && golden_get(record, keys[n]) != NULL) {
        operands[n] = operand_from_text(golden_get(record, keys[n]));
        n++;
    }
    return n;
}

/* Calls the operation of a record; an in-place one on in0, or for grad_fn.txt on in0 * 1. */
static cor_tensor *run(const golden_record *record, bool on_product) {
    cor_operand operands[3];
    int n = read_operands(record, operands);
    if (on_product && record->name[strlen(record->name) - 1] == '_') operands[0] = COR_OPERAND(cor_mul(operands[0], 1));
    return call_elementwise(record->name, operands, n, golden_get(record, "options"));
}

/* Rounding to decimals is not ours; a rounding_mode that does not exist cannot be written, nor the type of an alpha. */
static bool is_ours(const golden_record *record) {
    golden_pair pair;
    const char *options = golden_get(record, "options");
    if (golden_option(options, "decimals", &pair)) return false;
    if (golden_option(options, "alpha", &pair) && strcmp(pair.value, "2.0") == 0) return false;
    if (golden_option(options, "rounding_mode", &pair) && strcmp(pair.value, "up") == 0) return false;
    return is_elementwise(record->name);
}

/* What a record of ops.txt expects: an error, a result within ulps of the right one, or exactly a result. */
static void check_result(const golden_record *record) {
    golden_tensor expected;
    cor_scope();
    cor_tensor *t = run(record, false);
    if (golden_get(record, "error") != NULL) {
        if (t != NULL || strcmp(cor_error_message(), record->text) != 0)
            fail_msg("record %d: \"%s\" instead of \"%s\"", record->number, cor_error_message(), record->text);
        cor_error_clear();
        return;
    }
    if (t == NULL) fail_msg("record %d (%s): %s", record->number, record->name, cor_error_message());
    if (golden_get(record, "ref0") != NULL) {
        assert_true(golden_parse_tensor(golden_get(record, "ref0"), &expected));
        int64_t ulps = strtoll(golden_get(record, "ulps"), NULL, 10);
        if (!is_within_ulps(t, &expected, ulps))
            fail_msg("record %d (%s): %s is not within %lld of %s", record->number, record->name, cor_repr(t, NULL),
                     (long long)ulps, golden_get(record, "ref0"));
        return;
    }
    assert_true(golden_parse_tensor(golden_get(record, "out0"), &expected));
    if (!tensor_matches(t, &expected))
        fail_msg("record %d (%s): %s is not %s", record->number, record->name, cor_repr(t, NULL),
                 golden_get(record, "out0"));
}

static void check_grad_fn(const golden_record *record) {
    cor_scope();
    const char *expected = golden_get(record, "grad_fn0");
    cor_tensor *t = run(record, true);
    if (t == NULL) fail_msg("record %d (%s): %s", record->number, record->name, cor_error_message());
    const char *name = cor_grad_fn(t) == NULL ? "none" : cor_grad_fn(t);
    if (strcmp(name, expected) != 0)
        fail_msg("record %d (%s): %s, not %s", record->number, record->name, name, expected);
    assert_int_equal(cor_requires_grad(t), strcmp(golden_get(record, "requires_grad0"), "true") == 0);
}

/* Checks the records of a file that are ours, of which there are at least `least`. */
static void check_file(const char *name, void (*check)(const golden_record *record), int least) {
    golden_file *file = golden_open(name);
    golden_record record;
    int n = 0, more;
    assert_non_null(file);
    while ((more = golden_next(file, &record)) > 0) {
        if (!is_ours(&record)) continue;
        check(&record);
        n++;
    }
    golden_close(file);
    assert_int_equal(more, 0);
    assert_true(n >= least);
}

static void results(void **state) {
    (void)state;
    cor_isa before = cor_isa_chosen();
    for (size_t i = 0; i < sizeof ISAS / sizeof ISAS[0]; i++) {
        if (!cor_isa_available(ISAS[i])) continue;
        assert_int_equal(cor_set_isa(ISAS[i]), COR_OK);
        check_file("ops.txt", check_result, 800);
    }
    assert_int_equal(cor_set_isa(before), COR_OK);
}

static void errors(void **state) {
    (void)state;
    check_file("op_errors.txt", check_result, 60);
}

static void grad_fns(void **state) {
    (void)state;
    check_file("grad_fn.txt", check_grad_fn, 120);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(results), cmocka_unit_test(errors), cmocka_unit_test(grad_fns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
