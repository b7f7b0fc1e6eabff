#include "session/done.h"

#include "base/alloc.h"

#include <stdlib.h>

#define DONE_MIN 64

void done_fini(struct done *d)
{
    free(d->entries);
    *d = (struct done){0};
}

/* Its entry, or the free one where it would be. */
static struct done_entry *place_of(struct done_entry *entries, size_t cap, uint64_t seq)
{
    uint64_t hash = seq * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash ^ hash >> 32) & (cap - 1);
    while (entries[at].seq != 0 && entries[at].seq != seq)
        at = (at + 1) & (cap - 1);
    return &entries[at];
}

static void grow(struct done *d)
{
    size_t cap = d->cap ? d->cap * 2 : DONE_MIN;
    struct done_entry *entries = xcalloc(cap, sizeof *entries);
    for (size_t i = 0; i < d->cap; i++) {
        if (d->entries[i].seq)
            *place_of(entries, cap, d->entries[i].seq) = d->entries[i];
    }
    free(d->entries);
    d->entries = entries;
    d->cap = cap;
}

struct done_entry *done_find(const struct done *d, uint64_t seq)
{
    if (!d->cap)
        return NULL;
    struct done_entry *e = place_of(d->entries, d->cap, seq);
    return e->seq ? e : NULL;
}

struct done_entry *done_add(struct done *d, uint64_t seq)
{
    if (d->len + 1 > d->cap / 4 * 3)
        grow(d);
    struct done_entry *e = place_of(d->entries, d->cap, seq);
    if (!e->seq) {
        e->seq = seq;
        d->len++;
        d->last = seq > d->last ? seq : d->last;
    }
    return e;
}
