/* A run: everything that lives while a one-shot command (apply, map, run) works. It owns the main thread's
 * loop, the signals, the guardian, the pool and its supervisors, the outputs and the sinks, as the options
 * say. The command brings the feed.
 */
#ifndef JOBPOOL_CLI_RUNNER_H
#define JOBPOOL_CLI_RUNNER_H

#include "cli/inputs.h"
#include "pool/pool.h"
#include "session/feed.h"
#include "session/session.h"
#include "sink/journal.h"
#include "sink/output.h"

struct runner;

struct runner_setup {
    size_t max_queue;       /* the command's own default for --max-queue */
    size_t max_queue_bytes;
    bool single;            /* apply: the exit status is the task's own */
    struct journal *journal; /* taken, also on failure; NULL: none */
    const struct inputs *inputs; /* where values come from; NULL: nothing is known of them */
};

/* Complains and returns NULL on failure; *status is then the exit status. Nothing was started. */
struct runner *runner_new(const struct runner_setup *setup, int *status);
struct pool *runner_pool(struct runner *r);
struct output *runner_out(struct runner *r);
struct output *runner_err(struct runner *r);

/* For the feed: a bad item of map's input is told on stderr. */
void runner_bad_item(void *runner, const struct error *err);
/* For the session's op `terminate`: nothing starts any more, what runs is asked to end; reading goes on. */
void runner_terminate(void *runner);
/* For the session: it is over, whatever input may still come. */
void runner_feed_ended(void *runner);
/* For channels: a block has come for tasks that wait for one; and, from any thread, the feed may go on. */
void runner_feed_tasks(void *runner);
void runner_wake(void *runner);

/* Runs until everything has ended, frees the runner and all that it owns (not the feed), and returns the
 * exit status; or ends the process by the signal that ended the run. */
int runner_run(struct runner *r, struct feed *feed);

#endif
