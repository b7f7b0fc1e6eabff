/* Spawning: a child is a described value, started by one function that returns the child's own errno.
 *
 * The child is made by vfork, or by its like that lets it be born in a control group. Between that and execve it
 * makes only async-signal-safe calls that cannot block: PR_SET_PDEATHSIG, getppid against the saved pid, setpgid, dup2, fchdir, nice, limits, SIGCHLD's
 * disposition, the mask, execve. Its errno comes back in a MAP_SHARED page, because vfork is fork under
 * TSan and valgrind. The calling thread has all signals blocked (signals_block_all) and must live as long as
 * its children: PDEATHSIG follows the thread.
 */
#ifndef JOBPOOL_OS_SPAWN_H
#define JOBPOOL_OS_SPAWN_H

#include "os/cgroup.h"
#include "os/signals.h"

#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

struct spawn_limit {
    int resource; /* RLIMIT_… */
    struct rlimit value;
};

struct spawn {
    char *const *argv;   /* argv[0] with a '/' is the path; otherwise it is searched in `path` */
    char *const *envp;
    const char *path;    /* the task's PATH (NULL: the system's default), searched after chdir */
    const char *cwd;     /* NULL: stay */
    int fds[3];          /* become 0, 1, 2; each ≥ 3, or equal to its place (0 as 0 …) */
    int nice;            /* added to the niceness */
    const struct spawn_limit *limits;
    size_t limits_len;
    const struct signals *signals; /* what to restore */
    const struct cgroup *cgroup; /* it is born there, if there is one and it can be; NULL: in our own */
    bool no_sh_fallback; /* true: ENOEXEC is an error (else /bin/sh runs the file, as execvp does) */
};

struct child {
    pid_t pid;  /* leader of a process group of its own */
    int pidfd;  /* readable when it is dead; O_CLOEXEC; the caller closes it */
};

/* One spawner per supervisor thread: it owns the shared page. */
struct spawner;
struct spawner *spawner_new(struct error *err); /* NULL on error */
void spawner_free(struct spawner *s);

/* Starts the child. 0, or -1 with ERR_SPAWN (ERR_NOT_FOUND: no such program); err->sys_errno is then errno of the call that failed and the
 * message names it ("chdir /x: …", "gzip: …", "fork: …"). On failure no process is left.
 * Blocks until the child has executed or failed. */
int spawn_start(struct spawner *s, const struct spawn *desc, struct child *child, struct error *err);

#endif
