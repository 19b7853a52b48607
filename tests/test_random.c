/* test_random.c: the generator and every fill, bit for bit against PyTorch. */
#include "base/error.h"
#include "base/half.h"
#include "base/random.h"
#include "support/scenario.h"
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 100003, WORDS = 64, LINE = 1024 };

static uint64_t space[MOST], second[MOST]; /* room for the elements of any fill here */

static uint64_t fnv(const void *data, size_t size) {
    uint64_t value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) value = (value ^ ((const uint8_t *)data)[i]) * 0x100000001b3u;
    return value;
}

static double as_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- golden lines ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {[COR_BOOL] = {"bool", 1},       [COR_UINT8] = {"uint8", 1},       [COR_INT8] = {"int8", 1},
              [COR_INT16] = {"int16", 2},     [COR_INT32] = {"int32", 4},       [COR_INT64] = {"int64", 8},
              [COR_FLOAT16] = {"float16", 2}, [COR_BFLOAT16] = {"bfloat16", 2}, [COR_FLOAT32] = {"float32", 4},
              [COR_FLOAT64] = {"float64", 8}};

static cor_dtype dtype_named(const char *name) {
    for (int i = 0; i <= COR_FLOAT64; i++)
        if (strcmp(dtypes[i].name, name) == 0) return (cor_dtype)i;
    fail_msg("no dtype %s", name);
    return COR_BOOL;
}

/* The probabilities of make_random.py. */
static void make_probabilities(cor_dtype dtype, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        double p = (double)(i * 7 % 11) / 10;
        if (dtype == COR_FLOAT64) ((double *)second)[i] = p;
        else if (dtype == COR_FLOAT32) ((float *)second)[i] = (float)p;
        else if (dtype == COR_FLOAT16) ((uint16_t *)second)[i] = cor__float_to_half((float)p);
        else ((uint16_t *)second)[i] = cor__float_to_bfloat16((float)p);
    }
}

static int fill(const char *name, cor_dtype dtype, int64_t n, uint64_t a, uint64_t b) {
    static int (*const with_two[])(cor_generator *, void *, int64_t, cor_dtype, double, double) = {
        cor__random_uniform, cor__random_normal, cor__random_normal_each, cor__random_log_normal, cor__random_cauchy};
    static const char *const two_names[] = {"uniform", "normal", "normal_each", "log_normal", "cauchy"};
    static int (*const with_one[])(cor_generator *, void *, int64_t, cor_dtype, double) = {
        cor__random_exponential, cor__random_geometric, cor__random_bernoulli, cor__random_dropout};
    static const char *const one_names[] = {"exponential", "geometric", "bernoulli", "dropout"};
    for (size_t i = 0; i < sizeof two_names / sizeof *two_names; i++)
        if (strcmp(two_names[i], name) == 0) return with_two[i](NULL, space, n, dtype, as_double(a), as_double(b));
    for (size_t i = 0; i < sizeof one_names / sizeof *one_names; i++)
        if (strcmp(one_names[i], name) == 0) return with_one[i](NULL, space, n, dtype, as_double(a));
    if (strcmp(name, "integers") == 0) return cor__random_integers(NULL, space, n, dtype);
    if (strcmp(name, "permutation") == 0) return cor__random_permutation(NULL, space, n, dtype);
    if (strcmp(name, "from_to") == 0) return cor__random_from_to(NULL, space, n, dtype, (int64_t)a, (int64_t)b);
    if (strcmp(name, "bernoulli_each") == 0) {
        cor_dtype p_dtype = (cor_dtype)(COR_FLOAT16 + (int)a);
        make_probabilities(p_dtype, n);
        return cor__random_bernoulli_each(NULL, space, n, dtype, second, p_dtype);
    }
    fail_msg("no fill %s", name);
    return COR_OK;
}

static uint64_t element(size_t size, int64_t i) {
    uint64_t value = 0;
    memcpy(&value, (const char *)space + (size_t)i * size, size);
    return value;
}

