/* The failing allocator and the scenario driver themselves: a fault in a body must be seen. */
#include "base/error.h"
#include "base/memory.h"
#include "support/alloc.h"
#include "support/scenario.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Three allocations, of which the second is optional: without it the same result comes about. */
static int good(void *context, scenario_hash *result) {
    (void)context;
    char *first = cor__alloc(100, "first"), *optional = NULL, *last = NULL;
    if (first != NULL) {
        optional = cor__alloc(200, "optional");
        cor_error_clear();
        last = cor__alloc(300, "last");
    }
    if (last != NULL) scenario_feed(result, "result", 6);
    cor__free(last, 300);
    cor__free(optional, 200);
    cor__free(first, 100);
    return cor_error();
}

static int leaks(void *context, scenario_hash *result) {
    (void)context, (void)result;
    char *first = cor__alloc(100, "first"), *second = cor__alloc(100, "second");
    if (first != NULL && second == NULL) return cor_error();
    cor__free(first, 100);
    cor__free(second, 100);
    return cor_error();
}

static int hides_a_failure(void *context, scenario_hash *result) {
    (void)context;
    char *block = cor__alloc(100, "block");
    if (block != NULL) scenario_feed(result, "result", 6);
    cor__free(block, 100);
    cor_error_clear();
    return COR_OK;
}

static int tells_another_error(void *context, scenario_hash *result) {
    (void)context, (void)result;
    char *block = cor__alloc(100, "block");
    cor__free(block, 100);
    if (block != NULL) return COR_OK;
    cor_error_clear();
    return cor__fail(COR_EVALUE, "not the reason");
}

static int is_broken_afterwards(void *context, scenario_hash *result) {
    (void)context;
    static int failures;
    char *block = cor__alloc(100, "block");
    failures += block == NULL;
    scenario_feed(result, &failures, sizeof failures);
    cor__free(block, 100);
    return cor_error();
}

static void a_good_body_passes(void **state) {
    (void)state;
    int64_t before = scenario_points();
    assert_int_equal(scenario_run("good", good, NULL), 3);
    assert_int_equal(scenario_points() - before, 3);
    assert_int_equal(alloc_blocks(), 0);
    assert_int_equal(alloc_bytes(), 0);
    assert_int_equal(cor_error(), COR_OK);
}

/* ---- faults, each in a process of its own ------------------------------------------------------------------------ */

static int (*faulty)(void *context, scenario_hash *result);

static void run_faulty(void **state) {
    (void)state;
    scenario_run("faulty", faulty, NULL);
}

static void run_scenario(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(run_faulty)};
    _exit(cmocka_run_group_tests(tests, NULL, NULL) != 0 ? 1 : 0);
}

static void write_past(void) {
    char *volatile block = cor__alloc(64, "block");
    block[64] = 1;
    cor__free(block, 64);
    _exit(0);
}

static void write_before(void) {
    char *volatile block = cor__alloc(64, "block");
    block[-1] = 1;
    cor__free(block, 64);
    _exit(0);
}

static void free_with_another_size(void) {
    cor__free(cor__alloc(64, "block"), 65);
    _exit(0);
}

/* The wait status of a child that runs `run` in silence, and in *text the start of what it wrote. */
static int status_of(void (*run)(void), char text[4096]) {
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        signal(SIGABRT, SIG_DFL);
        run();
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t n; length < 4095 && (n = read(ends[0], text + length, 4095 - length)) > 0;) length += (size_t)n;
    text[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void assert_seen(int (*body)(void *context, scenario_hash *result), const char *message) {
    char text[4096];
    faulty = body;
    int status = status_of(run_scenario, text);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    if (strstr(text, message) == NULL) fail_msg("no \"%s\" in: %s", message, text);
}

static void faults_of_a_body_are_seen(void **state) {
    (void)state;
    assert_seen(leaks, "scenario faulty, allocation 2 of 2 failing once: blocks were left behind");
    assert_seen(hides_a_failure, "allocation 1 of 1 failing once: another result");
    assert_seen(tells_another_error, "allocation 1 of 1 failing once: another error");
    assert_seen(is_broken_afterwards, "allocation 1 of 1 failing once: in the run after, another result");
}

static void assert_stops(void (*run)(void), const char *message) {
    char text[4096];
    int status = status_of(run, text);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    if (strstr(text, message) == NULL) fail_msg("no \"%s\" in: %s", message, text);
}

static void faults_around_a_block_stop_the_program(void **state) {
    (void)state;
    assert_stops(write_past, "written past a block");
    assert_stops(write_before, "written before a block");
    assert_stops(free_with_another_size, "freed with another size");
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_body_passes),
        cmocka_unit_test(faults_of_a_body_are_seen),
        cmocka_unit_test(faults_around_a_block_stop_the_program),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
