/* Registering on a module and looking up what is there: PyTorch's order, effects and error texts. */
#include "support/doings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The T and P of the records. */
static cor_tensor *make_t(void) { return cor_zeros(2); }
static cor_tensor *make_p(void) { return cor_parameter(make_t()); }

typedef struct net {
    cor_module base;
    cor_module *c;
    cor_tensor *p, *buf;
} net;

static void net_init(cor_module *m) {
    cor_set_module(m, net, c, cor_nn_linear(2, 2));
    cor_set_parameter(m, net, p, make_t());
    cor_set_buffer(m, net, buf, make_t());
}

static cor_module *make_net(const char *notation) {
    (void)notation;
    cor_module_options o;
    cor_module_options_init(&o);
    o.init = net_init;
    return cor_module_new_with(sizeof(net), "Net", NULL, &o);
}

static bool is_net(const golden_record *record) {
    return doings_is(golden_get(record, "module"), "Net") || doings_is(golden_get(record, "module"), "NoInit");
}

/* ---- statements ------------------------------------------------------------------------------------------------- */

static void keep(int code) { (void)code; } /* the error that goes with it is what is looked at */

#define STATEMENT(name) static void name(cor_module *m, const doing *d, char *out)
#define UNUSED (void)m, (void)d, (void)out

/* clang-format off */
STATEMENT(buffer) { UNUSED; keep(cor_register_buffer(m, d->name, make_t())); }
STATEMENT(parameter) { UNUSED; keep(cor_register_parameter(m, d->name, make_p())); }
STATEMENT(plain_parameter) { UNUSED; keep(cor_register_parameter(m, d->name, make_t())); }
STATEMENT(result_parameter) { UNUSED; keep(cor_register_parameter(m, d->name, cor_mul(make_p(), 1))); }
STATEMENT(module) { UNUSED; keep(cor_add_module(m, d->name, cor_nn_relu())); }
STATEMENT(delete) { UNUSED; keep(cor_delete_entry(m, d->name)); }
STATEMENT(get_submodule) { UNUSED; cor_get_submodule(m, d->name); }
STATEMENT(get_parameter) { UNUSED; cor_get_parameter(m, d->name); }
STATEMENT(get_buffer) { UNUSED; cor_get_buffer(m, d->name); }
STATEMENT(set_submodule) { UNUSED; keep(cor_set_submodule(m, d->name, cor_nn_relu(), .strict = d->i != 0)); }
STATEMENT(set_and_show) { set_submodule(m, d, out); doings_show_module(out, m); }
STATEMENT(set_nothing) { UNUSED; keep(cor_set_submodule_with(m, d->name, NULL, NULL)); }
STATEMENT(drop_child) { UNUSED; keep(cor_register_module_at(m, "c", NULL, NULL)); }
STATEMENT(drop_and_set) { drop_child(m, d, out); set_submodule(m, d, out); }
STATEMENT(drop_and_get) { drop_child(m, d, out); get_submodule(m, d, out); }
STATEMENT(drop_and_get_weight) { drop_child(m, d, out); get_parameter(m, d, out); }
STATEMENT(drop_parameter) { UNUSED; keep(cor_register_parameter(m, "p", COR_NONE)); }
STATEMENT(drop_and_get_parameter) { drop_parameter(m, d, out); get_parameter(m, d, out); }
STATEMENT(to) { UNUSED; keep(cor_module_to(m, (cor_dtype)d->i)); }
STATEMENT(call) { UNUSED; cor_call(m, make_t()); }
STATEMENT(state) { UNUSED; doings_show_names(out, cor_state_dict(m, .prefix = d->name == NULL ? "" : d->name)); }
STATEMENT(state_without_p) { drop_parameter(m, d, out); state(m, d, out); }
STATEMENT(state_without_c) { drop_child(m, d, out); state(m, d, out); }
STATEMENT(drop_buffer) { UNUSED; keep(cor_register_buffer(m, "buf", COR_NONE)); }
STATEMENT(state_without_buf) { drop_buffer(m, d, out); state(m, d, out); }
STATEMENT(none_buffer) { drop_buffer(m, d, out); doings_show_tensor(out, cor_get_buffer(m, "buf")); }
STATEMENT(parameters) { UNUSED; doings_show_names(out, cor_parameters(m)); }
STATEMENT(prefixed) { drop_parameter(m, d, out); doings_show_names(out, cor_parameters(m, .prefix = "pre")); }
STATEMENT(own) { UNUSED; doings_show_names(out, cor_parameters(m, .prefix = "pre", .recurse = false)); }
STATEMENT(buffers) { UNUSED; doings_show_names(out, cor_buffers(m)); }
STATEMENT(children) { UNUSED; doings_show_names(out, cor_children(m)); }
STATEMENT(again) { delete(m, d, out); parameter(m, d, out); parameters(m, d, out); }
STATEMENT(in_place) { parameter(m, d, out); parameters(m, d, out); }
STATEMENT(share_child) { UNUSED; keep(cor_add_module(m, "d", ((net *)m)->c)); }
STATEMENT(shared_parameters) { share_child(m, d, out); parameters(m, d, out); }
STATEMENT(shared_state) { share_child(m, d, out); state(m, d, out); }
STATEMENT(shared_modules) { share_child(m, d, out); doings_show_names(out, cor_modules(m)); }
STATEMENT(all_modules) { share_child(m, d, out); doings_show_names(out, cor_modules(m, .remove_duplicate = false)); }
STATEMENT(shared_children) { share_child(m, d, out); children(m, d, out); }
STATEMENT(share_parameter) { keep(cor_register_parameter(m, "q", ((net *)m)->p)); parameters(m, d, out); }
STATEMENT(passing) { UNUSED; keep(cor_register_buffer(m, "np", make_t(), .persistent = false)); }
STATEMENT(passing_state) { passing(m, d, out); state(m, d, out); }
STATEMENT(passing_buffers) { passing(m, d, out); buffers(m, d, out); }
/* clang-format on */

