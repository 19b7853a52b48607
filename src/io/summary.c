/* summary.c: the writer of event files, its scalars and texts. */
#include "base/error.h"
#include "base/memory.h"
#include "io/events.h"
#include "ops/op.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_summary_options, COR_SUMMARY_OPTIONS)

/* ---- the writer ------------------------------------------------------------------------------------------------- */

static int close_all(cor_summary_writer *w) {
    int code = COR_OK;
    if (w->closed) return COR_OK;
    w->closed = true;
    for (int64_t i = 0; i < w->n; i++) {
        code = cor__events_close(&w->charts[i].events, code);
        cor__free_text(w->charts[i].folder);
    }
    cor__free(w->charts, (size_t)w->capacity * sizeof *w->charts);
    return cor__events_close(&w->events, code);
}

static void destroy(cor__object *object) {
    cor_summary_writer *w = (cor_summary_writer *)object;
    close_all(w);
    cor__free_text(w->folder);
    cor__free(w, sizeof *w);
}

static const cor__class writer_class = {"summary writer", destroy};

cor_summary_writer *cor_summary_writer_new(const char *logdir) {
    if (cor_error() != COR_OK) return NULL;
    if (logdir == NULL || *logdir == '\0')
        return cor__fail_null(COR_EVALUE, "the name of a folder is %s", logdir == NULL ? "NULL" : "empty");
    cor_scope();
    cor_summary_writer *w = cor__alloc_zero(sizeof *w, "a summary writer");
    if (w == NULL) return NULL;
    w->closed = true;
    cor__object_init(&w->object, &writer_class);
    cor__scope_add(w);
    if ((w->folder = cor__copy_text(logdir, "the name of a folder")) == NULL) return NULL;
    if (cor__events_open(&w->events, logdir) != COR_OK) return NULL;
    w->closed = false;
    return cor_summary_writer_keep(w);
}

cor_summary_writer *cor_summary_writer_retain(cor_summary_writer *w) { return w == NULL ? NULL : cor__retain(w); }
void cor_summary_writer_release(cor_summary_writer *w) { cor__release(w); }
cor_summary_writer *cor_summary_writer_take(cor_summary_writer *w) { return cor__scope_take(w); }
cor_summary_writer *cor_summary_writer_keep(cor_summary_writer *w) { return cor__scope_keep(w); }

int cor__summary_check(const cor_summary_writer *w, const char *tag, const void *value) {
    if (cor_error() != COR_OK) return cor_error();
    if (w == NULL || tag == NULL || value == NULL)
        return cor__fail(COR_EVALUE, "summary: the %s is NULL", w == NULL ? "writer" : tag == NULL ? "tag" : "value");
    return w->closed ? cor__fail(COR_ESTATE, "summary: the writer of %s is closed", w->folder) : COR_OK;
}

int cor_summary_writer_flush(cor_summary_writer *w) {
    if (cor__summary_check(w, "", "") != COR_OK) return cor_error();
    int code = cor__events_sync(&w->events);
    for (int64_t i = 0; i < w->n && code == COR_OK; i++) code = cor__events_sync(&w->charts[i].events);
    return code;
}

int cor_summary_writer_close(cor_summary_writer *w) {
    if (cor_error() != COR_OK && w != NULL) close_all(w);
    if (cor_error() == COR_OK && w != NULL && w->closed) return COR_OK;
    if (cor__summary_check(w, "", "") != COR_OK) return cor_error();
    int code = cor_summary_writer_flush(w), closed = close_all(w);
    return code != COR_OK ? code : closed;
}

/* ---- scalars ---------------------------------------------------------------------------------------------------- */

static int add_scalar(cor__events *events, const char *tag, double value, int64_t step, double walltime) {
    cor__value v;
    cor__value_begin(&v, tag, walltime, step);
    cor__proto_float(&v.record, COR__VALUE_SCALAR, (float)value);
    return cor__value_end(&v, events);
}

int cor_summary_add_scalar_with(cor_summary_writer *w, const char *tag, double value, int64_t step,
                                const cor_summary_options *options) {
    cor_summary_options room;
    if (cor__summary_check(w, tag, "") != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof room, "add_scalar") != COR_OK) return cor_error();
    const cor_summary_options *o = cor_summary_options_or_defaults(options, &room);
    return add_scalar(&w->events, tag, value, step, o->walltime);
}

