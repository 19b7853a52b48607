/* call.c: running a module: the path that errors name, and the forward between the hooks. */
#include "base/error.h"
#include "base/thread.h"
#include "nn/module.h"
#include "ops/op.h"
#include <string.h>

/* ---- the path --------------------------------------------------------------------------------------------------- */

/* What the module is called by the one whose forward is running: the child's name, or its type's. */
static const char *name_within(const cor__module *parent, const cor_module *m) {
    for (int i = 0; parent != NULL && i < parent->n; i++)
        if (parent->entries[i].child == m) return parent->entries[i].name;
    return cor__state(m)->name;
}

static size_t push_path(cor__thread *self, const cor_module *m) {
    size_t before = self->module_length;
    const char *name = name_within(self->running, m);
    size_t length = strlen(name), dot = before > 0;
    if (before + dot + length + 1 > sizeof self->module) return before;
    if (dot) self->module[before] = '.';
    memcpy(self->module + before + dot, name, length + 1);
    self->module_length = before + dot + length;
    return before;
}

static void pop_path(cor__thread *self, size_t before) {
    self->module_length = before;
    self->module[before] = '\0';
}

/* ---- calling ---------------------------------------------------------------------------------------------------- */

/* One call: what comes in, where the results go, and what runs instead of the module's own forward, or NULL. */
typedef struct pass {
    cor_module *m;
    cor_tensor *const *in;
    int n_in;
    cor_tensor **out;
    int n_out;
    const cor__variant *variant;
} pass;

static int forward(const pass *p, cor_tensor *const *in) {
    const cor__module *state = cor__state(p->m);
    if (state->forward_n != NULL) {
        int code = state->forward_n(p->m, in, p->n_in, p->out, p->n_out);
        return code == COR_OK ? COR_OK : cor__fail(code, "%s: forward failed", state->name);
    }
    if (state->kind == COR__PARAMETER_LIST || state->kind == COR__PARAMETER_DICT)
        return cor__fail(COR_EUNSUPPORTED, "%s should not be called.", state->name);
    if (state->forward == NULL)
        return cor__fail(COR_EUNSUPPORTED, "Module [%s] is missing the required \"forward\" function", state->name);
    if (p->n_in != 1 || p->n_out != 1)
        return cor__fail(COR_EVALUE, "%s: forward takes one input and gives one output, called with %d and %d",
                         state->name, p->n_in, p->n_out);
    p->out[0] = p->variant == NULL ? state->forward(p->m, in[0]) : p->variant->forward(p->m, in[0], p->variant);
    if (p->out[0] != NULL) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: forward returned NULL without an error", state->name);
}

static int with_hooks(const pass *p) {
    cor_tensor *inputs[COR__MAX_INPUTS];
    if (p->n_in > COR__MAX_INPUTS)
        return cor__fail(COR_ELIMIT, "%s: hooks see at most %d inputs", cor__state(p->m)->name, COR__MAX_INPUTS);
    if (p->n_in > 0) memcpy(inputs, p->in, sizeof(cor_tensor *) * (size_t)p->n_in);
    cor__watch *watch = cor__watch_new(p->m);
    int code = cor_error() == COR_OK ? cor__hooks_before(p->m, inputs, p->n_in) : cor_error();
    if (code == COR_OK) code = cor__watch_inputs(watch, inputs, p->n_in);
    if (code == COR_OK) code = forward(p, inputs);
    if (code == COR_OK) code = cor_error();
    code = cor__hooks_after(p->m, inputs, p->n_in, p->out, p->n_out, code);
    if (code == COR_OK) code = cor__watch_outputs(watch, p->out, p->n_out);
    cor__release(watch);
    return code;
}

static int check_call(const pass *p) {
    if (!cor__module_ready(p->m, "call")) return cor_error();
    const char *name = cor__state(p->m)->name;
    if (p->n_in < 0 || p->n_out < 0)
        return cor__fail(COR_EVALUE, "%s: there cannot be %d inputs and %d outputs", name, p->n_in, p->n_out);
    if ((p->n_in > 0 && p->in == NULL) || (p->n_out > 0 && p->out == NULL))
        return cor__fail(COR_EVALUE, "%s: the array of %s is NULL", name,
                         p->n_in > 0 && p->in == NULL ? "inputs" : "outputs");
    for (int i = 0; i < p->n_in; i++)
        if (p->in[i] == NULL) return cor__fail(COR_EVALUE, "%s: input %d is NULL, a failed or missing tensor", name, i);
    return COR_OK;
}

static int run(const pass *p) {
    cor__thread *self = cor__self();
    cor__module *parent = self->running;
    if (check_call(p) != COR_OK) return cor_error();
    cor_scope();
    size_t before = push_path(self, p->m);
    self->running = cor__state(p->m);
    int code = cor__hooks_any(p->m) ? with_hooks(p) : forward(p, p->in);
    if (code != COR_OK) cor__error_context("forward", "", self->module);
    self->running = parent;
    pop_path(self, before);
    if (code == COR_OK && cor_error() != COR_OK) code = cor_error();
    for (int i = 0; i < p->n_out; i++) {
        /* Only what was made inside this call's scope moves out of it; an input that is handed back stays where it is.
         */
        cor_tensor *t = p->out[i];
        if (code == COR_OK && t != NULL && ((cor__object *)t)->scope == self->scope) cor_keep(t);
        if (code != COR_OK) p->out[i] = NULL;
    }
    return code;
}

cor_tensor *cor__call_as(cor_module *m, cor_tensor *input, const cor__variant *variant) {
    cor_tensor *output = NULL;
    return run(&(pass){m, &input, 1, &output, 1, variant}) == COR_OK ? output : NULL;
}

cor_tensor *cor_call_with(cor_module *m, cor_tensor *input) { return cor__call_as(m, input, NULL); }

int cor_call_n(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    for (int i = 0; out != NULL && i < n_out; i++) out[i] = NULL;
    return run(&(pass){m, in, n_in, out, n_out, NULL});
}

cor_tensor *cor_call_of(cor_module *m, cor_list inputs) {
    cor_tensor *output = NULL;
    if (inputs.n < 0 || inputs.n > COR__MAX_INPUTS)
        return cor__fail_null(COR_ELIMIT, "a call takes at most %d inputs, got %lld", COR__MAX_INPUTS,
                              (long long)inputs.n);
    return run(&(pass){m, inputs.tensors, (int)inputs.n, &output, 1, NULL}) == COR_OK ? output : NULL;
}
