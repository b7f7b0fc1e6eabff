/* Taking tasks out of the pool before their time: what the pool's own decisions need of it (--halt,
 * --until). The rest is in pool.h: cancelling, ending, closing, pausing. */
#ifndef JOBPOOL_POOL_POOL_END_H
#define JOBPOOL_POOL_POOL_END_H

#include "pool/pool_state.h"

/* A task that has not started ends with `code`, and says why. */
void pool_drop_locked(struct pool *p, struct task *t, enum error_code code, const char *reason,
                      int64_t real_ns, struct pool_wakes *w);
/* Gives a running task an order; a weaker one that it has not obeyed yet is forgotten. */
void pool_order_locked(struct pool *p, struct task *t, enum task_order order, struct pool_wakes *w);
/* Drops all that waits and asks for the end of all that runs; ERR_NONE leaves them. */
void pool_end_locked(struct pool *p, enum error_code pending, enum error_code running, bool kill,
                     int64_t real_ns, struct pool_wakes *w);

#endif
