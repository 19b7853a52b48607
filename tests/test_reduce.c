/* test_reduce.c: reductions, against PyTorch's results and plain loops that share nothing with the library. */
#include "support/records.h"
#include <corrie.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const NAMES[] = {"sum",  "mean", "prod",   "var",    "std", "norm", "max", "min",
                                    "amax", "amin", "argmax", "argmin", "any", "all",  NULL};

static void test_golden(void **state) {
    (void)state;
    records_check_results(COR_SOURCE_DIR, NAMES, 388);
    records_check_errors(COR_SOURCE_DIR, NAMES, 60);
    records_check_nodes(COR_SOURCE_DIR, NAMES, 46);
}

static uint64_t seed;
static int64_t draw(int64_t n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)n);
}

/* ---- integer data against plain loops --------------------------------------------------------------------------- */

typedef struct input {
    cor_tensor *t; /* in some layout */
    double *plain; /* its elements in row-major order */
    int64_t sizes[4];
    int ndim;
} input;

/* A tensor of small integers in a random layout: permuted, stepped or with a dimension expanded. */
static input make_input(cor_dtype dtype, int64_t most) {
    input in = {.ndim = 1 + (int)draw(4)};
    int64_t base[4], order[4], back[4], numel = 1, total = 1;
    bool expanded = in.ndim > 1 && draw(5) == 0, stepped = draw(3) == 0;
    for (int d = 0; d < in.ndim; d++) {
        in.sizes[d] = 1 + draw(draw(3) == 0 ? most : 9);
        if (total * in.sizes[d] > 100000) in.sizes[d] = 1;
        total *= in.sizes[d];
        order[d] = d;
    }
    for (int d = in.ndim - 1; d > 0; d--) {
        int64_t other = draw(d + 1), kept = order[d];
        order[d] = order[other];
        order[other] = kept;
    }
    for (int d = 0; d < in.ndim; d++) {
        base[d] = in.sizes[order[d]];
        back[order[d]] = d;
    }
    if (stepped) base[in.ndim - 1] *= 3;
    if (expanded) base[0] = 1;
    for (int d = 0; d < in.ndim; d++) numel *= base[d];
    double *data = malloc((size_t)numel * sizeof(double));
    for (int64_t i = 0; i < numel; i++) data[i] = (double)(draw(9) - (dtype == COR_UINT8 || dtype == COR_BOOL ? 0 : 4));
    cor_tensor *t = cor_to(cor_from_pointer(data, COR_FLOAT64, base, in.ndim), dtype);
    free(data);
    if (stepped) t = cor_slice(t, in.ndim - 1, .start = 1, .step = 3);
    if (expanded) {
        memcpy(base, cor_sizes(t), sizeof(int64_t) * (size_t)in.ndim);
        base[0] = in.sizes[order[0]];
        t = cor_expand_to(t, base, in.ndim);
    }
    in.t = cor_permute_to(t, back, in.ndim);
    cor_tensor *plain = cor_contiguous(cor_to(in.t, COR_FLOAT64));
    in.plain = malloc((size_t)cor_numel(plain) * sizeof(double));
    memcpy(in.plain, cor_data_const(plain), (size_t)cor_numel(plain) * sizeof(double));
    return in;
}

/* What a reduction must give for one output, and the elements it is made from. */
typedef struct expected {
    double sum, prod, least, most, any, all;
    int64_t count, first_least, first_most;
} expected;

/* The output that element i of the input belongs to, and its number among the elements of that output. */
static int64_t output_of(const input *in, const bool *reduced, int64_t i, int64_t *inside) {
    int64_t index[4], output = 0;
    *inside = 0;
    for (int d = in->ndim - 1; d >= 0; d--) {
        index[d] = i % in->sizes[d];
        i /= in->sizes[d];
    }
    for (int d = 0; d < in->ndim; d++) {
        int64_t *to = reduced[d] ? inside : &output;
        *to = *to * in->sizes[d] + index[d];
    }
    return output;
}

static expected *reduce_plainly(const input *in, const bool *reduced, int64_t *outputs) {
    int64_t numel = 1, inside;
    *outputs = 1;
    for (int d = 0; d < in->ndim; d++) {
        numel *= in->sizes[d];
        if (!reduced[d]) *outputs *= in->sizes[d];
    }
    expected *all = malloc((size_t)*outputs * sizeof *all);
    for (int64_t i = 0; i < *outputs; i++) all[i] = (expected){0, 1, INFINITY, -INFINITY, 0, 1, 0, 0, 0};
    for (int64_t i = 0; i < numel; i++) {
        expected *e = &all[output_of(in, reduced, i, &inside)];
        double x = in->plain[i];
        e->sum += x;
        e->prod *= x;
        e->any = e->any != 0 || x != 0;
        e->all = e->all != 0 && x != 0;
        if (x < e->least) e->least = x, e->first_least = inside;
        if (x > e->most) e->most = x, e->first_most = inside;
        e->count++;
    }
    return all;
}

