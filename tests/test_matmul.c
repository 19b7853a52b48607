/* test_matmul.c: products of matrices, against PyTorch's results and plain loops that share nothing with the library.
 */
#include "support/records.h"
#include <corrie.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const NAMES[] = {"matmul", "mm", "bmm", "linear", "softmax", "log_softmax", NULL};

static void test_golden(void **state) {
    (void)state;
    records_check_results(COR_SOURCE_DIR, NAMES, 85);
    records_check_errors(COR_SOURCE_DIR, NAMES, 31);
    records_check_nodes(COR_SOURCE_DIR, NAMES, 29);
}

static uint64_t seed;
static int64_t draw(int64_t n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)n);
}

/* Another number of threads and another instruction set for every round. */
static void vary(int round) {
    static const int threads[] = {1, 2, 5};
    cor_isa isa = (cor_isa)(round / 3 % 4);
    assert_int_equal(cor_set_num_threads(threads[round % 3]), COR_OK);
    assert_int_equal(cor_set_isa(cor_isa_available(isa) ? isa : COR_ISA_GENERIC), COR_OK);
}

/* ---- integer data against plain loops --------------------------------------------------------------------------- */

/* Integers of a range in the given sizes (the last two of which are a matrix), in a random layout of the matrix. */
static cor_tensor *numbers(cor_dtype dtype, const int64_t *sizes, int n, int64_t range) {
    int64_t base[4], numel = 1;
    bool turned = n > 1 && draw(2) == 0;
    int64_t step = 1 + draw(3) / 2;
    memcpy(base, sizes, sizeof(int64_t) * (size_t)n);
    if (turned) base[n - 1] = sizes[n - 2], base[n - 2] = sizes[n - 1];
    base[n - 1] *= step;
    for (int d = 0; d < n; d++) numel *= base[d];
    int64_t *data = malloc((size_t)(numel + 1) * sizeof(int64_t));
    for (int64_t i = 0; i < numel; i++) data[i] = draw(range) - range / 2;
    cor_tensor *t = cor_to(cor_from_pointer(data, COR_INT64, base, n), dtype);
    free(data);
    if (step > 1) t = cor_slice(t, n - 1, .step = step);
    return turned ? cor_transpose(t, n - 2, n - 1) : t;
}

/* The element of t, a tensor of int64, at the given index counted from the end; sizes of 1 and missing ones broadcast.
 */
static uint64_t element(cor_tensor *t, const int64_t *index, int n) {
    const uint64_t *data = cor_data_const(t);
    int64_t at = 0;
    for (int d = 0; d < cor_dim(t); d++) {
        int64_t i = index[n - cor_dim(t) + d];
        at += (cor_size(t, d) == 1 ? 0 : i) * cor_stride(t, d);
    }
    return data[at];
}

/* Checks c == a @ b (+ bias) for tensors with at least two dimensions, in integers that wrap. */
static void check_product(cor_tensor *a, cor_tensor *b, cor_tensor *bias, cor_tensor *c) {
    if (c == NULL) fail_msg("%s", cor_error_message());
    cor_dtype dtype = cor_dtype_of(c);
    cor_tensor *wide_a = cor_contiguous(cor_to(a, COR_INT64)), *wide_b = cor_contiguous(cor_to(b, COR_INT64));
    cor_tensor *wide_bias = bias == COR_NONE ? bias : cor_contiguous(cor_to(bias, COR_INT64));
    cor_tensor *wide_c = cor_contiguous(cor_to(c, COR_INT64));
    int n = cor_dim(c);
    int64_t index[4] = {0}, k = cor_size(a, -1), *sums = malloc((size_t)(cor_numel(c) + 1) * sizeof(int64_t));
    for (int64_t i = 0; i < cor_numel(c); i++) {
        int64_t rest = i, left[4], right[4];
        for (int d = n - 1; d >= 0; d--) index[d] = rest % cor_size(c, d), rest /= cor_size(c, d);
        memcpy(left, index, sizeof index);
        memcpy(right, index, sizeof index);
        uint64_t sum = bias == COR_NONE ? 0 : element(wide_bias, index, n);
        for (int64_t j = 0; j < k; j++) {
            left[n - 1] = right[n - 2] = j;
            sum += element(wide_a, left, n) * element(wide_b, right, n);
        }
        sums[i] = (int64_t)sum;
    }
    cor_tensor *want = cor_to(cor_to(cor_from_pointer(sums, COR_INT64, cor_sizes(c), n), dtype), COR_INT64);
    free(sums);
    assert_memory_equal(cor_data_const(wide_c), cor_data_const(want), (size_t)cor_numel(c) * sizeof(int64_t));
}

