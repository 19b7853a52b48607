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

/* Whether x is a tensor and p a probability; *o gets the options. */
static int check_probability(const cor_tensor *x, const cor_dropout_options *options, cor_dropout_options *o,
                             const char *name) {
    cor_dropout_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, name) != COR_OK) return cor_error();
    *o = *cor_dropout_options_or_defaults(options, &room);
    if (x == NULL || x == COR_NONE)
        return cor__fail(COR_EVALUE, "%s: input 0 is NULL, a failed or missing tensor", name);
    char text[40];
    cor__format(text, sizeof text, "%.12g", o->p);
    if (!(o->p >= 0 && o->p <= 1))
        return cor__fail(COR_EVALUE, "dropout probability has to be between 0 and 1, but got %s", text);
    return COR_OK;
}

/* Whether a factor can be multiplied to the dtype. */
static int check_dtype(cor_dtype dtype) {
    if (cor_dtype_is_floating(dtype)) return COR_OK;
    return cor__fail(COR_EDTYPE, "result type Float can't be cast to the desired output type %s",
                     cor__scalar_type_name(dtype));
}

static bool does_nothing(const cor_tensor *x, const cor_dropout_options *o) {
    return !o->training || o->p == 0 || x->numel == 0;
}

/* What is left when p is 1; PyTorch takes any dtype and any number of dimensions there. */
static cor_tensor *drop_all(cor_tensor *x) {
    cor_scope();
    return cor_keep(cor_mul(x, cor_zeros_sized(x->dtype, NULL, 0)));
}

/* x times factors for `noise`, which are drawn in the order of its memory. Takes the reference to noise. */
static cor_tensor *drop(cor_tensor *x, cor_tensor *noise, double p) {
    cor_scope();
    cor__scope_add(noise);
    if (noise == NULL || cor__random_dropout(NULL, cor__data(noise), noise->numel, noise->dtype, p) != COR_OK)
        return NULL;
    return cor_keep(cor_mul(x, noise));
}

cor_tensor *cor_dropout_with(cor_tensor *x, const cor_dropout_options *options) {
    cor_dropout_options o;
    if (check_probability(x, options, &o, "dropout") != COR_OK) return NULL;
    if (does_nothing(x, &o)) return x;
    if (o.p == 1) return drop_all(x);
    return check_dtype(x->dtype) == COR_OK ? drop(x, cor__empty_like(x, x->dtype), o.p) : NULL;
}

/* An element for each channel of x. */
static cor_tensor *one_a_channel(const cor_tensor *x) {
    int64_t sizes[COR_MAX_DIMS] = {x->sizes[0], x->sizes[1]};
    for (int i = 2; i < x->ndim; i++) sizes[i] = 1;
    return cor__empty(x->dtype, sizes, x->ndim);
}

cor_tensor *cor_feature_dropout_with(cor_tensor *x, const cor_dropout_options *options) {
    cor_dropout_options o;
    if (check_probability(x, options, &o, "feature_dropout") != COR_OK) return NULL;
    if (does_nothing(x, &o)) return x;
    if (o.p == 1) return drop_all(x);
    if (x->ndim < 2) return cor__fail_null(COR_ESHAPE, "Feature dropout requires at least 2 dimensions in the input");
    if (check_dtype(x->dtype) != COR_OK) return NULL;
    return drop(x, one_a_channel(x), o.p);
}

/* PyTorch gives an unbatched input a batch of one and takes it away again, also when it drops nothing. */
static cor_tensor *drop_channels(cor_tensor *x, const cor_dropout_options *options, bool batched) {
    if (batched) return cor_feature_dropout_with(x, options);
    cor_scope();
    cor_tensor *result = cor_feature_dropout_with(cor_unsqueeze(x, 0), options);
    return cor_keep(cor_squeeze(result, .dim = 0));
}

cor_tensor *cor_dropout1d_with(cor_tensor *x, const cor_dropout_options *options) {
    cor_dropout_options o;
    if (check_probability(x, options, &o, "dropout1d") != COR_OK) return NULL;
    if (x->ndim != 2 && x->ndim != 3)
        return cor__fail_null(
            COR_ESHAPE,
            "dropout1d: Expected 2D or 3D input, but received a %dD input. Note that dropout1d exists "
            "to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, "
            "and an optional batch dimension (i.e. 2D or 3D inputs).",
            x->ndim);
    return drop_channels(x, options, x->ndim == 3);
}

cor_tensor *cor_dropout2d_with(cor_tensor *x, const cor_dropout_options *options) {
    return cor_feature_dropout_with(x, options);
}

cor_tensor *cor_dropout3d_with(cor_tensor *x, const cor_dropout_options *options) {
    cor_dropout_options o;
    if (check_probability(x, options, &o, "dropout3d") != COR_OK) return NULL;
    return drop_channels(x, options, x->ndim == 5);
}

/* Draws into mask, which broadcasts to x, what stays, and saturates the rest. Takes the reference to mask. */
static cor_tensor *drop_to_saturation(cor_tensor *x, cor_tensor *mask, double p) {
    static const double alpha = 1.7580993408473766; /* SELU's saturation, -scale * alpha of it */
    cor_scope();
    cor__scope_add(mask);
    if (mask == NULL || cor__random_bernoulli(NULL, cor__data(mask), mask->numel, mask->dtype, 1 - p) != COR_OK)
        return NULL;
    double a = 1 / sqrt((alpha * alpha * p + 1) * (1 - p));
    cor_tensor *shift = cor_add(cor_mul(cor_sub(mask, 1), alpha * a), alpha * a * p);
    return cor_keep(cor_add(cor_mul(x, cor_mul(mask, a)), shift));
}

static cor_tensor *alpha_dropout(cor_tensor *x, const cor_dropout_options *options, const char *name, bool features) {
    cor_dropout_options o;
    if (check_probability(x, options, &o, name) != COR_OK) return NULL;
    if (does_nothing(x, &o)) return x;
    if (o.p == 1) return drop_all(x);
    if (features && x->ndim < 2)
        return cor__fail_null(COR_ESHAPE, "Feature dropout requires at least 2 dimensions in the input");
    if (check_dtype(x->dtype == COR_BOOL ? COR_INT64 : x->dtype) != COR_OK) return NULL; /* 1 is taken from the mask */
    return drop_to_saturation(x, features ? one_a_channel(x) : cor__empty_like(x, x->dtype), o.p);
}

cor_tensor *cor_alpha_dropout_with(cor_tensor *x, const cor_dropout_options *options) {
    return alpha_dropout(x, options, "alpha_dropout", false);
}

cor_tensor *cor_feature_alpha_dropout_with(cor_tensor *x, const cor_dropout_options *options) {
    return alpha_dropout(x, options, "feature_alpha_dropout", true);
}
