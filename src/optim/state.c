/* state.c: an optimizer's state out under its names, and in again. */
#include "base/error.h"
#include "base/memory.h"
#include "optim/entries.h"
#include "optim/optimizer.h"
#include "tensor/iterate.h"
#include <stdlib.h>
#include <string.h>

/* What schedulers add to groups. */
static const uint64_t from_schedulers = COR__BIT(COR__INITIAL_LR) | COR__BIT(COR__MAX_LR) | COR__BIT(COR__MIN_LR) |
                                        COR__BIT(COR__MAX_MOMENTUM) | COR__BIT(COR__BASE_MOMENTUM);

/* The dtype that a setting is kept in; COR_DTYPE_UNSET for one that is not kept. */
static cor_dtype kept_as(cor__setting setting) {
    switch (cor__settings[setting].kind) {
    case COR__SETTING_REAL:
        return COR_FLOAT64;
    case COR__SETTING_INTEGER:
        return COR_INT64;
    case COR__SETTING_BOOLEAN:
    case COR__SETTING_SEARCH:
        return COR_BOOL;
    default:
        return COR_DTYPE_UNSET;
    }
}

static void name_of_setting(char name[COR__ENTRY_NAME], int64_t group, const char *setting) {
    cor__format(name, COR__ENTRY_NAME, "param_groups.%lld.%s", (long long)group, setting);
}

static void name_of_state(char name[COR__ENTRY_NAME], int64_t parameter, const char *state) {
    cor__format(name, COR__ENTRY_NAME, "state.%lld.%s", (long long)parameter, state);
}

/* ---- out -------------------------------------------------------------------------------------------------------- */

static bool has_state(const cor_optimizer *o, const cor__optimized *p) {
    for (int i = 0; i < COR__RULE_STATES; i++)
        if (p->state[i] != NULL) return true;
    return o->kind->has_step && p->step > 0;
}

static int put_parameter(const cor_optimizer *o, cor_dict *d, int64_t i) {
    char name[COR__ENTRY_NAME];
    const cor__optimized *p = &o->parameters[i];
    if (!has_state(o, p)) return COR_OK;
    if (o->kind->has_step) {
        name_of_state(name, i, "step");
        cor__put_number(d, name, COR_FLOAT32, (double)p->step);
    }
    if (o->kind->has_product) {
        name_of_state(name, i, "mu_product");
        cor__put_number(d, name, COR_FLOAT32, (double)p->product);
    }
    for (int s = 0; s < COR__RULE_STATES && cor_error() == COR_OK; s++) {
        if (p->state[s] == NULL) continue;
        name_of_state(name, i, o->kind->states[s]);
        cor_dict_set(d, name, p->state[s]);
    }
    return cor_error();
}

static int put_indices(cor_dict *d, int64_t group, const cor__group *g) {
    char name[COR__ENTRY_NAME];
    cor_tensor *t = cor__empty(COR_INT64, &g->n, 1);
    if (t == NULL) return cor_error();
    for (int64_t i = 0; i < g->n; i++) ((int64_t *)cor__data(t))[i] = g->begin + i;
    name_of_setting(name, group, "params");
    cor_dict_set(d, name, t);
    cor__release(t);
    return cor_error();
}

static int put_group(const cor_optimizer *o, cor_dict *d, int64_t group) {
    char name[COR__ENTRY_NAME];
    const cor__group *g = &o->groups[group];
    for (int i = 0; i < COR__SETTINGS && cor_error() == COR_OK; i++) {
        if (!(g->present & COR__BIT(i)) || i == COR__BETA2 || kept_as((cor__setting)i) == COR_DTYPE_UNSET) continue;
        name_of_setting(name, group, i == COR__BETA1 ? "betas" : cor__settings[i].name);
        if (i == COR__BETA1) cor__put_reals(d, name, &g->value[i], 2);
        else cor__put_number(d, name, kept_as((cor__setting)i), g->value[i]);
    }
    return cor_error() == COR_OK ? put_indices(d, group, g) : cor_error();
}

cor_dict *cor_optimizer_state(cor_optimizer *o) {
    if (!cor__optimizer_ready(o, "optimizer_state")) return NULL;
    cor_dict *d = cor_dict_new();
    if (d == NULL) return NULL;
    if (o->lbfgs != NULL) cor__lbfgs_save(o, d);
    for (int64_t i = 0; i < o->n && cor_error() == COR_OK; i++) put_parameter(o, d, i);
    for (int64_t i = 0; i < o->n_groups && cor_error() == COR_OK; i++) put_group(o, d, i);
    return cor_error() == COR_OK ? d : NULL;
}

