/* load.c: a state_dict into a module: what fits is copied, what does not is told. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "nn/module.h"
#include "ops/op.h"
#include "tensor/iterate.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_load_options, COR_LOAD_OPTIONS)

/* What a load keeps from module to module. */
typedef struct load {
    cor_dict *root;                            /* the user's dict, for its versions */
    cor_dict *missing, *unexpected, *problems; /* names; the problems are whole texts */
    cor__text path;                            /* the dotted prefix */
    bool assign;
} load;

/* ---- problems --------------------------------------------------------------------------------------------------- */

/* Notes a text and frees it. */
static void note(load *l, cor__text *text) {
    if (!text->failed) cor__dict_add(l->problems, text->data, NULL, NULL);
    cor__text_free(text);
}

static void note_not_a_tensor(load *l, const char *name) {
    cor__text text = {0};
    cor__text_format(&text,
                     "While copying the parameter named \"%s\", expected torch.Tensor or Tensor-like object from "
                     "checkpoint but received <class 'NoneType'>",
                     name);
    note(l, &text);
}

static void append_size(cor__text *text, const cor_tensor *t) {
    cor__text_append(text, "torch.Size(");
    cor__text_sizes(text, t->sizes, t->ndim);
    cor__text_append(text, ")");
}

static void note_sizes(load *l, const char *name, const cor_tensor *ours, const cor_tensor *theirs) {
    cor__text text = {0};
    cor__text_format(&text, "size mismatch for %s: copying a param with shape ", name);
    append_size(&text, theirs);
    cor__text_append(&text, " from checkpoint, the shape in current model is ");
    append_size(&text, ours);
    cor__text_append(&text, ".");
    note(l, &text);
}

/* Turns the pending error into a problem; only memory that could not be had stays an error. */
static void note_exception(load *l, const char *name, const cor_tensor *ours, const cor_tensor *theirs) {
    cor_error_info error;
    cor__text text = {0};
    if (cor_error() == COR_ENOMEM) return;
    cor_error_take(&error);
    const char *quote = strchr(error.text, '\'') != NULL && strchr(error.text, '"') == NULL ? "\"" : "'";
    cor__text_format(&text, "While copying the parameter named \"%s\", whose dimensions in the model are ", name);
    append_size(&text, ours);
    cor__text_append(&text, " and whose dimensions in the checkpoint are ");
    append_size(&text, theirs);
    cor__text_format(&text, ", an exception occurred : (%s%s%s,).", quote, error.text, quote);
    note(l, &text);
}

/* ---- entries ---------------------------------------------------------------------------------------------------- */

static bool same_shape(const cor_tensor *a, const cor_tensor *b) {
    return a->ndim == b->ndim && memcmp(a->sizes, b->sizes, sizeof(int64_t) * (size_t)a->ndim) == 0;
}

