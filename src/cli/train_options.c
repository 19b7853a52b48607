/* train_options.c: the options of `corrie train`, on the command line and in a run's file. */
#include "cli/train.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind { TEXT, WHOLE, REAL, FLAG } kind;

typedef struct row {
    const char *name, *argument, *help;
    kind kind;
    bool of_run; /* it stands in a run's file */
    size_t at;
    double low, high;
} row;

#define AT(field) offsetof(train_options, field)
static const row rows[] = {
    {"data", "SET", "what to learn: digits, fashion-mnist, cifar10, or a folder (required)", TEXT, true, AT(data), 0,
     0},
    {"data-dir", "DIR", "where the files of fashion-mnist, cifar10 or digits lie", TEXT, true, AT(data_dir), 0, 0},
    {"val-fraction", "X", "the part of a folder that is for validation when it has no folder for it (0.1)", REAL, true,
     AT(val_fraction), 0, 0.9},
    {"size", "N", "the side that pictures are brought to (the set's, or the network's for a folder)", WHOLE, true,
     AT(size), 1, 4096},
    {"channels", "1|3", "grey or colour (as the set is)", WHOLE, true, AT(channels), 1, 3},
    {"augment", "STEPS",
     "random changes of the pictures: crop, flip, affine, several with commas (without STEPS: "
     "those usual for the set)",
     TEXT, true, AT(augment), 0, 0},
    {"model", "NAME", "the network (digits for digits, fashion for fashion-mnist, else resnet18)", TEXT, true,
     AT(model), 0, 0},
    {"epochs", "N", "how often every picture is seen (10)", WHOLE, true, AT(epochs), 1, 1000000},
    {"batch-size", "N", "pictures a step (64)", WHOLE, true, AT(batch_size), 1, 1000000},
    {"optimizer", "NAME", "sgd, adam, adamw, rmsprop, adagrad, adadelta, nadam, adamax or radam (adamw)", TEXT, true,
     AT(optimizer), 0, 0},
    {"lr", "X", "the learning rate (the optimizer's)", REAL, true, AT(lr), 0, 1e6},
    {"momentum", "X", "of sgd and rmsprop (0)", REAL, true, AT(momentum), 0, 1},
    {"weight-decay", "X", "(the optimizer's)", REAL, true, AT(weight_decay), 0, 1e6},
    {"label-smoothing", "X", "of the cross entropy (0)", REAL, true, AT(label_smoothing), 0, 1},
    {"scheduler", "NAME", "none, step, cosine, onecycle or plateau (none)", TEXT, true, AT(scheduler), 0, 0},
    {"step-size", "N", "epochs between the steps of step (a third of all)", WHOLE, true, AT(step_size), 1, 1000000},
    {"gamma", "X", "the factor of step and plateau (0.1)", REAL, true, AT(gamma), 0, 1},
    {"seed", "N", "of everything that is drawn (0)", WHOLE, true, AT(seed), 0, 0x1p53},
    {"every", "STEPS", "save after so many steps, too, not after each epoch only", WHOLE, false, AT(every), 1, 1e12},
    {"save", "FILE", "where the run is saved: weights, and all that is needed to go on", TEXT, false, AT(save), 0, 0},
    {"resume", "FILE", "go on with a saved run, as if it had not been stopped", TEXT, false, AT(resume), 0, 0},
    {"logdir", "DIR", "write TensorBoard's events and log.csv there", TEXT, false, AT(logdir), 0, 0},
    {"workers", "N", "threads that make batches (0; 2 for a folder)", WHOLE, false, AT(workers), 0, 1024},
    {"threads", "N", "threads that compute (all)", WHOLE, false, AT(threads), 1, 1024},
    {"json", NULL, "print a line of JSON an epoch and one at the end", FLAG, false, AT(json), 0, 0},
    {"quiet", NULL, "tell only what goes wrong", FLAG, false, AT(quiet), 0, 0},
};
enum { ROWS = sizeof rows / sizeof rows[0], FIRST_KEY = 256 };

