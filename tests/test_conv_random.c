/* Every implementation of convolution against the reference, on random problems: exact data compares with ==, on every
 * instruction set of the machine and any number of threads. CORRIE_TEST_CONV is the number of problems,
 * CORRIE_TEST_SEED the seed. */
#include "base/text.h"
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

enum { ISAS = 4, TAILS = 16, GUARD = 64 };

static const cor__conv_implementation *const tested[] = {&cor__conv_small, &cor__conv_direct};
enum { TESTED = sizeof tested / sizeof tested[0] };

/* How often each was compared, by output width modulo TAILS. */
static int64_t counts[TESTED][ISAS][TAILS];

/* A problem's data; the output lies between two guards of GUARD bytes. */
typedef struct data {
    char *input, *weight, *bias, *expected, *output;
    size_t output_bytes;
} data;

static char *filled(uint64_t *state, cor_dtype dtype, int64_t n) {
    char *made = malloc((size_t)(n * cor__conv_dtype_size(dtype)) + 1);
    assert_non_null(made);
    fill_exact(state, made, dtype, n);
    return made;
}

static data make_data(uint64_t *state, const cor__conv_problem *p) {
    const conv_spans spans = spans_of(p);
    data d = {.input = filled(state, p->dtype, spans.input),
              .weight = filled(state, p->dtype, spans.weight),
              .bias = p->bias ? filled(state, p->dtype, spans.bias) : NULL,
              .output_bytes = (size_t)(spans.output * cor__conv_dtype_size(p->dtype))};
    d.expected = malloc(d.output_bytes + 1);
    d.output = malloc(d.output_bytes + 2 * GUARD);
    assert_non_null(d.expected);
    assert_non_null(d.output);
    assert_int_equal(cor__conv_force("reference"), COR_OK);
    assert_int_equal(cor__conv_run(p, d.input, d.weight, d.bias, d.expected), COR_OK);
    return d;
}

static void free_data(data *d) {
    free(d->input);
    free(d->weight);
    free(d->bias);
    free(d->expected);
    free(d->output);
}

/* -0 and 0 are equal; the sums of the reference start from 0 as all do, so the bits agree. */
static void compare(const cor__conv_problem *p, const data *d, const char *name, int isa, int threads) {
    bool equal = memcmp(d->output + GUARD, d->expected, d->output_bytes) == 0;
    for (size_t i = 0; i < GUARD; i++)
        equal = equal && d->output[i] == 0x5a && d->output[GUARD + d->output_bytes + i] == 0x5a;
    if (equal) return;
    char text[COR__CONV_TEXT];
    const int64_t *s = p->input_strides;
    fail_msg("%s on %s with %d threads differs: %s, input strides %lld %lld %lld %lld %lld", name,
             cor_isa_name((cor_isa)isa), threads, cor__conv_print(text, p), (long long)s[0], (long long)s[1],
             (long long)s[2], (long long)s[3], (long long)s[4]);
}

static void run_everywhere(const cor__conv_problem *p, data *d) {
    static const int thread_counts[] = {1, 2, 5};
    char reason[COR__CONV_REASON];
    for (int way = 0; way < TESTED; way++) {
        if (!tested[way]->can(p, reason)) continue;
        assert_int_equal(cor__conv_force(tested[way]->name), COR_OK);
        for (int isa = 0; isa < ISAS; isa++) {
            if (!cor_isa_available((cor_isa)isa)) continue;
            assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
            for (int t = 0; t < 3; t++) {
                assert_int_equal(cor_set_num_threads(thread_counts[t]), COR_OK);
                memset(d->output, 0x5a, d->output_bytes + 2 * GUARD);
                assert_int_equal(cor__conv_run(p, d->input, d->weight, d->bias, d->output + GUARD), COR_OK);
                compare(p, d, tested[way]->name, isa, thread_counts[t]);
            }
            counts[way][isa][p->output[2] % TAILS]++;
        }
    }
}

static void print_counts(void) {
    for (int way = 0; way < TESTED; way++)
        for (int isa = 0; isa < ISAS; isa++) {
            if (!cor_isa_available((cor_isa)isa)) continue;
            print_message("%s %s, by width modulo %d:", tested[way]->name, cor_isa_name((cor_isa)isa), TAILS);
            for (int tail = 0; tail < TAILS; tail++) print_message(" %lld", (long long)counts[way][isa][tail]);
            print_message("\n");
        }
}

static void exact_data(void **unused) {
    (void)unused;
    const int64_t problems = number_from("CORRIE_TEST_CONV", 2000);
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    print_message("seed %llu, %lld problems\n", (unsigned long long)state, (long long)problems);
    for (int64_t i = 0; i < problems; i++) {
        const cor_dtype dtype = (cor_dtype)(COR_UINT8 + i % (COR_FLOAT64 - COR_UINT8 + 1));
        /* Every other problem is small enough for every implementation; a few are worth threads. */
        const int64_t most = i % 2 == 0 ? 4096 : i % 101 == 1 ? 3000000 : 60000;
        const cor__conv_problem p = random_problem(&state, dtype, most);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
    print_counts();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(exact_data)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