/* The dict's tensor itself takes the entry's place; a parameter keeps the module's requires_grad. */
static void assign_entry(cor__entry *entry, cor_tensor *theirs) {
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

static void load_entry(load *l, cor_dict *dict, cor__entry *entry, const char *name) {
    cor_scope();
    cor_no_grad();
    cor_tensor *theirs = cor_dict_get(dict, name), *ours = entry->tensor;
    if (theirs == NULL) {
        if (cor_dict_contains(dict, name)) note_not_a_tensor(l, name);
        else cor__dict_add(l->missing, name, NULL, NULL);
        return;
    }
    if (ours->ndim == 0 && theirs->ndim == 1 && theirs->sizes[0] == 1) theirs = cor_select(theirs, 0, 0);
    if (theirs == NULL) return;
    if (!same_shape(ours, theirs)) {
        note_sizes(l, name, ours, theirs);
        return;
    }
    if (l->assign) assign_entry(entry, theirs);
    else cor_copy_(ours, theirs);
    if (cor_error() != COR_OK) note_exception(l, name, ours, theirs);
}

/* The path of a name in the module that is being loaded; back() takes it off again. */
static const char *forth(load *l, const char *name) {
    cor__text_append(&l->path, name);
    return l->path.failed ? NULL : l->path.data;
}

static void back(load *l, size_t prefix) {
    l->path.length = prefix;
    l->path.data[prefix] = '\0';
}

static void load_extra(load *l, cor_module *m, cor_dict *dict) {
    size_t prefix = l->path.length;
    const cor__module *state = cor__state(m);
    const char *name = forth(l, COR__EXTRA_STATE);
    if (name == NULL) return;
    if (!cor_dict_contains(dict, name)) {
        if (state->set_extra_state != NULL) cor__dict_add(l->missing, name, NULL, NULL);
    } else if (state->set_extra_state == NULL) {
        cor__dict_add(l->unexpected, name, NULL, NULL);
    } else {
        cor_tensor *extra = cor_dict_get(dict, name);
        int code = state->set_extra_state(m, extra == NULL ? COR_NONE : extra);
        if (code != COR_OK) cor__fail(code, "%s: set_extra_state failed", state->name);
    }
    back(l, prefix);
}

/* A name under this prefix is expected if its next part is a child, or if it is an entry of this module. */
static bool is_expected(const cor__module *state, const char *rest) {
    const char *dot = strchr(rest, '.');
    if (dot != NULL) return cor__entry_find_n(state, rest, (size_t)(dot - rest), COR__CHILD) != NULL;
    const cor__entry *entry = cor__entry_find(state, rest, -1);
    return (entry != NULL && cor__is_state(entry)) || strcmp(rest, COR__EXTRA_STATE) == 0;
}

static void find_unexpected(load *l, const cor__module *state, const cor_dict *dict) {
    size_t prefix = l->path.length;
    for (int64_t i = 0; i < cor_dict_count(dict) && cor_error() == COR_OK; i++) {
        const char *name = cor_dict_name_at(dict, i);
        if (strncmp(name, l->path.data, prefix) == 0 && !is_expected(state, name + prefix))
            cor__dict_add(l->unexpected, name, NULL, NULL);
    }
}

/* ---- modules ---------------------------------------------------------------------------------------------------- */

static void load_own(load *l, cor_module *m, cor_loading *loading) {
    cor__module *state = cor__state(m);
    size_t prefix = l->path.length;
    if (state->before_load != NULL && state->before_load(m, loading) != COR_OK) return;
    if (cor__hooks_load(COR__LOAD_PRE, m, loading) != COR_OK) return;
    for (int kind = COR__PARAMETER; kind <= COR__BUFFER; kind++) {
        for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
            cor__entry *entry = &state->entries[i];
            if ((int)entry->kind != kind || !cor__is_state(entry)) continue;
            const char *name = forth(l, entry->name);
            if (name != NULL) load_entry(l, loading->dict, entry, name);
            back(l, prefix);
        }
    }
    if (cor_error() == COR_OK) load_extra(l, m, loading->dict);
    find_unexpected(l, state, loading->dict);
}

static int64_t saved_version(const load *l) {
    char path[COR__PATH];
    cor__path_of_prefix(path, l->path.data);
    return cor_dict_version(l->root, path);
}

/* Loads m from the names of `dict` that begin with the path. The prefix is copied: the path grows and moves below. */
static void load_module(load *l, cor_module *m, const cor_dict *dict) {
    cor_scope();
    const cor__module *state = cor__state(m);
    size_t length = l->path.length;
    char *prefix = cor__copy_text(l->path.data, "a prefix");
    cor_loading loading = {.dict = prefix == NULL ? NULL : cor__dict_under(dict, prefix),
                           .prefix = prefix,
                           .version = saved_version(l),
                           .missing = l->missing,
                           .unexpected = l->unexpected,
                           .problems = l->problems};
    if (loading.dict != NULL) load_own(l, m, &loading);
    for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
        if (state->entries[i].child == NULL) continue;
        cor__text_format(&l->path, "%s.", state->entries[i].name);
        if (!l->path.failed) load_module(l, state->entries[i].child, loading.dict);
        back(l, length);
    }
    if (cor_error() == COR_OK) cor__hooks_load(COR__LOAD_POST, m, &loading);
    cor__free_text(prefix);
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
    for (int64_t i = 0; i < cor_dict_count(l->problems); i++)
        cor__text_format(&all, "\n\t%s", cor_dict_name_at(l->problems, i));
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
    load l = {.root = dict,
              .missing = cor_dict_new(),
              .unexpected = cor_dict_new(),
              .problems = cor_dict_new(),
              .assign = o->assign};
    cor__text_append(&l.path, "");
    if (cor_error() == COR_OK) load_module(&l, m, dict);
    int code = tell(&l, m, o->strict);
    if (o->missing != NULL) *o->missing = cor_dict_keep(l.missing);
    if (o->unexpected != NULL) *o->unexpected = cor_dict_keep(l.unexpected);
    cor__text_free(&l.path);
    return code;
}
