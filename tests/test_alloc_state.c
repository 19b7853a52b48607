/* Dicts, state_dict and load_state_dict with every allocation failing: COR_ENOMEM, nothing left behind, and every
 * tensor of a module whole: as it was, or as it was to become. */
#include "support/scenario.h"
#include <corrie.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void feed_dict(scenario_hash *result, cor_dict *d) {
    for (int64_t i = 0; i < cor_dict_count(d); i++) {
        scenario_feed(result, cor_dict_name_at(d, i), strlen(cor_dict_name_at(d, i)) + 1);
        scenario_feed_tensor(result, cor_dict_tensor_at(d, i));
    }
}

/* ---- dicts ------------------------------------------------------------------------------------------------------ */

/* Beyond 16 names the dict grows. A failed set leaves what was there. */
static int grow(void *context, scenario_hash *result) {
    (void)context;
    cor_dict *d = cor_dict_new();
    char name[16];
    for (int i = 0; i < 40 && cor_error() == COR_OK; i++) {
        snprintf(name, sizeof name, "name%d", i);
        cor_tensor *t = cor_full(i, 1);
        int code = cor_dict_set(d, name, t);
        if (d != NULL && cor_dict_count(d) != i + (code == COR_OK)) fail_msg("%s: set and failed, or neither", name);
        if (cor_dict_get(d, name) != (code == COR_OK ? t : NULL)) fail_msg("%s: another tensor", name);
    }
    if (cor_error() == COR_OK) feed_dict(result, d);
    return cor_error();
}

static int replace_and_delete(void *context, scenario_hash *result) {
    (void)context;
    cor_dict *d = cor_dict_new();
    cor_tensor *old = cor_ones(2);
    if (cor_dict_set(d, "a", old) != COR_OK || cor_dict_set(d, "b", old) != COR_OK) return cor_error();
    int code = cor_dict_set(d, "a", cor_zeros(3));
    if ((code == COR_OK) != (cor_dict_get(d, "a") != old)) fail_msg("a: replaced and failed, or neither");
    if (code != COR_OK) return code;
    if (cor_dict_delete(d, "b") != COR_OK || cor_dict_get(d, "b") != NULL) fail_msg("b cannot be deleted");
    feed_dict(result, d);
    return cor_error();
}

static int versions(void *context, scenario_hash *result) {
    (void)context;
    cor_dict *d = cor_dict_new();
    char path[16];
    for (int i = 0; i < 20 && cor_error() == COR_OK; i++) {
        snprintf(path, sizeof path, "path%d", i);
        int code = cor_dict_set_version(d, path, i + 1);
        int64_t there = cor_dict_version(d, path);
        if (there != (code == COR_OK ? i + 1 : -1)) fail_msg("%s: version %ld", path, there);
        scenario_feed(result, &there, sizeof there);
    }
    return cor_error();
}

/* ---- a network and its state ------------------------------------------------------------------------------------ */

typedef struct holder {
    cor_module base;
    cor_tensor *weight, *count; /* slots that must follow what a load assigns */
} holder;

static void holder_init(cor_module *m) {
    cor_set_parameter(m, holder, weight, cor_zeros(2));
    cor_set_buffer(m, holder, count, cor_scalar(0));
}

static cor_module *network(void) {
    cor_module *m = cor_nn_sequential(cor_nn_linear(3, 2), cor_nn_batch_norm1d(2),
                                      COR_MODULE(cor_module_new(holder, NULL, .init = holder_init)));
    return m;
}

static cor_dict *given; /* the state of another network, made outside of the scenarios */

static int save(void *context, scenario_hash *result) {
    (void)context;
    cor_manual_seed(1);
    cor_module *m = network();
    cor_dict *dicts[] = {m == NULL ? NULL : cor_state_dict(m),
                         m == NULL ? NULL : cor_state_dict(m, .prefix = "net.", .keep_vars = true)};
    for (int i = 0; i < 2; i++)
        if (dicts[i] != NULL) feed_dict(result, dicts[i]);
        else if (cor_error() == COR_OK) fail_msg("dict %d is missing without an error", i);
    int64_t version = cor_dict_version(dicts[1], "net.1");
    scenario_feed(result, &version, sizeof version);
    return cor_error();
}

static bool same_bits(const cor_tensor *a, const cor_tensor *b) {
    return cor_numel(a) == cor_numel(b) && cor_dtype_of(a) == cor_dtype_of(b) &&
           memcmp(cor_data_const(a), cor_data_const(b), (size_t)(cor_numel(a) * cor_dtype_size(cor_dtype_of(a)))) == 0;
}

