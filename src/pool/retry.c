#include "pool/retry.h"

bool retry_wanted(const struct task *t)
{
    return t->retries_left > 0 && t->why == ERR_NONE && t->outcome.code != ERR_NONE;
}

int64_t retry_delay_ns(const struct task *t, int64_t pool_delay_ns)
{
    return t->spec->retry_delay_ns == SPEC_UNSET ? pool_delay_ns : t->spec->retry_delay_ns;
}
