/* train_file.c: a run as one file, from which it goes on and from which pictures are predicted. */
#include "cli/train.h"
#include <corrie/creation.h>
#include <corrie/scheduler.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The version of what is below, and the text by which such a file is known. */
enum { VERSION = 1 };
#define MARK "corrie.train"

/* An array of the kind that is wanted, owned; NULL with an error pending. */
static json_t *get_array(const cor_checkpoint *c, const char *name, bool of_texts) {
    const char *text = cor_checkpoint_text(c, name);
    json_t *array = text == NULL ? NULL : json_loads(text, 0, NULL);
    bool fits = json_is_array(array) && json_array_size(array) > 0;
    for (size_t i = 0; fits && i < json_array_size(array); i++)
        fits = of_texts ? json_is_string(json_array_get(array, i)) : json_is_number(json_array_get(array, i));
    if (fits) return array;
    json_decref(array);
    if (text != NULL) cor_error_set(COR_EFORMAT, "'%s' is '%.80s', expected an array", name, text);
    return NULL;
}

/* ---- what the network takes and gives --------------------------------------------------------------------------- */

/* "[0.485,0.456,0.406]", each the shortest that reads back the same. */
static int add_numbers(cor_checkpoint *c, const char *name, const double *at, int64_t n) {
    cor__text text = {0};
    for (int64_t i = 0; i < n; i++) {
        cor__text_append(&text, i == 0 ? "[" : ",");
        cor__text_double(&text, at[i]);
    }
    cor__text_append(&text, "]");
    const int code = text.failed ? cor_error() : cor_checkpoint_add_text(c, name, text.data);
    cor__text_free(&text);
    return code;
}

static int add_form(cor_checkpoint *c, const picture_form *form) {
    cor_checkpoint_add_int(c, "channels", form->channels);
    cor_checkpoint_add_int(c, "height", form->height);
    cor_checkpoint_add_int(c, "width", form->width);
    add_numbers(c, "mean", form->mean, form->channels);
    return add_numbers(c, "std", form->std, form->channels);
}

static int get_numbers(const cor_checkpoint *c, const char *name, double *at, int64_t n) {
    json_t *array = get_array(c, name, false);
    if (array == NULL) return cor_error();
    if (json_array_size(array) != (size_t)n)
        cor_error_set(COR_EFORMAT, "'%s' is not for %lld channels", name, (long long)n);
    for (int64_t i = 0; i < n && cor_error() == COR_OK; i++)
        at[i] = json_number_value(json_array_get(array, (size_t)i));
    json_decref(array);
    return cor_error();
}

static int get_form(const cor_checkpoint *c, picture_form *form) {
    if (cor_checkpoint_int(c, "channels", &form->channels) != COR_OK ||
        cor_checkpoint_int(c, "height", &form->height) != COR_OK ||
        cor_checkpoint_int(c, "width", &form->width) != COR_OK)
        return cor_error();
    if ((form->channels != 1 && form->channels != 3) || form->height < 1 || form->height > 4096 || form->width < 1 ||
        form->width > 4096)
        return cor_error_set(COR_EFORMAT, "%lld channels of %lldx%lld are no pictures", (long long)form->channels,
                             (long long)form->height, (long long)form->width);
    if (get_numbers(c, "mean", form->mean, form->channels) != COR_OK) return cor_error();
    return get_numbers(c, "std", form->std, form->channels);
}

static int add_classes(cor_checkpoint *c, const train_data *d) {
    json_t *names = json_array();
    for (int64_t i = 0; i < d->classes; i++) json_array_append_new(names, json_string(train_class_name(d, i)));
    char *text = json_dumps(names, JSON_COMPACT);
    const int code =
        text == NULL ? cor_error_set(COR_ENOMEM, "out of memory") : cor_checkpoint_add_text(c, "classes", text);
    free(text);
    json_decref(names);
    return code;
}

int train_file_check(const cor_checkpoint *c, const char *path) {
    int64_t version;
    if (c == NULL) return cor_error();
    if (!cor_checkpoint_has(c, MARK))
        return cor_error_set(COR_EFORMAT, "%s: no file of corrie train: it has no text '" MARK "'", path);
    if (cor_checkpoint_int(c, MARK, &version) != COR_OK) return cor_error();
    if (version == VERSION) return COR_OK;
    return cor_error_set(COR_EFORMAT, "%s: version %lld of a run's file, expected %d", path, (long long)version,
                         VERSION);
}

