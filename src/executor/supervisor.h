/* The process executor: supervisor threads that start commands, read their output and reap them. */
#ifndef JOBPOOL_EXECUTOR_SUPERVISOR_H
#define JOBPOOL_EXECUTOR_SUPERVISOR_H

#include "executor/executor.h"
#include "executor/term_seq.h"
#include "os/cgroup.h"
#include "os/signals.h"

struct supervisor_config {
    unsigned workers;              /* threads, at most */
    const struct signals *signals; /* what tasks inherit */
    char *const *environment;      /* base environment; JOBPOOL_RUN is in it */
    const char *run;               /* value of JOBPOOL_RUN */
    const struct cgroup *cgroup;   /* where tasks are born; NULL: in our own group */
    struct spool *spool;
    int64_t timeout_ns;            /* defaults for specs that do not say */
    int64_t kill_after_ns;
    struct term_seq term_seq;      /* instead of TERM and kill_after_ns, if it has any step */
    int64_t max_output;            /* 0: no bound */
    bool every_byte;               /* text output: every byte is kept, whatever objects show */
    bool live;                     /* every task is followed: its output is told as it comes */
    bool shows_output;             /* objects show the output of followed tasks too */
    bool keeps_output;             /* every byte is kept, of followed tasks too */
    bool ungroup;                  /* tasks write to jobpool's own stdout and stderr */
    int nice;
    const char *cwd;               /* NULL: jobpool's own */
    const char *input_file;        /* stdin of specs that do not say; NULL: /dev/null */
    int input_fd;                  /* the same as an open descriptor; -1: none */
    bool gnu_variables;            /* tasks get PARALLEL_SEQ and PARALLEL_JOBSLOT too */
    const char *slot_variable;     /* name of one more variable: the slot's number, from 0; or NULL */
};

/* Starts the first worker; the others begin when they are first woken. NULL with *err on failure. config and
 * dispatcher are copied, what they point to is not. */
struct executor *supervisor_start(const struct supervisor_config *config, const struct dispatcher *dispatcher,
                                  struct error *err);

/* Orphans were reaped: whoever waits for the end of a task's leftovers looks again. Thread-safe. */
void supervisor_orphans_reaped(struct executor *e);

#endif
