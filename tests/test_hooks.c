/* Hooks: the scenarios of hooks.txt, which PyTorch ran, once more in C. */
#include "support/golden.h"
#include <corrie.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- notes ------------------------------------------------------------------------------------------------------ */

static char notes[1 << 13];

static void add(const char *format, ...) COR_PRINTF(1, 2);
static void add(const char *format, ...) {
    va_list list;
    size_t used = strlen(notes);
    va_start(list, format);
    vsnprintf(notes + used, sizeof notes - used, format, list);
    va_end(list);
}

static void add_number(cor_tensor *t) {
    if (t == NULL || t == COR_NONE) add(" none");
    else add(" %g", cor_item(t));
}

static void add_names(const cor_dict *names) {
    add("[");
    for (int64_t i = 0; i < cor_dict_count(names); i++) add("%s'%s'", i > 0 ? ", " : "", cor_dict_name_at(names, i));
    add("]");
}

static void add_list(const cor_dict *names) {
    add(" ");
    add_names(names);
}

static void end_line(void) { add("\n"); }

static void add_error(void) {
    add("error %s\n", cor_error_message());
    cor_error_clear();
}

/* ---- modules ---------------------------------------------------------------------------------------------------- */

typedef struct Scale {
    cor_module base;
    cor_tensor *w, *b;
} Scale;

typedef struct Pair {
    cor_module base;
    cor_module *first, *second;
} Pair;

static cor_tensor *of(double value) { return cor_full_of(COR_FLOAT32, value, 1); }

static cor_tensor *scale_forward(cor_module *m, cor_tensor *x) {
    add("forward");
    add_number(x);
    end_line();
    return cor_mul(x, ((Scale *)m)->w);
}

static void scale_init(cor_module *m) {
    cor_set_parameter(m, Scale, w, of(3));
    cor_set_buffer(m, Scale, b, of(0), .persistent = false);
}

static cor_module *new_scale(void) { return COR_MODULE(cor_module_new(Scale, scale_forward, .init = scale_init)); }

static cor_tensor *failing_forward(cor_module *m, cor_tensor *x) {
    (void)m;
    add("forward");
    add_number(x);
    end_line();
    cor_error_set(COR_ESTATE, "boom");
    return NULL;
}

static const char *type_of(cor_module *m) { return m == NULL ? "NoneType" : cor_module_name(m); }

static cor_tensor *pair_forward(cor_module *m, cor_tensor *x) {
    return cor_call(((Pair *)m)->second, cor_call(((Pair *)m)->first, x));
}

static void pair_init(cor_module *m) {
    cor_set_module(m, Pair, first, new_scale());
    cor_set_module(m, Pair, second, new_scale());
}

static cor_module *new_pair(void) { return COR_MODULE(cor_module_new(Pair, pair_forward, .init = pair_init)); }

static cor_tensor *get_seven(cor_module *m) { return (void)m, of(7); }
static cor_tensor *get_nothing(cor_module *m) { return (void)m, COR_NONE; }
static int set_noted(cor_module *m, cor_tensor *state) {
    (void)m;
    add("set");
    add_number(state);
    end_line();
    return COR_OK;
}

static cor_module *new_keeping(cor_get_extra_state get) {
    return &cor_module_new(Scale, scale_forward, .init = scale_init, .get_extra_state = get,
                           .set_extra_state = set_noted)
                ->base;
}

static cor_module *first_of(cor_module *m) { return ((Pair *)m)->first; }
static cor_module *second_of(cor_module *m) { return ((Pair *)m)->second; }
static cor_tensor *w_of(cor_module *m) { return ((Scale *)m)->w; }

static void attempt(cor_module *m, double x) {
    cor_tensor *y = cor_call(m, of(x));
    if (y == NULL) {
        add_error();
        return;
    }
    add("result");
    add_number(y);
    end_line();
}

/* ---- forward hooks ---------------------------------------------------------------------------------------------- */

/* What a hook of these scenarios does, as its context. */
typedef struct act {
    const char *label;
    double change; /* is added, or multiplied; 0: nothing */
    bool fails;
    int64_t id;
} act;

static int pre(cor_module *m, cor_tensor **inputs, int n, void *context) {
    const act *a = context;
    (void)n;
    add("%s %s", a->label, type_of(m));
    add_number(inputs[0]);
    end_line();
    if (a->fails) return cor_error_set(COR_ESTATE, "%s", a->label);
    if (a->change != 0) inputs[0] = cor_add(inputs[0], a->change);
    return COR_OK;
}

