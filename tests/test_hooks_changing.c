/* Forward hooks: their order, what they replace, what runs after a failure, and hooks that change the hooks; and the
 * errors of calls. */
#include <corrie.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The letters of the hooks that ran, in their order. */
static char ran[64];

static void note(const char *letter) {
    assert_true(strlen(ran) + 2 < sizeof ran);
    strcat(ran, letter);
}

static int before(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)inputs;
    assert_int_equal(n, 1);
    note(context);
    return COR_OK;
}

static int after(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out, void *context) {
    (void)m, (void)inputs, (void)outputs;
    assert_int_equal(n_in, 1);
    assert_int_equal(n_out, 1);
    note(context);
    return COR_OK;
}

static int failing_before(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)inputs, (void)n;
    note(context);
    return cor_error_set(COR_EVALUE, "the pre hook fails");
}

static int failing_after(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out,
                         void *context) {
    (void)m, (void)inputs, (void)n_in, (void)outputs, (void)n_out;
    assert_int_equal(cor_error(), COR_OK);
    note(context);
    return cor_error_set(COR_EVALUE, "hook %s fails", (const char *)context);
}

/* Fails by its code alone. */
static int returns_a_code(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)inputs, (void)n, (void)context;
    return COR_EINDEX;
}

static void expect_failure(cor_module *m, int code, const char *text, const char *hooks) {
    cor_error_info error;
    ran[0] = '\0';
    assert_null(cor_call(m, cor_ones(2)));
    assert_int_equal(cor_error_take(&error), code);
    assert_string_equal(error.text, text);
    assert_string_equal(ran, hooks);
}

static void expect_success(cor_module *m, const char *hooks) {
    ran[0] = '\0';
    assert_non_null(cor_call(m, cor_ones(2)));
    assert_string_equal(ran, hooks);
}

static void run_in_order_those_of_every_module_first(void **state) {
    (void)state;
    cor_scope();
    cor_module *m = cor_nn_relu();
    (void)cor_register_forward_hook(m, after, "f");
    (void)cor_register_forward_hook(m, after, "e", .prepend = true);
    (void)cor_register_forward_pre_hook(m, before, "c");
    (void)cor_register_forward_pre_hook(m, before, "b", .prepend = true);
    int64_t every_before = cor_register_forward_pre_hook(NULL, before, "a");
    int64_t every_after = cor_register_forward_hook(NULL, after, "d");
    expect_success(m, "abcdef");
    assert_int_equal(cor_remove_hook(NULL, every_before), COR_OK);
    assert_int_equal(cor_remove_hook(NULL, every_after), COR_OK);
    expect_success(m, "bcef");
    assert_int_equal(cor_remove_hook(NULL, every_after), COR_EKEY);
    cor_error_clear();
}

static int doubles_input(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)n, (void)context;
    inputs[0] = cor_mul(inputs[0], 2);
    return cor_error();
}

static int adds_input(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out,
                      void *context) {
    (void)m, (void)n_in, (void)n_out, (void)context;
    outputs[0] = cor_add(outputs[0], inputs[0]);
    return cor_error();
}

static void replace_inputs_and_outputs(void **state) {
    (void)state;
    cor_scope();
    cor_module *m = cor_nn_relu();
    (void)cor_register_forward_pre_hook(m, doubles_input, NULL);
    (void)cor_register_forward_hook(m, adds_input, NULL);
    cor_tensor *y = cor_call(m, cor_scalar(-3.0));
    assert_true(cor_item(y) == -6); /* relu(-6) + -6 */
}

static cor_tensor *fails(cor_module *m, cor_tensor *input) {
    (void)m, (void)input;
    (void)cor_error_set(COR_ESHAPE, "the forward fails");
    return NULL;
}

static void always_call_hooks_run_after_any_failure(void **state) {
    (void)state;
    cor_scope();
    cor_module *m = (cor_module *)cor_module_new(cor_module, fails);
    (void)cor_register_forward_hook(m, after, "1");
    (void)cor_register_forward_hook(m, after, "2", .always_call = true);
    (void)cor_register_forward_hook(m, failing_after, "3", .always_call = true);
    expect_failure(m, COR_ESHAPE, "the forward fails", "23");
    int64_t id = cor_register_forward_pre_hook(m, failing_before, "0");
    expect_failure(m, COR_EVALUE, "the pre hook fails", "023");
    assert_int_equal(cor_remove_hook(m, id), COR_OK);
    id = cor_register_forward_pre_hook(m, returns_a_code, NULL);
    expect_failure(m, COR_EINDEX, "a forward pre-hook of cor_module failed", "23");
}

static void always_call_hooks_run_after_a_failing_hook(void **state) {
    (void)state;
    cor_scope();
    cor_module *m = cor_nn_relu();
    (void)cor_register_forward_hook(m, failing_after, "1");
    (void)cor_register_forward_hook(m, after, "2");
    (void)cor_register_forward_hook(m, failing_after, "3", .always_call = true);
    (void)cor_register_forward_hook(m, after, "4", .always_call = true);
    expect_failure(m, COR_EVALUE, "hook 1 fails", "134");
}

/* An error that a forward leaves pending is not lost on the way through the hooks. */
static int leaves_an_error(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    (void)m, (void)n_in, (void)n_out;
    out[0] = in[0];
    (void)cor_error_set(COR_EINDEX, "left behind");
    return COR_OK;
}

static void errors_left_pending_stay(void **state) {
    (void)state;
    cor_scope();
    cor_module *m = (cor_module *)cor_module_new(cor_module, NULL, .forward_n = leaves_an_error);
    expect_failure(m, COR_EINDEX, "left behind", "");
    (void)cor_register_forward_hook(m, after, "1");
    (void)cor_register_forward_hook(m, after, "2", .always_call = true);
    expect_failure(m, COR_EINDEX, "left behind", "2");
}

static int fails_by_code(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    (void)m, (void)in, (void)n_in, (void)out, (void)n_out;
    return COR_EINDEX;
}

static void a_forward_that_fails_by_its_code_has_a_text(void **state) {
    (void)state;
    cor_scope();
    cor_module *m = (cor_module *)cor_module_new(cor_module, NULL, .forward_n = fails_by_code);
    expect_failure(m, COR_EINDEX, "cor_module: forward failed", "");
}

static int64_t once_id;

static int removes_itself(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)inputs, (void)n;
    note(context);
    return cor_remove_hook(m, once_id);
}

static int registers_again(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out,
                           void *context) {
    (void)inputs, (void)n_in, (void)outputs, (void)n_out;
    note(context);
    return cor_register_forward_hook(m, registers_again, context) > 0 ? COR_OK : cor_error();
}

static void hooks_may_change_the_hooks(void **state) {
    (void)state;
    cor_scope();
    cor_module *m = cor_nn_relu();
    once_id = cor_register_forward_pre_hook(m, removes_itself, "1");
    (void)cor_register_forward_pre_hook(m, before, "2");
    (void)cor_register_forward_hook(m, registers_again, "3");
    expect_success(m, "123");
    expect_success(m, "233");
    expect_success(m, "23333");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_in_order_those_of_every_module_first),
        cmocka_unit_test(replace_inputs_and_outputs),
        cmocka_unit_test(always_call_hooks_run_after_any_failure),
        cmocka_unit_test(always_call_hooks_run_after_a_failing_hook),
        cmocka_unit_test(errors_left_pending_stay),
        cmocka_unit_test(a_forward_that_fails_by_its_code_has_a_text),
        cmocka_unit_test(hooks_may_change_the_hooks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
