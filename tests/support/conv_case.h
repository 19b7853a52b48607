/* conv_case.h: random convolutions with their data, for the tests. */
#ifndef COR_TESTS_CONV_CASE_H
#define COR_TESTS_CONV_CASE_H

#include "conv/plan.h"

/* A random number generator of the tests' own (splitmix64). */
uint64_t random_bits(uint64_t *state);

/* Uniform in [low, high]. */
int64_t random_in(uint64_t *state, int64_t low, int64_t high);

/* About normal, mean 0 and variance 1. */
double random_normal(uint64_t *state);

/* The number in the environment variable, or the fallback. */
int64_t number_from(const char *variable, int64_t fallback);

/* A problem of 1 to 3 dimensions, any kind, with at most `most` products; the input's strides are often not those of
 * a contiguous one. */
cor__conv_problem random_problem(uint64_t *state, cor_dtype dtype, int64_t most);

/* Such a problem of one input channel a group; stride 1 when it is transposed. */
cor__conv_problem random_depthwise(uint64_t *state, cor_dtype dtype, int64_t most);

/* A float32 problem of groups of 4, 8 or 16 input and output channels; mostly stride 1 when it is transposed. */
cor__conv_problem random_grouped(uint64_t *state, int64_t most);

/* As random_problem, transposed and with a stride of height or width. */
cor__conv_problem random_strided_transposed(uint64_t *state, cor_dtype dtype, int64_t most);

/* As random_problem, of one tap that reads the input at the output's own position. */
cor__conv_problem random_flat(uint64_t *state, cor_dtype dtype, int64_t most);

/* A problem that Winograd's algorithm computes, from a random one of at most about `most` products. */
cor__conv_problem random_winograd_problem(uint64_t *state, int64_t most);

/* How many elements the operands span; the input counts from its first to its last element in memory. */
typedef struct conv_spans {
    int64_t input, weight, bias, output;
} conv_spans;
conv_spans spans_of(const cor__conv_problem *problem);

/* Fills n elements: integers with any bits, floating point with small integers. */
void fill_exact(uint64_t *state, void *data, cor_dtype dtype, int64_t n);

/* Makes n integers of dtype small: from -2^bits to 2^bits - 1, unsigned ones below 2^bits. */
void make_small(void *data, cor_dtype dtype, int64_t n, int bits);

#endif
