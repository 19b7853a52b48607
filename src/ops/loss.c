/* loss.c: losses of pairs of elements. A row whose node PyTorch names computes with operations that are not recorded.
 */
#include "ops/loss.h"
#include "base/error.h"
#include "base/text.h"
#include <corrie/activation.h>

COR__DEFINE_OPTIONS(cor_loss_options, COR_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_smooth_l1_loss_options, COR_SMOOTH_L1_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_huber_loss_options, COR_HUBER_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_bce_options, COR_BCE_OPTIONS)
COR__DEFINE_OPTIONS(cor_kl_div_options, COR_KL_DIV_OPTIONS)

/* ---- reductions ------------------------------------------------------------------------------------------------- */

int cor__check_reduction(cor_reduction reduction, bool batch, const char *name) {
    if ((unsigned)reduction < COR_REDUCTION_BATCHMEAN || (batch && reduction == COR_REDUCTION_BATCHMEAN)) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: %d is not a valid value for reduction", name, (int)reduction);
}

cor_tensor *cor__reduce_loss(cor_tensor *elements, cor_reduction reduction) {
    return reduction == COR_REDUCTION_NONE  ? elements
           : reduction == COR_REDUCTION_SUM ? cor_sum(elements)
                                            : cor_mean(elements);
}

cor_tensor *cor__unreduce_loss(cor_tensor *g, cor_reduction reduction, int64_t numel) {
    return reduction == COR_REDUCTION_MEAN ? cor_div(g, numel) : g;
}

/* ---- rows that compute with operations -------------------------------------------------------------------------- */

/* What all of them carry: which of beta and delta it is depends on the row. */
typedef struct pair_options {
    cor_reduction reduction;
    double bend;
} pair_options;

static int check_pair(const cor__call *call, const char *kernel) {
    for (int i = 0; i < 2; i++)
        if (!cor_dtype_is_floating(call->inputs[i]->dtype))
            return cor__fail(COR_EDTYPE, "\"%s\" not implemented for '%s'", kernel,
                             cor__scalar_type_name(call->inputs[i]->dtype));
    return COR_OK;
}

/* Makes the output from what `elements` computes, unrecorded. */
static int pair_forward(cor__call *call, cor_tensor *(*elements)(const cor__call *)) {
    if (check_pair(call, call->op->kernel_name) != COR_OK) return cor_error();
    cor_no_grad();
    cor_scope();
    const cor_reduction reduction = *(const cor_reduction *)call->options;
    cor_tensor *loss = cor__reduce_loss(elements(call), reduction);
    if (loss != NULL) call->outputs[0] = cor__retain(loss);
    return cor_error();
}

/* Both inputs' gradients from the slope of the elements by the first's. */
static int pair_backward(cor__backward *pass, cor_tensor *slope, cor_reduction reduction) {
    if (slope == NULL) return cor_error();
    cor_tensor *grad = cor_mul(cor__unreduce_loss(pass->grads[0], reduction, slope->numel), slope);
    if (cor__needs(pass, 0)) pass->results[0] = grad;
    if (cor__needs(pass, 1)) pass->results[1] = cor_neg(grad);
    return cor_error();
}

static cor_tensor *difference(cor__backward *pass) {
    return cor_sub(cor__kept_input(pass, 0), cor__kept_input(pass, 1));
}

#define PAIR_ROW(row, node, kernel)                                                                                    \
    const cor__op cor__op_##row = {.name = #row,                                                                       \
                                   .grad_fn = node,                                                                    \
                                   .forward = row##_forward,                                                           \
                                   .kernel_name = kernel,                                                              \
                                   .backward = row##_backward,                                                         \
                                   .reads_options = sizeof(pair_options),                                              \
                                   .reads_inputs = {3, 3}};

static cor_tensor *squares(const cor__call *call) { return cor_square(cor_sub(call->inputs[0], call->inputs[1])); }
static int mse_loss_forward(cor__call *call) { return pair_forward(call, squares); }
static int mse_loss_backward(cor__backward *pass) {
    return pair_backward(pass, cor_mul(difference(pass), 2), ((const pair_options *)pass->options)->reduction);
}
PAIR_ROW(mse_loss, "MseLossBackward0", "mse_cpu")

