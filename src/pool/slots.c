#include "pool/slots.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void slots_init(struct slots *s, unsigned total)
{
    *s = (struct slots){.total = total};
}

void slots_fini(struct slots *s)
{
    free(s->used);
    *s = (struct slots){0};
}

unsigned slots_free(const struct slots *s)
{
    return s->in_use < s->total ? s->total - s->in_use : 0;
}

void slots_set_total(struct slots *s, unsigned total)
{
    s->total = total;
}

static void slots_grow(struct slots *s)
{
    unsigned words = s->words ? s->words * 2 : 1;
    s->used = xrealloc_array(s->used, words, sizeof *s->used);
    memset(s->used + s->words, 0, (words - s->words) * sizeof *s->used);
    s->words = words;
}

unsigned slots_take(struct slots *s)
{
    assert(slots_free(s) > 0);
    unsigned word = s->hint;
    while (word < s->words && s->used[word] == UINT64_MAX)
        word++;
    if (word == s->words)
        slots_grow(s);
    unsigned bit = (unsigned)__builtin_ctzll(~s->used[word]);
    s->used[word] |= UINT64_C(1) << bit;
    s->hint = word;
    s->in_use++;
    return word * 64 + bit + 1;
}

void slots_give(struct slots *s, unsigned slot)
{
    unsigned word = (slot - 1) / 64;
    uint64_t bit = UINT64_C(1) << ((slot - 1) % 64);
    assert(s->used[word] & bit);
    s->used[word] &= ~bit;
    if (word < s->hint)
        s->hint = word;
    s->in_use--;
}
