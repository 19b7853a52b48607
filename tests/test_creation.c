/* Tensors from sizes, ranges and text have PyTorch's bits, and are refused with its texts. */
#include "support/comma_locale.h"
#include "support/elementwise.h"
#include "support/scenario.h"
#include "support/tensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the records of creation.txt -------------------------------------------------------------------------------- */

static cor_dtype dtype_option(const char *options) {
    golden_pair pair;
    golden_dtype dtype;
    if (!golden_option(options, "dtype", &pair)) return COR_DTYPE_UNSET;
    assert_true(golden_parse_dtype(pair.value, &dtype));
    return (cor_dtype)dtype;
}

static cor_operand operand(const golden_record *record, const char *key) {
    return operand_from_text(golden_get(record, key));
}

static cor_tensor *run_arange(const golden_record *record, const char *options) {
    return cor_arange(operand(record, "start"), operand(record, "end"),
                      .step = golden_option_double(options, "step", 1), .dtype = dtype_option(options));
}

static cor_tensor *run_linspace(const golden_record *record, const char *options) {
    cor_operand start = operand(record, "start"), end = operand(record, "end");
    int64_t steps = golden_option_int(options, "steps", 0);
    if (dtype_option(options) == COR_DTYPE_UNSET) return cor_linspace(start, end, steps);
    return cor_linspace(start, end, steps, .dtype = dtype_option(options));
}

static cor_tensor *run_eye(const golden_record *record, const char *options) {
    (void)record;
    int64_t n = golden_option_int(options, "n", 0), m = golden_option_int(options, "m", COR_UNSET);
    if (dtype_option(options) == COR_DTYPE_UNSET) return cor_eye(n, .m = m);
    return cor_eye(n, .m = m, .dtype = dtype_option(options));
}

static cor_tensor *run_sized(const golden_record *record, const char *options) {
    int64_t sizes[GOLDEN_DIMS];
    int n = golden_option_ints(options, "sizes", sizes);
    if (strcmp(record->name, "zeros") == 0) return cor_zeros_sized(COR_FLOAT32, sizes, n);
    if (strcmp(record->name, "ones") == 0) return cor_ones_sized(COR_FLOAT32, sizes, n);
    if (strcmp(record->name, "empty") == 0) return cor_empty_sized(COR_FLOAT32, sizes, n);
    return cor_full_sized(dtype_option(options), operand(record, "number"), sizes, n);
}

static cor_tensor *run_full_like(const golden_record *record, const char *options) {
    cor_tensor *t = tensor_from_text(golden_get(record, "in0"));
    cor_tensor *full = cor_full_like(t, operand(record, "number"), .dtype = dtype_option(options));
    int64_t strides[GOLDEN_DIMS];
    char text[GOLDEN_WORD] = "strides=";
    strncat(text, golden_get(record, "strides"), sizeof text - strlen(text) - 1);
    int n = golden_option_ints(text, "strides", strides);
    assert_int_equal(n, cor_dim(full));
    for (int i = 0; i < n; i++) assert_int_equal(cor_stride(full, i), strides[i]);
    return full;
}

static cor_tensor *run_text(const golden_record *record, const char *options) {
    return cor_tensor_text(golden_get(record, "source"), .dtype = dtype_option(options));
}

static const struct {
    const char *name;
    cor_tensor *(*run)(const golden_record *record, const char *options);
} RUNS[] = {
    {"arange", run_arange}, {"linspace", run_linspace},   {"eye", run_eye},
    {"full", run_sized},    {"zeros", run_sized},         {"ones", run_sized},
    {"empty", run_sized},   {"full_like", run_full_like}, {"text", run_text},
};

static bool check_record(const golden_record *record) {
    for (size_t i = 0; i < sizeof RUNS / sizeof RUNS[0]; i++) {
        if (strcmp(RUNS[i].name, record->name) != 0) continue;
        cor_scope();
        tensor_check("creation.txt", record, RUNS[i].run(record, golden_get(record, "options")));
        return true;
    }
    return false;
}

