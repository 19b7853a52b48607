/* container.c: Sequential, ModuleList and ModuleDict. Their children are entries under "0", "1", ... or under names. */
#include "base/error.h"
#include "base/memory.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <string.h>

/* Each result is released when the next one exists; the caller's input is not ours to release. */
static cor_tensor *sequential_forward(cor_module *m, cor_tensor *input) {
    const cor__module *state = cor__state(m);
    cor_tensor *x = input;
    for (int i = 0; i < state->n && x != NULL; i++) {
        if (state->entries[i].child == NULL) continue;
        cor_tensor *next = cor_call_with(state->entries[i].child, x);
        if (x != input && next != x) cor_release(cor_take(x));
        x = next;
    }
    return x;
}

static cor_module *make(cor__module_kind kind) {
    static const char *const names[] = {
        [COR__SEQUENTIAL] = "Sequential", [COR__MODULE_LIST] = "ModuleList", [COR__MODULE_DICT] = "ModuleDict"};
    cor_module *m =
        cor_module_new_with(sizeof(cor_module), names[kind], kind == COR__SEQUENTIAL ? sequential_forward : NULL, NULL);
    if (m != NULL) cor__state(m)->kind = kind;
    return m;
}

static bool is_row(const cor_module *m) {
    return cor__state(m)->kind == COR__SEQUENTIAL || cor__state(m)->kind == COR__MODULE_LIST;
}

static cor_module *make_row(cor__module_kind kind, cor_module_list modules) {
    cor_module *row = make(kind);
    if (row == NULL) return NULL;
    if (modules.n < 0 || (modules.n > 0 && modules.modules == NULL))
        return cor__fail_null(COR_EVALUE, "%s: the list of modules is NULL", cor_module_name(row));
    for (int64_t i = 0; i < modules.n; i++)
        if (cor_module_append(row, modules.modules[i]) != COR_OK) return NULL;
    return row;
}

cor_module *cor_nn_sequential_of(cor_module_list modules) { return make_row(COR__SEQUENTIAL, modules); }
cor_module *cor_nn_module_list_of(cor_module_list modules) { return make_row(COR__MODULE_LIST, modules); }
cor_module *cor_nn_module_dict(void) { return make(COR__MODULE_DICT); }

/* ---- by position ------------------------------------------------------------------------------------------------ */

int64_t cor_module_length(const cor_module *container) {
    return container == NULL || cor__state(container)->kind == COR__PLAIN ? 0 : cor__state(container)->n;
}

/* A position made non-negative, at most `length`; -1 with an error pending. */
static int position(const cor_module *container, int64_t index, int length, const char *call) {
    if (!cor__module_ready(container, call)) return -1;
    if (cor__state(container)->kind == COR__PLAIN) {
        cor__fail(COR_EVALUE, "'%s' object is not a container", cor_module_name(container));
        return -1;
    }
    if (index >= -length && index < length) return (int)(index < 0 ? index + length : index);
    cor__fail(COR_EINDEX, "index %lld is out of range", (long long)index);
    return -1;
}

cor_module *cor_module_at(cor_module *container, int64_t index) {
    int at = position(container, index, (int)cor_module_length(container), "module_at");
    return at < 0 ? NULL : cor__state(container)->entries[at].child;
}

static int check_row(const cor_module *container, const cor_module *m, const char *call) {
    if (!cor__module_ready(container, call) || !cor__module_ready(m, call)) return cor_error();
    if (is_row(container)) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: '%s' is neither a Sequential nor a ModuleList", call, cor_module_name(container));
}

static void free_names(char **names, int n) {
    for (int i = 0; i < n; i++) cor__free_text(names[i]);
    cor__free(names, (size_t)n * sizeof *names);
}

/* The names of the first n positions, "0", "1", ...; NULL with an error pending. */
static char **position_names(int n) {
    char name[16];
    char **names = cor__alloc_zero((size_t)n * sizeof *names, "a container's names");
    for (int i = 0; names != NULL && i < n; i++) {
        cor__format(name, sizeof name, "%d", i);
        names[i] = cor__copy_text(name, "an entry's name");
        if (names[i] != NULL) continue;
        free_names(names, n);
        return NULL;
    }
    return names;
}

int cor_module_append(cor_module *container, cor_module *m) {
    char name[16];
    if (check_row(container, m, "append") != COR_OK) return cor_error();
    cor__format(name, sizeof name, "%d", cor__state(container)->n);
    return cor_register_module_at(container, name, NULL, m);
}

