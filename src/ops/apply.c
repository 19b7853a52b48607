/* apply.c: the one path of every call. */
#include "base/env.h"
#include "base/error.h"
#include "base/text.h"
#include "base/thread.h"
#include "ops/op.h"
#include <string.h>
#include <time.h>

static int check_inputs(const cor__call *call) {
    for (int i = 0; i < call->n_inputs; i++) {
        if (call->inputs[i] == NULL)
            return cor__fail(COR_EVALUE, "%s: input %d is NULL, a failed or missing tensor", call->op->name, i);
        if (call->inputs[i] == COR_NONE && (i >= 32 || !(call->op->optional >> i & 1)))
            return cor__fail(COR_EVALUE, "%s: input %d must be a tensor, not COR_NONE", call->op->name, i);
    }
    return COR_OK;
}

static int make_outputs(cor__call *call) {
    for (int i = call->in_place ? 1 : 0; i < call->n_outputs; i++) {
        call->outputs[i] = cor__empty(call->out[i].dtype, call->out[i].sizes, call->out[i].ndim);
        if (call->outputs[i] == NULL) return cor_error();
    }
    return COR_OK;
}

static bool is_recorded(const cor__call *call) {
    const cor__thread *self = cor__self();
    if (call->grad_fn == NULL || self->no_grad || self->inference) return false;
    for (int i = 0; i < call->n_inputs; i++)
        if (call->inputs[i] != COR_NONE && cor__requires_grad(call->inputs[i])) return true;
    return false;
}

/* What an in-place call must satisfy once its result is described. */
static int check_target(const cor__call *call) {
    cor_tensor *target = call->inputs[0];
    char result[COR__SIZES_TEXT], own[COR__SIZES_TEXT];
    if (cor__check_in_place(target, is_recorded(call)) != COR_OK) return cor_error();
    if (!cor__has_sizes(target, call->out[0].sizes, call->out[0].ndim))
        return cor__fail(COR_ESHAPE, "output with shape %s doesn't match the broadcast shape %s",
                         cor__sizes_text(own, target->sizes, target->ndim),
                         cor__sizes_text(result, call->out[0].sizes, call->out[0].ndim));
    if (!call->op->is_constant && cor__overlaps_itself(target))
        return cor__fail(COR_ESTATE,
                         "unsupported operation: more than one element of the written-to tensor refers to a "
                         "single memory location. Please clone() the tensor before performing the operation.");
    if (!cor__can_cast(call->out[0].dtype, target->dtype))
        return cor__fail(COR_EDTYPE, "result type %s can't be cast to the desired output type %s",
                         cor__scalar_type_name(call->out[0].dtype), cor__scalar_type_name(target->dtype));
    return COR_OK;
}

/* Whether the call can be recorded: a gradient that is missing is told here, where the call that lacks it is known.
 * PyTorch's NotImplemented nodes tell it in the pass, as PyTorch does. */
static int check_gradient(const cor__call *call) {
    bool floating = false;
    for (int i = 0; i < call->n_outputs; i++) floating = floating || cor_dtype_is_floating(call->outputs[i]->dtype);
    if (call->op->backward != NULL || !floating || strcmp(call->grad_fn, "NotImplemented") == 0) return COR_OK;
    return cor__fail(COR_EUNSUPPORTED,
                     "%s: an input requires grad, but this operation has no gradient: call it under cor_no_grad, or on "
                     "cor_detach of the input",
                     call->op->name);
}

/* The outputs' history, *node, NULL when nothing is recorded. */
static int make_node(const cor__call *call, cor__node **node) {
    const cor__op *op = call->op;
    *node = NULL;
    if (!is_recorded(call)) return COR_OK;
    if (check_gradient(call) != COR_OK) return cor_error();
    *node = cor__node_new(&(cor__record){.name = call->grad_fn,
                                         .op = op->name,
                                         .formula = op->backward,
                                         .inputs = call->inputs,
                                         .n_inputs = call->n_inputs,
                                         .outputs = call->outputs,
                                         .n_outputs = call->n_outputs,
                                         .keeps_inputs = op->reads_inputs,
                                         .keeps_outputs = op->reads_outputs,
                                         .options = call->options,
                                         .options_size = call->options == NULL ? 0 : op->reads_options,
                                         .in_place = call->in_place});
    return *node == NULL ? cor_error() : COR_OK;
}

static int record(cor__call *call) {
    cor__node *node;
    if (make_node(call, &node) != COR_OK) return cor_error();
    if (call->op->is_view)
        for (int i = 0; i < call->n_outputs; i++) cor__set_base(call->outputs[i], call->inputs[0]);
    for (int i = 0; node != NULL && i < call->n_outputs; i++)
        if (cor_dtype_is_floating(call->outputs[i]->dtype)) cor__set_history(call->outputs[i], node, i);
    cor__release(node);
    return COR_OK;
}

/* What an in-place call needs for its record is made first: a target that has changed cannot be given back. */
static int change_in_place(cor__call *call) {
    cor__node *node, *placed = NULL;
    if (make_node(call, &node) != COR_OK) return cor_error();
    if (node != NULL) placed = cor__in_place_node(call->inputs[0], node, 0);
    if (cor_error() == COR_OK && call->op->forward(call) == COR_OK) cor__record_in_place(call->inputs[0], placed, node);
    cor__release(node);
    cor__release(placed);
    return cor_error();
}

