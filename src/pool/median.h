/* The median of the latest numbers of a row, at most MEDIAN_MOST of them. */
#ifndef JOBPOOL_POOL_MEDIAN_H
#define JOBPOOL_POOL_MEDIAN_H

#include <stdint.h>

#define MEDIAN_MOST 1023

struct median {
    int64_t latest[MEDIAN_MOST]; /* a ring */
    int64_t sorted[MEDIAN_MOST];
    unsigned len;
    unsigned next;               /* in the ring */
};

void median_add(struct median *m, int64_t value); /* a zeroed struct is empty */
/* Of an even count the lower of the two in the middle. There must be a number. */
int64_t median_get(const struct median *m);

#endif
