/* loss.c: the loss layers, one row each: the name, how many inputs, and the function. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"

typedef struct loss loss;

typedef struct row {
    const char *name;
    int n_inputs;
    cor_tensor *(*apply)(const loss *self, cor_tensor *const *in);
    int n_weights; /* the buffers: none, weight, or weight and pos_weight */
} row;

struct loss {
    cor_module base;
    cor_tensor *weight, *pos_weight;
    const row *row;
    union {
        cor_loss_options plain;
        cor_smooth_l1_loss_options smooth_l1;
        cor_huber_loss_options huber;
        cor_nll_loss_options nll;
        cor_cross_entropy_options cross_entropy;
        cor_bce_options bce;
        cor_kl_div_options kl_div;
        cor_cosine_embedding_loss_options cosine;
        cor_triplet_margin_loss_options triplet;
        cor_margin_ranking_loss_options margin_ranking;
        cor_hinge_embedding_loss_options hinge_embedding;
        cor_multi_margin_loss_options multi_margin;
        cor_multilabel_soft_margin_loss_options multilabel_soft_margin;
        cor_triplet_margin_with_distance_loss_options triplet_distance;
        cor_poisson_nll_loss_options poisson_nll;
        cor_gaussian_nll_loss_options gaussian_nll;
        cor_ctc_loss_options ctc;
    } o;
};

/* ---- forwards --------------------------------------------------------------------------------------------------- */

static cor_tensor *or_none(cor_tensor *t) { return t == NULL ? COR_NONE : t; }

static cor_tensor *l1(const loss *self, cor_tensor *const *in) {
    return cor_l1_loss_with(in[0], in[1], &self->o.plain);
}
static cor_tensor *mse(const loss *self, cor_tensor *const *in) {
    return cor_mse_loss_with(in[0], in[1], &self->o.plain);
}
static cor_tensor *smooth_l1(const loss *self, cor_tensor *const *in) {
    return cor_smooth_l1_loss_with(in[0], in[1], &self->o.smooth_l1);
}
static cor_tensor *huber(const loss *self, cor_tensor *const *in) {
    return cor_huber_loss_with(in[0], in[1], &self->o.huber);
}
static cor_tensor *nll(const loss *self, cor_tensor *const *in) {
    cor_nll_loss_options o = self->o.nll;
    o.weight = or_none(self->weight);
    return cor_nll_loss_with(in[0], in[1], &o);
}
static cor_tensor *cross_entropy(const loss *self, cor_tensor *const *in) {
    cor_cross_entropy_options o = self->o.cross_entropy;
    o.weight = or_none(self->weight);
    return cor_cross_entropy_with(in[0], in[1], &o);
}
static cor_tensor *bce(const loss *self, cor_tensor *const *in) {
    cor_bce_options o = self->o.bce;
    o.weight = or_none(self->weight);
    return cor_binary_cross_entropy_with(in[0], in[1], &o);
}
static cor_tensor *bce_with_logits(const loss *self, cor_tensor *const *in) {
    cor_bce_options o = self->o.bce;
    o.weight = or_none(self->weight);
    o.pos_weight = or_none(self->pos_weight);
    return cor_binary_cross_entropy_with_logits_with(in[0], in[1], &o);
}
static cor_tensor *kl_div(const loss *self, cor_tensor *const *in) {
    return cor_kl_div_with(in[0], in[1], &self->o.kl_div);
}
static cor_tensor *cosine(const loss *self, cor_tensor *const *in) {
    return cor_cosine_embedding_loss_with(in[0], in[1], in[2], &self->o.cosine);
}
static cor_tensor *triplet(const loss *self, cor_tensor *const *in) {
    return cor_triplet_margin_loss_with(in[0], in[1], in[2], &self->o.triplet);
}

