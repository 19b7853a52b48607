/* The containers against PyTorch: indexing, changes, texts and errors. */
#include "support/doings.h"
#include "support/modules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool is_container(const golden_record *record) {
    static const char *const names[] = {"Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"};
    for (int i = 0; i < 5; i++)
        if (doings_is(golden_get(record, "module"), names[i])) return true;
    return false;
}

/* ---- statements ------------------------------------------------------------------------------------------------- */

static void keep(int code) { (void)code; } /* the error that goes with it is what is looked at */

#define STATEMENT(name) static void name(cor_module *m, const doing *d, char *out)
#define UNUSED (void)m, (void)d, (void)out

static cor_module *named(const doing *d) { return module_from_text(d->name); }
static cor_tensor *make_t(void) { return cor_zeros(2); }

/* clang-format off */
STATEMENT(show) { UNUSED; doings_show_module(out, m); }
STATEMENT(length) { UNUSED; snprintf(out, DOING_TEXT, "%lld", (long long)cor_module_length(m)); }
STATEMENT(at) { UNUSED; cor_module *child = cor_module_at(m, d->i); if (child != NULL) doings_show_module(out, child); }
STATEMENT(call) { UNUSED; cor_call(m, make_t()); }
STATEMENT(set_at) { keep(cor_module_set_at(m, d->i, named(d))); if (cor_error() == COR_OK) show(m, d, out); }
STATEMENT(delete_at) { keep(cor_module_delete_at(m, d->i)); if (cor_error() == COR_OK) show(m, d, out); }
STATEMENT(append) { keep(cor_module_append(m, named(d))); show(m, d, out); }
STATEMENT(insert) { keep(cor_module_insert(m, d->i, named(d))); if (cor_error() == COR_OK) show(m, d, out); }
STATEMENT(pop) { cor_module_pop(m, d->i); if (cor_error() == COR_OK) show(m, d, out); }
STATEMENT(slice_to_one) { UNUSED; doings_show_module(out, cor_module_slice(m, d->i, 1)); }
STATEMENT(slice_to_end) { UNUSED; doings_show_module(out, cor_module_slice(m, d->i, cor_module_length(m))); }
STATEMENT(extend) { keep(cor_module_extend(m, named(d))); if (cor_error() == COR_OK) show(m, d, out); }
STATEMENT(twice) { UNUSED; doings_show_module(out, cor_module_concat(m, m)); }
STATEMENT(dict_get) { UNUSED; cor_module_dict_get(m, d->name); }
STATEMENT(dict_pop) { cor_module_dict_pop(m, d->name); if (cor_error() == COR_OK) show(m, d, out); }
STATEMENT(dict_set) { UNUSED; keep(cor_module_dict_set(m, d->name, cor_nn_relu())); }
STATEMENT(dict_tanh) { keep(cor_module_dict_set(m, d->name, cor_nn_tanh())); show(m, d, out); }
STATEMENT(contains) { UNUSED; snprintf(out, DOING_TEXT, "%s", cor_module_contains(m, d->name) ? "True" : "False"); }
STATEMENT(clear) { keep(cor_module_clear(m)); show(m, d, out); }
STATEMENT(update) { keep(cor_module_update(m, named(d))); if (cor_error() == COR_OK) show(m, d, out); }
STATEMENT(add_t) { UNUSED; keep(cor_parameter_append(m, make_t())); }
STATEMENT(add_integers) { UNUSED; keep(cor_parameter_append(m, cor_to(make_t(), COR_INT64))); }
STATEMENT(one) { add_t(m, d, out); show(m, d, out); }
STATEMENT(two) { add_t(m, d, out); keep(cor_parameter_append(m, cor_parameter(make_t()))); show(m, d, out); }
STATEMENT(count_two) { add_t(m, d, out); add_t(m, d, out); length(m, d, out); }
STATEMENT(get_t) { add_t(m, d, out); cor_tensor *t = cor_parameter_at(m, d->i); if (t) doings_show_tensor(out, t); }
STATEMENT(set_t) { add_t(m, d, out); keep(cor_parameter_set_at(m, d->i, make_t())); }
STATEMENT(set_last) { add_t(m, d, out); keep(cor_parameter_set_at(m, -1, cor_zeros(3))); show(m, d, out); }
STATEMENT(put_t) { UNUSED; keep(cor_parameter_dict_set(m, d->name, make_t())); }
STATEMENT(put_p) { UNUSED; keep(cor_parameter_dict_set(m, d->name, cor_parameter(make_t()))); }
STATEMENT(put_integers) { UNUSED; keep(cor_parameter_dict_set(m, d->name, cor_to(make_t(), COR_INT64))); }
STATEMENT(put_and_show) { put_t(m, d, out); show(m, d, out); }
STATEMENT(put_and_get) { put_t(m, d, out); doings_show_tensor(out, cor_parameter_dict_get(m, d->name)); }
STATEMENT(put_and_ask) { put_t(m, d, out); contains(m, d, out); }
STATEMENT(put_and_clear) { put_t(m, d, out); clear(m, d, out); }
STATEMENT(get_p) { UNUSED; cor_parameter_dict_get(m, d->name); }
STATEMENT(pop_p) { UNUSED; cor_parameter_dict_pop(m, d->name); }
STATEMENT(put_and_pop) { put_t(m, d, out); pop_p(m, d, out); show(m, d, out); }
/* clang-format on */

