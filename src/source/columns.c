/* Columns of a line, and items that are made equally wide. */
#include "source/columns.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* ---- cut ---- */

struct columns {
    struct source base;
    struct source *inner;
    const struct regex *separator;
    enum trim trim;
    struct words item;
};

static void add_column(struct columns *c, const char *data, size_t len, struct words *values)
{
    struct slice column = trim_slice((struct slice){data, len}, c->trim);
    words_add(values, column.data, column.len);
}

static void cut(struct columns *c, struct slice line, struct words *values)
{
    size_t from = 0, search = 0;
    struct regex_match match;
    while (regex_find(c->separator, line, search, &match)) {
        search = match.end;
        if (match.end == match.start) {
            search++;
            continue;
        }
        add_column(c, line.data + from, match.start - from, values);
        from = match.end;
    }
    add_column(c, line.data + from, line.len - from, values);
}

static enum source_status columns_next(struct source *source, struct words *values, struct error *err)
{
    struct columns *c = (struct columns *)source;
    words_clear(&c->item);
    enum source_status status = source_next(c->inner, &c->item, err);
    if (status != SOURCE_ITEM)
        return status;
    for (const char *word = NULL; (word = words_next(&c->item, word));)
        cut(c, slice_of(word), values);
    return SOURCE_ITEM;
}

static int columns_fd(const struct source *source)
{
    return source_fd(((const struct columns *)source)->inner);
}

static void columns_free(struct source *source)
{
    struct columns *c = (struct columns *)source;
    source_free(c->inner);
    words_fini(&c->item);
    free(c);
}

static const struct source_ops columns_ops = {
    .next = columns_next,
    .fd = columns_fd,
    .free = columns_free,
};

struct source *source_columns(struct source *inner, const struct regex *separator, enum trim trim)
{
    struct columns *c = xcalloc(1, sizeof *c);
    c->base.ops = &columns_ops;
    c->inner = inner;
    c->separator = separator;
    c->trim = trim;
    return &c->base;
}

/* ---- made equally wide ---- */

struct width {
    struct source base;
    struct source *inner;
    size_t width;
    bool open;
    uint64_t number; /* of items so far */
    struct words item;
};

static enum source_status width_next(struct source *source, struct words *values, struct error *err)
{
    struct width *w = (struct width *)source;
    words_clear(&w->item);
    enum source_status status = source_next(w->inner, &w->item, err);
    if (status != SOURCE_ITEM)
        return status;
    w->number++;
    if (w->item.count > w->width && !w->open) {
        error_set(err, ERR_SPEC, "item %llu has %zu columns, and the header has names for %zu; columns of a further "
                  "source would move", (unsigned long long)w->number, w->item.count, w->width);
        return SOURCE_ERROR;
    }
    words_add_all(values, &w->item);
    for (size_t i = w->item.count; i < w->width; i++)
        words_add(values, "", 0);
    return SOURCE_ITEM;
}

static int width_fd(const struct source *source)
{
    return source_fd(((const struct width *)source)->inner);
}

static void width_free(struct source *source)
{
    struct width *w = (struct width *)source;
    source_free(w->inner);
    words_fini(&w->item);
    free(w);
}

static const struct source_ops width_ops = {
    .next = width_next,
    .fd = width_fd,
    .free = width_free,
};

struct source *source_width(struct source *inner, size_t width, bool open)
{
    struct width *w = xcalloc(1, sizeof *w);
    w->base.ops = &width_ops;
    w->inner = inner;
    w->width = width;
    w->open = open;
    return &w->base;
}
