/* training.c: the networks, the data and the steps of tests/golden/networks.py. */
#include "support/training.h"
#include <corrie/models.h>
#include <corrie/vision.h>

#include <stdio.h>
#include <string.h>

enum { PLACES = 32, CLASSES = 10, COUNT = 1437, BATCH = 16, SEED = 2026 };

static cor_tensor *first_of(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s-ubyte.gz", folder, name);
    return cor_narrow(cor_load_idx(path), 0, 0, COUNT);
}

/* Each pixel 4 by 4, cut to the middle, under noise from the default generator. */
static cor_tensor *pictures_of(cor_tensor *digits, int64_t channels, int64_t side) {
    cor_tensor *pixels = cor_div(cor_to(cor_unsqueeze(digits, 1), COR_FLOAT32), 16);
    cor_tensor *large = cor_interpolate(pixels, .scale_factor = 4);
    large = cor_narrow(cor_narrow(large, 2, (32 - side) / 2, side), 3, (32 - side) / 2, side);
    return cor_add(cor_mul(large, 0.75), cor_mul(cor_rand(COUNT, channels, side, side), 0.25));
}

void training_make(training *t, const char *name, cor_dtype dtype, const char *digits) {
    const bool is_lenet = strcmp(name, "lenet") == 0;
    cor_manual_seed(SEED);
    cor_module *body = cor_get_model(name, .num_classes = PLACES), *relu = cor_nn_relu();
    cor_module *dropout = cor_nn_dropout(.p = 0.25), *head = cor_nn_linear(PLACES, CLASSES);
    t->net = cor_nn_sequential(body, relu, dropout, head);
    (void)cor_module_to(t->net, dtype);
    t->adam = cor_adam(cor_parameters(t->net), .lr = 1e-3, .weight_decay = 1e-4);
    t->images = pictures_of(first_of(digits, "images-idx3"), is_lenet ? 1 : 3, is_lenet ? 28 : 32);
    t->labels = cor_to(first_of(digits, "labels-idx1"), COR_INT64);
    cor_dataset *samples = cor_tensor_dataset(COR_TENSORS(cor_to(t->images, dtype), t->labels, cor_arange(0, COUNT)));
    t->loader = cor_data_loader(samples, .batch_size = BATCH, .shuffle = true);
}

bool training_next(training *t, cor_tensor *batch[TRAINING_FIELDS]) {
    return cor_next_batch_fields(t->loader, batch, TRAINING_FIELDS) ||
           cor_next_batch_fields(t->loader, batch, TRAINING_FIELDS);
}

double training_loss(training *t, cor_tensor *const batch[TRAINING_FIELDS]) {
    cor_scope();
    (void)cor_zero_grad(t->adam);
    cor_tensor *loss = cor_cross_entropy(cor_call(t->net, batch[TRAINING_IMAGES]), batch[TRAINING_LABELS]);
    (void)cor_backward(loss);
    return cor_item(loss);
}
