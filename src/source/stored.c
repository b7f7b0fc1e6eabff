/* Items kept one behind the other; only how many words each has is noted, and whether it was a bad one. */
#include "source/stored.h"

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BAD_ITEM UINT32_MAX

struct stored {
    struct source base;
    struct source *inner;
    bool whole;     /* everything is read before the first item is given */
    bool keeps;     /* items are kept as they are read */
    bool complete;  /* the inner source has ended */
    struct words words;
    uint32_t *sizes; /* words in each item */
    size_t count, cap;
    size_t index;    /* the item that is next, once it is complete, */
    size_t at;       /* and where its first word is */
};

static void stored_add(struct stored *d, const struct words *item, size_t from)
{
    if (d->count == d->cap) {
        d->cap = d->cap ? d->cap * 2 : 16;
        d->sizes = xrealloc_array(d->sizes, d->cap, sizeof *d->sizes);
    }
    uint32_t added = 0;
    for (const char *word = from < item->len ? item->data + from : NULL; word; word = words_next(item, word)) {
        words_add(&d->words, word, strlen(word));
        added++;
    }
    d->sizes[d->count++] = added;
}

static void stored_add_bad(struct stored *d)
{
    stored_add(d, &(struct words){0}, 0);
    d->sizes[d->count - 1] = BAD_ITEM;
}

/* One that was kept. */
static enum source_status stored_give(struct stored *d, struct words *values, struct error *err)
{
    if (d->index == d->count)
        return SOURCE_END;
    uint32_t size = d->sizes[d->index++];
    if (size == BAD_ITEM) {
        error_set(err, ERR_SPEC, "item %zu of a source that is gone through again is the bad one", d->index);
        return SOURCE_ERROR;
    }
    for (; size > 0; size--) {
        const char *word = d->words.data + d->at;
        size_t len = strlen(word);
        words_add(values, word, len);
        d->at += len + 1;
    }
    return SOURCE_ITEM;
}

/* Reads to the end: SOURCE_END then, or whatever comes in between. */
static enum source_status stored_load(struct stored *d, struct error *err)
{
    struct words item = {0};
    enum source_status status;
    while ((status = source_next(d->inner, &item, err)) == SOURCE_ITEM) {
        stored_add(d, &item, 0);
        words_clear(&item);
    }
    words_fini(&item);
    return status;
}

static enum source_status stored_read(struct stored *d, struct words *values, struct error *err)
{
    struct error failure = {0};
    size_t from = values->len;
    enum source_status status = source_next(d->inner, values, &failure);
    if (status == SOURCE_ITEM && d->keeps)
        stored_add(d, values, from);
    else if (status == SOURCE_ERROR && failure.code == ERR_SPEC && d->keeps)
        stored_add_bad(d);
    if (status == SOURCE_ERROR && err)
        *err = failure;
    return status;
}

static enum source_status stored_next(struct source *source, struct words *values, struct error *err)
{
    struct stored *d = (struct stored *)source;
    if (d->complete)
        return stored_give(d, values, err);
    enum source_status status = d->whole ? stored_load(d, err) : stored_read(d, values, err);
    if (status != SOURCE_END)
        return status;
    d->complete = true;
    if (d->whole)
        return stored_give(d, values, err);
    d->index = d->count;
    return SOURCE_END;
}

static bool stored_rewind(struct source *source)
{
    struct stored *d = (struct stored *)source;
    d->index = 0;
    d->at = 0;
    return d->complete && d->keeps;
}

static int stored_fd(const struct source *source)
{
    const struct stored *d = (const struct stored *)source;
    return d->complete ? -1 : source_fd(d->inner);
}

static void stored_free(struct source *source)
{
    struct stored *d = (struct stored *)source;
    source_free(d->inner);
    words_fini(&d->words);
    free(d->sizes);
    free(d);
}

static const struct source_ops stored_ops = {
    .next = stored_next,
    .rewind = stored_rewind,
    .fd = stored_fd,
    .free = stored_free,
};

static struct source *stored_new(struct source *s, bool whole)
{
    if (source_rewind(s))
        return s;
    struct stored *d = xcalloc(1, sizeof *d);
    d->base.ops = &stored_ops;
    d->inner = s;
    d->whole = whole;
    d->keeps = true;
    return &d->base;
}

struct source *stored_whole(struct source *s)
{
    return stored_new(s, true);
}

struct source *stored_as_read(struct source *s)
{
    return stored_new(s, false);
}

void stored_forget(struct source *s)
{
    struct stored *d = (struct stored *)s;
    if (s->ops != &stored_ops || !d->keeps || d->complete)
        return;
    words_fini(&d->words);
    free(d->sizes);
    d->sizes = NULL;
    d->count = d->cap = 0;
    d->keeps = false;
}
