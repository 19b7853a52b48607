/* clip.c: bringing gradients within bounds. */
#include "base/error.h"
#include "base/memory.h"
#include "optim/optimizer.h"
#include <corrie/math.h>
#include <corrie/reduce.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_clip_grad_norm_options, COR_CLIP_GRAD_NORM_OPTIONS)

/* Writes the gradients that there are, borrowed, to grads[0..]. Returns how many, or -1 with an error pending. */
static int64_t gradients(cor_parameter_source source, int64_t n, cor_tensor **grads) {
    int64_t found = 0;
    for (int64_t i = 0; i < n; i++) {
        const cor_tensor *t = cor__source_at(source, i);
        if (t == NULL) return -1;
        if (t->grad != NULL) grads[found++] = t->grad;
    }
    return found;
}

/* The norm of the norms of n gradients. PyTorch groups them by dtype; norms of several dtypes become one by promotion.
 */
static cor_tensor *total_norm(cor_tensor *const *grads, int64_t n, cor_tensor **norms, double p) {
    if (n == 0) return cor_scalar(0.0);
    cor_dtype dtype = grads[0]->dtype;
    for (int64_t i = 0; i < n; i++) {
        norms[i] = cor_norm(grads[i], .p = p);
        dtype = cor_promote_types(dtype, grads[i]->dtype);
    }
    for (int64_t i = 0; i < n; i++) norms[i] = cor_to(norms[i], dtype);
    return cor_norm(cor_stack_with(COR_LIST(norms, n), NULL), .p = p);
}

static int refuse_nonfinite(const cor_tensor *total, double p) {
    if (isfinite(cor_item(total))) return cor_error();
    cor__text order = {0};
    cor__text_double(&order, p);
    cor__fail(COR_EVALUE,
              "The total norm of order %s for gradients from `parameters` is non-finite, so it cannot be clipped. To "
              "disable this error and scale the gradients by the non-finite norm anyway, set "
              "`error_if_nonfinite=False`",
              order.failed ? "" : order.data);
    cor__text_free(&order);
    return cor_error();
}

/* As Python divides a number by a tensor: it multiplies by the reciprocal. */
static int scale(cor_tensor *const *grads, int64_t n, cor_tensor *total, double max_norm) {
    cor_tensor *factor = cor_mul(cor_reciprocal(cor_add(total, 1e-6)), max_norm);
    factor = cor_clamp(factor, COR_NONE, 1.0);
    for (int64_t i = 0; i < n && cor_error() == COR_OK; i++) cor_mul_(grads[i], factor);
    return cor_error();
}

/* Room for n tensors twice: the gradients, and their norms. */
static cor_tensor **room_for(int64_t n) { return cor__alloc(2 * (size_t)n * sizeof(cor_tensor *), "gradients"); }
static void give_back(cor_tensor **room, int64_t n) { cor__free(room, 2 * (size_t)n * sizeof *room); }

cor_tensor *cor_clip_grad_norm_with_(cor_parameter_source parameters, double max_norm,
                                     const cor_clip_grad_norm_options *options) {
    cor_clip_grad_norm_options defaults;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof defaults, "clip_grad_norm_") != COR_OK) return NULL;
    const cor_clip_grad_norm_options *o = cor_clip_grad_norm_options_or_defaults(options, &defaults);
    const int64_t n = cor__source_count(parameters, "clip_grad_norm_");
    cor_tensor **grads = n < 0 ? NULL : room_for(n), *total = NULL;
    if (grads == NULL) return NULL;
    cor_scope();
    cor_no_grad();
    const int64_t found = gradients(parameters, n, grads);
    if (found >= 0) total = total_norm(grads, found, grads + n, o->norm_type);
    if (total != NULL && o->error_if_nonfinite) refuse_nonfinite(total, o->norm_type);
    if (total != NULL && cor_error() == COR_OK) scale(grads, found, total, max_norm);
    give_back(grads, n);
    return cor_error() == COR_OK ? cor_keep(total) : NULL;
}

int cor_clip_grad_value_with_(cor_parameter_source parameters, double clip_value) {
    if (cor_error() != COR_OK) return cor_error();
    const int64_t n = cor__source_count(parameters, "clip_grad_value_");
    cor_tensor **grads = n < 0 ? NULL : room_for(n);
    if (grads == NULL) return cor_error();
    cor_scope();
    cor_no_grad();
    const int64_t found = gradients(parameters, n, grads);
    for (int64_t i = 0; i < found && cor_error() == COR_OK; i++)
        cor_clamp_of_(grads[i], COR_OPERAND(-clip_value), COR_OPERAND(clip_value));
    give_back(grads, n);
    return cor_error();
}
