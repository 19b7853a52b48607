/* state_dict.c: a module's tensors out under their names, and in again. */
#include "base/error.h"
#include "base/text.h"
#include "nn/module.h"
#include "ops/op.h"
#include "tensor/iterate.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_state_dict_options, COR_STATE_DICT_OPTIONS)
COR__DEFINE_OPTIONS(cor_load_options, COR_LOAD_OPTIONS)

static bool is_state(const cor__entry *entry) {
    return entry->tensor != NULL &&
           (entry->kind == COR__PARAMETER || (entry->kind == COR__BUFFER && entry->persistent));
}

/* ---- out -------------------------------------------------------------------------------------------------------- */

/* A module's metadata goes under its path without the last dot. */
static void set_version(cor_dict *d, const char *prefix, int64_t version) {
    char path[COR__PATH];
    size_t length = strlen(prefix);
    cor__format(path, sizeof path, "%.*s", (int)(length > 0 && prefix[length - 1] == '.' ? length - 1 : length),
                prefix);
    cor_dict_set_version(d, path, version);
}

static void put_entries(cor_dict *d, const cor__module *state, cor__text *path, cor__entry_kind kind, bool keep_vars) {
    size_t prefix = path->length;
    for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
        const cor__entry *entry = &state->entries[i];
        if (entry->kind != kind || !is_state(entry)) continue;
        cor_scope();
        cor__text_append(path, entry->name);
        if (!path->failed) cor_dict_set(d, path->data, keep_vars ? entry->tensor : cor_detach(entry->tensor));
        path->length = prefix;
        if (path->data != NULL) path->data[prefix] = '\0';
    }
}

static void save(cor_dict *d, const cor_module *m, cor__text *path, bool keep_vars) {
    const cor__module *state = cor__state(m);
    size_t prefix = path->length;
    set_version(d, path->data == NULL ? "" : path->data, state->version);
    put_entries(d, state, path, COR__PARAMETER, keep_vars);
    put_entries(d, state, path, COR__BUFFER, keep_vars);
    for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
        if (state->entries[i].child == NULL) continue;
        cor__text_format(path, "%s.", state->entries[i].name);
        if (!path->failed) save(d, state->entries[i].child, path, keep_vars);
        path->length = prefix;
        if (path->data != NULL) path->data[prefix] = '\0';
    }
}

cor_dict *cor_state_dict_with(cor_module *m, const cor_state_dict_options *options) {
    cor_state_dict_options room;
    if (!cor__module_ready(m, "state_dict") || cor__check_options(options, sizeof room, "state_dict") != COR_OK)
        return NULL;
    const cor_state_dict_options *o = cor_state_dict_options_or_defaults(options, &room);
    cor_scope();
    cor__text path = {0};
    cor_dict *d = cor_dict_new();
    cor__text_append(&path, o->prefix == NULL ? "" : o->prefix);
    if (d != NULL && !path.failed) save(d, m, &path, o->keep_vars);
    cor__text_free(&path);
    return cor_error() == COR_OK ? cor_dict_keep(d) : NULL;
}

/* ---- in --------------------------------------------------------------------------------------------------------- */

typedef struct load {
    cor_dict *dict, *missing, *unexpected;
    cor__text path, problems; /* the dotted prefix; what is wrong beside names, each "\n\t..." */
    bool assign;
} load;

static void tensor_problem(load *l, const char *name, const cor_tensor *ours, const cor_tensor *theirs) {
    cor__text_format(&l->problems, "\n\tsize mismatch for %s: copying a param with shape torch.Size(", name);
    cor__text_sizes(&l->problems, theirs->sizes, theirs->ndim);
    cor__text_append(&l->problems, ") from checkpoint, the shape in current model is torch.Size(");
    cor__text_sizes(&l->problems, ours->sizes, ours->ndim);
    cor__text_append(&l->problems, ").");
}

static bool same_shape(const cor_tensor *a, const cor_tensor *b) {
    return a->ndim == b->ndim && memcmp(a->sizes, b->sizes, sizeof(int64_t) * (size_t)a->ndim) == 0;
}

/* The dict's tensor itself takes the entry's place; a parameter keeps the module's requires_grad. */
static void assign_entry(cor__entry *entry, cor_tensor *theirs) {
    cor_scope();
    bool requires_grad = cor_requires_grad(entry->tensor);
    cor_tensor *held = theirs;
    if (entry->kind == COR__PARAMETER && (held = cor_parameter(theirs)) != NULL)
        cor_requires_grad_(held, requires_grad);
    if (held == NULL) return;
    cor_tensor *before = entry->tensor;
    entry->tensor = cor__retain(held);
    if (entry->slot != NULL) memcpy(entry->slot, &entry->tensor, sizeof entry->tensor);
    cor__release(before);
}

