/* The loader: PyTorch's order for the same seed, workers that change nothing, errors, and states. */
#include "support/golden.h"
#include "support/numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT = 8192 };

static int64_t draw(cor_generator *generator) {
    cor_scope();
    return cor_item_int(cor_random_(cor_zeros_of(COR_INT64), .generator = generator));
}

static int64_t number(const golden_record *record, const char *key) {
    return strtoll(golden_get(record, key), NULL, 10);
}

/* ---- PyTorch's orders ------------------------------------------------------------------------------------------- */

static void walk_epoch(cor_loader *loader, int64_t stop, char order[TEXT]) {
    cor_tensor *batch;
    for (int64_t i = 0; stop < 0 || i < stop; i++) {
        if (!cor_next_batch(loader, &batch, NULL)) break;
        if (i > 0) strcat(order, " / ");
        numbers_append(order, TEXT, batch);
    }
    if (stop >= 0) assert_int_equal(cor_loader_rewind(loader), COR_OK);
}

static void check_loader(const golden_record *record, int64_t workers) {
    cor_scope();
    const char *options = golden_get(record, "options"), *own = golden_get(record, "own");
    numbers the = {.n = number(record, "n"), .bad = -1};
    char order[TEXT] = "";
    cor_manual_seed((uint64_t)number(record, "seed"));
    cor_generator *generator = own == NULL ? COR_GENERATOR_DEFAULT : cor_generator_new();
    if (own != NULL) assert_int_equal(cor_generator_seed(generator, (uint64_t)number(record, "own")), COR_OK);
    cor_loader *loader =
        cor_data_loader(numbers_dataset(&the), .batch_size = golden_option_int(options, "batch_size", 1),
                        .shuffle = golden_option_bool(options, "shuffle", false), .num_workers = workers,
                        .drop_last = golden_option_bool(options, "drop_last", false), .generator = generator);
    for (int64_t epoch = 0; epoch < number(record, "epochs"); epoch++) {
        if (epoch > 0) strcat(order, " | ");
        walk_epoch(loader, epoch == 0 ? number(record, "stop") : -1, order);
    }
    if (cor_error() != COR_OK) fail_msg("record %d: %s", record->number, cor_error_message());
    if (strcmp(order, golden_get(record, "order")) != 0)
        fail_msg("record %d, %d workers: %s", record->number, (int)workers, order);
    assert_int_equal(draw(COR_GENERATOR_DEFAULT), number(record, "after"));
    if (own != NULL) assert_int_equal(draw(generator), number(record, "after_own"));
}

static void orders_are_pytorchs(void **state) {
    (void)state;
    golden_file *file = golden_open("loader.txt");
    golden_record record;
    int seen = 0;
    assert_non_null(file);
    while (golden_next(file, &record) > 0) {
        if (strcmp(record.name, "loader") != 0) continue;
        seen++;
        for (int64_t workers = 0; workers <= 3; workers++) check_loader(&record, workers);
    }
    golden_close(file);
    assert_int_equal(seen, 99);
}

/* ---- workers ---------------------------------------------------------------------------------------------------- */

/* All batches of two epochs as one number. */
static uint64_t hash_of(const cor_data_loader_options *options) {
    cor_scope();
    numbers the = {.n = 57, .bad = -1, .with_noise = true};
    cor_tensor *images, *labels;
    uint64_t hash = 0;
    cor_manual_seed(3);
    cor_loader *loader = cor_data_loader_with(numbers_dataset(&the), options);
    for (int epoch = 0; epoch < 2; epoch++)
        while (cor_next_batch(loader, &images, &labels)) {
            assert_int_equal(cor_size(labels, 0), cor_size(images, 0));
            hash = 31 * hash + golden_fnv1a(cor_data_const(images), (size_t)cor_numel(images) * sizeof(int64_t));
            hash = 31 * hash + golden_fnv1a(cor_data_const(labels), (size_t)cor_numel(labels) * sizeof(float));
        }
    assert_int_equal(cor_error(), COR_OK);
    return hash;
}

