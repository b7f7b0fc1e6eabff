/* Slot numbers: which of 1 … N are free. The lowest free one is given first, so {%} stays small. */
#ifndef JOBPOOL_POOL_SLOTS_H
#define JOBPOOL_POOL_SLOTS_H

#include <stdint.h>

struct slots {
    uint64_t *used; /* one bit per slot, grown as numbers are given out */
    unsigned words;
    unsigned total;
    unsigned in_use; /* may be more than the total, after that was made smaller */
    unsigned hint; /* no word before this one has a free bit */
};

void slots_init(struct slots *s, unsigned total);
void slots_fini(struct slots *s);
unsigned slots_free(const struct slots *s); /* how many */
/* Numbers that are in use beyond the new total stay so until they are given back. */
void slots_set_total(struct slots *s, unsigned total);
/* The lowest free slot; the caller made sure that one is free. */
unsigned slots_take(struct slots *s);
void slots_give(struct slots *s, unsigned slot);

#endif
