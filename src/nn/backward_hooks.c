/* backward_hooks.c: hooks on the gradients of a module's inputs and outputs. As in PyTorch, a call with such hooks
 * sends its inputs and its outputs through a function that gives back what it gets; the backward of the outputs' runs
 * before that of the inputs', and notes for it what gradients the outputs have got. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "graph/hooks.h"
#include "nn/module.h"
#include <corrie/autograd.h>
#include <string.h>

struct cor__watch {
    cor__object object;
    cor_module *m;
    cor__hook_run run;  /* holds the hooks */
    cor_tensor **grads; /* of the outputs, owned, n_out of them; NULL until they come */
    int n_in, n_out;    /* of the call */
    bool has_inputs;    /* an input requires grad */
};

/* ---- the life of a watch ---------------------------------------------------------------------------------------- */

static void forget_grads(cor__watch *watch) {
    for (int k = 0; watch->grads != NULL && k < watch->n_out; k++) cor__release(watch->grads[k]);
    cor__free(watch->grads, (size_t)watch->n_out * sizeof *watch->grads);
    watch->grads = NULL;
}

static void destroy(cor__object *object) {
    cor__watch *watch = (cor__watch *)object;
    forget_grads(watch);
    cor__module_hooks_end(&watch->run);
    cor_module_release(watch->m);
    cor__free(watch, sizeof *watch);
}

static const cor__class watch_class = {"backward hooks", destroy};

/* A run over the hooks of a kind among those that the watch holds. */
static cor__hook_run run_of(const cor__watch *watch, cor__hook_kind kind) {
    cor__hook_run run = watch->run;
    run.kind = kind;
    run.list = run.at = 0;
    return run;
}

static bool has_any(const cor__hook_run *held) {
    cor__hook_run run = *held, pre = *held;
    run.kind = COR__BACKWARD;
    pre.kind = COR__BACKWARD_PRE;
    return cor__module_hooks_next(&run) != NULL || cor__module_hooks_next(&pre) != NULL;
}

cor__watch *cor__watch_new(cor_module *m) {
    cor__hook_run run = cor__module_hooks_begin(m, COR__BACKWARD);
    cor__watch *watch = has_any(&run) ? cor__alloc_zero(sizeof *watch, "backward hooks") : NULL;
    if (watch == NULL) {
        cor__module_hooks_end(&run);
        return NULL;
    }
    cor__object_init(&watch->object, &watch_class);
    watch->m = cor_module_retain(m);
    watch->run = run;
    return watch;
}

/* ---- the places of tensors -------------------------------------------------------------------------------------- */

/* What one of the two functions is called with: which entries of the call's inputs or outputs are tensors. */
typedef struct watched {
    cor__watch *watch; /* owned */
    int n, places[];
} watched;

static size_t watched_bytes(int n) { return sizeof(watched) + (size_t)n * sizeof(int); }

static void free_watched(void *data) {
    watched *w = data;
    cor__release(w->watch);
    cor__free(w, watched_bytes(w->n));
}

static int count(cor_tensor *const *tensors, int n) {
    int given = 0;
    for (int i = 0; i < n; i++) given += cor__is_given(tensors[i]);
    return given;
}

static bool any_requires_grad(cor_tensor *const *tensors, int n) {
    bool any = false;
    for (int i = 0; i < n && !any; i++) any = cor_requires_grad(tensors[i]);
    return any && cor_is_grad_enabled() && !cor_is_inference_mode_enabled();
}

/* ---- running hooks ---------------------------------------------------------------------------------------------- */

static int run_pre_hooks(cor__watch *watch, cor_tensor **grads) {
    cor__hook_run run = run_of(watch, COR__BACKWARD_PRE);
    int code = COR_OK;
    for (const cor__hook *h; code == COR_OK && (h = cor__module_hooks_next(&run)) != NULL;)
        code = cor__hook_verdict(((cor_full_backward_pre_hook)h->function)(watch->m, grads, watch->n_out, h->context),
                                 "backward pre-hook", watch->m);
    return code;
}

static int run_hooks(cor__watch *watch, cor_tensor **grads) {
    cor__hook_run run = run_of(watch, COR__BACKWARD);
    int code = COR_OK;
    for (const cor__hook *h; code == COR_OK && (h = cor__module_hooks_next(&run)) != NULL;) {
        code = cor__hook_verdict(
            ((cor_full_backward_hook)h->function)(watch->m, grads, watch->n_in, watch->grads, watch->n_out, h->context),
            "backward hook", watch->m);
        if (code == COR_OK && !watch->has_inputs && count(grads, watch->n_in) > 0)
            code = cor__fail(COR_EVALUE, "Backward hook for Modules where no input requires gradient should always "
                                         "return None or None for all gradients.");
    }
    return code;
}

/* Takes what hooks have left of the gradients `before`. */
static int take_results(const watched *w, cor_tensor *const *before, cor_tensor *const *left, cor_tensor **results) {
    for (int i = 0; i < w->n; i++) {
        cor_tensor *grad = left[w->places[i]];
        if (grad == COR_NONE) grad = NULL;
        if (grad != NULL && before[i] != NULL && cor__hooks_check(before[i], grad) != COR_OK) return cor_error();
        results[i] = grad;
    }
    return w->n;
}

/* ---- the two functions ------------------------------------------------------------------------------------------ */

