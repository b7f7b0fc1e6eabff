/* Slot numbers: which of 1 … N are free. The lowest free one is given first, so {%} stays small. */
#ifndef JOBPOOL_POOL_SLOTS_H
#define JOBPOOL_POOL_SLOTS_H

#include <stdint.h>

struct slots {
    uint64_t *used; /* one bit per slot, grown as numbers are given out */
    unsigned words;
    unsigned total;
    unsigned free;
    unsigned hint; /* no word before this one has a free bit */
};

void slots_init(struct slots *s, unsigned total);
void slots_fini(struct slots *s);
/* The lowest free slot; the caller made sure that one is free. */
unsigned slots_take(struct slots *s);
void slots_give(struct slots *s, unsigned slot);

#endif
