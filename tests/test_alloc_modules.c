/* Modules, their containers, hooks, state_dicts and texts with each of their allocations failing. */
#include "support/scenario.h"
#include <corrie.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static cor_module *make_net(void) {
    cor_manual_seed(1);
    return cor_nn_sequential(cor_nn_conv2d(1, 2, 3), cor_nn_batch_norm2d(2), cor_nn_flatten(),
                             cor_nn_sequential(cor_nn_linear(8, 2), cor_nn_relu()));
}

static void feed_text(scenario_hash *result, char *text) {
    if (text != NULL) scenario_feed(result, text, strlen(text));
    cor_free_text(text);
}

static void feed_module(scenario_hash *result, cor_module *m) {
    if (m != NULL) feed_text(result, cor_module_repr(m));
}

static void feed_names(scenario_hash *result, const cor_dict *dict) {
    for (int64_t i = 0; i < cor_dict_count(dict); i++)
        scenario_feed(result, cor_dict_name_at(dict, i), strlen(cor_dict_name_at(dict, i)));
}

static int made_and_called(void *context, scenario_hash *result) {
    (void)context;
    cor_module *net = make_net();
    if (net == NULL || cor_eval(net) != COR_OK) return cor_error();
    feed_module(result, net);
    scenario_feed_tensor(result, cor_call(net, cor_zeros(1, 1, 4, 4)));
    feed_names(result, cor_parameters(net));
    feed_names(result, cor_modules(net, .remove_duplicate = false));
    return cor_error();
}

static int rows(void *context, scenario_hash *result) {
    (void)context;
    cor_module *row = cor_nn_module_list(cor_nn_relu(), cor_nn_relu(), cor_nn_tanh());
    if (row == NULL) return cor_error();
    if (cor_module_insert(row, 0, cor_nn_elu()) != COR_OK || cor_module_delete_at(row, 1) != COR_OK) return cor_error();
    if (cor_module_extend(row, row) != COR_OK) return cor_error();
    feed_module(result, row);
    feed_module(result, cor_module_pop(row, -1));
    feed_module(result, cor_module_concat(row, row));
    feed_module(result, cor_module_slice(row, 1, 3));
    return cor_error();
}

static int dicts(void *context, scenario_hash *result) {
    (void)context;
    cor_module *dict = cor_nn_parameter_dict(), *other = cor_nn_parameter_dict(), *list = cor_nn_parameter_list();
    if (cor_parameter_dict_set(dict, "a", cor_zeros(2)) != COR_OK) return cor_error();
    if (cor_parameter_dict_set(other, "b", cor_zeros(3)) != COR_OK) return cor_error();
    if (cor_module_update(dict, other) != COR_OK || cor_parameter_append(list, cor_zeros(2)) != COR_OK)
        return cor_error();
    feed_module(result, dict);
    feed_module(result, list);
    scenario_feed_tensor(result, cor_parameter_dict_pop(dict, "a"));
    return cor_module_clear(dict);
}

static int forward_hook(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out, void *context) {
    (void)m, (void)in, (void)n_in, (void)n_out, (void)context;
    out[0] = cor_mul(out[0], 2);
    return cor_error();
}

static int save_hook(cor_module *m, cor_dict *dict, const char *prefix, void *context) {
    (void)m, (void)prefix, (void)context;
    return cor_dict_set(dict, "more", COR_NONE);
}

static int load_hook(cor_module *m, cor_loading *loading, void *context) {
    (void)m, (void)context;
    return cor_dict_set(loading->unexpected, "a hook's", COR_NONE);
}

static cor_tensor *get_extra(cor_module *m) { return (void)m, cor_ones(2); }
static int set_extra(cor_module *m, cor_tensor *state) { return (void)m, (void)state, cor_error(); }

static cor_module *hooked(void) {
    cor_module_options o;
    cor_module_options_init(&o);
    o.get_extra_state = get_extra;
    o.set_extra_state = set_extra;
    cor_module *net = make_net(), *keeping = cor_module_new_with(sizeof(cor_module), "Keeping", NULL, &o);
    if (keeping == NULL || cor_module_set_at(net, 2, keeping) != COR_OK) return NULL;
    if (cor_register_state_dict_post_hook(net, save_hook, NULL) < 0) return NULL;
    if (cor_register_load_state_dict_post_hook(keeping, load_hook, NULL) < 0) return NULL;
    return net;
}

static int saved_and_loaded(void *context, scenario_hash *result) {
    (void)context;
    cor_module *net = hooked();
    cor_dict *missing = NULL, *unexpected = NULL, *state = net == NULL ? NULL : cor_state_dict(net);
    if (state == NULL || cor_dict_delete(state, "0.bias") != COR_OK) return cor_error();
    if (cor_load_state_dict(net, state, .strict = false, .missing = &missing, .unexpected = &unexpected) != COR_OK)
        return cor_error();
    feed_names(result, state);
    feed_names(result, missing);
    feed_names(result, unexpected);
    return cor_error();
}

static int hooked_calls(void *context, scenario_hash *result) {
    (void)context;
    cor_manual_seed(1);
    cor_module *up = cor_nn_conv_transpose2d(1, 1, 2, .stride = 2, .bias = false);
    if (up == NULL || cor_register_forward_hook(up, forward_hook, NULL) < 0) return cor_error();
    if (cor_module_to(up, COR_FLOAT64) != COR_OK || cor_module_zero_grad(up, .set_to_none = false) != COR_OK)
        return cor_error();
    scenario_feed_tensor(result, cor_nn_conv_transpose_call(up, cor_zeros_of(COR_FLOAT64, 1, 2, 2), COR_DIMS(5, 4)));
    return cor_error();
}

static void scenarios(void **state) {
    (void)state;
    scenario_run("made and called", made_and_called, NULL);
    scenario_run("rows", rows, NULL);
    scenario_run("dicts", dicts, NULL);
    scenario_run("saved and loaded", saved_and_loaded, NULL);
    scenario_run("hooked calls", hooked_calls, NULL);
}

int main(void) {
    scenario_install();
    if (cor_set_num_threads(1) != COR_OK) return cor_report();
    const struct CMUnitTest tests[] = {cmocka_unit_test(scenarios)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
