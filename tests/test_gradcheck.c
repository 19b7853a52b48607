/* Gradients of operations and their gradients against differences, in float64, over the samples of gradcheck/rows.h.
 * CORRIE_TEST_ONLY names the samples to check, by a part of their names. */
#include "gradcheck/samples.h"
#include "ops/op_list_table.h"
#include "support/scenario.h"

/* Tells every row that fails. */
static bool check_row(const struct row *row) {
    cor_scope();
    cor_tensor *inputs[MOST];
    const cor_list list = {inputs, make_inputs(row->inputs, inputs)};
    int code = cor_gradcheck(row->function, list, .atol = 1e-7, .rtol = 1e-5);
    if (code != COR_OK) print_error("%s: %s\n", row->name, cor_error_message());
    if (code == COR_OK && (code = cor_gradgradcheck(row->function, list, .atol = 1e-7, .rtol = 1e-5)) != COR_OK)
        print_error("second gradient of %s: %s\n", row->name, cor_error_message());
    cor_error_clear();
    return code == COR_OK;
}

static void samples(void **unused) {
    (void)unused;
    const char *only = getenv("CORRIE_TEST_ONLY");
    int checked = 0, failed = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (only != NULL && strstr(rows[i].name, only) == NULL) continue;
        failed += !check_row(&rows[i]);
        checked++;
    }
    print_message("%d samples\n", checked);
    assert_int_equal(failed, 0);
}

/* ---- without memory --------------------------------------------------------------------------------------------- */

typedef struct without_memory {
    const struct row *row;
    cor_list inputs;
} without_memory;

/* The gradients of a function of a sample, and of a function of those. */
static int both_gradients(void *context, scenario_hash *result) {
    const without_memory *the = context;
    cor_tensor *y = NULL, *first[MOST], *second[MOST];
    the->row->function(the->inputs.tensors, (int)the->inputs.n, &y, 1, NULL);
    if (cor_autograd_grad(COR_TENSORS(cor_sum(cor_mul(y, y))), the->inputs, first, .create_graph = true) != COR_OK)
        return cor_error();
    cor_tensor *sum = cor_sum(cor_mul(first[0], first[0]));
    if (sum == NULL || !cor_requires_grad(sum)) return cor_error();
    if (cor_autograd_grad(COR_TENSORS(sum), the->inputs, second, .allow_unused = true) != COR_OK) return cor_error();
    for (int64_t i = 0; i < the->inputs.n; i++) {
        scenario_feed_tensor(result, first[i]);
        scenario_feed_tensor(result, second[i]);
    }
    return cor_error();
}

static void every_allocation_fails_once(void **unused) {
    (void)unused;
    const char *only = getenv("CORRIE_TEST_ONLY");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (only != NULL && strstr(rows[i].name, only) == NULL) continue;
        cor_scope();
        cor_tensor *inputs[MOST];
        without_memory the = {&rows[i], {inputs, make_inputs(rows[i].inputs, inputs)}};
        assert_true(scenario_run(rows[i].name, both_gradients, &the) > 0);
    }
    scenario_print_total();
}

/* ---- the check itself ------------------------------------------------------------------------------------------- */

/* Its gradient is taken as if the square had been the input. */
static int wrong(cor_tensor *const *in, int n, cor_tensor **out, int room, void *context) {
    (void)n, (void)room, (void)context;
    out[0] = cor_mul(cor_detach(in[0]), in[0]);
    return 1;
}

static void a_wrong_gradient_is_found(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = make_input("s3", 0);
    assert_int_equal(cor_gradcheck(wrong, COR_TENSORS(x)), COR_ESTATE);
    assert_non_null(strstr(cor_error_message(), "Jacobian mismatch for output 0 with respect to input 0"));
    cor_error_clear();
    assert_int_equal(cor_gradcheck(wrong, COR_TENSORS(cor_detach(x))), COR_EVALUE);
    cor_error_clear();
}

/* ---- gradients that have none ----------------------------------------------------------------------------------- */

/* Two sequences of other lengths: one with a class twice, the other with an empty target. */
static int spelled(cor_tensor *const *in, int n, cor_tensor **out, int room, void *context) {
    static int64_t targets[] = {1, 1, 2}, inputs[] = {5, 3}, lengths[] = {3, 0};
    (void)n, (void)room, (void)context;
    out[0] = cor_ctc_loss(cor_log_softmax(in[0], -1), cor_from(targets, 3), cor_from(inputs, 2), cor_from(lengths, 2),
                          .reduction = COR_REDUCTION_SUM);
    return 1;
}