STATEMENT(all_parameters) {
    share_child(m, d, out);
    doings_show_names(out, cor_parameters(m, .remove_duplicate = false));
}

/* A parameter that became the result of an operation in place. */
STATEMENT(non_leaf) {
    UNUSED;
    cor_tensor *q = cor_requires_grad_(make_p(), false);
    cor_add_(q, cor_requires_grad_(make_t(), true));
    keep(cor_register_parameter(m, "q", q));
}

STATEMENT(load_expanded) {
    UNUSED;
    keep(cor_register_buffer(m, "e", cor_expand(cor_zeros(1), 2)));
    cor_dict *dict = cor_state_dict(m);
    keep(cor_dict_set(dict, "e", make_t()));
    keep(cor_load_state_dict(m, dict));
}

STATEMENT(assign_integers) {
    UNUSED;
    cor_dict *dict = cor_state_dict(m);
    keep(cor_dict_set(dict, "p", cor_to(make_t(), COR_INT64)));
    keep(cor_load_state_dict(m, dict, .assign = true));
}

STATEMENT(load_nothing) {
    UNUSED;
    cor_dict *dict = cor_state_dict(m);
    keep(cor_dict_set(dict, "p", COR_NONE));
    keep(cor_load_state_dict(m, dict));
}

STATEMENT(versions) {
    UNUSED;
    cor_dict *dict = cor_state_dict(m);
    snprintf(out, DOING_TEXT, "OrderedDict([('', {'version': %lld}), ('c', {'version': %lld})])",
             (long long)cor_dict_version(dict, ""), (long long)cor_dict_version(dict, "c"));
}

static int note(cor_module *m, void *context) { return cor_dict_set(context, cor_module_name(m), COR_NONE); }

