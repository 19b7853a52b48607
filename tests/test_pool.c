/* Pooling: PyTorch's results and errors, the nodes, and random problems against plain loops that share nothing with the
 * library's. */
#include "support/slide.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PROBLEMS = 250, MOST = 4096 };

static const char *const names[] = {"max_pool1d",
                                    "max_pool2d",
                                    "max_pool3d",
                                    "avg_pool1d",
                                    "avg_pool2d",
                                    "avg_pool3d",
                                    "adaptive_avg_pool1d",
                                    "adaptive_avg_pool2d",
                                    "adaptive_avg_pool3d",
                                    "adaptive_max_pool1d",
                                    "adaptive_max_pool2d",
                                    "adaptive_max_pool3d",
                                    NULL};

static void test_results(void **state) {
    (void)state;
    slide_check_results(COR_SOURCE_DIR, names, 1464);
}

static void test_errors(void **state) {
    (void)state;
    slide_check_errors(COR_SOURCE_DIR, names, 100);
}

/* ---- random problems -------------------------------------------------------------------------------------------- */

static uint64_t state_of_random;

static int64_t pick(int64_t low, int64_t high) {
    state_of_random = state_of_random * 6364136223846793005u + 1442695040888963407u;
    return low + (int64_t)((state_of_random >> 33) % (uint64_t)(high - low + 1));
}

/* A 3d pooling of one plane; fewer dimensions have size 1 and window 1 in front. */
typedef struct problem {
    int spatial;
    int64_t size[3], kernel[3], stride[3], padding[3], dilation[3], output[3];
    bool ceil_mode, count_include_pad;
    int64_t divisor; /* 0: none */
    bool adaptive;
} problem;

/* The output size in real numbers; no window may begin in the far padding. */
static int64_t count_windows(const problem *p, int axis) {
    const int64_t extent = p->dilation[axis] * (p->kernel[axis] - 1) + 1;
    const double steps = (double)(p->size[axis] + 2 * p->padding[axis] - extent) / (double)p->stride[axis];
    int64_t n = (int64_t)(p->ceil_mode ? ceil(steps) : floor(steps)) + 1;
    while (p->ceil_mode && n > 0 && (n - 1) * p->stride[axis] - p->padding[axis] >= p->size[axis]) n--;
    return n;
}

static problem random_problem(void) {
    problem p = {.spatial = (int)pick(1, 3),
                 .size = {1, 1, 1},
                 .kernel = {1, 1, 1},
                 .stride = {1, 1, 1},
                 .dilation = {1, 1, 1},
                 .output = {1, 1, 1}};
    p.adaptive = pick(0, 3) == 0;
    p.ceil_mode = pick(0, 1) == 1;
    p.count_include_pad = pick(0, 1) == 1;
    p.divisor = p.spatial > 1 && pick(0, 3) == 0 ? pick(1, 9) : 0;
    for (int axis = 3 - p.spatial; axis < 3; axis++) {
        p.size[axis] = pick(1, p.spatial == 1 ? 200 : p.spatial == 2 ? 40 : 9);
        p.kernel[axis] = pick(1, 5);
        p.stride[axis] = pick(1, 4);
        p.padding[axis] = pick(0, p.kernel[axis] / 2);
        p.dilation[axis] = pick(0, 2) == 0 ? pick(2, 3) : 1;
        p.output[axis] = p.adaptive ? pick(1, 8) : count_windows(&p, axis);
    }
    return p;
}

/* The input positions of an output position: those the loop visits are first, first + step, ... below last. */
static void reach(const problem *p, int axis, int64_t i, int64_t *first, int64_t *last, int64_t *step) {
    const int64_t n = p->output[axis], size = p->size[axis];
    *step = p->adaptive ? 1 : p->dilation[axis];
    *first = p->adaptive ? i * size / n : i * p->stride[axis] - p->padding[axis];
    *last = p->adaptive ? ((i + 1) * size + n - 1) / n : *first + p->dilation[axis] * (p->kernel[axis] - 1) + 1;
}

