/* train_model.c: networks, optimizers and schedulers by name. */
#include "cli/train.h"
#include <corrie/scheduler.h>
#include <math.h>
#include <string.h>

/* ---- networks --------------------------------------------------------------------------------------------------- */

const cor_model_info *model_info(const char *name) {
    for (const cor_model_info *i = cor_list_models(); i->name != NULL; i++)
        if (strcmp(i->name, name) == 0) return i;
    return NULL;
}

bool model_takes(cor_module *net, const picture_form *form, int64_t classes) {
    cor_scope();
    cor_no_grad();
    cor_eval(net);
    const cor_tensor *scores = cor_call(net, cor_zeros(1, form->channels, form->height, form->width));
    cor_train(net);
    if (scores == NULL) return false;
    if (cor_dim(scores) == 2 && cor_size(scores, 1) == classes) return true;
    cor_error_set(COR_ESHAPE, "the network gives no score for each class, but a tensor of %d dimensions",
                  cor_dim(scores));
    return false;
}

/* ---- optimizers ------------------------------------------------------------------------------------------------- */

typedef cor_optimizer *maker(cor_dict *parameters, const train_options *o);

static cor_optimizer *sgd(cor_dict *parameters, const train_options *o) {
    return cor_sgd(parameters, .lr = o->lr, .momentum = o->momentum, .weight_decay = o->weight_decay);
}
static cor_optimizer *adam(cor_dict *parameters, const train_options *o) {
    return cor_adam(parameters, .lr = o->lr, .weight_decay = o->weight_decay);
}
static cor_optimizer *adamw(cor_dict *parameters, const train_options *o) {
    return cor_adamw(parameters, .lr = o->lr, .weight_decay = o->weight_decay);
}
static cor_optimizer *rmsprop(cor_dict *parameters, const train_options *o) {
    return cor_rmsprop(parameters, .lr = o->lr, .momentum = o->momentum, .weight_decay = o->weight_decay);
}
static cor_optimizer *adagrad(cor_dict *parameters, const train_options *o) {
    return cor_adagrad(parameters, .lr = o->lr, .weight_decay = o->weight_decay);
}
static cor_optimizer *adadelta(cor_dict *parameters, const train_options *o) {
    return cor_adadelta(parameters, .lr = o->lr, .weight_decay = o->weight_decay);
}
static cor_optimizer *nadam(cor_dict *parameters, const train_options *o) {
    return cor_nadam(parameters, .lr = o->lr, .weight_decay = o->weight_decay);
}
static cor_optimizer *adamax(cor_dict *parameters, const train_options *o) {
    return cor_adamax(parameters, .lr = o->lr, .weight_decay = o->weight_decay);
}
static cor_optimizer *radam(cor_dict *parameters, const train_options *o) {
    return cor_radam(parameters, .lr = o->lr, .weight_decay = o->weight_decay);
}

/* lr and weight decay are the defaults of corrie/optim.h. */
static const struct optimizer_row {
    const char *name;
    maker *make;
    double lr, weight_decay;
    bool has_momentum, cycles; /* cycles: it has a momentum or a beta1, which a cycle can change */
} optimizers[] = {{"sgd", sgd, 1e-3, 0, true, true},           {"adam", adam, 1e-3, 0, false, true},
                  {"adamw", adamw, 1e-3, 1e-2, false, true},   {"rmsprop", rmsprop, 1e-2, 0, true, true},
                  {"adagrad", adagrad, 1e-2, 0, false, false}, {"adadelta", adadelta, 1.0, 0, false, false},
                  {"nadam", nadam, 2e-3, 0, false, true},      {"adamax", adamax, 2e-3, 0, false, true},
                  {"radam", radam, 1e-3, 0, false, true}};
enum { OPTIMIZERS = sizeof optimizers / sizeof optimizers[0] };

static const struct optimizer_row *optimizer_row(const char *name) {
    for (int i = 0; i < OPTIMIZERS; i++)
        if (strcmp(optimizers[i].name, name) == 0) return &optimizers[i];
    return NULL;
}

bool is_optimizer(const char *name) { return optimizer_row(name) != NULL; }
bool optimizer_has_momentum(const char *name) { return optimizer_row(name)->has_momentum; }

void train_settle(train_options *o) {
    const struct optimizer_row *row = optimizer_row(o->optimizer);
    if (isnan(o->lr)) o->lr = row->lr;
    if (isnan(o->weight_decay)) o->weight_decay = row->weight_decay;
    if (o->step_size == 0) o->step_size = o->epochs < 3 ? 1 : o->epochs / 3;
}

cor_optimizer *train_optimizer(cor_module *net, const train_options *o) {
    const struct optimizer_row *row = optimizer_row(o->optimizer);
    if (row == NULL) {
        cor_error_set(COR_EVALUE, "there is no optimizer '%s'", o->optimizer);
        return NULL;
    }
    return row->make(cor_parameters(net), o);
}

/* ---- schedulers ------------------------------------------------------------------------------------------------- */

enum { NONE, STEP, COSINE, ONECYCLE, PLATEAU, SCHEDULERS };
static const char *const schedulers[SCHEDULERS] = {"none", "step", "cosine", "onecycle", "plateau"};

static int scheduler_number(const char *name) {
    for (int i = 0; i < SCHEDULERS; i++)
        if (strcmp(schedulers[i], name) == 0) return i;
    return -1;
}

bool is_scheduler(const char *name) { return scheduler_number(name) >= 0; }
bool scheduler_of_batches(const train_options *o) { return scheduler_number(o->scheduler) == ONECYCLE; }
bool scheduler_of_losses(const train_options *o) { return scheduler_number(o->scheduler) == PLATEAU; }
bool scheduler_has_end(const train_options *o) {
    return scheduler_number(o->scheduler) == ONECYCLE || scheduler_number(o->scheduler) == COSINE;
}

cor_scheduler *train_scheduler(cor_optimizer *optimizer, const train_options *o, int64_t steps) {
    switch (scheduler_number(o->scheduler)) {
    case NONE:
        return NULL;
    case STEP:
        return cor_step_lr(optimizer, o->step_size, .gamma = o->gamma);
    case COSINE:
        return cor_cosine_annealing_lr(optimizer, o->epochs);
    case ONECYCLE:
        return cor_one_cycle_lr(optimizer, o->lr, .total_steps = steps,
                                .cycle_momentum = optimizer_row(o->optimizer)->cycles);
    case PLATEAU:
        return cor_reduce_lr_on_plateau(optimizer, .factor = o->gamma);
    default:
        cor_error_set(COR_EVALUE, "there is no scheduler '%s'", o->scheduler);
        return NULL;
    }
}
