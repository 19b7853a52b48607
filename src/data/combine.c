/* combine.c: datasets made of tensors, and of other datasets. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "data/dataset.h"
#include "tensor/tensor.h"
#include <string.h>

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

typedef struct columns {
    int n;
    cor_tensor *tensors[COR_SAMPLE_FIELDS];
} columns;

static int64_t columns_size(void *context) { return cor_size(((const columns *)context)->tensors[0], 0); }

static int columns_get(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    const columns *c = context;
    (void)random;
    for (int i = 0; i < c->n; i++) fields[i] = cor_select(c->tensors[i], 0, index);
    return c->n;
}

static void columns_destroy(void *context) {
    columns *c = context;
    for (int i = 0; i < c->n; i++) cor_release(c->tensors[i]);
    cor__free(c, sizeof *c);
}

static int check_columns(cor_list list) {
    if (cor_error() != COR_OK) return cor_error();
    if (list.tensors == NULL && list.n > 0) return cor__fail(COR_EVALUE, "tensor_dataset: the list is NULL");
    if (list.n < 1 || list.n > COR_SAMPLE_FIELDS)
        return cor__fail(COR_ELIMIT, "tensor_dataset: a sample has 1 to %d tensors, not %lld", COR_SAMPLE_FIELDS,
                         (long long)list.n);
    for (int64_t i = 0; i < list.n; i++) {
        const cor_tensor *t = list.tensors[i];
        if (t == NULL || t == COR_NONE)
            return cor__fail(COR_EVALUE, "tensor_dataset: input %lld is NULL, a failed or missing tensor",
                             (long long)i);
        if (cor__ndim(t) == 0 || cor_size(t, 0) != cor_size(list.tensors[0], 0))
            return cor__fail(COR_ESHAPE, "Size mismatch between tensors");
    }
    return COR_OK;
}

cor_dataset *cor_tensor_dataset(cor_list tensors) {
    if (check_columns(tensors) != COR_OK) return NULL;
    columns *c = cor__alloc_zero(sizeof *c, "a dataset of tensors");
    if (c == NULL) return NULL;
    c->n = (int)tensors.n;
    for (int i = 0; i < c->n; i++) c->tensors[i] = cor_retain(tensors.tensors[i]);
    return cor_dataset_new(columns_size, columns_get, c, columns_destroy);
}

/* ---- one after the other ---------------------------------------------------------------------------------------- */

typedef struct chain {
    int n;
    struct link {
        cor_dataset *dataset;
        int64_t end; /* of its samples, counted from the first of all */
    } links[];
} chain;

static int64_t chain_size(void *context) {
    const chain *c = context;
    return c->links[c->n - 1].end;
}

static int chain_get(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    const chain *c = context;
    int i = 0;
    while (index >= c->links[i].end) i++;
    return cor__dataset_get(c->links[i].dataset, index - (i == 0 ? 0 : c->links[i - 1].end), random, fields);
}

static size_t chain_bytes(int n) { return sizeof(chain) + (size_t)n * sizeof(struct link); }

static void chain_destroy(void *context) {
    chain *c = context;
    for (int i = 0; i < c->n; i++) cor_dataset_release(c->links[i].dataset);
    cor__free(c, chain_bytes(c->n));
}

static int check_chain(cor_dataset *const *datasets, int n) {
    if (cor_error() != COR_OK) return cor_error();
    if (n < 1) return cor__fail(COR_EVALUE, "datasets should not be an empty iterable");
    if (datasets == NULL) return cor__fail(COR_EVALUE, "concat_dataset: the array of datasets is NULL");
    for (int i = 0; i < n; i++)
        if (cor__check_dataset(datasets[i], "concat_dataset") != COR_OK) return cor_error();
    return COR_OK;
}

cor_dataset *cor_concat_dataset(cor_dataset *const *datasets, int n) {
    if (check_chain(datasets, n) != COR_OK) return NULL;
    chain *c = cor__alloc(chain_bytes(n), "a chain of datasets");
    if (c == NULL) return NULL;
    c->n = n;
    int64_t end = 0;
    for (int i = 0; i < n; i++) {
        if (!cor__add_ok(end, cor_dataset_size(datasets[i]), &end))
            cor__fail(COR_ELIMIT, "concat_dataset: more samples than can be counted");
        c->links[i] = (struct link){cor_dataset_retain(datasets[i]), end};
    }
    cor_dataset *d = cor_dataset_new(chain_size, chain_get, c, chain_destroy);
    if (d != NULL) d->named = datasets[0]->named;
    return d;
}

