/* ctc.c: the CTC loss (Connectionist Temporal Classification, 2006). A sample's
 * states are its target with a blank before, between and after the classes; sums of probabilities of paths are kept as
 * logarithms in float64. */
#include "base/error.h"
#include "base/sizes.h"
#include "ops/composed.h"
#include "ops/loss.h"
#include "tensor/iterate.h"
#include <math.h>

COR__DEFINE_OPTIONS(cor_ctc_loss_options, COR_CTC_LOSS_OPTIONS)

enum { LOG_P, TARGETS, INPUTS, LENGTHS, GRAD };

typedef struct ctc_numbers {
    int64_t blank;
    bool zero_infinity;
} ctc_numbers;

/* The whole of a call, with what the loops read brought to int64 and float64. */
typedef struct frame {
    int64_t steps, samples, classes, states, blank, row; /* row: of targets, 0 when they follow one another */
    bool zero_infinity;
    const double *log_p;
    const int64_t *targets, *inputs, *lengths;
    const double *grad; /* of the losses; NULL: they are to be computed */
    double *paths,
        *results; /* logarithms of sums of paths, `states` a step or in all; the losses, or log_p's gradient */
    cor_tensor *owned[6];
} frame;

/* ---- checks ----------------------------------------------------------------------------------------------------- */

#define WHILE "(while checking arguments for ctc_loss_allocate_outputs)"

static int check_lengths(const char *name, const int64_t *lengths, int64_t n, int64_t most) {
    for (int64_t i = 0; i < n; i++)
        if (lengths[i] < 0 || lengths[i] > most)
            return cor__fail(COR_EVALUE, "Expected %s to have value at %s %lld, but got value %lld " WHILE, name,
                             lengths[i] < 0 ? "least" : "most", (long long)(lengths[i] < 0 ? 0 : most),
                             (long long)lengths[i]);
    return COR_OK;
}

static int check_tensors(const cor__call *call) {
    const cor_tensor *log_p = call->inputs[LOG_P], *targets = call->inputs[TARGETS];
    const int64_t samples = log_p->ndim == 3 ? log_p->sizes[1] : 0, blank = ((const ctc_numbers *)call->options)->blank;
    if (log_p->ndim != 3)
        return cor__fail(
            COR_ESHAPE,
            "Expected 3-dimensional tensor, but got %d-dimensional tensor for argument #1 'log_probs' " WHILE,
            log_p->ndim);
    if (log_p->dtype != COR_FLOAT32 && log_p->dtype != COR_FLOAT64)
        return cor__fail(COR_EDTYPE, "\"ctc_loss_cpu\" not implemented for '%s'", cor__scalar_type_name(log_p->dtype));
    if (log_p->numel == 0) return cor__fail(COR_ESHAPE, "log_probs tensor must not be empty");
    if (targets->ndim < 1 || targets->ndim > 2)
        return cor__fail(COR_ESHAPE,
                         "Expected 1 to 2 dimensions, but got %d-dimensional tensor for argument #2 'targets' " WHILE,
                         targets->ndim);
    if (blank < 0 || blank >= log_p->sizes[2]) return cor__fail(COR_EVALUE, "blank must be in label range");
    for (int i = INPUTS; i <= LENGTHS; i++) {
        const char *name = i == INPUTS ? "input_lengths" : "target_lengths";
        if (cor_dtype_is_floating(call->inputs[i]->dtype) || call->inputs[i]->dtype == COR_BOOL)
            return cor__fail(COR_EDTYPE, "%s must be integral", name);
        if (call->inputs[i]->numel != samples) return cor__fail(COR_ESHAPE, "%s must be of size batch_size", name);
    }
    return COR_OK;
}

static int check_targets(frame *f, const cor_tensor *targets) {
    int64_t sum = 0, most = 0;
    if (check_lengths("target_lengths", f->lengths, f->samples, INT32_MAX) != COR_OK ||
        check_lengths("input_lengths", f->inputs, f->samples, f->steps) != COR_OK)
        return cor_error();
    for (int64_t b = 0; b < f->samples; b++) {
        sum += f->lengths[b];
        most = cor__max(most, f->lengths[b]);
    }
    f->states = 2 * most + 1;
    f->row = targets->ndim == 2 ? targets->sizes[1] : 0;
    const int64_t expected = targets->ndim == 2 ? f->samples : sum;
    if (targets->sizes[0] != expected)
        return cor__fail(COR_ESHAPE,
                         "Expected tensor to have size %lld at dimension 0, but got size %lld for argument #2 "
                         "'targets' " WHILE,
                         (long long)expected, (long long)targets->sizes[0]);
    if (targets->ndim == 2 && f->row < most)
        return cor__fail(COR_ESHAPE,
                         "Expected tensor to have size at least %lld at dimension 1, but got size %lld for argument "
                         "#2 'targets' " WHILE,
                         (long long)most, (long long)f->row);
    for (int64_t i = 0; i < targets->numel; i++)
        if ((targets->ndim == 1 || i % f->row < f->lengths[i / f->row]) &&
            (f->targets[i] < 0 || f->targets[i] >= f->classes))
            return cor__fail(COR_EINDEX, "Target %lld is out of bounds.", (long long)f->targets[i]);
    return COR_OK;
}

