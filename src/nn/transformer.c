/* transformer.c: the layers of transformers, of encoders and of decoders, stacks of them, and Transformer. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/activation.h>
#include <corrie/creation.h>
#include <corrie/index.h>
#include <corrie/init.h>
#include <corrie/math.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_nn_transformer_encoder_layer_options, COR_NN_TRANSFORMER_ENCODER_LAYER_OPTIONS)
COR__DEFINE_OPTIONS(cor_nn_transformer_options, COR_NN_TRANSFORMER_OPTIONS)

/* What a call may have: an encoder its input, a mask and a padding mask; a decoder its input and the memory, then masks
 * and padding masks of each. */
enum { ENCODER_INPUTS = 3, DECODER_INPUTS = 6, WHOLE_INPUTS = 8 };

/* The inputs of a call with COR_NONE for those left out; the first `least` are needed. */
static int read_inputs(const cor_module *m, int least, int most, cor_tensor *const *in, int n_in, int n_out,
                       cor_tensor *inputs[WHOLE_INPUTS]) {
    if (n_in < least || n_in > most || n_out != 1)
        return cor__fail(COR_EVALUE, "%s: forward takes %d to %d inputs and gives one output, called with %d and %d",
                         cor_module_name(m), least, most, n_in, n_out);
    for (int i = 0; i < most; i++) inputs[i] = i < n_in ? in[i] : COR_NONE;
    return COR_OK;
}

/* ---- the layers ------------------------------------------------------------------------------------------------- */

typedef struct layer {
    cor_module base;
    cor_module *self_attn, *multihead_attn, *linear1, *dropout, *linear2;
    cor_module *norm1, *norm2, *norm3, *dropout1, *dropout2, *dropout3;
    bool is_decoder; /* has multihead_attn, norm3 and dropout3 */
    int64_t d_model, nhead;
    cor_nn_transformer_encoder_layer_options o;
} layer;

static cor_tensor *forward_block(const layer *self, cor_tensor *x) {
    cor_tensor *wide = cor_call(self->linear1, x);
    wide = cor_call(self->dropout, self->o.gelu ? cor_gelu(wide) : cor_relu(wide));
    return cor_call(self->linear2, wide);
}

/* A block with its residual connection: the norm before the block, or after the sum. `memory` NULL is x itself, and
 * attn NULL the block of linear layers. */
static cor_tensor *block(const layer *self, cor_tensor *x, cor_module *norm, cor_module *attn, cor_module *dropout,
                         cor_tensor *memory, cor_tensor *padding, cor_tensor *mask) {
    cor_tensor *in = self->o.norm_first ? cor_call(norm, x) : x, *out;
    if (memory == NULL) memory = in;
    if (attn == NULL) out = forward_block(self, in);
    else out = cor_call_of(attn, COR_TENSORS(in, memory, memory, padding, mask));
    out = cor_add(x, cor_call(dropout, out));
    return self->o.norm_first ? out : cor_call(norm, out);
}

static int encoder_layer_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const layer *self = (const layer *)m;
    cor_tensor *given[WHOLE_INPUTS];
    if (read_inputs(m, 1, ENCODER_INPUTS, in, n_in, n_out, given) != COR_OK) return cor_error();
    cor_tensor *x = block(self, in[0], self->norm1, self->self_attn, self->dropout1, NULL, given[2], given[1]);
    out[0] = block(self, x, self->norm2, NULL, self->dropout2, NULL, NULL, NULL);
    return cor_error();
}

static int decoder_layer_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const layer *self = (const layer *)m;
    cor_tensor *given[WHOLE_INPUTS];
    if (read_inputs(m, 2, DECODER_INPUTS, in, n_in, n_out, given) != COR_OK) return cor_error();
    if (given[1] == NULL)
        return cor__fail(COR_EVALUE, "%s: input 1 is NULL, a failed or missing tensor", cor_module_name(m));
    cor_tensor *x = block(self, in[0], self->norm1, self->self_attn, self->dropout1, NULL, given[4], given[2]);
    x = block(self, x, self->norm2, self->multihead_attn, self->dropout2, given[1], given[5], given[3]);
    out[0] = block(self, x, self->norm3, NULL, self->dropout3, NULL, NULL, NULL);
    return cor_error();
}

static cor_module *attention_of(const layer *self) {
    return cor_nn_multihead_attention(self->d_model, self->nhead, .dropout = self->o.dropout, .bias = self->o.bias,
                                      .batch_first = self->o.batch_first);
}
static cor_module *norm_of(const layer *self) {
    return cor_nn_layer_norm(COR_DIMS(self->d_model), .eps = self->o.layer_norm_eps, .bias = self->o.bias);
}
static cor_module *dropout_of(const layer *self) { return cor_nn_dropout(.p = self->o.dropout); }

