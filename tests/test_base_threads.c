/* The pool: the split, nesting, errors, forks, several callers, and changes of the number of threads. */
#define _GNU_SOURCE /* sched_getcpu, cpu_set_t, pthread_setattr_default_np */
#include "base/error.h"
#include "base/object.h"
#include "base/thread.h"
#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* ThreadSanitizer otherwise ends a child that makes threads. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "die_after_fork=0"; }

static void set_threads(int n) { assert_int_equal(cor_set_num_threads(n), COR_OK); }

static void sleep_milliseconds(int n) {
    struct timespec time = {0, n * 1000000L};
    nanosleep(&time, NULL);
}

/* What `run` returns in a child process, which must end by itself within ten seconds. */
static int in_child(int (*run)(void)) {
    pid_t child = fork();
    if (child == 0) {
        alarm(10);
        _exit(run());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status)) fail_msg("the child ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

/* ---- the split -------------------------------------------------------------------------------------------------- */

enum { MOST = 3000 };

typedef struct split {
    _Atomic int visits[MOST];
    _Atomic int64_t ranges, shortest;
    _Atomic int64_t begins[MOST]; /* 1 where a range begins */
} split;

static void visit(int64_t begin, int64_t end, void *context) {
    split *seen = context;
    seen->ranges++;
    seen->begins[begin] = 1;
    int64_t before = seen->shortest;
    while (end - begin < before && !atomic_compare_exchange_weak(&seen->shortest, &before, end - begin)) {
    }
    for (int64_t i = begin; i < end; i++) seen->visits[i]++;
}

static void split_of(split *seen, int64_t n, int64_t grain) {
    memset(seen, 0, sizeof *seen);
    seen->shortest = INT64_MAX;
    assert_int_equal(cor_parallel_for(n, grain, visit, seen), COR_OK);
}

static void every_index_is_visited_once(void **state) {
    (void)state;
    static const int64_t sizes[] = {0, 1, 2, 3, 7, 64, 100, 1001, MOST}, grains[] = {-5, 0, 1, 2, 10, 64, 1000, 5000};
    static const int threads[] = {1, 2, 3, 8, 50};
    static split seen, again;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t g = 0; g < sizeof grains / sizeof *grains; g++)
            for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
                int64_t n = sizes[s], grain = grains[g] < 1 ? 1 : grains[g];
                set_threads(threads[t]);
                split_of(&seen, n, grains[g]);
                for (int64_t i = 0; i < MOST; i++) assert_int_equal(seen.visits[i], i < n);
                assert_true(seen.ranges <= threads[t]);
                if (n > 0) assert_true(seen.ranges == threads[t] || seen.ranges == n / grain || seen.ranges == 1);
                if (n >= grain) assert_true(seen.shortest >= grain);
                else assert_int_equal(seen.ranges, n > 0);
                split_of(&again, n, grains[g]);
                assert_memory_equal(&seen.begins, &again.begins, sizeof seen.begins);
            }
}

static void add_length(int64_t begin, int64_t end, void *context) { *(_Atomic int64_t *)context += end - begin; }

static void the_whole_of_int64_can_be_split(void **state) {
    (void)state;
    _Atomic int64_t covered = 0;
    set_threads(7);
    assert_int_equal(cor_parallel_for(INT64_MAX, 1, add_length, &covered), COR_OK);
    assert_int_equal(covered, INT64_MAX);
}

static void count_ranges(int64_t begin, int64_t end, void *context) {
    (void)begin, (void)end;
    ++*(_Atomic int64_t *)context;
}

static void wrong_arguments_are_refused(void **state) {
    (void)state;
    _Atomic int64_t ranges = 0;
    assert_int_equal(cor_parallel_for(-1, 1, count_ranges, &ranges), COR_OK);
    assert_int_equal(ranges, 0);
    assert_int_equal(cor_parallel_for(10, 1, NULL, NULL), COR_EVALUE);
    cor_error_clear();
    set_threads(3);
    assert_int_equal(cor_set_num_threads(0), COR_EVALUE);
    assert_string_equal(cor_error_message(), "set_num_threads expects a positive integer");
    cor_error_clear();
    assert_int_equal(cor_set_num_threads(1025), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_num_threads(), 3);
}