static void every_golden_tensor(void **state) {
    (void)state;
    assert_int_equal(cor_set_rng_flavour(COR_RNG_AVX2), COR_OK); /* the build that made the file */
    golden_file *file = golden_open("creation.txt");
    assert_non_null(file);
    golden_record record;
    int checked = 0, more;
    while ((more = golden_next(file, &record)) == 1) checked += check_record(&record);
    assert_int_equal(more, 0);
    golden_close(file);
    assert_true(checked >= 800);
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static void expect(cor_tensor *t, const char *notation) {
    cor_tensor *expected = tensor_from_text(notation);
    if (t == NULL) fail_msg("expected %s, got: %s", notation, cor_error_message());
    assert_int_equal(cor_dtype_of(t), cor_dtype_of(expected));
    assert_int_equal(cor_dim(t), cor_dim(expected));
    for (int i = 0; i < cor_dim(t); i++) assert_int_equal(cor_size(t, i), cor_size(expected, i));
    size_t bytes = (size_t)(cor_numel(t) * cor_dtype_size(cor_dtype_of(t)));
    if (bytes > 0) assert_memory_equal(cor_data_const(t), cor_data_const(expected), bytes);
}

static void expect_error(const cor_tensor *t, int code, const char *text) {
    assert_null(t);
    assert_string_equal(cor_error_message(), text);
    assert_int_equal(cor_error(), code);
    cor_error_clear();
}

static void sizes_are_arguments(void **state) {
    (void)state;
    cor_scope();
    expect(cor_zeros(2, 3), "float32 [2,3] arange:0,0");
    expect(cor_zeros(), "float32 [] arange:0,0");
    expect(cor_ones(2), "float32 [2] arange:1,0");
    expect(cor_ones_of(COR_INT8, 2, 2), "int8 [2,2] arange:1,0");
    expect(cor_zeros_of(COR_BOOL, 3), "bool [3] hex:000000");
    expect(cor_full(7, 2), "int64 [2] arange:7,0");
    expect(cor_full(0.5, 1, 2), "float32 [1,2] arange:0.5,0");
    expect(cor_full((bool)1), "bool [] hex:01"); /* C's own true is an int */
    expect(cor_full_of(COR_FLOAT64, 3, 2), "float64 [2] arange:3,0");
    expect(cor_full(cor_scalar(2.5), 2), "float32 [2] arange:2.5,0");
    assert_int_equal(cor_dim(cor_empty(4, 5, 6)), 3);
    assert_int_equal(cor_dtype_of(cor_empty_of(COR_INT16, 2)), COR_INT16);
    cor_tensor *t = cor_ones_of(COR_INT32, 2, 2);
    expect(cor_zeros_like(t), "int32 [2,2] arange:0,0");
    expect(cor_ones_like(t, .dtype = COR_BOOL), "bool [2,2] hex:01010101");
    assert_int_equal(cor_dtype_of(cor_empty_like(t)), COR_INT32);
    expect(cor_arange(0, cor_scalar(3)), "int64 [3] arange:0,1");
    expect(cor_arange(cor_scalar(0.5), 3), "float32 [3] arange:0.5,1");
    expect(cor_linspace(cor_scalar(0), 4, 3), "float32 [3] arange:0,2");
    assert_int_equal(cor_error(), COR_OK);
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *two = cor_ones(2), *none = NULL;
    expect_error(cor_linspace(two, 1, 3), COR_ESHAPE,
                 "linspace only supports 0-dimensional start and end tensors, but got start with 1 dimension(s).");
    expect_error(cor_linspace(1, two, 3), COR_ESHAPE,
                 "linspace only supports 0-dimensional start and end tensors, but got end with 1 dimension(s).");
    expect_error(cor_arange(0, none), COR_EVALUE, "arange: end is NULL, a failed or missing tensor, not a number");
    expect_error(cor_full(COR_NONE, 2), COR_EVALUE, "full: the number is COR_NONE, not a number");
    expect_error(cor_full(two, 2), COR_ESHAPE,
                 "full: the number must be a number or a tensor of no dimensions, got [2]");
    expect_error(cor_zeros_like(none), COR_EVALUE, "zeros_like: the tensor is NULL, a failed or missing tensor");
    expect_error(cor_tensor_text(NULL), COR_EVALUE, "tensor_text: the text is NULL");
    expect_error(cor_zeros_of((cor_dtype)77, 2), COR_EDTYPE, "77 is not a dtype");
    expect_error(cor_arange(0, 2, .dtype = (cor_dtype)77), COR_EDTYPE, "77 is not a dtype");
    expect_error(cor_linspace(0, 2, 2, .dtype = (cor_dtype)77), COR_EDTYPE, "77 is not a dtype");
    expect_error(cor_tensor_text("[1]", .dtype = (cor_dtype)77), COR_EDTYPE, "77 is not a dtype");
    expect_error(cor_eye(2, .dtype = (cor_dtype)77), COR_EDTYPE, "77 is not a dtype");
}

static void a_pending_error_stays(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_ones(2);
    cor_error_set(COR_EIO, "earlier");
    assert_null(cor_zeros(2));
    assert_null(cor_full(1, 2));
    assert_null(cor_ones_like(t));
    assert_null(cor_eye(2));
    assert_null(cor_arange(0, 2));
    assert_null(cor_linspace(0, 2, 3));
    assert_null(cor_tensor_text("[1]"));
    assert_int_equal(cor_error(), COR_EIO);
    cor_error_clear();
}

/* ---- text ------------------------------------------------------------------------------------------------------- */

static void malformed_text_is_refused_with_the_byte(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int code;
        const char *error;
    } cases[] = {
        {"", COR_EFORMAT, "tensor text: expected a number or a list at byte 0, got the end"},
        {"  ", COR_EFORMAT, "tensor text: expected a number or a list at byte 2, got the end"},
        {"[1, 2", COR_EFORMAT, "tensor text: expected ',' or ']' at byte 5, got the end"},
        {"[1, 2,", COR_EFORMAT, "tensor text: expected a number or a list at byte 6, got the end"},
        {"[1 2]", COR_EFORMAT, "tensor text: expected ',' or ']' at byte 3, got '2'"},
        {"[,]", COR_EFORMAT, "tensor text: expected a number or a list at byte 1, got ','"},
        {"[1,,2]", COR_EFORMAT, "tensor text: expected a number or a list at byte 3, got ','"},
        {"]", COR_EFORMAT, "tensor text: expected a number or a list at byte 0, got ']'"},
        {"[1]]", COR_EFORMAT, "tensor text: expected the end at byte 3, got ']'"},
        {"[1], [2]", COR_EFORMAT, "tensor text: expected the end at byte 3, got ','"},
        {"[1, two]", COR_EFORMAT, "tensor text: expected a number or a list at byte 4, got 't'"},
        {"[0x10]", COR_EFORMAT, "tensor text: expected ',' or ']' at byte 2, got 'x'"},
        {"[1,5e]", COR_EFORMAT, "tensor text: expected ',' or ']' at byte 4, got 'e'"},
        {"infinity", COR_EFORMAT, "tensor text: expected the end at byte 3, got 'i'"},
        {"nan(1)", COR_EFORMAT, "tensor text: expected the end at byte 3, got '('"},
        {"-", COR_EFORMAT, "tensor text: expected a number or a list at byte 0, got '-'"},
        {".", COR_EFORMAT, "tensor text: expected a number or a list at byte 0, got '.'"},
        {"-True", COR_EFORMAT, "tensor text: expected a number or a list at byte 0, got '-'"},
        {"[1, [2]]", COR_EFORMAT, "tensor text: expected a number at dim 1, got a list at byte 4"},
        {"[[1], 2]", COR_EFORMAT, "tensor text: expected a list at dim 1, got a number at byte 6"},
        {"[[], [1]]", COR_EFORMAT, "expected sequence of length 0 at dim 1 (got 1)"},
        {"[[], [[]]]", COR_EFORMAT, "expected sequence of length 0 at dim 1 (got 1)"},
        {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", COR_ELIMIT,
         "tensor text: more than 16 lists in one another at byte 16"},
    };
    cor_scope();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_error(cor_tensor_text(cases[i].text), cases[i].code, cases[i].error);
}

