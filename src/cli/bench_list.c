/* bench_list.c: the words of a bench, --threads and --json, and the rows that JSON is made of. */
#include "cli/bench_list.h"

error_t bench_list_option(bench_list *list, int key, char *argument, struct argp_state *state) {
    switch (key) {
    case 't':
        threads_option(argument, state);
        return 0;
    case 'j':
        list->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (list->n == list->most) argp_error(state, "more than %d %s", list->most, list->what);
        list->words[list->n++] = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

json_t *bench_list_rows(const bench_list *list) { return list->json ? json_array() : NULL; }

int bench_list_end(json_t *rows, int code) {
    if (rows == NULL) return code;
    return print_json(rows) == EXIT_DONE ? code : EXIT_FAILED;
}
