/* node.c: making nodes, and the history of tensors. */
#include "graph/node.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/thread.h"

static size_t node_size(int n) { return sizeof(cor__node) + (size_t)n * sizeof(cor__edge); }

static void destroy(cor__object *object) {
    cor__node *node = (cor__node *)object;
    for (int i = 0; i < node->n_edges; i++) {
        cor__release(node->edges[i].node);
        cor__release(node->edges[i].leaf);
    }
    cor__free(node, node_size(node->n_edges));
}

static const cor__class node_class = {"graph node", destroy};

static cor__edge edge_of(cor_tensor *t) {
    if (t == NULL || t == COR_NONE || !cor__requires_grad(t)) return (cor__edge){0};
    cor__node *node = cor__grad_fn(t);
    if (node != NULL) return (cor__edge){.node = cor__retain(node), .output = t->output};
    return (cor__edge){.leaf = cor__retain(t)};
}

cor__node *cor__node_new(const char *name, cor_tensor *const *inputs, int n) {
    static _Atomic uint64_t made;
    cor__node *node = cor__alloc(node_size(n), "a graph node");
    if (node == NULL) return NULL;
    cor__object_init(&node->object, &node_class);
    node->name = name;
    node->number = atomic_fetch_add(&made, 1);
    node->n_edges = n;
    for (int i = 0; i < n; i++) node->edges[i] = edge_of(inputs[i]);
    if (cor_error() == COR_OK) return node;
    cor__release(node); /* an input's own history could not be brought up to date */
    return NULL;
}

void cor__set_history(cor_tensor *t, cor__node *node, int output) {
    cor__object *before = t->grad_fn;
    t->grad_fn = node == NULL ? NULL : cor__retain(node);
    t->output = output;
    t->base_version = atomic_load(&t->storage->version);
    t->flags &= ~(unsigned)COR__REQUIRES_GRAD;
    cor__release(before);
}

bool cor__requires_grad(const cor_tensor *t) {
    if ((t->flags & COR__REQUIRES_GRAD) || t->grad_fn != NULL) return true;
    return t->base != NULL && t->base->grad_fn != NULL && t->base_version != atomic_load(&t->storage->version);
}

/* A view's own node describes it up to base_version; when the base has changed since, the view is output of a new
 * as_strided of the base. */
cor__node *cor__grad_fn(cor_tensor *t) {
    if (t->base == NULL || t->base->grad_fn == NULL || t->base_version == atomic_load(&t->storage->version))
        return (cor__node *)t->grad_fn;
    cor__node *node = cor__node_new("AsStridedBackward0", &t->base, 1);
    if (node == NULL) return NULL;
    cor__set_history(t, node, 0);
    cor__release(node);
    return (cor__node *)t->grad_fn;
}

void cor__set_base(cor_tensor *view, cor_tensor *t) {
    view->base = cor__retain(t->base != NULL ? t->base : t);
    view->base_version = atomic_load(&view->storage->version);
    if (cor__self()->no_grad) view->flags |= COR__VIEW_NO_GRAD;
}

int cor__check_in_place(cor_tensor *t) {
    if (t->base != NULL && !cor__self()->no_grad && cor__requires_grad(t->base) && (t->flags & COR__VIEW_NO_GRAD))
        return cor__fail(
            COR_ESTATE,
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given "
            "that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
            "moving both the view and the inplace either both inside the no_grad block (if you don't want "
            "the inplace to be tracked) or both outside (if you want the inplace to be tracked).");
    if (cor__self()->no_grad) return COR_OK;
    if ((t->flags & COR__VIEW_MULTI) && t->grad_fn != NULL)
        return cor__fail(
            COR_ESTATE,
            "Output %d of %s is a view and is being modified inplace. This view is the output of a function "
            "that returns multiple views. Such functions do not allow the output views to be modified "
            "inplace. You should replace the inplace operation by an out-of-place one.",
            t->output, ((cor__node *)t->grad_fn)->name);
    if (t->base != NULL && (t->base->flags & COR__REQUIRES_GRAD))
        return cor__fail(COR_ESTATE,
                         "a view of a leaf Variable that requires grad is being used in an in-place operation.");
    if (t->flags & COR__REQUIRES_GRAD)
        return cor__fail(COR_ESTATE, "a leaf Variable that requires grad is being used in an in-place operation.");
    return COR_OK;
}

/* The base's new node has the base's and the operation's history behind it. */
cor__node *cor__in_place_node(cor_tensor *t, cor__node *node) {
    if (t->base == NULL) return cor__retain(node);
    cor_tensor *inputs[] = {t->base, NULL};
    cor__node *slices = cor__node_new("CopySlices", inputs, 2);
    if (slices != NULL) slices->edges[1].node = cor__retain(node);
    return slices;
}

void cor__record_in_place(cor_tensor *t, cor__node *node) {
    cor__bump_version(t);
    if (node != NULL) cor__set_history(t->base != NULL ? t->base : t, node, 0);
}
