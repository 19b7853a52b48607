/* dropout.c: the dropout layers. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/norm.h>

COR__DEFINE_OPTIONS(cor_nn_dropout_options, COR_NN_DROPOUT_OPTIONS)

typedef struct dropout {
    cor_module base;
    cor_nn_dropout_kind kind;
    cor_nn_dropout_options o;
} dropout;

static cor_tensor *dropout_forward(cor_module *m, cor_tensor *input) {
    static cor_tensor *(*const functions[])(cor_tensor *, const cor_dropout_options *) = {
        [COR_NN_DROPOUT] = cor_dropout_with,
        [COR_NN_DROPOUT1D] = cor_dropout1d_with,
        [COR_NN_DROPOUT2D] = cor_dropout2d_with,
        [COR_NN_DROPOUT3D] = cor_dropout3d_with,
        [COR_NN_ALPHA_DROPOUT] = cor_alpha_dropout_with,
        [COR_NN_FEATURE_ALPHA_DROPOUT] = cor_feature_alpha_dropout_with};
    const dropout *self = (const dropout *)m;
    cor_dropout_options o;
    cor_dropout_options_init(&o);
    o.p = self->o.p;
    o.training = cor_is_training(m);
    cor_tensor *result = functions[self->kind](input, &o);
    return self->o.inplace && result != input ? cor_copy_(input, result) : result;
}

static void dropout_init(cor_module *m) {
    const dropout *given = cor_module_arguments(m);
    ((dropout *)m)->kind = given->kind;
    ((dropout *)m)->o = given->o;
}

static int dropout_extra(cor_module *m, char *buffer, size_t n) {
    const dropout *self = (const dropout *)m;
    cor__text text = {0};
    cor__text_append(&text, "p=");
    cor__text_double(&text, self->o.p);
    cor__text_format(&text, ", inplace=%s", self->o.inplace ? "True" : "False");
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_dropout_with(cor_nn_dropout_kind kind, const cor_nn_dropout_options *options) {
    static const char *const names[] = {"Dropout",   "Dropout1d",    "Dropout2d",
                                        "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"};
    dropout given = {.kind = kind};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "Dropout") != COR_OK) return NULL;
    if ((unsigned)kind > COR_NN_FEATURE_ALPHA_DROPOUT)
        return cor__fail_null(COR_EVALUE, "%d is no kind of dropout", (int)kind);
    given.o = *cor_nn_dropout_options_or_defaults(options, &given.o);
    if (!(given.o.p >= 0 && given.o.p <= 1)) {
        cor__text text = {0};
        cor__text_double(&text, given.o.p);
        cor__fail(COR_EVALUE, "dropout probability has to be between 0 and 1, but got %s",
                  text.failed ? "" : text.data);
        cor__text_free(&text);
        return NULL;
    }
    return cor__layer_new(sizeof given, names[kind], dropout_forward, dropout_init, &given, dropout_extra);
}
