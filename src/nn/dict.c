/* dict.c: ordered maps from names to tensors and modules. Names are few and lookups by walking are rare, so it is an
 * array with an open-addressed index beside it. */
#include "base/error.h"
#include "base/memory.h"
#include "nn/module.h"
#include <string.h>

typedef struct item {
    char *name;
    cor_tensor *tensor; /* owned, or NULL */
    cor_module *module; /* owned through its state, or NULL */
} item;

typedef struct version {
    char *path;
    int64_t version;
} version;

struct cor_dict {
    cor__object object;
    item *items;
    int64_t n, capacity;
    int32_t *index; /* capacity * 2 places: item number + 1, or 0 */
    version *versions;
    int64_t n_versions, version_capacity;
};

static void clear_item(item *gone) {
    cor__release(gone->tensor);
    if (gone->module != NULL) cor_module_release(gone->module);
    cor__free_text(gone->name);
}

static void destroy(cor__object *object) {
    cor_dict *d = (cor_dict *)object;
    for (int64_t i = 0; i < d->n; i++) clear_item(&d->items[i]);
    for (int64_t i = 0; i < d->n_versions; i++) cor__free_text(d->versions[i].path);
    cor__free(d->items, (size_t)d->capacity * sizeof *d->items);
    cor__free(d->index, (size_t)d->capacity * 2 * sizeof *d->index);
    cor__free(d->versions, (size_t)d->version_capacity * sizeof *d->versions);
    cor__free(d, sizeof *d);
}

static const cor__class dict_class = {"dict", destroy};

cor_dict *cor_dict_new(void) {
    if (cor_error() != COR_OK) return NULL;
    cor_dict *d = cor__alloc_zero(sizeof *d, "a dict");
    if (d == NULL) return NULL;
    cor__object_init(&d->object, &dict_class);
    return cor__scope_add(d);
}

cor_dict *cor_dict_retain(cor_dict *d) { return d == NULL ? NULL : cor__retain(d); }
void cor_dict_release(cor_dict *d) { cor__release(d); }
cor_dict *cor_dict_take(cor_dict *d) { return cor__scope_take(d); }
cor_dict *cor_dict_keep(cor_dict *d) { return cor__scope_keep(d); }

/* ---- the index (FNV-1a, linear probing) ------------------------------------------------------------------------- */

static uint64_t hash(const char *name) {
    uint64_t h = 14695981039346656037u;
    for (; *name != '\0'; name++) h = (h ^ (unsigned char)*name) * 1099511628211u;
    return h;
}

static int64_t find(const cor_dict *d, const char *name) {
    if (d->capacity == 0) return -1;
    int64_t places = 2 * d->capacity;
    for (int64_t at = (int64_t)(hash(name) % (uint64_t)places); d->index[at] != 0; at = (at + 1) % places)
        if (strcmp(d->items[d->index[at] - 1].name, name) == 0) return d->index[at] - 1;
    return -1;
}

static void index_item(cor_dict *d, int64_t i) {
    int64_t places = 2 * d->capacity, at = (int64_t)(hash(d->items[i].name) % (uint64_t)places);
    while (d->index[at] != 0) at = (at + 1) % places;
    d->index[at] = (int32_t)i + 1;
}

static void index_all(cor_dict *d) {
    memset(d->index, 0, (size_t)d->capacity * 2 * sizeof *d->index);
    for (int64_t i = 0; i < d->n; i++) index_item(d, i);
}

static int grow(cor_dict *d) {
    int64_t capacity = d->capacity == 0 ? 16 : 2 * d->capacity;
    if (capacity > INT32_MAX / 2) return cor__fail(COR_ELIMIT, "a dict has at most 2^30 names");
    int32_t *index = cor__alloc((size_t)capacity * 2 * sizeof *index, "a dict's index");
    if (index == NULL) return cor_error();
    item *items =
        cor__realloc(d->items, (size_t)d->capacity * sizeof *items, (size_t)capacity * sizeof *items, "a dict's items");
    if (items == NULL) {
        cor__free(index, (size_t)capacity * 2 * sizeof *index);
        return cor_error();
    }
    cor__free(d->index, (size_t)d->capacity * 2 * sizeof *d->index);
    d->items = items;
    d->index = index;
    d->capacity = capacity;
    index_all(d);
    return COR_OK;
}

/* ---- names ------------------------------------------------------------------------------------------------------ */

