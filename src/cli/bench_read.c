/* bench_read.c: problems and options in the syntax of benchdnn's command line and batch files. */
#include "cli/bench.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"
enum { TOKEN = 1024, PATH = 4096, DEPTH = 8 };

const char *bench_direction_name(bench_direction direction) {
    static const char *const names[] = {"fwd", "bwd_d", "bwd_w"};
    return names[direction];
}

bench_settings bench_defaults(void) {
    return (bench_settings){.directions = {[BENCH_FORWARD] = true}, .dtypes = {COR_FLOAT32}, .n_dtypes = 1};
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

/* The next element of a list "a,b,c": its length, 0 at the end; *list is moved behind it. */
static size_t next_of(const char **list, const char **element) {
    *list += strspn(*list, ",");
    *element = *list;
    const size_t length = strcspn(*list, ",");
    *list += length;
    return length;
}

static bool is(const char *text, size_t length, const char *word) {
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool add_direction(bench_settings *s, const char *text, size_t length) {
    static const struct {
        const char *name;
        bench_direction direction;
        bool bias;
    } all[] = {{"fwd", BENCH_FORWARD, false},           {"fwd_d", BENCH_FORWARD, false},
               {"fwd_i", BENCH_FORWARD, false},         {"fwd_b", BENCH_FORWARD, true},
               {"bwd_d", BENCH_BACKWARD_DATA, false},   {"bwd_w", BENCH_BACKWARD_WEIGHT, false},
               {"bwd_wb", BENCH_BACKWARD_WEIGHT, true}, {NULL, BENCH_FORWARD, false}};
    for (int i = 0; all[i].name != NULL; i++) {
        if (!is(text, length, all[i].name)) continue;
        s->directions[all[i].direction] = true;
        if (all[i].bias) s->bias = true;
        return true;
    }
    return false;
}

int bench_read_directions(bench_settings *settings, const char *value) {
    const char *at = value, *element;
    memset(settings->directions, 0, sizeof settings->directions);
    settings->bias = false;
    for (size_t length; (length = next_of(&at, &element)) > 0;) {
        if (is(element, length, "all"))
            for (int i = 0; i < BENCH_DIRECTIONS; i++) settings->directions[i] = true;
        else if (!add_direction(settings, element, length))
            return cor_error_set(COR_EFORMAT, "there is no direction '%.*s'", (int)length, element);
    }
    return value[strspn(value, ",")] != '\0' ? COR_OK : cor_error_set(COR_EFORMAT, "a direction is missing");
}

/* benchdnn's name or Corrie's. */
static cor_dtype dtype_named(const char *name, size_t length) {
    for (int i = 0; i < COR_DTYPES; i++)
        if (is(name, length, cor_dtype_name((cor_dtype)i))) return (cor_dtype)i;
    return cor__conv_dtype_named(name, length);
}

int bench_read_dtypes(bench_settings *settings, const char *value) {
    const char *at = value, *element;
    settings->n_dtypes = 0;
    for (size_t length; (length = next_of(&at, &element)) > 0;) {
        const cor_dtype dtype = dtype_named(element, length);
        if (dtype == COR_DTYPE_UNSET)
            return cor_error_set(COR_EDTYPE, "there is no dtype '%.*s' of source, weight and destination alike",
                                 (int)length, element);
        if (settings->n_dtypes < COR_DTYPES) settings->dtypes[settings->n_dtypes++] = dtype;
    }
    return settings->n_dtypes > 0 ? COR_OK : cor_error_set(COR_EDTYPE, "a dtype is missing");
}

int bench_read_post_ops(bench_settings *settings, const char *value) {
    const char *one = value[strspn(value, ",")] == '\0' ? "" : value; /* a list of nothing, or the only one of a list */
    if (cor__conv_read_post_ops(one, strlen(one), &settings->epilogue)) return COR_OK;
    return cor_error_set(COR_EUNSUPPORTED, "--attr-post-ops=%s is not supported", value);
}

static int read_batch(bench_settings *settings, const char *value) {
    return read_int(value, 0, INT32_MAX, &settings->batch)
               ? COR_OK
               : cor_error_set(COR_EFORMAT, "--mb takes one whole number, not '%s'", value);
}

/* ---- options ---------------------------------------------------------------------------------------------------- */

/* Layouts, algorithms that the library chooses itself, and how benchdnn runs and reports. */
static const char *const ignored[] = {"stag",
                                      "wtag",
                                      "dtag",
                                      "tag",
                                      "alg",
                                      "skip-impl",
                                      "impl",
                                      "allow-enum-tags-only",
                                      "attr-same-pd-check",
                                      "attr-scratchpad",
                                      "attr-fpmath",
                                      "attr-acc-mode",
                                      "attr-deterministic",
                                      "canonical",
                                      "check-ref-impl",
                                      "cold-cache",
                                      "cpu-isa-hints",
                                      "ctx-exe",
                                      "ctx-init",
                                      "fast-ref",
                                      "fast-ref-gpu",
                                      "fix-times-per-prb",
                                      "max-ms-per-prb",
                                      "mem-check",
                                      "memory-kind",
                                      "mode",
                                      "mode-modifier",
                                      "num-streams",
                                      "perf-template",
                                      "repeats-per-prb",
                                      "verbose"};

/* They change what is computed, and are accepted when they say nothing. */
static const char *const changing[] = {
    "attr-scales", "attr-oscale", "attr-zero-points", "attr-dropout", "attr-rounding-mode",
    "match",       "start",       "strides"};

static bool among(const char *const *names, size_t n, const char *name, size_t length) {
    for (size_t i = 0; i < n; i++)
        if (is(name, length, names[i])) return true;
    return false;
}
#define AMONG(names, name, length) among(names, sizeof(names) / sizeof(names)[0], name, length)

/* An option, `value` being "" where it has none. */
static int read_option(bench_reader *reader, const char *option) {
    bench_settings *s = &reader->settings;
    const char *name = option + 2;
    const size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : "";
    if (is(name, length, "reset")) return *s = reader->initial, COR_OK;
    if (is(name, length, "conv")) return s->transposed = false, COR_OK;
    if (is(name, length, "deconv")) return s->transposed = true, COR_OK;
    if (is(name, length, "mb")) return read_batch(s, value);
    if (is(name, length, "bia-dt")) return s->bias = strcmp(value, "undef") != 0, COR_OK;
    if (is(name, length, "dir")) return reader->fixed_direction ? COR_OK : bench_read_directions(s, value);
    if (is(name, length, "dt") || is(name, length, "cfg"))
        return reader->fixed_dtype ? COR_OK : bench_read_dtypes(s, value);
    if (is(name, length, "engine") && strncmp(value, "cpu", 3) == 0) return COR_OK;
    if (AMONG(ignored, name, length)) return COR_OK;
    if (is(name, length, "attr-post-ops")) return reader->fixed_post_ops ? COR_OK : bench_read_post_ops(s, value);
    if (is(name, length, "attr-scales") && cor__conv_read_scales(value, strlen(value), &s->epilogue)) return COR_OK;
    if (AMONG(changing, name, length) && value[strspn(value, ",")] == '\0') return COR_OK;
    return cor_error_set(COR_EUNSUPPORTED, "%s is not supported", option);
}

/* ---- problems --------------------------------------------------------------------------------------------------- */

static int parse_problem(const bench_settings *s, const char *token, cor__conv_problem *problem) {
    char text[TOKEN + 16];
    snprintf(text, sizeof text, "%s%s", s->transposed ? "--deconv " : "", token);
    if (cor__conv_parse(text, problem) != COR_OK) return cor_error();
    if (s->batch != 0) problem->n = s->batch;
    if (cor__conv_problem_check(problem) != COR_OK) return cor_error();
    cor__conv_problem_contiguous(problem);
    return COR_OK;
}

static void read_problem(bench_reader *reader, const char *token) {
    bench_row row;
    const bench_settings *s = &reader->settings;
    if (parse_problem(s, token, &row.problem) != COR_OK) {
        reader->failed(reader->context, token);
        return;
    }
    for (int direction = 0; direction < BENCH_DIRECTIONS; direction++)
        for (int i = 0; s->directions[direction] && i < s->n_dtypes; i++) {
            row.direction = (bench_direction)direction;
            row.problem.dtype = s->dtypes[i];
            row.problem.bias = s->bias && direction == BENCH_FORWARD;
            row.problem.epilogue = direction == BENCH_FORWARD ? s->epilogue : (cor__conv_post){.scaled = false};
            reader->row(reader->context, &row);
        }
}

/* ---- sources ---------------------------------------------------------------------------------------------------- */

/* Where the reading of a file or an argument stands. */
typedef struct source {
    const char *path; /* NULL: an argument */
    int depth;
    char token[TOKEN]; /* the word that is held back */
    bool glued;        /* the next word belongs to it */
    bool stopped;
} source;

static bool read_path(bench_reader *reader, const char *path, int depth);

/* --batch=FILE: beside the file that names it. */
static bool read_included(bench_reader *reader, const source *from, const char *name) {
    char path[PATH];
    const char *slash = from->path == NULL || name[0] == '/' ? NULL : strrchr(from->path, '/');
    const int folder = slash == NULL ? 0 : (int)(slash - from->path + 1);
    snprintf(path, sizeof path, "%.*s%s", folder, folder == 0 ? "" : from->path, name);
    return read_path(reader, path, from->depth + 1);
}

/* A word of a source; false when the rest is not to be read. */
static bool read_token(bench_reader *reader, const source *from, const char *token) {
    if (strncmp(token, "--batch=", 8) == 0) return read_included(reader, from, token + 8);
    if (strncmp(token, "-v", 2) == 0) return true;
    if (strncmp(token, "--", 2) != 0) return read_problem(reader, token), true;
    if (read_option(reader, token) == COR_OK) return true;
    reader->failed(reader->context, token);
    return false;
}

/* The word that was held back is whole. */
static void finish_word(bench_reader *reader, source *from) {
    if (from->token[0] != '\0' && !from->stopped) from->stopped = !read_token(reader, from, from->token);
    from->token[0] = '\0';
}

/* A word is held back until it is clear that no backslash follows, which glues the next one, also of the next line, to
 * it. */
static void take_word(bench_reader *reader, source *from, const char *word, size_t length) {
    const bool glues = word[length - 1] == '\\';
    if (!from->glued && !(glues && length == 1)) finish_word(reader, from);
    const size_t begun = strlen(from->token), more = length - glues;
    if (begun + more >= TOKEN) {
        cor_error_set(COR_ELIMIT, "a word is longer than %d characters", TOKEN - 1);
        reader->failed(reader->context, from->path == NULL ? "an argument" : from->path);
        from->stopped = true;
        return;
    }
    memcpy(from->token + begun, word, more);
    from->token[begun + more] = '\0';
    from->glued = glues;
}

/* Cuts a line into words, up to one that begins with #. */
static void read_line(bench_reader *reader, source *from, const char *line) {
    while (!from->stopped) {
        line += strspn(line, BLANKS);
        const size_t length = strcspn(line, BLANKS);
        if (length == 0 || *line == '#') break;
        take_word(reader, from, line, length);
        line += length;
    }
    if (!from->glued) finish_word(reader, from);
}

void bench_read_text(bench_reader *reader, const char *text) {
    source argument = {.path = NULL};
    reader->settings = reader->initial;
    read_line(reader, &argument, text);
}

/* False when the rest of what includes the file is not to be read either. */
static bool read_path(bench_reader *reader, const char *path, int depth) {
    source from = {.path = path, .depth = depth};
    char *line = NULL;
    size_t room = 0;
    FILE *file = strcmp(path, "-") == 0 ? stdin : depth < DEPTH ? fopen(path, "r") : NULL;
    if (file == NULL) {
        cor_error_set(COR_EIO, depth < DEPTH ? "%s: cannot be opened" : "%s: files include each other", path);
        reader->failed(reader->context, path);
        return false;
    }
    while (!from.stopped && getline(&line, &room, file) >= 0) read_line(reader, &from, line);
    finish_word(reader, &from);
    free(line);
    if (file != stdin) fclose(file);
    return !from.stopped;
}

void bench_read_file(bench_reader *reader, const char *path) {
    reader->settings = reader->initial;
    read_path(reader, path, 0);
}
