/* Sequential, ModuleList and ModuleDict: order, names, edges and errors. */
#include <corrie.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_repr(cor_module *m, const char *expected) {
    char *text = cor_module_repr(m);
    assert_non_null(text);
    assert_string_equal(text, expected);
    cor_free_text(text);
}

#define assert_fails(call, code, text)                                                                                 \
    do {                                                                                                               \
        (void)(call);                                                                                                  \
        assert_int_equal(cor_error(), (code));                                                                         \
        assert_string_equal(cor_error_message(), (text));                                                              \
        cor_error_clear();                                                                                             \
    } while (0)

static void rows_keep_their_order(void **state) {
    (void)state;
    cor_scope();
    cor_module *row = cor_nn_sequential(cor_nn_relu(), cor_nn_tanh());
    assert_int_equal(cor_module_append(row, cor_nn_sigmoid()), COR_OK);
    assert_int_equal(cor_module_insert(row, 0, cor_nn_identity()), COR_OK);
    assert_int_equal(cor_module_insert(row, -1, cor_nn_mish()), COR_OK);
    assert_repr(row,
                "Sequential(\n  (0): Identity()\n  (1): ReLU()\n  (2): Tanh()\n  (3): Mish()\n  (4): Sigmoid()\n)");
    assert_int_equal(cor_module_delete_at(row, 1), COR_OK);
    assert_int_equal(cor_module_set_at(row, -1, cor_nn_silu()), COR_OK);
    cor_module *popped = cor_module_pop(row, 0);
    assert_string_equal(cor_module_name(popped), "Identity");
    assert_repr(row, "Sequential(\n  (0): Tanh()\n  (1): Mish()\n  (2): SiLU()\n)");
    assert_int_equal(cor_module_length(row), 3);
    assert_string_equal(cor_module_name(cor_module_at(row, -2)), "Mish");
}

static void slices(void **state) {
    (void)state;
    cor_scope();
    cor_module *row = cor_nn_sequential(cor_nn_relu(), cor_nn_tanh(), cor_nn_sigmoid());
    assert_repr(cor_module_slice(row, 1, 3), "Sequential(\n  (1): Tanh()\n  (2): Sigmoid()\n)");
    assert_repr(cor_module_slice(row, -5, 1), "Sequential(\n  (0): ReLU()\n)");
    cor_module *part = cor_module_slice(row, 1, 3); /* deleting counts anew from 0 */
    assert_string_equal(cor_module_name(cor_module_pop(part, -1)), "Sigmoid");
    assert_repr(part, "Sequential(\n  (0): Tanh()\n)");
    cor_module *list = cor_nn_module_list(cor_nn_relu(), cor_nn_tanh(), cor_nn_sigmoid());
    assert_repr(cor_module_slice(list, -2, 3), "ModuleList(\n  (0): Tanh()\n  (1): Sigmoid()\n)");
    assert_repr(cor_module_slice(list, 2, 1), "ModuleList()");
}

static void empty_entries_are_shown(void **state) {
    (void)state;
    cor_scope();
    cor_module *list = cor_nn_module_list(cor_nn_relu());
    assert_int_equal(cor_register_module_at(list, "1", NULL, NULL), COR_OK);
    assert_int_equal(cor_register_module_at(list, "2", NULL, NULL), COR_OK);
    assert_repr(list, "ModuleList(\n  (0): ReLU()\n  (1-2): 2 x None\n)");
}

static void dicts(void **state) {
    (void)state;
    cor_scope();
    cor_module *dict = cor_nn_module_dict(), *relu = cor_nn_relu();
    assert_int_equal(cor_module_dict_set(dict, "a", relu), COR_OK);
    assert_int_equal(cor_module_dict_set(dict, "b", cor_nn_tanh()), COR_OK);
    assert_int_equal(cor_module_dict_set(dict, "a", cor_nn_sigmoid()), COR_OK);
    assert_repr(dict, "ModuleDict(\n  (a): Sigmoid()\n  (b): Tanh()\n)");
    assert_string_equal(cor_module_key_at(dict, -1), "b");
    assert_string_equal(cor_module_name(cor_module_dict_get(dict, "b")), "Tanh");
    assert_string_equal(cor_module_name(cor_module_dict_pop(dict, "a")), "Sigmoid");
    assert_int_equal(cor_module_length(dict), 1);
    assert_fails(cor_module_dict_get(dict, "a"), COR_EKEY, "'a'");
    assert_fails(cor_module_dict_pop(dict, "a"), COR_EKEY, "'a'");
    assert_fails(cor_module_dict_set(dict, "a.b", cor_nn_relu()), COR_EKEY,
                 "module name can't contain \".\", got: a.b");
    assert_fails(cor_module_key_at(dict, 1), COR_EINDEX, "index 1 is out of range");
    assert_fails(cor_module_dict_get(cor_nn_relu(), "a"), COR_EVALUE, "dict_get: 'ReLU' is not a ModuleDict");
}

static void positions_outside(void **state) {
    (void)state;
    cor_scope();
    cor_module *row = cor_nn_sequential(cor_nn_relu());
    assert_fails(cor_module_at(row, 1), COR_EINDEX, "index 1 is out of range");
    assert_fails(cor_module_pop(row, -2), COR_EINDEX, "index -2 is out of range");
    assert_fails(cor_module_insert(row, 3, cor_nn_relu()), COR_EINDEX, "Index out of range: 3");
    assert_fails(cor_module_append(cor_nn_module_dict(), cor_nn_relu()), COR_EVALUE,
                 "append: 'ModuleDict' is neither a Sequential nor a ModuleList");
    assert_fails(cor_call(cor_nn_module_list(cor_nn_relu()), cor_zeros(1)), COR_EUNSUPPORTED,
                 "Module [ModuleList] is missing the required \"forward\" function");
}

/* A Sequential may release what its modules made, but neither its input nor what a module hands on. */
static void the_input_stays(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *x = cor_ones(2, 3);
    cor_module *through = cor_nn_sequential(cor_nn_identity(), cor_nn_identity());
    assert_ptr_equal(cor_call(through, x), x);
    assert_ptr_equal(cor_call(cor_nn_sequential(), x), x);
    cor_module *row = cor_nn_sequential(cor_nn_identity(), cor_nn_tanh(), cor_nn_identity(), cor_nn_relu());
    cor_tensor *y = cor_call(row, x);
    assert_non_null(y);
    assert_true(cor_item(cor_sum(x)) == 6);
    assert_true(cor_item(cor_sum(y)) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_keep_their_order),   cmocka_unit_test(slices),
                                       cmocka_unit_test(empty_entries_are_shown), cmocka_unit_test(dicts),
                                       cmocka_unit_test(positions_outside),       cmocka_unit_test(the_input_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
