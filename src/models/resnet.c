/* resnet.c: ResNet (Deep Residual Learning for Image Recognition, 2015), with the stride of a bottleneck in its
 * convolution of 3x3. */
#include "models/models.h"
#include <corrie.h>
#include <string.h>

/* What a block is made of: `planes` are the channels inside; a bottleneck gives four times as many. */
typedef struct block_plan {
    int64_t in, planes, stride;
} block_plan;

static cor_module *conv1x1(int64_t in, int64_t out, int64_t stride) {
    return cor_nn_conv2d(in, out, 1, .stride = stride, .bias = false);
}

static cor_module *conv3x3(int64_t in, int64_t out, int64_t stride) {
    return cor_nn_conv2d(in, out, 3, .stride = stride, .padding = 1, .bias = false);
}

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

typedef struct BasicBlock {
    cor_module base;
    cor_module *conv1, *bn1, *relu, *conv2, *bn2, *downsample; /* without a downsample the input itself is added */
} BasicBlock;

static void BasicBlock_init(cor_module *m) {
    const block_plan *b = cor_module_arguments(m);
    cor_set_module(m, BasicBlock, conv1, conv3x3(b->in, b->planes, b->stride));
    cor_set_module(m, BasicBlock, bn1, cor_nn_batch_norm2d(b->planes));
    cor_set_module(m, BasicBlock, relu, cor_nn_relu(.inplace = true));
    cor_set_module(m, BasicBlock, conv2, conv3x3(b->planes, b->planes, 1));
    cor_set_module(m, BasicBlock, bn2, cor_nn_batch_norm2d(b->planes));
    if (b->stride != 1 || b->in != b->planes)
        cor_set_module(m, BasicBlock, downsample,
                       cor_nn_sequential(conv1x1(b->in, b->planes, b->stride), cor_nn_batch_norm2d(b->planes)));
}

static cor_tensor *BasicBlock_forward(cor_module *m, cor_tensor *x) {
    const BasicBlock *self = (const BasicBlock *)m;
    cor_tensor *out = cor_call(self->relu, cor_call(self->bn1, cor_call(self->conv1, x)));
    out = cor_call(self->bn2, cor_call(self->conv2, out));
    if (self->downsample != NULL) x = cor_call(self->downsample, x);
    return cor_call(self->relu, cor_add_(out, x));
}

typedef struct Bottleneck {
    cor_module base;
    cor_module *conv1, *bn1, *conv2, *bn2, *conv3, *bn3, *relu, *downsample;
} Bottleneck;

static void Bottleneck_init(cor_module *m) {
    const block_plan *b = cor_module_arguments(m);
    const int64_t out = 4 * b->planes;
    cor_set_module(m, Bottleneck, conv1, conv1x1(b->in, b->planes, 1));
    cor_set_module(m, Bottleneck, bn1, cor_nn_batch_norm2d(b->planes));
    cor_set_module(m, Bottleneck, conv2, conv3x3(b->planes, b->planes, b->stride));
    cor_set_module(m, Bottleneck, bn2, cor_nn_batch_norm2d(b->planes));
    cor_set_module(m, Bottleneck, conv3, conv1x1(b->planes, out, 1));
    cor_set_module(m, Bottleneck, bn3, cor_nn_batch_norm2d(out));
    cor_set_module(m, Bottleneck, relu, cor_nn_relu(.inplace = true));
    if (b->stride != 1 || b->in != out)
        cor_set_module(m, Bottleneck, downsample,
                       cor_nn_sequential(conv1x1(b->in, out, b->stride), cor_nn_batch_norm2d(out)));
}

static cor_tensor *Bottleneck_forward(cor_module *m, cor_tensor *x) {
    const Bottleneck *self = (const Bottleneck *)m;
    cor_tensor *out = cor_call(self->relu, cor_call(self->bn1, cor_call(self->conv1, x)));
    out = cor_call(self->relu, cor_call(self->bn2, cor_call(self->conv2, out)));
    out = cor_call(self->bn3, cor_call(self->conv3, out));
    if (self->downsample != NULL) x = cor_call(self->downsample, x);
    return cor_call(self->relu, cor_add_(out, x));
}

