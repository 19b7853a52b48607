/* settings.c: the options of groups by name, and their text. */
#include "base/error.h"
#include "base/memory.h"
#include "optim/optimizer.h"
#include <math.h>
#include <string.h>

const cor__setting_row cor__settings[COR__SETTINGS] = {
    [COR__ALPHA] = {"alpha", COR__SETTING_REAL},
    [COR__AMSGRAD] = {"amsgrad", COR__SETTING_BOOLEAN},
    [COR__BASE_MOMENTUM] = {"base_momentum", COR__SETTING_REAL},
    [COR__BETA1] = {"beta1", COR__SETTING_REAL},
    [COR__BETA2] = {"beta2", COR__SETTING_REAL},
    [COR__CAPTURABLE] = {"capturable", COR__SETTING_NEVER},
    [COR__CENTERED] = {"centered", COR__SETTING_BOOLEAN},
    [COR__DAMPENING] = {"dampening", COR__SETTING_REAL},
    [COR__DECOUPLED] = {"decoupled_weight_decay", COR__SETTING_BOOLEAN},
    [COR__DIFFERENTIABLE] = {"differentiable", COR__SETTING_NEVER},
    [COR__EPS] = {"eps", COR__SETTING_REAL},
    [COR__FOREACH] = {"foreach", COR__SETTING_NONE},
    [COR__FUSED] = {"fused", COR__SETTING_NONE},
    [COR__HISTORY_SIZE] = {"history_size", COR__SETTING_INTEGER},
    [COR__INITIAL_ACCUMULATOR] = {"initial_accumulator_value", COR__SETTING_REAL},
    [COR__INITIAL_LR] = {"initial_lr", COR__SETTING_REAL},
    [COR__LINE_SEARCH] = {"line_search_fn", COR__SETTING_SEARCH},
    [COR__LR] = {"lr", COR__SETTING_REAL},
    [COR__LR_DECAY] = {"lr_decay", COR__SETTING_REAL},
    [COR__MAX_EVAL] = {"max_eval", COR__SETTING_INTEGER},
    [COR__MAX_ITER] = {"max_iter", COR__SETTING_INTEGER},
    [COR__MAX_LR] = {"max_lr", COR__SETTING_REAL},
    [COR__MAX_MOMENTUM] = {"max_momentum", COR__SETTING_REAL},
    [COR__MAXIMIZE] = {"maximize", COR__SETTING_BOOLEAN},
    [COR__MIN_LR] = {"min_lr", COR__SETTING_REAL},
    [COR__MOMENTUM] = {"momentum", COR__SETTING_REAL},
    [COR__MOMENTUM_DECAY] = {"momentum_decay", COR__SETTING_REAL},
    [COR__NESTEROV] = {"nesterov", COR__SETTING_BOOLEAN},
    [COR__RHO] = {"rho", COR__SETTING_REAL},
    [COR__TOLERANCE_CHANGE] = {"tolerance_change", COR__SETTING_REAL},
    [COR__TOLERANCE_GRAD] = {"tolerance_grad", COR__SETTING_REAL},
    [COR__WEIGHT_DECAY] = {"weight_decay", COR__SETTING_REAL},
};

cor__setting cor__setting_named(const char *name) {
    int i = 0;
    while (i < COR__SETTINGS && strcmp(cor__settings[i].name, name) != 0) i++;
    return (cor__setting)i;
}

/* ---- from options ----------------------------------------------------------------------------------------------- */

static void give(double *value, uint64_t *given, cor__setting setting, double number) {
    if (isnan(number) && !isnan(value[setting])) return; /* a group's option that is not given */
    value[setting] = number;
    *given |= COR__BIT(setting);
}

static void read_row(const char *field, const cor__option *row, double *value, uint64_t *given) {
    const cor__setting setting = cor__setting_named(row->name);
    double pair[2];
    int64_t integer;
    if (row->kind == COR__OTHER && row->size == sizeof pair) {
        memcpy(pair, field, sizeof pair);
        give(value, given, COR__BETA1, pair[0]);
        give(value, given, COR__BETA2, pair[1]);
    } else if (row->kind == COR__REAL) {
        memcpy(pair, field, sizeof pair[0]);
        give(value, given, setting, pair[0]);
    } else if (row->kind == COR__BOOLEAN) {
        give(value, given, setting, *(const bool *)field);
    } else if (row->kind == COR__INTEGER) {
        memcpy(&integer, field, sizeof integer);
        if (integer != COR_UNSET) give(value, given, setting, (double)integer);
    }
}

