/* module.c: the life of a module and what is registered on it. */
#include "nn/module.h"
#include "base/error.h"
#include "base/memory.h"
#include "graph/node.h"
#include "ops/op.h"
#include <corrie/math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_module_options, COR_MODULE_OPTIONS)
COR__DEFINE_OPTIONS(cor_buffer_options, COR_BUFFER_OPTIONS)
COR__DEFINE_OPTIONS(cor_set_submodule_options, COR_SET_SUBMODULE_OPTIONS)
COR__DEFINE_OPTIONS(cor_zero_grad_options, COR_ZERO_GRAD_OPTIONS)

/* ---- life ------------------------------------------------------------------------------------------------------- */

static void clear_entry(cor__entry *entry) {
    cor__release(entry->tensor);
    if (entry->child != NULL) cor__release(cor__state(entry->child));
    entry->tensor = NULL;
    entry->child = NULL;
}

static void destroy(cor__object *object) {
    cor__module *state = (cor__module *)object;
    if (state->destroy != NULL) state->destroy(state->self);
    for (int i = 0; i < state->n; i++) {
        clear_entry(&state->entries[i]);
        cor__free_text(state->entries[i].name);
    }
    cor__free(state->entries, (size_t)state->capacity * sizeof *state->entries);
    cor__release(state->hooks);
    cor__free_text(state->name);
    cor__free(state->self, state->size);
    cor__free(state, sizeof *state);
}

static const cor__class module_class = {"module", destroy};

static cor__module *make_state(size_t size, const char *name) {
    cor__module *state = cor__alloc_zero(sizeof *state, "a module");
    if (state == NULL) return NULL;
    cor__object_init(&state->object, &module_class);
    state->size = size;
    state->training = true;
    state->name = cor__copy_text(name, "a module's name");
    if (state->name != NULL) state->self = cor__alloc_zero(size, "a module's struct");
    if (state->self != NULL) {
        state->self->base = state;
        return state;
    }
    cor__release(state);
    return NULL;
}

cor_module *cor_module_new_with(size_t size, const char *name, cor_forward forward, const cor_module_options *options) {
    cor_module_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "module") != COR_OK) return NULL;
    const cor_module_options *o = cor_module_options_or_defaults(options, &room);
    if (name == NULL) return cor__fail_null(COR_EVALUE, "module: the name is NULL");
    if (size < sizeof(cor_module))
        return cor__fail_null(COR_EVALUE, "module: a struct that begins with a cor_module is needed");
    cor__module *state = make_state(size, name);
    if (state == NULL) return NULL;
    state->forward = forward;
    state->forward_n = o->forward_n;
    state->extra_repr = o->extra_repr;
    state->version = o->version;
    state->get_extra_state = o->get_extra_state;
    state->set_extra_state = o->set_extra_state;
    state->arguments = o->arguments;
    if (o->init != NULL) o->init(state->self);
    state->arguments = NULL;
    if (cor_error() != COR_OK) { /* a half-made struct is not shown to its destroy */
        cor__release(state);
        return NULL;
    }
    state->destroy = o->destroy;
    cor__scope_add(state);
    return state->self;
}

const void *cor_module_arguments(const cor_module *m) { return m == NULL ? NULL : cor__state(m)->arguments; }
const char *cor_module_name(const cor_module *m) { return m == NULL ? "" : cor__state(m)->name; }

cor_module *cor_module_retain(cor_module *m) {
    if (m != NULL) cor__retain(cor__state(m));
    return m;
}
void cor_module_release(cor_module *m) {
    if (m != NULL) cor__release(cor__state(m));
}
cor_module *cor_module_take(cor_module *m) {
    if (m != NULL) cor__scope_take(cor__state(m));
    return m;
}
cor_module *cor_module_keep(cor_module *m) {
    if (m != NULL) cor__scope_keep(cor__state(m));
    return m;
}

bool cor__module_ready(const cor_module *m, const char *call) {
    if (cor_error() != COR_OK) return false;
    if (m != NULL) return true;
    cor__fail(COR_EVALUE, "%s: the module is NULL, a failed or missing module", call);
    return false;
}

/* ---- entries ---------------------------------------------------------------------------------------------------- */

static const char *kind_name(cor__entry_kind kind) {
    return kind == COR__PARAMETER ? "parameter" : kind == COR__BUFFER ? "buffer" : "module";
}

