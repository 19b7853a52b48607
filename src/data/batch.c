/* batch.c: making one batch: its samples, each in a scope of its own, and what collates them. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "data/loader.h"
#include "tensor/tensor.h"
#include <corrie/creation.h>
#include <corrie/index.h>
#include <corrie/math.h>
#include <string.h>

/* The samples of a batch, field by field: tensor f of sample i is tensors[f * n + i], owned. Samples that will only be
 * stacked are copied at once into their place in stacked[f], as long as they are alike; their tensors are views of it.
 * So the memory of one serves the next. */
typedef struct samples {
    int64_t n, first; /* how many, and the position of the first in the epoch */
    int n_fields;
    cor_tensor **tensors;
    bool stacking;
    cor_tensor *stacked[COR_SAMPLE_FIELDS]; /* owned; NULL: there is none */
} samples;

/* Room for n tensors like t, in the innermost scope; NULL where there are too many dimensions, too. */
static cor_tensor *room_for(const cor_tensor *t, int64_t n) {
    int64_t sizes[COR_MAX_DIMS];
    const int ndim = cor__ndim(t);
    if (ndim + 1 > COR_MAX_DIMS) return NULL;
    sizes[0] = n;
    memcpy(sizes + 1, cor__sizes(t), (size_t)ndim * sizeof *sizes);
    return cor_empty_sized(cor__dtype(t), sizes, ndim + 1);
}

/* What is kept of a sample's tensor: its place in the batch, or, when it is unlike the others, itself. */
static cor_tensor *place(samples *s, int f, int64_t i, cor_tensor *t) {
    cor_tensor *stacked = s->stacked[f];
    if (stacked == NULL) return t;
    if (cor__dtype(t) == cor__dtype(stacked) && cor__has_sizes(t, cor__sizes(stacked) + 1, cor__ndim(stacked) - 1))
        return cor_copy_(cor_select(stacked, 0, i), t);
    cor_release(stacked);
    s->stacked[f] = NULL;
    return t;
}

static int add_sample(const cor_loader *loader, samples *s, int64_t i, cor_generator *random) {
    cor_tensor *fields[COR_SAMPLE_FIELDS];
    cor_scope();
    const int64_t position = s->first + i;
    if (cor_generator_seed(random, cor__sampler_seed(&loader->sampler, position)) != COR_OK) return cor_error();
    const int n = cor__dataset_get(loader->dataset, cor__sampler_index(&loader->sampler, position), random, fields);
    if (n < 0) return n;
    if (i > 0 && n != s->n_fields)
        return cor__fail(COR_ESHAPE,
                         "each sample of a batch should have as many tensors: %d at entry 0 and %d at entry %lld",
                         s->n_fields, n, (long long)i);
    s->n_fields = n;
    for (int f = 0; f < n; f++) {
        if (i == 0 && s->stacking) s->stacked[f] = cor_retain(room_for(fields[f], s->n));
        s->tensors[f * s->n + i] = cor_retain(place(s, f, i, fields[f]));
    }
    return cor_error();
}

static int stack_fields(const samples *s, cor_tensor **fields) {
    for (int f = 0; f < s->n_fields; f++)
        fields[f] = s->stacked[f] != NULL ? s->stacked[f] : cor_stack(COR_LIST(s->tensors + f * s->n, s->n));
    return s->n_fields;
}

static int collate(const cor_loader *loader, const samples *s, cor__batch *batch) {
    cor_tensor *fields[COR_SAMPLE_FIELDS] = {NULL};
    const int n = s->stacking ? stack_fields(s, fields)
                              : loader->o.collate(s->tensors, s->n_fields, s->n, fields, loader->o.collate_context);
    if (cor_error() != COR_OK) return cor_error();
    if (n < 1 || n > COR_SAMPLE_FIELDS)
        return cor__fail(COR_EVALUE, "a collate function returns 1 to %d tensors, not %d", COR_SAMPLE_FIELDS, n);
    for (int f = 0; f < n; f++)
        if (fields[f] == NULL || fields[f] == COR_NONE)
            return cor__fail(COR_EVALUE, "tensor %d of the %d that collate returned is NULL", f, n);
    for (int f = 0; f < n; f++) batch->fields[f] = cor_retain(fields[f]);
    batch->n = n;
    return COR_OK;
}

static int fill(const cor_loader *loader, samples *s, cor__batch *batch) {
    cor_generator *random = cor_generator_new();
    for (int64_t i = 0; i < s->n && random != NULL; i++)
        if (add_sample(loader, s, i, random) != COR_OK) break;
    return cor_error() != COR_OK ? cor_error() : collate(loader, s, batch);
}

static void make(const cor_loader *loader, int64_t number, cor__batch *batch) {
    cor_scope();
    cor_no_grad();
    samples s = {.first = number * loader->o.batch_size, .stacking = loader->o.collate == NULL};
    s.n = cor__min(loader->o.batch_size, loader->sampler.n - s.first);
    const size_t places = (size_t)s.n * COR_SAMPLE_FIELDS, bytes = places * sizeof *s.tensors;
    s.tensors = cor__alloc_zero(bytes, "the samples of a batch");
    if (s.tensors == NULL) return;
    (void)fill(loader, &s, batch);
    for (size_t i = 0; i < places; i++) cor_release(s.tensors[i]);
    for (int f = 0; f < COR_SAMPLE_FIELDS; f++) cor_release(s.stacked[f]);
    cor__free(s.tensors, bytes);
}

void cor__make_batch(const cor_loader *loader, int64_t number, cor__batch *batch) {
    memset(batch, 0, sizeof *batch);
    make(loader, number, batch);
    (void)cor_error_take(&batch->error);
}

void cor__drop_batch(cor__batch *batch) {
    for (int f = 0; f < batch->n; f++) cor_release(batch->fields[f]);
    batch->n = 0;
    batch->error.code = COR_OK;
}
