/* embedding.c: Embedding, EmbeddingBag, and the layers that only move elements: PixelShuffle, PixelUnshuffle,
 * ChannelShuffle. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/creation.h>
#include <corrie/index.h>
#include <corrie/math.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_nn_embedding_options, COR_NN_EMBEDDING_OPTIONS)

/* ---- Embedding -------------------------------------------------------------------------------------------------- */

typedef struct embedding {
    cor_module base;
    cor_tensor *weight;
    int64_t num_embeddings, embedding_dim;
    cor_nn_embedding_options o;
} embedding;

static cor_tensor *embedding_forward(cor_module *m, cor_tensor *indices) {
    const embedding *self = (const embedding *)m;
    return cor_embedding(indices, self->weight, .padding_idx = self->o.padding_idx, .max_norm = self->o.max_norm,
                         .norm_type = self->o.norm_type, .scale_grad_by_freq = self->o.scale_grad_by_freq,
                         .sparse = self->o.sparse);
}

/* Rows of normal numbers, but that of padding_idx, which is zeros. */
static cor_tensor *new_weight(const int64_t sizes[2], int64_t padding_idx) {
    cor_tensor *weight = cor__new_parameter(sizes, 2);
    cor_no_grad();
    cor_normal_(weight);
    if (padding_idx != COR_UNSET) cor_zero_(cor_select(weight, 0, padding_idx));
    return cor_error() == COR_OK ? weight : NULL;
}

static void embedding_init(cor_module *m) {
    embedding *self = (embedding *)m;
    const embedding *given = cor_module_arguments(m);
    const int64_t sizes[] = {given->num_embeddings, given->embedding_dim};
    self->num_embeddings = given->num_embeddings;
    self->embedding_dim = given->embedding_dim;
    self->o = given->o;
    cor_set_parameter(m, embedding, weight, new_weight(sizes, self->o.padding_idx));
}

static void append_real(cor__text *text, const char *name, double value) {
    cor__text_format(text, ", %s=", name);
    cor__text_double(text, value);
}

static int embedding_extra(cor_module *m, char *buffer, size_t n) {
    const embedding *self = (const embedding *)m;
    cor__text text = {0};
    cor__text_format(&text, "%lld, %lld", (long long)self->num_embeddings, (long long)self->embedding_dim);
    if (self->o.padding_idx != COR_UNSET) cor__text_format(&text, ", padding_idx=%lld", (long long)self->o.padding_idx);
    if (!isnan(self->o.max_norm)) append_real(&text, "max_norm", self->o.max_norm);
    if (self->o.norm_type != 2) append_real(&text, "norm_type", self->o.norm_type);
    if (self->o.scale_grad_by_freq) cor__text_append(&text, ", scale_grad_by_freq=True");
    if (self->o.sparse) cor__text_append(&text, ", sparse=True");
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_embedding_with(int64_t num_embeddings, int64_t embedding_dim,
                                  const cor_nn_embedding_options *options) {
    embedding given = {.num_embeddings = num_embeddings, .embedding_dim = embedding_dim};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "Embedding") != COR_OK) return NULL;
    given.o = *cor_nn_embedding_options_or_defaults(options, &given.o);
    if (given.o.padding_idx != COR_UNSET) {
        if (given.o.padding_idx >= num_embeddings || given.o.padding_idx < -num_embeddings)
            return cor__fail_null(COR_EVALUE, "Padding_idx must be within num_embeddings");
        if (given.o.padding_idx < 0) given.o.padding_idx += num_embeddings;
    }
    return cor__layer_new(sizeof given, "Embedding", embedding_forward, embedding_init, &given, embedding_extra);
}

/* ---- EmbeddingBag ------------------------------------------------------------------------------------------------ */

typedef struct bag {
    cor_module base;
    cor_tensor *weight;
    int64_t num_embeddings, embedding_dim;
    cor_embedding_bag_options o;
} bag;

static int bag_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const bag *self = (const bag *)m;
    cor_embedding_bag_options o = self->o;
    if (n_in < 1 || n_in > 3 || n_out != 1)
        return cor__fail(COR_EVALUE,
                         "EmbeddingBag: forward takes 1 to 3 inputs and gives one output, called with %d "
                         "and %d",
                         n_in, n_out);
    o.offsets = n_in > 1 ? in[1] : COR_NONE;
    o.per_sample_weights = n_in > 2 ? in[2] : COR_NONE;
    out[0] = cor_embedding_bag_with(in[0], self->weight, &o);
    return cor_error();
}

