/* hooks.c: what users hang on modules: before and after a forward, a state_dict, a load and a registration. */
#include "base/error.h"
#include "base/memory.h"
#include "nn/module.h"
#include "ops/op.h"
#include <pthread.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_hook_options, COR_HOOK_OPTIONS)
COR__DEFINE_OPTIONS(cor_backward_hook_options, COR_BACKWARD_HOOK_OPTIONS)

static cor__hooks *global_hooks; /* of every module */
static pthread_rwlock_t global_lock = PTHREAD_RWLOCK_INITIALIZER;
static _Atomic int global_count;

bool cor__hooks_any(const cor_module *m) {
    return cor__state(m)->hooks != NULL || atomic_load_explicit(&global_count, memory_order_relaxed) > 0;
}

/* ---- the list --------------------------------------------------------------------------------------------------- */

static size_t list_bytes(int capacity) { return sizeof(cor__hooks) + (size_t)capacity * sizeof(cor__hook); }

static void destroy(cor__object *object) { cor__free(object, list_bytes(((cor__hooks *)object)->capacity)); }

static const cor__class hooks_class = {"hooks", destroy};

static cor__hooks *make_list(int n) {
    cor__hooks *list = cor__alloc(list_bytes(n), "hooks");
    if (list == NULL) return NULL;
    cor__object_init(&list->object, &hooks_class);
    list->n = list->capacity = n;
    return list;
}

static void replace_list(cor__hooks **list, cor__hooks *other) {
    cor__release(*list);
    *list = other;
}

static void copy_hooks(cor__hook *to, const cor__hook *from, int n) {
    if (n > 0) memcpy(to, from, (size_t)n * sizeof *to);
}

static int64_t add_hook(cor__hooks **list, cor__hook hook, bool prepend) {
    static _Atomic int64_t last_id;
    const int n = *list == NULL ? 0 : (*list)->n;
    cor__hooks *longer = make_list(n + 1);
    if (longer == NULL) return cor_error();
    hook.id = atomic_fetch_add(&last_id, 1) + 1;
    if (n > 0) copy_hooks(longer->at + prepend, (*list)->at, n);
    longer->at[prepend ? 0 : n] = hook;
    replace_list(list, longer);
    return hook.id;
}

/* The last hook goes with its list, and a list that nobody runs is changed in its place: only removing one of several
 * while they run needs memory. */
