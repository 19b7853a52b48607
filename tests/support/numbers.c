/* numbers.c: the dataset of numbers. */
#include "support/numbers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t size(void *context) { return ((const numbers *)context)->n; }

static cor_tensor *noise(cor_generator *random) { return cor_uniform_(cor_zeros(3), .generator = random); }

static int get(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    const numbers *the = context;
    if (index == the->bad) return cor_error_set(COR_EIO, "sample %lld is damaged", (long long)index);
    fields[0] = the->ragged ? cor_zeros_of(COR_INT64, index) : cor_full_of(COR_INT64, index);
    if (!the->with_noise) return 1;
    fields[1] = noise(random);
    return 2;
}

/* Workers read it until the loader ends, which may be after the block that the caller's lies in. */
cor_dataset *numbers_dataset(const numbers *the) {
    numbers *copy = malloc(sizeof *copy);
    if (copy == NULL) return NULL;
    *copy = *the;
    return cor_dataset_new(size, get, copy, free);
}

void numbers_append(char *text, size_t room, cor_tensor *t) {
    const int64_t *data = cor_data_const(t);
    for (int64_t i = 0; i < cor_numel(t); i++) {
        size_t length = strlen(text);
        snprintf(text + length, room - length, "%s%lld", i > 0 ? " " : "", (long long)data[i]);
    }
}
