/* How items are put together for one task each. */
#ifndef JOBPOOL_SOURCE_BATCH_H
#define JOBPOOL_SOURCE_BATCH_H

#include "source/source.h"
#include "task/template.h"

#include <stdint.h>

#define BATCH_WIDTH_VARIES SIZE_MAX

struct batch_plan {
    uint64_t items;   /* at most so many; 0: as many as fit */
    const struct template *template; /* whose command lines are measured; NULL: none are */
    size_t line;      /* bytes of a command line, NULs included; 0: no limit but `space` */
    bool line_is_strict; /* an item that makes a longer one is a bad one; else it is a group of its own */
    size_t space;     /* what arguments may count together, pointers included (os/exec_space.h) */
    unsigned slots;   /* the items that are left at the end, fewer than would fit, are spread over so many; ≤ 1: not */
    bool whole;       /* a group of `items` is never made smaller */
    size_t *width;    /* told: how many values each item has; 0: none was read yet. NULL: nobody asks */
};

/* Groups of consecutive items. A group is given only when it is whole or the input has ended. Takes the source. */
struct source *source_packed(struct source *inner, const struct batch_plan *plan);

/* How many of `items` the next one of `slots` gets, so that no two differ by more than one: 10 over 4 are 3 3 2 2.
 * Pure. */
size_t batch_share(size_t items, unsigned slots);

#endif
