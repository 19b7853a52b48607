/* unary.c: operations on one tensor, element by element. */
#include "base/error.h"
#include "ops/backward.h"
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

/* ---- gradients: x is the input, y the output ----------------------------------------------------------------------
 */

#define X cor__kept_input(pass, 0)
#define Y cor__kept_output(pass, 0)

COR__FORMULA(neg, cor_neg(g))
COR__FORMULA(square, cor_mul(g, cor_mul(X, 2)))
COR__FORMULA(abs, cor_mul(g, cor_sign(X)))
COR__FORMULA(sqrt, cor_div(g, cor_mul(Y, 2)))
COR__FORMULA(rsqrt, cor_mul(cor_mul(g, -0.5), cor_pow(Y, 3)))
COR__FORMULA(reciprocal, cor_mul(cor_neg(g), cor_square(Y)))
COR__FORMULA(exp, cor_mul(g, Y))
COR__FORMULA(log, cor_div(g, X))
COR__FORMULA(log1p, cor_div(g, cor_add(X, 1)))
COR__FORMULA(expm1, cor_mul(g, cor_add(Y, 1)))
COR__FORMULA(log2, cor_div(g, cor_mul(X, 0x1.62e42fefa39efp-1)))  /* ln 2 */
COR__FORMULA(log10, cor_div(g, cor_mul(X, 0x1.26bb1bbb55516p+1))) /* ln 10 */
COR__FORMULA(sin, cor_mul(g, cor_cos(X)))
COR__FORMULA(cos, cor_mul(g, cor_neg(cor_sin(X))))
COR__FORMULA(tan, cor_mul(g, cor_add(cor_square(Y), 1)))
COR__FORMULA(tanh, cor_mul(g, cor_sub(1, cor_square(Y))))
COR__FORMULA(sigmoid, cor_mul(cor_mul(g, cor_sub(1, Y)), Y))
COR__FORMULA(erf, cor_mul(g, cor_mul(cor_exp(cor_neg(cor_square(X))), 0x1.20dd750429b6dp+0))) /* 2 / sqrt(pi) */

/* What a formula reads: the input, the output, nothing. */
#define READS_X(name) .backward = name##_backward, .reads_inputs = {1}
#define READS_Y(name) .backward = name##_backward, .reads_outputs = 1
#define FLAT .backward = cor__zero_backward

/* ---- rows ------------------------------------------------------------------------------------------------------- */

#define ROW(op_name, node, checked, run, index, text, ...)                                                             \
    const cor__op cor__op_##op_name = {.name = #op_name,                                                               \
                                       .grad_fn = node,                                                                \
                                       .check = checked,                                                               \
                                       .forward = run,                                                                 \
                                       .kernel = index,                                                                \
                                       .kernel_name = text,                                                            \
                                       ##__VA_ARGS__};                                                                 \
    cor_tensor *cor_##op_name(cor_tensor *t) { return cor__apply1(&cor__op_##op_name, &t, 1, NULL); }
#define IN_PLACE(op_name)                                                                                              \
    cor_tensor *cor_##op_name##_(cor_tensor *t) { return cor__apply_in_place(&cor__op_##op_name, &t, 1, NULL); }

#define SAME(name, node, index, text, ...)                                                                             \
    ROW(name, node, cor__elementwise_check, cor__elementwise_forward, index, text, ##__VA_ARGS__) IN_PLACE(name)
#define ROUNDING(name, node, index)                                                                                    \
    ROW(name, node, cor__elementwise_check, rounding_forward, index, #name "_vml_cpu", FLAT) IN_PLACE(name)
#define REAL(name, node, index, reads)                                                                                 \
    ROW(name, node, cor__elementwise_float_check, cor__elementwise_forward, index, #name "_vml_cpu", reads(name))      \
    IN_PLACE(name)

ROW(neg, "NegBackward0", neg_check, cor__elementwise_forward, COR__NEG, "neg_cpu", .backward = neg_backward)
IN_PLACE(neg)
ROW(square, "PowBackward0", square_check, cor__elementwise_forward, COR__SQUARE, "pow", READS_X(square))
IN_PLACE(square)
SAME(abs, "AbsBackward0", COR__ABS, "abs_cpu", READS_X(abs))
SAME(sign, "SignBackward0", COR__SIGN, "sign_cpu", FLAT)
SAME(bitwise_not, NULL, COR__BITWISE_NOT, "bitwise_not_cpu")
ROUNDING(ceil, "CeilBackward0", COR__CEIL)
ROUNDING(floor, "FloorBackward0", COR__FLOOR)
ROUNDING(round, "RoundBackward0", COR__ROUND)
ROUNDING(trunc, "TruncBackward0", COR__TRUNC)
REAL(sqrt, "SqrtBackward0", COR__SQRT, READS_Y)
REAL(rsqrt, "RsqrtBackward0", COR__RSQRT, READS_Y)
REAL(reciprocal, "ReciprocalBackward0", COR__RECIPROCAL, READS_Y)
REAL(exp, "ExpBackward0", COR__EXP, READS_Y)
REAL(log, "LogBackward0", COR__LOG, READS_X)
REAL(log1p, "Log1PBackward0", COR__LOG1P, READS_X)
REAL(expm1, "Expm1Backward0", COR__EXPM1, READS_Y)
REAL(log2, "Log2Backward0", COR__LOG2, READS_X)
REAL(log10, "Log10Backward0", COR__LOG10, READS_X)
REAL(sin, "SinBackward0", COR__SIN, READS_X)
REAL(cos, "CosBackward0", COR__COS, READS_X)
REAL(tan, "TanBackward0", COR__TAN, READS_Y)
REAL(tanh, "TanhBackward0", COR__TANH, READS_Y)
REAL(sigmoid, "SigmoidBackward0", COR__SIGMOID, READS_Y)
REAL(erf, "ErfBackward0", COR__ERF, READS_X)
ROW(logical_not, NULL, cor__elementwise_bool_check, cor__elementwise_forward, COR__LOGICAL_NOT, "logical_not_cpu")
IN_PLACE(logical_not)
ROW(isnan, NULL, cor__elementwise_bool_check, classify_forward, COR__ISNAN, "isnan")
ROW(isinf, NULL, cor__elementwise_bool_check, classify_forward, COR__ISINF, "isinf")
ROW(isfinite, NULL, cor__elementwise_bool_check, classify_forward, COR__ISFINITE, "isfinite")
