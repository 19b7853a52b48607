/* unary.c: operations on one tensor, element by element. */
#include "base/error.h"
#include "ops/elementwise.h"

/* ---- checks and forwards that are their own --------------------------------------------------------------------- */

static int neg_check(cor__call *call) {
    if (call->inputs[0]->dtype == COR_BOOL)
        return cor__fail(COR_EDTYPE, "Negation, the `-` operator, on a bool tensor is not supported. If you are trying "
                                     "to invert a mask, use the `~` or `logical_not()` operator instead.");
    return cor__elementwise_check(call);
}

/* x * x of a bool is an int64, as a power with the integer 2 is. */
static int square_check(cor__call *call) {
    cor_dtype dtype = call->inputs[0]->dtype == COR_BOOL ? COR_INT64 : call->inputs[0]->dtype;
    return cor__describe_elementwise(call, dtype, dtype);
}

/* Integers are what they are rounded to. */
static int rounding_forward(cor__call *call) {
    bool is_integer = !cor_dtype_is_floating(call->compute) && call->compute != COR_BOOL;
    return is_integer ? cor__copy(call->outputs[0], call->inputs[0]) : cor__elementwise_forward(call);
}

/* Integers are finite, and no NaN. */
static int classify_forward(cor__call *call) {
    if (cor_dtype_is_floating(call->compute)) return cor__elementwise_forward(call);
    const cor_operand answer = {.kind = COR_OPERAND_BOOL, .number.integer = call->op->kernel == COR__ISFINITE};
    return cor__fill(call->outputs[0], answer);
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

#define ROW(op_name, node, checked, run, index, text)                                                                  \
    const cor__op cor__op_##op_name = {                                                                                \
        .name = #op_name, .grad_fn = node, .check = checked, .forward = run, .kernel = index, .kernel_name = text};    \
    cor_tensor *cor_##op_name(cor_tensor *t) { return cor__apply1(&cor__op_##op_name, &t, 1, NULL); }
#define IN_PLACE(op_name)                                                                                              \
    cor_tensor *cor_##op_name##_(cor_tensor *t) { return cor__apply_in_place(&cor__op_##op_name, &t, 1, NULL); }

#define SAME(name, node, index, text)                                                                                  \
    ROW(name, node, cor__elementwise_check, cor__elementwise_forward, index, text) IN_PLACE(name)
#define ROUNDING(name, node, index)                                                                                    \
    ROW(name, node, cor__elementwise_check, rounding_forward, index, #name "_vml_cpu") IN_PLACE(name)
#define REAL(name, node, index)                                                                                        \
    ROW(name, node, cor__elementwise_float_check, cor__elementwise_forward, index, #name "_vml_cpu") IN_PLACE(name)

ROW(neg, "NegBackward0", neg_check, cor__elementwise_forward, COR__NEG, "neg_cpu")
IN_PLACE(neg)
ROW(square, "PowBackward0", square_check, cor__elementwise_forward, COR__SQUARE, "pow")
IN_PLACE(square)
SAME(abs, "AbsBackward0", COR__ABS, "abs_cpu")
SAME(sign, "SignBackward0", COR__SIGN, "sign_cpu")
SAME(bitwise_not, NULL, COR__BITWISE_NOT, "bitwise_not_cpu")
ROUNDING(ceil, "CeilBackward0", COR__CEIL)
ROUNDING(floor, "FloorBackward0", COR__FLOOR)
ROUNDING(round, "RoundBackward0", COR__ROUND)
ROUNDING(trunc, "TruncBackward0", COR__TRUNC)
REAL(sqrt, "SqrtBackward0", COR__SQRT)
REAL(rsqrt, "RsqrtBackward0", COR__RSQRT)
REAL(reciprocal, "ReciprocalBackward0", COR__RECIPROCAL)
REAL(exp, "ExpBackward0", COR__EXP)
REAL(log, "LogBackward0", COR__LOG)
REAL(log1p, "Log1PBackward0", COR__LOG1P)
REAL(expm1, "Expm1Backward0", COR__EXPM1)
REAL(log2, "Log2Backward0", COR__LOG2)
REAL(log10, "Log10Backward0", COR__LOG10)
REAL(sin, "SinBackward0", COR__SIN)
REAL(cos, "CosBackward0", COR__COS)
REAL(tan, "TanBackward0", COR__TAN)
REAL(tanh, "TanhBackward0", COR__TANH)
REAL(sigmoid, "SigmoidBackward0", COR__SIGMOID)
REAL(erf, "ErfBackward0", COR__ERF)
ROW(logical_not, NULL, cor__elementwise_bool_check, cor__elementwise_forward, COR__LOGICAL_NOT, "logical_not_cpu")
IN_PLACE(logical_not)
ROW(isnan, NULL, cor__elementwise_bool_check, classify_forward, COR__ISNAN, "isnan")
ROW(isinf, NULL, cor__elementwise_bool_check, classify_forward, COR__ISINF, "isinf")
ROW(isfinite, NULL, cor__elementwise_bool_check, classify_forward, COR__ISFINITE, "isfinite")
