/* How long to wait before something is tried again: a duration, which may double each time, up to a bound, and
 * may be made shorter by chance, so that many who failed together do not come back together.
 *
 *   DURATION[,exponential][,max=DURATION][,jitter]        such as 1s,exponential,max=60s,jitter
 */
#ifndef JOBPOOL_BASE_BACKOFF_H
#define JOBPOOL_BASE_BACKOFF_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct backoff {
    int64_t first_ns;
    int64_t max_ns; /* 0: no bound */
    bool exponential;
    bool jitter;
};

/* ERR_USAGE naming the part that is wrong. */
int backoff_parse(const char *text, struct backoff *b, const char *what, struct error *err);
/* The wait behind the `failures`-th failure (from 1). `chance` is any number: with jitter the wait is between half of
 * what it would be and all of it. Pure. */
int64_t backoff_delay_ns(const struct backoff *b, int64_t failures, uint64_t chance);

#endif