static const cor_dtype DTYPES[] = {COR_FLOAT32, COR_FLOAT64, COR_INT32,   COR_INT64,   COR_UINT8,
                                   COR_INT8,    COR_INT16,   COR_FLOAT16, COR_BFLOAT16};

/* Ranges that keep floating sums exact (products of up to 1/4 range^2, up to 700 of them), and integers that wrap. */
static int64_t range_of(cor_dtype dtype) {
    if (dtype == COR_FLOAT16 || dtype == COR_BFLOAT16) return 2;
    return cor_dtype_is_floating(dtype) ? 200 : INT64_C(1) << 31;
}

/* Mostly small, at times beyond the edges of tiles, blocks and the depth of panels, which are at most 256. */
static int64_t draw_size(int round) {
    return 1 + draw(round % 10 == 0 && draw(3) == 0 ? 600 : round % 3 == 0 ? 50 : 9);
}

static void test_integers(void **state) {
    (void)state;
    for (int round = 0; round < 500; round++) {
        cor_scope();
        cor_dtype dtype = DTYPES[round % 9];
        int64_t m = draw_size(round), n = draw_size(round), k = draw_size(round), list = 1 + draw(4);
        if (draw(4) == 0) m = 1;
        if (draw(4) == 0) n = 1;
        int64_t range = range_of(dtype);
        vary(round);
        cor_tensor *a = numbers(dtype, (int64_t[]){m, k}, 2, range), *b = numbers(dtype, (int64_t[]){k, n}, 2, range);
        check_product(a, b, COR_NONE, round % 2 ? cor_mm(a, b) : cor_matmul(a, b));
        if (m * n * k > 200000) continue;
        cor_tensor *as = numbers(dtype, (int64_t[]){list, m, k}, 3, range);
        cor_tensor *bs = numbers(dtype, (int64_t[]){list, k, n}, 3, range);
        check_product(as, bs, COR_NONE, cor_bmm(as, bs));
        check_product(as, b, COR_NONE, cor_matmul(as, b));
        check_product(a, bs, COR_NONE, cor_matmul(a, bs));
        cor_tensor *wide = cor_unsqueeze(numbers(dtype, (int64_t[]){2, m, k}, 3, range), 1);
        check_product(wide, bs, COR_NONE, cor_matmul(wide, bs));
        cor_tensor *weight = cor_t(b), *bias = cor_select(numbers(dtype, (int64_t[]){2, n}, 2, range), 0, 1);
        check_product(as, b, bias, cor_linear(as, weight, .bias = bias));
        check_product(a, b, COR_NONE, cor_linear(a, weight));
    }
}

