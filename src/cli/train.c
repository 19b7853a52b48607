/* train.c: corrie train. */
#include "cli/train.h"
#include <corrie/autograd.h>
#include <corrie/loss.h>
#include <corrie/scheduler.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- signals ---------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t stopped;

/* The first ends the run after its step, the second the program. */
static void stop(int number) {
    (void)number;
    stopped = 1;
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
}

static void catch_signals(void) {
    const struct sigaction action = {.sa_handler = stop, .sa_flags = SA_RESTART};
    stopped = 0;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error of its writing */
}

/* ---- one epoch -------------------------------------------------------------------------------------------------- */

static int learn(train_run *run, cor_tensor *images, cor_tensor *labels, double *loss) {
    cor_scope();
    cor_tensor *value =
        cor_cross_entropy(cor_call(run->net, images), labels, .label_smoothing = run->options.label_smoothing);
    if (value == NULL) return cor_error();
    *loss = cor_item(value);
    if (!isfinite(*loss))
        return cor_error_set(COR_EVALUE, "the loss is %g after %lld steps; a smaller --lr may help", *loss,
                             (long long)run->steps);
    cor_zero_grad(run->optimizer);
    if (cor_backward(value) != COR_OK || cor_step(run->optimizer) != COR_OK) return cor_error();
    return run->scheduler != NULL && scheduler_of_batches(&run->options) ? cor_scheduler_step(run->scheduler) : COR_OK;
}

static bool saves_now(const train_run *run) { return run->options.every > 0 && run->steps % run->options.every == 0; }

/* The steps of the epoch that are left, or those until a signal. */
static int train_steps(train_run *run, train_log *log) {
    cor_tensor *images, *labels;
    double loss = NAN;
    while (run->step < cor_loader_length(run->loader) && !stopped) {
        if (!cor_next_batch(run->loader, &images, &labels) || learn(run, images, labels, &loss) != COR_OK)
            return cor_error();
        run->step++;
        run->steps++;
        run->seen += cor_size(labels, 0);
        run->loss_sum += loss * (double)cor_size(labels, 0);
        train_log_step(log, loss);
        if (saves_now(run) && train_save(run) != COR_OK) return cor_error();
    }
    return COR_OK;
}

/* Sums over the samples of a batch. */
static int judge(train_run *run, cor_tensor *images, cor_tensor *labels, double *loss, double *right) {
    cor_scope();
    cor_no_grad();
    cor_tensor *scores = cor_call(run->net, images);
    *loss += cor_item(cor_cross_entropy(scores, labels, .reduction = COR_REDUCTION_SUM));
    *right += (double)cor_item_int(cor_sum(cor_to(cor_eq(cor_argmax(scores, .dim = 1), labels), COR_INT64)));
    return cor_error();
}

/* Goes over the validation's samples, or those until a signal. */
static int validate(train_run *run, double *loss, double *accuracy) {
    cor_tensor *images, *labels;
    double sum = 0, right = 0;
    *loss = *accuracy = NAN;
    if (run->val_loader == NULL) return COR_OK;
    cor_eval(run->net);
    while (!stopped && cor_next_batch(run->val_loader, &images, &labels))
        if (judge(run, images, labels, &sum, &right) != COR_OK) return cor_error();
    cor_train(run->net);
    const double n = (double)cor_dataset_size(run->data.val);
    *loss = sum / n;
    *accuracy = right / n;
    return cor_error();
}

/* The scheduler's step of an epoch. */
static int schedule(train_run *run, double loss) {
    if (run->scheduler == NULL || scheduler_of_batches(&run->options)) return COR_OK;
    if (scheduler_of_losses(&run->options)) return cor_scheduler_step_metric(run->scheduler, loss);
    return cor_scheduler_step(run->scheduler);
}

/* Writes down what the epoch gave; the loader ends it, too, and then stands before the next. */
static int end_epoch(train_run *run, double val_loss, double val_accuracy) {
    const double loss = run->loss_sum / (double)run->seen;
    run->history.train_loss[run->epoch] = loss;
    run->history.val_loss[run->epoch] = val_loss;
    run->history.val_accuracy[run->epoch] = val_accuracy;
    run->epoch++;
    run->step = run->seen = 0;
    run->loss_sum = 0;
    (void)cor_next_batch(run->loader, NULL, NULL);
    return cor_error() != COR_OK ? cor_error() : schedule(run, isnan(val_loss) ? loss : val_loss);
}

static int train_epoch(train_run *run, train_log *log) {
    double val_loss, val_accuracy;
    train_log_epoch(log);
    if (train_steps(run, log) != COR_OK || validate(run, &val_loss, &val_accuracy) != COR_OK || stopped)
        return cor_error();
    if (end_epoch(run, val_loss, val_accuracy) != COR_OK || train_log_epoch_done(log) != COR_OK) return cor_error();
    return run->options.save != NULL ? train_save(run) : COR_OK;
}

/* ---- setting up ------------------------------------------------------------------------------------------------- */

/* Says now what would be said after the first epoch. */
static int check_save(const char *path) {
    char folder[4096];
    struct stat about;
    const char *slash = strrchr(path, '/');
    cor__format(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1, slash == NULL ? "." : path);
    if (access(folder, W_OK | X_OK) != 0)
        return cor_error_set(COR_EIO, "%s: cannot be written: %s", path, strerror(errno));
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return cor_error_set(COR_EIO, "%s: cannot be written: it is a folder", path);
    return COR_OK;
}