static uint64_t hex(const char *text) { return strtoull(text, NULL, 16); }

static bool noted(const char *text) { return strcmp(text, "-") != 0; }

static void expect(bool holds, const char *what, const char *file, int number) {
    if (!holds) fail_msg("%s:%d: %s", file, number, what);
}

/* Words 0 to 6 are the call; then ":", the hash and the first elements; then ":", the next draw and the state. */
static void check_line(char *const *words, int count, const char *file, int number) {
    cor_dtype dtype = dtype_named(words[2]);
    int64_t n = strtoll(words[3], NULL, 10);
    size_t size = dtypes[dtype].size;
    assert_in_range(n, 0, MOST);
    bool avx2 = strcmp(words[0], "avx2") == 0;
    assert_int_equal(cor_set_rng_flavour(avx2 ? COR_RNG_AVX2 : COR_RNG_AVX512), COR_OK);
    if (words[4][0] != '+')
        cor_manual_seed(words[4][0] == '-' ? (uint64_t)strtoll(words[4], NULL, 10) : strtoull(words[4], NULL, 10));
    expect(fill(words[1], dtype, n, hex(words[5]), hex(words[6])) == COR_OK, "the fill failed", file, number);
    for (int i = 9; i < count - 3; i++)
        expect(element(size, i - 9) == hex(words[i]), "one of the first elements", file, number);
    if (noted(words[8])) expect(fnv(space, (size_t)n * size) == hex(words[8]), "the elements' hash", file, number);
    uint8_t state[COR_GENERATOR_STATE];
    assert_int_equal(cor_generator_get_state(cor_default_generator(), state, sizeof state), COR_OK);
    if (noted(words[count - 1])) {
        expect(fnv(state, sizeof state) == hex(words[count - 1]), "the state", file, number);
        expect((uint64_t)cor__random_seed64(NULL) == hex(words[count - 2]), "the next draw", file, number);
    }
}

static int check_file(const char *name) {
    char path[LINE], text[LINE], *words[WORDS];
    snprintf(path, sizeof path, "%s/tests/golden/%s", COR_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    int checked = 0;
    for (int number = 1; fgets(text, sizeof text, file) != NULL; number++) {
        if (text[0] == '#') continue;
        int count = 0;
        for (char *word = strtok(text, " \n"); word != NULL && count < WORDS; word = strtok(NULL, " \n"))
            words[count++] = word;
        assert_in_range(count, 12, WORDS - 1);
        check_line(words, count, name, number);
        checked++;
    }
    fclose(file);
    return checked;
}

static void test_golden(void **unused) {
    (void)unused;
    assert_true(check_file("random.txt") >= 400);
    assert_int_equal(check_file("random_noted.txt"), 7);
}

/* The same bits come out of the plainest instruction set. There is no way back from it, so this is the last test. */
static void test_golden_generic(void **unused) {
    (void)unused;
    assert_int_equal(cor_set_isa(COR_ISA_GENERIC), COR_OK);
    test_golden(NULL);
}

/* ---- the engine ------------------------------------------------------------------------------------------------- */

static void test_words(void **unused) {
    (void)unused;
    static const struct {
        uint64_t seed;
        uint32_t words[8];
    } rows[] = {
        {0, {0x8c7f0aac, 0x97c4aa2f, 0xb716a675, 0xd821ccc0, 0x9a4eb343, 0xdba252fb, 0x8b7d76c3, 0xd8e57d67}},
        {42, {0x5fe1dc66, 0xcbea3db3, 0xf362035c, 0x2ef5950e, 0xbb63f46a, 0xc799d447, 0x9941aebc, 0x98cb2c14}},
        {5489, {0xd091bb5c, 0x22ae9ef6, 0xe7e1faee, 0xd5c31f79, 0x2082352c, 0xf807b7df, 0xe9d30005, 0x3895afe1}},
    };
    cor_scope();
    cor_generator *generator = cor_generator_new();
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        assert_int_equal(cor_generator_seed(generator, rows[row].seed), COR_OK);
        for (int i = 0; i < 8; i++) assert_int_equal(cor__random32(generator), rows[row].words[i]);
        cor_generator_seed(generator, rows[row].seed + (UINT64_C(1) << 32));
        assert_int_equal(cor__random64(generator), (uint64_t)rows[row].words[0] << 32 | rows[row].words[1]);
    }
    assert_int_equal(cor_generator_seed(generator, 5489), COR_OK);
    uint32_t word = 0;
    for (int i = 0; i < 10000; i++) word = cor__random32(generator);
    assert_int_equal(word, 4123659995u); /* what the C++ standard asks of std::mt19937 */
}

