/* pass.c: the backward pass. A node is made after those its edges lead to, so to run the one with the largest number
 * first is to run each when all its gradients have come. */
#include "autograd/pass.h"
#include "autograd/gradient.h"
#include "autograd/tasks.h"
#include "base/error.h"
#include "base/memory.h"
#include "graph/hooks.h"
#include <corrie/math.h>
#include <corrie/reduce.h>
#include <stdlib.h>

static _Atomic bool anomaly;

bool cor_set_detect_anomaly(bool enabled) { return atomic_exchange(&anomaly, enabled); }
bool cor_is_anomaly_enabled(void) { return atomic_load_explicit(&anomaly, memory_order_relaxed); }

typedef struct pass {
    const cor__pass_options *options;
    cor__tasks tasks;
} pass;

static bool is_selective(const pass *p) { return p->options->captures != NULL; }

/* ---- which nodes take part, when gradients of some tensors are asked for ----------------------------------------- */

typedef struct node_list {
    cor__node **at;
    size_t n, capacity;
} node_list;

static int append(node_list *list, cor__node *node) {
    if (list->n == list->capacity) {
        const size_t capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        cor__node **at = cor__realloc(list->at, list->capacity * sizeof *at, capacity * sizeof *at, "a list of nodes");
        if (at == NULL) return cor_error();
        list->at = at;
        list->capacity = capacity;
    }
    list->at[list->n++] = node;
    return COR_OK;
}

/* Gives each node that can be reached a task, and lists them. */
static int reach(pass *p, node_list *list, cor__node *node) {
    if (cor__tasks_find(&p->tasks, node) != NULL) return COR_OK;
    return cor__tasks_get(&p->tasks, node, NULL) == NULL ? cor_error() : append(list, node);
}

static int by_number(const void *a, const void *b) {
    const uint64_t x = (*(cor__node *const *)a)->number, y = (*(cor__node *const *)b)->number;
    return x < y ? -1 : x > y;
}

/* From the smallest number up: a node is wanted when an edge leads to what is captured or to a wanted node. */
static void mark_wanted(pass *p, const node_list *list) {
    for (size_t i = 0; i < list->n; i++) {
        cor__task *task = cor__tasks_find(&p->tasks, list->at[i]);
        for (int e = 0; e < list->at[i]->n_edges && !task->wanted; e++) {
            const cor__edge *edge = &list->at[i]->edges[e];
            const void *to = edge->node != NULL ? (const void *)edge->node : edge->leaf;
            const cor__task *next = to == NULL ? NULL : cor__tasks_find(&p->tasks, to);
            task->wanted = next != NULL && (next->wanted || next->captured);
        }
    }
}

static int select_nodes(pass *p, cor_tensor *const *roots, int n) {
    node_list list = {0};
    for (int i = 0; i < p->options->n_captures; i++) {
        const cor__capture *c = &p->options->captures[i];
        if (c->node != NULL && reach(p, &list, c->node) != COR_OK) break;
        cor__task *task = cor__tasks_get(&p->tasks, c->node, c->node == NULL ? c->of : NULL);
        if (task == NULL) break;
        task->captured = true;
        task->wanted = c->node == NULL;
    }
    for (int i = 0; i < n && cor_error() == COR_OK; i++) {
        cor__node *node = cor__grad_fn(roots[i]);
        if (node != NULL) reach(p, &list, node);
    }
    for (size_t i = 0; i < list.n && cor_error() == COR_OK; i++)
        for (int e = 0; e < list.at[i]->n_edges && cor_error() == COR_OK; e++)
            if (list.at[i]->edges[e].node != NULL) reach(p, &list, list.at[i]->edges[e].node);
    if (cor_error() == COR_OK && list.n > 0) {
        qsort(list.at, list.n, sizeof *list.at, by_number);
        mark_wanted(p, &list);
    }
    cor__free(list.at, list.capacity * sizeof *list.at);
    return cor_error();
}

/* ---- sending gradients ------------------------------------------------------------------------------------------ */

/* Adds `grad`, whose reference it takes, to what has come for an output of a node, or for a leaf. */
static int send(pass *p, cor__node *node, cor_tensor *leaf, int output, cor_tensor *grad) {
    cor__task *task = is_selective(p) ? cor__tasks_find(&p->tasks, node != NULL ? (const void *)node : leaf)
                                      : cor__tasks_get(&p->tasks, node, leaf);
    if (task == NULL || (is_selective(p) && !task->wanted && !task->captured)) {
        cor__release(grad);
        return cor_error();
    }
    if (cor__gradient_add(&task->grads[output], grad, p->options->create_graph) != COR_OK) return cor_error();
    return node == NULL ? COR_OK : cor__tasks_queue(&p->tasks, task);
}

