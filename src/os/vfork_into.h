/* vfork whose child is born in a control group: to move one there later costs more than to start it. */
#ifndef JOBPOOL_OS_VFORK_INTO_H
#define JOBPOOL_OS_VFORK_INTO_H

#include <stdbool.h>
#include <sys/types.h>

/* Is it there on this processor? (Not under ThreadSanitizer, which makes a fork of every vfork.) */
bool vfork_into_exists(void);

/* As vfork: the calling thread sleeps until the child, which shares its memory, executes a program or ends. The
 * child calls child(argument), which must not return and keeps to what the child of a vfork may do. `cgroup_fd` is
 * the open directory of a v2 group. The child's pid, or -1 with errno, which is ENOSYS where it is not there. */
pid_t vfork_into(int cgroup_fd, void (*child)(const void *argument), const void *argument);

#endif
