/* Answers that are owed: apply and wait (for certain ids), join (for all tasks), terminate and shutdown
 * (for everything).
 * Private to session/.
 */
#ifndef JOBPOOL_SESSION_WAITS_H
#define JOBPOOL_SESSION_WAITS_H

#include "session/session_private.h"

void waits_init(struct session *s);
void waits_fini(struct session *s);

/* Answers `wait` when all of `ids` (known, as strings; referenced) have ended, or at the monotonic time
 * `due_ns` (0: never). At once if they have. Takes over what `o` holds. */
void waits_for_ids(struct session *s, struct origin *o, json_t *ids, int64_t due_ns);
/* Answers `apply` when `e` has ended; until then nothing is read. */
void waits_for_task(struct session *s, struct origin *o, struct registry_entry *e);
/* Answers when everything but daemons has ended; until then nothing is read. */
void waits_for_tasks(struct session *s, struct origin *o);
/* Answers when everything has ended, daemons too. */
void waits_for_all(struct session *s, struct origin *o);

/* `e` is about to end with `state`; exit_code is -1 if there is none. */
void waits_entry_ends(struct session *s, struct registry_entry *e, enum task_state state, int exit_code);
/* Everything but daemons has ended: answers those that wait for that, and if daemons have too, all. False:
 * some wait for the daemons. */
bool waits_all_ended(struct session *s, bool daemons_too);
/* Answers those whose time has come; returns the next one's time, or 0. */
int64_t waits_tick(struct session *s, int64_t mono_ns);

#endif