static int64_t total(const int64_t size[3]) { return size[0] * size[1] * size[2]; }

/* What one window has: its largest element and where, its sum, and how many positions and elements it counts. */
typedef struct found {
    double largest, sum;
    int64_t index, elements, positions;
} found;

static found look(const problem *p, const double *x, const int64_t o[3]) {
    int64_t first[3], last[3], step[3], i[3];
    found f = {.largest = -INFINITY, .index = -1};
    for (int axis = 0; axis < 3; axis++) reach(p, axis, o[axis], &first[axis], &last[axis], &step[axis]);
    for (i[0] = first[0]; i[0] < last[0]; i[0] += step[0])
        for (i[1] = first[1]; i[1] < last[1]; i[1] += step[1])
            for (i[2] = first[2]; i[2] < last[2]; i[2] += step[2]) {
                bool inside = true, counted = true;
                for (int axis = 0; axis < 3; axis++) {
                    inside = inside && i[axis] >= 0 && i[axis] < p->size[axis];
                    counted = counted && i[axis] < p->size[axis] + p->padding[axis];
                }
                f.positions += counted;
                if (!inside) continue;
                const int64_t at = (i[0] * p->size[1] + i[1]) * p->size[2] + i[2];
                if (f.index < 0 || isnan(x[at]) || x[at] > f.largest) {
                    f.largest = x[at];
                    f.index = at;
                }
                f.elements++;
                f.sum += x[at];
            }
    return f;
}

typedef cor_tensor *(*max_function)(cor_tensor *, int64_t, const cor_max_pool_options *);
typedef cor_tensor *(*avg_function)(cor_tensor *, int64_t, const cor_avg_pool_options *);
typedef cor_tensor *(*adaptive_function)(cor_tensor *, const cor_adaptive_pool_options *);

static cor_tensor *run_max(const problem *p, cor_tensor *x, cor_tensor **indices) {
    static const max_function functions[] = {cor_max_pool1d_with, cor_max_pool2d_with, cor_max_pool3d_with};
    static const adaptive_function adaptive[] = {cor_adaptive_max_pool1d_with, cor_adaptive_max_pool2d_with,
                                                 cor_adaptive_max_pool3d_with};
    const size_t bytes = sizeof(int64_t) * (size_t)p->spatial;
    const int first = 3 - p->spatial;
    cor_adaptive_pool_options a;
    cor_max_pool_options o;
    cor_adaptive_pool_options_init(&a);
    cor_max_pool_options_init(&o);
    memcpy(a.sizes, p->output + first, bytes);
    memcpy(o.kernels, p->kernel + first, bytes);
    memcpy(o.strides, p->stride + first, bytes);
    memcpy(o.paddings, p->padding + first, bytes);
    memcpy(o.dilations, p->dilation + first, bytes);
    o.ceil_mode = p->ceil_mode;
    a.indices = o.indices = indices;
    return p->adaptive ? adaptive[p->spatial - 1](x, &a) : functions[p->spatial - 1](x, 0, &o);
}

static cor_tensor *run_avg(const problem *p, cor_tensor *x) {
    static const avg_function functions[] = {cor_avg_pool1d_with, cor_avg_pool2d_with, cor_avg_pool3d_with};
    const size_t bytes = sizeof(int64_t) * (size_t)p->spatial;
    const int first = 3 - p->spatial;
    cor_avg_pool_options o;
    cor_avg_pool_options_init(&o);
    memcpy(o.kernels, p->kernel + first, bytes);
    memcpy(o.strides, p->stride + first, bytes);
    memcpy(o.paddings, p->padding + first, bytes);
    o.ceil_mode = p->ceil_mode;
    o.count_include_pad = p->count_include_pad;
    if (p->divisor != 0) o.divisor_override = p->divisor;
    return functions[p->spatial - 1](x, 0, &o);
}

/* A tensor (2 channels, the second all zero, then the plane) of a dtype; sliced out of a larger one half of the time.
 */
