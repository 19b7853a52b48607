/* env.c: reading CORRIE_* variables. */
#include "base/env.h"
#include "base/text.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

const char *cor__env_text(const char *name) {
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

int64_t cor__env_int(const char *name, int64_t low, int64_t high, int64_t fallback) {
    const char *text = cor__env_text(name);
    if (text == NULL) return fallback;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' && value >= low && value <= high ? value : fallback;
}

static const struct {
    const char *name;
    cor__topic topic;
} topics[] = {
    {"exec", COR__VERBOSE_EXEC}, {"plan", COR__VERBOSE_PLAN}, {"mem", COR__VERBOSE_MEM}, {"check", COR__VERBOSE_CHECK}};

enum { TOPICS = sizeof topics / sizeof topics[0], UNREAD = 1 << 30 };

static int read_topics(void) {
    const char *text = cor__env_text("CORRIE_VERBOSE");
    int wanted = 0;
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");
        for (int i = 0; i < TOPICS; i++)
            if (strlen(topics[i].name) == length && memcmp(text, topics[i].name, length) == 0)
                wanted |= (int)topics[i].topic;
        text += length + (text[length] == ',');
    }
    return wanted;
}

bool cor__verbose(cor__topic topic) {
    static _Atomic int wanted = UNREAD;
    int now = atomic_load_explicit(&wanted, memory_order_relaxed);
    if (now == UNREAD) {
        now = read_topics();
        atomic_store_explicit(&wanted, now, memory_order_relaxed);
    }
    return (now & (int)topic) != 0;
}

void cor__say(cor__topic topic, const char *format, ...) {
    char line[1024], text[900];
    const char *name = "";
    for (int i = 0; i < TOPICS; i++)
        if (topics[i].topic == topic) name = topics[i].name;
    va_list list;
    va_start(list, format);
    cor__format_list(text, sizeof text, format, list);
    va_end(list);
    cor__format(line, sizeof line, "corrie: %s: %s\n", name, text);
    (void)cor__write_err(line, strlen(line));
}
