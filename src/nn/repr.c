/* repr.c: a module as PyTorch prints it. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "nn/module.h"
#include <string.h>

enum { EXTRA = 4096 }; /* bytes of an extra_repr */

static void write_module(cor__text *text, cor_module *m, int64_t indent);

/* Text with every line after the first moved right. */
static void write_lines(cor__text *text, const char *lines, int64_t indent) {
    for (const char *end; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
        cor__text_append_n(text, lines, (size_t)(end - lines + 1));
        cor__text_repeat(text, ' ', indent);
    }
    cor__text_append(text, lines);
}

static void new_line(cor__text *text, int64_t indent) {
    cor__text_append(text, "\n");
    cor__text_repeat(text, ' ', indent);
}

static void write_child(cor__text *text, const cor__entry *entry, int64_t indent) {
    new_line(text, indent);
    cor__text_format(text, "(%s): ", entry->name);
    if (entry->child == NULL) cor__text_append(text, "None");
    else write_module(text, entry->child, indent);
}

/* A child's text; "None" for an empty entry. */
static char *child_text(const cor__entry *entry) {
    return entry->child == NULL ? cor__copy_text("None", "a module's text") : cor_module_repr(entry->child);
}

/* ModuleList: runs of equal children are written once, "(0-2): 3 x Linear(...)". */
static void write_list(cor__text *text, const cor__module *state, int64_t indent) {
    for (int i = 0; i < state->n && !text->failed;) {
        char *first = child_text(&state->entries[i]), *other;
        int run = 1;
        for (bool same = true; first != NULL && i + run < state->n; run++) {
            other = child_text(&state->entries[i + run]);
            same = other != NULL && strcmp(first, other) == 0;
            cor__free_text(other);
            if (!same) break;
        }
        if (first == NULL) {
            text->failed = true;
            return;
        }
        new_line(text, indent);
        if (run == 1) cor__text_format(text, "(%d): ", i);
        else cor__text_format(text, "(%d-%d): %d x ", i, i + run - 1, run);
        write_lines(text, first, indent);
        cor__free_text(first);
        i += run;
    }
}

static void write_children(cor__text *text, const cor__module *state, int64_t indent) {
    if (state->kind == COR__MODULE_LIST) {
        write_list(text, state, indent);
        return;
    }
    for (int i = 0; i < state->n; i++)
        if (state->entries[i].kind == COR__CHILD) write_child(text, &state->entries[i], indent);
}

static bool has_children(const cor__module *state) {
    for (int i = 0; i < state->n; i++)
        if (state->entries[i].kind == COR__CHILD) return true;
    return false;
}

static void write_module(cor__text *text, cor_module *m, int64_t indent) {
    const cor__module *state = cor__state(m);
    char extra[EXTRA] = "";
    if (state->extra_repr != NULL) state->extra_repr(m, extra, sizeof extra);
    if (cor_error() != COR_OK) text->failed = true;
    bool children = has_children(state);
    cor__text_format(text, "%s(", state->name);
    if (!children && strchr(extra, '\n') == NULL) {
        cor__text_format(text, "%s)", extra);
        return;
    }
    if (extra[0] != '\0') {
        new_line(text, indent + 2);
        write_lines(text, extra, indent + 2);
    }
    write_children(text, state, indent + 2);
    new_line(text, indent);
    cor__text_append(text, ")");
}

char *cor_module_repr(cor_module *m) {
    if (!cor__module_ready(m, "repr")) return NULL;
    cor__text text = {0};
    write_module(&text, m, 0);
    char *result = text.failed ? NULL : cor__copy_text(text.data, "a module's text");
    cor__text_free(&text);
    return result;
}

int cor_print_module_with(cor_module *m) {
    char *text = cor_module_repr(m);
    if (text == NULL) {
        int code = cor_error();
        (void)cor_report();
        return code;
    }
    int code = cor__write_out(text, strlen(text));
    if (code == COR_OK) code = cor__write_out("\n", 1);
    cor__free_text(text);
    return code;
}
