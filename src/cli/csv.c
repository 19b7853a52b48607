/* csv.c: a table of numbers that grows by a row an epoch. */
#include "cli/csv.h"
#include "base/error.h"
#include "base/text.h"
#include "io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const csv_log *log, const char *what) {
    return cor__fail(COR_EIO, "%s: %s: %s", log->path, what, strerror(errno));
}

/* A name in quotes when it needs them, quotes inside doubled. */
static void append_name(cor__text *line, const char *name) {
    bool quoted = strpbrk(name, ",\"\r\n") != NULL;
    if (quoted) cor__text_append(line, "\"");
    for (; *name != '\0'; name++) {
        if (*name == '"') cor__text_append(line, "\"");
        cor__text_append_n(line, name, 1);
    }
    if (quoted) cor__text_append(line, "\"");
}

static void append_number(cor__text *line, double value) {
    if (fabs(value) < 0x1p53 && value == floor(value)) cor__text_format(line, "%lld", (long long)value);
    else cor__text_double(line, value);
}

/* A row that does not fit on the disk is taken off again. */
static int append(csv_log *log, const cor__text *line) {
    off_t before = lseek(log->descriptor, 0, SEEK_END);
    if (line->failed) return cor_error();
    int code = cor__file_write_all(log->descriptor, log->path, line->data, line->length);
    if (code != COR_OK && ftruncate(log->descriptor, before) != 0) fail(log, "cannot be cut");
    return code;
}

static int cut(const csv_log *log, size_t size) {
    return ftruncate(log->descriptor, (off_t)size) != 0 ? fail(log, "cannot be cut") : COR_OK;
}

/* Compares the first line with the header, and cuts after the last whole line; a header cut short is written anew. */
static int check_contents(csv_log *log, const cor__file *file, const cor__text *header) {
    const char *text = (const char *)file->data;
    size_t common = file->size < header->length ? file->size : header->length, whole = file->size;
    if (memcmp(text, header->data, common) != 0)
        return cor__fail(COR_EFORMAT, "%s: expected the columns %.*s, found %.*s", log->path, (int)header->length - 1,
                         header->data, (int)strcspn(text, "\n"), text);
    if (common < header->length) return cut(log, 0) == COR_OK ? append(log, header) : cor_error();
    while (text[whole - 1] != '\n') whole--;
    return whole < file->size ? cut(log, whole) : COR_OK;
}

static int begin(csv_log *log, const cor__text *header) {
    struct stat status;
    if (fstat(log->descriptor, &status) != 0) return fail(log, "cannot be read");
    if (status.st_size == 0) return append(log, header);
    cor__file file;
    int code = cor__file_read(log->path, &file);
    if (code == COR_OK) code = check_contents(log, &file, header);
    cor__file_free(&file);
    return code;
}

int csv_open(csv_log *log, const char *path, const char *const *names, int columns) {
    cor__text header = {0};
    if (cor_error() != COR_OK) return cor_error();
    *log = (csv_log){.path = path, .columns = columns};
    log->descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (log->descriptor < 0) return fail(log, "cannot be opened");
    for (int i = 0; i < columns; i++) {
        if (i > 0) cor__text_append(&header, ",");
        append_name(&header, names[i]);
    }
    cor__text_append(&header, "\n");
    int code = header.failed ? cor_error() : begin(log, &header);
    cor__text_free(&header);
    if (code != COR_OK) close(log->descriptor);
    return code;
}

int csv_row(csv_log *log, const double *values) {
    cor__text line = {0};
    for (int i = 0; i < log->columns; i++) {
        if (i > 0) cor__text_append(&line, ",");
        append_number(&line, values[i]);
    }
    cor__text_append(&line, "\n");
    int code = append(log, &line);
    cor__text_free(&line);
    return code;
}

int csv_close(csv_log *log) { return close(log->descriptor) != 0 ? fail(log, "cannot be closed") : COR_OK; }
