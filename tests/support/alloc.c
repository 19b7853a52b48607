/* alloc.c: each block lies between canaries behind a header; a block that is freed with another size or alignment, or
 * was written around, stops the program, since no error could be told from inside the library's free. */
#include "support/alloc.h"
#include <corrie/base.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 64, CANARY = 0xC7, FRESH = 0xF0, FREED = 0xDD };

typedef struct header {
    size_t size, align;
    uint64_t alive;
} header;

static const uint64_t ALIVE = 0x616c697665626c6b, DEAD = 0x64656164626c6f63;

static _Atomic int64_t asked, refused, blocks, bytes, fail_at;
static _Atomic bool fail_after;

static _Noreturn void stop(const char *why, const void *pointer) {
    fprintf(stderr, "failing allocator: %s (block at %p)\n", why, pointer);
    abort();
}

/* What lies before a block: header and canary, in a multiple of its alignment. */
static size_t room_before(size_t align) {
    size_t needed = sizeof(header) + GUARD;
    return (needed + align - 1) / align * align;
}

static header *header_of(void *pointer) { return (header *)((unsigned char *)pointer - GUARD) - 1; }

static bool refuse(void) {
    int64_t number = atomic_fetch_add(&asked, 1) + 1, k = atomic_load(&fail_at);
    if (k == 0 || number < k || (number > k && !atomic_load(&fail_after))) return false;
    atomic_fetch_add(&refused, 1);
    return true;
}

static void *test_alloc(size_t size, size_t align, void *context) {
    (void)context;
    if (size == 0 || align == 0 || (align & (align - 1)) != 0) stop("asked for no size or a bad alignment", NULL);
    if (refuse()) return NULL;
    size_t before = room_before(align);
    void *memory = NULL;
    if (posix_memalign(&memory, align < sizeof(void *) ? sizeof(void *) : align, before + size + GUARD) != 0)
        return NULL;
    unsigned char *pointer = (unsigned char *)memory + before;
    *header_of(pointer) = (header){size, align, ALIVE};
    memset(pointer - GUARD, CANARY, GUARD);
    memset(pointer, FRESH, size);
    memset(pointer + size, CANARY, GUARD);
    atomic_fetch_add(&blocks, 1);
    atomic_fetch_add(&bytes, (int64_t)size);
    return pointer;
}

static bool all_canaries(const unsigned char *guard) {
    for (int i = 0; i < GUARD; i++)
        if (guard[i] != CANARY) return false;
    return true;
}

static void test_free(void *pointer, size_t size, size_t align, void *context) {
    (void)context;
    unsigned char *block = pointer;
    if (!all_canaries(block - GUARD)) stop("written before a block, or freed twice", pointer);
    header *head = header_of(pointer);
    if (head->alive != ALIVE) stop("freed what was never allocated, or twice", pointer);
    if (head->size != size || head->align != align) stop("freed with another size or alignment", pointer);
    if (!all_canaries(block + size)) stop("written past a block", pointer);
    head->alive = DEAD;
    memset(block - GUARD, FREED, GUARD + size + GUARD);
    atomic_fetch_sub(&blocks, 1);
    atomic_fetch_sub(&bytes, (int64_t)size);
    free(block - room_before(align));
}

void alloc_install(void) {
    static bool installed;
    if (installed) return;
    static const cor_allocator allocator = {test_alloc, test_free, NULL};
    setenv("CORRIE_CACHE", "0", 1);
    if (cor_set_allocator(&allocator) != COR_OK) stop("installed too late", NULL);
    installed = true;
}

void alloc_fail(int64_t k, bool all_that_follow) {
    atomic_store(&fail_after, all_that_follow);
    atomic_store(&fail_at, k);
    atomic_store(&asked, 0);
    atomic_store(&refused, 0);
}

int64_t alloc_asked(void) { return atomic_load(&asked); }
int64_t alloc_refused(void) { return atomic_load(&refused); }
int64_t alloc_blocks(void) { return atomic_load(&blocks); }
int64_t alloc_bytes(void) { return atomic_load(&bytes); }
