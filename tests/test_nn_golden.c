/* The layers against PyTorch: what they print, the bits they begin with, and what they compute. */
#include "support/golden.h"
#include "support/modules.h"
#include "support/tensors.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A record whose layer the library does not have. */
static int passed_over;

static cor_module *build(const golden_record *record) {
    const char *notation = golden_get(record, "module");
    cor_module *m = module_from_text(notation);
    if (m == NULL && cor_error() != COR_OK)
        fail_msg("record %d: %s: %s", record->number, notation, cor_error_message());
    if (m == NULL) {
        printf("passed over: %s\n", notation);
        passed_over++;
    }
    return m;
}

static void reprs(void **state) {
    (void)state;
    golden_file *file = golden_open("modules.txt");
    golden_record record;
    int checked = 0;
    passed_over = 0;
    while (golden_next(file, &record) == 1) {
        cor_scope();
        cor_module *m = build(&record);
        if (m == NULL) continue;
        char *text = cor_module_repr(m);
        assert_non_null(text);
        if (strcmp(text, record.text) != 0)
            fail_msg("record %d: expected\n%s\ngot\n%s", record.number, record.text, text);
        cor_free_text(text);
        checked++;
    }
    golden_close(file);
    printf("%d reprs, %d passed over\n", checked, passed_over);
    assert_true(checked >= 100);
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
    golden_record record;
    int checked = 0;
    passed_over = 0;
    while (golden_next(file, &record) == 1) {
        cor_scope();
        cor_manual_seed(strtoull(golden_get(&record, "seed"), NULL, 10));
        cor_module *m = build(&record);
        if (m == NULL) continue;
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
    printf("%d layers' first bits, %d passed over\n", checked, passed_over);
    assert_true(checked >= 80);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reprs), cmocka_unit_test(first_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
