/* elementwise.c: what elementwise operations share. */
#include "ops/elementwise.h"
#include "base/error.h"
#include "kernels/kernels.h"
#include <string.h>

/* The error texts' names of dtypes ("Float", "Long") are the legacy type names without "Tensor". */
static int cannot_cast(cor_dtype from, cor_dtype to) {
    return cor__fail(COR_EDTYPE, "result type %s can't be cast to the desired output type %s",
                     cor__scalar_type_name(from), cor__scalar_type_name(to));
}

/* A result may be narrowed within its category, never lose one: float to integer, integer to bool. */
static bool can_cast(cor_dtype from, cor_dtype to) {
    if (cor_dtype_is_floating(from)) return cor_dtype_is_floating(to);
    return to != COR_BOOL || from == COR_BOOL;
}

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

static int describe(cor__call *call, cor_dtype dtype) {
    if (broadcast_inputs(call) != COR_OK) return cor_error();
    call->out[0].dtype = dtype;
    if (call->in_place && !can_cast(dtype, call->inputs[0]->dtype)) return cannot_cast(dtype, call->inputs[0]->dtype);
    return COR_OK;
}

cor_dtype cor__compute_type(const cor__call *call, bool floating) {
    cor_dtype dtype = cor__result_type(call->inputs, call->n_inputs);
    return floating && !cor_dtype_is_floating(dtype) ? COR_FLOAT32 : dtype;
}

int cor__binary_check(cor__call *call) { return describe(call, cor__compute_type(call, false)); }
int cor__binary_float_check(cor__call *call) { return describe(call, cor__compute_type(call, true)); }
int cor__binary_bool_check(cor__call *call) { return describe(call, COR_BOOL); }

int cor__run_loops(cor__call *call, const cor__loop *loops, cor_dtype dtype, bool to_bool, const void *params,
                   const char *kernel) {
    cor_dtype compute = cor__compute_dtype(dtype);
    if (loops[compute] == NULL)
        return cor__fail(COR_EDTYPE, "\"%s\" not implemented for '%s'", kernel, cor__scalar_type_name(dtype));
    cor__elementwise e = {.out = call->outputs[0],
                          .n_in = call->n_inputs,
                          .compute = compute,
                          .result = to_bool ? COR_BOOL : compute,
                          .loop = loops[compute],
                          .params = params};
    for (int i = 0; i < call->n_inputs; i++) e.in[i] = call->inputs[i];
    return cor__elementwise_run(&e);
}

int cor__binary_forward(cor__call *call, cor__binary which, const char *kernel) {
    const cor__loop *loops = cor__kernels_now()->exact->elementwise->binary[which];
    bool floating = call->op->check == cor__binary_float_check;
    return cor__run_loops(call, loops, cor__compute_type(call, floating), false, NULL, kernel);
}

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
