/* A stream's bytes are read straight into the block that they will be; only what is behind its last record is
 * copied, into the next one. If a block has no whole record it grows until it has.
 *
 * A file is not read at all but around the places where a block should end.
 */
#include "source/blocks.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/number.h"
#include "source/reader.h"
#include "source/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK 65536 /* what is read of a file at a time to find a record's end */

struct blocks {
    struct blocks_options options;
    struct records records;
    struct reader reader;
    bool is_file;
    bool ended;              /* of a stream: everything was read */
    char *data;              /* what was read and is in no block yet */
    size_t len, cap;
    size_t wanted;           /* read so much before looking for records again */
    uint64_t counted;        /* so many records are whole, */
    size_t counted_to;       /* and the last of them ends here */
    int64_t at, size;        /* of a file: where the next block begins, and the file's end */
    struct regex *header;    /* NULL: none, or lines */
    uint64_t header_lines;
    struct buffer head;      /* the header */
    bool has_head;           /* it was read, or there is none */
};

/* With a NUL behind it, for those who look for one before they search. */
static struct slice rest(const struct blocks *b)
{
    if (b->data)
        b->data[b->len] = '\0';
    return (struct slice){b->data, b->len};
}

static struct slice head(const struct blocks *b)
{
    return (struct slice){b->head.data, b->head.len};
}

/* ---- the header ---- */

static int header_init(struct blocks *b, struct error *err)
{
    const char *text = b->options.header;
    int64_t lines;
    b->has_head = !text;
    if (!text)
        return 0;
    if (strcmp(text, ":") == 0) {
        b->header_lines = 1;
    } else if (number_parse(text, 0, INT32_MAX, &lines, "--header", NULL) == 0) {
        b->header_lines = (uint64_t)lines;
    } else {
        b->header = regex_new(text, err);
        return b->header ? 0 : error_prefix(err, "--header");
    }
    return 0;
}

/* The length of the header in what was read, if it is there; 0: it is not there, or not yet. */
static size_t header_length(const struct blocks *b)
{
    struct regex_match m;
    if (b->header)
        return regex_find(b->header, rest(b), 0, &m) && m.start == 0 ? m.end : 0;
    struct records lines = {.lines = b->header_lines};
    struct boundary end;
    return b->header_lines && records_next(&lines, rest(b), 0, &end) ? end.cut : 0;
}

static void drop_front(struct blocks *b, size_t len)
{
    b->len -= len;
    memmove(b->data, b->data + len, b->len);
}

static void take_header(struct blocks *b)
{
    size_t len = header_length(b);
    buffer_append(&b->head, b->data, len);
    drop_front(b, len);
    b->has_head = true;
}

/* ---- a stream ---- */

static void make_room(struct blocks *b, size_t cap)
{
    if (cap <= b->cap)
        return;
    b->data = xrealloc_array(b->data, cap + 1, 1);
    b->cap = cap;
}

/* Reads until there is as much as wanted, or no more; some, where records are counted. */
static enum source_status fill(struct blocks *b, struct error *err)
{
    while (!b->ended && b->len < b->wanted) {
        size_t got;
        make_room(b, b->wanted);
        enum source_status status = reader_read(&b->reader, b->data + b->len, b->wanted - b->len, &got, err);
        if (status == SOURCE_WAIT || status == SOURCE_ERROR)
            return status;
        b->len += got;
        b->ended = status == SOURCE_END;
        if (b->options.records && (b->has_head || b->header_lines))
            break;
    }
    return SOURCE_ITEM;
}

/* The records that fit, or the first one, which does not. */
static size_t length_by_size(const struct blocks *b)
{
    size_t size = b->options.size;
    struct slice fits = {rest(b).data, b->len < size ? b->len : size};
    struct boundary end;
    if (b->ended && b->len <= size)
        return b->len;
    if (records_are_bytes(&b->records))
        return fits.len;
    if (records_last(&b->records, fits, &end) || (b->len > size && records_next(&b->records, rest(b), 0, &end)))
        return end.cut;
    return b->ended ? b->len : 0;
}

/* How much of what was read makes a block; 0: more must be read. */
static size_t block_length(struct blocks *b)
{
    struct boundary end;
    if (!b->options.records)
        return length_by_size(b);
    for (; b->counted < b->options.records; b->counted++) {
        if (!records_next(&b->records, rest(b), b->counted_to, &end))
            return b->ended ? b->len : 0;
        b->counted_to = end.cut;
    }
    return b->counted_to;
}

/* Takes the text between records out, and what is left of it at both ends; returns how much is left. */
static size_t remove_separators(const struct blocks *b, size_t len)
{
    b->data[len] = '\0'; /* what is behind it was copied away */
    struct slice text = records_strip(&b->records, (struct slice){b->data, len});
    struct boundary s;
    memmove(b->data, text.data, text.len);
    text.data = b->data;
    len = text.len;
    size_t from = 0, to = 0, at = 0;
    while (records_next(&b->records, text, at, &s)) {
        memmove(b->data + to, b->data + from, s.from - from);
        to += s.from - from;
        from = s.to;
        at = s.to > s.cut ? s.to : s.cut;
    }
    memmove(b->data + to, b->data + from, len - from);
    return to + len - from;
}

