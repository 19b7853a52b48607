/* The networks with every allocation failing, and the large ones with some of theirs failing. */
#include "support/alloc.h"
#include "support/scenario.h"
#include <corrie.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int built_and_called(void *context, scenario_hash *result) {
    cor_manual_seed(5);
    cor_module *net = cor_get_model(context);
    scenario_feed_module(result, net);
    if (net != NULL) scenario_feed_tensor(result, cor_call(net, cor_ones(1, 1, 28, 28)));
    return cor_error();
}

static int unknown_name(void *context, scenario_hash *result) {
    (void)context;
    if (cor_get_model("resnet19") != NULL) fail_msg("there is a resnet19");
    if (cor_error() != COR_EVALUE) return cor_error();
    scenario_feed(result, cor_error_message(), 64);
    cor_error_clear();
    return COR_OK;
}

static void small_ones(void **state) {
    (void)state;
    char lenet[] = "lenet", fashion[] = "fashion";
    assert_true(scenario_run("lenet", built_and_called, lenet) > 0);
    assert_true(scenario_run("fashion", built_and_called, fashion) > 0);
    assert_true(scenario_run("an unknown name", unknown_name, NULL) > 0);
}

/* The number of allocations of making a network, of which the k-th fails, 0: none. */
static int64_t make(const char *name, int64_t k) {
    cor_scope();
    alloc_fail(k, false);
    cor_module *net = cor_get_model(name);
    const int64_t asked = alloc_asked();
    if ((net == NULL) != (k > 0)) fail_msg("%s: allocation %lld failed: %s", name, (long long)k, cor_error_message());
    if (net == NULL && cor_error() != COR_ENOMEM) fail_msg("%s: %s", name, cor_error_message());
    cor_error_clear();
    alloc_fail(0, false);
    return asked;
}

/* Eight places in each, evenly spread. */
static void large_ones(void **state) {
    (void)state;
    static const char *const names[] = {"resnet18", "resnet50", "mobilenet_v2", "squeezenet1_1", "unet"};
    enum { PLACES = 8 };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const int64_t all = make(names[i], 0), blocks = alloc_blocks();
        for (int64_t place = 0; place < PLACES; place++) {
            make(names[i], 1 + place * (all - 1) / (PLACES - 1));
            assert_int_equal(alloc_blocks(), blocks);
        }
        printf("%s: %d of %lld allocations\n", names[i], PLACES, (long long)all);
    }
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(small_ones), cmocka_unit_test(large_ones)};
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
