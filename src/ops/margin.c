/* margin.c: losses that ask for a margin between scores. Made of other operations. */
#include "base/error.h"
#include "base/text.h"
#include "ops/composed.h"
#include "ops/loss.h"
#include <corrie/activation.h>
#include <corrie/index.h>

COR__DEFINE_OPTIONS(cor_margin_ranking_loss_options, COR_MARGIN_RANKING_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_hinge_embedding_loss_options, COR_HINGE_EMBEDDING_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_multi_margin_loss_options, COR_MULTI_MARGIN_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_multilabel_soft_margin_loss_options, COR_MULTILABEL_SOFT_MARGIN_LOSS_OPTIONS)

/* ---- of elements ------------------------------------------------------------------------------------------------ */

cor_tensor *cor_margin_ranking_loss_with(cor_tensor *input1, cor_tensor *input2, cor_tensor *target,
                                         const cor_margin_ranking_loss_options *options) {
    static const char name[] = "margin_ranking_loss";
    char first[COR__SIZES_TEXT], second[COR__SIZES_TEXT], third[COR__SIZES_TEXT];
    COR__READ_OPTIONS(cor_margin_ranking_loss_options, name)
    if (cor__check_reduction(o->reduction, false, name) != COR_OK || !cor__given(input1, name) ||
        !cor__given(input2, name) || !cor__given(target, name))
        return NULL;
    if (input1->ndim != input2->ndim || input1->ndim != target->ndim)
        return cor__fail_null(COR_ESHAPE,
                              "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
                              "input1: torch.Size(%s), input2: torch.Size(%s), target: torch.Size(%s) ",
                              cor__sizes_text(first, input1->sizes, input1->ndim),
                              cor__sizes_text(second, input2->sizes, input2->ndim),
                              cor__sizes_text(third, target->sizes, target->ndim));
    cor_scope();
    cor_tensor *miss = cor_add(cor_mul(cor_neg(target), cor_sub(input1, input2)), o->margin);
    return cor_keep(cor__reduce_loss(cor__clamp_min(miss, 0), o->reduction));
}

cor_tensor *cor_hinge_embedding_loss_with(cor_tensor *input, cor_tensor *target,
                                          const cor_hinge_embedding_loss_options *options) {
    static const char name[] = "hinge_embedding_loss";
    COR__READ_OPTIONS(cor_hinge_embedding_loss_options, name)
    if (cor__check_reduction(o->reduction, false, name) != COR_OK) return NULL;
    if (!cor__given(input, name) || !cor__given(target, name)) return NULL;
    cor_scope();
    cor_tensor *zeros = cor_zeros_like(input), *far = cor__clamp_min(cor_sub(o->margin, input), 0);
    cor_tensor *sum = cor_add(cor_where(cor_ne(target, 1), far, zeros), cor_where(cor_ne(target, -1), input, zeros));
    return cor_keep(cor__reduce_loss(sum, o->reduction));
}

cor_tensor *cor_soft_margin_loss_with(cor_tensor *input, cor_tensor *target, const cor_loss_options *options) {
    static const char name[] = "soft_margin_loss";
    cor_loss_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, name) != COR_OK) return NULL;
    const cor_reduction reduction = options == NULL ? COR_REDUCTION_MEAN : options->reduction;
    if (cor__check_reduction(reduction, false, name) != COR_OK) return NULL;
    cor_scope();
    char own[COR__SIZES_TEXT], found[COR__SIZES_TEXT];
    cor_tensor *product = cor_mul(cor_neg(input), target);
    if (product == NULL) return NULL;
    if (!cor__has_sizes(input, product->sizes, product->ndim))
        return cor__fail_null(COR_ESHAPE, "output with shape %s doesn't match the broadcast shape %s",
                              cor__sizes_text(own, input->sizes, input->ndim),
                              cor__sizes_text(found, product->sizes, product->ndim));
    cor_tensor *loss = cor__reduce_loss(cor_log1p(cor_exp(product)), reduction);
    return cor_keep(cor__made_by(loss, "SoftMarginLossBackward0"));
}

