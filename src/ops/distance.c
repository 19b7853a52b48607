/* distance.c: how far vectors are from one another, and the losses made of that. Made of other operations, as PyTorch
 * makes them. */
#include "base/error.h"
#include "base/text.h"
#include "ops/composed.h"
#include "ops/loss.h"
#include <corrie/creation.h>

COR__DEFINE_OPTIONS(cor_cosine_similarity_options, COR_COSINE_SIMILARITY_OPTIONS)
COR__DEFINE_OPTIONS(cor_pairwise_distance_options, COR_PAIRWISE_DISTANCE_OPTIONS)
COR__DEFINE_OPTIONS(cor_cosine_embedding_loss_options, COR_COSINE_EMBEDDING_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_triplet_margin_loss_options, COR_TRIPLET_MARGIN_LOSS_OPTIONS)
COR__DEFINE_OPTIONS(cor_triplet_margin_with_distance_loss_options, COR_TRIPLET_DISTANCE_LOSS_OPTIONS)

/* ---- the distances ---------------------------------------------------------------------------------------------- */

/* The norm, at least eps; the bound is not recorded, so that gradients are as without it. */
static cor_tensor *length_of(cor_tensor *t, const cor_cosine_similarity_options *o) {
    cor_tensor *length = cor_clone(cor_norm(t, .dim = o->dim, .keepdim = true));
    cor_no_grad();
    return cor_clamp_(length, o->eps, COR_NONE);
}

/* t expanded to what its sizes and `other`'s broadcast to. */
static cor_tensor *broadcast_with(cor_tensor *t, const cor_tensor *other) {
    int64_t sizes[COR_MAX_DIMS];
    const int n = t->ndim > other->ndim ? t->ndim : other->ndim;
    for (int i = 1; i <= n; i++) {
        const int64_t own = i <= t->ndim ? t->sizes[t->ndim - i] : 1;
        sizes[n - i] = own == 1 && i <= other->ndim ? other->sizes[other->ndim - i] : own;
    }
    return cor_expand_to(t, sizes, n);
}

cor_tensor *cor_cosine_similarity_with(cor_tensor *x1, cor_tensor *x2, const cor_cosine_similarity_options *options) {
    static const char name[] = "cosine_similarity";
    COR__READ_OPTIONS(cor_cosine_similarity_options, name)
    if (!cor__given(x1, name) || !cor__given(x2, name)) return NULL;
    cor_scope();
    cor_tensor *a = broadcast_with(x1, x2), *b = broadcast_with(x2, x1);
    cor_tensor *ratio = cor_mul(cor_div(a, length_of(a, o)), cor_div(b, length_of(b, o)));
    return cor_keep(cor_sum(ratio, .dim = o->dim));
}

cor_tensor *cor_pairwise_distance_with(cor_tensor *x1, cor_tensor *x2, const cor_pairwise_distance_options *options) {
    COR__READ_OPTIONS(cor_pairwise_distance_options, "pairwise_distance")
    cor_scope();
    return cor_keep(cor_norm(cor_add(cor_sub(x1, x2), o->eps), .p = o->p, .dim = -1, .keepdim = o->keepdim));
}

/* ---- the losses ------------------------------------------------------------------------------------------------- */

static int check_embeddings(const cor_tensor *a, const cor_tensor *b, const cor_tensor *target) {
    char first[COR__SIZES_TEXT], second[COR__SIZES_TEXT];
    if (target->ndim > 1) return cor__fail(COR_ESHAPE, "0D or 1D target tensor expected, multi-target not supported");
    if (a->ndim == target->ndim + 1 && b->ndim == target->ndim + 1) return COR_OK;
    cor__sizes_text(first, a->sizes, a->ndim);
    cor__sizes_text(second, b->sizes, b->ndim);
    return cor__fail(COR_ESHAPE, "%dD target tensor expects %dD input tensors, but found inputs with sizes %s and %s.",
                     target->ndim, target->ndim + 1, first, second);
}

static cor_tensor *product_sum(cor_tensor *a, cor_tensor *b) { return cor_sum(cor_mul(a, b), .dim = -1); }

