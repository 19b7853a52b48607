/* optimizer.c: the life of an optimizer, its groups and their parameters. */
#include "optim/optimizer.h"
#include "base/error.h"
#include "base/memory.h"
#include "nn/module.h"
#include "tensor/iterate.h"
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_group_options, COR_GROUP_OPTIONS)

static void destroy(cor__object *object) {
    cor_optimizer *o = (cor_optimizer *)object;
    for (int64_t i = 0; i < o->n; i++) {
        cor__release(o->parameters[i].tensor);
        for (int s = 0; s < COR__RULE_STATES; s++) cor__release(o->parameters[i].state[s]);
    }
    cor__free(o->parameters, (size_t)o->n * sizeof *o->parameters);
    cor__free(o->updates, (size_t)o->n * sizeof *o->updates);
    cor__free(o->groups, (size_t)o->n_groups * sizeof *o->groups);
    cor__lbfgs_free(o->lbfgs);
    cor__free(o, sizeof *o);
}

static const cor__class optimizer_class = {"optimizer", destroy};

cor_optimizer *cor_optimizer_retain(cor_optimizer *o) { return o == NULL ? NULL : cor__retain(o); }
void cor_optimizer_release(cor_optimizer *o) { cor__release(o); }
cor_optimizer *cor_optimizer_take(cor_optimizer *o) { return cor__scope_take(o); }
cor_optimizer *cor_optimizer_keep(cor_optimizer *o) { return cor__scope_keep(o); }

int64_t cor_param_groups(const cor_optimizer *o) { return o == NULL ? 0 : o->n_groups; }

bool cor__optimizer_ready(const cor_optimizer *o, const char *call) {
    if (cor_error() != COR_OK) return false;
    if (o == NULL) cor__fail(COR_EVALUE, "%s: the optimizer is NULL", call);
    return o != NULL;
}

/* ---- sources of parameters -------------------------------------------------------------------------------------- */

int64_t cor__source_count(cor_parameter_source source, const char *call) {
    if (source.dict != NULL) return cor_dict_count(source.dict);
    if (source.list.tensors != NULL || source.list.n == 0) return source.list.n;
    return cor__fail(COR_EVALUE, "%s: the parameters are NULL", call), -1;
}

cor_tensor *cor__source_at(cor_parameter_source source, int64_t i) {
    cor_tensor *t = source.dict != NULL ? cor_dict_tensor_at(source.dict, i) : source.list.tensors[i];
    if (t == NULL && source.dict == NULL) return cor__fail_null(COR_EVALUE, "one of the parameters is NULL");
    if (t == NULL || t == COR_NONE)
        return cor__fail_null(COR_EVALUE, "optimizer can only optimize Tensors, but one of the params is NoneType");
    return t;
}

/* ---- groups ----------------------------------------------------------------------------------------------------- */

static bool has(const cor__optimized *parameters, int64_t n, const cor_tensor *t) {
    for (int64_t i = 0; i < n; i++)
        if (parameters[i].tensor == t) return true;
    return false;
}

/* Writes the source's tensors to parameters[o->n ...], borrowed. */
static int take_parameters(const cor_optimizer *o, cor_parameter_source source, int64_t n, cor__optimized *parameters) {
    for (int64_t i = 0; i < n; i++) {
        cor_tensor *t = cor__source_at(source, i);
        if (t == NULL) return cor_error();
        if (!cor_is_leaf(t)) return cor__fail(COR_EVALUE, "can't optimize a non-leaf Tensor");
        if (has(parameters + o->n, i, t))
            return cor__fail(COR_EVALUE, "optimizer contains a parameter group with duplicate parameters");
        parameters[o->n + i] = (cor__optimized){.tensor = t, .product = 1};
    }
    for (int64_t i = 0; i < n; i++)
        if (has(parameters, o->n, parameters[o->n + i].tensor))
            return cor__fail(COR_EVALUE, "some parameters appear in more than one parameter group");
    return COR_OK;
}

/* The options of a new group. */
static int take_options(const cor_optimizer *o, const cor_group_options *options, cor__group *g) {
    int n;
    uint64_t given;
    const cor__option *rows = cor_group_options_describe(&n);
    memcpy(g->value, o->defaults, sizeof g->value);
    cor__settings_read(options, rows, n, g->value, &given);
    given &= ~o->kind->settings;
    for (int i = 0; i < COR__SETTINGS; i++)
        if (given & COR__BIT(i))
            return cor__fail(COR_EKEY, "add_param_group: %s has no '%s'", o->kind->name, cor__settings[i].name);
    return COR_OK;
}

/* A copy with room for `more` elements, in place of the old array when all of them could be had. */
static void *grown(const void *old, int64_t n, int64_t more, size_t size, const char *what) {
    void *array = cor__alloc_zero((size_t)(n + more) * size, what);
    if (array != NULL && n > 0) memcpy(array, old, (size_t)n * size);
    return array;
}

