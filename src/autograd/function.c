/* function.c: calling a user's function. */
#include "autograd/function.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/thread.h"
#include "ops/op.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_function_options, COR_FUNCTION_OPTIONS)

/* ---- what the node holds ---------------------------------------------------------------------------------------- */

static void destroy(cor__object *object) {
    cor__user_function *user = (cor__user_function *)object;
    if (user->destroy != NULL) user->destroy(user->data);
    cor__free(user, user->bytes);
}

static const cor__class user_class = {"function", destroy};

static cor__user_function *make_user(const cor_function *function) {
    static const char suffix[] = "Backward";
    const size_t length = strlen(function->name), bytes = sizeof(cor__user_function) + length + sizeof suffix;
    cor__user_function *user = cor__alloc_zero(bytes, "a function");
    if (user == NULL) return NULL;
    cor__object_init(&user->object, &user_class);
    user->function = *function;
    user->materialize = true;
    user->bytes = bytes;
    memcpy(user->grad_fn, function->name, length);
    memcpy(user->grad_fn + length, suffix, sizeof suffix);
    return user;
}

/* ---- what a forward says ---------------------------------------------------------------------------------------- */

static void forget(cor__named *named) {
    for (int i = 0; i < named->n; i++) cor_release(named->at[i]);
    cor__free(named->at, (size_t)named->n * sizeof *named->at);
    *named = (cor__named){0};
}

/* Whether the context is that of a forward, and the list one of tensors. */
static int check_list(const cor_function_context *ctx, cor_list tensors, const char *call) {
    if (cor_error() != COR_OK) return cor_error();
    if (ctx == NULL) return cor__fail(COR_EVALUE, "%s: the context is NULL", call);
    if (ctx->pass != NULL) return cor__fail(COR_ESTATE, "%s: a backward runs, not a forward", call);
    if (tensors.n < 0 || tensors.n > INT32_MAX || (tensors.n > 0 && tensors.tensors == NULL))
        return cor__fail(COR_EVALUE, "%s: the tensors are NULL, or %lld", call, (long long)tensors.n);
    for (int64_t i = 0; i < tensors.n; i++)
        if (tensors.tensors[i] == NULL)
            return cor__fail(COR_EVALUE, "%s: tensor %lld is NULL, a failed or missing tensor", call, (long long)i);
    return COR_OK;
}

static int name(cor__named *named, cor_list tensors) {
    forget(named);
    if (tensors.n == 0) return COR_OK;
    named->at = cor__alloc((size_t)tensors.n * sizeof *named->at, "the tensors that a function names");
    if (named->at == NULL) return cor_error();
    named->n = (int)tensors.n;
    for (int i = 0; i < named->n; i++) named->at[i] = cor_retain(tensors.tensors[i]);
    return COR_OK;
}

int cor_save_for_backward(cor_function_context *ctx, cor_list tensors) {
    if (check_list(ctx, tensors, "save_for_backward") != COR_OK) return cor_error();
    return name(&ctx->kept, tensors);
}

/* Changes that a forward made by pointers count, too. */
int cor_mark_dirty(cor_function_context *ctx, cor_list inputs) {
    if (check_list(ctx, inputs, "mark_dirty") != COR_OK || name(&ctx->dirty, inputs) != COR_OK) return cor_error();
    for (int64_t i = 0; i < inputs.n; i++)
        if (inputs.tensors[i] != COR_NONE) cor__bump_version(inputs.tensors[i]);
    return COR_OK;
}

int cor_mark_non_differentiable(cor_function_context *ctx, cor_list outputs) {
    if (check_list(ctx, outputs, "mark_non_differentiable") != COR_OK) return cor_error();
    return name(&ctx->not_differentiable, outputs);
}

int cor_set_materialize_grads(cor_function_context *ctx, bool materialize) {
    if (check_list(ctx, (cor_list){NULL, 0}, "set_materialize_grads") != COR_OK) return cor_error();
    ctx->user->materialize = materialize;
    return COR_OK;
}

bool cor_needs_input_grad(const cor_function_context *ctx, int i) {
    if (ctx == NULL || i < 0) return false;
    if (ctx->pass != NULL) return cor__needs(ctx->pass, i);
    return i < ctx->inputs.n && cor_requires_grad(ctx->inputs.tensors[i]);
}

void *cor_function_data(const cor_function_context *ctx) { return ctx == NULL ? NULL : ctx->user->data; }

int cor_set_function_data(cor_function_context *ctx, void *data, cor_function_destroy destroy_data) {
    if (ctx == NULL) return cor__fail(COR_EVALUE, "set_function_data: the context is NULL");
    cor__user_function *user = ctx->user;
    if (user->destroy != NULL && user->data != data) user->destroy(user->data);
    user->data = data;
    user->destroy = destroy_data;
    return COR_OK;
}

