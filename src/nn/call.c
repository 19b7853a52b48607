/* call.c: running a module: hooks, forward, and the path that errors name. */
#include "base/error.h"
#include "base/memory.h"
#include "base/thread.h"
#include "nn/module.h"
#include "ops/op.h"
#include <pthread.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_hook_options, COR_HOOK_OPTIONS)

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

static int forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    const cor__module *state = cor__state(m);
    if (state->forward_n != NULL) {
        int code = state->forward_n(m, in, n_in, out, n_out);
        return code == COR_OK ? COR_OK : cor__fail(code, "%s: forward failed", state->name);
    }
    if (state->forward == NULL)
        return cor__fail(COR_EUNSUPPORTED, "Module [%s] is missing the required \"forward\" function", state->name);
    if (n_in != 1 || n_out != 1)
        return cor__fail(COR_EVALUE, "%s: forward takes one input and gives one output, called with %d and %d",
                         state->name, n_in, n_out);
    out[0] = state->forward(m, in[0]);
    if (out[0] != NULL) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: forward returned NULL without an error", state->name);
}

/* ---- running hooks ---------------------------------------------------------------------------------------------- */

static cor__hooks global_hooks[COR__HOOK_KINDS];
static pthread_rwlock_t global_lock = PTHREAD_RWLOCK_INITIALIZER;
static _Atomic int global_count;

void cor__hooks_free(cor__hooks *hooks) {
    cor__free(hooks->at, (size_t)hooks->capacity * sizeof *hooks->at);
    *hooks = (cor__hooks){0};
}

static bool any_hooks(const cor__module *state) {
    return state->hooks[COR__FORWARD_PRE].n > 0 || state->hooks[COR__FORWARD].n > 0 ||
           atomic_load_explicit(&global_count, memory_order_relaxed) > 0;
}

/* A copy of the hooks of every module, so that a hook may register or remove hooks. Both kinds at once, before any hook
 * has run: where a pre hook ran, the always_call hooks can run too. */
static int copy_global(cor__hooks copies[COR__HOOK_KINDS]) {
    bool failed = false;
    pthread_rwlock_rdlock(&global_lock);
    for (int kind = 0; kind < COR__HOOK_KINDS; kind++) {
        const cor__hooks *all = &global_hooks[kind];
        copies[kind] = (cor__hooks){0};
        if (all->n == 0 || failed) continue;
        copies[kind].at = cor__alloc((size_t)all->n * sizeof *all->at, "hooks");
        failed = copies[kind].at == NULL;
        if (failed) continue;
        memcpy(copies[kind].at, all->at, (size_t)all->n * sizeof *all->at);
        copies[kind].n = copies[kind].capacity = all->n;
    }
    pthread_rwlock_unlock(&global_lock);
    return failed ? cor_error() : COR_OK;
}

static _Atomic int64_t last_id; /* of all hooks ever registered */

/* Where to go on after the hook with that id, which was at `at` and may have registered and removed hooks. */
static int after_hook(const cor__hooks *hooks, int at, int64_t id) {
    for (int i = 0; i < hooks->n; i++)
        if (hooks->at[i].id == id) return i + 1;
    return at;
}

/* Hooks that are registered meanwhile wait for the next call. */
static int run_before(const cor__hooks *hooks, cor_module *m, cor_tensor **inputs, int n) {
    const int64_t newest = atomic_load(&last_id);
    for (int i = 0; i < hooks->n;) {
        const cor__hook hook = hooks->at[i];
        int code = hook.id > newest ? COR_OK : hook.before(m, inputs, n, hook.context);
        if (code == COR_OK) code = cor_error();
        if (code != COR_OK) return cor__fail(code, "a forward pre-hook of %s failed", cor__state(m)->name);
        i = after_hook(hooks, i, hook.id);
    }
    return COR_OK;
}

