/* What is registered on a module, its containers, its state and its calls with every allocation failing: COR_ENOMEM,
 * nothing left behind, and what a failed change was to change is as it was. */
#include "support/scenario.h"
#include <corrie.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct named_body {
    const char *name;
    int (*run)(scenario_hash *result);
} named_body;

static int run_named(void *context, scenario_hash *result) {
    cor_manual_seed(11);
    return ((const named_body *)context)->run(result);
}

static void run_bodies(const named_body *bodies, size_t n) {
    for (size_t i = 0; i < n; i++) {
        named_body the = bodies[i];
        assert_true(scenario_run(the.name, run_named, &the) > 0);
    }
}

#define C(name)                                                                                                        \
    { #name, name }
#define RUN(...)                                                                                                       \
    {                                                                                                                  \
        const named_body bodies[] = {__VA_ARGS__};                                                                     \
        run_bodies(bodies, sizeof bodies / sizeof *bodies);                                                            \
    }

/* In a body: whether what was asked for is there or an error is pending, and never both. */
static bool got(const void *thing, const char *what) {
    if ((thing == NULL) == (cor_error() == COR_OK)) fail_msg("%s: a result and an error, or neither", what);
    return thing != NULL;
}

static void feed_dict(scenario_hash *result, cor_dict *d) {
    for (int64_t i = 0; i < cor_dict_count(d); i++) {
        scenario_feed(result, cor_dict_name_at(d, i), strlen(cor_dict_name_at(d, i)) + 1);
        scenario_feed_tensor(result, cor_dict_tensor_at(d, i));
        const char *type = cor_module_name(cor_dict_module_at(d, i));
        scenario_feed(result, type, strlen(type) + 1);
    }
}

/* ---- a module of the user's ------------------------------------------------------------------------------------- */

typedef struct net {
    cor_module base;
    cor_module *conv, *fc, *extra;
    cor_tensor *scale, *mean, *hidden, *none;
    bool complete; /* the constructor came to its end */
} net;

static int64_t nets_made, nets_destroyed;

static void net_init(cor_module *m) {
    const int64_t *classes = cor_module_arguments(m);
    cor_set_module(m, net, conv, cor_nn_conv2d(3, 2, 3));
    cor_set_module(m, net, fc, cor_nn_linear(32, *classes));
    cor_set_parameter(m, net, scale, cor_full(2.0, 1));
    cor_set_parameter(m, net, none, COR_NONE);
    cor_set_buffer(m, net, mean, cor_zeros(3, 1, 1));
    cor_set_buffer(m, net, hidden, cor_ones(2), .persistent = false);
    ((net *)m)->complete = cor_error() == COR_OK;
}

static void net_destroy(cor_module *m) {
    if (!((net *)m)->complete) fail_msg("destroy has got a half-made struct");
    nets_destroyed++;
}

static int net_extra(cor_module *m, char *buffer, size_t n) {
    (void)m;
    return snprintf(buffer, n, "an own text\nof two lines");
}

static cor_tensor *net_forward(cor_module *m, cor_tensor *x) {
    net *self = (net *)m;
    x = cor_relu(cor_call(self->conv, cor_sub(x, self->mean)));
    return cor_mul(cor_call(self->fc, cor_flatten(x, .start_dim = 1)), self->scale);
}

static net *new_net(void) {
    static const int64_t classes = 5;
    net *self = cor_module_new(net, net_forward, .init = net_init, .arguments = &classes, .extra_repr = net_extra,
                               .destroy = net_destroy);
    nets_made += got(self, "cor_module_new");
    return self;
}

static cor_tensor *image(void) { return cor_reshape(cor_arange(0, 2 * 3 * 36, .dtype = COR_FLOAT32), 2, 3, 6, 6); }

static int construct(scenario_hash *result) {
    if (nets_made != nets_destroyed) fail_msg("%ld nets were made, %ld destroyed", nets_made, nets_destroyed);
    net *self = new_net();
    if (self != NULL) scenario_feed_module(result, COR_MODULE(self));
    return cor_error();
}

static int call_own_forward(scenario_hash *result) {
    net *self = new_net();
    if (self == NULL) return cor_error();
    cor_tensor *y = cor_call(self, image());
    if (got(y, "call")) scenario_feed_tensor(result, y);
    return cor_error();
}

/* ---- registering ------------------------------------------------------------------------------------------------ */

/* Names beyond the first four make the list of entries grow. */
static int register_many(scenario_hash *result) {
    cor_module *m = cor_nn_identity();
    char name[8];
    for (int i = 0; i < 10 && m != NULL && cor_error() == COR_OK; i++) {
        snprintf(name, sizeof name, "n%d", i);
        if (i % 3 == 0) (void)cor_register_parameter(m, name, cor_parameter(cor_full(i + 0.5, 2)));
        else if (i % 3 == 1) (void)cor_register_buffer(m, name, cor_full(i, 2), .persistent = i > 4);
        else (void)cor_add_module(m, name, cor_nn_linear(2, 1));
    }
    if (cor_error() == COR_OK) scenario_feed_module(result, m);
    return cor_error();
}

/* An entry is registered and its slot follows, or neither. */
static int register_with_slots(scenario_hash *result) {
    net *self = new_net();
    if (self == NULL) return cor_error();
    int code = cor_set_module(COR_MODULE(self), net, extra, cor_nn_conv1d(2, 3, 2));
    (void)cor_error_take(NULL);
    bool there = cor_get_submodule(COR_MODULE(self), "extra") != NULL;
    cor_error_clear();
    if (there != (code == COR_OK) || there != (self->extra != NULL)) fail_msg("extra: entry and slot differ");
    if (there) scenario_feed_module(result, COR_MODULE(self));
    return code != COR_OK ? code : cor_error();
}

/* What a failed replacement was to replace is still there. */
static int replace_entries(scenario_hash *result) {
    net *self = new_net();
    if (self == NULL) return cor_error();
    const cor_module *conv = self->conv;
    const cor_tensor *scale = self->scale, *mean = self->mean;
    int codes[] = {cor_set_module(COR_MODULE(self), net, conv, cor_nn_conv2d(3, 2, 3, .bias = false)),
                   cor_set_parameter(COR_MODULE(self), net, scale, cor_full(3.0, 1)),
                   cor_set_buffer(COR_MODULE(self), net, mean, cor_ones(3, 1, 1))};
    (void)cor_error_take(NULL);
    if ((codes[0] == COR_OK) != (self->conv != conv)) fail_msg("conv: replaced and failed, or neither");
    if ((codes[1] == COR_OK) != (self->scale != scale)) fail_msg("scale: replaced and failed, or neither");
    if ((codes[2] == COR_OK) != (self->mean != mean)) fail_msg("mean: replaced and failed, or neither");
    if (cor_get_submodule(COR_MODULE(self), "conv") != self->conv) fail_msg("conv: entry and slot differ");
    if (cor_get_parameter(COR_MODULE(self), "scale") != self->scale) fail_msg("scale: entry and slot differ");
    if (cor_get_buffer(COR_MODULE(self), "mean") != self->mean) fail_msg("mean: entry and slot differ");
    for (int i = 0; i < 3; i++)
        if (codes[i] != COR_OK) return codes[i];
    scenario_feed_module(result, COR_MODULE(self));
    return cor_error();
}

static int delete_entries(scenario_hash *result) {
    net *self = new_net();
    if (self == NULL) return cor_error();
    if (cor_delete_entry(COR_MODULE(self), "conv") != COR_OK || self->conv != NULL) fail_msg("conv is still there");
    if (cor_delete_entry(COR_MODULE(self), "mean") != COR_OK || self->mean != NULL) fail_msg("mean is still there");
    if (cor_set_buffer(COR_MODULE(self), net, mean, cor_ones(2)) == COR_OK)
        scenario_feed_module(result, COR_MODULE(self));
    return cor_error();
}

static int set_submodules(scenario_hash *result) {
    cor_module *m = cor_nn_sequential(cor_nn_sequential(cor_nn_relu(), cor_nn_linear(2, 2)), cor_nn_tanh());
    if (m == NULL) return cor_error();
    const cor_module *linear = cor_get_submodule(m, "0.1");
    int replaced = cor_set_submodule(m, "0.1", cor_nn_linear(2, 3, .bias = false));
    (void)cor_error_take(NULL);
    int added = cor_set_submodule(m, "0.more", cor_nn_mish());
    (void)cor_error_take(NULL);
    if ((replaced == COR_OK) != (cor_get_submodule(m, "0.1") != linear))
        fail_msg("0.1: replaced and failed, or neither");
    if ((added == COR_OK) != (cor_get_submodule(m, "0.more") != NULL)) fail_msg("0.more: added and failed, or neither");
    cor_error_clear();
    if (replaced != COR_OK || added != COR_OK) return replaced != COR_OK ? replaced : added;
    scenario_feed_module(result, m);
    return cor_error();
}

/* ---- containers ------------------------------------------------------------------------------------------------- */

typedef struct edit {
    const char *name;
    cor_module *(*make)(void);
    int (*run)(cor_module *row);
    const char *before, *after; /* the row's entries, "0:ReLU 1:Tanh" */
} edit;

/* Looks at the row without allocating anything. */
static void expect_row(const edit *the, cor_module *row, const char *expected) {
    char name[16], type[32];
    int64_t n = 0;
    for (int used; sscanf(expected, " %15[^:]:%31s%n", name, type, &used) == 2; expected += used, n++) {
        const cor_module *m = cor_module_at(row, n);
        if (m == NULL || strcmp(cor_module_name(m), type) != 0 || cor_get_submodule(row, name) != m)
            fail_msg("%s: no %s under %s in place %ld", the->name, type, name, n);
    }
    if (cor_module_length(row) != n) fail_msg("%s: %ld modules, not %ld", the->name, cor_module_length(row), n);
}

static int edit_body(void *context, scenario_hash *result) {
    const edit *the = context;
    cor_manual_seed(11);
    cor_module *row = the->make();
    if (!got(row, the->name)) return cor_error();
    int code = the->run(row), pending = cor_error_take(NULL);
    if (code != pending) fail_msg("%s: returned %d with error %d", the->name, code, pending);
    expect_row(the, row, code == COR_OK ? the->after : the->before);
    if (code == COR_OK) scenario_feed_module(result, row);
    return code != COR_OK ? code : cor_error();
}

static cor_module *sequential(void) { return cor_nn_sequential(cor_nn_relu(), cor_nn_tanh(), cor_nn_sigmoid()); }
static cor_module *list(void) { return cor_nn_module_list(cor_nn_relu(), cor_nn_tanh(), cor_nn_sigmoid()); }
static cor_module *sliced(void) { return cor_module_slice(sequential(), 1, 3); }
static cor_module *full(void) { /* the next entry makes the list of entries grow */
    return cor_nn_sequential(cor_nn_relu(), cor_nn_tanh(), cor_nn_sigmoid(), cor_nn_mish());
}

static int append(cor_module *row) { return cor_module_append(row, cor_nn_linear(2, 2)); }
static int insert_first(cor_module *row) { return cor_module_insert(row, 0, cor_nn_mish()); }
static int set_second(cor_module *row) { return cor_module_set_at(row, 1, cor_nn_mish()); }
static int delete_first(cor_module *row) { return cor_module_delete_at(row, 0); }
static int pop_second(cor_module *row) {
    cor_module *m = cor_module_pop(row, 1);
    if (got(m, "pop") && strcmp(cor_module_name(m), "Tanh") != 0) fail_msg("pop: another module");
    return cor_error();
}

static void edits(void **state) {
    (void)state;
    const char *three = "0:ReLU 1:Tanh 2:Sigmoid", *four = "0:ReLU 1:Tanh 2:Sigmoid 3:Mish";
    const edit cases[] = {
        {"append", sequential, append, three, "0:ReLU 1:Tanh 2:Sigmoid 3:Linear"},
        {"append to a full row", full, append, four, "0:ReLU 1:Tanh 2:Sigmoid 3:Mish 4:Linear"},
        {"insert", list, insert_first, three, "0:Mish 1:ReLU 2:Tanh 3:Sigmoid"},
        {"insert into a full row", full, insert_first, four, "0:Mish 1:ReLU 2:Tanh 3:Sigmoid 4:Mish"},
        {"set", sequential, set_second, three, "0:ReLU 1:Mish 2:Sigmoid"},
        {"delete", sequential, delete_first, three, "0:Tanh 1:Sigmoid"},
        {"delete from a list", list, delete_first, three, "0:Tanh 1:Sigmoid"},
        {"delete from a slice", sliced, delete_first, "1:Tanh 2:Sigmoid", "0:Sigmoid"},
        {"pop", list, pop_second, three, "0:ReLU 1:Sigmoid"},
        {"pop from a sequential", full, pop_second, four, "0:ReLU 1:Sigmoid 2:Mish"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        edit the = cases[i];
        assert_true(scenario_run(the.name, edit_body, &the) > 0);
    }
}

static int long_sequential(scenario_hash *result) {
    cor_module *row = cor_nn_sequential();
    for (int i = 0; i < 20 && row != NULL && cor_error() == COR_OK; i++)
        if (cor_module_append(row, i % 2 == 0 ? cor_nn_tanh() : cor_nn_relu(.inplace = true)) != COR_OK) break;
    if (cor_error() == COR_OK) scenario_feed_tensor(result, cor_call(row, cor_full(0.5, 3)));
    return cor_error();
}

static int slices(scenario_hash *result) {
    cor_module *row = sequential(), *of_row = cor_module_slice(row, 1, 3), *of_list = cor_module_slice(list(), 0, -1);
    if (cor_error() == COR_OK) scenario_feed_module(result, of_row);
    if (cor_error() == COR_OK) scenario_feed_module(result, of_list);
    if (cor_error() == COR_OK) scenario_feed_module(result, row);
    return cor_error();
}

static int module_dicts(scenario_hash *result) {
    cor_module *dict = cor_nn_module_dict();
    if (dict == NULL) return cor_error();
    int code = cor_module_dict_set(dict, "a", cor_nn_linear(2, 2)), pending = cor_error_take(NULL);
    if (code != pending || cor_module_length(dict) != (code == COR_OK)) fail_msg("a: set and failed, or neither");
    if (code != COR_OK) return code;
    code = cor_module_dict_set(dict, "a", cor_nn_tanh()), cor_error_take(NULL);
    const char *type = cor_module_name(cor_module_dict_get(dict, "a"));
    if (strcmp(type, code == COR_OK ? "Tanh" : "Linear") != 0) fail_msg("a is %s", type);
    if (code != COR_OK) return code;
    (void)cor_module_dict_set(dict, "b", cor_nn_relu());
    cor_module *b = cor_module_dict_pop(dict, "b");
    if (got(b, "pop")) scenario_feed_module(result, dict);
    return cor_error();
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

typedef struct several {
    cor_module base;
    cor_module *linear;
} several;

static int several_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    cor_tensor *x = n_in == 2 && n_out == 3 ? cor_call(((several *)m)->linear, cor_add(in[0], in[1])) : NULL;
    out[0] = in[1]; /* goes through */
    out[1] = cor_relu(x);
    out[2] = cor_mul(x, 2);
    return cor_error();
}

static void several_init(cor_module *m) { cor_set_module(m, several, linear, cor_nn_linear(3, 2)); }

static int several_inputs_and_outputs(scenario_hash *result) {
    several *m = cor_module_new(several, NULL, .init = several_init, .forward_n = several_forward);
    cor_tensor *in[] = {cor_ones(2, 3), cor_full(3.0, 2, 3)}, *out[3] = {0};
    if (m == NULL || in[0] == NULL || in[1] == NULL) return cor_error();
    int code = cor_call_n(COR_MODULE(m), in, 2, out, 3);
    if (code != cor_error()) fail_msg("call_n: returned %d with error %d", code, cor_error());
    for (int i = 0; i < 3; i++)
        if (got(out[i], "call_n")) scenario_feed_tensor(result, out[i]);
    return cor_error();
}

/* ---- hooks ------------------------------------------------------------------------------------------------------ */

static int64_t before_calls, always_calls;

static int count_before(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)inputs, (void)n, (void)context;
    before_calls++;
    return COR_OK;
}

static int double_input(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)n, (void)context;
    inputs[0] = cor_mul(inputs[0], 2);
    return cor_error();
}

