/* test_sort.c: sort, topk and cumsum, against PyTorch's results and plain loops. */
#include "support/records.h"
#include <corrie.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const NAMES[] = {"sort", "topk", "cumsum", NULL};

static void test_golden(void **state) {
    (void)state;
    records_check_results(COR_SOURCE_DIR, NAMES, 45);
    records_check_errors(COR_SOURCE_DIR, NAMES, 9);
    records_check_nodes(COR_SOURCE_DIR, NAMES, 3);
}

static uint64_t seed;
static int64_t draw(int64_t n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)n);
}

/* [rows, n] small integers with a tenth of NaN, as the dtype, in a random layout. */
static cor_tensor *values(int64_t rows, int64_t n, cor_dtype dtype) {
    bool turned = draw(2) == 1, stepped = draw(2) == 1;
    int64_t sizes[] = {turned ? n : rows, (turned ? rows : n) * (stepped ? 2 : 1)};
    double *data = malloc((size_t)(sizes[0] * sizes[1] + 1) * sizeof(double));
    for (int64_t i = 0; i < sizes[0] * sizes[1]; i++)
        data[i] = cor_dtype_is_floating(dtype) && draw(10) == 0 ? NAN : (double)(draw(19) - 9);
    cor_tensor *t = cor_to(cor_from_pointer(data, COR_FLOAT64, sizes, 2), dtype);
    free(data);
    if (stepped) t = cor_slice(t, 1, .step = 2);
    return turned ? cor_transpose(t, 0, 1) : t;
}

static double at(cor_tensor *t, int64_t row, int64_t i) {
    const double *data = cor_data_const(t);
    return data[row * cor_size(t, 1) + i];
}

/* Whether a comes before b: NaN is larger than all. */
static bool before(double a, double b, bool descending) {
    if (descending) return isnan(a) ? !isnan(b) : a > b;
    return isnan(b) ? !isnan(a) : a < b;
}

/* In a right order, every element comes before the next, or equals it and stood before it. */
static void check_sorted(cor_tensor *x, cor_tensor *sorted, cor_tensor *indices, bool descending, int64_t k) {
    x = cor_contiguous(cor_to(x, COR_FLOAT64));
    sorted = cor_contiguous(cor_to(sorted, COR_FLOAT64));
    const int64_t *where = cor_data_const(indices);
    int64_t n = cor_size(x, 1);
    char *seen = calloc((size_t)n + 1, 1);
    for (int64_t row = 0; row < cor_size(x, 0); row++) {
        memset(seen, 0, (size_t)n);
        for (int64_t i = 0; i < k; i++) {
            int64_t w = where[row * k + i];
            double value = at(sorted, row, i);
            assert_true(w >= 0 && w < n && !seen[w]);
            seen[w] = 1;
            assert_true(value == at(x, row, w) || (isnan(value) && isnan(at(x, row, w))));
            if (i == 0) continue;
            assert_false(before(value, at(sorted, row, i - 1), descending));
            if (!before(at(sorted, row, i - 1), value, descending)) assert_true(where[row * k + i - 1] < w);
        }
        for (int64_t i = 0; k > 0 && i < n; i++)
            if (!seen[i]) assert_false(before(at(x, row, i), at(sorted, row, k - 1), descending));
    }
    free(seen);
}

static void test_random(void **state) {
    static const cor_dtype dtypes[] = {COR_INT8,    COR_INT16,    COR_INT32,   COR_INT64,
                                       COR_FLOAT16, COR_BFLOAT16, COR_FLOAT32, COR_FLOAT64};
    (void)state;
    for (int round = 0; round < 300; round++) {
        cor_scope();
        cor_tensor *x = values(1 + draw(5), 1 + draw(round % 10 == 0 ? 3000 : 100), dtypes[draw(8)]), *indices;
        bool descending = draw(2) == 1;
        assert_int_equal(cor_set_num_threads(1 + round % 3), COR_OK);
        cor_tensor *sorted = cor_sort(x, .descending = descending, .indices = &indices);
        assert_int_equal(cor_error(), COR_OK);
        check_sorted(x, sorted, indices, descending, cor_size(x, 1));
        int64_t k = draw(cor_size(x, 1) + 1);
        cor_tensor *top = cor_topk(x, k, .largest = descending, .indices = &indices);
        assert_int_equal(cor_error(), COR_OK);
        check_sorted(x, top, indices, descending, k);
    }
}

/* Zeros of both signs are equal, and keep their signs and order. */
static void test_zeros(void **state) {
    (void)state;
    cor_scope();
    float data[] = {0.0f, -0.0f, 1.0f, -0.0f, 0.0f, -1.0f};
    cor_tensor *indices,
        *sorted = cor_sort(cor_from_array(data, sizeof data, COR_FLOAT32, (int64_t[]){6}, 1), .indices = &indices);
    const int64_t expected[] = {5, 0, 1, 3, 4, 2};
    assert_memory_equal(cor_data_const(indices), expected, sizeof expected);
    const float *values_of = cor_data_const(sorted);
    for (int i = 0; i < 6; i++) assert_true(signbit(values_of[i]) == signbit(data[expected[i]]));
}

static void test_running_sums(void **state) {
    (void)state;
    for (int round = 0; round < 100; round++) {
        cor_scope();
        int64_t rows = 1 + draw(4), n = 1 + draw(round % 10 == 0 ? 5000 : 50), sum = 0;
        cor_tensor *x = values(rows, n, COR_INT32);
        cor_tensor *sums = cor_cumsum(x, 1), *plain = cor_contiguous(x);
        assert_int_equal(cor_dtype_of(sums), COR_INT64);
        const int32_t *p = cor_data_const(plain);
        const int64_t *s = cor_data_const(sums);
        for (int64_t i = 0; i < rows * n; i++) {
            sum = (i % n == 0 ? 0 : sum) + p[i];
            assert_int_equal(s[i], sum);
        }
        cor_tensor *down = cor_cumsum(cor_to(x, COR_FLOAT32), 0);
        const float *d = cor_data_const(down);
        for (int64_t j = 0; j < n; j++) {
            float running = 0;
            for (int64_t i = 0; i < rows; i++) {
                running += (float)p[i * n + j];
                assert_true(d[i * n + j] == running);
            }
        }
    }
}

static void test_arguments(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *indices = COR_NONE;
    assert_null(cor_sort(NULL, .indices = &indices));
    assert_null(indices);
    assert_null(cor_topk(COR_NONE, 1)); /* with an error pending, nothing is looked at */
    cor_error_clear();
    assert_null(cor_topk(cor_scalar_of(COR_OPERAND(1.0)), -1));
    assert_string_equal(cor_error_message(), "selected index k out of range");
    cor_error_clear();
}

int main(void) {
    const char *text = getenv("CORRIE_TEST_SEED");
    seed = text != NULL ? strtoull(text, NULL, 10) : 1;
    print_message("CORRIE_TEST_SEED=%llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),       cmocka_unit_test(test_random),    cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_running_sums), cmocka_unit_test(test_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
