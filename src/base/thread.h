/* thread.h: what each thread has of its own. */
#ifndef COR_BASE_THREAD_H
#define COR_BASE_THREAD_H

#include "base/object.h"
#include <pthread.h>

enum { COR__MODULE_PATH = 512 };

typedef struct cor__thread {
    cor_error_info error;
    cor_scope_frame root;
    cor_scope_frame *scope;        /* innermost open scope, NULL before the first use of the root */
    cor__object *dying;            /* queue of objects to destroy */
    bool destroying;               /* the queue is being worked on */
    bool registered;               /* the exit handler of this thread is set */
    bool no_grad;                  /* grad mode off */
    bool inference;                /* inference mode on */
    bool in_parallel;              /* inside a body of cor_parallel_for that runs on several ranges */
    bool said_many;                /* told once that the root scope has grown large */
    char module[COR__MODULE_PATH]; /* dotted path of the module whose forward runs */
    size_t module_length;
    struct cor__module *running; /* the module whose forward runs */
    const struct cor__observer *observer;
} cor__thread;

/* The calling thread's own state. Never NULL. */
cor__thread *cor__self(void);

/* Sees to it that what this thread holds is released when it ends; false when the system has no key left for that. */
bool cor__thread_register(cor__thread *self);

/* Starts a thread of the library's, which takes no signals but those that a fault of its own raises. False when the
 * system lets it not. */
bool cor__thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