static void bag_init(cor_module *m) {
    bag *self = (bag *)m;
    const bag *given = cor_module_arguments(m);
    const int64_t sizes[] = {given->num_embeddings, given->embedding_dim};
    self->num_embeddings = given->num_embeddings;
    self->embedding_dim = given->embedding_dim;
    self->o = given->o;
    cor_set_parameter(m, bag, weight, new_weight(sizes, self->o.padding_idx));
}

static int bag_extra(cor_module *m, char *buffer, size_t n) {
    static const char *const modes[] = {[COR_BAG_MEAN] = "mean", [COR_BAG_SUM] = "sum", [COR_BAG_MAX] = "max"};
    const bag *self = (const bag *)m;
    cor__text text = {0};
    cor__text_format(&text, "%lld, %lld", (long long)self->num_embeddings, (long long)self->embedding_dim);
    if (!isnan(self->o.max_norm)) append_real(&text, "max_norm", self->o.max_norm);
    if (self->o.norm_type != 2) append_real(&text, "norm_type", self->o.norm_type);
    if (self->o.scale_grad_by_freq) cor__text_append(&text, ", scale_grad_by_freq=True");
    cor__text_format(&text, ", mode='%s'", modes[self->o.mode]);
    if (self->o.padding_idx != COR_UNSET) cor__text_format(&text, ", padding_idx=%lld", (long long)self->o.padding_idx);
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_embedding_bag_with(int64_t num_embeddings, int64_t embedding_dim,
                                      const cor_embedding_bag_options *options) {
    bag given = {.num_embeddings = num_embeddings, .embedding_dim = embedding_dim};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "EmbeddingBag") != COR_OK) return NULL;
    cor_embedding_bag_options_init(&given.o);
    if (options != NULL) given.o = *options;
    given.o.offsets = given.o.per_sample_weights = COR_NONE;
    if ((unsigned)given.o.mode > COR_BAG_MAX)
        return cor__fail_null(COR_EVALUE, "mode has to be one of sum, mean or max");
    if (given.o.padding_idx != COR_UNSET) {
        if (given.o.padding_idx >= num_embeddings || given.o.padding_idx < -num_embeddings)
            return cor__fail_null(COR_EVALUE, "padding_idx must be within num_embeddings");
        if (given.o.padding_idx < 0) given.o.padding_idx += num_embeddings;
    }
    return cor__layer_new_n(sizeof given, "EmbeddingBag", bag_forward, bag_init, &given, bag_extra);
}

/* ---- the shuffles ----------------------------------------------------------------------------------------------- */

typedef struct shuffle {
    cor_module base;
    cor_tensor *(*function)(cor_tensor *t, int64_t factor);
    const char *factor_name;
    int64_t factor;
} shuffle;

static cor_tensor *shuffle_forward(cor_module *m, cor_tensor *input) {
    const shuffle *self = (const shuffle *)m;
    return self->function(input, self->factor);
}

static void shuffle_init(cor_module *m) {
    shuffle *self = (shuffle *)m;
    const shuffle *given = cor_module_arguments(m);
    self->function = given->function;
    self->factor_name = given->factor_name;
    self->factor = given->factor;
}

static int shuffle_extra(cor_module *m, char *buffer, size_t n) {
    const shuffle *self = (const shuffle *)m;
    cor__text text = {0};
    cor__text_format(&text, "%s=%lld", self->factor_name, (long long)self->factor);
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_pixel_shuffle(int64_t upscale_factor) {
    const shuffle given = {.function = cor_pixel_shuffle, .factor_name = "upscale_factor", .factor = upscale_factor};
    return cor__layer_new(sizeof given, "PixelShuffle", shuffle_forward, shuffle_init, &given, shuffle_extra);
}

cor_module *cor_nn_pixel_unshuffle(int64_t downscale_factor) {
    const shuffle given = {
        .function = cor_pixel_unshuffle, .factor_name = "downscale_factor", .factor = downscale_factor};
    return cor__layer_new(sizeof given, "PixelUnshuffle", shuffle_forward, shuffle_init, &given, shuffle_extra);
}

cor_module *cor_nn_channel_shuffle(int64_t groups) {
    const shuffle given = {.function = cor_channel_shuffle, .factor_name = "groups", .factor = groups};
    return cor__layer_new(sizeof given, "ChannelShuffle", shuffle_forward, shuffle_init, &given, shuffle_extra);
}
