/* bench_ops.c: corrie bench ops: times of operations that memory bounds, beside a copy of as many bytes. */
#include "cli/bench_ops.h"
#include "cli/bench_list.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PROBLEMS = 256, MOST_BATCHES = 41, LEAST_BATCHES = 5, LEAST_SIZE = 1000, MOST_SIZE = 100000000 };
static const double batch_seconds = 2e-3, all_seconds = 0.2; /* of one timed batch, and about of one problem */

typedef struct request {
    bench_list list;
    cor_dtype dtype;
} request;

/* ---- what is timed ---------------------------------------------------------------------------------------------- */

/* The same elements as a matrix (a row has 100, or 1000 from 100000 elements on), as a cube whose middle has 100, and
 * as images (N, 10 or, from 10 million elements on, 100 channels, H, W). */
typedef struct operands {
    cor_tensor *x, *y, *changing, *row, *column, *mask, *cube, *images, *mean, *var, *bfloat16, *float16, *int64;
} operands;

#define OPERATIONS(_)                                                                                                  \
    _(add, cor_add(o->x, o->y))                                                                                        \
    _(add_, cor_add_(o->changing, o->row))                                                                             \
    _(add_row, cor_add(o->x, o->row))                                                                                  \
    _(add_column, cor_add(o->x, o->column))                                                                            \
    _(mul_number, cor_mul(o->x, 3))                                                                                    \
    _(less, cor_lt(o->x, o->y))                                                                                        \
    _(where, cor_where(o->mask, o->x, o->y))                                                                           \
    _(clamp, cor_clamp(o->x, -1, 1))                                                                                   \
    _(relu, cor_relu(o->x))                                                                                            \
    _(gelu, cor_gelu(o->x))                                                                                            \
    _(exp, cor_exp(o->x))                                                                                              \
    _(tanh, cor_tanh(o->x))                                                                                            \
    _(sigmoid, cor_sigmoid(o->x))                                                                                      \
    _(silu, cor_silu(o->x))                                                                                            \
    _(to_bfloat16, cor_to(o->x, COR_BFLOAT16))                                                                         \
    _(to_float16, cor_to(o->x, COR_FLOAT16))                                                                           \
    _(to_int64, cor_to(o->x, COR_INT64))                                                                               \
    _(from_bfloat16, cor_to(o->bfloat16, cor_dtype_of(o->x)))                                                          \
    _(from_float16, cor_to(o->float16, cor_dtype_of(o->x)))                                                            \
    _(from_int64, cor_to(o->int64, cor_dtype_of(o->x)))                                                                \
    _(sum_all, cor_sum(o->x))                                                                                          \
    _(sum_last, cor_sum(o->x, .dim = -1))                                                                              \
    _(sum_first, cor_sum(o->x, .dim = 0))                                                                              \
    _(sum_channels, cor_sum(o->images, .dims = COR_DIMS(0, 2, 3)))                                                     \
    _(mean_all, cor_mean(o->x))                                                                                        \
    _(mean_last, cor_mean(o->x, .dim = -1))                                                                            \
    _(mean_first, cor_mean(o->x, .dim = 0))                                                                            \
    _(mean_channels, cor_mean(o->images, .dims = COR_DIMS(0, 2, 3)))                                                   \
    _(var_all, cor_var(o->x))                                                                                          \
    _(var_last, cor_var(o->x, .dim = -1))                                                                              \
    _(var_first, cor_var(o->x, .dim = 0))                                                                              \
    _(var_channels, cor_var(o->images, .dims = COR_DIMS(0, 2, 3)))                                                     \
    _(max_all, cor_max(o->x))                                                                                          \
    _(amax_last, cor_amax(o->x, .dim = -1))                                                                            \
    _(amax_first, cor_amax(o->x, .dim = 0))                                                                            \
    _(amax_channels, cor_amax(o->images, .dims = COR_DIMS(0, 2, 3)))                                                   \
    _(argmax_all, cor_argmax(o->x))                                                                                    \
    _(argmax_last, cor_argmax(o->x, .dim = -1))                                                                        \
    _(argmax_first, cor_argmax(o->x, .dim = 0))                                                                        \
    _(softmax_last, cor_softmax(o->x, -1))                                                                             \
    _(softmax_middle, cor_softmax(o->cube, 1))                                                                         \
    _(softmax_first, cor_softmax(o->x, 0))                                                                             \
    _(log_softmax_last, cor_log_softmax(o->x, -1))                                                                     \
    _(log_softmax_middle, cor_log_softmax(o->cube, 1))                                                                 \
    _(log_softmax_first, cor_log_softmax(o->x, 0))                                                                     \
    _(batch_norm, cor_batch_norm(o->images, o->mean, o->var))                                                          \
    _(batch_norm_training, cor_batch_norm(o->images, COR_NONE, COR_NONE, .training = true))                            \
    _(max_pool_2, cor_max_pool2d(o->images, 2))                                                                        \
    _(max_pool_3_2_1, cor_max_pool2d(o->images, 3, .stride = 2, .padding = 1))                                         \
    _(avg_pool_2, cor_avg_pool2d(o->images, 2))                                                                        \
    _(adaptive_avg_pool_1, cor_adaptive_avg_pool2d(o->images, .size = 1))                                              \
    _(cat_first, cor_cat(COR_TENSORS(o->x, o->y)))                                                                     \
    _(cat_last, cor_cat(COR_TENSORS(o->x, o->y), .dim = 1))                                                            \
    _(transpose, cor_contiguous(cor_transpose(o->x, 0, 1)))                                                            \
    _(to_nhwc, cor_contiguous(cor_permute(o->images, 0, 2, 3, 1)))                                                     \
    _(pad, cor_pad(o->images, COR_DIMS(1, 1, 1, 1)))

