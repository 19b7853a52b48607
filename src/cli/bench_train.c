/* bench_train.c: corrie bench train: times of training steps, phase by phase, and the memory that they take. */
#include "cli/bench_train.h"

#include "cli/bench_list.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { MOST_MODELS = 64, MOST_STEPS = 20000, LEAST_STEPS = 5, WARMING_STEPS = 3 };
enum { PERCEPTRON_INPUTS = 4, PERCEPTRON_HIDDEN = 8 };
enum { FORWARD, LOSS, BACKWARD, STEP, PHASES };
static const char *const phase_names[PHASES] = {"forward", "loss", "backward", "step"};

typedef struct request {
    bench_list list;
    bool adam, infer;
    int64_t batch, side; /* side 0: the network's own */
    double budget;       /* seconds a model */
} request;

/* ---- what is trained -------------------------------------------------------------------------------------------- */

typedef struct training {
    cor_module *net;
    cor_optimizer *optimizer;
    cor_tensor *input, *target;
    bool classes; /* cross entropy, otherwise the mean of squares */
} training;

static void make_perceptron(training *t, int64_t batch) {
    t->net = cor_nn_sequential(cor_nn_linear(PERCEPTRON_INPUTS, PERCEPTRON_HIDDEN), cor_nn_relu(),
                               cor_nn_linear(PERCEPTRON_HIDDEN, 1));
    t->input = cor_reshape(cor_randn(batch * PERCEPTRON_INPUTS), batch, PERCEPTRON_INPUTS);
    t->target = cor_reshape(cor_randn(batch), batch, 1);
}

static void make_model(training *t, const request *r, const char *name) {
    const cor_model_info *info = cor_list_models();
    t->net = cor_get_model(name);
    while (info->name != NULL && strcmp(info->name, name) != 0) info++;
    if (t->net == NULL || info->name == NULL) return;
    const int64_t channels = info->input_size[0], height = r->side > 0 ? r->side : info->input_size[1],
                  width = r->side > 0 ? r->side : info->input_size[2];
    t->input = cor_reshape(cor_randn(r->batch * channels * height * width), r->batch, channels, height, width);
    t->target = cor_randint(0, info->num_classes, r->batch);
    t->classes = true;
}

static int make_training(training *t, const request *r, const char *name) {
    *t = (training){0};
    cor_manual_seed(0);
    if (strcmp(name, "mlp") == 0) make_perceptron(t, r->batch);
    else make_model(t, r, name);
    if (cor_error() != COR_OK) return cor_error();
    if (r->infer) cor_eval(t->net);
    t->optimizer =
        r->adam ? cor_adam(cor_parameters(t->net)) : cor_sgd(cor_parameters(t->net), .lr = 0.01, .momentum = 0.9);
    return cor_error();
}

/* ---- one step --------------------------------------------------------------------------------------------------- */

/* Seconds of each phase. The gradients of the step before are dropped in the last one. */
static int train(const training *t, double time[PHASES]) {
    cor_scope();
    double at[PHASES + 1];
    at[FORWARD] = seconds();
    cor_tensor *output = cor_call(t->net, t->input);
    at[LOSS] = seconds();
    cor_tensor *loss = t->classes ? cor_cross_entropy(output, t->target) : cor_mse_loss(output, t->target);
    at[BACKWARD] = seconds();
    if (cor_backward(loss) != COR_OK) return cor_error();
    at[STEP] = seconds();
    if (cor_step(t->optimizer) != COR_OK) return cor_error();
    cor_zero_grad(t->optimizer);
    at[PHASES] = seconds();
    for (int i = 0; i < PHASES; i++) time[i] = at[i + 1] - at[i];
    return cor_error();
}

/* The same for a forward alone, which records nothing. */
static int infer(const training *t, double time[PHASES]) {
    cor_scope();
    cor_no_grad();
    const double start = seconds();
    cor_call(t->net, t->input);
    time[FORWARD] = seconds() - start;
    time[LOSS] = time[BACKWARD] = time[STEP] = 0;
    return cor_error();
}

/* ---- measuring -------------------------------------------------------------------------------------------------- */

typedef struct step_time {
    double median, least;  /* seconds a step */
    double phases[PHASES]; /* medians */
    int64_t steps;
} step_time;

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the numbers of one row, or of the rows' sums. */
static double median(double *numbers, int64_t n) {
    qsort(numbers, (size_t)n, sizeof numbers[0], by_size);
    return numbers[n / 2];
}

