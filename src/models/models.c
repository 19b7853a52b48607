/* models.c: the list of networks, and one by its name. */
#include "models/models.h"
#include "base/error.h"
#include "base/text.h"
#include "ops/op.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_model_options, COR_MODEL_OPTIONS)

/* Name, channels and side of a picture, classes, dropout (NAN: there is none), what builds it and by which plan. */
#define MODELS(_)                                                                                                      \
    _("lenet", 1, 28, 10, NAN, cor__lenet)                                                                             \
    _("course", 3, 32, 10, NAN, cor__course)                                                                           \
    _("digits", 1, 8, 10, NAN, cor__digits)                                                                            \
    _("fashion", 1, 28, 10, 0.25, cor__fashion)                                                                        \
    _("alexnet", 3, 224, 1000, 0.5, cor__alexnet)                                                                      \
    _("vgg11", 3, 224, 1000, 0.5, cor__vgg, .stages = {1, 1, 2, 2, 2})                                                 \
    _("vgg11_bn", 3, 224, 1000, 0.5, cor__vgg, .stages = {1, 1, 2, 2, 2}, .batch_norm = true)                          \
    _("vgg13", 3, 224, 1000, 0.5, cor__vgg, .stages = {2, 2, 2, 2, 2})                                                 \
    _("vgg13_bn", 3, 224, 1000, 0.5, cor__vgg, .stages = {2, 2, 2, 2, 2}, .batch_norm = true)                          \
    _("vgg16", 3, 224, 1000, 0.5, cor__vgg, .stages = {2, 2, 3, 3, 3})                                                 \
    _("vgg16_bn", 3, 224, 1000, 0.5, cor__vgg, .stages = {2, 2, 3, 3, 3}, .batch_norm = true)                          \
    _("vgg19", 3, 224, 1000, 0.5, cor__vgg, .stages = {2, 2, 4, 4, 4})                                                 \
    _("vgg19_bn", 3, 224, 1000, 0.5, cor__vgg, .stages = {2, 2, 4, 4, 4}, .batch_norm = true)                          \
    _("resnet18", 3, 224, 1000, NAN, cor__resnet, .stages = {2, 2, 2, 2})                                              \
    _("resnet34", 3, 224, 1000, NAN, cor__resnet, .stages = {3, 4, 6, 3})                                              \
    _("resnet50", 3, 224, 1000, NAN, cor__resnet, .stages = {3, 4, 6, 3}, .bottleneck = true)                          \
    _("mobilenet_v2", 3, 224, 1000, 0.2, cor__mobilenet_v2)                                                            \
    _("squeezenet1_1", 3, 224, 1000, 0.5, cor__squeezenet)                                                             \
    _("unet", 3, 128, 2, NAN, cor__unet)

#define INFO(name, channels, side, classes, ...) {name, {channels, side, side}, classes},
static const cor_model_info infos[] = {MODELS(INFO){NULL, {0}, 0}};

#define ROW(name, channels, side, classes, own_dropout, builder, ...)                                                  \
    {.build = builder, .plan = {.num_classes = classes, .in_channels = channels, .dropout = own_dropout, __VA_ARGS__}},
static const struct {
    cor__model_builder *build;
    cor__model_plan plan; /* what holds without options */
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
    cor_model_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "get_model") != COR_OK) return NULL;
    if (name == NULL) return cor__fail_null(COR_EVALUE, "get_model: the name is NULL");
    size_t i = 0;
    while (infos[i].name != NULL && strcmp(infos[i].name, name) != 0) i++;
    if (infos[i].name == NULL) return unknown(name);
    const cor_model_options *o = cor_model_options_or_defaults(options, &room);
    cor__model_plan plan = rows[i].plan;
    if (!isnan(o->dropout) && isnan(plan.dropout)) return cor__fail_null(COR_EVALUE, "%s has no dropout", name);
    if (!isnan(o->dropout)) plan.dropout = o->dropout;
    if (o->num_classes != 0) plan.num_classes = o->num_classes;
    if (o->in_channels != 0) plan.in_channels = o->in_channels;
    return rows[i].build(&plan);
}
