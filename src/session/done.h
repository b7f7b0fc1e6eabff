/* What earlier runs did, by task number: a table of 24 bytes an entry, between three eighths and three quarters
 * full, so that a million tasks take 32 to 64 MB. Private to session/.
 */
#ifndef JOBPOOL_SESSION_DONE_H
#define JOBPOOL_SESSION_DONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum done_state {
    DONE_NOTHING,   /* it was cut short, or waits for another attempt: it has to run (again) */
    DONE_RUNS,      /* an attempt was started, and nobody saw its end */
    DONE_FAILED,
    DONE_SUCCEEDED,
};

struct done_entry {
    uint64_t seq; /* 0: free */
    uint64_t digest;
    uint64_t at : 56; /* where the file tells of it (done_set_at) */
    uint64_t state : 8;
};

static inline void done_set_at(struct done_entry *e, uint64_t at)
{
    e->at = at & ((UINT64_C(1) << 56) - 1);
}

struct done {
    struct done_entry *entries;
    size_t cap, len;
    uint64_t last; /* the highest number */
};

void done_fini(struct done *d); /* all zero is a valid empty one */
struct done_entry *done_find(const struct done *d, uint64_t seq); /* NULL: nothing is known */
/* The entry of that number, made if need be (then all but seq is 0). Valid until the next one is made. */
struct done_entry *done_add(struct done *d, uint64_t seq);

#endif
