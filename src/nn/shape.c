/* shape.c: Flatten, Unflatten, Identity and the pads. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_nn_flatten_options, COR_NN_FLATTEN_OPTIONS)

/* ---- Flatten ---------------------------------------------------------------------------------------------------- */

typedef struct flatten {
    cor_module base;
    int64_t start_dim, end_dim;
} flatten;

static cor_tensor *flatten_forward(cor_module *m, cor_tensor *input) {
    const flatten *self = (const flatten *)m;
    return cor_flatten(input, .start_dim = self->start_dim, .end_dim = self->end_dim);
}

static void flatten_init(cor_module *m) {
    const cor_nn_flatten_options *o = cor_module_arguments(m);
    ((flatten *)m)->start_dim = o->start_dim;
    ((flatten *)m)->end_dim = o->end_dim;
}

static int flatten_extra(cor_module *m, char *buffer, size_t n) {
    const flatten *self = (const flatten *)m;
    cor__text text = {0};
    cor__text_format(&text, "start_dim=%lld, end_dim=%lld", (long long)self->start_dim, (long long)self->end_dim);
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_flatten_with(const cor_nn_flatten_options *options) {
    cor_nn_flatten_options room;
    if (cor__check_options(options, sizeof room, "Flatten") != COR_OK) return NULL;
    return cor__layer_new(sizeof(flatten), "Flatten", flatten_forward, flatten_init,
                          cor_nn_flatten_options_or_defaults(options, &room), flatten_extra);
}

/* ---- Unflatten -------------------------------------------------------------------------------------------------- */

typedef struct unflatten {
    cor_module base;
    int64_t dim;
    cor_dims sizes;
} unflatten;

static cor_tensor *unflatten_forward(cor_module *m, cor_tensor *input) {
    const unflatten *self = (const unflatten *)m;
    return cor_unflatten(input, self->dim, self->sizes.at, (int)self->sizes.n);
}

static void unflatten_init(cor_module *m) {
    const unflatten *given = cor_module_arguments(m);
    ((unflatten *)m)->dim = given->dim;
    ((unflatten *)m)->sizes = given->sizes;
}

static int unflatten_extra(cor_module *m, char *buffer, size_t n) {
    const unflatten *self = (const unflatten *)m;
    cor__text text = {0};
    cor__text_format(&text, "dim=%lld, unflattened_size=", (long long)self->dim);
    cor__text_tuple(&text, self->sizes.at, (int)self->sizes.n);
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_unflatten_with(int64_t dim, cor_dims sizes) {
    if (cor_error() != COR_OK) return NULL;
    if (sizes.n < 1 || sizes.n > COR_MAX_DIMS)
        return cor__fail_null(COR_ESHAPE, "Unflatten: the sizes must be 1 to %d", COR_MAX_DIMS);
    unflatten given = {.dim = dim, .sizes = sizes};
    return cor__layer_new(sizeof given, "Unflatten", unflatten_forward, unflatten_init, &given, unflatten_extra);
}

/* ---- Identity --------------------------------------------------------------------------------------------------- */

static cor_tensor *identity_forward(cor_module *m, cor_tensor *input) {
    (void)m;
    return input;
}

cor_module *cor_nn_identity(void) {
    return cor__layer_new(sizeof(cor_module), "Identity", identity_forward, NULL, NULL, NULL);
}

/* ---- the pads --------------------------------------------------------------------------------------------------- */

typedef struct padding {
    cor_module base;
    cor_pad_mode mode;
    cor_dims pads;
    double value;
    bool zero; /* a ZeroPad: shows no value */
} padding;

static cor_tensor *padding_forward(cor_module *m, cor_tensor *input) {
    const padding *self = (const padding *)m;
    cor_pad_options o;
    cor_pad_options_init(&o);
    o.mode = self->mode;
    o.value = self->value;
    return cor_pad_with(input, self->pads, &o);
}

static void padding_init(cor_module *m) {
    padding *self = (padding *)m;
    const padding *given = cor_module_arguments(m);
    self->mode = given->mode;
    self->pads = given->pads;
    self->value = given->value;
    self->zero = given->zero;
}

static int padding_extra(cor_module *m, char *buffer, size_t n) {
    const padding *self = (const padding *)m;
    const bool constant = self->mode == COR_PAD_CONSTANT && !self->zero;
    cor__text text = {0};
    if (constant) cor__text_append(&text, "padding=");
    cor__text_tuple(&text, self->pads.at, (int)self->pads.n);
    if (constant) {
        cor__text_append(&text, ", value=");
        cor__text_double(&text, self->value);
    }
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_pad_with(cor_pad_mode mode, int spatial, cor_dims pads, double value, bool zero) {
    static const char *const names[5][3] = {{"ConstantPad1d", "ConstantPad2d", "ConstantPad3d"},
                                            {"ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d"},
                                            {"ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d"},
                                            {"CircularPad1d", "CircularPad2d", "CircularPad3d"},
                                            {"ZeroPad1d", "ZeroPad2d", "ZeroPad3d"}};
    if (cor_error() != COR_OK) return NULL;
    if (spatial < 1 || spatial > 3 || (unsigned)mode > COR_PAD_CIRCULAR)
        return cor__fail_null(COR_EVALUE, "pad: %d dimensions in mode %d", spatial, (int)mode);
    const char *name = names[zero                        ? 4
                             : mode == COR_PAD_CONSTANT  ? 0
                             : mode == COR_PAD_REFLECT   ? 1
                             : mode == COR_PAD_REPLICATE ? 2
                                                         : 3][spatial - 1];
    if (pads.n != 1 && pads.n != 2 * spatial)
        return cor__fail_null(COR_EVALUE, "%s: padding takes 1 or %d amounts, not %lld", name, 2 * spatial,
                              (long long)pads.n);
    for (int64_t i = pads.n; i < 2 * spatial; i++) pads.at[i] = pads.at[0];
    pads.n = 2 * spatial;
    padding given = {.mode = mode, .pads = pads, .value = value, .zero = zero};
    return cor__layer_new(sizeof given, name, padding_forward, padding_init, &given, padding_extra);
}
