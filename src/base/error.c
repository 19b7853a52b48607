/* error.c: one error a thread, the first one sticks. */
#include "base/error.h"
#include "base/text.h"
#include "base/thread.h"
#include <string.h>

static struct cor_none { char unused; } none;
cor_tensor *const COR_NONE = (cor_tensor *)(void *)&none;

static void keep(cor_error_info *error, int code, const char *place) {
    error->code = code;
    error->operation[0] = error->shapes[0] = error->module[0] = '\0';
    cor__format(error->place, sizeof error->place, "%s", place);
}

int cor__fail_at(const char *file, int line, int code, const char *format, ...) {
    cor_error_info *error = &cor__self()->error;
    if (error->code != COR_OK) return error->code;
    char place[COR_ERROR_NAME];
    cor__format(place, sizeof place, "%s:%d", file, line);
    keep(error, code, place);
    va_list list;
    va_start(list, format);
    cor__format_list(error->text, sizeof error->text, format, list);
    va_end(list);
    return code;
}

int cor_error_set(int code, const char *format, ...) {
    cor_error_info *error = &cor__self()->error;
    if (error->code != COR_OK) return error->code;
    if (code >= 0) return cor__fail(COR_EVALUE, "cor_error_set: the code must be negative, but got %d", code);
    if (format == NULL) return cor__fail(COR_EVALUE, "cor_error_set: the text is NULL");
    keep(error, code, "");
    va_list list;
    va_start(list, format);
    cor__format_list(error->text, sizeof error->text, format, list);
    va_end(list);
    return code;
}

static void fill(char *field, const char *text) {
    if (field[0] == '\0' && text != NULL) cor__format(field, COR_ERROR_NAME, "%s", text);
}

void cor__error_context(const char *operation, const char *shapes, const char *module) {
    cor_error_info *error = &cor__self()->error;
    if (error->code == COR_OK || error->operation[0] != '\0') return;
    fill(error->operation, operation);
    fill(error->shapes, shapes);
    fill(error->module, module);
}

void cor__error_adopt(const cor_error_info *info) {
    cor_error_info *error = &cor__self()->error;
    if (error->code == COR_OK && info != NULL) *error = *info;
}

int cor_error(void) { return cor__self()->error.code; }

const cor_error_info *cor_error_pending(void) {
    const cor_error_info *error = &cor__self()->error;
    return error->code == COR_OK ? NULL : error;
}

const char *cor_error_message(void) {
    const cor_error_info *error = &cor__self()->error;
    return error->code == COR_OK ? "" : error->text;
}

int cor_error_take(cor_error_info *info) {
    cor_error_info *error = &cor__self()->error;
    int code = error->code;
    if (info != NULL) {
        if (code == COR_OK) memset(info, 0, sizeof *info);
        else *info = *error;
    }
    error->code = COR_OK;
    return code;
}

void cor_error_clear(void) { cor__self()->error.code = COR_OK; }

const char *cor_status_name(int code) {
    switch (code) {
    case COR_OK:
        return "ok";
#define COR__STATUS_CASE(status, value, name, text)                                                                    \
    case status:                                                                                                       \
        return name;
        COR_STATUS_LIST(COR__STATUS_CASE)
#undef COR__STATUS_CASE
    default:
        return "unknown";
    }
}

int cor_report(void) {
    cor_error_info error;
    if (cor_error_take(&error) == COR_OK) return 0;
    char line[2 * COR_ERROR_TEXT];
    bool operation = error.operation[0] != '\0', module = error.module[0] != '\0', shapes = error.shapes[0] != '\0';
    cor__format(line, sizeof line, "error: %s%s%s%s%s%s%s%s\n", error.text, operation || module ? " [" : "",
                error.operation,
                operation && module ? " in "
                : module            ? "in "
                                    : "",
                error.module, shapes ? " of " : "", error.shapes, operation || module ? "]" : "");
    (void)cor__write_err(line, strlen(line));
    return 1;
}

const char *cor_version(void) { return COR_VERSION; }
