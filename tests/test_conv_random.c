/* Every implementation of convolution against the reference, on random problems: exact data compares with ==, on every
 * instruction set of the machine and any number of threads. CORRIE_TEST_CONV is the number of problems,
 * CORRIE_TEST_SEED the seed. */
#include "base/sizes.h"
#include "base/text.h"
#include "conv/lanes.h"
#include "support/conv_case.h"
#include <fenv.h>
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

static const cor__conv_implementation *const tested[] = {&cor__conv_small,     &cor__conv_planes, &cor__conv_channels,
                                                         &cor__conv_depthwise, &cor__conv_floats, &cor__conv_patches,
                                                         &cor__conv_direct};
enum { TESTED = sizeof tested / sizeof tested[0] };

/* How often each was compared, by output width modulo TAILS; and transposed with a stride. */
static int64_t counts[TESTED][ISAS][TAILS], strided[TESTED][ISAS];

static bool is_strided_transposed(const cor__conv_problem *p) {
    return p->transposed && (p->stride[0] > 1 || p->stride[1] > 1 || p->stride[2] > 1);
}

/* How often groups shared vectors, in patches. */
static int64_t shared_counts[ISAS];

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

/* How many problems of integers floating point computes exactly: in float32, in float64 only, in neither. */
static int64_t exact_counts[3];

static double largest(const char *values, cor_dtype dtype, int64_t n) {
    const int64_t size = cor__conv_dtype_size(dtype), width = 64 - 8 * size;
    double most = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t x = 0;
        memcpy(&x, values + i * size, (size_t)size);
        if (dtype != COR_UINT8) x = (int64_t)((uint64_t)x << width) >> width;
        most = fmax(most, fabs((double)x));
    }
    return most;
}

/* Integers of two of three problems are small, often just so that a type holds their sums, or does not. */
static void make_integers_small(uint64_t *state, const cor__conv_problem *p, const conv_spans *spans, data *d) {
    if (p->dtype < COR_UINT8 || p->dtype > COR_INT64) return;
    const double products = (double)(p->c / p->groups * p->kernel[0] * p->kernel[1] * p->kernel[2]);
    const int64_t total = random_in(state, 0, 2) == 0 ? 24 : 51;
    const int held = (int)cor__max(total - (int64_t)ceil(log2(products)) + random_in(state, -2, 1), 2);
    if (random_in(state, 0, 2) > 0) {
        const int of_input = (int)random_in(state, 1, held - 1);
        make_small(d->input, p->dtype, spans->input, of_input);
        make_small(d->weight, p->dtype, spans->weight, held - of_input);
    }
    const double most =
        largest(d->input, p->dtype, spans->input) * largest(d->weight, p->dtype, spans->weight) * products;
    exact_counts[most <= 0x1p24 ? 0 : most <= 0x1p51 ? 1 : 2]++;
}

static data make_data(uint64_t *state, const cor__conv_problem *p) {
    const conv_spans spans = spans_of(p);
    data d = {.input = filled(state, p->dtype, spans.input),
              .weight = filled(state, p->dtype, spans.weight),
              .bias = p->bias ? filled(state, p->dtype, spans.bias) : NULL,
              .output_bytes = (size_t)(spans.output * cor__conv_dtype_size(p->dtype))};
    make_integers_small(state, p, &spans, &d);
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
    for (int way = 0; way < TESTED; way++) {
        assert_int_equal(cor__conv_force(tested[way]->name), COR_OK);
        for (int isa = 0; isa < ISAS; isa++) {
            if (!cor_isa_available((cor_isa)isa)) continue;
            assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
            if (tested[way]->refuses(p) != NULL) continue;
            for (int t = 0; t < 3; t++) {
                assert_int_equal(cor_set_num_threads(thread_counts[t]), COR_OK);
                memset(d->output, 0x5a, d->output_bytes + 2 * GUARD);
                assert_int_equal(cor__conv_run(p, d->input, d->weight, d->bias, d->output + GUARD), COR_OK);
                compare(p, d, tested[way]->name, isa, thread_counts[t]);
            }
            counts[way][isa][p->output[2] % TAILS]++;
            cor__lanes_plan plan;
            if (tested[way] == &cor__conv_patches && cor__lanes_plan_patches(&plan, p) == NULL && plan.in_place)
                shared_counts[isa]++;
            strided[way][isa] += is_strided_transposed(p);
        }
    }
}