static void test_vectors(void **state) {
    (void)state;
    for (int round = 0; round < 200; round++) {
        cor_scope();
        cor_dtype dtype = DTYPES[round % 9];
        int64_t k = 1 + draw(round % 9 < 7 && round % 5 == 0 ? 10000 : 300), n = draw_size(round);
        int64_t range = cor_dtype_is_floating(dtype) && k > 700 ? 50 : range_of(dtype);
        cor_tensor *x = numbers(dtype, (int64_t[]){1, k}, 2, range), *y = numbers(dtype, (int64_t[]){k, 1}, 2, range);
        cor_tensor *matrix = numbers(dtype, (int64_t[]){k, n}, 2, range);
        vary(round);
        cor_tensor *left = cor_squeeze(x, .dim = 0), *right = cor_squeeze(y, .dim = 1);
        cor_tensor *dot = cor_matmul(left, right);
        assert_int_equal(cor_dim(dot), 0);
        check_product(x, y, COR_NONE, cor_unsqueeze(cor_unsqueeze(dot, 0), 0));
        check_product(x, matrix, COR_NONE, cor_unsqueeze(cor_matmul(left, matrix), 0));
        check_product(cor_t(matrix), y, COR_NONE, cor_unsqueeze(cor_matmul(cor_t(matrix), right), 1));
    }
}

/* ---- real data -------------------------------------------------------------------------------------------------- */

static cor_tensor *real_matrix(int64_t m, int64_t n) {
    float *data = malloc((size_t)(m * n) * sizeof(float));
    for (int64_t i = 0; i < m * n; i++) data[i] = (float)draw(2000001) * 1e-6f - 1;
    cor_tensor *t = cor_from_pointer(data, COR_FLOAT32, (int64_t[]){m, n}, 2);
    free(data);
    return t;
}

/* A sum of k products has an error of at most k u times the sum of the products' sizes (one rounding each, fused, or
 * two without). The bits do not depend on the number of threads. */
static void test_real(void **state) {
    (void)state;
    for (int round = 0; round < 24; round++) {
        cor_scope();
        int64_t m = 1 + draw(200), n = 1 + draw(300), k = 1 + draw(600);
        if (round % 4 == 1) m = 1;
        if (round % 4 == 2) n = 1;
        cor_tensor *a = real_matrix(m, k), *b = real_matrix(k, n);
        vary(round - round % 3);
        cor_tensor *c = cor_matmul(a, b);
        vary(round - round % 3 + 1 + round % 2);
        cor_tensor *again = cor_matmul(a, b);
        assert_memory_equal(cor_data_const(c), cor_data_const(again), (size_t)(m * n) * sizeof(float));
        const float *pa = cor_data_const(a), *pb = cor_data_const(b), *pc = cor_data_const(c);
        for (int64_t i = 0; i < m; i++)
            for (int64_t j = 0; j < n; j++) {
                double sum = 0, size = 0;
                for (int64_t l = 0; l < k; l++) {
                    double product = (double)pa[i * k + l] * pb[l * n + j];
                    sum += product;
                    size += fabs(product);
                }
                assert_true(fabs(pc[i * n + j] - sum) <= (double)(k + 1) * 0x1p-24 * size);
            }
    }
}

/* NaN and infinity reach the elements they belong to, and no others: what panels are padded with is never seen. */
static void test_not_finite(void **state) {
    (void)state;
    for (int round = 0; round < 12; round++) {
        cor_scope();
        vary(round);
        int64_t m = 1 + draw(40), n = 1 + draw(40), k = 1 + draw(40), row = draw(m), column = draw(n), at = draw(k);
        cor_tensor *a = real_matrix(m, k), *b = real_matrix(k, n);
        ((float *)cor_data(a))[row * k + at] = INFINITY;
        ((float *)cor_data(b))[at * n + column] = NAN;
        const float *c = cor_data_const(cor_matmul(a, b));
        for (int64_t i = 0; i < m; i++)
            for (int64_t j = 0; j < n; j++)
                assert_true(j == column ? isnan(c[i * n + j]) : !isfinite(c[i * n + j]) == (i == row));
    }
}

/* ---- nothing outside is read ------------------------------------------------------------------------------------ */

