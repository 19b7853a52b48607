/* Every implementation of the weight's and bias's gradient against the reference, on random problems: exact data
 * compares with ==, on every instruction set of the machine and any number of threads. CORRIE_TEST_CONV is the number
 * of problems, CORRIE_TEST_SEED the seed. */
#include "conv/plan.h"
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

static const cor__weights_implementation *const tested[] = {&cor__weights_depthwise, &cor__weights_direct};
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

/* The gradient of the bias by the reference for weights: that of a 1x1 convolution of an input of ones. */
static void sum_bias(const cor__conv_problem *p, const char *grad_output, char *to) {
    static const uint64_t ones[COR_DTYPES] = {[COR_FLOAT16] = 0x3c00,
                                              [COR_BFLOAT16] = 0x3f80,
                                              [COR_FLOAT32] = 0x3f800000,
                                              [COR_FLOAT64] = 0x3ff0000000000000};
    cor__conv_problem q = {.dtype = p->dtype,
                           .spatial = 3,
                           .n = p->n,
                           .groups = 1,
                           .c = 1,
                           .o = p->o,
                           .kernel = {1, 1, 1},
                           .stride = {1, 1, 1},
                           .dilation = {1, 1, 1}};
    memcpy(q.input, p->output, sizeof q.input);
    memcpy(q.output, p->output, sizeof q.output);
    assert_int_equal(cor__conv_weights_run(&q, &ones[p->dtype], grad_output, to, NULL), COR_OK);
}

static data make_data(uint64_t *state, const cor__conv_problem *p) {
    const conv_spans spans = spans_of(p);
    const int64_t size = cor__conv_dtype_size(p->dtype);
    data d = {.input = filled(state, p->dtype, spans.input),
              .grad_output = filled(state, p->dtype, spans.output),
              .weight_bytes = (size_t)(spans.weight * size),
              .bias_bytes = (size_t)(p->o * size)};
    for (int i = 0; i < 2; i++) d.weight[i] = guarded(d.weight_bytes), d.bias[i] = guarded(d.bias_bytes);
    assert_int_equal(cor__conv_force("reference"), COR_OK);
    assert_int_equal(cor__conv_weights_run(p, d.input, d.grad_output, d.weight[0] + GUARD, NULL), COR_OK);
    sum_bias(p, d.grad_output, d.bias[0] + GUARD);
    return d;
}

static void free_data(data *d) {
    free(d->input), free(d->grad_output);
    for (int i = 0; i < 2; i++) free(d->weight[i]), free(d->bias[i]);
}

static void run_everywhere(const cor__conv_problem *p, data *d) {
    static const int thread_counts[] = {1, 2, 5};
    const cor__conv_problem forward = p->transposed ? cor__conv_problem_backward_data(p) : *p;
    for (int way = 0; way < TESTED; way++) {
        assert_int_equal(cor__conv_force(tested[way]->name), COR_OK);
        for (int isa = 0; isa < ISAS; isa++) {
            if (!cor_isa_available((cor_isa)isa)) continue;
            assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
            if (tested[way]->refuses(&forward) != NULL) continue; /* it depends on the lanes */
            assert_ptr_equal(cor__conv_weights_plan(&forward), tested[way]);
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
                             tested[way]->name, cor_isa_name((cor_isa)isa), thread_counts[t],
                             weights ? "bias" : "weight", cor__conv_print(text, p), (long long)s[0], (long long)s[1],
                             (long long)s[2], (long long)s[3], (long long)s[4]);
            }
            counts[way][isa]++;
        }
    }
}

/* Of a transposed problem the input must be contiguous. */
static cor__conv_problem random_weights(uint64_t *state, cor_dtype dtype, int64_t most) {
    cor__conv_problem p = random_problem(state, dtype, most);
    if (p.transposed) cor__conv_problem_contiguous(&p);
    return p;
}

