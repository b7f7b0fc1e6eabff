/* The words behind ":::": a list in memory, one value each time. */
#include "source/source.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct arguments {
    struct source base;
    struct words items;
    const char *at; /* the one given last; NULL before the first */
    bool ended;
};

static enum source_status arguments_next(struct source *source, struct words *values, struct error *err)
{
    struct arguments *a = (struct arguments *)source;
    (void)err;
    const char *next = a->ended ? NULL : words_next(&a->items, a->at);
    if (!next) {
        a->ended = true;
        return SOURCE_END;
    }
    a->at = next;
    words_add(values, next, strlen(next));
    return SOURCE_ITEM;
}

static bool arguments_rewind(struct source *source)
{
    struct arguments *a = (struct arguments *)source;
    a->at = NULL;
    a->ended = false;
    return true;
}

static void arguments_free(struct source *source)
{
    struct arguments *a = (struct arguments *)source;
    words_fini(&a->items);
    free(a);
}

static const struct source_ops arguments_ops = {
    .next = arguments_next,
    .rewind = arguments_rewind,
    .free = arguments_free,
};

struct source *source_arguments(struct words *items)
{
    struct arguments *a = xcalloc(1, sizeof *a);
    a->base.ops = &arguments_ops;
    words_move(&a->items, items);
    return &a->base;
}
