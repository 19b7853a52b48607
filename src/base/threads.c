/* threads.c: the pool behind cor_parallel_for.
 *
 * Work is cut into ranges before anything runs. Range 0 is the caller's, range i is offered to worker i, whose slot
 * goes through
 *     IDLE -> OFFERED (caller) -> RUNNING (worker) -> DONE (worker) -> IDLE (caller).
 * A caller that has finished its own range takes back every range still OFFERED and runs it itself, then waits for
 * those RUNNING. So a worker that sleeps, or that could not be made, delays nobody and needs no case of its own.
 * Waiting spins for a moment, then sleeps; whoever changes a slot looks afterwards whether anybody sleeps. */
#include "base/cpu.h"
#include "base/env.h"
#include "base/error.h"
#include "base/sizes.h"
#include "base/thread.h"
#include <fenv.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { MOST_THREADS = 1024, SPIN_NANOSECONDS = 20000 };

/* ---- how many --------------------------------------------------------------------------------------------------- */

static _Atomic int thread_count; /* 0 until first asked for */

int cor_num_threads(void) {
    int now = atomic_load_explicit(&thread_count, memory_order_relaxed);
    if (now != 0) return now;
    int64_t cpus = cor__min(cor__cpu_count(), MOST_THREADS);
    int first = (int)cor__env_int("CORRIE_THREADS", 1, MOST_THREADS, cpus);
    return atomic_compare_exchange_strong(&thread_count, &now, first) ? first : now;
}

int cor_set_num_threads(int n) {
    if (cor_error() != COR_OK) return cor_error();
    if (n < 1) return cor__fail(COR_EVALUE, "set_num_threads expects a positive integer");
    if (n > MOST_THREADS)
        return cor__fail(COR_EVALUE, "set_num_threads expects at most %d threads, but got %d", MOST_THREADS, n);
    atomic_store_explicit(&thread_count, n, memory_order_relaxed);
    return COR_OK;
}

/* ---- one call's work -------------------------------------------------------------------------------------------- */

struct work {
    void (*body)(int64_t begin, int64_t end, void *context);
    void *context;
    int64_t n;
    int ranges;
    int failed;           /* the lowest range that left an error; `ranges` while none has */
    cor_error_info error; /* of that range; under the pool's lock */
    fenv_t arithmetic;    /* the caller's rounding and flushing, so that every range computes as range 0 does */
};

static int64_t range_begin(const struct work *work, int range) {
    return work->n / work->ranges * range + cor__min(range, work->n % work->ranges);
}

static void keep_error(struct work *work, int range);

/* Runs one range with no error pending, and moves one that it leaves into the work. */
static void run_range(struct work *work, int range) {
    {
        cor_scope();
        work->body(range_begin(work, range), range_begin(work, range + 1), work->context);
    }
    if (cor_error() != COR_OK) keep_error(work, range);
}

static void run_all(struct work *work) {
    for (int range = 0; range < work->ranges; range++) run_range(work, range);
}

/* ---- the pool --------------------------------------------------------------------------------------------------- */

enum slot_state { IDLE, OFFERED, RUNNING, DONE };

/* Slot i is worker i's; slot 0, the caller's, is not used. Each has a cache line of its own. */
static struct slot {
    _Alignas(64) _Atomic int state;
    pthread_t thread;
} slots[MOST_THREADS];