void cor__settings_read(const void *options, const cor__option *rows, int n, double *value, uint64_t *given) {
    *given = 0;
    for (int i = 0; i < n; i++) read_row((const char *)options + rows[i].offset, &rows[i], value, given);
}

int cor__refuse_unless(bool ok, const char *what, double value) {
    if (ok) return COR_OK;
    cor__text number = {0};
    cor__text_double(&number, value);
    cor__fail(COR_EVALUE, "Invalid %s: %s", what, number.failed ? "" : number.data);
    cor__text_free(&number);
    return cor_error();
}

/* ---- by name ---------------------------------------------------------------------------------------------------- */

/* The setting of a name in a group; COR__SETTINGS with an error pending. */
static cor__setting find(const cor_optimizer *o, int64_t group, const char *name) {
    if (!cor__optimizer_ready(o, "option")) return COR__SETTINGS;
    if (name == NULL) return cor__fail(COR_EVALUE, "option: the name is NULL"), COR__SETTINGS;
    if (group < 0 || group >= o->n_groups) {
        cor__fail(COR_EINDEX, "option: group %lld of %s, which has %lld", (long long)group, o->kind->name,
                  (long long)o->n_groups);
        return COR__SETTINGS;
    }
    const cor__setting setting = cor__setting_named(name);
    if (setting < COR__SETTINGS && (o->groups[group].present & COR__BIT(setting))) return setting;
    cor__fail(COR_EKEY, "option: %s has no '%s'", o->kind->name, name);
    return COR__SETTINGS;
}

double cor_option(const cor_optimizer *o, int64_t group, const char *name) {
    const cor__setting setting = find(o, group, name);
    return setting == COR__SETTINGS ? NAN : o->groups[group].value[setting];
}

int cor_set_option(cor_optimizer *o, int64_t group, const char *name, double value) {
    const cor__setting setting = find(o, group, name);
    if (setting == COR__SETTINGS) return cor_error();
    o->groups[group].value[setting] = value;
    return COR_OK;
}

double cor_lr(const cor_optimizer *o, int64_t group) { return cor_option(o, group, "lr"); }
int cor_set_lr(cor_optimizer *o, int64_t group, double lr) { return cor_set_option(o, group, "lr", lr); }

/* ---- text ------------------------------------------------------------------------------------------------------- */

static void write_real(cor__text *text, const cor__optimizer_kind *kind, cor__setting setting, double value) {
    if ((kind->whole & COR__BIT(setting)) && value == floor(value) && fabs(value) < 1e15)
        cor__text_format(text, "%.0f", value == 0 ? 0 : value);
    else cor__text_double(text, value);
}

static void write_value(cor__text *text, const cor__optimizer_kind *kind, cor__setting setting, double value) {
    switch (cor__settings[setting].kind) {
    case COR__SETTING_REAL:
        write_real(text, kind, setting, value);
        break;
    case COR__SETTING_INTEGER:
        cor__text_format(text, "%.0f", value);
        break;
    case COR__SETTING_BOOLEAN:
    case COR__SETTING_NEVER:
        cor__text_append(text, value != 0 ? "True" : "False");
        break;
    case COR__SETTING_NONE:
    case COR__SETTING_SEARCH:
        cor__text_append(text, value != 0 ? "strong_wolfe" : "None");
        break;
    }
}

static void write_group(cor__text *text, const cor__optimizer_kind *kind, const cor__group *g) {
    for (int i = 0; i < COR__SETTINGS; i++) {
        if (!(g->present & COR__BIT(i))) continue;
        if (i == COR__BETA1) {
            cor__text_append(text, "    betas: (");
            cor__text_double(text, g->value[COR__BETA1]);
            cor__text_append(text, ", ");
            cor__text_double(text, g->value[++i]);
            cor__text_append(text, ")\n");
            continue;
        }
        cor__text_format(text, "    %s: ", cor__settings[i].name);
        write_value(text, kind, (cor__setting)i, g->value[i]);
        cor__text_append(text, "\n");
    }
}

char *cor_optimizer_repr(const cor_optimizer *o) {
    if (!cor__optimizer_ready(o, "repr")) return NULL;
    cor__text text = {0};
    cor__text_format(&text, "%s (", o->kind->name);
    for (int64_t i = 0; i < o->n_groups; i++) {
        cor__text_format(&text, "\nParameter Group %lld\n", (long long)i);
        write_group(&text, o->kind, &o->groups[i]);
    }
    cor__text_append(&text, ")");
    char *result = text.failed ? NULL : cor__copy_text(text.data, "an optimizer's text");
    cor__text_free(&text);
    return result;
}
