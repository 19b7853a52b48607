/* attention.c: MultiheadAttention. Sequences are (L, N, E) inside, heads (N, heads, L, E / heads). */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/attention.h>
#include <corrie/conv.h>
#include <corrie/creation.h>
#include <corrie/index.h>
#include <corrie/init.h>
#include <corrie/math.h>
#include <corrie/matmul.h>
#include <corrie/norm.h>
#include <corrie/reduce.h>
#include <corrie/softmax.h>

COR__DEFINE_OPTIONS(cor_nn_multihead_attention_options, COR_NN_MULTIHEAD_ATTENTION_OPTIONS)

enum { QUERY, KEY, VALUE, PADDING, MASK, INPUTS };

typedef struct attention {
    cor_module base;
    cor_tensor *in_proj_weight, *proj_weights[3], *in_proj_bias, *bias_k, *bias_v;
    cor_module *out_proj;
    int64_t embed_dim, num_heads;
    cor_nn_multihead_attention_options o;
} attention;

static bool is_given(const cor_tensor *t) { return t != NULL && t != COR_NONE; }

/* ---- checking --------------------------------------------------------------------------------------------------- */

/* The numbers of dimensions, which depend on the query's. */
static int check_dims(cor_tensor *const *in) {
    const int n = cor_dim(in[QUERY]);
    const char *const which = n == 3 ? "batched" : "unbatched";
    if (n != 2 && n != 3)
        return cor__fail(COR_ESHAPE, "query should be unbatched 2D or batched 3D tensor but received %d-D query tensor",
                         n);
    if (cor_dim(in[KEY]) != n || cor_dim(in[VALUE]) != n)
        return cor__fail(COR_ESHAPE,
                         "For %s (%d-D) `query`, expected `key` and `value` to be %d-D but found %d-D and %d-D tensors "
                         "respectively",
                         which, n, n, cor_dim(in[KEY]), cor_dim(in[VALUE]));
    if (is_given(in[PADDING]) && cor_dim(in[PADDING]) != n - 1)
        return cor__fail(COR_ESHAPE,
                         "For %s (%d-D) `query`, expected `key_padding_mask` to be `None` or %d-D but found %d-D "
                         "tensor instead",
                         which, n, n - 1, cor_dim(in[PADDING]));
    if (!is_given(in[MASK]) || cor_dim(in[MASK]) == 2 || cor_dim(in[MASK]) == 3) return COR_OK;
    return cor__fail(
        COR_ESHAPE,
        "For %s (%d-D) `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found %d-D tensor instead", which, n,
        cor_dim(in[MASK]));
}

/* Of inputs (L, N, E): the widths, and that each key has a value. */
static int check_sizes(const attention *self, cor_tensor *const *in) {
    char key[COR__SIZES_TEXT], value[COR__SIZES_TEXT];
    const bool same = self->in_proj_weight != NULL;
    if (cor_size(in[QUERY], 2) != self->embed_dim)
        return cor__fail(COR_ESHAPE, "was expecting embedding dimension of %lld, but got %lld",
                         (long long)self->embed_dim, (long long)cor_size(in[QUERY], 2));
    const int n = same ? 3 : 2;
    bool equal = true;
    for (int d = 0; d < n; d++) equal = equal && cor_size(in[KEY], d) == cor_size(in[VALUE], d);
    if (equal) return COR_OK;
    cor__sizes_text(key, cor_sizes(in[KEY]), n);
    cor__sizes_text(value, cor_sizes(in[VALUE]), n);
    if (same)
        return cor__fail(COR_ESHAPE, "key shape torch.Size(%s) does not match value shape torch.Size(%s)", key, value);
    return cor__fail(COR_ESHAPE, "key's sequence and batch dims torch.Size(%s) do not match value's torch.Size(%s)",
                     key, value);
}

static int check_mask(const cor_tensor *mask, const int64_t *sizes, int n) {
    bool same = true;
    for (int d = 0; d < n; d++) same = same && cor_size(mask, d) == sizes[d];
    if (same) return COR_OK;
    char found[COR__SIZES_TEXT];
    cor__text wanted = {0};
    cor__text_tuple(&wanted, sizes, n);
    cor__fail(COR_ESHAPE, "The shape of the %dD attn_mask is torch.Size(%s), but should be %s.", n,
              cor__sizes_text(found, cor_sizes(mask), n), wanted.failed ? "" : wanted.data);
    cor__text_free(&wanted);
    return cor_error();
}

