/* What cor_repr and cor_print write is what PyTorch writes, byte for byte. */
#define _GNU_SOURCE /* dup, fileno */
#include "support/comma_locale.h"
#include "support/tensors.h"
#include "tensor/tensor.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the recipes of printing.txt -------------------------------------------------------------------------------- */

static cor_tensor *add_scalar(cor_tensor *x) { return cor_add(x, 1); }
static cor_tensor *add_0_123(cor_tensor *x) { return cor_add(x, 0.123); }
static cor_tensor *add(cor_tensor *x) { return cor_add(x, x); }
static cor_tensor *sub(cor_tensor *x) { return cor_sub(x, x); }
static cor_tensor *mul(cor_tensor *x) { return cor_mul(x, x); }
static cor_tensor *mul_scalar(cor_tensor *x) { return cor_mul(x, 2); }
static cor_tensor *div_scalar(cor_tensor *x) { return cor_div(x, 4); }
static cor_tensor *square(cor_tensor *x) { return cor_pow(x, 2); }
static cor_tensor *sum(cor_tensor *x) { return cor_sum(x); }
static cor_tensor *sum_dim(cor_tensor *x) { return cor_sum(x, .dim = 0); }
static cor_tensor *mean(cor_tensor *x) { return cor_mean(x); }
static cor_tensor *matmul(cor_tensor *x) { return cor_matmul(x, x); }
static cor_tensor *max_pool2d(cor_tensor *x) { return cor_max_pool2d(x, 2); }
static cor_tensor *conv2d(cor_tensor *x) { return cor_conv2d(cor_ones_of(cor_dtype_of(x), 1, 1, 2, 2), x); }
static cor_tensor *view(cor_tensor *x) { return cor_view(x, -1); }
static cor_tensor *flatten(cor_tensor *x) { return cor_flatten(x); }
static cor_tensor *transpose(cor_tensor *x) { return cor_transpose(x, 0, 1); }
static cor_tensor *unsqueeze(cor_tensor *x) { return cor_unsqueeze(x, 0); }
static cor_tensor *select_first(cor_tensor *x) { return cor_select(x, 0, 0); }
static cor_tensor *slice(cor_tensor *x) { return cor_slice(x, 0, .start = 0, .end = 1); }
static cor_tensor *to_double(cor_tensor *x) { return cor_to(x, COR_FLOAT64); }
static cor_tensor *detach(cor_tensor *x) { return cor_detach(cor_mul(x, 2)); }
static cor_tensor *cat(cor_tensor *x) { return cor_cat(COR_TENSORS(x, x)); }
static cor_tensor *add_in_place(cor_tensor *x) { return cor_add_(cor_mul(x, 1), 1); }
static cor_tensor *view_add_in_place(cor_tensor *x) {
    cor_tensor *y = cor_mul(x, 1);
    cor_add_(cor_select(y, 0, 0), 1);
    return y;
}

static const struct {
    const char *name;
    cor_tensor *(*run)(cor_tensor *x);
} RECIPES[] = {
    {"add_scalar", add_scalar},
    {"add_0.123", add_0_123},
    {"add", add},
    {"sub", sub},
    {"mul", mul},
    {"mul_scalar", mul_scalar},
    {"div_scalar", div_scalar},
    {"neg", cor_neg},
    {"pow", square},
    {"sum", sum},
    {"sum_dim", sum_dim},
    {"mean", mean},
    {"relu", cor_relu},
    {"matmul", matmul},
    {"conv2d", conv2d},
    {"max_pool2d", max_pool2d},
    {"view", view},
    {"flatten", flatten},
    {"transpose", transpose},
    {"unsqueeze", unsqueeze},
    {"select", select_first},
    {"slice", slice},
    {"clone", cor_clone},
    {"double", to_double},
    {"detach", detach},
    {"cat", cat},
    {"add_", add_in_place},
    {"view_add_", view_add_in_place},
};

static cor_tensor *cook(const char *recipe, cor_tensor *x) {
    if (recipe == NULL) return x;
    for (size_t i = 0; i < sizeof RECIPES / sizeof RECIPES[0]; i++)
        if (strcmp(RECIPES[i].name, recipe) == 0) return RECIPES[i].run(x);
    fail_msg("no such recipe: %s", recipe);
    return NULL;
}

static cor_print_options options_of(const char *text) {
    cor_print_options o;
    golden_pair pair;
    cor_print_options_init(&o);
    if (golden_option(text, "profile", &pair)) {
        if (strcmp(pair.value, "short") == 0) o.precision = 2, o.edgeitems = 2;
        if (strcmp(pair.value, "full") == 0) o.threshold = INT64_MAX;
    }
    o.precision = golden_option_int(text, "precision", o.precision);
    o.threshold = golden_option_int(text, "threshold", o.threshold);
    o.edgeitems = golden_option_int(text, "edgeitems", o.edgeitems);
    o.linewidth = golden_option_int(text, "linewidth", o.linewidth);
    if (golden_option(text, "sci_mode", &pair)) o.sci_mode = golden_option_bool(text, "sci_mode", false);
    return o;
}

