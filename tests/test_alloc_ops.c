/* Every operation with every one of its allocations failing: COR_ENOMEM, nothing left behind, no input or target
 * changed, and the same bits in the next run. */
#include "conv/plan.h"
#include "support/scenario.h"
#include <corrie.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What a case works on. x, y and the rest are made outside the scenarios once for every dtype; target is a copy of x
 * made inside, which in-place cases change. */
typedef struct inputs {
    cor_tensor *x, *y, *row, *odd; /* [3, 4], [3, 4], [4], and [3, 4] that is not contiguous */
    cor_tensor *batch, *image, *weight, *bias;
    cor_tensor *target;
    cor_tensor *also; /* a second result */
} inputs;

typedef struct alloc_case {
    const char *name;
    cor_tensor *(*run)(inputs *in);
} alloc_case;

enum { FLOATS, REALS, ALL }; /* float32 alone; three floating dtypes; integers as well */

static const cor_dtype dtypes[] = {COR_FLOAT32, COR_FLOAT64, COR_BFLOAT16, COR_INT32, COR_UINT8};
static const int dtype_counts[] = {1, 3, 5};
enum { DTYPES = 5 };
static inputs given[DTYPES];

static cor_tensor *numbers(cor_dtype dtype, int64_t n) {
    return cor_to(cor_remainder(cor_mul(cor_arange(1, n + 1), 37), 11), dtype);
}

static void make_inputs(inputs *in, cor_dtype dtype) {
    in->x = cor_reshape(numbers(dtype, 12), 3, 4);
    in->y = cor_reshape(cor_add(numbers(dtype, 12), cor_ones_of(dtype)), 3, 4);
    in->row = numbers(dtype, 4);
    in->odd = cor_transpose(cor_reshape(numbers(dtype, 24), 4, 6), 0, 1);
    in->odd = cor_slice(in->odd, 0, .step = 2);
    in->batch = cor_reshape(numbers(dtype, 24), 2, 4, 3);
    in->image = cor_reshape(numbers(dtype, 4 * 36), 1, 4, 6, 6);
    in->weight = cor_reshape(numbers(dtype, 4 * 4 * 9), 4, 4, 3, 3);
    in->bias = numbers(dtype, 4);
}

/* ---- the cases -------------------------------------------------------------------------------------------------- */

#define CASE(name, ...)                                                                                                \
    static cor_tensor *name(inputs *in) {                                                                              \
        (void)in;                                                                                                      \
        __VA_ARGS__                                                                                                    \
    }
#define IS(name, expression) CASE(name, return expression;)

IS(add_same_shape, cor_add(in->x, in->y))
IS(add_broadcast, cor_add(cor_unsqueeze(in->x, 0), in->row, .alpha = 3))
IS(sub_number, cor_sub(1, in->x))
IS(mul_not_contiguous, cor_mul(in->odd, in->x))
IS(divide_and_round, cor_div(in->x, in->y, .rounding_mode = COR_ROUND_FLOOR))
IS(power, cor_pow(in->y, 2))
IS(compare_and_choose, cor_where(cor_lt(in->x, in->y), in->odd, in->row))
IS(clamp_by_tensors, cor_clamp(in->x, cor_sub(in->y, 1), cor_add(in->y, 1)))
IS(promotion, cor_add(in->x, cor_to(in->y, COR_FLOAT64)))
IS(logic, cor_logical_and(in->x, cor_logical_not(in->odd)))
IS(chain_of_functions, cor_sqrt(cor_exp(cor_tanh(cor_log1p(cor_abs(in->x))))))
IS(conversions, cor_to(cor_to(cor_to(in->odd, COR_FLOAT16), COR_INT64), COR_BOOL))
IS(activations, cor_gelu(cor_silu(cor_leaky_relu(cor_softplus(in->x)))))
IS(gated_and_prelu, cor_prelu(cor_glu(in->x), cor_narrow(in->row, 0, 0, 1)))
IS(more_activations, cor_softmin(cor_elu(cor_hardswish(cor_mish(in->odd))), 1))

