/* How long the rest will take, from what was done so far. Pure. */
#ifndef JOBPOOL_SINK_ETA_H
#define JOBPOOL_SINK_ETA_H

#include <stdint.h>

/* `done` tasks, the last of which ended `to_last_ns` after the first start and `since_ns` ago; `left` are still to end.
 * -1: it cannot be told, because none is done, or because what is left should have ended by now. */
int64_t eta_ns(int64_t done, int64_t left, int64_t to_last_ns, int64_t since_ns);

#endif
