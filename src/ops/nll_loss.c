/* nll_loss.c: the negative log likelihood of classes, and cross entropy. */
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/loss.h"
#include "tensor/iterate.h"
#include <corrie/softmax.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_nll_loss_options, COR_NLL_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_cross_entropy_options, COR_CROSS_ENTROPY_OPTIONS)

enum { INPUT, TARGET, WEIGHT, TOTAL };

typedef struct nll_numbers {
    cor_reduction reduction;
    int64_t ignore_index;
    int ndim; /* of the input, whose sizes the gradient has */
    int64_t sizes[COR_MAX_DIMS];
} nll_numbers;

/* The loss as loops: samples of `inner` places, of C classes each. */
typedef struct frame {
    int64_t samples, classes, inner, ignore_index;
    const int64_t *target;
    const double *weight; /* NULL: all 1 */
} frame;

/* ---- checks ----------------------------------------------------------------------------------------------------- */

static int check_target(const cor_tensor *x, const cor_tensor *target) {
    char expected[COR__SIZES_TEXT], found[COR__SIZES_TEXT];
    if (x->ndim == 0) return cor__fail(COR_EVALUE, "Expected 1 or more dimensions (got 0)");
    if (x->ndim > 1 && (target->ndim == 0 || target->sizes[0] != x->sizes[0]))
        return cor__fail(COR_EVALUE, "Expected input batch_size (%lld) to match target batch_size (%lld).",
                         (long long)x->sizes[0], (long long)(target->ndim == 0 ? 0 : target->sizes[0]));
    if (target->dtype != COR_INT64 && target->dtype != COR_UINT8)
        return cor__fail(COR_EDTYPE, "expected target dtype to be Long or Byte, but got %s",
                         cor__scalar_type_name(target->dtype));
    if (x->ndim <= 2) {
        const bool fits =
            x->ndim == 2 ? target->ndim == 1 : target->ndim == 0 || (target->ndim == 1 && target->numel == 1);
        if (fits) return COR_OK;
        return cor__fail(COR_EVALUE, "size mismatch (got input: %s, target: %s)",
                         cor__sizes_text(expected, x->sizes, x->ndim),
                         cor__sizes_text(found, target->sizes, target->ndim));
    }
    int64_t sizes[COR_MAX_DIMS];
    sizes[0] = x->sizes[0];
    for (int d = 2; d < x->ndim; d++) sizes[d - 1] = x->sizes[d];
    if (cor__has_sizes(target, sizes, x->ndim - 1)) return COR_OK;
    return cor__fail(COR_EVALUE, "Expected target size %s, got %s", cor__sizes_text(expected, sizes, x->ndim - 1),
                     cor__sizes_text(found, target->sizes, target->ndim));
}

static int check_weight(const cor_tensor *weight, cor_dtype dtype, int64_t classes) {
    char found[COR__SIZES_TEXT];
    if (weight == COR_NONE) return COR_OK;
    if (weight->ndim != 1 || weight->numel != classes)
        return cor__fail(COR_ESHAPE,
                         "weight tensor should be defined either for all %lld classes or no classes but got weight "
                         "tensor of shape: %s",
                         (long long)classes, cor__sizes_text(found, weight->sizes, weight->ndim));
    if (weight->dtype == dtype) return COR_OK;
    return cor__fail(COR_EDTYPE, "expected scalar type %s but found %s", cor__scalar_type_name(dtype),
                     cor__scalar_type_name(weight->dtype));
}

static int check_classes(const frame *f) {
    for (int64_t i = 0; i < f->samples * f->inner; i++)
        if (f->target[i] != f->ignore_index && (f->target[i] < 0 || f->target[i] >= f->classes))
            return cor__fail(COR_EINDEX, "Target %lld is out of bounds.", (long long)f->target[i]);
    return COR_OK;
}

/* ---- loops, in float64 ------------------------------------------------------------------------------------------ */