cor_tensor *cor_multilabel_soft_margin_loss_with(cor_tensor *input, cor_tensor *target,
                                                 const cor_multilabel_soft_margin_loss_options *options) {
    static const char name[] = "multilabel_soft_margin_loss";
    COR__READ_OPTIONS(cor_multilabel_soft_margin_loss_options, name)
    if (cor__check_reduction(o->reduction, false, name) != COR_OK || !cor__given(input, name)) return NULL;
    if (input->ndim == 0) return cor__fail_null(COR_EINDEX, "Dimension specified as -1 but tensor has no dimensions");
    cor_scope();
    cor_tensor *yes = cor_mul(target, cor_logsigmoid(input));
    cor_tensor *loss = cor_neg(cor_add(yes, cor_mul(cor_sub(1, target), cor_logsigmoid(cor_neg(input)))));
    if (o->weight != COR_NONE) loss = cor_mul(loss, o->weight);
    loss = cor_div(cor_sum(loss, .dim = input->ndim - 1), input->sizes[input->ndim - 1]);
    return cor_keep(cor__reduce_loss(loss, o->reduction));
}

/* ---- of rows of classes ----------------------------------------------------------------------------------------- */

/* Whether x is a row of scores or several; *classes is how many each has. */
static int check_rows(const cor_tensor *x, int64_t *classes) {
    char text[COR__SIZES_TEXT];
    *classes = x->ndim == 0 ? 1 : x->sizes[x->ndim - 1];
    if (x->ndim <= 2 && *classes > 0) return COR_OK;
    return cor__fail(COR_ESHAPE, "Expected non-empty vector or matrix with optional 0-dim batch size, but got: %s",
                     cor__sizes_text(text, x->sizes, x->ndim));
}

/* Whether every class of a target is at least `least` and there. The target is int64. */
static int check_range(cor_tensor *target, int64_t least, int64_t classes, const char *text) {
    cor_no_grad();
    if (target->dtype != COR_INT64)
        return cor__fail(COR_EDTYPE, "expected scalar type Long but found %s", cor__scalar_type_name(target->dtype));
    if (target->numel == 0) return COR_OK;
    const double low = cor_item(cor_amin(target)), high = cor_item(cor_amax(target));
    if (cor_error() != COR_OK || (low >= (double)least && high < (double)classes)) return cor_error();
    return cor__fail(COR_EINDEX, "%s", text);
}

/* Brings the losses of rows to what the reduction gives; one row alone has no dimension. */
static cor_tensor *reduce_rows(cor_tensor *rows, bool alone, cor_reduction reduction, const char *node) {
    if (alone && reduction == COR_REDUCTION_NONE) return cor__made_by(cor_reshape_to(rows, NULL, 0), node);
    return cor__made_by(cor__reduce_loss(rows, reduction), node);
}

static int check_multi_margin(const cor_tensor *x, const cor_tensor *target, const cor_multi_margin_loss_options *o,
                              int64_t classes) {
    char text[COR__SIZES_TEXT], own[COR__SIZES_TEXT];
    const int64_t rows = x->ndim < 2 ? 1 : x->sizes[0];
    const cor_tensor *w = o->weight;
    if (target->ndim > 1 || target->numel != rows)
        return cor__fail(
            COR_ESHAPE,
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples "
            "(batch size). Expected target size [%lld], but got %s. Input has shape %s.",
            (long long)rows, cor__sizes_text(text, target->sizes, target->ndim),
            cor__sizes_text(own, x->sizes, x->ndim));
    if (w == COR_NONE || w->numel == classes) return COR_OK;
    return cor__fail(COR_ESHAPE, "inconsistent weight size, expected %lld but got %s", (long long)classes,
                     cor__sizes_text(text, w->sizes, w->ndim));
}