static cor_tensor *bent(const cor__call *call, bool over) {
    const double bend = ((const pair_options *)call->options)->bend;
    cor_tensor *d = cor_abs(cor_sub(call->inputs[0], call->inputs[1]));
    cor_tensor *inner = cor_mul(cor_square(d), over ? 0.5 / bend : 0.5), *outer = cor_sub(d, 0.5 * bend);
    return cor_where(over ? cor_lt(d, bend) : cor_le(d, bend), inner, over ? outer : cor_mul(outer, bend));
}

/* d / bend between -1 and 1; of huber_loss bend times that. */
static int bent_backward(cor__backward *pass, bool over) {
    const pair_options *o = pass->options;
    cor_tensor *d = difference(pass);
    cor_tensor *slope = over ? cor_clamp(cor_div(d, o->bend), -1, 1) : cor_clamp(d, -o->bend, o->bend);
    return pair_backward(pass, slope, o->reduction);
}

static cor_tensor *smooth(const cor__call *call) { return bent(call, true); }
static cor_tensor *huber(const cor__call *call) { return bent(call, false); }
static int smooth_l1_loss_forward(cor__call *call) { return pair_forward(call, smooth); }
static int huber_loss_forward(cor__call *call) { return pair_forward(call, huber); }
static int smooth_l1_loss_backward(cor__backward *pass) { return bent_backward(pass, true); }
static int huber_loss_backward(cor__backward *pass) { return bent_backward(pass, false); }
PAIR_ROW(smooth_l1_loss, "SmoothL1LossBackward0", "smooth_l1_cpu")
PAIR_ROW(huber_loss, "HuberLossBackward0", "huber_cpu")

static cor_tensor *apply_pair(const cor__op *op, cor_tensor *input, cor_tensor *target, cor_reduction reduction,
                              double bend) {
    const pair_options o = {reduction, bend};
    return cor__apply1(op, (cor_tensor *[]){input, target}, 2, &o);
}

/* ---- mean squares, absolute values and what lies between -------------------------------------------------------- */

#define READ_OPTIONS(T, name)                                                                                          \
    T room;                                                                                                            \
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, name) != COR_OK) return NULL;                \
    const T *o = T##_or_defaults(options, &room);                                                                      \
    if (cor__check_reduction(o->reduction, false, name) != COR_OK) return NULL;

cor_tensor *cor_mse_loss_with(cor_tensor *input, cor_tensor *target, const cor_loss_options *options) {
    READ_OPTIONS(cor_loss_options, "mse_loss")
    return apply_pair(&cor__op_mse_loss, input, target, o->reduction, 0);
}

cor_tensor *cor_l1_loss_with(cor_tensor *input, cor_tensor *target, const cor_loss_options *options) {
    READ_OPTIONS(cor_loss_options, "l1_loss")
    cor_scope();
    return cor_keep(cor__reduce_loss(cor_abs(cor_sub(input, target)), o->reduction));
}

cor_tensor *cor_smooth_l1_loss_with(cor_tensor *input, cor_tensor *target, const cor_smooth_l1_loss_options *options) {
    READ_OPTIONS(cor_smooth_l1_loss_options, "smooth_l1_loss")
    if (!(o->beta >= 0)) return cor__fail_null(COR_EVALUE, "smooth_l1_loss does not support negative values for beta.");
    if (o->beta == 0) return cor_l1_loss(input, target, .reduction = o->reduction);
    return apply_pair(&cor__op_smooth_l1_loss, input, target, o->reduction, o->beta);
}

cor_tensor *cor_huber_loss_with(cor_tensor *input, cor_tensor *target, const cor_huber_loss_options *options) {
    READ_OPTIONS(cor_huber_loss_options, "huber_loss")
    if (!(o->delta > 0))
        return cor__fail_null(COR_EVALUE, "huber_loss does not support non-positive values for delta.");
    return apply_pair(&cor__op_huber_loss, input, target, o->reduction, o->delta);
}