static void check_record(const golden_record *record, bool with_comma) {
    cor_scope();
    cor_tensor *x = cook(golden_get(record, "recipe"), tensor_from_text(golden_get(record, "in0")));
    cor_print_options options = options_of(golden_get(record, "options"));
    if (with_comma) assert_true(enter_comma_locale());
    char *text = cor_repr(x, &options);
    if (with_comma) leave_comma_locale();
    if (text == NULL) fail_msg("printing.txt:%d: %s", record->line, cor_error_message());
    if (strcmp(text, record->text) != 0)
        fail_msg("printing.txt:%d: expected\n%s\ngot\n%s", record->line, record->text, text);
    cor_free_text(text);
}

static void check_golden(bool with_comma) {
    golden_file *file = golden_open("printing.txt");
    assert_non_null(file);
    golden_record record;
    int checked = 0, more;
    for (; (more = golden_next(file, &record)) == 1; checked++) check_record(&record, with_comma);
    assert_int_equal(more, 0);
    golden_close(file);
    assert_true(checked >= 934);
}

static void every_golden_text(void **state) {
    (void)state;
    check_golden(false);
}

static void every_golden_text_under_a_decimal_comma(void **state) {
    (void)state;
    if (!enter_comma_locale()) skip();
    check_golden(true);
    leave_comma_locale();
}

/* ---- what the golden file does not hold ------------------------------------------------------------------------- */

static void expect_repr(const cor_tensor *t, const char *expected) {
    char *text = cor_repr(t, NULL);
    assert_non_null(text);
    assert_string_equal(text, expected);
    cor_free_text(text);
}

static void a_negative_nan_has_no_sign(void **state) {
    (void)state;
    cor_scope();
    double values[] = {-NAN, NAN};
    expect_repr(cor_from(values, 2), "tensor([nan, nan], dtype=torch.float64)");
}

static void a_huge_tensor_is_read_at_its_edges_only(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_expand(cor_scalar(7), 1000000, 1000000);
    expect_repr(t, "tensor([[7, 7, 7,  ..., 7, 7, 7],\n"
                   "        [7, 7, 7,  ..., 7, 7, 7],\n"
                   "        [7, 7, 7,  ..., 7, 7, 7],\n"
                   "        ...,\n"
                   "        [7, 7, 7,  ..., 7, 7, 7],\n"
                   "        [7, 7, 7,  ..., 7, 7, 7],\n"
                   "        [7, 7, 7,  ..., 7, 7, 7]])");
}

static void a_view_changed_while_nothing_was_recorded_is_invalid(void **state) {
    (void)state;
    cor_scope();
    float ones[] = {1, 1};
    cor_tensor *leaf = cor_requires_grad_(cor_from(ones, 2), true), *v;
    {
        cor_no_grad();
        v = cor_select(leaf, 0, 0);
        cor_add_(v, 1);
    }
    expect_repr(v, "tensor(2., grad_fn=<Invalid>)");
}