/* The options of the run that is gone on with. */
static int load_options(train_options *o, const cor_checkpoint *c) {
    int64_t epochs;
    if (train_file_check(c, o->resume) != COR_OK || train_options_load(o, c) != COR_OK ||
        cor_checkpoint_int(c, "option.epochs", &epochs) != COR_OK)
        return cor_error();
    if (o->save == NULL) o->save = o->resume;
    if (!is_scheduler(o->scheduler) || !is_optimizer(o->optimizer) || augment_of(o->augment) < 0 ||
        model_info(o->model) == NULL || o->channels == 2)
        return cor_error_set(COR_EFORMAT, "%s: options that are none", o->resume);
    if (o->epochs != epochs && scheduler_has_end(o))
        return cor_error_set(COR_EVALUE, "--epochs cannot change: the scheduler %s is made for %lld", o->scheduler,
                             (long long)epochs);
    return COR_OK;
}

/* The network, and the size of its pictures: what is asked for, the set's own, or the network's. */
static int make_net(train_run *run) {
    train_options *o = &run->options;
    picture_form *form = &run->data.form;
    const cor_model_info *info = model_info(o->model);
    if (o->channels == 0) o->channels = form->channels;
    run->net = cor_get_model(o->model, .num_classes = run->data.classes, .in_channels = o->channels);
    if (run->net == NULL) return cor_error();
    const bool free = o->size == 0 && !run->data.is_folder;
    int64_t side = o->size != 0 ? o->size : run->data.is_folder ? info->input_size[1] : form->height;
    picture_form tried = {.channels = o->channels, .height = side, .width = side};
    if (!model_takes(run->net, &tried, run->data.classes)) {
        if (!free) return cor_error();
        cor_error_clear();
        tried.height = tried.width = side = info->input_size[1];
        if (!model_takes(run->net, &tried, run->data.classes)) return cor_error();
    }
    o->size = side;
    return train_data_prepare(&run->data, o, side, side);
}

/* Where the last batch would be a single picture it is left out: there is no variance in it. */
static int make_loaders(train_run *run) {
    const train_options *o = &run->options;
    const int64_t n = cor_dataset_size(run->data.train_ready), workers = o->workers >= 0       ? o->workers
                                                                         : run->data.is_folder ? 2
                                                                                               : 0;
    run->loader = cor_data_loader(run->data.train_ready, .batch_size = o->batch_size, .shuffle = true,
                                  .num_workers = workers, .drop_last = n > 1 && n % o->batch_size == 1);
    if (run->data.val_ready != NULL)
        run->val_loader = cor_data_loader(run->data.val_ready, .batch_size = o->batch_size, .num_workers = workers,
                                          .generator = cor_generator_new());
    return cor_error();
}

static int make_history(train_run *run) {
    const size_t n = (size_t)run->options.epochs;
    double *values = calloc(3 * n, sizeof *values);
    if (values == NULL) return cor_error_set(COR_ENOMEM, "out of memory");
    run->history = (train_history){values, values + n, values + 2 * n};
    return COR_OK;
}

static int set_up(train_run *run) {
    train_options *o = &run->options;
    const cor_checkpoint *c = o->resume != NULL ? cor_checkpoint_load(o->resume) : NULL;
    if (o->threads > 0 && cor_set_num_threads((int)o->threads) != COR_OK) return cor_error();
    if (o->resume != NULL && load_options(o, c) != COR_OK) return cor_error();
    if (o->save != NULL && check_save(o->save) != COR_OK) return cor_error();
    if (train_data_open(&run->data, o) != COR_OK) return cor_error();
    if (o->model == NULL) o->model = run->data.usual_model;
    if (o->augment == NULL) o->augment = "none";
    if (strcmp(o->augment, "usual") == 0) o->augment = run->data.usual_augment;
    train_settle(o);
    cor_manual_seed((uint64_t)o->seed);
    if (make_net(run) != COR_OK || make_loaders(run) != COR_OK || make_history(run) != COR_OK) return cor_error();
    run->optimizer = train_optimizer(run->net, o);
    if (run->optimizer == NULL) return cor_error();
    run->scheduler = train_scheduler(run->optimizer, o, o->epochs * cor_loader_length(run->loader));
    if (cor_error() != COR_OK) return cor_error();
    return c != NULL ? train_restore(run, c) : COR_OK;
}

/* ---- the run ---------------------------------------------------------------------------------------------------- */

static int go(train_run *run, train_log *log) {
    while (run->epoch < run->options.epochs && !stopped)
        if (train_epoch(run, log) != COR_OK) return cor_error();
    return stopped && run->options.save != NULL ? train_save(run) : COR_OK;
}

/* In a scope, so that the loaders' workers end before the run does. */
static int run_all(train_run *run) {
    train_log log;
    cor_scope();
    if (set_up(run) != COR_OK) return cor_error();
    catch_signals();
    if (train_log_begin(&log, run) != COR_OK) return cor_error();
    if (go(run, &log) != COR_OK) {
        progress_end(&log.bar);
        return cor_error();
    }
    return train_log_end(&log, run->epoch < run->options.epochs);
}

int verb_train(int argc, char **argv) {
    train_run run = {.options = train_read_options(argc, argv)};
    const int code = run_all(&run);
    free(run.history.train_loss);
    if (code != COR_OK) return finish("train");
    return run.epoch < run.options.epochs ? EXIT_STOPPED : EXIT_DONE;
}
