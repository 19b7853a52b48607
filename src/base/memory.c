/* memory.c: the allocator, and a cache of small blocks for each thread. The only file that names the C library's
 * allocation functions. */
#include "base/memory.h"
#include "base/env.h"
#include "base/error.h"
#include "base/thread.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20, HUGE_FROM = 32 << 20 };

/* The C library takes blocks from HUGE_FROM on from the system each time, and the first touch of every small page of
 * them costs more than most loops over it: these ask for huge pages. */
static void *default_alloc(size_t size, size_t align, void *context) {
    (void)context;
    void *pointer = NULL;
    if (posix_memalign(&pointer, size >= HUGE_FROM ? HUGE_PAGE : align, size) != 0) return NULL;
#ifdef MADV_HUGEPAGE
    if (size >= HUGE_FROM) madvise(pointer, size, MADV_HUGEPAGE); /* where it is refused, pages stay small */
#endif
    return pointer;
}

static void default_free(void *pointer, size_t size, size_t align, void *context) {
    (void)size, (void)align, (void)context;
    free(pointer);
}

static cor_allocator allocator = {default_alloc, default_free, NULL};
static _Atomic bool used;
static _Atomic int64_t held_bytes, held_allocations, peak_bytes;

int cor_set_allocator(const cor_allocator *wanted) {
    if (wanted == NULL || wanted->alloc == NULL || wanted->free == NULL)
        return cor__fail(COR_EVALUE, "cor_set_allocator: the allocator, its alloc or its free is NULL");
    if (atomic_load(&used)) return cor__fail(COR_ESTATE, "cor_set_allocator: memory has been allocated already");
    allocator = *wanted;
    return COR_OK;
}

cor_memory_info cor_memory(void) {
    return (cor_memory_info){.bytes = atomic_load(&held_bytes),
                             .allocations = atomic_load(&held_allocations),
                             .peak_bytes = atomic_load(&peak_bytes)};
}

static void count(int64_t bytes, int64_t allocations) {
    int64_t now = atomic_fetch_add_explicit(&held_bytes, bytes, memory_order_relaxed) + bytes;
    atomic_fetch_add_explicit(&held_allocations, allocations, memory_order_relaxed);
    int64_t peak = atomic_load_explicit(&peak_bytes, memory_order_relaxed);
    while (now > peak && !atomic_compare_exchange_weak_explicit(&peak_bytes, &peak, now, memory_order_relaxed,
                                                                memory_order_relaxed)) {
    }
}

/* ---- the cache: a few free blocks of each multiple of 64 bytes up to a page, and larger ones -------------------- */

enum { CLASSES = 4096 / COR__ALIGN, MOST_PER_CLASS = 64, BUCKETS = 64, MOST_LARGE = 32 << 20 };

typedef struct block {
    struct block *next;
} block;

/* What a free block of more than a page begins with. */
typedef struct large {
    struct large *next;          /* of its bucket */
    struct large *older, *newer; /* of all */
    size_t size;
} large;

static _Thread_local struct {
    block *first[CLASSES];
    int count[CLASSES];
    large *buckets[BUCKETS]; /* by size, the newest first */
    large *oldest, *newest;
    int64_t bytes; /* of the large ones */
} cache;

static _Atomic int64_t large_bytes; /* of the free large blocks of all threads */

static bool cache_is_on(void) {
    static _Atomic int on = -1;
    int state = atomic_load_explicit(&on, memory_order_relaxed);
    if (state < 0) {
        state = cor__env_int("CORRIE_CACHE", 0, 1, 1) != 0;
        atomic_store_explicit(&on, state, memory_order_relaxed);
    }
    return state != 0;
}

static size_t rounded(size_t size) { return (size + COR__ALIGN - 1) & ~(size_t)(COR__ALIGN - 1); }

/* Large blocks serve requests of exactly their size, which a loop makes again and again: new pages from the system cost
 * more than what is computed in them. */
static large **bucket_of(size_t size) { return &cache.buckets[size / COR__ALIGN % BUCKETS]; }

/* Takes the block that *at points to out of its bucket and of the list of all. */
static large *unlink_large(large **at) {
    large *taken = *at;
    *at = taken->next;
    *(taken->older != NULL ? &taken->older->newer : &cache.oldest) = taken->newer;
    *(taken->newer != NULL ? &taken->newer->older : &cache.newest) = taken->older;
    cache.bytes -= (int64_t)taken->size;
    atomic_fetch_sub_explicit(&large_bytes, (int64_t)taken->size, memory_order_relaxed);
    return taken;
}

static void *from_large(size_t size) {
    large **at = bucket_of(size);
    while (*at != NULL && (*at)->size != size) at = &(*at)->next;
    return *at == NULL ? NULL : unlink_large(at);
}

static void drop_oldest(void) {
    large **at = bucket_of(cache.oldest->size);
    while (*at != cache.oldest) at = &(*at)->next;
    const size_t size = cache.oldest->size;
    allocator.free(unlink_large(at), size, COR__ALIGN, allocator.context);
}

