/* tasks.h: what a backward pass has yet to do: the nodes and leaves that gradients were sent to, found by their
 * address, and the nodes in the order of their turns. */
#ifndef COR_AUTOGRAD_TASKS_H
#define COR_AUTOGRAD_TASKS_H

#include "graph/node.h"

typedef struct cor__task {
    const void *key;    /* the node or the leaf */
    cor__node *node;    /* borrowed; NULL for a leaf */
    cor_tensor *leaf;   /* borrowed; NULL for a node */
    bool queued;        /* waits for its turn */
    bool wanted;        /* its formula is to run, or the leaf to get its gradient */
    bool captured;      /* the caller asked for a gradient of its outputs */
    int n_grads;        /* one for each output of the node, one for the leaf */
    cor_tensor **grads; /* owned; NULL where none came */
    cor_tensor *one;    /* room for grads of one */
    struct cor__task *next_leaf;
} cor__task;

typedef struct cor__tasks {
    cor__task **slots; /* open addressing, linear probing */
    size_t capacity, count;
    cor__task **queue; /* a heap: the node with the largest number first */
    size_t queue_capacity, queued;
    cor__task *first_leaf, *last_leaf; /* in the order they were met */
} cor__tasks;

/* The task of a node (leaf NULL) or a leaf (node NULL); NULL when there is none. */
cor__task *cor__tasks_find(const cor__tasks *tasks, const void *key);

/* The same, made when there is none. NULL with COR_ENOMEM pending. */
cor__task *cor__tasks_get(cor__tasks *tasks, cor__node *node, cor_tensor *leaf);

/* Queues a node's task, once. COR_OK or COR_ENOMEM. */
int cor__tasks_queue(cor__tasks *tasks, cor__task *task);

/* Takes the node whose turn it is out of the queue and the table; the caller frees the task. NULL when none waits. */
cor__task *cor__tasks_next(cor__tasks *tasks);

void cor__task_free(cor__task *task);

/* Frees all tasks and the gradients they hold. */
void cor__tasks_free(cor__tasks *tasks);

#endif
