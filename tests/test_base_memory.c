/* The allocator, the counts, and the cache of each thread (which is on here, over the counting allocator). */
#include "base/memory.h"
#include "support/alloc.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void blocks_are_aligned_and_counted(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 63, 64, 65, 4096, 4097, 1 << 20};
    enum { N = sizeof sizes / sizeof sizes[0] };
    void *blocks[N];
    int64_t expected = 0;
    cor_memory_info before = cor_memory();
    for (int i = 0; i < N; i++) {
        blocks[i] = cor__alloc(sizes[i], "a test");
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % COR__ALIGN, 0);
        memset(blocks[i], 1, sizes[i]);
        expected += (int64_t)((sizes[i] == 0 ? 1 : sizes[i]) + 63) / 64 * 64;
        assert_int_equal(cor_memory().allocations - before.allocations, i + 1);
        assert_int_equal(cor_memory().bytes - before.bytes, expected);
        assert_true(cor_memory().peak_bytes >= cor_memory().bytes);
    }
    int64_t peak = cor_memory().peak_bytes;
    for (int i = 0; i < N; i++) cor__free(blocks[i], sizes[i]);
    cor__free(NULL, 100);
    assert_int_equal(cor_memory().bytes, before.bytes);
    assert_int_equal(cor_memory().allocations, before.allocations);
    assert_int_equal(cor_memory().peak_bytes, peak);
}

static void zeroed_and_moved_blocks_hold_what_they_should(void **state) {
    (void)state;
    unsigned char *block = cor__alloc(5000, "a test");
    memset(block, 0xff, 5000);
    cor__free(block, 5000);
    block = cor__alloc_zero(5000, "a test");
    for (int i = 0; i < 5000; i++) assert_int_equal(block[i], 0);
    for (int i = 0; i < 5000; i++) block[i] = (unsigned char)i;
    block = cor__realloc(block, 5000, 9000, "a test");
    for (int i = 0; i < 5000; i++) assert_int_equal(block[i], (unsigned char)i);
    block = cor__realloc(block, 9000, 70, "a test");
    for (int i = 0; i < 70; i++) assert_int_equal(block[i], i);
    cor__free(block, 70);
    block = cor__realloc(NULL, 0, 10, "a test");
    assert_non_null(block);
    cor__free(block, 10);
    char *copy = cor__copy_text("corrie", "a name");
    assert_string_equal(copy, "corrie");
    cor__free_text(copy);
    cor__free_text(NULL);
}

static void failing_says_what_for(void **state) {
    (void)state;
    cor_memory_info before = cor_memory();
    unsigned char *block = cor__alloc(10000, "a test");
    block[9999] = 42;
    alloc_fail(1, true);
    assert_null(cor__alloc(123456, "the packed weights"));
    assert_int_equal(cor_error(), COR_ENOMEM);
    assert_string_equal(cor_error_message(), "out of memory: 123456 bytes for the packed weights");
    cor_error_clear();
    assert_null(cor__alloc_zero(10000, "x"));
    assert_int_equal(cor_error_take(NULL), COR_ENOMEM);
    char text[300]; /* of a size that no block was freed of before, so that the cache has none */
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_null(cor__copy_text(text, "x"));
    assert_int_equal(cor_error_take(NULL), COR_ENOMEM);
    assert_null(cor__realloc(block, 10000, 20000, "x"));
    assert_int_equal(cor_error_take(NULL), COR_ENOMEM);
    assert_int_equal(alloc_refused(), 4);
    alloc_fail(0, false);
    assert_int_equal(block[9999], 42);
    cor__free(block, 10000);
    assert_null(cor__alloc(SIZE_MAX - 10, "everything"));
    assert_int_equal(cor_error_take(NULL), COR_ELIMIT);
    assert_int_equal(cor_memory().bytes, before.bytes);
    assert_int_equal(cor_memory().allocations, before.allocations);
}

static void the_cache_gives_back_and_is_capped(void **state) {
    (void)state;
    enum { MANY = 200, KEPT = 64, SIZE = 640 };
    void *blocks[MANY];
    for (int i = 0; i < MANY; i++) blocks[i] = cor__alloc(SIZE, "a test");
    int64_t full = alloc_blocks();
    for (int i = 0; i < MANY; i++) cor__free(blocks[i], SIZE);
    assert_int_equal(full - alloc_blocks(), MANY - KEPT);
    void *again = cor__alloc(SIZE - 10, "a test"); /* of the same class */
    assert_ptr_equal(again, blocks[KEPT - 1]);
    cor__free(again, SIZE - 10);
    void *huge = cor__alloc((32 << 20) + 1, "a test");
    full = alloc_blocks();
    cor__free(huge, (32 << 20) + 1);
    assert_int_equal(full - alloc_blocks(), 1);
}

