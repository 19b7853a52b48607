/* node.c: making nodes, and the history of tensors. */
#include "graph/node.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/thread.h"
#include "graph/hooks.h"
#include "tensor/iterate.h"
#include <string.h>

/* ---- nodes ------------------------------------------------------------------------------------------------------ */

void cor__node_release_saved(cor__node *node) {
    if (!node->keeps) return;
    for (int i = 0; i < node->n_edges; i++) {
        cor__release(node->edges[i].saved.tensor);
        node->edges[i].saved.tensor = NULL;
    }
    for (int k = 0; k < node->n_results; k++) {
        cor__release(node->results[k].saved.tensor);
        node->results[k].saved.tensor = NULL;
    }
    for (int i = 0; i < node->n_more; i++) {
        cor__release(node->more[i].saved.tensor);
        node->more[i].saved.tensor = NULL;
    }
    node->keeps = false;
    node->released = true;
}

static void destroy(cor__object *object) {
    cor__node *node = (cor__node *)object;
    cor__node_release_saved(node);
    cor__hooks_free(&node->hooks);
    cor__release(node->written);
    cor__release(node->user);
    for (int i = 0; i < node->n_more; i++) cor__release(node->more[i].maker);
    cor__free(node->more, (size_t)node->n_more * sizeof *node->more);
    for (int i = 0; i < node->n_edges; i++) {
        cor__release(node->edges[i].node);
        cor__release(node->edges[i].leaf);
    }
    cor__free(node, node->bytes);
}

static const cor__class node_class = {"graph node", destroy};

static int dims_of(const cor_tensor *t) { return t == NULL || t == COR_NONE ? 0 : t->ndim; }

/* One piece of memory: the node, its edges, its results, the sizes of both, the options. */
static cor__node *make(const cor__record *record) {
    const size_t n = (size_t)record->n_inputs, m = (size_t)record->n_outputs;
    size_t dims = 0;
    for (int i = 0; i < record->n_inputs; i++) dims += (size_t)dims_of(record->inputs[i]);
    for (int k = 0; k < record->n_outputs; k++) dims += (size_t)dims_of(record->outputs[k]);
    const size_t results = sizeof(cor__node) + n * sizeof(cor__edge), sizes = results + m * sizeof(cor__result);
    const size_t options = sizes + dims * sizeof(int64_t), bytes = options + record->options_size;
    char *memory = cor__alloc(bytes, "a graph node");
    if (memory == NULL) return NULL;
    memset(memory, 0, options);
    cor__node *node = (cor__node *)(void *)memory;
    cor__object_init(&node->object, &node_class);
    node->name = record->name;
    node->op = record->op;
    node->formula = record->formula;
    node->bytes = bytes;
    node->n_edges = record->n_inputs;
    node->n_results = record->n_outputs;
    node->results = (cor__result *)(void *)(memory + results);
    if (record->options_size > 0) node->options = memcpy(memory + options, record->options, record->options_size);
    return node;
}

