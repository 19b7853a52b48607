/* recurrent.h: what recurrent layers and their cells share: one step. */
#ifndef COR_NN_RECURRENT_H
#define COR_NN_RECURRENT_H

#include "nn/layer.h"

typedef enum cor__step_kind { COR__STEP_TANH, COR__STEP_RELU, COR__STEP_LSTM, COR__STEP_GRU } cor__step_kind;

/* The parameters of a cell, or of one direction of a layer; those that are not there are NULL. Sizes are (gates *
 * hidden, input), (gates * hidden, hidden), twice (gates * hidden), and (proj, hidden). */
typedef struct cor__step_weights {
    cor_tensor *ih, *hh, *bias_ih, *bias_hh, *hr;
} cor__step_weights;

/* The hidden state, and the cell's of an LSTM (NULL otherwise). */
typedef struct cor__step_state {
    cor_tensor *h, *c;
} cor__step_state;

/* How many gates of the hidden size a kind has. */
int64_t cor__step_gates(cor__step_kind kind);

/* The share of the input in the gates, of one step or of all at once: input W_ih^T + b_ih. */
cor_tensor *cor__step_input(const cor__step_weights *w, cor_tensor *input);

/* One step: `part` is the input's share (N, gates * hidden). The new state belongs to the innermost scope; what is made
 * on the way is released. Returns COR_OK or a code. */
int cor__step(cor__step_kind kind, const cor__step_weights *w, cor_tensor *part, cor__step_state *state);

/* Draws a parameter uniformly within 1 / sqrt(hidden), as these layers begin. */
void cor__step_init(cor_tensor *parameter, int64_t hidden_size);

#endif
