#include "pool/median.h"

#include <string.h>

/* Where the first number that is not below `value` stands. */
static unsigned lower_bound(const struct median *m, int64_t value)
{
    unsigned low = 0, high = m->len;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (m->sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void median_add(struct median *m, int64_t value)
{
    if (m->len == MEDIAN_MOST) {
        unsigned at = lower_bound(m, m->latest[m->next]);
        memmove(m->sorted + at, m->sorted + at + 1, (MEDIAN_MOST - at - 1) * sizeof *m->sorted);
        m->len--;
    }
    unsigned at = lower_bound(m, value);
    memmove(m->sorted + at + 1, m->sorted + at, (m->len - at) * sizeof *m->sorted);
    m->sorted[at] = value;
    m->len++;
    m->latest[m->next] = value;
    m->next = (m->next + 1) % MEDIAN_MOST;
}

int64_t median_get(const struct median *m)
{
    return m->sorted[(m->len - 1) / 2];
}
