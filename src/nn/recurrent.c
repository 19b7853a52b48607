/* recurrent.c: RNN, LSTM and GRU: layers of one or two directions over all steps of a sequence. */
#include "nn/recurrent.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "ops/op.h"
#include <corrie/creation.h>
#include <corrie/norm.h>

COR__DEFINE_OPTIONS(cor_nn_recurrent_options, COR_NN_RECURRENT_OPTIONS)

enum { MOST_LAYERS = 1 << 20 };

typedef struct arguments {
    cor_nn_recurrent_kind kind;
    cor__step_kind step;
    int64_t input_size, hidden_size;
    cor_nn_recurrent_options o;
} arguments;

typedef struct recurrent {
    cor_module base;
    arguments a;
    cor__step_weights weights[]; /* of each layer, of each of its directions */
} recurrent;

static const char *const names[] = {"RNN", "LSTM", "GRU"};

static int64_t directions(const recurrent *self) { return self->a.o.bidirectional ? 2 : 1; }
static int64_t real_hidden(const recurrent *self) {
    return self->a.o.proj_size > 0 ? self->a.o.proj_size : self->a.hidden_size;
}

/* ---- checking an input ------------------------------------------------------------------------------------------ */

static bool is_given(const cor_tensor *t) { return t != NULL && t != COR_NONE; }

/* Whether the states have a dimension more than a batch's rows; `batched` says what the input is. */
static int check_state_dims(const recurrent *self, cor_tensor *const *states, bool batched) {
    const int expected = batched ? 3 : 2;
    const char *const which = batched ? "batched" : "unbatched";
    const cor_tensor *h = states[0], *c = states[1];
    if (self->a.kind == COR_NN_LSTM && is_given(h) && (cor_dim(h) != expected || cor_dim(c) != expected))
        return cor__fail(COR_ESHAPE, "For %s %d-D input, hx and cx should also be %d-D but got (%d-D, %d-D) tensors",
                         which, expected, expected, cor_dim(h), cor_dim(c));
    if (self->a.kind == COR_NN_LSTM || !is_given(h) || cor_dim(h) == expected) return COR_OK;
    return cor__fail(COR_ESHAPE, "For %s %d-D input, hx should also be %d-D but got %d-D tensor", which, expected,
                     expected, cor_dim(h));
}

/* Whether a batched input, (T, N, input), fits the parameters. */
static int check_input(const recurrent *self, const cor_tensor *input) {
    const char *own = cor_dtype_name(cor_dtype_of(input)), *weight = cor_dtype_name(cor_dtype_of(self->weights[0].ih));
    if (cor_dtype_of(input) != cor_dtype_of(self->weights[0].ih))
        return cor__fail(COR_EDTYPE,
                         "RNN input dtype (torch.%s) does not match weight dtype (torch.%s). Convert input: "
                         "input.to(torch.%s), or convert model: model.to(torch.%s)",
                         own, weight, weight, own);
    if (cor_size(input, -1) != self->a.input_size)
        return cor__fail(COR_ESHAPE, "input.size(-1) must be equal to input_size. Expected %lld, got %lld",
                         (long long)self->a.input_size, (long long)cor_size(input, -1));
    if (cor_size(input, 0) > 0) return COR_OK;
    return cor__fail(COR_ESHAPE, "Expected sequence length to be larger than 0 in RNN");
}

