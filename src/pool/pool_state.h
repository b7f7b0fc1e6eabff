/* The inside of a pool, for the files of this folder: pool.c (admission and dispatch) stands on pool_end.c
 * (cancelling and ending) and pool_time.c (whatever waits for a time), and all three on this.
 *
 * Functions whose names end in _locked want the lock held. Whom to wake is collected under the lock and
 * carried out after it (struct pool_wakes), so nobody wakes up only to wait for it.
 */
#ifndef JOBPOOL_POOL_POOL_STATE_H
#define JOBPOOL_POOL_POOL_STATE_H

#include "pool/pool.h"
#include "pool/slots.h"

#include <pthread.h>

struct pool_worker {
    unsigned running;        /* tasks that it runs and that have a slot */
    bool idle;               /* it got NULL from take and was not woken since */
    bool absent;             /* it could not be had */
    struct list_node orders; /* its running tasks with an order (task.in_orders) */
    struct list_node
        lanes; /* ready tasks whose chunk goes on in the slot that this worker holds (task.in_queue) */
};

struct pool {
    pthread_mutex_t lock;
    struct pool_config config;
    struct executor *executor;
    struct pool_worker *workers;
    unsigned workers_present;      /* all but those that could not be had */
    unsigned worker_cap;           /* most tasks that one worker runs at a time */

    struct queue queue;            /* TASK_READY that want a slot */
    struct list_node daemons;      /* TASK_READY that want none */
    struct heap scheduled;         /* TASK_SCHEDULED by due.ns, then seq: due on the monotonic clock */
    struct heap scheduled_by_clock; /* the same: due by the wall clock */
    struct list_node all;          /* every task that has not ended */
    struct list_node *lanes; /* by slot: the rest of the chunk that runs there; NULL until one is used */
    uint64_t chunk;          /* of the task that became ready last, if it has one, */
    unsigned chunk_slot;     /* and the slot that the chunk has; 0: none */
    struct slots slots;

    uint64_t counts[TASK_STATES];
    uint64_t last_seq;
    uint64_t retried, not_found, not_executable, ignored;
    uint64_t splits;
    uint64_t succeeded, failed;    /* ended tasks that count for --halt */
    uint64_t live_daemons, running_daemons;
    size_t waiting;                /* ready or scheduled tasks that count for max_queue */
    size_t waiting_bytes;
    int64_t next_start_ns;         /* nothing starts before (--delay) */

    bool closed;
    bool paused;
    bool suspended;
    bool stopped;                  /* pool_end_all: nothing starts any more */
    bool halted;
    unsigned starting;             /* tasks that were taken and are not started yet */
    bool wants_room;               /* the main thread found no room: notify when there is */
    struct event_list events;
    struct event_list held; /* what the end of all brought, until nothing is starting (see pool_end_locked) */
    bool notified;                 /* notify was called and pool_drain was not, since */
};

/* What is to be done once the lock is given back. */
struct pool_wakes {
    uint64_t workers; /* one bit each; there are at most 64 */
    bool main;
};

#define POOL_MAX_WORKERS 64u

/* Gives the lock back and wakes. */
void pool_unlock(struct pool *p, const struct pool_wakes *w);

/* Puts the task's last transition into a list. */
void pool_event_add(struct event_list *list, struct task *t, enum task_state from, int64_t real_ns);
/* The same for the pool's own list, if the event is one that is kept. While nothing may start any more,
 * ends that were asked for are told behind the starts that were decided before. */
void pool_event_locked(struct pool *p, struct task *t, enum task_state from, int64_t real_ns,
                       struct pool_wakes *w);
/* A task that was taken is started, or never will be. */
void pool_not_starting_locked(struct pool *p, struct pool_wakes *w);

/* Changes the state and the counts. */
void pool_become_locked(struct pool *p, struct task *t, enum task_state to);
/* What every task gets when it enters, whether it was submitted or is a further firing; in no queue yet. */
void pool_prepare_locked(struct pool *p, struct task *t, int64_t real_ns);
/* Its first state: counted, in no queue yet. */
void pool_admit_locked(struct pool *p, struct task *t, enum task_state state);
/* Puts a ready task where it is taken from: the lane of the slot that its chunk has, or the queue. */
void pool_enqueue_locked(struct pool *p, struct task *t, int64_t mono_ns);
/* Puts a ready task, in no queue, behind those that wait for `slot`. */
void pool_enter_lane_locked(struct pool *p, struct task *t, unsigned slot);
/* Where a scheduled task waits. */
struct heap *pool_heap_of(struct pool *p, const struct task *t);
/* A scheduled task, or one to be tried again, becomes ready. */
void pool_make_ready_locked(struct pool *p, struct task *t, int64_t mono_ns);

bool pool_has_room_locked(const struct pool *p);
/* At half the bound the main thread is told, so that it refills many at a time. */
void pool_check_room_locked(struct pool *p, struct pool_wakes *w);

/* May anything start now? */
bool pool_may_start_locked(const struct pool *p, int64_t mono_ns);
/* How many slots a task takes: as many as it asks for, at most all; a daemon none. */
unsigned pool_width(const struct pool *p, const struct task *t);
bool pool_can_take_locked(const struct pool *p, const struct pool_worker *worker);
/* Picks one free worker to wake, if something can start. */
void pool_wake_one_locked(struct pool *p, int64_t mono_ns, struct pool_wakes *w);

/* The slots of `t` go to the next task of its chunk, or back. */
void pool_pass_slots_locked(struct pool *p, struct task *t);
/* The task has ended: outcome is set. Its state, counts, event; the pool lets go of it. */
void pool_ended_locked(struct pool *p, struct task *t, int64_t real_ns, struct pool_wakes *w);

#endif
