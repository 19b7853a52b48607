/* bench.c: corrie bench conv: times of convolutions through the public call, output allocation included. */
#include "cli/bench_matmul.h"
#include "cli/verbs.h"
#include "conv/plan.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PROBLEMS = 4096, BATCHES = 41 };
static const double batch_seconds = 2e-3; /* of one timed batch, at least one call */

typedef struct request {
    char *problems[MOST_PROBLEMS];
    int n;
    bool json;
    const char *dtype;
} request;

enum { KEY_SHAPES = 256, KEY_DTYPE };

static struct argp_option options[] = {
    {"shapes", KEY_SHAPES, "FILE", 0, "problems from a file, one a line; # begins a comment", 0},
    {"dtype", KEY_DTYPE, "TYPE", 0, "float32, float64, float16, bfloat16, int8 ... int64, uint8 (as the problem says)",
     0},
    {"threads", 't', "N", 0, "threads (all)", 0},
    {"json", 'j', NULL, 0, "print JSON", 0},
    {0}};

static void add_problem(request *r, const char *text, struct argp_state *state) {
    if (r->n == MOST_PROBLEMS) argp_error(state, "more than %d problems", MOST_PROBLEMS);
    r->problems[r->n] = strdup(text);
    if (r->problems[r->n++] == NULL) argp_failure(state, EXIT_FAILED, 0, "out of memory");
}

static void add_file(request *r, const char *path, struct argp_state *state) {
    char line[1024];
    FILE *file = fopen(path, "r");
    if (file == NULL) argp_failure(state, EXIT_FAILED, 0, "%s: cannot be opened", path);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "#\r\n")] = '\0';
        char *text = line + strspn(line, " \t");
        for (size_t n = strlen(text); n > 0 && strchr(" \t", text[n - 1]) != NULL; n--) text[n - 1] = '\0';
        if (text[0] != '\0') add_problem(r, text, state);
    }
    fclose(file);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    request *r = state->input;
    int64_t threads;
    switch (key) {
    case KEY_SHAPES:
        add_file(r, argument, state);
        break;
    case KEY_DTYPE:
        r->dtype = argument;
        break;
    case 't':
        if (!read_int(argument, 1, 1024, &threads) || cor_set_num_threads((int)threads) != COR_OK)
            argp_error(state, "--threads takes 1 to 1024, not '%s'", argument);
        break;
    case 'j':
        r->json = true;
        break;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0 && strcmp(argument, "conv") != 0)
            argp_error(state, "times conv or matmul, not '%s'", argument);
        if (state->arg_num > 0) add_problem(r, argument, state);
        break;
    case ARGP_KEY_END:
        if (state->arg_num == 0) argp_error(state, "say what to time: conv or matmul");
        if (r->n == 0) argp_error(state, "say which problems: mb1ic64ih56oc64oh56kh3ph1 or --shapes FILE");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp argp = {
    options,
    parse,
    "conv [PROBLEM...]\nmatmul [BATCH,]M,N,K...",
    "Times convolutions given in oneDNN's benchdnn notation (g2mb1ic64ih56oc64oh56kh3ph1; dilation counts from 0).\v"
    "Each time is of a whole call of cor_conv1d, 2d or 3d on a warm loop, the output's allocation included. GFLOP/s "
    "count "
    "two operations a multiply-add of the direct definition.",
    0,
    0,
    0};

/* ---- one problem ------------------------------------------------------------------------------------------------ */

typedef struct operands {
    const cor__conv_problem *problem;
    cor_tensor *input, *weight, *bias;
} operands;

/* Small whole numbers, which every dtype holds. */
static cor_tensor *some_numbers(cor_dtype dtype, const int64_t *sizes, int n) {
    int64_t count = 1;
    for (int i = 0; i < n; i++) count *= sizes[i];
    return cor_to(cor_reshape_to(cor_randint(0, 5, count), sizes, n), dtype);
}

static operands make_operands(const cor__conv_problem *p) {
    int64_t input[5] = {p->n, p->c}, weight[5] = {p->o, p->c / p->groups};
    for (int i = 0; i < p->spatial; i++) {
        input[2 + i] = p->input[COR__CONV_AXES - p->spatial + i];
        weight[2 + i] = p->kernel[COR__CONV_AXES - p->spatial + i];
    }
    return (operands){p, some_numbers(p->dtype, input, 2 + p->spatial), some_numbers(p->dtype, weight, 2 + p->spatial),
                      p->bias ? some_numbers(p->dtype, &p->o, 1) : COR_NONE};
}

