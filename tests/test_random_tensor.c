/* Random tensors and draws in place have PyTorch's bits, leave its stream where PyTorch does, and touch only their
 * target. */
#include "support/elementwise.h"
#include "support/scenario.h"
#include "support/tensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the records of creation.txt -------------------------------------------------------------------------------- */

static double real(const char *options, const char *name, double otherwise) {
    return golden_option_double(options, name, otherwise);
}

static cor_tensor *run_uniform(cor_tensor *t, const char *o) {
    return cor_uniform_(t, .from = real(o, "from", 0), .to = real(o, "to", 1));
}
static cor_tensor *run_normal(cor_tensor *t, const char *o) {
    return cor_normal_(t, .mean = real(o, "mean", 0), .std = real(o, "std", 1));
}
static cor_tensor *run_log_normal(cor_tensor *t, const char *o) {
    return cor_log_normal_(t, .mean = real(o, "mean", 1), .std = real(o, "std", 2));
}
static cor_tensor *run_cauchy(cor_tensor *t, const char *o) {
    return cor_cauchy_(t, .median = real(o, "median", 0), .sigma = real(o, "sigma", 1));
}
static cor_tensor *run_exponential(cor_tensor *t, const char *o) {
    return cor_exponential_(t, .lambd = real(o, "lambd", 1));
}
static cor_tensor *run_random(cor_tensor *t, const char *o) {
    return cor_random_(t, .from = golden_option_int(o, "from", 0), .to = golden_option_int(o, "to", COR_UNSET));
}
static cor_tensor *run_bernoulli(cor_tensor *t, const char *o) { return cor_bernoulli_(t, real(o, "p", 0.5)); }
static cor_tensor *run_geometric(cor_tensor *t, const char *o) { return cor_geometric_(t, real(o, "p", 0)); }

static cor_dtype dtype_option(const char *options) {
    golden_pair pair;
    golden_dtype dtype;
    if (!golden_option(options, "dtype", &pair)) return COR_DTYPE_UNSET;
    assert_true(golden_parse_dtype(pair.value, &dtype));
    return (cor_dtype)dtype;
}

static cor_tensor *run_rand(cor_tensor *t, const char *o) {
    int64_t sizes[GOLDEN_DIMS];
    (void)t;
    return cor_rand_sized(dtype_option(o), sizes, golden_option_ints(o, "sizes", sizes));
}
static cor_tensor *run_randn(cor_tensor *t, const char *o) {
    int64_t sizes[GOLDEN_DIMS];
    (void)t;
    return cor_randn_sized(dtype_option(o), sizes, golden_option_ints(o, "sizes", sizes));
}
static cor_tensor *run_randint(cor_tensor *t, const char *o) {
    int64_t sizes[GOLDEN_DIMS];
    int n = golden_option_ints(o, "sizes", sizes);
    (void)t;
    return cor_randint_sized(dtype_option(o), golden_option_int(o, "low", 0), golden_option_int(o, "high", 0), sizes,
                             n);
}
static cor_tensor *run_randperm(cor_tensor *t, const char *o) {
    (void)t;
    return cor_randperm(golden_option_int(o, "n", 0), .dtype = dtype_option(o));
}
static cor_tensor *run_rand_like(cor_tensor *t, const char *o) { return (void)o, cor_rand_like(t); }
static cor_tensor *run_randn_like(cor_tensor *t, const char *o) { return (void)o, cor_randn_like(t); }
static cor_tensor *run_randint_like(cor_tensor *t, const char *o) {
    return cor_randint_like(t, golden_option_int(o, "low", 0), golden_option_int(o, "high", 0));
}

static const struct {
    const char *name;
    cor_tensor *(*run)(cor_tensor *t, const char *options);
} RUNS[] = {
    {"uniform_", run_uniform},     {"normal_", run_normal},           {"log_normal_", run_log_normal},
    {"cauchy_", run_cauchy},       {"exponential_", run_exponential}, {"random_", run_random},
    {"bernoulli_", run_bernoulli}, {"geometric_", run_geometric},     {"rand", run_rand},
    {"randn", run_randn},          {"randint", run_randint},          {"randperm", run_randperm},
    {"rand_like", run_rand_like},  {"randn_like", run_randn_like},    {"randint_like", run_randint_like},
};

