/* recurrent_cell.c: one step of a recurrent layer, and the layers that are one step: RNNCell, LSTMCell, GRUCell. */
#include "base/error.h"
#include "nn/recurrent.h"
#include "ops/op.h"
#include <corrie/activation.h>
#include <corrie/creation.h>
#include <corrie/math.h>
#include <corrie/matmul.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_nn_recurrent_cell_options, COR_NN_RECURRENT_CELL_OPTIONS)

/* ---- one step --------------------------------------------------------------------------------------------------- */

int64_t cor__step_gates(cor__step_kind kind) { return kind == COR__STEP_LSTM ? 4 : kind == COR__STEP_GRU ? 3 : 1; }

static cor_tensor *linear(cor_tensor *x, cor_tensor *weight, cor_tensor *bias) {
    return cor_linear(x, weight, .bias = bias == NULL ? COR_NONE : bias);
}

cor_tensor *cor__step_input(const cor__step_weights *w, cor_tensor *input) { return linear(input, w->ih, w->bias_ih); }

static cor_tensor *gate(cor_tensor *gates, int64_t i, int64_t n) {
    const int64_t size = cor_size(gates, -1) / n;
    return cor_narrow(gates, -1, i * size, size);
}

/* c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'), then the projection (torch.nn.LSTM). */
static cor__step_state lstm(const cor__step_weights *w, cor_tensor *gates, const cor__step_state *s) {
    cor_tensor *kept = cor_mul(cor_sigmoid(gate(gates, 1, 4)), s->c);
    cor_tensor *added = cor_mul(cor_sigmoid(gate(gates, 0, 4)), cor_tanh(gate(gates, 2, 4)));
    cor_tensor *c = cor_add(kept, added), *h = cor_mul(cor_sigmoid(gate(gates, 3, 4)), cor_tanh(c));
    return (cor__step_state){w->hr == NULL ? h : cor_linear(h, w->hr), c};
}

/* h' = z h + (1 - z) n with n = tanh(its input's part + r times its hidden part) (torch.nn.GRU). */
static cor_tensor *gru(cor_tensor *part, cor_tensor *hidden, cor_tensor *h) {
    cor_tensor *r = cor_sigmoid(cor_add(gate(part, 0, 3), gate(hidden, 0, 3)));
    cor_tensor *z = cor_sigmoid(cor_add(gate(part, 1, 3), gate(hidden, 1, 3)));
    cor_tensor *n = cor_tanh(cor_add(gate(part, 2, 3), cor_mul(r, gate(hidden, 2, 3))));
    return cor_add(cor_mul(cor_sub(h, n), z), n);
}

int cor__step(cor__step_kind kind, const cor__step_weights *w, cor_tensor *part, cor__step_state *state) {
    cor_scope();
    cor_tensor *hidden = linear(state->h, w->hh, w->bias_hh);
    cor__step_state next = {NULL, NULL};
    if (kind == COR__STEP_LSTM) next = lstm(w, cor_add(part, hidden), state);
    else if (kind == COR__STEP_GRU) next.h = gru(part, hidden, state->h);
    else next.h = kind == COR__STEP_TANH ? cor_tanh(cor_add(part, hidden)) : cor_relu(cor_add(part, hidden));
    if (cor_error() != COR_OK) return cor_error();
    state->h = cor_keep(next.h);
    if (next.c != NULL) state->c = cor_keep(next.c);
    return COR_OK;
}

void cor__step_init(cor_tensor *parameter, int64_t hidden_size) {
    const double bound = hidden_size > 0 ? 1 / sqrt((double)hidden_size) : 0;
    cor_no_grad();
    if (parameter != NULL) cor_uniform_(parameter, .from = -bound, .to = bound);
}

/* ---- the cells -------------------------------------------------------------------------------------------------- */

typedef struct cell {
    cor_module base;
    cor__step_weights weights;
    cor__step_kind step;
    const char *name;
    int64_t input_size, hidden_size;
    bool bias;
} cell;

static bool is_given(const cor_tensor *t) { return t != NULL && t != COR_NONE; }

/* Whether a state (N, hidden) fits to an input (N, input), both batched. */
static int check_state(const cell *self, const cor_tensor *input, const cor_tensor *state, int i) {
    if (cor_size(state, 0) != cor_size(input, 0))
        return cor__fail(COR_ESHAPE, "Input batch size %lld doesn't match hidden%d batch size %lld",
                         (long long)cor_size(input, 0), i, (long long)cor_size(state, 0));
    if (cor_size(state, 1) == self->hidden_size && cor_dim(state) == 2) return COR_OK;
    return cor__fail(COR_ESHAPE, "hidden%d has inconsistent hidden_size: got %lld, expected %lld", i,
                     (long long)cor_size(state, 1), (long long)self->hidden_size);
}