cor__entry *cor__entry_find_n(const cor__module *state, const char *name, size_t n, int kind) {
    for (int i = 0; i < state->n; i++) {
        cor__entry *entry = &state->entries[i];
        if ((kind < 0 || (int)entry->kind == kind) && strncmp(entry->name, name, n) == 0 && entry->name[n] == '\0')
            return entry;
    }
    return NULL;
}

cor__entry *cor__entry_find(const cor__module *state, const char *name, int kind) {
    return cor__entry_find_n(state, name, strlen(name), kind);
}

static void write_slot(const cor__entry *entry) {
    const void *value = entry->kind == COR__CHILD ? (const void *)entry->child : (const void *)entry->tensor;
    if (entry->slot != NULL) memcpy(entry->slot, &value, sizeof value);
}

void cor__entry_remove(cor__module *state, int i) {
    cor__entry gone = state->entries[i];
    memmove(state->entries + i, state->entries + i + 1, sizeof gone * (size_t)(--state->n - i));
    clear_entry(&gone);
    write_slot(&gone);
    cor__free_text(gone.name);
}

static int check_name(const cor__module *state, const char *name, cor__entry_kind kind) {
    if (name == NULL) return cor__fail(COR_EVALUE, "%s name should be a string. Got NULL", kind_name(kind));
    if (strchr(name, '.') != NULL && kind == COR__CHILD)
        return cor__fail(COR_EKEY, "module name can't contain \".\", got: %s", name);
    if (strchr(name, '.') != NULL) return cor__fail(COR_EKEY, "%s name can't contain \".\"", kind_name(kind));
    if (name[0] == '\0') return cor__fail(COR_EKEY, "%s name can't be empty string \"\"", kind_name(kind));
    const cor__entry *there = cor__entry_find(state, name, -1);
    if (there != NULL && there->kind != kind) return cor__fail(COR_EKEY, "attribute '%s' already exists", name);
    return COR_OK;
}

static cor__entry *append_entry(cor__module *state, const char *name, cor__entry_kind kind) {
    if (state->n == state->capacity) {
        int capacity = state->capacity == 0 ? 4 : 2 * state->capacity;
        cor__entry *grown = cor__realloc(state->entries, (size_t)state->capacity * sizeof *grown,
                                         (size_t)capacity * sizeof *grown, "a module's entries");
        if (grown == NULL) return NULL;
        state->entries = grown;
        state->capacity = capacity;
    }
    char *copy = cor__copy_text(name, "an entry's name");
    if (copy == NULL) return NULL;
    cor__entry *entry = &state->entries[state->n++];
    *entry = (cor__entry){.name = copy, .kind = kind, .persistent = true};
    return entry;
}

/* Finds or makes the entry and puts the new value in the place of the old one. A value leaves its scope, if it is in
 * one, only when nothing can fail any more. */
static cor__entry *put(cor__module *state, const char *name, cor__entry_kind kind, void *slot, cor_tensor *tensor,
                       cor_module *child) {
    cor__entry *entry = cor__entry_find(state, name, (int)kind);
    if (entry == NULL) entry = append_entry(state, name, kind);
    if (entry == NULL) return NULL;
    cor__entry before = *entry;
    entry->tensor = tensor == COR_NONE ? NULL : cor__scope_take(tensor);
    entry->child = child;
    if (child != NULL) cor__scope_take(cor__state(child));
    if (slot != NULL) entry->slot = slot;
    write_slot(entry);
    clear_entry(&before);
    return entry;
}

static bool contains(const cor_module *tree, const cor_module *wanted, int depth) {
    if (tree == wanted || depth > COR__MAX_DEPTH) return true;
    for (int i = 0; i < cor__state(tree)->n; i++) {
        const cor_module *child = cor__state(tree)->entries[i].child;
        if (child != NULL && contains(child, wanted, depth + 1)) return true;
    }
    return false;
}

static int check_child(const cor_module *m, const char *name, const cor_module *child) {
    if (child == NULL || !contains(child, m, 0)) return COR_OK;
    return cor__fail(COR_ESTATE,
                     "add_module: '%s' contains the module it would be registered on, or is nested more than %d deep",
                     name, COR__MAX_DEPTH);
}

