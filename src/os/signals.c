/* Everything jobpool handles is blocked and read from one signalfd, so there is no handler and no work in
 * signal context. Disposition changes are limited to SIGCHLD (see the header) and to signals_die.
 */
#include "os/signals.h"

#include "os/terminal.h"

#include <errno.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGUSR1, SIGCHLD, SIGWINCH};

static bool is_ignored(int signo)
{
    struct sigaction action;
    return sigaction(signo, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int signals_init(struct signals *s, struct error *err)
{
    *s = (struct signals){.fd = -1};
    if (is_ignored(SIGCHLD)) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigemptyset(&action.sa_mask);
        sigaction(SIGCHLD, &action, NULL);
        s->child_was_ignored = true;
    }

    sigset_t block;
    sigemptyset(&s->read_set);
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
        if (!is_ignored(handled[i]))
            sigaddset(&s->read_set, handled[i]);
    block = s->read_set;
    /* What cannot be written is an error of that write. */
    sigaddset(&block, SIGPIPE);
    sigaddset(&block, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &block, &s->inherited);

    s->fd = signalfd(-1, &s->read_set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (s->fd < 0)
        return error_set_errno(err, ERR_SYSTEM, errno, "signalfd");
    return 0;
}

void signals_fini(struct signals *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

void signals_hear_children(struct signals *s, bool hear)
{
    sigset_t set = s->read_set;
    if (!hear)
        sigdelset(&set, SIGCHLD);
    (void)signalfd(s->fd, &set, 0); /* it cannot fail for a descriptor that is one already */
}

int signals_read(struct signals *s)
{
    struct signalfd_siginfo info;
    ssize_t n;
    do
        n = read(s->fd, &info, sizeof info);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

void signals_block_all(void)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
}

/* Raises it in this thread, lets it through, and puts the mask back if this thread is still there. */
static void deliver_here(int signo)
{
    sigset_t one, before;
    sigemptyset(&one);
    sigaddset(&one, signo);
    raise(signo);
    pthread_sigmask(SIG_UNBLOCK, &one, &before);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void signals_die(int signo)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigemptyset(&action.sa_mask);
    sigaction(signo, &action, NULL);
    deliver_here(signo);
    /* The first process of a PID namespace is not killed by its own signal. */
    _exit(128 + signo);
}

void signals_stop_self(void)
{
    if (!terminal_group_orphaned())
        deliver_here(SIGTSTP);
}