static int post(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out, void *context) {
    const act *a = context;
    (void)n_in, (void)n_out;
    add("%s %s", a->label, type_of(m));
    add_number(inputs[0]);
    add_number(outputs[0]);
    end_line();
    if (a->fails) return cor_error_set(COR_ESTATE, "%s", a->label);
    if (a->change != 0) outputs[0] = cor_mul(outputs[0], a->change);
    return COR_OK;
}

/* A context that lives as long as its scenario. */
static act *make(const char *label, double change, bool fails) {
    static act pool[64];
    static int next;
    act *a = &pool[next++ % 64];
    *a = (act){label, change, fails, 0};
    return a;
}

static act *says(const char *label) { return make(label, 0, false); }
static act *changes(const char *label, double change) { return make(label, change, false); }
static act *fails(const char *label) { return make(label, 0, true); }

static void order(void) {
    cor_module *m = new_scale();
    cor_register_forward_pre_hook(m, pre, says("pre1"));
    cor_register_forward_pre_hook(m, pre, changes("pre2", 1));
    cor_register_forward_pre_hook(m, pre, says("pre0"), .prepend = true);
    cor_register_forward_hook(m, post, changes("post1", 10));
    cor_register_forward_hook(m, post, says("post2"));
    cor_register_forward_hook(m, post, says("post0"), .prepend = true);
    int64_t before = cor_register_forward_pre_hook(NULL, pre, changes("every pre", 5)),
            after = cor_register_forward_hook(NULL, post, changes("every post", 2));
    attempt(m, 2);
    attempt(new_pair(), 1);
    assert_int_equal(cor_remove_hook(NULL, before), COR_OK);
    assert_int_equal(cor_remove_hook(NULL, after), COR_OK);
    attempt(m, 2);
}

static int once(cor_module *m, cor_tensor **inputs, int n, void *context) {
    static act late = {.label = "late"};
    (void)n;
    add("once");
    add_number(inputs[0]);
    end_line();
    assert_true(cor_register_forward_pre_hook(m, pre, &late) > 0);
    return cor_remove_hook(m, ((act *)context)->id);
}

static void changes_while_running(void) {
    cor_module *m = new_scale();
    act itself = {0};
    itself.id = cor_register_forward_pre_hook(m, once, &itself);
    cor_register_forward_pre_hook(m, pre, says("after"));
    attempt(m, 2);
    attempt(m, 2);
}

/* The ids of the hooks that come and go; 0: there is none. */
typedef struct others {
    int64_t gone, every;
} others;

static int removes(cor_module *m, cor_tensor **inputs, int n, void *context) {
    static act every = {.label = "every post"}, own = {.label = "post"};
    others *ids = context;
    (void)n;
    add("removes");
    add_number(inputs[0]);
    end_line();
    if (ids->gone == 0) return COR_OK;
    assert_int_equal(cor_remove_hook(m, ids->gone), COR_OK);
    ids->gone = 0;
    ids->every = cor_register_forward_hook(NULL, post, &every);
    return cor_register_forward_hook(m, post, &own) > 0 ? COR_OK : cor_error();
}

static void changes_other_hooks(void) {
    cor_module *m = new_scale();
    others ids = {0};
    cor_register_forward_pre_hook(m, removes, &ids);
    ids.gone = cor_register_forward_pre_hook(m, pre, says("gone"));
    attempt(m, 2);
    assert_int_equal(cor_remove_hook(NULL, ids.every), COR_OK);
    attempt(m, 2);
}

static void always_call(void) {
    cor_module *m = cor_module_new_with(sizeof(cor_module), "Failing", failing_forward, NULL);
    cor_register_forward_hook(m, post, says("plain"));
    cor_register_forward_hook(m, post, says("always"), .always_call = true);
    cor_register_forward_hook(m, post, fails("always fails"), .always_call = true);
    cor_register_forward_hook(m, post, says("always last"), .always_call = true);
    attempt(m, 2);
    m = new_scale();
    cor_register_forward_pre_hook(m, pre, fails("pre fails"));
    cor_register_forward_hook(m, post, says("always"), .always_call = true);
    attempt(m, 2);
}

static void always_call_after_a_hook(void) {
    cor_module *m = new_scale();
    cor_register_forward_hook(m, post, changes("always1", 2), .always_call = true);
    cor_register_forward_hook(m, post, fails("fails"));
    cor_register_forward_hook(m, post, says("plain"));
    cor_register_forward_hook(m, post, says("always2"), .always_call = true);
    int64_t every = cor_register_forward_hook(NULL, post, says("every"), .always_call = true);
    attempt(m, 2);
    assert_int_equal(cor_remove_hook(NULL, every), COR_OK);
    m = new_scale();
    cor_register_forward_hook(m, post, fails("always fails"), .always_call = true);
    attempt(m, 2);
}