static void workers_change_nothing(void **state) {
    (void)state;
    cor_data_loader_options options;
    cor_data_loader_options_init(&options);
    options.batch_size = 4;
    options.shuffle = true;
    const uint64_t alone = hash_of(&options);
    for (options.num_workers = 1; options.num_workers <= 5; options.num_workers++)
        for (options.prefetch_factor = 1; options.prefetch_factor <= 3; options.prefetch_factor++)
            assert_true(hash_of(&options) == alone);
    options = (cor_data_loader_options){.struct_size = sizeof options,
                                        .batch_size = 5,
                                        .shuffle = true,
                                        .prefetch_factor = COR_UNSET,
                                        .generator = COR_GENERATOR_DEFAULT};
    assert_true(hash_of(&options) != alone);
}

/* The noise of a sample differs between samples and between epochs. */
static void streams_belong_to_samples(void **state) {
    (void)state;
    cor_scope();
    numbers the = {.n = 2, .bad = -1, .with_noise = true};
    cor_tensor *images, *labels;
    cor_loader *loader = cor_data_loader(numbers_dataset(&the), .batch_size = 2);
    float seen[2][6];
    for (int epoch = 0; epoch < 2; epoch++) {
        assert_true(cor_next_batch(loader, &images, &labels));
        memcpy(seen[epoch], cor_data_const(labels), sizeof seen[epoch]);
        assert_false(cor_next_batch(loader, &images, &labels));
        assert_null(images);
        assert_null(labels);
    }
    assert_true(seen[0][0] != seen[0][3]);
    assert_true(seen[0][0] != seen[1][0]);
    assert_int_equal(cor_error(), COR_OK);
}

static void errors_reach_the_caller(void **state) {
    (void)state;
    for (int workers = 0; workers <= 2; workers++) {
        cor_scope();
        numbers the = {.n = 10, .bad = 5};
        cor_tensor *batch;
        cor_loader *loader = cor_data_loader(numbers_dataset(&the), .batch_size = 2, .num_workers = workers);
        for (int i = 0; i < 2; i++) assert_true(cor_next_batch(loader, &batch, NULL));
        assert_false(cor_next_batch(loader, &batch, NULL));
        assert_null(batch);
        assert_int_equal(cor_error(), COR_EIO);
        assert_string_equal(cor_error_message(), "sample 5 is damaged");
        assert_false(cor_next_batch(loader, &batch, NULL));
        cor_error_clear();
        assert_true(cor_next_batch(loader, &batch, NULL));
        assert_int_equal(*(const int64_t *)cor_data_const(batch), 6);
    }
}

/* Loaders that end with batches in the works, given up in mid-epoch, and never asked. */
static void loaders_end_at_any_time(void **state) {
    (void)state;
    numbers the = {.n = 100, .bad = 3, .with_noise = true};
    for (int taken = 0; taken < 20; taken++) {
        cor_scope();
        cor_tensor *batch;
        cor_loader *loader =
            cor_data_loader(numbers_dataset(&the), .batch_size = 3, .num_workers = 3, .prefetch_factor = 4);
        for (int i = 0; i < taken; i++) {
            (void)cor_next_batch(loader, &batch, NULL);
            cor_error_clear();
            if (i % 7 == 6) assert_int_equal(cor_loader_rewind(loader), COR_OK);
        }
    }
}

/* ---- batches ---------------------------------------------------------------------------------------------------- */

static int sums(cor_tensor *const *samples, int n_fields, int64_t n, cor_tensor **batch, void *context) {
    ++*(int *)context;
    batch[0] = cor_stack(COR_LIST(samples, n));
    batch[1] = cor_sum(batch[0]);
    return n_fields + 1;
}

static void own_collate(void **state) {
    (void)state;
    cor_scope();
    numbers the = {.n = 7, .bad = -1};
    int calls = 0;
    cor_tensor *fields[2];
    cor_loader *loader =
        cor_data_loader(numbers_dataset(&the), .batch_size = 4, .collate = sums, .collate_context = &calls);
    assert_int_equal(cor_loader_length(loader), 2);
    assert_true(cor_next_batch_fields(loader, fields, 2));
    assert_int_equal(cor_item_int(fields[1]), 6);
    assert_true(cor_next_batch_fields(loader, fields, 2));
    assert_int_equal(cor_item_int(fields[1]), 15);
    assert_false(cor_next_batch_fields(loader, fields, 2));
    assert_int_equal(calls, 2);
    assert_int_equal(cor_error(), COR_OK);
}

/* Samples of two dtypes, the wider one in the middle; and, for the second tensor, of two strides. */
static int get_unlike(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    (void)context, (void)random;
    cor_tensor *matrix = cor_add(cor_reshape(cor_arange(0, 6), 3, 2), index);
    fields[0] = cor_full_of(index == 1 ? COR_FLOAT64 : COR_INT32, (double)index / 2);
    fields[1] = index == 1 ? cor_transpose(cor_contiguous(cor_transpose(matrix, 0, 1)), 0, 1) : matrix;
    return 2;
}