static int check_dims(const cell *self, cor_tensor *const *in, int n_in) {
    static const char *const states[] = {"hx[0]", "hx[1]"};
    for (int i = 0; i < n_in; i++) {
        const char *what = i == 0 ? "input" : self->step == COR__STEP_LSTM ? states[i - 1] : "hidden";
        if (i == 0 && !is_given(in[0])) return cor__fail(COR_EVALUE, "%s: there is no input", self->name);
        if (is_given(in[i]) && cor_dim(in[i]) != 1 && cor_dim(in[i]) != 2)
            return cor__fail(COR_ESHAPE, "%s: Expected %s to be 1D or 2D, got %dD instead", self->name, what,
                             cor_dim(in[i]));
    }
    if (cor_size(in[0], -1) == self->input_size) return COR_OK;
    return cor__fail(COR_ESHAPE, "input has inconsistent input_size: got %lld expected %lld",
                     (long long)cor_size(in[0], -1), (long long)self->input_size);
}

static int cell_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const cell *self = (const cell *)m;
    const int states = self->step == COR__STEP_LSTM ? 2 : 1;
    if (n_in < 1 || n_in > 1 + states || n_out < 1 || n_out > states)
        return cor__fail(COR_EVALUE,
                         "%s: forward takes an input and up to %d states, and gives those, called with %d "
                         "and %d",
                         self->name, states, n_in, n_out);
    if (check_dims(self, in, n_in) != COR_OK) return cor_error();
    const bool batched = cor_dim(in[0]) == 2;
    cor_tensor *input = batched ? in[0] : cor_unsqueeze(in[0], 0), *state[2] = {NULL, NULL};
    for (int i = 0; i < states; i++) {
        const bool given = i + 1 < n_in && is_given(in[i + 1]);
        const int64_t sizes[] = {cor_size(input, 0), self->hidden_size};
        state[i] = !given    ? cor_zeros_sized(cor_dtype_of(input), sizes, 2)
                   : batched ? in[i + 1]
                             : cor_unsqueeze(in[i + 1], 0);
        if (state[i] == NULL || check_state(self, input, state[i], i) != COR_OK) return cor_error();
    }
    cor__step_state s = {state[0], state[1]};
    if (cor__step(self->step, &self->weights, cor__step_input(&self->weights, input), &s) != COR_OK) return cor_error();
    out[0] = batched ? s.h : cor_squeeze(s.h, .dim = 0);
    if (n_out > 1) out[1] = batched ? s.c : cor_squeeze(s.c, .dim = 0);
    return cor_error();
}

static void cell_init(cor_module *m) {
    cell *self = (cell *)m;
    const cell *given = cor_module_arguments(m);
    const int64_t rows = cor__step_gates(given->step) * given->hidden_size;
    self->step = given->step;
    self->name = given->name;
    self->input_size = given->input_size;
    self->hidden_size = given->hidden_size;
    self->bias = given->bias;
    cor__step_weights *w = &self->weights;
    const struct {
        const char *name;
        cor_tensor **slot;
        bool there;
        int ndim;
        int64_t sizes[2];
    } entries[] = {{"weight_ih", &w->ih, true, 2, {rows, self->input_size}},
                   {"weight_hh", &w->hh, true, 2, {rows, self->hidden_size}},
                   {"bias_ih", &w->bias_ih, self->bias, 1, {rows}},
                   {"bias_hh", &w->bias_hh, self->bias, 1, {rows}}};
    for (int i = 0; i < 4; i++)
        cor_register_parameter_at(m, entries[i].name, entries[i].slot,
                                  entries[i].there ? cor__new_parameter(entries[i].sizes, entries[i].ndim) : COR_NONE);
    for (int i = 0; i < 4; i++) cor__step_init(*entries[i].slot, self->hidden_size);
}

static int cell_extra(cor_module *m, char *buffer, size_t n) {
    const cell *self = (const cell *)m;
    cor__text text = {0};
    cor__text_format(&text, "%lld, %lld", (long long)self->input_size, (long long)self->hidden_size);
    if (!self->bias) cor__text_append(&text, ", bias=False");
    if (self->step == COR__STEP_RELU) cor__text_append(&text, ", nonlinearity=relu");
    return cor__extra_end(&text, buffer, n);
}

cor_module *cor_nn_recurrent_cell_with(cor_nn_recurrent_kind kind, int64_t input_size, int64_t hidden_size,
                                       const cor_nn_recurrent_cell_options *options) {
    static const char *const names[] = {"RNNCell", "LSTMCell", "GRUCell"};
    cor_nn_recurrent_cell_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "RNNCell") != COR_OK) return NULL;
    if ((unsigned)kind > COR_NN_GRU) return cor__fail_null(COR_EVALUE, "%d is no kind of recurrent cell", (int)kind);
    const cor_nn_recurrent_cell_options *o = cor_nn_recurrent_cell_options_or_defaults(options, &room);
    cell given = {.name = names[kind], .input_size = input_size, .hidden_size = hidden_size, .bias = o->bias};
    given.step = kind == COR_NN_LSTM  ? COR__STEP_LSTM
                 : kind == COR_NN_GRU ? COR__STEP_GRU
                 : o->relu            ? COR__STEP_RELU
                                      : COR__STEP_TANH;
    return cor__layer_new_n(sizeof given, given.name, cell_forward, cell_init, &given, cell_extra);
}
