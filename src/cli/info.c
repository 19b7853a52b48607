/* info.c: corrie info. */
#include "base/cpu.h"
#include "cli/verbs.h"
#include <stdio.h>
#include <stdlib.h>

static struct argp_option options[] = {{"json", 'j', NULL, 0, "print JSON", 0}, {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    (void)argument;
    if (key == 'j') *(bool *)state->input = true;
    else if (key == ARGP_KEY_ARG) argp_error(state, "takes no arguments");
    else return ARGP_ERR_UNKNOWN;
    return 0;
}

static const struct argp argp = {options, parse, "", "Tells the version, the machine and what is chosen on it.",
                                 0,       0,     0};
static const cor_isa all[] = {COR_ISA_GENERIC, COR_ISA_AVX2, COR_ISA_AVX512, COR_ISA_NEON};
enum { ALL = sizeof all / sizeof all[0] };

static int as_json(const char *cpu) {
    json_t *detected = json_array();
    for (int i = 0; i < ALL; i++)
        if (cor_isa_available(all[i])) json_array_append_new(detected, json_string(cor_isa_name(all[i])));
    const char *allowed = getenv("CORRIE_ISA");
    return print_json(json_pack("{s:s, s:s, s:o, s:s?, s:s, s:i, s:{s:I, s:I, s:I}}", "version", cor_version(), "cpu",
                                cpu, "instruction_sets", detected, "allowed", allowed, "chosen",
                                cor_isa_name(cor_isa_chosen()), "threads", cor_num_threads(), "cache_bytes", "l1",
                                (json_int_t)cor__cpu_cache_bytes(1), "l2", (json_int_t)cor__cpu_cache_bytes(2), "l3",
                                (json_int_t)cor__cpu_cache_bytes(3)));
}

int verb_info(int argc, char **argv) {
    bool json = false;
    char cpu[128];
    argp_parse(&argp, argc, argv, 0, NULL, &json);
    cor__cpu_name(cpu, sizeof cpu);
    if (json) return as_json(cpu);
    const char *allowed = getenv("CORRIE_ISA");
    printf("corrie    %s\ncpu       %s\n", cor_version(), cpu);
    printf("detected ");
    for (int i = 0; i < ALL; i++)
        if (cor_isa_available(all[i])) printf(" %s", cor_isa_name(all[i]));
    printf("\nallowed   %s\nchosen    %s\nthreads   %d\n", allowed ? allowed : "all", cor_isa_name(cor_isa_chosen()),
           cor_num_threads());
    printf("caches    L1 %lld KiB, L2 %lld KiB, L3 %lld KiB\n", (long long)cor__cpu_cache_bytes(1) / 1024,
           (long long)cor__cpu_cache_bytes(2) / 1024, (long long)cor__cpu_cache_bytes(3) / 1024);
    return EXIT_DONE;
}
