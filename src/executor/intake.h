/* What a running task writes, on its way in: into the captures of its outcome, and, if the task is followed, to
 * the main thread as it comes. Used by the supervisor that runs the task, in its thread.
 */
#ifndef JOBPOOL_EXECUTOR_INTAKE_H
#define JOBPOOL_EXECUTOR_INTAKE_H

#include "executor/supervisor.h"

enum intake_stream { INTAKE_OUT, INTAKE_ERR, INTAKE_STREAMS };

struct intake {
    struct task *task;
    const struct supervisor_config *config;
    const struct dispatcher *dispatcher;
    bool live;                               /* what comes is told */
    struct capture untold[INTAKE_STREAMS];   /* of a line that has no end yet */
};

/* For a new attempt, whose outcome is empty. */
void intake_init(struct intake *in, struct task *t, const struct supervisor_config *config,
                 const struct dispatcher *dispatcher);
/* What is whole is told at once: lines, or, of one task that is followed at a time, all. -1 with ERR_OUTPUT if the spool could not take it. */
int intake_keep(struct intake *in, enum intake_stream stream, const char *data, size_t len, struct error *err);
/* The task is followed from here on: what it has written so far is told. -1 with ERR_OUTPUT. */
int intake_follow(struct intake *in, struct error *err);
/* No more comes: the rest is told and the outcome's captures are sealed. -1 with ERR_OUTPUT. */
int intake_end(struct intake *in, struct error *err);

#endif