/* Gives back its inputs; those that require no grad have no gradient. */
static int same_forward(cor_function_context *ctx, cor_tensor *const *inputs, int n, cor_tensor **outputs,
                        int n_outputs) {
    const size_t bytes = (size_t)n * sizeof *inputs;
    cor_tensor **others = cor__alloc(bytes, "tensors without gradients");
    int64_t n_others = 0;
    if (others == NULL) return cor_error();
    for (int i = 0; i < n_outputs; i++) {
        outputs[i] = inputs[i];
        if (!cor_requires_grad(inputs[i])) others[n_others++] = inputs[i];
    }
    const int code = cor_mark_non_differentiable(ctx, COR_LIST(others, n_others));
    cor__free(others, bytes);
    return code;
}

/* An array of n entries, NULL but for the gradients in their places. NULL with COR_ENOMEM pending. */
static cor_tensor **spread(const watched *w, cor_tensor *const *grads, int n) {
    cor_tensor **all = cor__alloc_zero((size_t)n * sizeof *all, "the gradients that hooks see");
    for (int i = 0; all != NULL && i < w->n; i++) all[w->places[i]] = grads[i];
    return all;
}

static int outputs_backward(cor_function_context *ctx, cor_tensor *const *grads, int n, cor_tensor **results,
                            int room) {
    const watched *w = cor_function_data(ctx);
    cor__watch *watch = w->watch;
    (void)n, (void)room;
    forget_grads(watch);
    cor_tensor **all = spread(w, grads, watch->n_out);
    if (all == NULL) return cor_error();
    int code = run_pre_hooks(watch, all);
    if (code == COR_OK) code = take_results(w, grads, all, results);
    for (int k = 0; k < watch->n_out; k++) all[k] = code < 0 || !cor__is_given(all[k]) ? NULL : cor__retain(all[k]);
    watch->grads = all;
    if (code < 0 || watch->has_inputs) return code;
    cor_tensor **none =
        cor__alloc_zero((size_t)cor__max(watch->n_in, 1) * sizeof *none, "the gradients that hooks see");
    const int end = none == NULL ? cor_error() : run_hooks(watch, none);
    cor__free(none, (size_t)cor__max(watch->n_in, 1) * sizeof *none);
    forget_grads(watch);
    return end == COR_OK ? code : end;
}

/* A gradient that comes to the inputs by another way than through the outputs is not the hooks' business. */
static int inputs_backward(cor_function_context *ctx, cor_tensor *const *grads, int n, cor_tensor **results, int room) {
    const watched *w = cor_function_data(ctx);
    cor__watch *watch = w->watch;
    (void)room;
    if (watch->grads == NULL) {
        memcpy(results, grads, (size_t)n * sizeof *results);
        return n;
    }
    cor_tensor **all = spread(w, grads, watch->n_in);
    if (all == NULL) return cor_error();
    int code = run_hooks(watch, all);
    if (code == COR_OK) code = take_results(w, grads, all, results);
    cor__free(all, (size_t)watch->n_in * sizeof *all);
    forget_grads(watch);
    return code;
}

static int outputs_forward(cor_function_context *ctx, cor_tensor *const *inputs, int n, cor_tensor **outputs,
                           int n_outputs) {
    if (cor_set_materialize_grads(ctx, false) != COR_OK) return cor_error();
    return same_forward(ctx, inputs, n, outputs, n_outputs);
}

static const cor_function of_inputs = {"BackwardHookFunction", same_forward, inputs_backward, false};
static const cor_function of_outputs = {"BackwardHookFunction", outputs_forward, outputs_backward, false};

/* Sends the tensors among n entries through a function, and puts what comes out in their places. */
static int send(cor__watch *watch, const cor_function *function, cor_tensor **entries, int n) {
    const int given = count(entries, n);
    const size_t bytes = 2 * (size_t)given * sizeof(cor_tensor *);
    watched *w = cor__alloc(watched_bytes(given), "the places of tensors");
    cor_tensor **in = cor__alloc(bytes, "the tensors that hooks watch");
    if (w == NULL || in == NULL) {
        cor__free(w, watched_bytes(given));
        cor__free(in, bytes);
        return cor_error();
    }
    cor_tensor **out = in + given;
    w->watch = cor__retain(watch);
    w->n = 0;
    for (int i = 0; i < n; i++) {
        if (!cor__is_given(entries[i])) continue;
        in[w->n] = entries[i];
        w->places[w->n++] = i;
    }
    const int code =
        cor_function_apply_n(function, COR_LIST(in, given), out, given, .data = w, .destroy = free_watched);
    for (int i = 0, k = 0; code == COR_OK && i < n; i++)
        if (cor__is_given(entries[i])) entries[i] = out[k++];
    cor__free(in, bytes);
    return code;
}

int cor__watch_inputs(cor__watch *watch, cor_tensor **inputs, int n) {
    if (watch == NULL) return COR_OK;
    watch->n_in = n;
    watch->has_inputs = any_requires_grad(inputs, n);
    return watch->has_inputs ? send(watch, &of_inputs, inputs, n) : COR_OK;
}

int cor__watch_outputs(cor__watch *watch, cor_tensor **outputs, int n) {
    if (watch == NULL || !any_requires_grad(outputs, n)) return COR_OK;
    watch->n_out = n;
    return send(watch, &of_outputs, outputs, n);
}