cor_tensor *cor_kl_div_with(cor_tensor *input, cor_tensor *target, const cor_kl_div_options *options) {
    cor_kl_div_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "kl_div") != COR_OK) return NULL;
    const cor_kl_div_options *o = cor_kl_div_options_or_defaults(options, &room);
    if (cor__check_reduction(o->reduction, true, "kl_div") != COR_OK) return NULL;
    cor_scope();
    cor_tensor *elements;
    if (o->log_target) {
        elements = cor_mul(cor_exp(target), cor_sub(target, input));
    } else {
        cor_tensor *entropy = cor_where(cor_eq(target, 0), 0.0, cor_mul(target, cor_log(target)));
        elements = cor_sub(entropy, cor_mul(target, input));
    }
    if (o->reduction != COR_REDUCTION_BATCHMEAN) return cor_keep(cor__reduce_loss(elements, o->reduction));
    const int64_t batch = input == NULL || input == COR_NONE || input->ndim == 0 ? 1 : input->sizes[0];
    return cor_keep(cor_div(cor_sum(elements), batch));
}

/* ---- binary cross entropy ---------------------------------------------------------------------------------------- */

typedef struct bce_numbers {
    cor_reduction reduction;
} bce_numbers;
enum { INPUT, TARGET, WEIGHT, POSITIVE };

static int check_same_sizes(const cor_tensor *a, const cor_tensor *b, bool logits) {
    char target[COR__SIZES_TEXT], input[COR__SIZES_TEXT];
    const bool same = cor__has_sizes(a, b->sizes, b->ndim);
    if (same) return COR_OK;
    cor__sizes_text(target, b->sizes, b->ndim);
    cor__sizes_text(input, a->sizes, a->ndim);
    if (logits)
        return cor__fail(COR_EVALUE, "Target size (torch.Size(%s)) must be the same as input size (torch.Size(%s))",
                         target, input);
    return cor__fail(COR_EVALUE,
                     "Using a target size (torch.Size(%s)) that is different to the input size (torch.Size(%s)) is "
                     "deprecated. Please ensure they have the same size.",
                     target, input);
}

static cor_tensor *weighted(cor_tensor *elements, cor_tensor *weight) {
    return weight == COR_NONE ? elements : cor_mul(elements, weight);
}

static cor_tensor *bce_elements(const cor__call *call) {
    cor_tensor *p = call->inputs[INPUT], *t = call->inputs[TARGET];
    cor_tensor *yes = cor_clamp(cor_log(p), -100, COR_NONE), *no = cor_clamp(cor_log(cor_sub(1, p)), -100, COR_NONE);
    return weighted(cor_sub(cor_mul(cor_sub(t, 1), no), cor_mul(t, yes)), call->inputs[WEIGHT]);
}

static int bce_forward(cor__call *call) {
    const cor_tensor *p = call->inputs[INPUT];
    if (check_pair(call, "binary_cross_entropy") != COR_OK) return cor_error();
    if (check_same_sizes(p, call->inputs[TARGET], false) != COR_OK) return cor_error();
    cor_scope();
    cor_tensor *inside = cor_all(cor_logical_and(cor_ge((cor_tensor *)p, 0), cor_le((cor_tensor *)p, 1)));
    if (inside == NULL) return cor_error();
    if (!cor_item_int(inside)) return cor__fail(COR_EVALUE, "all elements of input should be between 0 and 1");
    return pair_forward(call, bce_elements);
}

/* (p - t) / (p (1 - p)), the denominator at least 1e-12. */
static int bce_backward(cor__backward *pass) {
    const bce_numbers *o = pass->options;
    cor_tensor *p = cor__kept_input(pass, INPUT), *t = cor__kept_input(pass, TARGET);
    if (p == NULL || t == NULL) return cor_error();
    cor_tensor *weight = pass->node->edges[WEIGHT].ndim < 0 ? COR_NONE : cor__kept_input(pass, WEIGHT);
    cor_tensor *g = weighted(cor__unreduce_loss(pass->grads[0], o->reduction, p->numel), weight);
    if (cor__needs(pass, INPUT)) {
        cor_tensor *spread = cor_clamp(cor_mul(cor_sub(1, p), p), 1e-12, COR_NONE);
        pass->results[INPUT] = cor_mul(g, cor_div(cor_sub(p, t), spread));
    }
    if (cor__needs(pass, TARGET)) pass->results[TARGET] = cor_mul(g, cor_sub(cor_log(cor_sub(1, p)), cor_log(p)));
    return cor_error();
}

