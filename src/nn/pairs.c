/* pairs.c: layers of two inputs: Bilinear, CosineSimilarity, PairwiseDistance. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/creation.h>
#include <corrie/matmul.h>
#include <math.h>

static int check_call(const char *name, int n_in, int n_out) {
    if (n_in == 2 && n_out == 1) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: forward takes 2 inputs and gives one output, called with %d and %d", name, n_in,
                     n_out);
}

/* ---- Bilinear --------------------------------------------------------------------------------------------------- */

typedef struct bilinear {
    cor_module base;
    cor_tensor *weight, *bias;
    int64_t in1, in2, out;
    bool has_bias;
} bilinear;

static int bilinear_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const bilinear *self = (const bilinear *)m;
    if (check_call("Bilinear", n_in, n_out) != COR_OK) return cor_error();
    out[0] = cor_bilinear(in[0], in[1], self->weight, .bias = self->has_bias ? self->bias : COR_NONE);
    return cor_error();
}

static void bilinear_init(cor_module *m) {
    bilinear *self = (bilinear *)m;
    const bilinear *given = cor_module_arguments(m);
    const int64_t sizes[] = {given->out, given->in1, given->in2};
    self->in1 = given->in1;
    self->in2 = given->in2;
    self->out = given->out;
    self->has_bias = given->has_bias;
    cor_set_parameter(m, bilinear, weight, cor__new_parameter(sizes, 3));
    if (self->has_bias) cor_set_parameter(m, bilinear, bias, cor__new_parameter(sizes, 1));
    else cor_register_parameter_at(m, "bias", NULL, COR_NONE);
    const double bound = 1 / sqrt((double)self->in1);
    cor_no_grad();
    cor_uniform_(self->weight, .from = -bound, .to = bound);
    if (self->has_bias) cor_uniform_(self->bias, .from = -bound, .to = bound);
}

static int bilinear_extra(cor_module *m, char *buffer, size_t n) {
    const bilinear *self = (const bilinear *)m;
    cor__text text = {0};
    cor__text_format(&text, "in1_features=%lld, in2_features=%lld, out_features=%lld, bias=%s", (long long)self->in1,
                     (long long)self->in2, (long long)self->out, self->has_bias ? "True" : "False");
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_bilinear_with(int64_t in1_features, int64_t in2_features, int64_t out_features,
                                 const cor_nn_linear_options *options) {
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "Bilinear") != COR_OK) return NULL;
    const bilinear given = {
        .in1 = in1_features, .in2 = in2_features, .out = out_features, .has_bias = options == NULL || options->bias};
    if (in1_features <= 0)
        return cor__fail_null(COR_EVALUE, "in1_features must be > 0, but got (in1_features=%lld)",
                              (long long)in1_features);
    return cor__layer_new_n(sizeof given, "Bilinear", bilinear_forward, bilinear_init, &given, bilinear_extra);
}

/* ---- distances -------------------------------------------------------------------------------------------------- */

typedef struct pair {
    cor_module base;
    union {
        cor_cosine_similarity_options cosine;
        cor_pairwise_distance_options distance;
    } o;
    bool is_distance;
} pair;

static int pair_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const pair *self = (const pair *)m;
    if (check_call(cor_module_name(m), n_in, n_out) != COR_OK) return cor_error();
    out[0] = self->is_distance ? cor_pairwise_distance_with(in[0], in[1], &self->o.distance)
                               : cor_cosine_similarity_with(in[0], in[1], &self->o.cosine);
    return cor_error();
}

static void pair_init(cor_module *m) {
    const pair *given = cor_module_arguments(m);
    ((pair *)m)->o = given->o;
    ((pair *)m)->is_distance = given->is_distance;
}

cor_module *cor_nn_cosine_similarity_with(const cor_cosine_similarity_options *options) {
    pair given = {.is_distance = false};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "CosineSimilarity") != COR_OK)
        return NULL;
    cor_cosine_similarity_options_init(&given.o.cosine);
    if (options != NULL) given.o.cosine = *options;
    return cor__layer_new_n(sizeof given, "CosineSimilarity", pair_forward, pair_init, &given, NULL);
}

cor_module *cor_nn_pairwise_distance_with(const cor_pairwise_distance_options *options) {
    pair given = {.is_distance = true};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "PairwiseDistance") != COR_OK)
        return NULL;
    cor_pairwise_distance_options_init(&given.o.distance);
    if (options != NULL) given.o.distance = *options;
    return cor__layer_new_n(sizeof given, "PairwiseDistance", pair_forward, pair_init, &given, NULL);
}
