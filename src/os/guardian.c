/* The guardian's whole life is one read. It is a plain fork of a small process, so it needs no file to
 * execute and starts in a fraction of a millisecond; its pipe becomes descriptor 0 and nothing else stays
 * open. The writing end is O_CLOEXEC in jobpool, and a child between vfork and execve holds a copy of it for
 * a moment only: it dies with its parent or executes. All signals are blocked around the fork and stay so in
 * the guardian; what remains is that `kill -9` of the whole group reaches it before its first call, setsid.
 */
#include "os/guardian.h"

#include "base/duration.h"
#include "os/groups.h"
#include "os/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REMOVE_LIMIT_NS (30 * NS_PER_S)

static const int unheard[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGTSTP, SIGTTIN,
                              SIGTTOU, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM};

static void close_from(int first)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
        return;
#endif
    /* Before Linux 5.9. Nothing is open beyond what jobpool had this early. */
    for (int fd = first; fd < 1024; fd++)
        close(fd);
}

__attribute__((noreturn)) static void guard(int pipe_fd, const char *run, const struct cgroup *group)
{
    setsid();
    prctl(PR_SET_NAME, "jobpool-guard");
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    for (size_t i = 0; i < sizeof unheard / sizeof unheard[0]; i++)
        sigaction(unheard[i], &ignore, NULL);
    dup2(pipe_fd, 0);
    close_from(1);
    if (chdir("/") < 0)
        _exit(1);

    char goodbye;
    ssize_t n;
    do
        n = read(0, &goodbye, 1);
    while (n < 0 && errno == EINTR);
    if (n == 0) {
        /* Ahead of those that it is after, as far as that is allowed. */
        (void)setpriority(PRIO_PROCESS, 0, -20);
        /* At one stroke all that were born in it; then, by what they are, any that were not or have left it. */
        if (group)
            cgroup_kill(group);
        tree_kill_marked(run);
        if (group)
            (void)cgroup_remove(group, REMOVE_LIMIT_NS);
    }
    _exit(0);
}

int guardian_start(struct guardian *g, const char *run, const struct cgroup *group, struct error *err)
{
    int fds[2];
    *g = (struct guardian){.fd = -1};
    if (groups_share(err) < 0)
        return -1;
    if (pipe2(fds, O_CLOEXEC) < 0)
        return error_set_errno(err, ERR_SYSTEM, errno, "pipe");
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        guard(fds[0], run, group);
    int saved = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(fds[0]);
    if (pid < 0) {
        close(fds[1]);
        return error_set_errno(err, ERR_SYSTEM, saved, "fork");
    }
    *g = (struct guardian){.pid = pid, .fd = fds[1]};
    return 0;
}

void guardian_dismiss(struct guardian *g)
{
    if (g->pid == 0 || g->fd < 0)
        return;
    ssize_t n;
    do
        n = write(g->fd, "", 1);
    while (n < 0 && errno == EINTR);
    close(g->fd);
    g->fd = -1;
}

void guardian_stop(struct guardian *g)
{
    guardian_dismiss(g);
    if (g->pid == 0)
        return;
    /* Somebody may have killed it, and then it was reaped with the orphans. */
    while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    *g = (struct guardian){.fd = -1};
}

void guardian_leave(struct guardian *g)
{
    if (g->pid && g->fd >= 0)
        close(g->fd);
    *g = (struct guardian){.fd = -1};
}
