/* Texts and random numbers with every allocation failing: COR_ENOMEM, nothing printed in part, no number drawn. */
#include "support/scenario.h"
#include <corrie.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- tensors to texts ------------------------------------------------------------------------------------------- */

enum { TENSORS = 10 };

static cor_tensor *printed[TENSORS];
static cor_print_options other_options;

static void make_printed(void) {
    printed[0] = cor_reshape(cor_arange(0, 24, .dtype = COR_FLOAT32), 2, 3, 4);
    printed[1] = cor_mul(cor_arange(0, 12, .dtype = COR_FLOAT64), 1e-7);
    printed[2] = cor_reshape(cor_arange(0, 4000), 40, 100); /* summarised */
    printed[3] = cor_tensor_text("[[nan, inf], [-inf, 1]]", .dtype = COR_BFLOAT16);
    printed[4] = cor_tensor_text("[True, False]");
    printed[5] = cor_zeros(2, 0, 3);
    printed[6] = cor_scalar(3);
    printed[7] = cor_parameter(cor_ones(3));
    printed[8] = cor_mul(cor_transpose(printed[7] == NULL ? NULL : cor_expand(printed[7], 2, 3), 0, 1), 2);
    printed[9] = cor_full_of(COR_FLOAT16, 0.1, 30);
    cor_print_options_init(&other_options);
    other_options.precision = 2;
    other_options.threshold = 5;
    other_options.edgeitems = 1;
    other_options.sci_mode = 1;
}

typedef struct text_case {
    const cor_tensor *tensor;
    const cor_print_options *options;
} text_case;

static int repr(void *context, scenario_hash *result) {
    const text_case *the = context;
    char *text = cor_repr(the->tensor, the->options);
    if ((text == NULL) == (cor_error() == COR_OK)) fail_msg("a text and an error, or neither");
    scenario_feed_text(result, text);
    return cor_error();
}

static void tensors_as_texts(void **state) {
    (void)state;
    char name[32];
    for (int i = 0; i < 2 * TENSORS; i++) {
        text_case the = {printed[i % TENSORS], i < TENSORS ? NULL : &other_options};
        snprintf(name, sizeof name, "text %d of tensor %d", i / TENSORS, i % TENSORS);
        assert_true(scenario_run(name, repr, &the) > 0);
    }
}

/* ---- printing --------------------------------------------------------------------------------------------------- */

static cor_module *network;

static int print_tensor(void) { return cor_print(printed[0]); }
static int print_shape(void) { return cor_print_shape(printed[0]); }
static int print_module(void) { return cor_print_module(network); }

typedef struct print_case {
    const char *name;
    int (*run)(void);
} print_case;

/* Runs with both streams in files; returns how many bytes went to stdout, which are at the start of `written`. */
static size_t captured(int (*run)(void), int *code, char *written, size_t room) {
    FILE *files[2] = {tmpfile(), tmpfile()};
    int before[2];
    (void)fflush(NULL);
    for (int i = 0; i < 2; i++) {
        before[i] = dup(i + 1);
        if (files[i] == NULL || before[i] < 0 || dup2(fileno(files[i]), i + 1) < 0) fail_msg("no file for a stream");
    }
    *code = run();
    (void)fflush(NULL);
    for (int i = 0; i < 2; i++) {
        if (dup2(before[i], i + 1) < 0) fail_msg("the stream cannot be put back");
        (void)close(before[i]);
    }
    rewind(files[0]);
    size_t n = fread(written, 1, room, files[0]);
    (void)fclose(files[0]);
    (void)fclose(files[1]);
    return n;
}

static int print(void *context, scenario_hash *result) {
    const print_case *the = context;
    char written[2048];
    int code;
    size_t n = captured(the->run, &code, written, sizeof written);
    if (cor_error() != COR_OK) fail_msg("%s leaves an error pending that it has told", the->name);
    if ((code == COR_OK) != (n > 0)) fail_msg("%s returns %d and writes %zu bytes", the->name, code, n);
    scenario_feed(result, written, n);
    return code;
}

static void printing(void **state) {
    (void)state;
    const print_case cases[] = {{"print", print_tensor}, {"print shape", print_shape}, {"print module", print_module}};
    for (int i = 0; i < 3; i++) {
        print_case the = cases[i];
        assert_true(scenario_run(the.name, print, &the) >= (i != 1));
    }
}

static int print_repeated(void *context, scenario_hash *result) {
    (void)context;
    cor_module *list = cor_nn_module_list(cor_nn_linear(2, 2), cor_nn_linear(2, 2), cor_nn_relu());
    cor_module *outer = cor_nn_sequential(list, cor_nn_conv2d(1, 2, 3, .padding = 2, .dilation = 2, .groups = 1));
    if (outer == NULL) return cor_error();
    char *text = cor_module_repr(outer);
    if ((text == NULL) == (cor_error() == COR_OK)) fail_msg("a text and an error, or neither");
    scenario_feed_text(result, text);
    return cor_error();
}

static void modules_as_texts(void **state) {
    (void)state;
    assert_true(scenario_run("repeated modules", print_repeated, NULL) > 0);
}

/* ---- texts to tensors ------------------------------------------------------------------------------------------- */

typedef struct parse_case {
    const char *text;
    cor_dtype dtype;
} parse_case;

static int parse(void *context, scenario_hash *result) {
    const parse_case *the = context;
    cor_tensor *t = cor_tensor_text(the->text, .dtype = the->dtype);
    if ((t == NULL) == (cor_error() == COR_OK)) fail_msg("%s: a tensor and an error, or neither", the->text);
    scenario_feed_tensor(result, t);
    return cor_error();
}