static int check_state(const recurrent *self, const cor_tensor *state, const int64_t expected[3], int i) {
    static const char *const whose[] = {"[0]", "[1]"};
    bool same = true;
    for (int d = 0; d < 3; d++) same = same && cor_size(state, d) == expected[d];
    if (same) return COR_OK;
    cor__text wanted = {0};
    char found[COR__SIZES_TEXT];
    cor__text_tuple(&wanted, expected, 3);
    cor__fail(COR_ESHAPE, "Expected hidden%s size %s, got %s", self->a.kind == COR_NN_LSTM ? whose[i] : "",
              wanted.failed ? "" : wanted.data, cor__sizes_text(found, cor_sizes(state), cor_dim(state)));
    cor__text_free(&wanted);
    return cor_error();
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

/* One direction of one layer over all steps of input (T, N, ...): the outputs (T, N, hidden), and the state after the
 * last step in *s. */
static cor_tensor *run_direction(const recurrent *self, const cor__step_weights *w, cor_tensor *input, bool backwards,
                                 cor__step_state *s) {
    const int64_t steps = cor_size(input, 0);
    const size_t bytes = (size_t)steps * sizeof(cor_tensor *);
    cor_scope();
    cor_tensor *parts = cor__step_input(w, input), *result = NULL;
    cor_tensor **outputs = cor__alloc_zero(bytes, "the outputs of a recurrent layer");
    for (int64_t i = 0; outputs != NULL && i < steps && cor_error() == COR_OK; i++) {
        const int64_t t = backwards ? steps - 1 - i : i;
        cor__step(self->a.step, w, cor_select(parts, 0, t), s);
        outputs[t] = s->h;
    }
    if (cor_error() == COR_OK) result = cor_keep(cor_stack(COR_LIST(outputs, steps)));
    if (cor_error() == COR_OK) {
        cor_keep(s->h);
        if (s->c != NULL) cor_keep(s->c);
    }
    cor__free(outputs, bytes);
    return result;
}

/* All layers: h and c hold the states of every layer and direction, before and after; c only of an LSTM. */
static cor_tensor *run_layers(const recurrent *self, cor_tensor *input, cor_tensor **h, cor_tensor **c, bool training) {
    const int64_t n = directions(self);
    for (int64_t layer = 0; layer < self->a.o.num_layers && cor_error() == COR_OK; layer++) {
        cor_tensor *outputs[2] = {NULL, NULL};
        for (int64_t d = 0; d < n; d++) {
            const int64_t i = layer * n + d;
            cor__step_state s = {h[i], c == NULL ? NULL : c[i]};
            outputs[d] = run_direction(self, &self->weights[i], input, d == 1, &s);
            h[i] = s.h;
            if (c != NULL) c[i] = s.c;
        }
        input = n == 1 ? outputs[0] : cor_cat(COR_LIST(outputs, 2), .dim = -1);
        if (training && self->a.o.dropout > 0 && layer + 1 < self->a.o.num_layers)
            input = cor_dropout(input, .p = self->a.o.dropout);
    }
    return input;
}

/* The state `given` (layers, N, size), or zeros, cut into a row for each layer and direction. */
static int cut_state(const recurrent *self, cor_tensor *given, const cor_tensor *input, int i, cor_tensor **rows) {
    const int64_t n = self->a.o.num_layers * directions(self);
    const int64_t sizes[] = {n, cor_size(input, 1), i == 0 ? real_hidden(self) : self->a.hidden_size};
    cor_tensor *state = is_given(given) ? given : cor_zeros_sized(cor_dtype_of(input), sizes, 3);
    if (state == NULL || check_state(self, state, sizes, i) != COR_OK) return cor_error();
    for (int64_t k = 0; k < n; k++) rows[k] = cor_select(state, 0, k);
    return cor_error();
}

static int run(const recurrent *self, cor_tensor *input, cor_tensor *const *states, bool training, cor_tensor **out) {
    const int64_t n = self->a.o.num_layers * directions(self);
    const size_t bytes = 2 * (size_t)n * sizeof(cor_tensor *);
    const bool has_cells = self->a.kind == COR_NN_LSTM;
    cor_tensor **h = cor__alloc_zero(bytes, "the states of a recurrent layer"), **c = h == NULL ? NULL : h + n;
    if (h != NULL && cut_state(self, states[0], input, 0, h) == COR_OK &&
        (!has_cells || cut_state(self, states[1], input, 1, c) == COR_OK)) {
        out[0] = run_layers(self, input, h, has_cells ? c : NULL, training);
        out[1] = cor_stack(COR_LIST(h, n));
        if (has_cells) out[2] = cor_stack(COR_LIST(c, n));
    }
    cor__free(h, bytes);
    return cor_error();
}

static int recurrent_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const recurrent *self = (const recurrent *)m;
    const char *name = names[self->a.kind];
    const int n_states = self->a.kind == COR_NN_LSTM ? 2 : 1;
    if ((n_in != 1 && n_in != 1 + n_states) || n_out < 1 || n_out > 1 + n_states)
        return cor__fail(COR_EVALUE,
                         "%s: forward takes an input and none or %d states, and gives up to %d outputs, "
                         "called with %d and %d",
                         name, n_states, 1 + n_states, n_in, n_out);
    cor_tensor *input = in[0], *states[2] = {COR_NONE, COR_NONE}, *results[3] = {NULL, NULL, NULL};
    for (int i = 1; i < n_in; i++) states[i - 1] = in[i];
    if (n_states == 2 && is_given(states[0]) != is_given(states[1]))
        return cor__fail(COR_EVALUE, "%s: one of two states is missing", name);
    if (!is_given(input)) return cor__fail(COR_EVALUE, "%s: there is no input", name);
    const bool batched = cor_dim(input) == 3;
    if (!batched && cor_dim(input) != 2)
        return cor__fail(COR_ESHAPE, "%s: Expected input to be 2D or 3D, got %dD %sinstead", name, cor_dim(input),
                         self->a.kind == COR_NN_RNN ? "tensor " : "");
    if (check_state_dims(self, states, batched) != COR_OK) return cor_error();
    if (!batched) input = cor_unsqueeze(input, 1);
    else if (self->a.o.batch_first) input = cor_transpose(input, 0, 1);
    for (int i = 0; !batched && i < 2; i++)
        if (is_given(states[i])) states[i] = cor_unsqueeze(states[i], 1);
    if (cor_error() != COR_OK || check_input(self, input) != COR_OK) return cor_error();
    if (run(self, input, states, cor_is_training(m), results) != COR_OK) return cor_error();
    for (int i = 0; i < n_out; i++) {
        if (!batched) out[i] = cor_squeeze(results[i], .dim = 1);
        else out[i] = i == 0 && self->a.o.batch_first ? cor_transpose(results[0], 0, 1) : results[i];
    }
    return cor_error();
}

