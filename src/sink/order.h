/* -k: things come out in the order of their numbers 1, 2, 3 …, whatever order they come in. What must
 * wait is held as one or two captures (memory within the spool's budget, else the spool), never as a task;
 * so a slow first task costs little memory and no descriptor. Main thread only.
 */
#ifndef JOBPOOL_SINK_ORDER_H
#define JOBPOOL_SINK_ORDER_H

#include "task/event.h"

struct order_item {
    struct capture out; /* for stdout */
    struct capture err; /* for stderr; may be empty */
};

struct order;

/* `emit` gets each item when its turn comes, and takes or finishes the captures. */
struct order *order_new(void (*emit)(void *context, struct order_item *item), void *context);
void order_free(struct order *o); /* what waits is dropped */
/* The item with the number `seq` (each is given exactly once). Moves the captures out of *item. */
void order_put(struct order *o, uint64_t seq, struct order_item *item);
/* Behind `seq`, which has not come yet, it is the turn of `next`, which has a higher number than it should have: a
 * task was split (pool/split.h). */
void order_link(struct order *o, uint64_t seq, uint64_t next);
/* A daemon ends when everything else has, so its number is passed over, and its result comes as it ends. To be shown
 * each event, and asked before each order_put. */
void order_event(struct order *o, const struct event *event);
bool order_has_place(const struct task *task);
/* The sequence number whose turn it is. */
uint64_t order_next(const struct order *o);
size_t order_waiting(const struct order *o);
/* Something that waits could not be spooled and lies in memory beyond the budget: nothing more should
 * start but the task whose turn it is. */
bool order_is_full(const struct order *o);
/* Everything that waits, in order, gaps passed over (at the end of a run that was cut short). */
void order_flush(struct order *o);

#endif
