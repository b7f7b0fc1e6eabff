/* Items in an order that chance gives, each order as likely as any other. All of them are read first.
 *
 * What is moved about is where each item begins and how many words it has. The generator is a counter whose
 * bits are mixed (as good as shuffling needs); a seed gives the same order again.
 */
#include "source/source.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct place {
    size_t at;
    size_t words;
};

struct shuffle {
    struct source base;
    struct source *inner;
    struct words words;
    struct place *places;
    size_t count, cap;
    size_t given;
    uint64_t random;
    bool complete;
};

static uint64_t random_next(struct shuffle *s)
{
    uint64_t x = s->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ (x >> 32);
}

/* 0 to below - 1; numbers from the uneven rest at the top are thrown again. */
static size_t random_below(struct shuffle *s, size_t below)
{
    uint64_t x, rest = (UINT64_MAX % below + 1) % below;
    do
        x = random_next(s);
    while (x > UINT64_MAX - rest);
    return (size_t)(x % below);
}

static void shuffle_order(struct shuffle *s)
{
    for (size_t left = s->count; left > 1; left--) {
        size_t other = random_below(s, left);
        struct place last = s->places[left - 1];
        s->places[left - 1] = s->places[other];
        s->places[other] = last;
    }
}

static enum source_status shuffle_load(struct shuffle *s, struct error *err)
{
    for (;;) {
        size_t at = s->words.len, words = s->words.count;
        enum source_status status = source_next(s->inner, &s->words, err);
        if (status != SOURCE_ITEM)
            return status;
        if (s->count == s->cap) {
            s->cap = s->cap ? s->cap * 2 : 64;
            s->places = xrealloc_array(s->places, s->cap, sizeof *s->places);
        }
        s->places[s->count++] = (struct place){at, s->words.count - words};
    }
}

static enum source_status shuffle_next(struct source *source, struct words *values, struct error *err)
{
    struct shuffle *s = (struct shuffle *)source;
    if (!s->complete) {
        enum source_status status = shuffle_load(s, err);
        if (status != SOURCE_END)
            return status;
        s->complete = true;
        shuffle_order(s);
    }
    if (s->given == s->count)
        return SOURCE_END;
    struct place place = s->places[s->given++];
    for (const char *word = s->words.data + place.at; place.words > 0; place.words--) {
        size_t len = strlen(word);
        words_add(values, word, len);
        word += len + 1;
    }
    return SOURCE_ITEM;
}

static int shuffle_fd(const struct source *source)
{
    const struct shuffle *s = (const struct shuffle *)source;
    return s->complete ? -1 : source_fd(s->inner);
}

static void shuffle_free(struct source *source)
{
    struct shuffle *s = (struct shuffle *)source;
    source_free(s->inner);
    words_fini(&s->words);
    free(s->places);
    free(s);
}

static const struct source_ops shuffle_ops = {
    .next = shuffle_next,
    .fd = shuffle_fd,
    .free = shuffle_free,
};

struct source *source_shuffle(struct source *inner, uint64_t seed)
{
    struct shuffle *s = xcalloc(1, sizeof *s);
    s->base.ops = &shuffle_ops;
    s->inner = inner;
    s->random = seed;
    return &s->base;
}
