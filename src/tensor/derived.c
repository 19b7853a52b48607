/* derived.c: forms that a storage keeps. One lock guards all lists; it is held to look and to link, never to compute.
 */
#include "tensor/derived.h"
#include "base/memory.h"
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lists = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lock_lists(void) { pthread_mutex_lock(&lists); }
static void unlock_lists(void) { pthread_mutex_unlock(&lists); }

/* A forked child must find the lock open. */
static void follow_forks(void) { pthread_atfork(lock_lists, unlock_lists, unlock_lists); }

static void destroy(cor__object *object) {
    cor__derived *form = (cor__derived *)object;
    if (form->data != NULL) cor__free(form->data, (size_t)form->bytes);
    cor__release(form->older);
    cor__free(form, sizeof *form);
}

static const cor__class derived_class = {"derived form", destroy};

cor__keeping cor__derived_asked(cor__storage *storage) {
    if (storage == NULL || atomic_load(&storage->exposed)) return COR__KEEP_NOTHING;
    const int64_t version = atomic_load(&storage->version) + 1; /* 0 is never */
    return atomic_exchange(&storage->asked, version) == version ? COR__KEEP_AGAIN : COR__KEEP_FIRST_TIME;
}

cor__derived *cor__derived_find(cor__storage *storage, const unsigned char key[COR__DERIVED_KEY]) {
    cor__derived *found = NULL;
    lock_lists();
    const int64_t version = atomic_load(&storage->version);
    for (cor__derived *form = storage->derived; form != NULL && found == NULL; form = form->older)
        if (form->version == version && memcmp(form->key, key, COR__DERIVED_KEY) == 0) found = cor__retain(form);
    unlock_lists();
    return found;
}

cor__derived *cor__derived_new(cor__storage *storage, const unsigned char key[COR__DERIVED_KEY], int64_t bytes) {
    cor__derived *form = cor__alloc_zero(sizeof *form, "a derived form");
    if (form == NULL) return NULL;
    cor__object_init(&form->object, &derived_class);
    form->version = storage != NULL ? atomic_load(&storage->version) : 0;
    memcpy(form->key, key, COR__DERIVED_KEY);
    if (bytes > 0 && (form->data = cor__alloc((size_t)bytes, "a prepared weight")) == NULL) {
        cor__release(form);
        return NULL;
    }
    form->bytes = bytes;
    return form;
}

/* Unlinks the forms of older contents and those beyond the newest; returns them, linked, for release. */
static cor__derived *outdated(cor__storage *storage, int64_t version) {
    cor__derived *gone = NULL, **at = &storage->derived;
    for (int kept = 0; *at != NULL;) {
        cor__derived *form = *at;
        if (form->version == version && ++kept <= COR__DERIVED_KEPT) {
            at = &form->older;
            continue;
        }
        *at = form->older;
        form->older = gone;
        gone = form;
    }
    return gone;
}

void cor__derived_keep(cor__storage *storage, cor__derived *form) {
    pthread_once(&once, follow_forks);
    lock_lists();
    const int64_t version = atomic_load(&storage->version);
    if (form->version == version) {
        form->older = storage->derived;
        storage->derived = cor__retain(form);
    }
    cor__derived *gone = outdated(storage, version);
    unlock_lists();
    cor__release(gone);
}