/* ---- masks ------------------------------------------------------------------------------------------------------ */

/* A mask as what is added to the scores. */
static cor_tensor *as_addend(cor_tensor *mask, const char *name, cor_dtype dtype) {
    if (cor_dtype_is_floating(cor_dtype_of(mask))) return mask;
    if (cor_dtype_of(mask) != COR_BOOL)
        return cor__fail_null(COR_EDTYPE, "only bool and floating types of %s are supported", name);
    return cor_masked_fill(cor_zeros_like(mask, .dtype = dtype), mask, -(double)INFINITY);
}

/* Both masks as one that broadcasts to (N, heads, L, S + more), zeros for the keys that the layer itself adds. */
static cor_tensor *merge_masks(const attention *self, cor_tensor *const *in, int64_t more) {
    const int64_t target = cor_size(in[QUERY], 0), batch = cor_size(in[QUERY], 1), source = cor_size(in[KEY], 0);
    const cor_dtype dtype = cor_dtype_of(in[QUERY]);
    cor_tensor *mask = in[MASK], *padding = in[PADDING];
    if (is_given(mask)) {
        const int64_t sizes[] = {batch * self->num_heads, target, source};
        const bool flat = cor_dim(mask) == 2;
        if ((mask = as_addend(mask, "attn_mask", dtype)) == NULL) return NULL;
        if (check_mask(mask, flat ? sizes + 1 : sizes, flat ? 2 : 3) != COR_OK) return NULL;
        if (!flat) mask = cor_unflatten(mask, 0, (const int64_t[]){batch, self->num_heads}, 2);
        if (more > 0) mask = cor_pad(mask, COR_DIMS(0, more));
    }
    if (!is_given(padding)) return mask;
    const int64_t sizes[] = {batch, source};
    for (int d = 0; d < 2; d++)
        if (cor_size(padding, d) != sizes[d])
            return cor__fail_null(COR_ESHAPE, "Expected key_padded_mask.shape[%d] to be %lld, but got %lld", d,
                                  (long long)sizes[d], (long long)cor_size(padding, d));
    padding = as_addend(padding, "key_padding_mask", dtype);
    if (more > 0) padding = cor_pad(padding, COR_DIMS(0, more));
    padding = cor_unsqueeze(cor_unsqueeze(padding, 1), 1);
    return is_given(mask) ? cor_add(mask, padding) : padding;
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

/* query, key and value, each through its part of the weights: one product when all are the same tensor. */
static void project(const attention *self, cor_tensor *const *in, cor_tensor *parts[3]) {
    const int64_t e = self->embed_dim;
    cor_tensor *all = self->in_proj_weight, *bias = self->in_proj_bias;
    if (all != NULL && in[QUERY] == in[KEY] && in[KEY] == in[VALUE]) {
        cor_tensor *together = cor_linear(in[QUERY], all, .bias = bias == NULL ? COR_NONE : bias);
        for (int i = 0; i < 3; i++) parts[i] = cor_narrow(together, -1, i * e, e);
        return;
    }
    for (int i = 0; i < 3; i++) {
        cor_tensor *weight = all != NULL ? cor_narrow(all, 0, i * e, e) : self->proj_weights[i];
        parts[i] = cor_linear(in[i], weight, .bias = bias == NULL ? COR_NONE : cor_narrow(bias, 0, i * e, e));
    }
}

/* (L, N, E) as (N, heads, L, E / heads). */
static cor_tensor *split_heads(const attention *self, cor_tensor *t) {
    const int64_t sizes[] = {self->num_heads, self->embed_dim / self->num_heads};
    return cor_permute(cor_unflatten(t, -1, sizes, 2), 1, 2, 0, 3);
}

/* A key or value with the one that the layer learned, and one of zeros, at its end. */
static cor_tensor *extended(const attention *self, cor_tensor *t, cor_tensor *learned) {
    const int64_t batch = cor_size(t, 1), e = self->embed_dim;
    if (learned != NULL) t = cor_cat(COR_TENSORS(t, cor_expand(learned, 1, batch, e)));
    if (self->o.add_zero_attn) t = cor_cat(COR_TENSORS(t, cor_zeros_of(cor_dtype_of(t), 1, batch, e)));
    return t;
}

/* The heads' results; with `weights` their weights there too. */
static cor_tensor *attend(const attention *self, cor_tensor *q, cor_tensor *k, cor_tensor *v, cor_tensor *mask,
                          cor_tensor **weights) {
    const double p = cor_is_training(&self->base) ? self->o.dropout : 0;
    if (weights == NULL) return cor_scaled_dot_product_attention(q, k, v, .attn_mask = mask, .dropout_p = p);
    cor_tensor *scores = cor_matmul(cor_mul(q, 1 / sqrt((double)cor_size(q, -1))), cor_transpose(k, -2, -1));
    *weights = cor_dropout(cor_softmax(mask == COR_NONE ? scores : cor_add(scores, mask), -1), .p = p);
    return cor_matmul(*weights, v);
}

static cor_tensor *out_projection(const attention *self, cor_tensor *heads) {
    cor_tensor *joined = cor_flatten(cor_permute(heads, 2, 0, 1, 3), .start_dim = 2);
    const cor__module *state = cor__state(self->out_proj);
    const cor__entry *weight = cor__entry_find(state, "weight", COR__PARAMETER);
    const cor__entry *bias = cor__entry_find(state, "bias", COR__PARAMETER);
    if (weight == NULL) return cor__fail_null(COR_EKEY, "MultiheadAttention: out_proj has no weight");
    return cor_linear(joined, weight->tensor, .bias = bias == NULL || bias->tensor == NULL ? COR_NONE : bias->tensor);
}

/* The inputs with missing masks as COR_NONE, and sequences as (L, N, E). */
static int arrange(const attention *self, cor_tensor *const *given, int n, cor_tensor *in[INPUTS]) {
    for (int i = 0; i < INPUTS; i++) in[i] = i < n ? given[i] : COR_NONE;
    for (int i = 0; i <= VALUE; i++)
        if (!is_given(in[i])) return cor__fail(COR_EVALUE, "MultiheadAttention: input %d is missing", i);
    if (check_dims(in) != COR_OK) return cor_error();
    const bool batched = cor_dim(in[QUERY]) == 3, same = given[QUERY] == given[KEY], all = given[KEY] == given[VALUE];
    for (int i = 0; i <= VALUE; i++) {
        if ((i == KEY && same) || (i == VALUE && all)) in[i] = in[i - 1];
        else if (!batched) in[i] = cor_unsqueeze(in[i], 1);
        else if (self->o.batch_first) in[i] = cor_transpose(in[i], 0, 1);
    }
    if (!batched && is_given(in[PADDING])) in[PADDING] = cor_unsqueeze(in[PADDING], 0);
    return cor_error() != COR_OK ? cor_error() : check_sizes(self, in);
}

static int attention_forward(cor_module *m, cor_tensor *const *given, int n_in, cor_tensor **out, int n_out) {
    const attention *self = (const attention *)m;
    cor_tensor *in[INPUTS], *parts[3], *weights = NULL;
    if (n_in < 3 || n_in > INPUTS || n_out < 1 || n_out > 3)
        return cor__fail(COR_EVALUE,
                         "MultiheadAttention: forward takes 3 to 5 inputs and gives up to 3 outputs, called "
                         "with %d and %d",
                         n_in, n_out);
    if (arrange(self, given, n_in, in) != COR_OK) return cor_error();
    cor_tensor *mask = merge_masks(self, in, (self->bias_k != NULL) + self->o.add_zero_attn);
    if (mask == NULL) return cor_error();
    project(self, in, parts);
    if (cor_error() != COR_OK) return cor_error();
    parts[KEY] = extended(self, parts[KEY], self->bias_k);
    parts[VALUE] = extended(self, parts[VALUE], self->bias_v);
    for (int i = 0; i < 3; i++) parts[i] = split_heads(self, parts[i]);
    cor_tensor *result =
        out_projection(self, attend(self, parts[0], parts[1], parts[2], mask, n_out > 1 ? &weights : NULL));
    const bool batched = cor_dim(given[QUERY]) == 3;
    out[0] = !batched ? cor_squeeze(result, .dim = 1) : self->o.batch_first ? cor_transpose(result, 0, 1) : result;
    for (int i = 1; i < n_out; i++) {
        out[i] = i == 1 ? cor_mean(weights, .dim = 1) : weights;
        if (!batched) out[i] = cor_squeeze(out[i], .dim = 0);
    }
    return cor_error();
}

/* ---- the module ------------------------------------------------------------------------------------------------- */

static void add(cor_module *m, const char *name, cor_tensor **slot, bool there, const int64_t *sizes, int n) {
    cor_register_parameter_at(m, name, slot, there ? cor__new_parameter(sizes, n) : COR_NONE);
}

static void add_projections(cor_module *m, attention *self, bool same) {
    static const char *const names[] = {"q_proj_weight", "k_proj_weight", "v_proj_weight"};
    const int64_t e = self->embed_dim, widths[] = {e, self->o.kdim, self->o.vdim};
    if (same) add(m, "in_proj_weight", &self->in_proj_weight, true, (const int64_t[]){3 * e, e}, 2);
    for (int i = 0; i < 3; i++) add(m, names[i], &self->proj_weights[i], !same, (const int64_t[]){e, widths[i]}, 2);
    if (!same) add(m, "in_proj_weight", &self->in_proj_weight, false, NULL, 0);
}

/* The out_proj draws first: it draws when it is made. */
static void attention_start(attention *self, bool same) {
    if (same) cor_init_xavier_uniform_(self->in_proj_weight);
    for (int i = 0; !same && i < 3; i++) cor_init_xavier_uniform_(self->proj_weights[i]);
    if (self->in_proj_bias != NULL) {
        cor__init_constant(self->in_proj_bias, 0);
        cor__init_constant(cor_get_parameter(self->out_proj, "bias"), 0);
    }
    if (self->bias_k != NULL) cor_init_xavier_normal_(self->bias_k);
    if (self->bias_v != NULL) cor_init_xavier_normal_(self->bias_v);
}

static void attention_init(cor_module *m) {
    attention *self = (attention *)m;
    const attention *given = cor_module_arguments(m);
    self->embed_dim = given->embed_dim;
    self->num_heads = given->num_heads;
    self->o = given->o;
    const int64_t e = self->embed_dim, wide[] = {3 * e}, one[] = {1, 1, e};
    const bool same = self->o.kdim == e && self->o.vdim == e;
    add_projections(m, self, same);
    add(m, "in_proj_bias", &self->in_proj_bias, self->o.bias, wide, 1);
    cor_set_module(m, attention, out_proj, cor__linear_new("NonDynamicallyQuantizableLinear", e, e, self->o.bias));
    if (self->o.add_bias_kv) {
        add(m, "bias_k", &self->bias_k, true, one, 3);
        add(m, "bias_v", &self->bias_v, true, one, 3);
    }
    if (cor_error() == COR_OK) attention_start(self, same);
}

cor_module *cor_nn_multihead_attention_with(int64_t embed_dim, int64_t num_heads,
                                            const cor_nn_multihead_attention_options *options) {
    attention given = {.embed_dim = embed_dim, .num_heads = num_heads};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "MultiheadAttention") != COR_OK)
        return NULL;
    given.o = *cor_nn_multihead_attention_options_or_defaults(options, &given.o);
    if (embed_dim <= 0 || num_heads <= 0)
        return cor__fail_null(COR_EVALUE,
                              "embed_dim and num_heads must be greater than 0, got embed_dim=%lld and num_heads=%lld "
                              "instead",
                              (long long)embed_dim, (long long)num_heads);
    if (embed_dim % num_heads != 0) return cor__fail_null(COR_EVALUE, "embed_dim must be divisible by num_heads");
    if (embed_dim > INT32_MAX) return cor__fail_null(COR_ELIMIT, "MultiheadAttention: embed_dim is too large");
    if (given.o.kdim == COR_UNSET) given.o.kdim = embed_dim;
    if (given.o.vdim == COR_UNSET) given.o.vdim = embed_dim;
    return cor__layer_new_n(sizeof given, "MultiheadAttention", attention_forward, attention_init, &given, NULL);
}
