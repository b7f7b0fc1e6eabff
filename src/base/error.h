/* Errors: one value that says what went wrong, for a person and for a program.
 *
 * Engine functions return -1 and fill a `struct error`; they never print and never exit. The table in
 * error.c gives each code its name in JSON ("error.type") and the exit status of a single task that
 * ended with it, so that the three can never disagree.
 */
#ifndef JOBPOOL_BASE_ERROR_H
#define JOBPOOL_BASE_ERROR_H

#include <stdbool.h>

enum error_code {
    ERR_NONE,
    /* how a task can end (error.type of a result) */
    ERR_EXIT_STATUS, /* it exited with a status other than 0 */
    ERR_SIGNAL,      /* it was killed by a signal that jobpool did not send */
    ERR_SPAWN,       /* it could not be started; the message names errno */
    ERR_NOT_FOUND,   /* the same, because there is no such program */
    ERR_TIMEOUT,
    ERR_CANCELLED,
    ERR_SHUTDOWN,
    ERR_LOST,
    ERR_HALTED,
    ERR_DEPENDENCY,
    ERR_FUNCTION,
    ERR_WORKER,
    ERR_OUTPUT, /* its output could not be kept */
    /* what else can be wrong */
    ERR_USAGE,     /* the command line, or a value on it */
    ERR_INPUT,     /* an input that cannot be opened or read */
    ERR_SPEC,      /* a line that is no valid spec or op */
    ERR_DUPLICATE, /* an id that is known already */
    ERR_UNKNOWN,   /* an id that is not known */
    ERR_FULL,      /* the queue is full and the spec said not to block */
    ERR_CLOSED,    /* the pool takes no more tasks */
    ERR_IO,        /* an output, report or temporary file */
    ERR_SYSTEM,    /* the kernel refused something that jobpool needs */
    ERR_CODES      /* how many there are */
};

struct error {
    enum error_code code;
    int sys_errno;     /* the errno behind it, or 0 */
    char message[512]; /* one line, no final newline */
};

/* Fills *err (which may be NULL) and returns -1, so that a caller can `return error_set(…)`.
 * A message that does not fit is cut at a character boundary. */
int error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, followed by ": " and the text and name of `sys_errno`, as in "open x: No such file or
 * directory (ENOENT)". What stands in front is shortened if both do not fit. */
int error_set_errno(struct error *err, enum error_code code, int sys_errno, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "CONTEXT: ", shortened if need be, in front of the message of an error that is set already; returns -1. */
int error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The name that JSON shows: "ExitStatus", "Timeout", "Full" … Two codes may share one. Static storage. */
const char *error_code_name(enum error_code code);

/* Why jobpool itself ended a task with this code: the message of its result. Static storage. */
const char *error_code_reason(enum error_code code);

/* The exit status of a one-task command that ended with this code; -1 where the task's own status
 * decides (exit status, signal). */
int error_code_status(enum error_code code);

/* "ENOENT" for ENOENT; "E<number>" where libc knows no name. Static or per-thread storage. */
const char *errno_name(int sys_errno);

#endif
