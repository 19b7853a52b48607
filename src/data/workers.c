/* workers.c: the threads that make a loader's batches in advance.
 *
 * Batches are begun in order and given out in order; between the two they lie in a ring of slots, batch b in slot b
 * modulo their number. A worker begins batch b when slot b - slots has been taken, so no slot is ever written to twice.
 * Which worker makes a batch changes nothing in it. */
#include "base/memory.h"
#include "base/thread.h"
#include "data/loader.h"
#include <pthread.h>
#include <unistd.h>

typedef struct slot {
    bool full;
    cor__batch batch;
} slot;

struct cor__crew {
    const cor_loader *loader;
    pid_t process; /* whose threads these are: a fork does not take them along */
    pthread_mutex_t lock;
    pthread_cond_t wanted, finished; /* there is something to make; something was made */
    int64_t next, end;               /* the batch to be begun next, and the end of the epoch */
    int64_t taken;                   /* batches before this one were given out */
    int making;                      /* batches in the works */
    bool stopping;
    int64_t n_slots;
    slot *slots;
    int n_threads, room;
    pthread_t *threads;
};

/* Waits for a batch to begin; false when the crew is to end. Under the lock. */
static bool next_batch(cor__crew *c, int64_t *number) {
    while (!c->stopping && !(c->next < c->end && c->next - c->taken < c->n_slots))
        pthread_cond_wait(&c->wanted, &c->lock);
    if (c->stopping) return false;
    *number = c->next++;
    c->making++;
    return true;
}

/* Computations of a worker stay on it: the pool is the training thread's. */
static void *work(void *context) {
    cor__crew *c = context;
    cor__self()->in_parallel = true;
    pthread_mutex_lock(&c->lock);
    for (int64_t number; next_batch(c, &number);) {
        cor__batch batch;
        pthread_mutex_unlock(&c->lock);
        cor__make_batch(c->loader, number, &batch);
        pthread_mutex_lock(&c->lock);
        slot *s = &c->slots[number % c->n_slots];
        s->batch = batch;
        s->full = true;
        c->making--;
        pthread_cond_broadcast(&c->finished);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static void free_parts(cor__crew *c) {
    cor__free(c->slots, (size_t)c->n_slots * sizeof *c->slots);
    cor__free(c->threads, (size_t)c->room * sizeof *c->threads);
    cor__free(c, sizeof *c);
}

static void start_threads(cor__crew *c) {
    while (c->n_threads < c->room && cor__thread_start(&c->threads[c->n_threads], work, c)) c->n_threads++;
}

int cor__crew_start(const cor_loader *loader, int workers, int64_t slots, cor__crew **crew) {
    *crew = NULL;
    cor__crew *c = cor__alloc_zero(sizeof *c, "the workers of a loader");
    if (c == NULL) return cor_error();
    c->loader = loader;
    c->process = getpid();
    c->room = workers;
    c->threads = cor__alloc_zero((size_t)workers * sizeof *c->threads, "the workers of a loader");
    c->slots = cor__alloc_zero((size_t)slots * sizeof *c->slots, "the batches of a loader");
    c->n_slots = slots;
    if (c->threads == NULL || c->slots == NULL) {
        free_parts(c);
        return cor_error();
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wanted, NULL);
    pthread_cond_init(&c->finished, NULL);
    start_threads(c);
    if (c->n_threads == 0) cor__crew_free(c);
    else *crew = c;
    return COR_OK;
}

void cor__crew_begin(cor__crew *c, int64_t from, int64_t end) {
    pthread_mutex_lock(&c->lock);
    c->next = c->taken = from;
    c->end = end;
    pthread_cond_broadcast(&c->wanted);
    pthread_mutex_unlock(&c->lock);
}

void cor__crew_take(cor__crew *c, int64_t number, cor__batch *batch) {
    slot *s = &c->slots[number % c->n_slots];
    pthread_mutex_lock(&c->lock);
    while (!s->full) pthread_cond_wait(&c->finished, &c->lock);
    *batch = s->batch;
    s->full = false;
    c->taken = number + 1;
    pthread_cond_signal(&c->wanted);
    pthread_mutex_unlock(&c->lock);
}

void cor__crew_halt(cor__crew *c) {
    pthread_mutex_lock(&c->lock);
    c->end = c->next;
    while (c->making > 0) pthread_cond_wait(&c->finished, &c->lock);
    pthread_mutex_unlock(&c->lock);
    for (int64_t i = 0; i < c->n_slots; i++) {
        if (c->slots[i].full) cor__drop_batch(&c->slots[i].batch);
        c->slots[i].full = false;
    }
}

bool cor__crew_is_lost(const cor__crew *c) { return c->process != getpid(); }

/* Of a lost crew only the memory is left; what its threads were at when they were copied may be half done. */
void cor__crew_free(cor__crew *c) {
    if (c == NULL) return;
    if (cor__crew_is_lost(c)) {
        free_parts(c);
        return;
    }
    cor__crew_halt(c);
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_broadcast(&c->wanted);
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < c->n_threads; i++) pthread_join(c->threads[i], NULL);
    pthread_cond_destroy(&c->finished);
    pthread_cond_destroy(&c->wanted);
    pthread_mutex_destroy(&c->lock);
    free_parts(c);
}
