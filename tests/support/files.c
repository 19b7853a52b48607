/* files.c: a folder of a test's own, and files in it. */
#define _GNU_SOURCE
#include "support/files.h"
#include <corrie/base.h>
#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/corrie-files-XXXXXX";

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static void remove_all(void) { (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS); }

void files_begin(void) {
    if (mkdtemp(folder) == NULL || atexit(remove_all) != 0) {
        fprintf(stderr, "the folder of the test cannot be made\n");
        exit(1);
    }
}

const char *files_path(const char *name) {
    static char paths[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

void files_write(const char *name, const void *bytes, size_t size) {
    FILE *file = fopen(files_path(name), "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) fail_msg("%s: not written", name);
}

size_t files_read(const char *name, void *bytes, size_t room) {
    FILE *file = fopen(files_path(name), "rb");
    if (file == NULL) fail_msg("%s is not there", name);
    size_t n = fread(bytes, 1, room, file);
    (void)fclose(file);
    return n;
}

int files_count(void) {
    int n = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL) fail_msg("the folder cannot be read");
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(directory);
    return n;
}

void files_expect_error(int code, const char *part) {
    cor_error_info error;
    int found = cor_error_take(&error);
    if (found != code || strstr(error.text, part) == NULL)
        fail_msg("expected error %d with '%s', found %d: %s", code, part, found, found == COR_OK ? "" : error.text);
}
