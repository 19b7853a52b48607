/* Datasets and loaders with every allocation failing, with and without workers. */
#include "support/numbers.h"
#include "support/scenario.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int walk(void *context, scenario_hash *result) {
    const int64_t workers = *(const int64_t *)context;
    numbers the = {.n = 5, .bad = -1, .with_noise = true};
    cor_tensor *images, *labels;
    scenario_hash hash = *result;
    cor_manual_seed(1);
    cor_loader *loader =
        cor_data_loader(numbers_dataset(&the), .batch_size = 2, .shuffle = true, .num_workers = workers);
    while (cor_next_batch(loader, &images, &labels)) {
        scenario_feed_tensor(&hash, images);
        scenario_feed_tensor(&hash, labels);
    }
    if (cor_error() == COR_OK) *result = hash;
    return cor_error();
}

static cor_tensor *step(cor_tensor *image, cor_generator *random, void *context) {
    (void)random, (void)context;
    return cor_add(image, 1);
}

static int build(void *context, scenario_hash *result) {
    (void)context;
    cor_tensor *fields[2], *batch;
    const double halves[] = {0.5, 0.5};
    cor_dataset *parts[2];
    cor_manual_seed(1);
    cor_dataset *d = cor_tensor_dataset(COR_TENSORS(cor_arange(0, 6), cor_arange(6, 12)));
    cor_dataset_name_classes(d, (const char *[]){"a", "b"}, 2);
    d = cor_concat_dataset((cor_dataset *[]){d, d}, 2);
    d = cor_transformed_dataset(d, (cor_transform[]){{step, NULL}}, 1);
    if (cor_random_split(d, halves, 2, parts) != COR_OK) return cor_error();
    if (cor_dataset_get(parts[1], 0, fields, 2) != 2) return cor_error();
    scenario_feed_tensor(result, fields[0]);
    cor_loader *loader = cor_data_loader(parts[0], .batch_size = 2, .shuffle = true);
    if (!cor_next_batch(loader, &batch, NULL)) return cor_error();
    cor_tensor *state = cor_loader_state(loader);
    if (cor_loader_restore(loader, state) != COR_OK || !cor_next_batch(loader, &batch, NULL)) return cor_error();
    scenario_feed_tensor(result, batch);
    return cor_error();
}

static void loading(void **state) {
    (void)state;
    for (int64_t workers = 0; workers <= 2; workers++) assert_true(scenario_run("walk", walk, &workers) > 10);
}

static void building(void **state) {
    (void)state;
    assert_true(scenario_run("build", build, NULL) > 10);
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(building), cmocka_unit_test(loading)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
