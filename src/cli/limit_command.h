/* --limit COMMAND: a script that is asked before a task starts. It runs in a pool of its own, so nothing waits for it
 * but the start in question. What it prints goes to stderr.
 */
#ifndef JOBPOOL_CLI_LIMIT_COMMAND_H
#define JOBPOOL_CLI_LIMIT_COMMAND_H

#include "base/error.h"
#include "executor/supervisor.h"
#include "sink/output.h"

struct limit_command;

struct limit_options {
    const char *script;
    const char *shell_path;              /* NULL: /bin/sh */
    struct supervisor_config supervisor; /* as the tasks' own */
    struct output *err;
    void (*notify)(void *context);       /* any thread: there is an answer */
    void *context;
};

enum limit_answer {
    LIMIT_NONE,  /* none was asked for, or it has not come yet */
    LIMIT_BELOW, /* exit status 0: start */
    LIMIT_OVER,  /* 1: do not */
    LIMIT_WAY_OVER, /* 2: nor let the youngest go on */
    LIMIT_FAILED,   /* any other: *err says which */
};

/* NULL with *err if it cannot be had. Copies the options. */
struct limit_command *limit_command_new(const struct limit_options *options, struct error *err);
void limit_command_free(struct limit_command *c); /* kills what runs */
/* Runs the script, unless it runs already. */
void limit_command_ask(struct limit_command *c, int64_t mono_ns, int64_t real_ns);
bool limit_command_is_asked(const struct limit_command *c);
/* The answer, once. */
enum limit_answer limit_command_answer(struct limit_command *c, int64_t mono_ns, int64_t real_ns, struct error *err);
void limit_command_orphans_reaped(struct limit_command *c); /* see supervisor_orphans_reaped */

#endif
