/* The signals that jobpool lives with, and those that its tasks inherit.
 *
 * jobpool changes no disposition (but SIGCHLD's, if that was inherited as ignored: the kernel would reap
 * its children). It blocks what it handles and reads it from a signalfd, and blocks SIGPIPE and SIGXFSZ, so
 * a write to a closed pipe is EPIPE and one beyond the limit on file sizes is EFBIG. A signal that was ignored when jobpool started is neither blocked nor read.
 */
#ifndef JOBPOOL_OS_SIGNALS_H
#define JOBPOOL_OS_SIGNALS_H

#include "base/error.h"

#include <signal.h>
#include <stdbool.h>

struct signals {
    sigset_t inherited;     /* the mask that tasks get */
    bool child_was_ignored; /* tasks get SIGCHLD ignored again */
    sigset_t read_set;      /* what fd reads */
    int fd;                 /* signalfd: INT TERM HUP TSTP USR1 CHLD WINCH, as far as not ignored */
};

/* To be called once, before any thread is started. */
int signals_init(struct signals *s, struct error *err);
void signals_fini(struct signals *s); /* closes the fd; the mask stays */

/* Leaves SIGCHLD pending (false) or reads it again (true): each task's end raises one, and who only looks
 * after orphans need not be woken by all of them. */
void signals_hear_children(struct signals *s, bool hear);

/* The next pending signal's number, 0 if there is none. Never blocks. */
int signals_read(struct signals *s);

/* Blocks every signal in the calling thread (supervisors). */
void signals_block_all(void);

/* Ends this process by `signo`, as the caller of a handler-less program would see it. Does not return. */
void signals_die(int signo) __attribute__((noreturn));

/* Stops this process as SIGTSTP does by default; returns when it was continued. Does nothing in an
 * orphaned process group (see terminal_group_orphaned). */
void signals_stop_self(void);

#endif
