/* dataset.c: datasets as objects, their samples and the names of their classes. */
#include "data/dataset.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"

int cor__check_dataset(const cor_dataset *d, const char *name) {
    if (cor_error() != COR_OK) return cor_error();
    return d != NULL ? COR_OK : cor__fail(COR_EVALUE, "%s: the dataset is NULL, a failed or missing dataset", name);
}

int cor__check_generator(const cor_generator *generator, const char *name) {
    if (generator != NULL) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: the generator is NULL, a failed or missing generator", name);
}

/* ---- objects ---------------------------------------------------------------------------------------------------- */

static void free_names(char **names, int64_t n) {
    for (int64_t i = 0; i < n; i++) cor__free_text(names[i]);
    cor__free(names, (size_t)n * sizeof *names);
}

static void destroy(cor__object *object) {
    cor_dataset *d = (cor_dataset *)object;
    if (d->destroy != NULL) d->destroy(d->context);
    free_names(d->classes, d->n_classes);
    cor__free(d, sizeof *d);
}

static const cor__class dataset_class = {"dataset", destroy};

cor_dataset *cor_dataset_new(cor_dataset_size_function size, cor_dataset_get_function get, void *context,
                             void (*destroy_context)(void *context)) {
    cor_dataset *d = NULL;
    if (cor_error() == COR_OK) {
        if (size == NULL || get == NULL) cor__fail(COR_EVALUE, "dataset_new: size or get is NULL");
        else d = cor__alloc_zero(sizeof *d, "a dataset");
    }
    if (d == NULL) {
        if (destroy_context != NULL) destroy_context(context);
        return NULL;
    }
    cor__object_init(&d->object, &dataset_class);
    d->size = size;
    d->get = get;
    d->context = context;
    d->destroy = destroy_context;
    d->named = d;
    return cor__scope_add(d);
}

cor_dataset *cor_dataset_retain(cor_dataset *d) { return d == NULL ? NULL : cor__retain(d); }
void cor_dataset_release(cor_dataset *d) { cor__release(d); }
cor_dataset *cor_dataset_take(cor_dataset *d) { return cor__scope_take(d); }
cor_dataset *cor_dataset_keep(cor_dataset *d) { return cor__scope_keep(d); }

/* ---- samples ---------------------------------------------------------------------------------------------------- */

int64_t cor_dataset_size(const cor_dataset *d) { return d == NULL ? 0 : cor__max(0, d->size(d->context)); }

/* What a get returned, turned into a code where something is missing. */
static int check_fields(int n, cor_tensor *const *fields, int64_t index) {
    if (cor_error() != COR_OK) return cor_error();
    if (n < 0) return cor__fail(COR_EVALUE, "sample %lld: its get returned %d without an error", (long long)index, n);
    if (n < 1 || n > COR_SAMPLE_FIELDS)
        return cor__fail(COR_ELIMIT, "sample %lld: a sample has 1 to %d tensors, not %d", (long long)index,
                         COR_SAMPLE_FIELDS, n);
    for (int i = 0; i < n; i++)
        if (fields[i] == NULL || fields[i] == COR_NONE)
            return cor__fail(COR_EVALUE, "sample %lld: tensor %d of %d is NULL", (long long)index, i, n);
    return n;
}

int cor__dataset_get(const cor_dataset *d, int64_t index, cor_generator *random, cor_tensor **fields) {
    int64_t size = cor_dataset_size(d);
    if (cor_error() != COR_OK) return cor_error();
    if (index < 0 || index >= size)
        return cor__fail(COR_EINDEX, "index %lld is out of range for a dataset of %lld samples", (long long)index,
                         (long long)size);
    for (int i = 0; i < COR_SAMPLE_FIELDS; i++) fields[i] = NULL;
    return check_fields(d->get(d->context, index, random, fields), fields, index);
}

/* The caller gets tensors of its own over the memory of the sample's, which may belong to anybody. */
int cor_dataset_get(cor_dataset *d, int64_t index, cor_tensor **fields, int room) {
    if (cor__check_dataset(d, "dataset_get") != COR_OK) return cor_error();
    if (fields == NULL) return cor__fail(COR_EVALUE, "dataset_get: the array of tensors is NULL");
    cor_tensor *got[COR_SAMPLE_FIELDS];
    cor_scope();
    int n = cor__dataset_get(d, index, COR_GENERATOR_DEFAULT, got);
    if (n > room)
        return cor__fail(COR_ELIMIT, "dataset_get: a sample has %d tensors, but there is room for %d", n, room);
    for (int i = 0; i < n; i++) got[i] = cor_detach(got[i]);
    if (cor_error() != COR_OK) return cor_error();
    for (int i = 0; i < n; i++) fields[i] = cor_keep(got[i]);
    return n;
}

/* ---- classes ---------------------------------------------------------------------------------------------------- */

int cor_dataset_name_classes(cor_dataset *d, const char *const *names, int64_t n) {
    if (cor__check_dataset(d, "dataset_name_classes") != COR_OK) return cor_error();
    if (names == NULL || n < 0)
        return cor__fail(COR_EVALUE, "dataset_name_classes: the names are NULL, or %lld", (long long)n);
    char **copies = NULL;
    int64_t done = 0;
    if (n > 0 && (copies = cor__alloc_zero((size_t)n * sizeof *copies, "the names of classes")) == NULL)
        return cor_error();
    for (; done < n; done++) {
        if (names[done] == NULL) cor__fail(COR_EVALUE, "dataset_name_classes: name %lld is NULL", (long long)done);
        else copies[done] = cor__copy_text(names[done], "the name of a class");
        if (copies[done] == NULL) break;
    }
    if (done < n) {
        free_names(copies, n);
        return cor_error();
    }
    free_names(d->classes, d->n_classes);
    d->classes = copies;
    d->n_classes = n;
    d->named = d;
    return COR_OK;
}

int64_t cor_dataset_class_count(const cor_dataset *d) { return d == NULL ? 0 : d->named->n_classes; }

const char *cor_dataset_class_name(const cor_dataset *d, int64_t label) {
    if (d == NULL || label < 0 || label >= d->named->n_classes) return NULL;
    return d->named->classes[label];
}