static int64_t four(void *context) {
    (void)context;
    return 4;
}

/* A batch is what cor_stack makes of its samples, also when they are not alike. */
static void unlike_samples(void **state) {
    (void)state;
    cor_scope();
    cor_dataset *d = cor_dataset_new(four, get_unlike, NULL, NULL);
    cor_loader *loader = cor_data_loader(d, .batch_size = 4);
    cor_tensor *samples[2][4], *fields[2], *batch[2];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(cor_dataset_get(d, i, fields, 2), 2);
        samples[0][i] = fields[0], samples[1][i] = fields[1];
    }
    assert_true(cor_next_batch_fields(loader, batch, 2));
    for (int f = 0; f < 2; f++) {
        cor_tensor *expected = cor_stack(COR_LIST(samples[f], 4));
        assert_int_equal(cor_dtype_of(batch[f]), cor_dtype_of(expected));
        assert_true(cor_item(cor_all(cor_eq(batch[f], expected))) == 1);
    }
    assert_int_equal(cor_dtype_of(batch[0]), COR_FLOAT64);
    assert_int_equal(cor_error(), COR_OK);
}

/* What a loader lends lives on where it is held. */
static void lent_batches_can_be_held(void **state) {
    (void)state;
    cor_scope();
    numbers the = {.n = 2, .bad = -1};
    cor_tensor *batch, *held = NULL;
    cor_loader *loader = cor_data_loader(numbers_dataset(&the));
    assert_true(cor_next_batch(loader, &batch, NULL));
    assert_int_equal(cor_assign(&held, batch), COR_OK);
    assert_true(cor_next_batch(loader, &batch, NULL));
    assert_int_equal(cor_item_int(held), 0);
    assert_int_equal(cor_item_int(batch), 1);
    cor_release(held);
}

