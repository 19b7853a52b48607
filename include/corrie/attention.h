/* corrie/attention.h: attention as a function. */
#ifndef CORRIE_ATTENTION_H
#define CORRIE_ATTENTION_H

#include <corrie/tensor.h>
#include <math.h>

COR_BEGIN

#define COR_ATTENTION_OPTIONS(_)                                                                                       \
    _(cor_tensor *, attn_mask, COR_NONE)                                                                               \
    _(double, dropout_p, 0)                                                                                            \
    _(bool, is_causal, false)                                                                                          \
    _(double, scale, (double)NAN) /* NAN: 1 / sqrt(E) */                                                               \
    _(bool, enable_gqa, false)
COR_DECLARE_OPTIONS(cor_attention_options, COR_ATTENTION_OPTIONS)
/* Returns softmax(query key^T scale + mask) value for query (..., L, E), key (..., S, E) and value (..., S, Ev)
 * (torch.nn.functional.scaled_dot_product_attention): (..., L, Ev). attn_mask broadcasts to (..., L, S): bool, true
 * where a key takes part, or of query's dtype, added. A row without any key gives zeros. .is_causal lets row i see keys
 * 0 to i, .enable_gqa repeats the heads (dimension -3) of key and value up to query's. The weights are dropped with
 * probability dropout_p. COR_ESHAPE, COR_EDTYPE and COR_EVALUE with PyTorch's texts. */
COR_API cor_tensor *cor_scaled_dot_product_attention_with(cor_tensor *query, cor_tensor *key, cor_tensor *value,
                                                          const cor_attention_options *options);
#define cor_scaled_dot_product_attention(query, key, value, ...)                                                       \
    COR__CALL(cor_scaled_dot_product_attention_with(                                                                   \
        (query), (key), (value), COR__OPTIONS(cor_attention_options, COR_ATTENTION_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
