/* The pool: a queue, a policy, a number of slots. One mutex around queue, states and limits; everything
 * that decides whether something may start is decided in pool_take, so nothing starts after a decision
 * against it.
 *
 * Three kinds of callers: the main thread submits, cancels, ticks and drains events; workers take tasks
 * and give them back (through `struct dispatcher`); nobody else. The pool starts no thread, owns no
 * descriptor and reads no clock: times are handed in, so it is tested in virtual time with a fake
 * executor.
 */
#ifndef JOBPOOL_POOL_POOL_H
#define JOBPOOL_POOL_POOL_H

#include "base/error.h"
#include "executor/executor.h"
#include "pool/halt.h"
#include "task/event.h"
#include "task/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool_config {
    unsigned slots;                    /* ≥ 1 */
    unsigned workers;                  /* threads of the executor, ≤ slots */
    const struct queue_policy *policy;
    size_t max_queue;                  /* tasks that may wait before pool_has_room says no */
    size_t max_queue_bytes;
    int64_t retries;                   /* defaults for specs that do not say */
    int64_t retry_delay_ns;
    int64_t delay_ns;                  /* least time between two starts */
    struct halt_rule halt;
    bool every_event; /* false: only events that end a task, further firings of repeated ones, and what
                       * happens to daemons */
    /* Called, in any thread and under no lock, when the main thread should drain events or refill the
     * queue. */
    void (*notify)(void *context);
    void *notify_context;
};

struct pool;

struct pool *pool_new(const struct pool_config *config);
void pool_free(struct pool *p); /* no task may be running; queued ones are dropped */
/* Tells the pool whom to wake. Before that nothing is woken. */
void pool_set_executor(struct pool *p, struct executor *e);
struct dispatcher pool_dispatcher(struct pool *p);

unsigned pool_slots(const struct pool *p);

/* The pool takes the caller's reference, also on failure. -1 with ERR_CLOSED after pool_close,
 * pool_end_all or halt. The task's seq and times are set here (from_ns, if at all, by the caller). A task
 * whose spec has a schedule waits for its first start. */
int pool_submit(struct pool *p, struct task *t, int64_t mono_ns, int64_t real_ns, struct error *err);
/* Room for one more task? At the bound the caller stops reading; notify comes when it has fallen to half. */
bool pool_has_room(struct pool *p);
/* Room for so many (≥ 1), of which all but the last have `bytes` bytes? Nobody is told when there is. */
bool pool_has_room_for(struct pool *p, size_t tasks, size_t bytes);

/* Starts and ends what time demands (scheduled tasks, retries, repeats, delays). Returns when it wants to be
 * called again: at either time, and whenever the wall clock was set while there is one on it. */
struct pool_times {
    int64_t mono_ns; /* on the monotonic clock; 0: none */
    int64_t real_ns; /* on the wall clock; 0: none */
};
struct pool_times pool_tick(struct pool *p, int64_t mono_ns, int64_t real_ns);

/* Moves the events so far into *events (which the caller has emptied; he owns the array and one reference
 * of the task of each event that ends one: task_unref it after use). Repeated tasks that have ended are
 * scheduled again here; due_again of one whose end is told says afterwards whether it was. */
struct event_list {
    struct event *items;
    size_t len, cap;
};
void pool_drain(struct pool *p, struct event_list *events, int64_t mono_ns, int64_t real_ns);

enum pool_cancel {
    POOL_CANCELLED, /* it had not started, or its end was asked for */
    POOL_RUNNING,   /* it runs and stays (running was false) */
    POOL_ENDED,     /* it has ended before */
};
/* Of a repeated task also all that is still to come. */
enum pool_cancel pool_cancel(struct pool *p, struct task *t, bool running, int64_t mono_ns, int64_t real_ns);
/* This firing only: the timer goes on. */
enum pool_cancel pool_cancel_firing(struct pool *p, struct task *t, bool running, int64_t mono_ns,
                                    int64_t real_ns);

/* Ends everything: what has not started (repeats too) ends with `pending` (ERR_SHUTDOWN, ERR_CANCELLED,
 * ERR_TIMEOUT, ERR_HALTED; ERR_NONE: leave it), what runs is asked to end with `running` (ERR_NONE: leave
 * it), by KILL at once if `kill`. Nothing starts afterwards if pending is set. */
void pool_end_all(struct pool *p, enum error_code pending, enum error_code running, bool kill,
                  int64_t real_ns);

void pool_close(struct pool *p);            /* takes no more tasks */
/* Does it take none: was it closed, ended, or halted? */
bool pool_is_closed(struct pool *p);
void pool_pause(struct pool *p, bool pause, int64_t mono_ns); /* starts nothing while paused */
/* Orders every running task to be suspended or resumed; pool_all_suspended tells when it has happened. */
void pool_suspend(struct pool *p, bool suspend, int64_t mono_ns);
bool pool_all_suspended(struct pool *p);

/* Has everything ended but daemons (repeating tasks count as not ended)? */
bool pool_is_idle(struct pool *p);
/* Is there a task that waits for its turn? */
bool pool_has_waiting(struct pool *p);
/* Does a task run (or is it suspended) that is no daemon? */
bool pool_is_busy(struct pool *p);
/* Is there nothing at all, daemons included? */
bool pool_is_empty(struct pool *p);
/* Ends the daemons. The caller has found that all others have ended. */
void pool_end_daemons(struct pool *p, int64_t real_ns);
bool pool_is_halted(struct pool *p);
void pool_summary(struct pool *p,
                  struct summary *s); /* counts, retried, not_found …; the rest is the caller's */

/* How many tasks there are beyond those that were submitted, because some were split. */
uint64_t pool_splits(struct pool *p);

/* The state of a task that the caller holds a reference of. */
enum task_state pool_task_state(struct pool *p, const struct task *t);
/* Calls `visit` for each running task, under the lock: it must be short and call nothing of the pool. */
void pool_each_running(struct pool *p, void (*visit)(void *context, const struct task *t), void *context);

#endif
