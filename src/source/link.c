/* Sources side by side: the first items of all, then the second ones, and so on. All are streamed.
 *
 * They end with the shortest (:::+), or a source that has ended begins again until the longest has ended too
 * (--link). For that, what was read must be kept; but only until all others have ended: one that goes on longer
 * than the others, which may be for ever, is not kept.
 *
 * A bad item takes its place: what is linked to it is left out, told once, and nothing moves up.
 */
#include "source/source.h"

#include "base/alloc.h"
#include "source/stored.h"

#include <stdlib.h>
#include <string.h>

struct member {
    struct source *source;
    bool over; /* it has come to its end at least once */
};

struct link {
    struct source base;
    struct member *members;
    size_t count;
    size_t at;   /* the member that is asked now: those before have given their part of `held` */
    size_t over; /* so many members are */
    bool cycle;
    bool ended;
    struct words held;
    struct error failure; /* code is not ERR_NONE: one of the items that are held is bad */
};

/* Only one goes on: it will not have to begin again. */
static void forget_longest(struct link *l)
{
    for (size_t i = 0; i < l->count; i++) {
        if (!l->members[i].over)
            stored_forget(l->members[i].source);
    }
}

/* The member has ended: its first item once more, unless that was the end of all of them. */
static enum source_status begin_again(struct link *l, struct member *m, struct error *err)
{
    if (!l->cycle)
        return SOURCE_END;
    if (!m->over) {
        m->over = true;
        l->over++;
    }
    if (l->over == l->count || !source_rewind(m->source))
        return SOURCE_END;
    if (l->over == l->count - 1)
        forget_longest(l);
    return source_next(m->source, &l->held, err);
}

static bool is_bad_item(enum source_status status, const struct error *err)
{
    return status == SOURCE_ERROR && err->code == ERR_SPEC;
}

/* Asks the members whose turn it is. SOURCE_ITEM: all have answered. */
static enum source_status link_collect(struct link *l, struct error *err)
{
    for (; l->at < l->count; l->at++) {
        struct member *m = &l->members[l->at];
        enum source_status status = source_next(m->source, &l->held, err);
        if (status == SOURCE_END)
            status = begin_again(l, m, err);
        if (is_bad_item(status, err))
            l->failure = *err;
        else if (status != SOURCE_ITEM)
            return status;
    }
    return SOURCE_ITEM;
}

static enum source_status link_next(struct source *source, struct words *values, struct error *err)
{
    struct link *l = (struct link *)source;
    struct error failure = {0};
    if (l->ended)
        return SOURCE_END;
    enum source_status status = link_collect(l, &failure);
    if (status == SOURCE_WAIT)
        return status;
    l->at = 0;
    l->ended = status != SOURCE_ITEM;
    if (status == SOURCE_ITEM && l->failure.code != ERR_NONE) {
        error_set(&failure, ERR_SPEC, "%s; what is linked to it is left out", l->failure.message);
        status = SOURCE_ERROR;
    }
    if (status == SOURCE_ITEM)
        words_add_all(values, &l->held);
    else if (status == SOURCE_ERROR && err)
        *err = failure;
    l->failure.code = ERR_NONE;
    words_clear(&l->held);
    return status;
}

static bool link_rewind(struct source *source)
{
    struct link *l = (struct link *)source;
    if (l->cycle)
        return false;
    for (size_t i = 0; i < l->count; i++) {
        if (!source_rewind(l->members[i].source))
            return false;
    }
    l->at = 0;
    l->ended = false;
    words_clear(&l->held);
    return true;
}

static int link_fd(const struct source *source)
{
    const struct link *l = (const struct link *)source;
    return l->ended ? -1 : source_fd(l->members[l->at].source);
}

static void link_free(struct source *source)
{
    struct link *l = (struct link *)source;
    for (size_t i = 0; i < l->count; i++)
        source_free(l->members[i].source);
    free(l->members);
    words_fini(&l->held);
    free(l);
}

static const struct source_ops link_ops = {
    .next = link_next,
    .rewind = link_rewind,
    .fd = link_fd,
    .free = link_free,
};

struct source *source_link(struct source **sources, size_t count, bool cycle)
{
    if (count == 1)
        return sources[0];
    struct link *l = xcalloc(1, sizeof *l);
    l->base.ops = &link_ops;
    l->members = xcalloc(count, sizeof *l->members);
    l->count = count;
    l->cycle = cycle;
    for (size_t i = 0; i < count; i++)
        l->members[i].source = cycle ? stored_as_read(sources[i]) : sources[i];
    return &l->base;
}
