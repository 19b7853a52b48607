/* events.c: event files and their records. */
#include "io/events.h"
#include "base/error.h"
#include "base/memory.h"
#include "io/file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BEFORE = 12, AFTER = 4 }; /* bytes of a record around its event */

static int fail(const char *path, const char *what) {
    return cor__fail(COR_EIO, "%s: %s: %s", path, what, strerror(errno));
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- records ---------------------------------------------------------------------------------------------------- */

void cor__event_begin(cor__text *record, double walltime, int64_t step) {
    *record = (cor__text){0};
    cor__text_repeat(record, '\0', BEFORE);
    cor__proto_double(record, 1, walltime == 0 ? now() : walltime);
    cor__proto_int(record, 2, step);
}

static void put(char *at, uint64_t value, int size) {
    for (int i = 0; i < size; i++) at[i] = (char)(value >> 8 * i);
}

/* Length, its checksum, the event, its checksum. */
static void frame(cor__text *record) {
    size_t n = record->length - BEFORE;
    char after[AFTER];
    put(after, cor__crc32c_masked(record->data + BEFORE, n), AFTER);
    put(record->data, n, 8);
    put(record->data + 8, cor__crc32c_masked(record->data, 8), 4);
    cor__text_append_n(record, after, AFTER);
}

/* What is left of a record that could not be written whole is cut off, so that the file stays one of whole records. */
static int append(cor__events *events, const cor__text *record) {
    int code = cor__file_write_all(events->descriptor, events->path, record->data, record->length);
    if (code == COR_OK) events->size += (int64_t)record->length;
    else if (ftruncate(events->descriptor, events->size) != 0) fail(events->path, "cannot be cut");
    return code;
}

int cor__events_append(cor__events *events, cor__text *record) {
    if (!record->failed && cor_error() == COR_OK) frame(record);
    int code = record->failed || cor_error() != COR_OK ? cor_error() : append(events, record);
    cor__text_free(record);
    return code;
}

void cor__value_begin(cor__value *v, const char *tag, double walltime, int64_t step) {
    cor__event_begin(&v->record, walltime, step);
    v->summary = cor__proto_open(&v->record, COR__EVENT_SUMMARY);
    v->value = cor__proto_open(&v->record, 1);
    cor__proto_string(&v->record, COR__VALUE_TAG, tag);
}

int cor__value_end(cor__value *v, cor__events *events) {
    cor__proto_close(&v->record, v->value);
    cor__proto_close(&v->record, v->summary);
    return cor__events_append(events, &v->record);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

/* Makes a folder and those it lies in. */
static int make_folder(const char *folder) {
    char path[COR__FILE_NAME];
    if (strlen(folder) >= sizeof path) return cor__fail(COR_ELIMIT, "the name of a folder is longer than 4000 bytes");
    cor__format(path, sizeof path, "%s", folder);
    for (char *at = path + 1; path[0] != '\0'; at++) {
        if (*at != '/' && *at != '\0') continue;
        const char separator = *at;
        *at = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST) return fail(path, "cannot be made");
        if ((*at = separator) == '\0') break;
    }
    return COR_OK;
}

/* The name has no / but those of the folder. */
static char *name_file(const char *folder) {
    static _Atomic int number;
    char host[256] = "";
    cor__text path = {0};
    if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0') strcpy(host, "localhost");
    for (char *at = host; *at != '\0'; at++)
        if (*at == '/') *at = '_';
    cor__text_format(&path, "%s/events.out.tfevents.%010lld.%s.%ld.%d", folder, (long long)now(), host, (long)getpid(),
                     number++);
    char *copy = path.failed ? NULL : cor__copy_text(path.data, "the name of a file");
    cor__text_free(&path);
    return copy;
}

static int put_version(cor__events *events) {
    cor__text record;
    cor__event_begin(&record, 0, 0);
    cor__proto_string(&record, COR__EVENT_VERSION, "brain.Event:2");
    return cor__events_append(events, &record);
}

int cor__events_open(cor__events *events, const char *folder) {
    *events = (cor__events){.descriptor = -1};
    if (make_folder(folder) != COR_OK || (events->path = name_file(folder)) == NULL) return cor_error();
    events->descriptor = open(events->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    int code = events->descriptor < 0 ? fail(events->path, "cannot be made") : put_version(events);
    if (code == COR_OK) return COR_OK;
    if (events->descriptor >= 0) unlink(events->path);
    return cor__events_close(events, code);
}

int cor__events_sync(cor__events *events) {
    if (fsync(events->descriptor) != 0 && errno != EINVAL && errno != EROFS)
        return fail(events->path, "cannot be synced");
    return COR_OK;
}

int cor__events_close(cor__events *events, int code) {
    if (events->descriptor >= 0 && close(events->descriptor) != 0 && code == COR_OK)
        code = fail(events->path, "cannot be closed");
    cor__free_text(events->path);
    *events = (cor__events){.descriptor = -1};
    return code;
}
