/* Callbacks: shell scripts that get each result. They are tasks of a pool of their own with one slot, first come first
 * served, so they run one at a time, in completion order, and a slow one delays only the next.
 */
#ifndef JOBPOOL_SINK_CALLBACK_H
#define JOBPOOL_SINK_CALLBACK_H

#include "executor/supervisor.h"
#include "sink/sink.h"

struct callback_options {
    const char *callback;       /* script for every task, or NULL; a spec's own comes before it */
    const char *error_callback; /* script for every task that did not succeed, or NULL */
    const char *shell_path;
    int64_t timeout_ns;         /* --callback-timeout; 0: none */
    struct supervisor_config supervisor; /* as the tasks' own */
    void (*notify)(void *context);       /* any thread: callback_pump wants to be called */
    void *context;
};

/* The pool and its thread are started with the first callback that is to run. */
struct sink *sink_callback(struct output *err, const struct callback_options *options);
void callback_pump(struct sink *s, int64_t mono_ns, int64_t real_ns);
bool callback_is_idle(struct sink *s);            /* no callback waits or runs */
void callback_drop(struct sink *s, bool kill);    /* what waits is dropped, what runs is ended */
uint64_t callback_failures(const struct sink *s);

#endif
