/* thread.c: the state of each thread, and its end. */
#include "base/thread.h"
#include "base/memory.h"
#include <signal.h>

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

/* The program's signals are for its own threads; those that a fault raises go to the thread at fault. */
static void block_signals(sigset_t *before) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, before);
}

bool cor__thread_start(pthread_t *thread, void *(*run)(void *), void *argument) {
    sigset_t before;
    block_signals(&before);
    bool started = pthread_create(thread, NULL, run, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* The thread that ends the process runs no key destructor; this one stands in for it. */
__attribute__((destructor)) static void process_exit(void) { thread_exit(NULL); }