cor_tensor *cor_multi_margin_loss_with(cor_tensor *input, cor_tensor *target,
                                       const cor_multi_margin_loss_options *options) {
    static const char name[] = "multi_margin_loss";
    int64_t classes;
    COR__READ_OPTIONS(cor_multi_margin_loss_options, name)
    if (o->p != 1 && o->p != 2) return cor__fail_null(COR_EVALUE, "only p == 1 and p == 2 supported");
    if (cor__check_reduction(o->reduction, false, name) != COR_OK || !cor__given(input, name) ||
        !cor__given(target, name) || (o->weight != COR_NONE && !cor__given(o->weight, name)))
        return NULL;
    if (o->weight != COR_NONE && o->weight->ndim != 1)
        return cor__fail_null(COR_EVALUE, "weight must be one-dimensional");
    if (check_rows(input, &classes) != COR_OK || check_multi_margin(input, target, o, classes) != COR_OK) return NULL;
    cor_scope();
    if (check_range(target, 0, classes, "target out of range") != COR_OK) return NULL;
    cor_tensor *x = cor_reshape(input, target->numel, classes), *column = cor_reshape(target, target->numel, 1);
    cor_tensor *over = cor_relu(cor_add(cor_sub(o->margin, cor_gather(x, 1, column)), x));
    if (o->p == 2) over = cor_square(over);
    if (o->weight != COR_NONE) over = cor_mul(over, cor_gather(cor_reshape(o->weight, classes, 1), 0, column));
    over = cor_masked_fill(over, cor_eq(cor_arange(0, classes, .dtype = COR_INT64), column), 0);
    return cor_keep(reduce_rows(cor_div(cor_sum(over, .dim = 1), classes), target->ndim == 0, o->reduction,
                                "MultiMarginLossBackward0"));
}

/* (N, C) bools: the entries of the target before the first that is negative; and the classes that those list. */
static cor_tensor *listed(cor_tensor *target) { return cor_eq(cor_cumsum(cor_lt(target, 0), 1), 0); }
static cor_tensor *named(cor_tensor *target, cor_tensor *valid, int64_t classes) {
    cor_tensor *same = cor_eq(cor_unsqueeze(target, 2), cor_arange(0, classes, .dtype = COR_INT64));
    return cor_any(cor_logical_and(same, cor_unsqueeze(valid, 2)), .dim = 1);
}

cor_tensor *cor_multilabel_margin_loss_with(cor_tensor *input, cor_tensor *target, const cor_loss_options *options) {
    static const char name[] = "multilabel_margin_loss";
    char found[COR__SIZES_TEXT], expected[COR__SIZES_TEXT];
    cor_loss_options room;
    int64_t classes;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, name) != COR_OK) return NULL;
    const cor_reduction reduction = options == NULL ? COR_REDUCTION_MEAN : options->reduction;
    if (cor__check_reduction(reduction, false, name) != COR_OK || !cor__given(input, name) ||
        !cor__given(target, name) || check_rows(input, &classes) != COR_OK)
        return NULL;
    const bool fits =
        input->ndim == 2 ? cor__has_sizes(target, input->sizes, 2) : target->ndim <= 1 && target->numel == classes;
    if (!fits)
        return cor__fail_null(COR_ESHAPE, "inconsistent target size: %s for input of size: %s",
                              cor__sizes_text(found, target->sizes, target->ndim),
                              cor__sizes_text(expected, input->sizes, input->ndim));
    cor_scope();
    if (check_range(target, -1, classes, "argument #2 'target' is out of range") != COR_OK) return NULL;
    const int64_t rows = input->ndim < 2 ? 1 : input->sizes[0];
    cor_tensor *x = cor_reshape(input, rows, classes), *t = cor_reshape(target, rows, classes), *valid = listed(t);
    cor_tensor *own = cor_gather(x, 1, cor_clamp(t, 0, COR_NONE));
    cor_tensor *over = cor_relu(cor_add(cor_sub(1, cor_unsqueeze(own, 2)), cor_unsqueeze(x, 1)));
    cor_tensor *out =
        cor_logical_or(cor_unsqueeze(named(t, valid, classes), 1), cor_logical_not(cor_unsqueeze(valid, 2)));
    over = cor_sum(cor_masked_fill(over, out, 0), .dims = COR_DIMS(1, 2));
    return cor_keep(reduce_rows(cor_div(over, classes), target->ndim <= 1, reduction, "MultilabelMarginLossBackward0"));
}