enum { ENOUGH_PROBLEMS = 10000, LEAST_EACH = 200 };

static void print_counts(int64_t problems) {
    for (int isa = 0; isa < ISAS; isa++) {
        if (!cor_isa_available((cor_isa)isa)) continue;
        print_message("groups that share vectors, %s: %lld\n", cor_isa_name((cor_isa)isa),
                      (long long)shared_counts[isa]);
        if (problems >= 2000) assert_true(shared_counts[isa] >= LEAST_EACH);
    }
    for (int way = 0; way < TESTED; way++)
        for (int isa = 0; isa < ISAS; isa++) {
            if (!cor_isa_available((cor_isa)isa)) continue;
            print_message("%s %s, by width modulo %d:", tested[way]->name, cor_isa_name((cor_isa)isa), TAILS);
            for (int tail = 0; tail < TAILS; tail++) print_message(" %lld", (long long)counts[way][isa][tail]);
            print_message("; transposed with a stride: %lld\n", (long long)strided[way][isa]);
            const bool strides = tested[way] == &cor__conv_patches || tested[way] == &cor__conv_direct;
            const bool depthwise = tested[way] == &cor__conv_channels || tested[way] == &cor__conv_depthwise;
            assert_true(!strides || strided[way][isa] >= problems / 5);
            assert_true(!depthwise || strided[way][isa] >= problems / 100);
            int64_t all = 0;
            for (int tail = 0; tail < TAILS; tail++) all += counts[way][isa][tail];
            if (problems < ENOUGH_PROBLEMS) continue;
            assert_true(all >= LEAST_EACH);
            if (tested[way] == &cor__conv_channels) continue; /* it computes narrow outputs only */
            if (tested[way] == &cor__conv_planes && isa == COR_ISA_AVX512) continue; /* and it wide ones */
            for (int tail = 0; tail < TAILS; tail++) assert_true(counts[way][isa][tail] >= LEAST_EACH);
        }
}

static void print_exact_counts(void) {
    print_message("integers: %lld problems exact in float32, %lld in float64, %lld in neither\n",
                  (long long)exact_counts[0], (long long)exact_counts[1], (long long)exact_counts[2]);
    for (int i = 0; i < 3; i++) assert_true(exact_counts[i] >= 100);
}

