/* Lines that a session writes: replies and error lines. Private to session/. */
#ifndef JOBPOOL_SESSION_REPLY_H
#define JOBPOOL_SESSION_REPLY_H

#include "session/request.h"
#include "session/session_private.h"

/* Begins an origin: a submission without req, until more is known. */
void origin_init(struct origin *o, uint64_t line, struct slice text);
/* Adds what the line asks for, right or wrong: `q` must stay while the origin is used, or have a good op. */
void origin_set_request(struct origin *o, const struct request *q);
void origin_fini(struct origin *o);
/* `to` takes over what `from` holds. */
void origin_move(struct origin *to, struct origin *from);

/* {"type":"reply","op":…,"req":…,"ok":true} with the members of `more` (taken; NULL allowed) behind it.
 * Nothing for a submission without req, or where errors are text. */
void reply_ok(struct session *s, const struct origin *o, json_t *more);
/* The answer to what cannot be done: a reply, or an error line for a submission without req; counted as a bad
 * line if it is one. `key` may be NULL. */
void reply_refuse(struct session *s, const struct origin *o, const char *key, const struct error *err);

#endif
