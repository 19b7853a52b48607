/* terminal.c: what a terminal can show. */
#include "cli/terminal.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL_WIDTH = 80, LEAST_WIDTH = 20, MOST_WIDTH = 1000 };

static bool is_set(const char *name) {
    const char *value = getenv(name);
    return value != NULL && *value != '\0';
}

/* The first of the three that is set decides. */
static bool is_utf8(void) {
    const char *name = is_set("LC_ALL") ? "LC_ALL" : is_set("LC_CTYPE") ? "LC_CTYPE" : "LANG";
    const char *locale = getenv(name), *charset = locale == NULL ? NULL : strchr(locale, '.');
    return charset != NULL && (strncasecmp(charset, ".utf-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
}

static int width_of(int descriptor) {
    struct winsize size = {0};
    const char *columns = getenv("COLUMNS");
    long width = columns == NULL ? 0 : strtol(columns, NULL, 10);
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) width = size.ws_col;
    if (width <= 0) return USUAL_WIDTH;
    return width < LEAST_WIDTH ? LEAST_WIDTH : width > MOST_WIDTH ? MOST_WIDTH : (int)width;
}

terminal terminal_of(int descriptor) {
    const char *kind = getenv("TERM");
    bool dumb = kind == NULL || *kind == '\0' || strcmp(kind, "dumb") == 0, live = isatty(descriptor) != 0;
    return (terminal){.live = live && !dumb,
                      .colour = live && !dumb && !is_set("NO_COLOR"),
                      .unicode = is_utf8(),
                      .width = width_of(descriptor)};
}
