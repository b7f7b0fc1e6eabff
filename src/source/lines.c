/* The lines of a stream, cut at any byte.
 *
 * `seen` bytes of the unconsumed rest hold no delimiter, so a long line that comes in many pieces is searched
 * once. Behind a read error the half line that was there is not given: half a file name is a wrong one.
 */
#include "source/source.h"

#include "base/alloc.h"
#include "source/reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct lines {
    struct source base;
    struct reader reader;
    char delimiter;
    bool skips_empty;
    size_t seen;
    uint64_t number; /* of the line that is read now, from 1 */
    bool too_long;   /* the line is passed over: what came of it so far was dropped */
    bool ended;      /* the reader is; what was left over was given */
};

static enum source_status lines_bad(const struct lines *l, const char *what, struct error *err)
{
    error_set(err, ERR_SPEC, "%.200s: line %llu %s", l->reader.name, (unsigned long long)l->number, what);
    return SOURCE_ERROR;
}

/* Consumes a line of `len` bytes and `extra` bytes of delimiter. SOURCE_WAIT: an empty one, which is no
 * item. */
static enum source_status lines_take(struct lines *l, size_t len, size_t extra, struct words *values,
                                     struct error *err)
{
    enum source_status status = SOURCE_ITEM;
    const char *text = reader_rest(&l->reader).data;
    if (l->too_long || len > SOURCE_ITEM_MAX)
        status = lines_bad(l, "is longer than 64 MiB", err);
    else if (len == 0 && l->skips_empty)
        status = SOURCE_WAIT;
    else if (l->delimiter != '\0' && memchr(text, '\0', len))
        status = lines_bad(l, "holds a NUL byte, which no argument can", err);
    else
        words_add(values, text, len);
    reader_consume(&l->reader, len + extra);
    l->too_long = false;
    l->seen = 0;
    l->number++;
    return status;
}

static enum source_status lines_next(struct source *source, struct words *values, struct error *err)
{
    struct lines *l = (struct lines *)source;
    while (!l->ended) {
        struct slice rest = reader_rest(&l->reader);
        const char *end =
            rest.len > l->seen ? memchr(rest.data + l->seen, l->delimiter, rest.len - l->seen) : NULL;
        enum source_status status = SOURCE_WAIT;
        if (end) {
            status = lines_take(l, (size_t)(end - rest.data), 1, values, err);
        } else {
            l->seen = rest.len;
            if (l->too_long || rest.len > SOURCE_ITEM_MAX) {
                l->too_long = true;
                l->seen = 0;
                reader_consume(&l->reader, rest.len);
            }
            enum source_status filled = reader_fill(&l->reader, err);
            if (filled == SOURCE_WAIT)
                return SOURCE_WAIT;
            if (filled == SOURCE_ITEM)
                continue;
            l->ended = true;
            if (filled == SOURCE_END && (l->seen > 0 || l->too_long))
                status = lines_take(l, l->seen, 0, values, err);
            else if (filled == SOURCE_ERROR)
                status = SOURCE_ERROR;
        }
        if (status != SOURCE_WAIT)
            return status;
    }
    return SOURCE_END;
}

static int lines_fd(const struct source *source)
{
    return reader_fd(&((const struct lines *)source)->reader);
}

static void lines_free(struct source *source)
{
    struct lines *l = (struct lines *)source;
    reader_fini(&l->reader);
    free(l);
}

static const struct source_ops lines_ops = {
    .next = lines_next,
    .fd = lines_fd,
    .free = lines_free,
};

static struct source *lines_new(const char *path, char delimiter, bool skips_empty, struct error *err)
{
    int fd = reader_open(path, err);
    if (fd < 0)
        return NULL;
    struct lines *l = xcalloc(1, sizeof *l);
    bool is_stdin = strcmp(path, "-") == 0;
    l->base.ops = &lines_ops;
    reader_init(&l->reader, fd, !is_stdin, is_stdin ? "standard input" : path);
    l->delimiter = delimiter;
    l->skips_empty = skips_empty;
    l->number = 1;
    return &l->base;
}

struct source *source_lines(const char *path, char delimiter, struct error *err)
{
    return lines_new(path, delimiter, delimiter == '\n', err);
}

struct source *source_lines_all(const char *path, char delimiter, struct error *err)
{
    return lines_new(path, delimiter, false, err);
}
