/* mobilenet_v2.c: MobileNetV2 (Inverted Residuals and Linear Bottlenecks, 2018). */
#include "models/models.h"
#include "nn/container.h"
#include <corrie.h>
#include <string.h>

/* A convolution with batch normalisation and ReLU6: a Sequential that prints under torchvision's name. */
static cor_module *conv_norm_activation(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t groups) {
    return cor__sequential_named(
        "Conv2dNormActivation", COR_MODULES(cor_nn_conv2d(in, out, kernel, .stride = stride,
                                                          .padding = (kernel - 1) / 2, .groups = groups, .bias = false),
                                            cor_nn_batch_norm2d(out), cor_nn_relu6(.inplace = true)));
}

/* ---- the block -------------------------------------------------------------------------------------------------- */

typedef struct InvertedResidual {
    cor_module base;
    cor_module *conv;
    bool is_residual; /* the input is added to the output */
} InvertedResidual;

typedef struct block_plan {
    int64_t in, out, stride, expansion;
} block_plan;

static void InvertedResidual_init(cor_module *m) {
    const block_plan *b = cor_module_arguments(m);
    const int64_t hidden = b->in * b->expansion;
    ((InvertedResidual *)m)->is_residual = b->stride == 1 && b->in == b->out;
    cor_module *conv = cor_nn_sequential();
    if (b->expansion != 1) cor_module_append(conv, conv_norm_activation(b->in, hidden, 1, 1, 1));
    cor_module_append(conv, conv_norm_activation(hidden, hidden, 3, b->stride, hidden));
    cor_module_append(conv, cor_nn_conv2d(hidden, b->out, 1, .bias = false));
    cor_module_append(conv, cor_nn_batch_norm2d(b->out));
    cor_set_module(m, InvertedResidual, conv, conv);
}

static cor_tensor *InvertedResidual_forward(cor_module *m, cor_tensor *x) {
    const InvertedResidual *self = (const InvertedResidual *)m;
    cor_tensor *out = cor_call(self->conv, x);
    return self->is_residual ? cor_add(x, out) : out;
}

/* ---- the network ------------------------------------------------------------------------------------------------ */

typedef struct MobileNetV2 {
    cor_module base;
    cor_module *features, *classifier;
} MobileNetV2;

static cor_module *MobileNetV2_features(int64_t in_channels, int64_t last) {
    static const struct {
        int64_t expansion, channels, blocks, stride;
    } stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                  {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    int64_t in = 32;
    cor_module *features = cor_nn_sequential(conv_norm_activation(in_channels, in, 3, 2, 1));
    for (size_t s = 0; s < sizeof stages / sizeof *stages; s++)
        for (int64_t i = 0; i < stages[s].blocks; i++) {
            const block_plan b = {in, stages[s].channels, i == 0 ? stages[s].stride : 1, stages[s].expansion};
            cor_module_append(features, COR_MODULE(cor_module_new(InvertedResidual, InvertedResidual_forward,
                                                                  .init = InvertedResidual_init, .arguments = &b)));
            in = b.out;
        }
    cor_module_append(features, conv_norm_activation(in, last, 1, 1, 1));
    return features;
}

static int MobileNetV2_init_weights(cor_module *m, void *context) {
    (void)context;
    if (strcmp(cor_module_name(m), "Conv2d") == 0)
        cor_init_kaiming_normal_(cor_get_parameter(m, "weight"), .fan_out = true);
    if (strcmp(cor_module_name(m), "Linear") == 0) {
        cor_init_normal_(cor_get_parameter(m, "weight"), .std = 0.01);
        cor_init_zeros_(cor_get_parameter(m, "bias"));
    }
    return cor_error();
}

static void MobileNetV2_init(cor_module *m) {
    const cor__model_plan *plan = cor_module_arguments(m);
    const int64_t last = 1280;
    cor_set_module(m, MobileNetV2, features, MobileNetV2_features(plan->in_channels, last));
    cor_set_module(m, MobileNetV2, classifier,
                   cor_nn_sequential(cor_nn_dropout(.p = plan->dropout), cor_nn_linear(last, plan->num_classes)));
    cor_module_apply(m, MobileNetV2_init_weights, NULL);
}

static cor_tensor *MobileNetV2_forward(cor_module *m, cor_tensor *x) {
    const MobileNetV2 *self = (const MobileNetV2 *)m;
    x = cor_adaptive_avg_pool2d(cor_call(self->features, x), .size = 1);
    return cor_call(self->classifier, cor_flatten(x, .start_dim = 1));
}

cor_module *cor__mobilenet_v2(const cor__model_plan *plan) {
    return COR_MODULE(cor_module_new(MobileNetV2, MobileNetV2_forward, .init = MobileNetV2_init, .arguments = plan));
}
