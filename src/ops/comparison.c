/* comparison.c: comparisons, logic and the operations on bits. */
#include "ops/elementwise.h"

/* A binary row whose result is a bool, and its public functions. In place the result is written as 0 or 1 of the
 * target's dtype. */
#define FUNCTIONS(op_name)                                                                                             \
    cor_tensor *cor_##op_name##_of(cor_operand a, cor_operand b) {                                                     \
        return cor__binary_apply(&cor__op_##op_name, a, b, NULL);                                                      \
    }                                                                                                                  \
    cor_tensor *cor_##op_name##_of_(cor_tensor *a, cor_operand b) {                                                    \
        return cor__binary_apply_in_place(&cor__op_##op_name, a, b, NULL);                                             \
    }
#define COMPARISON(op_name, node, run, index)                                                                          \
    static int op_name##_check(cor__call *call) {                                                                      \
        if (call->in_place) call->grad_fn = cor__is_number(call->inputs[1]) ? node "0" : node "1";                     \
        return cor__elementwise_bool_check(call);                                                                      \
    }                                                                                                                  \
    const cor__op cor__op_##op_name = {                                                                                \
        .name = #op_name, .check = op_name##_check, .forward = run, .kernel = index, .kernel_name = #op_name "_cpu"};  \
    FUNCTIONS(op_name)

/* a > b is b < a. */
static int swapped_forward(cor__call *call) {
    cor_tensor *inputs[] = {call->inputs[1], call->inputs[0]};
    return cor__run_kernel(call, call->op->kernel, inputs, 2, NULL);
}

COMPARISON(eq, "EqBackward", cor__elementwise_forward, COR__EQ)
COMPARISON(ne, "NeBackward", cor__elementwise_forward, COR__NE)
COMPARISON(lt, "LtBackward", cor__elementwise_forward, COR__LT)
COMPARISON(le, "LeBackward", cor__elementwise_forward, COR__LE)
COMPARISON(gt, "GtBackward", swapped_forward, COR__LT)
COMPARISON(ge, "GeBackward", swapped_forward, COR__LE)

#define LOGICAL(op_name, index)                                                                                        \
    const cor__op cor__op_##op_name = {.name = #op_name,                                                               \
                                       .check = cor__elementwise_bool_check,                                           \
                                       .forward = cor__elementwise_forward,                                            \
                                       .kernel = index,                                                                \
                                       .kernel_name = #op_name "_cpu"};                                                \
    FUNCTIONS(op_name)

LOGICAL(logical_and, COR__LOGICAL_AND)
LOGICAL(logical_or, COR__LOGICAL_OR)
LOGICAL(logical_xor, COR__LOGICAL_XOR)

#define BITWISE(op_name, index)                                                                                        \
    const cor__op cor__op_##op_name = {.name = #op_name,                                                               \
                                       .check = cor__elementwise_check,                                                \
                                       .forward = cor__elementwise_forward,                                            \
                                       .kernel = index,                                                                \
                                       .kernel_name = #op_name "_cpu"};                                                \
    FUNCTIONS(op_name)

BITWISE(bitwise_and, COR__BITWISE_AND)
BITWISE(bitwise_or, COR__BITWISE_OR)
BITWISE(bitwise_xor, COR__BITWISE_XOR)