/* ---- state_dict hooks ------------------------------------------------------------------------------------------- */

static int save_pre(cor_module *m, const char *prefix, bool keep_vars, void *context) {
    add("%s %s '%s' %s\n", (const char *)context, type_of(m), prefix, keep_vars ? "True" : "False");
    return COR_OK;
}

static int put_note(cor_dict *dict, const char *prefix) {
    char name[64];
    snprintf(name, sizeof name, "%snote", prefix);
    return cor_dict_set(dict, name, of(0));
}

static int drop_w(cor_dict *dict, const char *prefix) {
    char name[64];
    snprintf(name, sizeof name, "%sfirst.w", prefix);
    return cor_dict_delete(dict, name);
}

static int save_post(cor_module *m, cor_dict *dict, const char *prefix, void *context) {
    const act *a = context;
    add("%s %s '%s'", a->label, type_of(m), prefix);
    add_list(dict);
    end_line();
    if (a->fails) return cor_error_set(COR_ESTATE, "no");
    if (a->change == 0) return COR_OK;
    return a->change > 0 ? put_note(dict, prefix) : drop_w(dict, prefix);
}

static void add_keys(const cor_dict *dict) {
    add("keys");
    add_list(dict);
    end_line();
}

static void saving(void) {
    cor_module *m = new_pair();
    cor_register_state_dict_pre_hook(m, save_pre, "pre");
    cor_register_state_dict_pre_hook(first_of(m), save_pre, "child pre");
    cor_register_state_dict_post_hook(first_of(m), save_post, changes("child post", 1));
    cor_register_state_dict_post_hook(m, save_post, changes("post", -1));
    cor_register_state_dict_post_hook(m, save_post, says("post2"));
    add_keys(cor_state_dict(m));
    add_keys(cor_state_dict(m, .prefix = "x.", .keep_vars = true));
}

/* ---- load_state_dict hooks -------------------------------------------------------------------------------------- */

typedef struct load_act {
    const char *label;
    int (*change)(cor_loading *loading);
} load_act;

static int load_pre(cor_module *m, cor_loading *loading, void *context) {
    const load_act *a = context;
    add("%s %s '%s' %lld", a->label, type_of(m), loading->prefix, (long long)loading->version);
    add_list(loading->dict);
    add_list(loading->missing);
    add_list(loading->unexpected);
    end_line();
    return a->change == NULL ? COR_OK : a->change(loading);
}

static int load_post(cor_module *m, cor_loading *loading, void *context) {
    const load_act *a = context;
    add("%s %s", a->label, type_of(m));
    add_list(loading->missing);
    add_list(loading->unexpected);
    end_line();
    return a->change == NULL ? COR_OK : a->change(loading);
}

static load_act *act_of(const char *label, int (*change)(cor_loading *loading)) {
    static load_act pool[16];
    static int next;
    load_act *a = &pool[next++ % 16];
    *a = (load_act){label, change};
    return a;
}

static void load(cor_module *m, cor_dict *dict, bool strict) {
    cor_dict *missing = NULL, *unexpected = NULL;
    int code = cor_load_state_dict(m, dict, .strict = strict, .missing = &missing, .unexpected = &unexpected);
    if (code != COR_OK) {
        add_error();
    } else if (cor_dict_count(missing) + cor_dict_count(unexpected) == 0) {
        add("result <All keys matched successfully>\n");
    } else {
        add("result _IncompatibleKeys(missing_keys=");
        add_names(missing);
        add(", unexpected_keys=");
        add_names(unexpected);
        add(")\n");
    }
}

static int rename_old(cor_loading *loading) {
    if (cor_dict_set(loading->dict, "first.w", cor_dict_get(loading->dict, "old")) != COR_OK) return cor_error();
    return cor_dict_delete(loading->dict, "old");
}

/* A dict of numbers under names. */
static cor_dict *dict_of(const char *a, double x, const char *b, double y) {
    cor_dict *dict = cor_dict_new();
    assert_int_equal(cor_dict_set(dict, a, of(x)), COR_OK);
    if (b != NULL) assert_int_equal(cor_dict_set(dict, b, of(y)), COR_OK);
    return dict;
}

static void add_weights(cor_tensor *a, cor_tensor *b) {
    add("w");
    add_number(a);
    if (b != NULL) add_number(b);
    end_line();
}