/* ---- more threads than one at work ------------------------------------------------------------------------------- */

typedef struct meeting {
    _Atomic int present;
    int expected;
    bool met;
} meeting;

/* Waits for the other ranges, which can only arrive when threads of their own run them. */
static void meet(int64_t begin, int64_t end, void *context) {
    (void)begin, (void)end;
    meeting *here = context;
    here->present++;
    for (int i = 0; i < 5000 && here->present < here->expected; i++) sleep_milliseconds(1);
    if (begin == 0) here->met = here->present == here->expected;
}

static void ranges_run_at_the_same_time(void **state) {
    (void)state;
    for (int threads = 2; threads <= 5; threads++) {
        set_threads(threads);
        for (int round = 0; round < 2; round++) {
            meeting here = {.expected = threads};
            assert_int_equal(cor_parallel_for(threads, 1, meet, &here), COR_OK);
            assert_true(here.met);
            sleep_milliseconds(2); /* workers fall asleep between the rounds */
        }
    }
}

static void many_short_calls(void **state) {
    (void)state;
    _Atomic int64_t ranges = 0;
    int64_t expected = 0;
    for (int i = 0; i < 20000; i++) {
        int threads = 1 + i % 5;
        set_threads(threads);
        assert_int_equal(cor_parallel_for(100, 1, count_ranges, &ranges), COR_OK);
        expected += threads;
        if (i % 2000 == 0) sleep_milliseconds(1);
    }
    assert_int_equal(ranges, expected);
}

static void compare_rounding(int64_t begin, int64_t end, void *context) {
    (void)begin, (void)end;
    if (fegetround() != FE_UPWARD) *(_Atomic bool *)context = true;
    sleep_milliseconds(1);
}

static void arithmetic_is_the_callers(void **state) {
    (void)state;
    _Atomic bool differs = false;
    set_threads(4);
    fesetround(FE_UPWARD);
    int code = cor_parallel_for(4, 1, compare_rounding, &differs);
    fesetround(FE_TONEAREST);
    assert_int_equal(code, COR_OK);
    assert_false(differs);
}

static _Atomic int64_t alive;

static void destroy_counted(cor__object *object) {
    free(object);
    alive--;
}

static const cor__class counted = {"counted", destroy_counted};

static void make_objects(int64_t begin, int64_t end, void *context) {
    (void)context;
    for (int64_t i = begin; i < end; i++) {
        cor__object *object = malloc(sizeof *object);
        cor__object_init(object, &counted);
        alive++;
        cor__scope_add(object);
    }
    sleep_milliseconds(1);
}

static void objects_of_a_body_end_with_its_range(void **state) {
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        set_threads(threads);
        assert_int_equal(cor_parallel_for(100, 1, make_objects, NULL), COR_OK);
        assert_int_equal(alive, 0);
    }
}

/* ---- nesting ---------------------------------------------------------------------------------------------------- */

typedef struct nested {
    _Atomic int64_t inner_ranges, strangers;
    pthread_t outer;
} nested;

static void inner_body(int64_t begin, int64_t end, void *context) {
    (void)begin, (void)end;
    nested *own = context;
    own->inner_ranges++;
    if (!pthread_equal(pthread_self(), own->outer)) own->strangers++;
}

static void outer_body(int64_t begin, int64_t end, void *context) {
    _Atomic int64_t *wrong = context;
    for (int64_t i = begin; i < end; i++) {
        nested own = {.outer = pthread_self()};
        if (!cor__self()->in_parallel || cor_parallel_for(100, 1, inner_body, &own) != COR_OK ||
            own.inner_ranges != 4 || own.strangers != 0)
            ++*wrong;
    }
}