static int shift_output(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out,
                        void *context) {
    (void)m, (void)inputs, (void)n_in, (void)n_out;
    outputs[0] = cor_add(outputs[0], *(const int *)context);
    return cor_error();
}

/* Allocates too, and its own failure must not hide the call's. */
static int count_always(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out,
                        void *context) {
    (void)m, (void)inputs, (void)n_in, (void)outputs, (void)n_out, (void)context;
    always_calls++;
    return cor_ones(3) == NULL ? cor_error() : COR_OK;
}

static cor_tensor *call_counting(cor_module *m) {
    cor_tensor *input = cor_ones(1, 4);
    before_calls = always_calls = 0;
    cor_tensor *y = input == NULL ? NULL : cor_call(m, input);
    if (before_calls != always_calls)
        fail_msg("%ld calls began, the always_call hook ran %ld times", before_calls, always_calls);
    return y;
}

static int hooks_of_a_module(scenario_hash *result) {
    static const int shifts[] = {10, 20, 30};
    cor_module *m = cor_nn_linear(4, 2);
    if (m == NULL) return cor_error();
    (void)cor_register_forward_hook(m, count_always, NULL, .always_call = true);
    for (int i = 0; i < 3; i++) (void)cor_register_forward_hook(m, shift_output, (void *)&shifts[i], .prepend = i == 1);
    for (int i = 0; i < 5; i++) (void)cor_register_forward_pre_hook(m, double_input, NULL);
    int64_t id = cor_register_forward_pre_hook(m, count_before, NULL, .prepend = true);
    if (cor_error() == COR_OK) scenario_feed_tensor(result, call_counting(m));
    if (cor_error() == COR_OK && cor_remove_hook(m, id) != COR_OK) fail_msg("the hook cannot be removed");
    return cor_error();
}

