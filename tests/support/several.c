/* several.c: the modules of several inputs from the notation of the golden files. */
#include "support/arguments.h"
#include "support/modules.h"
#include <string.h>

/* ---- losses ----------------------------------------------------------------------------------------------------- */

static cor_reduction reduction(const golden_call *call) {
    const char *text = argument(call, "reduction", -2);
    if (text == NULL || strcmp(text, "mean") == 0) return COR_REDUCTION_MEAN;
    return strcmp(text, "sum") == 0    ? COR_REDUCTION_SUM
           : strcmp(text, "none") == 0 ? COR_REDUCTION_NONE
                                       : COR_REDUCTION_BATCHMEAN;
}

/* ones(3) */
static cor_tensor *ones(const golden_call *call, const char *name) {
    golden_call inner;
    const char *text = argument(call, name, -2);
    if (text == NULL || !golden_parse_call(text, &inner)) return COR_NONE;
    return cor_ones(integer(&inner, "size", 0, 0));
}

static cor_module *build_margin_loss(const golden_call *call) {
    const char *name = call->name;
    const cor_reduction kind = reduction(call);
    if (strcmp(name, "MarginRankingLoss") == 0)
        return cor_nn_margin_ranking_loss(.reduction = kind, .margin = real(call, "margin", 0, 0));
    if (strcmp(name, "HingeEmbeddingLoss") == 0)
        return cor_nn_hinge_embedding_loss(.reduction = kind, .margin = real(call, "margin", 0, 1));
    if (strcmp(name, "SoftMarginLoss") == 0) return cor_nn_soft_margin_loss(.reduction = kind);
    if (strcmp(name, "MultiMarginLoss") == 0)
        return cor_nn_multi_margin_loss(.reduction = kind, .p = integer(call, "p", 0, 1),
                                        .margin = real(call, "margin", 1, 1), .weight = ones(call, "weight"));
    if (strcmp(name, "MultiLabelMarginLoss") == 0) return cor_nn_multilabel_margin_loss(.reduction = kind);
    if (strcmp(name, "MultiLabelSoftMarginLoss") == 0)
        return cor_nn_multilabel_soft_margin_loss(.reduction = kind, .weight = ones(call, "weight"));
    if (strcmp(name, "TripletMarginWithDistanceLoss") == 0)
        return cor_nn_triplet_margin_with_distance_loss(.reduction = kind, .margin = real(call, "margin", -2, 1),
                                                        .swap = truth(call, "swap", -2, false));
    return NULL;
}

static cor_module *build_likelihood(const golden_call *call) {
    const char *name = call->name;
    const cor_reduction kind = reduction(call);
    if (strcmp(name, "PoissonNLLLoss") == 0)
        return cor_nn_poisson_nll_loss(.reduction = kind, .log_input = truth(call, "log_input", -2, true),
                                       .full = truth(call, "full", -2, false));
    if (strcmp(name, "GaussianNLLLoss") == 0)
        return cor_nn_gaussian_nll_loss(.reduction = kind, .full = truth(call, "full", -2, false));
    if (strcmp(name, "CTCLoss") == 0)
        return cor_nn_ctc_loss(.reduction = kind, .blank = integer(call, "blank", 0, 0),
                               .zero_infinity = truth(call, "zero_infinity", -2, false));
    return NULL;
}

static cor_module *build_loss(const golden_call *call) {
    const char *name = call->name;
    const cor_reduction kind = reduction(call);
    if (strcmp(name, "L1Loss") == 0) return cor_nn_l1_loss(.reduction = kind);
    if (strcmp(name, "MSELoss") == 0) return cor_nn_mse_loss(.reduction = kind);
    if (strcmp(name, "SmoothL1Loss") == 0)
        return cor_nn_smooth_l1_loss(.reduction = kind, .beta = real(call, "beta", -2, 1));
    if (strcmp(name, "HuberLoss") == 0)
        return cor_nn_huber_loss(.reduction = kind, .delta = real(call, "delta", -2, 1));
    if (strcmp(name, "CrossEntropyLoss") == 0)
        return cor_nn_cross_entropy_loss(.reduction = kind, .weight = ones(call, "weight"),
                                         .ignore_index = integer(call, "ignore_index", -2, -100),
                                         .label_smoothing = real(call, "label_smoothing", -2, 0));
    if (strcmp(name, "NLLLoss") == 0)
        return cor_nn_nll_loss(.reduction = kind, .weight = ones(call, "weight"),
                               .ignore_index = integer(call, "ignore_index", -2, -100));
    if (strcmp(name, "BCELoss") == 0) return cor_nn_bce_loss(.reduction = kind, .weight = ones(call, "weight"));
    if (strcmp(name, "BCEWithLogitsLoss") == 0)
        return cor_nn_bce_with_logits_loss(.reduction = kind, .weight = ones(call, "weight"),
                                           .pos_weight = ones(call, "pos_weight"));
    if (strcmp(name, "KLDivLoss") == 0)
        return cor_nn_kl_div_loss(.reduction = kind, .log_target = truth(call, "log_target", -2, false));
    if (strcmp(name, "CosineEmbeddingLoss") == 0)
        return cor_nn_cosine_embedding_loss(.reduction = kind, .margin = real(call, "margin", -2, 0));
    if (strcmp(name, "TripletMarginLoss") == 0)
        return cor_nn_triplet_margin_loss(.reduction = kind, .margin = real(call, "margin", -2, 1),
                                          .p = real(call, "p", -2, 2), .swap = truth(call, "swap", -2, false));
    return NULL;
}