static void nested_calls_run_on_their_own_thread(void **state) {
    (void)state;
    _Atomic int64_t wrong = 0;
    set_threads(4);
    for (int i = 0; i < 100; i++) assert_int_equal(cor_parallel_for(20, 1, outer_body, &wrong), COR_OK);
    assert_int_equal(wrong, 0);
    assert_false(cor__self()->in_parallel);
}

static void meet_inside(int64_t begin, int64_t end, void *context) {
    (void)begin, (void)end;
    cor_parallel_for(4, 1, meet, context);
}

static void a_single_range_leaves_the_pool_to_nested_calls(void **state) {
    (void)state;
    meeting here = {.expected = 4};
    set_threads(4);
    assert_int_equal(cor_parallel_for(1, 1, meet_inside, &here), COR_OK);
    assert_true(here.met);
}

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static void fail_from(int64_t begin, int64_t end, void *context) {
    int64_t first = *(const int64_t *)context;
    if (cor_error() != COR_OK) abort(); /* a range starts without one */
    if (begin == 0) sleep_milliseconds(1);
    if (end > first) cor__fail(COR_EINDEX, "range from %d", (int)begin);
}

static void the_lowest_ranges_error_wins(void **state) {
    (void)state;
    for (int threads = 1; threads <= 6; threads++)
        for (int round = 0; round < 20; round++) {
            set_threads(threads);
            for (int64_t first = 0; first <= 60; first += 10) {
                int64_t index = first;
                int code = cor_parallel_for(60, 1, fail_from, &index);
                cor_error_info error;
                assert_int_equal(cor_error_take(&error), first < 60 ? COR_EINDEX : COR_OK);
                assert_int_equal(code, error.code);
                if (first == 60) continue;
                char expected[64];
                snprintf(expected, sizeof expected, "range from %d", (int)(first / (60 / threads) * (60 / threads)));
                assert_string_equal(error.text, expected);
            }
            split seen;
            split_of(&seen, 60, 1); /* no worker has kept an error */
        }
}

static void a_pending_error_is_returned_at_once(void **state) {
    (void)state;
    _Atomic int64_t ranges = 0;
    set_threads(2);
    cor__fail(COR_ESHAPE, "before");
    assert_int_equal(cor_parallel_for(10, 1, count_ranges, &ranges), COR_ESHAPE);
    assert_int_equal(cor_set_num_threads(3), COR_ESHAPE);
    assert_int_equal(ranges, 0);
    assert_string_equal(cor_error_message(), "before");
    cor_error_clear();
    assert_int_equal(cor_num_threads(), 2);
}

/* ---- several callers -------------------------------------------------------------------------------------------- */

static _Atomic bool calling;

static void *call_often(void *context) {
    _Atomic int64_t *wrong = context;
    for (int i = 0; i < 1500; i++) {
        split *seen = calloc(1, sizeof *seen);
        int64_t n = 1 + i % 97, visited = 0;
        seen->shortest = INT64_MAX;
        if (cor_parallel_for(n, 1, visit, seen) != COR_OK) ++*wrong;
        for (int64_t k = 0; k < MOST; k++) visited += seen->visits[k] == (k < n);
        if (visited != MOST) ++*wrong;
        free(seen);
    }
    return NULL;
}

static void *change_threads(void *unused) {
    for (int i = 0; calling; i++) {
        if (cor_set_num_threads(1 + i % 9) != COR_OK) abort();
        sleep_milliseconds(1);
    }
    return unused;
}

static void several_callers_and_changes_of_the_count(void **state) {
    (void)state;
    enum { CALLERS = 4 };
    _Atomic int64_t wrong = 0;
    pthread_t callers[CALLERS], changer;
    calling = true;
    assert_int_equal(pthread_create(&changer, NULL, change_threads, NULL), 0);
    for (int i = 0; i < CALLERS; i++) assert_int_equal(pthread_create(&callers[i], NULL, call_often, &wrong), 0);
    for (int i = 0; i < CALLERS; i++) pthread_join(callers[i], NULL);
    calling = false;
    pthread_join(changer, NULL);
    assert_int_equal(wrong, 0);
}

/* ---- forks ------------------------------------------------------------------------------------------------------ */