/* Target and weight brought to what the loops read; what is owned is to be released. */
static int open_frame(const cor__call *call, const int64_t *sizes, int ndim, frame *f, cor_tensor *owned[2]) {
    const nll_numbers *o = call->options;
    *f = (frame){.samples = ndim > 1 ? sizes[0] : 1, .classes = sizes[ndim > 1], .inner = 1};
    for (int d = 2; d < ndim; d++) f->inner *= sizes[d];
    f->ignore_index = o->ignore_index;
    owned[0] = cor__contiguous_as(call->inputs[TARGET], COR_INT64);
    owned[1] = call->inputs[WEIGHT] == COR_NONE ? NULL : cor__contiguous_as(call->inputs[WEIGHT], COR_FLOAT64);
    if (owned[0] == NULL || (call->inputs[WEIGHT] != COR_NONE && owned[1] == NULL)) return cor_error();
    f->target = cor__data(owned[0]);
    f->weight = owned[1] == NULL ? NULL : cor__data(owned[1]);
    return check_classes(f);
}

static double weight_of(const frame *f, int64_t i) {
    if (f->target[i] == f->ignore_index) return 0;
    return f->weight == NULL ? 1 : f->weight[f->target[i]];
}

/* The place of a sample's target among the input's elements. */
static int64_t place_of(const frame *f, int64_t i) {
    return (i / f->inner * f->classes + f->target[i]) * f->inner + i % f->inner;
}

static double at(const cor_tensor *t, int64_t i) {
    return cor__load_double((const char *)cor__data(t) + i * cor_dtype_size(t->dtype), t->dtype);
}

static void put(cor_tensor *t, int64_t i, double value) {
    cor__store_number((char *)cor__data(t) + i * cor_dtype_size(t->dtype), t->dtype, COR_OPERAND(value));
}

static void run_loss(const frame *f, const cor_tensor *x, cor_reduction reduction, cor_tensor *loss,
                     cor_tensor *total) {
    double sum = 0, weights = 0;
    for (int64_t i = 0; i < f->samples * f->inner; i++) {
        const double w = weight_of(f, i);
        const double value = f->target[i] == f->ignore_index ? 0 : -w * at(x, place_of(f, i));
        if (reduction == COR_REDUCTION_NONE) put(loss, i, value);
        sum += value;
        weights += w;
    }
    if (reduction != COR_REDUCTION_NONE) put(loss, 0, reduction == COR_REDUCTION_MEAN ? sum / weights : sum);
    put(total, 0, weights);
}

static int nll_forward(cor__call *call) {
    const nll_numbers *o = call->options;
    const cor_tensor *x = call->inputs[INPUT];
    if (check_target(x, call->inputs[TARGET]) != COR_OK) return cor_error();
    if (!cor_dtype_is_floating(x->dtype))
        return cor__fail(COR_EDTYPE, "\"nll_loss_out_frame\" not implemented for '%s'",
                         cor__scalar_type_name(x->dtype));
    if (check_weight(call->inputs[WEIGHT], x->dtype, x->sizes[x->ndim > 1]) != COR_OK) return cor_error();
    if (x->ndim > 2) call->grad_fn = "NllLoss2DBackward0";
    const cor_tensor *target = call->inputs[TARGET];
    const bool each = o->reduction == COR_REDUCTION_NONE;
    cor_tensor *values = cor__contiguous_as(x, x->dtype), *owned[2] = {NULL};
    frame f;
    call->outputs[0] = cor__empty(x->dtype, target->sizes, each ? (x->ndim > 1 ? target->ndim : 0) : 0);
    call->outputs[1] = cor__empty(x->dtype, NULL, 0);
    int code = values == NULL || call->outputs[0] == NULL || call->outputs[1] == NULL ? cor_error() : COR_OK;
    if (code == COR_OK) code = open_frame(call, x->sizes, x->ndim, &f, owned);
    if (code == COR_OK) run_loss(&f, values, o->reduction, call->outputs[0], call->outputs[1]);
    cor__release(owned[0]);
    cor__release(owned[1]);
    cor__release(values);
    return code;
}

/* -weight[target] g at the targets' places, over the total for a mean; zero elsewhere. */
static int nll_backward_forward(cor__call *call) {
    const nll_numbers *o = call->options;
    cor_tensor *owned[2] = {NULL}, *g = cor__contiguous_as(call->inputs[0], call->inputs[0]->dtype);
    cor_tensor *out = call->outputs[0] = cor__empty(call->inputs[0]->dtype, o->sizes, o->ndim);
    frame f;
    int code = g == NULL || out == NULL ? cor_error() : open_frame(call, o->sizes, o->ndim, &f, owned);
    if (code == COR_OK && out->numel > 0) {
        const bool each = o->reduction == COR_REDUCTION_NONE;
        const double over = o->reduction == COR_REDUCTION_MEAN ? at(call->inputs[TOTAL], 0) : 1;
        memset(cor__data(out), 0, (size_t)(out->numel * cor_dtype_size(out->dtype)));
        for (int64_t i = 0; i < f.samples * f.inner; i++)
            if (f.target[i] != f.ignore_index)
                put(out, place_of(&f, i), -weight_of(&f, i) * at(g, each ? i : 0) / over);
    }
    cor__release(owned[0]);
    cor__release(owned[1]);
    cor__release(g);
    return code;
}