/* Calls a hook with the error set aside; returns the code of what came first. */
static int run_one_after(const cor__hook *hook, cor_module *m, cor_tensor *const *inputs, int n_in,
                         cor_tensor **outputs, int n_out, int code) {
    cor_error_info error;
    const bool pending = cor_error_take(&error) != COR_OK;
    int own = hook->after(m, inputs, n_in, outputs, n_out, hook->context);
    if (own == COR_OK) own = cor_error();
    if (code == COR_OK)
        return own == COR_OK ? COR_OK : cor__fail(own, "a forward hook of %s failed", cor__state(m)->name);
    cor_error_clear();
    if (pending) cor__error_adopt(&error);
    return code;
}

/* After a failure, `code`, only the always_call hooks run; errors of theirs are dropped for it. */
static int run_after(const cor__hooks *hooks, cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs,
                     int n_out, int code) {
    const int64_t newest = atomic_load(&last_id);
    for (int i = 0; i < hooks->n;) {
        const cor__hook hook = hooks->at[i];
        if (hook.id <= newest && (code == COR_OK || hook.always_call))
            code = run_one_after(&hook, m, inputs, n_in, outputs, n_out, code);
        i = after_hook(hooks, i, hook.id);
    }
    return code;
}

static int with_hooks(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    cor_tensor *inputs[COR__MAX_INPUTS];
    cor__hooks all[COR__HOOK_KINDS];
    const cor__hooks *own = cor__state(m)->hooks;
    if (n_in > COR__MAX_INPUTS)
        return cor__fail(COR_ELIMIT, "%s: hooks see at most %d inputs", cor__state(m)->name, COR__MAX_INPUTS);
    memcpy(inputs, in, sizeof(cor_tensor *) * (size_t)n_in);
    int code = copy_global(all);
    if (code == COR_OK) {
        code = run_before(&all[COR__FORWARD_PRE], m, inputs, n_in);
        if (code == COR_OK) code = run_before(&own[COR__FORWARD_PRE], m, inputs, n_in);
        if (code == COR_OK) code = forward(m, inputs, n_in, out, n_out);
        if (code == COR_OK) code = cor_error();
        code = run_after(&all[COR__FORWARD], m, inputs, n_in, out, n_out, code);
        code = run_after(&own[COR__FORWARD], m, inputs, n_in, out, n_out, code);
    }
    for (int kind = 0; kind < COR__HOOK_KINDS; kind++) cor__hooks_free(&all[kind]);
    return code;
}

/* ---- a call ----------------------------------------------------------------------------------------------------- */

static int check_call(const cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    if (!cor__module_ready(m, "call")) return cor_error();
    if (n_in < 0 || n_out < 0)
        return cor__fail(COR_EVALUE, "%s: there cannot be %d inputs and %d outputs", cor__state(m)->name, n_in, n_out);
    if ((n_in > 0 && in == NULL) || (n_out > 0 && out == NULL))
        return cor__fail(COR_EVALUE, "%s: the array of %s is NULL", cor__state(m)->name,
                         n_in > 0 && in == NULL ? "inputs" : "outputs");
    for (int i = 0; i < n_in; i++)
        if (in[i] == NULL)
            return cor__fail(COR_EVALUE, "%s: input %d is NULL, a failed or missing tensor", cor__state(m)->name, i);
    return COR_OK;
}

static int run(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    cor__thread *self = cor__self();
    cor__module *parent = self->running;
    cor_scope();
    size_t before = push_path(self, m);
    self->running = cor__state(m);
    int code = any_hooks(cor__state(m)) ? with_hooks(m, in, n_in, out, n_out) : forward(m, in, n_in, out, n_out);
    if (code != COR_OK) cor__error_context("forward", "", self->module);
    self->running = parent;
    pop_path(self, before);
    if (code == COR_OK && cor_error() != COR_OK) code = cor_error();
    for (int i = 0; i < n_out; i++) {
        /* Only what was made inside this call's scope moves out of it; an input that is handed back stays where it is.
         */
        if (code == COR_OK && out[i] != NULL && ((cor__object *)out[i])->scope == self->scope) cor_keep(out[i]);
        if (code != COR_OK) out[i] = NULL;
    }
    return code;
}