static cor_tensor *input_of(const problem *p, const double *x, cor_dtype dtype) {
    const int64_t sizes[] = {1, p->size[0], p->size[1], p->size[2]};
    cor_tensor *plane = cor_from_pointer(x, COR_FLOAT64, sizes, 4);
    cor_tensor *both = cor_cat(COR_TENSORS(plane, cor_mul(plane, 0)), .dim = pick(0, 1) == 0 ? 0 : 3);
    cor_tensor *t = cor_size(both, 0) == 2 ? both : cor_narrow(both, 3, 0, p->size[2]);
    for (int axis = p->spatial; axis < 3; axis++) t = cor_select(t, 1, 0);
    return cor_to(t, dtype);
}

static void compare_plane(const problem *p, const double *x, cor_tensor *out, cor_tensor *indices, bool average) {
    if (out == NULL) fail_msg("%s", cor_error_message());
    const int64_t planes = cor_numel(out) / total(p->output);
    const cor_tensor *values = cor_to(out, COR_FLOAT64);
    const double *value = cor_data_const(values);
    const int64_t *index = indices == NULL ? NULL : cor_data_const(indices);
    const bool whole = cor_dtype_of(out) == COR_INT64;
    int64_t o[3], at = 0;
    assert_true(planes == 1 || planes == 2);
    for (o[0] = 0; o[0] < p->output[0]; o[0]++)
        for (o[1] = 0; o[1] < p->output[1]; o[1]++)
            for (o[2] = 0; o[2] < p->output[2]; o[2]++, at++) {
                const found f = look(p, x, o);
                if (f.elements == 0) continue; /* golden records have such windows */
                if (average) {
                    const int64_t by = p->divisor != 0 ? p->divisor : p->count_include_pad ? f.positions : f.elements;
                    const double expected = whole ? trunc(f.sum / (double)by) : (double)((float)f.sum / (float)by);
                    assert_true(value[at] == expected);
                } else {
                    assert_true(value[at] == f.largest || (isnan(value[at]) && isnan(f.largest)));
                    if (index != NULL) assert_int_equal(index[at], f.index);
                }
            }
}

static void check_problem(const problem *p) {
    static const cor_dtype dtypes[] = {COR_FLOAT32, COR_INT64, COR_FLOAT64, COR_INT8, COR_BFLOAT16};
    static double x[MOST];
    cor_scope();
    const cor_dtype dtype = dtypes[pick(0, 4)];
    const bool specials = cor_dtype_is_floating(dtype) && pick(0, 3) == 0;
    for (int64_t i = 0; i < total(p->size); i++) {
        x[i] = (double)pick(-20, 20);
        if (specials && pick(0, 9) == 0) x[i] = pick(0, 1) == 0 ? NAN : -INFINITY;
    }
    cor_tensor *input = input_of(p, x, dtype), *indices, *out = run_max(p, input, &indices);
    compare_plane(p, x, out, indices, false);
    compare_plane(p, x, run_max(p, input, NULL), NULL, false);
    /* PyTorch's avg_pool3d wants the input as large as the window, even with padding */
    if (p->spatial == 3 && (p->size[0] < p->kernel[0] || p->size[1] < p->kernel[1] || p->size[2] < p->kernel[2]))
        return;
    if (p->adaptive || specials || p->dilation[0] * p->dilation[1] * p->dilation[2] != 1) return;
    compare_plane(p, x, run_avg(p, cor_to(input, COR_FLOAT32)), NULL, true);
    compare_plane(p, x, run_avg(p, cor_to(input, COR_INT64)), NULL, true);
}

static void check_problems(void *context) {
    state_of_random = *(const uint64_t *)context;
    for (int made = 0; made < PROBLEMS;) {
        const problem p = random_problem();
        if (p.output[0] < 1 || p.output[1] < 1 || p.output[2] < 1) continue;
        check_problem(&p);
        made++;
    }
}