/* A leaf may have been told to require no grad since. */
static bool leads_somewhere(const pass *p, const cor__edge *edge) {
    if (edge->node == NULL && (edge->leaf == NULL || !(edge->leaf->flags & COR__REQUIRES_GRAD))) return false;
    if (!is_selective(p)) return true;
    const cor__task *task = cor__tasks_find(&p->tasks, edge->node != NULL ? (const void *)edge->node : edge->leaf);
    return task != NULL && (task->wanted || task->captured);
}

/* What anomaly detection says of a gradient, that of input i. */
static int check_anomaly(const cor__node *node, cor_tensor *grad, int i) {
    if (!cor_is_anomaly_enabled()) return COR_OK;
    cor_scope();
    cor_no_grad();
    const bool nan = cor_item(cor_any(cor_isnan(grad))) != 0;
    if (cor_error() != COR_OK || !nan) return cor_error();
    return cor__fail(COR_ESTATE, "Function '%s' returned nan values in its %dth output.", node->name, i);
}

static int send_results(pass *p, cor__node *node, cor_tensor *const *results) {
    for (int i = 0; i < node->n_edges; i++) {
        const cor__edge *edge = &node->edges[i];
        if (results[i] == NULL || !leads_somewhere(p, edge)) continue;
        cor_tensor *grad = cor__gradient_fit(results[i], edge->sizes, edge->ndim, edge->dtype);
        if (grad != NULL && check_anomaly(node, grad, i) != COR_OK) {
            cor__release(grad);
            return cor_error();
        }
        if (grad == NULL || send(p, edge->node, edge->leaf, edge->output, grad) != COR_OK) return cor_error();
    }
    return COR_OK;
}

/* ---- a node's turn ---------------------------------------------------------------------------------------------- */

static int retain_in(cor_tensor *t, cor_tensor *grad, bool create_graph) {
    cor_tensor *own = cor__gradient_own(t, cor__retain(grad), create_graph);
    if (own == NULL) return cor_error();
    return cor__gradient_add(&t->grad, own, true);
}

static void capture_outputs(const pass *p, const cor__task *task) {
    for (int i = 0; task->captured && i < p->options->n_captures; i++) {
        cor__capture *c = &p->options->captures[i];
        if (c->node == task->node && task->grads[c->of->output] != NULL)
            c->grad = cor__retain(task->grads[c->of->output]);
    }
}

/* The hooks on the node's outputs, and what the caller asked for: as in PyTorch, that is what came before the hooks
 * where the pass goes on behind the node, and what they leave where it ends. */
static int finish_gradients(pass *p, cor__task *task) {
    cor__node *node = task->node;
    if (task->wanted) capture_outputs(p, task);
    for (int k = 0; k < task->n_grads; k++) {
        if (task->grads[k] == NULL) continue;
        if (node->hooks != NULL && cor__hooks_run(&node->hooks, k, &task->grads[k]) != COR_OK) return cor_error();
        int64_t id = 0;
        for (const cor__tensor_hook *h; (h = cor__hooks_next(node->hooks, COR__HOOK_RETAIN, k, id)) != NULL;) {
            id = h->id;
            if (retain_in(h->retained, task->grads[k], p->options->create_graph) != COR_OK) return cor_error();
        }
    }
    if (!task->wanted) capture_outputs(p, task);
    return COR_OK;
}

static int run_formula(pass *p, cor__task *task) {
    cor__node *node = task->node;
    enum { FEW = 16 };
    cor_tensor *few[FEW] = {NULL}, **results = few;
    if (node->formula == NULL) return cor__fail(COR_ESTATE, "derivative for aten::%s is not implemented", node->op);
    const size_t bytes = (size_t)node->n_edges * sizeof *results;
    if (node->n_edges > FEW && (results = cor__alloc_zero(bytes, "the gradients of inputs")) == NULL)
        return cor_error();
    {
        cor_scope();
        cor__backward turn = {.node = node,
                              .options = node->options,
                              .grads = task->grads,
                              .results = results,
                              .create_graph = p->options->create_graph};
        const int code = node->formula(&turn);
        if (code != COR_OK && cor_error() == COR_OK) cor__fail(code, "%s failed with %d", node->name, code);
        if (cor_error() == COR_OK) send_results(p, node, results);
    }
    if (results != few) cor__free(results, bytes);
    return cor_error();
}

/* Whether only its CopySlices holds the node of a write: one that is the history of what it kept has a turn to come. */
static bool is_alone(const cor__node *node) { return atomic_load(&node->object.references) == 1; }