static int compute(cor__call *call) {
    if (check_inputs(call) != COR_OK) return cor_error();
    if (call->op->check != NULL) {
        if (call->op->check(call) != COR_OK) return cor_error();
        if (call->in_place && check_target(call) != COR_OK) return cor_error();
        if (!call->op->is_view && make_outputs(call) != COR_OK) return cor_error();
    }
    if (call->in_place) return change_in_place(call);
    if (call->op->forward(call) != COR_OK) return cor_error();
    return record(call);
}

/* ---- telling ---------------------------------------------------------------------------------------------------- */

static void shapes_text(const cor__call *call, char *buffer, size_t size) {
    size_t used = 0;
    buffer[0] = '\0';
    for (int i = 0; i < call->n_inputs && used + COR__SIZES_TEXT < size; i++) {
        char one[COR__SIZES_TEXT];
        const cor_tensor *t = call->inputs[i];
        if (t == NULL || t == COR_NONE) continue;
        cor__format(buffer + used, size - used, "%s%s", used ? ", " : "", cor__sizes_text(one, t->sizes, t->ndim));
        used += strlen(buffer + used);
    }
}

static void explain(const cor__call *call) {
    char shapes[COR__MAX_INPUTS * COR__SIZES_TEXT];
    shapes_text(call, shapes, sizeof shapes);
    cor__error_context(call->op->name, shapes, cor__self()->module);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void say(const cor__call *call, double start) {
    char shapes[COR__MAX_INPUTS * COR__SIZES_TEXT], result[COR__SIZES_TEXT];
    const cor_tensor *out = call->n_outputs > 0 ? call->outputs[0] : NULL;
    shapes_text(call, shapes, sizeof shapes);
    cor__say(COR__VERBOSE_EXEC, "%s%s %s -> %s %s %.1f us", call->op->name, call->in_place ? "_" : "", shapes,
             out ? cor_dtype_name(out->dtype) : "", out ? cor__sizes_text(result, out->sizes, out->ndim) : "",
             1e6 * (seconds() - start));
}

static int run(cor__call *call) {
    bool verbose = cor__verbose(COR__VERBOSE_EXEC);
    double start = verbose ? seconds() : 0;
    if (compute(call) != COR_OK) {
        explain(call);
        return cor_error();
    }
    if (verbose) say(call, start);
    const cor__observer *observer = cor__self()->observer;
    if (observer != NULL) observer->saw(call, cor__self()->module, observer->context);
    return COR_OK;
}

/* ---- the three forms -------------------------------------------------------------------------------------------- */

int cor__apply(const cor__op *op, cor_tensor *const *inputs, int n_inputs, const void *options, cor_tensor **outputs,
               int n_outputs) {
    for (int i = 0; i < n_outputs; i++) outputs[i] = NULL;
    if (cor_error() != COR_OK) return cor_error();
    cor__call call = {.op = op,
                      .inputs = inputs,
                      .n_inputs = n_inputs,
                      .options = options,
                      .outputs = outputs,
                      .n_outputs = n_outputs,
                      .grad_fn = op->grad_fn};
    int code = run(&call);
    for (int i = 0; i < n_outputs; i++) {
        if (code == COR_OK) {
            cor__scope_add(outputs[i]);
        } else {
            cor__release(outputs[i]);
            outputs[i] = NULL;
        }
    }
    return code;
}

cor_tensor *cor__apply1(const cor__op *op, cor_tensor *const *inputs, int n_inputs, const void *options) {
    cor_tensor *output;
    return cor__apply(op, inputs, n_inputs, options, &output, 1) == COR_OK ? output : NULL;
}

cor_tensor *cor__apply_in_place(const cor__op *op, cor_tensor *const *inputs, int n_inputs, const void *options) {
    if (cor_error() != COR_OK) return NULL;
    cor_tensor *output = inputs[0];
    cor__call call = {.op = op,
                      .inputs = inputs,
                      .n_inputs = n_inputs,
                      .options = options,
                      .outputs = &output,
                      .n_outputs = 1,
                      .in_place = true,
                      .grad_fn = op->grad_fn_in_place != NULL ? op->grad_fn_in_place : op->grad_fn};
    return run(&call) == COR_OK ? inputs[0] : NULL;
}

cor_tensor *cor__operand_as_tensor(cor_operand operand) {
    if (cor_error() != COR_OK) return NULL;
    return operand.kind == COR_OPERAND_TENSOR ? operand.tensor : cor__scope_add(cor__number(operand));
}

int cor__check_not_recorded(const cor__call *call) {
    for (int i = 0; i < call->n_inputs && !cor__self()->no_grad && !cor__self()->inference; i++)
        if (call->inputs[i] != COR_NONE && cor__requires_grad(call->inputs[i]))
            return cor__fail(COR_ESTATE,
                             "%s computes no gradients, but input %d requires grad: call it under cor_no_grad, or use "
                             "the separate operations",
                             call->op->name, i);
    return COR_OK;
}

int cor__check_options(const void *options, size_t size, const char *name) {
    size_t given;
    if (options == NULL) return COR_OK;
    memcpy(&given, options, sizeof given);
    if (given == size) return COR_OK;
    return cor__fail(COR_EVALUE,
                     "%s: the options are %zu bytes, this library's are %zu: initialise them with its macro "
                     "or its _init function",
                     name, given, size);
}