static void test_random(void **state) {
    (void)state;
    const char *text = getenv("CORRIE_TEST_SEED");
    uint64_t seed = text == NULL ? 1 : strtoull(text, NULL, 10);
    printf("CORRIE_TEST_SEED=%llu\n", (unsigned long long)seed);
    slide_everywhere(check_problems, &seed);
}

/* ---- nodes and failures ----------------------------------------------------------------------------------------- */

static void test_nodes(void **state) {
    (void)state;
    cor_scope();
    float zeros[64] = {0};
    cor_tensor *x = cor_requires_grad_(cor_from_data(zeros, COR_FLOAT32, 1, 1, 4, 4, 4), true);
    cor_tensor *x2 = cor_select(x, 2, 0), *x1 = cor_select(x2, 2, 0), *indices;
    assert_string_equal(cor_grad_fn(cor_max_pool1d(x1, 2)), "SqueezeBackward1");
    assert_string_equal(cor_grad_fn(cor_max_pool2d(x2, 2)), "MaxPool2DWithIndicesBackward0");
    assert_string_equal(cor_grad_fn(cor_max_pool3d(x, 2, .indices = &indices)), "MaxPool3DWithIndicesBackward0");
    assert_null(cor_grad_fn(indices));
    assert_false(cor_requires_grad(indices));
    assert_string_equal(cor_grad_fn(cor_avg_pool1d(x1, 2)), "SqueezeBackward1");
    assert_string_equal(cor_grad_fn(cor_avg_pool2d(x2, 2)), "AvgPool2DBackward0");
    assert_string_equal(cor_grad_fn(cor_avg_pool3d(x, 2)), "AvgPool3DBackward0");
    assert_string_equal(cor_grad_fn(cor_adaptive_avg_pool1d(x1, .size = 1)), "SqueezeBackward1");
    assert_string_equal(cor_grad_fn(cor_adaptive_avg_pool2d(x2, .size = 1)), "MeanBackward1");
    assert_string_equal(cor_grad_fn(cor_adaptive_avg_pool2d(x2, .size = 2)), "AdaptiveAvgPool2DBackward0");
    assert_string_equal(cor_grad_fn(cor_adaptive_avg_pool3d(x, .size = 2)), "AdaptiveAvgPool3DBackward0");
    assert_string_equal(cor_grad_fn(cor_adaptive_max_pool1d(x1, .size = 2)), "SqueezeBackward1");
    assert_string_equal(cor_grad_fn(cor_adaptive_max_pool2d(x2, .size = 2)), "AdaptiveMaxPool2DBackward0");
    assert_string_equal(cor_grad_fn(cor_adaptive_max_pool3d(x, .size = 2)), "AdaptiveMaxPool3DBackward0");
}

static void expect_error(cor_tensor *result, int code, const char *text) {
    assert_null(result);
    assert_int_equal(cor_error(), code);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

/* What only C can say: excess values, a failed input, numbers beyond an int. */
static void test_refusals(void **state) {
    (void)state;
    cor_scope();
    float zeros[16] = {0};
    cor_tensor *x = cor_from_data(zeros, COR_FLOAT32, 1, 4, 4), *indices = x;
    expect_error(cor_max_pool2d(x, 2, .strides = {1, 1, 1}), COR_EVALUE,
                 "stride must be a single int or 2 of them, but got [1, 1, 1]");
    expect_error(cor_max_pool2d(NULL, 2, .indices = &indices), COR_EVALUE,
                 "max_pool2d: input 0 is NULL, a failed or missing tensor");
    assert_null(indices);
    expect_error(cor_max_pool1d(x, (int64_t)1 << 40), COR_EVALUE,
                 "value cannot be converted to type int without overflow");
    expect_error(cor_avg_pool2d(x, 2, .stride = (int64_t)1 << 40), COR_EVALUE,
                 "value cannot be converted to type int without overflow");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_results), cmocka_unit_test(test_errors),
                                       cmocka_unit_test(test_random), cmocka_unit_test(test_nodes),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
