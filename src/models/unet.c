/* unet.c: a small U-Net for segmentation (U-Net: Convolutional Networks for Biomedical Image Segmentation, 2015):
 * padded, so that its output has the input's size, which three halvings must divide, and with batch normalisation. */
#include "models/models.h"
#include <corrie.h>

typedef struct UNet {
    cor_module base;
    cor_module *encoder1, *encoder2, *encoder3, *pool, *bottom;
    cor_module *up3, *decoder3, *up2, *decoder2, *up1, *decoder1, *head;
} UNet;

static cor_module *double_conv(int64_t in, int64_t out) {
    return cor_nn_sequential(cor_nn_conv2d(in, out, 3, .padding = 1, .bias = false), cor_nn_batch_norm2d(out),
                             cor_nn_relu(.inplace = true), cor_nn_conv2d(out, out, 3, .padding = 1, .bias = false),
                             cor_nn_batch_norm2d(out), cor_nn_relu(.inplace = true));
}

static cor_module *up(int64_t in, int64_t out) { return cor_nn_conv_transpose2d(in, out, 2, .stride = 2); }

static void UNet_init(cor_module *m) {
    const cor__model_plan *plan = cor_module_arguments(m);
    cor_set_module(m, UNet, encoder1, double_conv(plan->in_channels, 32));
    cor_set_module(m, UNet, encoder2, double_conv(32, 64));
    cor_set_module(m, UNet, encoder3, double_conv(64, 128));
    cor_set_module(m, UNet, pool, cor_nn_max_pool2d(2));
    cor_set_module(m, UNet, bottom, double_conv(128, 256));
    cor_set_module(m, UNet, up3, up(256, 128));
    cor_set_module(m, UNet, decoder3, double_conv(256, 128));
    cor_set_module(m, UNet, up2, up(128, 64));
    cor_set_module(m, UNet, decoder2, double_conv(128, 64));
    cor_set_module(m, UNet, up1, up(64, 32));
    cor_set_module(m, UNet, decoder1, double_conv(64, 32));
    cor_set_module(m, UNet, head, cor_nn_conv2d(32, plan->num_classes, 1));
}

/* Doubles the size of x, joins it with what the encoder of that size gave, and decodes both. */
static cor_tensor *decode(cor_module *up, cor_module *decoder, cor_tensor *skip, cor_tensor *x) {
    return cor_call(decoder, cor_cat(COR_TENSORS(skip, cor_call(up, x)), .dim = 1));
}

static cor_tensor *UNet_forward(cor_module *m, cor_tensor *x) {
    const UNet *self = (const UNet *)m;
    cor_tensor *x1 = cor_call(self->encoder1, x);
    cor_tensor *x2 = cor_call(self->encoder2, cor_call(self->pool, x1));
    cor_tensor *x3 = cor_call(self->encoder3, cor_call(self->pool, x2));
    x = cor_call(self->bottom, cor_call(self->pool, x3));
    x = decode(self->up3, self->decoder3, x3, x);
    x = decode(self->up2, self->decoder2, x2, x);
    x = decode(self->up1, self->decoder1, x1, x);
    return cor_call(self->head, x);
}

cor_module *cor__unet(const cor__model_plan *plan) {
    return COR_MODULE(cor_module_new(UNet, UNet_forward, .init = UNet_init, .arguments = plan));
}