static void texts_to_tensors(void **state) {
    (void)state;
    static char many[4096]; /* more numbers than fit where they are first put */
    strcpy(many, "[0");
    for (int i = 1; i < 600; i++) snprintf(many + strlen(many), sizeof many - strlen(many), ", %d", i);
    strcat(many, "]");
    const parse_case cases[] = {{"3", COR_DTYPE_UNSET},
                                {"-1.5e-3", COR_FLOAT64},
                                {"[]", COR_DTYPE_UNSET},
                                {"[True, False, 2]", COR_DTYPE_UNSET},
                                {"[[[1, 2], [3, 4]], [[5, 6], [7, nan]]]", COR_BFLOAT16},
                                {"[9007199254740993, -1]", COR_INT64},
                                {many, COR_DTYPE_UNSET},
                                {many, COR_FLOAT16}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse_case the = cases[i];
        assert_true(scenario_run(the.text, parse, &the) > 0);
    }
}

/* ---- random numbers --------------------------------------------------------------------------------------------- */

static cor_tensor *target; /* what an in-place draw fills: a copy that a body makes */

typedef struct draw_case {
    const char *name;
    cor_tensor *(*draw)(void);
} draw_case;

#define DRAW(name, expression)                                                                                         \
    static cor_tensor *name(void) { return expression; }

DRAW(rand_of_half, cor_rand_of(COR_FLOAT16, 5, 3))
DRAW(randn_of_many, cor_randn(40))
DRAW(randn_of_few, cor_randn_of(COR_FLOAT64, 3))
DRAW(randint_of_bytes, cor_randint_of(COR_UINT8, 3, 9, 7))
DRAW(randperm, cor_randperm(30))
DRAW(randperm_of_reals, cor_randperm(9, .dtype = COR_FLOAT32))
DRAW(rand_like, cor_rand_like(target))
DRAW(randn_like, cor_randn_like(target, .dtype = COR_FLOAT64))
DRAW(randint_like, cor_randint_like(target, -5, 5))
DRAW(uniform, cor_uniform_(target, .from = -1, .to = 3))
DRAW(normal, cor_normal_(target, .mean = 1, .std = 2))
DRAW(log_normal, cor_log_normal_(target))
DRAW(cauchy, cor_cauchy_(target))
DRAW(exponential, cor_exponential_(target, .lambd = 2))
DRAW(random_integers, cor_random_(target, .from = 3, .to = 17))
DRAW(bernoulli, cor_bernoulli_(target, 0.25))
DRAW(bernoulli_by_tensor, cor_bernoulli_(target, cor_full(0.5, 6)))
DRAW(geometric, cor_geometric_(target, 0.2))

static unsigned char stream_before[COR_GENERATOR_STATE], stream_after[COR_GENERATOR_STATE];

static void get_stream(unsigned char *state) {
    if (cor_generator_get_state(cor_default_generator(), state, COR_GENERATOR_STATE) != COR_OK) fail_msg("no state");
}

/* A draw that fails has drawn nothing, and its target is as it was. */
static int draw(void *context, scenario_hash *result) {
    const draw_case *the = context;
    cor_manual_seed(5);
    target = cor_transpose(cor_zeros(6, 4), 0, 1);
    if (target == NULL) return cor_error();
    get_stream(stream_before);
    cor_tensor *drawn = the->draw();
    int code = cor_error_take(NULL);
    get_stream(stream_after);
    if ((drawn == NULL) == (code == COR_OK)) fail_msg("%s: a result and an error, or neither", the->name);
    if (drawn != NULL) scenario_feed_tensor(result, drawn);
    else if (memcmp(stream_before, stream_after, sizeof stream_before) != 0) fail_msg("%s: drew and failed", the->name);
    else if (cor_version_of(target) != 0) fail_msg("%s: the target counts a change", the->name);
    scenario_feed(result, stream_after, sizeof stream_after);
    return code != COR_OK ? code : cor_error();
}

#define C(name)                                                                                                        \
    { #name, name }

static void random_numbers(void **state) {
    (void)state;
    const draw_case cases[] = {C(rand_of_half),     C(randn_of_many), C(randn_of_few),
                               C(randint_of_bytes), C(randperm),      C(randperm_of_reals),
                               C(rand_like),        C(randn_like),    C(randint_like),
                               C(uniform),          C(normal),        C(log_normal),
                               C(cauchy),           C(exponential),   C(random_integers),
                               C(bernoulli),        C(geometric),     C(bernoulli_by_tensor)};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        draw_case the = cases[i];
        assert_true(scenario_run(the.name, draw, &the) > 0);
    }
}

static int own_generator(void *context, scenario_hash *result) {
    (void)context;
    cor_generator *g = cor_generator_new();
    if ((g == NULL) == (cor_error() == COR_OK)) fail_msg("a generator and an error, or neither");
    if (g == NULL || cor_generator_seed(g, 7) != COR_OK) return cor_error();
    scenario_feed_tensor(result, cor_normal_(cor_empty(20), .generator = g));
    scenario_feed_tensor(result, cor_randperm(10, .generator = g));
    return cor_error();
}

static void generators(void **state) {
    (void)state;
    assert_true(scenario_run("own generator", own_generator, NULL) > 0);
}

int main(void) {
    scenario_install();
    if (cor_set_num_threads(1) != COR_OK) return cor_report();
    cor_scope();
    make_printed();
    network = cor_nn_sequential(cor_nn_linear(3, 2), cor_nn_sequential(cor_nn_relu(), cor_nn_dropout()));
    if (cor_error() != COR_OK) return cor_report();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_as_texts), cmocka_unit_test(printing),       cmocka_unit_test(modules_as_texts),
        cmocka_unit_test(texts_to_tensors), cmocka_unit_test(random_numbers), cmocka_unit_test(generators),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
