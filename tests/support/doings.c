/* doings.c: runs the statements of module_errors.txt. */
#include "support/doings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

bool doings_is(const char *notation, const char *name) {
    size_t length = strlen(name);
    return strncmp(notation, name, length) == 0 && notation[length] == '(';
}

static bool is_for(const doing *row, const char *module, const char *python) {
    if (strcmp(row->python, python) != 0) return false;
    return row->module == NULL || strcmp(row->module, module) == 0 || doings_is(module, row->module);
}

static const doing *find(const doing *rows, int n, const golden_record *record) {
    for (int i = 0; i < n; i++)
        if (is_for(&rows[i], golden_get(record, "module"), golden_get(record, "do"))) return &rows[i];
    return NULL;
}

/* KeyError shows its text as Python's repr: 'can\'t' is can't. */
static void unquote(const char *quoted, char *plain) {
    for (const char *end = quoted + strlen(quoted) - 1, *c = quoted + 1; c < end; c++) {
        if (*c == '\\') c++;
        *plain++ = *c;
    }
    *plain = '\0';
}

static void check_error(const golden_record *record) {
    char plain[DOING_TEXT] = "";
    const char *message = cor_error_message();
    if (cor_error() == COR_OK) fail_msg("record %d: %s is accepted", record->number, golden_get(record, "do"));
    if (strcmp(golden_get(record, "error"), "KeyError") == 0) unquote(record->text, plain);
    if (strcmp(message, record->text) != 0 && strcmp(message, plain) != 0)
        fail_msg("record %d: expected\n%s\ngot\n%s", record->number, record->text, message);
    cor_error_clear();
}

static void check(const golden_record *record, const doing *row, cor_module *(*make)(const char *)) {
    char out[DOING_TEXT] = "";
    cor_scope();
    cor_module *m = make(golden_get(record, "module"));
    if (m == NULL) fail_msg("record %d: %s", record->number, cor_error_message());
    row->run(m, row, out);
    if (golden_get(record, "error") != NULL) {
        check_error(record);
        return;
    }
    if (cor_error() != COR_OK) fail_msg("record %d: %s", record->number, cor_error_message());
    if (strcmp(out, record->text) != 0) fail_msg("record %d: expected\n%s\ngot\n%s", record->number, record->text, out);
}

int doings_check(golden_file *file, const doing *rows, int n, bool (*wants)(const golden_record *record),
                 cor_module *(*make)(const char *notation)) {
    golden_record record;
    int checked = 0, passed_over = 0;
    while (golden_next(file, &record) == 1) {
        if (golden_get(&record, "do") == NULL || !wants(&record)) continue;
        const doing *row = find(rows, n, &record);
        if (row == NULL) fail_msg("record %d: no row for %s", record.number, golden_get(&record, "do"));
        if (row->run != NULL) {
            check(&record, row, make);
            checked++;
        } else {
            printf("passed over: record %d, %s: %s\n", record.number, row->python, row->name);
            passed_over++;
        }
    }
    golden_close(file);
    printf("%d statements, %d passed over\n", checked, passed_over);
    return checked;
}

static void show(char out[DOING_TEXT], char *text) {
    if (text != NULL) snprintf(out, DOING_TEXT, "%s", text);
    cor_free_text(text);
}

void doings_show_module(char out[DOING_TEXT], cor_module *m) { show(out, cor_module_repr(m)); }

void doings_show_tensor(char out[DOING_TEXT], cor_tensor *t) {
    if (t == NULL || t == COR_NONE) snprintf(out, DOING_TEXT, "None");
    else show(out, cor_repr(t, NULL));
}

void doings_show_names(char out[DOING_TEXT], const cor_dict *d) {
    int used = snprintf(out, DOING_TEXT, "[");
    for (int64_t i = 0; i < cor_dict_count(d); i++)
        used += snprintf(out + used, (size_t)(DOING_TEXT - used), "%s'%s'", i > 0 ? ", " : "", cor_dict_name_at(d, i));
    snprintf(out + used, (size_t)(DOING_TEXT - used), "]");
}