static int remove_hook(cor__hooks **list, int64_t id) {
    cor__hooks *before = *list, *shorter = NULL;
    const int n = before == NULL ? 0 : before->n;
    int at = 0;
    while (at < n && before->at[at].id != id) at++;
    if (at == n) return cor__fail(COR_EKEY, "remove hook: there is no hook %lld", (long long)id);
    if (n > 1 && atomic_load_explicit(&before->object.references, memory_order_acquire) == 1) {
        memmove(before->at + at, before->at + at + 1, (size_t)(--before->n - at) * sizeof *before->at);
        return COR_OK;
    }
    if (n > 1 && (shorter = make_list(n - 1)) == NULL) return cor_error();
    if (shorter != NULL) {
        copy_hooks(shorter->at, before->at, at);
        copy_hooks(shorter->at + at, before->at + at + 1, n - 1 - at);
    }
    replace_list(list, shorter);
    return COR_OK;
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

cor__hook_run cor__module_hooks_begin(const cor_module *m, cor__hook_kind kind) {
    cor__hook_run run = {.kind = kind};
    if (!cor__hooks_any(m)) return run;
    pthread_rwlock_rdlock(&global_lock);
    if (global_hooks != NULL) run.lists[0] = cor__retain(global_hooks);
    pthread_rwlock_unlock(&global_lock);
    if (cor__state(m)->hooks != NULL) run.lists[1] = cor__retain(cor__state(m)->hooks);
    return run;
}

const cor__hook *cor__module_hooks_next(cor__hook_run *run) {
    for (; run->list < 2; run->list++, run->at = 0) {
        const cor__hooks *list = run->lists[run->list];
        while (list != NULL && run->at < list->n)
            if (list->at[run->at++].kind == run->kind) return &list->at[run->at - 1];
    }
    return NULL;
}

void cor__module_hooks_end(cor__hook_run *run) {
    cor__release(run->lists[0]);
    cor__release(run->lists[1]);
}

int cor__hook_verdict(int code, const char *what, const cor_module *m) {
    if (code == COR_OK) code = cor_error();
    return code == COR_OK ? COR_OK : cor__fail(code, "a %s of %s failed", what, cor__state(m)->name);
}

int cor__hooks_before(cor_module *m, cor_tensor **inputs, int n) {
    cor__hook_run run = cor__module_hooks_begin(m, COR__FORWARD_PRE);
    int code = COR_OK;
    for (const cor__hook *h; code == COR_OK && (h = cor__module_hooks_next(&run)) != NULL;)
        code = cor__hook_verdict(((cor_forward_pre_hook)h->function)(m, inputs, n, h->context), "forward pre-hook", m);
    cor__module_hooks_end(&run);
    return code;
}

/* After a failure, of the forward or of a hook, only the always_call hooks that have not run yet run, with the error
 * set aside; errors of theirs are dropped for it. */
static void run_always(cor__hook_run *run, cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs,
                       int n_out) {
    cor_error_info error;
    cor_error_take(&error);
    for (const cor__hook *h; (h = cor__module_hooks_next(run)) != NULL;) {
        if (!h->always_call) continue;
        (void)((cor_forward_hook)h->function)(m, inputs, n_in, outputs, n_out, h->context);
        cor_error_clear();
    }
    cor__error_adopt(&error);
}

int cor__hooks_after(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out, int code) {
    cor__hook_run run = cor__module_hooks_begin(m, COR__FORWARD);
    for (const cor__hook *h; code == COR_OK && (h = cor__module_hooks_next(&run)) != NULL;)
        code = cor__hook_verdict(((cor_forward_hook)h->function)(m, inputs, n_in, outputs, n_out, h->context),
                                 "forward hook", m);
    if (code != COR_OK) run_always(&run, m, inputs, n_in, outputs, n_out);
    cor__module_hooks_end(&run);
    return code;
}

int cor__hooks_save(cor__hook_kind kind, cor_module *m, cor_dict *dict, const char *prefix, bool keep_vars) {
    cor__hook_run run = cor__module_hooks_begin(m, kind);
    int code = COR_OK;
    for (const cor__hook *h; code == COR_OK && (h = cor__module_hooks_next(&run)) != NULL;)
        code = cor__hook_verdict(kind == COR__SAVE_PRE
                                     ? ((cor_state_dict_pre_hook)h->function)(m, prefix, keep_vars, h->context)
                                     : ((cor_state_dict_post_hook)h->function)(m, dict, prefix, h->context),
                                 "state_dict hook", m);
    cor__module_hooks_end(&run);
    return code;
}

int cor__hooks_load(cor__hook_kind kind, cor_module *m, cor_loading *loading) {
    cor__hook_run run = cor__module_hooks_begin(m, kind);
    int code = COR_OK;
    for (const cor__hook *h; code == COR_OK && (h = cor__module_hooks_next(&run)) != NULL;)
        code = cor__hook_verdict(((cor_load_hook)h->function)(m, loading, h->context), "load_state_dict hook", m);
    cor__module_hooks_end(&run);
    return code;
}

int cor__hooks_registration(cor__hook_kind kind, cor_module *m, const char *name, cor_tensor **tensor,
                            cor_module **child) {
    cor__hook_run run = cor__module_hooks_begin(m, kind);
    int code = COR_OK;
    for (const cor__hook *h; code == COR_OK && (h = cor__module_hooks_next(&run)) != NULL;)
        code = cor__hook_verdict(kind == COR__REGISTER_MODULE
                                     ? ((cor_module_registration_hook)h->function)(m, name, child, h->context)
                                     : ((cor_tensor_registration_hook)h->function)(m, name, tensor, h->context),
                                 "registration hook", m);
    cor__module_hooks_end(&run);
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

static int64_t add_backward(cor_module *m, cor__hook hook, const cor_backward_hook_options *options) {
    cor_backward_hook_options room;
    if (cor__check_options(options, sizeof room, "register hook") != COR_OK) return cor_error();
    return add(m, hook, cor_backward_hook_options_or_defaults(options, &room)->prepend);
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

int64_t cor_register_full_backward_hook_with(cor_module *m, cor_full_backward_hook hook, void *context,
                                             const cor_backward_hook_options *options) {
    return add_backward(m, (cor__hook){.kind = COR__BACKWARD, .function = (cor__function)hook, .context = context},
                        options);
}

int64_t cor_register_full_backward_pre_hook_with(cor_module *m, cor_full_backward_pre_hook hook, void *context,
                                                 const cor_backward_hook_options *options) {
    return add_backward(m, (cor__hook){.kind = COR__BACKWARD_PRE, .function = (cor__function)hook, .context = context},
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

static int remove_global(int64_t id) {
    pthread_rwlock_wrlock(&global_lock);
    int code = remove_hook(&global_hooks, id);
    if (code == COR_OK) atomic_fetch_sub(&global_count, 1);
    pthread_rwlock_unlock(&global_lock);
    return code;
}

int cor_remove_hook(cor_module *m, int64_t id) {
    if (cor_error() != COR_OK) return cor_error();
    return m == NULL ? remove_global(id) : remove_hook(&cor__state(m)->hooks, id);
}