#define CHECK(result, field)                                                                                           \
    {                                                                                                                  \
        cor_tensor *got = (result);                                                                                    \
        if (got == NULL) fail_msg("%s", cor_error_message());                                                          \
        got = cor_contiguous(cor_to(got, COR_FLOAT64));                                                                \
        assert_int_equal(cor_numel(got), outputs);                                                                     \
        for (int64_t i = 0; i < outputs; i++) {                                                                        \
            double value = ((const double *)cor_data_const(got))[i];                                                   \
            if (value != (double)(want[i].field)) fail_msg("%s: %g, not %g", #result, value, (double)(want[i].field)); \
        }                                                                                                              \
    }

/* Another number of threads and another instruction set for every round. */
static void vary(int round) {
    static const int threads[] = {1, 2, 5};
    cor_isa isa = (cor_isa)(round / 3 % 4);
    assert_int_equal(cor_set_num_threads(threads[round % 3]), COR_OK);
    assert_int_equal(cor_set_isa(cor_isa_available(isa) ? isa : COR_ISA_GENERIC), COR_OK);
}

static void check_one_dim(const input *in, int64_t dim, const expected *want, int64_t outputs, cor_dtype dtype) {
    cor_tensor *indices;
    CHECK(cor_max(in->t, .dim = dim, .indices = &indices), most)
    CHECK(indices, first_most)
    CHECK(cor_min(in->t, .dim = dim, .keepdim = true, .indices = &indices), least)
    CHECK(indices, first_least)
    if (want[0].count <= 10) CHECK(cor_prod(in->t, .dim = dim), prod)
    if (dtype == COR_BOOL) return;
    CHECK(cor_argmax(in->t, .dim = dim, .keepdim = true), first_most)
    CHECK(cor_argmin(in->t, .dim = dim), first_least)
}

static void test_integers(void **state) {
    static const cor_dtype dtypes[] = {COR_BOOL,  COR_UINT8, COR_INT8,    COR_INT16,
                                       COR_INT32, COR_INT64, COR_FLOAT32, COR_FLOAT64};
    (void)state;
    for (int round = 0; round < 600; round++) {
        cor_scope();
        cor_dtype dtype = dtypes[draw(8)];
        input in = make_input(dtype, round % 8 == 0 ? 5000 : 40);
        cor_dims dims = {.n = 0};
        bool reduced[4] = {false};
        for (int d = 0; d < in.ndim; d++)
            if (draw(2) == 0) reduced[d] = true, dims.at[dims.n++] = d - (draw(2) == 0 ? in.ndim : 0);
        if (dims.n == 0) reduced[0] = true, dims = (cor_dims){1, {0}};
        int64_t outputs;
        expected *want = reduce_plainly(&in, reduced, &outputs);
        vary(round);
        CHECK(cor_sum(in.t, .dims = dims), sum)
        CHECK(cor_amin(in.t, .dims = dims, .keepdim = true), least)
        CHECK(cor_amax(in.t, .dims = dims), most)
        CHECK(cor_any(in.t, .dims = dims), any)
        CHECK(cor_all(in.t, .dims = dims), all)
        CHECK(cor_mean(in.t, .dims = dims, .dtype = COR_FLOAT64), sum / (double)want[i].count)
        if (dims.n == 1) check_one_dim(&in, dims.at[0], want, outputs, dtype);
        free(want);
        free(in.plain);
    }
}

/* ---- real data -------------------------------------------------------------------------------------------------- */

static cor_tensor *real_values(int64_t n, double offset) {
    float *data = malloc((size_t)n * sizeof(float));
    for (int64_t i = 0; i < n; i++) data[i] = (float)(offset + (double)draw(2000001) * 1e-6 - 1);
    cor_tensor *t = cor_from_pointer(data, COR_FLOAT32, &n, 1);
    free(data);
    return t;
}

/* An element takes part in at most 64 additions in its lane, 5 between lanes and one for each halving of the blocks. */
static void test_error_of_sums(void **state) {
    (void)state;
    for (int round = 0; round < 12; round++) {
        cor_scope();
        vary(round);
        int64_t n = 1 + draw(300000);
        cor_tensor *x = real_values(n, 0.5);
        const float *p = cor_data_const(x);
        double exact = 0, size = 0, depth = 64 + 5 + ceil(log2(ceil((double)n / 2048)));
        for (int64_t i = 0; i < n; i++) exact += p[i], size += fabs(p[i]);
        assert_true(fabs(cor_item(cor_sum(x)) - exact) <= depth * 0x1p-24 * size);
    }
}

/* Variances are made in double: all that is left is the last rounding. */
static void test_variance(void **state) {
    static const double offsets[] = {0, 3, 1000};
    (void)state;
    for (int round = 0; round < 12; round++) {
        cor_scope();
        vary(round);
        int64_t n = 2 + draw(20000);
        cor_tensor *x = real_values(n, offsets[round % 3]);
        const float *p = cor_data_const(x);
        long double mean = 0, squares = 0;
        for (int64_t i = 0; i < n; i++) mean += p[i];
        mean /= (long double)n;
        for (int64_t i = 0; i < n; i++) squares += (p[i] - mean) * (p[i] - mean);
        double exact = (double)(squares / (long double)(n - 1)), bound = 0x1p-24 + 0x1p-40;
        assert_true(fabs(cor_item(cor_var(x)) - exact) <= exact * bound);
        assert_true(fabs(cor_item(cor_std(x)) - sqrt(exact)) <= sqrt(exact) * bound);
    }
}

/* The same bits whatever the layout, the number of threads and the instruction set. */
static void test_same_bits(void **state) {
    (void)state;
    for (int round = 0; round < 24; round++) {
        cor_scope();
        int64_t rows = 1 + draw(300), columns = 1 + draw(round % 4 == 0 ? 5000 : 300), n = rows * columns;
        cor_tensor *x = cor_view_to(real_values(n, 0), (int64_t[]){rows, columns}, 2);
        cor_tensor *turned = cor_transpose(cor_contiguous(cor_transpose(x, 0, 1)), 0, 1);
        vary(0);
        for (int dim = 0; dim < 2; dim++) {
            cor_tensor *sum = cor_sum(x, .dim = dim), *var = cor_var(x, .dim = dim),
                       *norm = cor_norm(x, .dim = dim, .p = 3);
            size_t bytes = (size_t)cor_numel(sum) * sizeof(float);
            vary(1 + round);
            assert_memory_equal(cor_data_const(sum), cor_data_const(cor_sum(turned, .dim = dim)), bytes);
            assert_memory_equal(cor_data_const(var), cor_data_const(cor_var(turned, .dim = dim)), bytes);
            assert_memory_equal(cor_data_const(norm), cor_data_const(cor_norm(turned, .dim = dim, .p = 3)), bytes);
        }
        double whole = cor_item(cor_sum(x));
        vary(2 + round);
        assert_true(cor_item(cor_sum(turned)) == whole);
    }
}

/* ---- softmax ---------------------------------------------------------------------------------------------------- */

/* exp is right within one unit in the last place; a sum of n of them has an error of at most (n + 2) u, then comes a
 * division; the subtraction of the largest, rounded, moves the exponent by at most |x - max| u. */
static void test_softmax(void **state) {
    (void)state;
    for (int round = 0; round < 40; round++) {
        cor_scope();
        int64_t rows = 1 + draw(round % 5 == 0 ? 6 : 40), n = 1 + draw(round % 5 == 0 ? 3000 : 70);
        cor_tensor *x = cor_mul(cor_view_to(real_values(rows * n, 0), (int64_t[]){rows, n}, 2), 30);
        vary(round);
        cor_tensor *soft = cor_softmax(x, 1), *logs = cor_log_softmax(x, -1), *low = cor_softmin(x, 1);
        cor_tensor *turned = cor_contiguous(cor_transpose(x, 0, 1));
        vary(round - round % 3 + (round + 1) % 3);
        cor_tensor *again = cor_contiguous(cor_transpose(cor_softmax(turned, 0), 0, 1));
        assert_int_equal(cor_error(), COR_OK);
        assert_memory_equal(cor_data_const(soft), cor_data_const(again), (size_t)(rows * n) * sizeof(float));
        again = cor_contiguous(cor_transpose(cor_log_softmax(turned, 0), 0, 1));
        assert_memory_equal(cor_data_const(logs), cor_data_const(again), (size_t)(rows * n) * sizeof(float));
        cor_tensor *halves = cor_softmax(cor_to(x, COR_BFLOAT16), 1);
        again = cor_contiguous(cor_transpose(cor_softmax(cor_to(turned, COR_BFLOAT16), 0), 0, 1));
        assert_memory_equal(cor_data_const(halves), cor_data_const(again), (size_t)(rows * n) * sizeof(uint16_t));
        const float *p = cor_data_const(x), *s = cor_data_const(soft), *l = cor_data_const(logs),
                    *w = cor_data_const(low);
        for (int64_t row = 0; row < rows; row++, p += n, s += n, l += n, w += n) {
            double most = -INFINITY, least = INFINITY, sum = 0, negative = 0;
            for (int64_t i = 0; i < n; i++) most = fmax(most, p[i]), least = fmin(least, p[i]);
            for (int64_t i = 0; i < n; i++) sum += exp(p[i] - most), negative += exp(least - p[i]);
            double bound = ((double)n + 70) * 0x1p-23; /* |x - max| is at most 60 */
            for (int64_t i = 0; i < n; i++) {
                double want = exp(p[i] - most) / sum;
                assert_true(fabs(s[i] - want) <= bound * want);
                assert_true(fabs(w[i] - exp(least - p[i]) / negative) <= bound * exp(least - p[i]) / negative);
                assert_true(fabs(l[i] - log(want)) <= bound * (1 + fabs(log(want))));
            }
        }
    }
}

static void test_softmax_of_extremes(void **state) {
    (void)state;
    cor_scope();
    float data[2][3] = {{1e30f, 0, -1e30f}, {-INFINITY, 5, 5}};
    const float expected_values[2][3] = {{1, 0, 0}, {0, 0.5f, 0.5f}};
    cor_tensor *x = cor_from_array(data, sizeof data, COR_FLOAT32, (int64_t[]){2, 3}, 2);
    assert_memory_equal(cor_data_const(cor_softmax(x, 1)), expected_values, sizeof data);
    data[0][2] = NAN;
    x = cor_from_array(data, sizeof data, COR_FLOAT32, (int64_t[]){2, 3}, 2);
    const float *s = cor_data_const(cor_softmax(x, 1));
    for (int i = 0; i < 3; i++) assert_true(isnan(s[i]));
    assert_true(s[4] == 0.5f);
    assert_null(cor_softmax(cor_to(x, COR_INT64), 0));
    assert_string_equal(cor_error_message(), "\"softmax_kernel_impl\" not implemented for 'Long'");
    cor_error_clear();
}

/* ---- arguments -------------------------------------------------------------------------------------------------- */

#define REFUSED(result, words)                                                                                         \
    assert_null(result);                                                                                               \
    assert_string_equal(cor_error_message(), words);                                                                   \
    cor_error_clear()

static void test_refusals(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *empty = cor_from_pointer(NULL, COR_FLOAT32, (int64_t[]){0, 3}, 2), *indices = COR_NONE;
    cor_tensor *integers = cor_to(cor_scalar_of(COR_OPERAND(3)), COR_INT64);
    REFUSED(cor_max(empty, .dim = 0, .indices = &indices), "max(): Expected reduction dim 0 to have non-zero size.");
    assert_null(indices);
    REFUSED(cor_max(empty), "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
                            "reduction dim with the 'dim' argument.");
    REFUSED(cor_argmin(empty), "argmin(): Expected reduction dim to be specified for input.numel() == 0.");
    REFUSED(cor_norm(empty, .p = -1), "linalg.vector_norm cannot compute the -1 norm on an empty tensor because the "
                                      "operation does not have an identity");
    REFUSED(cor_norm(integers), "linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long");
    REFUSED(cor_var(integers), "std and var only support floating point and complex dtypes");
    REFUSED(cor_mean(integers), "mean(): could not infer output dtype. Input dtype must be either a floating point or "
                                "complex dtype. Got: Long");
    REFUSED(cor_mean(integers, .dtype = COR_BOOL), "mean(): could not infer output dtype. Optional dtype must be "
                                                   "either a floating point or complex dtype. Got: Bool");
    REFUSED(cor_argmax(cor_to(integers, COR_BOOL)), "argmax(): does not support bool input");
    REFUSED(cor_sum(empty, .dims = COR_DIMS(0, -2)), "dim 0 appears multiple times in the list of dims");
    REFUSED(cor_max(integers, .indices = &indices), "max: .indices needs .dim");
    assert_true(isnan(cor_item(cor_mean(empty))) && isnan(cor_item(cor_var(empty))));
    assert_true(cor_item(cor_sum(empty)) == 0 && cor_item(cor_norm(empty)) == 0);
    assert_true(cor_item(cor_prod(empty)) == 1 && cor_item(cor_all(empty)) == 1 && cor_item(cor_any(empty)) == 0);
    assert_int_equal(cor_dim(cor_any(empty, .dims = COR_DIMS_UNSET)), 0);
    cor_sum_options wrong = {.struct_size = 1};
    assert_null(cor_sum_with(empty, &wrong));
    assert_null(cor_sum(NULL)); /* with an error pending, nothing is looked at */
    cor_error_clear();
}

int main(void) {
    const char *text = getenv("CORRIE_TEST_SEED");
    seed = text != NULL ? strtoull(text, NULL, 10) : 1;
    print_message("CORRIE_TEST_SEED=%llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_error_of_sums),
        cmocka_unit_test(test_variance),
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_softmax_of_extremes),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