static struct {
    _Atomic(cor__thread *) owner; /* the thread whose work is in `current`; NULL when the pool is free */
    struct work *current;         /* written by the owner before it offers, read by workers after they accept */
    int workers;                  /* made so far; only the owner changes it, under the lock */
    bool no_more;                 /* making one failed, or forks cannot be followed */
    _Atomic bool stopping;        /* the process ends; set under the lock */
    _Atomic int sleeping_workers;
    _Atomic bool owner_sleeps;
    pthread_mutex_t lock;
    pthread_cond_t offered, done;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .offered = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

static void keep_error(struct work *work, int range) {
    pthread_mutex_lock(&pool.lock);
    bool lowest = range < work->failed;
    if (lowest) work->failed = range;
    cor_error_take(lowest ? &work->error : NULL);
    pthread_mutex_unlock(&pool.lock);
}

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Whether the slot reached the state within the time worth spinning. */
static bool spin_until(struct slot *slot, int state) {
    int64_t end = nanoseconds() + SPIN_NANOSECONDS;
    do
        for (int i = 0; i < 32; i++) {
            if (atomic_load_explicit(&slot->state, memory_order_relaxed) == state) return true;
            pause_briefly();
        }
    while (nanoseconds() < end);
    return false;
}

/* ---- a worker --------------------------------------------------------------------------------------------------- */

/* Sleeps until something is offered; false when the process ends. Announcing the sleep comes before looking at the
 * slot, as offering comes before looking for sleepers (both sequentially consistent), so no offer is missed. */
static bool sleep_until_offered(struct slot *slot) {
    pthread_mutex_lock(&pool.lock);
    atomic_fetch_add(&pool.sleeping_workers, 1);
    while (!atomic_load(&pool.stopping) && atomic_load(&slot->state) != OFFERED)
        pthread_cond_wait(&pool.offered, &pool.lock);
    atomic_fetch_sub(&pool.sleeping_workers, 1);
    bool go_on = !atomic_load(&pool.stopping);
    pthread_mutex_unlock(&pool.lock);
    return go_on;
}

static void wake_owner(void) {
    if (!atomic_load(&pool.owner_sleeps)) return;
    pthread_mutex_lock(&pool.lock);
    pthread_cond_signal(&pool.done);
    pthread_mutex_unlock(&pool.lock);
}

static void *worker_main(void *argument) {
    struct slot *slot = argument;
    cor__self()->in_parallel = true;
    while (spin_until(slot, OFFERED) || sleep_until_offered(slot)) {
        int expected = OFFERED;
        if (!atomic_compare_exchange_strong(&slot->state, &expected, RUNNING)) continue; /* taken back */
        struct work *work = pool.current;
        fesetenv(&work->arithmetic);
        run_range(work, (int)(slot - slots));
        atomic_store(&slot->state, DONE); /* the work may be gone from here on */
        wake_owner();
    }
    return NULL;
}

/* ---- making and ending workers ---------------------------------------------------------------------------------- */

/* A fork finds the lock free and so the pool's own fields whole. */
static void before_fork(void) { pthread_mutex_lock(&pool.lock); }
static void after_fork_in_parent(void) { pthread_mutex_unlock(&pool.lock); }

/* Only the forking thread goes on in the child. If it is the owner (a body forked), it will take back what is offered,
 * and what its lost workers were at is offered again. */
static void after_fork_in_child(void) {
    bool owned = atomic_load(&pool.owner) == cor__self();
    for (int i = 1; i < MOST_THREADS; i++) {
        int state = atomic_load(&slots[i].state);
        if (!owned && state != IDLE) atomic_store(&slots[i].state, IDLE);
        if (owned && state == RUNNING) atomic_store(&slots[i].state, OFFERED);
    }
    if (!owned) atomic_store(&pool.owner, NULL);
    atomic_store(&pool.sleeping_workers, 0);
    atomic_store(&pool.owner_sleeps, false);
    pool.workers = 0;
    pool.no_more = false;
    pool.offered = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    pool.done = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    pthread_mutex_unlock(&pool.lock);
}

static bool follows_forks;

static void follow_forks(void) {
    follows_forks = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
}

/* Makes workers up to `wanted`, as far as the system lets it. */
static void make_workers(int wanted) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (pool.workers >= wanted || pool.no_more) return;
    pthread_once(&once, follow_forks);
    pthread_mutex_lock(&pool.lock);
    while (pool.workers < wanted && !pool.no_more && !atomic_load(&pool.stopping)) {
        struct slot *slot = &slots[pool.workers + 1];
        pool.no_more = !follows_forks || !cor__thread_start(&slot->thread, worker_main, slot);
        if (!pool.no_more) pool.workers++;
    }
    pthread_mutex_unlock(&pool.lock);
}

__attribute__((destructor)) static void stop_workers(void) {
    pthread_mutex_lock(&pool.lock);
    atomic_store(&pool.stopping, true);
    int workers = pool.workers;
    pthread_cond_broadcast(&pool.offered);
    pthread_mutex_unlock(&pool.lock);
    for (int i = 1; i <= workers; i++) pthread_join(slots[i].thread, NULL);
}

/* ---- the caller ------------------------------------------------------------------------------------------------- */

static void offer(int ranges) {
    for (int i = 1; i < ranges; i++) atomic_store(&slots[i].state, OFFERED);
    if (atomic_load(&pool.sleeping_workers) == 0) return;
    pthread_mutex_lock(&pool.lock);
    pthread_cond_broadcast(&pool.offered);
    pthread_mutex_unlock(&pool.lock);
}

static void wait_until_done(struct slot *slot) {
    if (!spin_until(slot, DONE)) {
        pthread_mutex_lock(&pool.lock);
        atomic_store(&pool.owner_sleeps, true);
        while (atomic_load(&slot->state) != DONE) pthread_cond_wait(&pool.done, &pool.lock);
        atomic_store(&pool.owner_sleeps, false);
        pthread_mutex_unlock(&pool.lock);
    }
    (void)atomic_exchange(&slot->state, IDLE); /* also makes the worker's writes visible here */
}

static void run_on_pool(struct work *work) {
    make_workers(work->ranges - 1);
    fegetenv(&work->arithmetic);
    pool.current = work;
    offer(work->ranges);
    run_range(work, 0);
    for (int i = 1; i < work->ranges; i++) {
        int expected = OFFERED;
        if (atomic_compare_exchange_strong(&slots[i].state, &expected, IDLE)) run_range(work, i);
    }
    for (int i = 1; i < work->ranges; i++)
        if (atomic_load(&slots[i].state) != IDLE) wait_until_done(&slots[i]);
}

/* The pool serves one caller at a time. Another one runs its own ranges in order; so does a nested call, and one made
 * while the process ends. */
static void run_ranges(struct work *work) {
    cor__thread *self = cor__self(), *nobody = NULL;
    if (self->in_parallel) {
        run_all(work);
        return;
    }
    self->in_parallel = true;
    if (!atomic_load(&pool.stopping) && atomic_compare_exchange_strong(&pool.owner, &nobody, self)) {
        run_on_pool(work);
        atomic_store(&pool.owner, NULL);
    } else {
        run_all(work);
    }
    self->in_parallel = false;
}

int cor_parallel_for(int64_t n, int64_t grain, void (*body)(int64_t begin, int64_t end, void *context), void *context) {
    if (cor_error() != COR_OK) return cor_error();
    if (body == NULL) return cor__fail(COR_EVALUE, "cor_parallel_for: the body is NULL");
    if (n <= 0) return COR_OK;
    struct work work;
    work.body = body;
    work.context = context;
    work.n = n;
    work.ranges = work.failed = (int)cor__max(1, cor__min(n / cor__max(grain, 1), cor_num_threads()));
    if (work.ranges == 1) run_range(&work, 0);
    else run_ranges(&work);
    if (work.failed < work.ranges) cor__error_adopt(&work.error);
    return cor_error();
}