int cor__dict_add(cor_dict *d, const char *name, cor_tensor *t, cor_module *m) {
    int64_t at = find(d, name);
    if (at < 0) {
        if (d->n == d->capacity && grow(d) != COR_OK) return cor_error();
        char *copy = cor__copy_text(name, "a name in a dict");
        if (copy == NULL) return cor_error();
        at = d->n++;
        d->items[at] = (item){.name = copy};
        index_item(d, at);
    }
    item *there = &d->items[at];
    item before = {.tensor = there->tensor, .module = there->module};
    there->tensor = t == NULL ? NULL : cor__retain(t);
    there->module = cor_module_retain(m);
    clear_item(&before);
    return COR_OK;
}

int cor_dict_set(cor_dict *d, const char *name, cor_tensor *t) {
    if (cor_error() != COR_OK) return cor_error();
    if (d == NULL || name == NULL || t == NULL)
        return cor__fail(COR_EVALUE, "dict: the dict, the name or the tensor is NULL");
    return cor__dict_add(d, name, t == COR_NONE ? NULL : t, NULL);
}

int cor_dict_delete(cor_dict *d, const char *name) {
    if (cor_error() != COR_OK) return cor_error();
    if (d == NULL || name == NULL) return cor__fail(COR_EVALUE, "dict: the dict or the name is NULL");
    int64_t at = find(d, name);
    if (at < 0) return cor__fail(COR_EKEY, "'%s'", name);
    item gone = d->items[at];
    memmove(d->items + at, d->items + at + 1, (size_t)(--d->n - at) * sizeof gone);
    index_all(d);
    clear_item(&gone);
    return COR_OK;
}

static const item *item_at(const cor_dict *d, int64_t i) {
    return d != NULL && i >= 0 && i < d->n ? &d->items[i] : NULL;
}

int64_t cor_dict_count(const cor_dict *d) { return d == NULL ? 0 : d->n; }
const char *cor_dict_name_at(const cor_dict *d, int64_t i) { return item_at(d, i) == NULL ? NULL : d->items[i].name; }
cor_tensor *cor_dict_tensor_at(const cor_dict *d, int64_t i) {
    return item_at(d, i) == NULL ? NULL : d->items[i].tensor;
}
cor_module *cor_dict_module_at(const cor_dict *d, int64_t i) {
    return item_at(d, i) == NULL ? NULL : d->items[i].module;
}

bool cor_dict_contains(const cor_dict *d, const char *name) { return d != NULL && name != NULL && find(d, name) >= 0; }

cor_tensor *cor_dict_get(const cor_dict *d, const char *name) {
    int64_t at = d == NULL || name == NULL ? -1 : find(d, name);
    return at < 0 ? NULL : d->items[at].tensor;
}

/* ---- versions --------------------------------------------------------------------------------------------------- */

static version *find_version(const cor_dict *d, const char *path) {
    for (int64_t i = 0; i < d->n_versions; i++)
        if (strcmp(d->versions[i].path, path) == 0) return &d->versions[i];
    return NULL;
}

int64_t cor_dict_version(const cor_dict *d, const char *path) {
    const version *v = d == NULL || path == NULL ? NULL : find_version(d, path);
    return v == NULL ? -1 : v->version;
}

int cor_dict_set_version(cor_dict *d, const char *path, int64_t number) {
    if (cor_error() != COR_OK) return cor_error();
    if (d == NULL || path == NULL) return cor__fail(COR_EVALUE, "dict: the dict or the path is NULL");
    version *there = find_version(d, path);
    if (there != NULL) {
        there->version = number;
        return COR_OK;
    }
    if (d->n_versions == d->version_capacity) {
        int64_t capacity = d->version_capacity == 0 ? 16 : 2 * d->version_capacity;
        version *grown = cor__realloc(d->versions, (size_t)d->version_capacity * sizeof *grown,
                                      (size_t)capacity * sizeof *grown, "a dict's versions");
        if (grown == NULL) return cor_error();
        d->versions = grown;
        d->version_capacity = capacity;
    }
    char *copy = cor__copy_text(path, "a path in a dict");
    if (copy == NULL) return cor_error();
    d->versions[d->n_versions++] = (version){copy, number};
    return COR_OK;
}

cor_dict *cor__dict_under(const cor_dict *d, const char *prefix) {
    cor_dict *copy = cor_dict_new();
    const size_t length = strlen(prefix);
    for (int64_t i = 0; copy != NULL && i < d->n; i++)
        if (strncmp(d->items[i].name, prefix, length) == 0 &&
            cor__dict_add(copy, d->items[i].name, d->items[i].tensor, d->items[i].module) != COR_OK)
            return NULL;
    return copy;
}