/* ---- in: names -------------------------------------------------------------------------------------------------- */

/* Reads "PREFIX.NUMBER.": the number and what follows; -1 if the name does not begin so. */
static int64_t number_after(const char *name, const char *prefix, const char **rest) {
    const size_t length = strlen(prefix);
    char *end;
    if (strncmp(name, prefix, length) != 0 || name[length] < '0' || name[length] > '9') return -1;
    const int64_t number = strtoll(name + length, &end, 10);
    *rest = end + 1;
    return *end == '.' ? number : -1;
}

static bool is_setting(const cor_optimizer *o, const char *rest) {
    if (strcmp(rest, "params") == 0) return true;
    if (strcmp(rest, "betas") == 0) return (o->kind->settings & COR__BIT(COR__BETA1)) != 0;
    const cor__setting setting = cor__setting_named(rest);
    return setting < COR__SETTINGS && setting != COR__BETA1 && setting != COR__BETA2 &&
           kept_as(setting) != COR_DTYPE_UNSET && ((o->kind->settings | from_schedulers) & COR__BIT(setting));
}

static bool is_state(const cor_optimizer *o, const char *rest) {
    for (int i = 0; i < COR__RULE_STATES; i++)
        if (o->kind->states[i] != NULL && strcmp(rest, o->kind->states[i]) == 0) return true;
    return (o->kind->has_step && strcmp(rest, "step") == 0) ||
           (o->kind->has_product && strcmp(rest, "mu_product") == 0);
}

/* Every name must be one that is read. */
static int check_names(const cor_optimizer *o, const cor_dict *d) {
    for (int64_t i = 0; i < cor_dict_count(d); i++) {
        const char *name = cor_dict_name_at(d, i), *rest;
        int64_t number = number_after(name, "param_groups.", &rest);
        bool known = number >= 0 && is_setting(o, rest);
        number = number_after(name, "state.", &rest);
        known = known || (number >= 0 && number < o->n && (is_state(o, rest) || o->kind == &cor__kind_lbfgs));
        if (!known) return cor__unknown_entry(o->kind->name, name);
    }
    return COR_OK;
}

static int check_groups(const cor_optimizer *o, const cor_dict *d) {
    char name[COR__ENTRY_NAME];
    int64_t n = 0;
    for (name_of_setting(name, 0, "params"); cor_dict_contains(d, name); name_of_setting(name, n, "params")) n++;
    if (n != o->n_groups) return cor__fail(COR_EVALUE, "loaded state dict has a different number of parameter groups");
    for (int64_t i = 0; i < n; i++) {
        name_of_setting(name, i, "params");
        if (cor_numel(cor_dict_get(d, name)) != o->groups[i].n)
            return cor__fail(COR_EVALUE, "loaded state dict contains a parameter group that doesn't match the size of "
                                         "optimizer's group");
    }
    return COR_OK;
}

/* ---- in: values ------------------------------------------------------------------------------------------------- */

/* What is there goes over a copy of the group. */
static int get_group(const cor_dict *d, int64_t group, cor__group *g) {
    char name[COR__ENTRY_NAME];
    for (int i = 0; i < COR__SETTINGS; i++) {
        name_of_setting(name, group, i == COR__BETA1 ? "betas" : cor__settings[i].name);
        if (i == COR__BETA2 || !cor_dict_contains(d, name)) continue;
        if (i == COR__BETA1) cor__get_reals(d, name, &g->value[i], 2);
        else cor__get_number(d, name, &g->value[i]);
        if (cor_error() != COR_OK) return cor_error();
        g->present |= COR__BIT(i);
    }
    return COR_OK;
}

/* A copy of a state in the parameter's dtype and layout. */
static cor_tensor *get_state(const cor_dict *d, const char *name, const cor_tensor *parameter) {
    const cor_tensor *saved = cor_dict_get(d, name);
    char ours[COR__SIZES_TEXT], theirs[COR__SIZES_TEXT];
    if (saved == NULL) return cor__missing_entry(name), NULL;
    const bool same = cor__has_sizes(saved, parameter->sizes, parameter->ndim);
    if (!same)
        return cor__fail_null(COR_ESHAPE, "'%s' of the state has the shape %s, its parameter %s", name,
                              cor__sizes_text(theirs, saved->sizes, saved->ndim),
                              cor__sizes_text(ours, parameter->sizes, parameter->ndim));
    cor_tensor *state = cor__state_new(parameter, 0);
    if (state == NULL || cor__copy(state, saved) == COR_OK) return state;
    cor__release(state);
    return NULL;
}

