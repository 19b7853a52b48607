/* tasks.c: the table and the queue of a backward pass. */
#include "autograd/tasks.h"
#include "base/error.h"
#include "base/memory.h"

/* ---- tasks ------------------------------------------------------------------------------------------------------ */

static cor__task *make_task(cor__node *node, cor_tensor *leaf) {
    cor__task *task = cor__alloc_zero(sizeof *task, "a step of a backward pass");
    if (task == NULL) return NULL;
    task->key = node != NULL ? (const void *)node : leaf;
    task->node = node;
    task->leaf = leaf;
    task->n_grads = node != NULL ? node->n_results : 1;
    task->grads = &task->one;
    if (task->n_grads <= 1) return task;
    task->grads = cor__alloc_zero((size_t)task->n_grads * sizeof *task->grads, "the gradients of a node");
    if (task->grads != NULL) return task;
    cor__free(task, sizeof *task);
    return NULL;
}

void cor__task_free(cor__task *task) {
    for (int k = 0; k < task->n_grads; k++) cor__release(task->grads[k]);
    if (task->n_grads > 1) cor__free(task->grads, (size_t)task->n_grads * sizeof *task->grads);
    cor__free(task, sizeof *task);
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

/* Multiplication by the golden ratio spreads addresses that differ in few bits (Knuth, vol. 3, 6.4). */
static size_t home(const cor__tasks *tasks, const void *key) {
    const uint64_t hash = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;
    return (size_t)(hash >> 32) & (tasks->capacity - 1);
}

static size_t slot_of(const cor__tasks *tasks, const void *key) {
    size_t at = home(tasks, key);
    while (tasks->slots[at] != NULL && tasks->slots[at]->key != key) at = (at + 1) & (tasks->capacity - 1);
    return at;
}

cor__task *cor__tasks_find(const cor__tasks *tasks, const void *key) {
    return tasks->capacity == 0 ? NULL : tasks->slots[slot_of(tasks, key)];
}

static int grow(cor__tasks *tasks) {
    const cor__tasks before = *tasks;
    const size_t capacity = before.capacity == 0 ? 32 : 2 * before.capacity;
    cor__task **slots = cor__alloc_zero(capacity * sizeof *slots, "the table of a backward pass");
    if (slots == NULL) return cor_error();
    tasks->slots = slots;
    tasks->capacity = capacity;
    for (size_t i = 0; i < before.capacity; i++)
        if (before.slots[i] != NULL) slots[slot_of(tasks, before.slots[i]->key)] = before.slots[i];
    cor__free(before.slots, before.capacity * sizeof *before.slots);
    return COR_OK;
}

cor__task *cor__tasks_get(cor__tasks *tasks, cor__node *node, cor_tensor *leaf) {
    const void *key = node != NULL ? (const void *)node : leaf;
    cor__task *task = cor__tasks_find(tasks, key);
    if (task != NULL) return task;
    if (2 * (tasks->count + 1) > tasks->capacity && grow(tasks) != COR_OK) return NULL;
    task = make_task(node, leaf);
    if (task == NULL) return NULL;
    tasks->slots[slot_of(tasks, key)] = task;
    tasks->count++;
    if (leaf == NULL) return task;
    if (tasks->first_leaf == NULL) tasks->first_leaf = task;
    else tasks->last_leaf->next_leaf = task;
    tasks->last_leaf = task;
    return task;
}

/* Closes the gap: those that follow move back where their way from home leads over it (Knuth's algorithm 6.4R). */
static void take_out(cor__tasks *tasks, const cor__task *task) {
    const size_t mask = tasks->capacity - 1;
    size_t gap = slot_of(tasks, task->key);
    for (size_t at = (gap + 1) & mask; tasks->slots[at] != NULL; at = (at + 1) & mask) {
        const size_t start = home(tasks, tasks->slots[at]->key);
        if (((at - start) & mask) < ((at - gap) & mask)) continue;
        tasks->slots[gap] = tasks->slots[at];
        gap = at;
    }
    tasks->slots[gap] = NULL;
    tasks->count--;
}

void cor__tasks_free(cor__tasks *tasks) {
    for (size_t i = 0; i < tasks->capacity; i++)
        if (tasks->slots[i] != NULL) cor__task_free(tasks->slots[i]);
    cor__free(tasks->slots, tasks->capacity * sizeof *tasks->slots);
    cor__free(tasks->queue, tasks->queue_capacity * sizeof *tasks->queue);
}

/* ---- the queue -------------------------------------------------------------------------------------------------- */

int cor__tasks_queue(cor__tasks *tasks, cor__task *task) {
    if (task->queued) return COR_OK;
    if (tasks->queued == tasks->queue_capacity) {
        const size_t before = tasks->queue_capacity * sizeof *tasks->queue;
        const size_t capacity = tasks->queue_capacity == 0 ? 16 : 2 * tasks->queue_capacity;
        cor__task **queue =
            cor__realloc(tasks->queue, before, capacity * sizeof *queue, "the queue of a backward pass");
        if (queue == NULL) return cor_error();
        tasks->queue = queue;
        tasks->queue_capacity = capacity;
    }
    size_t at = tasks->queued++;
    for (size_t up = (at - 1) / 2; at > 0 && tasks->queue[up]->node->number < task->node->number; up = (at - 1) / 2) {
        tasks->queue[at] = tasks->queue[up];
        at = up;
    }
    tasks->queue[at] = task;
    task->queued = true;
    return COR_OK;
}

cor__task *cor__tasks_next(cor__tasks *tasks) {
    if (tasks->queued == 0) return NULL;
    cor__task *first = tasks->queue[0], *last = tasks->queue[--tasks->queued];
    size_t at = 0;
    for (size_t down = 1; down < tasks->queued; down = 2 * at + 1) {
        if (down + 1 < tasks->queued && tasks->queue[down + 1]->node->number > tasks->queue[down]->node->number) down++;
        if (tasks->queue[down]->node->number <= last->node->number) break;
        tasks->queue[at] = tasks->queue[down];
        at = down;
    }
    if (tasks->queued > 0) tasks->queue[at] = last;
    take_out(tasks, first);
    return first;
}