int cor_register_module_at(cor_module *m, const char *name, void *slot, cor_module *child) {
    if (!cor__module_ready(m, "add_module")) return cor_error();
    if (check_name(cor__state(m), name, COR__CHILD) != COR_OK || check_child(m, name, child) != COR_OK)
        return cor_error();
    if (cor__hooks_registration(COR__REGISTER_MODULE, m, name, NULL, &child) != COR_OK ||
        check_child(m, name, child) != COR_OK)
        return cor_error();
    return put(cor__state(m), name, COR__CHILD, slot, NULL, child) == NULL ? cor_error() : COR_OK;
}

static int check_tensor(const cor_tensor *t, const char *what, const char *name) {
    if (t == NULL) return cor__fail(COR_EVALUE, "register_%s: '%s' is NULL, a failed or missing tensor", what, name);
    return COR_OK;
}

static int check_parameter(const cor_tensor *t, const char *name) {
    if (check_tensor(t, "parameter", name) != COR_OK) return cor_error();
    if (t != COR_NONE && !cor__is_parameter(t))
        return cor__fail(COR_EVALUE,
                         "cannot assign 'torch.%s' object to parameter '%s' (torch.nn.Parameter or None required)",
                         cor__legacy_type_name(t->dtype), name);
    if (t != COR_NONE && t->grad_fn != NULL)
        return cor__fail(COR_EVALUE,
                         "Cannot assign non-leaf Tensor to parameter '%s'. Model parameters must be created "
                         "explicitly. To express '%s' as a function of another Tensor, compute the value in "
                         "the forward() method.",
                         name, name);
    return COR_OK;
}

int cor_register_parameter_at(cor_module *m, const char *name, void *slot, cor_tensor *parameter) {
    if (!cor__module_ready(m, "register_parameter")) return cor_error();
    if (check_name(cor__state(m), name, COR__PARAMETER) != COR_OK || check_parameter(parameter, name) != COR_OK)
        return cor_error();
    if (parameter != COR_NONE &&
        (cor__hooks_registration(COR__REGISTER_PARAMETER, m, name, &parameter, NULL) != COR_OK ||
         check_parameter(parameter, name) != COR_OK))
        return cor_error();
    return put(cor__state(m), name, COR__PARAMETER, slot, parameter, NULL) == NULL ? cor_error() : COR_OK;
}

int cor_register_buffer_at(cor_module *m, const char *name, void *slot, cor_tensor *buffer,
                           const cor_buffer_options *options) {
    cor_buffer_options room;
    if (!cor__module_ready(m, "register_buffer")) return cor_error();
    if (cor__check_options(options, sizeof room, "register_buffer") != COR_OK) return cor_error();
    if (check_name(cor__state(m), name, COR__BUFFER) != COR_OK || check_tensor(buffer, "buffer", name) != COR_OK)
        return cor_error();
    if (cor__hooks_registration(COR__REGISTER_BUFFER, m, name, &buffer, NULL) != COR_OK ||
        check_tensor(buffer, "buffer", name) != COR_OK)
        return cor_error();
    cor__entry *entry = put(cor__state(m), name, COR__BUFFER, slot, buffer, NULL);
    if (entry == NULL) return cor_error();
    entry->persistent = cor_buffer_options_or_defaults(options, &room)->persistent;
    return COR_OK;
}

int cor_delete_entry(cor_module *m, const char *name) {
    if (!cor__module_ready(m, "delete")) return cor_error();
    if (name == NULL) return cor__fail(COR_EVALUE, "delete: the name is NULL");
    cor__module *state = cor__state(m);
    for (int i = 0; i < state->n; i++) {
        if (strcmp(state->entries[i].name, name) != 0) continue;
        cor__entry_remove(state, i);
        return COR_OK;
    }
    return cor__fail(COR_EKEY, "'%s' object has no attribute '%s'", state->name, name);
}

/* A detached alias, so that the parameter is a leaf whatever t's history is. */
cor_tensor *cor_parameter(cor_tensor *t) {
    if (cor_error() != COR_OK) return NULL;
    if (t == COR_NONE) return COR_NONE;
    if (t != NULL && cor__is_parameter(t)) return t;
    if (t != NULL && !cor_dtype_is_floating(t->dtype))
        return cor__fail_null(COR_EDTYPE, "Only Tensors of floating point and complex dtype can require gradients");
    if (t != NULL && cor__check_may_require_grad(t) != COR_OK) return NULL;
    cor_tensor *parameter = cor_detach(t);
    if (parameter != NULL) parameter->flags |= COR__REQUIRES_GRAD | COR__IS_PARAMETER;
    return parameter;
}

/* ---- paths ------------------------------------------------------------------------------------------------------ */

