/* The golden files can be read to their end, hold what they promise, and the reader fills tensors as PyTorch does. */
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The fewest records that each file may have. */
static const struct {
    const char *name;
    int records;
} FILES[] = {
    {"format.txt", 100},      {"printing.txt", 450},  {"promotion.txt", 350}, {"conv.txt", 2200},
    {"conv_errors.txt", 300}, {"resize.txt", 500},    {"norm.txt", 200},      {"modules.txt", 80},
    {"layers.txt", 100},      {"hooks.txt", 11},      {"init.txt", 60},       {"module_errors.txt", 100},
    {"ops.txt", 600},         {"op_errors.txt", 200}, {"grad_fn.txt", 300},   {"creation.txt", 1400},
    {"safetensors.txt", 60},  {"summary.txt", 19},
};

/* Whether the key is `word` or `word` and a number. */
static bool is_numbered(const char *key, const char *word) {
    size_t letters = strcspn(key, "0123456789");
    return strlen(word) == letters && strncmp(word, key, letters) == 0;
}

/* Whether a field holds an operand or a result. */
static bool holds_operand(const char *key) {
    static const char *const KEYS[] = {"in", "out", "ref", "input", "weight", "bias", NULL};
    for (const char *const *k = KEYS; *k; k++)
        if (is_numbered(key, *k)) return true;
    return false;
}

static void check_operand(const char *file, const golden_record *record, const char *value) {
    golden_tensor tensor;
    golden_number number;
    if (golden_is_none(value) || golden_parse_number(value, &number)) return;
    if (!golden_parse_tensor(value, &tensor)) fail_msg("%s:%d: not an operand: %s", file, record->line, value);
}

static void check_options(const char *file, const golden_record *record, const char *options) {
    golden_pair pair;
    const char *cursor = options;
    while (golden_next_pair(&cursor, &pair)) {
    }
    if (*cursor) fail_msg("%s:%d: not options: %s", file, record->line, cursor);
}

static void check_record(const char *file, const golden_record *record) {
    for (int i = 0; i < record->n_fields; i++) {
        const char *key = record->fields[i].key, *value = record->fields[i].value, *space = strchr(value, ' ');
        golden_call call;
        if (holds_operand(key)) check_operand(file, record, value);
        if (is_numbered(key, "state")) check_operand(file, record, space ? space + 1 : "");
        if (strcmp(key, "options") == 0) check_options(file, record, value);
        if (strcmp(key, "error") == 0 && !record->text) fail_msg("%s:%d: no text", file, record->line);
        if (strcmp(key, "module") == 0 && !golden_parse_call(value, &call))
            fail_msg("%s:%d: not a call: %s", file, record->line, value);
    }
}

static void every_file_reads_to_its_end(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        golden_file *file = golden_open(FILES[i].name);
        assert_non_null(file);
        golden_record record;
        int count = 0, more;
        while ((more = golden_next(file, &record)) == 1) {
            assert_int_equal(record.number, ++count);
            check_record(FILES[i].name, &record);
        }
        assert_int_equal(more, 0);
        golden_close(file);
        if (count < FILES[i].records) fail_msg("%s has only %d records", FILES[i].name, count);
    }
}

static void tensors_are_filled_as_pytorch_fills_them(void **state) {
    (void)state;
    golden_file *file = golden_open("format.txt");
    assert_non_null(file);
    golden_record record;
    while (golden_next(file, &record) == 1) {
        golden_tensor tensor, expected;
        assert_true(golden_parse_tensor(golden_get(&record, "in0"), &tensor));
        assert_true(golden_parse_tensor(golden_get(&record, "out0"), &expected));
        size_t size = (size_t)tensor.count * golden_dtype_size(tensor.dtype);
        unsigned char *bytes = malloc(size + 1);
        assert_non_null(bytes);
        golden_fill(&tensor, bytes);
        if (!golden_matches(&expected, bytes)) fail_msg("format.txt:%d: filled otherwise", record.line);
        if (size > 0) {
            bytes[size - 1] ^= 1;
            if (golden_matches(&expected, bytes) && tensor.fill != GOLDEN_HEX) fail_msg("a wrong bit goes unseen");
        }
        free(bytes);
    }
    golden_close(file);
}

static void fnv_gives_its_published_values(void **state) {
    (void)state;
    assert_true(golden_fnv1a("", 0) == 0xcbf29ce484222325u);
    assert_true(golden_fnv1a("a", 1) == 0xaf63dc4c8601ec8cu);
    assert_true(golden_fnv1a("foobar", 6) == 0x85944171f73967e8u);
}

