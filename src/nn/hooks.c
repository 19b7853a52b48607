/* hooks.c: what users hang on modules: before and after a forward, a state_dict, a load and a registration. */
#include "base/error.h"
#include "base/memory.h"
#include "nn/module.h"
#include "ops/op.h"
#include <pthread.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_hook_options, COR_HOOK_OPTIONS)

static cor__hooks global_hooks;
static pthread_rwlock_t global_lock = PTHREAD_RWLOCK_INITIALIZER;
static _Atomic int global_count;

void cor__hooks_free(cor__hooks *hooks) {
    cor__free(hooks->at, (size_t)hooks->capacity * sizeof *hooks->at);
    *hooks = (cor__hooks){0};
}

bool cor__hooks_any(const cor_module *m) {
    return cor__state(m)->hooks.n > 0 || atomic_load_explicit(&global_count, memory_order_relaxed) > 0;
}

/* ---- the list --------------------------------------------------------------------------------------------------- */

static int grow(cor__hooks *hooks, int n) {
    int capacity = hooks->capacity == 0 ? 4 : hooks->capacity;
    while (capacity < n) capacity *= 2;
    if (capacity == hooks->capacity) return COR_OK;
    cor__hook *grown =
        cor__realloc(hooks->at, (size_t)hooks->capacity * sizeof *grown, (size_t)capacity * sizeof *grown, "hooks");
    if (grown == NULL) return cor_error();
    hooks->at = grown;
    hooks->capacity = capacity;
    return COR_OK;
}

static int copy_kind(cor__hooks *found, const cor__hooks *hooks, cor__hook_kind kind) {
    for (int i = 0; i < hooks->n; i++) {
        if (hooks->at[i].kind != kind) continue;
        if (grow(found, found->n + 1) != COR_OK) return cor_error();
        found->at[found->n++] = hooks->at[i];
    }
    return COR_OK;
}

/* The hooks of a kind that run on m: those for every module, then its own. A copy, because a hook may register and
 * remove hooks. */
static int collect(const cor_module *m, cor__hook_kind kind, cor__hooks *found) {
    *found = (cor__hooks){0};
    if (!cor__hooks_any(m)) return COR_OK;
    pthread_rwlock_rdlock(&global_lock);
    int code = copy_kind(found, &global_hooks, kind);
    pthread_rwlock_unlock(&global_lock);
    return code == COR_OK ? copy_kind(found, &cor__state(m)->hooks, kind) : code;
}

static int64_t add_hook(cor__hooks *hooks, cor__hook hook, bool prepend) {
    static _Atomic int64_t last_id;
    if (grow(hooks, hooks->n + 1) != COR_OK) return cor_error();
    int at = prepend ? 0 : hooks->n;
    memmove(hooks->at + at + 1, hooks->at + at, (size_t)(hooks->n - at) * sizeof hook);
    hook.id = atomic_fetch_add(&last_id, 1) + 1;
    hooks->at[at] = hook;
    hooks->n++;
    return hook.id;
}

