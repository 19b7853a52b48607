/* Choosing elements by indices and moving them: PyTorch's results, errors and nodes. */
#include "support/slide.h"
#include "support/tensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static cor_tensor *operand(const golden_record *record, const char *key) {
    const char *value = golden_get(record, key);
    return value == NULL ? COR_NONE : tensor_from_text(value);
}

static cor_dims dims_of(const char *options, const char *name) {
    cor_dims dims = {.n = 0};
    int64_t values[GOLDEN_DIMS];
    const int n = golden_option_ints(options, name, values);
    for (int i = 0; i < n; i++) dims.at[dims.n++] = values[i];
    return dims;
}

/* A number as it is written: an int or a float. */
static cor_operand fill_value(const char *options) {
    golden_pair pair;
    if (!golden_option(options, "value", &pair)) return COR_OPERAND(0);
    return strchr(pair.value, '.') != NULL ? COR_OPERAND(strtod(pair.value, NULL))
                                           : COR_OPERAND((int64_t)strtoll(pair.value, NULL, 10));
}

static cor_tensor *run(const golden_record *record) {
    const char *name = record->name, *options = golden_get(record, "options");
    cor_tensor *a = operand(record, "in0"), *b = operand(record, "in1"), *c = operand(record, "in2");
    const int64_t dim = golden_option_int(options, "dim", 0), factor = golden_option_int(options, "factor", 0);
    const int64_t diagonal = golden_option_int(options, "diagonal", 0);
    if (strcmp(name, "index_select") == 0) return cor_index_select(a, dim, b);
    if (strcmp(name, "index_add") == 0)
        return cor_index_add(a, dim, b, c, .alpha = golden_option_double(options, "alpha", 1));
    if (strcmp(name, "gather") == 0) return cor_gather(a, dim, b);
    if (strcmp(name, "scatter_add") == 0) return cor_scatter_add(a, dim, b, c);
    if (strcmp(name, "embedding") == 0)
        return cor_embedding(a, b, .padding_idx = golden_option_int(options, "padding_idx", COR_UNSET),
                             .max_norm = golden_option_double(options, "max_norm", (double)NAN));
    if (strcmp(name, "masked_fill") == 0)
        return c != COR_NONE ? cor_masked_fill(a, b, c) : cor_masked_fill(a, b, fill_value(options));
    if (strcmp(name, "flip") == 0) return cor_flip_with(a, dims_of(options, "dims"));
    if (strcmp(name, "roll") == 0) return cor_roll_with(a, dims_of(options, "shifts"), dims_of(options, "dims"));
    if (strcmp(name, "repeat") == 0) return cor_repeat_with(a, dims_of(options, "times"));
    if (strcmp(name, "tril") == 0) return cor_tril(a, diagonal);
    if (strcmp(name, "triu") == 0) return cor_triu(a, diagonal);
    if (strcmp(name, "pixel_shuffle") == 0) return cor_pixel_shuffle(a, factor);
    if (strcmp(name, "pixel_unshuffle") == 0) return cor_pixel_unshuffle(a, factor);
    assert_string_equal(name, "channel_shuffle");
    return cor_channel_shuffle(a, factor);
}

static void check_all(void *context) {
    int *seen = context;
    golden_file *file = golden_open("index.txt");
    golden_record record;
    assert_non_null(file);
    *seen = 0;
    for (; golden_next(file, &record) > 0; ++*seen) {
        cor_scope();
        cor_tensor *t = run(&record);
        tensor_check("index.txt", &record, t);
        const char *node = golden_get(&record, "grad_fn0"), *own = cor_grad_fn(t);
        if (node != NULL && (own == NULL || strcmp(own, node) != 0))
            fail_msg("record %d: the node is %s, not %s", record.number, own, node);
        if (node == NULL) assert_null(own);
    }
    golden_close(file);
}

static void test_records(void **state) {
    (void)state;
    int seen;
    slide_everywhere(check_all, &seen);
    assert_int_equal(seen, 290);
}

/* Rows longer than max_norm are shortened in place once, the others stay. */
static void test_max_norm(void **state) {
    (void)state;
    cor_scope();
    float rows[3][2] = {{3, 4}, {0, 1}, {6, 8}};
    int64_t at[3] = {0, 1, 0};
    cor_tensor *weight = cor_from(rows, 3, 2);
    cor_tensor *y = cor_embedding(cor_from(at, 3), weight, .max_norm = 2);
    assert_int_equal(cor_error(), COR_OK);
    assert_true(fabs(cor_item(cor_select(cor_select(y, 0, 0), 0, 0)) - 1.2) < 1e-6);
    assert_true(cor_item(cor_select(cor_select(y, 0, 1), 0, 1)) == 1);
    assert_true(cor_item(cor_select(cor_select(weight, 0, 2), 0, 1)) == 8);
    assert_true(fabs(cor_item(cor_select(cor_select(weight, 0, 0), 0, 1)) - 1.6) < 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records), cmocka_unit_test(test_max_norm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
