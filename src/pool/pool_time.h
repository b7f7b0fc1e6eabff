/* Whatever waits for a time; pool_tick is in pool.h. */
#ifndef JOBPOOL_POOL_POOL_TIME_H
#define JOBPOOL_POOL_POOL_TIME_H

#include "pool/pool_state.h"

/* The order of the scheduled tasks: by due time, then seq. */
bool pool_due_less(const struct heap_node *a, const struct heap_node *b);
/* A task in TASK_SCHEDULED waits until then. */
void pool_schedule_locked(struct pool *p, struct task *t, struct due due);
/* The same, until the first start that its spec asks for. */
void pool_schedule_first_locked(struct pool *p, struct task *t, int64_t mono_ns);
/* Schedules the next firing of a repeated task that has ended; false: there is none. The event of its
 * submission goes behind `events` at once, so nobody can take the ended firing for the last one. Main
 * thread, no lock held. */
bool pool_refire(struct pool *p, struct task *ended, struct event_list *events, int64_t mono_ns,
                 int64_t real_ns);

#endif