static int hooks_of_every_module(scenario_hash *result) {
    static const int shift = 7;
    cor_module *m = cor_nn_sequential(cor_nn_linear(4, 4), cor_nn_relu());
    if (m == NULL) return cor_error();
    const int64_t ids[] = {cor_register_forward_hook(NULL, count_always, NULL, .always_call = true),
                           cor_register_forward_hook(NULL, shift_output, (void *)&shift),
                           cor_register_forward_pre_hook(NULL, double_input, NULL),
                           cor_register_forward_pre_hook(NULL, count_before, NULL, .prepend = true)};
    if (cor_error() == COR_OK) scenario_feed_tensor(result, call_counting(m));
    int code = cor_error_take(NULL);
    for (int i = 0; i < 4; i++)
        if (ids[i] > 0 && cor_remove_hook(NULL, ids[i]) != COR_OK) fail_msg("hook %d cannot be removed", i);
    return code;
}

static int64_t leaving;

static int remove_itself(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)inputs, (void)n, (void)context;
    return cor_remove_hook(m, leaving);
}

/* Removing one of several hooks while they run needs memory: the hook is removed, or stays and the call fails. */
static int hooks_that_remove_themselves(scenario_hash *result) {
    cor_module *m = cor_nn_relu();
    cor_tensor *input = cor_ones(2);
    if (m == NULL || input == NULL) return cor_error();
    (void)cor_register_forward_pre_hook(m, double_input, NULL);
    leaving = cor_register_forward_pre_hook(m, remove_itself, NULL, .prepend = true);
    if (cor_error() != COR_OK) return cor_error();
    cor_tensor *y = cor_call(m, input);
    int code = cor_error_take(NULL), again = cor_remove_hook(m, leaving);
    cor_error_clear();
    if (y != NULL && again != COR_EKEY) fail_msg("the hook is still there");
    scenario_feed(result, &again, sizeof again);
    scenario_feed_tensor(result, y);
    return code;
}

