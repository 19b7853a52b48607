/* main.c: corrie VERB ... */
#include "cli/verbs.h"
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
} verbs[] = {
    {"info", verb_info, "the version, the machine and what is chosen on it"},
    {"conv", verb_conv, "convolve a picture, an array or a matrix with a kernel"},
    {"train", verb_train, "train a network on pictures"},
    {"predict", verb_predict, "tell what pictures show by a trained network"},
    {"bench", verb_bench, "time convolutions and matrix products"},
};
enum { VERBS = sizeof verbs / sizeof verbs[0] };

static void help(FILE *file) {
    fprintf(file, "usage: corrie VERB [ARGUMENT...]\n\n");
    for (int i = 0; i < VERBS; i++) fprintf(file, "  corrie %-8s %s\n", verbs[i].name, verbs[i].what);
    fprintf(file, "\ncorrie VERB --help tells a verb's arguments.\n"
                  "Exit codes: 0 done, 1 the work failed (stderr says why), 2 wrong usage,\n"
                  "3 training was stopped by a signal.\n");
}

int main(int argc, char **argv) {
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("corrie %s\n", cor_version());
        return EXIT_DONE;
    }
    for (int i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i].name) != 0) continue;
        char name[32];
        snprintf(name, sizeof name, "corrie %s", verbs[i].name);
        argp_err_exit_status = EXIT_USAGE;
        argv[1] = name;
        return verbs[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "corrie: there is no verb '%s'\n\n", argv[1]);
    help(stderr);
    return EXIT_USAGE;
}
