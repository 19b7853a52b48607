/* hooks.c: hooks on the gradients of tensors. */
#include "graph/hooks.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static cor__tensor_hook **list_of(cor_tensor *t) {
    cor__node *node = cor__grad_fn(t);
    return node == NULL ? &t->hooks : &node->hooks;
}

/* Of t's gradient, in the list of t or of its node. */
static int64_t add(cor_tensor *t, cor__tensor_hook **list, cor__tensor_hook hook) {
    static _Atomic int64_t last_id;
    cor__tensor_hook *own = cor__alloc(sizeof *own, "a hook");
    if (own == NULL) return cor_error();
    *own = hook;
    own->next = NULL;
    own->id = atomic_fetch_add(&last_id, 1) + 1;
    while (*list != NULL) list = &(*list)->next;
    *list = own;
    t->forget = cor__hooks_forget;
    return own->id;
}

static void unlink_hook(cor__tensor_hook **link) {
    cor__tensor_hook *gone = *link;
    *link = gone->next;
    cor__free(gone, sizeof *gone);
}

void cor__hooks_free(cor__tensor_hook **list) {
    while (*list != NULL) {
        if ((*list)->kind == COR__HOOK_RETAIN) (*list)->retained->flags &= ~(unsigned)COR__RETAINS_GRAD;
        unlink_hook(list);
    }
}

static cor__tensor_hook **find_retained(const cor_tensor *t) {
    cor__tensor_hook **link = t->grad_fn == NULL ? NULL : &((cor__node *)t->grad_fn)->hooks;
    while (link != NULL && *link != NULL && (*link)->retained != t) link = &(*link)->next;
    return link;
}

void cor__hooks_move_retained(cor_tensor *t, cor__node *node, int output) {
    cor__tensor_hook **link = find_retained(t);
    if (link == NULL || *link == NULL || node == NULL) return;
    cor__tensor_hook *moved = *link, **end = &node->hooks;
    *link = moved->next;
    moved->next = NULL;
    moved->output = output;
    while (*end != NULL) end = &(*end)->next;
    *end = moved;
}

void cor__hooks_drop_retained(cor_tensor *t) {
    cor__tensor_hook **link = t->flags & COR__RETAINS_GRAD ? find_retained(t) : NULL;
    if (link != NULL && *link != NULL) unlink_hook(link);
    t->flags &= ~(unsigned)COR__RETAINS_GRAD;
}

