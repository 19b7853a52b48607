/* object.h: reference counts, scopes and destruction without recursion.
 * Tensors, storages, graph nodes and modules begin with a cor__object. References are the truth; a scope is one more
 * holder, that lets go of its objects when it closes. */
#ifndef COR_BASE_OBJECT_H
#define COR_BASE_OBJECT_H

#include "base/shared.h"
#include <stdatomic.h>

typedef struct cor__object cor__object;

typedef struct cor__class {
    const char *name;                   /* "tensor", for messages */
    void (*destroy)(cor__object *self); /* releases what it holds and frees it; runs once, never nested */
} cor__class;

struct cor__object {
    const cor__class *class_of;
    _Atomic int64_t references;
    cor__object *previous, *next; /* in the scope that holds it; next also links objects waiting for destruction */
    cor_scope_frame *scope;       /* NULL when no scope holds it */
};

/* Sets up a new object with one reference, held by the caller. */
COR__SHARED void cor__object_init(cor__object *object, const cor__class *class_of);

/* One more reference; returns the object. */
static inline void *cor__retain(void *object) {
    atomic_fetch_add_explicit(&((cor__object *)object)->references, 1, memory_order_relaxed);
    return object;
}

/* One reference fewer; the last one destroys. NULL is ignored. Destruction of what an object holds is queued, so a
 * chain of any length needs no stack. */
COR__SHARED void cor__release(void *object);

/* Hands the caller's reference to the innermost scope of this thread; returns the object. */
COR__SHARED void *cor__scope_add(void *object);

/* Takes the object's reference out of the scope that holds it and gives it to the caller. If none holds it, the
 * caller gets a new reference. Only on the thread whose scope it is. */
COR__SHARED void *cor__scope_take(void *object);

/* Moves the object from the scope that holds it to the one outside that scope. */
COR__SHARED void *cor__scope_keep(void *object);

/* Releases the root scope of the calling thread (at thread and process exit). */
void cor__scope_thread_exit(void);

#endif
