/* Products at every edge of tiles and blocks, in every layout and on every instruction set, against plain loops. Each
 * operand lies against a page that cannot be touched, once behind it and once before it. */
#include "ops/matmul_run.h"
#include <corrie.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { ROOM = 16 << 20, ISAS = 4, LAYOUTS = 5, A = 0, B, BIAS, C, SIDES };

static const cor_dtype DTYPES[] = {COR_FLOAT32, COR_FLOAT64, COR_INT32, COR_INT64};
static char *rooms[SIDES];
static uint64_t seed;

static int64_t draw(int64_t n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)n);
}

/* Memory of ROOM bytes between two pages that cannot be touched. */
static char *walled_in(void) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *all = mmap(NULL, ROOM + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(all != MAP_FAILED);
    assert_int_equal(mprotect(all + page, ROOM, PROT_READ | PROT_WRITE), 0);
    return all + page;
}

static void put(cor_dtype dtype, char *at, int64_t i, int64_t value) {
    if (dtype == COR_FLOAT32) ((float *)(void *)at)[i] = (float)value;
    else if (dtype == COR_FLOAT64) ((double *)(void *)at)[i] = (double)value;
    else if (dtype == COR_INT32) ((int32_t *)(void *)at)[i] = (int32_t)value;
    else ((int64_t *)(void *)at)[i] = value;
}

static int64_t get(cor_dtype dtype, const char *at, int64_t i) {
    if (dtype == COR_FLOAT32) return (int64_t)((const float *)(const void *)at)[i];
    if (dtype == COR_FLOAT64) return (int64_t)((const double *)(const void *)at)[i];
    if (dtype == COR_INT32) return ((const int32_t *)(const void *)at)[i];
    return ((const int64_t *)(const void *)at)[i];
}

/* n elements against one of the walls, whole numbers of -8 to 8, so that all sums are exact. */
static char *fill(cor_dtype dtype, int side, int64_t n, bool behind) {
    char *at = behind ? rooms[side] + ROOM - n * cor_dtype_size(dtype) : rooms[side];
    for (int64_t i = 0; i < n; i++) put(dtype, at, i, draw(17) - 8);
    return at;
}

static int64_t want_of(const cor__product *p, int64_t i, int64_t j, int64_t before) {
    int64_t sum = p->add ? before : p->bias != NULL ? get(p->dtype, p->bias, j) : 0;
    for (int64_t k = 0; k < p->k; k++)
        sum +=
            get(p->dtype, p->a, i * p->a_row + k * p->a_column) * get(p->dtype, p->b, k * p->b_row + j * p->b_column);
    return sum;
}

/* Layouts 0 to 3 are nn, nt, tn and tt; in 4 neither stride is 1. */
static void check(cor_dtype dtype, int64_t m, int64_t n, int64_t k, int layout, int threads) {
    const bool behind = draw(2) == 0, turn_a = layout / 2 == 1, turn_b = layout % 2 == 1;
    const int64_t step = layout == 4 ? 2 : 1, size = cor_dtype_size(dtype);
    cor__product p = {.dtype = dtype, .m = m, .n = n, .k = k, .add = draw(3) == 0};
    p.a_row = turn_a ? 1 : k * step;
    p.a_column = turn_a ? m : step;
    p.b_row = turn_b ? 1 : n * step;
    p.b_column = turn_b ? k : step;
    p.a = fill(dtype, A, ((m - 1) * p.a_row + (k - 1) * p.a_column) + 1, behind);
    p.b = fill(dtype, B, ((k - 1) * p.b_row + (n - 1) * p.b_column) + 1, behind);
    p.bias = !p.add && draw(2) == 0 ? fill(dtype, BIAS, n, behind) : NULL;
    p.c = fill(dtype, C, m * n, behind);
    char *before = malloc((size_t)(m * n * size));
    memcpy(before, p.c, (size_t)(m * n * size));
    assert_int_equal(cor__multiply(&p, threads), COR_OK);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            const int64_t want = want_of(&p, i, j, get(dtype, before, i * n + j)), found = get(dtype, p.c, i * n + j);
            if (found != want)
                fail_msg("%s %lld x %lld x %lld, layout %d, isa %d, %d threads: %lld at %lld, %lld instead of %lld",
                         cor_dtype_name(dtype), (long long)m, (long long)n, (long long)k, layout, (int)cor_isa_chosen(),
                         threads, (long long)i, (long long)j, (long long)found, (long long)want);
        }
    free(before);
}

