/* Groups of items: held back until the group is whole, so that a task never starts with half of its values
 * only because its input was slow. An input that fails gives what was held first, then its error. A bad item
 * takes its place in its group, which is told once and dropped: no other item moves into another group.
 */
#include "source/source.h"

#include "base/alloc.h"

#include <stdlib.h>

struct batch {
    struct source base;
    struct source *inner;
    size_t size;
    struct words held;
    size_t held_items;
    bool dropped;         /* the group that is read has a bad item */
    struct error failure; /* code is not ERR_NONE: to be given at the next call */
    bool ended;
};

/* The group is whole. False: it was dropped, and a new one begins. */
static bool batch_give(struct batch *b, struct words *values)
{
    bool good = b->held_items > 0 && !b->dropped;
    if (good)
        words_add_all(values, &b->held);
    words_clear(&b->held);
    b->held_items = 0;
    b->dropped = false;
    return good;
}

static enum source_status batch_next(struct source *source, struct words *values, struct error *err)
{
    struct batch *b = (struct batch *)source;
    while (!b->ended) {
        struct error failure = {0};
        enum source_status status = source_next(b->inner, &b->held, &failure);
        if (status == SOURCE_WAIT)
            return SOURCE_WAIT;
        bool bad = status == SOURCE_ERROR && failure.code == ERR_SPEC;
        bool tell = bad && !b->dropped;
        if (status == SOURCE_ITEM || bad) {
            b->dropped = b->dropped || bad;
            b->held_items++;
        } else {
            b->failure = failure;
            b->ended = true;
        }
        if ((b->ended || b->held_items == b->size) && batch_give(b, values))
            return SOURCE_ITEM;
        if (tell) {
            error_set(err, ERR_SPEC, "%s; its group of %zu is left out", failure.message, b->size);
            return SOURCE_ERROR;
        }
    }
    if (b->failure.code == ERR_NONE)
        return SOURCE_END;
    if (err)
        *err = b->failure;
    b->failure.code = ERR_NONE;
    return SOURCE_ERROR;
}

static int batch_fd(const struct source *source)
{
    return source_fd(((const struct batch *)source)->inner);
}

static void batch_free(struct source *source)
{
    struct batch *b = (struct batch *)source;
    source_free(b->inner);
    words_fini(&b->held);
    free(b);
}

static const struct source_ops batch_ops = {
    .next = batch_next,
    .fd = batch_fd,
    .free = batch_free,
};

struct source *source_batch(struct source *inner, size_t size)
{
    if (size <= 1)
        return inner;
    struct batch *b = xcalloc(1, sizeof *b);
    b->base.ops = &batch_ops;
    b->inner = inner;
    b->size = size;
    return &b->base;
}
