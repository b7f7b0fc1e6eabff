#include "sink/eta.h"

/* It counts down between two ends. When the next end is late it is no longer what it was: at best one ends right now, and
 * the others take as long as all have by then. */
int64_t eta_ns(int64_t done, int64_t left, int64_t to_last_ns, int64_t since_ns)
{
    if (done <= 0)
        return -1;
    if (left <= 0)
        return 0;
    double expected = (double)to_last_ns / (double)done * (double)left - (double)since_ns;
    double at_best = (double)(to_last_ns + since_ns) / (double)(done + 1) * (double)(left - 1);
    double eta = expected > at_best ? expected : at_best;
    return eta > 0 && eta < 1e18 ? (int64_t)eta : -1;
}
