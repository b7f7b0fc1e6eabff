/* A task: one unit of work on its way from a source to its result.
 *
 * Who may touch what: `spec`, `args`, `id`, `seq` never change after submission. State, attempt and the
 * places in queue, heap and lists belong to the pool and change under its lock. What an attempt produced
 * (struct outcome) belongs to the supervisor that runs it, from pool_take to pool_done, and to the main
 * thread from the event that says it ended. References are counted by the main thread alone. A task that is split
 * gives a part of its `args` away, under the pool's lock, before it is ready again.
 */
#ifndef JOBPOOL_TASK_TASK_H
#define JOBPOOL_TASK_TASK_H

#include "base/error.h"
#include "base/heap.h"
#include "base/list.h"
#include "task/capture.h"
#include "task/input.h"
#include "task/spec.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

enum task_state {
    TASK_SCHEDULED, /* waits for a time (or, later, other tasks) */
    TASK_READY,
    TASK_RUNNING,
    TASK_SUSPENDED,
    TASK_SUCCEEDED,
    TASK_FAILED,
    TASK_TIMED_OUT,
    TASK_CANCELLED,
    TASK_LOST,
    TASK_SKIPPED,
    TASK_STATES /* how many there are */
};

/* What a supervisor is asked to do with a running task; a later one replaces a weaker earlier one. */
enum task_order {
    ORDER_NONE,
    ORDER_RESUME,  /* continue its processes and its timers */
    ORDER_SUSPEND, /* stop them */
    ORDER_TIMEOUT, /* its time is over: as ORDER_STOP, and the attempt itself has timed out */
    ORDER_STOP,    /* TERM to its tree, after kill_after KILL */
    ORDER_KILL,    /* KILL to its tree */
};

/* What one attempt ended with. */
struct outcome {
    enum error_code code;  /* ERR_NONE: it succeeded */
    int exit_code;         /* -1: none */
    int signal;            /* 0: none */
    char *message;         /* error.message; NULL if code is ERR_NONE */
    struct capture out;
    struct capture err;
    bool told;             /* what it wrote was told by events as it came; out and err may have none of it */
    bool too_long;         /* it could not be started because its arguments were too long (E2BIG) */
    bool leaked;           /* something of it was left and had to be ended */
    pid_t pid;             /* 0: never started */
    int64_t started_ns;    /* monotonic */
    int64_t finished_ns;
    int64_t started_real_ns;
    int64_t finished_real_ns;
    int64_t user_us;
    int64_t sys_us;
    int64_t max_rss_kib;   /* -1: unknown */
};

struct task {
    unsigned refs;
    uint64_t seq;            /* 1 for the first task of a pool; a resumed run leaves numbers out */
    uint64_t place;          /* 1, 2, 3 …: its place among the tasks of this run */
    uint64_t digest;         /* of all that makes it this task (task_digest); 0: nobody asked */
    char *id;                /* NULL: seq in decimal */
    struct spec *spec;
    struct words args;       /* the values of this task's replacement strings */
    size_t width;            /* of `args`, so many belong to one item; 0: it is never split (pool/split.h) */
    uint64_t next_place;     /* the one behind it in the order of results, if it was split; 0: place + 1 */
    struct input *input;     /* its own stdin; NULL: what the spec says. Set before it is submitted */
    struct rendering rendering; /* what is executed; made when it starts */

    enum task_state state;
    unsigned attempt;        /* 1 for the first; 0: never started */
    int64_t retries_left;
    int64_t failures;        /* attempts that failed and were followed by another */
    unsigned slot;           /* 0: none */
    unsigned *more_slots;    /* a task that takes several: the others */
    unsigned more_slots_len;
    unsigned worker;         /* the supervisor that runs it */
    bool holds_slot;         /* ready, and the slot of its chunk is already its own */
    pid_t pid; /* while it runs: its process, 0 before the spawn (outcome.pid is the supervisor's) */
    int64_t running_real_ns; /* while it runs: since when */
    int64_t begun_ns;        /* the same, monotonic; time that it was suspended is added */
    int64_t suspended_ns;    /* monotonic; while it is suspended: since when */
    int64_t timeout_ns;      /* while it runs: what the pool's order to time out goes by */
    uint64_t chunk;          /* tasks with the same number ≠ 0 share a slot, one after another */
    enum task_order order;   /* asked of the supervisor, not collected yet */
    enum error_code why;     /* why its end was asked: ERR_CANCELLED, ERR_SHUTDOWN, ERR_HALTED, ERR_TIMEOUT */
    bool yields;             /* it is being ended to run again later; `why` is ERR_LOST */
    enum error_code then;    /* why somebody wants it to end all the same */
    bool held;               /* it is suspended until there is room for it (pool_hold_but) */
    bool due_again;          /* its timer fires again (see pool/timers) */
    int64_t fired;           /* which firing it is, from 1; 0: not repeated */
    int64_t missed;          /* firings passed over before this one */
    int64_t from_ns;         /* monotonic; what the delay before its first start counts from; 0: its submission */
    int64_t fire_ns;         /* monotonic; when this firing was due (`due` moves on with retries); of one that is
                              * due by the wall clock, when it turned out to be */
    int64_t submitted_real_ns;
    int64_t ready_ns;        /* monotonic; when it last became ready */
    struct due due;          /* when it leaves TASK_SCHEDULED */
    size_t size;             /* bytes that it counts in the queue's bound */
    void *owner;             /* the session that submitted it, or NULL */

    struct list_node in_queue;  /* fifo, lifo, chunk of a slot */
    struct heap_node in_heap;   /* priority queue, or scheduled tasks */
    struct list_node in_orders; /* orders waiting for its supervisor */
    struct list_node in_pool;   /* every task that has not ended */
    struct list_node in_running; /* every task that runs, by its start */

    struct outcome outcome;
    void *attempt_state;     /* the executor's own, while it runs */
    atomic_bool followed;    /* its output is wanted as it comes (see executor_follow) */
};

/* A new task with one reference. Takes a reference of `spec`; `args` is moved in (NULL: the spec's own are
 * copied). */
struct task *task_new(struct spec *spec, struct words *args);
struct task *task_ref(struct task *t);
void task_unref(struct task *t); /* frees at the last one */

/* What makes it this task: its number, command and values, what its spec says of stdin, folder and environment.
 * How long it may take, how often and when it is tried, is none of it. `seed` stands for what is said for all. */
uint64_t task_digest(uint64_t seed, uint64_t seq, const struct spec *spec, const struct words *args);

/* The id as text: its own or seq in decimal (written into `text`). */
#define TASK_ID_SIZE 24
const char *task_id(const struct task *t, char text[TASK_ID_SIZE]);

const char *task_state_name(enum task_state state); /* "succeeded", … */
bool task_state_ended(enum task_state state);
bool task_state_runs(enum task_state state); /* it has a process, suspended or not */

/* The transition table: may a task go from one state to the other? */
bool task_may_become(enum task_state from, enum task_state to);
/* Changes the state; aborts on a transition that the table does not have (a bug, never an input). */
void task_become(struct task *t, enum task_state to);

/* The state that an outcome means, given what the pool asked for (task->why). Pure. */
enum task_state outcome_state(const struct outcome *o);
void outcome_fini(struct outcome *o);  /* frees what it holds; then nothing has happened yet */
/* Sets code and message (copied). */
void outcome_fail(struct outcome *o, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Exit status of a one-task command for this task: its own code, 124, 125, 126, 127 or 128+N. */
int task_exit_status(const struct task *t);

#endif
