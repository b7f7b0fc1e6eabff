/* The control group (v2) of a run, below our own: its tasks are born in it, nothing that comes of them gets out
 * by itself, and the kernel kills it as one. It is a bonus: where none can be had nobody is told. For that it
 * takes a mounted hierarchy in which we may make a directory, Linux 5.14, and os/vfork_into.h.
 */
#ifndef JOBPOOL_OS_CGROUP_H
#define JOBPOOL_OS_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

struct cgroup {
    char *dir; /* where it is or will be; NULL: there is none */
    int fd;    /* its open directory; -1: it was not made */
};

/* Finds a place for the group of the run with that mark, and makes nothing: so that the guardian knows of it
 * before there is anything to guard. */
void cgroup_name(struct cgroup *g, const char *run);
/* Makes it. If that cannot be there is none. */
void cgroup_make(struct cgroup *g);

/* Kills (SIGKILL) everything in the group and in those below it. */
void cgroup_kill(const struct cgroup *g);
/* Removes the group, and those below it. If somebody is in it he is killed, and his end waited for until
 * `limit_ns` have passed. False if it is still there. There may be none. */
bool cgroup_remove(const struct cgroup *g, int64_t limit_ns);

/* Closes and forgets it; it stays where it is. */
void cgroup_fini(struct cgroup *g);

#endif
