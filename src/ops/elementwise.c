/* elementwise.c: what elementwise operations share. */
#include "ops/elementwise.h"
#include "base/error.h"
#include "kernels/kernels.h"
#include <math.h>
#include <string.h>

/* ---- checking --------------------------------------------------------------------------------------------------- */

static int broadcast_inputs(cor__call *call) {
    cor__meta *out = &call->out[0];
    int64_t sizes[COR_MAX_DIMS];
    out->ndim = 0;
    for (int i = 0; i < call->n_inputs; i++) {
        const cor_tensor *t = call->inputs[i];
        if (t == COR_NONE) continue;
        int n = cor__broadcast(out->sizes, out->ndim, t->sizes, t->ndim, sizes);
        if (n < 0) return n;
        out->ndim = n;
        memcpy(out->sizes, sizes, sizeof(int64_t) * (size_t)n);
    }
    return COR_OK;
}

int cor__describe_elementwise(cor__call *call, cor_dtype compute, cor_dtype dtype) {
    if (broadcast_inputs(call) != COR_OK) return cor_error();
    call->compute = compute;
    call->out[0].dtype = dtype;
    return COR_OK;
}

int cor__elementwise_check(cor__call *call) {
    cor_dtype dtype = cor__result_type(call->inputs, call->n_inputs);
    return cor__describe_elementwise(call, dtype, dtype);
}

int cor__elementwise_float_check(cor__call *call) {
    cor_dtype dtype = cor__result_type(call->inputs, call->n_inputs);
    if (!cor_dtype_is_floating(dtype)) dtype = COR_FLOAT32;
    return cor__describe_elementwise(call, dtype, dtype);
}

int cor__elementwise_bool_check(cor__call *call) {
    return cor__describe_elementwise(call, cor__result_type(call->inputs, call->n_inputs), COR_BOOL);
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

static cor__loop find_loop(int kernel, int n, cor_dtype compute) {
    const cor__kernels *kernels = cor__kernels_now();
    if (n == 3 && kernel == COR__WHERE)
        compute = compute == COR_FLOAT32 ? COR_INT32 : compute == COR_FLOAT64 ? COR_INT64 : compute;
    const cor__elementwise_kernels *table =
        cor_dtype_is_floating(compute) ? kernels->exact->elementwise : kernels->exact_shared->integers;
    return n == 1   ? table->unary[kernel][compute]
           : n == 2 ? table->binary[kernel][compute]
                    : table->ternary[kernel][compute];
}

static bool is_test(int kernel, int n) {
    return (n == 1 && kernel >= COR__LOGICAL_NOT) || (n == 2 && kernel >= COR__FIRST_TEST);
}

/* In float16 and bfloat16 an input of another dtype is rounded to it first, but a single factor or divisor is not. */
static bool must_round(const cor__call *call, int kernel, int n, int i, const cor_tensor *t) {
    if (cor__compute_dtype(call->compute) == call->compute) return false;
    if (t->dtype == call->compute || t->dtype == COR_BOOL) return false;
    if (n != 2 || t->ndim > 0) return true;
    bool scales = kernel == COR__MUL || kernel == COR__DIV || kernel == COR__DIV_FLOOR || kernel == COR__DIV_TRUNC;
    return !(scales && i == 1) && !(kernel == COR__MUL && cor__is_number(t));
}

int cor__run_kernel(cor__call *call, int kernel, cor_tensor *const *inputs, int n, const void *params) {
    cor_dtype compute = cor__compute_dtype(call->compute);
    cor__elementwise e = {.out = call->outputs[0],
                          .n_in = n,
                          .compute = compute,
                          .result = is_test(kernel, n) ? COR_BOOL : compute,
                          .loop = find_loop(kernel, n, compute),
                          .params = params};
    cor_tensor *rounded[COR__MAX_OPERANDS] = {NULL};
    int code = COR_OK;
    if (e.loop == NULL)
        return cor__fail(COR_EDTYPE, "\"%s\" not implemented for '%s'", call->op->kernel_name,
                         cor__scalar_type_name(call->compute));
    for (int i = 0; i < n && code == COR_OK; i++) {
        e.in[i] = inputs[i];
        if (!must_round(call, kernel, n, i, inputs[i])) continue;
        e.in[i] = rounded[i] = cor__contiguous_as(inputs[i], call->compute);
        if (rounded[i] == NULL) code = cor_error();
    }
    if (code == COR_OK) code = cor__elementwise_run(&e);
    for (int i = 0; i < n; i++) cor__release(rounded[i]);
    return code;
}

int cor__elementwise_forward(cor__call *call) {
    return cor__run_kernel(call, call->op->kernel, call->inputs, call->n_inputs, NULL);
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

void cor__set_number(cor__numbers *params, int i, const cor__call *call, cor_operand number, bool rounded) {
    cor_dtype compute = cor__compute_dtype(call->compute);
    if (rounded && compute != call->compute) {
        unsigned char element[8];
        cor__store_number(element, call->compute, number);
        number = cor__double_operand(cor__load_double(element, call->compute));
    }
    cor__store_number(params->bytes + i * cor_dtype_size(compute), compute, number);
}

cor_operand cor__number_of(const cor_tensor *t) {
    if (cor_dtype_is_floating(t->dtype)) return cor__double_operand(cor__load_double(cor__data(t), t->dtype));
    return (cor_operand){.kind = t->dtype == COR_BOOL ? COR_OPERAND_BOOL : COR_OPERAND_INT,
                         .number.integer = cor__load_int(cor__data(t), t->dtype)};
}

/* ---- operands --------------------------------------------------------------------------------------------------- */

cor_tensor *cor__binary_apply(const cor__op *op, cor_operand a, cor_operand b, const void *options) {
    if (cor_error() != COR_OK) return NULL;
    cor_scope();
    cor_tensor *inputs[] = {cor__operand_as_tensor(a), cor__operand_as_tensor(b)};
    return cor_keep(cor__apply1(op, inputs, 2, options));
}

cor_tensor *cor__binary_apply_in_place(const cor__op *op, cor_tensor *a, cor_operand b, const void *options) {
    if (cor_error() != COR_OK) return NULL;
    cor_scope();
    cor_tensor *inputs[] = {a, cor__operand_as_tensor(b)};
    return cor__apply_in_place(op, inputs, 2, options);
}