IS(add_in_place, cor_add_(in->target, in->row))
IS(mul_in_place_by_number, cor_mul_(in->target, 3))
IS(in_place_by_not_contiguous, cor_sub_(in->target, in->odd))
IS(in_place_by_another_dtype, cor_add_(in->target, cor_to(in->y, COR_BOOL)))
IS(in_place_overlapping, cor_add_(cor_narrow(in->target, 0, 1, 2), cor_narrow(in->target, 0, 0, 2)))
IS(in_place_on_view, cor_mul_(cor_select(in->target, 1, 2), 5))
IS(copy_in_place, cor_copy_(in->target, cor_to(in->odd, COR_FLOAT64)))
IS(clamp_in_place, cor_clamp_(in->target, in->row, COR_NONE))
IS(fill_in_place, cor_fill_(cor_t(in->target), cor_full(3.0)))
IS(relu_in_place, cor_relu_(in->target))

IS(views, cor_unsqueeze(cor_select(cor_permute(cor_view(in->batch, 2, 2, 2, 3), 3, 0, 2, 1), 0, 1), 1))
IS(more_views,
   cor_squeeze(cor_expand(cor_slice(cor_flatten(in->batch, .end_dim = 1), 0, .step = 3), 2, 3, 3), .dim = 0))
IS(reshape_copies, cor_reshape(in->odd, 2, -1))
IS(clone_not_contiguous, cor_clone(in->odd))
IS(cat, cor_cat(COR_TENSORS(in->x, in->odd, cor_expand(in->row, 2, 4)), .dim = 0))
IS(cat_dtypes, cor_cat(COR_TENSORS(in->x, cor_to(in->odd, COR_FLOAT64)), .dim = 1))
IS(stack, cor_stack(COR_TENSORS(in->x, in->odd, in->y), .dim = 1))
CASE(split, {
    cor_tensor *parts[4];
    if (cor_split(in->odd, 3, 1, parts, 4) != 2) return NULL;
    in->also = parts[1];
    return parts[0];
})
CASE(chunk, {
    cor_tensor *parts[3] = {0};
    int64_t n = cor_chunk(in->batch, 3, 2, parts, 3);
    for (int i = 0; n < 0 && i < 3; i++) assert_null(parts[i]);
    return n == 3 ? cor_add(parts[0], parts[2]) : NULL;
})

IS(sum_all, cor_sum(in->odd))
IS(sum_dims, cor_sum(in->batch, .dims = COR_DIMS(0, 2), .keepdim = true))
IS(mean, cor_mean(in->batch, .dim = 1, .dtype = COR_FLOAT64))
IS(product, cor_prod(in->odd, .dim = 0))
IS(variance, cor_var(cor_to(in->odd, COR_FLOAT32), .dim = 1))
IS(norms, cor_norm(cor_to(in->batch, COR_FLOAT64), .p = 3, .dims = COR_DIMS(1, 2)))
IS(largest, cor_max(in->odd, .dim = 1, .indices = &in->also))
IS(smallest_of_all, cor_min(in->odd))
IS(index_of_largest, cor_argmax(in->batch, .dim = 1, .keepdim = true))
IS(any_and_all, cor_logical_xor(cor_any(in->x, .dim = 0), cor_all(in->odd, .dim = 0)))
IS(sort, cor_sort(in->odd, .dim = 0, .descending = true, .indices = &in->also))
IS(topk, cor_topk(in->batch, 2, .dim = 1, .indices = &in->also))
IS(cumsum, cor_cumsum(in->odd, 0))

IS(index_select, cor_index_select(in->odd, 1, cor_arange(0, 2)))
IS(index_add, cor_index_add(in->odd, 0, cor_arange(0, 2), cor_narrow(in->odd, 0, 1, 2)))
IS(gather, cor_gather(in->odd, 0, cor_to(cor_ne(in->odd, in->odd), COR_INT64)))
IS(scatter_add, cor_scatter_add(in->odd, 1, cor_to(cor_ne(in->odd, in->odd), COR_INT32), in->odd))
IS(embedding, cor_embedding(cor_arange(0, 2), in->odd))
IS(masked_fill, cor_masked_fill(in->odd, cor_ne(in->odd, 1), 2))
IS(triangles, cor_tril(cor_triu(in->odd, 0), 1))
IS(channel_shuffle, cor_channel_shuffle(in->batch, 1))

IS(matmul_plain, cor_matmul(in->x, cor_t(in->y)))
IS(matmul_not_contiguous, cor_mm(in->odd, cor_t(in->odd)))
IS(matmul_vectors, cor_matmul(in->row, in->row))
IS(matmul_broadcast, cor_matmul(cor_unsqueeze(in->batch, 1), cor_reshape(in->odd, 3, 4)))
IS(bmm, cor_bmm(in->batch, cor_transpose(in->batch, 1, 2)))
IS(matmul_packed, cor_matmul(cor_ones(200, 300), cor_ones(300, 100)))
IS(linear, cor_linear(in->batch, cor_reshape(in->x, 4, 3), .bias = in->bias))
IS(softmaxes, cor_log_softmax(cor_softmax(in->odd, 0), -1))

