#include "pool/retry.h"

bool retry_wanted(const struct task *t)
{
    return t->retries_left > 0 && t->why == ERR_NONE && t->outcome.code != ERR_NONE;
}

int64_t retry_delay_ns(const struct task *t, const struct backoff *of_pool, uint64_t chance)
{
    const struct backoff *b = t->spec->retry_delay.first_ns == SPEC_UNSET ? of_pool : &t->spec->retry_delay;
    return backoff_delay_ns(b, t->failures, chance);
}
