/* scheduler_state.c: a scheduler's state out under its names, and in again: checked first, then taken, so that a bad
 * one changes nothing. */
#include "base/error.h"
#include "optim/entries.h"
#include "optim/scheduler.h"
#include <math.h>
#include <string.h>

/* What all have. */
static const cor__field common[] = {{"last_epoch", offsetof(cor_scheduler, last_epoch), COR__FIELD_WHOLE},
                                    {"_step_count", offsetof(cor_scheduler, step_count), COR__FIELD_WHOLE},
                                    {"base_lrs", offsetof(cor_scheduler, base_lrs), COR__FIELD_NUMBERS},
                                    {"_last_lr", offsetof(cor_scheduler, last_lr), COR__FIELD_NUMBERS}};
enum { COMMON = sizeof common / sizeof common[0] };

/* Field i of a scheduler, the common ones first; NULL at the end. */
static const cor__field *field_at(const cor_scheduler *s, int i) {
    if (i < COMMON) return &common[i];
    const cor__field *field = &s->kind->fields[i - COMMON];
    return i - COMMON < COR__FIELDS && field->name != NULL ? field : NULL;
}

typedef struct walk {
    cor_dict *dict;
    char prefix[COR__ENTRY_NAME];
    int64_t seen; /* names of the dict */
    bool write;
} walk;

/* Calls visit on every field of s and of the schedulers in it, by name. */
static int each(walk *w, cor_scheduler *s, int (*visit)(walk *, const cor__field *, const char *name, char *field)) {
    char name[COR__ENTRY_NAME + 32];
    const cor__field *field;
    const size_t length = strlen(w->prefix);
    for (int i = 0; (field = field_at(s, i)) != NULL; i++) {
        cor__format(name, sizeof name, "%s%s", w->prefix, field->name);
        if (visit(w, field, name, (char *)s + field->offset) != COR_OK) return cor_error();
    }
    for (int64_t i = 0; i < s->n; i++) {
        if (length + 40 > sizeof w->prefix) return cor__fail(COR_ELIMIT, "schedulers are nested too deep");
        cor__format(w->prefix + length, sizeof w->prefix - length, "_schedulers.%lld.", (long long)i);
        if (each(w, s->schedulers[i], visit) != COR_OK) return cor_error();
        w->prefix[length] = '\0';
    }
    return COR_OK;
}

/* ---- out -------------------------------------------------------------------------------------------------------- */

static int put(walk *w, const cor__field *field, const char *name, char *at) {
    int64_t whole;
    double real;
    cor__numbers numbers;
    switch (field->kind) {
    case COR__FIELD_WHOLE:
        memcpy(&whole, at, sizeof whole);
        return cor__put_number(w->dict, name, COR_INT64, (double)whole);
    case COR__FIELD_REAL:
        memcpy(&real, at, sizeof real);
        return cor__put_number(w->dict, name, COR_FLOAT64, real);
    case COR__FIELD_TRUTH:
        return cor__put_number(w->dict, name, COR_BOOL, *(const bool *)at);
    case COR__FIELD_NUMBERS:
        memcpy(&numbers, at, sizeof numbers);
        return numbers.at == NULL ? COR_OK : cor__put_reals(w->dict, name, numbers.at, numbers.n);
    }
    return COR_OK;
}

cor_dict *cor_scheduler_state(cor_scheduler *s) {
    if (!cor__scheduler_ready(s, "scheduler_state")) return NULL;
    walk w = {.dict = cor_dict_new()};
    return w.dict != NULL && each(&w, s, put) == COR_OK ? w.dict : NULL;
}

/* ---- in --------------------------------------------------------------------------------------------------------- */

static int get(walk *w, const cor__field *field, const char *name, char *at) {
    double real;
    int64_t whole;
    cor__numbers numbers;
    if (field->kind == COR__FIELD_NUMBERS) {
        memcpy(&numbers, at, sizeof numbers);
        if (numbers.at == NULL) return COR_OK;
        w->seen++;
        const cor_tensor *t = cor_dict_get(w->dict, name);
        if (w->write) return cor__get_reals(w->dict, name, numbers.at, numbers.n);
        if (t == NULL) return cor__missing_entry(name);
        if (cor_numel(t) == numbers.n && cor_dim(t) == 1) return COR_OK;
        return cor__fail(COR_ESHAPE, "'%s' of the state should have %lld elements, but has %lld", name,
                         (long long)numbers.n, (long long)cor_numel(t));
    }
    w->seen++;
    if (cor__get_number(w->dict, name, &real) != COR_OK) return cor_error();
    if (field->kind == COR__FIELD_WHOLE && !(fabs(real) < 0x1p62))
        return cor__fail(COR_EVALUE, "'%s' of the state is no integer", name);
    if (!w->write) return COR_OK;
    whole = field->kind == COR__FIELD_WHOLE ? (int64_t)real : 0;
    if (field->kind == COR__FIELD_REAL) memcpy(at, &real, sizeof real);
    else if (field->kind == COR__FIELD_WHOLE) memcpy(at, &whole, sizeof whole);
    else *(bool *)at = real != 0;
    return COR_OK;
}

static int check_unknown(const walk *w, cor_scheduler *s) {
    if (w->seen == cor_dict_count(w->dict)) return COR_OK;
    cor_scope();
    const cor_dict *own = cor_scheduler_state(s);
    for (int64_t i = 0; own != NULL && i < cor_dict_count(w->dict); i++)
        if (!cor_dict_contains(own, cor_dict_name_at(w->dict, i)))
            return cor__unknown_entry(s->kind->name, cor_dict_name_at(w->dict, i));
    return cor_error();
}

int cor_load_scheduler_state(cor_scheduler *s, cor_dict *state) {
    if (!cor__scheduler_ready(s, "load_scheduler_state")) return cor_error();
    if (state == NULL) return cor__fail(COR_EVALUE, "load_scheduler_state: the state is NULL");
    walk check = {.dict = state}, take = {.dict = state, .write = true};
    if (each(&check, s, get) != COR_OK || check_unknown(&check, s) != COR_OK) return cor_error();
    return each(&take, s, get);
}