/* A storage keeps what is prepared of a weight, so each run has its own. */
IS(conv2d, cor_conv2d(in->image, cor_clone(in->weight), .bias = in->bias, .padding = 1))
IS(conv2d_strided, cor_conv2d(cor_transpose(in->image, 2, 3), cor_clone(in->weight), .strides = {2, 1}, .same = false))
IS(conv2d_groups, cor_conv2d(in->image, cor_narrow(cor_clone(in->weight), 1, 0, 1), .groups = 4, .dilation = 2))
IS(conv2d_same, cor_conv2d(cor_select(in->image, 0, 0), cor_narrow(cor_clone(in->weight), 2, 0, 2), .same = true))
IS(conv1d, cor_conv1d(cor_select(in->image, 2, 0), cor_select(cor_clone(in->weight), 2, 0)))
IS(conv3d, cor_conv3d(cor_unsqueeze(in->image, 2), cor_unsqueeze(cor_clone(in->weight), 2)))
IS(conv_transpose, cor_conv_transpose2d(in->image, cor_clone(in->weight), .stride = 2, .output_padding = 1))
CASE(conv2d_kept, {
    cor_tensor *weight = cor_clone(in->weight);
    for (int i = 0; i < 2 && cor_conv2d(in->image, weight, .padding = 1) != NULL; i++) continue;
    return cor_conv2d(in->image, weight, .padding = 1);
})
IS(conv2d_fused, cor_conv2d_fused(in->image, cor_clone(in->weight), .bias = in->bias,
                                  .scale = cor_slice(numbers(cor_dtype_of(in->bias), 8), 0, .step = 2),
                                  .residual = cor_transpose(cor_narrow(cor_narrow(in->image, 2, 0, 4), 3, 1, 4), 2, 3),
                                  .activation = COR_ACTIVATION_RELU6))
IS(conv1d_fused, cor_conv1d_fused(cor_select(in->image, 2, 0), cor_select(cor_clone(in->weight), 2, 0),
                                  .activation = COR_ACTIVATION_SILU))
CASE(batch_norm_terms, {
    cor_tensor *scale = in->row;
    int code = cor_batch_norm_terms(in->row, in->bias, &scale, &in->also, .weight = in->row, .bias = in->bias);
    if (code != COR_OK) assert_true(scale == NULL && in->also == NULL);
    return scale;
})
IS(max_pool, cor_max_pool2d(in->image, 2, .padding = 1, .indices = &in->also))
IS(avg_pool, cor_avg_pool2d(cor_transpose(in->image, 2, 3), 3, .ceil_mode = true, .stride = 2))
IS(adaptive_max_pool, cor_adaptive_max_pool2d(in->image, .size = 4, .indices = &in->also))
IS(adaptive_avg_pool, cor_adaptive_avg_pool2d(in->image, .sizes = {3, 4}))
IS(pad_constant, cor_pad(in->image, COR_DIMS(1, -1, 2, 0), .value = 7))
IS(pad_reflect, cor_pad(in->image, COR_DIMS(1, 2, 3, 0), .mode = COR_PAD_REFLECT))
IS(pad_circular, cor_pad(in->batch, COR_DIMS(2, 1), .mode = COR_PAD_CIRCULAR))
IS(pad_replicate, cor_pad(in->batch, COR_DIMS(2, 1), .mode = COR_PAD_REPLICATE))

IS(batch_norm, cor_batch_norm(in->image, COR_NONE, COR_NONE, .weight = in->bias, .bias = in->bias, .training = true))
CASE(dropout, {
    cor_manual_seed(5);
    return cor_dropout(in->image, .p = 0.25, .training = true);
})