/* What is used and what this thread has free stay within the most that was used at once: blocks that other threads made
 * would pile up else. */
static void into_large(void *pointer, size_t size) {
    large *freed = pointer, **bucket = bucket_of(size);
    *freed = (large){.next = *bucket, .older = cache.newest, .size = size};
    *bucket = freed;
    *(cache.newest != NULL ? &cache.newest->newer : &cache.oldest) = freed;
    cache.newest = freed;
    cache.bytes += (int64_t)size;
    atomic_fetch_add_explicit(&large_bytes, (int64_t)size, memory_order_relaxed);
    while (cache.oldest != NULL && atomic_load_explicit(&held_bytes, memory_order_relaxed) + cache.bytes >
                                       atomic_load_explicit(&peak_bytes, memory_order_relaxed))
        drop_oldest();
}

/* Before `size` more bytes come from the system: what is used and what is free shall together be no more than the most
 * that was used at once, so that a loop of training steps finds the blocks of the step before. */
static void make_room(size_t size) {
    const int64_t used_then = atomic_load_explicit(&held_bytes, memory_order_relaxed) + (int64_t)size;
    const int64_t peak = atomic_load_explicit(&peak_bytes, memory_order_relaxed);
    const int64_t most = used_then > peak ? used_then : peak;
    while (cache.oldest != NULL && used_then + atomic_load_explicit(&large_bytes, memory_order_relaxed) > most)
        drop_oldest();
}

static void *from_cache(size_t size) {
    size_t class_of = size / COR__ALIGN - 1;
    if (class_of >= CLASSES) return from_large(size);
    if (cache.first[class_of] == NULL) return NULL;
    block *taken = cache.first[class_of];
    cache.first[class_of] = taken->next;
    cache.count[class_of]--;
    return taken;
}

static bool into_cache(void *pointer, size_t size) {
    size_t class_of = size / COR__ALIGN - 1;
    if (size > MOST_LARGE || !cache_is_on()) return false;
    if (class_of < CLASSES && cache.count[class_of] >= MOST_PER_CLASS) return false;
    if (!cor__thread_register(cor__self())) return false;
    if (class_of >= CLASSES) {
        into_large(pointer, size);
        return true;
    }
    block *freed = pointer;
    freed->next = cache.first[class_of];
    cache.first[class_of] = freed;
    cache.count[class_of]++;
    return true;
}

void cor__memory_thread_exit(void) {
    for (size_t class_of = 0; class_of < CLASSES; class_of++) {
        while (cache.first[class_of] != NULL) {
            block *next = cache.first[class_of]->next;
            allocator.free(cache.first[class_of], (class_of + 1) * COR__ALIGN, COR__ALIGN, allocator.context);
            cache.first[class_of] = next;
        }
        cache.count[class_of] = 0;
    }
    while (cache.oldest != NULL) drop_oldest();
}

/* ---- the library's functions ------------------------------------------------------------------------------------ */

void *cor__alloc(size_t size, const char *what) {
    if (size > (size_t)PTRDIFF_MAX - COR__ALIGN) {
        cor__fail(COR_ELIMIT, "%zu bytes for %s are more than can be addressed", size, what);
        return NULL;
    }
    size_t bytes = rounded(size == 0 ? 1 : size);
    void *pointer = from_cache(bytes);
    if (pointer == NULL) {
        atomic_store_explicit(&used, true, memory_order_relaxed);
        make_room(bytes);
        pointer = allocator.alloc(bytes, COR__ALIGN, allocator.context);
    }
    if (pointer == NULL) {
        cor__fail_memory(size, what);
        return NULL;
    }
    count((int64_t)bytes, 1);
    return pointer;
}

void *cor__alloc_zero(size_t size, const char *what) {
    void *pointer = cor__alloc(size, what);
    return pointer == NULL ? NULL : memset(pointer, 0, size);
}

void *cor__realloc(void *pointer, size_t old_size, size_t new_size, const char *what) {
    void *moved = cor__alloc(new_size, what);
    if (moved == NULL) return NULL;
    if (pointer != NULL) {
        memcpy(moved, pointer, old_size < new_size ? old_size : new_size);
        cor__free(pointer, old_size);
    }
    return moved;
}

void cor__free(void *pointer, size_t size) {
    if (pointer == NULL) return;
    size_t bytes = rounded(size == 0 ? 1 : size);
    count(-(int64_t)bytes, -1);
    if (!into_cache(pointer, bytes)) allocator.free(pointer, bytes, COR__ALIGN, allocator.context);
}

char *cor__copy_text(const char *text, const char *what) {
    size_t size = strlen(text) + 1;
    char *copy = cor__alloc(size, what);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

void cor__free_text(char *text) {
    if (text != NULL) cor__free(text, strlen(text) + 1);
}