static void replace(void *slot, void *array, int64_t n, size_t size) {
    void *before;
    memcpy(&before, slot, sizeof before);
    memcpy(slot, &array, sizeof array);
    cor__free(before, (size_t)n * size);
}

static int add_group(cor_optimizer *o, cor_parameter_source source, const cor_group_options *options) {
    const int64_t n = cor__source_count(source, "add_param_group");
    if (n < 0) return cor_error();
    cor__group g = {.begin = o->n, .n = n, .present = o->kind->settings};
    if (take_options(o, options, &g) != COR_OK) return cor_error();
    cor__optimized *parameters = grown(o->parameters, o->n, n, sizeof *parameters, "an optimizer's parameters");
    cor__update *updates = parameters == NULL ? NULL : grown(NULL, 0, o->n + n, sizeof *updates, "an optimizer's step");
    cor__group *groups = updates == NULL ? NULL : grown(o->groups, o->n_groups, 1, sizeof g, "an optimizer's groups");
    if (groups == NULL || take_parameters(o, source, n, parameters) != COR_OK) {
        cor__free(parameters, (size_t)(o->n + n) * sizeof *parameters);
        cor__free(updates, (size_t)(o->n + n) * sizeof *updates);
        cor__free(groups, (size_t)(o->n_groups + 1) * sizeof g);
        return cor_error();
    }
    groups[o->n_groups] = g;
    for (int64_t i = 0; i < n; i++) cor__retain(parameters[o->n + i].tensor);
    replace(&o->parameters, parameters, o->n, sizeof *parameters);
    replace(&o->updates, updates, o->n, sizeof *updates);
    replace(&o->groups, groups, o->n_groups, sizeof g);
    o->n += n;
    o->n_groups++;
    return COR_OK;
}

int cor_add_param_group_with(cor_optimizer *o, cor_parameter_source parameters, const cor_group_options *options) {
    cor_group_options room;
    if (!cor__optimizer_ready(o, "add_param_group")) return cor_error();
    if (cor__check_options(options, sizeof room, "add_param_group") != COR_OK) return cor_error();
    if (o->kind == &cor__kind_lbfgs)
        return cor__fail(COR_EVALUE, "LBFGS doesn't support per-parameter options (parameter groups)");
    return add_group(o, parameters, cor_group_options_or_defaults(options, &room));
}

/* ---- making ----------------------------------------------------------------------------------------------------- */

cor_optimizer *cor__optimizer_new(const cor__optimizer_kind *kind, cor_parameter_source parameters, const void *options,
                                  const cor__option *rows, int n_rows) {
    double value[COR__SETTINGS];
    uint64_t given;
    cor_group_options none;
    const int64_t n = cor__source_count(parameters, kind->name);
    if (n < 0) return NULL;
    for (int i = 0; i < COR__SETTINGS; i++) value[i] = NAN;
    cor__settings_read(options, rows, n_rows, value, &given);
    for (int i = 0; i < COR__SETTINGS; i++)
        if (!(given & COR__BIT(i))) value[i] = 0;
    if (kind == &cor__kind_adamw) value[COR__DECOUPLED] = 1;
    if (kind->check(value) != COR_OK) return NULL;
    if (n == 0) return cor__fail_null(COR_EVALUE, "optimizer got an empty parameter list");
    cor_optimizer *o = cor__alloc_zero(sizeof *o, "an optimizer");
    if (o == NULL) return NULL;
    cor__object_init(&o->object, &optimizer_class);
    o->kind = kind;
    memcpy(o->defaults, value, sizeof value);
    cor_group_options_init(&none);
    if (add_group(o, parameters, &none) == COR_OK) return cor__scope_add(o);
    cor__release(o);
    return NULL;
}

cor_tensor *cor__state_new(const cor_tensor *parameter, double fill) {
    cor_tensor *state = cor__empty_like(parameter, parameter->dtype);
    if (state != NULL && cor__fill(state, COR_OPERAND(fill)) != COR_OK) {
        cor__release(state);
        return NULL;
    }
    return state;
}

/* ---- gradients -------------------------------------------------------------------------------------------------- */

int cor_zero_grad_with(cor_optimizer *o, const cor_zero_grad_options *options) {
    cor_zero_grad_options defaults;
    if (!cor__optimizer_ready(o, "zero_grad")) return cor_error();
    if (cor__check_options(options, sizeof defaults, "zero_grad") != COR_OK) return cor_error();
    cor_zero_grad_options_init(&defaults);
    const bool set_to_none = options == NULL ? defaults.set_to_none : options->set_to_none;
    int code = COR_OK;
    for (int64_t i = 0; i < o->n && code == COR_OK; i++) code = cor__zero_grad(o->parameters[i].tensor, set_to_none);
    return code;
}
