/* checkpoint.c: named tensors and texts, and what is kept as such. module.c keeps modules in them. */
#include "io/checkpoint.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "tensor/tensor.h"
#include <corrie/creation.h>
#include <string.h>

static void destroy(cor__object *object) {
    cor_checkpoint *c = (cor_checkpoint *)object;
    cor_dict_release(c->tensors);
    cor__texts_free(&c->texts);
    cor__free(c, sizeof *c);
}

static const cor__class checkpoint_class = {"checkpoint", destroy};

cor_checkpoint *cor_checkpoint_new(void) {
    if (cor_error() != COR_OK) return NULL;
    cor_checkpoint *c = cor__alloc_zero(sizeof *c, "a checkpoint");
    if (c == NULL) return NULL;
    cor__object_init(&c->object, &checkpoint_class);
    cor__scope_add(c);
    return (c->tensors = cor_dict_take(cor_dict_new())) == NULL ? NULL : c;
}

cor_checkpoint *cor_checkpoint_retain(cor_checkpoint *c) { return c == NULL ? NULL : cor__retain(c); }
void cor_checkpoint_release(cor_checkpoint *c) { cor__release(c); }
cor_checkpoint *cor_checkpoint_take(cor_checkpoint *c) { return cor__scope_take(c); }
cor_checkpoint *cor_checkpoint_keep(cor_checkpoint *c) { return cor__scope_keep(c); }

