/* Callbacks: shell scripts that get each result, one JSON line, on stdin, and its main fields as JOBPOOL_*
 * in the environment. They are tasks of a pool of their own with one slot, so they run one at a time, in
 * completion order, and a slow one delays only the next. As in Python, `callback` is for success and
 * `error_callback` for everything else. What they print goes to stderr; one that fails is told there in
 * one line.
 */
#ifndef JOBPOOL_SINK_CALLBACK_H
#define JOBPOOL_SINK_CALLBACK_H

#include "executor/supervisor.h"
#include "sink/sink.h"

struct callback_options {
    const char *callback; /* script for each task that succeeded, or NULL; a spec's own comes before it */
    const char *error_callback; /* script for each task that did not, or NULL */
    const char *shell_path;
    int64_t timeout_ns;         /* --callback-timeout; 0: none */
    struct supervisor_config supervisor; /* as the tasks' own */
    void (*notify)(void *context);       /* any thread: callback_pump wants to be called */
    void (*tell)(const char *format, ...); /* one line for the user on stderr */
    void *context;
};

/* The pool and its thread are started with the first callback that is to run. */
struct sink *sink_callback(struct output *err, const struct callback_options *options); /* copied */
void callback_pump(struct sink *s, int64_t mono_ns, int64_t real_ns);
bool callback_is_idle(struct sink *s);            /* no callback waits or runs */
void callback_drop(struct sink *s, int64_t real_ns); /* what waits is dropped, what runs is killed */
uint64_t
callback_failures(const struct sink *s); /* callbacks that did not succeed, or could not be run at all */
void callback_orphans_reaped(struct sink *s);     /* see supervisor_orphans_reaped */
void callback_suspend(struct sink *s, bool suspend, int64_t mono_ns); /* see pool_suspend */
bool callback_is_suspended(struct sink *s);

#endif