static int64_t *copy_sizes(int64_t **room, const cor_tensor *t) {
    int64_t *own = *room;
    memcpy(own, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    *room += t->ndim;
    return own;
}

static void set_edge(cor__edge *edge, cor_tensor *t, int64_t **room) {
    edge->ndim = -1;
    if (t == NULL || t == COR_NONE) return;
    edge->ndim = t->ndim;
    edge->dtype = t->dtype;
    edge->sizes = copy_sizes(room, t);
    if (!cor__requires_grad(t)) return;
    cor__node *node = cor__grad_fn(t);
    if (node == NULL) edge->leaf = cor__retain(t);
    else edge->node = cor__retain(node), edge->output = t->output;
}

static cor_tensor *copy_of(const cor_tensor *t) {
    cor_tensor *copy = cor__empty_like(t, t->dtype);
    if (copy == NULL || cor__copy(copy, t) == COR_OK) return copy;
    cor__release(copy);
    return NULL;
}

/* Another window on t's memory, so that what a node keeps never holds the node itself; numbers and leaves that require
 * grad, whose history cannot change, are kept as they are; what will be written over is copied. */
static bool keep(cor__saved *saved, cor_tensor *t, bool copied) {
    if (t->storage->inference)
        return cor__fail(COR_ESTATE,
                         "Inference tensors cannot be saved for backward. Please do not use Tensors created in "
                         "inference mode in computation tracked by autograd. To work around this, you can make a clone "
                         "to get a normal tensor and use it in autograd, or use `torch.no_grad()` instead of "
                         "`torch.inference_mode()`.") == COR_OK;
    const bool fixed = cor__is_number(t) || ((t->flags & COR__REQUIRES_GRAD) && t->grad_fn == NULL);
    saved->tensor = copied  ? copy_of(t)
                    : fixed ? cor__retain(t)
                            : cor__tensor_over(t->storage, t->dtype, t->sizes, t->strides, t->ndim, t->offset);
    if (saved->tensor == NULL) return false;
    if (!fixed && t->base != NULL) saved->tensor->flags |= COR__KEPT_VIEW;
    saved->version = atomic_load(&saved->tensor->storage->version);
    return true;
}

static int keep_all(cor__node *node, const cor__record *record) {
    unsigned wanted = 0;
    for (int g = 0; g < record->n_inputs && g < COR__MAX_KEPT; g++)
        if (node->edges[g].node != NULL || node->edges[g].leaf != NULL) wanted |= 1u << g;
    for (int i = 0; record->keeps_inputs != NULL && i < record->n_inputs && i < COR__MAX_KEPT; i++) {
        if (!(record->keeps_inputs[i] & wanted) || node->edges[i].ndim < 0) continue;
        node->keeps = true;
        if (!keep(&node->edges[i].saved, record->inputs[i], record->in_place && i == 0)) return cor_error();
    }
    for (int k = 0; k < record->n_outputs; k++) {
        if (!(record->keeps_outputs >> k & 1)) continue;
        node->keeps = true;
        if (!keep(&node->results[k].saved, record->outputs[k], false)) return cor_error();
    }
    return COR_OK;
}

/* The place of t among the outputs, the last where it comes twice; -1: it is none. */
static int place_among(cor_tensor *const *outputs, int n, const cor_tensor *t) {
    while (--n >= 0 && outputs[n] != t) continue;
    return n;
}

/* An output is kept as such, even one whose history will be that of its base: the node holds nothing that holds it. */
int cor__node_keep(cor__node *node, cor_tensor *const *tensors, int n, cor_tensor *const *outputs) {
    if (n == 0) return COR_OK;
    node->more = cor__alloc_zero((size_t)n * sizeof *node->more, "what a function keeps");
    if (node->more == NULL) return cor_error();
    node->n_more = n;
    node->keeps = true;
    for (int i = 0; i < n; i++) {
        cor__keepsake *kept = &node->more[i];
        cor_tensor *t = tensors[i];
        if (t == COR_NONE) continue;
        const int place = place_among(outputs, node->n_results, t);
        kept->own = place >= 0;
        cor__node *maker = kept->own ? NULL : cor__grad_fn(t);
        if (cor_error() != COR_OK || !keep(&kept->saved, t, false)) return cor_error();
        kept->output = kept->own ? place : t->output;
        if (maker != NULL) kept->maker = cor__retain(maker);
    }
    return COR_OK;
}

/* The number comes last: an input's own history may be made on the way. */
cor__node *cor__node_new(const cor__record *record) {
    static _Atomic uint64_t made;
    cor__node *node = make(record);
    if (node == NULL) return NULL;
    int64_t *room = (int64_t *)(void *)(node->results + record->n_outputs);
    for (int i = 0; i < record->n_inputs; i++) set_edge(&node->edges[i], record->inputs[i], &room);
    node->number = atomic_fetch_add(&made, 1);
    for (int k = 0; k < record->n_outputs; k++)
        if (record->outputs[k] != NULL) {
            node->results[k].dtype = record->outputs[k]->dtype;
            node->results[k].ndim = record->outputs[k]->ndim;
            node->results[k].sizes = copy_sizes(&room, record->outputs[k]);
        }
    if (cor_error() == COR_OK && keep_all(node, record) == COR_OK) return node;
    cor__release(node); /* an input's own history could not be brought up to date, or there was no memory */
    return NULL;
}

/* ---- the history of tensors ------------------------------------------------------------------------------------- */

void cor__set_history(cor_tensor *t, cor__node *node, int output) {
    cor__object *before = t->grad_fn;
    if (t->flags & COR__RETAINS_GRAD) cor__hooks_move_retained(t, node, output);
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

static cor__geometry geometry_of(const cor_tensor *t) {
    cor__geometry g = {.ndim = t->ndim, .offset = t->offset};
    memcpy(g.sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    memcpy(g.strides, t->strides, sizeof(int64_t) * (size_t)t->ndim);
    return g;
}

/* What hinders a change of a view in place; `what` says which change. */
static int refuse_view(const cor_tensor *t, const char *what) {
    static const char *const ways[] = {"no_grad", "inference_mode"};
    static const char *const custom =
        "This view was created inside a custom Function (or because an input was returned as-is) and the autograd "
        "logic to handle view+inplace would override the custom backward associated with the custom Function, leading "
        "to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom "
        "Function.";
    static const char *const several =
        "This view is the output of a function that returns multiple views. Such functions do not allow the output "
        "views to be modified inplace. You should replace the inplace operation by an out-of-place one.";
    const bool inference = (t->flags & COR__VIEW_INFERENCE) != 0;
    char why[400], name[COR__OPERATION_TEXT];
    cor__format(why, sizeof why,
                "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
                "moving both the view and the inplace either both inside the %s block (if you don't want the inplace "
                "to be tracked) or both outside (if you want the inplace to be tracked).",
                ways[inference]);
    const char *reason = t->flags & (COR__VIEW_NO_GRAD | COR__VIEW_INFERENCE) ? why
                         : t->flags & COR__VIEW_MULTI                         ? several
                                                                              : custom;
    if (t->grad_fn == NULL)
        return cor__fail(COR_ESTATE, "A view was created in %s mode and %s modified inplace %s. %s",
                         inference ? "inference" : "no_grad", what,
                         inference ? "in normal mode" : "with grad mode enabled", reason);
    return cor__fail(COR_ESTATE, "Output %d of %s is a view and %s modified inplace. %s", t->output,
                     cor__operation_of(((cor__node *)t->grad_fn)->name, name), what, reason);
}

/* A view's own node describes it up to base_version; when the base has changed since, the view is output of a new
 * as_strided of the base. */
cor__node *cor__grad_fn(cor_tensor *t) {
    if (t->base == NULL || t->base->grad_fn == NULL || t->base_version == atomic_load(&t->storage->version))
        return (cor__node *)t->grad_fn;
    if (t->flags & COR__HINDERED) return refuse_view(t, "its base or another view of its base has been"), NULL;
    const cor__view_of_base windows = {geometry_of(t), geometry_of(t->base)};
    cor__node *node = cor__node_new(&(cor__record){.name = "AsStridedBackward0",
                                                   .op = "as_strided",
                                                   .formula = cor__as_strided_backward,
                                                   .inputs = &t->base,
                                                   .n_inputs = 1,
                                                   .outputs = &t,
                                                   .n_outputs = 1,
                                                   .options = &windows,
                                                   .options_size = sizeof windows});
    if (node == NULL) return NULL;
    cor__set_history(t, node, 0);
    cor__release(node);
    return (cor__node *)t->grad_fn;
}

void cor__set_base(cor_tensor *view, cor_tensor *t) {
    if (t->storage->inference) return;
    view->base = cor__retain(t->base != NULL ? t->base : t);
    view->base_version = atomic_load(&view->storage->version);
    if (cor__self()->inference) view->flags |= COR__VIEW_INFERENCE;
    else if (cor__self()->no_grad) view->flags |= COR__VIEW_NO_GRAD;
    if (!(view->flags & COR__HINDERED)) view->flags |= t->flags & COR__HINDERED; /* views of such views are such */
}

/* ---- changes in place ------------------------------------------------------------------------------------------- */

int cor__check_in_place(cor_tensor *t, bool recorded) {
    const cor__thread *self = cor__self();
    if (t->storage->inference && !self->inference)
        return cor__fail(COR_ESTATE,
                         "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone "
                         "to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/"
                         "17 for more details.");
    if (self->no_grad || self->inference) return COR_OK;
    if ((t->flags & COR__HINDERED) && (recorded || cor__requires_grad(t->base))) return refuse_view(t, "is being");
    if (t->base != NULL && (t->base->flags & COR__REQUIRES_GRAD))
        return cor__fail(COR_ESTATE,
                         "a view of a leaf Variable that requires grad is being used in an in-place operation.");
    if (t->flags & COR__REQUIRES_GRAD)
        return cor__fail(COR_ESTATE, "a leaf Variable that requires grad is being used in an in-place operation.");
    return COR_OK;
}

/* The base's new node has the base's and the operation's history behind it: the operation's edges but for that of the
 * view, in whose place stands the base. */
static cor__node *slices_node(const cor_tensor *t, const cor__node *node, int input, cor_tensor **inputs) {
    const cor__view_of_base windows = {geometry_of(t), geometry_of(t->base)};
    inputs[input] = t->base;
    return cor__node_new(&(cor__record){.name = "CopySlices",
                                        .op = "copy_slices",
                                        .formula = cor__copy_slices_backward,
                                        .inputs = inputs,
                                        .n_inputs = node->n_edges,
                                        .outputs = (cor_tensor *const *)&t->base,
                                        .n_outputs = 1,
                                        .options = &windows,
                                        .options_size = sizeof windows});
}

cor__node *cor__in_place_node(cor_tensor *t, cor__node *node, int input) {
    if (t->base == NULL) return cor__retain(node);
    const size_t bytes = (size_t)node->n_edges * sizeof(cor_tensor *);
    cor_tensor **inputs = cor__alloc_zero(bytes, "the inputs of a write through a view");
    cor__node *slices = inputs == NULL ? NULL : slices_node(t, node, input, inputs);
    cor__free(inputs, bytes);
    if (slices == NULL) return NULL;
    slices->written = cor__retain(node);
    slices->view = input;
    for (int i = 0; i < node->n_edges; i++) {
        if (i == input) continue;
        cor__edge *edge = &slices->edges[i];
        *edge = node->edges[i]; /* with its sizes, which `written` holds */
        edge->saved = (cor__saved){0};
        if (edge->node != NULL) cor__retain(edge->node);
        if (edge->leaf != NULL) cor__retain(edge->leaf);
    }
    return slices;
}

void cor__record_in_place(cor_tensor *t, cor__node *placed, cor__node *node) {
    cor__bump_version(t);
    if (placed == NULL) return;
    for (int k = 0; k < node->n_results; k++) node->results[k].saved.version = atomic_load(&t->storage->version);
    t->storage->writer = t->base != NULL ? "torch::autograd::CopySlices" : placed->name;
    cor__set_history(t->base != NULL ? t->base : t, placed, 0);
}
