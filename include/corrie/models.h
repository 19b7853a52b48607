/* corrie/models.h: well-known networks.
 *
 *     cor_module *net = cor_get_model("resnet18", .num_classes = 10);
 *
 * Those that torchvision.models has are built as it builds them: with the same names, printed form and state_dict and,
 * after the same seed, the same first bits. Each is written in src/models as a user would write it.
 */
#ifndef CORRIE_MODELS_H
#define CORRIE_MODELS_H

#include <corrie/module.h>
#include <math.h>

COR_BEGIN

/* A network as it is without options. */
typedef struct cor_model_info {
    const char *name;
    int64_t input_size[3]; /* of a picture: channels, height, width */
    int64_t num_classes;
} cor_model_info;

/* Returns all networks, ended by one whose name is NULL (torchvision.models.list_models). Static. */
COR_API const cor_model_info *cor_list_models(void);

#define COR_MODEL_OPTIONS(_)                                                                                           \
    _(int64_t, num_classes, 0)      /* 0: the network's own */                                                         \
    _(int64_t, in_channels, 0)      /* 0: the network's own */                                                         \
    _(double, dropout, (double)NAN) /* of the networks that have dropout; NAN: the network's own */
COR_DECLARE_OPTIONS(cor_model_options, COR_MODEL_OPTIONS)
/* Returns a new network, in training mode, of float32 (torchvision.models.get_model). Called with pictures (N,
 * in_channels, H, W) it gives scores (N, num_classes); unet gives them for every pixel, (N, num_classes, H, W). Owned
 * as layers are (corrie/nn.h). NULL with an error pending: COR_EVALUE for a name that is none, which lists those there
 * are, for a dropout where there is none, and for numbers that do not fit; COR_ENOMEM. */
COR_API cor_module *cor_get_model_with(const char *name, const cor_model_options *options);
#define cor_get_model(name, ...)                                                                                       \
    COR__CALL(cor_get_model_with((name), COR__OPTIONS(cor_model_options, COR_MODEL_OPTIONS, ##__VA_ARGS__)))

/* The same by the names of torchvision.models's functions: cor_models_vgg16(.num_classes = 10). */
#define cor_models_lenet(...) cor_get_model("lenet", ##__VA_ARGS__)
#define cor_models_course(...) cor_get_model("course", ##__VA_ARGS__)
#define cor_models_digits(...) cor_get_model("digits", ##__VA_ARGS__)
#define cor_models_fashion(...) cor_get_model("fashion", ##__VA_ARGS__)
#define cor_models_alexnet(...) cor_get_model("alexnet", ##__VA_ARGS__)
#define cor_models_vgg11(...) cor_get_model("vgg11", ##__VA_ARGS__)
#define cor_models_vgg11_bn(...) cor_get_model("vgg11_bn", ##__VA_ARGS__)
#define cor_models_vgg13(...) cor_get_model("vgg13", ##__VA_ARGS__)
#define cor_models_vgg13_bn(...) cor_get_model("vgg13_bn", ##__VA_ARGS__)
#define cor_models_vgg16(...) cor_get_model("vgg16", ##__VA_ARGS__)
#define cor_models_vgg16_bn(...) cor_get_model("vgg16_bn", ##__VA_ARGS__)
#define cor_models_vgg19(...) cor_get_model("vgg19", ##__VA_ARGS__)
#define cor_models_vgg19_bn(...) cor_get_model("vgg19_bn", ##__VA_ARGS__)
#define cor_models_resnet18(...) cor_get_model("resnet18", ##__VA_ARGS__)
#define cor_models_resnet34(...) cor_get_model("resnet34", ##__VA_ARGS__)
#define cor_models_resnet50(...) cor_get_model("resnet50", ##__VA_ARGS__)
#define cor_models_mobilenet_v2(...) cor_get_model("mobilenet_v2", ##__VA_ARGS__)
#define cor_models_squeezenet1_1(...) cor_get_model("squeezenet1_1", ##__VA_ARGS__)
#define cor_models_unet(...) cor_get_model("unet", ##__VA_ARGS__)

COR_END
#endif
