/* Convolution with an epilogue: every implementation, on every instruction set of the machine and any number of
 * threads, gives the bits of the same implementation's sums with the separate operations after them. CORRIE_TEST_CONV
 * is the number of problems, CORRIE_TEST_SEED the seed. */
#include "conv/plan.h"
#include "support/conv_case.h"
#include <corrie.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { ISAS = 4, GUARD = 64, PROBLEMS = 500, LEAST_EACH = 15 };

static const cor__conv_implementation *const tested[] = {&cor__conv_small,     &cor__conv_planes,   &cor__conv_channels,
                                                         &cor__conv_depthwise, &cor__conv_winograd, &cor__conv_patches,
                                                         &cor__conv_direct,    &cor__conv_reference};
enum { TESTED = sizeof tested / sizeof tested[0] };
static int64_t counts[TESTED][ISAS];

static cor_tensor *activated(cor_tensor *t, cor_activation activation) {
    switch (activation) {
    case COR_ACTIVATION_RELU:
        return cor_relu(t);
    case COR_ACTIVATION_RELU6:
        return cor_relu6(t);
    case COR_ACTIVATION_SILU:
        return cor_silu(t);
    default:
        return t;
    }
}

/* ---- random problems -------------------------------------------------------------------------------------------- */

/* A problem's data; the output lies between two guards of GUARD bytes. */
typedef struct data {
    char *input, *weight, *bias, *scale, *residual, *output;
    size_t output_bytes;
} data;

/* Normal numbers, or of half types small integers. */
static char *filled(uint64_t *state, cor_dtype dtype, int64_t n) {
    char *made = malloc((size_t)(n * cor__conv_dtype_size(dtype)));
    assert_non_null(made);
    fill_exact(state, made, dtype, n);
    for (int64_t i = 0; i < n; i++) {
        if (dtype == COR_FLOAT32) ((float *)(void *)made)[i] = (float)random_normal(state);
        if (dtype == COR_FLOAT64) ((double *)(void *)made)[i] = random_normal(state);
    }
    return made;
}

static data make_data(uint64_t *state, const cor__conv_problem *p) {
    const conv_spans spans = spans_of(p);
    data d = {.input = filled(state, p->dtype, spans.input),
              .weight = filled(state, p->dtype, spans.weight),
              .bias = p->bias ? filled(state, p->dtype, p->o) : NULL,
              .scale = p->epilogue.scaled ? filled(state, p->dtype, p->o) : NULL,
              .residual = p->epilogue.residual ? filled(state, p->dtype, spans.output) : NULL,
              .output_bytes = (size_t)(spans.output * cor__conv_dtype_size(p->dtype))};
    d.output = malloc(d.output_bytes + 2 * GUARD);
    assert_non_null(d.output);
    return d;
}

static void free_data(data *d) {
    free(d->input), free(d->weight), free(d->bias), free(d->scale), free(d->residual), free(d->output);
}

static cor_tensor *numbers(const char *from, cor_dtype dtype, int64_t n, int64_t o, int64_t plane) {
    return cor_from_array(from, (size_t)(n * o * plane * cor_dtype_size(dtype)), dtype, (int64_t[]){n, o, plane}, 3);
}

/* scale * sums + bias in one rounding, as batch normalisation by a mean of 0 and a variance of 1 computes it. */
static cor_tensor *scaled(cor_tensor *sums, const cor__conv_problem *p, const data *d) {
    cor_tensor *scale = cor_reshape(cor_to(numbers(d->scale, p->dtype, 1, p->o, 1), cor_dtype_of(sums)), -1);
    if (!p->bias) return cor_mul(sums, cor_reshape(scale, -1, 1));
    cor_tensor *bias = cor_reshape(cor_to(numbers(d->bias, p->dtype, 1, p->o, 1), cor_dtype_of(sums)), -1);
    return cor_batch_norm(sums, cor_zeros_like(scale), cor_ones_like(scale), .weight = scale, .bias = bias, .eps = 0);
}

