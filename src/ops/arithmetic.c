/* arithmetic.c: + - * / and what belongs to them, between tensors and numbers. */
#include "base/error.h"
#include "ops/backward.h"
#include "ops/elementwise.h"

COR__DEFINE_OPTIONS(cor_add_options, COR_ADD_OPTIONS)
COR__DEFINE_OPTIONS(cor_div_options, COR_DIV_OPTIONS)

/* A binary operation without options, and its in-place form. */
#define BINARY(name)                                                                                                   \
    cor_tensor *cor_##name##_of(cor_operand a, cor_operand b) {                                                        \
        return cor__binary_apply(&cor__op_##name, a, b, NULL);                                                         \
    }                                                                                                                  \
    cor_tensor *cor_##name##_of_(cor_tensor *a, cor_operand b) {                                                       \
        return cor__binary_apply_in_place(&cor__op_##name, a, b, NULL);                                                \
    }

/* ---- add and sub: a + alpha * b --------------------------------------------------------------------------------- */

static int check_alpha(const cor__call *call, cor_dtype dtype) {
    double alpha = ((const cor_add_options *)call->options)->alpha;
    if (cor_dtype_is_floating(dtype) || (alpha >= -0x1p63 && alpha < 0x1p63 && alpha == (double)(int64_t)alpha))
        return COR_OK;
    return cor__fail(COR_EVALUE, "For integral input tensors, argument alpha must not be a floating point number.");
}

static int add_check(cor__call *call) {
    if (cor__elementwise_check(call) != COR_OK) return cor_error();
    return check_alpha(call, call->compute);
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
    cor__scale scale = {.real = alpha};
    if (!cor_dtype_is_floating(call->compute)) scale.integer = (int64_t)alpha;
    int kernel = alpha == 1 ? COR__ADD : alpha == -1 ? COR__SUB : COR__ADD_SCALED;
    return cor__run_kernel(call, kernel, call->inputs, 2, &scale);
}

static int add_forward(cor__call *call) { return add_scaled(call, ((const cor_add_options *)call->options)->alpha); }
static int sub_forward(cor__call *call) { return add_scaled(call, -((const cor_add_options *)call->options)->alpha); }

/* d(a + alpha b): g and alpha g; of a sub alpha's sign is turned. */
static int scaled_backward(cor__backward *pass, double alpha) {
    cor_tensor *g = pass->grads[0];
    pass->results[0] = g;
    if (cor__needs(pass, 1)) pass->results[1] = alpha == 1 ? g : alpha == -1 ? cor_neg(g) : cor_mul(g, alpha);
    return cor_error();
}

static int add_backward(cor__backward *pass) {
    return scaled_backward(pass, ((const cor_add_options *)pass->options)->alpha);
}
static int sub_backward(cor__backward *pass) {
    return scaled_backward(pass, -((const cor_add_options *)pass->options)->alpha);
}

const cor__op cor__op_add = {.name = "add",
                             .grad_fn = "AddBackward0",
                             .check = add_check,
                             .forward = add_forward,
                             .describe = cor_add_options_describe,
                             .kernel_name = "add_stub",
                             .backward = add_backward,
                             .reads_options = sizeof(cor_add_options)};
const cor__op cor__op_sub = {.name = "sub",
                             .grad_fn = "SubBackward0",
                             .check = sub_check,
                             .forward = sub_forward,
                             .describe = cor_add_options_describe,
                             .kernel_name = "sub_stub",
                             .backward = sub_backward,
                             .reads_options = sizeof(cor_add_options)};
/* A number minus a tensor. */
const cor__op cor__op_rsub = {.name = "rsub",
                              .grad_fn = "RsubBackward1",
                              .check = sub_check,
                              .forward = sub_forward,
                              .describe = cor_add_options_describe,
                              .kernel_name = "sub_stub",
                              .backward = sub_backward,
                              .reads_options = sizeof(cor_add_options)};

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

/* ---- mul, maximum, minimum -------------------------------------------------------------------------------------- */

