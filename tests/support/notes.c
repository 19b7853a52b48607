/* notes.c: the notes of scenarios. */
#include "support/notes.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char notes[1 << 15];

static void add(const char *format, ...) COR_PRINTF(1, 2);
static void add(const char *format, ...) {
    va_list list;
    const size_t used = strlen(notes);
    va_start(list, format);
    vsnprintf(notes + used, sizeof notes - used, format, list);
    va_end(list);
}

void note(const char *format, ...) {
    char line[4096];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    add("%s%s", notes[0] == '\0' ? "" : "\n", line);
}

void note_outcome(void) {
    if (cor_error() == COR_OK) note("done");
    else note("error %s", cor_error_message());
    cor_error_clear();
}

static void add_values(cor_tensor *t) {
    cor_no_grad();
    cor_tensor *values = cor_contiguous(cor_to(cor_detach(t), COR_FLOAT64));
    const double *v = cor_data_const(values);
    for (int64_t i = 0; v != NULL && i < cor_numel(values); i++) add(" %g", v[i]);
}

void show(const char *name, cor_tensor *t) {
    cor_scope();
    if (cor_error() != COR_OK) return;
    if (t == NULL) {
        note("%s none", name);
        return;
    }
    note("%s %s [", name, cor_dtype_name(cor_dtype_of(t)));
    for (int d = 0; d < cor_dim(t); d++) add("%s%lld", d > 0 ? "," : "", (long long)cor_size(t, d));
    add("]");
    add_values(t);
    const char *history = cor_grad_fn(t);
    if (history != NULL) add(" %s", history);
    else if (cor_requires_grad(t)) add(" leaf");
}

/* The line where two texts begin to differ. */
static int first_difference(const char *a, const char *b, const char **line_a, const char **line_b) {
    size_t start = 0;
    for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
        if (a[i] == '\n') start = i + 1;
    *line_a = a + start;
    *line_b = b + start;
    return (int)strcspn(a + start, "\n");
}

static void check(const golden_record *record, const notes_scenario *scenario) {
    cor_scope();
    notes[0] = '\0';
    scenario->run();
    if (cor_error() != COR_OK) fail_msg("%s: %s\nafter\n%s", record->name, cor_error_message(), notes);
    if (strcmp(notes, record->text) == 0) return;
    const char *expected, *found;
    const int length = first_difference(record->text, notes, &expected, &found);
    fail_msg("%s: expected\n%.*s\ngot\n%.*s", record->name, length, expected, (int)strcspn(found, "\n"), found);
}

void notes_check_in(const char *source_folder, const char *subject, const notes_scenario *scenarios, int n) {
    golden_file *file = golden_open_in(source_folder, "autograd.txt");
    golden_record record;
    int checked = 0;
    assert_non_null(file);
    while (golden_next(file, &record) == 1) {
        if (strcmp(golden_get(&record, "subject"), subject) != 0) continue;
        int i = 0;
        while (i < n && strcmp(scenarios[i].name, record.name) != 0) i++;
        if (i == n) fail_msg("%s: there is no such scenario", record.name);
        else check(&record, &scenarios[i]);
        checked++;
    }
    golden_close(file);
    printf("%d scenarios\n", checked);
    assert_int_equal(checked, n);
}

cor_tensor *notes_tensor(const double *values, int64_t n) {
    return cor_to(cor_from_pointer(values, COR_FLOAT64, &n, 1), COR_FLOAT32);
}

cor_tensor *leaf_in(cor_dtype dtype, cor_tensor *t) { return cor_requires_grad_(cor_to(cor_detach(t), dtype), true); }
