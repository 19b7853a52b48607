/* The layers against PyTorch: what they print, the bits they begin with, and what they compute. */
#include "support/elementwise.h"
#include "support/modules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static cor_module *build(const golden_record *record) {
    const char *notation = golden_get(record, "module");
    cor_module *m = module_from_text(notation);
    if (m == NULL) fail_msg("record %d: %s: %s", record->number, notation, cor_error_message());
    return m;
}

/* PyTorch shows a number as it was given, an int as "2"; C's options are doubles and show "2.0". These records have an
 * int there, and their texts differ in nothing else. */
static bool has_int_for_double(const char *notation) {
    static const char *const those[] = {"Softplus(2, 10)",
                                        "Hardtanh(-2, 2.5, inplace=True)",
                                        "Softshrink(1)",
                                        "Threshold(0.1, 20)",
                                        "Dropout3d(1)",
                                        "BatchNorm3d(3, eps=1e-12, momentum=1)",
                                        "ConstantPad2d((1,0,2,0), 3)"};
    for (size_t i = 0; i < sizeof those / sizeof those[0]; i++)
        if (strcmp(notation, those[i]) == 0) return true;
    return false;
}

/* Takes ".0" off the numbers that end in it. */
static void shorten(char *text) {
    for (char *at; (at = strstr(text, ".0")) != NULL && strchr(",)", at[2]) != NULL;)
        memmove(at, at + 2, strlen(at + 1));
}

static bool check_repr(const golden_record *record, char *text) {
    const char *notation = golden_get(record, "module");
    const bool shortened = has_int_for_double(notation);
    if (shortened) {
        assert_string_not_equal(text, record->text);
        printf("passed over: %s: an int where C has a double\n", notation);
        shorten(text);
    }
    if (strcmp(text, record->text) != 0)
        fail_msg("record %d: expected\n%s\ngot\n%s", record->number, record->text, text);
    return shortened;
}

static void reprs(void **state) {
    (void)state;
    golden_file *file = golden_open("modules.txt");
    golden_record record;
    int checked = 0, passed_over = 0;
    while (golden_next(file, &record) == 1) {
        cor_scope();
        cor_module *m = build(&record);
        char *text = cor_module_repr(m);
        assert_non_null(text);
        passed_over += check_repr(&record, text);
        cor_free_text(text);
        checked++;
    }
    golden_close(file);
    printf("%d reprs, %d of them but for the numbers\n", checked, passed_over);
    assert_true(checked >= 200);
    assert_int_equal(passed_over, 7);
}

/* "weight float32 [2,3] hex:..." against the entry of that name. */
static void check_state(const golden_record *record, const cor_dict *dict, int i, const char *expected) {
    char name[256];
    golden_tensor tensor;
    size_t length = strcspn(expected, " ");
    snprintf(name, sizeof name, "%.*s", (int)length, expected);
    if (cor_dict_name_at(dict, i) == NULL || strcmp(cor_dict_name_at(dict, i), name) != 0)
        fail_msg("record %d: entry %d is %s, expected %s", record->number, i, cor_dict_name_at(dict, i), name);
    assert_true(golden_parse_tensor(expected + length + 1, &tensor));
    if (!tensor_matches(cor_dict_tensor_at(dict, i), &tensor))
        fail_msg("record %d: %s: %s differs", record->number, golden_get(record, "module"), name);
}

static void first_bits(void **state) {
    (void)state;
    golden_file *file = golden_open("init.txt");
    const cor_rng flavour = cor_rng_flavour(); /* the file was made by PyTorch's kernels for AVX2 */
    assert_int_equal(cor_set_rng_flavour(COR_RNG_AVX2), COR_OK);
    golden_record record;
    int checked = 0;
    while (golden_next(file, &record) == 1) {
        cor_scope();
        cor_manual_seed(strtoull(golden_get(&record, "seed"), NULL, 10));
        cor_module *m = build(&record);
        cor_dict *dict = cor_state_dict(m);
        int n = 0;
        char key[32];
        for (;; n++) {
            snprintf(key, sizeof key, "state%d", n);
            if (golden_get(&record, key) == NULL) break;
            check_state(&record, dict, n, golden_get(&record, key));
        }
        assert_int_equal(cor_dict_count(dict), n);
        cor_tensor *next = cor_random_(cor_empty_of(COR_INT64, 1));
        if (cor_item_int(next) != strtoll(golden_get(&record, "next"), NULL, 10))
            fail_msg("record %d: %s leaves the stream elsewhere", record.number, golden_get(&record, "module"));
        checked++;
    }
    golden_close(file);
    assert_int_equal(cor_set_rng_flavour(flavour), COR_OK);
    printf("%d layers' first bits\n", checked);
    assert_true(checked >= 80);
}

/* Puts the record's "NAME TENSOR" fields in the place of the module's own state. */
static void load_state(cor_module *m, const golden_record *record) {
    char key[32], name[256];
    const char *entry;
    cor_dict *dict = cor_dict_new();
    for (int i = 0; snprintf(key, sizeof key, "state%d", i), (entry = golden_get(record, key)) != NULL; i++) {
        size_t length = strcspn(entry, " ");
        snprintf(name, sizeof name, "%.*s", (int)length, entry);
        assert_int_equal(cor_dict_set(dict, name, tensor_from_text(entry + length + 1)), COR_OK);
    }
    if (cor_load_state_dict(m, dict) != COR_OK) fail_msg("record %d: %s", record->number, cor_error_message());
}

