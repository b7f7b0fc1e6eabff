/* The queue of ready tasks and the policies that order it. Ties break by sequence number. Not thread-safe:
 * the pool's lock is around it. on_quantum serves policies with time slices; NULL for those that have
 * none.
 */
#ifndef JOBPOOL_TASK_QUEUE_H
#define JOBPOOL_TASK_QUEUE_H

#include "task/task.h"

struct queue;

struct queue_policy {
    const char *name; /* "fifo" */
    void (*push)(struct queue *q, struct task *t);
    struct task *(*peek)(const struct queue *q);            /* NULL when empty */
    void (*remove)(struct queue *q, struct task *t);
    void (*on_quantum)(struct queue *q, struct task *t);
};

struct queue {
    const struct queue_policy *policy;
    struct list_node list;
    struct heap heap;
    size_t len;
    size_t bytes; /* sum of task->size */
};

/* fifo: first come, first served; lifo; priority: lower number first. NULL for an unknown name. */
const struct queue_policy *queue_policy_find(const char *name);
const char *queue_policy_names(void); /* "fifo, lifo, priority" */

void queue_init(struct queue *q, const struct queue_policy *policy);
void queue_fini(struct queue *q); /* tasks are not touched */
void queue_push(struct queue *q, struct task *t);
struct task *queue_peek(const struct queue *q);
struct task *queue_pop(struct queue *q);
void queue_remove(struct queue *q, struct task *t);

#endif
