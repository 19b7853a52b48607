/* container.c: Sequential, ModuleList and ParameterList: what they hold are entries under "0", "1", ... */
#include "nn/container.h"
#include "base/error.h"
#include "base/memory.h"
#include "ops/op.h"
#include <string.h>

/* Each result is released when the next one exists; the caller's input is not ours to release. */
static cor_tensor *sequential_forward(cor_module *m, cor_tensor *input) {
    const cor__module *state = cor__state(m);
    cor_tensor *x = input;
    for (int i = 0; i < state->n && x != NULL; i++) {
        if (state->entries[i].kind != COR__CHILD) continue;
        if (state->entries[i].child == NULL) return cor__fail_null(COR_EVALUE, "'NoneType' object is not callable");
        cor_tensor *next = cor_call_with(state->entries[i].child, x);
        if (x != input && next != x) cor_release(cor_take(x));
        x = next;
    }
    return x;
}

static cor_module *container_named(cor__module_kind kind, const char *name) {
    const bool of_parameters = kind == COR__PARAMETER_LIST || kind == COR__PARAMETER_DICT;
    cor_module *m = cor__layer_new(sizeof(cor_module), name, kind == COR__SEQUENTIAL ? sequential_forward : NULL, NULL,
                                   NULL, of_parameters ? cor__parameters_extra : NULL);
    if (m != NULL) cor__state(m)->kind = kind;
    return m;
}

cor_module *cor__container_new(cor__module_kind kind) {
    static const char *const names[] = {[COR__SEQUENTIAL] = "Sequential",
                                        [COR__MODULE_LIST] = "ModuleList",
                                        [COR__MODULE_DICT] = "ModuleDict",
                                        [COR__PARAMETER_LIST] = "ParameterList",
                                        [COR__PARAMETER_DICT] = "ParameterDict"};
    return container_named(kind, names[kind]);
}

/* row with these modules, row itself just made. */
static cor_module *fill(cor_module *row, cor_module_list modules) {
    if (row == NULL) return NULL;
    if (modules.n < 0 || (modules.n > 0 && modules.modules == NULL))
        return cor__fail_null(COR_EVALUE, "%s: the list of modules is NULL", cor_module_name(row));
    for (int64_t i = 0; i < modules.n; i++)
        if (cor_module_append(row, modules.modules[i]) != COR_OK) return NULL;
    return row;
}

cor_module *cor_nn_sequential_of(cor_module_list modules) { return fill(cor__container_new(COR__SEQUENTIAL), modules); }
cor_module *cor_nn_module_list_of(cor_module_list modules) {
    return fill(cor__container_new(COR__MODULE_LIST), modules);
}

cor_module *cor__sequential_named(const char *name, cor_module_list modules) {
    return fill(container_named(COR__SEQUENTIAL, name), modules);
}

/* ---- items ------------------------------------------------------------------------------------------------------ */

cor__entry_kind cor__item_kind(const cor_module *container) {
    const cor__module_kind kind = cor__state(container)->kind;
    return kind == COR__PARAMETER_LIST || kind == COR__PARAMETER_DICT ? COR__PARAMETER : COR__CHILD;
}

int64_t cor_module_length(const cor_module *container) {
    if (container == NULL || cor__state(container)->kind == COR__PLAIN) return 0;
    int64_t n = 0;
    for (int i = 0; i < cor__state(container)->n; i++)
        n += cor__state(container)->entries[i].kind == cor__item_kind(container);
    return n;
}

static bool is_row(const cor_module *m) {
    return cor__state(m)->kind == COR__SEQUENTIAL || cor__state(m)->kind == COR__MODULE_LIST;
}

static int check_row(const cor_module *container, const char *call) {
    if (!cor__module_ready(container, call)) return cor_error();
    if (is_row(container)) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: '%s' is neither a Sequential nor a ModuleList", call, cor_module_name(container));
}

static int check_parameters(const cor_module *container, const char *call) {
    if (!cor__module_ready(container, call)) return cor_error();
    if (cor__state(container)->kind == COR__PARAMETER_LIST) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: '%s' is not a ParameterList", call, cor_module_name(container));
}

static bool in_range(int64_t index, int64_t n) {
    if (index >= -n && index < n) return true;
    cor__fail(COR_EINDEX, "index %lld is out of range", (long long)index);
    return false;
}

