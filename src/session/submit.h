/* Submissions: from a checked request to tasks in the pool. Private to session/. */
#ifndef JOBPOOL_SESSION_SUBMIT_H
#define JOBPOOL_SESSION_SUBMIT_H

#include "session/request.h"
#include "session/session_private.h"

/* Refuses what does not wait for the room that it has not got; makes everything else the session's held
 * submission (there is none now), and goes on with that. Takes over what `o` and `q` hold. */
void submit_request(struct session *s, struct origin *o, struct request *q);
/* Submits what is held as far as there is room, or refuses it if the pool is closed. True: nothing is held any
 * more. */
bool submit_held(struct session *s);
/* Drops what is held. */
void submit_drop(struct session *s);

#endif
