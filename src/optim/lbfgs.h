/* lbfgs.h: what the two halves of L-BFGS share. All vectors are of one dimension: the parameters one after the other.
 * Numbers that PyTorch has as tensors are rounded to the parameters' dtype. */
#ifndef COR_OPTIM_LBFGS_H
#define COR_OPTIM_LBFGS_H

#include "optim/optimizer.h"

/* What is kept from step to step. Vectors are owned. */
typedef struct cor__lbfgs {
    int64_t func_evals, n_iter;
    cor_tensor *d, *prev_flat_grad; /* NULL before the first full step */
    double t, h_diag, prev_loss;
    cor_tensor **old_dirs, **old_stps;
    double *ro;
    int64_t n_old, capacity;
} cor__lbfgs;

/* One call of step. */
typedef struct cor__lbfgs_run {
    cor_optimizer *o;
    cor__lbfgs *kept;
    cor_closure closure;
    void *context;
    double loss;
    cor_tensor *flat_grad; /* owned */
} cor__lbfgs_run;

/* A number as a tensor of the parameters' dtype holds it. */
double cor__lbfgs_held(const cor_optimizer *o, double value);

/* a . b; NaN with an error pending. */
double cor__lbfgs_dot(cor_tensor *a, cor_tensor *b);

/* The largest |x| of a vector. */
double cor__lbfgs_largest(cor_tensor *x);

/* Adds t * d to the parameters; copies a vector to them; makes one of them, in the scope. */
int cor__lbfgs_move(cor_optimizer *o, double t, cor_tensor *d);
int cor__lbfgs_set(cor_optimizer *o, cor_tensor *x);
cor_tensor *cor__lbfgs_get(cor_optimizer *o);

/* Adds a pair to the end of the history, which takes references. NULL vectors: an error is pending. */
int cor__lbfgs_remember(cor__lbfgs *l, cor_tensor *y, cor_tensor *s, double ro);

/* Calls the closure: the loss and, in *grad, which it holds, the gradient. */
int cor__lbfgs_evaluate(cor__lbfgs_run *r, double *loss, cor_tensor **grad);

/* The line search for the strong Wolfe conditions along d from the present point, which is where it ends too. t is the
 * first step and becomes the one found; the run's loss and gradient become those there. Returns how often the closure
 * was called, or a negative code. */
int64_t cor__lbfgs_search(cor__lbfgs_run *r, double *t, cor_tensor *d, double gtd, double tolerance_change,
                          int64_t max_ls);

#endif