/* ---- gradients: each is the other's, since both are linear ------------------------------------------------------ */

static int nll_loss_backward(cor__backward *pass);
static int nll_again_backward(cor__backward *pass);

const cor__op cor__op_nll_loss = {.name = "nll_loss",
                                  .grad_fn = "NllLossBackward0",
                                  .optional = 1 << WEIGHT,
                                  .forward = nll_forward,
                                  .backward = nll_loss_backward,
                                  .reads_options = sizeof(nll_numbers),
                                  .reads_inputs = {0, 1, 1},
                                  .reads_outputs = 2};
const cor__op cor__op_nll_loss_backward = {.name = "nll_loss_backward",
                                           .grad_fn = "NllLossBackwardBackward0",
                                           .optional = 1 << WEIGHT,
                                           .forward = nll_backward_forward,
                                           .backward = nll_again_backward,
                                           .reads_options = sizeof(nll_numbers),
                                           .reads_inputs = {0, 1, 1}};

static cor_tensor *kept_weight(cor__backward *pass) {
    return pass->node->edges[WEIGHT].ndim < 0 ? COR_NONE : cor__kept_input(pass, WEIGHT);
}

static int nll_loss_backward(cor__backward *pass) {
    const cor__edge *input = &pass->node->edges[INPUT];
    nll_numbers o = *(const nll_numbers *)pass->options;
    if (pass->grads[0] == NULL) return COR_OK;
    o.ndim = input->ndim;
    memcpy(o.sizes, input->sizes, sizeof(int64_t) * (size_t)input->ndim);
    cor_tensor *total = cor__kept_output(pass, 1);
    cor_tensor *inputs[] = {pass->grads[0], cor__kept_input(pass, TARGET), kept_weight(pass),
                            total == NULL ? NULL : cor_detach(total)};
    if (cor__needs(pass, INPUT)) pass->results[INPUT] = cor__apply1(&cor__op_nll_loss_backward, inputs, 4, &o);
    return cor_error();
}

static int nll_again_backward(cor__backward *pass) {
    cor_tensor *inputs[] = {pass->grads[0], cor__kept_input(pass, TARGET), kept_weight(pass)}, *outputs[2];
    if (cor__apply(&cor__op_nll_loss, inputs, 3, pass->options, outputs, 2) == COR_OK) pass->results[0] = outputs[0];
    return cor_error();
}

static cor_tensor *nll(cor_tensor *input, cor_tensor *target, cor_tensor *weight, int64_t ignore_index,
                       cor_reduction reduction, cor_tensor **total) {
    const nll_numbers o = {.reduction = reduction, .ignore_index = ignore_index};
    cor_tensor *outputs[2] = {NULL};
    cor__apply(&cor__op_nll_loss, (cor_tensor *[]){input, target, weight}, 3, &o, outputs, 2);
    if (total != NULL) *total = outputs[1];
    return outputs[0];
}

cor_tensor *cor_nll_loss_with(cor_tensor *input, cor_tensor *target, const cor_nll_loss_options *options) {
    cor_nll_loss_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "nll_loss") != COR_OK) return NULL;
    const cor_nll_loss_options *o = cor_nll_loss_options_or_defaults(options, &room);
    if (cor__check_reduction(o->reduction, false, "nll_loss") != COR_OK) return NULL;
    return nll(input, target, o->weight, o->ignore_index, o->reduction, NULL);
}

/* ---- cross entropy ---------------------------------------------------------------------------------------------- */

/* A weight for each class, so that it broadcasts to x. */
static cor_tensor *by_class(cor_tensor *weight, const cor_tensor *x, int dim) {
    int64_t sizes[COR_MAX_DIMS];
    for (int d = 0; d < x->ndim; d++) sizes[d] = d == dim ? x->sizes[d] : 1;
    return cor_reshape_to(weight, sizes, x->ndim);
}