/* Millions of brackets must not need a stack. */
static void deep_text_needs_no_stack(void **state) {
    (void)state;
    cor_scope();
    enum { DEEP = 1000000 };
    char *text = malloc(DEEP + 1);
    assert_non_null(text);
    memset(text, '[', DEEP);
    text[DEEP] = '\0';
    assert_null(cor_tensor_text(text));
    assert_int_equal(cor_error(), COR_ELIMIT);
    cor_error_clear();
    free(text);
}

static void words_for_what_is_not_finite(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_tensor_text(" [nan, inf,\n\t-inf, -nan, 1e5] ");
    assert_non_null(t);
    const float *x = cor_data_const(t);
    assert_true(isnan(x[0]) && isnan(x[3]));
    assert_true(x[1] == INFINITY && x[2] == -INFINITY && x[4] == 1e5F);
    expect(cor_tensor_text("[nan, 0, -inf]", .dtype = COR_BOOL), "bool [3] hex:010001");
    expect_error(cor_tensor_text("[nan]", .dtype = COR_INT8), COR_EVALUE,
                 "value cannot be converted to type int8 without overflow");
    expect(cor_tensor_text("[ [ ] , [ ] ]"), "float32 [2,0] arange:0,0");
}

static void text_has_a_point_under_a_decimal_comma(void **state) {
    (void)state;
    cor_scope();
    if (!enter_comma_locale()) skip();
    cor_tensor *t = cor_tensor_text("[1.5, 2,5]");
    leave_comma_locale();
    expect(t, "float32 [3] hex:0000c03f000000400000a040");
}