static void test_seeds(void **unused) {
    (void)unused;
    cor_scope();
    cor_generator *generator = cor_generator_new();
    assert_int_equal(cor_generator_initial_seed(generator), 67280421310721u);
    assert_int_equal(cor__random32(generator), 0x8c446d76);
    assert_int_equal(cor__random32(generator), 0x44df5e04);
    cor_manual_seed(UINT64_MAX);
    assert_int_equal(cor_initial_seed(), UINT64_MAX);
    uint64_t first = cor_seed();
    assert_int_equal(cor_initial_seed(), first);
    assert_true(cor_seed() != first || cor_seed() != first);
    assert_int_equal(cor_generator_initial_seed(NULL), 0);
    assert_int_equal(cor_generator_seed(NULL, 1), COR_EVALUE);
    assert_int_equal(cor_generator_seed(generator, 1), COR_EVALUE);
    assert_null(cor_generator_new());
    cor_error_clear();
    assert_int_equal(cor_generator_initial_seed(generator), 67280421310721u);
}

/* A generator outlives its scope when it was taken or retained, and is freed by its last holder. */
static void test_ownership(void **unused) {
    (void)unused;
    cor_generator *taken, *retained;
    int64_t before = cor_memory().allocations;
    {
        cor_scope();
        taken = cor_generator_take(cor_generator_new());
        retained = cor_generator_retain(cor_generator_new());
        cor_generator_new();
        assert_int_equal(cor_memory().allocations, before + 3);
    }
    assert_int_equal(cor_memory().allocations, before + 2);
    assert_int_equal(cor__random32(taken), cor__random32(retained));
    cor_generator_release(taken);
    cor_generator_release(retained);
    cor_generator_release(NULL);
    assert_null(cor_generator_take(NULL));
    assert_null(cor_generator_retain(NULL));
    assert_int_equal(cor_memory().allocations, before);
}

static int make_one(void *unused, scenario_hash *result) {
    (void)unused;
    float values[20];
    cor_generator *generator = cor_generator_new();
    if (generator == NULL) return cor_error();
    cor__random_normal(generator, values, 20, COR_FLOAT32, 0, 1);
    scenario_feed(result, values, sizeof values);
    return COR_OK;
}

static void test_no_memory(void **unused) {
    (void)unused;
    assert_int_equal(scenario_run("generator", make_one, NULL), 1);
}

