/* weights.h: the gradient of a convolution with respect to its weight and bias: which implementation computes it, and
 * why. */
#ifndef COR_CONV_WEIGHTS_H
#define COR_CONV_WEIGHTS_H

#include "conv/problem.h"

/* The memory of one gradient; borrowed. */
typedef struct cor__weights_operands {
    const void *input, *grad_output;
    void *grad_weight;
} cor__weights_operands;

/* One way to compute gw[o,c,u] = sum over n and i of gy[n,o,i] * x[n, q*C/groups + c, i*stride - padding + u*dilation],
 * x being 0 outside, of a forward convolution (conv/problem.h) with at least one weight and one output. */
typedef struct cor__weights_implementation {
    const char *name;

    /* NULL if it computes the problem, otherwise why not. Reads neither the thread count nor an address. */
    const char *(*refuses)(const cor__conv_problem *problem);

    /* NULL if it is the one to take, otherwise why those that follow are better; asked only of what refuses nothing and
     * was not forced. NULL: always the one to take. */
    const char *(*yields)(const cor__conv_problem *problem);

    /* The bytes it needs besides the operands when `threads` work, -1 when that cannot be held; NULL when it needs none
     * and works in the calling thread only. */
    int64_t (*workspace)(const cor__conv_problem *problem, int threads);

    /* Computes the gradient on at most `threads` threads; returns a status. */
    int (*run)(const cor__conv_problem *problem, const cor__weights_operands *operands, int threads, void *workspace);
} cor__weights_implementation;

/* The implementations in the order they are tried; the last computes everything. */
extern const cor__weights_implementation cor__weights_depthwise, cor__weights_winograd, cor__weights_direct,
    cor__weights_reference;

/* Returns the implementation that cor__conv_weights_run would use for a forward convolution: the one of CORRIE_CONV or
 * cor__conv_force if it can, otherwise the first that can. Under CORRIE_VERBOSE=plan it says which, and why the earlier
 * ones were refused. */
const cor__weights_implementation *cor__conv_weights_plan(const cor__conv_problem *problem);

/* The name of implementation number `index`, NULL when there is none. */
const char *cor__conv_weights_name(int index);

/* Computes the gradient of the problem's weight, and of its bias where grad_bias is not NULL, from its input and the
 * contiguous gradient of its output: raw memory of the problem's dtype. The gradients have the weight's layout and O
 * elements, and overlap nothing. Of a transposed problem the input is contiguous too; its gradient is that of the
 * forward convolution with input and gradient of the output exchanged. Floating sums are formed in float32 (float64 for
 * float64) and rounded once; integers wrap. The same bits for any number of threads and any alignment. COR_ENOMEM,
 * COR_ELIMIT or the code of a failed worker. */
int cor__conv_weights_run(const cor__conv_problem *problem, const void *input, const void *grad_output,
                          void *grad_weight, void *grad_bias) COR_MUST_CHECK;

/* Computes the gradient of the bias alone: the sum of grad_output over images and positions. */
int cor__conv_bias_run(const cor__conv_problem *problem, const void *grad_output, void *grad_bias) COR_MUST_CHECK;

#endif