static int works_here(void) {
    meeting here = {.expected = 3};
    if (cor_set_num_threads(3) != COR_OK) return 1;
    if (cor_parallel_for(3, 1, meet, &here) != COR_OK || !here.met) return 2;
    return 0;
}

static void the_pool_survives_a_fork(void **state) {
    (void)state;
    assert_int_equal(works_here(), 0);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(in_child(works_here), 0);
        if (i % 2) sleep_milliseconds(1);
        assert_int_equal(works_here(), 0);
    }
}

static int works_twice_removed(void) {
    if (works_here() != 0) return 1;
    pid_t child = fork();
    if (child == 0) _exit(works_here());
    int status;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? works_here() : 3;
}

static void *keep_the_pool_busy(void *unused) {
    _Atomic int64_t ranges = 0;
    while (calling)
        if (cor_parallel_for(40, 1, count_ranges, &ranges) != COR_OK) abort();
    return unused;
}

static void a_fork_while_another_thread_uses_the_pool(void **state) {
    (void)state;
    pthread_t user;
    set_threads(4);
    calling = true;
    assert_int_equal(pthread_create(&user, NULL, keep_the_pool_busy, NULL), 0);
    for (int i = 0; i < 20; i++) assert_int_equal(in_child(works_twice_removed), 0);
    calling = false;
    pthread_join(user, NULL);
}

static pid_t forked = -1;

/* Range 0 forks while the other ranges are at work; in the child their threads are gone. */
static void fork_inside(int64_t begin, int64_t end, void *context) {
    split *seen = context;
    if (begin == 0) {
        for (int i = 0; i < 2000 && seen->ranges == 0; i++) sleep_milliseconds(1);
        forked = fork();
        if (forked == 0) alarm(10);
    } else {
        seen->ranges++;
        sleep_milliseconds(20);
    }
    for (int64_t i = begin; i < end; i++) seen->visits[i] = 1;
}

static void a_fork_inside_a_body(void **state) {
    (void)state;
    static split seen;
    set_threads(4);
    memset(&seen, 0, sizeof seen);
    int code = cor_parallel_for(100, 1, fork_inside, &seen), visited = 0;
    for (int i = 0; i < 100; i++) visited += seen.visits[i];
    bool whole = code == COR_OK && visited == 100;
    if (forked == 0) _exit(whole ? works_here() : 4);
    int status;
    assert_int_equal(waitpid(forked, &status, 0), forked);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(whole);
    assert_int_equal(works_here(), 0);
}

/* ---- fresh processes --------------------------------------------------------------------------------------------- */

static int exits_by_exit(void) {
    if (works_here() != 0) return 1;
    exit(42); /* through the library's destructor */
}

static void the_pool_ends_with_the_process(void **state) {
    (void)state;
    assert_int_equal(in_child(exits_by_exit), 42);
}

static void exit_inside(int64_t begin, int64_t end, void *context) {
    (void)end;
    if (begin == *(int64_t *)context) exit(43);
    sleep_milliseconds(5);
}

static int exits_inside_range(int64_t range) {
    if (works_here() != 0) return 1;
    cor_parallel_for(3, 1, exit_inside, &range);
    return 2;
}

static int exits_inside_first(void) { return exits_inside_range(0); }
static int exits_inside_last(void) { return exits_inside_range(2); }

static void a_body_may_end_the_process(void **state) {
    (void)state;
    assert_int_equal(in_child(exits_inside_first), 43);
    assert_int_equal(in_child(exits_inside_last), 43);
}

/* No thread can have a stack of 2^46 bytes, so no worker can be made. */
static int works_without_workers(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (pthread_attr_setstacksize(&attributes, (size_t)1 << 46) != 0) return 1;
    if (pthread_setattr_default_np(&attributes) != 0) return 2;
    split *seen = calloc(1, sizeof *seen);
    int64_t visited = 0;
    if (cor_set_num_threads(1024) != COR_OK) return 3;
    for (int round = 0; round < 2; round++)
        if (cor_parallel_for(MOST, 1, visit, seen) != COR_OK) return 4;
    for (int i = 0; i < MOST; i++) visited += seen->visits[i];
    return visited == 2 * MOST && seen->ranges == 2 * 1024 ? 0 : 5;
}

