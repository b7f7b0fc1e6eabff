/* The inside of the process executor, for supervisor.c (the threads) and run.c (a task on its way through one).
 *
 *   take ──▶ run_begin ──▶ [pidfd, pipes, timer] ──▶ attempt says FINISH ──▶ reap, done ──▶ take …
 *
 * A run lives from take to done; its task is its thread's alone meanwhile, but for state and orders, which are the
 * pool's.
 */
#ifndef JOBPOOL_EXECUTOR_RUN_H
#define JOBPOOL_EXECUTOR_RUN_H

#include "base/list.h"
#include "executor/attempt.h"
#include "executor/command.h"
#include "executor/feeder.h"
#include "executor/intake.h"
#include "os/poll.h"

#include <pthread.h>
#include <stdatomic.h>

struct supervisor {
    pthread_t thread;
    struct supervisors *all;
    unsigned number;
    struct poll *poll;
    struct commander commander;
    struct list_node runs;
    struct list_node spare;   /* runs to be used again */
    bool finished_one;        /* since the last take, or could start at last: ask for the next task */
    struct run *short_run;    /* waits for the machine to have room */
    bool short_suspended;     /* and is not tried meanwhile */
    int64_t short_since_ns;   /* 0: the last start succeeded */
    int64_t short_wait_ns;
    char scratch[SPOOL_PIECE];
};

struct supervisors {
    struct executor base;
    struct supervisor_config config;
    struct dispatcher dispatcher;
    _Atomic(struct supervisor *) *threads; /* by number; NULL: not begun */
    pthread_mutex_t beginning;
    atomic_bool stopping; /* set under `beginning`: no thread is started any more */
    atomic_uint reaps;   /* how often orphans were reaped, */
    atomic_uint follows; /* how often who is followed, whether they are read, or what feeders have has changed */
    atomic_bool hold;    /* they are not */
    atomic_uint active; /* started tasks of all threads */
};

/* One task on its way through this supervisor. */
struct run {
    struct list_node node;
    struct supervisor *supervisor;
    struct task *task;
    struct attempt attempt;
    struct command command;
    struct poll_watch exited;
    struct poll_watch out;
    struct poll_watch err;
    struct poll_timer timer;
    struct poll_timer patience; /* when it expires the pipes are watched */
    struct intake intake;
    struct feeder feeder;
    int64_t timeout_ns;
    bool started;
    bool watches_pipes;
    bool told_to_end; /* by an order; else a timeout is its own */
    char id[TASK_ID_SIZE];
};

/* Takes a task that the pool has given out, and starts it; it may have ended by then. */
void run_begin(struct supervisor *s, struct task *t);
/* Carries out an order of the pool. */
void run_obey(struct run *r, enum task_order order);
/* Orphans are gone: it looks again whether anything of its task is left. */
void run_look(struct run *r);
/* Who is followed has changed, or whether what they write is read, or what there is to give to tasks. */
void run_follow(struct run *r);

#endif
