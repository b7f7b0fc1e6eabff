/* What holds starts up, in the pool: the pace of --delay and --rate, and permits, which somebody outside gives who
 * knows what the machine can bear. The rest is in pool.h: pool_permit, pool_hold_but, pool_yield_youngest. */
#ifndef JOBPOOL_POOL_POOL_GATE_H
#define JOBPOOL_POOL_POOL_GATE_H

#include "pool/pool_state.h"

/* Is there a permit for a start, or is none needed? */
bool pool_is_permitted_locked(const struct pool *p, int64_t mono_ns);
/* Tells the main thread, once, if a permit is all that a start waits for. */
void pool_ask_permit_locked(struct pool *p, int64_t mono_ns, struct pool_wakes *w);
/* A task starts: uses up a permit, and works out when the next one may start. */
void pool_count_start_locked(struct pool *p, int64_t mono_ns, struct pool_wakes *w);
/* The time of the pace has come: the next may start. */
void pool_pace_over_locked(struct pool *p);
/* With --delay …auto the delay goes by what attempts come to. */
void pool_adapt_delay_locked(struct pool *p, const struct task *t);

/* The attempt of a task that had to yield has ended: is it to run again, as if it had not been tried? If its end was
 * asked for meanwhile, its outcome says that. */
bool pool_yielded_locked(struct pool *p, struct task *t);

#endif