cor_tensor *cor_cosine_embedding_loss_with(cor_tensor *input1, cor_tensor *input2, cor_tensor *target,
                                           const cor_cosine_embedding_loss_options *options) {
    static const char name[] = "cosine_embedding_loss";
    static const double least = 1e-12; /* added to the squared lengths */
    COR__READ_OPTIONS(cor_cosine_embedding_loss_options, name)
    if (cor__check_reduction(o->reduction, false, name) != COR_OK || !cor__given(input1, name) ||
        !cor__given(input2, name) || !cor__given(target, name) || check_embeddings(input1, input2, target) != COR_OK)
        return NULL;
    cor_scope();
    cor_tensor *squares =
        cor_mul(cor_add(product_sum(input1, input1), least), cor_add(product_sum(input2, input2), least));
    cor_tensor *cosine = cor_div(product_sum(input1, input2), cor_sqrt(squares));
    cor_tensor *zeros = cosine == NULL ? NULL : cor_zeros_like(cosine);
    cor_tensor *near = cor_where(cor_eq(target, 1), cor_sub(1, cosine), zeros);
    cor_tensor *far = cor_where(cor_eq(target, -1), cor_clamp(cor_sub(cosine, o->margin), 0, COR_NONE), zeros);
    return cor_keep(cor__reduce_loss(cor_add(near, far), o->reduction));
}

static int refuse_margin(double margin) {
    cor__text text = {0};
    cor__text_double(&text, margin);
    cor__fail(COR_EVALUE, "margin must be greater than 0, got %s", text.failed ? "" : text.data);
    cor__text_free(&text);
    return cor_error();
}

static int check_triplet(const char *name, const cor_tensor *a, const cor_tensor *p, const cor_tensor *n, double margin,
                         cor_reduction reduction) {
    if (cor__check_reduction(reduction, false, name) != COR_OK) return cor_error();
    if (!cor__given(a, name) || !cor__given(p, name) || !cor__given(n, name)) return cor_error();
    if (!(margin > 0)) return refuse_margin(margin);
    if (a->ndim == p->ndim && p->ndim == n->ndim) return COR_OK;
    return cor__fail(COR_ESHAPE,
                     "The anchor, positive, and negative tensors are expected to have the same number of dimensions, "
                     "but got: anchor %dD, positive %dD, and negative %dD inputs",
                     a->ndim, p->ndim, n->ndim);
}

/* The loss of distances: of the positive and the negative from the anchor, and from one another or NULL. */
static cor_tensor *triplet(cor_tensor *near, cor_tensor *far, cor_tensor *between, double margin,
                           cor_reduction reduction) {
    if (between != NULL) far = cor_minimum(far, between);
    return cor__reduce_loss(cor__clamp_min(cor_sub(cor_add(near, margin), far), 0), reduction);
}

cor_tensor *cor_triplet_margin_loss_with(cor_tensor *anchor, cor_tensor *positive, cor_tensor *negative,
                                         const cor_triplet_margin_loss_options *options) {
    static const char name[] = "triplet_margin_loss";
    COR__READ_OPTIONS(cor_triplet_margin_loss_options, name)
    if (check_triplet(name, anchor, positive, negative, o->margin, o->reduction) != COR_OK) return NULL;
    cor_scope();
    const cor_pairwise_distance_options distance = {sizeof distance, o->p, o->eps, false};
    cor_tensor *near = cor_pairwise_distance_with(anchor, positive, &distance);
    cor_tensor *far = cor_pairwise_distance_with(anchor, negative, &distance);
    cor_tensor *between = o->swap ? cor_pairwise_distance_with(positive, negative, &distance) : NULL;
    return cor_keep(triplet(near, far, between, o->margin, o->reduction));
}

static cor_tensor *plain_distance(cor_tensor *a, cor_tensor *b) { return cor_pairwise_distance(a, b); }

cor_tensor *cor_triplet_margin_with_distance_loss_with(cor_tensor *anchor, cor_tensor *positive, cor_tensor *negative,
                                                       const cor_triplet_margin_with_distance_loss_options *options) {
    static const char name[] = "triplet_margin_with_distance_loss";
    COR__READ_OPTIONS(cor_triplet_margin_with_distance_loss_options, name)
    if (check_triplet(name, anchor, positive, negative, o->margin, o->reduction) != COR_OK) return NULL;
    cor_scope();
    const cor_distance_function distance = o->distance_function != NULL ? o->distance_function : plain_distance;
    cor_tensor *near = distance(anchor, positive), *far = distance(anchor, negative);
    return cor_keep(triplet(near, far, o->swap ? distance(positive, negative) : NULL, o->margin, o->reduction));
}