/* ---- the call --------------------------------------------------------------------------------------------------- */

static int check_call(const cor_function *function, cor_list inputs, cor_tensor *const *outputs, int n_outputs) {
    if (cor_error() != COR_OK) return cor_error();
    if (function == NULL || function->name == NULL || function->forward == NULL)
        return cor__fail(COR_EVALUE, "apply: the function, its name or its forward is NULL");
    if (inputs.n < 0 || inputs.n > INT32_MAX || (inputs.n > 0 && inputs.tensors == NULL))
        return cor__fail(COR_EVALUE, "%s: the inputs are NULL, or %lld", function->name, (long long)inputs.n);
    for (int64_t i = 0; i < inputs.n; i++)
        if (inputs.tensors[i] == NULL)
            return cor__fail(COR_EVALUE, "%s: input %lld is NULL, a failed or missing tensor", function->name,
                             (long long)i);
    if (n_outputs < 1 || outputs == NULL)
        return cor__fail(COR_EVALUE, "%s: the array of outputs is NULL, or of %d", function->name, n_outputs);
    return COR_OK;
}

/* Runs the forward without recording, and takes a reference to each output. */
static int run_forward(cor_function_context *ctx, cor_tensor **outputs, int n_outputs) {
    const cor_function *function = &ctx->user->function;
    cor_no_grad();
    const int code = function->forward(ctx, ctx->inputs.tensors, (int)ctx->inputs.n, outputs, n_outputs);
    if (cor_error() == COR_OK && code != COR_OK) cor__fail(code, "%s: forward failed", function->name);
    for (int k = 0; k < n_outputs && cor_error() == COR_OK; k++)
        if (!cor__is_given(outputs[k]))
            cor__fail(COR_EVALUE, "%s: forward left no tensor in output %d", function->name, k);
    for (int k = 0; k < n_outputs; k++) outputs[k] = cor_error() == COR_OK ? cor__retain(outputs[k]) : NULL;
    return cor_error();
}

static bool is_recorded(cor_list inputs) {
    if (cor__self()->no_grad || cor__self()->inference) return false;
    for (int64_t i = 0; i < inputs.n; i++)
        if (cor_requires_grad(inputs.tensors[i])) return true;
    return false;
}

static void end_call(cor_function_context *ctx) {
    forget(&ctx->kept);
    forget(&ctx->dirty);
    forget(&ctx->not_differentiable);
    cor__release(ctx->user);
}

static int run(cor_function_context *ctx, cor_tensor **outputs, int n_outputs) {
    cor_scope();
    if (run_forward(ctx, outputs, n_outputs) == COR_OK)
        cor__function_record(ctx, outputs, n_outputs, is_recorded(ctx->inputs));
    return cor_error();
}

/* A tensor that a scope holds already, an input or an output that comes twice, needs no second place. */
static void hand_out(cor_tensor **outputs, int n, bool done) {
    for (int k = 0; k < n; k++) {
        if (done && outputs[k]->object.scope == NULL) {
            cor__scope_add(outputs[k]);
            continue;
        }
        cor__release(outputs[k]);
        if (!done) outputs[k] = NULL;
    }
}

int cor_function_apply_n_with(const cor_function *function, cor_list inputs, cor_tensor **outputs, int n_outputs,
                              const cor_function_options *options) {
    cor_function_options room;
    for (int k = 0; outputs != NULL && k < n_outputs; k++) outputs[k] = NULL;
    const int code = cor__check_options(options, sizeof room, "apply");
    if (code != COR_OK) return code;
    const cor_function_options *o = cor_function_options_or_defaults(options, &room);
    cor_function_context ctx = {.inputs = inputs};
    if (check_call(function, inputs, outputs, n_outputs) == COR_OK) ctx.user = make_user(function);
    if (ctx.user == NULL) {
        if (o->destroy != NULL) o->destroy(o->data);
        return cor_error();
    }
    ctx.user->data = o->data;
    ctx.user->destroy = o->destroy;
    const bool done = run(&ctx, outputs, n_outputs) == COR_OK;
    hand_out(outputs, n_outputs, done);
    if (!done) cor__error_context(function->name, "", cor__self()->module);
    end_call(&ctx);
    return cor_error();
}

cor_tensor *cor_function_apply_with(const cor_function *function, cor_list inputs,
                                    const cor_function_options *options) {
    cor_tensor *output = NULL;
    return cor_function_apply_n_with(function, inputs, &output, 1, options) == COR_OK ? output : NULL;
}