static const train_options defaults = {.optimizer = "adamw",
                                       .scheduler = "none",
                                       .epochs = 10,
                                       .batch_size = 64,
                                       .lr = NAN,
                                       .weight_decay = NAN,
                                       .gamma = 0.1,
                                       .val_fraction = 0.1,
                                       .workers = -1};

/* ---- the command line ------------------------------------------------------------------------------------------- */

static bool was_given(const train_options *o, const char *name) {
    for (int i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0) return (o->given >> i & 1) != 0;
    return false;
}

static void set(train_options *o, const row *r, const char *text, struct argp_state *state) {
    char *field = (char *)o + r->at, *end;
    if (r->kind == TEXT) {
        *(const char **)field = text == NULL ? "usual" : text;
    } else if (r->kind == FLAG) {
        *(bool *)field = true;
    } else if (r->kind == WHOLE) {
        if (!read_int(text, (int64_t)r->low, (int64_t)r->high, (int64_t *)field))
            argp_error(state, "--%s takes a whole number from %.0f to %.0f, not '%s'", r->name, r->low, r->high, text);
    } else {
        const double value = strtod(text, &end);
        if (end == text || *end != '\0' || !(value >= r->low && value <= r->high))
            argp_error(state, "--%s takes a number from %g to %g, not '%s'", r->name, r->low, r->high, text);
        *(double *)field = value;
    }
}

static void check_model(const char *name, struct argp_state *state) {
    cor__text names = {0};
    if (model_info(name) != NULL) return;
    for (const cor_model_info *i = cor_list_models(); i->name != NULL; i++) cor__text_format(&names, " %s", i->name);
    argp_error(state, "there is no network '%s'; there are%s", name, names.failed ? " others" : names.data);
}

/* What a run is stands in its file and cannot be said again, but for where its data are and how long it is. */
static void check_resumed(const train_options *o, struct argp_state *state) {
    for (int i = 0; i < ROWS; i++)
        if (rows[i].of_run && (o->given >> i & 1) != 0 && rows[i].at != AT(data) && rows[i].at != AT(data_dir) &&
            rows[i].at != AT(epochs))
            argp_error(state, "--%s cannot be given with --resume: the file says it", rows[i].name);
}

static void check(const train_options *o, struct argp_state *state) {
    if (o->resume != NULL) {
        check_resumed(o, state);
        return;
    }
    if (o->data == NULL) argp_error(state, "--data is missing");
    if (o->model != NULL) check_model(o->model, state);
    if (!is_optimizer(o->optimizer)) argp_error(state, "there is no optimizer '%s'", o->optimizer);
    if (!is_scheduler(o->scheduler)) argp_error(state, "there is no scheduler '%s'", o->scheduler);
    if (o->augment != NULL && augment_of(o->augment) < 0)
        argp_error(state, "--augment takes crop, flip, affine or none, several with commas, not '%s'", o->augment);
    if (o->channels == 2) argp_error(state, "--channels takes 1 or 3, not '2'");
    if (was_given(o, "momentum") && !optimizer_has_momentum(o->optimizer))
        argp_error(state, "--momentum is for sgd and rmsprop");
    if (was_given(o, "every") && o->save == NULL) argp_error(state, "--every needs --save");
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    train_options *o = state->input;
    if (key >= FIRST_KEY && key < FIRST_KEY + ROWS) {
        o->given |= (uint64_t)1 << (key - FIRST_KEY);
        set(o, &rows[key - FIRST_KEY], argument, state);
        return 0;
    }
    if (key == ARGP_KEY_ARG && was_given(o, "augment") && augment_of(argument) > 0)
        argp_error(state, "the steps follow an equals sign: --augment=%s", argument);
    if (key == ARGP_KEY_ARG) argp_error(state, "takes options only, not '%s'", argument);
    if (key == ARGP_KEY_END) check(o, state);
    return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
}

static const char about[] =
    "Trains a network on pictures.\v"
    "A folder has train and val (or test) in it, each with a folder of PNG or JPEG pictures for every class; or it has "
    "these folders itself, and a part of them is for validation; or it has the files of MNIST (IDX) or CIFAR-10.\n"
    "fashion-mnist is Debian's package dataset-fashion-mnist. CORRIE_DATA names a folder in which the folders "
    "fashion-mnist, cifar10 and digits are looked for first.\n"
    "Ctrl-C ends a run after its step, with all of it saved. Exit codes: 0 done, 1 the work failed (stderr says why), "
    "2 wrong usage, 3 stopped by a signal before the end.";