/* The module that holds the last part of a dotted path, and where that part starts. */
static cor_module *walk_path(cor_module *m, const char *path, const char **last) {
    const char *dot;
    while ((dot = strchr(path, '.')) != NULL) {
        const int length = (int)(dot - path);
        const cor__entry *entry = cor__entry_find_n(cor__state(m), path, (size_t)length, -1);
        if (entry == NULL)
            return cor__fail_null(COR_EKEY, "%s has no attribute `%.*s`", cor__state(m)->name, length, path);
        if (entry->child == NULL) return cor__fail_null(COR_EKEY, "`%s` is not an nn.Module", entry->name);
        m = entry->child;
        path = dot + 1;
    }
    *last = path;
    return m;
}

static cor__entry *find_path(cor_module *m, const char *path, cor__entry_kind kind, const char *call,
                             const char *wanted) {
    if (!cor__module_ready(m, call)) return NULL;
    if (path == NULL) return cor__fail_null(COR_EVALUE, "%s: the path is NULL", call);
    const char *last = NULL;
    cor_module *holder = walk_path(m, path, &last);
    if (holder == NULL) return NULL;
    cor__entry *entry = cor__entry_find(cor__state(holder), last, -1);
    if (entry == NULL) return cor__fail_null(COR_EKEY, "%s has no attribute `%s`", cor__state(holder)->name, last);
    if (entry->kind != kind) return cor__fail_null(COR_EKEY, "`%s` is not %s", last, wanted);
    return entry;
}

cor_module *cor_get_submodule(cor_module *m, const char *path) {
    if (m != NULL && path != NULL && path[0] == '\0') return cor_error() == COR_OK ? m : NULL;
    cor__entry *entry = find_path(m, path, COR__CHILD, "get_submodule", "an nn.Module");
    if (entry != NULL && entry->child == NULL) cor__fail(COR_EKEY, "`%s` is not an nn.Module", entry->name);
    return entry == NULL ? NULL : entry->child;
}

cor_tensor *cor_get_parameter(cor_module *m, const char *path) {
    cor__entry *entry = find_path(m, path, COR__PARAMETER, "get_parameter", "an nn.Parameter");
    if (entry != NULL && entry->tensor == NULL) cor__fail(COR_EKEY, "`%s` is not an nn.Parameter", entry->name);
    return entry == NULL ? NULL : entry->tensor;
}

cor_tensor *cor_get_buffer(cor_module *m, const char *path) {
    cor__entry *entry = find_path(m, path, COR__BUFFER, "get_buffer", "a buffer");
    if (entry == NULL) return NULL;
    return entry->tensor == NULL ? COR_NONE : entry->tensor;
}

int cor_set_submodule_with(cor_module *m, const char *path, cor_module *child,
                           const cor_set_submodule_options *options) {
    cor_set_submodule_options room;
    if (!cor__module_ready(m, "set_submodule")) return cor_error();
    if (cor__check_options(options, sizeof room, "set_submodule") != COR_OK) return cor_error();
    if (path == NULL) return cor__fail(COR_EVALUE, "set_submodule: the path is NULL");
    if (path[0] == '\0') return cor__fail(COR_EVALUE, "Cannot set the submodule without a target name!");
    if (child == NULL) return cor__fail(COR_EVALUE, "`module` is not an nn.Module, found <class 'NoneType'>");
    const char *last = NULL;
    cor_module *holder = walk_path(m, path, &last);
    if (holder == NULL) return cor_error();
    const cor__entry *there = cor__entry_find(cor__state(holder), last, -1);
    if (there == NULL && cor_set_submodule_options_or_defaults(options, &room)->strict)
        return cor__fail(COR_EKEY, "%s has no attribute `%s`", cor__state(holder)->name, last);
    if (there != NULL && there->child == NULL) return cor__fail(COR_EKEY, "`%s` is not an nn.Module", last);
    return cor_register_module_at(holder, last, NULL, child);
}

/* ---- modes ------------------------------------------------------------------------------------------------------ */

/* Whether an earlier entry of the same module holds the child of entry i too. */
static bool is_repeat(const cor__module *state, int i) {
    for (int k = 0; k < i; k++)
        if (state->entries[k].child == state->entries[i].child) return true;
    return false;
}