static cor_tensor *margin_ranking(const loss *self, cor_tensor *const *in) {
    return cor_margin_ranking_loss_with(in[0], in[1], in[2], &self->o.margin_ranking);
}
static cor_tensor *hinge_embedding(const loss *self, cor_tensor *const *in) {
    return cor_hinge_embedding_loss_with(in[0], in[1], &self->o.hinge_embedding);
}
static cor_tensor *soft_margin(const loss *self, cor_tensor *const *in) {
    return cor_soft_margin_loss_with(in[0], in[1], &self->o.plain);
}
static cor_tensor *multi_margin(const loss *self, cor_tensor *const *in) {
    cor_multi_margin_loss_options o = self->o.multi_margin;
    o.weight = or_none(self->weight);
    return cor_multi_margin_loss_with(in[0], in[1], &o);
}
static cor_tensor *multilabel_margin(const loss *self, cor_tensor *const *in) {
    return cor_multilabel_margin_loss_with(in[0], in[1], &self->o.plain);
}
static cor_tensor *multilabel_soft_margin(const loss *self, cor_tensor *const *in) {
    cor_multilabel_soft_margin_loss_options o = self->o.multilabel_soft_margin;
    o.weight = or_none(self->weight);
    return cor_multilabel_soft_margin_loss_with(in[0], in[1], &o);
}
static cor_tensor *triplet_distance(const loss *self, cor_tensor *const *in) {
    return cor_triplet_margin_with_distance_loss_with(in[0], in[1], in[2], &self->o.triplet_distance);
}
static cor_tensor *poisson_nll(const loss *self, cor_tensor *const *in) {
    return cor_poisson_nll_loss_with(in[0], in[1], &self->o.poisson_nll);
}
static cor_tensor *gaussian_nll(const loss *self, cor_tensor *const *in) {
    return cor_gaussian_nll_loss_with(in[0], in[1], COR_OPERAND(in[2]), &self->o.gaussian_nll);
}
static cor_tensor *ctc(const loss *self, cor_tensor *const *in) {
    return cor_ctc_loss_with(in[0], in[1], in[2], in[3], &self->o.ctc);
}

/* ---- the module ------------------------------------------------------------------------------------------------- */

static int loss_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const loss *self = (const loss *)m;
    if (n_in != self->row->n_inputs || n_out != 1)
        return cor__fail(COR_EVALUE, "%s: forward takes %d inputs and gives one output, called with %d and %d",
                         self->row->name, self->row->n_inputs, n_in, n_out);
    out[0] = self->row->apply(self, in);
    return cor_error();
}

static void loss_init(cor_module *m) {
    loss *self = (loss *)m;
    const loss *given = cor_module_arguments(m);
    self->row = given->row;
    self->o = given->o;
    if (self->row->apply == triplet_distance && self->o.triplet_distance.distance_function == NULL)
        cor_add_module(m, "distance_function", cor_nn_pairwise_distance());
    if (self->row->n_weights > 0) cor_set_buffer(m, loss, weight, given->weight);
    if (self->row->n_weights > 1) cor_set_buffer(m, loss, pos_weight, given->pos_weight);
}

static cor_module *loss_new(const row *kind, loss *given) {
    given->row = kind;
    return cor__layer_new_n(sizeof *given, kind->name, loss_forward, loss_init, given, NULL);
}

/* Starts a constructor: `given` with the options, or their defaults, in its field. */
#define READ(T, field, name)                                                                                           \
    loss given = {.weight = COR_NONE, .pos_weight = COR_NONE};                                                         \
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, name) != COR_OK) return NULL;            \
    T##_init(&given.o.field);                                                                                          \
    if (options != NULL) given.o.field = *options;