static void loading(void) {
    cor_module *m = new_pair();
    cor_register_load_state_dict_pre_hook(m, load_pre, act_of("pre", rename_old));
    cor_register_load_state_dict_pre_hook(first_of(m), load_pre, act_of("child pre", NULL));
    cor_register_load_state_dict_post_hook(first_of(m), load_post, act_of("child post", NULL));
    cor_register_load_state_dict_pre_hook(second_of(m), load_pre, act_of("second pre", NULL));
    cor_register_load_state_dict_post_hook(m, load_post, act_of("post", NULL));
    cor_dict *state = cor_state_dict(m);
    cor_dict_set(state, "old", of(5));
    assert_int_equal(cor_dict_delete(state, "first.w"), COR_OK);
    cor_dict_set(state, "strange", of(0));
    cor_dict_set(state, "second.strange", of(0));
    load(m, state, true);
    add_weights(w_of(first_of(m)), NULL);
    load(m, dict_of("old", 1, "second.w", 1), true);
    add_weights(w_of(first_of(m)), NULL);
}

static int forgive(cor_loading *loading) {
    while (cor_dict_count(loading->missing) > 0)
        if (cor_dict_delete(loading->missing, cor_dict_name_at(loading->missing, 0)) != COR_OK) return cor_error();
    return cor_dict_set(loading->unexpected, "from a hook", COR_NONE);
}

static int complain(cor_loading *loading) {
    if (cor_dict_set(loading->missing, "second.wish", COR_NONE) != COR_OK) return cor_error();
    return cor_dict_set(loading->problems, "a complaint", COR_NONE);
}

static void lists_edited(void) {
    cor_module *m = new_pair();
    cor_register_load_state_dict_post_hook(m, load_post, act_of("post", forgive));
    load(m, cor_dict_new(), true);
    load(m, cor_dict_new(), false);
    m = new_pair();
    cor_register_load_state_dict_pre_hook(second_of(m), load_pre, act_of("pre", complain));
    load(m, cor_state_dict(m), true);
    load(m, cor_state_dict(m), false);
}

static int meddle(cor_loading *loading) {
    if (cor_dict_delete(loading->dict, "first.w") != COR_OK) return cor_error();
    return cor_dict_set(loading->dict, "second.w", of(9));
}

static void stays_under_its_prefix(void) {
    cor_module *m = new_pair();
    cor_register_load_state_dict_pre_hook(first_of(m), load_pre, act_of("pre", meddle));
    load(m, dict_of("first.w", 2, "second.w", 2), true);
    add_weights(w_of(first_of(m)), w_of(second_of(m)));
}

static int refuse(cor_loading *loading) { return (void)loading, cor_error_set(COR_ESTATE, "no"); }

static void failing_load(void) {
    cor_module *m = new_pair();
    cor_register_load_state_dict_post_hook(first_of(m), load_post, act_of("child post", refuse));
    cor_register_load_state_dict_post_hook(m, load_post, act_of("post", NULL));
    load(m, dict_of("first.w", 2, "second.w", 2), true);
    add_weights(w_of(first_of(m)), w_of(second_of(m)));
    m = new_pair();
    cor_register_state_dict_post_hook(first_of(m), save_post, fails("child post"));
    assert_null(cor_state_dict(m));
    add_error();
}

static void extra_state(void) {
    cor_module *m = new_pair();
    cor_set_module(m, Pair, first, new_keeping(get_seven));
    cor_set_module(m, Pair, second, new_keeping(get_nothing));
    cor_dict *state = cor_state_dict(m);
    add("keys");
    add_list(state);
    add_number(cor_dict_get(state, "first._extra_state"));
    end_line();
    load(m, state, true);
    assert_int_equal(cor_dict_delete(state, "second._extra_state"), COR_OK);
    load(m, state, true);
    load(m, state, false);
    load(new_pair(), state, true);
    load(new_scale(), dict_of("_extra_state", 1, "strange", 1), true);
}

/* ---- registration hooks ----------------------------------------------------------------------------------------- */

static int tensor_hook(cor_module *m, const char *name, cor_tensor **tensor, void *context) {
    const act *a = context;
    add("%s %s %s", a->label, type_of(m), name);
    add_number(*tensor);
    end_line();
    if (a->change != 0) *tensor = a->fails ? cor_parameter(of(a->change)) : of(a->change);
    return cor_error();
}

static int module_hook(cor_module *m, const char *name, cor_module **child, void *context) {
    (void)context;
    add("module %s %s %s\n", type_of(m), name, type_of(*child));
    if (strcmp(type_of(*child), "ReLU") == 0) *child = cor_nn_identity();
    return cor_error();
}