int cor__checkpoint_check(const void *c, const char *name, const void *value) {
    if (cor_error() != COR_OK) return cor_error();
    if (c == NULL || name == NULL || value == NULL)
        return cor__fail(COR_EVALUE, "checkpoint: the %s is NULL",
                         c == NULL      ? "checkpoint"
                         : name == NULL ? "name"
                                        : "value");
    return COR_OK;
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

int cor_checkpoint_save(const cor_checkpoint *c, const char *path) {
    if (cor__checkpoint_check(c, "", "") != COR_OK) return cor_error();
    return cor__safetensors_write(path, c->tensors, &c->texts);
}

cor_checkpoint *cor_checkpoint_load(const char *path) {
    cor_scope();
    cor_checkpoint *c = cor_checkpoint_new();
    if (c == NULL || cor__safetensors_read(path, c->tensors, &c->texts) != COR_OK) return NULL;
    return cor_checkpoint_keep(c);
}

/* ---- adding ----------------------------------------------------------------------------------------------------- */

int cor_checkpoint_add_tensor(cor_checkpoint *c, const char *name, cor_tensor *t) {
    if (cor__checkpoint_check(c, name, t == COR_NONE ? NULL : t) != COR_OK) return cor_error();
    return cor_dict_set(c->tensors, name, t);
}

/* "optimizer" before "0.step" is "optimizer.0.step". */
static int add_below(cor_checkpoint *c, const char *name, const char *rest, cor_tensor *t, cor__text *path) {
    path->length = 0;
    cor__text_format(path, "%s%s%s", name, *name == '\0' ? "" : ".", rest);
    return path->failed ? cor_error() : cor_checkpoint_add_tensor(c, path->data, t);
}

int cor_checkpoint_add_dict(cor_checkpoint *c, const char *name, const cor_dict *tensors) {
    if (cor__checkpoint_check(c, name, tensors) != COR_OK) return cor_error();
    cor__text path = {0};
    int code = COR_OK;
    for (int64_t i = 0; i < cor_dict_count(tensors) && code == COR_OK; i++)
        code = add_below(c, name, cor_dict_name_at(tensors, i), cor_dict_tensor_at(tensors, i), &path);
    cor__text_free(&path);
    return code;
}

int cor_checkpoint_add_generator(cor_checkpoint *c, const char *name, cor_generator *generator) {
    const int64_t size = COR_GENERATOR_STATE;
    if (cor__checkpoint_check(c, name, generator) != COR_OK) return cor_error();
    cor_scope();
    cor_tensor *state = cor_empty_sized(COR_UINT8, &size, 1);
    if (state == NULL || cor_generator_get_state(generator, cor__data(state), (size_t)size) != COR_OK)
        return cor_error();
    return cor_dict_set(c->tensors, name, state);
}

int cor_checkpoint_add_text(cor_checkpoint *c, const char *name, const char *text) {
    if (cor__checkpoint_check(c, name, text) != COR_OK) return cor_error();
    return cor__texts_set(&c->texts, name, text);
}

int cor_checkpoint_add_int(cor_checkpoint *c, const char *name, int64_t value) {
    char text[32];
    cor__format(text, sizeof text, "%lld", (long long)value);
    return cor_checkpoint_add_text(c, name, text);
}

int cor_checkpoint_add_double(cor_checkpoint *c, const char *name, double value) {
    if (cor__checkpoint_check(c, name, "") != COR_OK) return cor_error();
    cor__text text = {0};
    cor__text_double(&text, value);
    int code = text.failed ? cor_error() : cor_checkpoint_add_text(c, name, text.data);
    cor__text_free(&text);
    return code;
}

/* ---- getting ---------------------------------------------------------------------------------------------------- */

bool cor_checkpoint_has(const cor_checkpoint *c, const char *name) {
    if (c == NULL || name == NULL) return false;
    return cor_dict_contains(c->tensors, name) || cor__texts_get(&c->texts, name) != NULL;
}

cor_tensor *cor_checkpoint_tensor(const cor_checkpoint *c, const char *name) {
    if (cor__checkpoint_check(c, name, "") != COR_OK) return NULL;
    cor_tensor *t = cor_dict_get(c->tensors, name);
    return t != NULL ? t : cor__fail_null(COR_EKEY, "the checkpoint has no tensor '%s'", name);
}

cor_dict *cor_checkpoint_dict(const cor_checkpoint *c, const char *name) {
    if (cor__checkpoint_check(c, name, "") != COR_OK) return NULL;
    cor_scope();
    size_t length = strlen(name);
    cor_dict *found = cor_dict_new();
    for (int64_t i = 0; i < cor_dict_count(c->tensors) && found != NULL; i++) {
        const char *full = cor_dict_name_at(c->tensors, i);
        if (length > 0 && (strncmp(full, name, length) != 0 || full[length] != '.')) continue;
        if (cor_dict_set(found, full + length + (length > 0), cor_dict_tensor_at(c->tensors, i)) != COR_OK) return NULL;
    }
    return cor_dict_keep(found);
}

int cor_checkpoint_load_generator(const cor_checkpoint *c, const char *name, cor_generator *generator) {
    if (cor__checkpoint_check(c, name, generator) != COR_OK) return cor_error();
    const cor_tensor *state = cor_checkpoint_tensor(c, name);
    if (state == NULL) return cor_error();
    if (state->dtype != COR_UINT8)
        return cor__fail(COR_EVALUE, "checkpoint: '%s' is of %s, a generator's state of uint8", name,
                         cor_dtype_name(state->dtype));
    return cor_generator_set_state(generator, cor__data(state), (size_t)state->numel);
}

const char *cor_checkpoint_text(const cor_checkpoint *c, const char *name) {
    if (cor__checkpoint_check(c, name, "") != COR_OK) return NULL;
    const char *text = cor__texts_get(&c->texts, name);
    return text != NULL ? text : cor__fail_null(COR_EKEY, "the checkpoint has no text '%s'", name);
}

int cor_checkpoint_int(const cor_checkpoint *c, const char *name, int64_t *value) {
    if (cor__checkpoint_check(c, name, value) != COR_OK) return cor_error();
    const char *text = cor_checkpoint_text(c, name);
    if (text == NULL) return cor_error();
    int64_t found;
    cor__json json = {"checkpoint", text, text, text + strlen(text)};
    if (cor__json_integer(&json, &found) != COR_OK || cor__json_end(&json) != COR_OK) {
        cor_error_clear();
        return cor__fail(COR_EFORMAT, "checkpoint: '%s' is '%.80s', expected a whole number", name, text);
    }
    *value = found;
    return COR_OK;
}

int cor_checkpoint_double(const cor_checkpoint *c, const char *name, double *value) {
    if (cor__checkpoint_check(c, name, value) != COR_OK) return cor_error();
    const char *text = cor_checkpoint_text(c, name);
    if (text == NULL) return cor_error();
    char *end;
    double found = cor__parse_double(text, &end);
    if (end == text || *end != '\0')
        return cor__fail(COR_EFORMAT, "checkpoint: '%s' is '%.80s', expected a number", name, text);
    *value = found;
    return COR_OK;
}