/* Large blocks are kept, and one of another size takes none of them. */
static void the_cache_keeps_large_blocks(void **state) {
    (void)state;
    enum { KEPT = 200, SIZE = 70000 };
    void *blocks[KEPT];
    for (int i = 0; i < KEPT; i++) blocks[i] = cor__alloc(SIZE + 64 * (size_t)(i % 100), "a test");
    const int64_t full = alloc_blocks();
    for (int i = 0; i < KEPT; i++) cor__free(blocks[i], SIZE + 64 * (size_t)(i % 100));
    assert_int_equal(alloc_blocks(), full);
    void *other = cor__alloc(SIZE + 64 * 100, "a test");
    assert_int_equal(alloc_blocks(), full + 1);
    for (int i = KEPT; i-- > 0;) assert_ptr_equal(cor__alloc(SIZE + 64 * (size_t)(i % 100), "a test"), blocks[i]);
    assert_int_equal(alloc_blocks(), full + 1);
    for (int i = 0; i < KEPT; i++) cor__free(blocks[i], SIZE + 64 * (size_t)(i % 100));
    cor__free(other, SIZE + 64 * 100);
}

/* What is used and what is kept are at most the most that was used: new blocks let the oldest go. */
static void the_cache_keeps_few_bytes(void **state) {
    (void)state;
    enum { BLOCKS = 16 };
    const size_t size = 20 << 20, other = size + 64;
    void *blocks[BLOCKS], *others[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) blocks[i] = cor__alloc(size, "a test");
    const int64_t full = alloc_blocks();
    for (int i = 0; i < BLOCKS; i++) cor__free(blocks[i], size);
    assert_int_equal(alloc_blocks(), full);
    for (int i = 0; i < BLOCKS; i++) others[i] = cor__alloc(other, "a test");
    assert_true(alloc_blocks() <= full); /* the smaller blocks of other tests go first */
    for (int i = 0; i < BLOCKS; i++) cor__free(others[i], other);
}

/* A worker that makes a block a step, for this thread to free: those that nothing takes again do not pile up. */
static void *make_block(void *size) { return cor__alloc(*(size_t *)size, "a test"); }

static void what_another_thread_made_does_not_pile_up(void **state) {
    (void)state;
    enum { STEPS = 40 };
    size_t size = 12 << 20;
    const int64_t most = cor_memory().peak_bytes + (int64_t)size, before = alloc_bytes();
    for (int i = 0; i < STEPS; i++) {
        pthread_t thread;
        void *block = NULL;
        assert_int_equal(pthread_create(&thread, NULL, make_block, &size), 0);
        pthread_join(thread, &block);
        assert_non_null(block);
        assert_true(alloc_bytes() <= before + most);
        cor__free(block, size);
        assert_true(alloc_bytes() <= before + most);
    }
}

static void *use_cache(void *freed) {
    void *block = cor__alloc(320, "a test");
    cor__free(block, 320);
    cor__free(cor__alloc(50000, "a test"), 50000);
    cor__free(freed, 448); /* made by another thread */
    return NULL;
}

static void a_threads_cache_ends_with_it(void **state) {
    (void)state;
    pthread_t thread;
    void *given = cor__alloc(448, "a test");
    int64_t before = alloc_blocks();
    assert_int_equal(pthread_create(&thread, NULL, use_cache, given), 0);
    pthread_join(thread, NULL);
    assert_int_equal(alloc_blocks(), before - 1);
}

static void the_allocator_can_be_set_only_before_use(void **state) {
    (void)state;
    static const cor_allocator none;
    assert_int_equal(cor_set_allocator(NULL), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_set_allocator(&none), COR_EVALUE);
    cor_error_clear();
    cor__free(cor__alloc(1, "a test"), 1);
    const cor_allocator same = {(void *(*)(size_t, size_t, void *))1, (void (*)(void *, size_t, size_t, void *))1,
                                NULL};
    assert_int_equal(cor_set_allocator(&same), COR_ESTATE);
    cor_error_clear();
}

int main(void) {
    alloc_install();
    setenv("CORRIE_CACHE", "1", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_and_counted),
        cmocka_unit_test(zeroed_and_moved_blocks_hold_what_they_should),
        cmocka_unit_test(failing_says_what_for),
        cmocka_unit_test(the_cache_gives_back_and_is_capped),
        cmocka_unit_test(the_cache_keeps_large_blocks),
        cmocka_unit_test(the_cache_keeps_few_bytes),
        cmocka_unit_test(what_another_thread_made_does_not_pile_up),
        cmocka_unit_test(a_threads_cache_ends_with_it),
        cmocka_unit_test(the_allocator_can_be_set_only_before_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
