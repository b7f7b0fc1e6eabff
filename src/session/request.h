/* A request: one line of the input, as it is understood. Everything that can be wrong with a line is found
 * here, by those who carry requests out (ops.c) and by those who only look (run --dry-run), which therefore
 * take and refuse the same lines with the same words. What is left to the session is what only a pool knows:
 * whether the queue has room.
 *
 *     text ──request_parse──▶ op, req and the op's values, or what is wrong with the text
 *          ──request_check──▶ fits what is known: ids new or known, the pool open or closed
 *
 * Neither changes anything but the request; both leave in `key` which key an error is about.
 */
#ifndef JOBPOOL_SESSION_REQUEST_H
#define JOBPOOL_SESSION_REQUEST_H

#include "base/slice.h"
#include "session/registry.h"
#include "task/spec.h"

#include <jansson.h>

enum request_op {
    REQUEST_SUBMIT, /* a spec alone, too */
    REQUEST_APPLY,
    REQUEST_MAP,
    REQUEST_CANCEL,
    REQUEST_WAIT,
    REQUEST_STATUS,
    REQUEST_CLOSE,
    REQUEST_JOIN,
    REQUEST_TERMINATE,
    REQUEST_SHUTDOWN,
    REQUEST_OPS /* how many there are */
};

struct request {
    json_t *object;   /* what the line holds; NULL: no object */
    const char *key;  /* what the error is about, or NULL; static storage or a string of the object */
    /* What an answer needs, as far as the line has it, right or wrong: */
    const char *name; /* of its op; static storage if there is such an op, else a string of the object, */
    size_t name_len;  /* which may have NUL bytes */
    bool is_submission; /* names no op but submit: answered only if it has `req` */
    json_t *req;        /* of the object; NULL: none, or no good one */

    enum request_op op;
    /* submit, apply, map: */
    struct spec *spec;   /* NULL: the op submits nothing */
    const json_t *over;  /* of the object; NULL: no map */
    uint64_t chunksize;
    /* cancel, wait, status: */
    json_t *ids;        /* strings; NULL: a status without an id */
    bool running;
    int64_t timeout_ns; /* 0: none */
    /* shutdown: */
    bool wait;
    bool cancel_pending;
};

/* -1: the text is no good request. To be freed by request_fini in any case. */
int request_parse(struct request *q, struct slice text, const struct spec_context *context, struct error *err);
void request_fini(struct request *q);

/* Can this (parsed) be done now, as far as one can say without asking a pool for room? `closed`: no more
 * submissions are taken. */
int request_check(struct request *q, struct registry *known, bool closed, struct error *err);

/* Is it an op behind which no more submissions are taken? */
bool request_closes(const struct request *q);
/* The id of item `index` (from 0) of a map that has an id. The caller frees it. */
char *request_item_id(const struct request *q, size_t index);

/* Is a line with this error a bad one, which counts for the exit status? What was asked about a task or the
 * pool is none for having no good answer. */
bool request_is_bad(const struct error *err);
/* The error for a reader of text, where the type has no place of its own. */
struct error request_error_text(const struct error *err);

#endif
