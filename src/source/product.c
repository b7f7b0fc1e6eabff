/* Every combination of the items of several sources, the last varying fastest.
 *
 * The first source is streamed: one item of it is held. The others are gone through again and again, like the
 * digits of a number, so they are read whole before the first combination, unless they can be rewound anyway.
 */
#include "source/source.h"

#include "base/alloc.h"
#include "source/stored.h"

#include <stdlib.h>

struct column {
    struct source *source;
    struct words item; /* the current one */
};

struct product {
    struct source base;
    struct column *columns; /* the first is the one that is streamed */
    size_t count;
    size_t begun; /* so many of the others have given their first item */
    bool has_first;
    bool ended;
};

/* The next item of a column; false if it has ended. One that was read whole does not fail. */
static bool column_next(struct column *c)
{
    words_clear(&c->item);
    return source_next(c->source, &c->item, NULL) == SOURCE_ITEM;
}

/* Goes to the next item; false: it was the last, and the column starts again. */
static bool column_advance(struct column *c)
{
    if (column_next(c))
        return true;
    source_rewind(c->source);
    column_next(c);
    return false;
}

static struct column *column_waited_for(const struct product *p)
{
    return &p->columns[p->begun + 1 < p->count ? p->begun + 1 : 0];
}

/* Until each column has an item. */
static enum source_status product_begin(struct product *p, struct error *err)
{
    enum source_status status = SOURCE_ITEM;
    while (status == SOURCE_ITEM && !p->has_first) {
        struct column *c = column_waited_for(p);
        words_clear(&c->item);
        status = source_next(c->source, &c->item, err);
        if (status != SOURCE_ITEM)
            break;
        if (c == &p->columns[0])
            p->has_first = true;
        else
            p->begun++;
    }
    return status;
}

static void product_give(struct product *p, struct words *values)
{
    for (size_t i = 0; i < p->count; i++)
        words_add_all(values, &p->columns[i].item);
    size_t i = p->count - 1;
    while (i > 0 && !column_advance(&p->columns[i]))
        i--;
    p->has_first = i > 0;
}

static enum source_status product_next(struct source *source, struct words *values, struct error *err)
{
    struct product *p = (struct product *)source;
    struct error failure = {0};
    if (p->ended)
        return SOURCE_END;
    enum source_status status = product_begin(p, &failure);
    if (status == SOURCE_ITEM)
        product_give(p, values);
    else if (status == SOURCE_END || (status == SOURCE_ERROR && failure.code != ERR_SPEC))
        p->ended = true;
    if (status == SOURCE_ERROR && err)
        *err = failure;
    return status;
}

static int product_fd(const struct source *source)
{
    return source_fd(column_waited_for((const struct product *)source)->source);
}

static void product_free(struct source *source)
{
    struct product *p = (struct product *)source;
    for (size_t i = 0; i < p->count; i++) {
        source_free(p->columns[i].source);
        words_fini(&p->columns[i].item);
    }
    free(p->columns);
    free(p);
}

static const struct source_ops product_ops = {
    .next = product_next,
    .fd = product_fd,
    .free = product_free,
};

struct source *source_product(struct source **sources, size_t count)
{
    if (count == 0)
        return source_arguments(&(struct words){0});
    if (count == 1)
        return sources[0];
    struct product *p = xcalloc(1, sizeof *p);
    p->base.ops = &product_ops;
    p->count = count;
    p->columns = xcalloc(count, sizeof *p->columns);
    for (size_t i = 0; i < count; i++)
        p->columns[i].source = i == 0 ? sources[i] : stored_whole(sources[i]);
    return &p->base;
}