train_options train_read_options(int argc, char **argv) {
    struct argp_option list[ROWS + 1] = {{0}};
    const struct argp argp = {.options = list, .parser = parse, .args_doc = "", .doc = about};
    train_options o = defaults;
    for (int i = 0; i < ROWS; i++)
        list[i] = (struct argp_option){.name = rows[i].name,
                                       .key = FIRST_KEY + i,
                                       .arg = rows[i].argument,
                                       .flags = rows[i].at == AT(augment) ? OPTION_ARG_OPTIONAL : 0,
                                       .doc = rows[i].help,
                                       .group = i + 1};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    return o;
}

/* ---- a run's file ----------------------------------------------------------------------------------------------- */

enum { NAME = 64 };

static const char *name_in_file(const row *r, char name[NAME]) {
    cor__format(name, NAME, "option.%s", r->name);
    return name;
}

int train_options_add(const train_options *o, cor_checkpoint *c) {
    char name[NAME];
    for (int i = 0; i < ROWS; i++) {
        const char *field = (const char *)o + rows[i].at;
        if (!rows[i].of_run) continue;
        if (rows[i].kind == WHOLE) cor_checkpoint_add_int(c, name_in_file(&rows[i], name), *(const int64_t *)field);
        if (rows[i].kind == REAL) cor_checkpoint_add_double(c, name_in_file(&rows[i], name), *(const double *)field);
        if (rows[i].kind == TEXT && *(const char *const *)field != NULL)
            cor_checkpoint_add_text(c, name_in_file(&rows[i], name), *(const char *const *)field);
    }
    return cor_error();
}

/* One option from the file, held to the same bounds as on the command line. */
static int load(train_options *o, const row *r, const cor_checkpoint *c, const char *name) {
    void *field = (char *)o + r->at;
    if (r->kind == TEXT) {
        *(const char **)field = cor_checkpoint_text(c, name);
        return cor_error();
    }
    if ((r->kind == WHOLE ? cor_checkpoint_int(c, name, field) : cor_checkpoint_double(c, name, field)) != COR_OK)
        return cor_error();
    const double value = r->kind == WHOLE ? (double)*(const int64_t *)field : *(const double *)field;
    if (value >= r->low && value <= r->high) return COR_OK;
    return cor_error_set(COR_EFORMAT, "'%s' is %g, expected %g to %g", name, value, r->low, r->high);
}

int train_options_load(train_options *o, const cor_checkpoint *c) {
    char name[NAME];
    for (int i = 0; i < ROWS; i++) {
        if (!rows[i].of_run || (o->given >> i & 1) != 0) continue;
        (void)name_in_file(&rows[i], name);
        if (rows[i].at == AT(data_dir) && !cor_checkpoint_has(c, name)) continue;
        if (load(o, &rows[i], c, name) != COR_OK) return cor_error();
    }
    return COR_OK;
}

/* In quotes when a shell would read it otherwise. */
static void append_word(cor__text *text, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        cor__text_append(text, word);
        return;
    }
    cor__text_append(text, "'");
    for (; *word != '\0'; word++) {
        if (*word == '\'') cor__text_append(text, "'\\''");
        else cor__text_append_n(text, word, 1);
    }
    cor__text_append(text, "'");
}

void train_command(cor__text *text, const train_options *o) {
    cor__text_append(text, "corrie train --resume ");
    append_word(text, o->save);
    for (int i = 0; i < ROWS; i++) {
        const char *field = (const char *)o + rows[i].at;
        if (rows[i].of_run || (o->given >> i & 1) == 0 || rows[i].at == AT(save) || rows[i].at == AT(resume)) continue;
        cor__text_format(text, " --%s", rows[i].name);
        if (rows[i].kind == WHOLE) cor__text_format(text, " %lld", (long long)*(const int64_t *)field);
        if (rows[i].kind != TEXT) continue;
        cor__text_append(text, " ");
        append_word(text, *(const char *const *)field);
    }
}