/* ---- running out of memory -------------------------------------------------------------------------------------- */

static int make_all(void *context, scenario_hash *hash) {
    (void)context;
    cor_tensor *all[] = {cor_zeros(3, 4),
                         cor_full(2, 3),
                         cor_eye(3),
                         cor_arange(0, 10),
                         cor_linspace(0, 1, 11),
                         cor_tensor_text("[[1, 2], [3, 4]]"),
                         cor_full_like(cor_transpose(cor_ones(2, 3), 0, 1), 3)};
    for (size_t i = 0; i < sizeof all / sizeof all[0] && cor_error() == COR_OK; i++)
        scenario_feed(hash, cor_data_const(all[i]), (size_t)(cor_numel(all[i]) * cor_dtype_size(cor_dtype_of(all[i]))));
    return cor_error();
}

static void memory_runs_out_everywhere(void **state) {
    (void)state;
    assert_true(scenario_run("creation", make_all, NULL) > 10);
}

static int print_all(void *context, scenario_hash *hash) {
    (void)context;
    cor_tensor *t = cor_requires_grad_(cor_arange(0, 2000, .dtype = COR_FLOAT64), true);
    char *text = cor_repr(cor_mul(t, 2), NULL), *empty = cor_repr(cor_zeros(0, 3), NULL);
    if (text != NULL && empty != NULL) {
        scenario_feed(hash, text, strlen(text));
        scenario_feed(hash, empty, strlen(empty));
    }
    cor_free_text(text);
    cor_free_text(empty);
    return cor_error();
}

static void the_text_of_a_tensor_runs_out_of_memory(void **state) {
    (void)state;
    assert_true(scenario_run("repr", print_all, NULL) > 5);
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_tensor),
        cmocka_unit_test(sizes_are_arguments),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_pending_error_stays),
        cmocka_unit_test(malformed_text_is_refused_with_the_byte),
        cmocka_unit_test(deep_text_needs_no_stack),
        cmocka_unit_test(words_for_what_is_not_finite),
        cmocka_unit_test(text_has_a_point_under_a_decimal_comma),
        cmocka_unit_test(memory_runs_out_everywhere),
        cmocka_unit_test(the_text_of_a_tensor_runs_out_of_memory),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