STATEMENT(repeat) {
    UNUSED;
    cor_module *all = cor_module_repeat(m, d->i);
    if (all != NULL) doings_show_module(out, all);
}

STATEMENT(concat) {
    UNUSED;
    cor_module *both = cor_module_concat(m, named(d));
    if (both != NULL) doings_show_module(out, both);
}

STATEMENT(slice_and_insert) {
    UNUSED;
    keep(cor_module_insert(cor_module_slice(m, 1, 2), 0, named(d)));
}

STATEMENT(slice_and_append) {
    UNUSED;
    cor_module *part = cor_module_slice(m, 1, 2);
    keep(cor_module_append(part, named(d)));
    doings_show_module(out, part);
}

STATEMENT(with_buffer) {
    keep(cor_register_buffer(m, "b", make_t()));
    show(m, d, out);
    assert_int_equal(cor_module_length(m), 2);
}

STATEMENT(keys) {
    UNUSED;
    cor_dict *names = cor_dict_new();
    for (int64_t i = 0; i < cor_module_length(m); i++) keep(cor_dict_set(names, cor_module_key_at(m, i), COR_NONE));
    doings_show_names(out, names);
}

STATEMENT(merge_modules) {
    cor_module *other = cor_nn_module_dict();
    keep(cor_module_dict_set(other, "b", cor_nn_tanh()));
    if (d->i) keep(cor_module_dict_set(other, "a", cor_nn_elu()));
    keep(cor_module_update(m, other));
    show(m, d, out);
}

STATEMENT(of_doubles) {
    keep(cor_parameter_append(m, cor_zeros_of(COR_FLOAT64, 2, 3)));
    show(m, d, out);
}

STATEMENT(of_one_number) {
    keep(cor_parameter_append(m, cor_zeros_sized(COR_FLOAT32, NULL, 0)));
    one(m, d, out);
}

STATEMENT(slice_parameters) {
    add_t(m, d, out);
    keep(cor_parameter_append(m, cor_zeros(3)));
    doings_show_module(out, cor_module_slice(m, 1, 2));
}

STATEMENT(extend_parameters) {
    add_t(m, d, out);
    keep(cor_module_extend(m, cor_module_slice(m, 0, 1)));
    doings_show_names(out, cor_state_dict(m));
}

STATEMENT(put_two) {
    keep(cor_parameter_dict_set(m, "b", make_t()));
    keep(cor_parameter_dict_set(m, "a", cor_zeros_of(COR_FLOAT64, 2, 3)));
    show(m, d, out);
}

STATEMENT(put_halves) {
    keep(cor_parameter_dict_set(m, "a", cor_to(make_t(), COR_FLOAT16)));
    keep(cor_parameter_dict_set(m, "b", cor_to(make_t(), COR_BFLOAT16)));
    show(m, d, out);
}

STATEMENT(put_again) {
    keep(cor_parameter_dict_set(m, "a", make_t()));
    keep(cor_parameter_dict_set(m, "b", make_t()));
    keep(cor_parameter_dict_set(m, "a", cor_zeros(3)));
    show(m, d, out);
}

STATEMENT(put_and_list) {
    keep(cor_parameter_dict_set(m, "b", make_t()));
    keep(cor_parameter_dict_set(m, "a", make_t()));
    keys(m, d, out);
}