/* PyTorch's vectors give 0 where Softshrink's last elements, one at a time, give -0: test_elementwise_values.c has it.
 */
static bool is_softshrink(const golden_record *record) {
    return strncmp(golden_get(record, "module"), "Softshrink(", strlen("Softshrink(")) == 0;
}

static void forwards(void **state) {
    (void)state;
    golden_file *file = golden_open("layers.txt");
    golden_record record;
    int checked = 0;
    while (golden_next(file, &record) == 1) {
        if (is_softshrink(&record)) continue;
        cor_scope();
        cor_module *m = build(&record);
        load_state(m, &record);
        cor_eval(m);
        cor_tensor *out = cor_call(m, tensor_from_text(golden_get(&record, "in0")));
        const char *module = golden_get(&record, "module");
        if (out == NULL) fail_msg("record %d: %s: %s", record.number, module, cor_error_message());
        if (!result_is_right(out, &record)) fail_msg("record %d: %s gives something else", record.number, module);
        checked++;
    }
    golden_close(file);
    printf("%d forwards\n", checked);
    assert_true(checked >= 130);
}

/* Applies "remove KEY" or "put KEY TENSOR"; false for a number, which no cor_dict can hold. */
static bool edit(cor_dict *dict, const char *text) {
    char key[256];
    const char *start = strchr(text, ' ') + 1;
    size_t length = strcspn(start, " ");
    snprintf(key, sizeof key, "%.*s", (int)length, start);
    if (strncmp(text, "remove ", 7) == 0) return cor_dict_delete(dict, key) == COR_OK;
    golden_tensor tensor;
    if (golden_is_none(start + length + 1)) return cor_dict_set(dict, key, COR_NONE) == COR_OK;
    if (!golden_parse_tensor(start + length + 1, &tensor)) return false;
    return cor_dict_set(dict, key, tensor_from_golden(&tensor)) == COR_OK;
}

/* A copy without versions, as a checkpoint that is a plain dict. */
static cor_dict *without_versions(const cor_dict *dict) {
    cor_dict *copy = cor_dict_new();
    for (int64_t i = 0; i < cor_dict_count(dict); i++)
        assert_int_equal(cor_dict_set(copy, cor_dict_name_at(dict, i), cor_dict_tensor_at(dict, i)), COR_OK);
    return copy;
}

static void append_names(char *text, size_t size, const char *title, const cor_dict *names) {
    size_t used = strlen(text);
    used += (size_t)snprintf(text + used, size - used, "%s=[", title);
    for (int64_t i = 0; i < cor_dict_count(names); i++)
        used += (size_t)snprintf(text + used, size - used, "%s'%s'", i > 0 ? ", " : "", cor_dict_name_at(names, i));
    snprintf(text + used, size - used, "]");
}

/* What PyTorch prints of load_state_dict's result. */
static void describe(char *text, size_t size, const cor_dict *missing, const cor_dict *unexpected) {
    if (cor_dict_count(missing) == 0 && cor_dict_count(unexpected) == 0) {
        snprintf(text, size, "<All keys matched successfully>");
        return;
    }
    snprintf(text, size, "_IncompatibleKeys(");
    append_names(text, size, "missing_keys", missing);
    strncat(text, ", ", size - strlen(text) - 1);
    append_names(text, size, "unexpected_keys", unexpected);
    strncat(text, ")", size - strlen(text) - 1);
}

static bool check_load(const golden_record *record) {
    static char text[1 << 14];
    char key[32];
    const char *change;
    cor_scope();
    cor_module *from = build(record), *to = build(record);
    cor_dict *dict = cor_state_dict(from), *missing = NULL, *unexpected = NULL;
    for (int i = 0; snprintf(key, sizeof key, "edit%d", i), (change = golden_get(record, key)) != NULL; i++)
        if (!edit(dict, change)) return false;
    if (golden_get(record, "metadata") != NULL) dict = without_versions(dict);
    const char *strict = golden_get(record, "strict");
    int code = cor_load_state_dict(to, dict, .strict = strict == NULL || strcmp(strict, "true") == 0,
                                   .missing = &missing, .unexpected = &unexpected);
    if ((code != COR_OK) != (golden_get(record, "error") != NULL))
        fail_msg("record %d: %s", record->number, code == COR_OK ? "is accepted" : cor_error_message());
    if (code == COR_OK) describe(text, sizeof text, missing, unexpected);
    else snprintf(text, sizeof text, "%s", cor_error_message());
    cor_error_clear();
    if (strcmp(text, record->text) != 0)
        fail_msg("record %d: expected\n%s\ngot\n%s", record->number, record->text, text);
    return true;
}

static void loads(void **state) {
    (void)state;
    golden_file *file = golden_open("module_errors.txt");
    golden_record record;
    int checked = 0, skipped = 0;
    while (golden_next(file, &record) == 1) {
        if (strcmp(record.name, "load") != 0) continue;
        bool done = check_load(&record);
        if (!done) printf("passed over: record %d: a dict holds no number\n", record.number);
        checked += done;
        skipped += !done;
    }
    golden_close(file);
    printf("%d loads, %d passed over\n", checked, skipped);
    assert_true(checked >= 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reprs), cmocka_unit_test(first_bits),
                                       cmocka_unit_test(forwards), cmocka_unit_test(loads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
