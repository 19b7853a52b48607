/* Gradients of operations and their gradients against differences, in float64, over the samples of gradcheck/rows.h.
 * CORRIE_TEST_ONLY names the samples to check, by a part of their names. */
#include <corrie.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 4 };

/* Values that repeat for every run, apart from one another by more than a difference's step. */
static double value_of(char kind, int64_t i, int64_t n, int input) {
    const double place = fmod((double)(i * 7 + 3 * input + 1) * 0.381966, 1), own = ((double)i + 0.5) / (double)(n + 1);
    const double between = 0.1 + 0.8 * (0.5 * place + 0.5 * own);
    if (kind == 'u') return between;
    if (kind == 'p') return 0.3 + 1.4 * between;
    return (i + input) % 2 == 0 ? 0.2 + between : -0.25 - between;
}

/* ---- what rows use beside operations ---------------------------------------------------------------------------- */

static cor_tensor *change_view(cor_tensor *a, cor_tensor *b) {
    cor_tensor *base = cor_mul(a, 2);
    cor_mul_(cor_narrow(base, 0, 1, 2), b);
    return cor_mul(base, base);
}

static cor_tensor *second_part(cor_tensor *a) {
    cor_tensor *parts[3];
    return cor_split(a, 2, 0, parts, 3) < 0 ? NULL : cor_mul(parts[1], cor_sum(parts[2]));
}

/* Targets of n samples of `inner` places: classes 0 to 3 in turn. */
static cor_tensor *classes(int64_t n, int64_t inner) {
    cor_tensor *t = cor_remainder(cor_arange(0, n * inner), 4);
    return inner == 1 ? t : cor_reshape(t, n, inner);
}

/* n targets 1 and -1 in turn. */
static cor_tensor *signs(int64_t n) { return cor_sub(1, cor_mul(cor_remainder(cor_arange(0, n), 2), 2)); }

/* The first output of a module in float64 with parameters of its own, 0.3, -0.2 and so on. */
static cor_tensor *run_module(cor_module *m, cor_tensor *a, cor_tensor *b, cor_tensor *c) {
    cor_tensor *const in[] = {a, b, c};
    cor_tensor *out = NULL;
    if (cor_module_to(m, COR_FLOAT64) != COR_OK) return NULL;
    cor_dict *parameters = cor_named_parameters(m);
    for (int64_t i = 0; i < cor_dict_count(parameters); i++) {
        cor_no_grad();
        cor_tensor *p = cor_dict_tensor_at(parameters, i);
        double *data = cor_data(p);
        for (int64_t k = 0; k < cor_numel(p); k++) data[k] = value_of('s', k, cor_numel(p), (int)i) / 2;
    }
    return cor_call_n(m, in, c != NULL ? 3 : b != NULL ? 2 : 1, &out, 1) == COR_OK ? out : NULL;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

#define ROW(name, inputs, ...)                                                                                         \
    static int row_##name(cor_tensor *const *in, int n, cor_tensor **out, int room, void *context) {                   \
        cor_tensor *a = in[0], *b = n > 1 ? in[1] : NULL, *c = n > 2 ? in[2] : NULL;                                   \
        (void)b, (void)c, (void)room, (void)context;                                                                   \
        out[0] = (__VA_ARGS__);                                                                                        \
        return 1;                                                                                                      \
    }
#include "gradcheck/rows.h"
#undef ROW

static const struct row {
    const char *name, *inputs;
    cor_checked_function function;
} rows[] = {
#define ROW(name, inputs, ...) {#name, inputs, row_##name},
#include "gradcheck/rows.h"
#undef ROW
};

static cor_tensor *make_input(const char *text, int input) {
    int64_t sizes[COR_MAX_DIMS];
    int n = 0;
    const char kind = *text++;
    while (*text >= '0' && *text <= '9') {
        sizes[n++] = strtoll(text, (char **)&text, 10);
        if (*text == ',') text++;
    }
    cor_tensor *t = cor_zeros_sized(COR_FLOAT64, sizes, n);
    assert_non_null(t);
    double *data = cor_data(t);
    for (int64_t i = 0; i < cor_numel(t); i++) data[i] = value_of(kind, i, cor_numel(t), input);
    return cor_requires_grad_(t, true);
}

static int make_inputs(const char *text, cor_tensor **inputs) {
    int n = 0;
    while (text != NULL && *text != '\0') {
        inputs[n] = make_input(text, n);
        n++;
        text = strchr(text, ' ');
        if (text != NULL) text++;
    }
    return n;
}

/* Tells every row that fails. */
static bool check_row(const struct row *row) {
    cor_scope();
    cor_tensor *inputs[MOST];
    const cor_list list = {inputs, make_inputs(row->inputs, inputs)};
    int code = cor_gradcheck(row->function, list, .atol = 1e-7, .rtol = 1e-5);
    if (code != COR_OK) print_error("%s: %s\n", row->name, cor_error_message());
    if (code == COR_OK && (code = cor_gradgradcheck(row->function, list, .atol = 1e-7, .rtol = 1e-5)) != COR_OK)
        print_error("second gradient of %s: %s\n", row->name, cor_error_message());
    cor_error_clear();
    return code == COR_OK;
}

static void samples(void **unused) {
    (void)unused;
    const char *only = getenv("CORRIE_TEST_ONLY");
    int checked = 0, failed = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (only != NULL && strstr(rows[i].name, only) == NULL) continue;
        failed += !check_row(&rows[i]);
        checked++;
    }
    print_message("%d samples\n", checked);
    assert_int_equal(failed, 0);
}

/* ---- the check itself ------------------------------------------------------------------------------------------- */

/* Its gradient is taken as if the square had been the input. */
static int wrong(cor_tensor *const *in, int n, cor_tensor **out, int room, void *context) {
    (void)n, (void)room, (void)context;
    out[0] = cor_mul(cor_detach(in[0]), in[0]);
    return 1;
}

static void a_wrong_gradient_is_found(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = make_input("s3", 0);
    assert_int_equal(cor_gradcheck(wrong, COR_TENSORS(x)), COR_ESTATE);
    assert_non_null(strstr(cor_error_message(), "Jacobian mismatch for output 0 with respect to input 0"));
    cor_error_clear();
    assert_int_equal(cor_gradcheck(wrong, COR_TENSORS(cor_detach(x))), COR_EVALUE);
    cor_error_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples), cmocka_unit_test(a_wrong_gradient_is_found)};
    return cmocka_run_group_tests_name("gradcheck", tests, NULL, NULL);
}