static int get_float(const cor_dict *d, int64_t i, const char *state, float *value, bool *any) {
    char name[COR__ENTRY_NAME];
    double number;
    name_of_state(name, i, state);
    if (cor_dict_contains(d, name)) *any = true;
    else return COR_OK;
    if (cor__get_number(d, name, &number) != COR_OK) return cor_error();
    *value = (float)number;
    return COR_OK;
}

/* Reads what is there for parameter i. When something is, all that its next step reads must be there, but for the
 * buffer of SGD, which may come later. */
static int get_parameter(const cor_optimizer *o, const cor_dict *d, int64_t i, const cor__group *g, cor__optimized *p) {
    char name[COR__ENTRY_NAME];
    bool any = false;
    cor__plan plan;
    if (o->kind->has_step && get_float(d, i, "step", &p->step, &any) != COR_OK) return cor_error();
    if (o->kind->has_product && get_float(d, i, "mu_product", &p->product, &any) != COR_OK) return cor_error();
    for (int s = 0; s < COR__RULE_STATES; s++) {
        if (o->kind->states[s] == NULL) continue;
        name_of_state(name, i, o->kind->states[s]);
        if (!cor_dict_contains(d, name)) continue;
        any = true;
        if ((p->state[s] = get_state(d, name, p->tensor)) == NULL) return cor_error();
    }
    if (!any || !o->kind->has_step) return COR_OK;
    name_of_state(name, i, "step");
    if (!cor_dict_contains(d, name)) return cor__missing_entry(name);
    name_of_state(name, i, "mu_product");
    if (o->kind->has_product && !cor_dict_contains(d, name)) return cor__missing_entry(name);
    o->kind->plan(g, p, &plan);
    for (int s = 0; s < COR__RULE_STATES; s++) {
        if (!(plan.states & 1u << s) || p->state[s] != NULL) continue;
        name_of_state(name, i, o->kind->states[s]);
        return cor__missing_entry(name);
    }
    return COR_OK;
}

static void drop_states(cor__optimized *parameters, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        for (int s = 0; s < COR__RULE_STATES; s++) cor__release(parameters[i].state[s]);
}

static int get_all(const cor_optimizer *o, const cor_dict *d, cor__group *groups, cor__optimized *parameters) {
    for (int64_t i = 0; i < o->n; i++)
        parameters[i] = (cor__optimized){.tensor = o->parameters[i].tensor, .product = 1};
    for (int64_t i = 0; i < o->n_groups; i++) {
        groups[i] = o->groups[i];
        if (get_group(d, i, &groups[i]) != COR_OK) return cor_error();
        for (int64_t j = groups[i].begin; j < groups[i].begin + groups[i].n; j++)
            if (o->kind->plan != NULL && get_parameter(o, d, j, &groups[i], &parameters[j]) != COR_OK)
                return cor_error();
    }
    return COR_OK;
}

static int load(cor_optimizer *o, const cor_dict *d, cor__group *groups, cor__optimized *parameters) {
    int code = get_all(o, d, groups, parameters);
    if (code == COR_OK && o->kind->plan == NULL) code = cor__lbfgs_load(o, d);
    if (code != COR_OK) {
        drop_states(parameters, o->n);
        return code;
    }
    drop_states(o->parameters, o->n);
    memcpy(o->parameters, parameters, (size_t)o->n * sizeof *parameters);
    memcpy(o->groups, groups, (size_t)o->n_groups * sizeof *groups);
    return COR_OK;
}

int cor_load_optimizer_state(cor_optimizer *o, cor_dict *state) {
    if (!cor__optimizer_ready(o, "load_optimizer_state")) return cor_error();
    if (state == NULL) return cor__fail(COR_EVALUE, "load_optimizer_state: the state is NULL");
    if (check_groups(o, state) != COR_OK || check_names(o, state) != COR_OK) return cor_error();
    const size_t groups_size = (size_t)o->n_groups * sizeof(cor__group), size = (size_t)o->n * sizeof(cor__optimized);
    cor__group *groups = cor__alloc(groups_size, "an optimizer's groups");
    cor__optimized *parameters = groups == NULL ? NULL : cor__alloc(size, "an optimizer's parameters");
    if (parameters != NULL) load(o, state, groups, parameters);
    cor__free(groups, groups_size);
    cor__free(parameters, size);
    return cor_error();
}
