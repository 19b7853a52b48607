/* likelihood.c: negative log likelihoods of distributions of numbers. Made of other operations. */
#include "base/error.h"
#include "ops/composed.h"
#include "ops/loss.h"
#include <corrie/index.h>

COR__DEFINE_OPTIONS(cor_poisson_nll_loss_options, COR_POISSON_NLL_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_gaussian_nll_loss_options, COR_GAUSSIAN_NLL_LOSS_OPTIONS)

static const double two_pi = 0x1.921fb54442d18p+2, half_log_two_pi = 0x1.d67f1c864beb4p-1;

cor_tensor *cor_poisson_nll_loss_with(cor_tensor *input, cor_tensor *target,
                                      const cor_poisson_nll_loss_options *options) {
    static const char name[] = "poisson_nll_loss";
    COR__READ_OPTIONS(cor_poisson_nll_loss_options, name)
    if (cor__check_reduction(o->reduction, false, name) != COR_OK) return NULL;
    cor_scope();
    cor_tensor *loss = o->log_input ? cor_sub(cor_exp(input), cor_mul(target, input))
                                    : cor_sub(input, cor_mul(target, cor_log(cor_add(input, o->eps))));
    if (o->full) {
        cor_tensor *root = cor_mul(cor_log(cor_mul(target, two_pi)), 0.5);
        cor_tensor *stirling = cor_add(cor_sub(cor_mul(target, cor_log(target)), target), root);
        loss = cor_add(loss, cor_masked_fill(stirling, cor_le(target, 1), 0));
    }
    return cor_keep(cor__reduce_loss(loss, o->reduction));
}

/* var so that it broadcasts to the input. */
static cor_tensor *fit_variance(cor_tensor *var, const cor_tensor *input) {
    int64_t others = 0;
    if (cor__has_sizes(var, input->sizes, input->ndim)) return var;
    if (input->ndim > 0 && cor__has_sizes(var, input->sizes, input->ndim - 1)) return cor_unsqueeze(var, -1);
    for (int d = 0; var->ndim == input->ndim && d < var->ndim; d++)
        if (var->sizes[d] != input->sizes[d]) others += var->sizes[d];
    return others == 1 ? var : cor__fail_null(COR_EVALUE, "var is of incorrect size");
}

cor_tensor *cor_gaussian_nll_loss_with(cor_tensor *input, cor_tensor *target, cor_operand var,
                                       const cor_gaussian_nll_loss_options *options) {
    static const char name[] = "gaussian_nll_loss";
    COR__READ_OPTIONS(cor_gaussian_nll_loss_options, name)
    if (cor__check_reduction(o->reduction, false, name) != COR_OK || !cor__given(input, name)) return NULL;
    cor_scope();
    cor_tensor *given = cor__operand_as_tensor(var);
    if (!cor__given(given, name)) return NULL;
    if (cor__is_number(given)) given = cor_mul(cor_ones_like(input), given);
    cor_tensor *negative = cor_any(cor_lt(given, 0));
    if (negative != NULL && cor_item(negative) != 0)
        return cor__fail_null(COR_EVALUE, "var has negative entry/entries");
    given = given == NULL ? NULL : cor_clone(fit_variance(given, input));
    bool recorded = cor_set_grad_enabled(false);
    cor_clamp_(given, o->eps, COR_NONE); /* not recorded: gradients are as without it */
    cor_set_grad_enabled(recorded);
    cor_tensor *loss = cor_mul(cor_add(cor_log(given), cor_div(cor_square(cor_sub(input, target)), given)), 0.5);
    if (o->full) loss = cor_add(loss, half_log_two_pi);
    return cor_keep(cor__reduce_loss(loss, o->reduction));
}
