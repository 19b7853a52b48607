/* storage.c: counted memory. */
#include "base/error.h"
#include "base/memory.h"
#include "base/thread.h"
#include "tensor/derived.h"

static void destroy(cor__object *object) {
    cor__storage *storage = (cor__storage *)object;
    if (storage->owned) cor__free(storage->data, (size_t)storage->bytes);
    else if (storage->release != NULL) storage->release(storage->data, storage->context);
    cor__release(storage->derived);
    cor__free(storage, sizeof *storage);
}

static const cor__class storage_class = {"storage", destroy};

static cor__storage *make(void *data, int64_t bytes, bool owned) {
    cor__storage *storage = cor__alloc_zero(sizeof *storage, "a storage");
    if (storage == NULL) return NULL;
    cor__object_init(&storage->object, &storage_class);
    storage->data = data;
    storage->bytes = bytes;
    storage->owned = owned;
    storage->inference = cor__self()->inference;
    return storage;
}

cor__storage *cor__storage_new(int64_t bytes) {
    void *data = NULL;
    if (bytes > 0 && (data = cor__alloc((size_t)bytes, "a tensor's elements")) == NULL) return NULL;
    cor__storage *storage = make(data, bytes, true);
    if (storage == NULL) cor__free(data, (size_t)bytes);
    return storage;
}

cor__storage *cor__storage_wrap(void *data, int64_t bytes, void (*release)(void *, void *), void *context) {
    cor__storage *storage = make(data, bytes, false);
    if (storage == NULL) return NULL;
    storage->release = release;
    storage->context = context;
    atomic_store(&storage->exposed, true);
    return storage;
}
