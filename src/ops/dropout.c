/* dropout.c: dropout, of elements, of channels, and alpha dropout. Made of other operations, as PyTorch makes it. */
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "ops/op.h"
#include <corrie/creation.h>
#include <corrie/math.h>
#include <corrie/norm.h>
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_dropout_options, COR_DROPOUT_OPTIONS)

/* Whether x and the options fit; *o gets the options. */
static int check(const cor_tensor *x, const cor_dropout_options *options, cor_dropout_options *o, const char *name) {
    cor_dropout_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, name) != COR_OK) return cor_error();
    *o = *cor_dropout_options_or_defaults(options, &room);
    if (x == NULL || x == COR_NONE)
        return cor__fail(COR_EVALUE, "%s: input 0 is NULL, a failed or missing tensor", name);
    char text[40];
    cor__format(text, sizeof text, "%.12g", o->p);
    if (!(o->p >= 0 && o->p <= 1))
        return cor__fail(COR_EVALUE, "dropout probability has to be between 0 and 1, but got %s", text);
    if (o->training && o->p > 0 && x->numel > 0 && !cor_dtype_is_floating(x->dtype))
        return cor__fail(COR_EDTYPE, "result type Float can't be cast to the desired output type %s",
                         cor__scalar_type_name(x->dtype));
    return COR_OK;
}

static bool does_nothing(const cor_tensor *x, const cor_dropout_options *o) {
    return !o->training || o->p == 0 || x->numel == 0;
}

/* The factors are drawn in plain order, whatever x's layout. */
static cor_tensor *drop(cor_tensor *x, const int64_t *sizes, int n, double p) {
    cor_scope();
    if (p == 1) return cor_keep(cor_mul(x, 0.0));
    cor_tensor *noise = cor_empty_sized(x->dtype, sizes, n);
    if (noise == NULL || cor__random_dropout(NULL, cor__data(noise), noise->numel, noise->dtype, p) != COR_OK)
        return NULL;
    return cor_keep(cor_mul(x, noise));
}

cor_tensor *cor_dropout_with(cor_tensor *x, const cor_dropout_options *options) {
    cor_dropout_options o;
    if (check(x, options, &o, "dropout") != COR_OK) return NULL;
    return does_nothing(x, &o) ? x : drop(x, x->sizes, x->ndim, o.p);
}

cor_tensor *cor_feature_dropout_with(cor_tensor *x, const cor_dropout_options *options) {
    cor_dropout_options o;
    if (check(x, options, &o, "feature_dropout") != COR_OK) return NULL;
    if (does_nothing(x, &o)) return x;
    if (x->ndim < 2) return cor__fail_null(COR_ESHAPE, "Feature dropout requires at least 2 dimensions in the input");
    int64_t sizes[COR_MAX_DIMS] = {x->sizes[0], x->sizes[1]};
    for (int i = 2; i < x->ndim; i++) sizes[i] = 1;
    return drop(x, sizes, x->ndim, o.p);
}

cor_tensor *cor_alpha_dropout_with(cor_tensor *x, const cor_dropout_options *options) {
    static const double alpha = 1.7580993408473766; /* SELU's saturation, -scale * alpha of it */
    cor_dropout_options o;
    if (check(x, options, &o, "alpha_dropout") != COR_OK) return NULL;
    if (does_nothing(x, &o)) return x;
    cor_scope();
    if (o.p == 1) return cor_keep(cor_mul(x, 0.0));
    cor_tensor *mask = cor_empty_sized(x->dtype, x->sizes, x->ndim);
    if (mask == NULL || cor__random_bernoulli(NULL, cor__data(mask), mask->numel, mask->dtype, 1 - o.p) != COR_OK)
        return NULL;
    double a = 1 / sqrt((alpha * alpha * o.p + 1) * (1 - o.p));
    cor_tensor *shift = cor_add(cor_mul(cor_sub(mask, 1), alpha * a), alpha * a * o.p);
    return cor_keep(cor_add(cor_mul(x, cor_mul(mask, a)), shift));
}