/* A depthwise problem of two dimensions, now and then with gaps between its planes. */
static cor__conv_problem random_maps(uint64_t *state, cor_dtype dtype) {
    const int64_t groups = random_in(state, 3, 40);
    cor__conv_problem p = {.dtype = dtype,
                           .spatial = 2,
                           .n = random_in(state, 1, 4),
                           .groups = groups,
                           .c = groups,
                           .o = groups,
                           .input = {1, 1, 1},
                           .kernel = {1, 1, 1},
                           .output = {1, 1, 1},
                           .stride = {1, 1, 1},
                           .dilation = {1, 1, 1}};
    for (int axis = 1; axis < COR__CONV_AXES; axis++) {
        p.kernel[axis] = random_in(state, 1, 5);
        p.stride[axis] = random_in(state, 1, 3);
        p.dilation[axis] = random_in(state, 1, 3);
        p.padding[axis] = random_in(state, 0, 4);
        p.input[axis] = (p.kernel[axis] - 1) * p.dilation[axis] + random_in(state, 1, axis == 1 ? 60 : 40);
        p.output[axis] = cor__conv_output_size(false, p.input[axis], p.kernel[axis], p.stride[axis], p.padding[axis],
                                               p.padding[axis], p.dilation[axis], 0);
    }
    cor__conv_problem_contiguous(&p);
    p.input_strides[1] += random_in(state, 0, 3) == 0 ? 5 : 0;
    p.input_strides[0] = p.c * p.input_strides[1];
    assert_int_equal(cor__conv_problem_check(&p), COR_OK);
    return p;
}

static void exact_data(void **unused) {
    (void)unused;
    const int64_t problems = number_from("CORRIE_TEST_CONV", 2000);
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    print_message("seed %llu, %lld problems\n", (unsigned long long)state, (long long)problems);
    for (int64_t i = 0; i < problems; i++) {
        static const cor_dtype types[] = {COR_FLOAT32, COR_FLOAT64, COR_BFLOAT16, COR_FLOAT16};
        const cor__conv_problem p = i % 4 < 2 && i % 3 == 0
                                        ? random_maps(&state, types[i % 4])
                                        : random_weights(&state, types[i % 4], i % 51 == 0 ? 3000000 : 60000);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
    for (int way = 0; way < TESTED; way++)
        for (int isa = 0; isa < ISAS; isa++)
            if (cor_isa_available((cor_isa)isa)) {
                print_message("%s %s: %lld\n", tested[way]->name, cor_isa_name((cor_isa)isa),
                              (long long)counts[way][isa]);
                assert_true(counts[way][isa] >= problems / 12);
            }
}

/* Shapes that are cut in every way there is: into bands of rows, of columns and of images, blocks and chunks. */
static void large_shapes(void **unused) {
    (void)unused;
    static const char *const rows[] = {
        "mb1ic70ih30oc13oh30kh3ph1",       /* blocks of input channels, one too narrow for a vector */
        "mb1ic9iw3000oc33ow3000kw3pw1",    /* bands of columns, chunks */
        "mb37ic12ih4oc12oh4kh3ph1",        /* bands of images */
        "mb3ic5ih60iw9oc150oh60ow9kh1kw1", /* blocks of output channels, in place */
        "mb3ic700ih5oc16oh3kh1sh2ph0",     /* in place, strided */
        "mb5ic6ih28oc16oh28kh5ph2",        /* chunks */
        "g40mb19ic40ih14oc40oh14kh3ph1",   /* pixels in lanes, bands of images */
        "g20mb3ic20ih90oc20oh45kh5sh2ph2", /* channels in lanes, bands of rows */
        "g48mb40ic48ih7oc48oh7kh3ph1",     /* and chunks */
        "g16mb1ic16ih3iw9oc16oh9ow15kh3kw3ph4pw4",
        "g6mb3ic6ih70oc12oh35kh3sh2ph1",  /* and of rows, with phases */
        "g2mb2ic30ih40oc50oh20kh5sh2ph2", /* several blocks of output channels with pixels in lanes */
        "mb2ic48ih20oc8oh20kh3ph12dh11",  /* taps apart */
        "mb1ic20id6ih14iw14oc9od6oh14ow14kd3kh3kw3pd1ph1pw1",
        "--deconv mb2ic40ih12oc10oh24kh4sh2ph1",
        "--deconv g2mb1ic36ih20oc8oh20kh3ph1",
        "--dt=bf16 mb3ic24ih30oc32oh30kh3ph1",
        "--dt=f16 g8mb7ic8ih30oc8oh30kh3ph1",
        "--dt=f64 mb2ic64ih24oc9oh24kh3ph1",
    };
    uint64_t state = 5;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor__conv_problem p;
        assert_int_equal(cor__conv_parse(rows[i], &p), COR_OK);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
}

static uint64_t dot(const char *a, const char *b, int64_t n) {
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; i++) sum += ((const uint64_t *)a)[i] * ((const uint64_t *)b)[i];
    return sum;
}