static void exact_data(void **unused) {
    (void)unused;
    const int64_t problems = number_from("CORRIE_TEST_CONV", 2000);
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    print_message("seed %llu, %lld problems\n", (unsigned long long)state, (long long)problems);
    for (int64_t i = 0; i < problems; i++) {
        /* Two of three problems are such that every implementation can compute them; a few are worth threads. */
        static const cor_dtype common[] = {COR_FLOAT32, COR_INT32, COR_FLOAT32, COR_INT64, COR_FLOAT32, COR_FLOAT64};
        const bool every = i % 3 != 0;
        const cor_dtype dtype =
            every ? common[(i - i / 3) % 6] : (cor_dtype)(COR_UINT8 + i / 3 % (COR_FLOAT64 - COR_UINT8 + 1));
        const int64_t most = every ? 4096 : i % 51 == 0 ? 3000000 : 60000;
        const cor__conv_problem p = random_problem(&state, dtype, most);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
    for (int64_t i = 0; i < problems; i++) {
        const cor_dtype dtype = i % 4 == 3 ? COR_FLOAT64 : COR_FLOAT32;
        const cor__conv_problem p = random_depthwise(&state, dtype, i % 40 == 0 ? 1000000 : 40000);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
    for (int64_t i = 0; i < problems / 2; i++) {
        const cor__conv_problem p = random_grouped(&state, 300);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
    for (int64_t i = 0; i < problems / 2; i++) {
        const cor__conv_problem p = random_strided_transposed(&state, COR_FLOAT32, i % 40 == 0 ? 1000000 : 40000);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
    for (int64_t i = 0; i < problems / 2; i++) {
        static const cor_dtype types[] = {COR_FLOAT32, COR_FLOAT64, COR_FLOAT32, COR_INT32, COR_FLOAT32, COR_INT64};
        const cor__conv_problem p = random_flat(&state, types[i % 6], i % 40 == 0 ? 1000000 : 40000);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
    print_counts(problems);
    print_exact_counts();
}

/* Shapes that are cut in every way there is: into bands of rows, of columns and of images, blocks of channels. */
static void large_shapes(void **unused) {
    (void)unused;
    static const char *const rows[] = {
        "mb1ic64ih30oc13oh30kh3ph1",             /* bands of rows */
        "mb1ic70iw3000oc5ow3000kw3pw1",          /* bands of columns */
        "mb3ic600ih3iw70oc7oh3ow70kh3kw3ph1pw1", /* both */
        "mb37ic12ih4oc12oh4kh3ph1",              /* bands of images */
        "mb19ic5ih6iw5oc5oh3ow2kh3kw3sh2sw2ph1pw0",
        "mb2ic300ih7oc70oh7kh3ph1",   /* blocks of channels */
        "mb1ic1040ih2oc33oh2kh1ph0",  /* many channels of one tap */
        "mb1ic300ih60oc14oh60kh1ph0", /* the input in place of a strip, in bands */
        "g2mb3ic24ih17iw16oc26oh17ow16kh1kw1ph0pw0",
        "--dt=f64 mb1ic700ih13oc10oh13kh1ph0",
        "mb1ic48ih40oc8oh40kh3ph12dh11", /* taps apart */
        "mb1ic40id6ih14iw14oc9od6oh14ow14kd3kh3kw3pd1ph1pw1",
        "g3mb2ic30ih40oc21oh20kh5sh2ph2",
        "g8mb3ic128ih28oc128oh14kh3sh2ph1", /* groups that share vectors */
        "g16mb2ic64ih9iw300oc64oh9ow300kh3kw3ph1pw1",
        "--deconv g4mb2ic32id5ih8iw11oc32od5oh8ow11kd3kh3kw3pd1ph1pw1",
        "--deconv g4mb2ic32id4ih5iw11oc32od7oh9ow21kd3kh3kw3sd2sh2sw2pd1ph1pw1", /* and have several outputs a tile */
        "--deconv g8mb1ic64ih29oc64oh58kh4sh2ph1",
        "--deconv mb2ic40ih24oc10oh48kh4sh2ph1",
        "--deconv mb1ic24iw900oc6ow2700kw7sw3pw2",
        "--deconv g2mb1ic36ih20oc8oh20kh3ph1",
        "--deconv mb2ic40ih60oc40oh120kh2sh2ph0", /* tiles of several outputs */
        "--deconv mb1ic20ih12iw70oc40oh36ow205kh5kw4sh3sw3ph2pw3",
        "--deconv g2mb3ic12id4ih5iw6oc70od9oh14ow11kd3kh4kw2sd2sh3sw2pd0ph1pw1",
        "--deconv mb1ic20ih5oc9oh65kh1sh16ph0", /* most outputs have no taps */
        "--deconv mb7ic20ih1oc70oh4kh4ph0",     /* bands of an output of several images */
        "mb3ic20ih2oc33oh2kh3ph1",
        "mb2ic20ih33oc20oh33kh3ph12dh11", /* bands that meet padding alone */
        "mb2ic20iw40oc20ow40kw5pw28dw13",
        "g5mb2ic5ih160oc5oh160kh3ph1",          /* depthwise, bands of rows */
        "g3mb1ic3ih200oc6oh100kh3sh2ph1",       /* the same of every second row */
        "--deconv mb2ic60ih32oc3oh64kh4sh2ph1", /* direct, bands that the passes share */
        "--deconv mb1ic9id4oc5od8kd2sd2pd0",
        "g3mb1ic3ih9iw6000oc3oh9ow6000kh5kw5ph2pw2", /* of columns */
        "g20mb3ic20ih14oc20oh7kh5sh2ph2",
        "g40mb2ic40ih7oc40oh7kh7ph3",
        "g6mb1ic6ih60oc6oh60kh3ph4dh3",
        "g4mb1ic4id9ih20iw20oc4od9oh20ow20kd3kh3kw3pd1ph1pw1",
        "g7mb2ic7iw5000oc7ow5000kw31pw15",
        "--deconv g9mb2ic9ih30oc9oh30kh5ph2",
        "--deconv g9mb2ic9ih70oc9oh140kh3sh2ph1", /* by the parts of a stride, rows and columns in bands */
        "--deconv g5mb1ic5ih9iw700oc10oh34ow4197kh5kw4sh4sw6ph1pw2",
        "--deconv g20mb2ic20ih7oc20oh14kh3sh2ph1",
        "--dt=f64 g9mb2ic9ih33oc18oh17kh3sh2ph1",
        "--dt=s64 mb1ic40ih30oc6oh30kh3ph1",
        "--dt=s8 mb2ic64ih24oc6oh24kh3ph1",
        "--dt=s8 mb1ic1100ih5oc6oh5kh1ph0", /* more products than float32 holds at their largest */
        "--dt=u8 --bia-dt=u8 mb2ic20ih80oc60oh80kh3ph1",
        "--dt=s16 --bia-dt=s16 mb3ic30ih10oc60oh10kh3ph1",
        "--dt=bf16 --bia-dt=bf16 mb1ic64ih30oc7oh30kh3ph1",
        "--dt=f16 --bia-dt=f16 mb70ic9ih3oc9oh3kh3ph1",
        "--dt=f64 mb1ic64ih24oc9oh24kh3ph1",
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

/* Three products of the largest numbers of some bits: at 23 bits their sum is odd and past what float32 holds, at 50
 * past what goes through float64; one bit less is held. */
static void exact_edges(void **unused) {
    (void)unused;
    assert_int_equal(cor__conv_force("floats"), COR_OK);
    for (int total = 20; total < 56; total++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const int64_t x = ((int64_t)1 << (total / 2)) - 1, w = sign * (((int64_t)1 << (total - total / 2)) - 1);
            const int64_t input[] = {x, x, x}, weight[] = {w, w, w}, bias = INT64_MAX;
            int64_t output;
            cor__conv_problem p;
            assert_int_equal(cor__conv_parse("--dt=s64 --bia-dt=s64 mb1ic3ih1oc1kh1", &p), COR_OK);
            assert_int_equal(cor__conv_run(&p, input, weight, &bias, &output), COR_OK);
            assert_true((uint64_t)output == 3 * (uint64_t)x * (uint64_t)w + INT64_MAX);
        }
    assert_int_equal(cor__conv_force(NULL), COR_OK);
}

static uint64_t dot(const uint64_t *a, const uint64_t *b, int64_t n) {
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* The backward-data problem is the transpose of the problem as a linear map: for any x and g, g . conv(x) =
 * backward(g) . x. */
static void backward_data(void **unused) {
    (void)unused;
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    assert_int_equal(cor__conv_force("direct"), COR_OK);
    for (int i = 0; i < 300; i++) {
        cor__conv_problem p = random_problem(&state, COR_INT64, 20000);
        p.bias = false;
        cor__conv_problem_contiguous(&p);
        const cor__conv_problem back = cor__conv_problem_backward_data(&p);
        assert_int_equal(cor__conv_problem_check(&back), COR_OK);
        const conv_spans spans = spans_of(&p);
        char *x = filled(&state, COR_INT64, spans.input), *y = filled(&state, COR_INT64, spans.output);
        char *g = filled(&state, COR_INT64, spans.output), *gx = filled(&state, COR_INT64, spans.input);
        char *weight = filled(&state, COR_INT64, spans.weight);
        assert_int_equal(cor__conv_run(&p, x, weight, NULL, y), COR_OK);
        assert_int_equal(cor__conv_run(&back, g, weight, NULL, gx), COR_OK);
        assert_true(dot((uint64_t *)g, (uint64_t *)y, spans.output) == dot((uint64_t *)gx, (uint64_t *)x, spans.input));
        free(x), free(y), free(g), free(gx), free(weight);
    }
}

/* ---- rounding --------------------------------------------------------------------------------------------------- */

/* Normal data against sums in float64: the error over the output's root mean square is bounded by 0.5 u sqrt(K) in the
 * mean and 5 u sqrt(K) at most, K being the products of an output. */
static void check_rounding(uint64_t *state, const char *text) {
    cor__conv_problem p, exact;
    assert_int_equal(cor__conv_parse(text, &p), COR_OK);
    exact = p;
    exact.dtype = COR_FLOAT64;
    const conv_spans spans = spans_of(&p);
    const int64_t n[3] = {spans.input, spans.weight, spans.output};
    float *single[3];
    double *twice[3];
    for (int i = 0; i < 3; i++) {
        single[i] = malloc((size_t)n[i] * sizeof(float));
        twice[i] = malloc((size_t)n[i] * sizeof(double));
        assert_non_null(single[i]);
        assert_non_null(twice[i]);
        for (int64_t k = 0; i < 2 && k < n[i]; k++) twice[i][k] = single[i][k] = (float)random_normal(state);
    }
    assert_int_equal(cor__conv_run(&p, single[0], single[1], NULL, single[2]), COR_OK);
    assert_int_equal(cor__conv_run(&exact, twice[0], twice[1], NULL, twice[2]), COR_OK);
    double squares = 0, errors = 0, most = 0;
    for (int64_t k = 0; k < n[2]; k++) {
        const double error = fabs((double)single[2][k] - twice[2][k]);
        squares += twice[2][k] * twice[2][k];
        errors += error * error;
        most = fmax(most, error);
    }
    const double scale = sqrt(squares / (double)n[2]), mean = sqrt(errors / (double)n[2]);
    const double unit = 0x1p-24 * sqrt((double)(p.c / p.groups * p.kernel[0] * p.kernel[1] * p.kernel[2])) * scale;
    print_message("%s: rms %.2f and max %.2f u sqrt(K)\n", text, mean / unit, most / unit);
    assert_true(mean <= 0.5 * unit);
    assert_true(most <= 5 * unit);
    for (int i = 0; i < 3; i++) free(single[i]), free(twice[i]);
}

static void rounding(void **unused) {
    (void)unused;
    static const char *const rows[] = {"mb1ic8ih40oc8oh40kh3ph1", "mb1ic64ih28oc32oh28kh3ph1",
                                       "mb1ic256ih14oc32oh14kh1ph0", "mb2ic512ih7oc64oh7kh3ph1",
                                       "mb1ic128iw500oc16ow500kw5pw2"};
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    assert_int_equal(cor__conv_force("direct"), COR_OK);
    for (int isa = 0; isa < ISAS; isa++) {
        if (!cor_isa_available((cor_isa)isa)) continue;
        assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
        print_message("%s\n", cor_isa_name((cor_isa)isa));
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) check_rounding(&state, rows[i]);
    }
}

/* Every float16 and bfloat16 goes through a 1x1 convolution with weight 1 as itself; sums in float32 round to nearest
 * even, which products of a value by 1 and a neighbour's distance show. */
static void sixteen_bits(void **unused) {
    (void)unused;
    static const struct {
        cor_dtype dtype;
        uint16_t one, infinity;
    } rows[] = {{COR_FLOAT16, 0x3c00, 0x7c00}, {COR_BFLOAT16, 0x3f80, 0x7f80}};
    uint16_t *input = malloc(3 * 65536 * sizeof *input), *expected = input + 65536, *output = expected + 65536;
    assert_non_null(input);
    for (int i = 0; i < 65536; i++) input[i] = (uint16_t)i;
    for (int row = 0; row < 2; row++) {
        cor__conv_problem p;
        assert_int_equal(cor__conv_parse("mb1ic1iw65536oc1kw1", &p), COR_OK);
        p.dtype = rows[row].dtype;
        /* 1.0009765625 in float16: most results are no longer representable and are rounded. */
        for (uint16_t weight = rows[row].one; weight < rows[row].one + 3; weight++) {
            assert_int_equal(cor__conv_force("reference"), COR_OK);
            assert_int_equal(cor__conv_run(&p, input, &weight, NULL, expected), COR_OK);
            assert_int_equal(cor__conv_force("direct"), COR_OK);
            for (int isa = 0; isa < ISAS; isa++) {
                if (!cor_isa_available((cor_isa)isa)) continue;
                assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
                assert_int_equal(cor__conv_run(&p, input, &weight, NULL, output), COR_OK);
                for (int i = 0; i < 65536; i++) {
                    const bool nan = (i & 0x7fff) > rows[row].infinity;
                    const bool tiny = rows[row].dtype == COR_BFLOAT16 && (i & 0x7fff) < 0x80; /* denormals count as 0 */
                    const int magnitude = output[i] & 0x7fff;
                    if (nan) assert_true(magnitude > rows[row].infinity);
                    else if (tiny) assert_int_equal(magnitude, 0);
                    else
                        assert_int_equal(magnitude == 0 ? 0 : output[i],
                                         magnitude == 0 ? expected[i] & 0x7fff : expected[i]);
                }
            }
        }
    }
    free(input);
}

/* ---- special values --------------------------------------------------------------------------------------------- */

/* NaN and infinity stand where the definition puts them. */
static void check_not_finite(const char *text, const char *name) {
    cor__conv_problem p;
    assert_int_equal(cor__conv_parse(text, &p), COR_OK);
    const conv_spans spans = spans_of(&p);
    float *input = malloc((size_t)spans.input * sizeof *input), *weight = malloc((size_t)spans.weight * sizeof *weight);
    float *expected = malloc((size_t)spans.output * 2 * sizeof *expected), *output = expected + spans.output;
    assert_non_null(input);
    assert_non_null(weight);
    assert_non_null(expected);
    uint64_t state = 3;
    for (int64_t i = 0; i < spans.input; i++) input[i] = (float)random_normal(&state);
    for (int64_t i = 0; i < spans.weight; i++) weight[i] = (float)random_normal(&state);
    input[40] = NAN;
    input[500] = INFINITY;
    input[502] = -INFINITY;
    assert_int_equal(cor__conv_force("reference"), COR_OK);
    assert_int_equal(cor__conv_run(&p, input, weight, NULL, expected), COR_OK);
    assert_int_equal(cor__conv_force(name), COR_OK);
    for (int isa = 0; isa < ISAS; isa++) {
        if (!cor_isa_available((cor_isa)isa)) continue;
        assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
        assert_string_equal(cor__conv_plan(&p)->name, name);
        assert_int_equal(cor__conv_run(&p, input, weight, NULL, output), COR_OK);
        for (int64_t i = 0; i < spans.output; i++) {
            assert_int_equal(isnan(output[i]), isnan(expected[i]));
            if (isinf(expected[i])) assert_true(output[i] == expected[i]);
            assert_int_equal(isfinite(output[i]), isfinite(expected[i]));
        }
    }
    free(input), free(weight), free(expected);
}

static void not_finite(void **unused) {
    (void)unused;
    check_not_finite("mb1ic3ih19oc5oh19kh3ph1", "direct");
    check_not_finite("g3mb1ic3ih29oc6oh29kh3ph1", "depthwise");
    check_not_finite("g3mb1ic3ih29oc6oh29kh3ph1", "planes");
    check_not_finite("g3mb1ic3ih60oc3oh30kh3sh2ph1", "planes");
    check_not_finite("g3mb1ic3ih59oc3oh30kh5sh2ph2", "depthwise");
    check_not_finite("g40mb1ic40ih7oc40oh7kh3ph1", "channels");
    check_not_finite("g20mb1ic20ih15oc40oh8kh3sh2ph1", "channels");
    check_not_finite("mb1ic20ih9oc20oh9kh3ph5dh4", "patches");
    check_not_finite("--deconv mb1ic20ih9oc20oh18kh4sh2ph1", "patches");
}

/* Denormals count as zero inside, and the caller's floating-point state stays as it was. */
static void denormals(void **unused) {
    (void)unused;
    cor__conv_problem p;
    assert_int_equal(cor__conv_parse("mb1ic1iw64oc1kw1", &p), COR_OK);
    float input[64], output[64];
    volatile float tiny = 1e-40f;
    const float weight = 1;
    for (int i = 0; i < 64; i++) input[i] = tiny;
    assert_int_equal(cor__conv_force("direct"), COR_OK);
    assert_int_equal(fesetround(FE_UPWARD), 0);
    assert_int_equal(cor__conv_run(&p, input, &weight, NULL, output), COR_OK);
    assert_int_equal(fegetround(), FE_UPWARD);
    assert_int_equal(fesetround(FE_TONEAREST), 0);
    for (int i = 0; i < 64; i++) assert_true(output[i] == 0);
    assert_true(tiny * 2 > tiny);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(exact_data),  cmocka_unit_test(large_shapes),
                                       cmocka_unit_test(exact_edges), cmocka_unit_test(backward_data),
                                       cmocka_unit_test(rounding),    cmocka_unit_test(sixteen_bits),
                                       cmocka_unit_test(not_finite),  cmocka_unit_test(denormals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