#define FUNCTION(name, expression)                                                                                     \
    static cor_tensor *run_##name(const operands *o) { return expression; }
OPERATIONS(FUNCTION)

typedef struct operation {
    const char *name;
    cor_tensor *(*run)(const operands *o);
} operation;

#define ROW(name, expression) {#name, run_##name},
static const operation operation_list[] = {OPERATIONS(ROW)};
enum { N_OPERATIONS = sizeof operation_list / sizeof operation_list[0] };

static cor_tensor *some_numbers(cor_dtype dtype, int64_t n) { return cor_to(cor_mul(cor_randn(n), 2), dtype); }

static void make_operands(operands *o, cor_dtype dtype, int64_t elements) {
    int64_t columns = elements >= 100000 ? 1000 : 100, rows = elements / columns, n = rows * columns;
    int64_t channels = elements >= 10000000 ? 100 : 10, side = elements >= 100000 ? 100 : 10;
    o->x = cor_reshape(some_numbers(dtype, n), rows, columns);
    o->y = cor_reshape(some_numbers(dtype, n), rows, columns);
    o->changing = cor_clone(o->x);
    o->row = some_numbers(dtype, columns);
    o->column = cor_reshape(some_numbers(dtype, rows), rows, 1);
    o->mask = cor_gt(o->x, o->y);
    o->cube = cor_reshape(o->x, n / (10 * columns), 100, columns / 10);
    o->images = cor_reshape(o->x, n / (channels * side * side), channels, side, side);
    o->mean = some_numbers(dtype, channels);
    o->var = cor_to(cor_rand(channels), dtype);
    o->bfloat16 = cor_to(o->x, COR_BFLOAT16);
    o->float16 = cor_to(o->x, COR_FLOAT16);
    o->int64 = cor_to(o->x, COR_INT64);
}

/* ---- measuring -------------------------------------------------------------------------------------------------- */

typedef struct task {
    const operation *operation; /* NULL: the copy */
    const operands *operands;
    char *from, *to;
    size_t bytes;
} task;

