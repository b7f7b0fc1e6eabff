/* Submissions: from a spec's JSON object to tasks in the pool. Private to session/. */
#ifndef JOBPOOL_SESSION_SUBMIT_H
#define JOBPOOL_SESSION_SUBMIT_H

#include "session/session_private.h"

enum submit_kind {
    SUBMIT_ONE,   /* a spec, or op submit */
    SUBMIT_APPLY, /* and wait for its end */
    SUBMIT_MAP,   /* a task for each item of "over" */
};

/* Checks the object, refuses it or makes it the session's held submission (there is none now), and goes on
 * with that. Takes over what `o` holds. */
void submit_object(struct session *s, struct origin *o, const json_t *object, enum submit_kind kind);
/* Submits what is held as far as there is room, or refuses it if the pool is closed. True: nothing is held any more. */
bool submit_held(struct session *s);
/* Drops what is held. */
void submit_drop(struct session *s);

#endif
