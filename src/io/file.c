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

int cor__file_read_exactly(int descriptor, const char *path, void *data, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t got = read(descriptor, (char *)data + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(path, "cannot be read");
        if (got == 0) return cor__fail(COR_EFORMAT, "%s: ends %zu bytes early", path, size - done);
        done += (size_t)got;
    }
    return COR_OK;
}

int cor__file_write_all(int descriptor, const char *path, const void *data, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t put = write(descriptor, (const char *)data + done, size - done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(path, "cannot be written");
        done += (size_t)put;
    }
    return COR_OK;
}

/* ---- files in the making ---------------------------------------------------------------------------------------- */

static bool is_standard(const cor__new_file *file) { return file->descriptor == STDOUT_FILENO; }

int cor__new_file_open(cor__new_file *file, const char *path) {
    static _Atomic int number;
    if (cor_error() != COR_OK) return cor_error();
    if (path == NULL) return cor__fail(COR_EVALUE, "the name of a file is NULL");
    file->path = path;
    file->descriptor = STDOUT_FILENO;
    if (strcmp(path, "-") == 0) return COR_OK;
    if (strlen(path) + 48 > sizeof file->temporary)
        return cor__fail(COR_ELIMIT, "the name of a file is longer than 4000 bytes");
    do { /* a file of the same name is what a process of the same number left when it was killed */
        cor__format(file->temporary, sizeof file->temporary, "%s.%ld-%d.part", path, (long)getpid(), number++);
        file->descriptor = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (file->descriptor < 0 && errno == EEXIST);
    return file->descriptor < 0 ? fail(path, "cannot be written") : COR_OK;
}

int cor__new_file_write(cor__new_file *file, const void *data, size_t size) {
    return cor__file_write_all(file->descriptor, is_standard(file) ? "standard output" : file->path, data, size);
}

/* Some file systems cannot sync. */
static bool sync_failed(int descriptor) { return fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS; }

/* The name is in its folder for good once the folder is synced; one that may not be read cannot be. */
static int sync_folder(const char *path) {
    char folder[COR__FILE_NAME];
    const char *slash = strrchr(path, '/');
    int length = slash == NULL ? 0 : slash == path ? 1 : (int)(slash - path);
    cor__format(folder, sizeof folder, "%.*s", length, path);
    int descriptor = open(length == 0 ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno == EACCES ? COR_OK : fail(path, "its folder cannot be synced");
    int code = sync_failed(descriptor) ? fail(path, "its folder cannot be synced") : COR_OK;
    close(descriptor);
    return code;
}

int cor__new_file_close(cor__new_file *file, int code) {
    if (is_standard(file)) return code;
    if (code == COR_OK && sync_failed(file->descriptor)) code = fail(file->path, "cannot be synced");
    if (close(file->descriptor) != 0 && code == COR_OK) code = fail(file->path, "cannot be closed");
    if (code == COR_OK && rename(file->temporary, file->path) != 0) code = fail(file->path, "cannot be renamed");
    if (code == COR_OK) return sync_folder(file->path);
    unlink(file->temporary);
    return code;
}

int cor__file_write(const char *path, const void *data, size_t size) {
    cor__new_file file;
    int code = cor__new_file_open(&file, path);
    if (code != COR_OK) return code;
    return cor__new_file_close(&file, cor__new_file_write(&file, data, size));
}
