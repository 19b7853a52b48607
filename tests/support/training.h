/* training.h: the networks, the data and the steps of tests/golden/networks.py. */
#ifndef COR_TESTS_TRAINING_H
#define COR_TESTS_TRAINING_H

#include <corrie.h>
#include <corrie/data.h>

/* What a batch holds. */
typedef enum training_field { TRAINING_IMAGES, TRAINING_LABELS, TRAINING_PLACES, TRAINING_FIELDS } training_field;

/* A network with dropout in its head, Adam with weight decay, and shuffled batches of digits. All belong to the scope
 * they are made in. */
typedef struct training {
    cor_module *net;
    cor_optimizer *adam;
    cor_loader *loader;
    cor_tensor *images, *labels; /* of the whole data set */
} training;

/* Makes them from the seed, of a network "lenet", "course" or "resnet18". `digits` is the folder of the digits. An
 * error is left pending. */
void training_make(training *t, const char *name, cor_dtype dtype, const char *digits);

/* Gets the next batch, over as many epochs as it takes; false with an error pending. */
bool training_next(training *t, cor_tensor *batch[TRAINING_FIELDS]);

/* Computes the loss of a batch, with its gradients. NaN with an error pending. */
double training_loss(training *t, cor_tensor *const batch[TRAINING_FIELDS]);

#endif
