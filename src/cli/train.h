/* train.h: the parts of `corrie train`, some of which `corrie predict` uses too. */
#ifndef COR_CLI_TRAIN_H
#define COR_CLI_TRAIN_H

#include "cli/csv.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include <corrie/checkpoint.h>
#include <corrie/summary.h>

/* ---- options (train_options.c) ---------------------------------------------------------------------------------- */

typedef struct train_options {
    /* What a run is: kept in its file. A real that is not given is NaN until train_settle. */
    const char *data, *data_dir, *model, *optimizer, *scheduler, *augment;
    int64_t epochs, batch_size, step_size, size, channels, seed, every;
    double lr, weight_decay, momentum, gamma, label_smoothing, val_fraction;
    /* How it is run this time. */
    const char *save, *resume, *logdir;
    int64_t workers, threads; /* -1 and 0: not given */
    bool json, quiet;
    uint64_t given; /* a bit for each option that the command line names */
} train_options;

/* Reads the command line; ends the program when it is wrong. */
train_options train_read_options(int argc, char **argv);
/* Takes what a run is from its file; the texts stay the checkpoint's. COR_OK, or a code with an error pending. */
int train_options_load(train_options *o, const cor_checkpoint *c);
/* Puts it into a file. */
int train_options_add(const train_options *o, cor_checkpoint *c);
/* Appends the command that goes on with a run from a file. */
void train_command(cor__text *text, const train_options *o);

/* ---- pictures (train_picture.c) --------------------------------------------------------------------------------- */

/* What a network takes. */
typedef struct picture_form {
    int64_t channels, height, width;
    double mean[3], std[3]; /* of each channel, of values from 0 to 1 */
} picture_form;

/* What training does to pictures at random. */
typedef enum augment { AUGMENT_FLIP = 1, AUGMENT_CROP = 2, AUGMENT_AFFINE = 4 } augment;

/* "crop,flip" as a set of these; -1 when a step is none. */
int augment_of(const char *steps);

/* How the samples of a set become what the network takes; the context of its transform. */
typedef struct picture_pipeline {
    picture_form form;
    int augment;
    bool sixteenths; /* the set's values are from 0 to 16 */
} picture_pipeline;

/* A transform (corrie/data.h) whose context is a picture_pipeline. */
cor_tensor *picture_pipeline_run(cor_tensor *image, cor_generator *random, void *context);
/* A uint8 picture of any size and one, three or four channels as bytes of the form's size; then as the network takes
 * it. NULL with an error pending. */
cor_tensor *picture_fit(cor_tensor *image, const picture_form *form);
cor_tensor *picture_normal(cor_tensor *bytes, const picture_form *form);

/* ---- data (train_data.c) ---------------------------------------------------------------------------------------- */

typedef struct train_data {
    cor_dataset *train, *val;             /* as they are in the files, of the root scope; val may be NULL */
    cor_dataset *train_ready, *val_ready; /* as the network takes them */
    picture_form form;
    picture_pipeline train_pipeline, val_pipeline;
    const char *const *names; /* of the classes; NULL: the dataset has them */
    int64_t classes;
    const char *usual_augment, *usual_model;
    bool sixteenths, is_folder;
} train_data;

/* Opens what --data names. COR_OK, or a code with an error pending. */
int train_data_open(train_data *d, const train_options *o);
/* The set's pictures in the given size and number of channels (0: as they are), brought to form, and so prepared. */
int train_data_prepare(train_data *d, const train_options *o, int64_t height, int64_t width);
/* The name of a class. */
const char *train_class_name(const train_data *d, int64_t label);

/* ---- networks and optimizers (train_model.c) -------------------------------------------------------------------- */

/* The row of a network; NULL when there is none of that name. */
const cor_model_info *model_info(const char *name);
/* Whether a network gives (1, classes) for a picture of a form; an error is pending if not. */
bool model_takes(cor_module *net, const picture_form *form, int64_t classes);

/* Whether there are such an optimizer and scheduler. */
bool is_optimizer(const char *name);
bool is_scheduler(const char *name);
/* Whether an optimizer has a momentum to set. */
bool optimizer_has_momentum(const char *name);
/* Puts the optimizer's own numbers in the place of those that are not given. */
void train_settle(train_options *o);
/* The optimizer of the parameters of net. NULL with an error pending. */
cor_optimizer *train_optimizer(cor_module *net, const train_options *o);
/* The scheduler, NULL without an error for "none". */
cor_scheduler *train_scheduler(cor_optimizer *optimizer, const train_options *o, int64_t steps);
/* Whether it steps with every batch, and whether it wants the validation's loss. */
bool scheduler_of_batches(const train_options *o);
bool scheduler_of_losses(const train_options *o);
/* Whether it knows the number of epochs, which then cannot change. */
bool scheduler_has_end(const train_options *o);

/* ---- a run (train.c) and its file (train_file.c) ---------------------------------------------------------------- */

/* What the epochs gave, one value each; NaN where there is none. */
typedef struct train_history {
    double *train_loss, *val_loss, *val_accuracy;
} train_history;

typedef struct train_run {
    train_options options;
    train_data data;
    cor_module *net;
    cor_optimizer *optimizer;
    cor_scheduler *scheduler; /* may be NULL */
    cor_loader *loader, *val_loader;
    int64_t epoch, step, steps; /* epochs done; batches done of the next, and of all */
    double loss_sum;            /* over the samples of that epoch so far */
    int64_t seen;               /* those samples */
    train_history history;
} train_run;

/* Whether c, which may be NULL with an error pending, is the file of a run. */
int train_file_check(const cor_checkpoint *c, const char *path);
/* Writes the run to its file. COR_OK, or a code with an error pending. */
int train_save(const train_run *run);
/* Brings a run that has been set up to where its file stands. */
int train_restore(train_run *run, const cor_checkpoint *c);

/* A trained network as its file describes it. */
typedef struct trained {
    cor_module *net;
    picture_form form;
    json_t *classes; /* an array of names, owned */
} trained;

/* Reads one, in evaluation mode, of the innermost scope. COR_OK, or a code with an error pending. */
int trained_load(trained *t, const char *path);

/* ---- what a run tells (train_log.c) ----------------------------------------------------------------------------- */

typedef struct train_log {
    const train_run *run;
    progress bar;
    char what[48];
    bool has_csv;
    char csv_path[4096];
    csv_log csv;
    cor_summary_writer *writer; /* may be NULL */
    double began, epoch_began;
} train_log;

/* Begins, and tells what is trained. COR_OK, or a code with an error pending. */
int train_log_begin(train_log *log, const train_run *run);
/* An epoch begins; a step of it is done; it is done and stands in the history. */
void train_log_epoch(train_log *log);
void train_log_step(train_log *log, double loss);
int train_log_epoch_done(train_log *log);
/* The run is over, or was stopped. */
int train_log_end(train_log *log, bool stopped);

#endif