/* Every number of rows and columns up to beyond one whole tile (14 x 32 at most) and one more. */
static void every_edge(void **unused) {
    (void)unused;
    for (int isa = 0; isa < ISAS; isa++) {
        if (!cor_isa_available((cor_isa)isa)) continue;
        assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
        for (int64_t m = 1; m <= 30; m++)
            for (int64_t n = 1; n <= 67; n++) {
                const int turn = (int)(m + n);
                check(DTYPES[turn % 2], m, n, 1 + draw(20), (int)draw(LAYOUTS), 1);
                if (turn % 4 == 0) check(DTYPES[2 + turn / 4 % 2], m, n, 1 + draw(20), (int)draw(LAYOUTS), 1);
            }
    }
}

/* Beyond the depth, the rows and the columns of blocks, and cut among threads. */
static void every_block(void **unused) {
    (void)unused;
    static const int64_t sizes[][3] = {{3, 5, 1030},    {40, 140, 513},  {760, 33, 20},   {1520, 9, 17}, {17, 300, 70},
                                       {1, 700, 40},    {1, 2100, 30},   {700, 1, 40},    {3, 1, 9000},  {1, 1, 4099},
                                       {200, 200, 100}, {100, 400, 200}, {500, 90, 1100}, {1, 13, 50},   {2, 130, 600}};
    for (int isa = 0; isa < ISAS; isa++) {
        if (!cor_isa_available((cor_isa)isa)) continue;
        assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            for (int layout = 0; layout < LAYOUTS; layout++)
                check(DTYPES[draw(5) == 0 ? 2 + draw(2) : draw(2)], sizes[i][0], sizes[i][1], sizes[i][2], layout,
                      1 + (int)draw(5));
    }
}

/* The bits of real sums are the same for any number of threads. */
static void any_number_of_threads(void **unused) {
    (void)unused;
    static const int64_t sizes[][3] = {{300, 217, 700}, {1, 1000, 300}, {1000, 1, 300}, {37, 900, 60}};
    for (int isa = 0; isa < ISAS; isa++) {
        if (!cor_isa_available((cor_isa)isa)) continue;
        assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            cor_scope();
            cor_tensor *x = cor_randn(sizes[i][0], sizes[i][2]), *weight = cor_randn(sizes[i][1], sizes[i][2]);
            cor_tensor *turned = cor_contiguous(cor_t(weight)), *bias = cor_randn(sizes[i][1]), *first[2] = {NULL};
            for (int threads = 1; threads <= 7; threads++) {
                assert_int_equal(cor_set_num_threads(threads), COR_OK);
                cor_tensor *now[2] = {cor_linear(x, weight, .bias = bias), cor_matmul(x, turned)};
                for (int j = 0; j < 2; j++) {
                    assert_non_null(now[j]);
                    if (threads == 1) first[j] = now[j];
                    assert_memory_equal(cor_data_const(now[j]), cor_data_const(first[j]),
                                        (size_t)cor_numel(now[j]) * sizeof(float));
                }
            }
        }
    }
}

int main(void) {
    const char *text = getenv("CORRIE_TEST_SEED");
    seed = text != NULL ? strtoull(text, NULL, 10) : 1;
    print_message("CORRIE_TEST_SEED=%llu\n", (unsigned long long)seed);
    for (int i = 0; i < SIDES; i++) rooms[i] = walled_in();
    if (cor_set_num_threads(5) != COR_OK) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_edge), cmocka_unit_test(every_block),
                                       cmocka_unit_test(any_number_of_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
