/* backward.h: what the formulas of gradients share. A formula is written with public operations, so that a pass that
 * creates a graph records it; pass->results[i] gets the gradient of input i, in the sizes that the inputs broadcast to
 * (the pass sums it over what was broadcast, and casts it). A result may be left NULL for zero. */
#ifndef COR_OPS_BACKWARD_H
#define COR_OPS_BACKWARD_H

#include "base/error.h"
#include "ops/op.h"
#include <corrie/creation.h>
#include <corrie/math.h>
#include <corrie/reduce.h>

/* The gradient of output k, zeros where none came. Borrowed; NULL with an error pending. */
cor_tensor *cor__grad_of(const cor__backward *pass, int k);

/* `grad`, of a reduction, with the reduced dimensions of the input put back as ones where keepdim left them out, and
 * expanded to the input's sizes unless `expand` is false. `dim` and `dims` are the reduction's options. */
cor_tensor *cor__unreduce(const cor__backward *pass, cor_tensor *grad, int64_t dim, const cor_dims *dims, bool keepdim,
                          bool expand);

/* The gradient of an input's extreme, which the node keeps with the input: elements that are it share it equally. */
int cor__extreme_backward(cor__backward *pass, int64_t dim, const cor_dims *dims, bool keepdim);

/* The gradient `grad` of elements of dimension `dim` that were taken at `indices`, brought back to their places among
 * zeros of the input's sizes. Borrowed; NULL with an error pending. */
cor_tensor *cor__put_back(const cor__backward *pass, cor_tensor *grad, cor_tensor *indices, int64_t dim);

/* Gradients that are zeros everywhere (of rounding, of signs), and that are the output's own. */
int cor__zero_backward(cor__backward *pass);
int cor__same_backward(cor__backward *pass);

/* `grad` where low < x < high, and where x is NaN, and zero elsewhere; without an upper bound where high is NaN.
 * Borrowed; NULL with an error pending. */
cor_tensor *cor__gate(cor_tensor *grad, cor_tensor *x, double low, double high);

/* What a unary formula does, made a function: COR__FORMULA(exp, cor_mul(g, cor__kept_output(pass, 0))). */
#define COR__FORMULA(name, ...)                                                                                        \
    static int name##_backward(cor__backward *pass) {                                                                  \
        cor_tensor *g = pass->grads[0];                                                                                \
        pass->results[0] = (__VA_ARGS__);                                                                              \
        return cor_error();                                                                                            \
    }

#endif
