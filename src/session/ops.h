/* The ops of the protocol: one handler for each. Private to session/. */
#ifndef JOBPOOL_SESSION_OPS_H
#define JOBPOOL_SESSION_OPS_H

#include "session/session_private.h"

/* Carries out one line of the input, or refuses it; `o` begins as an origin that knows only that line. Takes over
 * what `o` holds. */
void ops_run(struct session *s, struct origin *o, struct slice text);

#endif