/* The convolution is linear in its weight: for any w and gy, gy . conv(x, w) = weights(x, gy) . w. */
static void transpose_of_the_convolution(void **unused) {
    (void)unused;
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    assert_int_equal(cor__conv_force("reference"), COR_OK);
    for (int i = 0; i < 300; i++) {
        cor__conv_problem p = random_problem(&state, COR_INT64, 20000);
        p.bias = false;
        if (p.transposed) cor__conv_problem_contiguous(&p);
        const conv_spans spans = spans_of(&p);
        char *x = filled(&state, COR_INT64, spans.input), *y = filled(&state, COR_INT64, spans.output);
        char *gy = filled(&state, COR_INT64, spans.output), *gw = filled(&state, COR_INT64, spans.weight);
        char *w = filled(&state, COR_INT64, spans.weight);
        assert_int_equal(cor__conv_run(&p, x, w, NULL, y), COR_OK);
        assert_int_equal(cor__conv_weights_run(&p, x, gy, gw, NULL), COR_OK);
        assert_true(dot(gy, y, spans.output) == dot(gw, w, spans.weight));
        free(x), free(y), free(gy), free(gw), free(w);
    }
}

/* ---- rounding --------------------------------------------------------------------------------------------------- */

/* The error of n sums of k products each, over their root mean square, is bounded by 0.5 u sqrt(k) in the mean and
 * 5 u sqrt(k) at most. */
static void check_errors(const char *text, const float *found, const double *exact, int64_t n, int64_t k) {
    double squares = 0, errors = 0, most = 0;
    for (int64_t i = 0; i < n; i++) {
        const double error = fabs((double)found[i] - exact[i]);
        squares += exact[i] * exact[i];
        errors += error * error;
        most = fmax(most, error);
    }
    const double unit = 0x1p-24 * sqrt((double)k) * sqrt(squares / (double)n), mean = sqrt(errors / (double)n);
    print_message("%s: rms %.3f and max %.3f u sqrt(K)\n", text, mean / unit, most / unit);
    assert_true(mean <= 0.5 * unit);
    assert_true(most <= 5 * unit);
}

/* Normal data, against the same sums in float64. */
static void check_rounding(uint64_t *state, const char *text) {
    cor__conv_problem p, exact;
    assert_int_equal(cor__conv_parse(text, &p), COR_OK);
    exact = p;
    exact.dtype = COR_FLOAT64;
    const conv_spans spans = spans_of(&p);
    const int64_t n[4] = {spans.input, spans.output, spans.weight, p.o};
    float *single[4];
    double *twice[4];
    for (int i = 0; i < 4; i++) {
        single[i] = malloc((size_t)n[i] * sizeof(float));
        twice[i] = malloc((size_t)n[i] * sizeof(double));
        assert_non_null(single[i]);
        assert_non_null(twice[i]);
        for (int64_t k = 0; i < 2 && k < n[i]; k++) twice[i][k] = single[i][k] = (float)random_normal(state);
    }
    assert_int_equal(cor__conv_weights_run(&p, single[0], single[1], single[2], single[3]), COR_OK);
    assert_int_equal(cor__conv_weights_run(&exact, twice[0], twice[1], twice[2], twice[3]), COR_OK);
    const int64_t products = p.n * p.output[0] * p.output[1] * p.output[2];
    check_errors(text, single[2], twice[2], n[2], products);
    check_errors("  its bias", single[3], twice[3], n[3], products);
    for (int i = 0; i < 4; i++) free(single[i]), free(twice[i]);
}