static int mul_backward(cor__backward *pass) {
    cor_tensor *g = pass->grads[0];
    if (cor__needs(pass, 0)) pass->results[0] = cor_mul(g, cor__kept_input(pass, 1));
    if (cor__needs(pass, 1)) pass->results[1] = cor_mul(g, cor__kept_input(pass, 0));
    return cor_error();
}

/* Where both are equal each gets half. */
static int extreme_backward(cor__backward *pass, bool is_maximum) {
    cor_tensor *a = cor__kept_input(pass, 0), *b = cor__kept_input(pass, 1), *g = pass->grads[0];
    cor_tensor *shared = cor_where(cor_eq(a, b), cor_div(g, 2), g);
    cor_tensor *below = cor_lt(a, b), *above = cor_gt(a, b);
    if (cor__needs(pass, 0)) pass->results[0] = cor_where(is_maximum ? below : above, 0.0, shared);
    if (cor__needs(pass, 1)) pass->results[1] = cor_where(is_maximum ? above : below, 0.0, shared);
    return cor_error();
}

static int maximum_backward(cor__backward *pass) { return extreme_backward(pass, true); }
static int minimum_backward(cor__backward *pass) { return extreme_backward(pass, false); }

const cor__op cor__op_mul = {.name = "mul",
                             .grad_fn = "MulBackward0",
                             .check = cor__elementwise_check,
                             .forward = cor__elementwise_forward,
                             .kernel = COR__MUL,
                             .kernel_name = "mul_cpu",
                             .backward = mul_backward,
                             .reads_inputs = {1 << 1, 1 << 0}};
const cor__op cor__op_maximum = {.name = "maximum",
                                 .grad_fn = "MaximumBackward0",
                                 .check = cor__elementwise_check,
                                 .forward = cor__elementwise_forward,
                                 .kernel = COR__MAXIMUM,
                                 .kernel_name = "maximum_cpu",
                                 .backward = maximum_backward,
                                 .reads_inputs = {3, 3}};
const cor__op cor__op_minimum = {.name = "minimum",
                                 .grad_fn = "MinimumBackward0",
                                 .check = cor__elementwise_check,
                                 .forward = cor__elementwise_forward,
                                 .kernel = COR__MINIMUM,
                                 .kernel_name = "minimum_cpu",
                                 .backward = minimum_backward,
                                 .reads_inputs = {3, 3}};
BINARY(mul)

cor_tensor *cor_maximum_of(cor_operand a, cor_operand b) { return cor__binary_apply(&cor__op_maximum, a, b, NULL); }
cor_tensor *cor_minimum_of(cor_operand a, cor_operand b) { return cor__binary_apply(&cor__op_minimum, a, b, NULL); }

/* ---- division --------------------------------------------------------------------------------------------------- */

static int run_division(cor__call *call, int kernel) {
    atomic_bool by_zero = false;
    cor__division params = {.by_zero = &by_zero};
    if (cor__run_kernel(call, kernel, call->inputs, 2, &params) != COR_OK) return cor_error();
    return by_zero ? cor__fail(COR_EVALUE, "ZeroDivisionError") : COR_OK;
}

static int division_forward(cor__call *call) { return run_division(call, call->op->kernel); }

/* The nodes of a remainder by a tensor and by a number differ. */
static int fmod_check(cor__call *call) {
    if (cor__is_number(call->inputs[1])) call->grad_fn = "FmodBackward0";
    return cor__elementwise_check(call);
}

static int remainder_check(cor__call *call) {
    if (cor__is_number(call->inputs[1])) call->grad_fn = "RemainderBackward0";
    if (cor__is_number(call->inputs[0])) call->grad_fn = "NotImplemented";
    return cor__elementwise_check(call);
}

static int div_backward(cor__backward *pass) {
    cor_tensor *g = pass->grads[0], *b = cor__kept_input(pass, 1);
    if (cor__needs(pass, 0)) pass->results[0] = cor_div(g, b);
    if (cor__needs(pass, 1)) pass->results[1] = cor_mul(cor_neg(g), cor_div(cor_div(cor__kept_input(pass, 0), b), b));
    return cor_error();
}