static cor_tensor *run(size_t i, const golden_record *record) {
    const char *in0 = golden_get(record, "in0"), *in1 = golden_get(record, "in1"), *o = golden_get(record, "options");
    cor_tensor *t = in0 != NULL ? tensor_from_text(in0) : NULL, *p = in1 != NULL ? tensor_from_text(in1) : NULL;
    cor_manual_seed((uint64_t)golden_option_int(o, "seed", 0));
    int64_t version = cor_version_of(t);
    cor_tensor *result = p != NULL ? cor_bernoulli_(t, p) : RUNS[i].run(t, o);
    bool in_place = RUNS[i].name[strlen(RUNS[i].name) - 1] == '_';
    if (result != NULL && in_place) {
        assert_ptr_equal(result, t);
        assert_int_equal(cor_version_of(t), version + 1);
    }
    return result;
}

static bool check_record(const golden_record *record) {
    for (size_t i = 0; i < sizeof RUNS / sizeof RUNS[0]; i++) {
        if (strcmp(RUNS[i].name, record->name) != 0) continue;
        cor_scope();
        golden_tensor next;
        tensor_check("creation.txt", record, run(i, record));
        if (golden_get(record, "error")) return true;
        assert_true(golden_parse_tensor(golden_get(record, "out1"), &next));
        if (!tensor_matches(cor_rand(1), &next))
            fail_msg("creation.txt:%d: %s leaves the stream elsewhere", record->line, record->name);
        return true;
    }
    return false;
}

static void every_golden_draw(void **state) {
    (void)state;
    assert_int_equal(cor_set_rng_flavour(COR_RNG_AVX2), COR_OK); /* the build that made the file */
    golden_file *file = golden_open("creation.txt");
    assert_non_null(file);
    golden_record record;
    int checked = 0, more;
    while ((more = golden_next(file, &record)) == 1) checked += check_record(&record);
    assert_int_equal(more, 0);
    golden_close(file);
    assert_true(checked >= 450);
}

/* ---- what the golden file does not hold ------------------------------------------------------------------------- */

static void gaps_stay_as_they_were(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *base = cor_full(7.0, 4, 6), *view = cor_slice(cor_transpose(base, 0, 1), 0, .start = 1, .step = 2);
    cor_uniform_(view);
    const float *x = cor_data_const(base);
    for (int i = 0; i < 24; i++) assert_true(i % 6 % 2 == 1 ? x[i] < 1 : x[i] == 7);
    assert_int_equal(cor_error(), COR_OK);
}

static void a_generator_of_ones_own(void **state) {
    (void)state;
    cor_scope();
    cor_generator *g = cor_generator_new();
    cor_tensor *a = cor_zeros(40), *b = cor_zeros(40), *p = cor_full(0.5, 40);
    cor_manual_seed(5);
    uint32_t before[2], after[2];
    memcpy(before, cor_data_const(cor_rand(2)), sizeof before);
    cor_manual_seed(5);
    for (int i = 0; i < 2; i++) {
        cor_tensor *t = i == 0 ? a : b;
        assert_int_equal(cor_generator_seed(g, 42), COR_OK);
        cor_uniform_(t, .generator = g);
        cor_normal_(t, .generator = g);
        cor_log_normal_(t, .generator = g);
        cor_cauchy_(t, .generator = g);
        cor_exponential_(t, .generator = g);
        cor_geometric_(t, 0.5, .generator = g);
        cor_bernoulli_(t, 0.5, .generator = g);
        cor_bernoulli_(t, p, .generator = g);
        cor_random_(t, .to = 1000, .generator = g);
    }
    assert_int_equal(cor_error(), COR_OK);
    assert_memory_equal(cor_data_const(a), cor_data_const(b), 40 * sizeof(float));
    cor_tensor *order = cor_randperm(30, .generator = g);
    assert_int_equal(cor_numel(order), 30);
    memcpy(after, cor_data_const(cor_rand(2)), sizeof after);
    assert_memory_equal(before, after, sizeof before); /* the default generator was left alone */
}

