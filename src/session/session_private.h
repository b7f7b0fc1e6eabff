/* The inside of a session, for the files of this folder: session.c (reading and events), request.c (what
 * a line asks for), ops.c (the ops), submit.c (submissions), waits.c (answers that come later), reply.c (lines
 * out), registry.c (ids).
 */
#ifndef JOBPOOL_SESSION_SESSION_PRIVATE_H
#define JOBPOOL_SESSION_SESSION_PRIVATE_H

#include "base/heap.h"
#include "base/list.h"
#include "session/registry.h"
#include "session/session.h"

#include <jansson.h>

#define ORIGIN_TEXT 200

/* The line that something comes from: what its answer needs. */
struct origin {
    uint64_t line;
    const char *op;     /* static storage, or a string of the object while that is there; */
    size_t op_len;      /* it may have NUL bytes */
    bool is_submission; /* answered only if it has `req` */
    json_t *req;        /* a reference; NULL: none */
    size_t text_len;
    char text[ORIGIN_TEXT];
};

struct submission; /* submit.c */
struct waiter;     /* waits.c */

struct session {
    struct session_config config;
    struct specs **streams;
    size_t streams_len;
    size_t current; /* the stream that is read */
    struct registry registry;
    struct list_node waiters; /* every answer that is owed */
    struct list_node for_all; /* of these, those that wait for the end of everything (in_all) */
    struct heap deadlines;    /* of these, those with a timeout */
    struct submission *held;  /* waits for room in the queue */
    struct waiter *holding;   /* apply or join: nothing is read before it is answered */
    uint64_t last_chunk;
    uint64_t bad_lines;
    struct error input_error;
    bool closed;          /* no more submissions */
    bool leaving;         /* shutdown or terminate came: when all is done, nobody waits for more input */
    bool waits_for_input; /* so it told its caller last */
    bool input_over;
    bool input_complete;
    bool told_ended;
};

/* Has everything that was submitted ended, and its end been seen? (Daemons are not waited for.) */
bool session_all_ended(struct session *s);

#endif
