/* The inside of a run, for runner.c (assembly, loop, end), runner_signals.c and runner_sinks.c. */
#ifndef JOBPOOL_CLI_RUNNER_PRIVATE_H
#define JOBPOOL_CLI_RUNNER_PRIVATE_H

#include "cli/limit_command.h"
#include "cli/runner.h"
#include "executor/supervisor.h"
#include "os/cgroup.h"
#include "os/file_watch.h"
#include "os/gauge.h"
#include "os/guardian.h"
#include "os/signals.h"
#include "pool/gate.h"
#include "sink/callback.h"
#include "sink/sink.h"

#include <ev.h>
#include <stdatomic.h>

#define RUNNER_SINKS 10

/* runner_gate.c's own. */
struct runner_gate {
    unsigned gauges_wanted;
    struct gauges gauges;
    int64_t looked_ns;           /* when the gauges were read last; 0: never */
    bool was_closed;             /* and that nothing was to start then */
    unsigned starts;             /* what the last reading allowed, and is not given away yet, … */
    int64_t starts_until_ns;     /* … until then */
    struct limit_command *limit; /* or NULL */
    int64_t ask_ns;              /* it is not asked before */
    bool told_limit;             /* that it fails was said */
    struct file_watch file;      /* of -j FILE */
    char reason[GATE_REASON];    /* why nothing starts; empty: it may */
    int said_rule;               /* what -v said last, and when */
    int64_t said_ns;
};

struct runner {
    struct runner_setup setup;
    struct ev_loop *loop;
    struct signals signals;
    struct guardian guardian;
    struct cgroup cgroup;         /* of the tasks and callbacks */
    char *mark;                   /* value of JOBPOOL_RUN */
    struct words environment;     /* what tasks inherit */
    char **environment_list;
    struct spool *spool;
    struct supervisor_config supervisor;
    struct pool *pool;
    struct executor *executor;
    struct output *out;
    struct output *err;
    struct output *report;        /* what it goes to if that is no regular file, else NULL */
    char *report_name;
    int report_fd;
    struct sink *sinks[RUNNER_SINKS];
    size_t sinks_len;
    struct sink *progress;        /* among the sinks, or NULL */
    bool bar_is_beside_output;    /* the progress bar is on the terminal that shows output as well */
    struct sink *callbacks;       /* among the sinks, or NULL */
    struct sink *results;         /* --results DIR, --files: among the sinks, or NULL */
    struct text_template *results_name; /* of --results, or NULL */
    struct text_template *tag_text;     /* of --tagstring, or NULL */

    struct feed *feed;
    enum feed_status feed_status;

    struct runner_gate gate;

    ev_async wake;
    ev_io slots_io;               /* -j FILE: something happened to the file */
    ev_io signal_io;
    ev_io feed_io;
    ev_timer timer;
    ev_periodic clock;            /* while a task waits for a time of the wall clock */
    ev_timer nap;                 /* while it runs, ended tasks do not wake the main thread */
    atomic_bool napping;
    int64_t drained_ns;           /* when events were last drained */
    ev_timer deaf;                /* SIGCHLD was seen a moment ago: the next one is heard when it expires */
    ev_timer hurry;               /* after the second signal: the end comes, whatever hangs */
    ev_prepare turn;
    bool feed_ready;              /* its descriptor is readable, or it may find room: pump it */

    int64_t started_ns;
    int64_t started_real_ns;
    int64_t deadline_ns;          /* 0: none, or over */
    int interrupted;              /* the signal that ends the run, or 0 */
    bool hurried;
    bool stopping;                /* TSTP: waits until every task is suspended */
    bool told_callbacks;          /* -v has said that callbacks are waited for */
    bool failed;                  /* jobpool itself failed: 125 */
    bool refused;                 /* the input is not what it has to be, and nothing was started: 2 */
    bool no_more_input;           /* the feed is not pumped any more */
    bool over;
    int single_status;            /* the last ended task's */
    int decisive_status;          /* of the task that --halt's count of 1 was waiting for; -1: none yet */
};

/* runner_signals.c */
void runner_watch_signals(struct runner *r);
void runner_interrupt(struct runner *r, int signo);
void runner_stop_if_suspended(struct runner *r);
/* Writes what waits for stdout and stderr, until a second signal says that nobody will read it. */
void runner_flush(struct runner *r);

/* runner_gate.c */
int runner_gate_init(struct runner *r, struct error *err); /* ERR_USAGE for what this machine cannot measure */
int runner_gate_start(struct runner *r, struct error *err); /* the outputs and the supervisor are there */
void runner_gate_free(struct runner *r);
bool runner_is_gated(const struct runner *r);
/* Gives permits. Returns when it wants to be called again on the monotonic clock; 0: when something happens. */
int64_t runner_gate_turn(struct runner *r, int64_t mono_ns, int64_t real_ns);
void runner_slots_turn(struct runner *r, int64_t mono_ns);
/* What starts wait for, if it is worth telling; else NULL. */
const char *runner_waits_for(struct runner *r, char space[GATE_REASON]);

/* runner_journal.c: hooks of the pool (struct pool_config), and what comes before events are shown. */
bool runner_starting(void *runner, struct task *t);
void runner_attempt_ended(void *runner, const struct task *t, bool again);
void runner_sync_journal(struct runner *r, const struct event_list *events, int64_t real_ns);

/* runner_sinks.c */
void runner_add_sink(struct runner *r, struct sink *s);
int runner_open_outputs(struct runner *r, struct error *err);
int runner_open_sinks(struct runner *r, struct error *err);
void runner_show(struct runner *r, const struct event *event);
/* Are tasks followed, one after the other, as their turn comes (-k -o text)? */
bool runner_follows(void);
void runner_show_output(struct runner *r, struct event *event);
bool runner_outputs_are_full(const struct runner *r);
bool runner_outputs_are_empty(const struct runner *r);
void runner_commit_outputs(struct runner *r);
bool runner_is_full(struct runner *r);
void runner_finish_sinks(struct runner *r, const struct summary *summary);
void runner_close_outputs(struct runner *r);

/* runner_results.c: --results and --files, and texts in which the values of tasks stand */
struct text_template *runner_text_template(const struct runner *r, const char *text, const char *what,
                                           struct error *err);
int runner_add_results(struct runner *r, struct error *err);
/* The file with the stdout of the task that has just ended (`context` is the runner); NULL: it has none. */
const char *runner_result_file(void *context, const struct task *task);

#endif
