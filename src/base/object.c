/* object.c: reference counts, scopes, destruction in a queue. */
#include "base/object.h"
#include "base/env.h"
#include "base/thread.h"

enum { MANY_OBJECTS = 100000 }; /* in a root scope: a loop without a scope of its own */

void cor__object_init(cor__object *object, const cor__class *class_of) {
    object->class_of = class_of;
    atomic_init(&object->references, 1);
    object->previous = object->next = NULL;
    object->scope = NULL;
}

/* The class's destroy may release further objects; they join the queue instead of the stack. */
static void destroy(cor__object *object) {
    cor__thread *self = cor__self();
    object->next = self->dying;
    self->dying = object;
    if (self->destroying) return;
    self->destroying = true;
    while (self->dying != NULL) {
        cor__object *next = self->dying;
        self->dying = next->next;
        next->class_of->destroy(next);
    }
    self->destroying = false;
}

void cor__release(void *pointer) {
    cor__object *object = pointer;
    if (object == NULL) return;
    if (atomic_fetch_sub_explicit(&object->references, 1, memory_order_acq_rel) == 1) destroy(object);
}

/* The innermost scope; the first use of a thread opens its root and sees to its end. */
static cor_scope_frame *innermost(cor__thread *self) {
    if (self->scope == NULL) {
        self->scope = &self->root;
        cor__thread_register(self);
    }
    return self->scope;
}

static void link_into(cor_scope_frame *scope, cor__object *object) {
    object->previous = NULL;
    object->next = scope->first;
    if (object->next != NULL) object->next->previous = object;
    scope->first = object;
    object->scope = scope;
    scope->count++;
}

static void unlink_from_scope(cor__object *object) {
    cor_scope_frame *scope = object->scope;
    if (object->previous != NULL) object->previous->next = object->next;
    else scope->first = object->next;
    if (object->next != NULL) object->next->previous = object->previous;
    object->previous = object->next = NULL;
    object->scope = NULL;
    scope->count--;
}

void *cor__scope_add(void *pointer) {
    cor__object *object = pointer;
    if (object == NULL) return NULL;
    cor__thread *self = cor__self();
    cor_scope_frame *scope = innermost(self);
    link_into(scope, object);
    if (scope->count > MANY_OBJECTS && scope == &self->root && !self->said_many) {
        self->said_many = true;
        if (cor__verbose(COR__VERBOSE_MEM))
            cor__say(COR__VERBOSE_MEM, "over %d objects wait for the end of the thread: open a cor_scope() in the loop",
                     MANY_OBJECTS);
    }
    return object;
}

void *cor__scope_take(void *pointer) {
    cor__object *object = pointer;
    if (object == NULL) return NULL;
    if (object->scope == NULL) return cor__retain(object);
    unlink_from_scope(object);
    return object;
}

void *cor__scope_keep(void *pointer) {
    cor__object *object = pointer;
    if (object == NULL || object->scope == NULL) return object;
    cor_scope_frame *outer = object->scope->outer;
    if (outer == NULL) return object;
    unlink_from_scope(object);
    link_into(outer, object);
    return object;
}

void cor_scope_open(cor_scope_frame *frame) {
    cor__thread *self = cor__self();
    if (frame == NULL) return;
    frame->outer = innermost(self);
    frame->first = NULL;
    frame->count = 0;
    self->scope = frame;
}

/* An object leaves its scope before it is released: its destruction may run code that looks at it. */
static void release_all(cor_scope_frame *frame) {
    while (frame->first != NULL) {
        cor__object *object = frame->first;
        unlink_from_scope(object);
        cor__release(object);
    }
}

static bool is_open(const cor__thread *self, const cor_scope_frame *frame) {
    for (const cor_scope_frame *open = self->scope; open != NULL; open = open->outer)
        if (open == frame) return true;
    return false;
}

void cor_scope_close(cor_scope_frame *frame) {
    cor__thread *self = cor__self();
    if (frame == NULL || frame == &self->root || !is_open(self, frame)) return;
    cor_scope_frame *inner;
    do {
        inner = self->scope;
        self->scope = inner->outer;
        release_all(inner);
    } while (inner != frame);
}

/* Frames still open lay on a stack that is gone by now, so they are not looked at. */
void cor__scope_thread_exit(void) {
    cor__thread *self = cor__self();
    self->scope = &self->root;
    release_all(&self->root);
    self->scope = NULL;
}
