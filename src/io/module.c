/* module.c: the state of modules in checkpoints and files. Beside the tensors go the versions of the modules, as a JSON
 * object from paths to numbers, so that hooks which bring old state up to date see them. */
#include "base/error.h"
#include "base/text.h"
#include "io/checkpoint.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "ops/op.h"
#include <corrie/io.h>
#include <string.h>

/* The name of the versions' text. */
static int name_versions(cor__text *key, const char *name) {
    cor__text_format(key, "%s%sversions", name, *name == '\0' ? "" : ".");
    return key->failed ? cor_error() : COR_OK;
}

/* ---- adding ----------------------------------------------------------------------------------------------------- */

static int put_versions(cor__text *text, cor_module *m, const cor_dict *state) {
    cor_dict *modules = cor_named_modules(m, .remove_duplicate = false);
    const char *separator = "{";
    for (int64_t i = 0; i < cor_dict_count(modules); i++) {
        const char *path = cor_dict_name_at(modules, i);
        int64_t version = cor_dict_version(state, path);
        if (version < 0) continue;
        cor__text_append(text, separator);
        if (!cor__json_append_string(text, path))
            return cor__fail(COR_EKEY, "a module's name is not UTF-8: '%.80s'", path);
        cor__text_format(text, ":%lld", (long long)version);
        separator = ",";
    }
    cor__text_append(text, *separator == '{' ? "{}" : "}");
    return modules == NULL || text->failed ? cor_error() : COR_OK;
}

static int add_versions(cor_checkpoint *c, const char *name, cor_module *m, const cor_dict *state) {
    cor__text key = {0}, text = {0};
    int code = name_versions(&key, name);
    if (code == COR_OK) code = put_versions(&text, m, state);
    if (code == COR_OK) code = cor_checkpoint_add_text(c, key.data, text.data);
    cor__text_free(&key);
    cor__text_free(&text);
    return code;
}

int cor_checkpoint_add_module_at(cor_checkpoint *c, const char *name, cor_module *m) {
    if (cor__checkpoint_check(c, name, m) != COR_OK) return cor_error();
    cor_scope();
    cor_dict *state = cor_state_dict(m);
    if (state == NULL || cor_checkpoint_add_dict(c, name, state) != COR_OK) return cor_error();
    return add_versions(c, name, m, state);
}

/* ---- loading ---------------------------------------------------------------------------------------------------- */

static int read_versions(const char *text, cor_dict *state, cor__text *path) {
    cor__json json = {"versions", text, text, text + strlen(text)};
    if (cor__json_expect(&json, '{') != COR_OK) return cor_error();
    for (bool more = cor__json_more(&json, '}', true); more; more = cor__json_more(&json, '}', false)) {
        int64_t version;
        if (cor__json_string(&json, path) != COR_OK || cor__json_expect(&json, ':') != COR_OK ||
            cor__json_size(&json, &version) != COR_OK || cor_dict_set_version(state, path->data, version) != COR_OK)
            return cor_error();
    }
    return cor_error() == COR_OK ? cor__json_end(&json) : cor_error();
}

/* Files of other programs have none. */
static int set_versions(const cor_checkpoint *c, const char *name, cor_dict *state) {
    cor__text key = {0}, path = {0};
    int code = name_versions(&key, name);
    const char *text = code == COR_OK ? cor__texts_get(&c->texts, key.data) : NULL;
    if (text != NULL) code = read_versions(text, state, &path);
    cor__text_free(&key);
    cor__text_free(&path);
    return code;
}

/* The lists that the caller asked for: none yet; and moved out of the scope they were made in. */
static void start_lists(const cor_load_options *o) {
    if (o != NULL && o->missing != NULL) *o->missing = NULL;
    if (o != NULL && o->unexpected != NULL) *o->unexpected = NULL;
}

static void keep_lists(const cor_load_options *o) {
    if (o != NULL && o->missing != NULL) cor_dict_keep(*o->missing);
    if (o != NULL && o->unexpected != NULL) cor_dict_keep(*o->unexpected);
}

int cor_checkpoint_load_module_with(const cor_checkpoint *c, const char *name, cor_module *m,
                                    const cor_load_options *options) {
    if (cor__checkpoint_check(c, name, m) != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof *options, "load_module") != COR_OK) return cor_error();
    cor_scope();
    start_lists(options);
    cor_dict *state = cor_checkpoint_dict(c, name);
    if (state == NULL || set_versions(c, name, state) != COR_OK) return cor_error();
    int code = cor_load_state_dict_with(m, state, options);
    keep_lists(options);
    return code;
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

int cor_save_module(const char *path, cor_module *m) {
    cor_scope();
    cor_checkpoint *c = cor_checkpoint_new();
    if (c == NULL || cor_checkpoint_add_text(c, "format", "pt") != COR_OK) return cor_error();
    return cor_checkpoint_add_module_at(c, "", m) == COR_OK ? cor_checkpoint_save(c, path) : cor_error();
}

int cor_load_module_with(const char *path, cor_module *m, const cor_load_options *options) {
    if (cor__checkpoint_check("", "", m) != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof *options, "load") != COR_OK) return cor_error();
    cor_scope();
    start_lists(options);
    cor_checkpoint *c = cor_checkpoint_load(path);
    if (c == NULL) return cor_error();
    int code = cor_checkpoint_load_module_with(c, "", m, options);
    keep_lists(options);
    return code;
}

int cor_save_safetensors(const char *path, const cor_dict *tensors, const char *const *metadata) {
    if (cor_error() != COR_OK) return cor_error();
    if (tensors == NULL) return cor__fail(COR_EVALUE, "save_safetensors: the dict is NULL");
    cor__texts texts = {0};
    int code = COR_OK;
    for (; code == COR_OK && metadata != NULL && metadata[0] != NULL; metadata += 2)
        code = metadata[1] == NULL ? cor__fail(COR_EVALUE, "save_safetensors: the metadata '%s' has no text", *metadata)
                                   : cor__texts_set(&texts, metadata[0], metadata[1]);
    if (code == COR_OK) code = cor__safetensors_write(path, tensors, &texts);
    cor__texts_free(&texts);
    return code;
}

cor_dict *cor_load_safetensors(const char *path) {
    cor_scope();
    cor_dict *tensors = cor_dict_new();
    if (tensors == NULL || cor__safetensors_read(path, tensors, NULL) != COR_OK) return NULL;
    return cor_dict_keep(tensors);
}