cor_module *cor_nn_l1_loss_with(const cor_loss_options *options) {
    static const row own = {"L1Loss", 2, l1, 0};
    READ(cor_loss_options, plain, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_mse_loss_with(const cor_loss_options *options) {
    static const row own = {"MSELoss", 2, mse, 0};
    READ(cor_loss_options, plain, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_smooth_l1_loss_with(const cor_smooth_l1_loss_options *options) {
    static const row own = {"SmoothL1Loss", 2, smooth_l1, 0};
    READ(cor_smooth_l1_loss_options, smooth_l1, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_huber_loss_with(const cor_huber_loss_options *options) {
    static const row own = {"HuberLoss", 2, huber, 0};
    READ(cor_huber_loss_options, huber, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_cross_entropy_loss_with(const cor_cross_entropy_options *options) {
    static const row own = {"CrossEntropyLoss", 2, cross_entropy, 1};
    READ(cor_cross_entropy_options, cross_entropy, own.name)
    given.weight = given.o.cross_entropy.weight;
    return loss_new(&own, &given);
}

cor_module *cor_nn_nll_loss_with(const cor_nll_loss_options *options) {
    static const row own = {"NLLLoss", 2, nll, 1};
    READ(cor_nll_loss_options, nll, own.name)
    given.weight = given.o.nll.weight;
    return loss_new(&own, &given);
}

cor_module *cor_nn_bce_loss_with(const cor_bce_options *options) {
    static const row own = {"BCELoss", 2, bce, 1};
    READ(cor_bce_options, bce, own.name)
    given.weight = given.o.bce.weight;
    return loss_new(&own, &given);
}

cor_module *cor_nn_bce_with_logits_loss_with(const cor_bce_options *options) {
    static const row own = {"BCEWithLogitsLoss", 2, bce_with_logits, 2};
    READ(cor_bce_options, bce, own.name)
    given.weight = given.o.bce.weight;
    given.pos_weight = given.o.bce.pos_weight;
    return loss_new(&own, &given);
}

cor_module *cor_nn_kl_div_loss_with(const cor_kl_div_options *options) {
    static const row own = {"KLDivLoss", 2, kl_div, 0};
    READ(cor_kl_div_options, kl_div, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_cosine_embedding_loss_with(const cor_cosine_embedding_loss_options *options) {
    static const row own = {"CosineEmbeddingLoss", 3, cosine, 0};
    READ(cor_cosine_embedding_loss_options, cosine, own.name)
    return loss_new(&own, &given);
}

static cor_module *refuse_margin(const char *name, double margin) {
    cor__text text = {0};
    cor__text_double(&text, margin);
    cor__fail(COR_EVALUE, "%s: expected margin to be greater than 0, got %s instead", name,
              text.failed ? "" : text.data);
    cor__text_free(&text);
    return NULL;
}

cor_module *cor_nn_triplet_margin_loss_with(const cor_triplet_margin_loss_options *options) {
    static const row own = {"TripletMarginLoss", 3, triplet, 0};
    READ(cor_triplet_margin_loss_options, triplet, own.name)
    if (!(given.o.triplet.margin > 0)) return refuse_margin(own.name, given.o.triplet.margin);
    return loss_new(&own, &given);
}

cor_module *cor_nn_margin_ranking_loss_with(const cor_margin_ranking_loss_options *options) {
    static const row own = {"MarginRankingLoss", 3, margin_ranking, 0};
    READ(cor_margin_ranking_loss_options, margin_ranking, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_hinge_embedding_loss_with(const cor_hinge_embedding_loss_options *options) {
    static const row own = {"HingeEmbeddingLoss", 2, hinge_embedding, 0};
    READ(cor_hinge_embedding_loss_options, hinge_embedding, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_soft_margin_loss_with(const cor_loss_options *options) {
    static const row own = {"SoftMarginLoss", 2, soft_margin, 0};
    READ(cor_loss_options, plain, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_multi_margin_loss_with(const cor_multi_margin_loss_options *options) {
    static const row own = {"MultiMarginLoss", 2, multi_margin, 1};
    READ(cor_multi_margin_loss_options, multi_margin, own.name)
    given.weight = given.o.multi_margin.weight;
    if (given.o.multi_margin.p != 1 && given.o.multi_margin.p != 2)
        return cor__fail_null(COR_EVALUE, "only p == 1 and p == 2 supported");
    if (given.weight != NULL && given.weight != COR_NONE && cor_dim(given.weight) != 1)
        return cor__fail_null(COR_EVALUE, "MultiMarginLoss: expected weight to be None or 1D tensor, got %dD instead",
                              cor_dim(given.weight));
    return loss_new(&own, &given);
}

cor_module *cor_nn_multilabel_margin_loss_with(const cor_loss_options *options) {
    static const row own = {"MultiLabelMarginLoss", 2, multilabel_margin, 0};
    READ(cor_loss_options, plain, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_multilabel_soft_margin_loss_with(const cor_multilabel_soft_margin_loss_options *options) {
    static const row own = {"MultiLabelSoftMarginLoss", 2, multilabel_soft_margin, 1};
    READ(cor_multilabel_soft_margin_loss_options, multilabel_soft_margin, own.name)
    given.weight = given.o.multilabel_soft_margin.weight;
    return loss_new(&own, &given);
}

cor_module *
cor_nn_triplet_margin_with_distance_loss_with(const cor_triplet_margin_with_distance_loss_options *options) {
    static const row own = {"TripletMarginWithDistanceLoss", 3, triplet_distance, 0};
    READ(cor_triplet_margin_with_distance_loss_options, triplet_distance, own.name)
    if (!(given.o.triplet_distance.margin > 0)) return refuse_margin(own.name, given.o.triplet_distance.margin);
    return loss_new(&own, &given);
}

cor_module *cor_nn_poisson_nll_loss_with(const cor_poisson_nll_loss_options *options) {
    static const row own = {"PoissonNLLLoss", 2, poisson_nll, 0};
    READ(cor_poisson_nll_loss_options, poisson_nll, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_gaussian_nll_loss_with(const cor_gaussian_nll_loss_options *options) {
    static const row own = {"GaussianNLLLoss", 3, gaussian_nll, 0};
    READ(cor_gaussian_nll_loss_options, gaussian_nll, own.name)
    return loss_new(&own, &given);
}

cor_module *cor_nn_ctc_loss_with(const cor_ctc_loss_options *options) {
    static const row own = {"CTCLoss", 4, ctc, 0};
    READ(cor_ctc_loss_options, ctc, own.name)
    return loss_new(&own, &given);
}