static double time_calls(const task *t, int64_t n) {
    double start = seconds();
    for (int64_t i = 0; i < n; i++) {
        cor_scope();
        if (t->operation == NULL) memcpy(t->to, t->from, t->bytes);
        else if (t->operation->run(t->operands) == NULL) return NAN;
        __asm__ volatile("" : : : "memory");
    }
    return (seconds() - start) / (double)n;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct timing {
    double median, least;
} timing;

/* The times of one call in seconds: the median and the least of a few batches. */
static timing measure(const task *t) {
    double once = fmin(time_calls(t, 1), time_calls(t, 2)), batch[MOST_BATCHES];
    int64_t n = once > 0 ? (int64_t)fmax(1, batch_seconds / once) : 1;
    int batches = (int)fmin(MOST_BATCHES, fmax(LEAST_BATCHES, all_seconds / fmax(once, batch_seconds)));
    for (int i = 0; i < batches; i++) batch[i] = time_calls(t, n);
    qsort(batch, (size_t)batches, sizeof batch[0], by_size);
    return (timing){batch[batches / 2], batch[0]};
}

static void tell(const request *r, const task *t, int64_t elements, json_t *rows) {
    const task copy = {.from = t->from, .to = t->to, .bytes = t->bytes};
    timing time = measure(t), bound = measure(&copy);
    const char *dtype = cor_dtype_name(r->dtype);
    if (rows == NULL)
        printf("%-20s %9lld %-9s %12.3f us %12.3f us, a copy of x %12.3f us\n", t->operation->name, (long long)elements,
               dtype, 1e6 * time.median, 1e6 * time.least, 1e6 * bound.least);
    else
        json_array_append_new(rows, json_pack("{s:s, s:I, s:s, s:f, s:f, s:f, s:f}", "operation", t->operation->name,
                                              "elements", (json_int_t)elements, "dtype", dtype, "median_us",
                                              1e6 * time.median, "min_us", 1e6 * time.least, "copy_median_us",
                                              1e6 * bound.median, "copy_min_us", 1e6 * bound.least));
}

/* Reads "add,1000", or "1000" for all operations. */
static bool read_problem(const char *text, const operation **one, int64_t *elements) {
    size_t length = strcspn(text, ",");
    *one = NULL;
    if (text[length] == '\0') return read_int(text, LEAST_SIZE, MOST_SIZE, elements);
    for (int i = 0; i < N_OPERATIONS; i++) {
        const char *name = operation_list[i].name;
        if (strlen(name) == length && memcmp(name, text, length) == 0) *one = &operation_list[i];
    }
    return *one != NULL && read_int(text + length + 1, LEAST_SIZE, MOST_SIZE, elements);
}

static int run_problem(const request *r, const char *text, json_t *rows) {
    const operation *one;
    operands o;
    int64_t elements;
    int code = EXIT_DONE;
    cor_scope();
    if (!read_problem(text, &one, &elements)) {
        cor_error_set(COR_EVALUE, "'%s' is not [NAME,]ELEMENTS", text);
        return finish("bench");
    }
    make_operands(&o, r->dtype, elements);
    cor_tensor *room = cor_clone(o.x);
    if (cor_error() != COR_OK) return finish("bench");
    for (int i = 0; i < N_OPERATIONS; i++) {
        const task t = {.operation = one == NULL ? &operation_list[i] : one,
                        .operands = &o,
                        .from = cor_data(o.x),
                        .to = cor_data(room),
                        .bytes = (size_t)(cor_numel(room) * cor_dtype_size(r->dtype))};
        cor_scope();
        if (t.operation->run(&o) != NULL) tell(r, &t, elements, rows);
        if (finish("bench") != EXIT_DONE) code = EXIT_FAILED;
        if (one != NULL) break;
    }
    return code;
}

/* ---- the command line ------------------------------------------------------------------------------------------- */

enum { KEY_DTYPE = 256 };

static struct argp_option options[] = {{"dtype", KEY_DTYPE, "TYPE", 0, "dtype of the operands (float32)", 0},
                                       {"threads", 't', "N", 0, "threads (all)", 0},
                                       {"json", 'j', NULL, 0, "print JSON", 0},
                                       {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    request *r = state->input;
    switch (key) {
    case KEY_DTYPE:
        r->dtype = dtype_option(argument, state);
        break;
    case ARGP_KEY_END:
        if (r->list.n == 0) argp_error(state, "say how many elements: 1000 or NAME,1000");
        break;
    default:
        return bench_list_option(&r->list, key, argument, state);
    }
    return 0;
}

static const struct argp argp = {options,
                                 parse,
                                 "[NAME,]ELEMENTS...",
                                 "Times one operation, or all that it knows, on so many elements.\v"
                                 "Each time is of a whole call in a warm loop, the output's allocation included: the "
                                 "median and the least. The copy is memcpy from the first operand to as many bytes.",
                                 0,
                                 0,
                                 0};

int bench_ops(int argc, char **argv) {
    request r = {.list = {.what = "problems", .most = MOST_PROBLEMS}, .dtype = COR_FLOAT32};
    int code = EXIT_DONE;
    argp_parse(&argp, argc, argv, 0, NULL, &r);
    json_t *rows = bench_list_rows(&r.list);
    for (int i = 0; i < r.list.n; i++)
        if (run_problem(&r, r.list.words[i], rows) != EXIT_DONE) code = EXIT_FAILED;
    return bench_list_end(rows, code);
}