static void refuse_state(const uint8_t *good, size_t at, uint64_t value, const char *text) {
    uint8_t state[COR_GENERATOR_STATE];
    memcpy(state, good, sizeof state);
    memcpy(state + at, &value, at == 16 ? 8 : 4);
    assert_int_equal(cor_generator_set_state(cor_default_generator(), state, sizeof state), COR_EVALUE);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

static void test_state(void **unused) {
    (void)unused;
    cor_scope();
    uint8_t state[COR_GENERATOR_STATE], again[COR_GENERATOR_STATE];
    cor_generator *other = cor_generator_new();
    cor_manual_seed(7);
    cor__random_uniform(NULL, space, 1000, COR_FLOAT32, 0, 1);
    cor__random_normal(NULL, space, 3, COR_FLOAT32, 0, 1);
    assert_int_equal(cor_generator_get_state(cor_default_generator(), state, sizeof state), COR_OK);
    state[5050] = 0xa0; /* a float sample, which no draw touches: 1.25 */
    state[5051] = 0x3f;
    state[5052] = 1;
    assert_int_equal(cor_generator_set_state(other, state, sizeof state), COR_OK);
    assert_int_equal(cor_generator_initial_seed(other), 7);
    assert_int_equal(cor_generator_get_state(other, again, sizeof again), COR_OK);
    assert_memory_equal(state, again, sizeof state);
    cor__random_normal(NULL, space, 700, COR_FLOAT64, 0, 1);
    cor__random_normal(other, second, 700, COR_FLOAT64, 0, 1);
    assert_memory_equal(space, second, 700 * 8);
    cor__random_normal(NULL, space, 3, COR_FLOAT64, 0, 1);
    cor__random_normal(other, second, 3, COR_FLOAT64, 0, 1);
    assert_memory_equal(space, second, 3 * 8);

    refuse_state(state, 8, 0, "Invalid mt19937 state");
    refuse_state(state, 8, 625, "Invalid mt19937 state");
    refuse_state(state, 12, 0, "Invalid mt19937 state");
    refuse_state(state, 16, 625, "Invalid mt19937 state");
    refuse_state(state, 16, 620, "Invalid mt19937 state"); /* words behind the end */
    assert_int_equal(cor_generator_set_state(other, state, 10), COR_EVALUE);
    assert_string_equal(cor_error_message(),
                        "Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 10");
    cor_error_clear();
    assert_int_equal(cor_generator_get_state(NULL, state, sizeof state), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_generator_get_state(other, again, sizeof again - 1), COR_EVALUE);
    cor_error_clear();
}

/* The flavour that a process finds at its first question, with CORRIE_RNG set to `asked`. */
static cor_rng first_flavour(const char *asked) {
    pid_t child = fork();
    if (child == 0) {
        setenv("CORRIE_RNG", asked, 1);
        _exit((int)cor_rng_flavour());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return (cor_rng)WEXITSTATUS(status);
}

/* The first test: the answer is kept from the first question on. */
static void test_environment(void **unused) {
    (void)unused;
    const bool avx2 = cor_isa_available(COR_ISA_AVX2);
    assert_int_equal(first_flavour("avx2"), COR_RNG_AVX2);
    assert_int_equal(first_flavour("avx512"), COR_RNG_AVX512);
    assert_int_equal(first_flavour("neither"), avx2 ? COR_RNG_AVX2 : COR_RNG_AVX512);
}

static void test_flavour(void **unused) {
    (void)unused;
    assert_int_equal(cor_set_rng_flavour((cor_rng)2), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_set_rng_flavour(COR_RNG_AVX2), COR_OK);
    assert_int_equal(cor_rng_flavour(), COR_RNG_AVX2);
    assert_int_equal(cor_set_rng_flavour(COR_RNG_AVX512), COR_OK);
    assert_int_equal(cor_rng_flavour(), COR_RNG_AVX512);
}

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static void refused(int code, int expected, const char *text) {
    assert_string_equal(cor_error_message(), text);
    assert_int_equal(code, expected);
    cor_error_clear();
}

static void test_real_errors(void **unused) {
    (void)unused;
    void *out = space;
    refused(cor__random_uniform(NULL, out, 3, COR_FLOAT32, 2, 1), COR_EVALUE,
            "uniform_ expects to return a [from, to) range, but found from=2 > to=1");
    refused(cor__random_uniform(NULL, out, 0, COR_FLOAT16, -1e300, INFINITY), COR_EVALUE,
            "from is out of bounds for c10::Half");
    refused(cor__random_uniform(NULL, out, 3, COR_FLOAT64, 0, (double)NAN), COR_EVALUE,
            "to is out of bounds for double");
    refused(cor__random_uniform(NULL, out, 3, COR_FLOAT16, -6e4, 6e4), COR_EVALUE,
            "uniform_ expects to-from <= std::numeric_limits<Half>::max(), but found to=60000 and from=-60000 which "
            "result in to-from to exceed the limit");
    refused(
        cor__random_uniform(NULL, out, 3, COR_BFLOAT16, -3e38, 3e38), COR_EVALUE,
        "uniform_ expects to-from <= std::numeric_limits<BFloat16>::max(), but found to=3e+38 and from=-3e+38 which "
        "result in to-from to exceed the limit");
    refused(cor__random_uniform(NULL, out, 0, COR_INT64, 2, 1), COR_EDTYPE,
            "\"check_uniform_bounds\" not implemented for 'Long'");
    refused(cor__random_normal(NULL, out, 20, COR_INT64, 0, -1), COR_EVALUE,
            "normal expects std >= 0.0, but found std -1");
    refused(cor__random_normal(NULL, out, 20, COR_INT64, 0, 1), COR_EDTYPE,
            "\"normal_kernel_cpu\" not implemented for 'Long'");
    refused(cor__random_normal_each(NULL, out, 20, COR_FLOAT32, 0, (double)NAN), COR_EVALUE,
            "normal expects std >= 0.0, but found std nan");
    refused(cor__random_log_normal(NULL, out, 0, COR_INT64, 0, 0), COR_EVALUE,
            "log_normal_ expects std > 0.0, but found std=0");
    refused(cor__random_log_normal(NULL, out, 1, COR_BOOL, 0, 1), COR_EDTYPE,
            "\"log_normal_cpu\" not implemented for 'Bool'");
    refused(cor__random_exponential(NULL, out, 0, COR_FLOAT32, 0), COR_EVALUE,
            "exponential_ expects lambda > 0.0, but found lambda=0");
    refused(cor__random_exponential(NULL, out, 1, COR_INT64, 1), COR_EDTYPE,
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but "
            "you specified Long");
    refused(cor__random_cauchy(NULL, out, 0, COR_FLOAT32, 0, 0), COR_EVALUE,
            "cauchy_ expects sigma > 0.0, but found sigma=0");
    refused(cor__random_cauchy(NULL, out, 0, COR_INT16, 0, 1), COR_EDTYPE,
            "Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you "
            "specified short int");
    refused(cor__random_geometric(NULL, out, 0, COR_BOOL, 1.5), COR_EVALUE,
            "geometric_ expects p to be in (0, 1), but got p=1.5");
    refused(cor__random_geometric(NULL, out, 1, COR_BOOL, 0.5), COR_EDTYPE,
            "\"geometric_cpu\" not implemented for 'Bool'");
}

static void test_integer_errors(void **unused) {
    (void)unused;
    void *out = space;
    refused(cor__random_from_to(NULL, out, 0, COR_INT64, 5, 5), COR_EVALUE,
            "random_ expects 'from' to be less than 'to', but got from=5 >= to=5");
    refused(cor__random_from_to(NULL, out, 0, COR_BOOL, -1, 5), COR_EVALUE, "from is out of bounds for bool");
    refused(cor__random_from_to(NULL, out, 0, COR_UINT8, 0, 257), COR_EVALUE,
            "to - 1 is out of bounds for unsigned char");
    refused(cor__random_from_to(NULL, out, 0, COR_INT16, 0, 32769), COR_EVALUE,
            "to - 1 is out of bounds for short int");
    refused(cor__random_from_to(NULL, out, 3, COR_FLOAT16, -70000, 70000), COR_EVALUE,
            "from is out of bounds for c10::Half");
    int64_t high = INT64_C(1) << 60;
    refused(cor__random_from_to(NULL, out, 3, COR_BFLOAT16, high + 1, high + 2), COR_EVALUE,
            "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got "
            "from=1161928703861587968 >= to=1152921504606846978");
    refused(cor__random_from_to(NULL, out, 3, COR_FLOAT64, high + 1, high + 2), COR_EVALUE,
            "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got "
            "from=1152921504606847232 >= to=1152921504606846978");
    refused(cor__random_permutation(NULL, out, -1, COR_BOOL), COR_EVALUE,
            "Trying to create tensor with negative dimension -1: [-1]");
    refused(cor__random_permutation(NULL, out, 0, COR_BOOL), COR_EDTYPE, "\"randperm\" not implemented for 'Bool'");
    refused(cor__random_permutation(NULL, out, 257, COR_UINT8), COR_EVALUE,
            "value cannot be converted to type uint8_t without overflow");
    refused(cor__random_permutation(NULL, out, 129, COR_INT8), COR_EVALUE,
            "value cannot be converted to type int8_t without overflow");
    refused(cor__random_permutation(NULL, out, 32769, COR_INT16), COR_EVALUE,
            "value cannot be converted to type int16_t without overflow");
    refused(cor__random_permutation(NULL, out, 2050, COR_FLOAT16), COR_EVALUE,
            "n cannot be greater than 2049 for Half type.");
    refused(cor__random_permutation(NULL, out, (1 << 24) + 2, COR_FLOAT32), COR_EVALUE,
            "n cannot be greater than 2^24+1 for Float type.");
}

static void test_bernoulli_errors(void **unused) {
    (void)unused;
    void *out = space;
    refused(cor__random_bernoulli(NULL, out, 0, COR_BOOL, 1.5), COR_EVALUE,
            "bernoulli_ expects p to be in [0, 1], but got p=1.5");
    refused(cor__random_bernoulli(NULL, out, 3, COR_BOOL, (double)NAN), COR_EVALUE,
            "bernoulli_ expects p to be in [0, 1], but got p=nan");
    refused(cor__random_dropout(NULL, out, 3, COR_FLOAT32, 1.5), COR_EVALUE,
            "dropout probability has to be between 0 and 1, but got 1.5");
    refused(cor__random_bernoulli_each(NULL, out, 3, COR_FLOAT32, second, COR_INT64), COR_EDTYPE,
            "\"bernoulli_tensor_cpu_p_\" not implemented for 'Long'");
    assert_int_equal(cor__random_bernoulli_each(NULL, out, 0, COR_FLOAT32, second, COR_INT64), COR_OK);

    const float p[] = {0.5f, 0.5f, 1.5f, 0.5f};
    cor_manual_seed(0);
    refused(
        cor__random_bernoulli_each(NULL, out, 4, COR_FLOAT32, p, COR_FLOAT32), COR_EVALUE,
        "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, "
        "please report an enhancement request to PyTorch.)");
    assert_int_equal(cor__random32(NULL), 0xb716a675); /* the third word */
}

/* ---- initial weights -------------------------------------------------------------------------------------------- */

/* The default initialisation of Linear and Conv2d: weights, then biases, in PyTorch's order of evaluation. */
static void layer(int64_t weights, int64_t biases, int64_t fan_in, float *out) {
    double root = sqrt(5.0), gain = sqrt(2.0 / (1 + root * root));
    double bound = sqrt(3.0) * (gain / sqrt((double)fan_in)), bias_bound = 1 / sqrt((double)fan_in);
    assert_int_equal(cor__random_uniform(NULL, out, weights, COR_FLOAT32, -bound, bound), COR_OK);
    assert_int_equal(cor__random_uniform(NULL, out + weights, biases, COR_FLOAT32, -bias_bound, bias_bound), COR_OK);
}

static void test_layers(void **unused) {
    (void)unused;
    static const struct {
        uint64_t seed;
        int64_t weights, biases, fan_in;
        uint32_t bits[10];
    } rows[] = {
        {0,
         6,
         2,
         3, /* Linear(3, 2) */
         {0xbb8da3e8, 0x3e9e9313, 0xbef34b7e, 0xbed98bc9, 0xbe63b4b1, 0x3e1e8953, 0xbc3b6b40, 0x3eea617a}},
        {42, 6, 2, 3, {0x3ee20009, 0x3ef55a65, 0xbe0a80e2, 0x3f07c5b4, 0xbe018916, 0x3dee999a, 0xbe8fea7d, 0x3ead9a4b}},
        {0,
         8,
         2,
         4, /* Conv2d(1, 2, 2) */
         {0xbb755400, 0x3e89545e, 0xbed2b316, 0xbebc6680, 0xbe4532f4, 0x3e094bec, 0xbc224f40, 0x3ecaface, 0xbd35bf70,
          0x3e077b4c}},
        {42,
         8,
         2,
         4,
         {0x3ec3b8cc, 0x3ed47b66, 0xbdefe520, 0x3eeb2a1c, 0xbde05cb0, 0x3dcea238, 0xbe794510, 0x3e965828, 0x3ee1accc,
          0xbebbcf0e}},
    };
    float out[216 + 8];
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        cor_manual_seed(rows[row].seed);
        layer(rows[row].weights, rows[row].biases, rows[row].fan_in, out);
        assert_memory_equal(out, rows[row].bits, (size_t)(rows[row].weights + rows[row].biases) * sizeof(float));
    }
    cor_manual_seed(0); /* Conv2d(3, 8, 3), then the biases of Linear(8, 4) */
    layer(216, 8, 27, out);
    layer(32, 4, 8, out);
    static const uint32_t biases[] = {0xbeb36ac1, 0x3e236c0d, 0xbe2ddfc1, 0xbe719a5d};
    assert_memory_equal(out + 32, biases, sizeof biases);
}

/* ---- threads and processes -------------------------------------------------------------------------------------- */

enum { DRAWERS = 4, DRAWS = 200, AT_ONCE = 20000 };

static atomic_int waited_for; /* threads that have not begun: they draw when all are there */

static void *draw(void *sums) {
    float values[AT_ONCE];
    atomic_fetch_sub(&waited_for, 1);
    while (atomic_load(&waited_for) > 0) {
    }
    for (int i = 0; i < DRAWS; i++) {
        cor__random_uniform(NULL, values, AT_ONCE, COR_FLOAT32, 0, 1);
        for (int j = 0; j < AT_ONCE; j++) *(double *)sums += (double)values[j];
    }
    return NULL;
}

/* Threads share the numbers of one stream out among them: none is lost or drawn twice. The sums are exact. */
static void test_threads(void **unused) {
    (void)unused;
    double together = 0, alone = 0, sums[DRAWERS] = {0};
    pthread_t threads[DRAWERS];
    cor_manual_seed(3);
    atomic_store(&waited_for, DRAWERS);
    for (int i = 0; i < DRAWERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, draw, &sums[i]), 0);
    for (int i = 0; i < DRAWERS; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < DRAWERS; i++) together += sums[i];
    uint32_t after = cor__random32(NULL);
    cor_manual_seed(3);
    for (int i = 0; i < DRAWERS; i++) draw(&alone);
    assert_true(together == alone);
    assert_int_equal(cor__random32(NULL), after);
}

static atomic_bool stop;

static void *keep_drawing(void *unused) {
    static float values[10000];
    while (!atomic_load(&stop)) cor__random_uniform(NULL, values, 10000, COR_FLOAT32, 0, 1);
    return unused;
}

/* A child forked while a thread of its parent draws can draw itself. */
static void test_fork(void **unused) {
    (void)unused;
    pthread_t thread;
    atomic_store(&stop, false);
    assert_int_equal(pthread_create(&thread, NULL, keep_drawing, NULL), 0);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            alarm(20); /* ends a child that waits for a lock for ever */
            cor_manual_seed(0);
            _exit(cor__random32(NULL) == 0x8c7f0aac ? 0 : 1);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_ownership),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_flavour),
        cmocka_unit_test(test_real_errors),
        cmocka_unit_test(test_integer_errors),
        cmocka_unit_test(test_bernoulli_errors),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_golden_generic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
