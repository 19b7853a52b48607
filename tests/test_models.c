/* The networks by name: their list, what is refused, and what they give. Their first bits: test_models_golden.c. */
#include <corrie.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void refused(cor_module *m, int code, const char *text) {
    assert_null(m);
    assert_int_equal(cor_error(), code);
    if (strstr(cor_error_message(), text) == NULL) fail_msg("%s: expected %s", cor_error_message(), text);
    cor_error_clear();
}

static void refusals(void **state) {
    (void)state;
    cor_scope();
    refused(cor_get_model("resnet19"), COR_EVALUE, "Unknown model resnet19; there are lenet, course");
    refused(cor_get_model(""), COR_EVALUE, "Unknown model ");
    refused(cor_get_model("lenet", .dropout = 0.5), COR_EVALUE, "lenet has no dropout");
    refused(cor_get_model("lenet", .num_classes = -1), COR_EVALUE, "negative dimension -1");
    refused(cor_get_model("course", .in_channels = -3), COR_EVALUE, "negative dimension -3");
}

/* The smallest networks, called with a picture of the size that the list tells. */
static void scores(void **state) {
    (void)state;
    int called = 0;
    for (const cor_model_info *info = cor_list_models(); info->name != NULL; info++) {
        const int64_t *size = info->input_size;
        if (size[1] > 32) continue;
        cor_scope();
        cor_module *net = cor_get_model(info->name);
        cor_tensor *out = cor_call(net, cor_zeros(2, size[0], size[1], size[2]));
        if (out == NULL) fail_msg("%s: %s", info->name, cor_error_message());
        assert_int_equal(cor_size(out, 0), 2);
        assert_int_equal(cor_size(out, 1), info->num_classes);
        net = cor_get_model(info->name, .num_classes = 7, .in_channels = 2);
        out = cor_call(net, cor_zeros(3, 2, size[1], size[2]));
        if (out == NULL) fail_msg("%s: %s", info->name, cor_error_message());
        assert_int_equal(cor_size(out, 1), 7);
        called++;
    }
    printf("%d networks called\n", called);
    assert_int_equal(called, 4);
}

static void check_names(cor_module *m, const char *last, int64_t entries) {
    const cor_dict *dict = cor_state_dict(m);
    assert_int_equal(cor_dict_count(dict), entries);
    assert_string_equal(cor_dict_name_at(dict, entries - 1), last);
}

static void check_scores(cor_module *net, int64_t classes) {
    cor_tensor *out = cor_call(net, cor_ones(1, 3, 32, 32));
    if (out == NULL) fail_msg("%s", cor_error_message());
    assert_int_equal(cor_size(out, 1), classes);
}

/* What the course does to VGG for ten classes: a layer more behind the last, or another in its place. */
static void surgery(void **state) {
    (void)state;
    cor_scope();
    cor_no_grad();
    cor_module *net = cor_get_model("vgg11");
    cor_eval(net);
    cor_module *classifier = cor_get_submodule(net, "classifier");
    check_scores(net, 1000);

    assert_int_equal(cor_add_module(classifier, "add_linear", cor_nn_linear(1000, 10)), COR_OK);
    check_scores(net, 10);
    check_names(net, "classifier.add_linear.bias", 2 * 12);
    char *text = cor_module_repr(classifier);
    const char *tail = "  (6): Linear(in_features=4096, out_features=1000, bias=True)\n"
                       "  (add_linear): Linear(in_features=1000, out_features=10, bias=True)\n)";
    assert_string_equal(text + strlen(text) - strlen(tail), tail);
    cor_free_text(text);

    assert_int_equal(cor_module_delete_at(classifier, -1), COR_OK);
    assert_int_equal(cor_module_set_at(classifier, 6, cor_nn_linear(4096, 10)), COR_OK);
    check_scores(net, 10);
    check_names(net, "classifier.6.bias", 2 * 11);
    assert_int_equal(cor_set_submodule(net, "classifier.6", cor_nn_linear(4096, 5)), COR_OK);
    check_scores(net, 5);
    assert_int_equal(cor_module_append(classifier, cor_nn_softmax(1)), COR_OK);
    assert_true(fabs(cor_item(cor_sum(cor_call(net, cor_ones(1, 3, 32, 32)))) - 1) < 1e-6);
}

/* The named Sequentials of mobilenet_v2 are containers like any other. */
static void named_sequentials(void **state) {
    (void)state;
    cor_scope();
    cor_no_grad();
    cor_module *net = cor_get_model("mobilenet_v2", .num_classes = 3);
    cor_module *first = cor_module_at(cor_get_submodule(net, "features"), 0);
    assert_string_equal(cor_module_name(first), "Conv2dNormActivation");
    assert_int_equal(cor_module_length(first), 3);
    assert_int_equal(cor_module_set_at(first, 0, cor_nn_conv2d(3, 32, 3, .stride = 1, .padding = 1)), COR_OK);
    cor_eval(net);
    check_scores(net, 3);
}

/* A few steps on one batch lower the loss of each of the small ones. */
static void learning(void **state) {
    (void)state;
    int taught = 0;
    for (const cor_model_info *info = cor_list_models(); info->name != NULL; info++) {
        if (info->input_size[1] > 32) continue;
        cor_scope();
        cor_manual_seed(3);
        cor_module *net = cor_get_model(info->name);
        cor_tensor *x = cor_randn(20, info->input_size[0], info->input_size[1], info->input_size[2]);
        cor_tensor *labels = cor_remainder(cor_arange(0, 20), 10);
        cor_optimizer *adam = cor_adam(cor_parameters(net), .lr = 0.003);
        double first = 0, loss = 0;
        for (int step = 0; step < 30; step++) {
            cor_scope();
            cor_tensor *l = cor_cross_entropy(cor_call(net, x), labels);
            loss = cor_item(l);
            if (step == 0) first = loss;
            cor_zero_grad(adam);
            cor_backward(l);
            assert_int_equal(cor_step(adam), COR_OK);
        }
        printf("%s: loss %.3f, then %.3f\n", info->name, first, loss);
        assert_true(loss < 0.5 * first);
        taught++;
    }
    assert_int_equal(taught, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(refusals), cmocka_unit_test(scores), cmocka_unit_test(surgery),
                                       cmocka_unit_test(named_sequentials), cmocka_unit_test(learning)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