static void registration(void) {
    enum { PARAMETER = true }; /* act.fails: the replacement is a parameter */
    int64_t ids[] = {
        cor_register_parameter_registration_hook(tensor_hook, says("parameter")),
        cor_register_parameter_registration_hook(tensor_hook, make("again", 1, PARAMETER)),
        cor_register_buffer_registration_hook(tensor_hook, changes("buffer", 2)),
        cor_register_module_registration_hook(module_hook, NULL),
    };
    cor_module *m = new_pair();
    cor_add_module(m, "r", cor_nn_relu());
    cor_register_parameter(m, "none", COR_NONE);
    cor_register_buffer(m, "nothing", COR_NONE);
    cor_register_module_at(m, "empty", NULL, NULL);
    for (int i = 0; i < 4; i++) assert_int_equal(cor_remove_hook(NULL, ids[i]), COR_OK);
    cor_add_module(m, "s", cor_nn_relu());
    add_weights(w_of(first_of(m)), ((Scale *)first_of(m))->b);
    notes[strlen(notes) - 1] = '\0';
    add_number(cor_get_buffer(m, "nothing"));
    add("\nchildren [");
    cor_dict *children = cor_children(m);
    for (int64_t i = 0; i < cor_dict_count(children); i++)
        add("%s'%s: %s'", i > 0 ? ", " : "", cor_dict_name_at(children, i), type_of(cor_dict_module_at(children, i)));
    add("]\n");
}

/* ---- the records ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    void (*run)(void);
} scenarios[] = {{"order", order},
                 {"changes_while_running", changes_while_running},
                 {"changes_other_hooks", changes_other_hooks},
                 {"always_call", always_call},
                 {"always_call_after_a_hook", always_call_after_a_hook},
                 {"saving", saving},
                 {"loading", loading},
                 {"lists_edited", lists_edited},
                 {"stays_under_its_prefix", stays_under_its_prefix},
                 {"failing_load", failing_load},
                 {"extra_state", extra_state},
                 {"registration", registration}};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static void as_pytorch_does(void **state) {
    (void)state;
    golden_file *file = golden_open("hooks.txt");
    golden_record record;
    int checked = 0;
    while (golden_next(file, &record) == 1) {
        int i = 0;
        while (i < SCENARIOS && strcmp(scenarios[i].name, record.name) != 0) i++;
        if (i == SCENARIOS) fail_msg("%s: there is no such scenario", record.name);
        cor_scope();
        notes[0] = '\0';
        scenarios[i].run();
        if (cor_error() != COR_OK) fail_msg("%s: %s", record.name, cor_error_message());
        if (strlen(notes) > 0) notes[strlen(notes) - 1] = '\0';
        if (strcmp(notes, record.text) != 0) fail_msg("%s: expected\n%s\ngot\n%s", record.name, record.text, notes);
        checked++;
    }
    golden_close(file);
    printf("%d scenarios\n", checked);
    assert_int_equal(checked, SCENARIOS);
}

static void what_is_refused(void **state) {
    (void)state;
    cor_scope();
    assert_true(cor_register_state_dict_pre_hook(NULL, save_pre, NULL) < 0);
    assert_string_equal(cor_error_message(), "register hook: the module is NULL, a failed or missing module");
    cor_error_clear();
    assert_true(cor_register_load_state_dict_post_hook(new_scale(), NULL, NULL) < 0);
    assert_string_equal(cor_error_message(), "register hook: the hook is NULL");
    cor_error_clear();
    assert_int_equal(cor_remove_hook(new_scale(), 1), COR_EKEY);
    cor_error_clear();
    assert_int_equal(cor_remove_hook(NULL, 1), COR_EKEY);
    cor_error_clear();
}

/* Replaces what is registered by what may not be. */
static int spoil(cor_module *m, const char *name, cor_tensor **tensor, void *context) {
    (void)m, (void)name, (void)context;
    *tensor = of(1);
    return COR_OK;
}

static int loop(cor_module *m, const char *name, cor_module **child, void *context) {
    (void)name, (void)context;
    *child = m;
    return COR_OK;
}

static void replacements_are_checked(void **state) {
    (void)state;
    cor_scope();
    cor_module *m = cor_nn_identity();
    int64_t id = cor_register_parameter_registration_hook(spoil, NULL);
    assert_int_equal(cor_register_parameter(m, "p", cor_parameter(of(1))), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_remove_hook(NULL, id), COR_OK);
    id = cor_register_module_registration_hook(loop, NULL);
    assert_int_equal(cor_add_module(m, "c", cor_nn_relu()), COR_ESTATE);
    cor_error_clear();
    assert_int_equal(cor_remove_hook(NULL, id), COR_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch_does), cmocka_unit_test(what_is_refused),
                                       cmocka_unit_test(replacements_are_checked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