static void layer_init(cor_module *m) {
    layer *self = (layer *)m;
    const layer *given = cor_module_arguments(m);
    const int64_t d = self->d_model = given->d_model, wide = given->o.dim_feedforward;
    self->nhead = given->nhead;
    self->is_decoder = given->is_decoder;
    self->o = given->o;
    cor_set_module(m, layer, self_attn, attention_of(self));
    if (self->is_decoder) cor_set_module(m, layer, multihead_attn, attention_of(self));
    cor_set_module(m, layer, linear1, cor_nn_linear(d, wide, .bias = self->o.bias));
    cor_set_module(m, layer, dropout, dropout_of(self));
    cor_set_module(m, layer, linear2, cor_nn_linear(wide, d, .bias = self->o.bias));
    cor_set_module(m, layer, norm1, norm_of(self));
    cor_set_module(m, layer, norm2, norm_of(self));
    if (self->is_decoder) cor_set_module(m, layer, norm3, norm_of(self));
    cor_set_module(m, layer, dropout1, dropout_of(self));
    cor_set_module(m, layer, dropout2, dropout_of(self));
    if (self->is_decoder) cor_set_module(m, layer, dropout3, dropout_of(self));
}

static const char *layer_name(bool is_decoder) {
    return is_decoder ? "TransformerDecoderLayer" : "TransformerEncoderLayer";
}

static cor_module *layer_new(bool is_decoder, int64_t d_model, int64_t nhead,
                             const cor_nn_transformer_encoder_layer_options *o) {
    const layer given = {.is_decoder = is_decoder, .d_model = d_model, .nhead = nhead, .o = *o};
    return cor__layer_new_n(sizeof given, layer_name(is_decoder),
                            is_decoder ? decoder_layer_forward : encoder_layer_forward, layer_init, &given, NULL);
}

static cor_module *layer_with(bool is_decoder, int64_t d_model, int64_t nhead,
                              const cor_nn_transformer_encoder_layer_options *options) {
    cor_nn_transformer_encoder_layer_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, layer_name(is_decoder)) != COR_OK)
        return NULL;
    return layer_new(is_decoder, d_model, nhead, cor_nn_transformer_encoder_layer_options_or_defaults(options, &room));
}

cor_module *cor_nn_transformer_encoder_layer_with(int64_t d_model, int64_t nhead,
                                                  const cor_nn_transformer_encoder_layer_options *options) {
    return layer_with(false, d_model, nhead, options);
}
cor_module *cor_nn_transformer_decoder_layer_with(int64_t d_model, int64_t nhead,
                                                  const cor_nn_transformer_encoder_layer_options *options) {
    return layer_with(true, d_model, nhead, options);
}

/* A copy with memory of its own. What the copy draws when it is made is taken back. */
static cor_module *copy_layer(cor_module *from) {
    unsigned char state[COR_GENERATOR_STATE];
    const layer *own = (const layer *)from;
    const cor__entry *weight = cor__entry_find(cor__state(own->linear1), "weight", COR__PARAMETER);
    if (weight == NULL) return cor__fail_null(COR_EKEY, "%s: linear1 has no weight", cor_module_name(from));
    if (cor_generator_get_state(cor_default_generator(), state, sizeof state) != COR_OK) return NULL;
    cor_module *copy = layer_new(own->is_decoder, own->d_model, own->nhead, &own->o);
    if (cor_generator_set_state(cor_default_generator(), state, sizeof state) != COR_OK || copy == NULL) return NULL;
    if (cor_module_to(copy, cor_dtype_of(weight->tensor)) != COR_OK) return NULL;
    if (cor_load_state_dict(copy, cor_state_dict(from)) != COR_OK) return NULL;
    if (!cor_is_training(from)) cor_eval(copy);
    return copy;
}

/* ---- stacks of them --------------------------------------------------------------------------------------------- */

typedef struct stack {
    cor_module base;
    cor_module *layers, *norm;
    cor_module *layer; /* of the arguments only: what is copied num_layers times */
    int64_t num_layers;
    bool is_decoder;
} stack;

static int stack_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const stack *self = (const stack *)m;
    const int most = self->is_decoder ? DECODER_INPUTS : ENCODER_INPUTS;
    cor_tensor *inputs[WHOLE_INPUTS];
    if (read_inputs(m, self->is_decoder ? 2 : 1, most, in, n_in, n_out, inputs) != COR_OK) return cor_error();
    for (int64_t i = 0; i < cor_module_length(self->layers); i++) {
        cor_tensor *next = cor_call_of(cor_module_at(self->layers, i), COR_LIST(inputs, most));
        if (next == NULL) return cor_error();
        inputs[0] = next;
    }
    out[0] = self->norm == NULL ? inputs[0] : cor_call(self->norm, inputs[0]);
    return cor_error();
}

static void stack_init(cor_module *m) {
    const stack *given = cor_module_arguments(m);
    stack *self = (stack *)m;
    self->is_decoder = given->is_decoder;
    cor_set_module(m, stack, layers, cor_nn_module_list_of((cor_module_list){NULL, 0}));
    for (int64_t i = 0; i < given->num_layers && cor_error() == COR_OK; i++)
        cor_module_append(self->layers, copy_layer(given->layer));
    if (given->norm != NULL) cor_set_module(m, stack, norm, given->norm);
}

