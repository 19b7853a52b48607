/* models.h: what a family of networks gives to the list of them. */
#ifndef COR_MODELS_MODELS_H
#define COR_MODELS_MODELS_H

#include <corrie/models.h>

/* What a network is built by: the options, which all hold a value but for a dropout where there is none, and what the
 * members of a family differ by. */
typedef struct cor__model_plan {
    int64_t num_classes, in_channels;
    double dropout;
    int64_t stages[5]; /* layers of each stage of VGG, blocks of each of ResNet */
    bool batch_norm;   /* of VGG */
    bool bottleneck;   /* of ResNet */
} cor__model_plan;

/* Build a network, owned by the innermost scope. NULL with an error pending. */
typedef cor_module *cor__model_builder(const cor__model_plan *plan);
cor__model_builder cor__lenet, cor__course, cor__digits, cor__fashion, cor__alexnet, cor__vgg, cor__resnet,
    cor__mobilenet_v2, cor__squeezenet, cor__unet;

#endif