static void expect(int code, const char *text) {
    assert_int_equal(cor_error(), code);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

static void refusals(void **state) {
    (void)state;
    cor_scope();
    numbers the = {.n = 4, .bad = -1}, none = {.n = 0}, ragged = {.n = 4, .bad = -1, .ragged = true};
    cor_tensor *batch, *labels;
    cor_dataset *d = numbers_dataset(&the);
    assert_null(cor_data_loader(d, .batch_size = 0));
    expect(COR_EVALUE, "batch_size should be a positive integer value, but got batch_size=0");
    assert_null(cor_data_loader(d, .num_workers = -1));
    expect(COR_EVALUE, "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.");
    assert_null(cor_data_loader(d, .prefetch_factor = 2));
    expect(COR_EVALUE,
           "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
           "multiprocessing, otherwise set prefetch_factor to None.");
    assert_null(cor_data_loader(d, .num_workers = 1, .prefetch_factor = 0));
    expect(COR_EVALUE, "prefetch_factor option should be positive, but got 0");
    assert_null(cor_data_loader(numbers_dataset(&none), .shuffle = true));
    expect(COR_EVALUE, "num_samples should be a positive integer value, but got num_samples=0");
    assert_null(cor_data_loader(d, .generator = NULL));
    expect(COR_EVALUE, "data_loader: the generator is NULL, a failed or missing generator");
    assert_false(cor_next_batch(cor_data_loader(numbers_dataset(&ragged), .batch_size = 2), &batch, NULL));
    expect(COR_ESHAPE, "stack expects each tensor to be equal size, but got [0] at entry 0 and [1] at entry 1");
    assert_false(cor_next_batch(cor_data_loader(d), &batch, &labels));
    expect(COR_EVALUE, "next_batch: a batch has 1 tensors, but 2 are asked for");
}

/* ---- states ----------------------------------------------------------------------------------------------------- */

static cor_loader *shuffled(numbers *the, int64_t workers, cor_generator *generator) {
    return cor_data_loader(numbers_dataset(the), .batch_size = 3, .shuffle = true, .num_workers = workers,
                           .generator = generator);
}

static void take_all(cor_loader *loader, char text[TEXT]) {
    cor_tensor *images, *noise;
    text[0] = '\0';
    while (cor_next_batch(loader, &images, &noise)) {
        numbers_append(text, TEXT, images);
        size_t length = strlen(text);
        snprintf(text + length, TEXT - length, " (%.9g) ", cor_item(cor_sum(noise)));
    }
    assert_int_equal(cor_error(), COR_OK);
}

/* A run that is saved after `taken` batches goes on in another loader as if nothing had been; so do later epochs when
 * the generator's state is saved too. */
static void check_state(int taken, int64_t before, int64_t after, bool own) {
    cor_scope();
    numbers the = {.n = 20, .bad = -1, .with_noise = true};
    unsigned char stream[COR_GENERATOR_STATE];
    char expected[2][TEXT], got[TEXT];
    cor_tensor *batch;
    cor_generator *generator = own ? cor_generator_new() : COR_GENERATOR_DEFAULT;
    assert_int_equal(cor_generator_seed(generator, 11), COR_OK);
    cor_loader *first = shuffled(&the, before, generator), *second = shuffled(&the, after, generator);
    for (int i = 0; i < taken; i++) assert_true(cor_next_batch(first, &batch, NULL));
    cor_tensor *saved = cor_loader_state(first);
    assert_non_null(saved);
    assert_int_equal(cor_generator_get_state(generator, stream, sizeof stream), COR_OK);
    for (int epoch = 0; epoch < 2; epoch++) take_all(first, expected[epoch]);
    assert_true(cor_next_batch(second, &batch, NULL));
    assert_int_equal(cor_generator_set_state(generator, stream, sizeof stream), COR_OK);
    assert_int_equal(cor_loader_restore(second, saved), COR_OK);
    for (int epoch = 0; epoch < 2; epoch++) {
        take_all(second, got);
        assert_string_equal(got, expected[epoch]);
    }
}

static void states_are_restored(void **state) {
    (void)state;
    for (int taken = 0; taken <= 7; taken++)
        for (int workers = 0; workers < 8; workers++) check_state(taken, workers % 2, workers / 4 * 2, workers / 2 % 2);
}

static void wrong_states_are_refused(void **state) {
    (void)state;
    cor_scope();
    numbers the = {.n = 20, .bad = -1}, fewer = {.n = 19, .bad = -1};
    cor_tensor *batch;
    cor_loader *loader = shuffled(&the, 0, COR_GENERATOR_DEFAULT);
    assert_true(cor_next_batch(loader, &batch, NULL));
    cor_tensor *saved = cor_loader_state(loader);
    assert_int_equal(cor_loader_restore(shuffled(&fewer, 0, COR_GENERATOR_DEFAULT), saved), COR_EVALUE);
    expect(COR_EVALUE, "loader_restore: the state is of a loader with samples=20, this one has 19");
    assert_int_equal(cor_loader_restore(loader, cor_zeros_of(COR_UINT8, cor_numel(saved))), COR_EFORMAT);
    expect(COR_EFORMAT, "loader_restore: this is no state of a loader");
    assert_int_equal(cor_loader_restore(loader, cor_zeros(3)), COR_EFORMAT);
    cor_error_clear();
    cor_tensor *spoilt = cor_clone(saved);
    ((unsigned char *)cor_data(spoilt))[8 + 4 * 8] = 8; /* the batches given out */
    assert_int_equal(cor_loader_restore(loader, spoilt), COR_EFORMAT);
    expect(COR_EFORMAT, "loader_restore: batch 8 of 7");
    spoilt = cor_clone(saved);
    memset((unsigned char *)cor_data(spoilt) + 100, 0xff, 8); /* in the generator's state: harmless */
    memset((unsigned char *)cor_data(spoilt) + 8 + 6 * 8 + 8, 0xff, 4);
    assert_int_equal(cor_loader_restore(loader, spoilt), COR_EVALUE);
    expect(COR_EVALUE, "Invalid mt19937 state");
    assert_true(cor_next_batch(loader, &batch, NULL)); /* goes on as if nothing had been */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_are_pytorchs),
        cmocka_unit_test(workers_change_nothing),
        cmocka_unit_test(streams_belong_to_samples),
        cmocka_unit_test(errors_reach_the_caller),
        cmocka_unit_test(loaders_end_at_any_time),
        cmocka_unit_test(own_collate),
        cmocka_unit_test(unlike_samples),
        cmocka_unit_test(lent_batches_can_be_held),
        cmocka_unit_test(refusals),
        cmocka_unit_test(states_are_restored),
        cmocka_unit_test(wrong_states_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