static cor_module *stack_new(bool is_decoder, cor_module *from, int64_t num_layers, cor_module *norm) {
    const char *name = is_decoder ? "TransformerDecoder" : "TransformerEncoder";
    const stack given = {.layer = from, .norm = norm, .num_layers = num_layers, .is_decoder = is_decoder};
    if (!cor__module_ready(from, name)) return NULL;
    if (cor__state(from)->forward_n != (is_decoder ? decoder_layer_forward : encoder_layer_forward))
        return cor__fail_null(COR_EUNSUPPORTED, "%s: '%s' is not a %s", name, cor_module_name(from),
                              layer_name(is_decoder));
    if (num_layers < 0)
        return cor__fail_null(COR_EVALUE, "%s: there cannot be %lld layers", name, (long long)num_layers);
    return cor__layer_new_n(sizeof given, name, stack_forward, stack_init, &given, NULL);
}

cor_module *cor_nn_transformer_encoder_of(cor_module *from, int64_t num_layers, cor_module *norm) {
    return stack_new(false, from, num_layers, norm);
}
cor_module *cor_nn_transformer_decoder_of(cor_module *from, int64_t num_layers, cor_module *norm) {
    return stack_new(true, from, num_layers, norm);
}

/* ---- Transformer ------------------------------------------------------------------------------------------------ */

typedef struct transformer {
    cor_module base;
    cor_module *encoder, *decoder;
    int64_t d_model;
    bool batch_first;
} transformer;

static int check_sequences(const transformer *self, const cor_tensor *src, const cor_tensor *tgt) {
    if (src == NULL || tgt == NULL || src == COR_NONE || tgt == COR_NONE)
        return cor__fail(COR_EVALUE, "Transformer: src or tgt is NULL, a failed or missing tensor");
    const int d = self->batch_first ? 0 : 1;
    if (cor_dim(src) == 3 && cor_dim(tgt) > 1 && cor_size(src, d) != cor_size(tgt, d))
        return cor__fail(COR_ESHAPE, "the batch number of src and tgt must be equal");
    if (cor_dim(src) == 0 || cor_dim(tgt) == 0 || cor_size(src, -1) != self->d_model ||
        cor_size(tgt, -1) != self->d_model)
        return cor__fail(COR_ESHAPE, "the feature number of src and tgt must be equal to d_model");
    return COR_OK;
}

/* src, tgt, then the masks of src, tgt and memory, and their padding masks. */
static int transformer_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const transformer *self = (const transformer *)m;
    cor_tensor *g[WHOLE_INPUTS];
    if (read_inputs(m, 2, WHOLE_INPUTS, in, n_in, n_out, g) != COR_OK) return cor_error();
    if (check_sequences(self, g[0], g[1]) != COR_OK) return cor_error();
    cor_tensor *memory = cor_call_of(self->encoder, COR_TENSORS(g[0], g[2], g[5]));
    out[0] = cor_call_of(self->decoder, COR_TENSORS(g[1], memory, g[3], g[4], g[6], g[7]));
    return cor_error();
}

/* A stack of copies of a layer, and a norm. */
static cor_module *half(bool is_decoder, const cor_nn_transformer_options *o, int64_t num_layers) {
    const cor_nn_transformer_encoder_layer_options options = {
        sizeof options,    o->dim_feedforward, o->dropout,    o->gelu,
        o->layer_norm_eps, o->batch_first,     o->norm_first, o->bias};
    cor_module *one = layer_new(is_decoder, o->d_model, o->nhead, &options);
    if (one == NULL) return NULL;
    cor_module *norm = cor_nn_layer_norm(COR_DIMS(o->d_model), .eps = o->layer_norm_eps, .bias = o->bias);
    return norm == NULL ? NULL : stack_new(is_decoder, one, num_layers, norm);
}

static void transformer_init(cor_module *m) {
    const cor_nn_transformer_options *o = cor_module_arguments(m);
    transformer *self = (transformer *)m;
    self->d_model = o->d_model;
    self->batch_first = o->batch_first;
    cor_set_module(m, transformer, encoder, half(false, o, o->num_encoder_layers));
    cor_set_module(m, transformer, decoder, half(true, o, o->num_decoder_layers));
    const cor_dict *parameters = cor_named_parameters(m);
    for (int64_t i = 0; i < cor_dict_count(parameters) && cor_error() == COR_OK; i++)
        if (cor_dim(cor_dict_tensor_at(parameters, i)) > 1) cor_init_xavier_uniform_(cor_dict_tensor_at(parameters, i));
}

cor_module *cor_nn_transformer_with(const cor_nn_transformer_options *options) {
    cor_nn_transformer_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "Transformer") != COR_OK) return NULL;
    return cor__layer_new_n(sizeof(transformer), "Transformer", transformer_forward, transformer_init,
                            cor_nn_transformer_options_or_defaults(options, &room), NULL);
}

cor_tensor *cor_nn_square_subsequent_mask(int64_t size) {
    cor_scope();
    return cor_keep(cor_triu(cor_full(-(double)INFINITY, size, size), 1));
}
