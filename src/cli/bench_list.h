/* bench_list.h: what the benches share that time one row for each word: their words, --threads and --json. */
#ifndef COR_CLI_BENCH_LIST_H
#define COR_CLI_BENCH_LIST_H

#include "cli/verbs.h"

enum { BENCH_MOST_WORDS = 256 };

/* `what` the words are, and at most how many (BENCH_MOST_WORDS at most). */
typedef struct bench_list {
    const char *what;
    int most, n;
    const char *words[BENCH_MOST_WORDS];
    bool json;
} bench_list;

/* Takes a word, --threads or --json of argp; ARGP_ERR_UNKNOWN for other keys. */
error_t bench_list_option(bench_list *list, int key, char *argument, struct argp_state *state);

/* An array for the rows if JSON is asked for, otherwise NULL; and what it ends with: prints the rows, if there are, and
 * returns the exit code. */
json_t *bench_list_rows(const bench_list *list);
int bench_list_end(json_t *rows, int code);

#endif
