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
    assert_true(called >= 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(refusals), cmocka_unit_test(scores)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
