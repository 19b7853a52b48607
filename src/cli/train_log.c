/* train_log.c: what a run tells: on the terminal, as JSON, in a table, and to TensorBoard. */
#include "base/text.h"
#include "cli/train.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHART_ROWS = 6 };

/* The best accuracy of the validation so far, and its epoch, from 1; NaN without a validation. */
static double best(const train_run *run, int64_t *epoch) {
    double most = NAN;
    for (int64_t i = 0; i < run->epoch; i++) {
        if (!(run->history.val_accuracy[i] > most) && !isnan(most)) continue;
        most = run->history.val_accuracy[i];
        *epoch = i + 1;
    }
    return most;
}

static int64_t count_parameters(cor_module *net) {
    cor_scope();
    const cor_dict *all = cor_parameters(net);
    int64_t n = 0;
    for (int64_t i = 0; i < cor_dict_count(all); i++) n += cor_numel(cor_dict_tensor_at(all, i));
    return n;
}

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

/* One line on stdout, at once. */
static int print_line(json_t *value) {
    char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT);
    const bool failed = text == NULL || printf("%s\n", text) < 0 || fflush(stdout) != 0;
    free(text);
    json_decref(value);
    return failed ? cor_error_set(COR_EIO, "the JSON text could not be written") : COR_OK;
}

static int print_epoch(const train_run *run, double seconds_taken) {
    const int64_t last = run->epoch - 1;
    return print_line(json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "epoch", (json_int_t)run->epoch, "epochs",
                                (json_int_t)run->options.epochs, "steps", (json_int_t)run->steps, "train_loss",
                                number(run->history.train_loss[last]), "val_loss", number(run->history.val_loss[last]),
                                "val_accuracy", number(run->history.val_accuracy[last]), "lr",
                                number(cor_lr(run->optimizer, 0)), "seconds", number(seconds_taken)));
}

static int print_end(const train_log *log, bool stopped) {
    const train_run *run = log->run;
    int64_t best_epoch = 0;
    const double most = best(run, &best_epoch);
    const bool any = run->epoch > 0;
    return print_line(json_pack("{s:b, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:s?}", "done", !stopped, "data",
                                run->options.data, "model", run->options.model, "epochs", (json_int_t)run->epoch,
                                "step", (json_int_t)run->step, "parameters", (json_int_t)count_parameters(run->net),
                                "val_accuracy", number(any ? run->history.val_accuracy[run->epoch - 1] : NAN),
                                "best_accuracy", number(most), "best_epoch",
                                best_epoch > 0 ? json_integer(best_epoch) : json_null(), "seconds",
                                number(seconds() - log->began), "file", run->options.save));
}

/* ---- the begin -------------------------------------------------------------------------------------------------- */

static void tell_begin(const train_run *run) {
    const train_data *d = &run->data;
    fprintf(stderr, "%s: %lld pictures of %lldx%lldx%lld for training, %lld for validation, %lld classes\n",
            run->options.data, (long long)cor_dataset_size(d->train), (long long)d->form.channels,
            (long long)d->form.height, (long long)d->form.width, (long long)cor_dataset_size(d->val),
            (long long)d->classes);
    fprintf(stderr, "%s: %lld parameters, %s, %d thread%s\n", run->options.model, (long long)count_parameters(run->net),
            run->options.optimizer, cor_num_threads(), cor_num_threads() == 1 ? "" : "s");
    if (run->epoch > 0 || run->step > 0)
        fprintf(stderr, "going on after %lld epochs and %lld steps\n", (long long)run->epoch, (long long)run->step);
}

int train_log_begin(train_log *log, const train_run *run) {
    static const char *const columns[] = {"epoch", "train_loss", "val_loss", "val_accuracy", "lr", "seconds"};
    const char *folder = run->options.logdir;
    *log = (train_log){.run = run, .began = seconds()};
    if (!run->options.quiet) tell_begin(run);
    if (folder == NULL) return COR_OK;
    log->writer = cor_summary_writer_new(folder);
    cor__format(log->csv_path, sizeof log->csv_path, "%s/log.csv", folder);
    if (log->writer == NULL || csv_open(&log->csv, log->csv_path, columns, 6) != COR_OK) return cor_error();
    log->has_csv = true;
    return COR_OK;
}

/* ---- epochs ----------------------------------------------------------------------------------------------------- */