/* A module that comes by twice would stay one name; so its visits are counted too. */
static int count(cor_module *m, void *context) {
    (void)m;
    ++*(int *)context;
    return COR_OK;
}

STATEMENT(apply) {
    share_child(m, d, out);
    cor_dict *seen = cor_dict_new();
    int visits = 0;
    keep(cor_module_apply(m, note, seen));
    keep(cor_module_apply(m, count, &visits));
    doings_show_names(out, seen);
    assert_int_equal(visits, 2);
}

static cor_tensor *set_grad(cor_module *m) {
    cor_tensor *p = ((net *)m)->p;
    assert_int_equal(cor_set_grad(p, cor_ones(2)), COR_OK);
    return p;
}

STATEMENT(to_with_grad) {
    UNUSED;
    cor_tensor *p = set_grad(m), *grad = cor_grad(p);
    keep(cor_module_to(m, COR_FLOAT64));
    assert_ptr_equal(cor_grad(p), grad);
    assert_int_equal(cor_dtype_of(p), COR_FLOAT64);
    doings_show_tensor(out, cor_grad(p));
}

STATEMENT(zero_grad) {
    UNUSED;
    cor_tensor *p = set_grad(m);
    if (d->i) keep(cor_module_zero_grad(m));
    else keep(cor_module_zero_grad(m, .set_to_none = false));
    doings_show_tensor(out, cor_grad(p));
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

#define BEFORE_INIT "a C module is whole before its init runs"
#define TYPED "C's types say what a value is"
#define ATTRIBUTE "a C module has no attributes beside its entries"
#define REPLACING "in C a field is set by registering, which names the clash"

static const doing rows[] = {
    {"NoInit", "m.p = P", NULL, 0, BEFORE_INIT},
    {"NoInit", "m.c = nn.ReLU()", NULL, 0, BEFORE_INIT},
    {"NoInit", "m.register_buffer('b', T)", NULL, 0, BEFORE_INIT},
    {"NoInit", "m.register_parameter('p', P)", NULL, 0, BEFORE_INIT},
    {"NoInit", "m.add_module('c', nn.ReLU())", NULL, 0, BEFORE_INIT},
    {"Net", "m.p = T", NULL, 0, REPLACING},
    {"Net", "m.p = 5", NULL, 0, TYPED},
    {"Net", "m.p = nn.ReLU()", NULL, 0, REPLACING},
    {"Net", "m.c = 5", NULL, 0, TYPED},
    {"Net", "m.c = T", NULL, 0, TYPED},
    {"Net", "m.buf = 5", NULL, 0, TYPED},
    {"Net", "m.buf = nn.ReLU(); m.buf = 'a'", NULL, 0, TYPED},
    {"Net", "m.register_buffer(5, T)", NULL, 0, TYPED},
    {"Net", "m.register_buffer('q', 5)", NULL, 0, TYPED},
    {"Net", "m.register_parameter(5, P)", NULL, 0, TYPED},
    {"Net", "m.register_parameter('q', 5)", NULL, 0, TYPED},
    {"Net", "m.add_module('t', 5)", NULL, 0, TYPED},
    {"Net", "m.add_module('t', T)", NULL, 0, TYPED},
    {"Net", "m.add_module(3, None)", NULL, 0, TYPED},
    {"Net", "m.train(3)", NULL, 0, TYPED},
    {"Net", "m.load_state_dict([1])", NULL, 0, TYPED},
    {"Net", "m.load_state_dict(3)", NULL, 0, TYPED},
    {"Net", "m.register_buffer('x', T)", NULL, 0, ATTRIBUTE},
    {"Net", "m.register_buffer('training', T)", NULL, 0, ATTRIBUTE},
    {"Net", "m.register_buffer('forward', T)", NULL, 0, ATTRIBUTE},
    {"Net", "m.register_parameter('training', P)", NULL, 0, ATTRIBUTE},
    {"Net", "m.register_parameter('x', P)", NULL, 0, ATTRIBUTE},
    {"Net", "m.add_module('training', nn.ReLU())", NULL, 0, ATTRIBUTE},
    {"Net", "m.nope", NULL, 0, ATTRIBUTE},
    {"Net", "m.register_buffer('a.b', T)", buffer, 0, "a.b"},
    {"Net", "m.register_buffer('', T)", buffer, 0, ""},
    {"Net", "m.register_buffer('p', T)", buffer, 0, "p"},
    {"Net", "m.register_buffer('c', T)", buffer, 0, "c"},
    {"Net", "m.register_parameter('a.b', P)", parameter, 0, "a.b"},
    {"Net", "m.register_parameter('', P)", parameter, 0, ""},
    {"Net", "m.register_parameter('buf', P)", parameter, 0, "buf"},
    {"Net", "m.register_parameter('c', P)", parameter, 0, "c"},
    {"Net", "m.register_parameter('q', T)", plain_parameter, 0, "q"},
    {"Net", "m.register_parameter('q', P * 1)", result_parameter, 0, "q"},
    {"Net",
     "q = nn.Parameter(T.clone(), requires_grad=False); q.add_(T.clone().requires_grad_()); "
     "m.register_parameter('q', q)",
     non_leaf, 0, NULL},
    {"Net", "m.add_module('a.b', nn.ReLU())", module, 0, "a.b"},
    {"Net", "m.add_module('', nn.ReLU())", module, 0, ""},
    {"Net", "m.add_module('p', nn.ReLU())", module, 0, "p"},
    {"Net", "m.add_module('buf', nn.ReLU())", module, 0, "buf"},
    {"Net", "del m.nope", delete, 0, "nope"},
    {"Net", "m.get_submodule('a')", get_submodule, 0, "a"},
    {"Net", "m.get_submodule('c.weight')", get_submodule, 0, "c.weight"},
    {"Net", "m.get_submodule('c.x.y')", get_submodule, 0, "c.x.y"},
    {"Net", "m.get_submodule('p')", get_submodule, 0, "p"},
    {"Net", "m.get_parameter('nope')", get_parameter, 0, "nope"},
    {"Net", "m.get_parameter('buf')", get_parameter, 0, "buf"},
    {"Net", "m.get_parameter('c.nope')", get_parameter, 0, "c.nope"},
    {"Net", "m.get_parameter('d.weight')", get_parameter, 0, "d.weight"},
    {"Net", "m.get_parameter('c')", get_parameter, 0, "c"},
    {"Net", "m.get_buffer('p')", get_buffer, 0, "p"},
    {"Net", "m.get_buffer('nope')", get_buffer, 0, "nope"},
    {"Net", "m.get_buffer('c.weight')", get_buffer, 0, "c.weight"},
    {"Net", "m.set_submodule('', nn.ReLU())", set_submodule, 0, ""},
    {"Net", "m.set_submodule('a.b', nn.ReLU())", set_submodule, 0, "a.b"},
    {"Net", "m.set_submodule('c', None)", set_nothing, 0, "c"},
    {"Net", "m.set_submodule('p', nn.ReLU())", set_submodule, 0, "p"},
    {"Net", "m.set_submodule('p.x', nn.ReLU())", set_submodule, 0, "p.x"},
    {"Net", "m.set_submodule('d', nn.ReLU(), strict=True)", set_submodule, 1, "d"},
    {"Net", "m.set_submodule('c.d', nn.ReLU(), strict=True)", set_submodule, 1, "c.d"},
    {"Net", "m.c = None; m.set_submodule('c', nn.ReLU())", drop_and_set, 0, "c"},
    {"Net", "m.set_submodule('c', nn.ReLU(), strict=True); m", set_and_show, 1, "c"},
    {"Net", "m.set_submodule('c.d', nn.ReLU()); m", set_and_show, 0, "c.d"},
    {"Net", "m.c = None; m.get_submodule('c')", drop_and_get, 0, "c"},
    {"Net", "m.c = None; m.get_parameter('c.weight')", drop_and_get_weight, 0, "c.weight"},
    {"Net", "m.p = None; m.get_parameter('p')", drop_and_get_parameter, 0, "p"},
    {"Net", "m.buf = None; m.get_buffer('buf')", none_buffer, 0, NULL},
    {"Net", "m.to(torch.int64)", to, COR_INT64, NULL},
    {"Net", "m.to(torch.bool)", to, COR_BOOL, NULL},
    {"Net", "m(T)", call, 0, NULL},
    {"Net", "m.register_buffer('e', T[:1].expand(2)); m.load_state_dict({**m.state_dict(), 'e': T})", load_expanded, 0,
     NULL},
    {"Net", "m.load_state_dict({**m.state_dict(), 'p': T.long()}, assign=True)", assign_integers, 0, NULL},
    {"Net", "m.load_state_dict({**m.state_dict(), 'p': None})", load_nothing, 0, NULL},
    {"Net", "m.p = None; list(m.state_dict())", state_without_p, 0, NULL},
    {"Net", "m.c = None; list(m.state_dict())", state_without_c, 0, NULL},
    {"Net", "m.buf = None; list(m.state_dict())", state_without_buf, 0, NULL},
    {"Net", "del m.p; m.p = P; [n for n, _ in m.named_parameters()]", again, 0, "p"},
    {"Net", "m.p = P; [n for n, _ in m.named_parameters()]", in_place, 0, "p"},
    {"Net", "m.d = m.c; [n for n, _ in m.named_parameters()]", shared_parameters, 0, NULL},
    {"Net", "m.d = m.c; list(m.state_dict())", shared_state, 0, NULL},
    {"Net", "m.d = m.c; [n for n, _ in m.named_modules()]", shared_modules, 0, NULL},
    {"Net", "m.d = m.c; [n for n, _ in m.named_modules(remove_duplicate=False)]", all_modules, 0, NULL},
    {"Net", "m.d = m.c; [n for n, _ in m.named_parameters(remove_duplicate=False)]", all_parameters, 0, NULL},
    {"Net", "m.d = m.c; [n for n, _ in m.named_children()]", shared_children, 0, NULL},
    {"Net", "m.d = m.c; seen = []; m.apply(lambda x: seen.append(type(x).__name__)); seen", apply, 0, NULL},
    {"Net", "m.q = m.p; [n for n, _ in m.named_parameters()]", share_parameter, 0, NULL},
    {"Net", "m.register_buffer('np', T, persistent=False); list(m.state_dict())", passing_state, 0, NULL},
    {"Net", "m.register_buffer('np', T, persistent=False); [n for n, _ in m.named_buffers()]", passing_buffers, 0,
     NULL},
    {"Net", "m.p = None; [n for n, _ in m.named_parameters('pre')]", prefixed, 0, NULL},
    {"Net", "[n for n, _ in m.named_parameters('pre', recurse=False)]", own, 0, NULL},
    {"Net", "[n for n, _ in m.named_children()]", children, 0, NULL},
    {"Net", "[n for n, _ in m.named_buffers()]", buffers, 0, NULL},
    {"Net", "list(m.state_dict(prefix='a.'))", state, 0, "a."},
    {"Net", "m.state_dict()._metadata", versions, 0, NULL},
    {"Net", "m.p.grad = T + 1; m.to(torch.float64); m.p.grad", to_with_grad, 0, NULL},
    {"Net", "m.p.grad = T + 1; m.zero_grad(); m.p.grad", zero_grad, 1, NULL},
    {"Net", "m.p.grad = T + 1; m.zero_grad(set_to_none=False); m.p.grad", zero_grad, 0, NULL},
};

static void statements(void **state_) {
    (void)state_;
    assert_true(doings_check(golden_open("module_errors.txt"), rows, (int)(sizeof rows / sizeof rows[0]), is_net,
                             make_net) >= 70);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(statements)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