/* The first `len` bytes become a block, the others begin the next one. */
static struct input *cut_block(struct blocks *b, size_t len)
{
    size_t left = b->len - len;
    size_t cap = b->options.size > left ? b->options.size : left;
    char *next = left ? xmalloc(cap + 1) : NULL;
    if (left)
        memcpy(next, b->data + len, left);
    size_t kept = b->options.remove ? remove_separators(b, len) : len;
    struct input *block = input_bytes(head(b), b->data, kept);
    b->data = next;
    b->len = left;
    b->cap = left ? cap : 0;
    b->wanted = b->options.size;
    b->counted = b->counted_to = 0;
    return block;
}

static enum source_status next_of_stream(struct blocks *b, struct input **block, struct error *err)
{
    for (;;) {
        enum source_status status = fill(b, err);
        if (status != SOURCE_ITEM)
            return status;
        if (!b->has_head && (b->ended || header_length(b))) {
            take_header(b);
            continue;
        }
        if (b->ended && b->len == 0)
            return SOURCE_END;
        size_t len = b->has_head ? block_length(b) : 0;
        if (len) {
            *block = cut_block(b, len);
            return SOURCE_ITEM;
        }
        if (b->len >= b->wanted || !b->options.records)
            b->wanted = b->len < b->options.size ? b->options.size : b->len * 2;
    }
}

/* ---- a file ---- */

/* Appends up to `len` bytes at `offset` of the file to what was read. */
static int look(struct blocks *b, int64_t offset, size_t len, struct error *err)
{
    make_room(b, b->len + len);
    ssize_t got = pread(b->reader.fd, b->data + b->len, len, offset);
    if (got < 0)
        return error_set_errno(err, ERR_INPUT, errno, "cannot read %s", b->reader.name);
    b->len += (size_t)got;
    return got > 0;
}

static int find_header(struct blocks *b, struct error *err)
{
    int got = 1;
    while (got > 0 && header_length(b) == 0)
        got = look(b, (int64_t)b->len, LOOK, err);
    if (got < 0)
        return -1;
    take_header(b);
    b->at = (int64_t)b->head.len;
    return 0;
}

/* Where the block that begins at b->at ends: behind the first record that ends at its size or behind it. -1 on error. */
static int64_t find_end(struct blocks *b, struct error *err)
{
    int64_t end = b->at + (int64_t)b->options.size;
    if (end >= b->size)
        return b->size;
    if (records_are_bytes(&b->records))
        return end;
    int64_t from = end - (int64_t)records_overlap(&b->records);
    from = from < b->at ? b->at : from;
    struct boundary s = {0};
    b->len = 0;
    for (;;) {
        int got = look(b, from + (int64_t)b->len, b->len > LOOK ? b->len : LOOK, err);
        if (got < 0)
            return -1;
        size_t least = (size_t)(end - from);
        if (records_next(&b->records, rest(b), least > 0 ? least - 1 : 0, &s))
            return from + (int64_t)s.cut;
        if (got == 0)
            return b->size;
    }
}

static enum source_status next_of_file(struct blocks *b, struct input **block, struct error *err)
{
    if (!b->has_head && find_header(b, err) < 0)
        return SOURCE_ERROR;
    if (b->at >= b->size)
        return SOURCE_END;
    int64_t end = find_end(b, err);
    if (end < 0)
        return SOURCE_ERROR;
    *block = input_range(head(b), b->reader.fd, b->at, end - b->at);
    b->at = end;
    return SOURCE_ITEM;
}

/* ---- both ---- */

enum source_status blocks_next(struct blocks *b, struct input **block, struct error *err)
{
    return b->is_file ? next_of_file(b, block, err) : next_of_stream(b, block, err);
}

int blocks_fd(const struct blocks *b)
{
    return b->is_file ? -1 : reader_fd(&b->reader);
}

void blocks_free(struct blocks *b)
{
    if (!b)
        return;
    reader_fini(&b->reader);
    records_fini(&b->records);
    regex_free(b->header);
    buffer_fini(&b->head);
    free(b->data);
    free(b);
}

static struct blocks *blocks_new(const char *path, const struct blocks_options *options, struct error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    struct blocks *b = xcalloc(1, sizeof *b);
    b->options = *options;
    b->reader.fd = -1;
    int fd = -1;
    if (records_init(&b->records, options, err) == 0 && header_init(b, err) == 0)
        fd = reader_open(path, err);
    if (fd < 0) {
        blocks_free(b);
        return NULL;
    }
    reader_init(&b->reader, fd, !is_stdin, is_stdin ? "standard input" : path);
    b->wanted = options->size;
    return b;
}

struct blocks *blocks_of_stream(const char *path, const struct blocks_options *options, struct error *err)
{
    return blocks_new(path, options, err);
}

struct blocks *blocks_of_file(const char *path, const struct blocks_options *options, struct error *err)
{
    struct blocks *b = blocks_new(path, options, err);
    struct stat st;
    if (!b)
        return NULL;
    b->is_file = true;
    if (fstat(b->reader.fd, &st) == 0 && S_ISREG(st.st_mode)) {
        b->size = st.st_size;
        return b;
    }
    blocks_free(b);
    error_set(err, ERR_INPUT, "cannot read parts of %.200s: it is no regular file; use --pipe", path);
    return NULL;
}
