/* One attempt of a command as a state machine: what happened goes in, what is to be done comes out. Pure:
 * no process, no clock; tested in virtual time.
 *
 *   RUNNING ──stop──▶ STOPPING ──kill_after, or the steps of --term-seq──▶ KILLED
 *      └──────root seen dead────────┴─────────────┴──▶ DRAINING ──▶ CLEARING ──▶ OVER
 *
 * DRAINING waits for the pipes to end, at most ATTEMPT_DRAIN_NS. CLEARING ends what is left of the task:
 * TERM, then KILL; it lasts until nothing is left or ATTEMPT_CLEAR_NS after the KILL. The root stays an
 * unreaped zombie until OVER, so that its number and its group's cannot be reused while signals may
 * follow.
 */
#ifndef JOBPOOL_EXECUTOR_ATTEMPT_H
#define JOBPOOL_EXECUTOR_ATTEMPT_H

#include "base/duration.h"
#include "base/error.h"
#include "executor/term_seq.h"

#include <stdbool.h>
#include <stdint.h>

#define ATTEMPT_DRAIN_NS (100 * NS_PER_MS)
#define ATTEMPT_CLEAR_NS (100 * NS_PER_MS)

enum attempt_phase {
    ATTEMPT_RUNNING,
    ATTEMPT_STOPPING,
    ATTEMPT_KILLED,
    ATTEMPT_DRAINING,
    ATTEMPT_CLEARING,
    ATTEMPT_OVER,
};

/* What the caller has to do after a call, in this order; several may be set. */
enum attempt_action {
    ATTEMPT_DO_NOTHING = 0,
    ATTEMPT_DO_TERM = 1,    /* `signal`, most often TERM, then CONT, to the tree */
    ATTEMPT_DO_KILL = 2,    /* KILL to the tree */
    ATTEMPT_DO_STOP = 4,    /* STOP to the tree (suspend) */
    ATTEMPT_DO_CONT = 8,    /* CONT to the tree (resume) */
    ATTEMPT_DO_LOOK = 16,   /* find out whether anything is left, and call attempt_looked */
    ATTEMPT_DO_FINISH = 32, /* close the pipes, reap, report */
};

struct attempt {
    enum attempt_phase phase;
    enum error_code why;       /* what its end was asked for; ERR_NONE: it ended by itself */
    int64_t timeout_ns;        /* 0: none */
    int64_t kill_after_ns;     /* 0: KILL never follows TERM by itself */
    const struct term_seq *seq; /* the signals that end it; NULL: TERM, after kill_after_ns KILL */
    int step;                  /* of the sequence: the next one */
    int signal;                /* for ATTEMPT_DO_TERM */
    int64_t due_ns;            /* when attempt_timer is to be called; 0: never */
    int64_t suspended_ns;      /* since when it is suspended; 0: it is not */
    int64_t kill_due_ns;       /* STOPPING and CLEARING: when KILL follows */
    int open_pipes;
    bool dead;                 /* the root was seen dead */
    bool left;                 /* something was left at the last look */
    bool leaked;               /* something was left after a root that ended by itself */
    bool killed;               /* KILL was sent */
};

void attempt_init(struct attempt *a, int64_t now_ns, int64_t timeout_ns, int64_t kill_after_ns, int pipes);
/* Ends it by these signals instead of TERM and KILL; the sequence must last as long as the attempt. */
void attempt_set_sequence(struct attempt *a, const struct term_seq *seq);
/* Its end is asked for: `why` is ERR_CANCELLED, ERR_SHUTDOWN, …; kill: at once. A root that is dead
 * already ended by itself: only the pace changes. */
unsigned attempt_stop(struct attempt *a, enum error_code why, bool kill, int64_t now_ns);
unsigned attempt_suspend(struct attempt *a, int64_t now_ns);
unsigned attempt_resume(struct attempt *a, int64_t now_ns);
/* due_ns has come. (The timeout is the machine's own: it asks for the end itself, with ERR_TIMEOUT.) */
unsigned attempt_timer(struct attempt *a, int64_t now_ns);
unsigned attempt_root_dead(struct attempt *a, int64_t now_ns);
unsigned attempt_pipe_ended(struct attempt *a);
unsigned attempt_looked(struct attempt *a, bool left, int64_t now_ns);

#endif
