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

/* An option that is a list, or a number alone. */
static cor_dims dims_of(const char *options, const char *name) {
    cor_dims dims = COR_DIMS_UNSET;
    int64_t values[GOLDEN_DIMS];
    golden_pair pair;
    if (!golden_option(options, name, &pair)) return dims;
    dims.n = 1;
    dims.at[0] = golden_option_int(options, name, 0);
    if (pair.value[0] != '[') return dims;
    dims.n = golden_option_ints(options, name, values);
    for (int i = 0; i < dims.n; i++) dims.at[i] = values[i];
    return dims;
}

/* A list into an option's plural, which is left alone otherwise. */
static void plural(const char *options, const char *name, int64_t *to) {
    golden_pair pair;
    if (!golden_option(options, name, &pair) || pair.value[0] != '[') return;
    const cor_dims dims = dims_of(options, name);
    for (int i = 0; i < dims.n; i++) to[i] = dims.at[i];
}

#define INT(name, otherwise) golden_option_int(options, name, otherwise)
#define REAL(name, otherwise) golden_option_double(options, name, otherwise)
#define FLAG(name, otherwise) golden_option_bool(options, name, otherwise)
#define REDUCTION reduction_of(options)
#define DIMS(name) dims_of(options, name)

static const cor_unfold_options *unfold_options(const char *options) {
    static _Thread_local cor_unfold_options o;
    cor_unfold_options_init(&o);
    plural(options, "kernel_size", o.kernels);
    plural(options, "dilation", o.dilations);
    plural(options, "padding", o.paddings);
    plural(options, "stride", o.strides);
    o.dilation = INT("dilation", 1);
    o.padding = INT("padding", 0);
    o.stride = INT("stride", 1);
    return &o;
}

static const cor_lp_pool_options *lp_options(const char *options) {
    static _Thread_local cor_lp_pool_options o;
    cor_lp_pool_options_init(&o);
    plural(options, "kernel_size", o.kernels);
    plural(options, "stride", o.strides);
    o.stride = INT("stride", COR_UNSET);
    o.ceil_mode = FLAG("ceil_mode", false);
    return &o;
}

static const cor_max_unpool_options *unpool_options(const char *options) {
    static _Thread_local cor_max_unpool_options o;
    cor_max_unpool_options_init(&o);
    plural(options, "kernel_size", o.kernels);
    plural(options, "stride", o.strides);
    plural(options, "padding", o.paddings);
    o.stride = INT("stride", COR_UNSET);
    o.padding = INT("padding", 0);
    o.output_size = DIMS("output_size");
    return &o;
}

static cor_bag_mode bag_mode(const char *options) {
    golden_pair pair;
    if (!golden_option(options, "mode", &pair) || strncmp(pair.value, "mean", 4) == 0) return COR_BAG_MEAN;
    return strncmp(pair.value, "sum", 3) == 0 ? COR_BAG_SUM : COR_BAG_MAX;
}

/* The first three parts of a tensor. */
static cor_tensor *first_of(cor_tensor *t, int64_t dim, cor_tensor **second, cor_tensor **third) {
    cor_tensor *parts[8] = {NULL};
    if (cor_unbind(t, dim, parts, 8) < 0) return NULL;
    *second = parts[1];
    *third = parts[2];
    return parts[0];
}

static cor_tensor *grid_of(cor_tensor **vectors, bool xy, cor_tensor **second, cor_tensor **third) {
    cor_tensor *grids[3];
    if (cor_meshgrid(COR_LIST(vectors, 3), grids, .xy = xy) != COR_OK) return NULL;
    *second = grids[1];
    *third = grids[2];
    return grids[0];
}

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

/* In place the same numbers are drawn; the node of a view stays the view's. */
static void slopes_in_place(void **unused) {
    (void)unused;
    cor_scope();
    for (int training = 0; training < 2; training++) {
        cor_tensor *x = cor_requires_grad_(cor_sin(cor_arange(0, 12, .dtype = COR_FLOAT32)), true);
        cor_manual_seed(5);
        cor_tensor *expected = cor_rrelu(x, .training = training == 1), *y = cor_mul(x, 1), *z = cor_mul(x, 1);
        cor_manual_seed(5);
        assert_ptr_equal(cor_rrelu_(y, .training = training == 1), y);
        assert_true(cor_equal(y, expected));
        assert_string_equal(cor_grad_fn(y), "RreluWithNoiseBackward1");
        cor_tensor *view = cor_narrow(z, 0, 2, 5);
        assert_ptr_equal(cor_rrelu_(view, .training = training == 1), view);
        assert_string_equal(cor_grad_fn(view), "AsStridedBackward0");
    }
}

/* What they say of tensors that differ in sizes, in an element, and not at all. */
static void equality(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *a = cor_ones(2, 3), *b = cor_add(a, 1e-6), *c = cor_ones(3);
    assert_true(cor_equal(a, cor_ones(2, 3)) && cor_allclose(a, b) && cor_allclose(a, c));
    assert_true(!cor_equal(a, b) && !cor_equal(a, c) && !cor_allclose(a, b, .rtol = 0));
    assert_int_equal(cor_error(), COR_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(records), cmocka_unit_test(slopes_in_place),
                                       cmocka_unit_test(equality)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
