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

static cor_tensor *call_function(const golden_record *record, cor_tensor *const *in, int n) {
    const char *options = golden_get(record, "options"), *name = record->name;
    if (options == NULL) options = "";
    if (strcmp(name, "cosine_similarity") == 0)
        return cor_cosine_similarity(in[0], in[1], .dim = golden_option_int(options, "dim", 1),
                                     .eps = golden_option_double(options, "eps", 1e-8));
    if (strcmp(name, "pairwise_distance") == 0)
        return cor_pairwise_distance(in[0], in[1], .p = golden_option_double(options, "p", 2),
                                     .eps = golden_option_double(options, "eps", 1e-6),
                                     .keepdim = golden_option_bool(options, "keepdim", false));
    if (strcmp(name, "scaled_dot_product_attention") == 0)
        return cor_scaled_dot_product_attention(in[0], in[1], in[2], .attn_mask = n > 3 ? in[3] : COR_NONE,
                                                .is_causal = golden_option_bool(options, "is_causal", false),
                                                .scale = golden_option_double(options, "scale", (double)NAN),
                                                .enable_gqa = golden_option_bool(options, "enable_gqa", false));
    fail_msg("record %d: no function %s", record->number, name);
    return NULL;
}

static void check_function(const golden_record *record) {
    cor_tensor *in[MOST], *out;
    const int n = read_inputs(record, in);
    out = call_function(record, in, n);
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
    assert_int_equal(checked, 245);
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
    refuses(cor_nn_triplet_margin_with_distance_loss(.margin = -1),
            "TripletMarginWithDistanceLoss: expected margin to be greater than 0, got -1.0 instead");
    refuses(cor_nn_multi_margin_loss(.p = 3), "only p == 1 and p == 2 supported");
    refuses(cor_nn_multi_margin_loss(.weight = x),
            "MultiMarginLoss: expected weight to be None or 1D tensor, got 2D instead");
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

static void recurrent_refusals(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = cor_ones(5, 2, 3), *h = cor_ones(1, 3, 4), *c = cor_ones(1, 2, 4), *row = cor_select(x, 0, 0),
               *out[4];
    cor_tensor *plain = cor_ones(2, 4);
    cor_module *lstm = cor_nn_lstm(3, 4), *gru = cor_nn_gru(3, 4), *cell = cor_nn_lstm_cell(3, 4);
    refuses(cor_call3(lstm, x, h, c), "Expected hidden[0] size (1, 2, 4), got [1, 3, 4]");
    refuses(cor_call3(lstm, x, c, h), "Expected hidden[1] size (1, 2, 4), got [1, 3, 4]");
    refuses(cor_call3(lstm, x, c, plain),
            "For batched 3-D input, hx and cx should also be 3-D but got (3-D, 2-D) tensors");
    refuses(cor_call3(lstm, row, c, plain),
            "For unbatched 2-D input, hx and cx should also be 2-D but got (3-D, 2-D) tensors");
    refuses(cor_call3(lstm, x, COR_NONE, c), "LSTM: one of two states is missing");
    refuses(cor_call2(lstm, x, c), "called with 2 and 1");
    refuses(cor_call(lstm, COR_NONE), "LSTM: there is no input");
    refuses(cor_call(gru, plain), "input.size(-1) must be equal to input_size. Expected 3, got 4");
    refuses(cor_call2(gru, x, h), "Expected hidden size (1, 2, 4), got [1, 3, 4]");
    refuses(cor_call2(gru, x, plain), "For batched 3-D input, hx should also be 3-D but got 2-D tensor");
    refuses(cor_call(gru, cor_narrow(x, 0, 0, 0)), "Expected sequence length to be larger than 0 in RNN");
    refuses(cor_call(gru, cor_ones(2)), "GRU: Expected input to be 2D or 3D, got 1D instead");
    refuses(cor_call(cor_nn_rnn(3, 4), cor_ones(2)), "RNN: Expected input to be 2D or 3D, got 1D tensor instead");
    refuses(cor_call(gru, cor_to(x, COR_FLOAT64)),
            "RNN input dtype (torch.float64) does not match weight dtype (torch.float32). Convert input: "
            "input.to(torch.float32), or convert model: model.to(torch.float64)");
    assert_int_equal(cor_call_n(gru, &x, 1, out, 3), COR_EVALUE);
    cor_error_clear();
    refuses(cor_call3(cell, row, cor_ones(3, 4), plain), "Input batch size 2 doesn't match hidden0 batch size 3");
    refuses(cor_call3(cell, row, plain, cor_ones(2, 5)), "hidden1 has inconsistent hidden_size: got 5, expected 4");
    refuses(cor_call(cell, plain), "input has inconsistent input_size: got 4 expected 3");
    refuses(cor_call(cell, x), "LSTMCell: Expected input to be 1D or 2D, got 3D instead");
    refuses(cor_call2(cell, row, x), "LSTMCell: Expected hx[0] to be 1D or 2D, got 3D instead");
    refuses(cor_call2(cor_nn_gru_cell(3, 4), row, x), "GRUCell: Expected hidden to be 1D or 2D, got 3D instead");
    refuses(cor_nn_gru(3, 4, .proj_size = 2), "proj_size argument is only supported for LSTM, not RNN or GRU");
    refuses(cor_nn_lstm(3, 4, .proj_size = 4), "proj_size has to be smaller than hidden_size");
    refuses(cor_nn_lstm(3, 4, .dropout = 2), "dropout should be a number in range [0, 1]");
    refuses(cor_nn_rnn(0, 4), "input_size must be greater than zero");
    refuses(cor_nn_rnn(3, 0), "hidden_size must be greater than zero");
    refuses(cor_nn_rnn(3, 4, .num_layers = 0), "num_layers must be greater than zero");
}

static void attention_refusals(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = cor_ones(5, 2, 4), *row = cor_select(x, 0, 0), *q = cor_ones(2, 3, 4),
               *ints = cor_zeros_of(COR_INT32, 3, 3);
    cor_module *m = cor_nn_multihead_attention(4, 2), *apart = cor_nn_multihead_attention(4, 2, .kdim = 3);
    refuses(cor_nn_multihead_attention(4, 3), "embed_dim must be divisible by num_heads");
    refuses(cor_nn_multihead_attention(0, 3),
            "embed_dim and num_heads must be greater than 0, got embed_dim=0 and num_heads=3 instead");
    refuses(cor_call(m, x), "forward takes 3 to 5 inputs and gives up to 3 outputs, called with 1 and 1");
    refuses(cor_call3(m, x, COR_NONE, x), "MultiheadAttention: input 1 is missing");
    refuses(cor_call3(m, x, x, cor_narrow(x, 0, 0, 4)),
            "key shape torch.Size([5, 2, 4]) does not match value shape torch.Size([4, 2, 4])");
    refuses(cor_call3(apart, x, cor_ones(5, 2, 3), cor_ones(6, 2, 4)),
            "key's sequence and batch dims torch.Size([5, 2]) do not match value's torch.Size([6, 2])");
    refuses(cor_call3(m, cor_ones(5, 2, 6), x, x), "was expecting embedding dimension of 4, but got 6");
    refuses(cor_call3(m, cor_ones(4), x, x),
            "query should be unbatched 2D or batched 3D tensor but received 1-D query tensor");
    refuses(
        cor_call3(m, x, row, x),
        "For batched (3-D) `query`, expected `key` and `value` to be 3-D but found 2-D and 3-D tensors respectively");
#define MASKED(padding, mask) cor_call_of(m, COR_TENSORS(x, x, x, padding, mask))
    refuses(MASKED(COR_NONE, cor_ones(4, 4)),
            "The shape of the 2D attn_mask is torch.Size([4, 4]), but should be (5, 5).");
    refuses(MASKED(COR_NONE, cor_ones(3, 5, 5)),
            "The shape of the 3D attn_mask is torch.Size([3, 5, 5]), but should be (4, 5, 5).");
    refuses(MASKED(cor_ones(3, 5), COR_NONE), "Expected key_padded_mask.shape[0] to be 2, but got 3");
    refuses(MASKED(cor_ones(5), COR_NONE),
            "For batched (3-D) `query`, expected `key_padding_mask` to be `None` or 2-D but found 1-D tensor instead");
    refuses(MASKED(COR_NONE, cor_ones(5)),
            "For batched (3-D) `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found 1-D tensor instead");
    refuses(MASKED(COR_NONE, cor_ones_of(COR_INT32, 5, 5)), "only bool and floating types of attn_mask are supported");
    refuses(cor_scaled_dot_product_attention(q, q, q, .attn_mask = cor_zeros(3, 3), .is_causal = true),
            "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True");
    refuses(cor_scaled_dot_product_attention(q, q, q, .attn_mask = ints),
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: int and  "
            "query.dtype: float instead.");
    refuses(cor_scaled_dot_product_attention(cor_ones(4), q, q),
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: 1 key.dim: 3 and "
            "value.dim: 3 instead.");
    refuses(cor_scaled_dot_product_attention(q, cor_to(q, COR_FLOAT64), q),
            "Expected query, key, and value to have the same dtype, but got query.dtype: float key.dtype: double and "
            "value.dtype: float instead.");
    refuses(cor_scaled_dot_product_attention(q, cor_ones(4, 3, 4), q, .enable_gqa = true),
            "Number of heads in key and value must divide the number of heads in ");
}

static void encoder_refusals(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = cor_ones(5, 2, 4);
    cor_module *layer = cor_nn_transformer_encoder_layer(4, 2), *plain = cor_nn_linear(4, 4);
    refuses(cor_nn_transformer_encoder_layer(4, 3), "embed_dim must be divisible by num_heads");
    refuses(cor_nn_transformer_encoder(plain, 2, NULL),
            "TransformerEncoder: 'Linear' is not a TransformerEncoderLayer");
    refuses(cor_nn_transformer_encoder(layer, -1, NULL), "TransformerEncoder: there cannot be -1 layers");
    refuses(cor_call_of(layer, COR_TENSORS(x, x, x, x)), "forward takes 1 to 3 inputs and gives one output");
    refuses(cor_call(cor_nn_transformer_decoder_layer(4, 2), x), "forward takes 2 to 6 inputs and gives one output");
    refuses(cor_nn_transformer_decoder(layer, 2, NULL),
            "TransformerDecoder: 'TransformerEncoderLayer' is not a TransformerDecoderLayer");
    cor_module *whole = cor_nn_transformer(.d_model = 4, .nhead = 2, .num_encoder_layers = 1, .num_decoder_layers = 1,
                                           .dim_feedforward = 8);
    refuses(cor_call2(whole, x, cor_ones(5, 3, 4)), "the batch number of src and tgt must be equal");
    refuses(cor_call2(whole, x, cor_ones(5, 2, 3)), "the feature number of src and tgt must be equal to d_model");
    refuses(cor_call(layer, cor_ones(5, 2, 3)), "was expecting embedding dimension of 4, but got 3");
}

/* The layers are copies, in training or not as the one they come from, and leave the random stream as it is. */
static void encoder_copies(void **unused) {
    (void)unused;
    cor_scope();
    cor_module *layer = cor_nn_transformer_encoder_layer(4, 2, .dim_feedforward = 8);
    cor_eval(layer);
    cor_manual_seed(1);
    const int64_t expected = cor_item_int(cor_randint(0, 1 << 30, 1));
    cor_manual_seed(1);
    cor_module *encoder = cor_nn_transformer_encoder(layer, 2, NULL);
    assert_int_equal(cor_item_int(cor_randint(0, 1 << 30, 1)), expected);
    cor_tensor *own = cor_get_parameter(layer, "linear1.weight");
    cor_tensor *first = cor_get_parameter(encoder, "layers.0.linear1.weight");
    cor_tensor *second = cor_get_parameter(encoder, "layers.1.linear1.weight");
    assert_true(cor_item(cor_all(cor_eq(own, first))) != 0 && cor_item(cor_all(cor_eq(own, second))) != 0);
    assert_false(cor_shares_storage(own, first) || cor_shares_storage(first, second));
    assert_false(cor_is_training(cor_get_submodule(encoder, "layers.1.dropout")));
}

/* Dropout between layers draws what PyTorch draws: the gradients of a sum in training, from seed 5. */
static void training(void **unused) {
    (void)unused;
    cor_scope();
    cor_manual_seed(5);
    cor_module *lstm = cor_nn_lstm(3, 4, .num_layers = 2, .dropout = 0.5, .bidirectional = true);
    cor_tensor *sum = cor_sum(cor_call(lstm, cor_ones(5, 2, 3)));
    assert_int_equal(cor_backward(sum), COR_OK);
    const double grad = cor_item(cor_sum(cor_grad(cor_get_parameter(lstm, "weight_ih_l0"))));
    assert_true(fabs(cor_item(sum) + 4.10907507) < 1e-5 && fabs(grad + 12.5656128) < 1e-5);
}

/* The same of an encoder's result: dropout of attention and of both blocks, from seed 7. */
static void encoder_training(void **unused) {
    (void)unused;
    cor_scope();
    cor_manual_seed(7);
    cor_module *layer = cor_nn_transformer_encoder_layer(4, 2, .dim_feedforward = 8, .dropout = 0.5);
    cor_module *encoder = cor_nn_transformer_encoder(layer, 2, NULL);
    cor_tensor *src = cor_sin(cor_reshape(cor_arange(0, 40, .dtype = COR_FLOAT32), 5, 2, 4));
    const double sum = cor_item(cor_sum(cor_mul(cor_call(encoder, src), cor_arange(0, 4, .dtype = COR_FLOAT32))));
    if (!(fabs(sum - 4.87871456) < 1e-4)) fail_msg("got %.9g", sum);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(records),
                                       cmocka_unit_test(refusals),
                                       cmocka_unit_test(recurrent_refusals),
                                       cmocka_unit_test(attention_refusals),
                                       cmocka_unit_test(training),
                                       cmocka_unit_test(encoder_refusals),
                                       cmocka_unit_test(encoder_copies),
                                       cmocka_unit_test(encoder_training),
                                       cmocka_unit_test(gradients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