/* ---- names and modes -------------------------------------------------------------------------------------------- */

/* One layer under two names, one parameter under two. */
static cor_module *shared_tree(void) {
    cor_module *tree = cor_nn_sequential(cor_nn_linear(2, 2), cor_nn_batch_norm1d(2));
    if (tree == NULL || cor_add_module(tree, "again", cor_get_submodule(tree, "0")) != COR_OK) return NULL;
    (void)cor_register_parameter(tree, "also", cor_get_parameter(tree, "0.weight"));
    return cor_error() == COR_OK ? tree : NULL;
}

static int names(scenario_hash *result) {
    cor_module *tree = shared_tree();
    if (tree == NULL) return cor_error();
    cor_dict *dicts[] = {cor_named_parameters(tree),
                         cor_named_parameters(tree, .prefix = "net", .remove_duplicate = false),
                         cor_named_parameters(tree, .recurse = false),
                         cor_named_buffers(tree),
                         cor_named_modules(tree),
                         cor_named_modules(tree, .prefix = "net", .remove_duplicate = false),
                         cor_named_children(tree)};
    for (size_t i = 0; i < sizeof dicts / sizeof *dicts; i++)
        if (dicts[i] != NULL) feed_dict(result, dicts[i]);
        else if (cor_error() == COR_OK) fail_msg("dict %zu is missing without an error", i);
    return cor_error();
}

