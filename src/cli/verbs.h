/* verbs.h: the command's verbs, one file each, and what they share. Data goes to stdout, everything else to stderr. */
#ifndef COR_CLI_VERBS_H
#define COR_CLI_VERBS_H

#include <argp.h>
#include <corrie.h>
#include <corrie/io.h>
#include <jansson.h>

/* Exit codes, as `corrie --help` tells them. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_STOPPED = 3 };

/* Each runs with argv[0] being "corrie VERB" and returns an exit code. */
int verb_info(int argc, char **argv);
int verb_conv(int argc, char **argv);
int verb_bench(int argc, char **argv);
int verb_train(int argc, char **argv);
int verb_predict(int argc, char **argv);

/* Prints the pending error to stderr after "corrie VERB: " and returns EXIT_FAILED; EXIT_DONE if there is none. */
int finish(const char *verb);

/* Prints a JSON value to stdout, indented, and drops the reference. */
int print_json(json_t *value);

/* "2" or "2,1": one number for all, or one for each, into at[0..2); false if it is neither or is out of range. */
bool read_pair(const char *text, int64_t low, int64_t high, int64_t at[2]);

/* A whole number within bounds; false otherwise. */
bool read_int(const char *text, int64_t low, int64_t high, int64_t *value);

/* The values of --threads, which they set, and of --dtype; usage errors of argp otherwise. */
void threads_option(const char *text, struct argp_state *state);
cor_dtype dtype_option(const char *text, struct argp_state *state);

/* Seconds of a clock that only goes forward. */
double seconds(void);

#endif