static void workers_that_cannot_be_made_are_done_without(void **state) {
    (void)state;
    assert_int_equal(in_child(works_without_workers), 0);
}

static void see_signals(int64_t begin, int64_t end, void *context) {
    (void)end;
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (begin > 0 && !pthread_equal(pthread_self(), *(pthread_t *)context) &&
        (!sigismember(&blocked, SIGINT) || sigismember(&blocked, SIGSEGV)))
        cor__fail(COR_ESTATE, "a worker takes the program's signals");
    sleep_milliseconds(1);
}

static void workers_leave_signals_to_the_program(void **state) {
    (void)state;
    pthread_t self = pthread_self();
    sigset_t blocked;
    set_threads(4);
    assert_int_equal(cor_parallel_for(4, 1, see_signals, &self), COR_OK);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    assert_false(sigismember(&blocked, SIGINT));
}

/* ---- the default count, which is read once a process: this program runs itself again ------------------------------
 */

static const char *program;

static int count_with(const char *variable, bool one_cpu) {
    pid_t child = fork();
    if (child == 0) {
        if (variable != NULL) setenv("CORRIE_THREADS", variable, 1);
        else unsetenv("CORRIE_THREADS");
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET((size_t)sched_getcpu(), &one);
        if (one_cpu && sched_setaffinity(0, sizeof one, &one) != 0) _exit(200);
        execl(program, program, "count", (char *)NULL);
        _exit(201);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void the_default_count(void **state) {
    (void)state;
    cpu_set_t mask;
    assert_int_equal(sched_getaffinity(0, sizeof mask, &mask), 0);
    int cpus = CPU_COUNT(&mask);
    assert_int_equal(count_with(NULL, false), cpus);
    assert_int_equal(count_with(NULL, true), 1);
    assert_int_equal(count_with("5", true), 5);
    assert_int_equal(count_with("", false), cpus);
    assert_int_equal(count_with("0", false), cpus);
    assert_int_equal(count_with("-2", false), cpus);
    assert_int_equal(count_with("1025", false), cpus);
    assert_int_equal(count_with("3x", false), cpus);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "count") == 0) return cor_num_threads();
    program = argv[0];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_is_visited_once),
        cmocka_unit_test(the_whole_of_int64_can_be_split),
        cmocka_unit_test(ranges_run_at_the_same_time),
        cmocka_unit_test(many_short_calls),
        cmocka_unit_test(arithmetic_is_the_callers),
        cmocka_unit_test(objects_of_a_body_end_with_its_range),
        cmocka_unit_test(nested_calls_run_on_their_own_thread),
        cmocka_unit_test(a_single_range_leaves_the_pool_to_nested_calls),
        cmocka_unit_test(the_lowest_ranges_error_wins),
        cmocka_unit_test(a_pending_error_is_returned_at_once),
        cmocka_unit_test(several_callers_and_changes_of_the_count),
        cmocka_unit_test(workers_leave_signals_to_the_program),
        cmocka_unit_test(wrong_arguments_are_refused),
    };
    const struct CMUnitTest forking_tests[] = {
        cmocka_unit_test(the_pool_survives_a_fork),   cmocka_unit_test(a_fork_while_another_thread_uses_the_pool),
        cmocka_unit_test(a_fork_inside_a_body),       cmocka_unit_test(the_pool_ends_with_the_process),
        cmocka_unit_test(a_body_may_end_the_process), cmocka_unit_test(workers_that_cannot_be_made_are_done_without),
        cmocka_unit_test(the_default_count),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (getenv("CORRIE_TEST_EMULATED") != NULL) { /* qemu-user stops a child that was forked beside threads */
        printf("%zu tests that fork are left out under the emulator\n", sizeof forking_tests / sizeof forking_tests[0]);
        return failed;
    }
    return failed + cmocka_run_group_tests(forking_tests, NULL, NULL);
}
