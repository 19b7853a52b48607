/* thread.c: the state of each thread, and its end. */
#include "base/thread.h"
#include "base/memory.h"
#include <pthread.h>

static _Thread_local cor__thread state;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool have_key;

static void thread_exit(void *unused) {
    (void)unused;
    cor__scope_thread_exit();
    cor__memory_thread_exit();
    state.registered = false;
}

static void make_key(void) { have_key = pthread_key_create(&key, thread_exit) == 0; }

cor__thread *cor__self(void) { return &state; }

bool cor__thread_register(cor__thread *self) {
    if (self->registered) return true;
    pthread_once(&once, make_key);
    self->registered = have_key && pthread_setspecific(key, self) == 0;
    return self->registered;
}

/* The thread that ends the process runs no key destructor; this one stands in for it. */
__attribute__((destructor)) static void process_exit(void) { thread_exit(NULL); }
