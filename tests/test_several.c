/* Modules and functions of several inputs or outputs against PyTorch: losses, recurrent layers, attention. */
#include "support/elementwise.h"
#include "support/modules.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 8, OUTPUTS = 3 };

/* Reads KEY0, KEY1, ...; returns how many there are. */
static int read_inputs(const golden_record *record, cor_tensor *in[MOST]) {
    char key[32];
    const char *text;
    int n = 0;
    while (snprintf(key, sizeof key, "in%d", n), (text = golden_get(record, key)) != NULL)
        in[n++] = golden_is_none(text) ? COR_NONE : tensor_from_text(text);
    return n;
}

static int outputs_of(const golden_record *record) {
    char key[32];
    int n = 0;
    while (snprintf(key, sizeof key, "ref%d", n), golden_get(record, key) != NULL) n++;
    return n;
}

static void check_outputs(const golden_record *record, cor_tensor *const *out, int n) {
    for (int i = 0; i < n; i++)
        if (!output_is_right(out[i], record, i))
            fail_msg("record %d: %s: output %d is something else", record->number, record->name, i);
}

/* ---- modules ---------------------------------------------------------------------------------------------------- */

/* Puts the record's "NAME TENSOR" fields in the place of the module's own state. */
static void load_state(cor_module *m, const golden_record *record) {
    char key[32], name[256];
    const char *entry;
    cor_dict *dict = cor_dict_new();
    for (int i = 0; snprintf(key, sizeof key, "state%d", i), (entry = golden_get(record, key)) != NULL; i++) {
        const size_t length = strcspn(entry, " ");
        snprintf(name, sizeof name, "%.*s", (int)length, entry);
        assert_int_equal(cor_dict_set(dict, name, tensor_from_text(entry + length + 1)), COR_OK);
    }
    if (cor_load_state_dict(m, dict) != COR_OK) fail_msg("record %d: %s", record->number, cor_error_message());
}

static void check_forward(const golden_record *record) {
    const char *notation = golden_get(record, "module");
    cor_tensor *in[MOST], *out[OUTPUTS] = {NULL};
    cor_module *m = module_from_text(notation);
    if (m == NULL) fail_msg("record %d: %s: %s", record->number, notation, cor_error_message());
    char *text = cor_module_repr(m);
    assert_string_equal(text, record->text);
    cor_free_text(text);
    load_state(m, record);
    cor_eval(m);
    const int n_in = read_inputs(record, in), n_out = outputs_of(record);
    if (cor_call_n(m, in, n_in, out, n_out) != COR_OK)
        fail_msg("record %d: %s: %s", record->number, notation, cor_error_message());
    check_outputs(record, out, n_out);
}

/* ---- functions -------------------------------------------------------------------------------------------------- */

static cor_tensor *call_function(const golden_record *record, cor_tensor *const *in) {
    const char *options = golden_get(record, "options"), *name = record->name;
    if (options == NULL) options = "";
    if (strcmp(name, "cosine_similarity") == 0)
        return cor_cosine_similarity(in[0], in[1], .dim = golden_option_int(options, "dim", 1),
                                     .eps = golden_option_double(options, "eps", 1e-8));
    if (strcmp(name, "pairwise_distance") == 0)
        return cor_pairwise_distance(in[0], in[1], .p = golden_option_double(options, "p", 2),
                                     .eps = golden_option_double(options, "eps", 1e-6),
                                     .keepdim = golden_option_bool(options, "keepdim", false));
    fail_msg("record %d: no function %s", record->number, name);
    return NULL;
}

static void check_function(const golden_record *record) {
    cor_tensor *in[MOST], *out;
    read_inputs(record, in);
    out = call_function(record, in);
    if (out == NULL) fail_msg("record %d: %s: %s", record->number, record->name, cor_error_message());
    check_outputs(record, &out, 1);
}

static void records(void **unused) {
    (void)unused;
    golden_file *file = golden_open("several.txt");
    golden_record record;
    int checked = 0;
    assert_non_null(file);
    while (golden_next(file, &record) == 1) {
        cor_scope();
        if (strcmp(record.name, "forward") == 0) check_forward(&record);
        else check_function(&record);
        checked++;
    }
    golden_close(file);
    print_message("%d records\n", checked);
    assert_int_equal(checked, 82);
}

/* ---- calls that are refused ------------------------------------------------------------------------------------- */

static void refuses(const void *result, const char *text) {
    assert_null(result);
    if (strstr(cor_error_message(), text) == NULL) fail_msg("got: %s", cor_error_message());
    cor_error_clear();
}

static void refusals(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = cor_ones(2, 3), *row = cor_ones(3), *t = cor_ones(2);
    cor_module *mse = cor_nn_mse_loss();
    refuses(cor_call(mse, x), "MSELoss: forward takes 2 inputs and gives one output, called with 1 and 1");
    refuses(cor_call3(mse, x, x, x), "MSELoss: forward takes 2 inputs and gives one output, called with 3 and 1");
    refuses(cor_call_of(mse, COR_LIST(NULL, 9)), "a call takes at most 8 inputs, got 9");
    refuses(cor_nn_triplet_margin_loss(.margin = 0),
            "TripletMarginLoss: expected margin to be greater than 0, got 0.0 instead");
    refuses(cor_triplet_margin_loss(x, x, x, .margin = -1), "margin must be greater than 0, got -1.0");
    refuses(cor_triplet_margin_loss(x, x, row),
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            "anchor 2D, positive 2D, and negative 1D inputs");
    refuses(cor_cosine_embedding_loss(x, x, x), "0D or 1D target tensor expected, multi-target not supported");
    refuses(cor_cosine_embedding_loss(row, x, t),
            "1D target tensor expects 2D input tensors, but found inputs with sizes [3] and [2, 3].");
    refuses(cor_cosine_embedding_loss(x, x, cor_select(t, 0, 0)),
            "0D target tensor expects 1D input tensors, but found inputs with sizes [2, 3] and [2, 3].");
}

/* The node that PyTorch names, and its gradient of a norm below the bound, which the bound does not stop. */
static void gradients(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = cor_requires_grad_(cor_from(((float[2]){3, 4}), 2), true), *y = cor_from(((float[2]){1, 0}), 2);
    cor_tensor *similarity = cor_cosine_similarity(x, y, .dim = 0, .eps = 10);
    assert_string_equal(cor_grad_fn(similarity), "SumBackward1");
    assert_int_equal(cor_backward(similarity), COR_OK);
    const float *grad = cor_data_const(cor_grad(x));
    assert_true(fabs((double)grad[0] - 0.0082) < 1e-8 && fabs((double)grad[1] + 0.0024) < 1e-8);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(records), cmocka_unit_test(refusals),
                                       cmocka_unit_test(gradients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
