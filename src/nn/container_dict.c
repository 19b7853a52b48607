/* container_dict.c: ModuleDict and ParameterDict: what they hold are entries under names. */
#include "base/error.h"
#include "nn/container.h"
#include "ops/op.h"
#include <string.h>

cor_module *cor_nn_module_dict(void) { return cor__container_new(COR__MODULE_DICT); }
cor_module *cor_nn_parameter_list(void) { return cor__container_new(COR__PARAMETER_LIST); }
cor_module *cor_nn_parameter_dict(void) { return cor__container_new(COR__PARAMETER_DICT); }

/* ---- text ------------------------------------------------------------------------------------------------------- */

static void write_sizes(cor__text *text, const cor_tensor *t) {
    for (int i = 0; i < t->ndim; i++) cor__text_format(text, "%s%lld", i > 0 ? "x" : "", (long long)t->sizes[i]);
}

int cor__parameters_extra(cor_module *m, char *buffer, size_t n) {
    cor__text text = {0};
    const bool is_list = cor__state(m)->kind == COR__PARAMETER_LIST;
    for (int i = 0; i < cor__state(m)->n; i++) {
        const cor__entry *entry = &cor__state(m)->entries[i];
        if (entry->kind != COR__PARAMETER) continue;
        cor__text_format(&text, "%s  (%s): ", text.length > 0 ? "\n" : "", entry->name);
        if (entry->tensor == NULL) {
            cor__text_append(&text, "Object of type: NoneType");
            continue;
        }
        const cor_dtype dtype = entry->tensor->dtype;
        cor__text_format(&text, "Parameter containing: [torch.%s of size ",
                         is_list ? cor_dtype_name(dtype) : cor__legacy_type_name(dtype));
        write_sizes(&text, entry->tensor);
        cor__text_append(&text, "]");
    }
    return cor__extra_end(&text, buffer, n);
}

/* ---- keys ------------------------------------------------------------------------------------------------------- */

static bool is_dict(const cor_module *m) {
    return cor__state(m)->kind == COR__MODULE_DICT || cor__state(m)->kind == COR__PARAMETER_DICT;
}

static int check_any(const cor_module *m, const char *call) {
    if (!cor__module_ready(m, call)) return cor_error();
    if (is_dict(m)) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: '%s' is neither a ModuleDict nor a ParameterDict", call, cor_module_name(m));
}

/* The entry of a key in a dict of modules or of parameters; NULL with an error pending if m is another module or
 * the key is not there. */
static cor__entry *find(const cor_module *m, cor__module_kind kind, const char *key, const char *call) {
    if (!cor__module_ready(m, call)) return NULL;
    if (cor__state(m)->kind != kind)
        return cor__fail_null(COR_EVALUE, "%s: '%s' is not a %s", call, cor_module_name(m),
                              kind == COR__MODULE_DICT ? "ModuleDict" : "ParameterDict");
    if (key == NULL) return cor__fail_null(COR_EVALUE, "%s: the key is NULL", call);
    cor__entry *entry = cor__entry_find(cor__state(m), key, (int)cor__item_kind(m));
    if (entry == NULL && kind == COR__MODULE_DICT) cor__fail(COR_EKEY, "'%s'", key);
    else if (entry == NULL) cor__fail(COR_EKEY, "'ParameterDict' object has no attribute '%s'", key);
    return entry;
}

static void remove_entry(cor_module *m, const cor__entry *entry) {
    cor__entry_remove(cor__state(m), (int)(entry - cor__state(m)->entries));
}

bool cor_module_contains(const cor_module *container, const char *key) {
    return container != NULL && key != NULL && is_dict(container) &&
           cor__entry_find(cor__state(container), key, (int)cor__item_kind(container)) != NULL;
}

const char *cor_module_key_at(cor_module *container, int64_t index) {
    if (check_any(container, "key_at") != COR_OK) return NULL;
    const cor__entry *entry = cor__item_at(container, index, "key_at");
    return entry == NULL ? NULL : entry->name;
}

int cor_module_clear(cor_module *container) {
    if (check_any(container, "clear") != COR_OK) return cor_error();
    while (cor_module_length(container) > 0) remove_entry(container, cor__item_at(container, -1, "clear"));
    return COR_OK;
}

int cor_module_update(cor_module *container, cor_module *other) {
    if (check_any(container, "update") != COR_OK || !cor__module_ready(other, "update")) return cor_error();
    const bool of_modules = cor__state(container)->kind == COR__MODULE_DICT;
    if (cor__state(other)->kind != cor__state(container)->kind)
        return cor__fail(COR_EVALUE, "%s.update should be called with an iterable of key/value pairs, but got %s",
                         of_modules ? "ModuleDict" : "ParametersDict", cor_module_name(other));
    const int64_t n = cor_module_length(other);
    for (int64_t i = 0; i < n && cor_error() == COR_OK; i++) {
        const cor__entry *entry = cor__item_at(other, i, "update");
        cor_tensor *t = entry->tensor == NULL ? COR_NONE : entry->tensor;
        if (of_modules) cor_register_module_at(container, entry->name, NULL, entry->child);
        else cor_register_parameter_at(container, entry->name, NULL, t);
    }
    return cor_error();
}

/* ---- modules ---------------------------------------------------------------------------------------------------- */

cor_module *cor_module_dict_get(cor_module *dict, const char *key) {
    const cor__entry *entry = find(dict, COR__MODULE_DICT, key, "dict_get");
    return entry == NULL ? NULL : entry->child;
}

cor_module *cor_module_dict_pop(cor_module *dict, const char *key) {
    const cor__entry *entry = find(dict, COR__MODULE_DICT, key, "dict_pop");
    if (entry == NULL) return NULL;
    cor_module *m = cor_module_retain(entry->child);
    remove_entry(dict, entry);
    if (m != NULL) cor__scope_add(cor__state(m));
    return m;
}

int cor_module_dict_set(cor_module *dict, const char *key, cor_module *m) {
    if (!cor__module_ready(dict, "dict_set") || !cor__module_ready(m, "dict_set")) return cor_error();
    if (cor__state(dict)->kind != COR__MODULE_DICT)
        return cor__fail(COR_EVALUE, "dict_set: '%s' is not a ModuleDict", cor_module_name(dict));
    return cor_register_module_at(dict, key, NULL, m);
}

/* ---- parameters ------------------------------------------------------------------------------------------------- */

cor_tensor *cor_parameter_dict_get(cor_module *dict, const char *key) {
    const cor__entry *entry = find(dict, COR__PARAMETER_DICT, key, "dict_get");
    if (entry == NULL) return NULL;
    return entry->tensor == NULL ? COR_NONE : entry->tensor;
}

cor_tensor *cor_parameter_dict_pop(cor_module *dict, const char *key) {
    const cor__entry *entry = find(dict, COR__PARAMETER_DICT, key, "dict_pop");
    if (entry == NULL) return NULL;
    cor_tensor *t = entry->tensor == NULL ? COR_NONE : cor_retain(entry->tensor);
    remove_entry(dict, entry);
    return t == COR_NONE ? t : cor__scope_add(t);
}

int cor_parameter_dict_set(cor_module *dict, const char *key, cor_tensor *t) {
    if (!cor__module_ready(dict, "dict_set")) return cor_error();
    if (cor__state(dict)->kind != COR__PARAMETER_DICT)
        return cor__fail(COR_EVALUE, "dict_set: '%s' is not a ParameterDict", cor_module_name(dict));
    return cor_register_parameter_at(dict, key, NULL, cor_parameter(t));
}
