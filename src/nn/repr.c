/* repr.c: a module as PyTorch prints it. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "nn/module.h"
#include <string.h>

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

/* The first child from entry i on; state->n if there is none. */
static int next_child(const cor__module *state, int i) {
    while (i < state->n && state->entries[i].kind != COR__CHILD) i++;
    return i;
}

static bool has_text(const cor__entry *entry, const char *text) {
    char *own = child_text(entry);
    bool same = own != NULL && strcmp(own, text) == 0;
    cor__free_text(own);
    return same;
}

/* ModuleList: runs of equal children are written once, "(0-2): 3 x Linear(...)". */
static void write_list(cor__text *text, const cor__module *state, int64_t indent) {
    int at = 0, run;
    for (int i = next_child(state, 0); i < state->n && !text->failed; at += run) {
        char *first = child_text(&state->entries[i]);
        if (first == NULL) {
            text->failed = true;
            return;
        }
        run = 1;
        while ((i = next_child(state, i + 1)) < state->n && has_text(&state->entries[i], first)) run++;
        new_line(text, indent);
        if (run == 1) cor__text_format(text, "(%d): ", at);
        else cor__text_format(text, "(%d-%d): %d x ", at, at + run - 1, run);
        write_lines(text, first, indent);
        cor__free_text(first);
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

/* A module's extra_repr as long as it is, freed with cor__free_text; NULL with an error pending. */
static char *extra_text(cor_module *m) {
    char some[256] = "";
    const cor_extra_repr extra_repr = cor__state(m)->extra_repr;
    const int length = extra_repr == NULL ? 0 : extra_repr(m, some, sizeof some);
    if (cor_error() != COR_OK) return NULL;
    if (length < (int)sizeof some) return cor__copy_text(some, "an extra_repr");
    cor__text text = {0};
    cor__text_repeat(&text, ' ', length);
    if (!text.failed) extra_repr(m, text.data, (size_t)length + 1);
    char *all = text.failed || cor_error() != COR_OK ? NULL : cor__copy_text(text.data, "an extra_repr");
    cor__text_free(&text);
    return all;
}

static void write_module(cor__text *text, cor_module *m, int64_t indent) {
    const cor__module *state = cor__state(m);
    char *extra = extra_text(m);
    if (extra == NULL) {
        text->failed = true;
        return;
    }
    bool children = has_children(state);
    cor__text_format(text, "%s(", state->name);
    if (!children && strchr(extra, '\n') == NULL) {
        cor__text_format(text, "%s)", extra);
        cor__free_text(extra);
        return;
    }
    if (extra[0] != '\0') {
        new_line(text, indent + 2);
        write_lines(text, extra, indent + 2);
    }
    cor__free_text(extra);
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