static cor_module *new_block(bool bottleneck, const block_plan *b) {
    if (bottleneck)
        return COR_MODULE(cor_module_new(Bottleneck, Bottleneck_forward, .init = Bottleneck_init, .arguments = b));
    return COR_MODULE(cor_module_new(BasicBlock, BasicBlock_forward, .init = BasicBlock_init, .arguments = b));
}

/* ---- the network ------------------------------------------------------------------------------------------------ */

typedef struct ResNet {
    cor_module base;
    cor_module *conv1, *bn1, *relu, *maxpool, *layer1, *layer2, *layer3, *layer4, *avgpool, *fc;
} ResNet;

/* A stage's blocks, of which the first has the stride; *in becomes the channels that they give. */
static cor_module *new_layer(const cor__model_plan *plan, int64_t *in, int64_t planes, int64_t blocks, int64_t stride) {
    cor_module *layer = cor_nn_sequential();
    for (int64_t i = 0; i < blocks; i++) {
        cor_module_append(layer, new_block(plan->bottleneck, &(block_plan){*in, planes, i == 0 ? stride : 1}));
        *in = plan->bottleneck ? 4 * planes : planes;
    }
    return layer;
}

static int ResNet_init_weights(cor_module *m, void *context) {
    (void)context;
    if (strcmp(cor_module_name(m), "Conv2d") == 0)
        cor_init_kaiming_normal_(cor_get_parameter(m, "weight"), .fan_out = true,
                                 .nonlinearity = COR_NONLINEARITY_RELU);
    return cor_error();
}

static void ResNet_init(cor_module *m) {
    const cor__model_plan *plan = cor_module_arguments(m);
    int64_t channels = 64;
    cor_set_module(m, ResNet, conv1,
                   cor_nn_conv2d(plan->in_channels, channels, 7, .stride = 2, .padding = 3, .bias = false));
    cor_set_module(m, ResNet, bn1, cor_nn_batch_norm2d(channels));
    cor_set_module(m, ResNet, relu, cor_nn_relu(.inplace = true));
    cor_set_module(m, ResNet, maxpool, cor_nn_max_pool2d(3, .stride = 2, .padding = 1));
    cor_set_module(m, ResNet, layer1, new_layer(plan, &channels, 64, plan->stages[0], 1));
    cor_set_module(m, ResNet, layer2, new_layer(plan, &channels, 128, plan->stages[1], 2));
    cor_set_module(m, ResNet, layer3, new_layer(plan, &channels, 256, plan->stages[2], 2));
    cor_set_module(m, ResNet, layer4, new_layer(plan, &channels, 512, plan->stages[3], 2));
    cor_set_module(m, ResNet, avgpool, cor_nn_adaptive_avg_pool2d(.sizes = {1, 1}));
    cor_set_module(m, ResNet, fc, cor_nn_linear(channels, plan->num_classes));
    cor_module_apply(m, ResNet_init_weights, NULL);
}

static cor_tensor *ResNet_forward(cor_module *m, cor_tensor *x) {
    const ResNet *self = (const ResNet *)m;
    x = cor_call(self->relu, cor_call(self->bn1, cor_call(self->conv1, x)));
    x = cor_call(self->maxpool, x);
    x = cor_call(self->layer1, x);
    x = cor_call(self->layer2, x);
    x = cor_call(self->layer3, x);
    x = cor_call(self->layer4, x);
    x = cor_flatten(cor_call(self->avgpool, x), .start_dim = 1);
    return cor_call(self->fc, x);
}

cor_module *cor__resnet(const cor__model_plan *plan) {
    return COR_MODULE(cor_module_new(ResNet, ResNet_forward, .init = ResNet_init, .arguments = plan));
}