cor__entry *cor__item_at(cor_module *container, int64_t index, const char *call) {
    if (!cor__module_ready(container, call)) return NULL;
    cor__module *state = cor__state(container);
    if (state->kind == COR__PLAIN) return cor__fail_null(COR_EVALUE, "'%s' object is not a container", state->name);
    int64_t n = cor_module_length(container), left = index < 0 ? index + n : index;
    if (!in_range(index, n)) return NULL;
    for (int i = 0; i < state->n; i++)
        if (state->entries[i].kind == cor__item_kind(container) && left-- == 0) return &state->entries[i];
    return NULL;
}

cor_module *cor_module_at(cor_module *container, int64_t index) {
    const cor__entry *entry = cor__item_at(container, index, "module_at");
    return entry == NULL ? NULL : entry->child;
}

cor_tensor *cor_parameter_at(cor_module *container, int64_t index) {
    if (check_parameters(container, "parameter_at") != COR_OK) return NULL;
    const cor__entry *entry = cor__item_at(container, index, "parameter_at");
    if (entry == NULL) return NULL;
    return entry->tensor == NULL ? COR_NONE : entry->tensor;
}

/* ---- changes ---------------------------------------------------------------------------------------------------- */

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

/* Registers what an entry may hold under the next free position, empty if it is NULL. */
static int append(cor_module *container, cor_module *child, cor_tensor *tensor) {
    char name[24];
    cor__format(name, sizeof name, "%lld", (long long)cor_module_length(container));
    if (cor__item_kind(container) == COR__CHILD) return cor_register_module_at(container, name, NULL, child);
    return cor_register_parameter_at(container, name, NULL, tensor == NULL ? COR_NONE : cor_parameter(tensor));
}

int cor_module_append(cor_module *container, cor_module *m) {
    if (check_row(container, "append") != COR_OK || !cor__module_ready(m, "append")) return cor_error();
    return append(container, m, NULL);
}

int cor_parameter_append(cor_module *container, cor_tensor *t) {
    if (check_parameters(container, "append") != COR_OK) return cor_error();
    if (t == NULL) return cor__fail(COR_EVALUE, "append: the tensor is NULL, a failed or missing tensor");
    return append(container, NULL, t == COR_NONE ? NULL : t);
}

static cor__entry *numbered(cor_module *container, int64_t i) {
    char name[24];
    cor__format(name, sizeof name, "%lld", (long long)i);
    return cor__entry_find(cor__state(container), name, COR__CHILD);
}

/* What two entries hold changes places; the names stay. */
static void swap(cor__entry *a, cor__entry *b) {
    cor__entry held = *a;
    char *name = b->name;
    *a = *b;
    *b = held;
    b->name = name;
    a->name = held.name;
}

/* The new one is appended, which may fail, and then wanders down by names, as PyTorch's: a slice's begin elsewhere. */
int cor_module_insert(cor_module *container, int64_t index, cor_module *m) {
    if (check_row(container, "insert") != COR_OK || !cor__module_ready(m, "insert")) return cor_error();
    const int64_t n = cor_module_length(container), at = index < 0 ? index + n : index;
    if (index < -n || index > n) return cor__fail(COR_EINDEX, "Index out of range: %lld", (long long)index);
    for (int64_t i = n - 1; i >= at; i--)
        if (numbered(container, i) == NULL) return cor__fail(COR_EKEY, "'%lld'", (long long)i);
    if (append(container, m, NULL) != COR_OK) return cor_error();
    for (int64_t i = n; i > at; i--) swap(numbered(container, i), numbered(container, i - 1));
    return COR_OK;
}

int cor_module_set_at(cor_module *container, int64_t index, cor_module *m) {
    const cor__entry *entry = cor__item_at(container, index, "set_at");
    if (entry == NULL || !cor__module_ready(m, "set_at")) return cor_error();
    return cor_register_module_at(container, entry->name, NULL, m);
}

int cor_parameter_set_at(cor_module *container, int64_t index, cor_tensor *t) {
    if (check_parameters(container, "set_at") != COR_OK) return cor_error();
    const cor__entry *entry = cor__item_at(container, index, "set_at");
    return entry == NULL ? cor_error() : cor_register_parameter_at(container, entry->name, NULL, cor_parameter(t));
}

int cor_module_delete_at(cor_module *container, int64_t index) {
    if (check_row(container, "delete_at") != COR_OK) return cor_error();
    const cor__entry *entry = cor__item_at(container, index, "delete_at");
    if (entry == NULL) return cor_error();
    cor__module *state = cor__state(container);
    const int n = (int)cor_module_length(container);
    char **names = position_names(n); /* all of them, before anything changes */
    if (names == NULL) return cor_error();
    cor__entry_remove(state, (int)(entry - state->entries));
    for (int i = 0, at = 0; i < state->n; i++) {
        if (state->entries[i].kind != COR__CHILD) continue;
        char *before = state->entries[i].name;
        state->entries[i].name = names[at];
        names[at++] = before;
    }
    free_names(names, n);
    return COR_OK;
}