static void load_entry(load *l, cor__entry *entry, const char *name) {
    cor_scope();
    cor_no_grad();
    cor_tensor *theirs = cor_dict_get(l->dict, name);
    if (theirs == NULL) {
        cor__dict_add(l->missing, name, NULL, NULL);
        return;
    }
    if (entry->tensor->ndim == 0 && theirs->ndim == 1 && theirs->sizes[0] == 1) theirs = cor_select(theirs, 0, 0);
    if (theirs == NULL) return;
    if (!same_shape(entry->tensor, theirs)) tensor_problem(l, name, entry->tensor, theirs);
    else if (l->assign) assign_entry(entry, theirs);
    else cor_copy_(entry->tensor, theirs);
}

/* A name under this prefix is expected if its next part is a child, or if it is an entry of this module. */
static bool is_expected(const cor__module *state, const char *rest) {
    char first[256];
    const char *dot = strchr(rest, '.');
    cor__format(first, sizeof first, "%.*s", dot == NULL ? (int)strlen(rest) : (int)(dot - rest), rest);
    const cor__entry *entry = cor__entry_find(state, first, dot == NULL ? -1 : COR__CHILD);
    return entry != NULL && (dot != NULL || is_state(entry));
}

static void find_unexpected(load *l, const cor__module *state, const char *prefix) {
    size_t length = strlen(prefix);
    for (int64_t i = 0; i < cor_dict_count(l->dict) && cor_error() == COR_OK; i++) {
        const char *name = cor_dict_name_at(l->dict, i);
        if (strncmp(name, prefix, length) == 0 && !is_expected(state, name + length))
            cor__dict_add(l->unexpected, name, NULL, NULL);
    }
}

static void load_module(load *l, cor_module *m) {
    cor__module *state = cor__state(m);
    size_t prefix = l->path.length;
    if (state->before_load != NULL && state->before_load(m, l->dict, l->path.data) != COR_OK) return;
    for (int kind = COR__PARAMETER; kind <= COR__BUFFER; kind++) {
        for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
            cor__entry *entry = &state->entries[i];
            if ((int)entry->kind != kind || !is_state(entry)) continue;
            cor__text_append(&l->path, entry->name);
            if (!l->path.failed) load_entry(l, entry, l->path.data);
            l->path.length = prefix;
            l->path.data[prefix] = '\0';
        }
    }
    find_unexpected(l, state, l->path.data);
    for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
        if (state->entries[i].child == NULL) continue;
        cor__text_format(&l->path, "%s.", state->entries[i].name);
        if (!l->path.failed) load_module(l, state->entries[i].child);
        l->path.length = prefix;
        l->path.data[prefix] = '\0';
    }
}

static void list_names(cor__text *text, const char *what, const cor_dict *names) {
    if (cor_dict_count(names) == 0) return;
    cor__text_format(text, "\n\t%s key(s) in state_dict: ", what);
    for (int64_t i = 0; i < cor_dict_count(names); i++)
        cor__text_format(text, "%s\"%s\"", i > 0 ? ", " : "", cor_dict_name_at(names, i));
    cor__text_append(text, ". ");
}

static int tell(load *l, const cor_module *m, bool strict) {
    cor__text all = {0};
    if (strict) {
        list_names(&all, "Missing", l->missing);
        list_names(&all, "Unexpected", l->unexpected);
    }
    if (l->problems.length > 0) cor__text_append(&all, l->problems.data);
    int code = cor_error();
    if (code == COR_OK && all.length > 0)
        code = cor__fail(COR_ESTATE, "Error(s) in loading state_dict for %s:%s", cor__state(m)->name, all.data);
    cor__text_free(&all);
    return code;
}

int cor_load_state_dict_with(cor_module *m, cor_dict *dict, const cor_load_options *options) {
    cor_load_options room;
    if (!cor__module_ready(m, "load_state_dict")) return cor_error();
    if (dict == NULL) return cor__fail(COR_EVALUE, "Expected state_dict to be dict-like, got NULL.");
    if (cor__check_options(options, sizeof room, "load_state_dict") != COR_OK) return cor_error();
    const cor_load_options *o = cor_load_options_or_defaults(options, &room);
    cor_scope();
    load l = {
        .dict = cor__dict_copy(dict), .missing = cor_dict_new(), .unexpected = cor_dict_new(), .assign = o->assign};
    cor__text_append(&l.path, "");
    if (l.dict != NULL && l.missing != NULL && l.unexpected != NULL && !l.path.failed) load_module(&l, m);
    int code = tell(&l, m, o->strict);
    if (o->missing != NULL) *o->missing = cor_dict_keep(l.missing);
    if (o->unexpected != NULL) *o->unexpected = cor_dict_keep(l.unexpected);
    cor__text_free(&l.path);
    cor__text_free(&l.problems);
    return code;
}
