/* Reading /proc: what a process is, whose child it is, what its environment says. Everything here is a
 * snapshot; who acts on it holds the process by pidfd and looks again. For tree.c and terminal.c. */
#ifndef JOBPOOL_OS_PROC_H
#define JOBPOOL_OS_PROC_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
    pid_t pid;
    pid_t parent;
    pid_t group;
    pid_t session;
    char state;
    bool is_kernel;
    bool has_environment; /* false while a program is being executed, and if we may not look */
    bool exiting; /* its first thread is on its way out and has closed or will close everything */
    long threads;
    uint64_t start; /* in clock ticks after boot; with the pid it names a process for good */
};

/* False if there is no such process (any more). */
bool proc_read(pid_t pid, struct proc *p);
/* Is it more than a zombie? */
bool proc_is_alive(const struct proc *p);
/* It is alive and runs nothing any more, but its children have not been handed to anybody yet. */
bool proc_is_exiting(const struct proc *p);

/* Does it run no program any more: is each of its threads stopped, on its way out, or gone? Such a process starts
 * no other. True for one that does not exist. */
bool proc_is_still(pid_t pid);

/* A growing list of numbers. All zero is empty; free(list.pids). */
struct proc_list {
    pid_t *pids;
    size_t len;
    size_t cap;
};

void proc_list_add(struct proc_list *list, pid_t pid);
/* Appends the children of all threads of `pid`. Kernels without that list: all of /proc is searched. */
void proc_children(pid_t pid, struct proc_list *list);
/* Appends the children of one thread of this process, read from `fd` (see proc_open_own_children). */
int proc_open_own_children(pid_t tid); /* O_CLOEXEC, or -1 */
void proc_read_children(int fd, struct proc_list *list);
/* Appends every process in the system. */
void proc_all(struct proc_list *list);

/* Reads the environment that `pid` was started with into `out`. 1, or -1 if there is no such process or it
 * is another user's, or 0 if it has none at this moment: it is executing a program, or exiting, or a thread
 * of the kernel. An environment may be empty. */
int proc_environment(pid_t pid, struct buffer *out);
/* The first value of `name` in such an environment, or NULL. */
const char *proc_variable(const struct buffer *environment, const char *name);

#endif