int cor_module_apply(cor_module *m, int (*function)(cor_module *m, void *context), void *context) {
    if (!cor__module_ready(m, "apply")) return cor_error();
    if (function == NULL) return cor__fail(COR_EVALUE, "apply: the function is NULL");
    for (int i = 0; i < cor__state(m)->n; i++) {
        cor_module *child = cor__state(m)->entries[i].child;
        if (child == NULL || is_repeat(cor__state(m), i)) continue;
        int code = cor_module_apply(child, function, context);
        if (code != COR_OK) return code;
    }
    return function(m, context);
}

static int set_training(cor_module *m, void *context) {
    cor__state(m)->training = *(const bool *)context;
    return COR_OK;
}

int cor_train_with(cor_module *m, bool training) { return cor_module_apply(m, set_training, &training); }
bool cor_is_training(const cor_module *m) { return m != NULL && cor__state(m)->training; }

/* Runs a step on every parameter and buffer that is there. */
typedef struct tensor_step {
    int (*step)(cor__entry *entry, const void *argument);
    const void *argument;
} tensor_step;

static int step_entries(cor_module *m, void *context) {
    const tensor_step *s = context;
    for (int i = 0; i < cor__state(m)->n; i++) {
        cor__entry *entry = &cor__state(m)->entries[i];
        int code = entry->tensor == NULL ? COR_OK : s->step(entry, s->argument);
        if (code != COR_OK) return code;
    }
    return COR_OK;
}

static int set_requires_grad(cor__entry *entry, const void *argument) {
    if (entry->kind != COR__PARAMETER) return COR_OK;
    return cor_requires_grad_(entry->tensor, *(const bool *)argument) == NULL ? cor_error() : COR_OK;
}

int cor__zero_grad(cor_tensor *parameter, bool set_to_none) {
    if (parameter->grad == NULL) return COR_OK;
    if (set_to_none) return cor_set_grad(parameter, COR_NONE);
    cor_scope();
    cor_no_grad();
    cor_tensor *grad = cor_detach(parameter->grad);
    if (cor_zero_(grad) == NULL) return cor_error();
    return cor_requires_grad(parameter->grad) ? cor_set_grad(parameter, grad) : COR_OK;
}

static int drop_grad(cor__entry *entry, const void *argument) {
    return entry->kind == COR__PARAMETER ? cor__zero_grad(entry->tensor, *(const bool *)argument) : COR_OK;
}

/* The tensor object stays, so that optimizers that hold it stay valid; its storage is replaced. */
static void become(cor_tensor *t, const cor_tensor *other) {
    cor__storage *before = t->storage;
    t->storage = cor__retain(other->storage);
    t->dtype = other->dtype;
    t->offset = other->offset;
    memcpy(t->strides, other->strides, sizeof t->strides);
    cor__release(before);
}

/* A tensor and its gradient change together or, on failure, not at all. */
static int cast(cor_tensor *t, cor_dtype dtype) {
    if (!cor_dtype_is_floating(t->dtype) || t->dtype == dtype) return COR_OK;
    cor_scope();
    cor_no_grad();
    const cor_tensor *other = cor_to(t, dtype), *grad = t->grad == NULL ? NULL : cor_to(t->grad, dtype);
    if (cor_error() != COR_OK) return cor_error();
    become(t, other);
    if (grad != NULL) become(t->grad, grad);
    return COR_OK;
}

static int cast_entry(cor__entry *entry, const void *argument) {
    return cast(entry->tensor, *(const cor_dtype *)argument);
}

static int step_all(cor_module *m, int (*step)(cor__entry *, const void *), const void *argument) {
    tensor_step s = {step, argument};
    return cor_module_apply(m, step_entries, &s);
}

int cor_module_requires_grad_(cor_module *m, bool requires_grad) {
    return step_all(m, set_requires_grad, &requires_grad);
}

int cor_module_zero_grad_with(cor_module *m, const cor_zero_grad_options *options) {
    cor_zero_grad_options room;
    if (cor__check_options(options, sizeof room, "zero_grad") != COR_OK) return cor_error();
    return step_all(m, drop_grad, &cor_zero_grad_options_or_defaults(options, &room)->set_to_none);
}

int cor_module_to(cor_module *m, cor_dtype dtype) {
    if (cor_error() != COR_OK) return cor_error();
    if (!cor_dtype_is_floating(dtype))
        return cor__fail(COR_EDTYPE,
                         "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                         "dtype=torch.%s",
                         cor_dtype_name(dtype));
    return step_all(m, cast_entry, &dtype);
}