static bool remove_hook(cor__hooks *hooks, int64_t id) {
    for (int i = 0; i < hooks->n; i++) {
        if (hooks->at[i].id != id) continue;
        memmove(hooks->at + i, hooks->at + i + 1, (size_t)(--hooks->n - i) * sizeof *hooks->at);
        return true;
    }
    return false;
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

/* What a hook's return comes to: an error pending makes a failure of it, a failure an error. */
static int verdict(int code, const char *what, const cor_module *m) {
    if (code == COR_OK) code = cor_error();
    return code == COR_OK ? COR_OK : cor__fail(code, "a %s hook of %s failed", what, cor__state(m)->name);
}

int cor__hooks_before(cor_module *m, cor_tensor **inputs, int n) {
    cor__hooks all;
    int code = collect(m, COR__FORWARD_PRE, &all);
    for (int i = 0; code == COR_OK && i < all.n; i++) {
        cor_forward_pre_hook hook = (cor_forward_pre_hook)all.at[i].function;
        code = verdict(hook(m, inputs, n, all.at[i].context), "forward pre", m);
    }
    cor__hooks_free(&all);
    return code;
}

/* After a failure, of the forward or of a hook, only the always_call hooks that have not run yet run, with the error
 * set aside; errors of theirs are dropped for it. */
static void run_always(const cor__hooks *all, int next, cor_module *m, cor_tensor *const *inputs, int n_in,
                       cor_tensor **outputs, int n_out) {
    cor_error_info error;
    cor_error_take(&error);
    for (int i = next; i < all->n; i++) {
        const cor__hook *hook = &all->at[i];
        if (!hook->always_call) continue;
        (void)((cor_forward_hook)hook->function)(m, inputs, n_in, outputs, n_out, hook->context);
        cor_error_clear();
    }
    cor__error_adopt(&error);
}

int cor__hooks_after(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out, int code) {
    cor__hooks all;
    int next = 0, collected = collect(m, COR__FORWARD, &all);
    if (code == COR_OK) code = collected;
    while (code == COR_OK && next < all.n) {
        const cor__hook *hook = &all.at[next++];
        code =
            verdict(((cor_forward_hook)hook->function)(m, inputs, n_in, outputs, n_out, hook->context), "forward", m);
    }
    if (code != COR_OK) run_always(&all, next, m, inputs, n_in, outputs, n_out);
    cor__hooks_free(&all);
    return code;
}

int cor__hooks_save(cor__hook_kind kind, cor_module *m, cor_dict *dict, const char *prefix, bool keep_vars) {
    cor__hooks all;
    int code = collect(m, kind, &all);
    for (int i = 0; code == COR_OK && i < all.n; i++) {
        const cor__hook *h = &all.at[i];
        code = verdict(kind == COR__SAVE_PRE ? ((cor_state_dict_pre_hook)h->function)(m, prefix, keep_vars, h->context)
                                             : ((cor_state_dict_post_hook)h->function)(m, dict, prefix, h->context),
                       "state_dict", m);
    }
    cor__hooks_free(&all);
    return code;
}

int cor__hooks_load(cor__hook_kind kind, cor_module *m, cor_loading *loading) {
    cor__hooks all;
    int code = collect(m, kind, &all);
    for (int i = 0; code == COR_OK && i < all.n; i++) {
        cor_load_hook hook = (cor_load_hook)all.at[i].function;
        code = verdict(hook(m, loading, all.at[i].context), "load_state_dict", m);
    }
    cor__hooks_free(&all);
    return code;
}

int cor__hooks_registration(cor__hook_kind kind, cor_module *m, const char *name, cor_tensor **tensor,
                            cor_module **child) {
    cor__hooks all;
    int code = collect(m, kind, &all);
    for (int i = 0; code == COR_OK && i < all.n; i++) {
        const cor__hook *h = &all.at[i];
        code = verdict(kind == COR__REGISTER_MODULE
                           ? ((cor_module_registration_hook)h->function)(m, name, child, h->context)
                           : ((cor_tensor_registration_hook)h->function)(m, name, tensor, h->context),
                       "registration", m);
    }
    cor__hooks_free(&all);
    return code;
}

/* ---- registering and removing ----------------------------------------------------------------------------------- */

/* m NULL: for every module. */
static int64_t add(cor_module *m, cor__hook hook, bool prepend) {
    if (cor_error() != COR_OK) return cor_error();
    if (hook.function == NULL) return cor__fail(COR_EVALUE, "register hook: the hook is NULL");
    if (m != NULL) return add_hook(&cor__state(m)->hooks, hook, prepend);
    pthread_rwlock_wrlock(&global_lock);
    int64_t id = add_hook(&global_hooks, hook, prepend);
    if (id > 0) atomic_fetch_add(&global_count, 1);
    pthread_rwlock_unlock(&global_lock);
    return id;
}

static int64_t add_forward(cor_module *m, cor__hook hook, const cor_hook_options *options) {
    cor_hook_options room;
    if (cor__check_options(options, sizeof room, "register hook") != COR_OK) return cor_error();
    const cor_hook_options *o = cor_hook_options_or_defaults(options, &room);
    hook.always_call = o->always_call;
    return add(m, hook, o->prepend);
}

int64_t cor_register_forward_pre_hook_with(cor_module *m, cor_forward_pre_hook hook, void *context,
                                           const cor_hook_options *options) {
    return add_forward(m, (cor__hook){.kind = COR__FORWARD_PRE, .function = (cor__function)hook, .context = context},
                       options);
}

int64_t cor_register_forward_hook_with(cor_module *m, cor_forward_hook hook, void *context,
                                       const cor_hook_options *options) {
    return add_forward(m, (cor__hook){.kind = COR__FORWARD, .function = (cor__function)hook, .context = context},
                       options);
}

static int64_t add_own(cor_module *m, cor__hook_kind kind, cor__function function, void *context) {
    if (!cor__module_ready(m, "register hook")) return cor_error();
    return add(m, (cor__hook){.kind = kind, .function = function, .context = context}, false);
}

int64_t cor_register_state_dict_pre_hook(cor_module *m, cor_state_dict_pre_hook hook, void *context) {
    return add_own(m, COR__SAVE_PRE, (cor__function)hook, context);
}
int64_t cor_register_state_dict_post_hook(cor_module *m, cor_state_dict_post_hook hook, void *context) {
    return add_own(m, COR__SAVE_POST, (cor__function)hook, context);
}
int64_t cor_register_load_state_dict_pre_hook(cor_module *m, cor_load_hook hook, void *context) {
    return add_own(m, COR__LOAD_PRE, (cor__function)hook, context);
}
int64_t cor_register_load_state_dict_post_hook(cor_module *m, cor_load_hook hook, void *context) {
    return add_own(m, COR__LOAD_POST, (cor__function)hook, context);
}

static int64_t add_global(cor__hook_kind kind, cor__function function, void *context) {
    return add(NULL, (cor__hook){.kind = kind, .function = function, .context = context}, false);
}

int64_t cor_register_parameter_registration_hook(cor_tensor_registration_hook hook, void *context) {
    return add_global(COR__REGISTER_PARAMETER, (cor__function)hook, context);
}
int64_t cor_register_buffer_registration_hook(cor_tensor_registration_hook hook, void *context) {
    return add_global(COR__REGISTER_BUFFER, (cor__function)hook, context);
}
int64_t cor_register_module_registration_hook(cor_module_registration_hook hook, void *context) {
    return add_global(COR__REGISTER_MODULE, (cor__function)hook, context);
}

static bool remove_global(int64_t id) {
    pthread_rwlock_wrlock(&global_lock);
    bool removed = remove_hook(&global_hooks, id);
    if (removed && atomic_fetch_sub(&global_count, 1) == 1) cor__hooks_free(&global_hooks);
    pthread_rwlock_unlock(&global_lock);
    return removed;
}

int cor_remove_hook(cor_module *m, int64_t id) {
    if (cor_error() != COR_OK) return cor_error();
    if (m == NULL ? remove_global(id) : remove_hook(&cor__state(m)->hooks, id)) return COR_OK;
    return cor__fail(COR_EKEY, "remove hook: there is no hook %lld", (long long)id);
}
