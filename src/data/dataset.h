/* dataset.h: what the datasets of this folder are made of. */
#ifndef COR_DATA_DATASET_H
#define COR_DATA_DATASET_H

#include "base/object.h"
#include <corrie/data.h>

struct cor_dataset {
    cor__object object;
    cor_dataset_size_function size;
    cor_dataset_get_function get;
    void *context;
    void (*destroy)(void *context);
    const cor_dataset *named; /* whose class names these are; itself, or one that the context holds */
    char **classes;
    int64_t n_classes;
};

/* COR_OK if d is a dataset, else the pending error's code or COR_EVALUE, with the function's name. */
int cor__check_dataset(const cor_dataset *d, const char *name);

/* COR_OK if a generator was given, else COR_EVALUE. */
int cor__check_generator(const cor_generator *generator, const char *name);

/* The tensors of a sample as the dataset gives them, checked: how many they are, or a code. They may belong to the
 * innermost scope or to the dataset. */
int cor__dataset_get(const cor_dataset *d, int64_t index, cor_generator *random, cor_tensor **fields);

#endif
