/* transformer.c: TransformerEncoderLayer and TransformerEncoder. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/activation.h>
#include <corrie/math.h>
#include <corrie/random.h>

COR__DEFINE_OPTIONS(cor_nn_transformer_encoder_layer_options, COR_NN_TRANSFORMER_ENCODER_LAYER_OPTIONS)

/* ---- the layer -------------------------------------------------------------------------------------------------- */

typedef struct encoder_layer {
    cor_module base;
    cor_module *self_attn, *linear1, *dropout, *linear2, *norm1, *norm2, *dropout1, *dropout2;
    int64_t d_model, nhead;
    cor_nn_transformer_encoder_layer_options o;
} encoder_layer;

static cor_tensor *attention_block(const encoder_layer *self, cor_tensor *x, cor_tensor *mask, cor_tensor *padding) {
    return cor_call(self->dropout1, cor_call_of(self->self_attn, COR_TENSORS(x, x, x, padding, mask)));
}

static cor_tensor *forward_block(const encoder_layer *self, cor_tensor *x) {
    cor_tensor *wide = cor_call(self->linear1, x);
    wide = cor_call(self->dropout, self->o.gelu ? cor_gelu(wide) : cor_relu(wide));
    return cor_call(self->dropout2, cor_call(self->linear2, wide));
}

static int check_call(const char *name, int n_in, int n_out) {
    if (n_in >= 1 && n_in <= 3 && n_out == 1) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: forward takes 1 to 3 inputs and gives one output, called with %d and %d", name,
                     n_in, n_out);
}

static int layer_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const encoder_layer *self = (const encoder_layer *)m;
    if (check_call("TransformerEncoderLayer", n_in, n_out) != COR_OK) return cor_error();
    cor_tensor *x = in[0], *mask = n_in > 1 ? in[1] : COR_NONE, *padding = n_in > 2 ? in[2] : COR_NONE;
    if (self->o.norm_first) {
        x = cor_add(x, attention_block(self, cor_call(self->norm1, x), mask, padding));
        x = cor_add(x, forward_block(self, cor_call(self->norm2, x)));
    } else {
        x = cor_call(self->norm1, cor_add(x, attention_block(self, x, mask, padding)));
        x = cor_call(self->norm2, cor_add(x, forward_block(self, x)));
    }
    out[0] = x;
    return cor_error();
}

static void layer_init(cor_module *m) {
    encoder_layer *self = (encoder_layer *)m;
    const encoder_layer *given = cor_module_arguments(m);
    const cor_nn_transformer_encoder_layer_options *o = &given->o;
    const int64_t d = given->d_model;
    self->d_model = d;
    self->nhead = given->nhead;
    self->o = *o;
    cor_set_module(m, encoder_layer, self_attn,
                   cor_nn_multihead_attention(d, self->nhead, .dropout = o->dropout, .bias = o->bias,
                                              .batch_first = o->batch_first));
    cor_set_module(m, encoder_layer, linear1, cor_nn_linear(d, o->dim_feedforward, .bias = o->bias));
    cor_set_module(m, encoder_layer, dropout, cor_nn_dropout(.p = o->dropout));
    cor_set_module(m, encoder_layer, linear2, cor_nn_linear(o->dim_feedforward, d, .bias = o->bias));
    cor_set_module(m, encoder_layer, norm1, cor_nn_layer_norm(COR_DIMS(d), .eps = o->layer_norm_eps, .bias = o->bias));
    cor_set_module(m, encoder_layer, norm2, cor_nn_layer_norm(COR_DIMS(d), .eps = o->layer_norm_eps, .bias = o->bias));
    cor_set_module(m, encoder_layer, dropout1, cor_nn_dropout(.p = o->dropout));
    cor_set_module(m, encoder_layer, dropout2, cor_nn_dropout(.p = o->dropout));
}