STATEMENT(merge_parameters) {
    put_t(m, d, out);
    cor_module *other = cor_nn_parameter_dict();
    keep(cor_parameter_dict_set(other, "b", cor_zeros(3)));
    keep(cor_module_update(m, other));
    show(m, d, out);
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

#define TYPED "C's types say what a value is"
#define ATTRIBUTE "a C module has no attributes beside its entries"

static const doing rows[] = {
    {NULL, "m['a']", NULL, 0, TYPED},
    {NULL, "m[0] = 5", NULL, 0, TYPED},
    {NULL, "m.append(5)", NULL, 0, TYPED},
    {NULL, "m.insert(0, 5)", NULL, 0, TYPED},
    {NULL, "m + [nn.ReLU()]", NULL, 0, TYPED},
    {NULL, "m += 3", NULL, 0, TYPED},
    {NULL, "m + 3", NULL, 0, TYPED},
    {NULL, "m * 1.5", NULL, 0, TYPED},
    {NULL, "m.extend(3)", NULL, 0, TYPED},
    {NULL, "m.extend(5)", NULL, 0, TYPED},
    {NULL, "nn.Sequential(5)", NULL, 0, TYPED},
    {NULL, "nn.Sequential(nn.ReLU(), None, T)", NULL, 0, TYPED},
    {NULL, "nn.ModuleList(5)", NULL, 0, TYPED},
    {NULL, "nn.ModuleList([5])", NULL, 0, TYPED},
    {NULL, "m['b'] = 5", NULL, 0, TYPED},
    {NULL, "m[3] = nn.ReLU()", NULL, 0, TYPED},
    {NULL, "m.update(5)", NULL, 0, TYPED},
    {NULL, "m.update([5])", NULL, 0, TYPED},
    {NULL, "m.update([('a', 1, 2)])", NULL, 0, TYPED},
    {NULL, "m.update({'a': 5})", NULL, 0, TYPED},
    {NULL, "m['training'] = nn.ReLU()", NULL, 0, ATTRIBUTE},
    {NULL, "m['keys'] = nn.ReLU()", NULL, 0, ATTRIBUTE},
    {NULL, "m", show, 0, NULL},
    {NULL, "len(m)", length, 0, NULL},
    {NULL, "m[2]", at, 2, NULL},
    {NULL, "m[-3]", at, -3, NULL},
    {NULL, "m[-1]", at, -1, NULL},
    {NULL, "m(T)", call, 0, NULL},
    {NULL, "m[2] = nn.ReLU()", set_at, 2, "ReLU()"},
    {NULL, "m[0] = nn.ELU(); m", set_at, 0, "ELU()"},
    {NULL, "m[1] = nn.ELU(); m", set_at, 1, "ELU()"},
    {NULL, "del m[5]", delete_at, 5, NULL},
    {NULL, "del m[0]; m", delete_at, 0, NULL},
    {NULL, "m.append(nn.ReLU())", append, 0, "ReLU()"},
    {NULL, "m.append(nn.ELU())", append, 0, "ELU()"},
    {NULL, "m.insert(5, nn.ReLU())", insert, 5, "ReLU()"},
    {NULL, "m.insert(-5, nn.ReLU())", insert, -5, "ReLU()"},
    {NULL, "m.insert(0, nn.ELU())", insert, 0, "ELU()"},
    {NULL, "m.insert(0, nn.ELU()); m", insert, 0, "ELU()"},
    {NULL, "m.insert(2, nn.ELU()); m", insert, 2, "ELU()"},
    {NULL, "m.pop(4)", pop, 4, NULL},
    {NULL, "m.pop(0); m", pop, 0, NULL},
    {NULL, "m.pop(-1); m", pop, -1, NULL},
    {NULL, "m[0:1]", slice_to_one, 0, NULL},
    {NULL, "m[1:1]", slice_to_one, 1, NULL},
    {NULL, "m[-5:1]", slice_to_one, -5, NULL},
    {NULL, "m[1:]", slice_to_end, 1, NULL},
    {NULL, "m[-1:]", slice_to_end, -1, NULL},
    {NULL, "s = m[1:]; s.insert(0, nn.ELU())", slice_and_insert, 0, "ELU()"},
    {NULL, "s = m[1:]; s.append(nn.ELU()); s", slice_and_append, 0, "ELU()"},
    {NULL, "m + m", twice, 0, NULL},
    {NULL, "m + nn.ModuleList()", concat, 0, "ModuleList()"},
    {NULL, "m + nn.ReLU()", concat, 0, "ReLU()"},
    {NULL, "m + nn.Sequential(nn.ELU())", concat, 0, "Sequential(ELU())"},
    {NULL, "m * 0", repeat, 0, NULL},
    {NULL, "m *= 0", repeat, 0, NULL},
    {NULL, "m * -1", repeat, -1, NULL},
    {NULL, "m * 2", repeat, 2, NULL},
    {NULL, "m.extend(nn.ReLU())", extend, 0, "ReLU()"},
    {NULL, "m.extend([nn.ELU()])", extend, 0, "ModuleList(ELU())"},
    {NULL, "m.extend(nn.ModuleList([nn.ELU()]))", extend, 0, "ModuleList(ELU())"},
    {NULL, "m.extend(nn.Sequential(nn.ELU()))", extend, 0, "Sequential(ELU())"},
    {NULL, "m.register_buffer('b', T); m", with_buffer, 0, NULL},
    {"ModuleDict", "m['b']", dict_get, 0, "b"},
    {"ModuleDict", "del m['b']", dict_pop, 0, "b"},
    {"ModuleDict", "m.pop('b')", dict_pop, 0, "b"},
    {"ModuleDict", "m.pop('a'); m", dict_pop, 0, "a"},
    {"ModuleDict", "m['a.b'] = nn.ReLU()", dict_set, 0, "a.b"},
    {"ModuleDict", "m[''] = nn.ReLU()", dict_set, 0, ""},
    {"ModuleDict", "m['a'] = nn.Tanh(); m", dict_tanh, 0, "a"},
    {"ModuleDict", "m['b'] = nn.Tanh(); m", dict_tanh, 0, "b"},
    {"ModuleDict", "m.update({'b': nn.Tanh()}); m", merge_modules, 0, NULL},
    {"ModuleDict", "m.update(nn.ModuleDict({'b': nn.Tanh(), 'a': nn.ELU()})); m", merge_modules, 1, NULL},
    {NULL, "m.update(nn.ReLU())", update, 0, "ReLU()"},
    {NULL, "'a' in m", contains, 0, "a"},
    {NULL, "'b' in m", contains, 0, "b"},
    {NULL, "list(m.keys())", keys, 0, NULL},
    {NULL, "m.clear(); m", clear, 0, NULL},
    {NULL, "m.append(T); m[1]", get_t, 1, NULL},
    {NULL, "m.append(T); m[-2]", get_t, -2, NULL},
    {NULL, "m.append(T); m[0]", get_t, 0, NULL},
    {NULL, "m.append(T); m[1] = T", set_t, 1, NULL},
    {NULL, "m.append(T.long())", add_integers, 0, NULL},
    {NULL, "m.append(T); m", one, 0, NULL},
    {NULL, "m.append(T); m.append(P); m", two, 0, NULL},
    {NULL, "m.append(torch.zeros(2, 3).double()); m", of_doubles, 0, NULL},
    {NULL, "m.append(torch.zeros([])); m.append(T); m", of_one_number, 0, NULL},
    {NULL, "m.append(T); m[-1] = torch.zeros(3); m", set_last, 0, NULL},
    {NULL, "m.append(T); m.append(torch.zeros(3)); m[1:]", slice_parameters, 0, NULL},
    {NULL, "m.append(T); m.extend(m[:1]); list(m.state_dict())", extend_parameters, 0, NULL},
    {NULL, "m.append(T); m.append(T); len(m)", count_two, 0, NULL},
    {"ParameterDict", "m['b']", get_p, 0, "b"},
    {"ParameterDict", "m.pop('b')", pop_p, 0, "b"},
    {"ParameterDict", "del m['b']", NULL, 0, "in C deleting is popping"},
    {"ParameterDict", "m['a.b'] = P", put_p, 0, "a.b"},
    {"ParameterDict", "m[''] = P", put_p, 0, ""},
    {"ParameterDict", "m['a'] = T.long()", put_integers, 0, "a"},
    {"ParameterDict", "m['a'] = T; m", put_and_show, 0, "a"},
    {"ParameterDict", "m['b'] = T; m['a'] = torch.zeros(2, 3).double(); m", put_two, 0, NULL},
    {"ParameterDict", "m['a'] = T.half(); m['b'] = T.bfloat16(); m", put_halves, 0, NULL},
    {"ParameterDict", "m['a'] = T; m['b'] = T; m['a'] = torch.zeros(3); m", put_again, 0, NULL},
    {"ParameterDict", "m['a'] = T; m['a']", put_and_get, 0, "a"},
    {"ParameterDict", "m['a'] = T; 'a' in m", put_and_ask, 0, "a"},
    {"ParameterDict", "m['b'] = T; m['a'] = T; list(m.keys())", put_and_list, 0, NULL},
    {"ParameterDict", "m['a'] = T; m.pop('a'); m", put_and_pop, 0, "a"},
    {"ParameterDict", "m['a'] = T; m.clear(); m", put_and_clear, 0, "a"},
    {"ParameterDict", "m['a'] = T; m.update(nn.ParameterDict({'b': torch.zeros(3)})); m", merge_parameters, 0, "a"},
};

static void statements(void **state) {
    (void)state;
    assert_true(doings_check(golden_open("module_errors.txt"), rows, (int)(sizeof rows / sizeof rows[0]), is_container,
                             module_from_text) >= 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(statements)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
