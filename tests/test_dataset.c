/* Datasets: of tensors, joined, parts of others, split as PyTorch splits, and transformed. */
#include "support/golden.h"
#include "support/numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT = 8192, MOST_PARTS = 16 };

static void expect(int code, const char *text) {
    assert_int_equal(cor_error(), code);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

/* The numbers of all samples. */
static void list(cor_dataset *d, char text[TEXT]) {
    cor_tensor *fields[COR_SAMPLE_FIELDS];
    for (int64_t i = 0; i < cor_dataset_size(d); i++) {
        cor_scope();
        if (cor_dataset_get(d, i, fields, COR_SAMPLE_FIELDS) < 1) fail_msg("%s", cor_error_message());
        if (i > 0) strcat(text, " ");
        numbers_append(text, TEXT, fields[0]);
    }
}

static void tensors(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *fields[2], *x = cor_reshape(cor_arange(0, 6), 3, 2), *y = cor_arange(10, 13);
    cor_dataset *d = cor_tensor_dataset(COR_TENSORS(x, y));
    assert_int_equal(cor_dataset_size(d), 3);
    assert_int_equal(cor_dataset_get(d, 2, fields, 2), 2);
    assert_int_equal(((const int64_t *)cor_data_const(fields[0]))[1], 5);
    assert_int_equal(cor_item_int(fields[1]), 12);
    assert_true(cor_shares_storage(fields[0], x));
    assert_int_equal(cor_dataset_get(d, 3, fields, 2), COR_EINDEX);
    expect(COR_EINDEX, "index 3 is out of range for a dataset of 3 samples");
    assert_int_equal(cor_dataset_get(d, 0, fields, 1), COR_ELIMIT);
    expect(COR_ELIMIT, "dataset_get: a sample has 2 tensors, but there is room for 1");
    assert_null(cor_tensor_dataset(COR_TENSORS(x, cor_zeros(4))));
    expect(COR_ESHAPE, "Size mismatch between tensors");
}

static void parts_of_others(void **state) {
    (void)state;
    cor_scope();
    numbers three = {.n = 3, .bad = -1}, none = {.n = 0, .bad = -1}, two = {.n = 2, .bad = -1};
    cor_dataset *all = cor_concat_dataset(
        (cor_dataset *[]){numbers_dataset(&three), numbers_dataset(&none), numbers_dataset(&two)}, 3);
    char text[TEXT] = "";
    list(all, text);
    assert_string_equal(text, "0 1 2 0 1");
    text[0] = '\0';
    list(cor_subset(all, (int64_t[]){4, 2, 2, 0}, 4), text);
    assert_string_equal(text, "1 2 2 0");
    assert_null(cor_subset(all, (int64_t[]){5}, 1));
    expect(COR_EINDEX, "index 5 is out of range for a dataset of 5 samples");
    assert_null(cor_concat_dataset(NULL, 0));
    expect(COR_EVALUE, "datasets should not be an empty iterable");
}

static int read_lengths(const char *options, double lengths[MOST_PARTS]) {
    golden_pair pair;
    assert_true(golden_option(options, "lengths", &pair));
    int n = 0;
    for (char *at = pair.value + 1; *at != '\0' && *at != ']'; at += *at == ',') lengths[n++] = strtod(at, &at);
    return n;
}

static void check_split(const golden_record *record) {
    cor_scope();
    numbers the = {.n = strtoll(golden_get(record, "n"), NULL, 10), .bad = -1};
    double lengths[MOST_PARTS];
    cor_dataset *parts[MOST_PARTS];
    char text[TEXT] = "";
    const int n = read_lengths(golden_get(record, "options"), lengths);
    cor_manual_seed(strtoull(golden_get(record, "seed"), NULL, 10));
    const int code = cor_random_split(numbers_dataset(&the), lengths, n, parts);
    if (record->text != NULL) {
        assert_int_equal(code, COR_EVALUE);
        assert_null(parts[0]);
        expect(COR_EVALUE, record->text);
    } else {
        assert_int_equal(code, COR_OK);
        for (int i = 0; i < n; i++) {
            if (i > 0) strcat(text, " / ");
            list(parts[i], text);
        }
        assert_string_equal(text, golden_get(record, "order"));
    }
    assert_int_equal(cor_item_int(cor_random_(cor_zeros_of(COR_INT64))),
                     strtoll(golden_get(record, "after"), NULL, 10));
}

static void splits_are_pytorchs(void **state) {
    (void)state;
    golden_file *file = golden_open("loader.txt");
    golden_record record;
    int seen = 0;
    assert_non_null(file);
    while (golden_next(file, &record) > 0) {
        if (strcmp(record.name, "split") != 0) continue;
        seen++;
        check_split(&record);
    }
    golden_close(file);
    assert_int_equal(seen, 28);
}

static cor_tensor *add(cor_tensor *image, cor_generator *random, void *context) {
    (void)random;
    return cor_add(image, *(const int64_t *)context);
}

static cor_tensor *twice(cor_tensor *image, cor_generator *random, void *context) {
    (void)random, (void)context;
    return cor_mul(image, 2);
}

static cor_tensor *refuse(cor_tensor *image, cor_generator *random, void *context) {
    (void)image, (void)random, (void)context;
    return NULL;
}

static void transforms_in_order(void **state) {
    (void)state;
    cor_scope();
    numbers the = {.n = 3, .bad = -1};
    int64_t ten = 10;
    cor_tensor *fields[1];
    char text[TEXT] = "";
    cor_dataset *d = cor_transformed_dataset(numbers_dataset(&the), (cor_transform[]){{add, &ten}, {twice, NULL}}, 2);
    list(d, text);
    assert_string_equal(text, "20 22 24");
    assert_int_equal(cor_dataset_get(cor_transformed_dataset(d, &(cor_transform){refuse, NULL}, 1), 1, fields, 1),
                     COR_EVALUE);
    expect(COR_EVALUE, "sample 1: tensor 0 of 1 is NULL");
    assert_null(cor_transformed_dataset(d, &(cor_transform){NULL, NULL}, 1));
    expect(COR_EVALUE, "transformed_dataset: step 0 is NULL");
}

static void classes_have_names(void **state) {
    (void)state;
    cor_scope();
    numbers the = {.n = 3, .bad = -1};
    cor_dataset *d = numbers_dataset(&the);
    assert_int_equal(cor_dataset_class_count(d), 0);
    assert_null(cor_dataset_class_name(d, 0));
    assert_int_equal(cor_dataset_name_classes(d, (const char *[]){"ant", "bee"}, 2), COR_OK);
    cor_dataset *part = cor_subset(cor_transformed_dataset(d, NULL, 0), (int64_t[]){1}, 1);
    assert_null(part);
    cor_error_clear();
    part = cor_subset(cor_transformed_dataset(d, (cor_transform[]){{twice, NULL}}, 1), (int64_t[]){1}, 1);
    assert_int_equal(cor_dataset_class_count(part), 2);
    assert_string_equal(cor_dataset_class_name(part, 1), "bee");
    assert_null(cor_dataset_class_name(part, 2));
}

static void count_one(void *context) { ++*(int *)context; }
static int64_t one(void *context) { return context != NULL; }
static int too_many(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    (void)context, (void)index, (void)random, (void)fields;
    return COR_SAMPLE_FIELDS + 1;
}

static void contexts_are_destroyed_once(void **state) {
    (void)state;
    int ended = 0;
    cor_tensor *fields[1];
    {
        cor_scope();
        cor_dataset *d = cor_dataset_new(one, too_many, &ended, count_one);
        assert_int_equal(cor_dataset_get(d, 0, fields, 1), COR_ELIMIT);
        expect(COR_ELIMIT, "sample 0: a sample has 1 to 8 tensors, not 9");
        assert_int_equal(ended, 0);
    }
    assert_int_equal(ended, 1);
    assert_null(cor_dataset_new(NULL, too_many, &ended, count_one));
    cor_error_clear();
    assert_int_equal(ended, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors),
        cmocka_unit_test(parts_of_others),
        cmocka_unit_test(splits_are_pytorchs),
        cmocka_unit_test(transforms_in_order),
        cmocka_unit_test(classes_have_names),
        cmocka_unit_test(contexts_are_destroyed_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
