/* The ops of the protocol: one table of names, keys and handlers. Private to session/. */
#ifndef JOBPOOL_SESSION_OPS_H
#define JOBPOOL_SESSION_OPS_H

#include "session/session_private.h"

/* Carries out one object of the input, which begins with an origin that knows only its line. Takes over what
 * `o` holds. */
void ops_run(struct session *s, struct origin *o, const json_t *object);

#endif
