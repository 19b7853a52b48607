/* plan.h: which implementation computes a problem, and why. */
#ifndef COR_CONV_PLAN_H
#define COR_CONV_PLAN_H

#include "conv/problem.h"
#include "tensor/derived.h"

/* The memory of an epilogue (conv/problem.h), in the problem's dtype; borrowed. */
typedef struct cor__conv_epilogue {
    const void *scale;    /* (O); NULL when the problem is not scaled */
    const void *residual; /* as the output lies; NULL when the problem has none */
    const void *shift;    /* (O): the bias where a scale comes before it; set by cor__conv_run_by */
} cor__conv_epilogue;

/* The memory of one convolution; borrowed. */
typedef struct cor__conv_operands {
    const void *input, *weight;
    const void *bias; /* NULL when the problem has none */
    void *output;
    const void *prepared;  /* what `prepare` made of the weight; NULL when it was not asked to */
    cor__storage *storage; /* in which the weight lies, which keeps what is prepared of it; NULL keeps nothing */
    const cor__conv_epilogue *epilogue; /* NULL: it ends with the bias, whatever the problem says */
} cor__conv_operands;

/* One way to compute convolutions. */
typedef struct cor__conv_implementation {
    const char *name;

    /* NULL if it computes the problem, otherwise why not. Reads neither the thread count nor an address. */
    const char *(*refuses)(const cor__conv_problem *problem);

    /* NULL if it is the one to take, otherwise why those that follow are better; asked only of what refuses nothing and
     * was not forced. Reads what refuses reads. NULL: always the one to take. */
    const char *(*yields)(const cor__conv_problem *problem);

    /* The bytes of the form of the weight that suits it, -1 when that cannot be held; NULL when it has no such form.
     * Forms of the same size depend on the weight, on the instruction set, on what a problem says of the weight, on the
     * strides, paddings and dilations of a transposed one, and on nothing else. */
    int64_t (*prepared)(const cor__conv_problem *problem);

    /* Whether run needs that form, or it pays for a single call; otherwise it is made for weights that are used again.
     */
    bool (*prepares)(const cor__conv_problem *problem);

    /* Makes the form on at most `threads` threads; returns a status. */
    int (*prepare)(const cor__conv_problem *problem, const void *weight, int threads, void *prepared);

    /* The bytes it needs besides the operands when `threads` work, -1 when that cannot be held; NULL when it needs none
     * and works in the calling thread only. */
    int64_t (*workspace)(const cor__conv_problem *problem, int threads);

    /* Computes the output, with its epilogue (cor__conv_finish), on at most `threads` threads; returns a status. */
    int (*run)(const cor__conv_problem *problem, const cor__conv_operands *operands, int threads, void *workspace);
} cor__conv_implementation;

/* The implementations in the order they are tried; the last computes everything. */
extern const cor__conv_implementation cor__conv_small, cor__conv_planes, cor__conv_channels, cor__conv_depthwise,
    cor__conv_winograd, cor__conv_floats, cor__conv_patches, cor__conv_direct, cor__conv_reference;

/* Whether the channels of a problem with one a group have so many outputs of so many taps that direct convolution,
 * whose tiles of several outputs share what they read, is the fastest (measured on Zen 4). */
bool cor__conv_shares_inputs(const cor__conv_problem *problem);

/* One output of a floating problem by the reference: image n, channel o, position i of depth, height and width. */
double cor__conv_reference_at(const cor__conv_problem *problem, const cor__conv_operands *operands, int64_t n,
                              int64_t o, const int64_t i[COR__CONV_AXES]);

/* Returns the implementation that cor__conv_run would use: the one of CORRIE_CONV or cor__conv_force if it can,
 * otherwise the first that can. Under CORRIE_VERBOSE=plan it says which, and why the earlier ones were refused. */
const cor__conv_implementation *cor__conv_plan(const cor__conv_problem *problem);

/* Puts the implementations of this name first from now on, as CORRIE_CONV does, also those of weights' gradients
 * (conv/weights.h); NULL puts none. COR_EVALUE for a name
 * that there is not. */
int cor__conv_force(const char *name) COR_MUST_CHECK;

/* The name of the implementation that is put first, by CORRIE_CONV or cor__conv_force; NULL when none is. */
const char *cor__conv_forced(void);

/* Computes the problem: input, weight, bias (NULL exactly when the problem has none) and output are raw memory of the
 * problem's dtype and layout; the output does not overlap the others. The same bits for any number of threads and any
 * alignment. What is prepared of the weight is kept by `storage`, in which the weight lies; NULL keeps nothing.
 * COR_ENOMEM or the code of a failed worker. */
int cor__conv_run_kept(const cor__conv_problem *problem, const void *input, const void *weight, const void *bias,
                       void *output, cor__storage *storage) COR_MUST_CHECK;

/* The same, with the epilogue. */
int cor__conv_run_fused(const cor__conv_problem *problem, const cor__conv_operands *operands) COR_MUST_CHECK;

/* The same by this implementation, which does not refuse the problem; with what is prepared of the weight, if it is. */
int cor__conv_run_by(const cor__conv_implementation *way, const cor__conv_problem *problem,
                     const cor__conv_operands *operands) COR_MUST_CHECK;

/* The same, keeping nothing. */
int cor__conv_run(const cor__conv_problem *problem, const void *input, const void *weight, const void *bias,
                  void *output) COR_MUST_CHECK;

/* ---- for the implementations ------------------------------------------------------------------------------------ */

/* Puts the operands' epilogue, if there is one, over outputs of an image's channels [o, o + channels): `rows` rows of n
 * each, which lie `pitch` apart and of channel o begin `at` elements into the output. */
void cor__conv_finish(const cor__conv_problem *problem, const cor__conv_operands *operands, int64_t o, int64_t channels,
                      int64_t at, int64_t rows, int64_t n, int64_t pitch);

/* The same over the whole output. */
void cor__conv_finish_all(const cor__conv_problem *problem, const cor__conv_operands *operands);

#endif
