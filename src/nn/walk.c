/* walk.c: the named_* walks over a tree of modules. */
#include "base/error.h"
#include "nn/module.h"
#include "ops/op.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_named_options, COR_NAMED_OPTIONS)

/* A walk fills `found`; `seen` is the dict of what came by already, under names made of addresses. */
typedef struct walk {
    cor_dict *found, *seen;
    cor__text path;
    bool recurse, remove_duplicate;
    int kind; /* what to collect: a cor__entry_kind */
    int depth;
} walk;

/* Whether an object comes by for the first time. */
static bool is_new(walk *w, const void *object) {
    char key[32];
    if (!w->remove_duplicate) return true;
    cor__format(key, sizeof key, "%p", object);
    int64_t before = cor_dict_count(w->seen);
    return cor__dict_add(w->seen, key, NULL, NULL) == COR_OK && cor_dict_count(w->seen) > before;
}

static size_t push(walk *w, const char *name) {
    size_t before = w->path.length;
    if (before > 0) cor__text_append(&w->path, ".");
    cor__text_append(&w->path, name);
    return before;
}

static void pop(walk *w, size_t before) {
    w->path.length = before;
    if (w->path.data != NULL) w->path.data[before] = '\0';
}

static const char *path_of(const walk *w) { return w->path.data == NULL ? "" : w->path.data; }

static int collect_entries(walk *w, const cor__module *state) {
    for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
        const cor__entry *entry = &state->entries[i];
        if ((int)entry->kind != w->kind || entry->tensor == NULL || !is_new(w, entry->tensor)) continue;
        size_t before = push(w, entry->name);
        if (!w->path.failed) cor__dict_add(w->found, path_of(w), entry->tensor, NULL);
        pop(w, before);
    }
    return cor_error();
}

static int visit(walk *w, cor_module *m) {
    if (!is_new(w, m)) return cor_error();
    if (w->kind == COR__CHILD) cor__dict_add(w->found, path_of(w), NULL, m);
    else collect_entries(w, cor__state(m));
    if (!w->recurse || cor_error() != COR_OK) return cor_error();
    if (++w->depth > COR__MAX_DEPTH)
        return cor__fail(COR_ELIMIT, "modules are nested more than %d deep", COR__MAX_DEPTH);
    for (int i = 0; i < cor__state(m)->n && cor_error() == COR_OK; i++) {
        const cor__entry *entry = &cor__state(m)->entries[i];
        if (entry->child == NULL) continue;
        size_t before = push(w, entry->name);
        if (!w->path.failed) visit(w, entry->child);
        pop(w, before);
    }
    w->depth--;
    return cor_error();
}

static cor_dict *named(cor_module *m, const cor_named_options *options, int kind, const char *call) {
    cor_named_options room;
    if (!cor__module_ready(m, call) || cor__check_options(options, sizeof room, call) != COR_OK) return NULL;
    const cor_named_options *o = cor_named_options_or_defaults(options, &room);
    cor_scope();
    walk w = {.found = cor_dict_new(),
              .seen = cor_dict_new(),
              .recurse = o->recurse,
              .remove_duplicate = o->remove_duplicate,
              .kind = kind};
    if (w.found != NULL && w.seen != NULL) {
        cor__text_append(&w.path, o->prefix == NULL ? "" : o->prefix);
        if (!w.path.failed) visit(&w, m);
    }
    cor__text_free(&w.path);
    return cor_error() == COR_OK ? cor_dict_keep(w.found) : NULL;
}

cor_dict *cor_named_parameters_with(cor_module *m, const cor_named_options *options) {
    return named(m, options, COR__PARAMETER, "named_parameters");
}
cor_dict *cor_named_buffers_with(cor_module *m, const cor_named_options *options) {
    return named(m, options, COR__BUFFER, "named_buffers");
}
cor_dict *cor_named_modules_with(cor_module *m, const cor_named_options *options) {
    return named(m, options, COR__CHILD, "named_modules");
}

cor_dict *cor_named_children(cor_module *m) {
    if (!cor__module_ready(m, "named_children")) return NULL;
    cor_scope();
    walk w = {.found = cor_dict_new(), .seen = cor_dict_new(), .remove_duplicate = true};
    for (int i = 0; cor_error() == COR_OK && i < cor__state(m)->n; i++) {
        const cor__entry *entry = &cor__state(m)->entries[i];
        if (entry->child != NULL && is_new(&w, entry->child)) cor__dict_add(w.found, entry->name, NULL, entry->child);
    }
    return cor_error() == COR_OK ? cor_dict_keep(w.found) : NULL;
}