/* a - b floor(a / b) and a - b trunc(a / b): the quotient has no slope. */
static int rest_backward(cor__backward *pass, cor_rounding rounding) {
    cor_tensor *g = pass->grads[0];
    pass->results[0] = g;
    if (cor__needs(pass, 1))
        pass->results[1] =
            cor_mul(cor_neg(g), cor_div(cor__kept_input(pass, 0), cor__kept_input(pass, 1), .rounding_mode = rounding));
    return cor_error();
}

static int remainder_backward(cor__backward *pass) { return rest_backward(pass, COR_ROUND_FLOOR); }
static int fmod_backward(cor__backward *pass) { return rest_backward(pass, COR_ROUND_TRUNC); }

const cor__op cor__op_div = {.name = "div",
                             .grad_fn = "DivBackward0",
                             .check = cor__elementwise_float_check,
                             .forward = cor__elementwise_forward,
                             .kernel = COR__DIV,
                             .kernel_name = "div_true_cpu",
                             .backward = div_backward,
                             .reads_inputs = {1 << 1, 3}};
const cor__op cor__op_div_trunc = {.name = "div_trunc",
                                   .grad_fn = "DivBackward2",
                                   .check = cor__elementwise_check,
                                   .forward = division_forward,
                                   .kernel = COR__DIV_TRUNC,
                                   .kernel_name = "div_trunc_cpu",
                                   .backward = cor__zero_backward};
const cor__op cor__op_div_floor = {.name = "div_floor",
                                   .grad_fn = "DivBackward2",
                                   .check = cor__elementwise_check,
                                   .forward = division_forward,
                                   .kernel = COR__DIV_FLOOR,
                                   .kernel_name = "div_floor_cpu",
                                   .backward = cor__zero_backward};
/* PyTorch has no gradient of it, and calls its node so. */
const cor__op cor__op_floor_divide = {.name = "floor_divide",
                                      .grad_fn = "NotImplemented",
                                      .check = cor__elementwise_check,
                                      .forward = division_forward,
                                      .kernel = COR__DIV_FLOOR,
                                      .kernel_name = "div_floor_cpu"};
const cor__op cor__op_remainder = {.name = "remainder",
                                   .grad_fn = "RemainderBackward1",
                                   .check = remainder_check,
                                   .forward = division_forward,
                                   .kernel = COR__REMAINDER,
                                   .kernel_name = "remainder_cpu",
                                   .backward = remainder_backward,
                                   .reads_inputs = {1 << 1, 1 << 1}};
const cor__op cor__op_fmod = {.name = "fmod",
                              .grad_fn = "FmodBackward1",
                              .check = fmod_check,
                              .forward = division_forward,
                              .kernel = COR__FMOD,
                              .kernel_name = "fmod_cpu",
                              .backward = fmod_backward,
                              .reads_inputs = {1 << 1, 1 << 1}};
BINARY(floor_divide)
BINARY(remainder)
BINARY(fmod)

static const cor__op *division(const cor_div_options *options, const char *name) {
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, name) != COR_OK) return NULL;
    switch (options == NULL ? COR_ROUND_NONE : options->rounding_mode) {
    case COR_ROUND_NONE:
        return &cor__op_div;
    case COR_ROUND_TRUNC:
        return &cor__op_div_trunc;
    case COR_ROUND_FLOOR:
        return &cor__op_div_floor;
    }
    return cor__fail_null(COR_EVALUE, "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found %d",
                          (int)options->rounding_mode);
}

cor_tensor *cor_div_with(cor_operand a, cor_operand b, const cor_div_options *options) {
    const cor__op *op = division(options, "div");
    return op == NULL ? NULL : cor__binary_apply(op, a, b, NULL);
}

