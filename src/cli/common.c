/* common.c: what the verbs share. */
#include "cli/verbs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int finish(const char *verb) {
    cor_error_info error;
    if (cor_error_take(&error) == COR_OK) return EXIT_DONE;
    fprintf(stderr, "corrie %s: %s\n", verb, error.text);
    return EXIT_FAILED;
}

int print_json(json_t *value) {
    int failed = value == NULL || json_dumpf(value, stdout, JSON_INDENT(2)) != 0 || putchar('\n') == EOF;
    json_decref(value);
    if (failed) fprintf(stderr, "corrie: the JSON text could not be written\n");
    return failed ? EXIT_FAILED : EXIT_DONE;
}

static bool read_one(const char *text, int64_t low, int64_t high, int64_t *value, const char **end) {
    char *after;
    long long number = strtoll(text, &after, 10);
    *end = after;
    *value = number;
    return after != text && number >= low && number <= high;
}

bool read_int(const char *text, int64_t low, int64_t high, int64_t *value) {
    const char *end;
    return read_one(text, low, high, value, &end) && *end == '\0';
}

bool read_pair(const char *text, int64_t low, int64_t high, int64_t at[2]) {
    const char *end;
    if (!read_one(text, low, high, &at[0], &end)) return false;
    at[1] = at[0];
    if (*end == ',' && !read_one(end + 1, low, high, &at[1], &end)) return false;
    return *end == '\0';
}

void threads_option(const char *text, struct argp_state *state) {
    int64_t n;
    if (!read_int(text, 1, 1024, &n) || cor_set_num_threads((int)n) != COR_OK)
        argp_error(state, "--threads takes 1 to 1024, not '%s'", text);
}

cor_dtype dtype_option(const char *text, struct argp_state *state) {
    for (int i = 0; i < COR_DTYPES; i++)
        if (strcmp(cor_dtype_name((cor_dtype)i), text) == 0) return (cor_dtype)i;
    argp_error(state, "there is no dtype '%s'", text);
    return COR_DTYPE_UNSET;
}

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