void train_log_epoch(train_log *log) {
    const train_run *run = log->run;
    cor__format(log->what, sizeof log->what, "epoch %lld/%lld", (long long)run->epoch + 1,
                (long long)run->options.epochs);
    log->bar = progress_begin(log->what, cor_loader_length(run->loader));
    if (run->options.quiet) log->bar.on.live = false;
    log->epoch_began = seconds();
}

void train_log_step(train_log *log, double loss) { progress_show(&log->bar, log->run->step, loss); }

static void tell_epoch(const train_run *run, double seconds_taken) {
    const int64_t last = run->epoch - 1;
    fprintf(stderr, "epoch %lld/%lld  train loss %.4f", (long long)run->epoch, (long long)run->options.epochs,
            run->history.train_loss[last]);
    if (run->data.val != NULL)
        fprintf(stderr, "  val loss %.4f  val accuracy %.2f %%", run->history.val_loss[last],
                100 * run->history.val_accuracy[last]);
    fprintf(stderr, "  %.1f s\n", seconds_taken);
}

static int write_files(train_log *log, double seconds_taken) {
    const train_run *run = log->run;
    const int64_t last = run->epoch - 1;
    const double lr = cor_lr(run->optimizer, 0);
    const struct {
        const char *tag;
        double value;
    } scalars[] = {{"loss/train", run->history.train_loss[last]},
                   {"loss/val", run->history.val_loss[last]},
                   {"accuracy/val", run->history.val_accuracy[last]},
                   {"lr", lr}};
    if (log->writer == NULL) return COR_OK;
    for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
        if (!isnan(scalars[i].value)) cor_summary_add_scalar(log->writer, scalars[i].tag, scalars[i].value, run->epoch);
    if (cor_error() != COR_OK || cor_summary_writer_flush(log->writer) != COR_OK) return cor_error();
    return csv_row(&log->csv, (const double[]){(double)run->epoch, scalars[0].value, scalars[1].value, scalars[2].value,
                                               lr, seconds_taken});
}

int train_log_epoch_done(train_log *log) {
    const train_run *run = log->run;
    const double taken = seconds() - log->epoch_began;
    progress_end(&log->bar);
    if (!run->options.quiet) tell_epoch(run, taken);
    if (run->options.json && print_epoch(run, taken) != COR_OK) return cor_error();
    return write_files(log, taken);
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

static void draw_history(const train_run *run) {
    const terminal on = terminal_of(2);
    const train_history *h = &run->history;
    const chart_series series[] = {{"train loss", h->train_loss, run->epoch},
                                   {"val loss", h->val_loss, run->epoch},
                                   {"val accuracy", h->val_accuracy, run->epoch}};
    cor__text text = {0};
    if (!on.live || run->epoch < 2) return;
    chart_draw(&text, series, run->data.val != NULL ? 3 : 1, CHART_ROWS, &on);
    if (!text.failed) fprintf(stderr, "%s", text.data);
    cor__text_free(&text);
}

static void tell_end(const train_log *log) {
    const train_run *run = log->run;
    int64_t best_epoch = 0;
    const double most = best(run, &best_epoch);
    draw_history(run);
    fprintf(stderr, "%lld epochs in %.1f s", (long long)run->epoch, seconds() - log->began);
    if (!isnan(most))
        fprintf(stderr, ": val accuracy %.2f %% (best %.2f %% after epoch %lld)",
                100 * run->history.val_accuracy[run->epoch - 1], 100 * most, (long long)best_epoch);
    if (run->options.save != NULL) fprintf(stderr, "; saved in %s", run->options.save);
    fprintf(stderr, "\n");
}

/* What was stopped, and how it goes on; also when quiet. */
static void tell_stopped(const train_run *run) {
    cor__text command = {0};
    fprintf(stderr, "corrie train: stopped after %lld epochs and %lld of %lld steps", (long long)run->epoch,
            (long long)run->step, (long long)cor_loader_length(run->loader));
    if (run->options.save == NULL) {
        fprintf(stderr, "; all of it is lost, since there is no --save FILE\n");
        return;
    }
    train_command(&command, &run->options);
    fprintf(stderr, ", saved; go on with\n  %s\n", command.failed ? "corrie train --resume FILE" : command.data);
    cor__text_free(&command);
}

int train_log_end(train_log *log, bool stopped) {
    const train_run *run = log->run;
    progress_end(&log->bar);
    if (stopped) tell_stopped(run);
    else if (!run->options.quiet) tell_end(log);
    if (run->options.json) (void)print_end(log, stopped);
    if (log->writer != NULL) cor_summary_writer_close(log->writer);
    if (log->has_csv) (void)csv_close(&log->csv);
    return cor_error();
}