cor_tensor *cor_div_with_(cor_tensor *a, cor_operand b, const cor_div_options *options) {
    const cor__op *op = division(options, "div_");
    return op == NULL ? NULL : cor__binary_apply_in_place(op, a, b, NULL);
}

/* ---- pow -------------------------------------------------------------------------------------------------------- */

static bool is_number_equal(const cor_tensor *t, double value) {
    return cor__is_number(t) && cor__load_double(cor__data(t), t->dtype) == value;
}

static int pow_check(cor__call *call) {
    const cor_tensor *exponent = call->inputs[1];
    if (cor__is_number(call->inputs[0])) call->grad_fn = "PowBackward2";
    if (cor__is_number(exponent)) call->grad_fn = "PowBackward0";
    if (cor__elementwise_check(call) != COR_OK) return cor_error();
    if (!cor__is_number(exponent)) return COR_OK;
    if (!cor_dtype_is_floating(call->compute) && cor__load_double(cor__data(exponent), exponent->dtype) < 0)
        return cor__fail(COR_EVALUE, "Integers to negative integer powers are not allowed.");
    return cor__check_number(cor__number_of(exponent), call->compute);
}

/* The exponents that PyTorch computes by other means; -1 for the others. */
static int kernel_of_exponent(const cor_tensor *exponent, bool floating) {
    if (is_number_equal(exponent, 2)) return COR__SQUARE;
    if (!floating) return -1;
    return is_number_equal(exponent, 3)      ? COR__CUBE
           : is_number_equal(exponent, 0.5)  ? COR__SQRT
           : is_number_equal(exponent, -0.5) ? COR__RSQRT
           : is_number_equal(exponent, -1)   ? COR__RECIPROCAL
                                             : -1;
}

static int pow_forward(cor__call *call) {
    cor_tensor *base = call->inputs[0], *exponent = call->inputs[1];
    const cor_operand one = {.kind = COR_OPERAND_INT, .number.integer = 1};
    bool one_to_any = is_number_equal(base, 1) && base->dtype != COR_BOOL;
    if (is_number_equal(exponent, 0) || one_to_any) return cor__fill(call->outputs[0], one);
    if (is_number_equal(exponent, 1)) return cor__copy(call->outputs[0], base);
    int kernel = kernel_of_exponent(exponent, cor_dtype_is_floating(call->compute));
    if (kernel >= 0) return cor__run_kernel(call, kernel, call->inputs, 1, NULL);
    return cor__run_kernel(call, COR__POW, call->inputs, 2, NULL);
}

/* b a^(b-1), 0 where b is 0; and a^b log a, 0 where a is 0 and b is not negative. */
static int pow_backward(cor__backward *pass) {
    cor_tensor *g = pass->grads[0], *a = cor__kept_input(pass, 0), *b = cor__kept_input(pass, 1);
    if (a == NULL || b == NULL) return cor_error();
    if (cor__needs(pass, 0) && cor__is_number(b)) {
        const double exponent = cor__load_double(cor__data(b), b->dtype);
        pass->results[0] = exponent == 0 ? cor_zeros_like(g) : cor_mul(g, cor_mul(cor_pow(a, exponent - 1), exponent));
    } else if (cor__needs(pass, 0)) {
        pass->results[0] = cor_where(cor_eq(b, 0), 0.0, cor_mul(g, cor_mul(b, cor_pow(a, cor_sub(b, 1)))));
    }
    if (cor__needs(pass, 1)) {
        cor_tensor *flat = cor_logical_and(cor_eq(a, 0), cor_ge(b, 0));
        pass->results[1] = cor_where(flat, 0.0, cor_mul(g, cor_mul(cor_pow(a, b), cor_log(a))));
    }
    return cor_error();
}

const cor__op cor__op_pow = {.name = "pow",
                             .grad_fn = "PowBackward1",
                             .check = pow_check,
                             .forward = pow_forward,
                             .kernel_name = "pow",
                             .backward = pow_backward,
                             .reads_inputs = {3, 3}};
BINARY(pow)
