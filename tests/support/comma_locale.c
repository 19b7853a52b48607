/* comma_locale.c: a locale whose decimal point is a comma. */
#define _GNU_SOURCE /* setenv, mkdtemp */
#include "support/comma_locale.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

static char folder[] = "/tmp/corrie-locale-XXXXXX"; /* each process makes its own: tests may run side by side */

static void remove_folder(void) {
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) (void)fprintf(stderr, "could not remove %s\n", folder);
}

static void make_locale(void) {
    static bool tried;
    char command[128];
    if (tried) return;
    tried = true;
    if (mkdtemp(folder) == NULL) return;
    (void)atexit(remove_folder);
    (void)snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE >/dev/null 2>&1", folder);
    if (system(command) == 0) (void)setenv("LOCPATH", folder, 1);
}

static bool enter(const char *name) { return setlocale(LC_ALL, name) != NULL && *localeconv()->decimal_point == ','; }

bool enter_comma_locale(void) {
    if (enter("de_DE.UTF-8") || enter("de_DE") || enter("fr_FR.UTF-8")) return true;
    make_locale();
    if (enter("de_DE")) return true;
    leave_comma_locale();
    (void)printf("skipped: no locale with a decimal comma, and localedef could not make one\n");
    return false;
}

void leave_comma_locale(void) { (void)setlocale(LC_ALL, "C"); }
