/* bench_matmul.c: corrie bench matmul: times of matrix products through the public call, output allocation included. */
#include "cli/bench_matmul.h"
#include "cli/bench_list.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_PROBLEMS = 256, MOST_BATCHES = 41, LEAST_BATCHES = 3, MOST_SIZE = 1 << 24 };
static const double batch_seconds = 2e-3, all_seconds = 0.25; /* of one timed batch, and about of one problem */

typedef struct request {
    bench_list list;
    bool linear, turn_a, turn_b;
    cor_dtype dtype;
} request;

enum { KEY_LAYOUT = 256, KEY_DTYPE, KEY_LINEAR };

static struct argp_option options[] = {
    {"layout", KEY_LAYOUT, "nn|nt|tn|tt", 0, "which sides are transposes of contiguous matrices (nn)", 0},
    {"linear", KEY_LINEAR, NULL, 0, "linear with a bias, whose weight is N x K, instead of matmul", 0},
    {"dtype", KEY_DTYPE, "TYPE", 0, "dtype of both sides (float32)", 0},
    {"threads", 't', "N", 0, "threads (all)", 0},
    {"json", 'j', NULL, 0, "print JSON", 0},
    {0}};

static bool read_layout(request *r, const char *text) {
    static const char *const names[] = {"nn", "nt", "tn", "tt"};
    for (int i = 0; i < 4; i++)
        if (strcasecmp(text, names[i]) == 0) {
            r->turn_a = i / 2 == 1;
            r->turn_b = i % 2 == 1;
            return true;
        }
    return false;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    request *r = state->input;
    switch (key) {
    case KEY_LAYOUT:
        if (!read_layout(r, argument)) argp_error(state, "--layout takes nn, nt, tn or tt, not '%s'", argument);
        break;
    case KEY_LINEAR:
        r->linear = true;
        break;
    case KEY_DTYPE:
        r->dtype = dtype_option(argument, state);
        break;
    case ARGP_KEY_END:
        if (r->list.n == 0) argp_error(state, "say which products: M,N,K or BATCH,M,N,K");
        break;
    default:
        return bench_list_option(&r->list, key, argument, state);
    }
    return 0;
}

static const struct argp argp = {options,
                                 parse,
                                 "[BATCH,]M,N,K...",
                                 "Times products of matrices of M x K and K x N elements, or of lists of them.\v"
                                 "Each time is of a whole call of cor_matmul or cor_linear on a warm loop, the "
                                 "output's allocation included. GFLOP/s "
                                 "count two operations a multiply-add.",
                                 0,
                                 0,
                                 0};

/* ---- one problem ------------------------------------------------------------------------------------------------ */

typedef struct operands {
    int64_t list, m, n, k; /* list: 0 for two matrices */
    cor_tensor *a, *b, *bias;
} operands;

static bool read_problem(const char *text, operands *o) {
    int64_t at[4];
    int n = 0;
    char one[32];
    for (; n < 4; n++) {
        size_t length = strcspn(text, ",");
        if (length >= sizeof one) return false;
        memcpy(one, text, length);
        one[length] = '\0';
        if (!read_int(one, 1, MOST_SIZE, &at[n])) return false;
        text += length;
        if (*text == '\0') break;
        text++;
    }
    if (n != 2 && n != 3) return false;
    *o = (operands){.list = n == 3 ? at[0] : 0, .m = at[n - 2], .n = at[n - 1], .k = at[n]};
    return true;
}

/* Small whole numbers, which every dtype holds; `turned` lies in memory as its transpose does. */
static cor_tensor *some_numbers(cor_dtype dtype, int64_t list, int64_t rows, int64_t columns, bool turned) {
    int64_t count = (list > 0 ? list : 1) * rows * columns;
    const int64_t all[3] = {list, turned ? columns : rows, turned ? rows : columns};
    int from = list > 0 ? 0 : 1;
    cor_tensor *t = cor_to(cor_reshape_to(cor_randint(0, 5, count), all + from, 3 - from), dtype);
    return turned ? cor_transpose(t, -2, -1) : t;
}

static cor_tensor *call(const operands *o) {
    if (o->bias != COR_NONE) return cor_linear(o->a, o->b, .bias = o->bias);
    return cor_matmul(o->a, o->b);
}

static double time_calls(const operands *o, int64_t n) {
    double start = seconds();
    for (int64_t i = 0; i < n; i++) {
        cor_scope();
        if (call(o) == NULL) return NAN;
    }
    return (seconds() - start) / (double)n;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The times of one call in seconds: the median and the least of a few batches. */
static void measure(const operands *o, double *median, double *least) {
    double once = fmin(time_calls(o, 1), time_calls(o, 2)), batch[MOST_BATCHES];
    int64_t n = once > 0 ? (int64_t)fmax(1, batch_seconds / once) : 1;
    int batches = (int)fmin(MOST_BATCHES, fmax(LEAST_BATCHES, all_seconds / fmax(once, batch_seconds)));
    for (int i = 0; i < batches; i++) batch[i] = time_calls(o, n);
    qsort(batch, (size_t)batches, sizeof batch[0], by_size);
    *median = batch[batches / 2];
    *least = batch[0];
}

static void tell(const request *r, const operands *o, const char *text, json_t *rows) {
    double median, least;
    measure(o, &median, &least);
    char layout[] = {r->turn_a ? 't' : 'n', r->linear || r->turn_b ? 't' : 'n', '\0'};
    const char *dtype = cor_dtype_name(r->dtype), *name = r->linear ? "linear" : "matmul";
    double gflops = 2e-9 * (double)(o->list > 0 ? o->list : 1) * (double)o->m * (double)o->n * (double)o->k / median;
    if (rows == NULL)
        printf("%-24s %-6s %-6s %-9s %12.3f us %12.3f us %9.2f GFLOP/s\n", text, name, layout, dtype, 1e6 * median,
               1e6 * least, gflops);
    else
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:f}", "problem", text, "operation", name,
                                              "layout", layout, "dtype", dtype, "median_us", 1e6 * median, "min_us",
                                              1e6 * least, "gflops", gflops));
}

static int run_problem(const request *r, const char *text, json_t *rows) {
    operands o;
    cor_scope();
    if (!read_problem(text, &o)) {
        cor_error_set(COR_EVALUE, "'%s' is not M,N,K or BATCH,M,N,K", text);
        return finish("bench");
    }
    o.a = some_numbers(r->dtype, o.list, o.m, o.k, r->turn_a);
    if (r->linear) o.b = some_numbers(r->dtype, 0, o.n, o.k, false);
    else o.b = some_numbers(r->dtype, o.list, o.k, o.n, r->turn_b);
    o.bias = r->linear ? cor_to(cor_randint(0, 5, o.n), r->dtype) : COR_NONE;
    if (call(&o) != NULL) tell(r, &o, text, rows);
    return finish("bench");
}

int bench_matmul(int argc, char **argv) {
    request r = {.list = {.what = "problems", .most = MOST_PROBLEMS}, .dtype = COR_FLOAT32};
    int code = EXIT_DONE;
    argp_parse(&argp, argc, argv, 0, NULL, &r);
    json_t *rows = bench_list_rows(&r.list);
    for (int i = 0; i < r.list.n && code == EXIT_DONE; i++) code = run_problem(&r, r.list.words[i], rows);
    return bench_list_end(rows, code);
}