static int deep_names(scenario_hash *result) {
    cor_module *m = cor_nn_batch_norm1d(2);
    for (int i = 0; i < 40 && m != NULL; i++) m = cor_nn_sequential(m);
    cor_dict *parameters = m == NULL ? NULL : cor_named_parameters(m);
    if (got(parameters, "named_parameters")) feed_dict(result, parameters);
    return cor_error();
}

static int count_modules(cor_module *m, void *context) {
    (void)m;
    ++*(int64_t *)context;
    return COR_OK;
}

static int modes(scenario_hash *result) {
    int64_t n = 0;
    cor_module *tree = shared_tree();
    if (tree == NULL) return cor_error();
    if (cor_eval(tree) != COR_OK || cor_module_requires_grad_(tree, false) != COR_OK) return cor_error();
    if (cor_module_apply(tree, count_modules, &n) != COR_OK || n != 3) fail_msg("apply: %ld modules", n);
    scenario_feed_module(result, tree);
    return cor_error();
}

/* A parameter and its gradient have one dtype, whatever fails; a cast that is tried again comes to its end. */
static int casts(scenario_hash *result) {
    cor_module *tree = shared_tree();
    cor_dict *parameters = tree == NULL ? NULL : cor_parameters(tree);
    for (int64_t i = 0; i < cor_dict_count(parameters); i++) {
        cor_tensor *p = cor_dict_tensor_at(parameters, i);
        if (cor_set_grad(p, cor_ones_like(p)) != COR_OK) return cor_error();
    }
    if (parameters == NULL) return cor_error();
    int code = cor_module_to(tree, COR_FLOAT64);
    for (int64_t i = 0; i < cor_dict_count(parameters); i++) {
        const cor_tensor *p = cor_dict_tensor_at(parameters, i);
        if (cor_grad(p) != NULL && cor_dtype_of(cor_grad(p)) != cor_dtype_of(p))
            fail_msg("%s: the gradient has another dtype", cor_dict_name_at(parameters, i));
    }
    if (code != COR_OK) return code;
    scenario_feed_module(result, tree);
    for (int64_t i = 0; i < cor_dict_count(parameters); i++)
        scenario_feed_tensor(result, cor_grad(cor_dict_tensor_at(parameters, i)));
    if (cor_module_zero_grad(tree) != COR_OK || cor_module_to(tree, COR_BFLOAT16) != COR_OK) return cor_error();
    scenario_feed_module(result, tree);
    return cor_error();
}

/* ---- the groups ------------------------------------------------------------------------------------------------- */

static void own_modules(void **state) {
    (void)state;
    RUN(C(construct), C(call_own_forward), C(several_inputs_and_outputs));
}

static void registering(void **state) {
    (void)state;
    RUN(C(register_many), C(register_with_slots), C(replace_entries), C(delete_entries), C(set_submodules));
}

static void containers(void **state) {
    (void)state;
    RUN(C(long_sequential), C(slices), C(module_dicts));
}

static void hooks(void **state) {
    (void)state;
    RUN(C(hooks_of_a_module), C(hooks_of_every_module), C(hooks_that_remove_themselves));
}

static void names_and_modes(void **state) {
    (void)state;
    RUN(C(names), C(deep_names), C(modes), C(casts));
}

int main(void) {
    scenario_install();
    if (cor_set_num_threads(1) != COR_OK) return cor_report();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_modules), cmocka_unit_test(registering), cmocka_unit_test(edits),
        cmocka_unit_test(containers),  cmocka_unit_test(hooks),       cmocka_unit_test(names_and_modes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
