/* samples.h: the samples of rows.h as functions, and their inputs: for the programs that run them all. */
#ifndef TESTS_GRADCHECK_SAMPLES_H
#define TESTS_GRADCHECK_SAMPLES_H

#include "ops/scatter.h"
#include <corrie.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
    if (kind == 'z' && i % 3 == 0) return 0;
    return (i + input) % 2 == 0 ? 0.2 + between : -0.25 - between;
}

/* ---- what rows use beside operations ---------------------------------------------------------------------------- */

static cor_tensor *change_view(cor_tensor *a, cor_tensor *b) {
    cor_tensor *base = cor_mul(a, 2);
    cor_mul_(cor_narrow(base, 0, 1, 2), b);
    return cor_mul(base, base);
}

static cor_tensor *second_part(cor_tensor *a) {
    cor_tensor *parts[3] = {NULL};
    return cor_split(a, 2, 0, parts, 3) < 0 ? NULL : cor_mul(parts[1], cor_sum(parts[2]));
}

/* Targets of n samples of `inner` places: classes 0 to 3 in turn. */
static cor_tensor *classes(int64_t n, int64_t inner) {
    cor_tensor *t = cor_remainder(cor_arange(0, n * inner), 4);
    return inner == 1 ? t : cor_reshape(t, n, inner);
}

/* n indices below m, some more than once, in no order. */
static cor_tensor *places(int64_t n, int64_t m) {
    return cor_remainder(cor_mul(cor_arange(0, n, .dtype = COR_INT64), 5), m);
}

/* n targets 1 and -1 in turn. */
static cor_tensor *signs(int64_t n) { return cor_sub(1, cor_mul(cor_remainder(cor_arange(0, n), 2), 2)); }

/* The sum of absolute differences of rows. */
static cor_tensor *steps_apart(cor_tensor *a, cor_tensor *b) { return cor_norm(cor_sub(a, b), .p = 1, .dim = -1); }

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

static cor_tensor *again(cor_tensor *t) {
    cor_manual_seed(1);
    return t;
}

static cor_module *small_layer(void) {
    return cor_nn_transformer_encoder_layer(2, 1, .dim_feedforward = 3, .dropout = 0);
}
static cor_module *small_encoder(void) {
    return cor_nn_transformer_encoder(small_layer(), 2, cor_nn_layer_norm(COR_DIMS(2)));
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

#endif