cor_tensor *cor_call_with(cor_module *m, cor_tensor *input) {
    cor_tensor *output = NULL;
    if (check_call(m, &input, 1, &output, 1) != COR_OK) return NULL;
    return run(m, &input, 1, &output, 1) == COR_OK ? output : NULL;
}

int cor_call_n(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    for (int i = 0; out != NULL && i < n_out; i++) out[i] = NULL;
    int code = check_call(m, in, n_in, out, n_out);
    return code != COR_OK ? code : run(m, in, n_in, out, n_out);
}

/* ---- registering hooks ------------------------------------------------------------------------------------------ */

static int64_t add_hook(cor__hooks *hooks, cor__hook hook, bool prepend) {
    if (hooks->n == hooks->capacity) {
        int capacity = hooks->capacity == 0 ? 4 : 2 * hooks->capacity;
        cor__hook *grown =
            cor__realloc(hooks->at, (size_t)hooks->capacity * sizeof *grown, (size_t)capacity * sizeof *grown, "hooks");
        if (grown == NULL) return cor_error();
        hooks->at = grown;
        hooks->capacity = capacity;
    }
    int at = prepend ? 0 : hooks->n;
    memmove(hooks->at + at + 1, hooks->at + at, (size_t)(hooks->n - at) * sizeof hook);
    hook.id = atomic_fetch_add(&last_id, 1) + 1;
    hooks->at[at] = hook;
    hooks->n++;
    return hook.id;
}

static int64_t register_hook(cor_module *m, cor__hook_kind kind, cor__hook hook, const cor_hook_options *options) {
    cor_hook_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "register hook") != COR_OK)
        return cor_error();
    if (hook.before == NULL && hook.after == NULL) return cor__fail(COR_EVALUE, "register hook: the hook is NULL");
    const cor_hook_options *o = cor_hook_options_or_defaults(options, &room);
    hook.always_call = o->always_call;
    if (m != NULL) return add_hook(&cor__state(m)->hooks[kind], hook, o->prepend);
    pthread_rwlock_wrlock(&global_lock);
    int64_t id = add_hook(&global_hooks[kind], hook, o->prepend);
    if (id > 0) atomic_fetch_add(&global_count, 1);
    pthread_rwlock_unlock(&global_lock);
    return id;
}

int64_t cor_register_forward_pre_hook_with(cor_module *m, cor_forward_pre_hook hook, void *context,
                                           const cor_hook_options *options) {
    return register_hook(m, COR__FORWARD_PRE, (cor__hook){.before = hook, .context = context}, options);
}

int64_t cor_register_forward_hook_with(cor_module *m, cor_forward_hook hook, void *context,
                                       const cor_hook_options *options) {
    return register_hook(m, COR__FORWARD, (cor__hook){.after = hook, .context = context}, options);
}

static bool remove_hook(cor__hooks *hooks, int64_t id) {
    for (int i = 0; i < hooks->n; i++) {
        if (hooks->at[i].id != id) continue;
        memmove(hooks->at + i, hooks->at + i + 1, (size_t)(--hooks->n - i) * sizeof *hooks->at);
        return true;
    }
    return false;
}

int cor_remove_hook(cor_module *m, int64_t id) {
    if (cor_error() != COR_OK) return cor_error();
    bool removed = false;
    if (m != NULL) {
        for (int kind = 0; !removed && kind < COR__HOOK_KINDS; kind++)
            removed = remove_hook(&cor__state(m)->hooks[kind], id);
    } else {
        pthread_rwlock_wrlock(&global_lock);
        for (int kind = 0; !removed && kind < COR__HOOK_KINDS; kind++) removed = remove_hook(&global_hooks[kind], id);
        if (removed && atomic_fetch_sub(&global_count, 1) == 1) /* nothing is held for hooks that are gone */
            for (int kind = 0; kind < COR__HOOK_KINDS; kind++) cor__hooks_free(&global_hooks[kind]);
        pthread_rwlock_unlock(&global_lock);
    }
    return removed ? COR_OK : cor__fail(COR_EKEY, "remove hook: there is no hook %lld", (long long)id);
}