/* ---- one sample ------------------------------------------------------------------------------------------------- */

typedef struct sample {
    int64_t b, steps, states, blank;
    const int64_t *target;
} sample;

static sample sample_of(const frame *f, int64_t b) {
    const int64_t *target = f->targets + b * f->row;
    for (int64_t i = 0; f->row == 0 && i < b; i++) target += f->lengths[i];
    return (sample){b, f->inputs[b], 2 * f->lengths[b] + 1, f->blank, target};
}

static int64_t class_of(const sample *s, int64_t state) { return state % 2 == 1 ? s->target[state / 2] : s->blank; }

/* Whether a path may go between two states that are two apart: over a blank, between different classes. */
static bool skips(const sample *s, int64_t low) { return low % 2 == 1 && class_of(s, low) != class_of(s, low + 2); }

static double log_sum(double a, double b) {
    const double most = a > b ? a : b;
    return most == -(double)INFINITY ? most : most + log1p(exp((a > b ? b : a) - most));
}

static const double *log_p_at(const frame *f, const sample *s, int64_t t) {
    return f->log_p + (t * f->samples + s->b) * f->classes;
}

/* The paths from the first step on: to[state] for step t, of those of the step before at `from`, which may be `to`. */
static void step_on(const frame *f, const sample *s, int64_t t, const double *from, double *to) {
    const double *log_p = log_p_at(f, s, t);
    for (int64_t i = s->states - 1; i >= 0; i--) {
        double sum = t == 0 ? (i < 2 ? 0 : -(double)INFINITY) : from[i];
        if (t > 0 && i > 0) sum = log_sum(sum, from[i - 1]);
        if (t > 0 && i > 1 && skips(s, i - 2)) sum = log_sum(sum, from[i - 2]);
        to[i] = sum + log_p[class_of(s, i)];
    }
}

/* The same from the last step back, in place. */
static void step_back(const frame *f, const sample *s, int64_t t, double *paths) {
    const double *log_p = log_p_at(f, s, t);
    const bool last = t == s->steps - 1;
    for (int64_t i = 0; i < s->states; i++) {
        double sum = last ? (i >= s->states - 2 ? 0 : -(double)INFINITY) : paths[i];
        if (!last && i + 1 < s->states) sum = log_sum(sum, paths[i + 1]);
        if (!last && i + 2 < s->states && skips(s, i)) sum = log_sum(sum, paths[i + 2]);
        paths[i] = sum + log_p[class_of(s, i)];
    }
}

static double loss_of(const sample *s, const double *last) {
    if (s->steps == 0) return s->states == 1 ? -0.0 : (double)INFINITY;
    return -(s->states == 1 ? last[0] : log_sum(last[s->states - 1], last[s->states - 2]));
}

static void run_losses(int64_t begin, int64_t end, void *context) {
    const frame *f = context;
    for (int64_t b = begin; b < end; b++) {
        const sample s = sample_of(f, b);
        double *paths = f->paths + b * f->states;
        for (int64_t t = 0; t < s.steps; t++) step_on(f, &s, t, paths, paths);
        f->results[b] = loss_of(&s, paths);
    }
}

/* exp(log_p) minus the share that a class has in the paths at step t, times the loss's gradient: what goes back through
 * log_softmax is the same as of the second term alone. */
static void finish_step(const frame *f, const sample *s, int64_t t, const double *on, const double *back, double loss) {
    const double *log_p = log_p_at(f, s, t), grad = f->grad[s->b];
    double *out = f->results + (log_p - f->log_p);
    for (int64_t c = 0; c < f->classes; c++) out[c] = -(double)INFINITY;
    for (int64_t i = 0; i < s->states; i++) out[class_of(s, i)] = log_sum(out[class_of(s, i)], on[i] + back[i]);
    for (int64_t c = 0; c < f->classes; c++) out[c] = (exp(log_p[c]) - exp(out[c] + loss - log_p[c])) * grad;
}

