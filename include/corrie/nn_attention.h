/* corrie/nn_attention.h: attention and transformers, torch.nn's. */
#ifndef CORRIE_NN_ATTENTION_H
#define CORRIE_NN_ATTENTION_H

#include <corrie/module.h>

COR_BEGIN

#define COR_NN_MULTIHEAD_ATTENTION_OPTIONS(_)                                                                          \
    _(double, dropout, 0)                                                                                              \
    _(bool, bias, true)                                                                                                \
    _(bool, add_bias_kv, false)                                                                                        \
    _(bool, add_zero_attn, false)                                                                                      \
    _(int64_t, kdim, COR_UNSET) /* embed_dim when not given */                                                         \
    _(int64_t, vdim, COR_UNSET)                                                                                        \
    _(bool, batch_first, false)
COR_DECLARE_OPTIONS(cor_nn_multihead_attention_options, COR_NN_MULTIHEAD_ATTENTION_OPTIONS)
/* Attention of num_heads heads (torch.nn.MultiheadAttention). Called with query (L, N, E), key (S, N, kdim) and value
 * (S, N, vdim), with .batch_first (N, L, E) and so on, or unbatched (L, E), and, COR_NONE or left out, a
 * key_padding_mask (N, S) and an attn_mask (L, S) or (N * num_heads, L, S): bool, true where a key is left out, or
 * floating, added. Gives the output; asked for two, also the weights averaged over the heads, (N, L, S) (need_weights);
 * for three, also those of each head, (N, num_heads, L, S). */
COR_API cor_module *cor_nn_multihead_attention_with(int64_t embed_dim, int64_t num_heads,
                                                    const cor_nn_multihead_attention_options *options);
#define cor_nn_multihead_attention(embed_dim, num_heads, ...)                                                          \
    COR__CALL(cor_nn_multihead_attention_with(                                                                         \
        (embed_dim), (num_heads),                                                                                      \
        COR__OPTIONS(cor_nn_multihead_attention_options, COR_NN_MULTIHEAD_ATTENTION_OPTIONS, ##__VA_ARGS__)))

#define COR_NN_TRANSFORMER_ENCODER_LAYER_OPTIONS(_)                                                                    \
    _(int64_t, dim_feedforward, 2048)                                                                                  \
    _(double, dropout, 0.1)                                                                                            \
    _(bool, gelu, false) /* activation='gelu' */                                                                       \
    _(double, layer_norm_eps, 1e-5)                                                                                    \
    _(bool, batch_first, false)                                                                                        \
    _(bool, norm_first, false)                                                                                         \
    _(bool, bias, true)
COR_DECLARE_OPTIONS(cor_nn_transformer_encoder_layer_options, COR_NN_TRANSFORMER_ENCODER_LAYER_OPTIONS)
/* Attention of a sequence to itself and two linear layers, each with a residual connection and a LayerNorm
 * (torch.nn.TransformerEncoderLayer). Called with src (S, N, d_model) and, COR_NONE or left out, src_mask and
 * src_key_padding_mask, masks as those of MultiheadAttention. */
COR_API cor_module *cor_nn_transformer_encoder_layer_with(int64_t d_model, int64_t nhead,
                                                          const cor_nn_transformer_encoder_layer_options *options);
#define cor_nn_transformer_encoder_layer(d_model, nhead, ...)                                                          \
    COR__CALL(                                                                                                         \
        cor_nn_transformer_encoder_layer_with((d_model), (nhead),                                                      \
                                              COR__OPTIONS(cor_nn_transformer_encoder_layer_options,                   \
                                                           COR_NN_TRANSFORMER_ENCODER_LAYER_OPTIONS, ##__VA_ARGS__)))

/* num_layers copies of a TransformerEncoderLayer, one after another, and then norm, unless it is NULL
 * (torch.nn.TransformerEncoder); called as one layer is. The layer given is only copied. COR_EUNSUPPORTED for other
 * modules. */
COR_API cor_module *cor_nn_transformer_encoder_of(cor_module *encoder_layer, int64_t num_layers, cor_module *norm);
#define cor_nn_transformer_encoder(encoder_layer, num_layers, norm)                                                    \
    cor_nn_transformer_encoder_of(COR_MODULE(encoder_layer), (num_layers), (norm))

/* Attention of a sequence to itself and to another, the memory, and two linear layers
 * (torch.nn.TransformerDecoderLayer), with the encoder layer's options. Called with tgt (T, N, d_model), memory (S, N,
 * d_model) and, COR_NONE or left out, tgt_mask, memory_mask, tgt_key_padding_mask and memory_key_padding_mask. */
COR_API cor_module *cor_nn_transformer_decoder_layer_with(int64_t d_model, int64_t nhead,
                                                          const cor_nn_transformer_encoder_layer_options *options);
#define cor_nn_transformer_decoder_layer(d_model, nhead, ...)                                                          \
    COR__CALL(                                                                                                         \
        cor_nn_transformer_decoder_layer_with((d_model), (nhead),                                                      \
                                              COR__OPTIONS(cor_nn_transformer_encoder_layer_options,                   \
                                                           COR_NN_TRANSFORMER_ENCODER_LAYER_OPTIONS, ##__VA_ARGS__)))

/* num_layers copies of a TransformerDecoderLayer and norm (torch.nn.TransformerDecoder), as TransformerEncoder. */
COR_API cor_module *cor_nn_transformer_decoder_of(cor_module *decoder_layer, int64_t num_layers, cor_module *norm);
#define cor_nn_transformer_decoder(decoder_layer, num_layers, norm)                                                    \
    cor_nn_transformer_decoder_of(COR_MODULE(decoder_layer), (num_layers), (norm))

#define COR_NN_TRANSFORMER_OPTIONS(_)                                                                                  \
    _(int64_t, d_model, 512)                                                                                           \
    _(int64_t, nhead, 8)                                                                                               \
    _(int64_t, num_encoder_layers, 6)                                                                                  \
    _(int64_t, num_decoder_layers, 6)                                                                                  \
    _(int64_t, dim_feedforward, 2048)                                                                                  \
    _(double, dropout, 0.1)                                                                                            \
    _(bool, gelu, false) /* activation='gelu' */                                                                       \
    _(double, layer_norm_eps, 1e-5)                                                                                    \
    _(bool, batch_first, false)                                                                                        \
    _(bool, norm_first, false)                                                                                         \
    _(bool, bias, true)
COR_DECLARE_OPTIONS(cor_nn_transformer_options, COR_NN_TRANSFORMER_OPTIONS)
/* An encoder and a decoder of its result (torch.nn.Transformer). Called with src, tgt and, COR_NONE or left out,
 * src_mask, tgt_mask, memory_mask and the three key padding masks. */
COR_API cor_module *cor_nn_transformer_with(const cor_nn_transformer_options *options);
#define cor_nn_transformer(...)                                                                                        \
    COR__CALL(                                                                                                         \
        cor_nn_transformer_with(COR__OPTIONS(cor_nn_transformer_options, COR_NN_TRANSFORMER_OPTIONS, ##__VA_ARGS__)))

/* Returns the mask (size, size) that lets each place see itself and what comes before: -inf above the diagonal, else 0
 * (torch.nn.Transformer.generate_square_subsequent_mask). */
COR_API cor_tensor *cor_nn_square_subsequent_mask(int64_t size);

COR_END
#endif
