/* arithmetic.c: + - * / between tensors and numbers. */
#include "base/error.h"
#include "kernels/kernels.h"
#include "ops/elementwise.h"

COR__DEFINE_OPTIONS(cor_add_options, COR_ADD_OPTIONS)

/* ---- add and sub: a + alpha * b --------------------------------------------------------------------------------- */

static int check_alpha(const cor__call *call, cor_dtype dtype) {
    double alpha = ((const cor_add_options *)call->options)->alpha;
    if (cor_dtype_is_floating(dtype) || alpha == (double)(int64_t)alpha) return COR_OK;
    return cor__fail(COR_EVALUE, "For integral input tensors, argument alpha must not be a floating point number.");
}

static int add_check(cor__call *call) {
    if (cor__binary_check(call) != COR_OK) return cor_error();
    return check_alpha(call, call->out[0].dtype);
}

static int sub_check(cor__call *call) {
    bool first = call->inputs[0]->dtype == COR_BOOL, second = call->inputs[1]->dtype == COR_BOOL;
    if (first && second)
        return cor__fail(COR_EDTYPE,
                         "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
                         "`logical_xor()` operator instead.");
    if (first || second)
        return cor__fail(COR_EDTYPE,
                         "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying "
                         "to invert a mask, use the `~` or `logical_not()` operator instead.");
    return add_check(call);
}

static int add_scaled(cor__call *call, double alpha) {
    const cor__elementwise_kernels *kernels = cor__kernels_now()->exact->elementwise;
    cor_dtype dtype = cor__compute_type(call, false);
    cor__scale scale = {.real = alpha, .integer = (int64_t)alpha};
    if (alpha == 1) return cor__run_loops(call, kernels->binary[COR__ADD], dtype, false, NULL, "add");
    if (alpha == -1) return cor__run_loops(call, kernels->binary[COR__SUB], dtype, false, NULL, "sub");
    return cor__run_loops(call, kernels->binary[COR__ADD_SCALED], dtype, false, &scale, "add");
}

static int add_forward(cor__call *call) { return add_scaled(call, ((const cor_add_options *)call->options)->alpha); }
static int sub_forward(cor__call *call) { return add_scaled(call, -((const cor_add_options *)call->options)->alpha); }

const cor__op cor__op_add = {.name = "add",
                             .grad_fn = "AddBackward0",
                             .check = add_check,
                             .forward = add_forward,
                             .describe = cor_add_options_describe};
const cor__op cor__op_sub = {.name = "sub",
                             .grad_fn = "SubBackward0",
                             .check = sub_check,
                             .forward = sub_forward,
                             .describe = cor_add_options_describe};
/* A number minus a tensor. */
const cor__op cor__op_rsub = {.name = "rsub",
                              .grad_fn = "RsubBackward1",
                              .check = sub_check,
                              .forward = sub_forward,
                              .describe = cor_add_options_describe};

static const cor_add_options *given(const cor_add_options *options, cor_add_options *room, const char *name) {
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, name) != COR_OK) return NULL;
    return cor_add_options_or_defaults(options, room);
}

cor_tensor *cor_add_with(cor_operand a, cor_operand b, const cor_add_options *options) {
    cor_add_options room;
    const cor_add_options *o = given(options, &room, "add");
    return o == NULL ? NULL : cor__binary_apply(&cor__op_add, a, b, o);
}

cor_tensor *cor_sub_with(cor_operand a, cor_operand b, const cor_add_options *options) {
    cor_add_options room;
    const cor_add_options *o = given(options, &room, "sub");
    const cor__op *op = a.kind == COR_OPERAND_TENSOR ? &cor__op_sub : &cor__op_rsub;
    return o == NULL ? NULL : cor__binary_apply(op, a, b, o);
}

cor_tensor *cor_add_with_(cor_tensor *a, cor_operand b, const cor_add_options *options) {
    cor_add_options room;
    const cor_add_options *o = given(options, &room, "add_");
    return o == NULL ? NULL : cor__binary_apply_in_place(&cor__op_add, a, b, o);
}

cor_tensor *cor_sub_with_(cor_tensor *a, cor_operand b, const cor_add_options *options) {
    cor_add_options room;
    const cor_add_options *o = given(options, &room, "sub_");
    return o == NULL ? NULL : cor__binary_apply_in_place(&cor__op_sub, a, b, o);
}

/* ---- mul and div ------------------------------------------------------------------------------------------------ */

static int mul_forward(cor__call *call) { return cor__binary_forward(call, COR__MUL, "mul_cpu"); }
static int div_forward(cor__call *call) { return cor__binary_forward(call, COR__DIV, "div_true_cpu"); }

const cor__op cor__op_mul = {
    .name = "mul", .grad_fn = "MulBackward0", .check = cor__binary_check, .forward = mul_forward};
const cor__op cor__op_div = {
    .name = "div", .grad_fn = "DivBackward0", .check = cor__binary_float_check, .forward = div_forward};

cor_tensor *cor_mul_of(cor_operand a, cor_operand b) { return cor__binary_apply(&cor__op_mul, a, b, NULL); }
cor_tensor *cor_div_of(cor_operand a, cor_operand b) { return cor__binary_apply(&cor__op_div, a, b, NULL); }
cor_tensor *cor_mul_of_(cor_tensor *a, cor_operand b) { return cor__binary_apply_in_place(&cor__op_mul, a, b, NULL); }
cor_tensor *cor_div_of_(cor_tensor *a, cor_operand b) { return cor__binary_apply_in_place(&cor__op_div, a, b, NULL); }
