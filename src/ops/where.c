/* where.c: choosing, bounding and filling elements. */
#include "base/error.h"
#include "ops/backward.h"
#include "ops/elementwise.h"
#include <math.h>

/* ---- where ------------------------------------------------------------------------------------------------------ */

/* A number that is chosen must fit the integer dtype it is chosen in. */
static int check_choices(const cor__call *call, cor_dtype dtype) {
    for (int i = 1; i < 3 && !cor_dtype_is_floating(dtype); i++)
        if (cor__is_number(call->inputs[i]) && cor__check_number(cor__number_of(call->inputs[i]), dtype) != COR_OK)
            return cor_error();
    return COR_OK;
}

static int where_check(cor__call *call) {
    cor_dtype condition = call->inputs[0]->dtype, dtype = cor__result_type(call->inputs + 1, 2);
    if (condition != COR_BOOL && condition != COR_UINT8)
        return cor__fail(COR_EDTYPE, "where expected condition to be a boolean tensor, but got a tensor with dtype %s",
                         cor__scalar_type_name(condition));
    if (check_choices(call, dtype) != COR_OK) return cor_error();
    return cor__describe_elementwise(call, dtype, dtype);
}

static int where_forward(cor__call *call) {
    cor_tensor *inputs[] = {call->inputs[1], call->inputs[2], call->inputs[0]};
    return cor__run_kernel(call, COR__WHERE, inputs, 3, NULL);
}

static int where_backward(cor__backward *pass) {
    cor_tensor *g = pass->grads[0], *condition = cor__kept_input(pass, 0);
    if (cor__needs(pass, 1)) pass->results[1] = cor_where(condition, g, 0.0);
    if (cor__needs(pass, 2)) pass->results[2] = cor_where(condition, 0.0, g);
    return cor_error();
}

const cor__op cor__op_where = {.name = "where",
                               .grad_fn = "WhereBackward0",
                               .check = where_check,
                               .forward = where_forward,
                               .kernel_name = "where_cpu",
                               .backward = where_backward,
                               .reads_inputs = {6}};

cor_tensor *cor_where_of(cor_tensor *condition, cor_operand a, cor_operand b) {
    if (cor_error() != COR_OK) return NULL;
    cor_scope();
    cor_tensor *inputs[] = {condition, cor__operand_as_tensor(a), cor__operand_as_tensor(b)};
    return cor_keep(cor__apply1(&cor__op_where, inputs, 3, NULL));
}

/* ---- clamp ------------------------------------------------------------------------------------------------------ */

static bool is_number_or_none(const cor_tensor *t) { return t == COR_NONE || cor__is_number(t); }
static bool has_number_bounds(const cor__call *call) {
    return is_number_or_none(call->inputs[1]) && is_number_or_none(call->inputs[2]);
}

/* For bounds that are numbers PyTorch names C++ types. */
static int cannot_cast(const cor__call *call, cor_dtype from) {
    static const char *const names[COR_DTYPES] = {"bool",      "unsigned char", "signed char",
                                                  "short int", "int",           "long int"};
    return cor__fail(COR_EDTYPE, "result type %s can't be cast to the desired output type %s",
                     cor__scalar_type_name(from), names[call->inputs[0]->dtype]);
}

static int clamp_check(cor__call *call) {
    cor_tensor *const *inputs = call->inputs;
    if (inputs[1] == COR_NONE && inputs[2] == COR_NONE)
        return cor__fail(COR_EVALUE, "torch.clamp: At least one of 'min' or 'max' must not be None");
    cor_dtype dtype = cor__result_type(inputs, 3);
    if (has_number_bounds(call)) {
        if (call->in_place && !cor__can_cast(dtype, inputs[0]->dtype)) return cannot_cast(call, dtype);
        for (int i = 1; i < 3; i++)
            if (inputs[i] != COR_NONE && cor__check_number(cor__number_of(inputs[i]), dtype) != COR_OK)
                return cor_error();
        call->grad_fn = "ClampBackward1";
    }
    return cor__describe_elementwise(call, dtype, dtype);
}

/* A bound that is absent is the dtype's own. */
static cor_operand bound(const cor_tensor *t, cor_dtype dtype, bool upper) {
    if (t != COR_NONE) return cor__number_of(t);
    if (cor_dtype_is_floating(dtype)) return cor__double_operand(upper ? (double)INFINITY : -(double)INFINITY);
    if (dtype == COR_BOOL || dtype == COR_UINT8)
        return (cor_operand){.kind = COR_OPERAND_INT, .number.integer = upper ? (dtype == COR_BOOL ? 1 : 255) : 0};
    int64_t largest = (int64_t)(UINT64_MAX >> (65 - 8 * cor_dtype_size(dtype)));
    return (cor_operand){.kind = COR_OPERAND_INT, .number.integer = upper ? largest : -largest - 1};
}

