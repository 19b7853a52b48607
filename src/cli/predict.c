/* predict.c: corrie predict: what pictures show, by a network that corrie train made. */
#include "cli/train.h"
#include <corrie/transforms.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_PICTURE = 32, KEY_TOP = 256, KEY_PICTURE, KEY_THREADS };

typedef struct request {
    const char *model, **images;
    int64_t n_images, top;
    bool json;
    enum { AUTO, ALWAYS, NEVER } picture;
} request;

static struct argp_option options[] = {
    {"top", KEY_TOP, "N", 0, "how many classes to tell (3)", 0},
    {"json", 'j', NULL, 0, "print a line of JSON for each picture", 0},
    {"picture", KEY_PICTURE, "WHEN", 0, "show it as the network sees it: auto (on a terminal), always or never", 0},
    {"threads", KEY_THREADS, "N", 0, "threads that compute (all)", 0},
    {0}};

static void set_picture(request *r, const char *when, struct argp_state *state) {
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(names[i], when) != 0) continue;
        r->picture = i == 0 ? AUTO : i == 1 ? ALWAYS : NEVER;
        return;
    }
    argp_error(state, "--picture takes auto, always or never, not '%s'", when);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    request *r = state->input;
    switch (key) {
    case KEY_TOP:
        if (!read_int(argument, 1, 1000000, &r->top))
            argp_error(state, "--top takes a whole number from 1 on, not '%s'", argument);
        break;
    case KEY_PICTURE:
        set_picture(r, argument, state);
        break;
    case KEY_THREADS:
        threads_option(argument, state);
        break;
    case 'j':
        r->json = true;
        break;
    case ARGP_KEY_ARGS:
        r->model = state->argv[state->next];
        r->images = (const char **)state->argv + state->next + 1;
        r->n_images = state->argc - state->next - 1;
        break;
    case ARGP_KEY_END:
        if (r->model == NULL) argp_error(state, "a MODEL is missing");
        if (r->n_images == 0) argp_error(state, "an IMAGE is missing");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp argp = {
    options,
    parse,
    "MODEL IMAGE...",
    "Tells what PNG or JPEG pictures show, by a network that corrie train saved in MODEL.\v"
    "A picture is brought to what the network was trained on: its shorter side to that size, the middle cut out, grey "
    "or "
    "colour, transparency dropped. Digits are light on dark, as in their set.\n"
    "Exit codes: 0 done, 1 a picture or the network could not be read (the other pictures are told), 2 wrong usage.",
    0,
    0,
    0};

/* ---- telling ---------------------------------------------------------------------------------------------------- */

typedef struct guess {
    const char *name;
    double probability;
} guess;

static int by_probability(const void *a, const void *b) {
    const double p = ((const guess *)a)->probability, q = ((const guess *)b)->probability;
    return p < q ? 1 : p > q ? -1 : 0;
}

static int tell_json(const char *file, const guess *guesses, int64_t n) {
    json_t *list = json_array();
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:f}", "class", guesses[i].name, "probability", guesses[i].probability));
    json_t *line = json_pack("{s:s, s:o}", "file", file, "predictions", list);
    const bool failed = line == NULL || json_dumpf(line, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF;
    json_decref(line);
    return failed ? cor_error_set(COR_EIO, "the JSON text could not be written") : COR_OK;
}

static int draw(cor_tensor *bytes) {
    const terminal on = terminal_of(1);
    cor__text text = {0};
    cor_tensor *grey = cor_grayscale(bytes);
    if (cor_size(grey, 1) > LARGEST_PICTURE) grey = cor_resize(grey, .size = LARGEST_PICTURE);
    if (picture_draw(&text, grey, &on) == COR_OK && !text.failed) printf("%s", text.data);
    cor__text_free(&text);
    return cor_error();
}

static int tell(const request *r, const char *file, cor_tensor *bytes, const guess *guesses, int64_t n) {
    int width = 0;
    if (r->json) return tell_json(file, guesses, n);
    printf("%s\n", file);
    if ((r->picture == ALWAYS || (r->picture == AUTO && isatty(1))) && draw(bytes) != COR_OK) return cor_error();
    for (int64_t i = 0; i < n; i++)
        if ((int)strlen(guesses[i].name) > width) width = (int)strlen(guesses[i].name);
    for (int64_t i = 0; i < n; i++) printf("  %-*s %6.2f %%\n", width, guesses[i].name, 100 * guesses[i].probability);
    return COR_OK;
}

/* ---- predicting ------------------------------------------------------------------------------------------------- */

static int predict(const request *r, const trained *t, const char *file) {
    cor_scope();
    cor_no_grad();
    const int64_t n = (int64_t)json_array_size(t->classes);
    cor_tensor *bytes = picture_fit(cor_load_image(file), &t->form);
    cor_tensor *scores = cor_call(t->net, cor_unsqueeze(picture_normal(bytes, &t->form), 0));
    const cor_tensor *shares = cor_contiguous(cor_softmax(cor_to(scores, COR_FLOAT64), 1));
    if (shares == NULL) return cor_error();
    if (cor_numel(shares) != n)
        return cor_error_set(COR_ESHAPE, "the network gives %lld numbers for %lld classes",
                             (long long)cor_numel(shares), (long long)n);
    guess *guesses = calloc((size_t)n, sizeof *guesses);
    if (guesses == NULL) return cor_error_set(COR_ENOMEM, "out of memory");
    for (int64_t i = 0; i < n; i++)
        guesses[i] = (guess){json_string_value(json_array_get(t->classes, (size_t)i)),
                             ((const double *)cor_data_const(shares))[i]};
    qsort(guesses, (size_t)n, sizeof *guesses, by_probability);
    const int code = tell(r, file, bytes, guesses, r->top < n ? r->top : n);
    free(guesses);
    return code;
}

/* What is wrong with one picture does not keep the others from being told. */
static int report(const request *r, const char *file) {
    cor_error_info error;
    (void)cor_error_take(&error);
    const char *named = strncmp(error.text, file, strlen(file)) == 0 ? "" : file;
    fprintf(stderr, "corrie predict: %s%s%s\n", named, *named != '\0' ? ": " : "", error.text);
    if (r->json) {
        json_t *line = json_pack("{s:s, s:s}", "file", file, "error", error.text);
        if (line != NULL && json_dumpf(line, stdout, JSON_COMPACT) == 0) (void)putchar('\n');
        json_decref(line);
    }
    return EXIT_FAILED;
}

int verb_predict(int argc, char **argv) {
    request r = {.top = 3};
    trained t;
    int code = EXIT_DONE;
    argp_parse(&argp, argc, argv, 0, NULL, &r);
    const bool loaded = trained_load(&t, r.model) == COR_OK;
    if (!loaded) code = finish("predict");
    for (int64_t i = 0; loaded && i < r.n_images; i++)
        if (predict(&r, &t, r.images[i]) != COR_OK) code = report(&r, r.images[i]);
    json_decref(t.classes);
    return fflush(stdout) == 0 ? code : EXIT_FAILED;
}