IS(fills, cor_cat(COR_TENSORS(cor_zeros_like(in->odd), cor_full_like(in->odd, 3), cor_ones_like(in->odd))))
IS(eye_and_empty, cor_cat(COR_TENSORS(cor_eye(3, .m = 4), cor_empty(0, 4), in->x)))
IS(linspace, cor_linspace(cor_scalar(1), 9.5, 7))
IS(numbers_of_an_array, cor_from(((const double[2][2]){{1, 2}, {3, 4}}), 2, 2))
IS(text_to_tensor, cor_tensor_text("[[1, 2.5, -inf], [1e3, nan, 0]]"))
IS(text_to_integers, cor_tensor_text("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", .dtype = COR_INT16))
CASE(tensor_to_text, {
    char *text = cor_repr(in->odd, NULL);
    cor_tensor *bytes = text == NULL ? NULL : cor_from_data(text, COR_UINT8, (int64_t)strlen(text));
    cor_free_text(text);
    return bytes;
})

static cor_tensor *leaf(cor_tensor *t) { return cor_requires_grad_(cor_clone(t), true); }

IS(recorded_chain, cor_mean(cor_relu(cor_matmul(leaf(in->x), cor_t(leaf(in->y))))))
IS(recorded_convolution, cor_sum(cor_conv2d(leaf(in->image), leaf(cor_clone(in->weight)), .bias = leaf(in->bias))))
IS(recorded_outputs, cor_max(leaf(in->odd), .dim = 0, .indices = &in->also))
IS(recorded_views, cor_flatten(cor_permute(cor_expand(leaf(in->row), 2, 3, 4), 2, 0, 1)))
IS(recorded_in_place, cor_mul_(cor_add_(cor_clone(leaf(in->x)), 1), leaf(in->y)))
IS(recorded_into_target, cor_mul_(in->target, leaf(in->y)))
IS(recorded_into_view, cor_add_(cor_select(in->target, 0, 1), leaf(in->row)))
CASE(recorded_base_and_view, {
    cor_tensor *base = cor_mul(leaf(in->x), 2);
    cor_tensor *view = cor_select(base, 0, 1);
    cor_mul_(cor_select(base, 1, 2), 3);
    return cor_mul(view, view); /* whose own history has to be brought up to date */
})

/* ---- running them ----------------------------------------------------------------------------------------------- */

typedef struct running {
    const alloc_case *the;
    int dtypes;
} running;

static uint64_t bits_of(const cor_tensor *t) {
    scenario_hash hash = {1};
    if (t != NULL) scenario_feed(&hash, cor_data_const(t), (size_t)(cor_numel(t) * cor_dtype_size(cor_dtype_of(t))));
    return hash.state;
}

/* An in-place case that failed has left its target as it was: elements, version and history. Views and their bases are
 * looked at through the target, which is the base. */
static void assert_unchanged(const char *name, const inputs *in, const cor_tensor *target) {
    if (target == NULL) return;
    if (bits_of(target) != bits_of(in->x)) fail_msg("%s: the elements of the target have changed", name);
    if (cor_version_of(target) != 0) fail_msg("%s: the target counts a change", name);
    if (cor_requires_grad(target)) fail_msg("%s: the target has got a history", name);
}

static int body(void *context, scenario_hash *result) {
    const running *now = context;
    for (int i = 0; i < now->dtypes; i++) {
        inputs in = given[i];
        in.target = cor_clone(in.x);
        cor_tensor *made = now->the->run(&in);
        if (made == NULL && cor_error() == COR_OK) fail_msg("%s gave NULL without an error", now->the->name);
        if (made == NULL) {
            if (in.also != NULL) fail_msg("%s: a second result of a failed call", now->the->name);
            assert_unchanged(now->the->name, &in, in.target);
            return cor_error();
        }
        scenario_feed_tensor(result, made);
        scenario_feed_tensor(result, in.also);
        scenario_feed_tensor(result, in.target);
        if (cor_error() != COR_OK) return cor_error();
    }
    return COR_OK;
}

static uint64_t bits_of_inputs(void) {
    uint64_t bits = 0;
    for (int i = 0; i < DTYPES; i++) {
        const cor_tensor *all[] = {given[i].x,     given[i].y,      given[i].row,
                                   given[i].image, given[i].weight, given[i].bias};
        for (int k = 0; k < 6; k++) bits = bits * 31 + bits_of(all[k]);
    }
    return bits;
}

static void run_cases(const alloc_case *cases, size_t n, int kind) {
    uint64_t before = bits_of_inputs();
    for (size_t i = 0; i < n; i++) {
        running now = {&cases[i], dtype_counts[kind]};
        assert_true(scenario_run(cases[i].name, body, &now) > 0);
        if (bits_of_inputs() != before) fail_msg("%s has changed its inputs", cases[i].name);
    }
}