static void run_gradients(int64_t begin, int64_t end, void *context) {
    const frame *f = context;
    for (int64_t b = begin; b < end; b++) {
        const sample s = sample_of(f, b);
        double *on = f->paths + b * (f->steps + 1) * f->states, *back = on + f->steps * f->states;
        for (int64_t t = 0; t < s.steps; t++) step_on(f, &s, t, on + (t - 1) * f->states, on + t * f->states);
        const double loss = loss_of(&s, on + (s.steps - 1) * f->states);
        const bool none = f->zero_infinity && isinf(loss);
        for (int64_t t = f->steps - 1; t >= 0; t--) {
            double *out = f->results + (t * f->samples + b) * f->classes;
            if (t < s.steps && !none) {
                step_back(f, &s, t, back);
                finish_step(f, &s, t, on + t * f->states, back, loss);
            } else {
                for (int64_t c = 0; c < f->classes; c++) out[c] = 0;
            }
        }
    }
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static cor_tensor *own(frame *f, int i, cor_tensor *t) { return f->owned[i] = t; }

static int open_frame(const cor__call *call, frame *f) {
    const ctc_numbers *o = call->options;
    if (check_tensors(call) != COR_OK) return cor_error();
    const cor_tensor *log_p = call->inputs[LOG_P];
    *f = (frame){.steps = log_p->sizes[0], .samples = log_p->sizes[1], .classes = log_p->sizes[2], .blank = o->blank};
    f->zero_infinity = o->zero_infinity;
    for (int i = 0; i < call->n_inputs; i++)
        if (own(f, i, cor__contiguous_as(call->inputs[i], i == LOG_P || i == GRAD ? COR_FLOAT64 : COR_INT64)) == NULL)
            return cor_error();
    f->log_p = cor__data(f->owned[LOG_P]);
    f->targets = cor__data(f->owned[TARGETS]);
    f->inputs = cor__data(f->owned[INPUTS]);
    f->lengths = cor__data(f->owned[LENGTHS]);
    if (call->n_inputs > GRAD) f->grad = cor__data(f->owned[GRAD]);
    return check_targets(f, call->inputs[TARGETS]);
}

/* Computes into output 0, of ndim dimensions: the losses, or with GRAD their gradient. */
static int run(cor__call *call, int ndim, void (*body)(int64_t, int64_t, void *)) {
    frame f = {0};
    const cor_tensor *log_p = call->inputs[LOG_P];
    int code = open_frame(call, &f);
    cor_tensor *paths = NULL, *results = NULL, *out = NULL;
    if (code == COR_OK) {
        const int64_t sizes[] = {f.samples, ndim == 1 ? 1 : f.steps + 1, f.states};
        paths = cor__empty(COR_FLOAT64, sizes, 3);
        results = cor__empty(COR_FLOAT64, ndim == 1 ? sizes : log_p->sizes, ndim);
        out = call->outputs[0] = cor__empty(log_p->dtype, ndim == 1 ? sizes : log_p->sizes, ndim);
        code = paths == NULL || results == NULL || out == NULL ? cor_error() : COR_OK;
    }
    if (code == COR_OK) {
        f.paths = cor__data(paths);
        f.results = cor__data(results);
        code = cor_parallel_for(f.samples, 1, body, &f);
    }
    if (code == COR_OK) code = cor__copy(out, results);
    cor__release(paths);
    cor__release(results);
    for (int i = 0; i < 5; i++) cor__release(f.owned[i]);
    return code;
}

static int ctc_forward(cor__call *call) { return run(call, 1, run_losses); }
static int ctc_backward_forward(cor__call *call) { return run(call, 3, run_gradients); }

const cor__op cor__op_ctc_loss_backward = {
    .name = "ctc_loss_backward", .grad_fn = "NotImplemented", .forward = ctc_backward_forward};

static int ctc_backward(cor__backward *pass) {
    cor_tensor *inputs[] = {cor__kept_input(pass, LOG_P), cor__kept_input(pass, TARGETS), cor__kept_input(pass, INPUTS),
                            cor__kept_input(pass, LENGTHS), pass->grads[0]};
    pass->results[0] = cor__apply1(&cor__op_ctc_loss_backward, inputs, 5, pass->options);
    return cor_error();
}

const cor__op cor__op_ctc_loss = {.name = "ctc_loss",
                                  .grad_fn = "CtcLossBackward0",
                                  .forward = ctc_forward,
                                  .backward = ctc_backward,
                                  .reads_options = sizeof(ctc_numbers),
                                  .reads_inputs = {1, 1, 1, 1}};

cor_tensor *cor_ctc_loss_with(cor_tensor *log_probs, cor_tensor *targets, cor_tensor *input_lengths,
                              cor_tensor *target_lengths, const cor_ctc_loss_options *options) {
    static const char name[] = "ctc_loss";
    COR__READ_OPTIONS(cor_ctc_loss_options, name)
    if (cor__check_reduction(o->reduction, false, name) != COR_OK || !cor__given(log_probs, name)) return NULL;
    cor_scope();
    const bool alone = log_probs->ndim != 3;
    const ctc_numbers numbers = {o->blank, o->zero_infinity};
    cor_tensor *inputs[] = {alone ? cor_unsqueeze(log_probs, 1) : log_probs, targets, input_lengths, target_lengths};
    cor_tensor *losses = cor__apply1(&cor__op_ctc_loss, inputs, 4, &numbers);
    if (losses == NULL) return NULL;
    if (o->zero_infinity) losses = cor_where(cor_eq(losses, (double)INFINITY), 0.0, losses);
    if (o->reduction == COR_REDUCTION_MEAN)
        losses = cor_div(losses, cor_to(cor_clamp(target_lengths, 1, COR_NONE), losses->dtype));
    if (o->reduction == COR_REDUCTION_NONE) return cor_keep(alone ? cor_squeeze(losses, .dim = 0) : losses);
    return cor_keep(cor__reduce_loss(losses, o->reduction));
}
