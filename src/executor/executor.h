/* Executors: how tasks are run. An executor has workers (threads) that pull tasks from a dispatcher (the
 * pool) and give them back ended. It knows the pool only through `struct dispatcher`, so that the layers
 * stay apart.
 */
#ifndef JOBPOOL_EXECUTOR_EXECUTOR_H
#define JOBPOOL_EXECUTOR_EXECUTOR_H

#include "base/error.h"
#include "task/event.h"
#include "task/task.h"

#include <stdint.h>
#include <sys/types.h>

/* What an executor sees of the pool. All are thread-safe, take the pool's lock for a moment, and never block
 * otherwise. `worker` is 0 … workers-1. */
struct dispatcher {
    void *pool;
    /* The next task to run, now TASK_RUNNING, with its slot; NULL if there is none for this worker now: it
     * will be woken. A worker asks again until it gets NULL. */
    struct task *(*take)(void *pool, unsigned worker, int64_t now_ns);
    /* The process of an attempt was started. */
    void (*started)(void *pool, struct task *task, pid_t pid, int64_t real_ns);
    /* Output of a followed task, which the pool takes. */
    void (*output)(void *pool, struct task *task, struct live_output *output);
    /* An attempt ended: task->outcome is complete. The task is the pool's from here on. */
    void (*done)(void *pool, struct task *task, int64_t now_ns);
    /* A running task of this worker that has an order, or NULL. Clears task->order into *order. */
    struct task *(*next_order)(void *pool, unsigned worker, enum task_order *order);
    /* An order to suspend (true) or resume (false) was carried out. */
    void (*suspended)(void *pool, struct task *task, bool is_suspended);
    /* A worker that was woken cannot be had, and has taken nothing: the others do its share. */
    void (*absent)(void *pool, unsigned worker);
};

struct executor;

struct executor_ops {
    /* Thread-safe: makes this worker look for tasks and orders. */
    void (*wake)(struct executor *e, unsigned worker);
    /* Main thread: the output of this task, which runs (or did), is wanted as it comes, of this attempt and of
     * further ones. */
    void (*follow)(struct executor *e, struct task *task);
    /* Main thread: output of followed tasks is not read while `hold`, so that they wait in their writes. */
    void (*hold)(struct executor *e, bool hold);
    /* Main thread: a block has come for tasks that wait for one. */
    void (*feed)(struct executor *e);
    /* Ends the workers once they have no task, joins them and frees all. Blocks. */
    void (*stop)(struct executor *e);
};

/* Each kind of executor begins with this. */
struct executor {
    const struct executor_ops *ops;
    unsigned workers;
};

static inline void executor_wake(struct executor *e, unsigned worker)
{
    e->ops->wake(e, worker);
}

static inline void executor_follow(struct executor *e, struct task *task)
{
    e->ops->follow(e, task);
}

static inline void executor_feed(struct executor *e)
{
    e->ops->feed(e);
}

static inline void executor_hold(struct executor *e, bool hold)
{
    e->ops->hold(e, hold);
}

#endif