/* The constant is the default generator, also when nothing has drawn from it yet: this test is the first to run. */
static void the_default_generator_as_a_constant(void **state) {
    (void)state;
    cor_scope();
    cor_generator_release(cor_generator_retain(COR_GENERATOR_DEFAULT));
    assert_int_equal(cor_generator_seed(COR_GENERATOR_DEFAULT, 9), COR_OK);
    assert_ptr_equal(COR_GENERATOR_DEFAULT, cor_default_generator());
    assert_int_equal(cor_initial_seed(), 9);
    cor_tensor *a = cor_uniform_(cor_zeros(5), .generator = COR_GENERATOR_DEFAULT);
    cor_manual_seed(9);
    assert_memory_equal(cor_data_const(a), cor_data_const(cor_rand(5)), 5 * sizeof(float));
}

static void expect_error(const cor_tensor *t, int code, const char *text) {
    assert_null(t);
    assert_string_equal(cor_error_message(), text);
    assert_int_equal(cor_error(), code);
    cor_error_clear();
}

static void what_failed_before_is_refused(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_zeros(2), *none = NULL;
    cor_generator *failed = NULL;
    expect_error(cor_uniform_(t, .generator = failed), COR_EVALUE,
                 "uniform: the generator is NULL, a failed or missing generator");
    expect_error(cor_bernoulli_(t, 0.5, .generator = failed), COR_EVALUE,
                 "bernoulli: the generator is NULL, a failed or missing generator");
    expect_error(cor_randperm(3, .generator = failed), COR_EVALUE,
                 "randperm: the generator is NULL, a failed or missing generator");
    expect_error(cor_uniform_(none), COR_EVALUE, "uniform: input 0 is NULL, a failed or missing tensor");
    expect_error(cor_bernoulli_(t, none), COR_EVALUE, "bernoulli: input 1 is NULL, a failed or missing tensor");
    expect_error(cor_bernoulli_(none, t), COR_EVALUE, "bernoulli: input 0 is NULL, a failed or missing tensor");
    expect_error(cor_bernoulli_(t, COR_NONE), COR_EVALUE, "bernoulli: input 1 must be a tensor, not COR_NONE");
    expect_error(cor_random_(t, .from = 3), COR_EVALUE, "random_: from is given without to");
    expect_error(cor_rand_of((cor_dtype)77, 2), COR_EDTYPE, "77 is not a dtype");
    cor_error_set(COR_EIO, "earlier");
    assert_null(cor_rand(2));
    assert_null(cor_uniform_(t));
    assert_null(cor_bernoulli_(t, 0.5));
    assert_null(cor_randperm(2));
    assert_int_equal(cor_error(), COR_EIO);
    cor_error_clear();
}

/* The probabilities may lie in the memory that is filled. */
static void probabilities_in_the_target(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *apart = cor_arange(0, 20), *p = cor_div(apart, 20), *t = cor_clone(p), *expected = cor_zeros(20);
    cor_manual_seed(3);
    cor_bernoulli_(expected, p);
    cor_manual_seed(3);
    cor_bernoulli_(t, t);
    assert_int_equal(cor_error(), COR_OK);
    assert_memory_equal(cor_data_const(t), cor_data_const(expected), 20 * sizeof(float));
}

