/* CSV from a stream, and from items that are a record each. */
#include "source/columns.h"

#include "base/alloc.h"
#include "source/csv_parser.h"
#include "source/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum source_status give(struct csv_parser *p, enum csv_status got, const char *name, struct words *values,
                               struct error *err)
{
    if (got == CSV_BAD) {
        csv_take_error(p, name, err);
        return SOURCE_ERROR;
    }
    csv_take(p, values);
    return SOURCE_ITEM;
}

/* ---- of a stream ---- */

/* What spreadsheets write in front of UTF-8. */
static const char mark[] = "\xef\xbb\xbf";

struct csv {
    struct source base;
    struct reader reader;
    struct csv_parser parser;
    bool begun; /* what may be a mark has been looked at */
    bool ended;
};

/* Passes the mark over; false while it may still come. */
static bool csv_begin(struct csv *c, bool at_end)
{
    struct slice rest = reader_rest(&c->reader);
    size_t len = sizeof mark - 1;
    if (c->begun || rest.len == 0)
        return true;
    bool same = memcmp(rest.data, mark, rest.len < len ? rest.len : len) == 0;
    if (same && rest.len < len && !at_end)
        return false;
    if (same && rest.len >= len)
        reader_consume(&c->reader, len);
    c->begun = true;
    return true;
}

static enum csv_status csv_read_rest(struct csv *c)
{
    struct slice rest = reader_rest(&c->reader);
    size_t used = 0;
    enum csv_status got = csv_read(&c->parser, rest, &used);
    reader_consume(&c->reader, used);
    return got;
}

static enum source_status csv_next(struct source *source, struct words *values, struct error *err)
{
    struct csv *c = (struct csv *)source;
    while (!c->ended) {
        enum csv_status got = csv_begin(c, false) ? csv_read_rest(c) : CSV_MORE;
        if (got == CSV_MORE) {
            enum source_status filled = reader_fill(&c->reader, err);
            if (filled == SOURCE_ITEM)
                continue;
            if (filled == SOURCE_WAIT)
                return SOURCE_WAIT;
            c->ended = true;
            if (filled == SOURCE_ERROR)
                return SOURCE_ERROR;
            csv_begin(c, true);
            got = csv_read_rest(c);
            if (got == CSV_MORE)
                got = csv_end(&c->parser);
        }
        if (got != CSV_MORE)
            return give(&c->parser, got, c->reader.name, values, err);
    }
    return SOURCE_END;
}

static int csv_fd(const struct source *source)
{
    return reader_fd(&((const struct csv *)source)->reader);
}

static void csv_free(struct source *source)
{
    struct csv *c = (struct csv *)source;
    reader_fini(&c->reader);
    csv_fini(&c->parser);
    free(c);
}

static const struct source_ops csv_ops = {
    .next = csv_next,
    .fd = csv_fd,
    .free = csv_free,
};

struct source *source_csv(const char *path, const struct csv_rules *rules, struct error *err)
{
    int fd = reader_open(path, err);
    if (fd < 0)
        return NULL;
    struct csv *c = xcalloc(1, sizeof *c);
    bool is_stdin = strcmp(path, "-") == 0;
    c->base.ops = &csv_ops;
    reader_init(&c->reader, fd, !is_stdin, is_stdin ? "standard input" : path);
    csv_init(&c->parser, rules);
    return &c->base;
}

/* ---- of items ---- */

struct csv_items {
    struct source base;
    struct source *inner;
    struct csv_rules rules;
    struct words item;
    uint64_t number;
};

static enum source_status read_item(struct csv_items *c, struct slice text, struct words *values, struct error *err)
{
    struct csv_parser parser;
    char name[32];
    size_t used = 0;
    snprintf(name, sizeof name, "item %llu", (unsigned long long)c->number);
    csv_init(&parser, &c->rules);
    enum csv_status got = csv_read(&parser, text, &used);
    if (got == CSV_MORE)
        got = csv_end(&parser);
    enum source_status status = SOURCE_ITEM;
    if (used < text.len && got == CSV_RECORD) {
        error_set(err, ERR_SPEC, "%s is more than one record; quote a newline that is part of a column", name);
        status = SOURCE_ERROR;
    } else if (got == CSV_MORE) {
        words_add(values, "", 0);
    } else {
        status = give(&parser, got, name, values, err);
    }
    csv_fini(&parser);
    return status;
}

static enum source_status csv_items_next(struct source *source, struct words *values, struct error *err)
{
    struct csv_items *c = (struct csv_items *)source;
    words_clear(&c->item);
    enum source_status status = source_next(c->inner, &c->item, err);
    if (status != SOURCE_ITEM)
        return status;
    c->number++;
    return read_item(c, (struct slice){c->item.data, c->item.len - 1}, values, err);
}

static int csv_items_fd(const struct source *source)
{
    return source_fd(((const struct csv_items *)source)->inner);
}

static void csv_items_free(struct source *source)
{
    struct csv_items *c = (struct csv_items *)source;
    source_free(c->inner);
    words_fini(&c->item);
    free(c);
}

static const struct source_ops csv_items_ops = {
    .next = csv_items_next,
    .fd = csv_items_fd,
    .free = csv_items_free,
};

struct source *source_csv_items(struct source *inner, const struct csv_rules *rules)
{
    struct csv_items *c = xcalloc(1, sizeof *c);
    c->base.ops = &csv_items_ops;
    c->inner = inner;
    c->rules = *rules;
    c->rules.keep_empty = true;
    return &c->base;
}
