/* bench.c: corrie bench conv: times of convolutions through the public call, output allocation included. */
#include "cli/bench.h"
#include "cli/bench_data.h"
#include "cli/bench_matmul.h"
#include "cli/bench_ops.h"
#include "cli/bench_train.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_SOURCES = 4096 };

/* A problem of the command line, or a file of them. */
typedef struct problem_source {
    const char *text;
    bool is_file;
} problem_source;

typedef struct request {
    problem_source sources[MOST_SOURCES];
    int n;
    bool json, check, list, failed;
    double budget; /* seconds a row */
    bench_reader reader;
} request;

enum { KEY_SHAPES = 256, KEY_DTYPE, KEY_DIR, KEY_CHECK, KEY_DECONV, KEY_POST_OPS, KEY_TIME, KEY_LIST };

static struct argp_option options[] = {
    {"shapes", KEY_SHAPES, "FILE", 0, "problems from a file as benchdnn reads them; - is the standard input", 0},
    {"dir", KEY_DIR, "DIR", 0, "fwd, bwd_d, bwd_w, or all (as the file says, otherwise fwd)", 0},
    {"deconv", KEY_DECONV, NULL, 0, "the problems are transposed convolutions", 0},
    {"attr-post-ops", KEY_POST_OPS, "LIST", 0,
     "what follows a forward convolution: sum (of a residual), relu, clip:0:6, swish, or sum+ one of these", 0},
    {"dtype", KEY_DTYPE, "TYPE", 0,
     "float32, float64, float16, bfloat16, int8 ... int64, uint8 (as the file says, otherwise float32)", 0},
    {"threads", 't', "N", 0, "threads (all)", 0},
    {"check", KEY_CHECK, NULL, 0, "compare with the definition computed in float64 or in integers", 0},
    {"time", KEY_TIME, "MS", 0, "milliseconds for each row, 5 calls at least (82)", 0},
    {"list", KEY_LIST, NULL, 0, "print the problems and time nothing", 0},
    {"json", 'j', NULL, 0, "print JSON, an object a line", 0},
    {0}};

static void add_source(request *r, const char *text, bool is_file, struct argp_state *state) {
    if (r->n == MOST_SOURCES) argp_error(state, "more than %d problems and files", MOST_SOURCES);
    r->sources[r->n++] = (problem_source){text, is_file};
}

/* Ends with a usage error if one is pending. */
static void usage(struct argp_state *state, const char *option) {
    cor_error_info error;
    if (cor_error_take(&error) != COR_OK) argp_error(state, "--%s: %s", option, error.text);
}

/* What is no option: "conv", then problems. */
static error_t parse_word(int key, char *argument, struct argp_state *state) {
    request *r = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num == 0 && strcmp(argument, "conv") != 0)
            argp_error(state, "times conv, data, matmul, ops or train, not '%s'", argument);
        if (state->arg_num > 0) add_source(r, argument, false, state);
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num == 0) argp_error(state, "say what to time: conv, data, matmul, ops or train");
        if (r->n == 0) argp_error(state, "say which problems: mb1ic64ih56oc64oh56kh3ph1 or --shapes FILE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    request *r = state->input;
    bench_settings *initial = &r->reader.initial;
    int64_t number;
    switch (key) {
    case KEY_SHAPES:
        add_source(r, argument, true, state);
        break;
    case KEY_DTYPE:
        r->reader.fixed_dtype = bench_read_dtypes(initial, argument) == COR_OK;
        usage(state, "dtype");
        break;
    case KEY_DIR:
        r->reader.fixed_direction = bench_read_directions(initial, argument) == COR_OK;
        usage(state, "dir");
        break;
    case KEY_DECONV:
        initial->transposed = true;
        break;
    case KEY_POST_OPS:
        r->reader.fixed_post_ops = bench_read_post_ops(initial, argument) == COR_OK;
        usage(state, "attr-post-ops");
        break;
    case KEY_CHECK:
        r->check = true;
        break;
    case KEY_LIST:
        r->list = true;
        break;
    case KEY_TIME:
        if (!read_int(argument, 0, 1000000, &number))
            argp_error(state, "--time takes milliseconds, not '%s'", argument);
        r->budget = 1e-3 * (double)number;
        break;
    case 't':
        threads_option(argument, state);
        break;
    case 'j':
        r->json = true;
        break;
    default:
        return parse_word(key, argument, state);
    }
    return 0;
}

