/* What is done to lines before anything else: joined, ended by a word, left out, trimmed. Only an item of one word
 * is a line; a record of several columns goes through as it is.
 */
#include "source/edit.h"

#include "base/alloc.h"
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

struct edit {
    struct source base;
    struct source *inner;
    struct edit_rules rules;
    struct words item;
    struct buffer held; /* lines that end with a blank, so far */
    bool ended;
};

static bool is_blank(struct slice s)
{
    return trim_slice(s, TRIM_LEFT).len == 0;
}

static bool goes_on(struct slice line)
{
    return line.len > 0 && (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t');
}

static enum source_status edit_give(struct edit *e, struct slice line, struct words *values)
{
    if (e->rules.skip_blank && is_blank(line))
        return SOURCE_WAIT;
    line = trim_slice(line, e->rules.trim);
    words_add(values, line.data, line.len);
    return SOURCE_ITEM;
}

/* The lines that are held, at last whole. */
static enum source_status edit_give_held(struct edit *e, struct words *values, struct error *err)
{
    enum source_status status = SOURCE_ERROR;
    if (e->held.len > SOURCE_ITEM_MAX)
        error_set(err, ERR_SPEC, "lines that are continued are longer than 64 MiB together");
    else
        status = edit_give(e, (struct slice){e->held.data, e->held.len}, values);
    buffer_fini(&e->held);
    return status;
}

/* What becomes of a line: SOURCE_WAIT if it is no item (yet), SOURCE_END if it is the last word. */
static enum source_status edit_line(struct edit *e, struct slice line, struct words *values, struct error *err)
{
    if (e->rules.eof && slice_is(line, e->rules.eof))
        return SOURCE_END;
    if (!e->rules.join)
        return edit_give(e, line, values);
    if (is_blank(line))
        return SOURCE_WAIT;
    if (!goes_on(line) && e->held.len == 0)
        return edit_give(e, line, values);
    if (e->held.len <= SOURCE_ITEM_MAX)
        buffer_append(&e->held, line.data, line.len);
    return goes_on(line) ? SOURCE_WAIT : edit_give_held(e, values, err);
}

static enum source_status edit_next(struct source *source, struct words *values, struct error *err)
{
    struct edit *e = (struct edit *)source;
    while (!e->ended) {
        words_clear(&e->item);
        enum source_status status = source_next(e->inner, &e->item, err);
        if (status == SOURCE_ITEM && e->item.count != 1) {
            words_add_all(values, &e->item);
            return SOURCE_ITEM;
        }
        if (status == SOURCE_ERROR)
            buffer_fini(&e->held);
        if (status == SOURCE_WAIT || status == SOURCE_ERROR)
            return status;
        if (status == SOURCE_ITEM)
            status = edit_line(e, (struct slice){e->item.data, e->item.len - 1}, values, err);
        e->ended = status == SOURCE_END;
        if (e->ended && e->held.len > 0)
            status = edit_give_held(e, values, err);
        if (status == SOURCE_ITEM || status == SOURCE_ERROR)
            return status;
    }
    return SOURCE_END;
}

static int edit_fd(const struct source *source)
{
    const struct edit *e = (const struct edit *)source;
    return e->ended ? -1 : source_fd(e->inner);
}

static void edit_free(struct source *source)
{
    struct edit *e = (struct edit *)source;
    source_free(e->inner);
    words_fini(&e->item);
    buffer_fini(&e->held);
    free(e);
}

static const struct source_ops edit_ops = {
    .next = edit_next,
    .fd = edit_fd,
    .free = edit_free,
};

struct source *source_edit(struct source *inner, const struct edit_rules *rules)
{
    if (!rules->eof && !rules->skip_blank && !rules->join && rules->trim == TRIM_NONE)
        return inner;
    struct edit *e = xcalloc(1, sizeof *e);
    e->base.ops = &edit_ops;
    e->inner = inner;
    e->rules = *rules;
    return &e->base;
}
