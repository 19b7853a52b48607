/* training.c: for training.py: the steps of a network, each begun where PyTorch's recording is.
 * usage: parity_training NETWORK DIGITS RECORDING. A line from the standard input says that the recording, a
 * .safetensors file, holds the next step; a line of seven numbers is the answer, worst cases: how far the loss is off,
 * relative to it; how far gradients are, relative to the largest of their tensor; how far the buffers of the network
 * are, likewise; how far parameters are after a step with the recorded gradients, relative to the larger of 1 and
 * themselves; how many elements of the batch differ, and how many bytes of the generator's state; and how far the
 * recorded choices moved an activation, relative to the largest of its tensor. */
#include "support/training.h"
#include <corrie/io.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct answer {
    double loss, gradients, buffers, parameters, batch, generator, choices;
} answer;

static cor_tensor *recorded(cor_dict *recording, const char *kind, const char *name) {
    char key[512];
    snprintf(key, sizeof key, "%s.%s", kind, name);
    cor_tensor *t = cor_dict_get(recording, key);
    if (t == NULL) cor_error_set(COR_EKEY, "the recording has no %s", key);
    return t;
}

static double largest(cor_tensor *t) { return cor_item(cor_amax(cor_abs(cor_to(t, COR_FLOAT64)))); }

/* The largest difference, relative to the largest element. */
static double far(cor_tensor *t, cor_tensor *expected) {
    cor_scope();
    const double difference = largest(cor_sub(cor_to(t, COR_FLOAT64), cor_to(expected, COR_FLOAT64)));
    return difference == 0 ? 0 : difference / largest(expected);
}

/* The largest difference, each relative to the larger of 1 and the element. */
static double far_each(cor_tensor *t, cor_tensor *expected) {
    cor_scope();
    cor_tensor *wide = cor_to(expected, COR_FLOAT64);
    return largest(cor_div(cor_sub(cor_to(t, COR_FLOAT64), wide), cor_maximum(cor_abs(wide), 1)));
}

static double differing(cor_tensor *t, cor_tensor *expected) {
    cor_scope();
    return cor_item(cor_sum(cor_ne(t, expected)));
}

/* NaN counts as the worst. */
static void worse(double *worst, double value) {
    if (!(value <= *worst)) *worst = value;
}

/* ---- choices ----------------------------------------------------------------------------------------------------
 * Which of two nearly equal numbers is the larger, and on which side of 0 a number lies, is a matter of rounding, and
 * decides where a gradient goes. The recording tells PyTorch's values of the few activations that are so near to
 * another choice; hooks put these in the place of Corrie's, which are as near. */

enum { MOST_POINTS = 256 };

/* One module, before or after its call. */
typedef struct point {
    const char *path, *side;
    int calls; /* in this step */
    struct choices *all;
} point;

typedef struct choices {
    cor_dict *recording;
    double moved; /* the largest shift, relative to the largest of its tensor */
    point points[MOST_POINTS];
    int n;
} choices;

/* t with the recorded values at the recorded places; t itself where nothing is recorded. */
static cor_tensor *choose(point *p, cor_tensor *t) {
    char key[512];
    snprintf(key, sizeof key, "near.%s.%s.%d", p->path, p->side, p->calls++);
    cor_tensor *places = cor_dict_get(p->all->recording, key);
    if (places == NULL || cor_numel(places) == 0) return t;
    strcat(key, ".value");
    const int64_t *at = cor_data_const(places), n = cor_numel(places);
    const float *to = cor_data_const(cor_dict_get(p->all->recording, key));
    cor_tensor *lying = cor_contiguous(cor_detach(t)), *shift = cor_zeros_like(lying);
    if (shift == NULL || to == NULL) return NULL;
    const float *from = cor_data_const(lying);
    float *by = cor_data(shift);
    for (int64_t i = 0; i < n; i++) by[at[i]] = to[i] - from[at[i]];
    worse(&p->all->moved, largest(shift) / largest(lying));
    return cor_add(t, shift);
}

static int before(cor_module *m, cor_tensor **inputs, int n, void *context) {
    (void)m, (void)n;
    inputs[0] = choose(context, inputs[0]);
    return cor_error();
}

static int after(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out, void *context) {
    (void)m, (void)inputs, (void)n_in, (void)n_out;
    outputs[0] = choose(context, outputs[0]);
    return cor_error();
}

