/* state_dict.c: a module's tensors out under their names. load.c takes them in again. */
#include "base/error.h"
#include "base/text.h"
#include "nn/module.h"
#include "ops/op.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_state_dict_options, COR_STATE_DICT_OPTIONS)

void cor__path_of_prefix(char path[COR__PATH], const char *prefix) {
    size_t length = strlen(prefix);
    cor__format(path, COR__PATH, "%.*s", (int)(length > 0 ? length - 1 : 0), prefix);
}

bool cor__is_state(const cor__entry *entry) {
    return entry->tensor != NULL &&
           (entry->kind == COR__PARAMETER || (entry->kind == COR__BUFFER && entry->persistent));
}

/* A module's metadata goes under its path without the last dot. */
static void set_version(cor_dict *d, const char *prefix, int64_t version) {
    char path[COR__PATH];
    cor__path_of_prefix(path, prefix);
    cor_dict_set_version(d, path, version);
}

static void put_entries(cor_dict *d, const cor__module *state, cor__text *path, cor__entry_kind kind, bool keep_vars) {
    size_t prefix = path->length;
    for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
        const cor__entry *entry = &state->entries[i];
        if (entry->kind != kind || !cor__is_state(entry)) continue;
        cor_scope();
        cor__text_append(path, entry->name);
        if (!path->failed) cor_dict_set(d, path->data, keep_vars ? entry->tensor : cor_detach(entry->tensor));
        path->length = prefix;
        path->data[prefix] = '\0';
    }
}

static void put_extra(cor_dict *d, cor_module *m, cor__text *path) {
    size_t prefix = path->length;
    if (cor__state(m)->get_extra_state == NULL || cor_error() != COR_OK) return;
    cor_scope();
    cor_tensor *extra = cor__state(m)->get_extra_state(m);
    if (extra == NULL) cor__fail(COR_EVALUE, "%s: get_extra_state returned NULL without an error", cor_module_name(m));
    cor__text_append(path, COR__EXTRA_STATE);
    if (extra != NULL && !path->failed) cor_dict_set(d, path->data, extra);
    path->length = prefix;
    path->data[prefix] = '\0';
}

static void save(cor_dict *d, cor_module *m, cor__text *path, bool keep_vars) {
    const cor__module *state = cor__state(m);
    size_t prefix = path->length;
    set_version(d, path->data, state->version);
    if (cor__hooks_save(COR__SAVE_PRE, m, d, path->data, keep_vars) != COR_OK) return;
    put_entries(d, state, path, COR__PARAMETER, keep_vars);
    put_entries(d, state, path, COR__BUFFER, keep_vars);
    put_extra(d, m, path);
    for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
        if (state->entries[i].child == NULL) continue;
        cor__text_format(path, "%s.", state->entries[i].name);
        if (!path->failed) save(d, state->entries[i].child, path, keep_vars);
        path->length = prefix;
        path->data[prefix] = '\0';
    }
    if (cor_error() == COR_OK) cor__hooks_save(COR__SAVE_POST, m, d, path->data, keep_vars);
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