/* FOLDER/MAIN_TAG, the main tag without the / that would make folders. */
static char *chart_folder(const cor_summary_writer *w, const char *main_tag, const char *tag) {
    cor__text path = {0};
    cor__text_format(&path, "%s/", w->folder);
    for (; *main_tag != '\0'; main_tag++) cor__text_append_n(&path, *main_tag == '/' ? "_" : main_tag, 1);
    cor__text_format(&path, "_%s", tag);
    char *copy = path.failed ? NULL : cor__copy_text(path.data, "the name of a folder");
    cor__text_free(&path);
    return copy;
}

static int grow(cor_summary_writer *w) {
    const size_t size = sizeof *w->charts;
    int64_t capacity = w->capacity == 0 ? 4 : 2 * w->capacity;
    void *charts = cor__realloc(w->charts, (size_t)w->capacity * size, (size_t)capacity * size, "a writer's charts");
    if (charts == NULL) return cor_error();
    w->charts = charts;
    w->capacity = capacity;
    return COR_OK;
}

/* The file in a folder, which takes over the folder's name; NULL with an error pending. */
static cor__events *chart(cor_summary_writer *w, char *folder) {
    for (int64_t i = 0; i < w->n; i++) {
        if (strcmp(w->charts[i].folder, folder) != 0) continue;
        cor__free_text(folder);
        return &w->charts[i].events;
    }
    struct cor__chart *new = NULL;
    if (w->n < w->capacity || grow(w) == COR_OK) new = &w->charts[w->n];
    if (new == NULL || cor__events_open(&new->events, folder) != COR_OK) {
        cor__free_text(folder);
        return NULL;
    }
    new->folder = folder;
    w->n++;
    return &new->events;
}

int cor_summary_add_scalars_with(cor_summary_writer *w, const char *main_tag, const char *const *tags,
                                 const double *values, int64_t n, int64_t step, const cor_summary_options *options) {
    cor_summary_options room;
    if (cor__summary_check(w, main_tag, tags == NULL ? NULL : values) != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof room, "add_scalars") != COR_OK) return cor_error();
    const cor_summary_options *o = cor_summary_options_or_defaults(options, &room);
    for (int64_t i = 0; i < n; i++) {
        if (tags[i] == NULL) return cor__fail(COR_EVALUE, "summary: tag %lld is NULL", (long long)i);
        char *folder = chart_folder(w, main_tag, tags[i]);
        cor__events *events = folder == NULL ? NULL : chart(w, folder);
        if (events == NULL || add_scalar(events, main_tag, values[i], step, o->walltime) != COR_OK) return cor_error();
    }
    return COR_OK;
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

/* A tensor of one string, and the plugin that shows it. */
static void put_text(cor__text *record, const char *text) {
    enum { STRINGS = 7 }; /* DT_STRING */
    size_t tensor = cor__proto_open(record, COR__VALUE_TENSOR);
    cor__proto_int(record, 1, STRINGS);
    size_t shape = cor__proto_open(record, 2), size = cor__proto_open(record, 2);
    cor__proto_int(record, 1, 1);
    cor__proto_close(record, size);
    cor__proto_close(record, shape);
    size_t string = cor__proto_open(record, 8);
    cor__text_append(record, text);
    cor__proto_close(record, string);
    cor__proto_close(record, tensor);
    size_t metadata = cor__proto_open(record, COR__VALUE_METADATA), plugin = cor__proto_open(record, 1);
    cor__proto_string(record, 1, "text");
    cor__proto_close(record, plugin);
    cor__proto_close(record, metadata);
}

int cor_summary_add_text_with(cor_summary_writer *w, const char *tag, const char *text, int64_t step,
                              const cor_summary_options *options) {
    cor_summary_options room;
    if (cor__summary_check(w, tag, text) != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof room, "add_text") != COR_OK) return cor_error();
    const cor_summary_options *o = cor_summary_options_or_defaults(options, &room);
    cor__text full = {0};
    cor__text_format(&full, "%s/text_summary", tag);
    if (full.failed) return cor_error();
    cor__value v;
    cor__value_begin(&v, full.data, o->walltime, step);
    cor__text_free(&full);
    put_text(&v.record, text);
    return cor__value_end(&v, &w->events);
}