static void the_history_names_the_draw(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *leaf = cor_requires_grad_(cor_ones(3), true), *p = cor_full(0.5, 3);
    assert_string_equal(cor_grad_fn(cor_uniform_(cor_mul(leaf, 1))), "UniformBackward0");
    assert_string_equal(cor_grad_fn(cor_normal_(cor_mul(leaf, 1))), "NormalBackward0");
    assert_string_equal(cor_grad_fn(cor_log_normal_(cor_mul(leaf, 1))), "LogNormalBackward0");
    assert_string_equal(cor_grad_fn(cor_cauchy_(cor_mul(leaf, 1))), "CauchyBackward0");
    assert_string_equal(cor_grad_fn(cor_exponential_(cor_mul(leaf, 1))), "ExponentialBackward0");
    assert_string_equal(cor_grad_fn(cor_geometric_(cor_mul(leaf, 1), 0.5)), "GeometricBackward0");
    assert_string_equal(cor_grad_fn(cor_bernoulli_(cor_mul(leaf, 1), 0.5)), "BernoulliBackward2");
    assert_string_equal(cor_grad_fn(cor_bernoulli_(cor_mul(leaf, 1), p)), "BernoulliBackward1");
    assert_string_equal(cor_grad_fn(cor_random_(cor_mul(leaf, 1))), "RandomBackward2");
    assert_string_equal(cor_grad_fn(cor_random_(cor_mul(leaf, 1), .to = 3)), "RandomBackward1");
    assert_string_equal(cor_grad_fn(cor_random_(cor_mul(leaf, 1), .from = 1, .to = 3)), "RandomBackward0");
    cor_no_grad();
    assert_ptr_equal(cor_uniform_(leaf), leaf);
    assert_true(cor_is_leaf(leaf) && cor_requires_grad(leaf));
}

static int draw_all(void *context, scenario_hash *hash) {
    (void)context;
    cor_manual_seed(1);
    cor_tensor *strided = cor_slice(cor_zeros(4, 6), 1, .step = 2);
    cor_tensor *all[] = {cor_rand(3),     cor_randn(20),         cor_randint(0, 9, 4),
                         cor_randperm(7), cor_uniform_(strided), cor_bernoulli_(strided, cor_full(0.5, 3))};
    for (size_t i = 0; i < sizeof all / sizeof all[0] && cor_error() == COR_OK; i++) {
        cor_tensor *t = cor_contiguous(all[i]);
        if (t != NULL) scenario_feed(hash, cor_data_const(t), (size_t)(cor_numel(t) * cor_dtype_size(cor_dtype_of(t))));
    }
    return cor_error();
}

static void memory_runs_out_everywhere(void **state) {
    (void)state;
    assert_true(scenario_run("random tensors", draw_all, NULL) > 15);
}

/* ---- the default generator's state ------------------------------------------------------------------------------ */

static void refused(cor_tensor *state, int code, const char *text) {
    assert_int_equal(cor_set_rng_state(state), code);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

/* PyTorch's get_rng_state and set_rng_state, and the texts of what they refuse. */
static void the_state_as_a_tensor(void **state) {
    (void)state;
    cor_scope();
    cor_manual_seed(7);
    (void)cor_randn(5);
    cor_tensor *kept = cor_get_rng_state(), *first = cor_randn(5);
    assert_true(cor_dtype_of(kept) == COR_UINT8 && cor_dim(kept) == 1 && cor_size(kept, 0) == COR_GENERATOR_STATE);
    assert_int_equal(cor_set_rng_state(kept), COR_OK);
    assert_true(cor_item(cor_all(cor_eq(first, cor_randn(5)))) == 1);
    assert_int_equal(cor_set_rng_state(kept), COR_OK);
    refused(cor_zeros(3), COR_EDTYPE, "RNG state must be a torch.ByteTensor");
    refused(cor_zeros_of(COR_UINT8, 5), COR_EVALUE,
            "Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 5");
    refused(cor_zeros_of(COR_UINT8, COR_GENERATOR_STATE), COR_EVALUE, "Invalid mt19937 state");
    refused(cor_slice(cor_zeros_of(COR_UINT8, 2 * COR_GENERATOR_STATE), 0, .step = 2), COR_EVALUE,
            "RNG state must be contiguous");
    refused(COR_NONE, COR_EVALUE, "expected a torch.ByteTensor, but got NoneType");
    assert_true(cor_item(cor_all(cor_eq(first, cor_randn(5)))) == 1);
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_generator_as_a_constant),
        cmocka_unit_test(every_golden_draw),
        cmocka_unit_test(gaps_stay_as_they_were),
        cmocka_unit_test(a_generator_of_ones_own),
        cmocka_unit_test(what_failed_before_is_refused),
        cmocka_unit_test(probabilities_in_the_target),
        cmocka_unit_test(the_state_as_a_tensor),
        cmocka_unit_test(the_history_names_the_draw),
        cmocka_unit_test(memory_runs_out_everywhere),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
