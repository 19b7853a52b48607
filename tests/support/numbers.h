/* numbers.h: a dataset whose sample i is the number i, with faults and random choices on request. */
#ifndef COR_TESTS_NUMBERS_H
#define COR_TESTS_NUMBERS_H

#include <corrie.h>

typedef struct numbers {
    int64_t n;
    int64_t bad;     /* the sample that fails; -1: none */
    bool with_noise; /* a second tensor: three random numbers of the sample's stream */
    bool ragged;     /* the first tensor has as many elements as the sample's number */
} numbers;

/* A dataset of a copy of *the. */
cor_dataset *numbers_dataset(const numbers *the);

/* Appends the elements of an int64 tensor to text, which holds `room`, parted by blanks. */
void numbers_append(char *text, size_t room, cor_tensor *t);

#endif
