/* Instruction sets: what is detected, and how CORRIE_ISA and cor_set_isa lower it. The choice is made once a process,
 * so each case runs in a child. */
#define _GNU_SOURCE /* sched_getcpu, cpu_set_t */
#include "base/cpu.h"
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What `run` returns in a child process with CORRIE_ISA set to isa (NULL: unset). */
static int in_child(const char *isa, int (*run)(void)) {
    pid_t child = fork();
    if (child == 0) {
        if (isa != NULL) setenv("CORRIE_ISA", isa, 1);
        else unsetenv("CORRIE_ISA");
        _exit(run());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int chosen(void) { return (int)cor_isa_chosen(); }

/* What the compiler's own detection says. */
static bool expected_available(cor_isa isa) {
    switch (isa) {
    case COR_ISA_GENERIC:
        return true;
#if defined(__x86_64__)
    case COR_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case COR_ISA_AVX512:
        return expected_available(COR_ISA_AVX2) && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
#elif defined(__aarch64__)
    case COR_ISA_NEON:
        return true;
#endif
    default:
        return false;
    }
}

static cor_isa expected_widest(void) {
    cor_isa widest = COR_ISA_GENERIC;
    for (int isa = 0; isa <= COR_ISA_NEON; isa++)
        if (expected_available((cor_isa)isa)) widest = (cor_isa)isa;
    return widest;
}

static void names_are_known(void **state) {
    (void)state;
    assert_string_equal(cor_isa_name(COR_ISA_GENERIC), "generic");
    assert_string_equal(cor_isa_name(COR_ISA_AVX2), "avx2");
    assert_string_equal(cor_isa_name(COR_ISA_AVX512), "avx512");
    assert_string_equal(cor_isa_name(COR_ISA_NEON), "neon");
    assert_string_equal(cor_isa_name((cor_isa)4), "unknown");
    assert_string_equal(cor_isa_name((cor_isa)-1), "unknown");
}

static int availability_differs(void) {
    for (int isa = -1; isa <= COR_ISA_NEON + 1; isa++)
        if (cor_isa_available((cor_isa)isa) != expected_available((cor_isa)isa)) return 1;
    return 0;
}

static void the_machine_is_detected(void **state) {
    (void)state;
    assert_int_equal(in_child(NULL, availability_differs), 0);
    assert_int_equal(in_child("generic", availability_differs), 0);
    assert_int_equal(in_child(NULL, chosen), expected_widest());
}

static void the_variable_lowers_and_never_raises(void **state) {
    (void)state;
    for (int isa = 0; isa <= COR_ISA_NEON; isa++) {
        cor_isa expected = expected_available((cor_isa)isa) ? (cor_isa)isa : expected_widest();
        assert_int_equal(in_child(cor_isa_name((cor_isa)isa), chosen), expected);
    }
    assert_int_equal(in_child("", chosen), expected_widest());
    assert_int_equal(in_child("unknown", chosen), expected_widest());
    assert_int_equal(in_child("AVX2", chosen), expected_widest());
    assert_int_equal(in_child("generic,avx2", chosen), expected_widest());
}

/* 0 when cor_set_isa does with every set, in both orders, what it should under a limit of `allowed`. */
static int setting_differs(cor_isa allowed) {
    for (int i = 0; i < 2 * (COR_ISA_NEON + 1); i++) {
        cor_isa isa = (cor_isa)(i <= COR_ISA_NEON ? i : 2 * COR_ISA_NEON + 1 - i), before = cor_isa_chosen();
        int code = cor_set_isa(isa), pending = cor_error();
        bool named = strstr(cor_error_message(), cor_isa_name(isa)) != NULL;
        cor_error_clear();
        if (!expected_available(isa)) {
            if (code != COR_EVALUE || pending != COR_EVALUE || !named || cor_isa_chosen() != before) return 1;
        } else if (code != COR_OK || pending != COR_OK || cor_isa_chosen() != (isa < allowed ? isa : allowed)) {
            return 2;
        }
    }
    cor_error_set(COR_EIO, "pending");
    return cor_set_isa(COR_ISA_GENERIC) == COR_EIO ? 0 : 3;
}

static int setting_differs_under_widest(void) { return setting_differs(expected_widest()); }
static int setting_differs_under_generic(void) { return setting_differs(COR_ISA_GENERIC); }

static void setting_lowers_and_comes_back_up(void **state) {
    (void)state;
    assert_int_equal(in_child(NULL, setting_differs_under_widest), 0);
    assert_int_equal(in_child("generic", setting_differs_under_generic), 0);
}

static int first_call_sets(void) { return cor_set_isa(COR_ISA_GENERIC) == COR_OK ? (int)cor_isa_chosen() : 100; }

static void setting_may_be_the_first_call(void **state) {
    (void)state;
    assert_int_equal(in_child(NULL, first_call_sets), COR_ISA_GENERIC);
}

static void the_machine_is_described(void **state) {
    (void)state;
    char name[64], cut[4];
    assert_ptr_equal(cor__cpu_name(name, sizeof name), name);
    print_message("%s, caches %lld, %lld, %lld bytes\n", name, (long long)cor__cpu_cache_bytes(1),
                  (long long)cor__cpu_cache_bytes(2), (long long)cor__cpu_cache_bytes(3));
    assert_true(strlen(name) > 3);
    assert_true(name[0] != ' ' && name[strlen(name) - 1] != ' ');
    cor__cpu_name(cut, sizeof cut);
    assert_memory_equal(cut, name, 3);
    assert_int_equal(cut[3], '\0');
    assert_in_range(cor__cpu_cache_bytes(1), 4 << 10, 1 << 20);
    assert_in_range(cor__cpu_cache_bytes(2), 64 << 10, 64 << 20);
    assert_true(cor__cpu_cache_bytes(3) >= 256 << 10);
    assert_int_equal(cor__cpu_cache_bytes(0), 0);
    assert_int_equal(cor__cpu_cache_bytes(4), 0);
}

static int count_on_one_cpu(void) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    return sched_setaffinity(0, sizeof one, &one) == 0 ? cor__cpu_count() : 100;
}

static void the_affinity_mask_is_counted(void **state) {
    (void)state;
    cpu_set_t mask;
    assert_int_equal(sched_getaffinity(0, sizeof mask, &mask), 0);
    assert_int_equal(cor__cpu_count(), CPU_COUNT(&mask));
    assert_int_equal(in_child(NULL, count_on_one_cpu), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_known),
        cmocka_unit_test(the_machine_is_detected),
        cmocka_unit_test(the_variable_lowers_and_never_raises),
        cmocka_unit_test(setting_lowers_and_comes_back_up),
        cmocka_unit_test(setting_may_be_the_first_call),
        cmocka_unit_test(the_machine_is_described),
        cmocka_unit_test(the_affinity_mask_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