static void tensors_of_the_notation_are_understood(void **state) {
    (void)state;
    golden_tensor t;
    assert_true(golden_parse_tensor("float32 [2,3] formula:5,1,7,3,4 transpose(0,1) slice(1,0,2,1) requires_grad", &t));
    assert_int_equal(t.dtype, GOLDEN_FLOAT32);
    assert_int_equal(t.ndim, 2);
    assert_int_equal(t.count, 6);
    assert_true(t.divided && t.formula[4] == 4 && t.requires_grad && !t.parameter);
    assert_int_equal(t.n_steps, 2);
    assert_string_equal(t.steps[1].name, "slice");
    assert_int_equal(t.steps[1].count, 4);
    assert_int_equal(t.steps[1].arguments[2], 2);
    assert_false(golden_parse_tensor("number int 3", &t));
    assert_false(golden_parse_tensor("float33 [2] formula:1,1,1,1", &t));
    assert_false(golden_parse_tensor("int8 [2] hex:00", &t));
    assert_false(golden_parse_tensor("int8 [2] formula:1,1", &t));
    assert_false(golden_parse_tensor("int8 [2 hex:0000", &t));
    assert_false(golden_parse_tensor("int8 [2] hex:0000 stride", &t));
}

static void a_nan_stands_for_any_nan(void **state) {
    (void)state;
    golden_tensor expected;
    const uint32_t nan = 0xffc00001, infinity = 0x7f800000;
    assert_true(golden_parse_tensor("float32 [1] hex:0000c07f", &expected));
    assert_true(golden_matches(&expected, &nan));
    assert_false(golden_matches(&expected, &infinity));
}

static void options_are_split(void **state) {
    (void)state;
    const char *options = "stride=[2,-1] padding=same ceil_mode=true value=1e-05 size=[none,3] last=none dilation=3";
    int64_t values[GOLDEN_DIMS];
    golden_pair pair;
    assert_int_equal(golden_option_ints(options, "stride", values), 2);
    assert_true(values[0] == 2 && values[1] == -1);
    assert_int_equal(golden_option_ints(options, "size", values), 2);
    assert_true(values[0] == INT64_MIN && values[1] == 3);
    assert_int_equal(golden_option_ints(options, "dilation", values), 1);
    assert_int_equal(golden_option_ints(options, "groups", values), -1);
    assert_true(golden_option(options, "padding", &pair));
    assert_string_equal(pair.value, "same");
    assert_true(golden_option_bool(options, "ceil_mode", false));
    assert_true(golden_option_double(options, "value", 0) == 1e-05);
    assert_int_equal(golden_option_int(options, "last", 7), 7);
    assert_false(golden_option(NULL, "padding", &pair));
}

static void numbers_are_read(void **state) {
    (void)state;
    golden_number number;
    assert_true(golden_parse_number("number float 2.5", &number));
    assert_true(number.kind == 'f' && number.real == 2.5);
    assert_true(golden_parse_number("number bool true", &number));
    assert_true(number.kind == 'b' && number.integer == 1 && number.real == 1);
    assert_true(golden_parse_number("number int -3", &number));
    assert_true(number.kind == 'i' && number.integer == -3 && number.real == -3);
    assert_false(golden_parse_number("none", &number));
}

static void calls_are_split(void **state) {
    (void)state;
    golden_call call;
    assert_true(
        golden_parse_call("Sequential(Conv2d(3, 6, stride=(1,2)), last=Custom(A, extra=\"x=1, (y\"), None)", &call));
    assert_string_equal(call.name, "Sequential");
    assert_int_equal(call.count, 3);
    assert_string_equal(call.arguments[0].name, "");
    assert_string_equal(call.arguments[0].value, "Conv2d(3, 6, stride=(1,2))");
    assert_string_equal(call.arguments[1].name, "last");
    assert_string_equal(call.arguments[1].value, "Custom(A, extra=\"x=1, (y\")");
    assert_string_equal(call.arguments[2].value, "None");
    assert_true(golden_parse_call("ReLU()", &call));
    assert_int_equal(call.count, 0);
    assert_false(golden_parse_call("ReLU", &call));
    assert_false(golden_parse_call("ReLU(a", &call));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_reads_to_its_end),
        cmocka_unit_test(tensors_are_filled_as_pytorch_fills_them),
        cmocka_unit_test(fnv_gives_its_published_values),
        cmocka_unit_test(tensors_of_the_notation_are_understood),
        cmocka_unit_test(a_nan_stands_for_any_nan),
        cmocka_unit_test(options_are_split),
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(calls_are_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