/* The new one is appended, which may fail, and then the entries change places, which may not. */
int cor_module_insert(cor_module *container, int64_t index, cor_module *m) {
    if (check_row(container, m, "insert") != COR_OK) return cor_error();
    cor__module *state = cor__state(container);
    if (index < -state->n || index > state->n)
        return cor__fail(COR_EINDEX, "Index out of range: %lld", (long long)index);
    int at = (int)(index < 0 ? index + state->n : index);
    if (cor_module_append(container, m) != COR_OK) return cor_error();
    for (int i = state->n - 1; i > at; i--) {
        cor__entry moved = state->entries[i - 1];
        state->entries[i - 1] = state->entries[i];
        state->entries[i] = moved;
        char *name = state->entries[i].name; /* the names stay in their places */
        state->entries[i].name = state->entries[i - 1].name;
        state->entries[i - 1].name = name;
    }
    return COR_OK;
}

int cor_module_set_at(cor_module *container, int64_t index, cor_module *m) {
    int at = position(container, index, (int)cor_module_length(container), "set_at");
    if (at < 0 || !cor__module_ready(m, "set_at")) return cor_error();
    return cor_register_module_at(container, cor__state(container)->entries[at].name, NULL, m);
}

int cor_module_delete_at(cor_module *container, int64_t index) {
    int at = position(container, index, (int)cor_module_length(container), "delete_at");
    if (at < 0) return cor_error();
    cor__module *state = cor__state(container);
    if (!is_row(container)) {
        cor__entry_remove(state, at);
        return COR_OK;
    }
    const int n = state->n;
    char **names = position_names(n); /* all of them, before anything changes */
    if (names == NULL) return cor_error();
    cor__entry_remove(state, at);
    for (int i = 0; i < n - 1; i++) {
        char *before = state->entries[i].name;
        state->entries[i].name = names[i];
        names[i] = before;
    }
    free_names(names, n);
    return COR_OK;
}

cor_module *cor_module_pop(cor_module *container, int64_t index) {
    cor_module *m = cor_module_at(container, index);
    if (m == NULL) return NULL;
    cor_module_retain(m);
    if (cor_module_delete_at(container, index) != COR_OK) {
        cor_module_release(m);
        return NULL;
    }
    cor__scope_add(cor__state(m));
    return m;
}

cor_module *cor_module_slice(cor_module *container, int64_t start, int64_t end) {
    if (check_row(container, container, "slice") != COR_OK) return NULL;
    int64_t n = cor__state(container)->n;
    start = start < 0 ? start + n : start, end = end < 0 ? end + n : end;
    cor_module *part = make(cor__state(container)->kind);
    for (int64_t i = start < 0 ? 0 : start; part != NULL && i < end && i < n; i++) {
        const cor__entry *entry = &cor__state(container)->entries[i];
        /* A slice of a Sequential keeps its names, one of a ModuleList counts anew. */
        int code = cor__state(container)->kind == COR__SEQUENTIAL
                       ? cor_register_module_at(part, entry->name, NULL, entry->child)
                       : cor_module_append(part, entry->child);
        if (code != COR_OK) return NULL;
    }
    return part;
}

/* ---- by name ---------------------------------------------------------------------------------------------------- */

static bool check_dict(const cor_module *m, const char *key, const char *call) {
    if (!cor__module_ready(m, call)) return false;
    if (cor__state(m)->kind != COR__MODULE_DICT)
        cor__fail(COR_EVALUE, "%s: '%s' is not a ModuleDict", call, cor_module_name(m));
    else if (key == NULL) cor__fail(COR_EVALUE, "%s: the key is NULL", call);
    return cor_error() == COR_OK;
}

/* The position of a key; -1 with an error pending. */
static int find_key(const cor_module *dict, const char *key, const char *call) {
    if (!check_dict(dict, key, call)) return -1;
    const cor__entry *entry = cor__entry_find(cor__state(dict), key, COR__CHILD);
    if (entry != NULL) return (int)(entry - cor__state(dict)->entries);
    cor__fail(COR_EKEY, "'%s'", key);
    return -1;
}

cor_module *cor_module_dict_get(cor_module *dict, const char *key) {
    int at = find_key(dict, key, "dict_get");
    return at < 0 ? NULL : cor__state(dict)->entries[at].child;
}

cor_module *cor_module_dict_pop(cor_module *dict, const char *key) {
    int at = find_key(dict, key, "dict_pop");
    return at < 0 ? NULL : cor_module_pop(dict, at);
}

int cor_module_dict_set(cor_module *dict, const char *key, cor_module *m) {
    if (!check_dict(dict, key, "dict_set") || !cor__module_ready(m, "dict_set")) return cor_error();
    return cor_register_module_at(dict, key, NULL, m);
}

const char *cor_module_dict_key_at(cor_module *dict, int64_t index) {
    if (!check_dict(dict, "", "dict_key_at")) return NULL;
    int at = position(dict, index, (int)cor_module_length(dict), "dict_key_at");
    return at < 0 ? NULL : cor__state(dict)->entries[at].name;
}