static int measure(step_time *timing, const training *t, const request *r) {
    static double times[MOST_STEPS][PHASES], one[MOST_STEPS];
    int (*const step)(const training *, double *) = r->infer ? infer : train;
    int64_t n = 0;
    for (int i = 0; i < WARMING_STEPS; i++)
        if (step(t, times[0]) != COR_OK) return cor_error();
    for (const double start = seconds(); n < LEAST_STEPS || (n < MOST_STEPS && seconds() - start < r->budget); n++)
        if (step(t, times[n]) != COR_OK) return cor_error();
    for (int phase = 0; phase < PHASES; phase++) {
        for (int64_t i = 0; i < n; i++) one[i] = times[i][phase];
        timing->phases[phase] = median(one, n);
    }
    for (int64_t i = 0; i < n; i++) one[i] = times[i][0] + times[i][1] + times[i][2] + times[i][3];
    timing->median = median(one, n);
    timing->least = one[0];
    timing->steps = n;
    return COR_OK;
}

/* The most memory that the process has had, in KiB. */
static int64_t peak_memory(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : -1;
}

static void tell(const request *r, const char *name, const step_time *time, json_t *rows) {
    if (rows != NULL) {
        json_t *row = json_pack("{s:s, s:I, s:I, s:f, s:f, s:I}", "model", name, "batch", (json_int_t)r->batch, "steps",
                                (json_int_t)time->steps, "median_us", 1e6 * time->median, "min_us", 1e6 * time->least,
                                "peak_kib", (json_int_t)peak_memory());
        for (int i = 0; i < PHASES; i++) json_object_set_new(row, phase_names[i], json_real(1e6 * time->phases[i]));
        json_array_append_new(rows, row);
        return;
    }
    printf("%-16s %5lld %12.1f us %12.1f us", name, (long long)r->batch, 1e6 * time->median, 1e6 * time->least);
    for (int i = 0; i < PHASES; i++) printf("  %s %.1f", phase_names[i], 1e6 * time->phases[i]);
    printf("  %lld KiB\n", (long long)peak_memory());
}

static int run_model(const request *r, const char *name, json_t *rows) {
    training t;
    step_time time = {0};
    cor_scope();
    if (make_training(&t, r, name) == COR_OK && measure(&time, &t, r) == COR_OK) tell(r, name, &time, rows);
    return finish("bench");
}

/* ---- the command line ------------------------------------------------------------------------------------------- */

enum { KEY_SIDE = 256, KEY_TIME, KEY_ADAM, KEY_INFER };

static struct argp_option options[] = {
    {"batch", 'b', "N", 0, "samples a step (64)", 0},
    {"side", KEY_SIDE, "N", 0, "height and width of a picture (the network's own)", 0},
    {"adam", KEY_ADAM, NULL, 0, "Adam, not SGD with momentum", 0},
    {"infer", KEY_INFER, NULL, 0, "the forward alone, in eval mode and without a record", 0},
    {"time", KEY_TIME, "MS", 0, "milliseconds for each network, 5 steps at least (1000)", 0},
    {"threads", 't', "N", 0, "threads (all)", 0},
    {"json", 'j', NULL, 0, "print JSON", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    request *r = state->input;
    int64_t number;
    switch (key) {
    case 'b':
        if (!read_int(argument, 1, 1 << 20, &r->batch))
            argp_error(state, "--batch takes 1 to 1048576, not '%s'", argument);
        break;
    case KEY_SIDE:
        if (!read_int(argument, 1, 1 << 14, &r->side)) argp_error(state, "--side takes 1 to 16384, not '%s'", argument);
        break;
    case KEY_TIME:
        if (!read_int(argument, 0, 1000000, &number))
            argp_error(state, "--time takes milliseconds, not '%s'", argument);
        r->budget = 1e-3 * (double)number;
        break;
    case KEY_ADAM:
        r->adam = true;
        break;
    case KEY_INFER:
        r->infer = true;
        break;
    default:
        return bench_list_option(&r->list, key, argument, state);
    }
    return 0;
}

static const struct argp argp = {options,
                                 parse,
                                 "[MODEL...]",
                                 "Times training steps: forward, loss, backward, and an optimizer's step.\v"
                                 "MODEL is a network of cor_list_models, or mlp, one of 4, 8 and 1 units. Told are the "
                                 "median and the least time of a step, the medians of its phases, and the most memory "
                                 "that the process has had so far.",
                                 0,
                                 0,
                                 0};

int bench_train(int argc, char **argv) {
    static const char *const usual[] = {"mlp", "lenet", "course"};
    request r = {.list = {.what = "networks", .most = MOST_MODELS}, .batch = 64, .budget = 1};
    int code = EXIT_DONE;
    argp_parse(&argp, argc, argv, 0, NULL, &r);
    for (size_t i = 0; r.list.n == 0 && i < sizeof usual / sizeof usual[0]; i++) r.list.words[i] = usual[i];
    if (r.list.n == 0) r.list.n = sizeof usual / sizeof usual[0];
    json_t *rows = bench_list_rows(&r.list);
    for (int i = 0; i < r.list.n; i++)
        if (run_model(&r, r.list.words[i], rows) != EXIT_DONE) code = EXIT_FAILED;
    return bench_list_end(rows, code);
}