/* ---- recurrent layers ------------------------------------------------------------------------------------------- */

static cor_module *build_recurrent(const golden_call *call) {
    static const char *const names[] = {"RNN", "LSTM", "GRU"}, *const cells[] = {"RNNCell", "LSTMCell", "GRUCell"};
    const int64_t input = integer(call, "input_size", 0, 0), hidden = integer(call, "hidden_size", 1, 0);
    const char *nonlinearity = argument(call, "nonlinearity", -2);
    const bool relu = nonlinearity != NULL && strcmp(nonlinearity, "relu") == 0, bias = truth(call, "bias", -2, true);
    for (int i = 0; i < 3; i++) {
        const cor_nn_recurrent_kind kind = (cor_nn_recurrent_kind)i;
        if (strcmp(call->name, cells[i]) == 0) return COR__NN_CELL(kind, input, hidden, .bias = bias, .relu = relu);
        if (strcmp(call->name, names[i]) == 0)
            return COR__NN_RECURRENT(kind, input, hidden, .num_layers = integer(call, "num_layers", 2, 1), .relu = relu,
                                     .bias = bias, .batch_first = truth(call, "batch_first", -2, false),
                                     .dropout = real(call, "dropout", -2, 0),
                                     .bidirectional = truth(call, "bidirectional", -2, false),
                                     .proj_size = integer(call, "proj_size", -2, 0));
    }
    return NULL;
}

/* ---- attention -------------------------------------------------------------------------------------------------- */

static cor_module *build_transformer(const golden_call *call) {
    const char *activation = argument(call, "activation", -2);
    return cor_nn_transformer(.d_model = integer(call, "d_model", 0, 512), .nhead = integer(call, "nhead", 1, 8),
                              .num_encoder_layers = integer(call, "num_encoder_layers", 2, 6),
                              .num_decoder_layers = integer(call, "num_decoder_layers", 3, 6),
                              .dim_feedforward = integer(call, "dim_feedforward", 4, 2048),
                              .gelu = activation != NULL && strcmp(activation, "gelu") == 0,
                              .norm_first = truth(call, "norm_first", -2, false));
}

/* TransformerEncoder, TransformerDecoder and their layers. */
static cor_module *build_stack(const golden_call *call) {
    const bool decoder = strncmp(call->name, "TransformerDecoder", strlen("TransformerDecoder")) == 0;
    const char *norm = argument(call, "norm", 2), *activation = argument(call, "activation", -2);
    if (strstr(call->name, "Layer") == NULL)
        return (decoder ? cor_nn_transformer_decoder_of : cor_nn_transformer_encoder_of)(
            module_from_text(argument(call, decoder ? "decoder_layer" : "encoder_layer", 0)),
            integer(call, "num_layers", 1, 0), norm == NULL ? NULL : module_from_text(norm));
    cor_nn_transformer_encoder_layer_options o;
    cor_nn_transformer_encoder_layer_options_init(&o);
    o.dim_feedforward = integer(call, "dim_feedforward", 2, 2048);
    o.dropout = real(call, "dropout", -2, 0.1);
    o.gelu = activation != NULL && strcmp(activation, "gelu") == 0;
    o.layer_norm_eps = real(call, "layer_norm_eps", -2, 1e-5);
    o.batch_first = truth(call, "batch_first", -2, false);
    o.norm_first = truth(call, "norm_first", -2, false);
    o.bias = truth(call, "bias", -2, true);
    return (decoder ? cor_nn_transformer_decoder_layer_with : cor_nn_transformer_encoder_layer_with)(
        integer(call, "d_model", 0, 0), integer(call, "nhead", 1, 0), &o);
}

static cor_module *build_attention(const golden_call *call) {
    if (strcmp(call->name, "Transformer") == 0) return build_transformer(call);
    if (strncmp(call->name, "Transformer", strlen("Transformer")) == 0) return build_stack(call);
    if (strcmp(call->name, "MultiheadAttention") != 0) return NULL;
    return cor_nn_multihead_attention(
        integer(call, "embed_dim", 0, 0), integer(call, "num_heads", 1, 0), .dropout = real(call, "dropout", 2, 0),
        .bias = truth(call, "bias", -2, true), .add_bias_kv = truth(call, "add_bias_kv", -2, false),
        .add_zero_attn = truth(call, "add_zero_attn", -2, false), .kdim = integer(call, "kdim", -2, COR_UNSET),
        .vdim = integer(call, "vdim", -2, COR_UNSET), .batch_first = truth(call, "batch_first", -2, false));
}

cor_module *build_of_several(const golden_call *call) {
    cor_module *m = build_loss(call);
    if (m == NULL && cor_error() == COR_OK) m = build_margin_loss(call);
    if (m == NULL && cor_error() == COR_OK) m = build_likelihood(call);
    if (m == NULL && cor_error() == COR_OK) m = build_recurrent(call);
    if (m == NULL && cor_error() == COR_OK) m = build_attention(call);
    return m;
}
