/* Commands: how a task becomes a child process with its stdin, stdout, stderr and environment, and how a
 * dead child becomes an outcome. Used by the supervisor that runs it, in its thread.
 */
#ifndef JOBPOOL_EXECUTOR_COMMAND_H
#define JOBPOOL_EXECUTOR_COMMAND_H

#include "executor/supervisor.h"
#include "os/spawn.h"
#include "task/task.h"

/* What one supervisor needs to start commands. */
struct commander {
    const struct supervisor_config *config;
    struct spawner *spawner;
    const char **environment;      /* the base, and room for this task's own variables */
    size_t environment_len;        /* of the base */
    const char *path;              /* PATH of the base, or NULL */
    const char *pwd;               /* PWD of the base, or NULL */
    int null_fd;                   /* /dev/null for reading */
    struct rlimit files_inherited; /* the limit on open files that tasks get back … */
    bool files_raised;             /* … if jobpool raised its own */
};

int commander_init(struct commander *c, const struct supervisor_config *config, struct error *err);
void commander_fini(struct commander *c);

/* A started child and jobpool's ends of its pipes (reads of them wait; the caller closes them); -1: it has none. */
struct command {
    struct child child;
    int out_fd;
    int err_fd;
    int feed_fd;       /* where its input is to be written to; -1: nowhere */
    int named_fd;      /* its input, if it has a name; the caller closes it when the task has ended; -1: none */
    long own_peak_kib; /* jobpool's peak when it started the child */
};

/* Renders and starts the task's command. -1 with ERR_SPAWN; command_is_transient tells whether the machine
 * was only short of something, so that it is worth trying again. Blocks until the child has executed. */
int command_start(struct commander *c, struct task *t, struct command *command, struct error *err);
bool command_is_transient(const struct error *err);

/* Reaps the child, which is dead, and fills t->outcome from its status, unless a code is set already;
 * `why` is what its end was asked for (ERR_NONE: nothing), timeout_ns the task's own timeout if that was
 * what asked. */
void command_finish(struct task *t, const struct command *command, enum error_code why, int64_t timeout_ns);

#endif