#define C(name)                                                                                                        \
    { #name, name }
#define RUN(kind, ...)                                                                                                 \
    {                                                                                                                  \
        const alloc_case cases[] = {__VA_ARGS__};                                                                      \
        run_cases(cases, sizeof cases / sizeof *cases, kind);                                                          \
    }

static void elementwise(void **state) {
    (void)state;
    RUN(ALL, C(add_same_shape), C(add_broadcast), C(sub_number), C(mul_not_contiguous), C(divide_and_round), C(power),
        C(compare_and_choose), C(clamp_by_tensors), C(promotion), C(logic), C(chain_of_functions), C(conversions));
    RUN(REALS, C(activations), C(gated_and_prelu), C(more_activations));
}

static void in_place(void **state) {
    (void)state;
    RUN(ALL, C(add_in_place), C(mul_in_place_by_number), C(in_place_by_not_contiguous), C(in_place_by_another_dtype),
        C(in_place_overlapping), C(in_place_on_view), C(clamp_in_place), C(fill_in_place), C(relu_in_place),
        C(copy_in_place));
}

static void views_and_joins(void **state) {
    (void)state;
    RUN(ALL, C(views), C(more_views), C(reshape_copies), C(clone_not_contiguous), C(cat), C(cat_dtypes), C(stack),
        C(split), C(chunk));
}

static void reductions(void **state) {
    (void)state;
    RUN(ALL, C(sum_all), C(sum_dims), C(mean), C(product), C(variance), C(norms), C(largest), C(smallest_of_all),
        C(index_of_largest), C(any_and_all), C(sort), C(topk), C(cumsum));
}

static void indices(void **state) {
    (void)state;
    RUN(ALL, C(index_select), C(index_add), C(gather), C(scatter_add), C(embedding), C(masked_fill), C(triangles),
        C(channel_shuffle));
}

static void products(void **state) {
    (void)state;
    RUN(ALL, C(matmul_plain), C(matmul_not_contiguous), C(matmul_vectors), C(matmul_broadcast), C(bmm), C(linear));
    RUN(FLOATS, C(matmul_packed));
    RUN(REALS, C(softmaxes));
}

static void convolutions(void **state) {
    (void)state;
    const char *const implementations[] = {"small", "floats", "direct", "reference", NULL};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(cor__conv_force(implementations[i]), COR_OK);
        RUN(ALL, C(conv2d), C(conv2d_kept), C(conv2d_strided), C(conv2d_groups), C(conv2d_same), C(conv1d), C(conv3d));
    }
    const char *const floating[] = {"direct", "small", "reference", "patches", "winograd", NULL};
    for (int i = 0; i < 6; i++) {
        assert_int_equal(cor__conv_force(floating[i]), COR_OK);
        RUN(REALS, C(conv2d_fused), C(conv1d_fused));
    }
    RUN(REALS, C(batch_norm_terms));
    RUN(ALL, C(conv_transpose));
}

static void windows(void **state) {
    (void)state;
    RUN(ALL, C(max_pool), C(avg_pool), C(pad_constant), C(pad_reflect), C(pad_circular), C(pad_replicate));
    RUN(REALS, C(adaptive_max_pool), C(adaptive_avg_pool), C(batch_norm), C(dropout));
}

static void creation(void **state) {
    (void)state;
    RUN(ALL, C(fills), C(eye_and_empty), C(tensor_to_text));
    RUN(FLOATS, C(linspace), C(numbers_of_an_array), C(text_to_tensor), C(text_to_integers));
}

static void recording(void **state) {
    (void)state;
    RUN(REALS, C(recorded_chain), C(recorded_convolution), C(recorded_outputs), C(recorded_views), C(recorded_in_place),
        C(recorded_into_target), C(recorded_into_view), C(recorded_base_and_view));
}

int main(void) {
    scenario_install();
    if (cor_set_num_threads(1) != COR_OK) return cor_report();
    cor_scope();
    for (int i = 0; i < DTYPES; i++) make_inputs(&given[i], dtypes[i]);
    if (cor_error() != COR_OK) return cor_report();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elementwise),  cmocka_unit_test(in_place), cmocka_unit_test(views_and_joins),
        cmocka_unit_test(reductions),   cmocka_unit_test(indices),  cmocka_unit_test(products),
        cmocka_unit_test(convolutions), cmocka_unit_test(windows),  cmocka_unit_test(creation),
        cmocka_unit_test(recording),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