int trained_load(trained *t, const char *path) {
    *t = (trained){0};
    const cor_checkpoint *c = cor_checkpoint_load(path);
    if (train_file_check(c, path) != COR_OK || get_form(c, &t->form) != COR_OK) return cor_error();
    const char *model = cor_checkpoint_text(c, "option.model");
    t->classes = get_array(c, "classes", true);
    if (t->classes == NULL || model == NULL) return cor_error();
    t->net = cor_get_model(model, .num_classes = (int64_t)json_array_size(t->classes), .in_channels = t->form.channels);
    if (t->net == NULL || cor_checkpoint_load_module(c, "model", t->net) != COR_OK) return cor_error();
    return cor_eval(t->net);
}

/* ---- where the run stands --------------------------------------------------------------------------------------- */

static const struct series {
    const char *name;
    size_t at;
} series[] = {{"history.train_loss", offsetof(train_history, train_loss)},
              {"history.val_loss", offsetof(train_history, val_loss)},
              {"history.val_accuracy", offsetof(train_history, val_accuracy)}};
enum { SERIES = sizeof series / sizeof series[0] };

static double *values_of(const train_run *run, const struct series *s) {
    return *(double *const *)((const char *)&run->history + s->at);
}

static int add_progress(const train_run *run, cor_checkpoint *c) {
    cor_checkpoint_add_int(c, "epoch", run->epoch);
    cor_checkpoint_add_int(c, "step", run->step);
    cor_checkpoint_add_int(c, "steps", run->steps);
    cor_checkpoint_add_int(c, "seen", run->seen);
    cor_checkpoint_add_double(c, "loss_sum", run->loss_sum);
    for (int i = 0; i < SERIES && run->epoch > 0; i++)
        cor_checkpoint_add_tensor(c, series[i].name,
                                  cor_from_data(values_of(run, &series[i]), COR_FLOAT64, run->epoch));
    return cor_error();
}

int train_save(const train_run *run) {
    cor_scope();
    cor_checkpoint *c = cor_checkpoint_new();
    cor_checkpoint_add_int(c, MARK, VERSION);
    train_options_add(&run->options, c);
    add_form(c, &run->data.form);
    add_classes(c, &run->data);
    add_progress(run, c);
    cor_checkpoint_add_module(c, "model", run->net);
    cor_checkpoint_add_dict(c, "optimizer", cor_optimizer_state(run->optimizer));
    if (run->scheduler != NULL) cor_checkpoint_add_dict(c, "scheduler", cor_scheduler_state(run->scheduler));
    cor_checkpoint_add_tensor(c, "loader", cor_loader_state(run->loader));
    cor_checkpoint_add_generator(c, "rng", COR_GENERATOR_DEFAULT);
    return cor_error() != COR_OK ? cor_error() : cor_checkpoint_save(c, run->options.save);
}

static int get_progress(train_run *run, const cor_checkpoint *c) {
    if (cor_checkpoint_int(c, "epoch", &run->epoch) != COR_OK || cor_checkpoint_int(c, "step", &run->step) != COR_OK ||
        cor_checkpoint_int(c, "steps", &run->steps) != COR_OK || cor_checkpoint_int(c, "seen", &run->seen) != COR_OK ||
        cor_checkpoint_double(c, "loss_sum", &run->loss_sum) != COR_OK)
        return cor_error();
    if (run->epoch < 0 || run->epoch > run->options.epochs || run->step < 0 ||
        run->step > cor_loader_length(run->loader))
        return cor_error_set(COR_EVALUE, "the run has done %lld epochs and %lld steps, of %lld epochs of %lld steps",
                             (long long)run->epoch, (long long)run->step, (long long)run->options.epochs,
                             (long long)cor_loader_length(run->loader));
    for (int i = 0; i < SERIES && run->epoch > 0; i++) {
        cor_tensor *values = cor_checkpoint_tensor(c, series[i].name);
        if (values == NULL) return cor_error();
        if (cor_dtype_of(values) != COR_FLOAT64 || cor_numel(values) != run->epoch)
            return cor_error_set(COR_EFORMAT, "'%s' is not a number for each epoch", series[i].name);
        memcpy(values_of(run, &series[i]), cor_data_const(values), (size_t)run->epoch * sizeof(double));
    }
    return COR_OK;
}

int train_restore(train_run *run, const cor_checkpoint *c) {
    cor_scope();
    if (get_progress(run, c) != COR_OK || cor_checkpoint_load_module(c, "model", run->net) != COR_OK ||
        cor_load_optimizer_state(run->optimizer, cor_checkpoint_dict(c, "optimizer")) != COR_OK)
        return cor_error();
    if (run->scheduler != NULL &&
        cor_load_scheduler_state(run->scheduler, cor_checkpoint_dict(c, "scheduler")) != COR_OK)
        return cor_error();
    if (cor_loader_restore(run->loader, cor_checkpoint_tensor(c, "loader")) != COR_OK) return cor_error();
    return cor_checkpoint_load_generator(c, "rng", COR_GENERATOR_DEFAULT);
}
