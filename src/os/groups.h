/* The process groups of the tasks that run, in memory that the guardian shares: after a `kill -9` of jobpool
 * they tell it of processes that took the run's mark out of their environment. A group is here from before its
 * task executes until just before the task is reaped, so while jobpool lives no number here can be anybody
 * else's.
 */
#ifndef JOBPOOL_OS_GROUPS_H
#define JOBPOOL_OS_GROUPS_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* Makes the memory, for this process and those that it forks from now on. Once, before any task; without it
 * the others do nothing. Tasks are looked for in the session that this process is in now. */
int groups_share(struct error *err);

/* Async-signal-safe, and made for the child of a vfork; any thread, any of these processes. */
void groups_add(pid_t group);
void groups_remove(pid_t group);

/* Is that group in that session a task's? */
bool groups_have(pid_t group, pid_t session);

#endif