static cor_module *layer_new(int64_t d_model, int64_t nhead, const cor_nn_transformer_encoder_layer_options *o) {
    const encoder_layer given = {.d_model = d_model, .nhead = nhead, .o = *o};
    return cor__layer_new_n(sizeof given, "TransformerEncoderLayer", layer_forward, layer_init, &given, NULL);
}

cor_module *cor_nn_transformer_encoder_layer_with(int64_t d_model, int64_t nhead,
                                                  const cor_nn_transformer_encoder_layer_options *options) {
    cor_nn_transformer_encoder_layer_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "TransformerEncoderLayer") != COR_OK)
        return NULL;
    return layer_new(d_model, nhead, cor_nn_transformer_encoder_layer_options_or_defaults(options, &room));
}

/* A copy with memory of its own. What the copy draws when it is made is taken back. */
static cor_module *copy_layer(cor_module *from) {
    unsigned char state[COR_GENERATOR_STATE];
    const encoder_layer *layer = (const encoder_layer *)from;
    const cor__entry *weight = cor__entry_find(cor__state(layer->linear1), "weight", COR__PARAMETER);
    if (weight == NULL) return cor__fail_null(COR_EKEY, "TransformerEncoder: linear1 has no weight");
    if (cor_generator_get_state(cor_default_generator(), state, sizeof state) != COR_OK) return NULL;
    cor_module *copy = layer_new(layer->d_model, layer->nhead, &layer->o);
    if (cor_generator_set_state(cor_default_generator(), state, sizeof state) != COR_OK || copy == NULL) return NULL;
    if (cor_module_to(copy, cor_dtype_of(weight->tensor)) != COR_OK) return NULL;
    if (cor_load_state_dict(copy, cor_state_dict(from)) != COR_OK) return NULL;
    if (!cor_is_training(from)) cor_eval(copy);
    return copy;
}

/* ---- the encoder ------------------------------------------------------------------------------------------------ */

typedef struct encoder {
    cor_module base;
    cor_module *layers, *norm;
    cor_module *layer; /* of the arguments only: what is copied num_layers times */
    int64_t num_layers;
} encoder;

static int encoder_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const encoder *self = (const encoder *)m;
    if (check_call("TransformerEncoder", n_in, n_out) != COR_OK) return cor_error();
    cor_tensor *inputs[3] = {in[0], n_in > 1 ? in[1] : COR_NONE, n_in > 2 ? in[2] : COR_NONE};
    for (int64_t i = 0; i < cor_module_length(self->layers); i++) {
        cor_tensor *next = cor_call_of(cor_module_at(self->layers, i), COR_LIST(inputs, 3));
        if (next == NULL) return cor_error();
        inputs[0] = next;
    }
    out[0] = self->norm == NULL ? inputs[0] : cor_call(self->norm, inputs[0]);
    return cor_error();
}

static void encoder_init(cor_module *m) {
    const encoder *given = cor_module_arguments(m);
    encoder *self = (encoder *)m;
    cor_set_module(m, encoder, layers, cor_nn_module_list_of((cor_module_list){NULL, 0}));
    for (int64_t i = 0; i < given->num_layers && cor_error() == COR_OK; i++)
        cor_module_append(self->layers, copy_layer(given->layer));
    if (given->norm != NULL) cor_set_module(m, encoder, norm, given->norm);
}

cor_module *cor_nn_transformer_encoder_of(cor_module *layer, int64_t num_layers, cor_module *norm) {
    const encoder given = {.layer = layer, .norm = norm, .num_layers = num_layers};
    if (!cor__module_ready(layer, "TransformerEncoder")) return NULL;
    if (cor__state(layer)->forward_n != layer_forward)
        return cor__fail_null(COR_EUNSUPPORTED, "TransformerEncoder: '%s' is not a TransformerEncoderLayer",
                              cor_module_name(layer));
    if (num_layers < 0)
        return cor__fail_null(COR_EVALUE, "TransformerEncoder: there cannot be %lld layers", (long long)num_layers);
    return cor__layer_new_n(sizeof given, "TransformerEncoder", encoder_forward, encoder_init, &given, NULL);
}