/* Hooks on every module, for its input and its output. */
static void hook_all(choices *c, cor_module *net) {
    cor_dict *modules = cor_named_modules(net);
    for (int64_t i = 0; i < cor_dict_count(modules) && c->n + 2 <= MOST_POINTS; i++) {
        cor_module *m = cor_dict_module_at(modules, i);
        point *in = &c->points[c->n++], *out = &c->points[c->n++];
        *in = (point){cor_dict_name_at(modules, i), "in", 0, c};
        *out = (point){cor_dict_name_at(modules, i), "out", 0, c};
        (void)cor_register_forward_pre_hook(m, before, in);
        (void)cor_register_forward_hook(m, after, out);
    }
}

static void begin_choices(choices *c, cor_dict *recording) {
    c->recording = recording;
    c->moved = 0;
    for (int i = 0; i < c->n; i++) c->points[i].calls = 0;
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

/* The names of a dict that begin with a kind, without it. */
static cor_dict *part(cor_dict *recording, const char *kind) {
    cor_dict *d = cor_dict_new();
    const size_t n = strlen(kind);
    for (int64_t i = 0; i < cor_dict_count(recording); i++) {
        const char *name = cor_dict_name_at(recording, i);
        if (strncmp(name, kind, n) == 0) cor_dict_set(d, name + n, cor_dict_tensor_at(recording, i));
    }
    return d;
}

/* The states of the recording, in place of the optimizer's own; at the first step there are none. */
static int load_states(cor_optimizer *o, cor_dict *recording) {
    cor_dict *state = cor_optimizer_state(o), *states = part(recording, "adam.");
    for (int64_t i = 0; i < cor_dict_count(states); i++)
        cor_dict_set(state, cor_dict_name_at(states, i), cor_dict_tensor_at(states, i));
    return cor_load_optimizer_state(o, state);
}

static void compare_gradients(training *t, cor_dict *recording, answer *a) {
    cor_dict *parameters = cor_parameters(t->net);
    for (int64_t i = 0; i < cor_dict_count(parameters) && cor_error() == COR_OK; i++) {
        cor_tensor *p = cor_dict_tensor_at(parameters, i);
        cor_tensor *gradient = recorded(recording, "grad", cor_dict_name_at(parameters, i));
        worse(&a->gradients, far(cor_grad(p), gradient));
        if (cor_set_grad(p, gradient) != COR_OK) return;
    }
}

/* What the network is after the step: its parameters by one bound, its buffers by another. */
static void compare_net(training *t, cor_dict *recording, answer *a) {
    cor_dict *state = cor_state_dict(t->net), *parameters = cor_parameters(t->net);
    for (int64_t i = 0; i < cor_dict_count(state) && cor_error() == COR_OK; i++) {
        const char *name = cor_dict_name_at(state, i);
        cor_tensor *expected = recorded(recording, "after", name), *found = cor_dict_tensor_at(state, i);
        if (cor_dict_contains(parameters, name)) worse(&a->parameters, far_each(found, expected));
        else worse(&a->buffers, far(found, expected));
    }
}

static int run_step(training *t, choices *c, const char *path, answer *a) {
    cor_tensor *batch[TRAINING_FIELDS];
    cor_scope();
    cor_dict *recording = cor_load_safetensors(path);
    if (recording == NULL || !training_next(t, batch)) return cor_error();
    a->batch = differing(batch[TRAINING_IMAGES], recorded(recording, "batch", "images")) +
               differing(batch[TRAINING_LABELS], recorded(recording, "batch", "labels"));
    a->generator = differing(cor_get_rng_state(), recorded(recording, "batch", "random"));
    if (cor_load_state_dict(t->net, part(recording, "net.")) != COR_OK) return cor_error();
    if (load_states(t->adam, recording) != COR_OK) return cor_error();
    begin_choices(c, recording);
    const double expected = cor_item(recorded(recording, "batch", "loss"));
    a->loss = fabs(training_loss(t, batch) - expected) / fabs(expected);
    a->choices = c->moved;
    compare_gradients(t, recording, a);
    if (cor_step(t->adam) == COR_OK) compare_net(t, recording, a);
    return cor_error();
}

int main(int argc, char **argv) {
    static choices c;
    training t;
    char line[16];
    if (argc != 4) return 2;
    cor_scope();
    training_make(&t, argv[1], COR_FLOAT32, argv[2]);
    hook_all(&c, t.net);
    while (cor_error() == COR_OK && fgets(line, sizeof line, stdin) != NULL) {
        answer a = {0};
        if (run_step(&t, &c, argv[3], &a) != COR_OK) break;
        printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g\n", a.loss, a.gradients, a.buffers, a.parameters, a.batch,
               a.generator, a.choices);
        fflush(stdout);
    }
    return cor_report();
}
