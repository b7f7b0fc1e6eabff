/* The queue and its policies. fifo and lifo keep a list, priority keeps a heap; the counters are kept here
 * for all.
 */
#include "task/queue.h"

#include <string.h>

static void push_back(struct queue *q, struct task *t)
{
    list_push_back(&q->list, &t->in_queue);
}

static void push_front(struct queue *q, struct task *t)
{
    list_push_front(&q->list, &t->in_queue);
}

static struct task *peek_list(const struct queue *q)
{
    return list_empty(&q->list) ? NULL : list_entry(q->list.next, struct task, in_queue);
}

static void remove_from_list(struct queue *q, struct task *t)
{
    (void)q;
    list_remove(&t->in_queue);
}

static void push_heap(struct queue *q, struct task *t)
{
    heap_insert(&q->heap, &t->in_heap);
}

static struct task *peek_heap(const struct queue *q)
{
    struct heap_node *first = heap_min(&q->heap);
    return first ? list_entry(first, struct task, in_heap) : NULL;
}

static void remove_from_heap(struct queue *q, struct task *t)
{
    heap_remove(&q->heap, &t->in_heap);
}

static bool goes_first(const struct heap_node *a, const struct heap_node *b)
{
    const struct task *x = list_entry(a, const struct task, in_heap);
    const struct task *y = list_entry(b, const struct task, in_heap);
    if (x->spec->priority != y->spec->priority)
        return x->spec->priority < y->spec->priority;
    return x->seq < y->seq;
}

static const struct queue_policy policies[] = {
    {"fifo", push_back, peek_list, remove_from_list, NULL},
    {"lifo", push_front, peek_list, remove_from_list, NULL},
    {"priority", push_heap, peek_heap, remove_from_heap, NULL},
};

const struct queue_policy *queue_policy_find(const char *name)
{
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        if (strcmp(policies[i].name, name) == 0)
            return &policies[i];
    return NULL;
}

const char *queue_policy_names(void)
{
    return "fifo, lifo, priority";
}

void queue_init(struct queue *q, const struct queue_policy *policy)
{
    *q = (struct queue){.policy = policy};
    list_init(&q->list);
    heap_init(&q->heap, goes_first);
}

void queue_fini(struct queue *q)
{
    heap_fini(&q->heap);
    list_init(&q->list);
    q->len = q->bytes = 0;
}

void queue_push(struct queue *q, struct task *t)
{
    q->policy->push(q, t);
    q->len++;
    q->bytes += t->size;
}

struct task *queue_peek(const struct queue *q)
{
    return q->policy->peek(q);
}

struct task *queue_pop(struct queue *q)
{
    struct task *t = queue_peek(q);
    if (t)
        queue_remove(q, t);
    return t;
}

void queue_remove(struct queue *q, struct task *t)
{
    q->policy->remove(q, t);
    q->len--;
    q->bytes -= t->size;
}
