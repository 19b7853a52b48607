/* file.c: whole files in and out. */
#include "io/file.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t most = (size_t)4 << 30;

static int fail(const char *path, const char *what) {
    return cor__fail(COR_EIO, "%s: %s: %s", path, what, strerror(errno));
}

void cor__file_free(cor__file *file) {
    cor__free(file->data, file->capacity);
    *file = (cor__file){0};
}

static int grow(cor__file *file, const char *path) {
    size_t capacity = file->capacity == 0 ? 65536 : 2 * file->capacity;
    if (file->size >= most) return cor__fail(COR_ELIMIT, "%s: larger than %zu bytes", path, most);
    unsigned char *data = cor__realloc(file->data, file->capacity, capacity, "a file's contents");
    if (data == NULL) return cor_error();
    file->data = data;
    file->capacity = capacity;
    return COR_OK;
}

static int read_all(int descriptor, const char *path, cor__file *file) {
    for (;;) {
        if (file->size + 1 >= file->capacity && grow(file, path) != COR_OK) return cor_error();
        ssize_t got = read(descriptor, file->data + file->size, file->capacity - file->size - 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(path, "cannot be read");
        if (got == 0) break;
        file->size += (size_t)got;
    }
    file->data[file->size] = '\0';
    return COR_OK;
}

int cor__file_read(const char *path, cor__file *file) {
    *file = (cor__file){0};
    if (cor_error() != COR_OK) return cor_error();
    if (path == NULL) return cor__fail(COR_EVALUE, "the name of a file is NULL");
    bool standard = strcmp(path, "-") == 0;
    int descriptor = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return fail(path, "cannot be opened");
    int code = read_all(descriptor, path, file);
    if (!standard) close(descriptor);
    if (code != COR_OK) cor__file_free(file);
    return code;
}

static int write_all(int descriptor, const char *path, const char *data, size_t size) {
    while (size > 0) {
        ssize_t put = write(descriptor, data, size);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(path, "cannot be written");
        data += put;
        size -= (size_t)put;
    }
    return COR_OK;
}

int cor__file_write(const char *path, const void *data, size_t size) {
    char temporary[4096];
    if (cor_error() != COR_OK) return cor_error();
    if (path == NULL) return cor__fail(COR_EVALUE, "the name of a file is NULL");
    if (strcmp(path, "-") == 0) return write_all(STDOUT_FILENO, "standard output", data, size);
    if (strlen(path) + 32 > sizeof temporary)
        return cor__fail(COR_ELIMIT, "the name of a file is longer than 4000 bytes");
    cor__format(temporary, sizeof temporary, "%s.%ld.part", path, (long)getpid());
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) return fail(path, "cannot be written");
    int code = write_all(descriptor, path, data, size);
    if (code == COR_OK && fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS)
        code = fail(path, "cannot be synced");
    if (close(descriptor) != 0 && code == COR_OK) code = fail(path, "cannot be closed");
    if (code == COR_OK && rename(temporary, path) != 0) code = fail(path, "cannot be renamed");
    if (code != COR_OK) unlink(temporary);
    return code;
}