/* Denormals as zeros, which is how a convolution counts them (silu makes some of large negative numbers). */
static cor_tensor *flushed(cor_tensor *t) {
    cor_tensor *made = cor_clone(t);
    void *at = cor_data(made);
    for (int64_t i = 0; made != NULL && i < cor_numel(t); i++) {
        float *one = (float *)at + i;
        double *two = (double *)at + i;
        if (cor_dtype_of(t) == COR_FLOAT32 && fabsf(*one) < FLT_MIN) *one = copysignf(0, *one);
        if (cor_dtype_of(t) == COR_FLOAT64 && fabs(*two) < DBL_MIN) *two = copysign(0, *two);
    }
    return made;
}

/* The separate operations on the sums of the implementation that is forced. */
static cor_tensor *separate(const cor__conv_problem *p, const data *d) {
    const int64_t plane = p->output[0] * p->output[1] * p->output[2];
    cor__conv_problem sums = *p;
    sums.bias = p->bias && !p->epilogue.scaled;
    sums.epilogue = (cor__conv_post){.scaled = false};
    assert_int_equal(cor__conv_run(&sums, d->input, d->weight, sums.bias ? d->bias : NULL, d->output + GUARD), COR_OK);
    cor_tensor *y = numbers(d->output + GUARD, p->dtype, p->n, p->o, plane);
    if (p->dtype != COR_FLOAT64) y = cor_to(y, COR_FLOAT32);
    if (p->epilogue.scaled) y = scaled(y, p, d);
    if (p->epilogue.residual)
        y = cor_add(y, cor_to(numbers(d->residual, p->dtype, p->n, p->o, plane), cor_dtype_of(y)));
    y = cor_contiguous(cor_to(flushed(activated(y, p->epilogue.activation)), p->dtype));
    if (y == NULL) fail_msg("%s", cor_error_message());
    return y;
}

static void compare(const cor__conv_problem *p, const data *d, const cor_tensor *expected, const char *name, int isa,
                    int threads) {
    bool equal = memcmp(d->output + GUARD, cor_data_const(expected), d->output_bytes) == 0;
    for (size_t i = 0; i < GUARD; i++)
        equal = equal && d->output[i] == 0x5a && d->output[GUARD + d->output_bytes + i] == 0x5a;
    char text[COR__CONV_TEXT];
    if (!equal)
        fail_msg("%s on %s with %d threads differs: %s", name, cor_isa_name((cor_isa)isa), threads,
                 cor__conv_print(text, p));
}

static void run_everywhere(const cor__conv_problem *p, const data *d) {
    static const int thread_counts[] = {1, 2, 5};
    const cor__conv_epilogue epilogue = {.scale = d->scale, .residual = d->residual};
    const cor__conv_operands operands = {
        .input = d->input, .weight = d->weight, .bias = d->bias, .output = d->output + GUARD, .epilogue = &epilogue};
    for (int way = 0; way < TESTED; way++)
        for (int isa = 0; isa < ISAS; isa++) {
            if (!cor_isa_available((cor_isa)isa)) continue;
            assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
            if (tested[way]->refuses(p) != NULL) continue;
            cor_scope();
            assert_int_equal(cor__conv_force(tested[way]->name), COR_OK);
            const cor_tensor *expected = separate(p, d);
            for (int t = 0; t < 3; t++) {
                assert_int_equal(cor_set_num_threads(thread_counts[t]), COR_OK);
                memset(d->output, 0x5a, d->output_bytes + 2 * GUARD);
                assert_int_equal(cor__conv_run_fused(p, &operands), COR_OK);
                compare(p, d, expected, tested[way]->name, isa, thread_counts[t]);
            }
            counts[way][isa]++;
        }
}