/* ---- some of the samples ---------------------------------------------------------------------------------------- */

typedef struct subset {
    cor_dataset *dataset;
    int64_t n;
    int64_t indices[];
} subset;

static size_t subset_bytes(int64_t n) { return sizeof(subset) + (size_t)n * sizeof(int64_t); }

static int64_t subset_size(void *context) { return ((const subset *)context)->n; }

static int subset_get(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    const subset *s = context;
    return cor__dataset_get(s->dataset, s->indices[index], random, fields);
}

static void subset_destroy(void *context) {
    subset *s = context;
    cor_dataset_release(s->dataset);
    cor__free(s, subset_bytes(s->n));
}

static int check_indices(const cor_dataset *d, const int64_t *indices, int64_t n) {
    if (cor__check_dataset(d, "subset") != COR_OK) return cor_error();
    if (indices == NULL) return cor__fail(COR_EVALUE, "subset: the array of indices is NULL");
    if (n < 0 || n > INT64_MAX / 16) return cor__fail(COR_EVALUE, "subset: %lld indices", (long long)n);
    const int64_t size = cor_dataset_size(d);
    for (int64_t i = 0; i < n; i++)
        if (indices[i] < 0 || indices[i] >= size)
            return cor__fail(COR_EINDEX, "index %lld is out of range for a dataset of %lld samples",
                             (long long)indices[i], (long long)size);
    return COR_OK;
}

cor_dataset *cor_subset(cor_dataset *d, const int64_t *indices, int64_t n) {
    if (check_indices(d, indices, n) != COR_OK) return NULL;
    subset *s = cor__alloc(subset_bytes(n), "the indices of a subset");
    if (s == NULL) return NULL;
    s->dataset = cor_dataset_retain(d);
    s->n = n;
    memcpy(s->indices, indices, (size_t)n * sizeof *indices);
    cor_dataset *result = cor_dataset_new(subset_size, subset_get, s, subset_destroy);
    if (result != NULL) result->named = d->named;
    return result;
}

/* ---- transformed samples ---------------------------------------------------------------------------------------- */

typedef struct transformed {
    cor_dataset *dataset;
    int n;
    cor_transform steps[];
} transformed;

static size_t transformed_bytes(int n) { return sizeof(transformed) + (size_t)n * sizeof(cor_transform); }

static int64_t transformed_size(void *context) { return cor_dataset_size(((const transformed *)context)->dataset); }

static int transformed_get(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    const transformed *t = context;
    int n = cor__dataset_get(t->dataset, index, random, fields);
    for (int i = 0; n > 0 && i < t->n && fields[0] != NULL; i++)
        fields[0] = t->steps[i].apply(fields[0], random, t->steps[i].context);
    return n;
}

static void transformed_destroy(void *context) {
    transformed *t = context;
    cor_dataset_release(t->dataset);
    cor__free(t, transformed_bytes(t->n));
}

cor_dataset *cor_transformed_dataset(cor_dataset *d, const cor_transform *steps, int n) {
    if (cor__check_dataset(d, "transformed_dataset") != COR_OK) return NULL;
    if (steps == NULL || n < 0) return cor__fail_null(COR_EVALUE, "transformed_dataset: the steps are NULL, or %d", n);
    for (int i = 0; i < n; i++)
        if (steps[i].apply == NULL) return cor__fail_null(COR_EVALUE, "transformed_dataset: step %d is NULL", i);
    transformed *t = cor__alloc(transformed_bytes(n), "a transformed dataset");
    if (t == NULL) return NULL;
    t->dataset = cor_dataset_retain(d);
    t->n = n;
    memcpy(t->steps, steps, (size_t)n * sizeof *steps);
    cor_dataset *result = cor_dataset_new(transformed_size, transformed_get, t, transformed_destroy);
    if (result != NULL) result->named = d->named;
    return result;
}
