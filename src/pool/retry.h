/* Which attempts are tried again, and when. Pure. */
#ifndef JOBPOOL_POOL_RETRY_H
#define JOBPOOL_POOL_RETRY_H

#include "task/task.h"

/* Is an attempt that ended this way worth another? Every failure, timeout and loss is, while retries are
 * left, unless its end was asked for. */
bool retry_wanted(const struct task *t);
/* The delay before the next attempt of a task that has just failed: the spec's or the pool's. For `chance` see
 * backoff_delay_ns. */
int64_t retry_delay_ns(const struct task *t, const struct backoff *of_pool, uint64_t chance);

#endif
