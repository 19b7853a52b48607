/* elementwise.h: what elementwise operations share: broadcasting, promotion, and running a kernel of the table. */
#ifndef COR_OPS_ELEMENTWISE_H
#define COR_OPS_ELEMENTWISE_H

#include "kernels/elementwise.h"
#include "ops/op.h"
#include "tensor/iterate.h"
#include <corrie/math.h>

/* Checks of a row: output 0 has all inputs broadcast, in the dtype they are computed in, which is left in
 * call->compute: their result type; the same with bool and integers counting as float32; or the result type with a bool
 * output (tests). */
int cor__elementwise_check(cor__call *call);
int cor__elementwise_float_check(cor__call *call);
int cor__elementwise_bool_check(cor__call *call);

/* What those are made of: describes output 0 in `dtype`, computed in `compute`. */
int cor__describe_elementwise(cor__call *call, cor_dtype compute, cor_dtype dtype);

/* The forward of a row that only names a kernel (cor__unary for one input, cor__binary for two). */
int cor__elementwise_forward(cor__call *call);

/* Runs a kernel over n tensors, in call->compute, into output 0: cor__unary, cor__binary or cor__ternary by n.
 * COR_EDTYPE with PyTorch's text, which names the row's kernel_name, when the dtype has none. */
int cor__run_kernel(cor__call *call, int kernel, cor_tensor *const *inputs, int n, const void *params);

/* The params of a kernel that has numbers: an array of what the call's dtype is computed in. `rounded` first rounds a
 * number to float16 or bfloat16, where PyTorch keeps it in the tensor's dtype rather than in float32. */
typedef struct cor__numbers {
    _Alignas(8) unsigned char bytes[3 * 8];
} cor__numbers;
void cor__set_number(cor__numbers *params, int i, const cor__call *call, cor_operand number, bool rounded);

/* The number that a tensor made of one holds (cor__is_number), or any tensor of no dimensions. */
cor_operand cor__number_of(const cor_tensor *t);

/* The operand of a double, for the numbers in options. */
static inline cor_operand cor__double_operand(double value) {
    return (cor_operand){.kind = COR_OPERAND_DOUBLE, .number.real = value};
}

/* Applies a binary operation to operands, and in place to a tensor and an operand. */
cor_tensor *cor__binary_apply(const cor__op *op, cor_operand a, cor_operand b, const void *options);
cor_tensor *cor__binary_apply_in_place(const cor__op *op, cor_tensor *a, cor_operand b, const void *options);

#endif