static void rounding(void **unused) {
    (void)unused;
    static const char *const rows[] = {"mb1ic16ih40oc32oh40kh3ph1",   "mb64ic8ih56oc16oh56kh3ph1",
                                       "mb8ic64ih28oc64oh28kh1ph0",   "g64mb16ic64ih56oc64oh56kh3ph1",
                                       "mb4ic3ih112oc5oh56kh7sh2ph3", "mb100ic4iw2000oc16ow2000kw3pw1"};
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    assert_int_equal(cor__conv_force("direct"), COR_OK);
    for (int isa = 0; isa < ISAS; isa++) {
        if (!cor_isa_available((cor_isa)isa)) continue;
        assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
        print_message("%s\n", cor_isa_name((cor_isa)isa));
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) check_rounding(&state, rows[i]);
        assert_int_equal(cor__conv_force("depthwise"), COR_OK);
        check_rounding(&state, "g64mb16ic64ih56oc64oh56kh3ph1");
        assert_int_equal(cor__conv_force("direct"), COR_OK);
    }
}

/* Real data, whose sums depend on their order, gives the same bits on any number of threads. */
static void threads_change_nothing(void **unused) {
    (void)unused;
    static const char *const rows[] = {"mb3ic16ih40oc32oh40kh3ph1",           "mb40ic8ih20oc16oh20kh5ph2",
                                       "mb8ic64ih28oc64oh28kh1ph0",           "g64mb9ic64ih30oc64oh30kh3ph1",
                                       "--dt=f64 mb9ic3ih60oc5oh30kh7sh2ph3", "--dt=bf16 mb4ic8iw2000oc16ow2000kw3pw1"};
    static const int thread_counts[] = {1, 2, 5};
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof rows[0]); i++) {
        cor__conv_problem p;
        assert_int_equal(cor__conv_parse(rows[i / 2], &p), COR_OK);
        data d = make_data(&state, &p);
        const int64_t size = cor__conv_dtype_size(p.dtype), n[2] = {spans_of(&p).input, spans_of(&p).output};
        for (int operand = 0; operand < 2; operand++)
            for (int64_t k = 0; k < n[operand]; k++) {
                const double value = random_normal(&state);
                const float single = (float)value;
                char *const at = (operand == 0 ? d.input : d.grad_output) + k * size;
                if (size == 8) memcpy(at, &value, 8);
                else memcpy(at, (const char *)&single + 4 - size, (size_t)size); /* the upper half is a bfloat16 */
            }
        for (int isa = 0; isa < ISAS; isa++) {
            if (!cor_isa_available((cor_isa)isa)) continue;
            assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
            for (int t = 0; t < 3; t++) {
                char *weight = d.weight[t > 0] + GUARD, *bias = d.bias[t > 0] + GUARD;
                assert_int_equal(cor_set_num_threads(thread_counts[t]), COR_OK);
                assert_int_equal(cor__conv_force(i % 2 == 0 ? "direct" : NULL), COR_OK);
                assert_int_equal(cor__conv_weights_run(&p, d.input, d.grad_output, weight, bias), COR_OK);
                assert_memory_equal(d.weight[0] + GUARD, weight, d.weight_bytes);
                assert_memory_equal(d.bias[0] + GUARD, bias, d.bias_bytes);
            }
        }
        free_data(&d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(exact_data), cmocka_unit_test(large_shapes),
                                       cmocka_unit_test(transpose_of_the_convolution), cmocka_unit_test(rounding),
                                       cmocka_unit_test(threads_change_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
