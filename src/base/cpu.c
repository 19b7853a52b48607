/* cpu.c: which instruction sets the machine can run and which one is in force. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "base/cpu.h"
#include "base/env.h"
#include "base/error.h"
#include "base/text.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const char *const names[] = {
    [COR_ISA_GENERIC] = "generic", [COR_ISA_AVX2] = "avx2", [COR_ISA_AVX512] = "avx512", [COR_ISA_NEON] = "neon"};

enum { ISAS = sizeof names / sizeof names[0] };

const char *cor_isa_name(cor_isa isa) { return (unsigned)isa < ISAS ? names[isa] : "unknown"; }

/* ---- what the machine can run ----------------------------------------------------------------------------------- */

#if defined(__x86_64__)

/* The register states that the operating system saves (XCR0); 0 when it saves none beyond SSE's. */
static uint64_t saved_states(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return 0;
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static bool has(unsigned flags, unsigned wanted) { return (flags & wanted) == wanted; }

/* A set counts when the CPU has its instructions and the system saves its registers: SSE's and AVX's halves of a
 * vector (bits 1, 2), for AVX-512 the mask registers and the upper parts too (bits 5, 6, 7). */
static cor_isa widest_x86(void) {
    const uint64_t avx_states = 0x6, avx512_states = 0xe6;
    const unsigned avx512_features = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    unsigned a, b, basic, extended, d, c;
    uint64_t states = saved_states();
    if ((states & avx_states) != avx_states || !__get_cpuid(1, &a, &b, &basic, &d) ||
        !__get_cpuid_count(7, 0, &a, &extended, &c, &d))
        return COR_ISA_GENERIC;
    if (!has(basic, bit_AVX | bit_FMA | bit_F16C) || !has(extended, bit_AVX2)) return COR_ISA_GENERIC;
    if ((states & avx512_states) != avx512_states || !has(extended, avx512_features)) return COR_ISA_AVX2;
    return COR_ISA_AVX512;
}

#endif

/* The widest set; those of the same architecture that are plainer can then be run too. */
static cor_isa widest_of_machine(void) {
#if defined(__x86_64__)
    return widest_x86();
#elif defined(__aarch64__)
    return COR_ISA_NEON;
#else
    return COR_ISA_GENERIC;
#endif
}

static bool can_run(cor_isa isa, cor_isa most) {
    if (isa == COR_ISA_NEON || most == COR_ISA_NEON) return isa == COR_ISA_GENERIC || isa == most;
    return (unsigned)isa <= (unsigned)most;
}

/* ---- which one is in force -------------------------------------------------------------------------------------- */

static cor_isa widest, allowed; /* of the machine; of CORRIE_ISA */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void detect(void) {
    widest = allowed = widest_of_machine();
    const char *text = cor__env_text("CORRIE_ISA");
    for (int i = 0; text != NULL && i < ISAS; i++)
        if (strcmp(text, names[i]) == 0 && can_run((cor_isa)i, widest)) allowed = (cor_isa)i;
}

enum { UNDECIDED = -1 };
static _Atomic int chosen = UNDECIDED;

cor_isa cor_isa_chosen(void) {
    int now = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (now != UNDECIDED) return (cor_isa)now;
    pthread_once(&once, detect);
    if (atomic_compare_exchange_strong(&chosen, &now, (int)allowed)) return allowed;
    return (cor_isa)now; /* another thread has set it meanwhile */
}

bool cor_isa_available(cor_isa isa) {
    pthread_once(&once, detect);
    return can_run(isa, widest);
}

int cor_set_isa(cor_isa isa) {
    if (cor_error() != COR_OK) return cor_error();
    if (!cor_isa_available(isa))
        return cor__fail(COR_EVALUE, "cor_set_isa: this machine cannot run %s, the widest set it has is %s",
                         cor_isa_name(isa), cor_isa_name(widest));
    atomic_store_explicit(&chosen, (int)(isa < allowed ? isa : allowed), memory_order_relaxed);
    return COR_OK;
}

/* ---- the rest of the machine ------------------------------------------------------------------------------------ */

#if defined(__x86_64__)

/* The three leaves of the brand string, without the blanks some processors pad it with. */
static void brand(char text[49]) {
    unsigned words[13] = {0};
    text[0] = '\0';
    for (unsigned i = 0; i < 3; i++) {
        unsigned *leaf = words + 4 * i;
        if (!__get_cpuid(0x80000002 + i, leaf, leaf + 1, leaf + 2, leaf + 3)) return;
    }
    const char *bytes = (const char *)words;
    size_t end = strlen(bytes), begin = strspn(bytes, " ");
    while (end > begin && bytes[end - 1] == ' ') end--;
    if (end <= begin) return;
    memcpy(text, bytes + begin, end - begin);
    text[end - begin] = '\0';
}

#endif

const char *cor__cpu_name(char *buffer, size_t n) {
    const char *name = "unknown";
#if defined(__x86_64__)
    char text[49];
    brand(text);
    name = text[0] != '\0' ? text : "x86_64";
#elif defined(__aarch64__)
    name = "aarch64";
#endif
    cor__format(buffer, n, "%s", name);
    return buffer;
}

/* The system's answer, or `ordinary` where it has none. */
static int64_t asked(int question, int64_t ordinary) {
    long answer = question < 0 ? 0 : sysconf(question);
    return answer > 0 ? answer : ordinary;
}

#ifdef _SC_LEVEL1_DCACHE_SIZE
enum { FIRST = _SC_LEVEL1_DCACHE_SIZE, SECOND = _SC_LEVEL2_CACHE_SIZE, THIRD = _SC_LEVEL3_CACHE_SIZE };
#else
enum { FIRST = -1, SECOND = -1, THIRD = -1 };
#endif

int64_t cor__cpu_cache_bytes(int level) {
    switch (level) {
    case 1:
        return asked(FIRST, 32 << 10);
    case 2:
        return asked(SECOND, 512 << 10);
    case 3:
        return asked(THIRD, 8 << 20);
    default:
        return 0;
    }
}

int cor__cpu_count(void) {
#ifdef __linux__
    cpu_set_t sets[8]; /* one set holds 1024 CPUs, a machine may have more */
    if (sched_getaffinity(0, sizeof sets, sets) == 0) {
        int count = CPU_COUNT_S(sizeof sets, sets);
        if (count > 0) return count;
    }
#endif
    return (int)asked(_SC_NPROCESSORS_ONLN, 1);
}