/* ---- the module ------------------------------------------------------------------------------------------------- */

static void add_parameter(cor_module *m, const char *kind, int64_t layer, bool reverse, cor_tensor **slot, int64_t rows,
                          int64_t columns) {
    char name[64];
    cor__format(name, sizeof name, "%s_l%lld%s", kind, (long long)layer, reverse ? "_reverse" : "");
    cor_register_parameter_at(m, name, slot,
                              cor__new_parameter((const int64_t[]){rows, columns}, columns == COR_UNSET ? 1 : 2));
}

static void recurrent_init(cor_module *m) {
    recurrent *self = (recurrent *)m;
    self->a = *(const arguments *)cor_module_arguments(m);
    const int64_t n = directions(self), real = real_hidden(self);
    const int64_t rows = cor__step_gates(self->a.step) * self->a.hidden_size;
    for (int64_t i = 0; i < self->a.o.num_layers * n && cor_error() == COR_OK; i++) {
        cor__step_weights *w = &self->weights[i];
        const int64_t layer = i / n;
        const bool reverse = i % n == 1;
        add_parameter(m, "weight_ih", layer, reverse, &w->ih, rows, layer == 0 ? self->a.input_size : real * n);
        add_parameter(m, "weight_hh", layer, reverse, &w->hh, rows, real);
        if (self->a.o.bias) {
            add_parameter(m, "bias_ih", layer, reverse, &w->bias_ih, rows, COR_UNSET);
            add_parameter(m, "bias_hh", layer, reverse, &w->bias_hh, rows, COR_UNSET);
        }
        if (self->a.o.proj_size > 0)
            add_parameter(m, "weight_hr", layer, reverse, &w->hr, self->a.o.proj_size, self->a.hidden_size);
        cor__step_init(w->ih, self->a.hidden_size);
        cor__step_init(w->hh, self->a.hidden_size);
        cor__step_init(w->bias_ih, self->a.hidden_size);
        cor__step_init(w->bias_hh, self->a.hidden_size);
        cor__step_init(w->hr, self->a.hidden_size);
    }
}