/* (1 - t) x + l log(1 + exp(-x)) with l = 1 + (w - 1) t, w the weight of positive targets. */
static cor_tensor *logits_elements(const cor__call *call) {
    cor_tensor *x = call->inputs[INPUT], *t = call->inputs[TARGET], *positive = call->inputs[POSITIVE];
    cor_tensor *soft = cor_add(cor_log1p(cor_exp(cor_neg(cor_abs(x)))), cor_clamp(cor_neg(x), 0, COR_NONE));
    if (positive != COR_NONE) soft = cor_mul(soft, cor_add(cor_mul(cor_sub(positive, 1), t), 1));
    return weighted(cor_add(cor_mul(cor_sub(1, t), x), soft), call->inputs[WEIGHT]);
}

static int logits_forward(cor__call *call) {
    if (check_pair(call, "binary_cross_entropy_with_logits") != COR_OK) return cor_error();
    if (check_same_sizes(call->inputs[INPUT], call->inputs[TARGET], true) != COR_OK) return cor_error();
    return pair_forward(call, logits_elements);
}

/* (1 - t) - l sigmoid(-x). */
static int logits_backward(cor__backward *pass) {
    const bce_numbers *o = pass->options;
    cor_tensor *x = cor__kept_input(pass, INPUT), *t = cor__kept_input(pass, TARGET);
    if (x == NULL || t == NULL) return cor_error();
    cor_tensor *weight = pass->node->edges[WEIGHT].ndim < 0 ? COR_NONE : cor__kept_input(pass, WEIGHT);
    cor_tensor *positive = pass->node->edges[POSITIVE].ndim < 0 ? COR_NONE : cor__kept_input(pass, POSITIVE);
    cor_tensor *g = weighted(cor__unreduce_loss(pass->grads[0], o->reduction, x->numel), weight);
    if (cor__needs(pass, INPUT)) {
        cor_tensor *pull = cor_sigmoid(cor_neg(x));
        if (positive != COR_NONE) pull = cor_mul(pull, cor_add(cor_mul(cor_sub(positive, 1), t), 1));
        pass->results[INPUT] = cor_mul(g, cor_sub(cor_sub(1, t), pull));
    }
    if (cor__needs(pass, TARGET)) {
        cor_tensor *slope = cor_neg(x);
        if (positive != COR_NONE)
            slope = cor_add(slope, cor_mul(cor_sub(positive, 1), cor_softplus(cor_neg(x), .threshold = 700)));
        pass->results[TARGET] = cor_mul(g, slope);
    }
    return cor_error();
}

const cor__op cor__op_binary_cross_entropy = {.name = "binary_cross_entropy",
                                              .grad_fn = "BinaryCrossEntropyBackward0",
                                              .optional = 1 << WEIGHT,
                                              .forward = bce_forward,
                                              .backward = bce_backward,
                                              .reads_options = sizeof(bce_numbers),
                                              .reads_inputs = {3, 3, 3}};
const cor__op cor__op_binary_cross_entropy_with_logits = {.name = "binary_cross_entropy_with_logits",
                                                          .grad_fn = "BinaryCrossEntropyWithLogitsBackward0",
                                                          .optional = 1 << WEIGHT | 1 << POSITIVE,
                                                          .forward = logits_forward,
                                                          .backward = logits_backward,
                                                          .reads_options = sizeof(bce_numbers),
                                                          .reads_inputs = {3, 3, 3, 3}};

cor_tensor *cor_binary_cross_entropy_with(cor_tensor *input, cor_tensor *target, const cor_bce_options *options) {
    READ_OPTIONS(cor_bce_options, "binary_cross_entropy")
    const bce_numbers numbers = {o->reduction};
    return cor__apply1(&cor__op_binary_cross_entropy, (cor_tensor *[]){input, target, o->weight}, 3, &numbers);
}

cor_tensor *cor_binary_cross_entropy_with_logits_with(cor_tensor *input, cor_tensor *target,
                                                      const cor_bce_options *options) {
    READ_OPTIONS(cor_bce_options, "binary_cross_entropy_with_logits")
    const bce_numbers numbers = {o->reduction};
    return cor__apply1(&cor__op_binary_cross_entropy_with_logits,
                       (cor_tensor *[]){input, target, o->weight, o->pos_weight}, 4, &numbers);
}