static void ctc_has_one_gradient(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = make_input("s5,2,3", 0);
    assert_int_equal(cor_gradcheck(spelled, COR_TENSORS(x), .atol = 1e-7, .rtol = 1e-5), COR_OK);
    assert_int_not_equal(cor_gradgradcheck(spelled, COR_TENSORS(x)), COR_OK);
    assert_non_null(strstr(cor_error_message(), "ctc_loss_backward"));
    cor_error_clear();
}

/* ---- gradients that are no derivatives -------------------------------------------------------------------------- */

static void check_rows_of_weight(int64_t padding_idx, bool by_frequency, const double *expected) {
    cor_scope();
    cor_tensor *weight = make_input("s4,2", 0);
    cor_tensor *taken = cor_embedding(cor_remainder(cor_arange(0, 6, .dtype = COR_INT64), 3), weight,
                                      .padding_idx = padding_idx, .scale_grad_by_freq = by_frequency);
    assert_int_equal(cor_backward(cor_sum(cor_narrow(taken, 0, 0, 5))), COR_OK);
    const double *grad = cor_data(cor_grad(weight));
    for (int i = 0; i < 8; i++) assert_true(grad[i] == expected[i / 2]);
}

/* As torch.nn.functional.embedding: the indices are 0, 1, 2, 0, 1, 2, and the last has no part in the sum. */
static void an_embedding_leaves_out_its_padding(void **unused) {
    (void)unused;
    check_rows_of_weight(COR_UNSET, false, (const double[]){2, 2, 1, 0});
    check_rows_of_weight(-3, false, (const double[]){2, 0, 1, 0});
    check_rows_of_weight(0, true, (const double[]){0, 1, 0.5, 0});
}

/* ---- operations without a gradient ------------------------------------------------------------------------------ */

/* Every operation whose result may require grad has a formula; PyTorch has none for NotImplemented. */
static void every_operation_has_a_gradient(void **unused) {
    (void)unused;
    int missing = 0;
    for (int i = 0; i < cor__op_count(); i++) {
        const cor__op *op = cor__op_at(i);
        if (op->backward != NULL || op->grad_fn == NULL || strcmp(op->grad_fn, "NotImplemented") == 0) continue;
        print_error("%s (%s) has no gradient\n", op->name, op->grad_fn);
        missing++;
    }
    assert_int_equal(missing, 0);
}

static int sevens_check(cor__call *call) {
    call->out[0] = (cor__meta){.dtype = COR_FLOAT64, .ndim = 1, .sizes = {3}};
    return COR_OK;
}

static int sevens_forward(cor__call *call) {
    for (int i = 0; i < 3; i++) ((double *)cor_data(call->outputs[0]))[i] = 7;
    return COR_OK;
}

static const cor__op sevens = {
    .name = "sevens", .grad_fn = "SevensBackward0", .check = sevens_check, .forward = sevens_forward};
static const cor__op not_implemented = {
    .name = "sevens", .grad_fn = "NotImplemented", .check = sevens_check, .forward = sevens_forward};

static void a_missing_gradient_is_told_by_the_call(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = make_input("s3", 0), *y = cor_mul(x, 2), *plain = cor_detach(x);
    const double before = ((const double *)cor_data(y))[0];
    assert_null(cor__apply1(&sevens, &x, 1, NULL));
    assert_int_equal(cor_error(), COR_EUNSUPPORTED);
    assert_non_null(strstr(cor_error_message(), "sevens: an input requires grad, but this operation has no gradient"));
    cor_error_clear();
    assert_null(cor__apply_in_place(&sevens, &y, 1, NULL));
    assert_int_equal(cor_error(), COR_EUNSUPPORTED);
    cor_error_clear();
    assert_true(((const double *)cor_data(y))[0] == before);
    assert_non_null(cor__apply1(&sevens, &plain, 1, NULL));
    assert_true(cor_requires_grad(cor__apply1(&not_implemented, &x, 1, NULL)));
    cor_no_grad();
    assert_non_null(cor__apply1(&sevens, &x, 1, NULL));
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples),
                                       cmocka_unit_test(a_wrong_gradient_is_found),
                                       cmocka_unit_test(an_embedding_leaves_out_its_padding),
                                       cmocka_unit_test(ctc_has_one_gradient),
                                       cmocka_unit_test(every_operation_has_a_gradient),
                                       cmocka_unit_test(a_missing_gradient_is_told_by_the_call),
                                       cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests_name("gradcheck", tests, NULL, NULL);
}
