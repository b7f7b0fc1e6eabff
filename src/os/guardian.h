/* The guardian: a small child in a session of its own that outlives a `kill -9` of jobpool just long enough
 * to kill everything that carries this run's mark or lives in its control group, which it removes. It
 * waits for the end of a pipe whose other end jobpool holds; a byte in the pipe is a proper goodbye. It ignores
 * the signals that reach jobpool's terminal and its tree, holds no descriptor but that pipe, and shows itself as
 * "jobpool-guard" (the kernel keeps 15 characters of a name).
 */
#ifndef JOBPOOL_OS_GUARDIAN_H
#define JOBPOOL_OS_GUARDIAN_H

#include "base/error.h"
#include "os/cgroup.h"

#include <sys/types.h>

struct guardian {
    pid_t pid; /* 0: none */
    int fd;    /* -1: it was told goodbye */
};

/* Forks it: before any thread, and before much memory is used. `run` is this run's mark, `group` says where its
 * control group will be: the guardian has to know before it is made. NULL: there is none. */
int guardian_start(struct guardian *g, const char *run, const struct cgroup *group, struct error *err);
/* Says goodbye: nothing is left to guard. It ends by itself meanwhile; guardian_stop waits for that. */
void guardian_dismiss(struct guardian *g);
/* Says goodbye if that was not done, and reaps it. */
void guardian_stop(struct guardian *g);
/* Leaves to it what could not be ended: it goes to work as if jobpool were gone, and is not waited for. */
void guardian_leave(struct guardian *g);

#endif