cor_module *cor_module_pop(cor_module *container, int64_t index) {
    cor_module *m = cor_module_retain(cor_module_at(container, index));
    if (cor_module_delete_at(container, index) != COR_OK) {
        cor_module_release(m);
        return NULL;
    }
    if (m != NULL) cor__scope_add(cor__state(m));
    return m;
}

/* ---- several at once -------------------------------------------------------------------------------------------- */

/* Whether `from` has items that may be put after those of `to`. */
static bool is_like(const cor_module *to, const cor_module *from) {
    return is_row(to) ? is_row(from) : cor__state(from)->kind == COR__PARAMETER_LIST;
}

/* Appends the first n items of `from`; n is counted before, because `from` may be `to`. */
static int append_all(cor_module *to, cor_module *from, int64_t n) {
    for (int64_t i = 0; i < n && cor_error() == COR_OK; i++) {
        const cor__entry *entry = cor__item_at(from, i, "extend");
        append(to, entry->child, entry->tensor);
    }
    return cor_error();
}

static int check_list(const cor_module *container, const char *call) {
    if (!cor__module_ready(container, call)) return cor_error();
    if (is_row(container) || cor__state(container)->kind == COR__PARAMETER_LIST) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: '%s' is no Sequential, ModuleList or ParameterList", call,
                     cor_module_name(container));
}

int cor_module_extend(cor_module *container, cor_module *other) {
    if (check_list(container, "extend") != COR_OK || !cor__module_ready(other, "extend")) return cor_error();
    if (is_like(container, other)) return append_all(container, other, cor_module_length(other));
    if (cor__state(container)->kind == COR__SEQUENTIAL)
        return cor__fail(COR_EVALUE, "'%s' object is not iterable", cor_module_name(other));
    return cor__fail(COR_EVALUE, "%s.extend should be called with an iterable, but got %s", cor_module_name(container),
                     cor_module_name(other));
}

cor_module *cor_module_concat(cor_module *a, cor_module *b) {
    if (check_row(a, "concat") != COR_OK || !cor__module_ready(b, "concat")) return NULL;
    const cor__module_kind kind = cor__state(a)->kind;
    if (kind == COR__SEQUENTIAL && cor__state(b)->kind != kind)
        return cor__fail_null(
            COR_EVALUE, "add operator supports only objects of Sequential class, but <class '%s%s'> is given.",
            cor__state(b)->kind == COR__PLAIN ? "" : "torch.nn.modules.container.", cor_module_name(b));
    if (!is_row(b)) return cor__fail_null(COR_EVALUE, "'%s' object is not iterable", cor_module_name(b));
    cor_module *both = cor__container_new(kind);
    if (both == NULL || append_all(both, a, cor_module_length(a)) != COR_OK) return NULL;
    return append_all(both, b, cor_module_length(b)) == COR_OK ? both : NULL;
}

cor_module *cor_module_repeat(cor_module *container, int64_t times) {
    if (!cor__module_ready(container, "repeat")) return NULL;
    if (cor__state(container)->kind != COR__SEQUENTIAL)
        return cor__fail_null(COR_EVALUE, "repeat: '%s' is not a Sequential", cor_module_name(container));
    if (times <= 0)
        return cor__fail_null(COR_EVALUE,
                              "Non-positive multiplication factor %lld for <class "
                              "'torch.nn.modules.container.Sequential'>",
                              (long long)times);
    cor_module *all = cor__container_new(COR__SEQUENTIAL);
    for (int64_t i = 0; all != NULL && i < times; i++)
        if (append_all(all, container, cor_module_length(container)) != COR_OK) return NULL;
    return all;
}

cor_module *cor_module_slice(cor_module *container, int64_t start, int64_t end) {
    if (check_list(container, "slice") != COR_OK) return NULL;
    const int64_t n = cor_module_length(container);
    const bool keeps_names = cor__state(container)->kind == COR__SEQUENTIAL;
    start = start < 0 ? start + n : start, end = end < 0 ? end + n : end;
    cor_module *part = cor__container_new(cor__state(container)->kind);
    for (int64_t i = start < 0 ? 0 : start; part != NULL && i < end && i < n; i++) {
        const cor__entry *entry = cor__item_at(container, i, "slice");
        int code = keeps_names ? cor_register_module_at(part, entry->name, NULL, entry->child)
                               : append(part, entry->child, entry->tensor);
        if (code != COR_OK) return NULL;
    }
    return part;
}