/* Every tensor is the old one or the new one, whole; the slots and modes stay with the entries. */
static void expect_whole(cor_module *m, const cor_dict *before) {
    for (int64_t i = 0; i < cor_dict_count(before); i++) {
        const char *name = cor_dict_name_at(before, i);
        const cor_tensor *now = cor_get_parameter(m, name);
        if (now == NULL) cor_error_clear(), now = cor_get_buffer(m, name);
        if (!same_bits(now, cor_dict_tensor_at(before, i)) && !same_bits(now, cor_dict_get(given, name)))
            fail_msg("%s is neither the old nor the new one", name);
    }
    const holder *h = (const holder *)cor_get_submodule(m, "2");
    if (h->weight != cor_get_parameter(m, "2.weight") || !cor_requires_grad(h->weight)) fail_msg("weight: the slot");
    if (h->count != cor_get_buffer(m, "2.count")) fail_msg("count: the slot");
}

/* Copies of the tensors of a module's state. */
static cor_dict *copies(cor_module *m) {
    cor_dict *state = cor_state_dict(m), *copy = cor_dict_new();
    for (int64_t i = 0; i < cor_dict_count(state) && cor_error() == COR_OK; i++)
        (void)cor_dict_set(copy, cor_dict_name_at(state, i), cor_clone(cor_dict_tensor_at(state, i)));
    return cor_error() == COR_OK ? copy : NULL;
}

static int load(void *context, scenario_hash *result) {
    const bool assign = *(const bool *)context;
    cor_manual_seed(2);
    cor_module *m = network();
    cor_dict *before = m == NULL ? NULL : copies(m);
    if (before == NULL) return cor_error();
    int code = cor_load_state_dict(m, given, .assign = assign), pending = cor_error_take(NULL);
    if (code != pending) fail_msg("load: returned %d with error %d", code, pending);
    expect_whole(m, before);
    if (code == COR_OK) scenario_feed_module(result, m);
    return code != COR_OK ? code : cor_error();
}

/* The dict lacks names, has others, and one of another shape. */
static int load_what_fits(void *context, scenario_hash *result) {
    const bool strict = *(const bool *)context;
    cor_manual_seed(2);
    cor_module *m = network();
    cor_dict *d = m == NULL ? NULL : cor_state_dict(network()), *missing = NULL, *unexpected = NULL;
    if (d == NULL || cor_dict_delete(d, "0.bias") != COR_OK || cor_dict_set(d, "0.other", cor_ones(1)) != COR_OK ||
        cor_dict_set(d, "none.at.all", cor_ones(1)) != COR_OK || cor_dict_set(d, "1.weight", cor_ones(7)) != COR_OK)
        return cor_error();
    int code = cor_load_state_dict(m, d, .strict = strict, .missing = &missing, .unexpected = &unexpected);
    cor_error_info error;
    if (code == COR_OK) fail_msg("another shape was loaded");
    if (cor_error_take(&error) != COR_ESTATE) return code;
    scenario_feed(result, error.text, strlen(error.text));
    feed_dict(result, missing);
    feed_dict(result, unexpected);
    scenario_feed_module(result, m);
    return cor_error();
}

/* A BatchNorm's state of before num_batches_tracked, and a number in one dimension. */
static int load_old_forms(void *context, scenario_hash *result) {
    (void)context;
    cor_manual_seed(2);
    cor_module *m = network();
    cor_dict *d = m == NULL ? NULL : cor_state_dict(m);
    if (d == NULL || cor_dict_delete(d, "1.num_batches_tracked") != COR_OK ||
        cor_dict_set_version(d, "1", 1) != COR_OK || cor_dict_set(d, "2.count", cor_full_of(COR_INT64, 9, 1)) != COR_OK)
        return cor_error();
    if (cor_load_state_dict(m, d) == COR_OK) scenario_feed_module(result, m);
    return cor_error();
}

/* ---- the groups ------------------------------------------------------------------------------------------------- */

static void dicts(void **state) {
    (void)state;
    assert_true(scenario_run("grow", grow, NULL) > 0);
    assert_true(scenario_run("replace and delete", replace_and_delete, NULL) > 0);
    assert_true(scenario_run("versions", versions, NULL) > 0);
}

static void saving_and_loading(void **state) {
    (void)state;
    bool no = false, yes = true;
    assert_true(scenario_run("save", save, NULL) > 0);
    assert_true(scenario_run("load", load, &no) > 0);
    assert_true(scenario_run("load and assign", load, &yes) > 0);
    assert_true(scenario_run("load what fits", load_what_fits, &no) > 0);
    assert_true(scenario_run("load strictly", load_what_fits, &yes) > 0);
    assert_true(scenario_run("load old forms", load_old_forms, NULL) > 0);
}

int main(void) {
    scenario_install();
    if (cor_set_num_threads(1) != COR_OK) return cor_report();
    cor_scope();
    cor_manual_seed(3);
    given = cor_state_dict(network());
    if (cor_error() != COR_OK) return cor_report();
    const struct CMUnitTest tests[] = {cmocka_unit_test(dicts), cmocka_unit_test(saving_and_loading)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