void cor__hooks_forget(cor_tensor *t) {
    cor__hooks_drop_retained(t);
    cor__hooks_free(&t->hooks);
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

const cor__tensor_hook *cor__hooks_next(const cor__tensor_hook *at, cor__tensor_hook_kind kind, int output,
                                        int64_t id) {
    while (at != NULL && (at->id <= id || at->kind != kind || at->output != output)) at = at->next;
    return at;
}

int cor__hooks_check(const cor_tensor *before, const cor_tensor *after) {
    if (after == NULL || after == COR_NONE)
        return cor_error() != COR_OK ? cor_error() : cor__fail(COR_EVALUE, "a hook left NULL in place of a gradient");
    if (!cor__has_sizes(after, before->sizes, before->ndim))
        return cor__fail(COR_ESHAPE, "hook has changed the size of value");
    if (before->dtype != after->dtype)
        return cor__fail(COR_EDTYPE, "hook has changed the type of value (was torch.%s got torch.%s)",
                         cor__legacy_type_name(before->dtype), cor__legacy_type_name(after->dtype));
    return COR_OK;
}

static int run_gradient_hook(const cor__tensor_hook *hook, cor_tensor **grad) {
    cor_scope();
    cor_tensor *now = *grad;
    const int code = hook->gradient(&now, hook->context);
    if (cor_error() != COR_OK) return cor_error();
    if (code != COR_OK) return cor__fail(code, "a hook on a gradient returned %d", code);
    if (cor__hooks_check(*grad, now) != COR_OK) return cor_error();
    if (now == *grad) return COR_OK;
    cor__retain(now);
    cor__release(*grad);
    *grad = now;
    return COR_OK;
}

int cor__hooks_run(cor__tensor_hook *const *list, int output, cor_tensor **grad) {
    int64_t id = 0;
    for (const cor__tensor_hook *hook; (hook = cor__hooks_next(*list, COR__HOOK_GRADIENT, output, id)) != NULL;) {
        id = hook->id;
        if (run_gradient_hook(hook, grad) != COR_OK) return cor_error();
    }
    return COR_OK;
}

int cor__hooks_accumulated(cor_tensor *leaf) {
    int64_t id = 0;
    for (const cor__tensor_hook *hook; (hook = cor__hooks_next(leaf->hooks, COR__HOOK_ACCUMULATED, 0, id)) != NULL;) {
        cor_scope();
        id = hook->id;
        const int code = hook->accumulated(leaf, hook->context);
        if (cor_error() != COR_OK) return cor_error();
        if (code != COR_OK) return cor__fail(code, "a hook after the accumulation of a gradient returned %d", code);
    }
    return COR_OK;
}

/* ---- the public functions --------------------------------------------------------------------------------------- */

static int check_hooked(const cor_tensor *t, bool has_hook) {
    if (cor_error() != COR_OK) return cor_error();
    if (t == NULL || t == COR_NONE) return cor__fail(COR_EVALUE, "register_hook: the tensor is NULL");
    if (!has_hook) return cor__fail(COR_EVALUE, "register_hook: the hook is NULL");
    if (!cor__requires_grad(t))
        return cor__fail(COR_ESTATE, "cannot register a hook on a tensor that doesn't require gradient");
    return COR_OK;
}

int64_t cor_register_hook(cor_tensor *t, cor_tensor_hook hook, void *context) {
    if (check_hooked(t, hook != NULL) != COR_OK) return cor_error();
    cor__tensor_hook **list = list_of(t);
    if (cor_error() != COR_OK) return cor_error();
    const int output = list == &t->hooks ? 0 : t->output;
    return add(t, list,
               (cor__tensor_hook){.kind = COR__HOOK_GRADIENT, .output = output, .gradient = hook, .context = context});
}

int64_t cor_register_post_accumulate_grad_hook(cor_tensor *t, cor_accumulate_hook hook, void *context) {
    if (check_hooked(t, hook != NULL) != COR_OK) return cor_error();
    if (cor__grad_fn(t) != NULL)
        return cor__fail(COR_ESTATE, "post accumulate grad hooks cannot be registered on non-leaf tensors");
    return add(t, &t->hooks,
               (cor__tensor_hook){.kind = COR__HOOK_ACCUMULATED, .accumulated = hook, .context = context});
}

int cor_remove_tensor_hook(cor_tensor *t, int64_t id) {
    if (cor_error() != COR_OK) return cor_error();
    if (t == NULL || t == COR_NONE) return cor__fail(COR_EVALUE, "remove hook: the tensor is NULL");
    cor__tensor_hook **link = list_of(t);
    if (cor_error() != COR_OK) return cor_error();
    while (*link != NULL && ((*link)->id != id || (*link)->kind == COR__HOOK_RETAIN)) link = &(*link)->next;
    if (*link == NULL) return cor__fail(COR_EKEY, "remove hook: the tensor has no hook %lld", (long long)id);
    unlink_hook(link);
    return COR_OK;
}

int cor_retain_grad(cor_tensor *t) {
    if (cor_error() != COR_OK) return cor_error();
    if (t == NULL || t == COR_NONE) return cor__fail(COR_EVALUE, "retain_grad: the tensor is NULL");
    if (!cor__requires_grad(t))
        return cor__fail(COR_ESTATE, "can't retain_grad on Tensor that has requires_grad=False");
    cor__node *node = cor__grad_fn(t);
    if (node == NULL || (t->flags & COR__RETAINS_GRAD)) return cor_error();
    const int64_t id =
        add(t, &node->hooks, (cor__tensor_hook){.kind = COR__HOOK_RETAIN, .output = t->output, .retained = t});
    if (id < 0) return cor_error();
    t->flags |= COR__RETAINS_GRAD;
    return COR_OK;
}

bool cor_retains_grad(const cor_tensor *t) { return t != NULL && t != COR_NONE && (t->flags & COR__RETAINS_GRAD) != 0; }