/* A matrix whose last element is the last of a page before one that may not be touched. */
static cor_tensor *guarded(int64_t m, int64_t n, void **map, size_t *length) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = (size_t)(m * n) * sizeof(float);
    size_t whole = (bytes + page - 1) / page * page;
    *length = whole + page;
    *map = mmap(NULL, *length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(*map != MAP_FAILED);
    assert_int_equal(mprotect((char *)*map + whole, page, PROT_NONE), 0);
    float *data = (float *)(void *)((char *)*map + whole - bytes);
    for (int64_t i = 0; i < m * n; i++) data[i] = (float)(draw(9) - 4);
    return cor_from_blob(data, COR_FLOAT32, (int64_t[]){m, n}, NULL, 2, NULL, NULL);
}

static void test_bounds(void **state) {
    (void)state;
    for (int round = 0; round < 120; round++) {
        void *maps[2];
        size_t lengths[2];
        int64_t m = draw_size(round % 4), n = draw_size(round % 4), k = draw_size(round % 4);
        if (round % 5 == 0) m = 1;
        if (round % 5 == 1) n = 1;
        {
            cor_scope();
            vary(round);
            cor_tensor *a = guarded(m, k, &maps[0], &lengths[0]), *b = guarded(n, k, &maps[1], &lengths[1]);
            check_product(a, cor_t(b), COR_NONE, cor_matmul(a, cor_t(b)));
            cor_tensor *c = cor_view_to(b, (int64_t[]){k, n}, 2);
            check_product(a, c, COR_NONE, cor_matmul(a, c));
            cor_tensor *turned = cor_t(cor_view_to(a, (int64_t[]){k, m}, 2));
            check_product(turned, c, COR_NONE, cor_matmul(turned, c));
        }
        for (int i = 0; i < 2; i++) munmap(maps[i], lengths[i]);
    }
}

/* ---- arguments -------------------------------------------------------------------------------------------------- */

#define REFUSED(result, words)                                                                                         \
    assert_null(result);                                                                                               \
    assert_string_equal(cor_error_message(), words);                                                                   \
    cor_error_clear()

static void test_refusals(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *a = real_matrix(2, 3), *b = real_matrix(4, 5), *truth = cor_to(real_matrix(2, 2), COR_BOOL);
    cor_tensor *list = cor_unsqueeze(a, 0), *row = cor_select(a, 0, 0);
    REFUSED(cor_matmul(a, b), "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)");
    REFUSED(cor_matmul(list, b), "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)");
    REFUSED(cor_matmul(b, row), "size mismatch, got input (4), mat (4x5), vec (3)");
    REFUSED(cor_matmul(row, cor_select(b, 0, 0)),
            "inconsistent tensor size, expected tensor [3] and src [5] to have the same number of elements, but got 3 "
            "and 5 elements respectively");
    REFUSED(cor_matmul(list, list),
            "Expected size for first two dimensions of batch2 tensor to be: [1, 3] but got: [1, 2].");
    REFUSED(cor_matmul(a, cor_to(cor_t(a), COR_INT64)),
            "expected m1 and m2 to have the same dtype, but got: float != long int");
    REFUSED(cor_matmul(truth, truth), "\"addmm_impl_cpu_\" not implemented for 'Bool'");
    REFUSED(cor_mm(row, a), "self must be a matrix");
    REFUSED(cor_bmm(list, a), "batch2 must be a 3D tensor");
    REFUSED(cor_linear(a, list), "t() expects a tensor with <= 2 dimensions, but self is 3D");
    REFUSED(
        cor_linear(a, a, .bias = row),
        "The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 1.  Target "
        "sizes: [2, 2].  Tensor sizes: [3]");
    assert_null(cor_linear(a, a, .bias = NULL));
    cor_error_clear();
    assert_null(cor_matmul(a, NULL));
    assert_null(cor_matmul(COR_NONE, a)); /* with an error pending, nothing is looked at */
    cor_error_clear();
}

int main(void) {
    const char *text = getenv("CORRIE_TEST_SEED");
    seed = text != NULL ? strtoull(text, NULL, 10) : 1;
    print_message("CORRIE_TEST_SEED=%llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),   cmocka_unit_test(test_integers),   cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_real),     cmocka_unit_test(test_not_finite), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