/* The rest of smoothing: every class's share, of samples that count, over what the mean divides by. */
static cor_tensor *smooth_part(cor_tensor *log_p, cor_tensor *target, const cor_cross_entropy_options *o, int dim,
                               cor_tensor *total) {
    cor_tensor *all = o->weight == COR_NONE ? log_p : cor_mul(log_p, by_class(o->weight, log_p, dim));
    cor_tensor *each = cor_neg(cor_sum(all, .dim = dim));
    cor_tensor *ignored = cor_reshape_to(cor_eq(target, o->ignore_index), each == NULL ? NULL : each->sizes,
                                         each == NULL ? 0 : each->ndim);
    each = cor_where(ignored, 0.0, each);
    if (o->reduction == COR_REDUCTION_NONE) return each;
    return o->reduction == COR_REDUCTION_SUM ? cor_sum(each) : cor_div(cor_sum(each), total);
}

static cor_tensor *entropy_of_classes(cor_tensor *log_p, cor_tensor *target, const cor_cross_entropy_options *o,
                                      int dim) {
    cor_tensor *total, *loss = nll(log_p, target, o->weight, o->ignore_index, o->reduction, &total);
    if (o->label_smoothing == 0 || loss == NULL) return loss;
    cor_tensor *rest = smooth_part(log_p, target, o, dim, cor_detach(total));
    const double classes = (double)log_p->sizes[dim];
    return cor_add(cor_mul(loss, 1 - o->label_smoothing), cor_mul(rest, o->label_smoothing / classes));
}

static cor_tensor *entropy_of_probabilities(cor_tensor *log_p, cor_tensor *target, const cor_cross_entropy_options *o,
                                            int dim) {
    const int64_t classes = log_p->sizes[dim];
    if (!cor_dtype_is_floating(target->dtype))
        return cor__fail_null(COR_EDTYPE, "Expected floating point type for target with class probabilities, got %s",
                              cor__scalar_type_name(target->dtype));
    if (check_weight(o->weight, log_p->dtype, classes) != COR_OK) return NULL;
    if (o->label_smoothing > 0)
        target = cor_add(cor_mul(target, 1 - o->label_smoothing), o->label_smoothing / (double)classes);
    cor_tensor *product = cor_mul(log_p, target);
    if (o->weight != COR_NONE) product = cor_mul(product, by_class(o->weight, log_p, dim));
    if (o->reduction == COR_REDUCTION_NONE) return cor_neg(cor_sum(product, .dim = dim));
    cor_tensor *sum = cor_neg(cor_sum(product));
    return o->reduction == COR_REDUCTION_SUM ? sum : cor_div(sum, log_p->numel / cor__max(classes, 1));
}

cor_tensor *cor_cross_entropy_with(cor_tensor *input, cor_tensor *target, const cor_cross_entropy_options *options) {
    cor_cross_entropy_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "cross_entropy") != COR_OK) return NULL;
    const cor_cross_entropy_options *o = cor_cross_entropy_options_or_defaults(options, &room);
    if (cor__check_reduction(o->reduction, false, "cross_entropy") != COR_OK) return NULL;
    for (int i = 0; i < 2; i++)
        if ((i == 0 ? input : target) == NULL || (i == 0 ? input : target) == COR_NONE)
            return cor__fail_null(COR_EVALUE, "cross_entropy: the %s is NULL, a failed or missing tensor",
                                  i == 0 ? "input" : "target");
    if (!(o->label_smoothing >= 0 && o->label_smoothing <= 1))
        return cor__fail_null(COR_EVALUE, "label_smoothing must be between 0.0 and 1.0. Got: %g", o->label_smoothing);
    const bool soft = cor__has_sizes(input, target->sizes, target->ndim);
    if (input->ndim == 0 || !soft) {
        if (check_target(input, target) != COR_OK) return NULL;
        if (check_weight(o->weight, input->dtype, input->sizes[input->ndim > 1]) != COR_OK) return NULL;
    }
    cor_scope();
    const int dim = input->ndim > 1;
    cor_tensor *log_p = cor_log_softmax(input, dim);
    if (log_p == NULL) return NULL;
    return cor_keep(soft ? entropy_of_probabilities(log_p, target, o, dim) : entropy_of_classes(log_p, target, o, dim));
}
