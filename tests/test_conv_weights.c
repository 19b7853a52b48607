/* Every implementation of the weight's and bias's gradient against the reference, on random problems: exact data
 * compares with ==, on every instruction set of the machine and any number of threads. CORRIE_TEST_CONV is the number
 * of problems, CORRIE_TEST_SEED the seed. */
#include "conv/weights.h"
#include "support/conv_case.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { ISAS = 4, GUARD = 64 };

static const char *const tested[] = {"direct"};
enum { TESTED = sizeof tested / sizeof tested[0] };

/* How often each was compared. */
static int64_t counts[TESTED][ISAS];

static char *filled(uint64_t *state, cor_dtype dtype, int64_t n) {
    char *made = malloc((size_t)(n * cor__conv_dtype_size(dtype)) + 1);
    assert_non_null(made);
    fill_exact(state, made, dtype, n);
    return made;
}

/* A problem's data; a gradient lies between two guards of GUARD bytes. */
typedef struct data {
    char *input, *grad_output;
    char *weight[2], *bias[2]; /* of the reference, and of the implementation */
    size_t weight_bytes, bias_bytes;
} data;

static char *guarded(size_t bytes) {
    char *made = malloc(bytes + 2 * GUARD);
    assert_non_null(made);
    memset(made, 0x5a, bytes + 2 * GUARD);
    return made;
}

static bool same(const char *a, const char *b, size_t bytes) { return memcmp(a, b, bytes + 2 * GUARD) == 0; }

static data make_data(uint64_t *state, const cor__conv_problem *p) {
    const conv_spans spans = spans_of(p);
    const int64_t size = cor__conv_dtype_size(p->dtype);
    data d = {.input = filled(state, p->dtype, spans.input),
              .grad_output = filled(state, p->dtype, spans.output),
              .weight_bytes = (size_t)(spans.weight * size),
              .bias_bytes = (size_t)(p->o * size)};
    for (int i = 0; i < 2; i++) d.weight[i] = guarded(d.weight_bytes), d.bias[i] = guarded(d.bias_bytes);
    assert_int_equal(cor__conv_force("reference"), COR_OK);
    assert_int_equal(cor__conv_weights_run(p, d.input, d.grad_output, d.weight[0] + GUARD, d.bias[0] + GUARD), COR_OK);
    return d;
}

static void free_data(data *d) {
    free(d->input), free(d->grad_output);
    for (int i = 0; i < 2; i++) free(d->weight[i]), free(d->bias[i]);
}

static void run_everywhere(const cor__conv_problem *p, data *d) {
    static const int thread_counts[] = {1, 2, 5};
    const bool floating = p->dtype >= COR_FLOAT16;
    for (int way = 0; way < TESTED && floating; way++) {
        assert_int_equal(cor__conv_force(tested[way]), COR_OK);
        for (int isa = 0; isa < ISAS; isa++) {
            if (!cor_isa_available((cor_isa)isa)) continue;
            assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
            for (int t = 0; t < 3; t++) {
                assert_int_equal(cor_set_num_threads(thread_counts[t]), COR_OK);
                memset(d->weight[1], 0x5a, d->weight_bytes + 2 * GUARD);
                memset(d->bias[1], 0x5a, d->bias_bytes + 2 * GUARD);
                assert_int_equal(
                    cor__conv_weights_run(p, d->input, d->grad_output, d->weight[1] + GUARD, d->bias[1] + GUARD),
                    COR_OK);
                char text[COR__CONV_TEXT];
                const int64_t *s = p->input_strides;
                const bool weights = same(d->weight[0], d->weight[1], d->weight_bytes);
                if (!weights || !same(d->bias[0], d->bias[1], d->bias_bytes))
                    fail_msg("%s on %s with %d threads differs in the %s: %s, input strides %lld %lld %lld %lld %lld",
                             tested[way], cor_isa_name((cor_isa)isa), thread_counts[t], weights ? "bias" : "weight",
                             cor__conv_print(text, p), (long long)s[0], (long long)s[1], (long long)s[2],
                             (long long)s[3], (long long)s[4]);
            }
            counts[way][isa]++;
        }
    }
}

static void exact_data(void **unused) {
    (void)unused;
    const int64_t problems = number_from("CORRIE_TEST_CONV", 2000);
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    print_message("seed %llu, %lld problems\n", (unsigned long long)state, (long long)problems);
    for (int64_t i = 0; i < problems; i++) {
        static const cor_dtype types[] = {COR_FLOAT32, COR_FLOAT64, COR_BFLOAT16, COR_FLOAT16};
        cor__conv_problem p = random_problem(&state, types[i % 4], i % 51 == 0 ? 3000000 : 60000);
        if (p.transposed) cor__conv_problem_contiguous(&p);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
    for (int way = 0; way < TESTED; way++)
        for (int isa = 0; isa < ISAS; isa++)
            if (cor_isa_available((cor_isa)isa)) {
                print_message("%s %s: %lld\n", tested[way], cor_isa_name((cor_isa)isa), (long long)counts[way][isa]);
                assert_int_equal(counts[way][isa], problems);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(exact_data)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
