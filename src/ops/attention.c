/* attention.c: scaled dot product attention. Made of other operations, so that its gradients are theirs. */
#include "base/error.h"
#include "ops/op.h"
#include <corrie/attention.h>
#include <corrie/creation.h>
#include <corrie/index.h>
#include <corrie/math.h>
#include <corrie/matmul.h>
#include <corrie/norm.h>
#include <corrie/reduce.h>
#include <corrie/softmax.h>

COR__DEFINE_OPTIONS(cor_attention_options, COR_ATTENTION_OPTIONS)

/* What PyTorch's errors here call a dtype: the type of C++. */
static const char *type_name(cor_dtype dtype) {
    static const char *const names[COR_DTYPES] = {[COR_BOOL] = "bool",         [COR_UINT8] = "unsigned char",
                                                  [COR_INT8] = "signed char",  [COR_INT16] = "short",
                                                  [COR_INT32] = "int",         [COR_INT64] = "long",
                                                  [COR_FLOAT32] = "float",     [COR_FLOAT64] = "double",
                                                  [COR_FLOAT16] = "c10::Half", [COR_BFLOAT16] = "c10::BFloat16"};
    return names[dtype];
}

static int check(const cor_tensor *q, const cor_tensor *k, const cor_tensor *v, const cor_attention_options *o) {
    const cor_tensor *const all[] = {q, k, v};
    for (int i = 0; i < 3; i++)
        if (all[i] == NULL || all[i] == COR_NONE)
            return cor__fail(COR_EVALUE, "scaled_dot_product_attention: input %d is NULL, a failed or missing tensor",
                             i);
    if (o->attn_mask == NULL)
        return cor__fail(COR_EVALUE, "scaled_dot_product_attention: the mask is NULL, a failed or missing tensor");
    if (q->dtype != k->dtype || q->dtype != v->dtype)
        return cor__fail(COR_EDTYPE,
                         "Expected query, key, and value to have the same dtype, but got query.dtype: %s key.dtype: %s "
                         "and value.dtype: %s instead.",
                         type_name(q->dtype), type_name(k->dtype), type_name(v->dtype));
    if (q->ndim < 2 || k->ndim < 2 || v->ndim < 2)
        return cor__fail(COR_ESHAPE,
                         "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: %d "
                         "key.dim: %d and value.dim: %d instead.",
                         q->ndim, k->ndim, v->ndim);
    if (o->attn_mask == COR_NONE) return COR_OK;
    if (o->attn_mask->dtype != COR_BOOL && o->attn_mask->dtype != q->dtype)
        return cor__fail(COR_EDTYPE,
                         "Expected attn_mask dtype to be bool or float or to match query dtype, but got "
                         "attn_mask.dtype: %s and  query.dtype: %s instead.",
                         type_name(o->attn_mask->dtype), type_name(q->dtype));
    if (!o->is_causal) return COR_OK;
    return cor__fail(COR_EVALUE,
                     "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True");
}

/* key or value with each head as often as query has heads for it. */
static cor_tensor *repeat_heads(cor_tensor *t, const cor_tensor *query) {
    const int64_t heads = cor_size(t, -3), wanted = cor_size(query, -3);
    if (heads == wanted) return t;
    if (t->ndim < 3 || heads == 0 || wanted % heads != 0)
        return cor__fail_null(COR_ESHAPE, "Number of heads in key and value must divide the number of heads in ");
    int64_t sizes[COR_MAX_DIMS];
    cor_tensor *apart = cor_unsqueeze(t, -3);
    if (apart == NULL) return NULL;
    for (int i = 0; i < apart->ndim; i++) sizes[i] = apart->sizes[i];
    sizes[apart->ndim - 3] = wanted / heads;
    return cor_flatten(cor_expand_to(apart, sizes, apart->ndim), .start_dim = -4, .end_dim = -3);
}

static cor_tensor *masked(cor_tensor *scores, const cor_attention_options *o) {
    cor_tensor *mask = o->attn_mask;
    if (scores == NULL) return NULL;
    if (o->is_causal) {
        const int64_t sizes[] = {cor_size(scores, -2), cor_size(scores, -1)};
        mask = cor_tril(cor_ones_sized(COR_BOOL, sizes, 2), 0);
    }
    if (mask == COR_NONE) return scores;
    return cor_dtype_of(mask) == COR_BOOL ? cor_where(mask, scores, -(double)INFINITY) : cor_add(scores, mask);
}

/* softmax over the last dimension, zeros where all of a row is masked away; neither gets gradients there. */
static cor_tensor *weights_of(cor_tensor *scores, bool may_be_empty) {
    if (!may_be_empty) return cor_softmax(scores, -1);
    cor_tensor *empty = cor_all(cor_eq(scores, -(double)INFINITY), .dim = -1, .keepdim = true);
    return cor_where(empty, 0.0, cor_softmax(cor_where(empty, 0.0, scores), -1));
}

cor_tensor *cor_scaled_dot_product_attention_with(cor_tensor *query, cor_tensor *key, cor_tensor *value,
                                                  const cor_attention_options *options) {
    cor_attention_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "scaled_dot_product_attention") != COR_OK)
        return NULL;
    const cor_attention_options *o = cor_attention_options_or_defaults(options, &room);
    if (check(query, key, value, o) != COR_OK) return NULL;
    cor_scope();
    const double scale = isnan(o->scale) ? 1 / sqrt((double)cor_size(query, -1)) : o->scale;
    if (o->enable_gqa) {
        key = repeat_heads(key, query);
        value = repeat_heads(value, query);
    }
    cor_tensor *scores = masked(cor_matmul(cor_mul(query, scale), cor_transpose(key, -2, -1)), o);
    cor_tensor *weights = weights_of(scores, o->attn_mask != COR_NONE);
    return cor_keep(cor_matmul(cor_dropout(weights, .p = o->dropout_p), value));
}
