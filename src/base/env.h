/* env.h: the library's environment variables, read once and checked in one place. */
#ifndef COR_BASE_ENV_H
#define COR_BASE_ENV_H

#include <corrie/base.h>

/* The value of an integer variable within [low, high]; `fallback` when it is unset or is not such a number. */
int64_t cor__env_int(const char *name, int64_t low, int64_t high, int64_t fallback);

/* The text of a variable, NULL when unset or empty. Borrowed from the environment. */
const char *cor__env_text(const char *name);

/* The topics of CORRIE_VERBOSE, a comma-separated list of exec, plan, mem and check. */
typedef enum cor__topic {
    COR__VERBOSE_EXEC = 1,
    COR__VERBOSE_PLAN = 2,
    COR__VERBOSE_MEM = 4,
    COR__VERBOSE_CHECK = 8
} cor__topic;

/* Whether a topic is asked for; cheap enough for every call. */
bool cor__verbose(cor__topic topic);

/* Writes one line "corrie: topic: ..." to stderr. Call it only under cor__verbose. */
void cor__say(cor__topic topic, const char *format, ...) COR_PRINTF(2, 3);

#endif