static int run_node(pass *p, cor__task *task) {
    cor__node *node = task->node;
    if (finish_gradients(p, task) != COR_OK) return cor_error();
    if (is_selective(p) && !task->wanted) return COR_OK;
    if (run_formula(p, task) != COR_OK) return cor_error();
    if (p->options->retain_graph) return COR_OK;
    cor__node_release_saved(node);
    if (node->written != NULL && is_alone(node->written)) cor__node_release_saved(node->written);
    return COR_OK;
}

/* ---- leaves ----------------------------------------------------------------------------------------------------- */

/* Everything that may fail is done for all leaves before any of them is changed. */
static int prepare_leaf(pass *p, cor__task *task) {
    cor_tensor *leaf = task->leaf;
    if (leaf->hooks != NULL && cor__hooks_run(&leaf->hooks, 0, &task->one) != COR_OK) return cor_error();
    if (is_selective(p)) return COR_OK;
    const bool create = p->options->create_graph;
    if (leaf->grad != NULL && !create && cor__check_in_place(leaf->grad, false) != COR_OK) return cor_error();
    if (leaf->grad == NULL) {
        task->one = cor__gradient_own(leaf, task->one, create);
    } else if (create) {
        cor_tensor *sum = cor__retain(leaf->grad);
        cor_tensor *grad = task->one;
        task->one = NULL;
        if (cor__gradient_add(&sum, grad, true) == COR_OK) task->one = cor__retain(sum);
        cor__release(sum);
    }
    return cor_error();
}

static int commit_leaf(const pass *p, cor__task *task) {
    cor_tensor *leaf = task->leaf;
    if (leaf->grad != NULL && !p->options->create_graph) {
        cor_scope();
        return cor_add_(leaf->grad, task->one) == NULL ? cor_error() : COR_OK;
    }
    cor_tensor *before = leaf->grad;
    leaf->grad = task->one;
    task->one = NULL;
    cor__release(before);
    return COR_OK;
}

static void capture_leaf(const pass *p, const cor__task *task) {
    for (int i = 0; i < p->options->n_captures; i++) {
        cor__capture *c = &p->options->captures[i];
        if (c->node == NULL && c->of == task->leaf) c->grad = cor__retain(task->one);
    }
}

static int each_leaf(pass *p, int (*visit)(pass *, cor__task *)) {
    for (cor__task *task = p->tasks.first_leaf; task != NULL; task = task->next_leaf)
        if (task->one != NULL && visit(p, task) != COR_OK) return cor_error();
    return COR_OK;
}

static int finish_leaf(pass *p, cor__task *task) {
    if (!is_selective(p)) return commit_leaf(p, task);
    capture_leaf(p, task);
    return COR_OK;
}

/* A committed leaf's task holds nothing any more when its gradient moved, so this looks at all leaves. */
static int tell_leaves(const pass *p) {
    for (const cor__task *task = p->tasks.first_leaf; task != NULL; task = task->next_leaf)
        if (task->leaf->hooks != NULL && cor__hooks_accumulated(task->leaf) != COR_OK) return cor_error();
    return COR_OK;
}

/* ---- the pass --------------------------------------------------------------------------------------------------- */

static int start(pass *p, cor_tensor *const *roots, cor_tensor *const *grads, int n) {
    if (is_selective(p) && select_nodes(p, roots, n) != COR_OK) return cor_error();
    for (int i = 0; i < n; i++) {
        cor__node *node = cor__grad_fn(roots[i]);
        if (cor_error() != COR_OK) return cor_error();
        cor_tensor *leaf = node == NULL ? roots[i] : NULL;
        if (send(p, node, leaf, node == NULL ? 0 : roots[i]->output, cor__retain(grads[i])) != COR_OK)
            return cor_error();
    }
    return COR_OK;
}

static int walk(pass *p) {
    for (cor__task *task; cor_error() == COR_OK && (task = cor__tasks_next(&p->tasks)) != NULL;) {
        run_node(p, task);
        cor__task_free(task);
    }
    return cor_error();
}

int cor__pass_run(cor_tensor *const *roots, cor_tensor *const *grads, int n, const cor__pass_options *options) {
    pass p = {.options = options};
    bool before __attribute__((cleanup(cor_grad_mode_restore), unused)) = cor_set_grad_enabled(options->create_graph);
    if (start(&p, roots, grads, n) == COR_OK && walk(&p) == COR_OK && each_leaf(&p, prepare_leaf) == COR_OK &&
        each_leaf(&p, finish_leaf) == COR_OK && !is_selective(&p))
        tell_leaves(&p);
    cor__tasks_free(&p.tasks);
    for (int i = 0; cor_error() != COR_OK && i < options->n_captures; i++) {
        cor__release(options->captures[i].grad);
        options->captures[i].grad = NULL;
    }
    return cor_error();
}