static int clamp_forward(cor__call *call) {
    cor_tensor *const *inputs = call->inputs;
    if (has_number_bounds(call)) {
        cor__numbers params;
        cor__set_number(&params, 0, call, bound(inputs[1], call->compute, false), true);
        cor__set_number(&params, 1, call, bound(inputs[2], call->compute, true), true);
        return cor__run_kernel(call, COR__CLAMP, inputs, 1, &params);
    }
    if (inputs[2] == COR_NONE) return cor__run_kernel(call, COR__MAXIMUM, inputs, 2, NULL);
    if (inputs[1] != COR_NONE) return cor__run_kernel(call, COR__CLAMP_BETWEEN, inputs, 3, NULL);
    cor_tensor *below[] = {inputs[0], inputs[2]};
    return cor__run_kernel(call, COR__MINIMUM, below, 2, NULL);
}

/* A bound that counts lies on the near side of the other: min yields to max where they cross. */
static int clamp_backward(cor__backward *pass) {
    cor_tensor *g = pass->grads[0], *x = cor__kept_input(pass, 0), *bounds[3] = {NULL, COR_NONE, COR_NONE};
    for (int i = 1; i < 3; i++)
        if (pass->node->edges[i].ndim >= 0) bounds[i] = cor__kept_input(pass, i);
    cor_tensor *inside = g;
    if (bounds[1] != COR_NONE) inside = cor_where(cor_ge(x, bounds[1]), inside, 0.0);
    if (bounds[2] != COR_NONE) inside = cor_where(cor_le(x, bounds[2]), inside, 0.0);
    pass->results[0] = inside;
    if (cor__needs(pass, 1)) {
        cor_tensor *at = cor_where(cor_lt(x, bounds[1]), g, 0.0);
        pass->results[1] = bounds[2] == COR_NONE ? at : cor_where(cor_lt(bounds[1], bounds[2]), at, 0.0);
    }
    if (cor__needs(pass, 2)) {
        cor_tensor *at = cor_gt(x, bounds[2]);
        if (bounds[1] != COR_NONE) at = cor_logical_or(at, cor_lt(bounds[2], bounds[1]));
        pass->results[2] = cor_where(at, g, 0.0);
    }
    return cor_error();
}

const cor__op cor__op_clamp = {.name = "clamp",
                               .grad_fn = "ClampBackward0",
                               .optional = 1 << 1 | 1 << 2,
                               .check = clamp_check,
                               .forward = clamp_forward,
                               .kernel_name = "clamp_cpu",
                               .backward = clamp_backward,
                               .reads_inputs = {7, 7, 7}};

cor_tensor *cor_clamp_of(cor_tensor *t, cor_operand min, cor_operand max) {
    if (cor_error() != COR_OK) return NULL;
    cor_scope();
    cor_tensor *inputs[] = {t, cor__operand_as_tensor(min), cor__operand_as_tensor(max)};
    return cor_keep(cor__apply1(&cor__op_clamp, inputs, 3, NULL));
}

cor_tensor *cor_clamp_of_(cor_tensor *t, cor_operand min, cor_operand max) {
    if (cor_error() != COR_OK) return NULL;
    cor_scope();
    cor_tensor *inputs[] = {t, cor__operand_as_tensor(min), cor__operand_as_tensor(max)};
    return cor__apply_in_place(&cor__op_clamp, inputs, 3, NULL);
}

/* ---- fill ------------------------------------------------------------------------------------------------------- */

/* Half types take a number out of their range as infinity. */
static int fill_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0], *value = call->inputs[1];
    if (value->ndim > 0)
        return cor__fail(COR_ESHAPE, "fill_ only supports 0-dimension value tensor but got tensor with %d dimensions.",
                         value->ndim);
    call->grad_fn = cor__is_number(value) ? "FillBackward2" : "FillBackward3";
    if (cor__describe_elementwise(call, t->dtype, t->dtype) != COR_OK) return cor_error();
    return cor__is_number(value) ? cor__check_number(cor__number_of(value), cor__compute_dtype(t->dtype)) : COR_OK;
}

static int fill_forward(cor__call *call) {
    cor_tensor *value = call->inputs[1];
    if (!cor__is_number(value)) return cor__copy(call->outputs[0], value);
    return cor__fill(call->outputs[0], cor__number_of(value));
}

static int zero_check(cor__call *call) {
    return cor__describe_elementwise(call, call->inputs[0]->dtype, call->inputs[0]->dtype);
}

static int zero_forward(cor__call *call) {
    return cor__fill(call->outputs[0], (cor_operand){.kind = COR_OPERAND_INT, .number.integer = 0});
}

static int fill_backward(cor__backward *pass) {
    pass->results[0] = cor_zeros_like(pass->grads[0]);
    if (cor__needs(pass, 1)) pass->results[1] = cor_sum(pass->grads[0]);
    return cor_error();
}

const cor__op cor__op_fill_ = {.name = "fill_",
                               .grad_fn = "FillBackward2",
                               .is_constant = true,
                               .check = fill_check,
                               .forward = fill_forward,
                               .backward = fill_backward};
const cor__op cor__op_zero_ = {.name = "zero_",
                               .grad_fn = "ZeroBackward0",
                               .is_constant = true,
                               .check = zero_check,
                               .forward = zero_forward,
                               .backward = cor__zero_backward};

cor_tensor *cor_fill_of_(cor_tensor *t, cor_operand value) {
    return cor__binary_apply_in_place(&cor__op_fill_, t, value, NULL);
}

cor_tensor *cor_zero_(cor_tensor *t) { return cor__apply_in_place(&cor__op_zero_, &t, 1, NULL); }
