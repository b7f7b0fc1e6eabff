/* A session: one conversation in the protocol. Lines come in (specs and ops), tasks go into the pool,
 * replies and error lines go out; results are written by the run's sinks. Ops are a table: name, keys,
 * handler (ops.c). Main thread only.
 */
#ifndef JOBPOOL_SESSION_SESSION_H
#define JOBPOOL_SESSION_SESSION_H

#include "base/error.h"
#include "pool/pool.h"
#include "sink/output.h"
#include "source/specs.h"

struct session_config {
    struct pool *pool;
    struct output *out;      /* replies; error lines too */
    struct output *err_text; /* not NULL: refusals and error lines go there as text, and no other replies are
                              * written (all forms of output but lines of JSON) */
    struct spec_context spec_context; /* real_now_ns is set for each line */
    void (*ended)(void *context);     /* all has been read and answered; NULL allowed */
    /* The run's part in shutdown and terminate: called once when the op comes. */
    void (*terminate)(void *context);
    void *context;
    int64_t (*mono_now)(void);
    int64_t (*real_now)(void);
};

struct session;

struct session *session_new(const struct session_config *config);
void session_free(struct session *s);
/* The next stream to read specs from (streams are read in the order given; all are added before the first
 * session_pump). Takes it. The end of the last one is the end of input, which is `shutdown` with wait. */
void session_add(struct session *s, struct specs *specs);

/* Reads and carries out some lines: until input must be waited for, the queue is full, an op holds up
 * reading, or many were read in a row. Never blocks. */
enum session_status {
    SESSION_WAIT_INPUT, /* until session_fd is readable */
    SESSION_WAIT_POOL,  /* until the pool has room, or a task ends */
    SESSION_AGAIN,      /* there is more, but others have their turn: call again soon */
    SESSION_ENDED,      /* everything was read; nothing more will be submitted */
};
enum session_status session_pump(struct session *s);
/* Nothing is to be read any more, and the pool is closed: what waits for room is refused. */
void session_cut(struct session *s);
int session_fd(const struct session *s);

/* Shows it every event, after the sinks (a reply to `apply` or `wait` follows the result). */
void session_event(struct session *s, const struct event *event);
/* Fires waits whose timeout has come; returns the next one's time, or 0. */
int64_t session_tick(struct session *s, int64_t mono_ns);

uint64_t session_bad_lines(const struct session *s);
bool session_input_complete(const struct session *s);      /* the end was reached, without a read error */
const struct error *session_input_error(const struct session *s); /* NULL: none */

#endif
