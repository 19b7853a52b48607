/* Scopes and reference counts: who holds an object, and when it dies. */
#include "base/object.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

typedef struct thing {
    cor__object base;
    struct thing *holds;
} thing;

static _Atomic int64_t alive;

static void destroy_thing(cor__object *object) {
    thing *self = (thing *)object;
    cor__release(self->holds);
    free(self);
    alive--;
}

static const cor__class things = {"thing", destroy_thing};

/* A new thing with one reference, the caller's. */
static thing *own(void) {
    thing *made = calloc(1, sizeof *made);
    assert_non_null(made);
    cor__object_init(&made->base, &things);
    alive++;
    return made;
}

/* A new thing of the innermost scope. */
static thing *make(void) { return cor__scope_add(own()); }

static void scopes_nest(void **state) {
    (void)state;
    cor_scope_frame outer, inner;
    cor_scope_open(&outer);
    make();
    cor_scope_open(&inner);
    make();
    make();
    assert_int_equal(alive, 3);
    cor_scope_close(&inner);
    assert_int_equal(alive, 1);
    make();
    assert_int_equal(alive, 2);
    cor_scope_close(&outer);
    assert_int_equal(alive, 0);
}

static void retained_things_outlive_their_scope(void **state) {
    (void)state;
    thing *kept;
    {
        cor_scope();
        kept = cor__retain(make());
    }
    assert_int_equal(alive, 1);
    cor__release(kept);
    assert_int_equal(alive, 0);
    cor__release(NULL);
}

static void take_gives_the_reference_to_the_caller(void **state) {
    (void)state;
    cor_scope_frame scope;
    cor_scope_open(&scope);
    thing *first = make(), *middle = make(), *last = make();
    assert_ptr_equal(cor__scope_take(middle), middle);
    assert_int_equal(scope.count, 2);
    assert_ptr_equal(cor__scope_take(middle), middle); /* in no scope any more: a second reference */
    assert_int_equal(middle->base.references, 2);
    cor__scope_take(first);
    cor__scope_take(last);
    assert_int_equal(scope.count, 0);
    assert_null(scope.first);
    cor_scope_close(&scope);
    assert_int_equal(alive, 3);
    cor__release(middle);
    assert_int_equal(alive, 3);
    cor__release(middle);
    cor__release(first);
    cor__release(last);
    assert_int_equal(alive, 0);
    assert_null(cor__scope_take(NULL));
}

static void keep_moves_one_scope_out(void **state) {
    (void)state;
    cor_scope_frame outer, inner;
    cor_scope_open(&outer);
    cor_scope_open(&inner);
    thing *kept = cor__scope_keep(make());
    make();
    cor_scope_close(&inner);
    assert_int_equal(alive, 1);
    assert_ptr_equal(kept->base.scope, &outer);
    cor_scope_close(&outer);
    assert_int_equal(alive, 0);
    assert_null(cor__scope_keep(NULL));
    thing *free_one = own();
    assert_ptr_equal(cor__scope_keep(free_one), free_one); /* in no scope: nothing to move */
    assert_int_equal(free_one->base.references, 1);
    cor__release(free_one);
}

static void closing_an_outer_scope_closes_those_inside(void **state) {
    (void)state;
    cor_scope_frame a, b, c;
    cor_scope_open(&a);
    make();
    cor_scope_open(&b);
    make();
    cor_scope_open(&c);
    make();
    cor_scope_close(&b);
    assert_int_equal(alive, 1);
    cor_scope_close(&c); /* not open any more */
    cor_scope_close(&b);
    cor_scope_close(NULL);
    assert_int_equal(alive, 1);
    make();
    assert_int_equal(a.count, 2);
    cor_scope_close(&a);
    assert_int_equal(alive, 0);
}

static int leave_early(int how) {
    for (int i = 0; i < 3; i++) {
        cor_scope();
        make();
        if (how == 0) return 1;
        if (how == 1) break;
        if (how == 2) continue;
        make();
    }
    return 0;
}

static void the_statement_closes_however_the_block_is_left(void **state) {
    (void)state;
    for (int how = 0; how < 4; how++) {
        leave_early(how);
        assert_int_equal(alive, 0);
    }
}

static thing *watched;
static int64_t references_seen;

static void destroy_and_look(cor__object *object) {
    references_seen = watched->base.references;
    cor__scope_add(own()); /* what destruction makes belongs to the scope outside */
    destroy_thing(object);
}

static const cor__class lookers = {"looker", destroy_and_look};

static void destruction_may_use_scopes(void **state) {
    (void)state;
    cor_scope_frame outer, inner;
    cor_scope_open(&outer);
    watched = make();
    cor_scope_open(&inner);
    make()->base.class_of = &lookers;
    cor_scope_close(&inner);
    assert_int_equal(references_seen, 1);
    assert_int_equal(outer.count, 2);
    cor_scope_close(&outer);
    assert_int_equal(alive, 0);
}

static void *make_in_roots(void *unused) {
    make();
    make();
    cor_scope_frame left_open;
    cor_scope_open(&left_open);
    cor__scope_keep(make());
    return unused;
}

static void the_root_ends_with_its_thread(void **state) {
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, make_in_roots, NULL), 0);
    pthread_join(thread, NULL);
    assert_int_equal(alive, 0);
}

enum { CHAIN = 10000000, SMALL_STACK = 256 << 10 };

static int64_t links_destroyed;

static void destroy_link(cor__object *object) {
    links_destroyed++;
    cor__release(((thing *)object)->holds);
}

static const cor__class links = {"link", destroy_link};

static void *release_chain(void *chain) {
    cor__release(chain);
    return NULL;
}

static void a_chain_of_any_length_needs_no_stack(void **state) {
    (void)state;
    size_t bytes = sizeof(thing) * CHAIN;
    thing *chain = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(chain != MAP_FAILED);
    for (int64_t i = 0; i < CHAIN; i++) {
        cor__object_init(&chain[i].base, &links);
        chain[i].holds = i + 1 < CHAIN ? &chain[i + 1] : NULL;
    }
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, SMALL_STACK);
    assert_int_equal(pthread_create(&thread, &attributes, release_chain, chain), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    assert_int_equal(links_destroyed, CHAIN);
    munmap(chain, bytes);
}

enum { SHARERS = 4, ROUNDS = 20000 };

static void *retain_and_release(void *shared) {
    for (int i = 0; i < ROUNDS; i++) cor__release(cor__retain(shared));
    cor__release(shared);
    return NULL;
}

static void counts_are_atomic(void **state) {
    (void)state;
    pthread_t threads[SHARERS];
    thing *shared = own();
    for (int i = 0; i < SHARERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, retain_and_release, cor__retain(shared)), 0);
    cor__release(shared);
    for (int i = 0; i < SHARERS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(alive, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scopes_nest),
        cmocka_unit_test(retained_things_outlive_their_scope),
        cmocka_unit_test(take_gives_the_reference_to_the_caller),
        cmocka_unit_test(keep_moves_one_scope_out),
        cmocka_unit_test(closing_an_outer_scope_closes_those_inside),
        cmocka_unit_test(the_statement_closes_however_the_block_is_left),
        cmocka_unit_test(destruction_may_use_scopes),
        cmocka_unit_test(the_root_ends_with_its_thread),
        cmocka_unit_test(a_chain_of_any_length_needs_no_stack),
        cmocka_unit_test(counts_are_atomic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