static cor__conv_problem next_problem(uint64_t *state) {
    static const cor_dtype dtypes[] = {COR_FLOAT32, COR_FLOAT32, COR_FLOAT64, COR_FLOAT16, COR_BFLOAT16};
    const cor_dtype dtype = dtypes[random_in(state, 0, 4)];
    cor__conv_problem p;
    do switch (random_in(state, 0, 4)) {
        case 0:
        case 1:
            p = random_depthwise(state, dtype == COR_FLOAT64 ? dtype : COR_FLOAT32, 60000);
            break;
        case 2:
            p = random_winograd_problem(state, 20000);
            break;
        case 3:
            p = random_grouped(state, 20000);
            break;
        default:
            p = random_problem(state, dtype, random_in(state, 0, 2) == 0 ? 4000 : 60000);
        }
    while (p.transposed);
    p.epilogue = (cor__conv_post){.scaled = random_in(state, 0, 1) == 1,
                                  .residual = random_in(state, 0, 1) == 1,
                                  .activation = (cor_activation)random_in(state, 0, COR_ACTIVATION_SILU)};
    return p;
}

static void random_problems(void **unused) {
    (void)unused;
    const int64_t seed = number_from("CORRIE_TEST_SEED", 1), problems = number_from("CORRIE_TEST_CONV", PROBLEMS);
    uint64_t state = (uint64_t)seed;
    print_message("seed %lld\n", (long long)seed);
    for (int64_t i = 0; i < problems; i++) {
        const cor__conv_problem p = next_problem(&state);
        data d = make_data(&state, &p);
        run_everywhere(&p, &d);
        free_data(&d);
    }
    for (int isa = 0; isa < ISAS; isa++) {
        if (!cor_isa_available((cor_isa)isa)) continue;
        print_message("%s:", cor_isa_name((cor_isa)isa));
        for (int way = 0; way < TESTED; way++) {
            print_message(" %s %lld", tested[way]->name, (long long)counts[way][isa]);
            if (problems >= PROBLEMS) assert_true(counts[way][isa] >= LEAST_EACH);
        }
        print_message("\n");
    }
    assert_int_equal(cor__conv_force(NULL), COR_OK);
}

/* ---- what is not finite ----------------------------------------------------------------------------------------- */

/* Bits agree, but for those of NaN. */
static bool same(const cor_tensor *a, const cor_tensor *b) {
    const float *x = cor_data_const(a), *y = cor_data_const(b);
    for (int64_t i = 0; i < cor_numel(a); i++)
        if (isnan(x[i]) != isnan(y[i]) || (!isnan(x[i]) && memcmp(&x[i], &y[i], sizeof *x) != 0)) return false;
    return true;
}

/* NaN and infinities in the input, among them such that an activation turns into finite numbers. */
static void not_finite(void **unused) {
    (void)unused;
    static const char *const names[] = {"winograd", "patches", "direct", "reference"};
    cor_manual_seed(3);
    for (int i = 0; i < 4 * (COR_ACTIVATION_SILU + 1); i++) {
        cor_scope();
        const cor_activation activation = (cor_activation)(i / 4);
        assert_int_equal(cor__conv_force(names[i % 4]), COR_OK);
        cor_tensor *x = cor_randn(1, 16, 21, 21), *w = cor_randn(16, 16, 3, 3), *bias = cor_randn(16);
        float *at = cor_data(x);
        at[40] = -INFINITY, at[41] = INFINITY, at[900] = INFINITY, at[2000] = NAN, at[3000] = -INFINITY;
        cor_tensor *residual = cor_randn(1, 16, 21, 21);
        ((float *)cor_data(residual))[200] = -INFINITY;
        cor_tensor *sums = cor_conv2d(x, w, .padding = 1, .bias = bias);
        cor_tensor *expected = activated(cor_add(sums, residual), activation);
        cor_tensor *y =
            cor_conv2d_fused(x, w, .padding = 1, .bias = bias, .residual = residual, .activation = activation);
        if (y == NULL || expected == NULL) fail_msg("%s", cor_error_message());
        if (!same(y, expected)) fail_msg("%s differs in what is not finite, activation %d", names[i % 4], activation);
    }
    assert_int_equal(cor__conv_force(NULL), COR_OK);
}

