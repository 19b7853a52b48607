/* models.c: the list of networks, and one by its name. */
#include "models/models.h"
#include "base/error.h"
#include "base/text.h"
#include "ops/op.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_model_options, COR_MODEL_OPTIONS)

/* Name, channels and side of a picture, classes, dropout (NAN: there is none), what builds it. */
#define MODELS(_)                                                                                                      \
    _("lenet", 1, 28, 10, NAN, cor__lenet)                                                                             \
    _("course", 3, 32, 10, NAN, cor__course)

#define INFO(name, channels, side, classes, ...) {name, {channels, side, side}, classes},
static const cor_model_info infos[] = {MODELS(INFO){NULL, {0}, 0}};

#define ROW(name, channels, side, classes, own, builder, ...) {.dropout = own, .build = builder, __VA_ARGS__},
static const struct {
    double dropout;
    cor__model_builder *build;
    cor__model_variant variant;
} rows[] = {MODELS(ROW)};

const cor_model_info *cor_list_models(void) { return infos; }

static cor_module *unknown(const char *name) {
    cor__text names = {0};
    for (const cor_model_info *info = infos; info->name != NULL; info++)
        cor__text_format(&names, "%s%s", info == infos ? "" : ", ", info->name);
    if (!names.failed) cor__fail(COR_EVALUE, "Unknown model %s; there are %s", name, names.data);
    cor__text_free(&names);
    return NULL;
}

cor_module *cor_get_model_with(const char *name, const cor_model_options *options) {
    cor_model_options o;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof o, "get_model") != COR_OK) return NULL;
    if (name == NULL) return cor__fail_null(COR_EVALUE, "get_model: the name is NULL");
    size_t i = 0;
    while (infos[i].name != NULL && strcmp(infos[i].name, name) != 0) i++;
    if (infos[i].name == NULL) return unknown(name);
    o = *cor_model_options_or_defaults(options, &o);
    if (!isnan(o.dropout) && isnan(rows[i].dropout)) return cor__fail_null(COR_EVALUE, "%s has no dropout", name);
    if (isnan(o.dropout)) o.dropout = rows[i].dropout;
    if (o.num_classes == 0) o.num_classes = infos[i].num_classes;
    if (o.in_channels == 0) o.in_channels = infos[i].input_size[0];
    return rows[i].build(&o, &rows[i].variant);
}