static const struct argp argp = {
    options,
    parse,
    "conv [PROBLEM...]\ndata FOLDER\nmatmul [BATCH,]M,N,K...\nops [NAME,]ELEMENTS...\ntrain [MODEL...]",
    "Times convolutions given in oneDNN's benchdnn notation: g2mb1ic64ih56oc64oh56kh3ph1. Dilation counts from 0, mb "
    "is "
    "2 where it is missing, an output size or a padding that is missing follows from the other.\v"
    "Each time is of a whole call of cor_conv1d, 2d or 3d (or their fused forms), of their transposes, or, for bwd_d "
    "and bwd_w, of the "
    "gradients of their input and weight, in a warm loop, the output's allocation included. GFLOP/s count two "
    "operations a multiply-add of the direct definition, and peak is their share of what independent multiply-adds "
    "reach in the same run. --check tells rms and largest error in units of u sqrt(K) times the output's rms before an "
    "activation (K the "
    "most products that an output sums, u half a last place), and fails above 0.8 and 8.\n"
    "After -- a PROBLEM may begin with options, in one argument: -- \"--deconv --dt=f64 mb1ic8ih9oc4kh3\". In files "
    "benchdnn's --dir, --dt, --cfg, --mb, --attr-post-ops, --attr-scales=wei:per_oc, --reset and --batch hold for the "
    "problems after them; what only chooses "
    "layouts or how to measure is ignored; what would change the computation is refused. A row that fails is told and "
    "the next one is timed; the exit code is 1 then.",
    0,
    0,
    0};

/* ---- a row ------------------------------------------------------------------------------------------------------ */

static int measure_row(const request *r, const bench_row *row) {
    cor_scope();
    bench_operands operands;
    bench_errors errors;
    bench_result result = {.row = row, .errors = r->check ? &errors : NULL};
    if (bench_operands_make(&operands, row) != COR_OK) return cor_error();
    if (r->check && bench_check(&errors, &operands) != COR_OK) return cor_error();
    result.peak = bench_peak(row->problem.dtype);
    if (bench_time(&result.timing, &operands, r->budget) != COR_OK) return cor_error();
    result.implementation = bench_implementation(&operands);
    result.gflops = 1e-9 * 2 * bench_products(&operands.problem) / result.timing.median;
    bench_print(r->json, &result);
    return r->check && !errors.within ? COR_EVALUE : COR_OK;
}

static void on_failure(void *context, const char *text) {
    request *r = context;
    r->failed = true;
    bench_print_error(r->json, text);
}

static void on_row(void *context, const bench_row *row) {
    request *r = context;
    if (r->list) {
        bench_print_row(r->json, row);
        return;
    }
    if (measure_row(r, row) == COR_OK) return;
    r->failed = true;
    if (cor_error() == COR_OK) return; /* its line says that it is wrong */
    char text[COR__CONV_TEXT];
    on_failure(r, cor__conv_print(text, &row->problem));
}

/* Whether the words, which may stand behind options, ask for it: then it is taken out of them. */
static bool asks_for(const char *what, char *whole_name, int *argc, char **argv) {
    int i = 1;
    while (i < *argc && strcmp(argv[i], what) != 0 && strcmp(argv[i], "--") != 0) i++;
    if (i == *argc || strcmp(argv[i], what) != 0) return false;
    for (; i < *argc; i++) argv[i] = argv[i + 1]; /* the NULL at the end, too */
    argv[0] = whole_name;
    (*argc)--;
    return true;
}

int verb_bench(int argc, char **argv) {
    static char data[] = "corrie bench data", matmul[] = "corrie bench matmul", ops[] = "corrie bench ops";
    static char train[] = "corrie bench train";
    static const struct {
        const char *what;
        char *whole_name;
        int (*run)(int argc, char **argv);
    } others[] = {{"data", data, bench_data},
                  {"matmul", matmul, bench_matmul},
                  {"ops", ops, bench_ops},
                  {"train", train, bench_train}};
    static request r;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (asks_for(others[i].what, others[i].whole_name, &argc, argv)) return others[i].run(argc, argv);
    r.budget = 0.082;
    r.reader = (bench_reader){.initial = bench_defaults(), .row = on_row, .failed = on_failure, .context = &r};
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &r);
    if (!r.json && !r.list) bench_print_head(r.check);
    for (int i = 0; i < r.n; i++) {
        if (r.sources[i].is_file) bench_read_file(&r.reader, r.sources[i].text);
        else bench_read_text(&r.reader, r.sources[i].text);
    }
    return r.failed ? EXIT_FAILED : EXIT_DONE;
}