static void sixteen_dimensions(void **state) {
    (void)state;
    cor_scope();
    float one = 1;
    expect_repr(cor_from_data(&one, COR_FLOAT32, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
                "tensor([[[[[[[[[[[[[[[[1.]]]]]]]]]]]]]]]])");
    expect_repr(cor_from_data(NULL, COR_FLOAT32, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0),
                "tensor([], size=(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0))");
}

static void options_of_the_process(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_scalar(0.123456789);
    assert_int_equal(cor_set_print_options(.precision = 2), COR_OK);
    expect_repr(t, "tensor(0.12)");
    assert_int_equal(cor_set_print_options(.sci_mode = 1), COR_OK);
    expect_repr(t, "tensor(1.2346e-01)");
    assert_int_equal(cor_set_print_options_with(NULL), COR_OK);
    expect_repr(t, "tensor(0.1235)");
    assert_int_equal(cor_set_print_options(.precision = -1), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_set_print_options(.precision = 1001), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_set_print_options(.edgeitems = -1), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_set_print_options(.linewidth = INT64_MAX), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_set_print_options(.sci_mode = 2), COR_EVALUE);
    cor_error_clear();
    expect_repr(t, "tensor(0.1235)");
}

static void the_longest_number(void **state) {
    (void)state;
    cor_scope();
    cor_print_options options;
    cor_print_options_init(&options);
    options.precision = 1000;
    options.sci_mode = 0;
    double values[] = {-1.7976931348623157e308, 0.5};
    char *text = cor_repr(cor_from(values, 2), &options);
    assert_non_null(text);
    assert_non_null(strstr(text, "tensor([-1797693134862315"));
    /* The second number is padded to the 1311 characters of the first. */
    assert_int_equal(strlen(strchr(text, '.')),
                     1001 + strlen(",\n        ") + 1311 + strlen("],\n       dtype=torch.float64)"));
    cor_free_text(text);
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Sends a stream to a file until release_stream, which gives what was written. */
typedef struct capture {
    FILE *stream, *file;
    int before;
} capture;

static capture capture_stream(FILE *stream) {
    capture c = {.stream = stream, .file = tmpfile()};
    assert_non_null(c.file);
    (void)fflush(stream);
    c.before = dup(fileno(stream));
    assert_true(dup2(fileno(c.file), fileno(stream)) >= 0);
    return c;
}

static void release_stream(capture *c, char *text, size_t size) {
    (void)fflush(c->stream);
    assert_true(dup2(c->before, fileno(c->stream)) >= 0);
    (void)close(c->before);
    rewind(c->file);
    text[fread(text, 1, size - 1, c->file)] = '\0';
    (void)fclose(c->file);
}

static void print_writes_a_line_to_stdout(void **state) {
    (void)state;
    cor_scope();
    char written[256];
    int64_t values[2][3] = {{1, 2, 3}, {4, 5, 6}};
    cor_tensor *t = cor_from(values, 2, 3);
    capture c = capture_stream(stdout);
    int code = cor_print(t) + cor_print_shape(t) + cor_print_shape(cor_scalar(1));
    release_stream(&c, written, sizeof written);
    assert_int_equal(code, COR_OK);
    assert_string_equal(written, "tensor([[1, 2, 3],\n        [4, 5, 6]])\ntorch.Size([2, 3])\ntorch.Size([])\n");
}

static void null_tells_the_pending_error(void **state) {
    (void)state;
    cor_scope();
    char written[512];
    int64_t two[] = {1, 2}, three[] = {1, 2, 3};
    capture c = capture_stream(stderr);
    int code = cor_print(cor_add(cor_from(two, 2), cor_from(three, 3)));
    int after = cor_error(), without = cor_print(NULL), shape = cor_print_shape(NULL), none = cor_print(COR_NONE);
    release_stream(&c, written, sizeof written);
    assert_int_equal(code, COR_ESHAPE);
    assert_int_equal(after, COR_OK);
    assert_int_equal(without, COR_EVALUE);
    assert_int_equal(shape, COR_EVALUE);
    assert_int_equal(none, COR_EVALUE);
    assert_int_equal(cor_error(), COR_OK);
    assert_string_equal(
        written, "error: The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension "
                 "0 [add of [2], [3]]\n"
                 "error: print: the tensor is NULL, a failed or missing tensor\n"
                 "error: print_shape: the tensor is NULL, a failed or missing tensor\n"
                 "error: print: the tensor is COR_NONE\n");
}

static void a_pending_error_stays(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_scalar(1);
    char written[64];
    capture c = capture_stream(stdout);
    cor_error_set(COR_EVALUE, "earlier");
    int code = cor_print(t), shape = cor_print_shape(t), options = cor_set_print_options(.precision = 1);
    char *repr = cor_repr(t, NULL);
    release_stream(&c, written, sizeof written);
    assert_string_equal(cor_error_message(), "earlier");
    cor_error_clear();
    assert_int_equal(code, COR_EVALUE);
    assert_int_equal(shape, COR_EVALUE);
    assert_int_equal(options, COR_EVALUE);
    assert_null(repr);
    assert_string_equal(written, "");
}

static void a_full_disk_is_told(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_scalar(1);
    (void)fflush(stdout);
    int before = dup(fileno(stdout)), full = open("/dev/full", O_WRONLY);
    if (full < 0) skip();
    assert_true(dup2(full, fileno(stdout)) >= 0);
    int code = cor_print(t);
    assert_true(dup2(before, fileno(stdout)) >= 0);
    (void)close(full);
    (void)close(before);
    assert_int_equal(code, COR_EIO);
    assert_int_equal(cor_error(), COR_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_text),
        cmocka_unit_test(every_golden_text_under_a_decimal_comma),
        cmocka_unit_test(a_negative_nan_has_no_sign),
        cmocka_unit_test(a_huge_tensor_is_read_at_its_edges_only),
        cmocka_unit_test(a_view_changed_while_nothing_was_recorded_is_invalid),
        cmocka_unit_test(sixteen_dimensions),
        cmocka_unit_test(options_of_the_process),
        cmocka_unit_test(the_longest_number),
        cmocka_unit_test(print_writes_a_line_to_stdout),
        cmocka_unit_test(null_tells_the_pending_error),
        cmocka_unit_test(a_pending_error_stays),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