/* ---- the public calls ------------------------------------------------------------------------------------------- */

static void assert_equal(const cor_tensor *a, const cor_tensor *b) {
    if (a == NULL || b == NULL) fail_msg("%s", cor_error_message());
    assert_int_equal(cor_dim(a), cor_dim(b));
    for (int i = 0; i < cor_dim(a); i++) assert_true(cor_size(a, i) == cor_size(b, i));
    assert_true(cor_dtype_of(a) == cor_dtype_of(b));
    assert_memory_equal(cor_data_const(a), cor_data_const(b), (size_t)(cor_numel(a) * cor_dtype_size(cor_dtype_of(a))));
}

static cor_tensor *whole(const int64_t *sizes, int n) {
    return cor_to(cor_sub(cor_randint_sized(COR_INT64, 0, 9, sizes, n), 4), COR_FLOAT64);
}
#define WHOLE(...)                                                                                                     \
    whole((const int64_t[]){__VA_ARGS__}, (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

/* With whole numbers nothing is rounded. */
static void calls(void **unused) {
    (void)unused;
    cor_scope();
    cor_manual_seed(5);
    cor_tensor *x = WHOLE(2, 4, 9, 8), *w = WHOLE(6, 2, 3, 2), *bias = WHOLE(6), *scale = WHOLE(6);
    cor_tensor *of_channel = cor_reshape(scale, 6, 1, 1), *added = cor_reshape(bias, 6, 1, 1);
    cor_tensor *sums = cor_conv2d(x, w, .strides = {2, 1}, .padding = 1, .groups = 2);
    cor_tensor *residual = cor_transpose(WHOLE(2, 9, 5, 6), 1, 3); /* not contiguous */
    assert_equal(cor_conv2d_fused(x, w, .strides = {2, 1}, .padding = 1, .groups = 2, .bias = bias, .scale = scale,
                                  .residual = residual, .activation = COR_ACTIVATION_RELU),
                 cor_relu(cor_add(cor_add(cor_mul(sums, of_channel), added), residual)));
    assert_equal(cor_conv2d_fused(x, w, .strides = {2, 1}, .padding = 1, .groups = 2), sums);
    cor_tensor *twice = cor_expand(cor_full_like(cor_narrow(scale, 0, 0, 1), 2), 6); /* one element */
    assert_equal(cor_conv2d_fused(x, w, .strides = {2, 1}, .padding = 1, .groups = 2, .scale = twice),
                 cor_mul(sums, 2));

    x = WHOLE(4, 9), w = WHOLE(3, 4, 3); /* without a batch */
    sums = cor_conv1d(x, w, .same = true, .dilation = 2);
    assert_equal(cor_conv1d_fused(x, w, .same = true, .dilation = 2, .residual = cor_neg(sums)), cor_sub(sums, sums));
    assert_equal(cor_conv1d_fused(x, w, .same = true, .dilation = 2, .activation = COR_ACTIVATION_RELU6),
                 cor_relu6(sums));

    x = WHOLE(1, 2, 4, 5, 6), w = WHOLE(3, 2, 2, 3, 1);
    sums = cor_conv3d(x, w, .strides = {1, 2, 3});
    assert_equal(cor_conv3d_fused(x, w, .strides = {1, 2, 3}, .activation = COR_ACTIVATION_SILU), cor_silu(sums));
    assert_equal(cor_conv3d_fused_with(x, w, NULL), cor_conv3d(x, w));
    assert_equal(cor_conv2d_fused(cor_empty(0, 2, 5, 5), cor_ones(3, 2, 3, 3), .residual = cor_empty(0, 3, 3, 3)),
                 cor_conv2d(cor_empty(0, 2, 5, 5), cor_ones(3, 2, 3, 3)));
    /* A scale without a bias keeps the sign of zeros. */
    cor_tensor *zero = cor_conv1d_fused(cor_zeros(1, 1, 3), cor_ones(1, 1, 1), .scale = cor_full_like(cor_ones(1), -1));
    assert_true(signbit(((const float *)cor_data_const(zero))[1]));
}

/* The terms of a trained batch normalisation give the bits of conv, batch norm and relu one after the other. */
static void batch_norm(void **unused) {
    (void)unused;
    cor_manual_seed(7);
    for (int twice = 0; twice < 2; twice++) {
        cor_scope();
        cor_no_grad();
        const cor_dtype dtype = twice ? COR_FLOAT64 : COR_FLOAT32;
        cor_tensor *x = cor_to(cor_randn(2, 16, 15, 17), dtype), *w = cor_to(cor_randn(20, 16, 3, 3), dtype);
        cor_module *norm = cor_nn_batch_norm2d(20, .eps = 1e-3);
        cor_tensor *weight = cor_to(cor_uniform_(cor_get_parameter(norm, "weight")), dtype);
        cor_tensor *bias = cor_to(cor_uniform_(cor_get_parameter(norm, "bias")), dtype);
        cor_tensor *mean = cor_to(cor_uniform_(cor_get_buffer(norm, "running_mean")), dtype);
        cor_tensor *var = cor_to(cor_uniform_(cor_get_buffer(norm, "running_var")), dtype);
        cor_tensor *scale, *shift, *sums = cor_conv2d(x, w, .padding = 1);
        assert_int_equal(cor_batch_norm_terms(mean, var, &scale, &shift, .weight = weight, .bias = bias, .eps = 1e-3),
                         COR_OK);
        assert_equal(
            cor_conv2d_fused(x, w, .padding = 1, .scale = scale, .bias = shift, .activation = COR_ACTIVATION_RELU),
            cor_relu(cor_batch_norm(sums, mean, var, .weight = weight, .bias = bias, .eps = 1e-3)));
        assert_int_equal(cor_batch_norm_terms(mean, var, &scale, &shift), COR_OK);
        assert_equal(cor_conv2d_fused(x, w, .padding = 1, .scale = scale, .bias = shift),
                     cor_batch_norm(sums, mean, var));
    }
}

/* ---- gradients -------------------------------------------------------------------------------------------------- */

static void refuses_gradients(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = cor_ones(1, 2, 4, 4), *w = cor_requires_grad_(cor_ones(3, 2, 1, 1), true);
    cor_tensor *scale = NULL, *shift = NULL, *residual = cor_requires_grad_(cor_ones(1, 2, 4, 4), true);
    assert_null(cor_conv2d_fused(x, w));
    assert_int_equal(cor_error(), COR_ESTATE);
    assert_non_null(strstr(cor_error_message(),
                           "conv2d_fused computes no gradients, but input 1 requires grad: call it "
                           "under cor_no_grad, or use the separate operations"));
    cor_error_clear();
    assert_null(cor_conv2d_fused(x, cor_ones(2, 2, 1, 1), .residual = residual));
    assert_non_null(strstr(cor_error_message(), "input 4 requires grad"));
    cor_error_clear();
    assert_int_equal(cor_batch_norm_terms(cor_ones(3), cor_ones(3), &scale, &shift, .weight = cor_reshape(w, 3, 2)),
                     COR_ESTATE);
    assert_true(scale == NULL && shift == NULL);
    cor_error_clear();
    cor_no_grad();
    cor_tensor *y = cor_conv2d_fused(x, w);
    assert_non_null(y);
    assert_false(cor_requires_grad(y));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_problems), cmocka_unit_test(not_finite),
                                       cmocka_unit_test(calls), cmocka_unit_test(batch_norm),
                                       cmocka_unit_test(refuses_gradients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