static int recurrent_extra(cor_module *m, char *buffer, size_t n) {
    const recurrent *self = (const recurrent *)m;
    const cor_nn_recurrent_options *o = &self->a.o;
    cor__text text = {0};
    cor__text_format(&text, "%lld, %lld", (long long)self->a.input_size, (long long)self->a.hidden_size);
    if (o->proj_size != 0) cor__text_format(&text, ", proj_size=%lld", (long long)o->proj_size);
    if (o->num_layers != 1) cor__text_format(&text, ", num_layers=%lld", (long long)o->num_layers);
    if (!o->bias) cor__text_append(&text, ", bias=False");
    if (o->batch_first) cor__text_append(&text, ", batch_first=True");
    if (o->dropout != 0) {
        cor__text_append(&text, ", dropout=");
        cor__text_double(&text, o->dropout);
    }
    if (o->bidirectional) cor__text_append(&text, ", bidirectional=True");
    return cor__extra_end(&text, buffer, n);
}

static int check_arguments(const arguments *a) {
    const cor_nn_recurrent_options *o = &a->o;
    const char *text = NULL;
    if (o->proj_size != 0 && a->kind != COR_NN_LSTM)
        text = "proj_size argument is only supported for LSTM, not RNN or GRU";
    else if (!(o->dropout >= 0 && o->dropout <= 1))
        text = "dropout should be a number in range [0, 1] representing the probability of an element being zeroed";
    else if (a->input_size <= 0) text = "input_size must be greater than zero";
    else if (a->hidden_size <= 0) text = "hidden_size must be greater than zero";
    else if (o->num_layers <= 0) text = "num_layers must be greater than zero";
    else if (o->proj_size < 0) text = "proj_size should be a positive integer or zero to disable projections";
    else if (o->proj_size >= a->hidden_size) text = "proj_size has to be smaller than hidden_size";
    if (text != NULL) return cor__fail(COR_EVALUE, "%s", text);
    if (o->num_layers <= MOST_LAYERS && a->input_size <= INT32_MAX && a->hidden_size <= INT32_MAX) return COR_OK;
    return cor__fail(COR_ELIMIT, "%s: the sizes are too large", names[a->kind]);
}

cor_module *cor_nn_recurrent_with(cor_nn_recurrent_kind kind, int64_t input_size, int64_t hidden_size,
                                  const cor_nn_recurrent_options *options) {
    arguments a = {.kind = kind, .input_size = input_size, .hidden_size = hidden_size};
    if (cor_error() != COR_OK || cor__check_options(options, sizeof a.o, "RNN") != COR_OK) return NULL;
    if ((unsigned)kind > COR_NN_GRU) return cor__fail_null(COR_EVALUE, "%d is no kind of recurrent layer", (int)kind);
    a.o = *cor_nn_recurrent_options_or_defaults(options, &a.o);
    if (check_arguments(&a) != COR_OK) return NULL;
    a.step = kind == COR_NN_LSTM  ? COR__STEP_LSTM
             : kind == COR_NN_GRU ? COR__STEP_GRU
             : a.o.relu           ? COR__STEP_RELU
                                  : COR__STEP_TANH;
    const size_t n = (size_t)a.o.num_layers * (a.o.bidirectional ? 2 : 1);
    return cor__layer_new_n(sizeof(recurrent) + n * sizeof(cor__step_weights), names[kind], recurrent_forward,
                            recurrent_init, &a, recurrent_extra);
}
