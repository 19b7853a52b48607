/* split.c: random_split. */
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/sizes.h"
#include "base/text.h"
#include "data/dataset.h"
#include "ops/op.h"
#include <math.h>

COR__DEFINE_OPTIONS(cor_random_split_options, COR_RANDOM_SPLIT_OPTIONS)

/* Whether the lengths are fractions: Python's math.isclose(sum, 1), from below. */
static bool are_fractions(const double *lengths, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += lengths[i];
    return sum <= 1 && 1 - sum <= 1e-9;
}

static int parts_of_fractions(int64_t size, const double *lengths, int n, int64_t *counts) {
    int64_t rest = size;
    for (int i = 0; i < n; i++) {
        if (!(lengths[i] >= 0 && lengths[i] <= 1))
            return cor__fail(COR_EVALUE, "Fraction at index %d is not between 0 and 1", i);
        counts[i] = (int64_t)floor((double)size * lengths[i]);
        rest -= counts[i];
    }
    for (int64_t i = 0; i < rest; i++) counts[i % n]++;
    return COR_OK;
}

static int parts_of_lengths(int64_t size, const double *lengths, int n, int64_t *counts) {
    int64_t sum = 0;
    bool fits = true;
    for (int i = 0; i < n && fits; i++) {
        if (!(lengths[i] >= 0)) return cor__fail(COR_EVALUE, "Length at index %d is negative", i);
        fits = lengths[i] <= 0x1p53 && floor(lengths[i]) == lengths[i];
        counts[i] = fits ? (int64_t)lengths[i] : 0;
        fits = fits && cor__add_ok(sum, counts[i], &sum);
    }
    if (fits && sum == size) return COR_OK;
    return cor__fail(COR_EVALUE, "Sum of input lengths does not equal the length of the input dataset!");
}

static int cut(cor_dataset *d, const int64_t *order, const int64_t *counts, int n, cor_dataset **parts) {
    cor_scope();
    for (int i = 0; i < n && (i == 0 || parts[i - 1] != NULL); i++) {
        parts[i] = cor_subset(d, order, counts[i]);
        order += counts[i];
    }
    for (int i = 0; i < n; i++) {
        if (cor_error() == COR_OK) cor_dataset_keep(parts[i]);
        else parts[i] = NULL;
    }
    return cor_error();
}

static int split(cor_dataset *d, const int64_t *counts, int n, cor_dataset **parts, cor_generator *generator) {
    int64_t size = cor_dataset_size(d);
    size_t bytes = (size_t)cor__max(size, 1) * sizeof(int64_t);
    int64_t *order = cor__alloc(bytes, "a permutation");
    if (order == NULL) return cor_error();
    int code = cor__random_permutation(generator, order, size, COR_INT64);
    if (code == COR_OK) code = cut(d, order, counts, n, parts);
    cor__free(order, bytes);
    return code;
}

int cor_random_split_with(cor_dataset *d, const double *lengths, int n, cor_dataset **parts,
                          const cor_random_split_options *options) {
    cor_random_split_options room;
    if (cor__check_dataset(d, "random_split") != COR_OK ||
        cor__check_options(options, sizeof room, "random_split") != COR_OK)
        return cor_error();
    const cor_random_split_options *o = cor_random_split_options_or_defaults(options, &room);
    if (lengths == NULL || parts == NULL || n < 1)
        return cor__fail(COR_EVALUE, "random_split: the lengths or the parts are NULL, or none: %d", n);
    for (int i = 0; i < n; i++) parts[i] = NULL;
    if (cor__check_generator(o->generator, "random_split") != COR_OK) return cor_error();
    const size_t bytes = (size_t)n * sizeof(int64_t);
    int64_t *counts = cor__alloc(bytes, "the lengths of a split");
    if (counts == NULL) return cor_error();
    int64_t size = cor_dataset_size(d);
    int code = are_fractions(lengths, n) ? parts_of_fractions(size, lengths, n, counts)
                                         : parts_of_lengths(size, lengths, n, counts);
    if (code == COR_OK) code = split(d, counts, n, parts, o->generator);
    cor__free(counts, bytes);
    return code;
}
