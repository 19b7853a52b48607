/* The activation functions give what PyTorch's layers give: the records of layers.txt that are theirs. */
#include "support/elementwise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each layer's function, and the names of its arguments in their order. Softshrink is in test_elementwise_values.c:
 * PyTorch's vectors give 0 where its last elements, one at a time, give -0. */
static const struct {
    const char *layer, *function, *arguments[2];
} LAYERS[] = {{"ReLU", "relu", {0}},
              {"ReLU6", "relu6", {0}},
              {"LeakyReLU", "leaky_relu", {"negative_slope"}},
              {"ELU", "elu", {"alpha"}},
              {"CELU", "celu", {"alpha"}},
              {"SELU", "selu", {0}},
              {"GELU", "gelu", {"approximate"}},
              {"SiLU", "silu", {0}},
              {"Mish", "mish", {0}},
              {"Sigmoid", "sigmoid", {0}},
              {"Tanh", "tanh", {0}},
              {"Softplus", "softplus", {"beta", "threshold"}},
              {"Softsign", "softsign", {0}},
              {"Hardtanh", "hardtanh", {"min_val", "max_val"}},
              {"Hardswish", "hardswish", {0}},
              {"Hardsigmoid", "hardsigmoid", {0}},
              {"Hardshrink", "hardshrink", {"lambd"}},
              {"Tanhshrink", "tanhshrink", {0}},
              {"Threshold", "threshold", {"threshold", "value"}},
              {"LogSigmoid", "logsigmoid", {0}},
              {"GLU", "glu", {"dim"}},
              {"PReLU", "prelu", {0}}};
enum { N_LAYERS = sizeof LAYERS / sizeof LAYERS[0] };

/* The arguments of a layer's constructor as the options of its function. */
static void write_options(int layer, const golden_call *call, char *options) {
    options[0] = '\0';
    for (int i = 0; i < call->count && i < 2; i++) {
        const char *name = call->arguments[i].name[0] != '\0' ? call->arguments[i].name : LAYERS[layer].arguments[i];
        if (name == NULL) continue; /* the number of PReLU's slopes */
        if (options[0] != '\0') strcat(options, " ");
        strcat(strcat(strcat(options, name), "="), call->arguments[i].value);
    }
}

/* Whether every element is within n spacings of float32 at max(|expected|, 1). */
static bool is_within_spacings(cor_tensor *t, const golden_tensor *expected, double n) {
    static float wanted[1 << 16];
    assert_true(expected->dtype == GOLDEN_FLOAT32 && (size_t)expected->count <= sizeof wanted / sizeof wanted[0]);
    golden_fill(expected, wanted);
    const float *got = cor_data_const(t);
    for (int64_t i = 0; i < expected->count; i++) {
        double spacing = ldexp(1, ilogb(fmax(fabs((double)wanted[i]), 1)) - 23);
        if (!(fabs((double)got[i] - (double)wanted[i]) <= n * spacing)) return false;
    }
    return cor_numel(t) == expected->count;
}

static bool is_right(cor_tensor *t, const golden_record *record) {
    const char *reference = golden_get(record, "ref0"), *spacings = golden_get(record, "spacings");
    golden_tensor expected;
    assert_true(golden_parse_tensor(reference != NULL ? reference : golden_get(record, "out0"), &expected));
    if (reference == NULL) return tensor_matches(t, &expected);
    if (spacings != NULL) return is_within_spacings(t, &expected, strtod(spacings, NULL));
    return is_within_ulps(t, &expected, strtoll(golden_get(record, "ulps"), NULL, 10));
}

static bool check(const golden_record *record) {
    golden_call call;
    char options[4 * GOLDEN_WORD];
    int layer = 0;
    if (!golden_parse_call(golden_get(record, "module"), &call)) return false;
    while (layer < N_LAYERS && strcmp(LAYERS[layer].layer, call.name) != 0) layer++;
    if (layer == N_LAYERS) return false;
    cor_scope();
    write_options(layer, &call, options);
    const char *weight = golden_get(record, "state0"); /* "weight TENSOR" */
    cor_operand in[] = {operand_from_text(golden_get(record, "in0")),
                        COR_OPERAND(weight != NULL ? tensor_from_text(strchr(weight, ' ') + 1) : COR_NONE)};
    cor_tensor *t = call_elementwise(LAYERS[layer].function, in, weight != NULL ? 2 : 1, options);
    if (t == NULL) fail_msg("record %d: %s", record->number, cor_error_message());
    if (!is_right(t, record))
        fail_msg("record %d (%s) on %s", record->number, call.name, cor_isa_name(cor_isa_chosen()));
    return true;
}

static void check_layers(void) {
    golden_file *file = golden_open("layers.txt");
    golden_record record;
    int n = 0, more;
    assert_non_null(file);
    while ((more = golden_next(file, &record)) > 0) n += check(&record);
    golden_close(file);
    assert_int_equal(more, 0);
    assert_true(n >= 80);
}

static void layers(void **state) {
    (void)state;
    static const cor_isa isas[] = {COR_ISA_GENERIC, COR_ISA_AVX2, COR_ISA_AVX512, COR_ISA_NEON};
    cor_isa before = cor_isa_chosen();
    for (size_t i = 0; i < sizeof isas / sizeof isas[0]; i++) {
        if (!cor_isa_available(isas[i])) continue;
        assert_int_equal(cor_set_isa(isas[i]), COR_OK);
        check_layers();
    }
    assert_int_equal(cor_set_isa(before), COR_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(layers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