static cor_tensor *call(const operands *o) {
    const cor__conv_problem *p = o->problem;
    const int64_t *s = p->stride, *q = p->padding, *d = p->dilation;
    if (p->spatial == 1)
        return cor_conv1d(o->input, o->weight, .bias = o->bias, .groups = p->groups, .stride = s[2], .padding = q[2],
                          .dilation = d[2]);
    if (p->spatial == 2)
        return cor_conv2d(o->input, o->weight, .bias = o->bias, .groups = p->groups, .strides = {s[1], s[2]},
                          .paddings = {q[1], q[2]}, .dilations = {d[1], d[2]});
    return cor_conv3d(o->input, o->weight, .bias = o->bias, .groups = p->groups, .strides = {s[0], s[1], s[2]},
                      .paddings = {q[0], q[1], q[2]}, .dilations = {d[0], d[1], d[2]});
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

typedef struct timing {
    double median, least;
} timing;

static timing measure(const operands *o) {
    double once = time_calls(o, 1), batch[BATCHES];
    once = fmin(once, time_calls(o, 3));
    int64_t n = once > 0 ? (int64_t)fmax(1, batch_seconds / once) : 1;
    for (int i = 0; i < BATCHES; i++) batch[i] = time_calls(o, n);
    qsort(batch, BATCHES, sizeof batch[0], by_size);
    return (timing){batch[BATCHES / 2], batch[0]};
}

static double multiply_adds(const cor__conv_problem *p) {
    double n = (double)p->n * (double)p->o * (double)p->c / (double)p->groups;
    for (int i = 0; i < COR__CONV_AXES; i++) n *= (double)p->kernel[i] * (double)p->output[i];
    return n;
}

static cor_dtype dtype_named(const char *name) {
    for (int i = 0; i < COR_DTYPES; i++)
        if (strcmp(cor_dtype_name((cor_dtype)i), name) == 0) return (cor_dtype)i;
    cor_error_set(COR_EDTYPE, "there is no dtype '%s'", name);
    return COR_DTYPE_UNSET;
}

static void tell(const cor__conv_problem *p, timing t, json_t *rows) {
    char printed[COR__CONV_TEXT];
    const char *by = cor__conv_plan(p)->name, *dtype = cor_dtype_name(p->dtype);
    double gflops = 1e-9 * 2 * multiply_adds(p) / t.median;
    cor__conv_print(printed, p);
    if (rows == NULL)
        printf("%-48s %-9s %-9s %12.3f us %12.3f us %9.2f GFLOP/s\n", printed, dtype, by, 1e6 * t.median, 1e6 * t.least,
               gflops);
    else
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:f, s:f, s:f}", "problem", printed, "dtype", dtype,
                                              "implementation", by, "median_us", 1e6 * t.median, "min_us",
                                              1e6 * t.least, "gflops", gflops));
}

static int run_problem(const request *r, const char *text, json_t *rows) {
    cor__conv_problem p;
    cor_scope();
    if (cor__conv_parse(text, &p) != COR_OK) return finish("bench");
    if (r->dtype != NULL && (p.dtype = dtype_named(r->dtype)) == COR_DTYPE_UNSET) return finish("bench");
    if (p.transposed) {
        cor_error_set(COR_EUNSUPPORTED, "%s: transposed convolutions are not timed", text);
        return finish("bench");
    }
    operands o = make_operands(&p);
    if (call(&o) == NULL) return finish("bench");
    tell(&p, measure(&o), rows);
    return finish("bench");
}

int verb_bench(int argc, char **argv) {
    static request r;
    int code = EXIT_DONE;
    if (argc > 1 && strcmp(argv[1], "matmul") == 0) return bench_matmul(argc - 1, argv + 1);
    argp_parse(&argp, argc, argv, 0, NULL, &r);
    json_t *rows = r.json ? json_array() : NULL;
    if (!r.json) printf("%-48s %-9s %-9s %15s %15s\n", "problem", "dtype", "by", "median", "least");
    for (int i = 0; i < r.n; i++) {
        if (code == EXIT_DONE) code = run_problem(&r, r.problems[i], rows);
        free(r.problems[i]);
    }
    if (rows == NULL) return code;
    return print_json(rows) == EXIT_DONE ? code : EXIT_FAILED;
}
